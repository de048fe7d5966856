//! Service accounts: programs of a tenant. They sign in with API keys only.

use model::{AnyId, Classification, DataClass, Header, Id, Noun, NounKind, noun};
use serde::{Deserialize, Serialize};
use store::{Cursor, IndexEntries, KeyBytes, Page, Query, Read, ReadError, Record, Tx};

use crate::{api_key, people::PeopleError, realm::Realm, text, user::UserState};

const BY_NAME: u8 = 1;

/// A program of a tenant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServiceAccount {
    /// Its head; the owner is who made it.
    pub header: Header<noun::ServiceAccount>,
    /// Its name; no two of a tenant have the same, whatever their case.
    pub name: String,
    /// Whether it may act.
    pub state: UserState,
    /// The highest classification it may see.
    pub clearance: Classification,
}

impl Record for ServiceAccount {
    const NAME: &'static str = noun::ServiceAccount::KIND.label();
    const NUMBER: u8 = NounKind::ServiceAccount as u8;
    type Key = Id<noun::ServiceAccount>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        if self.state != UserState::Removed {
            entries.unique(BY_NAME, &KeyBytes::new().with(&self.name.to_lowercase()));
        }
    }
}

impl ServiceAccount {
    /// The id.
    pub fn id(&self) -> Id<noun::ServiceAccount> {
        self.header.id
    }
}

/// Makes a service account.
pub fn create(
    tx: &mut Tx<'_>,
    realm: &Realm,
    owner: AnyId,
    name: &str,
    clearance: Classification,
) -> Result<ServiceAccount, PeopleError> {
    let id: Id<noun::ServiceAccount> = tx.new_id();
    let header = Header::new(id, realm.tenant, realm.home, owner, DataClass::K5, tx.now());
    let account = ServiceAccount { header, name: text::name(name)?, state: UserState::Active, clearance };
    tx.about(id.erase());
    tx.put(&account)?;
    Ok(account)
}

/// The service account with this id, removed ones too.
pub fn get(read: &impl Read, id: Id<noun::ServiceAccount>) -> Result<ServiceAccount, PeopleError> {
    read.get::<ServiceAccount>(&id)?.ok_or(PeopleError::NotFound(ServiceAccount::NAME))
}

/// Service accounts, newest first, a page at a time, as far as `keep` holds. Removed ones are among them.
pub fn list(
    read: &impl Read,
    after: Option<&Cursor>,
    limit: usize,
    keep: impl FnMut(&ServiceAccount) -> bool,
) -> Result<Page<ServiceAccount>, ReadError> {
    read.list(&Query { after, ..Query::newest(limit) }, keep)
}

/// What to change of a service account; what is not given stays.
#[derive(Debug, Clone, Default)]
pub struct ServiceAccountChange {
    /// Its name.
    pub name: Option<String>,
    /// The highest classification it may see.
    pub clearance: Option<Classification>,
}

/// Changes a service account.
pub fn update(
    tx: &mut Tx<'_>,
    id: Id<noun::ServiceAccount>,
    change: ServiceAccountChange,
) -> Result<ServiceAccount, PeopleError> {
    let mut account = present(tx, id)?;
    if let Some(name) = change.name {
        account.name = text::name(&name)?;
        tx.note("name", "changed");
    }
    if let Some(clearance) = change.clearance {
        tx.note("clearance", format!("{:?} to {clearance:?}", account.clearance).to_lowercase());
        account.clearance = clearance;
    }
    save(tx, account)
}

/// Suspends a service account: its keys die in the same commit.
pub fn suspend(tx: &mut Tx<'_>, id: Id<noun::ServiceAccount>) -> Result<ServiceAccount, PeopleError> {
    end(tx, id, UserState::Suspended, "suspended")
}

/// Lets a suspended service account have keys again; the old ones do not come back.
pub fn resume(tx: &mut Tx<'_>, id: Id<noun::ServiceAccount>) -> Result<ServiceAccount, PeopleError> {
    let mut account = present(tx, id)?;
    account.state = UserState::Active;
    tx.note("state", "active");
    save(tx, account)
}

/// Removes a service account for ever. The record stays, so that what it made keeps its author.
pub fn remove(tx: &mut Tx<'_>, id: Id<noun::ServiceAccount>) -> Result<ServiceAccount, PeopleError> {
    end(tx, id, UserState::Removed, "removed")
}

fn end(
    tx: &mut Tx<'_>,
    id: Id<noun::ServiceAccount>,
    state: UserState,
    word: &'static str,
) -> Result<ServiceAccount, PeopleError> {
    let mut account = present(tx, id)?;
    let keys = api_key::revoke_all(tx, id.erase())?;
    account.state = state;
    tx.note("state", word);
    tx.note("keys_revoked", keys.to_string());
    save(tx, account)
}

/// The service account, unless removed.
fn present(tx: &Tx<'_>, id: Id<noun::ServiceAccount>) -> Result<ServiceAccount, PeopleError> {
    let account = get(tx, id)?;
    if account.state == UserState::Removed { Err(PeopleError::NotFound(ServiceAccount::NAME)) } else { Ok(account) }
}

fn save(tx: &mut Tx<'_>, mut account: ServiceAccount) -> Result<ServiceAccount, PeopleError> {
    account.header.touch(tx.now());
    tx.about(account.id().erase());
    tx.put(&account)?;
    Ok(account)
}
