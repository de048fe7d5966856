//! `audiagram openapi`: the interface as a document.

use std::path::PathBuf;

use clap::Args;

use crate::{
    console::{self, Console},
    failure::{Failure, Kind},
    files,
};

/// Print the interface of the appliance as an OpenAPI 3.1 document
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  audiagram openapi --out openapi.json")]
pub(crate) struct OpenApi {
    /// File to write; standard output when absent
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl OpenApi {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        // What this very program serves, so nothing has to run.
        let document = api::openapi_document(&api::endpoints());
        let text = serde_json::to_string_pretty(&document).map_err(|e| Failure::of(Kind::Failed, &e))?;
        let text = format!("{text}\n");
        let Some(out) = &self.out else { return console::print(&text) };
        files::write_atomic(out, text.as_bytes()).map_err(|e| files::unwritable(out, &e))?;
        console.info(out.display().to_string());
        Ok(())
    }
}
