//! What can go wrong while copying.

use std::io;

use model::ErrorKind;

use crate::{backend::OpenError, read::ReadError};

/// Why a copy was not made or not read.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The bytes are not those of a whole copy.
    #[error("the copy is damaged, cut off or under another key ({0}); take another one")]
    Form(&'static str),
    /// The audit log among the rows is not what its hashes say.
    #[error("the audit log in the rows does not verify ({0}); restore an earlier copy")]
    Chain(&'static str),
    /// More was written meanwhile than can be caught up with.
    #[error("more was written meanwhile than the copy could catch up with; try again at a quieter time")]
    Behind,
    /// Somebody asked for it to stop.
    #[error("stopped on request")]
    Stopped,
    /// The source.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The target.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The disk, or the quota on it, has no room.
    #[error("no space left for the copy; free some or choose another volume")]
    Full,
    /// The operating system refused.
    #[error("cannot read or write the copy: {0}")]
    Io(io::Error),
}

impl CopyError {
    /// The kind, as a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            CopyError::Form(_) | CopyError::Chain(_) => ErrorKind::Corrupt,
            CopyError::Behind | CopyError::Stopped | CopyError::Io(_) | CopyError::Full => ErrorKind::Unavailable,
            CopyError::Read(error) => error.kind(),
            CopyError::Open(error) => error.kind(),
        }
    }
}

impl From<io::Error> for CopyError {
    /// Finds again an error that went through [`io::Read`] or [`io::Write`].
    fn from(error: io::Error) -> Self {
        match error.downcast::<CopyError>() {
            Ok(error) => error,
            Err(error) => match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => CopyError::Full,
                io::ErrorKind::UnexpectedEof => CopyError::Form("it ends too early"),
                _ => CopyError::Io(error),
            },
        }
    }
}

impl From<CopyError> for io::Error {
    fn from(error: CopyError) -> Self {
        match error {
            CopyError::Io(error) => error,
            error => io::Error::new(io::ErrorKind::InvalidData, error),
        }
    }
}

impl From<redb::Error> for CopyError {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::Io(error) => error.into(),
            other => CopyError::Read(ReadError::Storage(other)),
        }
    }
}
