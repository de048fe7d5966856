//! What counts: the rules of `assets/policies` in Cedar, and how actors, subjects and contexts read there.

use std::collections::HashSet;

use cedar_policy::{
    Authorizer, Context as CedarContext, Decision as CedarDecision, Entities, Entity, EntityId, EntityTypeName,
    EntityUid, PolicyId, PolicySet, Request, RestrictedExpression, Schema, Validator,
};
use model::{Actor, ActorKind, AnyId, Level, NounKind, Origin, Permission, Subject, Timestamp};

use crate::{
    decide::{Context, live, role, second_factor_age_s},
    merged::Kin,
    network::Network,
    rule::{Rule, Rules},
    sight::{Attribute, Sight},
};

/// The schema and the rules of every tenant, parsed once.
#[derive(Debug)]
pub struct Specification {
    validator: Validator,
    base: PolicySet,
    authorizer: Authorizer,
    /// The actions with their groups, in the order of the permissions.
    actions: Vec<Entity>,
    /// The built-in roles, in the order of the levels.
    roles: Vec<EntityUid>,
    types: Types,
}

#[derive(Debug)]
struct Types {
    user: EntityTypeName,
    operator: EntityTypeName,
    tenant: EntityTypeName,
    resource: EntityTypeName,
    appliance: EntityTypeName,
}

/// The texts the appliance ships with.
const SCHEMA: &str = include_str!("../../../assets/policies/schema.cedarschema");
const BASE: &str = include_str!("../../../assets/policies/base.cedar");

/// A question in Cedar's terms.
pub(crate) struct Question {
    request: Request,
    entities: Entities,
}

/// What Cedar says to a set of policies.
pub(crate) struct Answer {
    pub(crate) allowed: bool,
    /// The policies that permit when allowed; those that forbid when not.
    pub(crate) determining: Vec<PolicyId>,
    /// The policies without an answer.
    pub(crate) failing: Vec<PolicyId>,
}

impl Answer {
    /// Whether no policy applies, and none is without an answer.
    pub(crate) fn is_silent(&self) -> bool {
        self.determining.is_empty() && self.failing.is_empty()
    }
}

