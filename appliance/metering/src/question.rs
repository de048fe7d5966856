//! A question in SQL and its answer: what the engine is asked, and what it may say.

use std::{collections::BTreeSet, fmt, io::Write, sync::Arc};

use model::{
    ErrorKind, Id, Timestamp,
    noun::{Project, Tenant},
};

use crate::{
    cloud_event::Said,
    event::Fault,
    extract::{Extract, Split},
    ledger::Row,
    rate::RateCard,
    seal::{SealError, Sealed, Shelf},
    segment::Segment,
    table::{Table, TableError},
};

/// The usage of a tenant at one moment: what is sealed, and what is not.
#[derive(Debug)]
pub struct UsageSnapshot {
    /// The files.
    pub segments: Vec<Segment>,
    /// The rows that are in no file.
    pub waiting: Arc<dyn Waiting>,
    /// Where the files can be read.
    pub shelf: Arc<dyn Shelf>,
    /// The projects whose rows are seen; every row without a word.
    pub projects: Option<BTreeSet<Id<Project>>>,
    /// What was used before is past its time, and seen by nobody; the files that hold it too are written anew later.
    pub since: Timestamp,
}

/// Rows that lie in no file yet. A question reads them when it runs, a page at a time, in its own place, memory and time.
pub trait Waiting: Send + Sync + fmt::Debug {
    /// How many there are.
    fn count(&self) -> u64;

    /// Those from `from` on, at most some thousand; where the next ones begin, while there are any.
    ///
    /// # Errors
    /// When they cannot be read.
    fn rows(&self, from: Option<u64>) -> Result<(Vec<Row>, Option<u64>), TableError>;
}

/// Rows that are in memory.
impl Waiting for Vec<Row> {
    fn count(&self) -> u64 {
        self.len() as u64
    }

    fn rows(&self, from: Option<u64>) -> Result<(Vec<Row>, Option<u64>), TableError> {
        const PAGE: usize = 1_000;
        let from = usize::try_from(from.unwrap_or(0)).unwrap_or(usize::MAX).min(self.len());
        let end = from.saturating_add(PAGE).min(self.len());
        Ok((self[from..end].to_vec(), Some(end as u64).filter(|_| end < self.len())))
    }
}

/// What things cost, and whom they are charged to.
#[derive(Debug, Clone)]
pub struct Prices {
    /// The rate cards, the oldest first.
    pub cards: Vec<RateCard>,
    /// What the tenant is called on a bill.
    pub account: String,
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One JSON object with columns and rows.
    Json,
    /// Comma-separated values with a line of names.
    Csv,
    /// A stream of Arrow IPC.
    Arrow,
    /// A Parquet file.
    Parquet,
}

impl Form {
    /// Every form.
    pub const ALL: &[Form] = &[Form::Json, Form::Csv, Form::Arrow, Form::Parquet];

    /// Its name in requests.
    pub const fn name(self) -> &'static str {
        match self {
            Form::Json => "json",
            Form::Csv => "csv",
            Form::Arrow => "arrow",
            Form::Parquet => "parquet",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Form::Json => "application/json",
            Form::Csv => "text/csv; charset=utf-8; header=present",
            Form::Arrow => "application/vnd.apache.arrow.stream",
            Form::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// What one tenant asks.
#[derive(Debug)]
pub struct Question {
    /// Whose memory and places it takes.
    pub tenant: Id<Tenant>,
    /// One statement that reads.
    pub sql: String,
    /// The form of the answer.
    pub form: Form,
    /// Seconds after which it is stopped, if sooner than the engine's own limit.
    pub timeout_s: Option<u64>,
    /// What was used; without it there is no such table.
    pub usage: Option<UsageSnapshot>,
    /// What things cost; without them there are no tables of costs.
    pub prices: Option<Prices>,
    /// The other tables.
    pub tables: Vec<Arc<dyn Table>>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum QuestionError {
    /// The statement is wrong, or names what is not there.
    #[error("{0}")]
    Invalid(String),
    /// It would change something, or is no question.
    #[error("only single statements that read are answered: {0}")]
    ReadOnly(String),
    /// It took too long.
    #[error("the query was stopped after {0} s; narrow it, or ask for more time")]
    TimedOut(u64),
    /// It needs too much memory.
    #[error("the query needs more memory than one tenant has; narrow it")]
    Memory,
    /// It needs too much room on the disk for what it sorts and groups.
    #[error(
        "the query needs more than memory and the {0} MiB of disk that one tenant has for sorting and grouping (query.tenant_spill_mib); narrow it"
    )]
    Spill(u64),
    /// The answer is too large.
    #[error("there is more than {0}; narrow the query or ask for pages")]
    TooLarge(String),
    /// Too many questions at once.
    #[error("too many queries run; try again when one has ended")]
    Busy,
    /// What is stored cannot be read.
    #[error("the stored rows cannot be read")]
    Stored,
    /// The engine's own fault.
    #[error("the query could not be answered")]
    Engine,
}

impl QuestionError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            QuestionError::Invalid(_) | QuestionError::ReadOnly(_) => ErrorKind::Invalid,
            QuestionError::TimedOut(_)
            | QuestionError::Memory
            | QuestionError::Spill(_)
            | QuestionError::TooLarge(_)
            | QuestionError::Busy => ErrorKind::Exhausted,
            QuestionError::Stored => ErrorKind::Corrupt,
            QuestionError::Engine => ErrorKind::Bug,
        }
    }
}

/// A stream that holds no events.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the body is no Arrow IPC stream of events: {0}")]
pub struct UnreadableEvents(pub String);

/// An answer as it comes, piece by piece. Dropped, it stops the work.
pub trait Answer: Send {
    /// The next bytes; waits for them. Nothing at the end.
    ///
    /// # Errors
    /// When the work was stopped or failed: what came before is not the whole then.
    fn next(&mut self) -> Option<Result<Vec<u8>, QuestionError>>;
}

/// The engine: what seals rows and answers questions about them.
pub trait Analyst: Send + Sync + std::fmt::Debug {
    /// Writes rows as a file.
    ///
    /// # Errors
    /// When `out` cannot take it.
    fn seal(&self, rows: &[Row], out: &mut (dyn Write + Send)) -> Result<Sealed, SealError>;

    /// Writes the rows of some files as one, but for those of use before `since`.
    ///
    /// # Errors
    /// When they cannot be read, or `out` cannot take it.
    fn merge(
        &self,
        shelf: &Arc<dyn Shelf>,
        segments: &[Segment],
        since: Timestamp,
        out: &mut (dyn Write + Send),
    ) -> Result<Sealed, SealError>;

    /// Reads events from a stream of Arrow IPC: what each row says, or why it says nothing. Of a stream of more rows than may come together,
    /// no more than one too many.
    ///
    /// # Errors
    /// When it is no such stream, or has other columns.
    fn read_events(&self, stream: &[u8]) -> Result<Vec<Result<Said, Fault>>, UnreadableEvents>;

    /// Begins to answer a question. To be called on a thread that may wait.
    ///
    /// # Errors
    /// When it is no question that can be answered.
    fn ask(&self, question: Question) -> Result<Box<dyn Answer>, QuestionError>;

    /// Begins to answer a question as Parquet files. The bounds on time and on the size of answers do not hold for it: whoever asks has
    /// its own. To be called on a thread that may wait.
    ///
    /// # Errors
    /// When there is nobody to answer.
    fn extract(&self, question: Question, split: Option<Split>) -> Result<Box<dyn Extract>, QuestionError>;
}
