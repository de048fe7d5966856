//! A chart's query as SQL: what is chosen from lists is written out, and values are put in the place of names.

use std::collections::BTreeMap;

use crate::{
    fault::Fault,
    spec::{ChartSpec, Query},
};

/// The longest query, in bytes.
pub const MAX_SQL: usize = 16_384;
/// The longest value of a variable, in bytes.
const MAX_VALUE: usize = 400;

/// What names in a query stand for.
#[derive(Debug, Clone, Default)]
pub struct Bindings {
    /// `$from`: the first moment, in milliseconds since 1970 (UTC).
    pub from: i64,
    /// `$to`: the moment behind the last.
    pub to: i64,
    /// `$bucket`: how long the steps of a time axis are, as `date_trunc` names it.
    pub bucket: &'static str,
    /// The dashboard's variables; one that is not set is `NULL`.
    pub variables: BTreeMap<String, Option<String>>,
}

/// The SQL of a chart with values in the place of names.
///
/// # Errors
/// When it names what nobody knows, or a value is too long.
pub fn bind(chart: &ChartSpec, bindings: &Bindings) -> Result<String, Fault> {
    match &chart.query {
        Query::Sql(sql) => statement(sql, bindings),
        Query::Pick(pick) => statement(&pick.sql(), bindings),
    }
}

/// A statement with values in the place of `$name`. What stands in quotes and comments stays as it is. Values become literals, so that
/// none is ever read as SQL.
pub(crate) fn statement(sql: &str, bindings: &Bindings) -> Result<String, Fault> {
    let bytes = sql.as_bytes();
    let mut out = String::with_capacity(sql.len() + 64);
    let mut at = 0;
    let mut kept = 0;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'\'' | b'"') => at = behind_quote(bytes, at, quote),
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                at = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| at + end);
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => at = behind_comment(bytes, at),
            b'$' if bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase) => {
                let name = sql[at + 1..].split(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '_')).next();
                let name = name.unwrap_or_default();
                let sticks = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || b"_$&'\"".contains(&bytes[at - 1]));
                if sticks || bytes.get(at + 1 + name.len()) == Some(&b'$') {
                    return Err(Fault::new("/query/sql", format!("`${name}` must stand by itself")));
                }
                out.push_str(&sql[kept..at]);
                value(name, bindings, &mut out)?;
                at += 1 + name.len();
                kept = at;
            }
            _ => at += 1,
        }
    }
    out.push_str(&sql[kept..]);
    Ok(out)
}

/// The place behind what is quoted; a quote that is doubled begins again at once, which comes to the same.
fn behind_quote(bytes: &[u8], at: usize, quote: u8) -> usize {
    bytes[at + 1..].iter().position(|byte| *byte == quote).map_or(bytes.len(), |end| at + end + 2)
}

fn behind_comment(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0usize;
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") => {
                (depth, at) = (depth.saturating_sub(1), at + 2);
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    at
}

fn value(name: &str, bindings: &Bindings, out: &mut String) -> Result<(), Fault> {
    let moment = |millis: i64| {
        let micros = millis.saturating_mul(1_000);
        format!("arrow_cast({micros}, 'Timestamp(Microsecond, Some(\"UTC\"))')")
    };
    match name {
        "from" => out.push_str(&moment(bindings.from)),
        "to" => out.push_str(&moment(bindings.to)),
        "bucket" => out.push_str(&literal(bindings.bucket)),
        _ => match bindings.variables.get(name) {
            Some(Some(text)) if text.len() > MAX_VALUE => {
                return Err(Fault::new(format!("/variables/{name}"), format!("has more than {MAX_VALUE} bytes")));
            }
            Some(Some(text)) => out.push_str(&literal(text)),
            // A type, so that comparing with nothing is a question that the engine can plan.
            Some(None) => out.push_str("CAST(NULL AS VARCHAR)"),
            None => {
                return Err(Fault::new("/query/sql", format!("names `${name}`, which the dashboard does not have")));
            }
        },
    }
    Ok(())
}

/// A text as a literal of SQL.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', "''"))
}

/// A name as an identifier of SQL.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('\0', "").replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    fn bindings() -> Bindings {
        let variables = [("meter".to_owned(), Some("it's".to_owned())), ("project".to_owned(), None)];
        Bindings { from: 1_000, to: 2_000, bucket: "day", variables: variables.into() }
    }

    #[test]
    fn names_become_literals() {
        let check = |sql: &str, expected: &str| assert_eq!(statement(sql, &bindings()).unwrap(), expected);
        check("SELECT $meter, $bucket", "SELECT 'it''s', 'day'");
        check("at >= $from", "at >= arrow_cast(1000000, 'Timestamp(Microsecond, Some(\"UTC\"))')");
        check("$project IS NULL", "CAST(NULL AS VARCHAR) IS NULL");
        check(
            "'$meter' \"$meter\" -- $meter\n/* $meter /* $x */ */ $meter",
            "'$meter' \"$meter\" -- $meter\n/* $meter /* $x */ */ 'it''s'",
        );
        check("'it''s $meter'", "'it''s $meter'");
        check("SELECT 1 $", "SELECT 1 $");
        check("'open $meter", "'open $meter");
        check("/* open $meter", "/* open $meter");
    }

    #[test]
    fn what_could_be_read_otherwise_is_refused() {
        for sql in ["$nobody", "E$meter", "$meter$ x $meter$", "U&$meter", "'a'$meter"] {
            assert!(statement(sql, &bindings()).is_err(), "{sql}");
        }
        let long = Bindings { variables: [("meter".to_owned(), Some("x".repeat(401)))].into(), ..bindings() };
        assert!(statement("$meter", &long).is_err());
    }
}
