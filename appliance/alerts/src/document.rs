//! The document of an alert.

use std::collections::BTreeMap;

use charts::{
    Bindings, ChartSpec, Fault, MAX_SQL,
    fault::{line, name},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest document, in bytes.
pub const MAX_BYTES: usize = 64 << 10;
const MAX_TITLE: usize = 120;
const MAX_DESCRIPTION: usize = 2_000;
const MINUTE: i64 = 60_000;
const WEEK: i64 = 7 * 24 * 60 * MINUTE;

/// An alert: a question that is asked again and again, and when its answer concerns somebody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AlertDocument")]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// What it is called.
    #[schemars(length(min = 1, max = 120))]
    pub title: String,
    /// What it is about, and what to do when it fires.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 2000))]
    pub description: String,
    /// What is asked. The last column of numbers is the value (of a chart, the first that it shows); texts tell series apart; where a
    /// column is a time, the latest row of each series counts.
    pub question: Question,
    /// When the answer concerns somebody.
    pub rule: Rule,
    /// How many minutes before now the question looks at: `$from` and `$to` in it.
    #[serde(default = "hour")]
    #[schemars(range(min = 1, max = 44640))]
    pub window_minutes: u32,
    /// How often it is asked.
    #[serde(default = "five")]
    #[schemars(range(min = 5, max = 1440))]
    pub every_minutes: u32,
    /// How many minutes the rule must hold before the alert fires.
    #[serde(default)]
    #[schemars(range(max = 10080))]
    pub for_minutes: u32,
    /// The least minutes between two messages that the same series fires, however often it comes and goes.
    #[serde(default = "day")]
    #[schemars(range(min = 5, max = 44640))]
    pub quiet_minutes: u32,
    /// Whether it is told again, after as many minutes, that a series still fires.
    #[serde(default)]
    pub repeats: bool,
}

const fn hour() -> u32 {
    60
}
const fn five() -> u32 {
    5
}
const fn day() -> u32 {
    1_440
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AlertQuestion")]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Question {
    /// A statement in SQL.
    Sql(#[schemars(length(min = 1, max = 16384))] String),
    /// What a chart of a dashboard asks.
    Tile {
        /// The dashboard: its id, or the name of one that is built in.
        #[schemars(length(min = 1, max = 40))]
        dashboard: String,
        /// The chart in it.
        #[schemars(length(min = 1, max = 40))]
        tile: String,
    },
}

/// When an answer concerns somebody.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AlertRule")]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// A number above or below a bound. No number is neither.
    Threshold {
        /// On which side of the bound.
        side: Side,
        /// The bound; to lie on it concerns nobody.
        bound: f64,
    },
    /// No rows, or no number in them. A series that was there once and is not there any more counts by itself, for 30 days.
    Absence {},
    /// A number far from what the same hours of the weeks before had.
    Anomaly {
        /// How many weeks before are looked at.
        #[schemars(range(min = 4, max = 12))]
        weeks: u8,
        /// How many scaled median absolute deviations from the median are too far; 3.5 is usual.
        #[schemars(range(min = 1.0, max = 100.0))]
        deviations: f64,
        /// On which side; on both without a word.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        side: Option<Side>,
        /// How far from the median it must be at least, however alike the weeks were.
        #[serde(default)]
        at_least: f64,
    },
}

/// A side of a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AlertSide")]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// More.
    Above,
    /// Less.
    Below,
}

/// A stretch of time that a question looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its first moment, in milliseconds since 1970 (UTC).
    pub from: i64,
    /// The moment behind its last.
    pub to: i64,
}

