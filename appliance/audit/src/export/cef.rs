//! ArcSight's Common Event Format, version 0.

use std::{fmt::Write, net::IpAddr};

use model::{AuditEvent, Outcome};

use super::{
    Source,
    text::{cut, detail, escape, time, visible},
};

/// `CEF:0|vendor|product|version|signature|name|severity|extension`. Values are cut at the length the format gives their keys.
pub(super) fn line(source: &Source, event: &AuditEvent) -> String {
    let (severity, name) = match event.outcome {
        Outcome::Done => (3, "was done"),
        Outcome::Failed => (5, "failed"),
        Outcome::Denied => (7, "was denied"),
    };
    let action = event.action.code();
    let version = header(&source.version);
    let mut line = format!("CEF:0|Audiagram|Audiagram|{version}|{}|{action} {name}|{severity}|", header(action));
    let mut first = true;
    let mut put = |key: &str, value: &str, limit: usize| {
        let space = if first { "" } else { " " };
        first = false;
        write!(line, "{space}{key}={}", value_of(&cut(value, limit))).expect("a string takes everything");
    };
    put("rt", &event.at.millis().to_string(), 20);
    put("act", action, 63);
    put("outcome", event.outcome.name(), 63);
    put("externalId", &event.id.to_string(), 40);
    put("cat", event.subject.kind.label(), 1_023);
    put("dvchost", &source.host, 100);
    match event.address.as_deref().map(|address| (address, address.parse::<IpAddr>())) {
        Some((address, Ok(IpAddr::V4(_)))) => put("src", address, 16),
        Some((address, Ok(IpAddr::V6(_)))) => {
            put("c6a2Label", "Source IPv6 Address", 1_023);
            put("c6a2", address, 45);
        }
        Some((address, Err(_))) => put("shost", address, 1_023),
        None => (),
    }
    if let Some(actor) = event.actor {
        put("suid", &actor.to_string(), 1_023);
    }
    let labelled = [
        ("cs1", "subject", Some(event.subject.to_string())),
        ("cs2", "credential", event.credential.map(|id| id.to_string())),
        ("cs3", "log", Some(source.log.to_string())),
        ("cs4", "request", event.request.clone()),
        ("cs5", "detail", (!event.detail.is_empty()).then(|| detail(event))),
        ("cs6", "time", Some(time(event.at))),
    ];
    for (key, label, value) in labelled {
        if let Some(value) = value {
            put(&format!("{key}Label"), label, 1_023);
            put(key, &value, 4_000);
        }
    }
    line.push('\n');
    line
}

/// A value of the header: `|` and `\` are escaped.
fn header(text: &str) -> String {
    escape(&visible(text), &['|', '\\'])
}

/// A value of the extension: `=` and `\` are escaped. Line breaks, which the format would allow as `\n`, are written like all
/// other control characters, with their backslash escaped: a parser gives back the visible form.
fn value_of(text: &str) -> String {
    escape(&visible(text), &['=', '\\'])
}
