//! API keys: secrets that sign programs in, as records. Their text form is [`crate::KeyText`].

use std::time::Duration;

use model::{AnyId, DataClass, Header, Id, Noun, NounKind, Permission, PermissionSet, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::{Cursor, IndexEntries, KeyBytes, MAX_PAGE, Page, Query, Read, ReadError, Record, Tx};

use crate::{
    key_text::KeyText,
    last_use::LastUse,
    people::PeopleError,
    realm::Realm,
    scram::Verifier,
    secret::{Digest, Secret},
    service_account::{self, ServiceAccount},
    text,
    user::{self, UserState},
};

const DAY_S: u64 = 24 * 3600;
const BY_OWNER: u8 = 1;

/// How many API keys there may be, and how long they last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyRules {
    /// The longest life of a key, in days; a year at most.
    pub max_age_days: u64,
    /// How many live keys a service account may have: two, so that one can replace the other without a gap.
    pub per_service_account: usize,
    /// How many live keys a user may have.
    pub per_user: usize,
}

impl Default for KeyRules {
    fn default() -> Self {
        Self { max_age_days: 365, per_service_account: 2, per_user: 10 }
    }
}

/// A secret that signs a program in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its head; the owner is the user or service account for which it acts.
    pub header: Header<noun::ApiKey>,
    /// What it is for.
    pub name: String,
    pub(crate) digest: Digest,
    /// What it may, as far as its owner may.
    pub scopes: PermissionSet,
    /// When it ends.
    pub expires: Timestamp,
    /// When it was revoked, if it was.
    pub revoked: Option<Timestamp>,
}

impl Record for ApiKey {
    const NAME: &'static str = noun::ApiKey::KIND.label();
    const NUMBER: u8 = NounKind::ApiKey as u8;
    type Key = Id<noun::ApiKey>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(BY_OWNER, &KeyBytes::new().with(&self.header.owner));
    }
}

impl ApiKey {
    /// The id.
    pub fn id(&self) -> Id<noun::ApiKey> {
        self.header.id
    }

    /// Whether it signs in at `now`, as far as its owner does.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && now < self.expires
    }

    /// When it was last used, to within a few minutes.
    pub fn last_used(&self, read: &impl Read) -> Result<Option<Timestamp>, ReadError> {
        Ok(LastUse::stored(read, self.id().erase())?.filter(|at| *at > self.header.created))
    }
}

/// An API key to be made.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The user or service account for which it acts.
    pub owner: AnyId,
    /// What it is for.
    pub name: String,
    /// What it may.
    pub scopes: PermissionSet,
    /// When it ends.
    pub expires: Timestamp,
}

/// Makes a key and shows it, for the only time. `held` is what its maker may: for a key of its own, anywhere; for a service
/// account's, in the whole tenant.
pub fn create(
    tx: &mut Tx<'_>,
    realm: &Realm,
    new: &NewKey,
    held: PermissionSet,
    rules: &KeyRules,
) -> Result<(Secret, ApiKey), PeopleError> {
    let now = tx.now();
    let limit = active_share(tx, new.owner, rules)?;
    let of_realm = if realm.is_system() { PermissionSet::APPLIANCE } else { PermissionSet::TENANT };
    if !held.intersection(of_realm).covers(new.scopes) {
        return Err(PeopleError::Scopes);
    }
    let days = rules.max_age_days.clamp(1, 365);
    if new.expires <= now || new.expires > now.after(Duration::from_secs(days * DAY_S)) {
        return Err(PeopleError::Expiry(days));
    }
    if of_owner(tx, new.owner)?.iter().filter(|key| key.is_live(now)).count() >= limit {
        return Err(PeopleError::TooMany { what: "live keys of one owner", limit });
    }
    let id = tx.new_id();
    let text = KeyText::fresh(realm.tenant, id);
    let key = ApiKey {
        header: Header::new(id, realm.tenant, realm.home, new.owner, DataClass::K7, now),
        name: text::name(&new.name)?,
        digest: text.digest(),
        scopes: new.scopes,
        expires: new.expires,
        revoked: None,
    };
    tx.about(id.erase());
    tx.note("owner", new.owner.to_string());
    tx.note("scopes", format!("{:?}", new.scopes));
    tx.put(&key)?;
    tx.put(&LastUse::new(id.erase(), now, None))?;
    // What may ask in SQL may do so at the door of PostgreSQL, which checks proofs; of operators' keys those that see the appliance.
    if [Permission::QueryRun, Permission::SystemRead].iter().any(|asks| new.scopes.contains(*asks)) {
        tx.put(&Verifier::of(&text))?;
    }
    Ok((text.reveal(), key))
}

