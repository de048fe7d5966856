//! What a tenant stores: its files, how many records refer to each, and how many bytes they are.
//!
//! A record that refers to a file says so by [`hold`] and [`release`] in the commit that makes or removes it, so the counts are
//! as durable as the records. A file that nobody refers to any more is removed by `trash::sweep`.

use model::Timestamp;
use serde::{Deserialize, Serialize};
use store::{
    Cursor, IndexEntries, KeyBytes, Page, Query, Read, Record, Tx,
    blob::{BlobDigest, BlobStore, Finished},
};

use crate::error::LibraryError;

/// A file and how many records refer to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Its digest.
    pub digest: BlobDigest,
    /// How long it is.
    pub bytes: u64,
    /// How many records refer to it.
    pub count: u64,
    /// When this last changed.
    pub changed: Timestamp,
}

const BY_FREE: u8 = 1;

impl Record for Held {
    const NAME: &'static str = "reference to a file";
    const NUMBER: u8 = 100;
    type Key = [u8; 32];
    fn key(&self) -> [u8; 32] {
        self.digest.0
    }
    fn index(&self, entries: &mut IndexEntries) {
        if self.count == 0 {
            entries.add(BY_FREE, &KeyBytes::new());
        }
    }
}

/// How much a tenant stores. One record a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StoredBytes {
    /// Bytes of the files that records refer to; the same content counts once.
    pub files: u64,
    /// Bytes that uploads on their way in have announced.
    pub announced: u64,
}

impl Record for StoredBytes {
    const NAME: &'static str = "count of stored bytes";
    const NUMBER: u8 = 101;
    type Key = [u8; 0];
    fn key(&self) -> [u8; 0] {
        []
    }
}

/// How much the tenant stores.
pub fn bytes(read: &impl Read) -> Result<StoredBytes, LibraryError> {
    Ok(read.get::<StoredBytes>(&[])?.unwrap_or_default())
}

/// Sets bytes aside for what is to come, if the plan's `limit` has room for them.
pub fn announce(tx: &mut Tx<'_>, size: u64, limit: u64) -> Result<(), LibraryError> {
    let mut stored = bytes(tx)?;
    let wanted = stored.files.saturating_add(stored.announced).saturating_add(size);
    if wanted > limit {
        return Err(LibraryError::Limit { what: "stored bytes", allowed: limit });
    }
    stored.announced = stored.announced.saturating_add(size);
    Ok(tx.put(&stored)?)
}

/// Gives back what [`announce`] has set aside.
pub fn withdraw(tx: &mut Tx<'_>, size: u64) -> Result<(), LibraryError> {
    let mut stored = bytes(tx)?;
    stored.announced = stored.announced.saturating_sub(size);
    Ok(tx.put(&stored)?)
}

/// Says that one more record refers to a file that lies in `blobs`.
///
/// # Errors
/// `Missing` when it is not there (any more): then it must be written again.
pub fn hold(tx: &mut Tx<'_>, blobs: &BlobStore, file: Finished) -> Result<(), LibraryError> {
    // Files are removed inside of writes only, so what is there now is there when this write is stored.
    blobs.reader(&file.digest)?;
    let known = tx.get::<Held>(&file.digest.0)?;
    let count = known.map_or(0, |held| held.count);
    if count == 0 {
        let mut stored = bytes(tx)?;
        stored.files = stored.files.saturating_add(file.length);
        tx.put(&stored)?;
    }
    let changed = tx.now();
    Ok(tx.put(&Held { digest: file.digest, bytes: file.length, count: count.saturating_add(1), changed })?)
}

/// Says that one record less refers to a file.
pub fn release(tx: &mut Tx<'_>, digest: &BlobDigest) -> Result<(), LibraryError> {
    let Some(mut held) = tx.get::<Held>(&digest.0)? else { return Ok(()) };
    if held.count == 1 {
        let mut stored = bytes(tx)?;
        stored.files = stored.files.saturating_sub(held.bytes);
        tx.put(&stored)?;
    }
    held.count = held.count.saturating_sub(1);
    held.changed = tx.now();
    Ok(tx.put(&held)?)
}

/// Files that no record refers to.
pub(crate) fn free(read: &impl Read, limit: usize) -> Result<Vec<Held>, LibraryError> {
    Ok(read.list(&Query::by(BY_FREE, KeyBytes::new(), limit), |_| true)?.items)
}

/// All files that records have referred to, a page at a time.
pub(crate) fn all(read: &impl Read, after: Option<&Cursor>, limit: usize) -> Result<Page<Held>, LibraryError> {
    Ok(read.list(&Query { index: None, after, limit, newest_first: false }, |_| true)?)
}
