//! Assignments: a role, given to a user, a service account or a group, in the whole tenant or in one project.

mod end;

use std::fmt;

pub use end::{set_end, set_end_of_share};
use model::{
    Actor, AnyId, DataClass, Grant, Header, Id, Level, NounKind, PermissionSet, Permitted, Scope, Timestamp,
    noun::{self, Group, Project},
    permission::{ProjectRead, ProjectShare, RoleAssign, RoleRead},
};
use serde::{Deserialize, Serialize};
use store::{Cursor, Headed, IndexEntries, KeyBytes, MAX_PAGE, Page, Query, Read, ReadError, Record, Tx, WriteError};

use crate::{
    permit::{ListPermit, Permit},
    review::ReviewScope,
    rights::{RightsError, ahead, within},
    roles::CustomRole,
};

/// How many roles one principal may have: all are looked at for each request that is not remembered.
pub const MAX_ASSIGNMENTS: usize = 500;

/// The numbers of the records from which grants follow: when one changes, [`grants_of`] must be asked anew.
pub const GRANT_RECORDS: &[u8] = &[CustomRole::NUMBER, Assignment::NUMBER];

const BY_PRINCIPAL: u8 = 1;
const BY_ROLE: u8 = 2;
const BY_PROJECT: u8 = 3;
const ONCE: u8 = 4;
/// Stands for the whole tenant where a project stands. No project has it, as ids begin with the time.
const WHOLE: Id<Project> = Id::from_bits(0);

/// A built-in role or one of the tenant's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoleRef {
    /// A built-in one.
    Level(Level),
    /// One of the tenant's own.
    Custom(Id<noun::Role>),
}

impl RoleRef {
    /// What it grants; nothing when it is no more.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn permissions(self, read: &impl Read) -> Result<PermissionSet, ReadError> {
        Ok(match self {
            RoleRef::Level(level) => level.permissions(),
            RoleRef::Custom(id) => read.get::<CustomRole>(&id)?.map_or(PermissionSet::NONE, |role| role.permissions),
        })
    }

    fn key(self) -> KeyBytes {
        KeyBytes::new().with(&self.to_string())
    }
}

impl fmt::Display for RoleRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RoleRef::Level(level) => f.write_str(level.name()),
            RoleRef::Custom(id) => id.fmt(f),
        }
    }
}

/// A role given to someone. It holds in the project that its header names, or without one in the whole tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Its header.
    pub header: Header<noun::Assignment>,
    /// A user, a service account or a group.
    pub principal: AnyId,
    /// What is given.
    pub role: RoleRef,
    /// Until when; for ever when nothing is said.
    pub expires: Option<Timestamp>,
}

impl Assignment {
    /// Where it holds.
    pub fn scope(&self) -> Scope {
        self.header.project.map_or(Scope::Tenant, Scope::Project)
    }

    /// Whether it makes a user answer for the tenant for good.
    fn is_owner(&self) -> bool {
        self.role == RoleRef::Level(Level::Owner)
            && self.header.project.is_none()
            && self.expires.is_none()
            && self.principal.kind == NounKind::User
    }
}

impl Record for Assignment {
    const NAME: &'static str = "assignment";
    const NUMBER: u8 = NounKind::Assignment as u8;
    type Key = Id<noun::Assignment>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(BY_PRINCIPAL, &KeyBytes::new().with(&self.principal));
        entries.add(BY_ROLE, &self.role.key());
        entries.add(BY_PROJECT, &KeyBytes::new().with(&self.header.project.unwrap_or(WHOLE)));
        let place = self.header.project.map_or(0, Id::bits).to_be_bytes();
        entries.unique(ONCE, &self.role.key().with(&self.principal).with(&place));
    }
}

impl Headed for Assignment {
    type Noun = noun::Assignment;
    fn header(&self) -> &Header<noun::Assignment> {
        &self.header
    }
}

/// A role to give.
#[derive(Debug, Clone, Copy)]
pub struct NewAssignment {
    /// To a user, a service account or a group. That there is one is for the caller to see.
    pub principal: AnyId,
    /// Which role.
    pub role: RoleRef,
    /// Until when.
    pub expires: Option<Timestamp>,
}

