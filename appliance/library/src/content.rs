//! Texts that are too large for a record: transcripts and storyboards as JSON, in the tenant's blobs by digest.

use std::io::Read as _;

use store::blob::{BlobDigest, BlobError, BlobStore, Finished};

use crate::error::LibraryError;

/// Stores a text; the same text is stored once.
pub(crate) fn keep(blobs: &BlobStore, text: &[u8]) -> Result<Finished, LibraryError> {
    let mut writer = blobs.writer(text.len() as u64)?;
    writer.append(text)?;
    Ok(writer.finish()?)
}

/// Reads a text of at most `limit` bytes.
pub(crate) fn load(blobs: &BlobStore, digest: &BlobDigest, limit: usize) -> Result<Vec<u8>, LibraryError> {
    let reader = blobs.reader(digest)?;
    let mut text = Vec::new();
    reader.take(limit as u64).read_to_end(&mut text).map_err(BlobError::from)?;
    Ok(text)
}
