//! Dashboards: charts on a grid, with a time range and variables that all of them follow.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan, Unit, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ask::{Bindings, MAX_SQL, statement},
    fault::{Fault, line, name},
    spec::ChartSpec,
    words::Words,
};

/// How many columns the grid has.
pub const COLUMNS: u8 = 12;
/// The most bytes of a dashboard as JSON.
pub const MAX_BYTES: usize = 256 << 10;
/// The lowest row of the grid in which a tile begins.
const MAX_ROW: u16 = 400;
/// The tallest tile, in rows.
const MAX_HEIGHT: u8 = 24;
/// The most tiles.
const MAX_TILES: usize = 40;
/// The most variables.
const MAX_VARIABLES: usize = 10;
/// The most choices of a variable.
const MAX_CHOICES: usize = 100;
/// The most languages in which there are words.
const MAX_LANGUAGES: usize = 12;
/// The most words of a language.
const MAX_WORDS: usize = 400;

/// A dashboard as a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Board")]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// What it is called.
    #[schemars(length(min = 1, max = 120))]
    pub title: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 400))]
    pub description: String,
    /// The time range it opens with: `24h`, `7d`, `30d`, `90d`, `12m`, or two days like `2026-11-01/2026-11-30`.
    #[serde(default = "Board::usual_range")]
    #[schemars(length(max = 40))]
    pub range: String,
    /// Seconds after which it looks again by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 10, max = 86400))]
    pub refresh_s: Option<u32>,
    /// What can be chosen for all tiles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    pub variables: Vec<Variable>,
    /// Its charts.
    #[serde(default)]
    #[schemars(length(max = 40))]
    pub tiles: Vec<Tile>,
    /// By language, what its texts and the values that it shows are called there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, BTreeMap<String, String>>,
}

/// A chart at its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tile {
    /// Its name in the dashboard.
    #[schemars(length(min = 1, max = 40))]
    pub id: String,
    /// The column it begins in, from 0.
    #[schemars(range(max = 11))]
    pub x: u8,
    /// The row it begins in, from 0.
    #[schemars(range(max = 400))]
    pub y: u16,
    /// Columns.
    #[schemars(range(min = 1, max = 12))]
    pub w: u8,
    /// Rows.
    #[schemars(range(min = 1, max = 24))]
    pub h: u8,
    /// The chart.
    pub chart: ChartSpec,
    /// What choosing a part of it does to the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select: Option<Select>,
    /// Where choosing a part of it leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
}

/// Which column of a chosen part sets which variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Select {
    /// The column of the answer.
    #[schemars(length(min = 1, max = 128))]
    pub column: String,
    /// The variable.
    #[schemars(length(min = 1, max = 40))]
    pub variable: String,
}

/// Another dashboard, and which column of a chosen part sets which of its variables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Its id, or the name of a built-in one.
    #[schemars(length(min = 1, max = 40))]
    pub dashboard: String,
    /// The column of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub column: Option<String>,
    /// The variable there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40))]
    pub variable: Option<String>,
}

/// Something that can be chosen for all tiles: `$name` in their queries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Its name in queries and in the address.
    #[schemars(length(min = 1, max = 40))]
    pub name: String,
    /// What it is called.
    #[schemars(length(min = 1, max = 120))]
    pub title: String,
    /// What can be chosen, beside everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub choices: Vec<String>,
    /// A query whose first column is what can be chosen, and its second, if there is one, what that is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16384))]
    pub query: Option<String>,
    /// What is chosen at first; everything without a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 400))]
    pub initial: Option<String>,
}

/// A time range that was found for a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first moment, in milliseconds since 1970 (UTC).
    pub from: i64,
    /// The moment behind the last.
    pub to: i64,
    /// The step of a time axis.
    pub bucket: &'static str,
}

