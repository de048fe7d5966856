//! Where sealed rows lie: the manifest of a tenant. What a question is answered from is what the manifest said at one moment.

use model::Timestamp;
use serde::{Deserialize, Serialize};
use store::{
    MAX_PAGE, Query, Read, ReadError, Record, Tx, WriteError,
    blob::{BlobDigest, Finished},
};

use crate::{
    ledger::{head, let_go},
    seal::Sealed,
};

/// A file of sealed rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Its number.
    pub number: u64,
    /// The file among the tenant's blobs.
    pub digest: BlobDigest,
    /// How long the file is.
    pub bytes: u64,
    /// How many rows it has.
    pub rows: u64,
    /// The first moment of use in it.
    pub from: Timestamp,
    /// The last moment of use in it.
    pub to: Timestamp,
    /// How often its rows were merged.
    pub level: u8,
    /// Since when its rows lie in another file too, or are past their time: who asked before may still read it.
    pub retired: Option<Timestamp>,
}

impl Record for Segment {
    const NAME: &'static str = "segment of usage";
    const NUMBER: u8 = 163;
    type Key = u64;
    fn key(&self) -> u64 {
        self.number
    }
}

impl Segment {
    fn new(number: u64, file: Finished, sealed: &Sealed, level: u8) -> Self {
        let Finished { digest, length: bytes } = file;
        let Sealed { rows, from, to } = *sealed;
        Segment { number, digest, bytes, rows, from, to, level, retired: None }
    }
}

/// The segments that count, in the order of their numbers.
///
/// # Errors
/// When they cannot be read.
pub fn segments(read: &impl Read) -> Result<Vec<Segment>, ReadError> {
    all(read, |segment| segment.retired.is_none())
}

/// The segments that count and were merged so often.
///
/// # Errors
/// When they cannot be read.
pub fn of_level(read: &impl Read, level: u8) -> Result<Vec<Segment>, ReadError> {
    all(read, |segment| segment.retired.is_none() && segment.level == level)
}

/// The segments that do not count any more, and whose files are still there.
///
/// # Errors
/// When they cannot be read.
pub fn retired(read: &impl Read) -> Result<Vec<Segment>, ReadError> {
    all(read, |segment| segment.retired.is_some())
}

fn all(read: &impl Read, keep: impl Fn(&Segment) -> bool) -> Result<Vec<Segment>, ReadError> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let query = Query { index: None, after: after.as_ref(), limit: MAX_PAGE, newest_first: false };
        let page = read.list::<Segment>(&query, &keep)?;
        found.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

/// Says where the rows before batch `next` lie, and lets go of the batches.
///
/// # Errors
/// When the manifest cannot be read or written.
pub fn add_segment(tx: &mut Tx<'_>, file: Finished, sealed: &Sealed, next: u64) -> Result<Segment, WriteError> {
    let segment = Segment::new(head(tx)?.segments, file, sealed, 0);
    let_go(tx, next)?;
    tx.put(&segment)?;
    Ok(segment)
}

/// Puts a merged file in the place of those it was merged of, if they all still count.
///
/// # Errors
/// When the manifest cannot be read or written.
pub fn replace_segments(
    tx: &mut Tx<'_>,
    merged: &[Segment],
    file: Finished,
    sealed: &Sealed,
) -> Result<Option<Segment>, WriteError> {
    for segment in merged {
        if tx.get::<Segment>(&segment.number)?.is_none_or(|now| now != *segment) {
            return Ok(None);
        }
    }
    let mut head = head(tx)?;
    let highest = merged.iter().map(|segment| segment.level).max().unwrap_or(0);
    // What is written anew by itself stays among its like.
    let level = if merged.len() > 1 { highest.saturating_add(1) } else { highest };
    let segment = Segment::new(head.segments, file, sealed, level);
    head.segments += 1;
    tx.put(&head)?;
    for old in merged {
        retire(tx, old)?;
    }
    tx.put(&segment)?;
    Ok(Some(segment))
}

/// Takes a segment out of what counts.
///
/// # Errors
/// When the manifest cannot be written.
pub fn retire(tx: &mut Tx<'_>, segment: &Segment) -> Result<(), WriteError> {
    let retired = Some(tx.now());
    tx.put(&Segment { retired, ..segment.clone() })
}

/// Removes a segment from the manifest; the caller lets go of its file in the same commit.
///
/// # Errors
/// When the manifest cannot be read or written.
pub fn remove_segment(tx: &mut Tx<'_>, number: u64) -> Result<bool, WriteError> {
    tx.delete::<Segment>(&number)
}
