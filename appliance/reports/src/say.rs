//! Numbers and moments as people read them.

use charts::{Format, GridColumn, Kind, Unit};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

/// A number in its format, in a language: German writes `1.234,5`, the others `1,234.5`.
pub(crate) fn number(format: &Format, value: f64, language: &str) -> String {
    let said = match format.unit {
        Unit::Micros => amount(format, value),
        _ => format.say(value),
    };
    if language != "de" {
        return said;
    }
    said.chars()
        .map(|sign| match sign {
            ',' => '.',
            '.' => ',',
            other => other,
        })
        .collect()
}

/// An amount of money: all of its decimals, so that amounts stand under each other.
fn amount(format: &Format, value: f64) -> String {
    let digits = usize::from(format.decimals.unwrap_or(2));
    let said = format.say(value);
    let (number, currency) = said.split_once(' ').map_or((said.as_str(), ""), |(number, code)| (number, code));
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let point = if digits > 0 { "." } else { "" };
    let space = if currency.is_empty() { "" } else { " " };
    format!("{whole}{point}{part:0<digits$}{space}{currency}")
}

/// A cell of a table.
pub(crate) fn cell(column: &GridColumn, value: &Value, format: &Format, language: &str) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::Number(own) if column.formatted => {
            own.as_f64().map_or_else(String::new, |own| number(format, own, language))
        }
        // Whatever is a number and has no unit is a count, an amount of another column, an identifier: its digits as they are.
        Value::Number(own) => own.as_f64().map_or_else(String::new, |own| number(&plain(), own, language)),
        Value::String(text) if column.kind == Kind::Time => moment(text),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Numbers as they are.
fn plain() -> Format {
    Format { decimals: Some(6), ..Format::default() }
}

/// A moment as the answer writes it, in UTC: a day where it is midnight, else to the minute.
pub(crate) fn moment(text: &str) -> String {
    let Ok(at) = text.parse::<Timestamp>() else { return text.to_owned() };
    let at = at.to_zoned(TimeZone::UTC);
    if at.hour() == 0 && at.minute() == 0 && at.second() == 0 {
        return at.strftime("%Y-%m-%d").to_string();
    }
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// A place of a time axis, as short as its step allows.
pub(crate) fn place(text: &str, bucket: &str) -> String {
    let Ok(at) = text.parse::<Timestamp>() else { return text.to_owned() };
    let at = at.to_zoned(TimeZone::UTC);
    let form = match bucket {
        "hour" => "%H:%M",
        "month" => "%Y-%m",
        _ => "%m-%d",
    };
    at.strftime(form).to_string()
}

/// Milliseconds since 1970 as a moment in a zone.
pub(crate) fn moment_in(millis: i64, zone: &str) -> String {
    let zone = crate::period::zone(zone).unwrap_or(TimeZone::UTC);
    let at = Timestamp::from_millisecond(millis).unwrap_or_default().to_zoned(zone);
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// The first and the last day of a period that ends behind it, in its zone.
pub(crate) fn days(from: i64, to: i64, zone: &str) -> String {
    let zone = crate::period::zone(zone).unwrap_or(TimeZone::UTC);
    let day =
        |millis: i64| Timestamp::from_millisecond(millis).unwrap_or_default().to_zoned(zone.clone()).date().to_string();
    let (first, last) = (day(from), day(to - 1));
    if first == last { first } else { format!("{first} – {last}") }
}

/// Milliseconds since 1970 as RFC 3339.
pub(crate) fn rfc3339(millis: i64) -> String {
    Timestamp::from_millisecond(millis).unwrap_or_default().to_string()
}

/// A number as data: amounts of money in the currency's unit, everything else as it is.
pub(crate) fn data(format: &Format, column: &GridColumn, value: &Value) -> Value {
    match (value, format.unit) {
        (Value::Number(own), Unit::Micros) if column.formatted => {
            let amount = own.as_f64().map(|own| own / 1e6).and_then(serde_json::Number::from_f64);
            amount.map_or(Value::Null, Value::Number)
        }
        _ => value.clone(),
    }
}

/// What a column is called where its numbers stand without their unit.
pub(crate) fn heading(format: &Format, column: &GridColumn) -> String {
    let unit = match format.unit {
        Unit::Number | Unit::Share => None,
        Unit::Bytes => Some("B".to_owned()),
        Unit::Milliseconds => Some("ms".to_owned()),
        Unit::Micros => format.currency.clone(),
    };
    match unit.filter(|_| column.formatted) {
        Some(unit) => format!("{} ({unit})", column.title),
        None => column.title.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said() {
        let euros = Format { unit: Unit::Micros, decimals: Some(2), currency: Some("EUR".to_owned()) };
        assert_eq!(number(&euros, 61_700_000.0, "en"), "61.70 EUR");
        assert_eq!(number(&euros, -1_234_000_000.0, "de"), "-1.234,00 EUR");
        assert_eq!(number(&Format { unit: Unit::Micros, decimals: Some(0), currency: None }, 5e6, "en"), "5");
        assert_eq!(number(&Format::default(), 1_234.5, "de"), "1.234,5");
        assert_eq!(
            (moment("2027-01-13T00:00:00Z").as_str(), moment("2027-01-13T10:05:00Z").as_str()),
            ("2027-01-13", "2027-01-13 10:05")
        );
    }
}
