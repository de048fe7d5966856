//! Asking a language model on the customer's own network, in OpenAI's protocol.

use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, Uri};
use identity::Secret;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use serde_json::Value;
use studio::outline::assist;
use tokio_rustls::TlsConnector;

use super::{key, tls::Trust, way::Way};
use crate::failure::{Failure, Kind};

/// The variable that holds the key of the server, where it wants one.
const VARIABLE: &str = "AUDIAGRAM_LLM_KEY";
/// Times that a request is sent when the server cannot answer now.
const TRIES: u64 = 3;

/// How often it is looked whether the reply is still wanted.
const TICK: Duration = Duration::from_millis(200);

/// A server with a language model. Asked from a thread that may wait.
#[derive(Debug)]
pub(crate) struct LanguageModel {
    uri: Uri,
    path: String,
    key: Option<Secret>,
    tls: Option<Arc<ClientConfig>>,
    patience: Duration,
}

impl LanguageModel {
    /// The server at `url`, such as `http://llm.example.org:8000/v1`, which `option` named; its key comes from `key_file` or the
    /// environment. A server with a certificate must be vouched for as `trust` says.
    ///
    /// # Errors
    /// When the address is none, or the key or the authorities cannot be read.
    pub(crate) fn new(
        option: &str,
        url: &str,
        key_file: Option<&Path>,
        trust: &Trust,
        patience: Duration,
    ) -> Result<Self, Failure> {
        let wrong = |what: &str| {
            Failure::new(Kind::Usage, format!("{option}: {what}"))
                .remedy("an address like http://llm.example.org:8000/v1")
        };
        let uri: Uri = url.parse().map_err(|_| wrong("is no address"))?;
        let tls = match uri.scheme_str() {
            Some("http") => None,
            Some("https") => Some(Arc::new(trust.http()?)),
            _ => return Err(wrong("must begin with http:// or https://")),
        };
        let authority = uri.authority().ok_or_else(|| wrong("has no host"))?;
        if authority.as_str().contains('@') || uri.query().is_some() {
            return Err(wrong("must hold no name, password or query"));
        }
        let path = format!("{}/chat/completions", uri.path().trim_end_matches('/'));
        let text = match key_file {
            Some(file) => Some(key::read(file)?),
            None => std::env::var(VARIABLE).ok(),
        };
        let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        if text.as_ref().is_some_and(|text| text.bytes().any(|byte| !byte.is_ascii_graphic())) {
            return Err(Failure::new(Kind::BadInput, "the key of the language model's server is no printable word")
                .remedy(format!("one line in the file of the key, or {VARIABLE} in the environment")));
        }
        Ok(Self { uri, path, key: text.map(Secret::from), tls, patience })
    }

    /// Sends a request until it is answered, three times at most. `stopped` is asked several times a second.
    ///
    /// # Errors
    /// When the server is not to be reached, refuses, takes too long or answers with something else than JSON; when stopped.
    pub(crate) fn ask(&self, body: &Value, stopped: &mut dyn FnMut() -> bool) -> Result<Value, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| Failure::new(Kind::Failed, "cannot start").because(&e))?;
        runtime.block_on(async {
            let mut asking = pin!(self.tries(body));
            loop {
                tokio::select! {
                    answer = &mut asking => return answer,
                    () = tokio::time::sleep(TICK) => {}
                }
                if stopped() {
                    return Err(Failure::new(Kind::Unreachable, "the language model was not waited for"));
                }
            }
        })
    }

    async fn tries(&self, body: &Value) -> Result<Value, Failure> {
        let mut tried = 0;
        loop {
            let answer = self.once(body).await;
            tried += 1;
            match answer {
                Err(failure) if failure.kind == Kind::Unreachable && tried < TRIES => {
                    tokio::time::sleep(Duration::from_millis(400 * tried * tried)).await;
                }
                other => return other,
            }
        }
    }

    async fn once(&self, body: &Value) -> Result<Value, Failure> {
        let bearer = self.key.as_ref().map(|key| format!("Bearer {}", key.expose()));
        let headers: Vec<(&'static str, &str)> = bearer.iter().map(|b| ("authorization", b.as_str())).collect();
        let mut way = self.way()?;
        let sent = tokio::time::timeout(self.patience, way.send(Method::POST, &self.path, Some(body), &headers)).await;
        let slow = || {
            let message = format!("the language model did not answer within {} s", self.patience.as_secs());
            Failure::new(Kind::Unreachable, message)
                .remedy("more time (--llm-timeout, language_model.timeout_s), or a smaller model")
        };
        let answer = sent.map_err(|_| slow())??;
        match answer.status {
            200..=299 => {}
            401 | 403 => {
                return Err(Failure::new(Kind::Denied, "the language model's server wants another key").remedy(
                    format!("{VARIABLE}=… in the environment, or a file (--llm-key-file, language_model.key_file)"),
                ));
            }
            429 | 500..=599 => {
                let message = format!("the language model's server answered with status {}", answer.status);
                return Err(Failure::new(Kind::Unreachable, message));
            }
            status => {
                let message = format!("the language model's server refused the request with status {status}");
                return Err(Failure::new(Kind::Failed, message).remedy("is that the name of a model it has?"));
            }
        }
        if answer.body.len() > assist::MOST_BYTES {
            return Err(Failure::new(Kind::Failed, "the language model's answer is far too long"));
        }
        serde_json::from_slice(&answer.body)
            .map_err(|e| Failure::new(Kind::Failed, "the language model's server answered without JSON").because(&e))
    }

    /// A connection that is not made yet.
    fn way(&self) -> Result<Way, Failure> {
        let host = self.uri.host().unwrap_or_default().to_owned();
        let Some(tls) = &self.tls else {
            return Ok(Way::http(host, self.uri.port_u16().unwrap_or(80)));
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(bare)
            .map_err(|_| Failure::new(Kind::Usage, "the language model's server has no host name or IP address"))?;
        Ok(Way::tls(host, self.uri.port_u16().unwrap_or(443), name, TlsConnector::from(tls.clone())))
    }
}
