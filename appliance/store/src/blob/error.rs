//! What can go wrong with blobs.

use std::io;

use model::ErrorKind;

use super::BlobDigest;

/// Why a blob was not written or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// There is no such blob.
    #[error("there is no blob {0}")]
    Missing(BlobDigest),
    /// The stored bytes are not what was written.
    #[error("a stored file is damaged ({0}); restore it from a backup")]
    Corrupt(&'static str),
    /// It was enciphered with a key that is no more.
    #[error("a stored file needs version {0} of the blob key, which was retired; restore the key vault")]
    Key(u32),
    /// More bytes than the caller allowed.
    #[error("the content is longer than the {limit} bytes that are allowed; shorten it or raise the limit of the plan")]
    TooLong {
        /// The most bytes.
        limit: u64,
    },
    /// The content has another digest than was said.
    #[error("the content arrived damaged: its digest is {found}, not {expected}; send it again")]
    Digest {
        /// What was said.
        expected: BlobDigest,
        /// What it is.
        found: BlobDigest,
    },
    /// Another request is writing the same upload.
    #[error("another request is writing this upload; wait for it or cancel it")]
    Busy,
    /// A failed write left the writer unusable.
    #[error("an earlier write of this content failed; open it again")]
    Broken,
    /// The disk, or the quota on it, has no room.
    #[error("no space left for files; delete recordings, or move the tenant to another volume")]
    Full,
    /// The operating system refused.
    #[error("cannot use a stored file: {0}")]
    Io(io::Error),
}

impl BlobError {
    /// The kind, as a caller sees it.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            BlobError::Missing(_) => ErrorKind::NotFound,
            BlobError::Corrupt(_) | BlobError::Key(_) => ErrorKind::Corrupt,
            BlobError::TooLong { .. } | BlobError::Full => ErrorKind::Exhausted,
            BlobError::Digest { .. } => ErrorKind::Invalid,
            BlobError::Busy => ErrorKind::Conflict,
            BlobError::Broken | BlobError::Io(_) => ErrorKind::Unavailable,
        }
    }
}

impl From<io::Error> for BlobError {
    /// Finds again an error that went through [`io::Read`] or [`io::Write`].
    fn from(error: io::Error) -> Self {
        match error.downcast::<BlobError>() {
            Ok(error) => error,
            Err(error) => match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => BlobError::Full,
                io::ErrorKind::UnexpectedEof => BlobError::Corrupt("it ends too early"),
                _ => BlobError::Io(error),
            },
        }
    }
}

impl From<BlobError> for io::Error {
    /// Carries the error through [`io::Read`] or [`io::Write`].
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::Io(error) => error,
            BlobError::Full => io::Error::new(io::ErrorKind::StorageFull, error),
            BlobError::TooLong { .. } => io::Error::new(io::ErrorKind::FileTooLarge, error),
            error => io::Error::new(io::ErrorKind::InvalidData, error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_survive_io() {
        let there = |error: BlobError| BlobError::from(io::Error::from(error));
        assert!(matches!(there(BlobError::Corrupt("x")), BlobError::Corrupt("x")));
        assert!(matches!(there(BlobError::Full), BlobError::Full));
        assert!(matches!(there(BlobError::TooLong { limit: 3 }), BlobError::TooLong { limit: 3 }));
        assert!(matches!(BlobError::from(io::Error::from_raw_os_error(28)), BlobError::Full));
        assert_eq!(BlobError::Full.kind(), ErrorKind::Exhausted);
    }
}
