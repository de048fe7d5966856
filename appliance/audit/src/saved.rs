//! Searches of the trail that are kept under a name: for oneself, or for everyone who may read the trail.

use access::Permit;
use model::{AnyId, DataClass, ErrorKind, Header, Id, noun, permission::AuditRead};
use serde::{Deserialize, Serialize};
use store::{Headed, Query, Read as _, ReadError, Record, Tx, WriteError};

/// The most searches that a tenant keeps.
pub const MAX_SEARCHES: usize = 200;
/// The most characters of a name.
pub const MAX_NAME: usize = 100;

/// A search under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedSearch {
    /// Its header; the owner is who keeps it.
    pub header: Header<noun::SavedSearch>,
    /// What it is called.
    pub name: String,
    /// Whether everyone who may read the trail has it. They may rename and remove it too, so that none outlives the last who cares.
    pub shared: bool,
    /// What is searched for.
    pub wanted: Wanted,
}

/// What is searched for, in the words of the API: empty fields let all pass. Whether they mean something, the caller has seen to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Words and phrases.
    pub text: String,
    /// What was done.
    pub action: Option<String>,
    /// Who did it.
    pub actor: Option<String>,
    /// To what.
    pub subject: Option<String>,
    /// To which kind of thing.
    pub kind: Option<String>,
    /// How it ended.
    pub outcome: Option<String>,
    /// From where.
    pub address: Option<String>,
    /// Not before this moment.
    pub from: Option<String>,
    /// Before this moment.
    pub to: Option<String>,
}

impl Record for SavedSearch {
    const NAME: &'static str = "saved search";
    const NUMBER: u8 = model::NounKind::SavedSearch as u8;
    type Key = Id<noun::SavedSearch>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
}

impl Headed for SavedSearch {
    type Noun = noun::SavedSearch;
    fn header(&self) -> &Header<noun::SavedSearch> {
        &self.header
    }
}

impl SavedSearch {
    /// Whether `actor`, who may read the trail, has it.
    fn is_for(&self, actor: AnyId) -> bool {
        self.shared || self.header.owner == actor
    }
}

/// Why a search is not kept, changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// There is none, or it is another's own.
    #[error("there is no such saved search")]
    NotFound,
    /// The name.
    #[error("the name must be one line of 1 to {MAX_NAME} characters")]
    Name,
    /// Only who keeps it decides who else has it.
    #[error("only who saved the search may change who sees it")]
    NotYours,
    /// There are too many.
    #[error("at most {MAX_SEARCHES} searches are kept; remove some first")]
    TooMany,
    /// It has changed since it was read.
    #[error("it has changed meanwhile: you have read version {read}, it is at version {now}")]
    Version {
        /// The version that was read.
        read: u64,
        /// The version it has.
        now: u64,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] WriteError),
}

impl SavedError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            SavedError::NotFound => ErrorKind::NotFound,
            SavedError::Name => ErrorKind::Invalid,
            SavedError::NotYours => ErrorKind::Denied,
            SavedError::TooMany => ErrorKind::Exhausted,
            SavedError::Version { .. } => ErrorKind::Conflict,
            SavedError::Store(error) => error.kind(),
        }
    }
}

impl From<ReadError> for SavedError {
    fn from(error: ReadError) -> Self {
        SavedError::Store(error.into())
    }
}

/// A change of a saved search: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct SavedChange {
    /// Another name.
    pub name: Option<String>,
    /// Whether everyone has it.
    pub shared: Option<bool>,
    /// What is searched for from now on.
    pub wanted: Option<Wanted>,
}

/// Keeps a search.
///
/// # Errors
/// [`SavedError::Name`], [`SavedError::TooMany`], or those of the store.
pub fn keep(permit: Permit<AuditRead>, called: &str, shared: bool, wanted: Wanted) -> Result<SavedSearch, SavedError> {
    let name = name(called)?;
    let (tenant, home, owner) = (permit.tenant(), permit.home(), permit.actor());
    permit.write(|tx| {
        if tx.list::<SavedSearch>(&Query::newest(MAX_SEARCHES), |_| true)?.items.len() >= MAX_SEARCHES {
            return Err(SavedError::TooMany);
        }
        let header = Header::new(tx.new_id(), tenant, home, owner, DataClass::K4, tx.now());
        let search = SavedSearch { header, name, shared, wanted };
        note(tx, &search, "kept");
        tx.put(&search)?;
        Ok(search)
    })
}