impl Alert {
    /// The document as it is stored.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &str) -> Result<Self, Fault> {
        serde_json::from_str(text).map_err(|error| Fault::new("", error.to_string()))
    }

    /// The document as it is stored.
    ///
    /// # Panics
    /// Never: it is plain data.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("plain data")
    }

    /// Whether it can be asked and judged.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn check(&self) -> Result<(), Fault> {
        line("/title", &self.title, MAX_TITLE, false)?;
        if self.description.chars().count() > MAX_DESCRIPTION {
            return Err(Fault::new("/description", format!("has more than {MAX_DESCRIPTION} characters")));
        }
        let within = |at: &str, value: u32, least: u32, most: u32| match value {
            value if (least..=most).contains(&value) => Ok(()),
            _ => Err(Fault::new(at, format!("must be {least} to {most}"))),
        };
        within("/window_minutes", self.window_minutes, 1, 44_640)?;
        within("/every_minutes", self.every_minutes, 5, 1_440)?;
        within("/for_minutes", self.for_minutes, 0, 10_080)?;
        within("/quiet_minutes", self.quiet_minutes, 5, 44_640)?;
        match &self.question {
            Question::Sql(sql) if sql.trim().is_empty() => {
                return Err(Fault::new("/question/sql", "must not be empty"));
            }
            Question::Sql(sql) if sql.len() > MAX_SQL => {
                return Err(Fault::new("/question/sql", format!("has more than {MAX_SQL} bytes")));
            }
            Question::Sql(sql) => {
                // What it names beside the window, nobody gives.
                let window = Window { from: 0, to: 0 };
                statement(sql, window)?;
            }
            Question::Tile { dashboard, tile } => {
                line("/question/tile/dashboard", dashboard, 40, false)?;
                name("/question/tile/tile", tile)?;
            }
        }
        self.rule.check()?;
        if let (Rule::Anomaly { .. }, Question::Sql(sql)) = (self.rule, &self.question)
            && !sql.contains("$from")
        {
            let detail = "must look at a window ($from, $to): it is asked of the same hours of weeks before too";
            return Err(Fault::new("/question/sql", detail));
        }
        Ok(())
    }

    /// The windows that are asked about at `now`: the present one, and for an anomaly those of the weeks before.
    pub fn windows(&self, now: i64) -> Vec<Window> {
        let length = i64::from(self.window_minutes) * MINUTE;
        let weeks = if let Rule::Anomaly { weeks, .. } = self.rule { i64::from(weeks) } else { 0 };
        let window = |week: i64| {
            let to = now.saturating_sub(week * WEEK);
            Window { from: to.saturating_sub(length), to }
        };
        (0..=weeks).map(window).collect()
    }
}

impl Window {
    /// What names of the window in a question stand for, beside a dashboard's `variables`.
    pub fn bindings(self, variables: BTreeMap<String, Option<String>>) -> Bindings {
        let bucket = if self.to - self.from > 2 * 24 * 60 * MINUTE { "day" } else { "hour" };
        Bindings { from: self.from, to: self.to, bucket, variables }
    }
}

/// A statement about a window.
///
/// # Errors
/// When it names what nobody gives.
pub(crate) fn statement(sql: &str, window: Window) -> Result<String, Fault> {
    let chart: ChartSpec = serde_json::from_value(serde_json::json!({
        "type": "table", "title": "alert", "query": { "sql": sql },
    }))
    .map_err(|error| Fault::new("/question/sql", error.to_string()))?;
    charts::bind(&chart, &window.bindings(BTreeMap::new())).map_err(|fault| {
        Fault::new(
            "/question/sql",
            fault.detail.replace("the dashboard does not have", "nobody gives; an alert has $from, $to and $bucket"),
        )
    })
}

impl Question {
    /// The statement about a window, where the question is in SQL.
    ///
    /// # Errors
    /// When it names what nobody gives.
    pub fn statement(&self, window: Window) -> Option<Result<String, Fault>> {
        if let Question::Sql(sql) = self { Some(statement(sql, window)) } else { None }
    }
}

impl Rule {
    fn check(&self) -> Result<(), Fault> {
        match *self {
            Rule::Threshold { bound, .. } if !bound.is_finite() => {
                Err(Fault::new("/rule/threshold/bound", "must be a number"))
            }
            Rule::Anomaly { weeks, .. } if !(4..=12).contains(&weeks) => {
                Err(Fault::new("/rule/anomaly/weeks", "must be 4 to 12"))
            }
            Rule::Anomaly { deviations, .. } if !(1.0..=100.0).contains(&deviations) => {
                Err(Fault::new("/rule/anomaly/deviations", "must be 1 to 100"))
            }
            Rule::Anomaly { at_least, .. } if !(at_least.is_finite() && at_least >= 0.0) => {
                Err(Fault::new("/rule/anomaly/at_least", "must be a number that is not negative"))
            }
            _ => Ok(()),
        }
    }

    /// The name of the kind of rule.
    pub const fn kind(&self) -> &'static str {
        match self {
            Rule::Threshold { .. } => "threshold",
            Rule::Absence {} => "absence",
            Rule::Anomaly { .. } => "anomaly",
        }
    }
}
