//! Asking a language model on the customer's own network, in OpenAI's protocol.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, Uri};
use identity::Secret;
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

/// A server with a language model.
pub(crate) struct LanguageModel {
    runtime: tokio::runtime::Runtime,
    uri: Uri,
    path: String,
    key: Option<Secret>,
    patience: Duration,
}

impl LanguageModel {
    /// The server at `url`, such as `http://llm.example.org:8000/v1`; its key comes from `key_file` or the environment.
    ///
    /// # Errors
    /// When the address is none, or the key cannot be read.
    pub(crate) fn new(url: &str, key_file: Option<&Path>, patience: Duration) -> Result<Self, Failure> {
        let wrong = |what: &str| {
            Failure::new(Kind::Usage, format!("--llm-url: {what}"))
                .remedy("an address like http://llm.example.org:8000/v1")
        };
        let uri: Uri = url.parse().map_err(|_| wrong("is no address"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(wrong("must begin with http:// or https://"));
        }
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
                .remedy(format!("one line in --llm-key-file FILE, or {VARIABLE} in the environment")));
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| Failure::new(Kind::Failed, "cannot start").because(&e))?;
        Ok(Self { runtime, uri, path, key: text.map(Secret::from), patience })
    }

    /// Sends a request until it is answered, three times at most.
    ///
    /// # Errors
    /// When the server is not to be reached, refuses, takes too long or answers with something else than JSON.
    pub(crate) fn ask(&self, body: &Value) -> Result<Value, Failure> {
        let mut tried = 0;
        loop {
            let answer = self.once(body);
            tried += 1;
            match answer {
                Err(failure) if failure.kind == Kind::Unreachable && tried < TRIES => {
                    let pause = Duration::from_millis(400 * tried * tried);
                    // The clock of a pause is the runtime's.
                    self.runtime.block_on(async { tokio::time::sleep(pause).await });
                }
                other => return other,
            }
        }
    }

    fn once(&self, body: &Value) -> Result<Value, Failure> {
        let bearer = self.key.as_ref().map(|key| format!("Bearer {}", key.expose()));
        let headers: Vec<(&'static str, &str)> = bearer.iter().map(|b| ("authorization", b.as_str())).collect();
        let mut way = self.way()?;
        let sent = self.runtime.block_on(async {
            tokio::time::timeout(self.patience, way.send(Method::POST, &self.path, Some(body), &headers)).await
        });
        let slow = || {
            let message = format!("the language model did not answer within {} s", self.patience.as_secs());
            Failure::new(Kind::Unreachable, message).remedy("--llm-timeout SECONDS, or a smaller model")
        };
        let answer = sent.map_err(|_| slow())??;
        match answer.status {
            200..=299 => {}
            401 | 403 => {
                return Err(Failure::new(Kind::Denied, "the language model's server wants another key")
                    .remedy(format!("{VARIABLE}=… in the environment, or --llm-key-file FILE")));
            }
            429 | 500..=599 => {
                let message = format!("the language model's server answered with status {}", answer.status);
                return Err(Failure::new(Kind::Unreachable, message));
            }
            status => {
                let message = format!("the language model's server refused the request with status {status}");
                return Err(Failure::new(Kind::Failed, message).remedy("is --llm-model the name of a model it has?"));
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
        if self.uri.scheme_str() == Some("http") {
            return Ok(Way::http(host, self.uri.port_u16().unwrap_or(80)));
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(bare)
            .map_err(|_| Failure::new(Kind::Usage, "--llm-url: has no host name or IP address"))?;
        let tls = TlsConnector::from(Arc::new(Trust::System.http()?));
        Ok(Way::tls(host, self.uri.port_u16().unwrap_or(443), name, tls))
    }
}
