//! Reports on rights: who may what, where and why; what a question would be answered; what changed between two moments. Pure
//! functions of records.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write},
};

use model::{
    Actor, AnyId, Classification, Id, Permission, PermissionSet, Region, Subject, Timestamp,
    noun::{self, Group, Project, User},
};
use serde::{Deserialize, Serialize};
use store::{Query, Read, ReadError, Record};

use crate::{
    assignment::{Assignment, RoleRef},
    decide::{Context, decide, granting, guards},
    own::OwnPolicies,
    roles::CustomRole,
    rule::OWNER_SELF,
};

/// All rights of a tenant at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Snapshot {
    /// The moment.
    pub at: Timestamp,
    /// The tenant's own roles.
    pub roles: Vec<CustomRole>,
    /// What is given to whom.
    pub assignments: Vec<Assignment>,
    /// Who is in which group.
    pub groups: BTreeMap<Id<Group>, Vec<Id<User>>>,
}

/// What each may in the end, by principal and place: in one project, or in the whole tenant.
pub type Held = BTreeMap<(AnyId, Option<Id<Project>>), PermissionSet>;

/// One way by which someone has rights: an assignment to them or to a group they are in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Path {
    /// Who: a user or a service account.
    pub principal: AnyId,
    /// Where: in this project, or in the whole tenant.
    pub project: Option<Id<Project>>,
    /// By which role.
    pub role: RoleRef,
    /// The role's name.
    pub role_name: String,
    /// Through which group.
    pub group: Option<Id<Group>>,
    /// By which assignment.
    pub assignment: Id<noun::Assignment>,
    /// Until when.
    pub expires: Option<Timestamp>,
}

impl Snapshot {
    /// The rights stored in a tenant's file. `groups` come from identity.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn read(
        read: &impl Read,
        at: Timestamp,
        groups: BTreeMap<Id<Group>, Vec<Id<User>>>,
    ) -> Result<Self, ReadError> {
        Ok(Snapshot { at, roles: all(read)?, assignments: all(read)?, groups })
    }

    /// Every way by which someone has rights, in the order of principals.
    pub fn paths(&self) -> Vec<Path> {
        let names: BTreeMap<_, _> = self.roles.iter().map(|role| (role.header.id, role.name.as_str())).collect();
        let mut paths = Vec::new();
        for assignment in self.assignments.iter().filter(|given| given.expires.is_none_or(|end| self.at < end)) {
            let role_name = match assignment.role {
                RoleRef::Level(level) => level.name(),
                RoleRef::Custom(id) => match names.get(&id) {
                    Some(name) => name,
                    None => continue,
                },
            };
            let path = |principal, group| Path {
                principal,
                project: assignment.header.project,
                role: assignment.role,
                role_name: role_name.to_owned(),
                group,
                assignment: assignment.header.id,
                expires: assignment.expires,
            };
            match assignment.principal.typed::<Group>() {
                None => paths.push(path(assignment.principal, None)),
                Some(group) => {
                    let members = self.groups.get(&group).into_iter().flatten();
                    paths.extend(members.map(|user| path(user.erase(), Some(group))));
                }
            }
        }
        paths.sort_unstable();
        paths
    }

    /// The ways of one user or service account.
    pub fn by_principal(&self, principal: AnyId) -> Vec<Path> {
        self.paths().into_iter().filter(|path| path.principal == principal).collect()
    }

    /// The ways by one role.
    pub fn by_role(&self, role: RoleRef) -> Vec<Path> {
        self.paths().into_iter().filter(|path| path.role == role).collect()
    }

    /// The ways to one thing, with what else it asks of those who use it.
    pub fn by_resource(&self, subject: &Subject, region: Region) -> ResourceReport {
        let reaches = |path: &Path| path.project.is_none() || path.project == subject.project;
        ResourceReport {
            subject: subject.id,
            owner: subject.owner,
            owner_permissions: subject.owner.map_or(PermissionSet::NONE, |_| OWNER_SELF),
            clearance: subject.classification,
            usable_here: subject.residency.contains(&region),
            legal_hold: subject.legal_hold,
            paths: self.paths().into_iter().filter(reaches).collect(),
        }
    }

    /// What a role grants; nothing when there is none.
    pub fn permissions(&self, role: RoleRef) -> PermissionSet {
        match role {
            RoleRef::Level(level) => level.permissions(),
            RoleRef::Custom(id) => {
                let role = self.roles.iter().find(|role| role.header.id == id);
                role.map_or(PermissionSet::NONE, |role| role.permissions)
            }
        }
    }

    /// What each may in the end.
    pub fn held(&self) -> Held {
        let mut held = Held::new();
        for path in self.paths() {
            let set = held.entry((path.principal, path.project)).or_default();
            *set = set.union(self.permissions(path.role));
        }
        held
    }

    /// The paths as CSV (RFC 4180), one line for each permission of each path.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_csv(&self, paths: &[Path], out: &mut impl Write) -> fmt::Result {
        out.write_str("principal,permission,project,role,group,assignment,expires_ms\r\n")?;
        for path in paths {
            for permission in self.permissions(path.role).iter() {
                let (project, group) = (optional(path.project), optional(path.group));
                let expires = path.expires.map(|end| end.millis().to_string()).unwrap_or_default();
                let role = quoted(&path.role_name);
                write!(
                    out,
                    "{},{permission},{project},{role},{group},{},{expires}\r\n",
                    path.principal, path.assignment
                )?;
            }
        }
        Ok(())
    }
}

