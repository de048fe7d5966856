//! Users: the people of a tenant, and the operators of the appliance.

use model::{Classification, DataClass, Header, Id, Noun, NounKind, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::{Column, Cursor, IndexEntries, KeyBytes, Page, Query, Rank, Read, ReadError, Record, Sort, Tx};

use crate::{
    api_key, group,
    password::{self, PasswordHash},
    people::PeopleError,
    realm::Realm,
    second_factor::SecondFactor,
    session, text,
    text::Email,
};

/// After so many failed sign-ins in a row no password is accepted until someone unlocks the user (NIST SP 800-63B-4, 3.2.2).
pub const MAX_FAILURES: u32 = 100;
/// The most users of one name that are told apart.
const SAME_NAME: usize = 10;
const BY_EMAIL: u8 = 1;
const BY_NAME: u8 = 2;

/// A person. In the system's file: an operator.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// Its head; the user owns itself.
    pub header: Header<noun::User>,
    /// The name people see; empty once removed.
    pub name: String,
    /// What the user signs in with; nothing once removed.
    pub email: Option<Email>,
    /// Whether the user may sign in.
    pub state: UserState,
    /// The highest classification the user may see.
    pub clearance: Classification,
    pub(crate) password: Option<PasswordHash>,
    /// Whether the password must be changed before anything else.
    pub must_change: bool,
    /// Failed sign-ins since the last good one.
    pub failures: u32,
    /// The hour of the last sign-in.
    pub last_sign_in: Option<Timestamp>,
}

/// Whether a user or a service account may act. The order is part of stored records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UserState {
    /// It may.
    Active,
    /// Not until resumed. Sessions and keys are gone.
    Suspended,
    /// Never again. What named the person is gone; the id stays, for what they made.
    Removed,
}

impl Record for User {
    const NAME: &'static str = noun::User::KIND.label();
    const NUMBER: u8 = NounKind::User as u8;
    type Key = Id<noun::User>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        if let Some(email) = &self.email {
            entries.unique(BY_EMAIL, &KeyBytes::new().with(email.as_str()));
        }
        if !self.name.is_empty() {
            entries.add(BY_NAME, &KeyBytes::new().with(&self.name.to_lowercase()));
        }
    }
}

impl User {
    /// The id.
    pub fn id(&self) -> Id<noun::User> {
        self.header.id
    }

    /// Whether a password is set.
    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }

    /// Whether too many failed sign-ins in a row have locked the user out.
    pub fn is_locked(&self) -> bool {
        self.failures >= MAX_FAILURES
    }

    pub(crate) fn require_active(&self) -> Result<(), PeopleError> {
        if self.state == UserState::Active { Ok(()) } else { Err(PeopleError::Inactive(Self::NAME)) }
    }
}

/// Why a password must be changed before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MustChange {
    /// Another chose it.
    Given,
    /// It has been in use for longer than the tenant wants.
    Old,
}

impl MustChange {
    pub(crate) fn of(given: bool, over: Option<Timestamp>, now: Timestamp) -> Option<Self> {
        match over {
            _ if given => Some(MustChange::Given),
            Some(over) if over <= now => Some(MustChange::Old),
            _ => None,
        }
    }
}

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The name people see.
    pub name: String,
    /// The address to sign in with.
    pub email: Email,
    /// The highest classification the user may see.
    pub clearance: Classification,
    /// The password; without one, the user signs in by other means.
    pub password: Option<PasswordHash>,
    /// Whether the password must be changed at the first sign-in.
    pub must_change: bool,
}

/// Makes a user.
pub fn create(tx: &mut Tx<'_>, realm: &Realm, new: NewUser) -> Result<User, PeopleError> {
    let id: Id<noun::User> = tx.new_id();
    let user = User {
        header: Header::new(id, realm.tenant, realm.home, id.erase(), DataClass::K5, tx.now()),
        name: text::name(&new.name)?,
        email: Some(new.email),
        state: UserState::Active,
        clearance: new.clearance,
        password: new.password,
        must_change: new.must_change,
        failures: 0,
        last_sign_in: None,
    };
    tx.about(id.erase());
    tx.put(&user)?;
    Ok(user)
}

/// The user with this id, removed ones too.
pub fn get(read: &impl Read, id: Id<noun::User>) -> Result<User, PeopleError> {
    read.get::<User>(&id)?.ok_or(PeopleError::NotFound(User::NAME))
}

/// The user who signs in with this address.
pub fn by_email(read: &impl Read, email: &Email) -> Result<Option<User>, ReadError> {
    read.find::<User>(BY_EMAIL, &KeyBytes::new().with(email.as_str()))
}

/// Users who have this whole name, whatever its case; ten of them where there are more.
pub fn by_name(read: &impl Read, name: &str) -> Result<Vec<User>, ReadError> {
    let query = Query::by(BY_NAME, KeyBytes::new().with(&name.to_lowercase()), SAME_NAME);
    Ok(read.list::<User>(&query, |_| true)?.items)
}

/// By what users can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The name people see.
    Name,
    /// What the user signs in with.
    Email,
    /// Whether the user may sign in.
    State,
    /// The highest classification the user may see.
    Clearance,
    /// The hour of the last sign-in.
    LastSignIn,
    /// When the user came.
    Created,
}

