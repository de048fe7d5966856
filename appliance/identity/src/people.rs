//! What all operations on people and programs may answer.

use model::ErrorKind;
use store::{ReadError, WriteError};

use crate::text::TextError;

/// Why an operation on users, groups, invitations, service accounts, sessions or keys was refused.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// There is none with this id.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The address or name belongs to another.
    #[error("there is such a {0} already; choose another name")]
    Taken(&'static str),
    /// The name or address is none.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The user or service account is suspended or removed.
    #[error("the {0} is not active; resume it first")]
    Inactive(&'static str),
    /// A limit is reached.
    #[error("no more than {limit} {what} are allowed; remove one first")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are allowed.
        limit: usize,
    },
    /// A code or invitation that is unknown, used, revoked or past its time: which, is not said.
    #[error("the code is not valid, or not any more; ask for a new one")]
    Code,
    /// An API key was asked to do more than its maker may.
    #[error("an api key cannot do more than the one who makes it; ask for fewer permissions")]
    Scopes,
    /// The end of an API key or an invitation lies in the past or too far ahead.
    #[error("the end must lie ahead, at most {0} days")]
    Expiry(u64),
    /// The store.
    #[error(transparent)]
    Store(WriteError),
}

impl PeopleError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            PeopleError::NotFound(_) => ErrorKind::NotFound,
            PeopleError::Taken(_) | PeopleError::Inactive(_) => ErrorKind::Conflict,
            PeopleError::Text(_) | PeopleError::Code | PeopleError::Expiry(_) => ErrorKind::Invalid,
            PeopleError::TooMany { .. } => ErrorKind::Exhausted,
            PeopleError::Scopes => ErrorKind::Denied,
            PeopleError::Store(error) => error.kind(),
        }
    }
}

impl From<WriteError> for PeopleError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Taken(what) => PeopleError::Taken(what),
            other => PeopleError::Store(other),
        }
    }
}
impl From<ReadError> for PeopleError {
    fn from(error: ReadError) -> Self {
        PeopleError::Store(WriteError::Read(error))
    }
}

/// The numbers in stored keys of records without an id of their own.
pub(crate) mod number {
    pub(crate) const MEMBERSHIP: u8 = 70;
    pub(crate) const USE: u8 = 71;
    pub(crate) const SETUP: u8 = 72;
    pub(crate) const VERIFIER: u8 = 73;
    pub(crate) const SECOND_FACTOR: u8 = 74;
    pub(crate) const SIGN_IN_RULES: u8 = 75;
    pub(crate) const SESSION_POLICY: u8 = 76;
    pub(crate) const PASSWORD_POLICY: u8 = 77;
    pub(crate) const PASSWORD_LIFE: u8 = 78;
}