/// One's own searches and those that are shared, newest first.
///
/// # Errors
/// When they cannot be read.
pub fn list(permit: &Permit<AuditRead>) -> Result<Vec<SavedSearch>, SavedError> {
    let actor = permit.actor();
    let query = Query::newest(MAX_SEARCHES);
    Ok(permit.read()?.list::<SavedSearch>(&query, |search| search.is_for(actor))?.items)
}

/// Changes the search of the permit, which is at version `base` or at any without one.
///
/// # Errors
/// [`SavedError::NotFound`] for another's own, too; [`SavedError::NotYours`], [`SavedError::Name`], [`SavedError::Version`].
pub fn update(permit: Permit<AuditRead>, base: Option<u64>, change: SavedChange) -> Result<SavedSearch, SavedError> {
    let called = change.name.as_deref().map(name).transpose()?;
    let (actor, id) = (permit.actor(), permit.subject().id);
    permit.write(|tx| {
        let mut search = current(tx, id, actor, base)?;
        if change.shared.is_some_and(|shared| shared != search.shared) && search.header.owner != actor {
            return Err(SavedError::NotYours);
        }
        search.name = called.unwrap_or(search.name);
        search.shared = change.shared.unwrap_or(search.shared);
        search.wanted = change.wanted.unwrap_or(search.wanted);
        search.header.touch(tx.now());
        note(tx, &search, "changed");
        tx.put(&search)?;
        Ok(search)
    })
}

/// Removes the search of the permit.
///
/// # Errors
/// [`SavedError::NotFound`] for another's own, too; [`SavedError::Version`].
pub fn remove(permit: Permit<AuditRead>, base: Option<u64>) -> Result<(), SavedError> {
    let (actor, id) = (permit.actor(), permit.subject().id);
    permit.write(|tx| {
        let search = current(tx, id, actor, base)?;
        note(tx, &search, "removed");
        tx.delete::<SavedSearch>(&search.header.id)?;
        Ok(())
    })
}

fn current(tx: &Tx<'_>, id: AnyId, actor: AnyId, base: Option<u64>) -> Result<SavedSearch, SavedError> {
    let found = id.typed().map(|id: Id<noun::SavedSearch>| tx.get::<SavedSearch>(&id)).transpose()?.flatten();
    let search = found.filter(|search| search.is_for(actor)).ok_or(SavedError::NotFound)?;
    let now = search.header.version;
    match base.filter(|base| *base != now) {
        Some(read) => Err(SavedError::Version { read, now }),
        None => Ok(search),
    }
}

/// The row says that a search was kept, and not which: what somebody looks for is theirs.
fn note(tx: &mut Tx<'_>, search: &SavedSearch, what: &str) {
    tx.about(search.header.id.erase());
    tx.note("saved_search", what);
    tx.note("shared", search.shared.to_string());
}

fn name(text: &str) -> Result<String, SavedError> {
    let text = text.trim();
    let fits = (1..=MAX_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(SavedError::Name) }
}

#[cfg(test)]
mod tests {
    use store::{as_stored, full_header};

    use super::*;

    #[test]
    fn searches_are_stored_as_ever() {
        let search = SavedSearch {
            header: full_header(40),
            name: "Refusals".to_owned(),
            shared: true,
            wanted: Wanted {
                text: "\"role assign\"".to_owned(),
                action: Some("role:assign".to_owned()),
                outcome: Some("denied".to_owned()),
                ..Wanted::default()
            },
        };
        insta::assert_snapshot!(as_stored(&search));
    }

    #[test]
    fn names_are_one_line() {
        assert_eq!(name("  Refusals ").unwrap(), "Refusals");
        for bad in ["", "  ", "a\nb", &"x".repeat(101)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
        assert!(name(&"ä".repeat(100)).is_ok());
    }
}