/// Who may what with one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResourceReport {
    /// The thing.
    pub subject: AnyId,
    /// Who owns it.
    pub owner: Option<AnyId>,
    /// What its owner may without any role.
    pub owner_permissions: PermissionSet,
    /// The clearance that everyone needs for it.
    pub clearance: Classification,
    /// Whether it may be used in this region at all.
    pub usable_here: bool,
    /// Whether nobody may delete it.
    pub legal_hold: bool,
    /// The ways by roles.
    pub paths: Vec<Path>,
}

/// What someone gained and lost in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Who.
    pub principal: AnyId,
    /// Where: in this project, or in the whole tenant.
    pub project: Option<Id<Project>>,
    /// What it may now and could not before.
    pub gained: PermissionSet,
    /// What it could before and may not now.
    pub lost: PermissionSet,
}

/// What changed from one moment to another.
pub fn difference(before: &Held, after: &Held) -> Vec<Change> {
    let places: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    let change = |(principal, project)| {
        let at = |held: &Held| held.get(&(principal, project)).copied().unwrap_or_default();
        let (before, after) = (at(before), at(after));
        Change { principal, project, gained: after.without(before), lost: before.without(after) }
    };
    places.into_iter().map(change).filter(|change| !change.gained.is_empty() || !change.lost.is_empty()).collect()
}

/// Changes as CSV, one line for each permission.
///
/// # Errors
/// Those of `out`.
pub fn write_changes_csv(changes: &[Change], out: &mut impl Write) -> fmt::Result {
    out.write_str("principal,project,change,permission\r\n")?;
    for change in changes {
        for (word, permissions) in [("gained", change.gained), ("lost", change.lost)] {
            for permission in permissions.iter() {
                write!(out, "{},{},{word},{permission}\r\n", change.principal, optional(change.project))?;
            }
        }
    }
    Ok(())
}

/// What a question would be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Simulation {
    /// Who asks.
    pub principal: AnyId,
    /// What for.
    pub permission: Permission,
    /// About what.
    pub subject: AnyId,
    /// Whether it is allowed.
    pub allowed: bool,
    /// The policies that determine the answer: rules of every tenant by name, the tenant's own by id.
    pub determining: Vec<String>,
    /// The guards that refuse.
    pub guards: Vec<&'static str>,
    /// The rules that grant, were there no guards.
    pub granting: Vec<&'static str>,
}

/// Answers a question without consequences.
pub fn simulate(
    actor: &Actor,
    permission: Permission,
    subject: &Subject,
    context: &Context<'_>,
    own: Option<&OwnPolicies>,
) -> Simulation {
    let decision = decide(actor, permission, subject, context, own);
    Simulation {
        principal: actor.id,
        permission,
        subject: subject.id,
        allowed: decision.allowed,
        determining: decision.reason.policies(),
        guards: guards(actor, permission, subject, context).iter().map(|rule| rule.id()).collect(),
        granting: granting(actor, permission, subject, context.now).iter().map(|rule| rule.id()).collect(),
    }
}

fn all<R: Record>(read: &impl Read) -> Result<Vec<R>, ReadError> {
    let mut records = Vec::new();
    let mut after = None;
    loop {
        let query = Query { index: None, after: after.as_ref(), limit: store::MAX_PAGE, newest_first: false };
        let page = read.list::<R>(&query, |_| true)?;
        records.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(records),
        }
    }
}

fn optional(value: Option<impl fmt::Display>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A free text as a field. What a spreadsheet would take for a formula gets an apostrophe in front.
pub fn quoted(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests;
