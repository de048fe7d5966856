//! Findings as CSV (RFC 4180): one section, or an archive with a file a section.
//!
//! What programs for tables would run as a formula gets a single quote before it (OWASP, CSV injection); numbers stay numbers.

use std::io::{Cursor, Write as _};

use serde_json::Value;
use zip::{DateTime, ZipWriter, write::SimpleFileOptions};

use crate::{Findings, WriteError, findings::Shown, say};

/// One section; nothing where there is none of this name.
pub(crate) fn section(findings: &Findings, id: &str) -> Option<String> {
    let at = findings.parts.iter().position(|part| part.id == id)?;
    findings.shown().nth(at).map(|shown| table(&shown))
}

/// All sections in one archive, named by their place and id.
pub(crate) fn archive(findings: &Findings) -> Result<Vec<u8>, WriteError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // The same findings make the same bytes.
    let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
    for (at, (shown, part)) in findings.shown().zip(&findings.parts).enumerate() {
        archive.start_file(format!("{:02}-{}.csv", at + 1, part.id), options)?;
        archive.write_all(table(&shown).as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}

fn table(shown: &Shown<'_>) -> String {
    let drawing = match &shown.drawing {
        Ok(drawing) => drawing,
        Err(why) => return row([field(why)]),
    };
    let format = shown.format();
    let columns = &drawing.table.columns;
    let mut out = row(columns.iter().map(|column| field(&say::heading(&format, column))));
    for cells in &drawing.table.rows {
        out += &row(columns.iter().zip(cells).map(|(column, cell)| match say::data(&format, column, cell) {
            Value::Null => String::new(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::String(text) => field(&text),
            other => field(&other.to_string()),
        }));
    }
    out
}

fn row(fields: impl IntoIterator<Item = String>) -> String {
    let mut line = fields.into_iter().collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

/// A text as a field.
fn field(text: &str) -> String {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let text = if runs { format!("'{text}") } else { text.to_owned() };
    let quoted = text.contains([',', '"', '\r', '\n', '\'', ';', '\t']) || text.starts_with(' ') || text.ends_with(' ');
    if quoted { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_is_a_formula() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("＝1", "\"'＝1\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("", ""),
        ] {
            assert_eq!(field(text), expected);
        }
    }
}
