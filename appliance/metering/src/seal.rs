//! What sealing needs of the engine and of the place where files lie.

use std::{io, ops::Range};

use model::{ErrorKind, Timestamp};
use store::blob::BlobDigest;

/// What a file of rows holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    /// How many rows.
    pub rows: u64,
    /// The first moment of use.
    pub from: Timestamp,
    /// The last moment of use.
    pub to: Timestamp,
}

/// Where the files of one tenant can be read, and nobody else's.
pub trait Shelf: Send + Sync + std::fmt::Debug {
    /// Bytes of the file with this digest, deciphered and checked.
    ///
    /// # Errors
    /// When there is no such file, or it is not what was written.
    fn read(&self, file: &BlobDigest, range: Range<u64>) -> io::Result<Vec<u8>>;
}

/// Why rows cannot be sealed or merged.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// A file.
    #[error("a file of usage rows cannot be read or written: {0}")]
    Io(#[from] io::Error),
    /// The engine.
    #[error("usage rows cannot be sealed: {0}")]
    Engine(String),
}

impl SealError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            SealError::Io(_) => ErrorKind::Unavailable,
            SealError::Engine(_) => ErrorKind::Bug,
        }
    }
}
