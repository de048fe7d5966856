//! One encrypted redb file a tenant and one for the system: records with versions and indexes, the audit chain, and blobs.
//!
//! Nothing outside this crate opens a database. A write cannot be made without an audit event; the two are one commit.

pub mod aside;
pub mod backend;
pub mod backup;
pub mod blob;
pub mod chain;
mod copy;
mod database;
#[cfg(test)]
mod fault_tests;
#[cfg(any(test, feature = "faults"))]
pub mod fuzzing;
mod headed;
pub mod health;
mod key;
mod once;
mod place;
mod progress;
mod read;
mod record;
mod rekey;
mod relocate;
mod seal;
mod sorted;
mod store;
#[cfg(test)]
mod stored_forms;
#[cfg(test)]
mod tests;
mod trail;
pub mod transfer;
#[cfg(test)]
mod upkeep_tests;
pub mod vault;
mod write;

pub use copy::CopyError;
pub use database::{BeginError, Database};
pub use headed::Headed;
pub use key::{KeyBytes, KeyPart, RecordKey};
pub use once::{Done, Once, REMEMBERED};
pub use progress::Progress;
pub use read::{Cursor, MAX_PAGE, Page, Query, Read, ReadError, View};
pub use record::{DecodeError, IndexEntries, Record, decode as decode_record, decode_body, encode as encode_record};
#[cfg(any(test, feature = "faults"))]
pub use record::{as_stored, full_header};
pub use rekey::Rekey;
pub use sorted::{Column, Gather, Rank, Sort};
pub use store::{Placement, Store, StoreError, StoreLimits, TenantStore, Weight};
pub use trail::{Leaf, MAX_ROWS, Row};
pub use write::{EventDraft, MAX_DETAIL_BYTES, MAX_WRITE_BYTES, Tx, WriteError};
