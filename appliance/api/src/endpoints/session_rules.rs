//! What a tenant asks of sessions beyond what the appliance does.

use identity::{Bounds, SessionBounds, SessionPolicy, SessionRules, session};
use model::permission::{AuthpolicyManage, AuthpolicyRead};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{people::must_be_at, view::given};
use crate::{
    endpoint::{Call, Empty, Endpoint, get, patch},
    guard::InTenant,
    problem::Problem,
    reply::Versioned,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<InTenant<AuthpolicyRead>>(
            "/v1/session-rules",
            "read_session_rules",
            "How long sessions of the tenant last, and between which values it may choose",
        )
        .by(read),
        patch::<InTenant<AuthpolicyManage>>(
            "/v1/session-rules",
            "update_session_rules",
            "Say how long sessions last; what is stricter counts for every session from its next request on",
        )
        .takes::<ChangeBody>()
        .versioned()
        .by(update),
    ]
}

/// How long sessions last.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SessionRules")]
struct RulesView {
    /// A session unused for so long is over, in seconds; absent where the appliance's own time holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    idle_s: Option<u64>,
    /// A session is over so long after its sign-in, in seconds; absent where the appliance's own time holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    absolute_s: Option<u64>,
    /// How long a second factor counts once it was shown, in seconds; absent where the appliance's own time holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    step_up_s: Option<u64>,
    /// How many sessions a person may have, of which the oldest ends; absent where the appliance's own number holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    per_user: Option<u64>,
    /// Between which values the tenant may choose.
    bounds: BoundsView,
    /// Counts changes from 1, 0 where there was none; the entity tag.
    version: u64,
}

/// Between which values a tenant may choose: the most is what holds where it chooses none.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SessionBounds")]
struct BoundsView {
    /// Of `idle_s`.
    idle_s: RangeView,
    /// Of `absolute_s`.
    absolute_s: RangeView,
    /// Of `step_up_s`.
    step_up_s: RangeView,
    /// Of `per_user`.
    per_user: RangeView,
}

/// From where to where.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Range")]
pub(super) struct RangeView {
    /// The least.
    least: u64,
    /// The most.
    most: u64,
}

impl From<Bounds> for RangeView {
    fn from(Bounds { least, most }: Bounds) -> Self {
        RangeView { least, most }
    }
}

/// Other rules: what is absent stays, and of what is `null` the appliance's own holds.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "SessionRulesChange")]
#[serde(deny_unknown_fields, default)]
struct ChangeBody {
    /// A session unused for so long is over, in seconds.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<u64>")]
    idle_s: Option<Option<u64>>,
    /// A session is over so long after its sign-in, in seconds.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<u64>")]
    absolute_s: Option<Option<u64>>,
    /// How long a second factor counts once it was shown, in seconds.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<u64>")]
    step_up_s: Option<Option<u64>>,
    /// How many sessions a person may have, of which the oldest ends.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<u64>")]
    per_user: Option<Option<u64>>,
}

fn view(policy: &SessionPolicy, rules: &SessionRules) -> Versioned<RulesView> {
    let SessionPolicy { idle_s, absolute_s, step_up_s, per_user, version } = *policy;
    let bounds = SessionBounds::of(rules);
    let bounds = BoundsView {
        idle_s: bounds.idle_s.into(),
        absolute_s: bounds.absolute_s.into(),
        step_up_s: bounds.step_up_s.into(),
        per_user: bounds.per_user.into(),
    };
    Versioned(version, RulesView { idle_s, absolute_s, step_up_s, per_user, bounds, version })
}

fn read(call: Call<'_, InTenant<AuthpolicyRead>, Empty, Empty>) -> Result<Versioned<RulesView>, Problem> {
    Ok(view(&session::policy(&call.pass.read()?)?, &call.services.identity.sessions))
}

fn update(call: Call<'_, InTenant<AuthpolicyManage>, Empty, ChangeBody>) -> Result<Versioned<RulesView>, Problem> {
    let ChangeBody { idle_s, absolute_s, step_up_s, per_user } = call.body;
    let (base, rules) = (call.request.base_version()?, &call.services.identity.sessions);
    let policy = call.pass.write::<_, Problem>(|tx| {
        let before = session::policy(tx)?;
        must_be_at(base, before.version)?;
        let policy = SessionPolicy {
            idle_s: idle_s.unwrap_or(before.idle_s),
            absolute_s: absolute_s.unwrap_or(before.absolute_s),
            step_up_s: step_up_s.unwrap_or(before.step_up_s),
            per_user: per_user.unwrap_or(before.per_user),
            version: before.version,
        };
        Ok(session::set_policy(tx, policy, rules)?)
    })?;
    Ok(view(&policy, rules))
}
