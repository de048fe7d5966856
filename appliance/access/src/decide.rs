//! The decision: a pure function of who asks, what for, about what, and how.

use std::{fmt, net::IpAddr};

use model::{
    Actor, ActorKind, Grant, Id, Level, NounKind, Permission, Region, Scope, Subject, Timestamp,
    noun::{Appliance, Policy, Project, Tenant},
    permission::STEP_UP_S,
};

use crate::{
    network::Network,
    own::{OwnPolicies, Verdict},
    rule::{HELD, OWNER_SELF, Rule, Rules},
};

/// How a permission is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The region of the appliance that answers.
    pub region: Region,
    /// The time of day.
    pub now: Timestamp,
    /// The address it is asked from; nothing for calls from inside.
    pub address: Option<IpAddr>,
    /// The networks that the tenant allows; every one when none is listed.
    pub allow_networks: &'a [Network],
    /// When the window in which it may be asked ends.
    pub not_after: Option<Timestamp>,
    /// Whether an operator acts for the actor, with a reason and in sight.
    pub break_glass: bool,
}

/// The answer, with the why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether the actor may.
    pub allowed: bool,
    /// Why, or why not.
    pub reason: Reason,
}

/// Why a permission was given or refused. The names of the rules and policies in it determine the answer alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Allowed by these rules: roles the actor holds here, or because it owns the thing.
    Granted(Rules),
    /// Allowed by the tenant's own policies, and by these rules too.
    GrantedByOwn(Vec<Id<Policy>>, Rules),
    /// Refused: nothing grants it.
    NotGranted,
    /// Refused by these guards.
    Guarded(Rules),
    /// Refused by the tenant's own policies.
    ForbiddenByOwn(Vec<Id<Policy>>),
    /// Refused because these of the tenant's own policies have no answer, and an answer that fails must not be a yes.
    OwnFailed(Vec<Id<Policy>>),
}

impl Reason {
    /// The ids of the policies that determine the answer, as `base.cedar` and the tenant's records name them.
    pub fn policies(&self) -> Vec<String> {
        let rules = |rules: &Rules| rules.iter().map(|rule| rule.id().to_owned()).collect::<Vec<_>>();
        let own = |own: &[Id<Policy>]| own.iter().map(Id::to_string).collect::<Vec<_>>();
        match self {
            Reason::Granted(granting) => rules(granting),
            Reason::GrantedByOwn(policies, granting) => [rules(granting), own(policies)].concat(),
            Reason::NotGranted => Vec::new(),
            Reason::Guarded(guards) => rules(guards),
            Reason::ForbiddenByOwn(policies) | Reason::OwnFailed(policies) => own(policies),
        }
    }

    /// The guards that refused, if guards did.
    pub fn guards(&self) -> Rules {
        if let Reason::Guarded(guards) = self { *guards } else { Rules::NONE }
    }
}

/// A short text for audit rows: a word and the ids.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Reason::Granted(_) | Reason::GrantedByOwn(..) => "granted",
            Reason::NotGranted => return f.write_str("not granted"),
            Reason::Guarded(_) => "guarded",
            Reason::ForbiddenByOwn(_) => "forbidden",
            Reason::OwnFailed(_) => "failed",
        };
        write!(f, "{word}: {}", self.policies().join(" "))
    }
}

/// Whether `actor` may use `permission` on `subject`.
///
/// Guards win over everything, then the tenant's own policies that forbid; then a role held here, ownership or a policy of the
/// tenant must grant it. Without policies of its own (`own`), a decision costs a few comparisons.
pub fn decide(
    actor: &Actor,
    permission: Permission,
    subject: &Subject,
    context: &Context<'_>,
    own: Option<&OwnPolicies>,
) -> Decision {
    let guards = guards(actor, permission, subject, context);
    if !guards.is_empty() {
        return Decision { allowed: false, reason: Reason::Guarded(guards) };
    }
    let granting = granting(actor, permission, subject, context.now);
    let verdict = match own {
        Some(own) if !permission.is_of_appliance() => own.judge(actor, permission, subject, context),
        _ => Verdict::Silent,
    };
    let (allowed, reason) = match verdict {
        Verdict::Silent if granting.is_empty() => (false, Reason::NotGranted),
        Verdict::Silent => (true, Reason::Granted(granting)),
        Verdict::Permits(policies) => (true, Reason::GrantedByOwn(policies, granting)),
        Verdict::Forbids(policies) => (false, Reason::ForbiddenByOwn(policies)),
        Verdict::Fails(policies) => (false, Reason::OwnFailed(policies)),
    };
    Decision { allowed, reason }
}

