//! Versions of transcripts and storyboards. The version of the thing's header is the number of its newest one.

use model::{AnyId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{
    Cursor, IndexEntries, KeyBytes, Page, Query, Read, ReadError, Record, Tx,
    blob::{BlobDigest, BlobStore, Finished},
};

use crate::{error::LibraryError, stored};

/// A version of a transcript or storyboard: never changed once it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Of what.
    pub thing: AnyId,
    /// Counts from 1.
    pub number: u64,
    /// Its text, among the tenant's blobs.
    pub digest: BlobDigest,
    /// Bytes of its text.
    pub bytes: u64,
    /// Of a transcript, the version that was heard: corrections since then have left the number and times of its words as they are.
    /// Of a storyboard, the version of the transcript whose words it refers to.
    pub words: u64,
    /// When it was made.
    pub made: Timestamp,
    /// Who made it or ordered it.
    pub by: AnyId,
    /// How it came about.
    pub origin: Origin,
}

/// How a version came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// Heard in a recording.
    Heard,
    /// Drawn from a transcript; edits of the version before were kept.
    Outlined,
    /// Edited by a person.
    Edited,
    /// An earlier version, again.
    Restored(u64),
    /// Read from a file of another program.
    Imported,
}

const BY_THING: u8 = 1;

impl Record for Version {
    const NAME: &'static str = "version";
    const NUMBER: u8 = 110;
    type Key = (AnyId, u64);
    fn key(&self) -> (AnyId, u64) {
        (self.thing, self.number)
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(BY_THING, &KeyBytes::new().with(&self.thing).with(&self.number));
    }
}

impl Version {
    /// A version of a thing.
    pub(crate) fn of(read: &impl Read, thing: AnyId, number: u64) -> Result<Option<Version>, ReadError> {
        read.get::<Version>(&(thing, number))
    }

    /// All versions of a thing, newest first.
    pub(crate) fn list(
        read: &impl Read,
        thing: AnyId,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Version>, ReadError> {
        let index = Some((BY_THING, KeyBytes::new().with(&thing)));
        read.list::<Version>(&Query { index, after, limit, newest_first: true }, |_| true)
    }

    /// Stores it.
    pub(crate) fn add(&self, tx: &mut Tx<'_>, blobs: &BlobStore) -> Result<(), LibraryError> {
        stored::hold(tx, blobs, Finished { digest: self.digest, length: self.bytes })?;
        Ok(tx.put(self)?)
    }

    /// Removes all versions of a thing.
    pub(crate) fn remove_all(tx: &mut Tx<'_>, thing: AnyId) -> Result<(), LibraryError> {
        loop {
            let page = Version::list(tx, thing, None, store::MAX_PAGE)?;
            for version in &page.items {
                stored::release(tx, &version.digest)?;
                tx.delete::<Version>(&version.key())?;
            }
            if page.next.is_none() {
                return Ok(());
            }
        }
    }
}
