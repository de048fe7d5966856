//! Writing: changes are collected in memory, laid over what is stored, and committed together with their audit row.

use model::{Action, AnyId, AuditEvent, Clock, ErrorKind, Id, IdSource, Noun, Outcome, Timestamp};

use crate::{
    key,
    once::Once,
    read::{self, Layer, Read, ReadError, Span, Table, Visit},
    record::{self, IndexEntries, Record},
};

/// The most bytes one write may change: what is larger is a blob.
pub const MAX_WRITE_BYTES: usize = 4 << 20;
/// The most bytes of details one audit row may carry.
pub const MAX_DETAIL_BYTES: usize = 8 << 10;

/// Why writing failed.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// What the write is laid over cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A unique index has these parts already.
    #[error("there is such a {0} already")]
    Taken(&'static str),
    /// More than [`MAX_WRITE_BYTES`] or [`MAX_DETAIL_BYTES`].
    #[error("the change is larger than one write may be")]
    TooLarge,
    /// The request of this write was done before.
    #[error("this request was done before")]
    Repeated,
    /// The audit row cannot be written as JSON.
    #[error(transparent)]
    Row(#[from] crate::chain::RowError),
    /// The commit failed; nothing of this write is stored. The file is opened anew at the next call.
    #[error("the change could not be stored; free disk space or look at the disk's health, then try again")]
    Commit,
}

impl WriteError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            WriteError::Read(error) => error.kind(),
            WriteError::Taken(_) | WriteError::Repeated => ErrorKind::Conflict,
            WriteError::TooLarge => ErrorKind::Exhausted,
            WriteError::Row(error) => error.kind(),
            WriteError::Commit => ErrorKind::Unavailable,
        }
    }
}

/// The audit row of a write, before the write has run.
#[derive(Debug, Clone)]
pub struct EventDraft {
    /// What is done.
    pub action: Action,
    /// By whom; nothing for the system's own tasks.
    pub actor: Option<AnyId>,
    /// By which session or key.
    pub credential: Option<AnyId>,
    /// From where.
    pub address: Option<String>,
    /// In which request.
    pub request: Option<String>,
    /// To what.
    pub subject: AnyId,
    /// How it ended.
    pub outcome: Outcome,
    /// Facts about it.
    pub detail: Vec<(&'static str, String)>,
    /// The request that must not be done twice, if it is part of one.
    pub once: Option<Once>,
}

impl EventDraft {
    /// An event of the appliance's own tasks.
    pub fn system(task: model::SystemTask, subject: AnyId) -> Self {
        EventDraft {
            action: Action::System(task),
            actor: None,
            credential: None,
            address: None,
            request: None,
            subject,
            outcome: Outcome::Done,
            detail: Vec::new(),
            once: None,
        }
    }

    pub(crate) fn complete(self, id: Id<model::noun::AuditRow>, at: Timestamp) -> AuditEvent {
        AuditEvent {
            id,
            at,
            action: self.action,
            actor: self.actor,
            credential: self.credential,
            address: self.address,
            request: self.request,
            subject: self.subject,
            outcome: self.outcome,
            detail: self.detail.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        }
    }
}

/// A write in the making.
pub struct Tx<'a> {
    pub(crate) table: &'a Table,
    pub(crate) under: [&'a Layer; 2],
    pub(crate) changes: Layer,
    pub(crate) bytes: usize,
    pub(crate) event: EventDraft,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) ids: &'a IdSource,
}

impl Tx<'_> {
    /// The time of this write.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A fresh id.
    pub fn new_id<K: Noun>(&self) -> Id<K> {
        self.ids.next(self.now())
    }

    /// Adds a fact to the audit row. Never a secret, never content.
    pub fn note(&mut self, name: &'static str, value: impl Into<String>) {
        self.event.detail.push((name, value.into()));
    }

    /// Names the thing that the audit row is about, for writes that make it.
    pub fn about(&mut self, subject: AnyId) {
        self.event.subject = subject;
    }

    /// Says how it ended, where the write records a failure.
    pub fn outcome(&mut self, outcome: Outcome) {
        self.event.outcome = outcome;
    }

    /// Stores a record, in place of the one with its key.
    pub fn put<R: Record>(&mut self, record: &R) -> Result<(), WriteError> {
        let entries = IndexEntries::of(record);
        let before = self.get::<R>(&record.key())?.map(|old| IndexEntries::of(&old)).unwrap_or_default();
        for (row, _) in before.rows.iter().filter(|(row, _)| !entries.rows.iter().any(|(kept, _)| kept == row)) {
            self.change(row.clone(), None)?;
        }
        for (row, owner) in entries.rows {
            match self.value(&row)? {
                Some(other) if other != owner => return Err(WriteError::Taken(R::NAME)),
                Some(_) => {}
                None => self.change(row, Some(owner))?,
            }
        }
        self.change(key::record(R::NUMBER, &record.key()), Some(record::encode(record)))
    }

    /// Removes a record; says whether there was one.
    pub fn delete<R: Record>(&mut self, key: &R::Key) -> Result<bool, WriteError> {
        let Some(old) = self.get::<R>(key)? else { return Ok(false) };
        for (row, _) in IndexEntries::of(&old).rows {
            self.change(row, None)?;
        }
        self.change(key::record(R::NUMBER, key), None)?;
        Ok(true)
    }

    pub(crate) fn change(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) -> Result<(), WriteError> {
        self.bytes += key.len() + value.as_ref().map_or(0, Vec::len);
        if self.bytes > MAX_WRITE_BYTES {
            return Err(WriteError::TooLarge);
        }
        self.changes.insert(key, value);
        Ok(())
    }

    fn layers(&self) -> [&Layer; 3] {
        [&self.changes, self.under[0], self.under[1]]
    }
}

impl Read for Tx<'_> {
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        read::layered_value(self.table, &self.layers(), key)
    }
    fn walk(&self, span: Span, visit: &mut Visit<'_>) -> Result<(), ReadError> {
        read::layered_walk(self.table, &self.layers(), &span, visit)
    }
}
