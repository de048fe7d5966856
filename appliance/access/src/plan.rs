//! What would change if: rights as they would be after a change that nobody makes. Pure functions of a [`Snapshot`].

use std::collections::BTreeSet;

use model::{
    AnyId, Id, Level, NounKind, PermissionSet,
    noun::{self, Group, Project, User},
};

use crate::{
    assignment::{Assignment, RoleRef},
    report::{Held, Snapshot},
};

/// A change of rights to be looked at.
#[derive(Debug, Clone)]
pub enum Plan {
    /// A role given to a user, a service account or a group: what would be stored. Of its head only the place counts.
    Give(Box<Assignment>),
    /// A role taken back.
    Take(Id<noun::Assignment>),
    /// Other permissions for one of the tenant's own roles.
    Redefine(Id<noun::Role>, PermissionSet),
    /// A user put into a group.
    Join(Id<Group>, Id<User>),
    /// A user taken out of a group.
    Leave(Id<Group>, Id<User>),
}

/// Why a change cannot be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// What it names is not there.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Roles are given to people, programs and groups.
    #[error("roles are given to users, service accounts and groups only")]
    Principal,
}

/// What would come of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// Who would gain and lose what where, the whole tenant before its projects. Empty where nothing would change.
    pub effects: Vec<Effect>,
    /// Whether nobody would answer for the tenant any more: the change itself is refused then.
    pub without_owner: bool,
}

/// What someone would gain and lose in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Who.
    pub principal: AnyId,
    /// Where: in this project, or in the whole tenant.
    pub project: Option<Id<Project>>,
    /// What it could do there and cannot now. In a project: beyond what it gains in the whole tenant.
    pub gained: PermissionSet,
    /// What it could not do there any more. In a project: beyond what it loses in the whole tenant.
    pub lost: PermissionSet,
    /// In a project: what it loses in the whole tenant and still has here, by a role in this project.
    pub kept: PermissionSet,
}

impl Snapshot {
    /// What would come of a change, at the snapshot's moment.
    ///
    /// # Errors
    /// When it names what is not there.
    pub fn outlook(&self, plan: &Plan) -> Result<Outlook, PlanError> {
        let after = self.after(plan)?;
        Ok(Outlook {
            effects: effects(&self.held(), &after.held()),
            without_owner: self.has_owner() && !after.has_owner(),
        })
    }

    fn after(&self, plan: &Plan) -> Result<Snapshot, PlanError> {
        let mut after = self.clone();
        match plan {
            Plan::Give(assignment) => {
                let to = assignment.principal.kind;
                if !matches!(to, NounKind::User | NounKind::ServiceAccount | NounKind::Group) {
                    return Err(PlanError::Principal);
                }
                if let RoleRef::Custom(id) = assignment.role {
                    self.role(id)?;
                }
                after.assignments.push(Assignment::clone(assignment));
            }
            Plan::Take(id) => {
                after.assignments.retain(|given| given.header.id != *id);
                if after.assignments.len() == self.assignments.len() {
                    return Err(PlanError::NotFound("assignment"));
                }
            }
            Plan::Redefine(id, permissions) => {
                after.roles[self.role(*id)?].permissions = *permissions;
            }
            Plan::Join(group, user) => {
                let members = after.groups.entry(*group).or_default();
                if !members.contains(user) {
                    members.push(*user);
                }
            }
            Plan::Leave(group, user) => {
                let members = after.groups.get_mut(group).ok_or(PlanError::NotFound("member"))?;
                let before = members.len();
                members.retain(|member| member != user);
                if members.len() == before {
                    return Err(PlanError::NotFound("member"));
                }
            }
        }
        Ok(after)
    }

    /// Where a role of the tenant's own stands.
    fn role(&self, id: Id<noun::Role>) -> Result<usize, PlanError> {
        self.roles.iter().position(|role| role.header.id == id).ok_or(PlanError::NotFound("role"))
    }

    fn has_owner(&self) -> bool {
        let owns = |given: &Assignment| {
            given.role == RoleRef::Level(Level::Owner) && given.header.project.is_none() && given.expires.is_none()
        };
        self.assignments.iter().any(|given| owns(given) && given.principal.kind == NounKind::User)
    }
}

/// Who may do more or less, counted as rights do: what holds in the whole tenant holds in each project.
fn effects(before: &Held, after: &Held) -> Vec<Effect> {
    let places: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    let at = |held: &Held, who: AnyId, place: Option<Id<Project>>| held.get(&(who, place)).copied().unwrap_or_default();
    let effect = |(principal, project): (AnyId, Option<Id<Project>>)| {
        let (wide, now_wide) = (at(before, principal, None), at(after, principal, None));
        let (gained, lost) = (now_wide.without(wide), wide.without(now_wide));
        if project.is_none() {
            return Effect { principal, project, gained, lost, kept: PermissionSet::NONE };
        }
        let was = wide.union(at(before, principal, project));
        let is = now_wide.union(at(after, principal, project));
        Effect {
            principal,
            project,
            gained: is.without(was).without(gained),
            lost: was.without(is).without(lost),
            kept: lost.intersection(is),
        }
    };
    let says = |effect: &Effect| !(effect.gained.is_empty() && effect.lost.is_empty() && effect.kept.is_empty());
    places.into_iter().map(effect).filter(says).collect()
}

#[cfg(test)]
mod tests;
