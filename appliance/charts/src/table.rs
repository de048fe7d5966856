//! The numbers of a chart as a table: what everybody can read, and what goes into files.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Number, Value};

use crate::{
    frame::{Frame, Kind},
    words::Words,
};

/// The most columns that a pivot gets.
const MAX_PIVOT: usize = 60;

/// A table.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Grid {
    /// Its columns.
    pub columns: Vec<GridColumn>,
    /// Its rows: numbers, texts, moments as RFC 3339 writes them, nothing.
    pub rows: Vec<Vec<Value>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct GridColumn {
    /// Its name in the answer.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether its numbers have the chart's format.
    pub formatted: bool,
}

impl Grid {
    /// The answer as it is, with the words of a language.
    pub(crate) fn of(frame: &Frame, formatted: &[usize], words: &Words<'_>) -> Grid {
        let column = |(at, name): (usize, &String)| GridColumn {
            name: name.clone(),
            title: words.say(name).to_owned(),
            kind: frame.kinds[at],
            formatted: formatted.contains(&at),
        };
        let cell = |row: usize, column: usize| match &frame.rows[row][column] {
            Value::String(_) if frame.kinds[column] == Kind::Number => number(frame.number(row, column)),
            Value::String(text) if frame.kinds[column] == Kind::Text => Value::String(words.say(text).to_owned()),
            value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => value.clone(),
            other => Value::String(other.to_string()),
        };
        Grid {
            columns: frame.names.iter().enumerate().map(column).collect(),
            rows: (0..frame.rows.len())
                .map(|row| (0..frame.names.len()).map(|column| cell(row, column)).collect())
                .collect(),
        }
    }

    /// Rows by the values of `down`, columns by those of `across`, sums of `value` in between, with sums at both ends.
    pub(crate) fn pivot(frame: &Frame, down: usize, across: usize, value: usize, words: &Words<'_>) -> Grid {
        let mut heads: Vec<String> = Vec::new();
        let mut lines: Vec<(String, Vec<Option<f64>>)> = Vec::new();
        for row in 0..frame.rows.len() {
            let (side, head) = (frame.label(row, down), frame.label(row, across));
            let column = heads.iter().position(|own| *own == head).unwrap_or_else(|| {
                heads.push(head);
                heads.len() - 1
            });
            let line = lines.iter().position(|(own, _)| *own == side).unwrap_or_else(|| {
                lines.push((side, Vec::new()));
                lines.len() - 1
            });
            let cells = &mut lines[line].1;
            if cells.len() <= column {
                cells.resize(column + 1, None);
            }
            if let Some(number) = frame.number(row, value) {
                *cells[column].get_or_insert(0.0) += number;
            }
        }
        // In the order of their names where these are times, else as they came.
        let mut order: Vec<usize> = (0..heads.len()).collect();
        if frame.kinds[across] == Kind::Time {
            order.sort_by(|a, b| heads[*a].cmp(&heads[*b]));
        }
        order.truncate(MAX_PIVOT);
        let column = |name: &str, title: &str, kind, formatted| GridColumn {
            name: name.to_owned(),
            title: title.to_owned(),
            kind,
            formatted,
        };
        let corner = &frame.names[down];
        let mut columns = vec![column(corner, words.say(corner), frame.kinds[down], false)];
        columns.extend(order.iter().map(|at| column(&heads[*at], words.say(&heads[*at]), Kind::Number, true)));
        columns.push(column("", words.total(), Kind::Number, true));
        let mut sums = vec![0.0; order.len() + 1];
        let mut rows = Vec::with_capacity(lines.len() + 1);
        for (side, cells) in lines {
            let values: Vec<Option<f64>> = order.iter().map(|at| cells.get(*at).copied().flatten()).collect();
            let sum = values.iter().flatten().sum::<f64>();
            for (own, value) in sums.iter_mut().zip(values.iter().map(|value| value.unwrap_or(0.0)).chain([sum])) {
                *own += value;
            }
            let mut row = vec![Value::String(words.say(&side).to_owned())];
            row.extend(values.into_iter().chain([Some(sum)]).map(number));
            rows.push(row);
        }
        let mut last = vec![Value::String(words.total().to_owned())];
        last.extend(sums.into_iter().map(|sum| number(Some(sum))));
        rows.push(last);
        Grid { columns, rows }
    }
}

/// A number of JSON: whole where it is whole.
pub(crate) fn number(value: Option<f64>) -> Value {
    let Some(value) = value.filter(|value| value.is_finite()) else { return Value::Null };
    // Below 2^53 every whole number is itself.
    if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
        return Value::Number(Number::from(value as i64));
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}
