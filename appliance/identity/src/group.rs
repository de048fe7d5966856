//! Groups: sets of users that roles can be given to.

use std::collections::BTreeMap;

use model::{DataClass, Header, Id, Noun, NounKind, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::{
    Cursor, DecodeError, IndexEntries, KeyBytes, MAX_PAGE, Page, Query, Read, ReadError, Record, Tx, decode_body,
};

use crate::{
    people::{PeopleError, number},
    realm::Realm,
    text,
    user::{self, User},
};

/// The most groups one user may be in: all are looked at when the user's rights are found out.
pub const MAX_GROUPS: usize = 200;
const BY_NAME: u8 = 1;
const BY_GROUP: u8 = 1;
const BY_USER: u8 = 2;

/// A set of users.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Group {
    /// Its head.
    pub header: Header<noun::Group>,
    /// Its name; no two of a tenant have the same, whatever their case.
    pub name: String,
    /// When it was last given or lost a role: sessions of its members whose token is older are renewed.
    pub rights_changed: Option<Timestamp>,
}

/// As groups were stored before they told of their rights.
#[derive(Deserialize)]
struct GroupV1 {
    header: Header<noun::Group>,
    name: String,
}

impl Record for Group {
    const NAME: &'static str = noun::Group::KIND.label();
    const NUMBER: u8 = NounKind::Group as u8;
    const VERSION: u8 = 2;
    type Key = Id<noun::Group>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.unique(BY_NAME, &KeyBytes::new().with(&self.name.to_lowercase()));
    }
    fn decode(version: u8, body: &[u8]) -> Result<Self, DecodeError> {
        match version {
            Self::VERSION => decode_body(body),
            1 => decode_body::<GroupV1>(body).map(|GroupV1 { header, name }| Group {
                header,
                name,
                rights_changed: None,
            }),
            other => Err(DecodeError::Version(other)),
        }
    }
}

/// A user's place in a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Membership {
    pub(crate) group: Id<noun::Group>,
    pub(crate) user: Id<noun::User>,
}

impl Record for Membership {
    const NAME: &'static str = "membership";
    const NUMBER: u8 = number::MEMBERSHIP;
    type Key = (Id<noun::Group>, Id<noun::User>);
    fn key(&self) -> Self::Key {
        (self.group, self.user)
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(BY_GROUP, &KeyBytes::new().with(&self.group));
        entries.add(BY_USER, &KeyBytes::new().with(&self.user));
    }
}

/// Makes a group without members.
pub fn create(tx: &mut Tx<'_>, realm: &Realm, owner: model::AnyId, name: &str) -> Result<Group, PeopleError> {
    let id: Id<noun::Group> = tx.new_id();
    let header = Header::new(id, realm.tenant, realm.home, owner, DataClass::K5, tx.now());
    let group = Group { header, name: text::name(name)?, rights_changed: None };
    tx.about(id.erase());
    tx.put(&group)?;
    Ok(group)
}

/// The group with this id.
pub fn get(read: &impl Read, id: Id<noun::Group>) -> Result<Group, PeopleError> {
    read.get::<Group>(&id)?.ok_or(PeopleError::NotFound(Group::NAME))
}

/// Groups, newest first, a page at a time, as far as `keep` holds.
pub fn list(
    read: &impl Read,
    after: Option<&Cursor>,
    limit: usize,
    keep: impl FnMut(&Group) -> bool,
) -> Result<Page<Group>, ReadError> {
    read.list(&Query { after, ..Query::newest(limit) }, keep)
}

/// Gives a group another name.
pub fn rename(tx: &mut Tx<'_>, id: Id<noun::Group>, name: &str) -> Result<Group, PeopleError> {
    let mut group = get(tx, id)?;
    group.name = text::name(name)?;
    group.header.touch(tx.now());
    tx.about(id.erase());
    tx.note("name", "changed");
    tx.put(&group)?;
    Ok(group)
}

/// Notes that what the members of a group may has changed: to be called with a change of its roles. However many members there are,
/// it costs one record.
pub fn demand_rotation(tx: &mut Tx<'_>, id: Id<noun::Group>) -> Result<(), PeopleError> {
    let mut group = get(tx, id)?;
    group.rights_changed = Some(tx.now());
    Ok(tx.put(&group)?)
}

/// Removes a group and its memberships; says how many there were.
pub fn remove(tx: &mut Tx<'_>, id: Id<noun::Group>) -> Result<usize, PeopleError> {
    get(tx, id)?;
    let mut removed = 0;
    loop {
        let query = Query::by(BY_GROUP, KeyBytes::new().with(&id), MAX_PAGE);
        let members = tx.list::<Membership>(&query, |_| true)?.items;
        if members.is_empty() {
            break;
        }
        for member in &members {
            tx.delete::<Membership>(&member.key())?;
        }
        removed += members.len();
    }
    tx.delete::<Group>(&id)?;
    tx.about(id.erase());
    tx.note("members", removed.to_string());
    Ok(removed)
}

/// Puts a user into a group; says whether that is news.
pub fn add(tx: &mut Tx<'_>, group: Id<noun::Group>, user: Id<noun::User>) -> Result<bool, PeopleError> {
    get(tx, group)?;
    user::get(tx, user)?.require_active()?;
    let membership = Membership { group, user };
    tx.about(group.erase());
    tx.note("user", user.to_string());
    if tx.get::<Membership>(&membership.key())?.is_some() {
        return Ok(false);
    }
    if of_user(tx, user)?.len() >= MAX_GROUPS {
        return Err(PeopleError::TooMany { what: "groups of one user", limit: MAX_GROUPS });
    }
    tx.put(&membership)?;
    Ok(true)
}

/// Takes a user out of a group; says whether that is news.
pub fn take_out(tx: &mut Tx<'_>, group: Id<noun::Group>, user: Id<noun::User>) -> Result<bool, PeopleError> {
    get(tx, group)?;
    tx.about(group.erase());
    tx.note("user", user.to_string());
    Ok(tx.delete::<Membership>(&(group, user))?)
}

/// The users in a group, in the order of their ids, a page at a time.
pub fn members(
    read: &impl Read,
    group: Id<noun::Group>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<User>, PeopleError> {
    let query = Query { after, ..Query::by(BY_GROUP, KeyBytes::new().with(&group), limit) };
    let page = read.list::<Membership>(&query, |_| true)?;
    let users = page.items.iter().map(|member| user::get(read, member.user)).collect::<Result<_, _>>()?;
    Ok(Page { items: users, next: page.next })
}

/// Who is in which group: of all groups that have members.
pub fn everyone(read: &impl Read) -> Result<BTreeMap<Id<noun::Group>, Vec<Id<noun::User>>>, ReadError> {
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let mut after = None;
    loop {
        let query = Query { index: None, after: after.as_ref(), limit: MAX_PAGE, newest_first: false };
        let page = read.list::<Membership>(&query, |_| true)?;
        page.items.into_iter().for_each(|member| found.entry(member.group).or_default().push(member.user));
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

/// The groups a user is in.
pub fn of_user(read: &impl Read, user: Id<noun::User>) -> Result<Vec<Id<noun::Group>>, ReadError> {
    let query = Query::by(BY_USER, KeyBytes::new().with(&user), MAX_GROUPS);
    Ok(read.list::<Membership>(&query, |_| true)?.items.into_iter().map(|member| member.group).collect())
}

pub(crate) fn leave_all(tx: &mut Tx<'_>, user: Id<noun::User>) -> Result<(), PeopleError> {
    for group in of_user(tx, user)? {
        tx.delete::<Membership>(&(group, user))?;
    }
    Ok(())
}
