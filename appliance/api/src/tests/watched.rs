//! A stream of events, read as it comes.

use std::time::Duration;

use axum::{body::Body, http::StatusCode, response::Response};
use http_body_util::BodyExt as _;
use serde_json::Value;

/// A stream of events.
pub(super) struct Watched {
    pub(super) status: StatusCode,
    body: Body,
    text: String,
}

impl Watched {
    /// The stream that an answer is.
    pub(super) fn of(response: Response) -> Self {
        Watched { status: response.status(), body: response.into_body(), text: String::new() }
    }

    /// Reads until there is an event of this name; its data. Panics when the stream ends before.
    pub(super) async fn until(&mut self, name: &str) -> Value {
        loop {
            if let Some(at) = self.text.find(&format!("event: {name}\ndata: ")) {
                let data = self.text[at..].split_once("data: ").unwrap().1;
                if let Some((data, rest)) = data.split_once("\n\n") {
                    let value = serde_json::from_str(data).unwrap();
                    self.text = rest.to_owned();
                    return value;
                }
            }
            assert!(self.more().await, "no `{name}` in {}", self.text);
        }
    }

    /// Whether the stream has ended, with nothing more to tell.
    pub(super) async fn is_over(&mut self) -> bool {
        !self.more().await
    }

    async fn more(&mut self) -> bool {
        let frame = tokio::time::timeout(Duration::from_secs(60), self.body.frame()).await.expect("the stream goes on");
        let Some(frame) = frame else { return false };
        self.text += std::str::from_utf8(&frame.unwrap().into_data().unwrap()).unwrap();
        true
    }
}
