//! The rows that a chart is drawn from.

use serde::Serialize;
use serde_json::Value;

/// The most rows that are drawn; more are left out, and the drawing says so.
pub const MAX_ROWS: usize = 10_000;
/// The longest label, in characters.
const MAX_LABEL: usize = 80;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Texts and whatever else there is.
    Text,
    /// Numbers.
    Number,
    /// Moments and days.
    Time,
}

/// Columns and rows of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pub(crate) names: Vec<String>,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) rows: Vec<Vec<Value>>,
    /// Whether rows were left out.
    pub cut: bool,
}

impl Frame {
    /// A frame of columns (name, type as answers name it) and rows.
    pub fn new(columns: &[(&str, &str)], rows: Vec<Vec<Value>>) -> Self {
        Frame::of_at_most(MAX_ROWS, columns, rows)
    }

    /// The same with another bound on rows, for tables that nobody has to draw.
    pub fn of_at_most(most: usize, columns: &[(&str, &str)], mut rows: Vec<Vec<Value>>) -> Self {
        let cut = rows.len() > most;
        rows.truncate(most);
        let kind = |name: &str| match name {
            "bigint" | "double precision" => Kind::Number,
            _ if name.starts_with("numeric") => Kind::Number,
            _ if name.starts_with("timestamp") || name == "date" => Kind::Time,
            _ => Kind::Text,
        };
        for row in &mut rows {
            row.resize(columns.len(), Value::Null);
        }
        Frame {
            names: columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
            kinds: columns.iter().map(|(_, of)| kind(of)).collect(),
            rows,
            cut,
        }
    }

    /// The place of a column.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|own| own == name)
    }

    /// A number, if it is one; amounts come as texts of digits where a number of JSON would be rounded.
    pub(crate) fn number(&self, row: usize, column: usize) -> Option<f64> {
        let number = match &self.rows[row][column] {
            Value::Number(number) => number.as_f64(),
            Value::String(text) if self.kinds[column] == Kind::Number => text.parse().ok(),
            _ => None,
        };
        number.filter(|number| number.is_finite())
    }

    /// What is written beside a value: one short line.
    pub(crate) fn label(&self, row: usize, column: usize) -> String {
        match &self.rows[row][column] {
            Value::Null => "–".to_owned(),
            Value::String(text) => line(text),
            Value::Bool(flag) => flag.to_string(),
            Value::Number(number) => number.to_string(),
            other => line(&other.to_string()),
        }
    }
}

/// One line without what has no width or turns the direction, and no longer than a label may be.
pub(crate) fn line(text: &str) -> String {
    let quiet = |sign: char| {
        sign.is_control()
            || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let mut out = String::new();
    for (count, sign) in text.chars().filter(|sign| !quiet(*sign)).enumerate() {
        if count == MAX_LABEL {
            out.pop();
            out.push('…');
            break;
        }
        out.push(sign);
    }
    if out.trim().is_empty() { "–".to_owned() } else { out }
}
