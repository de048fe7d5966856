//! What a report is.

use std::collections::{BTreeMap, BTreeSet};

use charts::{Bindings, Board, ChartSpec, Fault, Range, fault};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::period::{Period, zone};

/// The most bytes of a report as JSON.
pub const MAX_BYTES: usize = 256 << 10;
/// The most sections.
pub const MAX_SECTIONS: usize = 40;
/// The most languages in which there are words, and the most words of one.
const MAX_WORDS: (usize, usize) = (12, 400);
/// The most variables that are chosen.
const MAX_CHOSEN: usize = 10;

/// A report as a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// What it is called.
    #[schemars(length(min = 1, max = 120))]
    pub title: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 400))]
    pub description: String,
    /// What time it is about, seen from the run: `last_day`, `last_week` (from Monday), `last_month`, `last_quarter`, or two days
    /// like `2026-11-01/2026-11-30`.
    #[schemars(length(max = 40))]
    pub period: String,
    /// The zone whose days these are, by its IANA name.
    #[serde(default = "Report::usual_zone")]
    #[schemars(length(max = 64))]
    pub zone: String,
    /// The language that it is written in (BCP 47).
    #[serde(default = "Report::usual_language")]
    #[schemars(length(max = 35))]
    pub language: String,
    /// The dashboard whose charts are its sections, by its id or the name of a built-in one; then it has no others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40))]
    pub dashboard: Option<String>,
    /// What is chosen for variables of that dashboard.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub chosen: BTreeMap<String, String>,
    /// Its charts, in their order. Queries know `$from`, `$to` and `$bucket`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 40))]
    pub sections: Vec<Section>,
    /// By language, what its texts and the values that it shows are called there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, BTreeMap<String, String>>,
}

/// A chart of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ReportSection")]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Its name in the report.
    #[schemars(length(min = 1, max = 40))]
    pub id: String,
    /// The chart.
    pub chart: ChartSpec,
}

impl Report {
    fn usual_zone() -> String {
        "UTC".to_owned()
    }

    fn usual_language() -> String {
        "en".to_owned()
    }

    /// Reads a report and looks whether it is within all bounds.
    ///
    /// # Errors
    /// What is wrong with it first.
    pub fn read(text: &str) -> Result<Report, Fault> {
        if text.len() > MAX_BYTES {
            return Err(Fault::new("", format!("has more than {MAX_BYTES} bytes")));
        }
        let report: Report = serde_json::from_str(text).map_err(|error| Fault::new("", error.to_string()))?;
        report.check()?;
        Ok(report)
    }

    /// Its text, the same for the same report.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("a report is plain data with texts as keys")
    }

    /// Whether it is within all bounds.
    ///
    /// # Errors
    /// What is wrong with it first.
    pub fn check(&self) -> Result<(), Fault> {
        fault::line("/title", &self.title, 120, false)?;
        fault::line("/description", &self.description, 400, true)?;
        Period::read(&self.period)?;
        zone(&self.zone)?;
        fault::line("/language", &self.language, 35, false)?;
        if self.dashboard.is_some() != self.sections.is_empty() {
            return Err(Fault::new("/sections", "must be there, or a dashboard in their place, and not both"));
        }
        if let Some(dashboard) = &self.dashboard {
            fault::line("/dashboard", dashboard, 40, false)?;
        }
        if self.chosen.len() > MAX_CHOSEN {
            return Err(Fault::new("/chosen", format!("are more than {MAX_CHOSEN}")));
        }
        for (name, value) in &self.chosen {
            fault::line("/chosen", name, 40, false)?;
            fault::line("/chosen", value, 200, true)?;
        }
        self.check_sections()?;
        if self.words.len() > MAX_WORDS.0 || self.words.values().any(|words| words.len() > MAX_WORDS.1) {
            return Err(Fault::new("/words", "are too many"));
        }
        for (word, other) in self.words.values().flatten() {
            fault::line("/words", word, 400, true)?;
            fault::line("/words", other, 400, true)?;
        }
        if self.text().len() > MAX_BYTES {
            return Err(Fault::new("", format!("has more than {MAX_BYTES} bytes")));
        }
        Ok(())
    }

    fn check_sections(&self) -> Result<(), Fault> {
        if self.sections.len() > MAX_SECTIONS {
            return Err(Fault::new("/sections", format!("are more than {MAX_SECTIONS}")));
        }
        let bindings = Bindings { bucket: "day", ..Bindings::default() };
        let mut ids = BTreeSet::new();
        for (at, section) in self.sections.iter().enumerate() {
            let place = format!("/sections/{at}");
            fault::name(&format!("{place}/id"), &section.id)?;
            if !ids.insert(&section.id) {
                return Err(Fault::new(format!("{place}/id"), "is taken"));
            }
            section.chart.check().map_err(|fault| fault.inside(&format!("{place}/chart")))?;
            charts::bind(&section.chart, &bindings).map_err(|fault| fault.inside(&format!("{place}/chart")))?;
        }
        Ok(())
    }

    /// What its period means at `now`, in milliseconds since 1970.
    ///
    /// # Errors
    /// When the calendar ends.
    pub fn range(&self, now: i64) -> Result<Range, Fault> {
        Period::read(&self.period)?.range(&self.zone, now)
    }

    /// Its sections with their questions in SQL, for a range; those of `board` where it is made from a dashboard.
    ///
    /// # Errors
    /// When a question cannot be said.
    pub fn questions(&self, board: Option<&Board>, range: Range) -> Result<Vec<(Section, String)>, Fault> {
        let ask = |section: Section, bindings: &Bindings| {
            let sql = charts::bind(&section.chart, bindings)?;
            Ok((section, sql))
        };
        match board {
            Some(board) => {
                let bindings = board.bindings(range, &self.chosen);
                let mut tiles: Vec<_> = board.tiles.iter().collect();
                tiles.sort_by_key(|tile| (tile.y, tile.x));
                let section = |tile: &charts::Tile| Section { id: tile.id.clone(), chart: tile.chart.clone() };
                tiles.into_iter().map(|tile| ask(section(tile), &bindings)).collect()
            }
            None => {
                let variables = BTreeMap::new();
                let bindings = Bindings { from: range.from, to: range.to, bucket: range.bucket, variables };
                self.sections.iter().map(|section| ask(section.clone(), &bindings)).collect()
            }
        }
    }
}
