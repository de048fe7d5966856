//! The operator's commands: each is a call of the API, and tells what it says as a table for people or JSON lines for machines.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod configuration;
pub(crate) mod connector;
pub(crate) mod extract;
pub(crate) mod healthcheck;
pub(crate) mod key;
pub(crate) mod openapi;
pub(crate) mod role;
mod shell;
pub(crate) mod sql;
pub(crate) mod support;
pub(crate) mod tenant;
pub(crate) mod user;

use std::io::{IsTerminal as _, Write as _};

use clap::Args;
use serde_json::Value;

use crate::{
    client::Client,
    console::{
        self,
        table::{self, Column},
    },
    failure::{Failure, Kind},
};

/// How answers are told.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Form {
    /// Print JSON: a line a thing
    #[arg(long)]
    json: bool,
}

impl Form {
    /// One thing: its fields, or a line of JSON.
    fn thing(self, thing: &Value) -> Result<(), Failure> {
        console::print(&if self.json { format!("{thing}\n") } else { table::fields(thing) })
    }

    /// A list of things: a table, or a line of JSON each.
    fn list(self, columns: &[Column], items: &[Value], none: &str) -> Result<(), Failure> {
        if self.json {
            let lines: String = items.iter().map(|item| format!("{item}\n")).collect();
            return console::print(&lines);
        }
        console::print(&table::table(columns, items, none))
    }

    /// All pages of a list.
    fn pages(self, client: &mut Client, path: &str, columns: &[Column], none: &str) -> Result<(), Failure> {
        if self.json {
            return client.pages(path, "after", |item| console::print(&format!("{item}\n")).map(|()| true));
        }
        let items = collect(client, path)?;
        self.list(columns, &items, none)
    }

    /// What was done, for people; machines get the thing.
    fn done(self, thing: &Value, text: &str) -> Result<(), Failure> {
        console::print(&if self.json { format!("{thing}\n") } else { format!("{}\n", console::shown(text)) })
    }
}

/// All items of a list.
fn collect(client: &mut Client, path: &str) -> Result<Vec<Value>, Failure> {
    let mut items = Vec::new();
    client.pages(path, "after", |item| {
        items.push(item);
        Ok(true)
    })?;
    Ok(items)
}

/// Consent to what cannot be undone.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Consent {
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

impl Consent {
    /// Goes on when `--yes` was given, or when the person types `name`.
    fn ask(self, what: &str, name: &str) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() {
            return Err(
                Failure::new(Kind::Usage, format!("{what} cannot be undone")).remedy("--yes, or a terminal to ask at")
            );
        }
        let mut err = std::io::stderr().lock();
        let asked = format!("{what} cannot be undone. Type `{name}` to go on: ");
        let _ = err.write_all(console::shown(&asked).as_bytes()).and_then(|()| err.flush());
        if line()?.trim() == name {
            return Ok(());
        }
        Err(Failure::new(Kind::Usage, "nothing was done: that is not the name"))
    }
}

/// One line of standard input.
fn line() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::Read::take(std::io::stdin(), 4 << 10);
    std::io::BufRead::read_line(&mut std::io::BufReader::new(read), &mut text)
        .map_err(|e| Failure::new(Kind::Failed, "cannot read standard input").because(&e))?;
    Ok(text)
}

/// Asks for long work and waits until it is done.
fn errand(client: &mut Client, path: &str, body: &Value) -> Result<Value, Failure> {
    let mut errand: Value = client.post(path, body)?.json()?;
    let at = format!("/v1/upkeep/{}", crate::client::encoded(text(&errand, "id")));
    loop {
        match text(&errand, "state") {
            "done" => return Ok(errand),
            "failed" => return Err(Failure::new(Kind::Failed, format!("it failed: {}", text(&errand, "detail")))),
            _ => {}
        }
        std::thread::sleep(std::time::Duration::from_millis(250));
        errand = client.get(&at)?.json()?;
    }
}

/// The string `name` of `thing`, empty without one.
fn text<'a>(thing: &'a Value, name: &str) -> &'a str {
    thing[name].as_str().unwrap_or_default()
}

/// A moment so many days from now, as RFC 3339 writes it.
fn in_days(days: u32) -> String {
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * i64::from(days));
    format!("{later:.0}")
}
