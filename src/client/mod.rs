//! Calling the appliance. Every command of an operator is a call of the API; only the way there differs: over HTTPS with an API
//! key, over the control socket of the appliance that runs here, or inside this process over the store of one that does not run.

mod key;
mod language_model;
mod reach;
mod tls;
mod way;

use std::time::Duration;

use axum::http::{HeaderMap, Method, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::{Failure, Kind};
pub(crate) use language_model::LanguageModel;
pub(crate) use reach::{InTenant, Reach, running_here};
pub(crate) use tls::{Trust, authorities_pem};
use way::Way;

/// How long an answer may take. Exports and backups are long.
const PATIENCE: Duration = Duration::from_secs(600);
/// The most bytes of an answer.
pub(crate) const MOST: usize = 256 << 20;

/// A line to the appliance.
pub(crate) struct Client {
    runtime: tokio::runtime::Runtime,
    way: Way,
    /// What every request carries.
    headers: Vec<(&'static str, String)>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({})", self.way)
    }
}

/// What the appliance said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body)
            .map_err(|e| Failure::new(Kind::Failed, "the appliance answered with something else than JSON").because(&e))
    }

    /// The version of the thing that was read, to base a change on.
    pub(crate) fn etag(&self) -> Option<&str> {
        self.headers.get(header::ETAG)?.to_str().ok()
    }

    /// The answer, or the failure that it tells of.
    pub(crate) fn good(self) -> Result<Self, Failure> {
        if (200..300).contains(&self.status) { Ok(self) } else { Err(told(self.status, &self.body)) }
    }
}

impl Client {
    fn new(way: Way, headers: Vec<(&'static str, String)>) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| Failure::new(Kind::Failed, "cannot start").because(&e))?;
        Ok(Self { runtime, way, headers })
    }

    /// Sends a request and returns whatever comes back.
    ///
    /// # Errors
    /// When the appliance is not to be reached.
    pub(crate) fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        more: &[(&'static str, &str)],
    ) -> Result<Answer, Failure> {
        let given = self.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let headers: Vec<_> = given.chain(more.iter().copied()).collect();
        let way = &mut self.way;
        self.runtime.block_on(async {
            let sent = tokio::time::timeout(PATIENCE, way.send(method, path, body, &headers)).await;
            sent.unwrap_or_else(|_| {
                let message = format!("the appliance did not answer within {} s", PATIENCE.as_secs());
                Err(Failure::new(Kind::Unreachable, message))
            })
        })
    }

    /// Reads.
    pub(crate) fn get(&mut self, path: &str) -> Result<Answer, Failure> {
        self.send(Method::GET, path, None, &[])?.good()
    }

    /// Does something.
    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Result<Answer, Failure> {
        self.send(Method::POST, path, Some(body), &[])?.good()
    }

    /// Changes what was read with this entity tag.
    pub(crate) fn patch(&mut self, path: &str, etag: &str, body: &Value) -> Result<Answer, Failure> {
        self.send(Method::PATCH, path, Some(body), &[("if-match", etag)])?.good()
    }

    /// Removes, as it was when it was read.
    pub(crate) fn delete(&mut self, path: &str, etag: Option<&str>) -> Result<Answer, Failure> {
        let headers: Vec<_> = etag.into_iter().map(|etag| ("if-match", etag)).collect();
        self.send(Method::DELETE, path, None, &headers)?.good()
    }

    /// Hands every item of a list to `each`, page by page, until it says that it has seen enough.
    pub(crate) fn pages(
        &mut self,
        path: &str,
        cursor: &str,
        mut each: impl FnMut(Value) -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        let mut next: Option<String> = None;
        loop {
            let joint = if path.contains('?') { '&' } else { '?' };
            let from = next.as_ref().map(|next| format!("&{cursor}={}", encoded(next))).unwrap_or_default();
            let page: Value = self.get(&format!("{path}{joint}limit=200{from}"))?.json()?;
            let items = page["items"].as_array().cloned().unwrap_or_default();
            for item in items {
                if !each(item)? {
                    return Ok(());
                }
            }
            next = match &page["next"] {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => return Ok(()),
            };
        }
    }
}

/// A text as part of a path or query.
pub(crate) fn encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    text.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// A query string of the parts that are given, with its question mark.
pub(crate) fn query(parts: &[(&str, Option<&str>)]) -> String {
    let given = parts.iter().filter_map(|(name, value)| Some(format!("{name}={}", encoded((*value)?))));
    let joined = given.collect::<Vec<_>>().join("&");
    if joined.is_empty() { joined } else { format!("?{joined}") }
}

/// A problem document as a failure.
fn told(status: u16, body: &[u8]) -> Failure {
    let problem: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| problem[name].as_str().filter(|text| !text.is_empty());
    let kind = match status {
        400 | 413 | 415 | 422 | 428 => Kind::BadInput,
        401 | 403 => Kind::Denied,
        404 | 405 | 409 | 412 => Kind::Conflict,
        429 | 503 => Kind::Unreachable,
        _ => Kind::Failed,
    };
    let mut message = text("detail").or_else(|| text("title")).map_or_else(
        || format!("the appliance answered with status {status}"),
        |text| text.trim_end_matches('.').to_owned(),
    );
    for fault in problem["errors"].as_array().into_iter().flatten() {
        let part = |name: &str| fault[name].as_str().unwrap_or_default().to_owned();
        let line = format!("{}: {}", part("at").trim_start_matches('/'), part("detail"));
        message = if message == part("detail") { line } else { format!("{message}; {line}") };
    }
    let failure = Failure::new(kind, message);
    match text("code") {
        Some("unauthenticated") => failure.remedy("an API key in AUDIAGRAM_API_KEY or by --api-key-file"),
        Some("denied") => failure.remedy("another API key, or a role that holds the permission"),
        Some("step_up_required") => failure
            .remedy("this asks for a second factor, which an API key has not: do it at the console of the machine"),
        Some("version_mismatch") => failure.remedy("the same command again: someone else changed it meanwhile"),
        Some("internal" | "data_damaged") => match text("instance") {
            Some(id) => failure.remedy(format!("the appliance's log, request {id}")),
            None => failure,
        },
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        assert_eq!(query(&[("a", None)]), "");
        assert_eq!(query(&[("a", Some("x&y=z")), ("b", None), ("c", Some("ä"))]), "?a=x%26y%3Dz&c=%C3%A4");
    }

    #[test]
    fn problems_become_failures() {
        let body =
            br#"{"title":"T","status":422,"code":"invalid","detail":"d.","errors":[{"at":"/name","detail":"d2"}]}"#;
        let failure = told(422, body);
        assert_eq!((failure.kind, failure.message.as_str()), (Kind::BadInput, "d; name: d2"));
        assert_eq!(told(502, b"<html>").message, "the appliance answered with status 502");
    }
}
