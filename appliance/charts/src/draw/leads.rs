//! What choosing a row or a part of a chart means: a value as the answer has it, whatever it is called in the reader's language.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{columns::Columns, parts, series::Matrix, spread};
use crate::{
    fault::Fault,
    frame::Frame,
    spec::{ChartKind, ChartSpec},
    words::Words,
};

/// What choosing a row of the table or a part of the drawing means.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Leads {
    /// For each row of the table the value of the column that is chosen by; nothing where it has none.
    pub rows: Vec<Option<String>>,
    /// The parts whose rows all have the same value.
    pub parts: Vec<Lead>,
}

/// A part of a drawing, and what choosing it means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Lead {
    /// What it is called in the drawing: a place and a series, the names on the way to it, both ends of a link, or a name alone.
    pub of: Vec<String>,
    /// The value.
    pub value: String,
}

impl Leads {
    /// Those of a drawing by the values of a column; nothing when the answer does not have the column.
    ///
    /// # Errors
    /// When the rows lack a column that the chart names or needs.
    pub fn of(spec: &ChartSpec, frame: &Frame, words: &Words<'_>, column: &str) -> Result<Option<Leads>, Fault> {
        let Some(column) = frame.column(column) else { return Ok(None) };
        let columns = Columns::of(spec, frame)?;
        let values: Vec<Option<String>> = frame.rows.iter().map(|row| text(&row[column])).collect();
        let mut parts = Meanings::default();
        for (name, row) in named(spec.kind, frame, &columns, words) {
            parts.meet(name, values[row].as_deref());
        }
        let parts = parts.clear();
        let rows = match (spec.kind, columns.series) {
            (ChartKind::Pivot, Some(down)) => pivoted(frame, down, &values),
            _ => values,
        };
        Ok(Some(Leads { rows, parts }))
    }
}

/// A value of an answer as a variable takes it. An empty text would be everything.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// What parts mean; nothing where their rows have several values, or one has none.
#[derive(Default)]
struct Meanings<'a>(BTreeMap<Vec<String>, Option<&'a str>>);

impl<'a> Meanings<'a> {
    fn meet(&mut self, part: Vec<String>, value: Option<&'a str>) {
        self.0.entry(part).and_modify(|own| *own = own.filter(|own| Some(*own) == value)).or_insert(value);
    }

    fn clear(self) -> Vec<Lead> {
        let part = |(of, value): (Vec<String>, Option<&str>)| Some(Lead { of, value: value?.to_owned() });
        self.0.into_iter().filter_map(part).collect()
    }
}

/// The rows of a pivot, and the one of sums below them.
fn pivoted(frame: &Frame, down: usize, values: &[Option<String>]) -> Vec<Option<String>> {
    let mut order: Vec<String> = Vec::new();
    let mut sides: BTreeMap<String, Option<&str>> = BTreeMap::new();
    for (row, value) in values.iter().enumerate() {
        let (side, value) = (frame.label(row, down), value.as_deref());
        if let Some(own) = sides.get_mut(&side) {
            *own = own.filter(|own| Some(*own) == value);
        } else {
            sides.insert(side.clone(), value);
            order.push(side);
        }
    }
    let own = order.iter().map(|side| sides[side].map(str::to_owned));
    own.chain([None]).collect()
}

/// The parts that are drawn and the rows that they are drawn from: a row can be in several.
fn named(kind: ChartKind, frame: &Frame, columns: &Columns, words: &Words<'_>) -> Vec<(Vec<String>, usize)> {
    use ChartKind as K;
    let all = 0..frame.rows.len();
    let said = |row: usize, column: usize| words.say(&frame.label(row, column)).to_owned();
    let x = columns.x.unwrap_or(0);
    let mut found: Vec<(Vec<String>, usize)> = Vec::new();
    match kind {
        K::Line | K::Area | K::Bar | K::StackedBar | K::Radar | K::Waterfall => {
            let matrix = Matrix::of(frame, columns, words);
            let drawn: BTreeSet<&str> = matrix.series.iter().map(|(name, _)| name.as_str()).collect();
            for row in all {
                let place = if matrix.timed { frame.label(row, x) } else { said(row, x) };
                let names: Vec<String> = match columns.series {
                    Some(by) => vec![kept(said(row, by), &drawn, words)],
                    None => columns.y.iter().map(|y| words.say(&frame.names[*y]).to_owned()).collect(),
                };
                match kind {
                    K::Radar => found.extend(names.into_iter().map(|name| (vec![name], row))),
                    K::Waterfall => found.push((vec![place], row)),
                    _ => {
                        found.extend(names.into_iter().map(|name| (vec![place.clone(), name], row)));
                        found.push((vec![place], row));
                    }
                }
            }
        }
        K::Pie | K::Donut => {
            let shares = parts::shares(frame, columns, words);
            let drawn: BTreeSet<&str> = shares.iter().map(|(name, _)| name.as_str()).collect();
            found.extend(all.map(|row| (vec![kept(said(row, x), &drawn, words)], row)));
        }
        K::HeatMap => {
            let by = columns.series.unwrap_or(x);
            found.extend(all.map(|row| (vec![said(row, x), said(row, by)], row)));
        }
        K::Treemap | K::Sunburst => {
            for row in all {
                let way: Vec<String> = columns.path.iter().map(|column| said(row, *column)).collect();
                found.extend((1..=way.len()).map(|end| (way[..end].to_vec(), row)));
            }
        }
        K::Sankey | K::Graph => {
            for row in all {
                let way: Vec<String> = columns.path.iter().map(|column| said(row, *column)).collect();
                found.extend(way.windows(2).map(|pair| (pair.to_vec(), row)));
                found.extend(way.into_iter().map(|name| (vec![name], row)));
            }
        }
        K::Scatter | K::Bubble => {
            for (group, rows) in spread::groups(frame, columns, words) {
                let place = |(at, row): (usize, usize)| {
                    [(vec![group.clone(), at.to_string()], row), (vec![group.clone()], row)]
                };
                found.extend(rows.into_iter().enumerate().flat_map(place));
            }
        }
        K::Calendar => found.extend(all.map(|row| {
            let day = frame.label(row, x);
            (vec![day.get(..10).unwrap_or(&day).to_owned()], row)
        })),
        // The bins of a histogram that counts itself are no values of the answer.
        K::Histogram if columns.y.is_empty() => {}
        K::Funnel | K::BoxPlot => found.extend(all.map(|row| (vec![said(row, x)], row))),
        K::Map | K::Candlestick | K::Histogram => found.extend(all.map(|row| (vec![frame.label(row, x)], row))),
        K::Table | K::Pivot | K::Value | K::Gauge => {}
    }
    found
}

/// A name where it is drawn by itself, else what many small things are called together.
fn kept(name: String, drawn: &BTreeSet<&str>, words: &Words<'_>) -> String {
    if drawn.contains(name.as_str()) { name } else { words.other().to_owned() }
}
