//! Full-text search over what a tenant has made.
//!
//! As with the audit trail, the index lies in memory: it is built from the records when a tenant searches for the first time, follows
//! them by the database's count of changes, and is forgotten with the process or when others need the room. The records are the only
//! truth: rights are judged by them before anything is counted, and what a search returns is read from them again.

mod index;
mod query;
mod snippet;
mod source;
#[cfg(test)]
mod tests;
mod words;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use access::ListPermit;
use model::{AnyId, ErrorKind, Id, noun, permission::ProjectRead};

pub use snippet::Stretch;
pub use source::Source;

use crate::{error::LibraryError, tags};
use index::LibraryIndex;

/// How many hits can be paged through; who wants more should ask more precisely.
pub const MAX_OFFSET: usize = 10_000;

/// What is searched for: all that is said must hold.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Words that must all occur, `"phrases"` too; with a `-` in front they must not. The last word may go on.
    pub text: String,
    /// Of this kind.
    pub source: Option<Source>,
    /// In this project.
    pub project: Option<Id<noun::Project>>,
    /// With this tag, on itself or on the recording it was made of.
    pub tag: Option<String>,
    /// How many hits to leave out: those of the pages before, at most [`MAX_OFFSET`].
    pub offset: usize,
    /// How many hits to return.
    pub limit: usize,
}

/// Something that was found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// What.
    pub id: AnyId,
    /// The project it lies in.
    pub project: Option<Id<noun::Project>>,
    /// The recording it is or was made of.
    pub recording: Option<Id<noun::Recording>>,
    /// What it is called.
    pub title: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Where in its text it was found; empty when it was by title or tags.
    pub snippet: Vec<Stretch>,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The best first.
    pub hits: Vec<Hit>,
    /// How many there are on all pages, of those that the caller may see.
    pub total: u64,
    /// Where the next page begins; nothing when this is the last.
    pub next: Option<usize>,
    /// Whether all records were searched; if not, time was short: ask again.
    pub complete: bool,
}

/// What search may cost.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Tenants whose index is kept.
    pub open: usize,
    /// Bytes that all indexes may take; the one in use may be larger alone.
    pub bytes: usize,
    /// How long a search may take.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { open: 64, bytes: 256 << 20, time: Duration::from_secs(2) }
    }
}

/// A search that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The text is too long.
    #[error("the search text is too long: at most {bytes} bytes and {words} words")]
    Text {
        /// Bytes allowed.
        bytes: usize,
        /// Words and phrases allowed.
        words: usize,
    },
    /// A filter, or the records cannot be read.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The index failed.
    #[error("the search index failed")]
    Index(#[from] tantivy::TantivyError),
}

impl SearchError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            SearchError::Text { .. } => ErrorKind::Invalid,
            SearchError::Library(error) => error.kind(),
            SearchError::Index(_) => ErrorKind::Bug,
        }
    }
}

impl From<store::ReadError> for SearchError {
    fn from(error: store::ReadError) -> Self {
        SearchError::Library(error.into())
    }
}

impl From<store::WriteError> for SearchError {
    fn from(error: store::WriteError) -> Self {
        SearchError::Library(error.into())
    }
}

/// The indexes of all tenants: as many as fit, those used last.
#[derive(Debug)]
pub struct Indexes {
    limits: Limits,
    open: Mutex<Open>,
    writer: Mutex<()>,
}

#[derive(Debug, Default)]
struct Open {
    /// Counts searches: a clock for what was used last.
    used: u64,
    indexes: BTreeMap<Id<noun::Tenant>, (u64, Arc<LibraryIndex>)>,
}

impl Indexes {
    /// No index yet.
    pub fn new(limits: Limits) -> Self {
        Indexes { limits, open: Mutex::default(), writer: Mutex::default() }
    }

    /// What the caller may find.
    ///
    /// # Errors
    /// When the text is too long, or the records cannot be read.
    pub fn search(&self, permit: &ListPermit<ProjectRead>, search: &Search) -> Result<Found, SearchError> {
        let start = Instant::now();
        let files = permit.files().ok_or(LibraryError::NotFound)?;
        let pieces = query::pieces(&search.text)?;
        let tag = search.tag.as_deref().map(tags::one).transpose()?;
        let index = self.get(permit.tenant())?;
        // Half of the time to take records in, the other half to look.
        index.refresh(files, &self.writer, start + self.limits.time / 2)?;
        self.make_room(permit.tenant());
        let offset = search.offset.min(MAX_OFFSET);
        let wanted = offset + search.limit;
        let found = index.search(&pieces, wanted, start + self.limits.time, |head| {
            search.source.is_none_or(|source| source == head.source)
                && search.project.is_none_or(|project| head.subject.project == Some(project))
                && tag.as_ref().is_none_or(|tag| head.tags.contains(tag))
                && permit.allows(head.source.permission(), &head.subject)
        })?;
        let view = permit.read()?;
        let mut hits = Vec::new();
        for head in found.heads.into_iter().skip(offset) {
            // What was removed a moment ago is not there any more.
            let Some(text) = head.source.text(&view, files, head.subject.id)? else { continue };
            hits.push(Hit {
                id: head.subject.id,
                project: head.subject.project,
                recording: head.recording,
                snippet: snippet::snippet(&text, &pieces),
                title: text.title,
                tags: text.tags,
            });
        }
        let next = (found.total > wanted as u64 && wanted <= MAX_OFFSET).then_some(wanted);
        Ok(Found { hits, total: found.total, next, complete: found.complete })
    }

    /// Forgets the index of a tenant that is gone.
    pub fn forget(&self, tenant: Id<noun::Tenant>) {
        self.lock().indexes.remove(&tenant);
    }

    /// How many bytes the indexes take.
    pub fn bytes(&self) -> usize {
        self.lock().indexes.values().map(|(_, index)| index.bytes()).sum()
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, tenant: Id<noun::Tenant>) -> Result<Arc<LibraryIndex>, SearchError> {
        let mut open = self.lock();
        open.used += 1;
        let used = open.used;
        if let Some((last, index)) = open.indexes.get_mut(&tenant) {
            *last = used;
            return Ok(Arc::clone(index));
        }
        let index = Arc::new(LibraryIndex::new()?);
        open.indexes.insert(tenant, (used, Arc::clone(&index)));
        Ok(index)
    }

    /// Closes the indexes that were not used for the longest time, but not that of `kept`, until the rest fits.
    fn make_room(&self, kept: Id<noun::Tenant>) {
        let mut open = self.lock();
        let mut bytes: usize = open.indexes.values().map(|(_, index)| index.bytes()).sum();
        while open.indexes.len() > self.limits.open || bytes > self.limits.bytes {
            let others = open.indexes.iter().filter(|(tenant, _)| **tenant != kept);
            let Some(oldest) = others.min_by_key(|(_, (used, _))| *used).map(|(tenant, _)| *tenant) else { return };
            if let Some((_, index)) = open.indexes.remove(&oldest) {
                bytes = bytes.saturating_sub(index.bytes());
            }
        }
    }
}