impl Specification {
    /// Reads the shipped schema and rules.
    #[expect(clippy::new_without_default, reason = "it is costly to make and meant to be made once")]
    pub fn new() -> Self {
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).expect("the shipped schema is read by the tests");
        let known = schema.action_entities().expect("the shipped schema has no circles of actions");
        let kind = name("Action");
        let action = |permission: &Permission| {
            let id = uid(&kind, permission.code());
            known.get(&id).expect("a test holds the schema against the table of permissions").clone()
        };
        let policies: PolicySet = BASE.parse().expect("the shipped rules are read by the tests");
        let named = policies.policies().map(|policy| {
            let id = policy.annotation("id").expect("a test sees that every rule has a name");
            policy.new_id(PolicyId::new(id))
        });
        Self {
            validator: Validator::new(schema),
            base: PolicySet::from_policies(named).expect("the names of the rules differ"),
            authorizer: Authorizer::new(),
            actions: Permission::ALL.iter().map(action).collect(),
            roles: Level::ALL.iter().map(|level| uid(&name("Role"), level.name())).collect(),
            types: Types {
                user: name("User"),
                operator: name("Operator"),
                tenant: name("Tenant"),
                resource: name("Resource"),
                appliance: name("Appliance"),
            },
        }
    }

    /// What the rules of every tenant say, without a tenant's own: whether it is allowed, and which rules determine that.
    /// The same as [`crate::decide()`] without own policies, only slower: the tests hold the two against each other.
    pub fn judge(
        &self,
        actor: &Actor,
        permission: Permission,
        subject: &Subject,
        context: &Context<'_>,
    ) -> (bool, Rules) {
        let answer = self.ask(&self.base, &self.question(actor, permission, subject, context, Sight::ALL));
        let rules = answer.determining.iter().filter_map(|id| Rule::from_id(id.as_ref())).collect();
        (answer.allowed && answer.failing.is_empty(), rules)
    }

    /// The rules of every tenant together with `own`.
    pub(crate) fn with_base(&self, own: &PolicySet) -> PolicySet {
        let mut all = self.base.clone();
        for policy in own.policies() {
            all.add(policy.clone()).expect("own policies are named by ids, rules by words");
        }
        all
    }

    /// Checks policies against the schema.
    pub(crate) fn validator(&self) -> &Validator {
        &self.validator
    }

    pub(crate) fn ask(&self, policies: &PolicySet, question: &Question) -> Answer {
        let response = self.authorizer.is_authorized(&question.request, policies, &question.entities);
        let mut failing: Vec<_> = response
            .diagnostics()
            .errors()
            .map(|cedar_policy::AuthorizationError::PolicyEvaluationError(error)| error.policy_id().clone())
            .collect();
        let mut determining: Vec<_> = response.diagnostics().reason().cloned().collect();
        failing.sort_unstable();
        determining.sort_unstable();
        Answer { allowed: response.decision() == CedarDecision::Allow, determining, failing }
    }

    /// Puts the question in Cedar's terms, with the attributes that whoever is asked looks at.
    pub(crate) fn question(
        &self,
        actor: &Actor,
        permission: Permission,
        subject: &Subject,
        context: &Context<'_>,
        sight: Sight,
    ) -> Question {
        let action = &self.actions[permission as usize];
        let named = || Seen::new(sight, Attribute::name);
        let mut seen = named();
        self.see_principal(actor, context.now, &mut seen);
        let principal = seen.entity(self.principal_uid(actor), self.roles_of(actor, subject, context.now));
        let mut seen = named();
        self.see_resource(subject, &mut seen);
        let resource = seen.entity(self.resource_uid(subject), self.around(subject));
        let mut seen = named();
        how(actor, permission, subject, context, &mut seen);
        let request = Request::new(principal.uid(), action.uid(), resource.uid(), seen.context(), None)
            .expect("nothing is checked without a schema");
        let entities = Entities::from_entities([principal, resource, action.clone()], None)
            .expect("three things of different types, none its own ancestor");
        Question { request, entities }
    }

    /// The question as short as [`crate::merged`] asks it: attributes lie in the context, and entities have nothing but ancestors.
    pub(crate) fn short_question(
        &self,
        actor: &Actor,
        permission: Permission,
        subject: &Subject,
        context: &Context<'_>,
        sight: Sight,
        kin: Kin,
    ) -> Question {
        let action = &self.actions[permission as usize];
        let (principal, resource) = (self.principal_uid(actor), self.resource_uid(subject));
        let mut entities = Vec::new();
        if kin.principal {
            entities.push(Entity::new_no_attrs(principal.clone(), self.roles_of(actor, subject, context.now)));
        }
        if kin.resource {
            entities.push(Entity::new_no_attrs(resource.clone(), self.around(subject)));
        }
        if kin.action {
            entities.push(action.clone());
        }
        let entities = if entities.is_empty() {
            Entities::empty()
        } else {
            Entities::from_entities(entities, None).expect("things of different types, none its own ancestor")
        };
        let mut seen = Seen::new(sight, Attribute::name);
        how(actor, permission, subject, context, &mut seen);
        seen.name = Attribute::of_principal;
        self.see_principal(actor, context.now, &mut seen);
        seen.name = Attribute::of_resource;
        self.see_resource(subject, &mut seen);
        let request = Request::new(principal, action.uid(), resource, seen.context(), None)
            .expect("nothing is checked without a schema");
        Question { request, entities }
    }

    /// The same question, checked against the schema: what the fast path leaves out.
    #[cfg(test)]
    pub(crate) fn conforms(
        &self,
        actor: &Actor,
        permission: Permission,
        subject: &Subject,
        context: &Context<'_>,
    ) -> Result<(), String> {
        let question = self.question(actor, permission, subject, context, Sight::ALL);
        let entities =
            question.entities.iter().filter(|entity| entity.uid().type_name().to_string() != "Action").cloned();
        Entities::from_entities(entities, Some(self.validator.schema())).map_err(|error| error.to_string())?;
        let request = &question.request;
        let mut seen = Seen::new(Sight::ALL, Attribute::name);
        how(actor, permission, subject, context, &mut seen);
        let part = |part: Option<&EntityUid>| part.cloned().expect("the question is complete");
        Request::new(
            part(request.principal()),
            part(request.action()),
            part(request.resource()),
            seen.context(),
            Some(self.validator.schema()),
        )
        .map(drop)
        .map_err(|error| error.to_string())
    }

    fn principal_uid(&self, actor: &Actor) -> EntityUid {
        let kind = match actor.kind {
            ActorKind::User | ActorKind::ServiceAccount => &self.types.user,
            ActorKind::Operator => &self.types.operator,
        };
        uid_of(kind, actor.id)
    }

    /// The built-in roles that the actor holds here.
    fn roles_of(&self, actor: &Actor, subject: &Subject, now: Timestamp) -> HashSet<EntityUid> {
        let roles: Rules = live(actor, subject.project, now).map(role).collect();
        let held = Level::ALL.iter().zip(&self.roles).filter(|(level, _)| roles.contains(Rule::of_level(**level)));
        held.map(|(_, role)| role.clone()).collect()
    }

    fn see_principal(&self, actor: &Actor, now: Timestamp, seen: &mut Seen) {
        let word = match actor.kind {
            ActorKind::User => "user",
            ActorKind::ServiceAccount => "service_account",
            ActorKind::Operator => "operator",
        };
        seen.add(Attribute::Kind, || text(word));
        seen.add(Attribute::Tenant, || self.tenant(actor.tenant.erase()));
        seen.add(Attribute::HomeRegion, || text(actor.home.code()));
        seen.add(Attribute::Clearance, || RestrictedExpression::new_long(actor.clearance as i64));
        seen.add(Attribute::Aal, || RestrictedExpression::new_long(actor.assurance.level.into()));
        seen.add(Attribute::MfaAge, || long(second_factor_age_s(actor, now)));
        seen.add(Attribute::Suspended, || RestrictedExpression::new_bool(actor.suspended));
    }

    fn resource_uid(&self, subject: &Subject) -> EntityUid {
        uid_of(if is_appliance(subject) { &self.types.appliance } else { &self.types.resource }, subject.id)
    }

    /// The project in which a thing lies, unless it is one.
    fn around(&self, subject: &Subject) -> HashSet<EntityUid> {
        let project = subject.project.map(|project| project.erase());
        let project = project.filter(|project| *project != subject.id && !is_appliance(subject));
        project.map(|project| uid_of(&self.types.resource, project)).into_iter().collect()
    }

    fn see_resource(&self, subject: &Subject, seen: &mut Seen) {
        seen.add(Attribute::Kind, || text(subject.id.kind.label()));
        seen.add(Attribute::Tenant, || self.tenant(subject.tenant.erase()));
        seen.add(Attribute::Classification, || RestrictedExpression::new_long(subject.classification as i64));
        let residency = || subject.residency.iter().map(|region| text(region.code()));
        seen.add(Attribute::Residency, || RestrictedExpression::new_set(residency()));
        seen.add(Attribute::LegalHold, || RestrictedExpression::new_bool(subject.legal_hold));
        if let Some(owner) = subject.owner {
            seen.add(Attribute::Owner, || RestrictedExpression::new_entity_uid(uid_of(&self.types.user, owner)));
        }
    }

    fn tenant(&self, id: AnyId) -> RestrictedExpression {
        RestrictedExpression::new_entity_uid(uid_of(&self.types.tenant, id))
    }
}

