//! A tenant's own policies: Cedar statements that permit or forbid beyond the rules of every tenant.

use std::{
    cell::LazyCell,
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use cedar_policy::{ActionConstraint, Effect, PolicyId, PolicySet, ValidationMode};
use miette::Diagnostic;
use model::{Actor, ErrorKind, Id, Level, Origin, Permission, PermissionSet, Subject, noun::Policy};

use crate::{
    decide::{Context, live, role, second_factor_age_s},
    merged::Merged,
    rule::{Rule, Rules},
    sight::Sight,
    specification::{Specification, custom_role, matching},
};

/// How many policies of its own a tenant may have.
pub const MAX_OWN_POLICIES: usize = 50;

/// How long the text of a policy may be, in bytes.
pub const MAX_POLICY_BYTES: usize = 8 * 1024;

/// How deep brackets may nest in a policy, and how many operators it may have: Cedar follows both by recursion, and would
/// leave its stack.
const MAX_DEPTH: usize = 16;
const MAX_OPERATORS: usize = 400;

/// How many answers are remembered before all are forgotten.
const MAX_REMEMBERED: usize = 1024;

/// A tenant's own policies, checked and ready, with the answers they gave lately.
///
/// What is remembered is only what these policies say, never what roles or guards say; it depends on nothing but what is hashed
/// into its key, so that it never has to be revoked. A change of the policies makes a new value of this type.
#[derive(Debug)]
pub struct OwnPolicies {
    specification: Arc<Specification>,
    policies: PolicySet,
    /// Those that can say anything about a permission, in the order of the permissions; put together when first asked about.
    slices: Box<[OnceLock<Slice>]>,
    /// Stored policies that can no longer be read. While there are any, only what repairs them is allowed.
    broken: Vec<Id<Policy>>,
    /// Whether any of them looks at the time of day or the age of the second factor.
    timed: bool,
    keys: [RandomState; 2],
    remembered: Mutex<HashMap<u128, Verdict>>,
}

/// Policies that are asked together.
#[derive(Debug)]
struct Slice {
    policies: PolicySet,
    /// The same as one statement that permits and one that forbids.
    merged: Option<Merged>,
    sight: Sight,
}

/// All rules of a tenant in Cedar, for tests and measurements.
#[derive(Debug)]
pub struct Whole {
    specification: Arc<Specification>,
    policies: PolicySet,
}

impl Whole {
    /// Whether it is allowed, and the ids of the policies that determine that.
    pub fn judge(
        &self,
        actor: &Actor,
        permission: Permission,
        subject: &Subject,
        context: &Context<'_>,
    ) -> (bool, Vec<String>) {
        let question = self.specification.question(actor, permission, subject, context, Sight::ALL);
        let answer = self.specification.ask(&self.policies, &question);
        (answer.allowed && answer.failing.is_empty(), answer.determining.iter().map(ToString::to_string).collect())
    }
}

/// What a tenant's own policies say to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing.
    Silent,
    /// These permit, and none forbids.
    Permits(Vec<Id<Policy>>),
    /// These forbid.
    Forbids(Vec<Id<Policy>>),
    /// These have no answer, and none forbids.
    Fails(Vec<Id<Policy>>),
}

/// Why a policy cannot be one of a tenant's own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// It is not Cedar, or does not fit the schema.
    #[error("policy, line {line}, column {column}: {message}")]
    Unfit {
        /// The line it was found in, from 1.
        line: usize,
        /// The column, in characters from 1.
        column: usize,
        /// What is wrong with it.
        message: String,
    },
    /// It is too long.
    #[error("policy has {bytes} bytes, and {MAX_POLICY_BYTES} are the most: split it")]
    Long {
        /// Its length.
        bytes: usize,
    },
    /// It is too complicated.
    #[error("policy nests brackets deeper than {MAX_DEPTH} or has more than {MAX_OPERATORS} operators: split it")]
    Deep,
    /// There are too many.
    #[error("a tenant has at most {MAX_OWN_POLICIES} policies: merge or delete some")]
    Many,
    /// It permits what its author may not do.
    #[error("policy permits `{permission}`, which you lack: name only actions you hold")]
    Beyond {
        /// What the author lacks.
        permission: Permission,
    },
    /// Two have one id.
    #[error("policy {id} is there twice")]
    Twice {
        /// The id.
        id: Id<Policy>,
    },
}

impl PolicyError {
    /// The kind, as a caller sees it.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            PolicyError::Unfit { .. } | PolicyError::Long { .. } | PolicyError::Deep => ErrorKind::Invalid,
            PolicyError::Many => ErrorKind::Exhausted,
            PolicyError::Beyond { .. } => ErrorKind::Denied,
            PolicyError::Twice { .. } => ErrorKind::Corrupt,
        }
    }
}

