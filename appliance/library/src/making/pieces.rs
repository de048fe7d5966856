//! Finished parts of work, kept enciphered so that a run that was killed goes on after them and an edit renders anew only what it
//! changes.

use ::jobs::{Job, Lease, State};
use model::{AnyId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{
    IndexEntries, KeyBytes, Query, Read, ReadError, Record, Tx,
    blob::{BlobDigest, BlobStore, Finished},
};

use crate::{error::LibraryError, stored};

/// The most pieces that are kept of one thing: takes of ten hours.
pub const MAX_PIECES: usize = 4_096;
/// Recordings whose pieces are kept after their job is done.
const MAX_KEPT: usize = 64;

/// A finished part: a file of the work folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Piece {
    /// Its place in the work folder, like `takes/take-….reel`.
    pub name: String,
    /// Its content.
    pub digest: BlobDigest,
    /// Its bytes.
    pub bytes: u64,
}

/// The pieces of a job that is not over, or of the last one that worked on a recording. Whatever is missing is made again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pieces {
    /// The job, or the recording.
    pub of: AnyId,
    /// In the order of their names.
    pub pieces: Vec<Piece>,
    /// When they were kept.
    pub kept: Timestamp,
}

const BY_KIND: u8 = 1;

impl Record for Pieces {
    const NAME: &'static str = "pieces";
    const NUMBER: u8 = 112;
    type Key = AnyId;
    fn key(&self) -> AnyId {
        self.of
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(BY_KIND, &KeyBytes::new().with(&self.of.kind).with(&self.kept));
    }
}

impl Pieces {
    /// What is kept of a job or recording.
    pub fn of(read: &impl Read, of: AnyId) -> Result<Vec<Piece>, ReadError> {
        Ok(read.get::<Pieces>(&of)?.map(|kept| kept.pieces).unwrap_or_default())
    }

    /// Keeps these pieces in place of those before.
    pub fn keep(tx: &mut Tx<'_>, blobs: &BlobStore, of: AnyId, mut pieces: Vec<Piece>) -> Result<(), LibraryError> {
        pieces.sort();
        pieces.dedup_by(|one, other| one.name == other.name);
        pieces.truncate(MAX_PIECES);
        let before = Pieces::of(tx, of)?;
        for piece in pieces.iter().filter(|piece| !before.contains(piece)) {
            stored::hold(tx, blobs, Finished { digest: piece.digest, length: piece.bytes })?;
        }
        for piece in before.iter().filter(|piece| !pieces.contains(piece)) {
            stored::release(tx, &piece.digest)?;
        }
        tx.note("pieces", pieces.len().to_string());
        Ok(tx.put(&Pieces { of, pieces, kept: tx.now() })?)
    }

    /// Keeps the finished parts of an attempt, as long as it speaks for its job.
    pub fn keep_of_job(
        tx: &mut Tx<'_>,
        blobs: &BlobStore,
        lease: &Lease,
        pieces: Vec<Piece>,
    ) -> Result<(), LibraryError> {
        let job = tx.get::<Job>(&lease.job)?.ok_or(LibraryError::NotFound)?;
        let holds = matches!(job.state, State::Leased { incarnation, .. } if incarnation == lease.incarnation);
        if !holds || job.attempts != lease.attempt {
            return Err(LibraryError::NotFound);
        }
        tx.note("step", "keep");
        Pieces::keep(tx, blobs, lease.job.erase(), pieces)
    }

    /// Forgets the pieces of a job or recording.
    pub(crate) fn forget(tx: &mut Tx<'_>, of: AnyId) -> Result<(), LibraryError> {
        Pieces::of(tx, of)?.iter().try_for_each(|piece| stored::release(tx, &piece.digest))?;
        tx.delete::<Pieces>(&of)?;
        Ok(())
    }

    /// Leaves what a job has kept to the recording it worked on, for the next one; forgets those of the recording that was
    /// worked on least recently where there are too many.
    pub(super) fn bequeath(
        tx: &mut Tx<'_>,
        blobs: &BlobStore,
        job: AnyId,
        to: AnyId,
        pieces: &[Piece],
    ) -> Result<(), LibraryError> {
        if !pieces.is_empty() {
            Pieces::keep(tx, blobs, to, pieces.to_vec())?;
        }
        Pieces::forget(tx, job)?;
        let kept =
            tx.list::<Pieces>(&Query::by(BY_KIND, KeyBytes::new().with(&to.kind), MAX_KEPT + 1), |_| true)?.items;
        match kept.first().filter(|_| kept.len() > MAX_KEPT) {
            Some(oldest) => Pieces::forget(tx, oldest.of),
            None => Ok(()),
        }
    }
}