impl Range {
    /// What a text means at `now`, in milliseconds. Days and months begin at midnight UTC; the last one is not over yet.
    ///
    /// # Errors
    /// When it is no range.
    pub fn of(text: &str, now: i64) -> Result<Range, Fault> {
        let fault = || Fault::new("/range", "is no time range like `24h`, `7d`, `12m` or `2026-11-01/2026-11-30`");
        let now = Timestamp::from_millisecond(now).map_err(|_| fault())?.to_zoned(TimeZone::UTC);
        if text.len() > 40 {
            return Err(fault());
        }
        if let Some((first, last)) = text.split_once('/') {
            let day = |text: &str| text.parse::<Date>().ok().and_then(|day| day.to_zoned(TimeZone::UTC).ok());
            let (from, last) = day(first).zip(day(last)).ok_or_else(fault)?;
            let to = last.checked_add(1.day()).map_err(|_| fault())?;
            return Range::between(from.timestamp().as_millisecond(), to.timestamp().as_millisecond())
                .ok_or_else(fault);
        }
        let (count, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(fault)?;
        let count: i64 = count.parse().ok().filter(|count| (1..=1_000).contains(count)).ok_or_else(fault)?;
        let (whole, back) = match unit {
            "h" => (Unit::Hour, (count - 1).hours()),
            "d" => (Unit::Day, (count - 1).days()),
            "m" => (Unit::Month, (count - 1).months()),
            _ => return Err(fault()),
        };
        let start = match whole {
            Unit::Month => now.first_of_month().and_then(|day| day.start_of_day()),
            Unit::Day => now.start_of_day(),
            _ => now.round(jiff::ZonedRound::new().smallest(Unit::Hour).mode(jiff::RoundMode::Floor)),
        };
        let from = start.and_then(|start| start.checked_sub(back)).map_err(|_| fault())?;
        // The present minute is part of it.
        let to = now.timestamp().checked_add(1.minute()).map_err(|_| fault())?;
        Range::between(from.timestamp().as_millisecond(), to.as_millisecond()).ok_or_else(fault)
    }

    /// From a moment to another, in milliseconds, with the step that fits; nothing where there is no time between them.
    pub fn between(from: i64, to: i64) -> Option<Range> {
        let days = to.checked_sub(from).filter(|length| *length > 0)? / 86_400_000;
        let bucket = match days {
            ..=3 => "hour",
            4..=100 => "day",
            101..=190 => "week",
            _ => "month",
        };
        Some(Range { from, to, bucket })
    }
}

impl Board {
    fn usual_range() -> String {
        "30d".to_owned()
    }

    /// Reads a dashboard and looks whether it is within all bounds.
    ///
    /// # Errors
    /// What is wrong with it first.
    pub fn read(text: &str) -> Result<Board, Fault> {
        if text.len() > MAX_BYTES {
            return Err(Fault::new("", format!("has more than {MAX_BYTES} bytes")));
        }
        let board: Board = serde_json::from_str(text).map_err(|error| Fault::new("", error.to_string()))?;
        board.check()?;
        Ok(board)
    }

    /// Its text, the same for the same dashboard.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("a dashboard is plain data with texts as keys")
    }

    /// Whether it is within all bounds.
    ///
    /// # Errors
    /// The first thing that is not.
    pub fn check(&self) -> Result<(), Fault> {
        line("/title", &self.title, 120, false)?;
        line("/description", &self.description, 400, true)?;
        Range::of(&self.range, 0)?;
        if self.refresh_s.is_some_and(|seconds| !(10..=86_400).contains(&seconds)) {
            return Err(Fault::new("/refresh_s", "must be 10 to 86400"));
        }
        if self.variables.len() > MAX_VARIABLES {
            return Err(Fault::new("/variables", format!("are more than {MAX_VARIABLES}")));
        }
        let mut names = BTreeSet::new();
        for (at, variable) in self.variables.iter().enumerate() {
            variable.check().map_err(|fault| fault.inside(&format!("/variables/{at}")))?;
            if ["from", "to", "bucket"].contains(&variable.name.as_str()) || !names.insert(variable.name.as_str()) {
                return Err(Fault::new(format!("/variables/{at}/name"), "is taken"));
            }
        }
        self.check_tiles(&names)?;
        if self.words.len() > MAX_LANGUAGES || self.words.values().any(|words| words.len() > MAX_WORDS) {
            return Err(Fault::new("/words", "are too many"));
        }
        for (word, other) in self.words.values().flatten() {
            line("/words", word, 400, true)?;
            line("/words", other, 400, true)?;
        }
        if self.text().len() > MAX_BYTES {
            return Err(Fault::new("", format!("has more than {MAX_BYTES} bytes")));
        }
        Ok(())
    }

