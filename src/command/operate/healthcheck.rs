//! `audiagram healthcheck`: one line and an exit code, for containers and monitors.

use clap::Args;
use serde_json::Value;

use super::text;
use crate::{
    client::Reach,
    console,
    failure::{Failure, Kind},
};

/// Ask the running appliance whether it can serve: one line, exit code 0 or 9
#[derive(Debug, Args)]
#[command(after_help = "\
Example, in a Containerfile:
  HEALTHCHECK CMD [\"audiagram\", \"healthcheck\"]")]
pub(crate) struct HealthCheck {
    #[command(flatten)]
    reach: Reach,
}

impl HealthCheck {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let answer = self.reach.running()?.send(axum::http::Method::GET, "/readyz", None, &[])?;
        let told: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if answer.status == 200 {
            return console::print("ready\n");
        }
        let why = ["detail", "title"].into_iter().map(|name| text(&told, name)).find(|text| !text.is_empty());
        Err(Failure::new(Kind::Unreachable, format!("not ready: {}", why.unwrap_or("no reason was given"))))
    }
}
