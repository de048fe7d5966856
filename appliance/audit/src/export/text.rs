//! Values made safe to show: no control or direction characters, no more than a limit.

use std::fmt::Write;

use model::{AuditEvent, Timestamp};

/// `2026-11-21T22:09:02.000Z`; times beyond the year 9999 are shown as its last moment.
pub(super) fn time(at: Timestamp) -> String {
    let at = i64::try_from(at.millis()).ok().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    format!("{:.3}", at.unwrap_or(jiff::Timestamp::MAX))
}

/// The details as one JSON object.
pub(super) fn detail(event: &AuditEvent) -> String {
    serde_json::to_string(&event.detail).expect("texts are always JSON")
}

/// Whether a character would end a line, steer a terminal, or make text show in another order than it has.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// `text` with unsafe characters as JSON would escape them, like `\u202e`.
pub(super) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if is_unsafe(c) => write!(out, "\\u{:04x}", u32::from(c)).expect("a string takes everything"),
            _ => out.push(c),
        }
    }
    out
}

/// At most `limit` bytes of `text`, with an ellipsis in place of what is cut.
pub(super) fn cut(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(limit.saturating_sub('…'.len_utf8()));
    format!("{}…", &text[..end])
}

/// `text` with a backslash before each character of `marks`.
pub(super) fn escape(text: &str, marks: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if marks.contains(&c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_made_safe() {
        assert_eq!(visible("a\u{202e}b\nc\u{1b}[0m\u{85}é"), "a\\u202eb\\nc\\u001b[0m\\u0085é");
        assert_eq!(escape(r"a|b\c", &['|', '\\']), r"a\|b\\c");
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abc…");
        assert_eq!(cut("ééé", 5), "é…");
        assert_eq!(cut("abc", 0), "…");
    }

    #[test]
    fn times() {
        assert_eq!(time(Timestamp::from_millis(1_763_762_942_007)), "2025-11-21T22:09:02.007Z");
        assert_eq!(time(Timestamp::from_millis(0)), "1970-01-01T00:00:00.000Z");
        assert!(time(Timestamp::from_millis(u64::MAX)).starts_with("9999-12-"));
    }
}