/// A policy of a tenant, read and checked against the schema.
#[derive(Debug, Clone)]
pub struct CheckedPolicy(cedar_policy::Policy);

impl CheckedPolicy {
    /// Reads `text`, exactly one statement, and checks it against the schema.
    ///
    /// # Errors
    /// When it is too long, no Cedar, or speaks of what is not in the schema.
    pub fn new(specification: &Specification, id: Id<Policy>, text: &str) -> Result<Self, PolicyError> {
        if text.len() > MAX_POLICY_BYTES {
            return Err(PolicyError::Long { bytes: text.len() });
        }
        if !is_shallow(text) {
            return Err(PolicyError::Deep);
        }
        let named = PolicyId::new(id.to_string());
        let policy = cedar_policy::Policy::parse(Some(named), text).map_err(|error| unfit(text, &error))?;
        let alone = PolicySet::from_policies([policy.clone()]).expect("one policy has no double");
        let result = specification.validator().validate(&alone, ValidationMode::Strict);
        match result.validation_errors().next() {
            Some(error) => Err(unfit(text, error)),
            None => Ok(CheckedPolicy(policy)),
        }
    }

    /// Nobody permits what they lack: a policy that permits must name actions that its author holds in the whole tenant.
    /// One that forbids may name any.
    ///
    /// # Errors
    /// The first action beyond.
    pub fn within(&self, author: PermissionSet) -> Result<(), PolicyError> {
        if self.0.effect() == Effect::Forbid {
            return Ok(());
        }
        let beyond = actions(&self.0).without(author).iter().next();
        beyond.map_or(Ok(()), |permission| Err(PolicyError::Beyond { permission }))
    }
}

impl OwnPolicies {
    /// The policies of a tenant; nothing when it has none, which spares every decision the engine.
    ///
    /// # Errors
    /// When there are too many, or two with one id.
    pub fn new(
        specification: &Arc<Specification>,
        policies: Vec<CheckedPolicy>,
    ) -> Result<Option<OwnPolicies>, PolicyError> {
        if policies.is_empty() {
            return Ok(None);
        }
        if policies.len() > MAX_OWN_POLICIES {
            return Err(PolicyError::Many);
        }
        let mut own = Self::broken(specification, Vec::new());
        own.timed = policies.iter().map(|policy| Sight::of(&policy.0)).collect::<Sight>().is_timed();
        let mut set = PolicySet::new();
        for CheckedPolicy(policy) in policies {
            let id = id_of(policy.id());
            set.add(policy).map_err(|_| PolicyError::Twice { id })?;
        }
        own.policies = set;
        Ok(Some(own))
    }

    /// What stands for the policies of a tenant of which these cannot be read: they were checked when they were saved, and an
    /// upgrade of the appliance changed what they may speak about. What they would forbid is unknown, so that all is refused
    /// but looking at policies and changing them.
    pub fn broken(specification: &Arc<Specification>, broken: Vec<Id<Policy>>) -> OwnPolicies {
        OwnPolicies {
            specification: Arc::clone(specification),
            policies: PolicySet::new(),
            slices: Permission::ALL.iter().map(|_| OnceLock::new()).collect(),
            broken,
            timed: false,
            keys: [RandomState::new(), RandomState::new()],
            remembered: Mutex::default(),
        }
    }

