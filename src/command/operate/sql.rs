//! `audiagram sql`: questions about what a tenant uses, what it costs and what there is.

use std::{
    io::{IsTerminal as _, Read as _, Write as _},
    path::PathBuf,
};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::shell::{Asked, Shell};
use crate::{
    client::{Client, InTenant},
    console::{Console, table},
    failure::{Failure, Kind},
    files,
};

/// The longest statement that is read.
const LONGEST: u64 = 64 << 10;
const NAMES: &str =
    "SELECT table_name FROM table_columns UNION SELECT column_name FROM table_columns WHERE column_name IS NOT NULL";
const TABLES: &str = "SELECT table_name AS \"table\", comment FROM table_columns WHERE column_name IS NULL ORDER BY 1";

/// Ask in SQL what a tenant uses, what it costs and what there is
#[derive(Debug, Args)]
#[command(after_help = "\
Without a statement it is read from standard input: on a terminal one after the other, each
ended by a semicolon. There, Tab completes the names of tables and columns, arrows bring back
earlier statements, \\dt lists the tables, \\d TABLE the columns of one, \\q ends.
Without a tenant those who run the appliance are asking: for sums over its tenants.

Examples:
  audiagram sql \"SELECT meter, sum(quantity) FROM usage GROUP BY meter\" --tenant acme
  audiagram sql \"SELECT * FROM cost_focus\" --format parquet --out cost.parquet --tenant acme
  audiagram sql \"SELECT * FROM table_columns\" --tenant acme
  audiagram sql \"SELECT * FROM usage_by_day\"")]
pub(crate) struct Sql {
    /// One statement that reads; - reads it from standard input
    statement: Option<String>,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t = Form::Table)]
    format: Form,
    /// File to write; standard output when absent or -
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Seconds after which the query is stopped, if sooner than the appliance would
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=300))]
    timeout: Option<u64>,
    #[command(flatten)]
    at: InTenant,
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A table for people
    Table,
    /// Comma-separated values
    Csv,
    /// An object with columns and rows
    Json,
    /// A stream of Arrow IPC
    Arrow,
    /// A Parquet file
    Parquet,
}

impl Form {
    const fn name(self) -> &'static str {
        match self {
            Form::Csv => "csv",
            Form::Table | Form::Json => "json",
            Form::Arrow => "arrow",
            Form::Parquet => "parquet",
        }
    }
}

impl Sql {
    /// Answers one statement, or one after the other.
    pub(crate) fn run(self, console: &Console) -> Result<(), Failure> {
        let to_file = self.out.as_ref().is_some_and(|path| path.as_os_str() != "-");
        if matches!(self.format, Form::Arrow | Form::Parquet) && !to_file && std::io::stdout().is_terminal() {
            return Err(Failure::new(Kind::Usage, "this form is for machines").remedy("--out FILE"));
        }
        let file = self.out.as_deref().filter(|_| to_file);
        if let Some(path) = file {
            files::check_target(path)?;
        }
        let mut client = match self.at.tenant {
            Some(_) => self.at.client()?,
            None => self.at.reach.client()?,
        };
        let statement = match self.statement.as_deref() {
            None if std::io::stdin().is_terminal() => return self.converse(&mut client, console),
            None | Some("-") => read()?,
            Some(statement) => statement.to_owned(),
        };
        let answer = self.ask(&mut client, &statement)?;
        match file {
            Some(path) => files::write_atomic(path, &answer).map_err(|e| files::unwritable(path, &e)),
            None => print(&answer),
        }
    }

    /// The answer in the form that was asked for.
    fn ask(&self, client: &mut Client, statement: &str) -> Result<Vec<u8>, Failure> {
        let body = json!({ "sql": statement, "format": self.format.name(), "timeout_s": self.timeout });
        let answer = client.post("/v1/query", &body)?;
        if self.format != Form::Table {
            return Ok(answer.body);
        }
        let answer: Value = answer.json()?;
        let columns = answer["columns"].as_array().map(Vec::as_slice).unwrap_or_default();
        let heads: Vec<String> = columns.iter().map(|column| super::text(column, "name").to_owned()).collect();
        let rows = answer["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
        let count = if rows.len() == 1 { "1 row".to_owned() } else { format!("{} rows", rows.len()) };
        Ok(format!("{}({count})\n", table::rows(&heads, rows)).into_bytes())
    }

    /// Reads statements from a terminal and answers each, until there are no more.
    fn converse(&self, client: &mut Client, console: &Console) -> Result<(), Failure> {
        console.info("Statements end with a semicolon; Tab completes, \\dt lists the tables, \\q ends.");
        let mut shell = Shell::open(names(client)?)?;
        loop {
            let statement = match shell.next()? {
                Asked::End => return Ok(()),
                Asked::Tables => TABLES.to_owned(),
                Asked::Columns(table) => format!("DESCRIBE {table}"),
                Asked::Statement(statement) => statement,
            };
            // A wrong statement ends nothing here.
            match self.ask(client, &statement) {
                Ok(answer) => print(&answer)?,
                Err(failure) => console.error(&failure),
            }
        }
    }
}

/// The names of all tables and columns that may be asked for.
fn names(client: &mut Client) -> Result<Vec<String>, Failure> {
    let answer: Value = client.post("/v1/query", &json!({ "sql": NAMES }))?.json()?;
    let rows = answer["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(rows.iter().filter_map(|row| row[0].as_str()).map(str::to_owned).collect())
}

/// A statement from standard input.
fn read() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .take(LONGEST + 1)
        .read_to_string(&mut text)
        .map_err(|e| Failure::new(Kind::BadInput, "cannot read the statement").because(&e))?;
    Ok(text)
}

/// Bytes on standard output.
fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Kind::Failed, "cannot write to standard output").because(&e))
        }
        _ => Ok(()),
    }
}
