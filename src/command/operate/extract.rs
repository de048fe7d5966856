//! `audiagram table`: tables of a tenant written as Parquet files.

use std::{thread, time::Duration};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::{Form, text};
use crate::{
    client::{InTenant, encoded},
    console::{Console, table::Column},
    failure::{Failure, Kind},
};

const COLUMNS: [Column; 6] = [
    ("export", "/id"),
    ("table", "/table"),
    ("by", "/by"),
    ("state", "/state"),
    ("rows", "/made/rows"),
    ("bytes", "/made/bytes"),
];
/// How often it is asked how far an export is.
const EVERY: Duration = Duration::from_millis(500);

/// Write tables of a tenant as Parquet files, by day or month
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  audiagram table export usage --to con_… --by day --tenant acme
  audiagram table export cost_focus --to con_… --by month --no-wait --tenant acme
  audiagram table exports --tenant acme
  audiagram table cancel txp_… --tenant acme")]
pub(crate) struct TableCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Write a table as files
    Export(Export),
    /// List what was written, or is being
    Exports(Plain),
    /// Call off what is being written; what is there of it is taken away
    Cancel(One),
}

#[derive(Debug, Args)]
struct Plain {
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

#[derive(Debug, Args)]
struct One {
    /// Id of the export
    export: String,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

#[derive(Debug, Args)]
struct Export {
    /// The table, like usage, charges, cost_focus or audit
    table: String,
    /// Id of the connector that says where
    #[arg(long, value_name = "CONNECTOR")]
    to: String,
    /// A folder a day or month (UTC); all in one without
    #[arg(long, value_enum)]
    by: Option<Span>,
    /// Do not wait until it is done
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

/// How long the time of a folder is.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Span {
    /// day=2026-11-21
    Day,
    /// month=2026-11
    Month,
}

impl TableCommand {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        match &self.verb {
            Verb::Export(export) => export.run(console),
            Verb::Exports(Plain { form, at }) => {
                form.pages(&mut at.client()?, "/v1/table-exports", &COLUMNS, "no table was written as files")
            }
            Verb::Cancel(One { export, form, at }) => {
                let path = format!("/v1/table-exports/{}/cancel", encoded(export));
                let ended: Value = at.client()?.post(&path, &json!({}))?.json()?;
                form.done(&ended, "it is called off")
            }
        }
    }
}

impl Export {
    fn run(&self, console: &Console) -> Result<(), Failure> {
        let client = &mut self.at.client()?;
        let by = self.by.map(|by| match by {
            Span::Day => "day",
            Span::Month => "month",
        });
        let body = json!({ "table": self.table, "connector": self.to, "by": by });
        let mut export: Value = client.post("/v1/table-exports", &body)?.json()?;
        if self.no_wait {
            return self.form.done(&export, &format!("{} is written by and by", text(&export, "id")));
        }
        let path = format!("/v1/table-exports/{}", encoded(text(&export, "id")));
        while matches!(text(&export, "state"), "queued" | "running") {
            if let Some(why) = export["why"].as_str() {
                console.info(format!("it is tried again: {why}"));
            }
            thread::sleep(EVERY);
            export = client.get(&path)?.json()?;
        }
        if text(&export, "state") != "done" {
            let why = export["why"].as_str().unwrap_or("it was called off");
            return Err(Failure::new(Kind::Failed, format!("the table was not written: {why}")));
        }
        let made = &export["made"];
        let told = format!(
            "{} rows in {} files, {} bytes: {}",
            made["rows"],
            made["files"],
            made["bytes"],
            text(&export, "folder")
        );
        self.form.done(&export, &told)
    }
}
