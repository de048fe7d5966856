//! RFC 4180, with care for spreadsheets.

use model::AuditEvent;

use super::text::{detail, time, visible};

/// The names of the columns.
pub(super) const HEAD: &str = "time,id,action,outcome,actor,credential,address,request,subject_kind,subject,detail\r\n";

/// A record. Line breaks and other control characters are written as escapes, so that each record is one line.
pub(super) fn line(event: &AuditEvent) -> String {
    let id = |id: Option<model::AnyId>| id.map(|id| id.to_string()).unwrap_or_default();
    let cells = [
        time(event.at),
        event.id.to_string(),
        event.action.code().to_owned(),
        event.outcome.name().to_owned(),
        id(event.actor),
        id(event.credential),
        event.address.clone().unwrap_or_default(),
        event.request.clone().unwrap_or_default(),
        event.subject.kind.label().to_owned(),
        event.subject.to_string(),
        if event.detail.is_empty() { String::new() } else { detail(event) },
    ];
    cells.map(|value| cell(&value)).join(",") + "\r\n"
}

/// A cell. One that a spreadsheet would take for a formula gets an apostrophe in front.
pub(super) fn cell(value: &str) -> String {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let value = format!("{}{}", if formula { "'" } else { "" }, visible(value));
    if value.contains([',', '"', '\'', ';']) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells() {
        for (value, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"a\"", "\"say \"\"a\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("-1", "\"'-1\""),
            ("\t=1", "\"'\\t=1\""),
            ("a\r\nb", "a\\r\\nb"),
            ("\u{202e}txt", "\\u202etxt"),
        ] {
            assert_eq!(cell(value), expected, "{value:?}");
        }
    }
}