impl Column for By {
    type Of = User;
    const ALL: &'static [(&'static str, Self)] = &[
        ("name", By::Name),
        ("email", By::Email),
        ("state", By::State),
        ("clearance", By::Clearance),
        ("last_sign_in", By::LastSignIn),
        ("created", By::Created),
    ];
    fn rank(self, user: &User) -> Rank {
        match self {
            By::Name => Rank::text(&user.name),
            By::Email => user.email.as_ref().map_or(Rank::NONE, |email| Rank::text(email.as_str())),
            By::State => Rank::number(user.state as u8),
            By::Clearance => Rank::number(user.clearance as u8),
            By::LastSignIn => user.last_sign_in.map_or(Rank::NONE, Rank::moment),
            By::Created => Rank::moment(user.header.created),
        }
    }
}

/// Users, newest first, a page at a time, as far as `keep` holds. Removed ones are among them.
pub fn list(
    read: &impl Read,
    after: Option<&Cursor>,
    limit: usize,
    keep: impl FnMut(&User) -> bool,
) -> Result<Page<User>, ReadError> {
    listed(read, None, after, limit, keep)
}

/// The same in an order.
pub fn listed(
    read: &impl Read,
    order: Option<Sort<By>>,
    after: Option<&Cursor>,
    limit: usize,
    keep: impl FnMut(&User) -> bool,
) -> Result<Page<User>, ReadError> {
    read.listed(&Query { after, ..Query::newest(limit) }, order, keep)
}

/// What to change of a user; what is not given stays.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// The name people see.
    pub name: Option<String>,
    /// The address to sign in with.
    pub email: Option<Email>,
    /// The highest classification the user may see.
    pub clearance: Option<Classification>,
}

/// Changes a user. A new address or clearance renews the user's sessions.
pub fn update(tx: &mut Tx<'_>, id: Id<noun::User>, change: UserChange) -> Result<User, PeopleError> {
    let mut user = present(tx, id)?;
    let mut renew = false;
    if let Some(name) = change.name {
        user.name = text::name(&name)?;
        tx.note("name", "changed");
    }
    if let Some(email) = change.email {
        renew |= user.email.as_ref() != Some(&email);
        user.email = Some(email);
        tx.note("email", "changed");
    }
    if let Some(clearance) = change.clearance {
        renew |= user.clearance != clearance;
        tx.note("clearance", format!("{:?} to {clearance:?}", user.clearance).to_lowercase());
        user.clearance = clearance;
    }
    if renew {
        session::demand_rotation(tx, id)?;
    }
    save(tx, user)
}

/// Sets a user's password and ends all sessions but `keep`. Also unlocks the user. The one before is remembered as far as the tenant wants.
pub fn set_password(
    tx: &mut Tx<'_>,
    id: Id<noun::User>,
    password: PasswordHash,
    must_change: bool,
    keep: Option<Id<noun::Session>>,
) -> Result<User, PeopleError> {
    let mut user = present(tx, id)?;
    password::replaced(tx, &user)?;
    user.password = Some(password);
    user.must_change = must_change;
    user.failures = 0;
    let ended = session::revoke_all(tx, id, keep)?;
    tx.note("password", "changed");
    tx.note("sessions_ended", ended.to_string());
    save(tx, user)
}

/// Lets a user try again who was locked out by failed sign-ins.
pub fn unlock(tx: &mut Tx<'_>, id: Id<noun::User>) -> Result<User, PeopleError> {
    let mut user = present(tx, id)?;
    tx.note("failures", format!("{} to 0", user.failures));
    user.failures = 0;
    save(tx, user)
}

/// Suspends a user: sessions end and keys die in the same commit.
pub fn suspend(tx: &mut Tx<'_>, id: Id<noun::User>) -> Result<User, PeopleError> {
    let mut user = present(tx, id)?;
    user.state = UserState::Suspended;
    end_access(tx, &user)?;
    tx.note("state", "suspended");
    save(tx, user)
}

/// Lets a suspended user sign in again. Sessions and keys do not come back.
pub fn resume(tx: &mut Tx<'_>, id: Id<noun::User>) -> Result<User, PeopleError> {
    let mut user = present(tx, id)?;
    user.state = UserState::Active;
    tx.note("state", "active");
    save(tx, user)
}

/// Removes a user for ever. The record stays without what names the person, so that what they made keeps its author's id; the
/// address is free again. That a tenant keeps an owner is the caller's to see to.
pub fn remove(tx: &mut Tx<'_>, id: Id<noun::User>) -> Result<User, PeopleError> {
    let mut user = present(tx, id)?;
    end_access(tx, &user)?;
    tx.delete::<SecondFactor>(&id)?;
    password::forget(tx, id)?;
    group::leave_all(tx, id)?;
    user.state = UserState::Removed;
    user.name = String::new();
    user.email = None;
    user.password = None;
    user.last_sign_in = None;
    user.header.labels.clear();
    tx.note("state", "removed");
    save(tx, user)
}

fn end_access(tx: &mut Tx<'_>, user: &User) -> Result<(), PeopleError> {
    let sessions = session::revoke_all(tx, user.id(), None)?;
    let keys = api_key::revoke_all(tx, user.id().erase())?;
    tx.note("sessions_ended", sessions.to_string());
    tx.note("keys_revoked", keys.to_string());
    Ok(())
}

/// The user, unless removed.
fn present(tx: &Tx<'_>, id: Id<noun::User>) -> Result<User, PeopleError> {
    let user = get(tx, id)?;
    if user.state == UserState::Removed { Err(PeopleError::NotFound(User::NAME)) } else { Ok(user) }
}

fn save(tx: &mut Tx<'_>, mut user: User) -> Result<User, PeopleError> {
    user.header.touch(tx.now());
    tx.about(user.id().erase());
    tx.put(&user)?;
    Ok(user)
}
