//! Alerts as data: what is asked, when it is too much, too little, missing or unusual, and how long before somebody is told.
//!
//! An [`Alert`] is a document like a report. Whoever runs it asks its question over [`Alert::windows`], reads the answers with
//! [`read`], and moves each series on with [`Standing::step`]. Pure: no clock, no disk, no network.

mod document;
mod judge;
mod look;
mod series;
mod standing;
#[cfg(test)]
mod tests;

pub use charts::Fault;
pub use document::{Alert, MAX_BYTES, Question, Rule, Side, Window};
pub use judge::{LEAST_PAST, Normal, Verdict};
pub use look::{Change, Judged, Look, Standings, Told};
pub use series::{MAX_SERIES, Series, read};
pub use standing::{Phase, Standing, Tell, Timing};