/// How many live keys this owner may have, if it is active.
fn active_share(tx: &Tx<'_>, owner: AnyId, rules: &KeyRules) -> Result<usize, PeopleError> {
    if let Some(id) = owner.typed() {
        user::get(tx, id)?.require_active()?;
        return Ok(rules.per_user);
    }
    let id = owner.typed().ok_or(PeopleError::NotFound(ServiceAccount::NAME))?;
    match service_account::get(tx, id)?.state {
        UserState::Active => Ok(rules.per_service_account),
        _ => Err(PeopleError::Inactive(ServiceAccount::NAME)),
    }
}

/// The key with this id, revoked ones too.
pub fn get(read: &impl Read, id: Id<noun::ApiKey>) -> Result<ApiKey, PeopleError> {
    read.get::<ApiKey>(&id)?.ok_or(PeopleError::NotFound(ApiKey::NAME))
}

/// The keys of a tenant, newest first, a page at a time, as far as `keep` holds. Revoked and expired ones are among them.
pub fn list(
    read: &impl Read,
    after: Option<&Cursor>,
    limit: usize,
    keep: impl FnMut(&ApiKey) -> bool,
) -> Result<Page<ApiKey>, ReadError> {
    read.list(&Query { after, ..Query::newest(limit) }, keep)
}

/// The keys of a user or service account, oldest first, revoked and expired ones too.
pub fn of_owner(read: &impl Read, owner: AnyId) -> Result<Vec<ApiKey>, ReadError> {
    Ok(read.list::<ApiKey>(&Query::by(BY_OWNER, KeyBytes::new().with(&owner), MAX_PAGE), |_| true)?.items)
}

/// Revokes a key: it is refused from the next request on. Says whether that is news.
pub fn revoke(tx: &mut Tx<'_>, id: Id<noun::ApiKey>) -> Result<bool, PeopleError> {
    let mut key = get(tx, id)?;
    tx.about(id.erase());
    if key.revoked.is_some() {
        return Ok(false);
    }
    key.revoked = Some(tx.now());
    key.header.touch(tx.now());
    tx.put(&key)?;
    Ok(true)
}

pub(crate) fn revoke_all(tx: &mut Tx<'_>, owner: AnyId) -> Result<usize, PeopleError> {
    let now = tx.now();
    let mut revoked = 0;
    for mut key in of_owner(tx, owner)?.into_iter().filter(|key| key.is_live(now)) {
        key.revoked = Some(now);
        key.header.touch(now);
        tx.put(&key)?;
        revoked += 1;
    }
    Ok(revoked)
}

/// Removes the records of up to `limit` keys that ended more than `after` ago; says how many. For the task that tidies.
pub fn purge(tx: &mut Tx<'_>, after: Duration, limit: usize) -> Result<usize, PeopleError> {
    let now = tx.now();
    let ended = |key: &ApiKey| now.since(key.revoked.unwrap_or(key.expires).min(key.expires)) > after;
    let old = tx.list::<ApiKey>(&Query::newest(limit), ended)?.items;
    for key in &old {
        tx.delete::<ApiKey>(&key.id())?;
        tx.delete::<LastUse>(&key.id().erase())?;
        tx.delete::<Verifier>(&key.id())?;
    }
    Ok(old.len())
}
