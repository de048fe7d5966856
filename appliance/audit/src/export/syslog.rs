//! Syslog messages (RFC 5424) and their framing for TLS (RFC 5425).

use std::{fmt::Write, io};

use model::{AuditEvent, Outcome};

use super::{
    ExportError, Source,
    text::{cut, detail, escape, time, visible},
};
use crate::Trail;

/// Facility 13, "log audit".
const FACILITY: u8 = 13;

/// The structured data's name. 32473 is the enterprise number for examples (RFC 5612): Audiagram has none of its own.
const ELEMENT: &str = "audit@32473";

/// No value is longer; with this a message stays below the 8 KiB that every receiver over TLS takes.
const LIMIT: usize = 1_024;

/// `<PRI>1 TIME HOST audiagram - MSGID [audit@32473 name="value" …] text` and a newline.
pub(super) fn line(source: &Source, event: &AuditEvent) -> String {
    let severity = match event.outcome {
        Outcome::Done => 6,
        Outcome::Denied => 4,
        Outcome::Failed => 3,
    };
    let (priority, action) = (FACILITY * 8 + severity, event.action.code());
    let (time, host) = (time(event.at), host(&source.host));
    let mut line = format!("<{priority}>1 {time} {host} audiagram - {action} [{ELEMENT}");
    let values = [
        ("id", Some(event.id.to_string())),
        ("log", Some(source.log.to_string())),
        ("outcome", Some(event.outcome.name().to_owned())),
        ("actor", event.actor.map(|id| id.to_string())),
        ("credential", event.credential.map(|id| id.to_string())),
        ("address", event.address.clone()),
        ("request", event.request.clone()),
        ("subject", Some(event.subject.to_string())),
        ("detail", (!event.detail.is_empty()).then(|| detail(event))),
    ];
    for (name, value) in values {
        if let Some(value) = value {
            let value = escape(&cut(&visible(&value), LIMIT), &['"', '\\', ']']);
            write!(line, " {name}=\"{value}\"").expect("a string takes everything");
        }
    }
    // The byte order mark says that the text is UTF-8.
    let (outcome, kind) = (event.outcome.name(), event.subject.kind.label());
    line.push_str(&format!("] \u{feff}{action} {outcome}: {kind} {}\n", event.subject));
    line
}

/// A name as the header takes it: printable ASCII without spaces, at most 255; `-` when there is none.
fn host(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_ascii_graphic() { c } else { '_' }).take(255).collect();
    if name.is_empty() { "-".to_owned() } else { name }
}

/// A message as it goes over TLS: its length in bytes, a space, and the message without its newline.
pub fn frame(line: &str) -> Vec<u8> {
    let message = line.strip_suffix('\n').unwrap_or(line);
    format!("{} {message}", message.len()).into_bytes()
}

/// Writes the messages of up to `limit` rows from number `from` on, framed, to a receiver (a TLS stream to port 6514). Returns
/// the number to go on from when they are through: keep it, and nothing is lost when the connection breaks, though the
/// receiver may get the last ones twice.
pub fn forward(
    trail: &impl Trail,
    source: &Source,
    from: u64,
    limit: usize,
    out: &mut impl io::Write,
) -> Result<u64, ExportError> {
    let rows = trail.rows(from, limit).map_err(ExportError::Trail)?;
    let next = rows.last().map_or(from, |(last, _)| last + 1);
    for event in rows.iter().filter_map(|(_, event)| event.as_ref()) {
        out.write_all(&frame(&line(source, event)))?;
    }
    out.flush()?;
    Ok(next)
}
