//! Answers as numbers by series.

use std::collections::BTreeMap;

use charts::Fault;
use serde_json::Value;

/// The most series of an alert.
pub const MAX_SERIES: usize = 100;
/// The longest name of a series, in bytes.
const MAX_NAME: usize = 200;

/// The numbers of an answer by the name of their series; nothing where a series has no number. A question without columns beside its
/// number has one series, without a name.
pub type Series = BTreeMap<String, Option<f64>>;

/// Reads an answer: its columns (name and type as answers name it) and rows. The value is the column `named` so, without a word the last
/// column of numbers; what is no number tells series apart. Where a column is a time, the latest row of each series counts.
///
/// # Errors
/// When it has no such column, a series comes twice, or there are too many.
pub fn read(columns: &[(String, String)], rows: &[Vec<Value>], named: Option<&str>) -> Result<Series, Fault> {
    let at = "/question";
    let is_time = |kind: &str| kind.starts_with("timestamp") || kind == "date";
    let is_number = |kind: &str| ["bigint", "double", "numeric", "decimal"].iter().any(|name| kind.starts_with(name));
    let is_value = |(name, kind): &(String, String)| is_number(kind) && named.is_none_or(|named| name == named);
    let value = columns.iter().rposition(is_value);
    let value = value.ok_or_else(|| Fault::new(at, "must have a column of numbers"))?;
    let time = columns.iter().position(|(_, kind)| is_time(kind));
    let mut found: BTreeMap<String, (Option<&str>, Option<f64>)> = BTreeMap::new();
    for row in rows {
        let tells = |(_, kind): &(String, String)| !is_number(kind) && !is_time(kind);
        let name = label(columns.iter().zip(row).filter(|(column, _)| tells(column)).map(|(_, cell)| cell));
        let moment = time.and_then(|time| row.get(time)).and_then(Value::as_str);
        let number = row.get(value).and_then(number);
        match found.get(&name) {
            Some(_) if time.is_none() => {
                let detail = format!(
                    "has several rows of the series `{name}`; add them up, or add a column that tells them apart"
                );
                return Err(Fault::new(at, detail));
            }
            Some((latest, _)) if *latest >= moment => {}
            _ => {
                found.insert(name, (moment, number));
            }
        }
        if found.len() > MAX_SERIES {
            return Err(Fault::new(at, format!("has more than {MAX_SERIES} series; ask for fewer")));
        }
    }
    Ok(found.into_iter().map(|(name, (_, number))| (name, number)).collect())
}

/// What tells a row's series from others.
fn label<'a>(cells: impl Iterator<Item = &'a Value>) -> String {
    let said = |cell: &Value| match cell {
        Value::String(text) => text.clone(),
        Value::Null => "–".to_owned(),
        other => other.to_string(),
    };
    let mut name = cells.map(said).collect::<Vec<_>>().join(" · ");
    name.truncate(name.floor_char_boundary(MAX_NAME));
    name.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}

/// Large and exact numbers come as text.
fn number(cell: &Value) -> Option<f64> {
    let number = match cell {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite())
}