/// The guards that refuse.
pub fn guards(actor: &Actor, permission: Permission, subject: &Subject, context: &Context<'_>) -> Rules {
    let operator = actor.kind == ActorKind::Operator;
    let appliance = subject.id.kind == NounKind::Appliance;
    let outside = |address| {
        !context.allow_networks.is_empty() && !context.allow_networks.iter().any(|network| network.contains(address))
    };
    let stale = || actor.assurance.level < 2 || second_factor_age_s(actor, context.now) > STEP_UP_S;
    Rules::NONE
        .with(Rule::Tenant, subject.tenant != actor.tenant)
        .with(Rule::Realm, permission.is_of_appliance() != operator || operator != appliance)
        .with(Rule::Suspended, actor.suspended)
        .with(Rule::Key, !actor.ceiling.contains(permission))
        .with(Rule::Residency, !subject.residency.contains(&context.region))
        .with(Rule::Clearance, subject.classification > actor.clearance)
        .with(Rule::Network, context.address.is_some_and(outside))
        .with(Rule::Time, context.not_after.is_some_and(|end| context.now > end))
        .with(Rule::StepUp, permission.needs_step_up() && stale())
        .with(Rule::LegalHold, subject.legal_hold && HELD.contains(permission))
}

/// The rules that grant: a role for each grant that holds here and now, and ownership.
pub fn granting(actor: &Actor, permission: Permission, subject: &Subject, now: Timestamp) -> Rules {
    let owns = subject.owner == Some(actor.id) && OWNER_SELF.contains(permission);
    live(actor, subject.project, now)
        .filter(|grant| grant.permissions.contains(permission))
        .map(role)
        .fold(Rules::NONE.with(Rule::OwnerSelf, owns), |rules, role| rules.with(role, true))
}

/// The grants that hold now in `project`, or for what lies in none.
pub fn live(actor: &Actor, project: Option<Id<Project>>, now: Timestamp) -> impl Iterator<Item = &Grant> {
    actor.grants.iter().filter(move |grant| {
        grant.expires.is_none_or(|expires| now < expires)
            && match grant.scope {
                Scope::Tenant => true,
                Scope::Project(scope) => project == Some(scope),
            }
    })
}

/// The role behind a grant: the built-in one that grants just this, or a custom one.
pub fn role(grant: &Grant) -> Rule {
    let level = Level::ALL.iter().find(|level| level.permissions() == grant.permissions);
    level.map_or(Rule::Custom, |level| Rule::of_level(*level))
}

/// Stands where a tenant's id stands for operators and what is theirs.
pub const SYSTEM: Id<Tenant> = Id::from_bits(0);

/// The appliance as the subject of its operators.
pub fn appliance(region: Region) -> Subject {
    Subject { id: Id::<Appliance>::from_bits(0).erase(), ..Subject::tenant(SYSTEM, region) }
}

/// How old the last second factor is, in seconds, rounded up; very old when there was none or when it lies in the future, as
/// it does after the clock was set back.
pub(crate) fn second_factor_age_s(actor: &Actor, now: Timestamp) -> u64 {
    /// Fits the 64-bit signed numbers of Cedar.
    const VERY_OLD: u64 = 1 << 40;
    let age = actor.assurance.second_factor.and_then(|shown| now.millis().checked_sub(shown.millis()));
    age.map_or(VERY_OLD, |millis| millis.div_ceil(1000).min(VERY_OLD))
}

#[cfg(test)]
mod tests;
