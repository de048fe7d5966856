//! What a tenant uses: events that are counted once, the ledger they stand in, where sealed rows lie, what they cost, and what whoever
//! answers questions about them must be able to do.
//!
//! An event is durable in the commit that brings it, in the tenant's own file. Rows are sealed into files later (`library::sealing`);
//! nothing is counted from anywhere but the ledger.

pub mod cloud_event;
mod counter;
mod event;
mod event_id;
pub mod extract;
mod known;
mod ledger;
mod meter;
pub mod otlp;
mod question;
pub mod rate;
mod seal;
mod segment;
mod sieve;
#[cfg(test)]
mod stored_forms;
mod table;
#[cfg(test)]
mod tests;
mod totals;

pub use counter::{MAX_COUNTERS, Measured, ingest_measured};
pub use event::{Event, Fault, MAX_DIMENSIONS, MAX_QUANTITY};
pub use event_id::EventId;
pub use known::{forget, has_past};
pub use ledger::{
    Head, LedgerError, MAX_BATCH, MAX_UNSEALED, Row, Verdict, WINDOW, head, ingest, note_forgotten, record,
    record_stock, should_count_stock, should_forget, unsealed, unsealed_from,
};
pub use meter::{Meter, Service};
pub use question::{Analyst, Answer, Form, Prices, Question, QuestionError, UnreadableEvents, UsageSnapshot, Waiting};
pub use seal::{SealError, Sealed, Shelf};
pub use segment::{Segment, add_segment, of_level, remove_segment, replace_segments, retire, retired, segments};
pub use sieve::{Sieve, Sieves};
pub use store::blob::BlobDigest;
pub use table::{Cell, Column, Kind, Rows, Table, TableError};
pub use totals::{DayTotals, Total, day_totals};