/// Facts by name, of what is looked at.
struct Seen {
    sight: Sight,
    name: fn(Attribute) -> &'static str,
    facts: Vec<(String, RestrictedExpression)>,
}

impl Seen {
    fn new(sight: Sight, name: fn(Attribute) -> &'static str) -> Self {
        Seen { sight, name, facts: Vec::with_capacity(8) }
    }

    fn add(&mut self, attribute: Attribute, value: impl FnOnce() -> RestrictedExpression) {
        if self.sight.has(attribute) {
            self.facts.push(((self.name)(attribute).to_owned(), value()));
        }
    }

    /// As what an entity has.
    fn entity(self, uid: EntityUid, parents: HashSet<EntityUid>) -> Entity {
        Entity::new(uid, self.facts.into_iter().collect(), parents).expect("plain values always have a value")
    }

    /// As what a context has.
    fn context(self) -> CedarContext {
        CedarContext::from_pairs(self.facts).expect("the names differ, and addresses and times are well formed")
    }
}

/// How it is asked, in Cedar's terms.
fn how(actor: &Actor, permission: Permission, subject: &Subject, context: &Context<'_>, seen: &mut Seen) {
    let flag = RestrictedExpression::new_bool;
    seen.add(Attribute::Region, || text(context.region.code()));
    seen.add(Attribute::Now, || RestrictedExpression::new_datetime(iso(context.now)));
    seen.add(Attribute::BreakGlass, || flag(context.break_glass));
    seen.add(Attribute::ApiKey, || flag(matches!(actor.origin, Origin::Key(_))));
    seen.add(Attribute::WithinKey, || flag(actor.ceiling.contains(permission)));
    seen.add(Attribute::CustomRole, || flag(custom_role(actor, permission, subject, context.now)));
    if let Some(end) = context.not_after {
        seen.add(Attribute::NotAfter, || RestrictedExpression::new_datetime(iso(end)));
    }
    if let Some(address) = context.address {
        seen.add(Attribute::Ip, || RestrictedExpression::new_ip(address.to_canonical().to_string()));
    }
    if let Some(network) = matching(context) {
        seen.add(Attribute::AllowNet, || RestrictedExpression::new_ip(network.to_string()));
    }
}

