//! One encrypted redb file a tenant and one for the system: records with versions and indexes, the audit chain, and blobs.
//!
//! Nothing outside this crate opens a database. A write cannot be made without an audit event; the two are one commit.

pub mod backend;
pub mod blob;
pub mod chain;
mod database;
mod headed;
mod key;
mod read;
mod record;
mod store;
#[cfg(test)]
mod tests;
mod trail;
pub mod vault;
mod write;

pub use database::{BeginError, Database};
pub use headed::Headed;
pub use key::{KeyBytes, KeyPart, RecordKey};
pub use read::{Cursor, MAX_PAGE, Page, Query, Read, ReadError, View};
pub use record::{DecodeError, IndexEntries, Record, decode_body};
pub use store::{Placement, Store, StoreError, StoreLimits, TenantStore, Weight};
pub use trail::{Leaf, MAX_ROWS, Row};
pub use write::{EventDraft, MAX_DETAIL_BYTES, MAX_WRITE_BYTES, Tx, WriteError};
