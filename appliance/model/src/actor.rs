//! Who is calling, as identity found out and as the gate judges.

use std::net::IpAddr;

use crate::{
    class::{Classification, Region},
    clock::Timestamp,
    id::{AnyId, Id},
    noun::{ApiKey, Job, Project, Schedule, Session, Tenant, ViewLink},
    permission::PermissionSet,
};

/// A caller whose identity is proven. Made by the identity crate only, fresh for each request from live records, so that a
/// role taken away is gone with the next request.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The tenant it belongs to.
    pub tenant: Id<Tenant>,
    /// The tenant's home region.
    pub home: Region,
    /// What it is.
    pub kind: ActorKind,
    /// The user's or service account's id.
    pub id: AnyId,
    /// How it signed in.
    pub origin: Origin,
    /// What it may, and where.
    pub grants: Vec<Grant>,
    /// What its API key leaves of that; everything when it came without one.
    pub ceiling: PermissionSet,
    /// The highest classification it may see.
    pub clearance: Classification,
    /// How sure we are that it is who it says.
    pub assurance: Assurance,
    /// Whether it, or its tenant, is suspended.
    pub suspended: bool,
    /// Where the request came from; nothing for calls from inside.
    pub address: Option<IpAddr>,
}

/// What an actor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActorKind {
    /// A person of a tenant.
    User,
    /// A program of a tenant.
    ServiceAccount,
    /// A person who runs the appliance.
    Operator,
}

/// What the caller showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A session's cookie.
    Session(Id<Session>),
    /// An API key.
    Key(Id<ApiKey>),
    /// The console of the machine itself.
    Console,
    /// Nothing: a schedule of its own acts for it.
    Schedule(Id<Schedule>),
    /// Nothing: a job that it has ordered acts for it.
    Job(Id<Job>),
    /// Nothing: somebody looks at what it has shared by a link.
    Link(Id<ViewLink>),
}

/// Permissions and where they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Grant {
    /// Where.
    pub scope: Scope,
    /// What.
    pub permissions: PermissionSet,
    /// Until when; for ever when nothing is said.
    pub expires: Option<Timestamp>,
}

/// Where a grant holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everywhere in the tenant.
    Tenant,
    /// In one project and all that lies in it.
    Project(Id<Project>),
}

/// How sure we are who is calling (NIST SP 800-63B levels).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Assurance {
    /// Level 1: one factor; 2: two factors; 3: a hardware-bound key.
    pub level: u8,
    /// When the second factor was last shown.
    pub second_factor: Option<Timestamp>,
}

impl Actor {
    /// What the actor may in the whole tenant.
    pub fn tenant_wide(&self, now: Timestamp) -> PermissionSet {
        self.collect(now, None)
    }

    /// What the actor may in `project`: what it may everywhere, and what it was given there.
    pub fn within(&self, project: Option<Id<Project>>, now: Timestamp) -> PermissionSet {
        self.collect(now, project)
    }

    fn collect(&self, now: Timestamp, project: Option<Id<Project>>) -> PermissionSet {
        self.grants
            .iter()
            .filter(|grant| grant.expires.is_none_or(|expires| now < expires))
            .filter(|grant| match grant.scope {
                Scope::Tenant => true,
                Scope::Project(scope) => project == Some(scope),
            })
            .fold(PermissionSet::NONE, |set, grant| set.union(grant.permissions))
            .intersection(self.ceiling)
    }
}
