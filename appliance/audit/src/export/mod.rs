//! The trail in the forms that other programs read.

mod cef;
mod csv;
mod ocsf;
mod syslog;
mod text;

#[cfg(test)]
mod golden;

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use model::{AnyId, AuditEvent, ErrorKind};
use store::chain::{RowError, row_json};

pub use syslog::{forward, frame};

use crate::{Trail, TrailError, search::Sieve};

/// A form of export: one event a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The canonical JSON that the log hashes.
    JsonLines,
    /// RFC 4180 with a head line; safe to open in a spreadsheet.
    Csv,
    /// Open Cybersecurity Schema Framework 1.9, as JSON lines.
    Ocsf,
    /// ArcSight's Common Event Format.
    Cef,
    /// RFC 5424 messages; [`frame`] makes them ready for TLS (RFC 5425), [`forward`] sends them on.
    Syslog,
}

/// Where the events come from: what the forms say beside the event.
#[derive(Debug, Clone)]
pub struct Source {
    /// The tenant or appliance whose log it is.
    pub log: AnyId,
    /// The appliance's name in its network.
    pub host: String,
    /// The appliance's version.
    pub version: String,
}

/// What a file with some of the rows says of itself: nothing shows that none is missing.
const PARTIAL: &str = "This file holds only the rows that fit this filter. That no row is missing can be proved for the whole log alone, \
                       with the bundle (GET /v1/audit/bundle, audiagram audit verify).";

/// An export that broke off.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// An event cannot be written.
    #[error(transparent)]
    Row(#[from] RowError),
    /// The log cannot be read.
    #[error("the audit log cannot be read")]
    Trail(#[source] TrailError),
    /// The receiver is gone or full.
    #[error("the export cannot be written")]
    Io(#[from] io::Error),
}

impl ExportError {
    /// Its kind.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Row(error) => error.kind(),
            Self::Trail(_) | Self::Io(_) => ErrorKind::Unavailable,
        }
    }
}

impl Format {
    /// Every form.
    pub const ALL: &[Format] = &[Format::JsonLines, Format::Csv, Format::Ocsf, Format::Cef, Format::Syslog];

    /// The name in the API and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Format::JsonLines => "jsonl",
            Format::Csv => "csv",
            Format::Ocsf => "ocsf",
            Format::Cef => "cef",
            Format::Syslog => "syslog",
        }
    }

    /// The media type of a file of this form.
    pub const fn media_type(self) -> &'static str {
        match self {
            Format::JsonLines | Format::Ocsf => "application/x-ndjson",
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::Cef | Format::Syslog => "text/plain; charset=utf-8",
        }
    }

    /// What a file of this form begins with.
    pub const fn head(self) -> &'static str {
        match self {
            Format::Csv => csv::HEAD,
            _ => "",
        }
    }

    /// The line of an event, with its end.
    pub fn line(self, source: &Source, event: &AuditEvent) -> Result<String, RowError> {
        Ok(match self {
            Format::JsonLines => {
                let mut line = row_json(source.log, event)?;
                line.push(b'\n');
                String::from_utf8(line).expect("JSON is text")
            }
            Format::Csv => csv::line(event),
            Format::Ocsf => ocsf::line(source, event),
            Format::Cef => cef::line(source, event),
            Format::Syslog => syslog::line(source, event),
        })
    }
}

impl Format {
    /// The line with which a file of this form says that it is filtered, and how.
    fn partial(self, filter: &BTreeMap<&'static str, String>) -> String {
        let told = serde_json::json!({ "export": { "filter": filter, "whole": false, "note": PARTIAL } });
        let plain = || {
            let filter: Vec<_> =
                filter.iter().map(|(name, value)| format!("{name}={}", text::visible(value))).collect();
            format!("# Filtered by {}. {PARTIAL}", filter.join(" "))
        };
        match self {
            Format::JsonLines | Format::Ocsf => format!("{told}\n"),
            Format::Csv => csv::cell(&plain()) + "\r\n",
            Format::Cef | Format::Syslog => plain() + "\n",
        }
    }
}

/// Rows read at once.
const PAGE: usize = 1_000;

/// Writes the events that `sieve` lets pass in the order of the log; erased ones are left out. A file that is filtered begins with a line
/// that says so and names `filter`, as it was asked for. Returns how many events were written.
pub fn export(
    trail: &impl Trail,
    format: Format,
    source: &Source,
    (mut sieve, filter): (Sieve, &BTreeMap<&'static str, String>),
    out: &mut impl Write,
) -> Result<u64, ExportError> {
    if !sieve.is_open() {
        out.write_all(format.partial(filter).as_bytes())?;
    }
    out.write_all(format.head().as_bytes())?;
    let (mut next, mut written) = (0, 0);
    let end = trail.size().map_err(ExportError::Trail)?;
    while next < end {
        let rows = trail.rows(next, PAGE).map_err(ExportError::Trail)?;
        let Some((last, _)) = rows.last() else { break };
        next = last + 1;
        for event in rows.into_iter().filter(|(number, _)| *number < end).filter_map(|(_, event)| event) {
            if sieve.lets(&event) {
                out.write_all(format.line(source, &event)?.as_bytes())?;
                written += 1;
            }
        }
    }
    out.flush()?;
    Ok(written)
}
