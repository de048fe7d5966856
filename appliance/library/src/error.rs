use access::usage::LimitError;
use jobs::{Failure, PublishError, Reason};
use model::ErrorKind;
use store::{ReadError, StoreError, WriteError, blob::BlobError};

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
    /// It lies in the trash, or in a project that does.
    #[error("the {0} lies in the trash; take it out first")]
    Trashed(&'static str),
    /// Only what lies in the trash can be removed for good.
    #[error("move it to the trash first")]
    NotTrashed,
    /// Work on it is under way.
    #[error("jobs are working on the recording; wait until they are done or cancel them, then move it")]
    Busy,
    /// A legal matter keeps it.
    #[error("a legal hold keeps something in it; ask who set the hold to lift it")]
    Held,
    /// Bytes of an upload that do not begin where the last ones ended.
    #[error("the upload has {now} bytes so far; go on there, not at {given}")]
    Offset {
        /// Where the bytes begin, as their sender says.
        given: u64,
        /// Where they must begin.
        now: u64,
    },
    /// The upload has ended.
    #[error("the upload has ended; begin a new one")]
    Ended,
    /// A fixed bound, the same for all.
    #[error("at most {allowed} {what} are allowed; remove some first")]
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
    /// A file.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// A text that is stored, or that a worker made, is not what it should be.
    #[error("a stored text cannot be read: {0}")]
    Stored(String),
    /// An edit that does not fit the storyboard.
    #[error(transparent)]
    Edit(#[from] studio::edit::EditError),
    /// A chart or dashboard that is none.
    #[error(transparent)]
    Chart(#[from] charts::Fault),
    /// A permission beside that of the request is missing.
    #[error("{0}")]
    Denied(&'static str),
    /// The queue refuses.
    #[error(transparent)]
    Job(#[from] jobs::JobError),
    /// The queue takes nothing now.
    #[error(transparent)]
    Announce(#[from] jobs::AnnounceError),
    /// A schedule that is none, or is not there.
    #[error(transparent)]
    Schedule(#[from] jobs::ScheduleError),
    /// Rows of usage cannot be sealed.
    #[error(transparent)]
    Seal(#[from] metering::SealError),
    /// The tenant's file is not to be had.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl LibraryError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            LibraryError::Field { .. } | LibraryError::Chart(_) => ErrorKind::Invalid,
            LibraryError::NotYours(_) => ErrorKind::Denied,
            LibraryError::NotFound => ErrorKind::NotFound,
            LibraryError::NotTrashed => ErrorKind::Invalid,
            LibraryError::Held => ErrorKind::Denied,
            LibraryError::Version { .. }
            | LibraryError::Trashed(_)
            | LibraryError::Offset { .. }
            | LibraryError::Busy
            | LibraryError::Ended => ErrorKind::Conflict,
            LibraryError::Limit { .. } => ErrorKind::Exhausted,
            LibraryError::Usage(error) => error.kind(),
            LibraryError::Read(error) => error.kind(),
            LibraryError::Write(error) => error.kind(),
            LibraryError::Blob(error) => error.kind(),
            LibraryError::Store(error) => error.kind(),
            LibraryError::Seal(error) => error.kind(),
            LibraryError::Stored(_) => ErrorKind::Corrupt,
            LibraryError::Edit(studio::edit::EditError::Stale) => ErrorKind::Conflict,
            LibraryError::Edit(_) => ErrorKind::Invalid,
            LibraryError::Denied(_) => ErrorKind::Denied,
            LibraryError::Job(error) => error.kind(),
            LibraryError::Schedule(error) => error.kind(),
            LibraryError::Announce(error) => error.kind(),
        }
    }

    /// What it means for a job whose result was to be stored.
    pub(crate) fn into_publish(self) -> PublishError {
        let reason = match &self {
            LibraryError::NotFound => Reason::Missing,
            LibraryError::Usage(_) => Reason::NotAllowed,
            _ => Reason::Unavailable,
        };
        match self {
            LibraryError::Read(error) => PublishError::Read(error),
            LibraryError::Write(error) => PublishError::Write(error),
            error => PublishError::Failed(Failure::new(reason, error.to_string())),
        }
    }
}
