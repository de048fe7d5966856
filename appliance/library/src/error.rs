use access::usage::LimitError;
use model::ErrorKind;
use store::{ReadError, WriteError};

/// Why something of the library cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// A field.
    #[error("{field}: {fault}")]
    Field {
        /// Its name in the API.
        field: &'static str,
        /// What is wrong with it.
        fault: String,
    },
    /// Something that only the one who made it may do.
    #[error("only who wrote the {0} may change its words")]
    NotYours(&'static str),
    /// The thing is not there any more.
    #[error("there is no such thing")]
    NotFound,
    /// The thing has changed since the version that the change is based on.
    #[error("it has changed meanwhile: you have read version {read}, it is at version {now}")]
    Version {
        /// The version that was read.
        read: u64,
        /// The version it has.
        now: u64,
    },
    /// A limit of the plan.
    #[error("the plan allows {allowed} {what}; remove some or ask for a larger plan")]
    Limit {
        /// What there are too many of.
        what: &'static str,
        /// How many are allowed.
        allowed: u64,
    },
    /// A limit of the plan that is counted.
    #[error(transparent)]
    Usage(#[from] LimitError),
    /// Reading.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Writing.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl LibraryError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            LibraryError::Field { .. } => ErrorKind::Invalid,
            LibraryError::NotYours(_) => ErrorKind::Denied,
            LibraryError::NotFound => ErrorKind::NotFound,
            LibraryError::Version { .. } => ErrorKind::Conflict,
            LibraryError::Limit { .. } => ErrorKind::Exhausted,
            LibraryError::Usage(error) => error.kind(),
            LibraryError::Read(error) => error.kind(),
            LibraryError::Write(error) => error.kind(),
        }
    }
}
