//! A table as Parquet files, a stretch of time a folder: what an engine is asked for, and what it gives.

use std::time::Duration;

use crate::question::QuestionError;

/// The tables that can be had as files, and the column that says to which day a row belongs.
pub const TABLES: &[(&str, &str)] = &[
    ("usage", "at"),
    ("charges", "period_start"),
    ("cost_focus", "ChargePeriodStart"),
    ("cost_focus_1_2", "ChargePeriodStart"),
    ("prices", "valid_from"),
    ("projects", "created_at"),
    ("recordings", "created_at"),
    ("transcripts", "created_at"),
    ("videos", "created_at"),
    ("jobs", "created_at"),
    ("users", "created_at"),
    ("audit", "at"),
];

/// How long the time of a folder is. Days and months are those of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// A folder a day: `day=2026-11-21`.
    Day,
    /// A folder a month: `month=2026-11`.
    Month,
}

impl Span {
    /// Its name, which is that of the column that the folders make (Hive).
    pub const fn name(self) -> &'static str {
        match self {
            Span::Day => "day",
            Span::Month => "month",
        }
    }

    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Span::Day, Span::Month].into_iter().find(|span| span.name() == name)
    }
}

/// By what rows are put into folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// A column of time.
    pub column: String,
    /// How long the time of a folder is.
    pub span: Span,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name with its folder: `day=2026-11-21/part-00000.parquet`. Rows without a time lie in `day=__HIVE_DEFAULT_PARTITION__`, as
    /// Hive has it.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
    /// The whole of it.
    pub bytes: Vec<u8>,
}

/// What comes of an extract while it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extracted {
    /// Nothing for now; so many rows were read so far.
    Rows(u64),
    /// A file.
    Part(Part),
}

/// Files as they are made. Dropped, it stops the work.
pub trait Extract: Send {
    /// What there is next; waits for it, no longer than `patience`. Nothing at the end.
    ///
    /// # Errors
    /// When the work failed: what came before is not the whole then.
    fn next(&mut self, patience: Duration) -> Option<Result<Extracted, QuestionError>>;
}
