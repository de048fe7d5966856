//! Full-text search over one tenant's rows.
//!
//! The index holds personal data, so it is never written to a disk: it lies in memory, is built from the log when a tenant
//! searches for the first time, and is forgotten with the process, when other tenants need the room, or when a row is erased.
//! The log is the only truth; the index knows numbers of rows, and what a search returns is read from the log again. A crash
//! loses nothing.
//!
//! An index is built from the newest rows backwards, in slices of time: the first search in a long trail answers from the newest
//! rows and says that it is not complete; the next ones reach further back, up to [`Limits::window`] rows. Older rows are found
//! by export.

mod index;
mod pool;
mod query;
mod schema;
mod sieve;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, ops::Range, time::Duration};

use model::{Action, AnyId, AuditEvent, ErrorKind, NounKind, Outcome, Timestamp};

pub use pool::Indexes;
pub use sieve::Sieve;

use crate::TrailError;

/// What is searched for: all of it must hold. Within one filter any of the values will do; an empty filter lets all pass.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Words and `"phrases"` that must all occur in the row, whatever their case; with a `-` in front they must not. Ids,
    /// addresses, actions and details are all searched.
    pub text: String,
    /// What was done.
    pub actions: Vec<Action>,
    /// Who did it.
    pub actors: Vec<AnyId>,
    /// To what.
    pub subjects: Vec<AnyId>,
    /// To which kind of thing.
    pub kinds: Vec<NounKind>,
    /// How it ended.
    pub outcomes: Vec<Outcome>,
    /// From where.
    pub addresses: Vec<String>,
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
    /// Which counts to make.
    pub facets: Vec<Facet>,
    /// Only rows before this number: [`Found::next`] of the page before.
    pub before: Option<u64>,
    /// How many rows to return, at most [`Limits::page`].
    pub limit: usize,
}

/// By what rows are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Facet {
    /// What was done, by its code.
    Action,
    /// Who did it, by id.
    Actor,
    /// The kind of the thing, by its label.
    Kind,
    /// How it ended, by its name.
    Outcome,
    /// From where.
    Address,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The rows with their numbers, newest first.
    pub events: Vec<(u64, AuditEvent)>,
    /// Where the next page begins; nothing when this is the last.
    pub next: Option<u64>,
    /// How many rows match on all pages.
    pub total: u64,
    /// The most frequent values with their counts, most frequent first, on all pages.
    pub facets: BTreeMap<Facet, Vec<(String, u64)>>,
    /// The rows that were searched.
    pub searched: Range<u64>,
    /// Whether all rows were searched. If not, time was short or the trail is longer than the window; counts are then too low.
    pub complete: bool,
}

/// What search may cost.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Tenants whose index is kept.
    pub open: usize,
    /// Bytes that all indexes may take; the one in use may be larger alone.
    pub bytes: usize,
    /// Newest rows of each tenant that are searched.
    pub window: u64,
    /// How long a search may take.
    pub time: Duration,
    /// Indexes that are written at the same time: each takes 15 MB of memory and two threads while it is.
    pub writers: usize,
    /// Rows on one page.
    pub page: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { open: 64, bytes: 256 << 20, window: 1_000_000, time: Duration::from_secs(2), writers: 1, page: 200 }
    }
}

/// A search that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The text is too long.
    #[error("the search text is too long: at most {bytes} bytes and {words} words")]
    Text {
        /// Bytes allowed.
        bytes: usize,
        /// Words and phrases allowed.
        words: usize,
    },
    /// A filter has too many values.
    #[error("a filter has too many values: at most {0}")]
    Filter(usize),
    /// The log cannot be read.
    #[error("the audit log cannot be read")]
    Trail(#[source] TrailError),
    /// All writers are busy, and there is no index yet.
    #[error("the search index is busy: try again in a moment")]
    Busy,
    /// The index failed.
    #[error("the search index failed")]
    Index(#[from] tantivy::TantivyError),
}

impl SearchError {
    /// Its kind.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Text { .. } | Self::Filter(_) => ErrorKind::Invalid,
            Self::Trail(_) | Self::Busy => ErrorKind::Unavailable,
            Self::Index(_) => ErrorKind::Bug,
        }
    }
}