    fn check_tiles(&self, variables: &BTreeSet<&str>) -> Result<(), Fault> {
        if self.tiles.len() > MAX_TILES {
            return Err(Fault::new("/tiles", format!("are more than {MAX_TILES}")));
        }
        let bindings = self.bindings(Range { from: 0, to: 1, bucket: "day" }, &BTreeMap::new());
        let mut ids = BTreeSet::new();
        for (at, tile) in self.tiles.iter().enumerate() {
            let place = format!("/tiles/{at}");
            name(&format!("{place}/id"), &tile.id)?;
            if !ids.insert(&tile.id) {
                return Err(Fault::new(format!("{place}/id"), "is taken"));
            }
            let fits = tile.w >= 1
                && tile.x.checked_add(tile.w).is_some_and(|end| end <= COLUMNS)
                && (1..=MAX_HEIGHT).contains(&tile.h)
                && tile.y <= MAX_ROW;
            if !fits {
                return Err(Fault::new(place, format!("does not fit the grid of {COLUMNS} columns")));
            }
            if let Some(other) = self.tiles[..at].iter().find(|other| other.overlaps(tile)) {
                return Err(Fault::new(place, format!("lies upon `{}`", other.id)));
            }
            tile.chart.check().map_err(|fault| fault.inside(&format!("{place}/chart")))?;
            crate::ask::bind(&tile.chart, &bindings).map_err(|fault| fault.inside(&format!("{place}/chart")))?;
            if let Some(select) = &tile.select {
                line(&place, &select.column, 128, false)?;
                if !variables.contains(select.variable.as_str()) {
                    return Err(Fault::new(format!("{place}/select/variable"), "is no variable of the dashboard"));
                }
            }
            if let Some(link) = &tile.link {
                line(&place, &link.dashboard, 40, false)?;
                for text in [&link.column, &link.variable].into_iter().flatten() {
                    line(&place, text, 128, false)?;
                }
            }
        }
        Ok(())
    }

    /// What the names in its queries stand for. Of `chosen`, what is no variable of it is not looked at; an empty text is everything.
    pub fn bindings(&self, range: Range, chosen: &BTreeMap<String, String>) -> Bindings {
        let value = |variable: &Variable| match chosen.get(&variable.name) {
            Some(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            None => variable.initial.clone(),
        };
        let variables = self.variables.iter().map(|variable| (variable.name.clone(), value(variable))).collect();
        Bindings { from: range.from, to: range.to, bucket: range.bucket, variables }
    }

    /// Its words in a language.
    pub fn words<'a>(&'a self, language: &'a str) -> Words<'a> {
        Words::of(language, &self.words)
    }
}

impl Tile {
    /// The column whose values choosing a part of it is about.
    pub fn chosen_by(&self) -> Option<&str> {
        let of_link = || self.link.as_ref()?.column.as_deref();
        self.select.as_ref().map(|select| select.column.as_str()).or_else(of_link)
    }

    fn overlaps(&self, other: &Tile) -> bool {
        let across = self.x < other.x.saturating_add(other.w) && other.x < self.x.saturating_add(self.w);
        across && self.y < other.y + u16::from(other.h) && other.y < self.y + u16::from(self.h)
    }
}

impl Variable {
    fn check(&self) -> Result<(), Fault> {
        name("/name", &self.name)?;
        line("/title", &self.title, 120, false)?;
        if self.choices.len() > MAX_CHOICES {
            return Err(Fault::new("/choices", format!("are more than {MAX_CHOICES}")));
        }
        for choice in &self.choices {
            line("/choices", choice, 200, false)?;
        }
        if let Some(initial) = &self.initial {
            line("/initial", initial, 200, true)?;
        }
        match &self.query {
            Some(sql) if sql.len() > MAX_SQL => Err(Fault::new("/query", format!("has more than {MAX_SQL} bytes"))),
            // Other variables do not count here: what can be chosen does not depend on what was.
            Some(sql) => statement(sql, &Bindings { bucket: "day", ..Bindings::default() }).map(drop),
            None => Ok(()),
        }
    }

    /// Its query as SQL.
    ///
    /// # Errors
    /// When it names what nobody knows.
    pub fn sql(&self, range: Range) -> Result<Option<String>, Fault> {
        let bindings = Bindings { from: range.from, to: range.to, bucket: range.bucket, ..Bindings::default() };
        self.query.as_deref().map(|sql| statement(sql, &bindings)).transpose()
    }
}
