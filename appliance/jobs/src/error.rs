use model::ErrorKind;
use store::{ReadError, WriteError};

use crate::job::StateKind;

/// Why a job cannot be submitted or changed.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// A field.
    #[error("{field}: {fault}")]
    Field {
        /// Its name in the API.
        field: &'static str,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// There is no such job.
    #[error("there is no such job")]
    NotFound,
    /// It is not in a state in which this can be done.
    #[error("the job is {0} already")]
    State(StateKind),
    /// Another live job has the same deduplication key.
    #[error("a job for the same thing is under way already")]
    Duplicate,
    /// Too many jobs wait.
    #[error("{0} jobs are waiting or running; let some finish or cancel some first")]
    Full(u64),
    /// Reading.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Writing.
    #[error(transparent)]
    Write(WriteError),
}

impl From<WriteError> for JobError {
    fn from(error: WriteError) -> Self {
        match error {
            // The one unique index of jobs.
            WriteError::Taken(name) if name == <crate::Job as store::Record>::NAME => JobError::Duplicate,
            error => JobError::Write(error),
        }
    }
}

impl JobError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            JobError::Field { .. } => ErrorKind::Invalid,
            JobError::NotFound => ErrorKind::NotFound,
            JobError::State(_) | JobError::Duplicate => ErrorKind::Conflict,
            JobError::Full(_) => ErrorKind::Exhausted,
            JobError::Read(error) => error.kind(),
            JobError::Write(error) => error.kind(),
        }
    }
}

/// Why something cannot be done under a lease.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// The job was cancelled, given to a later attempt, or finished: this attempt counts for nothing any more.
    #[error("the attempt no longer holds the job")]
    Lost,
    /// Reading.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Writing.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl LeaseError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            LeaseError::Lost => ErrorKind::Conflict,
            LeaseError::Read(error) => error.kind(),
            LeaseError::Write(error) => error.kind(),
        }
    }
}
