//! What a run of a report found: the one thing that every form is written from.

use std::collections::BTreeMap;

use charts::{ChartKind, ChartSpec, Drawing, Fault, Format, Frame, Words};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    say,
    words::{self as own, Say},
};

/// What findings are called.
const SCHEMA: &str = "audiagram.report/1";
/// The most bytes of findings.
pub const MAX_FINDINGS: usize = 64 << 20;
/// The most rows of a section that is a table; drawings have [`charts::MAX_ROWS`].
pub const MAX_ROWS: usize = 100_000;
/// Rows of a table that are shown for reading; files for data have the others.
pub(crate) const MAX_SHOWN: usize = 2_000;

/// What a run found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Findings {
    schema: String,
    /// What the report is called.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// The language it is written in.
    pub language: String,
    /// The zone whose days the period has.
    pub zone: String,
    /// The first moment of the period, in milliseconds since 1970.
    pub from: i64,
    /// The moment behind its last.
    pub to: i64,
    /// The step of time axes.
    pub bucket: String,
    /// When it was asked.
    pub made: i64,
    /// By language, what texts and values are called.
    pub words: BTreeMap<String, BTreeMap<String, String>>,
    /// The answers, in the order of the sections.
    pub parts: Vec<Part>,
}

/// The answer to a section's question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The section's name.
    pub id: String,
    /// The chart.
    pub chart: ChartSpec,
    /// The answer.
    pub found: Found,
}

/// An answer, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Found {
    /// Columns (name, and type as answers name it) and rows.
    Rows {
        /// The columns.
        columns: Vec<(String, String)>,
        /// The rows.
        rows: Vec<Vec<Value>>,
    },
    /// Why there is none, for people.
    Nothing(String),
}

/// A part as it is shown: its texts in the report's language, and its drawing.
pub(crate) struct Shown<'a> {
    pub(crate) chart: &'a ChartSpec,
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    pub(crate) drawing: Result<Drawing, String>,
}

impl Shown<'_> {
    /// The format of its numbers, with the currency that the answer says.
    pub(crate) fn format(&self) -> Format {
        let currency = self.drawing.as_ref().ok().and_then(|drawing| drawing.currency.clone());
        Format { currency, ..self.chart.format.clone() }
    }
}

impl Findings {
    /// Findings of a report about a range, with no parts yet.
    pub fn of(report: &crate::Report, range: charts::Range, made: i64) -> Self {
        Findings {
            schema: SCHEMA.to_owned(),
            title: report.title.clone(),
            description: report.description.clone(),
            language: report.language.clone(),
            zone: report.zone.clone(),
            from: range.from,
            to: range.to,
            bucket: range.bucket.to_owned(),
            made,
            words: report.words.clone(),
            parts: Vec::new(),
        }
    }

    /// Reads findings.
    ///
    /// # Errors
    /// When they are none.
    pub fn read(text: &[u8]) -> Result<Findings, Fault> {
        let findings: Findings = serde_json::from_slice(text).map_err(|error| Fault::new("", error.to_string()))?;
        if findings.schema != SCHEMA {
            return Err(Fault::new("/schema", format!("must be {SCHEMA}")));
        }
        Ok(findings)
    }

    /// Their text, the same for the same findings.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("findings are plain data with texts as keys")
    }

    /// Words in the report's language.
    pub(crate) fn said(&self) -> Words<'_> {
        Words::of(&self.language, &self.words)
    }

    /// Every text that people read of it, for finding fonts.
    pub fn spoken(&self) -> String {
        let mut out = format!("{} {} {}", self.title, self.description, own::everything(&self.language));
        let words = self.said();
        for part in &self.parts {
            out.push_str(words.say(&part.chart.title));
            let Found::Rows { rows, columns } = &part.found else { continue };
            for text in
                columns.iter().map(|(name, _)| name).chain(rows.iter().flatten().filter_map(|cell| match cell {
                    Value::String(text) => Some(text),
                    _ => None,
                }))
            {
                out.push_str(words.say(text));
                if out.len() > 256 << 10 {
                    return out;
                }
            }
        }
        out
    }

    /// What is said of the whole above its parts: what of it, and in words.
    pub(crate) fn facts(&self) -> [(Say, String); 3] {
        [
            (Say::Period, say::days(self.from, self.to, &self.zone)),
            (Say::Zone, self.zone.clone()),
            (Say::Made, say::moment_in(self.made, &self.zone)),
        ]
    }

    /// The parts as they are shown.
    pub(crate) fn shown(&self) -> impl Iterator<Item = Shown<'_>> {
        self.parts.iter().map(|part| {
            let words = self.said();
            Shown {
                chart: &part.chart,
                title: words.say(&part.chart.title),
                description: words.say(&part.chart.description),
                drawing: part.draw(&words),
            }
        })
    }
}

impl Part {
    fn draw(&self, words: &Words<'_>) -> Result<Drawing, String> {
        match &self.found {
            Found::Nothing(why) => Err(why.clone()),
            Found::Rows { columns, rows } => {
                let columns: Vec<(&str, &str)> =
                    columns.iter().map(|(name, kind)| (name.as_str(), kind.as_str())).collect();
                let most = if self.chart.kind == ChartKind::Table { MAX_ROWS } else { charts::MAX_ROWS };
                let frame = Frame::of_at_most(most, &columns, rows.clone());
                charts::draw(&self.chart, &frame, words).map_err(|fault| fault.to_string())
            }
        }
    }
}