    /// What they say.
    pub(crate) fn judge(
        &self,
        actor: &Actor,
        permission: Permission,
        subject: &Subject,
        context: &Context<'_>,
    ) -> Verdict {
        if !self.broken.is_empty() {
            let repairs = matches!(permission, Permission::AuthpolicyRead | Permission::AuthpolicyManage);
            return if repairs { Verdict::Silent } else { Verdict::Fails(self.broken.clone()) };
        }
        let key = self.key(actor, permission, subject, context);
        if let Some(verdict) = self.remembered.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return verdict.clone();
        }
        let verdict = self.evaluate(actor, permission, subject, context);
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= MAX_REMEMBERED {
            remembered.clear();
        }
        remembered.insert(key, verdict.clone());
        verdict
    }

    /// What they say, asked afresh.
    pub(crate) fn evaluate(
        &self,
        actor: &Actor,
        permission: Permission,
        subject: &Subject,
        context: &Context<'_>,
    ) -> Verdict {
        let slice = self.slices[permission as usize].get_or_init(|| self.slice(permission));
        if slice.policies.is_empty() {
            return Verdict::Silent;
        }
        let specification = &self.specification;
        let whole = LazyCell::new(|| specification.question(actor, permission, subject, context, slice.sight));
        // Most questions are such that no policy has anything to say.
        if let Some(Merged { policies, short }) = &slice.merged {
            let short =
                short.map(|kin| specification.short_question(actor, permission, subject, context, slice.sight, kin));
            if specification.ask(policies, short.as_ref().unwrap_or_else(|| &whole)).is_silent() {
                return Verdict::Silent;
            }
        }
        let answer = specification.ask(&slice.policies, &whole);
        let ids = |ids: &[PolicyId]| ids.iter().map(id_of).collect();
        match answer {
            answer if !answer.allowed && !answer.determining.is_empty() => Verdict::Forbids(ids(&answer.determining)),
            answer if !answer.failing.is_empty() => Verdict::Fails(ids(&answer.failing)),
            answer if answer.allowed => Verdict::Permits(ids(&answer.determining)),
            _ => Verdict::Silent,
        }
    }

    /// Those whose scope has the action in it, and what they look at.
    fn slice(&self, permission: Permission) -> Slice {
        let about = |policy: &cedar_policy::Policy| actions(policy).contains(permission);
        let policies: Vec<_> = self.policies.policies().filter(|policy| about(policy)).cloned().collect();
        let (merged, sight) = (Merged::of(&policies), policies.iter().map(Sight::of).collect());
        Slice { policies: PolicySet::from_policies(policies).expect("their names differ"), merged, sight }
    }

    /// These together with the rules of every tenant, to be evaluated as one: the slow form of [`crate::decide()`].
    pub fn whole(&self) -> Whole {
        let policies = self.specification.with_base(&self.policies);
        Whole { specification: Arc::clone(&self.specification), policies }
    }

    /// A fingerprint of all that the policies can see. 128 bits under keys drawn at random, so that nobody can aim at another's
    /// answer.
    fn key(&self, actor: &Actor, permission: Permission, subject: &Subject, context: &Context<'_>) -> u128 {
        let roles: Rules = live(actor, subject.project, context.now).map(role).collect();
        let roles = roles.without(Rules::NONE.with(Rule::Custom, true));
        let who = (
            (actor.tenant, actor.home, actor.kind, actor.id, roles),
            (actor.clearance, actor.assurance.level, actor.suspended, matches!(actor.origin, Origin::Key(_))),
        );
        let what = (
            permission,
            subject,
            actor.ceiling.contains(permission),
            custom_role(actor, permission, subject, context.now),
        );
        let how = (context.region, context.address, matching(context), context.not_after, context.break_glass);
        let when = self.timed.then(|| (context.now.millis() / 1000, second_factor_age_s(actor, context.now)));
        let [high, low] = self.keys.each_ref().map(|key| key.hash_one((&who, &what, &how, &when)));
        u128::from(high) << 64 | u128::from(low)
    }
}

/// The actions in a policy's scope.
fn actions(policy: &cedar_policy::Policy) -> PermissionSet {
    let named = match policy.action_constraint() {
        ActionConstraint::Any => return PermissionSet::TENANT.union(PermissionSet::APPLIANCE),
        ActionConstraint::Eq(action) => vec![action],
        ActionConstraint::In(actions) => actions,
    };
    let each = named.iter().map(|action| {
        let id: &str = action.id().as_ref();
        match id.strip_prefix("level:") {
            Some(level) => Level::ALL
                .iter()
                .find(|known| known.name() == level)
                .map_or(PermissionSet::NONE, |level| level.permissions()),
            None if id == "appliance" => PermissionSet::APPLIANCE,
            None => id.parse().into_iter().collect(),
        }
    });
    each.fold(PermissionSet::NONE, PermissionSet::union)
}

fn id_of(id: &PolicyId) -> Id<Policy> {
    let id: &str = id.as_ref();
    id.parse().expect("own policies are named by their records' ids")
}

/// Whether Cedar can read the text without going deep. Counts what nests or chains outside of strings and comments.
fn is_shallow(text: &str) -> bool {
    let (mut depth, mut operators) = (0usize, 0usize);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                while let Some(inner) = bytes.next().filter(|inner| *inner != b'"') {
                    if inner == b'\\' {
                        bytes.next();
                    }
                }
            }
            b'/' if bytes.peek() == Some(&b'/') => while bytes.next().is_some_and(|inner| inner != b'\n') {},
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'+' | b'-' | b'*' | b'.' | b'!' | b'&' | b'|' => operators += 1,
            // Every `if` has one of these letters; so do a few other words, which costs them little.
            b'f' => operators += 1,
            _ => (),
        }
        if depth > MAX_DEPTH || operators > MAX_OPERATORS {
            return false;
        }
    }
    true
}

/// The first error, with its place in the text.
fn unfit(text: &str, error: &(impl Diagnostic + ?Sized)) -> PolicyError {
    let offset = error.labels().and_then(|mut labels| labels.next()).map_or(0, |label| label.offset());
    let before = text.get(..offset.min(text.len())).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let mut message = error.to_string();
    if let Some(help) = error.help() {
        message = format!("{message}: {help}");
    }
    PolicyError::Unfit { line, column, message }
}

#[cfg(test)]
mod tests;