fn is_appliance(subject: &Subject) -> bool {
    subject.id.kind == NounKind::Appliance
}

/// Whether a custom role grants it here.
pub(crate) fn custom_role(actor: &Actor, permission: Permission, subject: &Subject, now: Timestamp) -> bool {
    live(actor, subject.project, now).any(|grant| grant.permissions.contains(permission) && role(grant) == Rule::Custom)
}

/// The allowed network that holds the address, or else the first one: Cedar has no way to look through a list of them.
pub(crate) fn matching(context: &Context<'_>) -> Option<Network> {
    let address = context.address?;
    let networks = context.allow_networks;
    networks.iter().find(|network| network.contains(address)).or(networks.first()).copied()
}

fn name(text: &str) -> EntityTypeName {
    text.parse().expect("a plain word is a type's name")
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

fn uid_of(kind: &EntityTypeName, id: AnyId) -> EntityUid {
    uid(kind, &id.to_string())
}

fn text(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_owned())
}

fn long(value: u64) -> RestrictedExpression {
    RestrictedExpression::new_long(i64::try_from(value).unwrap_or(i64::MAX))
}

/// `2026-11-21T22:09:01.250Z`. Later than the year 9999 is the end of that year: Cedar writes years with four digits.
fn iso(at: Timestamp) -> String {
    const LAST: u64 = 253_402_300_799_999;
    let millis = at.millis().min(LAST);
    let (days, rest) = (millis / 86_400_000, millis % 86_400_000);
    // Days to date in the proleptic Gregorian calendar, counted in eras of 400 years from 1 March of year 0.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", rest % 1_000)
}

#[cfg(test)]
mod tests;