/// Gives a role: in the project that the permit's subject is or lies in, or else in the whole tenant. `also` sees in the same write
/// to what concerns the principal: that there is one, and its sessions.
///
/// # Errors
/// [`RightsError::Beyond`] when the role holds more than its giver does there.
pub fn give(
    permit: Permit<RoleAssign>,
    new: &NewAssignment,
    also: impl FnOnce(&mut Tx<'_>, AnyId) -> Result<(), RightsError>,
) -> Result<Assignment, RightsError> {
    put(permit, new, also)
}

/// Shares a project: gives a role in the project of the permit. `also` as for [`give`].
///
/// # Errors
/// As for [`give`]; [`RightsError::NotFound`] when the permit is not about a project.
pub fn share(
    permit: Permit<ProjectShare>,
    new: &NewAssignment,
    also: impl FnOnce(&mut Tx<'_>, AnyId) -> Result<(), RightsError>,
) -> Result<Assignment, RightsError> {
    permit.subject().project.ok_or(RightsError::NotFound("project"))?;
    put(permit, new, also)
}

/// Takes a role back: the assignment that the permit is about. Who takes must hold what they take. `also` as for [`give`].
///
/// # Errors
/// [`RightsError::LastOwner`], [`RightsError::Beyond`], or when there is no such assignment.
pub fn take(
    permit: Permit<RoleAssign>,
    also: impl FnOnce(&mut Tx<'_>, AnyId) -> Result<(), RightsError>,
) -> Result<(), RightsError> {
    let id = permit.subject().id.typed().ok_or(RightsError::NotFound(Assignment::NAME))?;
    remove(permit, id, also)
}

/// Ends the sharing of the permit's project by this assignment.
///
/// # Errors
/// As for [`take`].
pub fn unshare(
    permit: Permit<ProjectShare>,
    id: Id<noun::Assignment>,
    also: impl FnOnce(&mut Tx<'_>, AnyId) -> Result<(), RightsError>,
) -> Result<(), RightsError> {
    permit.subject().project.ok_or(RightsError::NotFound("project"))?;
    remove(permit, id, also)
}

fn put<P: Permitted>(
    permit: Permit<P>,
    new: &NewAssignment,
    also: impl FnOnce(&mut Tx<'_>, AnyId) -> Result<(), RightsError>,
) -> Result<Assignment, RightsError> {
    if !matches!(new.principal.kind, NounKind::User | NounKind::ServiceAccount | NounKind::Group) {
        return Err(RightsError::Principal);
    }
    ahead(new.expires, permit.now())?;
    let project = permit.subject().project;
    let (tenant, home, giver, own) = (permit.tenant(), permit.home(), permit.actor(), permit.holds(project));
    permit.write(|tx| {
        if let RoleRef::Custom(id) = new.role {
            tx.get::<CustomRole>(&id)?.ok_or(RightsError::NotFound(CustomRole::NAME))?;
        }
        within(new.role.permissions(tx)?, own)?;
        if of_principal(tx, new.principal)?.len() >= MAX_ASSIGNMENTS {
            return Err(RightsError::TooMany { what: "roles of one principal", limit: MAX_ASSIGNMENTS });
        }
        let mut header = Header::new(tx.new_id(), tenant, home, giver, DataClass::K4, tx.now());
        header.project = project;
        let assignment = Assignment { header, principal: new.principal, role: new.role, expires: new.expires };
        also(tx, new.principal)?;
        note(tx, &assignment);
        tx.put(&assignment)?;
        Ok(assignment)
    })
}

fn remove<P: Permitted>(
    permit: Permit<P>,
    id: Id<noun::Assignment>,
    also: impl FnOnce(&mut Tx<'_>, AnyId) -> Result<(), RightsError>,
) -> Result<(), RightsError> {
    let project = permit.subject().project;
    let own = permit.holds(project);
    permit.write(|tx| {
        let assignment = tx.get::<Assignment>(&id)?.ok_or(RightsError::NotFound(Assignment::NAME))?;
        // The permit was asked for with what the assignment said then.
        if assignment.header.project != project {
            return Err(RightsError::NotFound(Assignment::NAME));
        }
        withdraw(tx, &assignment, own, also)?;
        note(tx, &assignment);
        Ok(())
    })
}

/// Takes a role back, inside a write by one who holds `own` where it holds.
pub(crate) fn withdraw(
    tx: &mut Tx<'_>,
    assignment: &Assignment,
    own: PermissionSet,
    also: impl FnOnce(&mut Tx<'_>, AnyId) -> Result<(), RightsError>,
) -> Result<(), RightsError> {
    within(assignment.role.permissions(tx)?, own)?;
    if assignment.is_owner() && !other_owner(tx, assignment.principal)? {
        return Err(RightsError::LastOwner);
    }
    also(tx, assignment.principal)?;
    tx.delete::<Assignment>(&assignment.header.id)?;
    Ok(())
}

/// Makes `user` the first owner of a tenant: part of the tenant's first write, which has no caller.
///
/// # Errors
/// Those of the store.
pub fn first_owner(tx: &mut Tx<'_>, header: Header<noun::Assignment>, user: Id<noun::User>) -> Result<(), WriteError> {
    let role = RoleRef::Level(Level::Owner);
    tx.put(&Assignment { header, principal: user.erase(), role, expires: None })
}

/// Takes all roles from someone who is removed, in the same write; says how many there were.
///
/// # Errors
/// [`RightsError::LastOwner`], or those of the store.
pub fn take_all(tx: &mut Tx<'_>, principal: AnyId) -> Result<usize, RightsError> {
    let given = of_principal(tx, principal)?;
    if given.iter().any(Assignment::is_owner) && !other_owner(tx, principal)? {
        return Err(RightsError::LastOwner);
    }
    for assignment in &given {
        tx.delete::<Assignment>(&assignment.header.id)?;
    }
    Ok(given.len())
}

/// Whether nobody would answer for the tenant without `user`: it must not be suspended or removed.
///
/// # Errors
/// When the assignments cannot be read.
pub fn is_last_owner(read: &impl Read, user: Id<noun::User>) -> Result<bool, ReadError> {
    let owns = of_principal(read, user.erase())?.iter().any(Assignment::is_owner);
    Ok(owns && !other_owner(read, user.erase())?)
}

/// What a user or service account may, and where: by its own assignments and those of its groups.
///
/// # Errors
/// When the assignments cannot be read.
pub fn grants_of(read: &impl Read, principal: AnyId, groups: &[Id<Group>]) -> Result<Vec<Grant>, ReadError> {
    let mut grants = Vec::new();
    for principal in groups.iter().map(|group| group.erase()).chain([principal]) {
        for assignment in of_principal(read, principal)? {
            let permissions = assignment.role.permissions(read)?;
            if !permissions.is_empty() {
                grants.push(Grant { scope: assignment.scope(), permissions, expires: assignment.expires });
            }
        }
    }
    Ok(grants)
}

/// That the permit's holder may rule over who has these grants: puts someone in a group, signs in for a service account,
/// resets a password. Who holds less than the other would gain by it.
///
/// # Errors
/// [`RightsError::Beyond`].
pub fn rules_over<P: Permitted>(permit: &Permit<P>, grants: &[Grant]) -> Result<(), RightsError> {
    outranks(permit.caller(), permit.now(), grants)
}

/// As [`rules_over`], inside a write, which the permit has gone into: `actor` is who it was given to. Grants that are over do not
/// count.
///
/// # Errors
/// [`RightsError::Beyond`].
pub fn outranks(actor: &Actor, now: Timestamp, grants: &[Grant]) -> Result<(), RightsError> {
    let live = grants.iter().filter(|grant| grant.expires.is_none_or(|end| now < end));
    live.into_iter().try_for_each(|grant| match grant.scope {
        Scope::Tenant => within(grant.permissions, actor.within(None, now)),
        Scope::Project(project) => within(grant.permissions, actor.within(Some(project), now)),
    })
}

/// The assignments of one principal.
///
/// # Errors
/// When they cannot be read.
pub fn of_principal(read: &impl Read, principal: AnyId) -> Result<Vec<Assignment>, ReadError> {
    let query = Query::by(BY_PRINCIPAL, KeyBytes::new().with(&principal), MAX_PAGE);
    Ok(read.list::<Assignment>(&query, |_| true)?.items)
}

/// Assignments that the caller may see, newest first; those of one project when `project` is given.
///
/// # Errors
/// When they cannot be read.
pub fn list(
    permit: &ListPermit<RoleRead>,
    project: Option<Id<Project>>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Assignment>, RightsError> {
    let index = project.map(|project| (BY_PROJECT, KeyBytes::new().with(&project)));
    let query = Query { index, after, limit, newest_first: true };
    Ok(permit.read()?.list::<Assignment>(&query, |assignment| permit.visible(&assignment.header.subject()))?)
}

/// The assignments that a review asks about, oldest first, a page at a time.
pub(crate) fn in_scope(
    read: &impl Read,
    scope: ReviewScope,
    after: Option<&Cursor>,
) -> Result<Page<Assignment>, ReadError> {
    let index = match scope {
        ReviewScope::Tenant => None,
        ReviewScope::Project(project) => Some((BY_PROJECT, KeyBytes::new().with(&project))),
        ReviewScope::Role(role) => Some((BY_ROLE, role.key())),
    };
    read.list::<Assignment>(&Query { index, after, limit: MAX_PAGE, newest_first: false }, |_| true)
}

/// The assignments of one project: with whom it is shared.
///
/// # Errors
/// When they cannot be read.
pub fn of_project(
    read: &impl Read,
    project: Id<Project>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Assignment>, ReadError> {
    let query = Query { after, ..Query::by(BY_PROJECT, KeyBytes::new().with(&project), limit) };
    read.list::<Assignment>(&query, |_| true)
}

/// The assignments by which someone may see a project now: those in it, then those in the whole tenant.
///
/// # Errors
/// When they cannot be read.
pub fn reaching(
    read: &impl Read,
    project: Id<Project>,
    now: Timestamp,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Assignment>, ReadError> {
    let mut failed = None;
    let mut gives = |assignment: &Assignment| {
        shows(read, assignment, now).unwrap_or_else(|error| {
            failed = Some(error);
            false
        })
    };
    let (part, after) = match after.and_then(|cursor| cursor.0.split_first()) {
        Some((1, rest)) => (1, Some(Cursor(rest.to_vec())).filter(|rest| !rest.0.is_empty())),
        Some((_, rest)) => (0, Some(Cursor(rest.to_vec()))),
        None => (0, None),
    };
    let limit = limit.clamp(1, MAX_PAGE);
    let next = |part: u8, next: Cursor| Cursor([&[part], &*next.0].concat());
    let mut page = Page { items: Vec::new(), next: None };
    if part == 0 {
        let query = Query { after: after.as_ref(), ..Query::by(BY_PROJECT, KeyBytes::new().with(&project), limit) };
        page = read.list::<Assignment>(&query, &mut gives)?;
        page.next = page.next.map(|rest| next(0, rest));
        if page.next.is_none() && page.items.len() == limit {
            page.next = Some(next(1, Cursor(Vec::new())));
        }
    }
    if page.next.is_none() {
        let after = after.filter(|_| part == 1);
        let limit = limit - page.items.len();
        let query = Query { after: after.as_ref(), ..Query::by(BY_PROJECT, KeyBytes::new().with(&WHOLE), limit) };
        let rest = read.list::<Assignment>(&query, &mut gives)?;
        page.items.extend(rest.items);
        page.next = rest.next.map(|rest| next(1, rest));
    }
    failed.map_or(Ok(page), Err)
}

/// The assignments of one principal by which it may see a project now.
///
/// # Errors
/// When they cannot be read.
pub fn ways(
    read: &impl Read,
    principal: AnyId,
    project: Id<Project>,
    now: Timestamp,
) -> Result<Vec<Assignment>, ReadError> {
    let mut ways = Vec::new();
    for assignment in of_principal(read, principal)? {
        if assignment.header.project.is_none_or(|own| own == project) && shows(read, &assignment, now)? {
            ways.push(assignment);
        }
    }
    Ok(ways)
}

/// Whether one may see projects by an assignment now.
fn shows(read: &impl Read, assignment: &Assignment, now: Timestamp) -> Result<bool, ReadError> {
    let given = assignment.role.permissions(read)?;
    Ok(assignment.expires.is_none_or(|end| now < end) && given.contains(ProjectRead::PERMISSION))
}

pub(crate) fn is_assigned(read: &impl Read, role: Id<noun::Role>) -> Result<bool, ReadError> {
    let query = Query::by(BY_ROLE, RoleRef::Custom(role).key(), 1);
    Ok(!read.list::<Assignment>(&query, |_| true)?.items.is_empty())
}

fn other_owner(read: &impl Read, than: AnyId) -> Result<bool, ReadError> {
    let query = Query::by(BY_ROLE, RoleRef::Level(Level::Owner).key(), 1);
    let others = read.list::<Assignment>(&query, |other| other.is_owner() && other.principal != than)?;
    Ok(!others.items.is_empty())
}

/// Has the audit row be about an assignment.
pub(crate) fn note(tx: &mut Tx<'_>, assignment: &Assignment) {
    tx.about(assignment.header.id.erase());
    tx.note("principal", assignment.principal.to_string());
    tx.note("role", assignment.role.to_string());
    if let Some(project) = assignment.header.project {
        tx.note("project", project.to_string());
    }
    if let Some(expires) = assignment.expires {
        tx.note("expires", expires.millis().to_string());
    }
}

#[cfg(test)]
mod tests;
