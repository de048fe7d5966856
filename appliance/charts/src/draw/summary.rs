//! What there is to say about a chart: for who does not see it, and for who wants to know at once.

use schemars::JsonSchema;
use serde::Serialize;

use super::columns::Columns;
use crate::{
    format::{Format, Unit},
    frame::{Frame, Kind},
    words::Words,
};

/// Facts about a chart's numbers, of its first column of values.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct Summary {
    /// How many rows there are.
    pub rows: usize,
    /// What the values are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// Their sum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sum: Option<f64>,
    /// The smallest of them, and where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least: Option<Extreme>,
    /// The largest of them, and where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<Extreme>,
}

/// A value and where it is.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Extreme {
    /// The value.
    pub value: f64,
    /// Where: a name, or a moment as RFC 3339 writes it.
    pub at: String,
    /// What that is.
    pub kind: Kind,
}

impl Summary {
    pub(super) fn of(frame: &Frame, columns: &Columns, words: &Words<'_>) -> Summary {
        let rows = frame.rows.len();
        let Some(y) = columns.y.first().copied() else { return Summary { rows, ..Summary::default() } };
        let place = columns.path.first().copied().or(columns.x).or(columns.series);
        let kind = place.map_or(Kind::Text, |place| frame.kinds[place]);
        let at = |row: usize| {
            let own = place.map(|place| frame.label(row, place)).unwrap_or_default();
            match columns.path.get(1) {
                Some(next) => format!("{} – {}", words.say(&own), words.say(&frame.label(row, *next))),
                None => words.say(&own).to_owned(),
            }
        };
        let numbers: Vec<(usize, f64)> = (0..rows).filter_map(|row| Some((row, frame.number(row, y)?))).collect();
        let extreme = |(row, value): &(usize, f64)| Extreme { value: *value, at: at(*row), kind };
        Summary {
            rows,
            measure: Some(words.say(&frame.names[y]).to_owned()),
            sum: (!numbers.is_empty()).then(|| numbers.iter().map(|(_, value)| value).sum()),
            least: numbers.iter().rev().min_by(|a, b| a.1.total_cmp(&b.1)).map(extreme),
            most: numbers.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1)).map(extreme),
        }
    }

    /// The same as an English sentence.
    pub(super) fn sentence(&self, title: &str, format: &Format) -> String {
        let plain = Format { unit: Unit::Number, ..Format::default() };
        match (&self.least, &self.most) {
            _ if self.rows == 0 => format!("{title}: there is nothing to show."),
            (Some(least), Some(most)) if self.rows > 1 && least.at != most.at => {
                let say = |extreme: &Extreme| format!("{} ({})", format.say(extreme.value), extreme.at);
                let rows = plain.say(self.rows as f64);
                format!("{title}: {rows} values, from {} to {}.", say(least), say(most))
            }
            (_, Some(most)) => format!("{title}: {}.", format.say(most.value)),
            _ => format!("{title}: {} rows.", plain.say(self.rows as f64)),
        }
    }
}
