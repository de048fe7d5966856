//! What a tenant asks of passwords beyond what the appliance does, for those who lay it down and for those who choose a password.

use identity::{InvitationToken, PasswordBounds, PasswordPolicy, Passwords, Secret, invitation, password, user};
use model::permission::{AuthpolicyManage, AuthpolicyRead};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    people::must_be_at,
    session::{known, wrong_code},
    session_rules::RangeView,
    sessions,
    view::{given, moment},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, get, patch, post},
    guard::{InTenant, Public, SignedIn},
    problem::Problem,
    reply::{Json, Versioned},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<InTenant<AuthpolicyRead>>(
            "/v1/password-rules",
            "read_password_rules",
            "What the tenant asks of passwords, and between which values it may choose",
        )
        .by(read),
        patch::<InTenant<AuthpolicyManage>>(
            "/v1/password-rules",
            "update_password_rules",
            "Say what the tenant asks of passwords: of each that is chosen from now on, and how old any may become",
        )
        .takes::<ChangeBody>()
        .versioned()
        .by(update),
        get::<SignedIn>("/v1/me/password-rules", "read_own_password_rules", "What a password of yours must be")
            .before_password_change()
            .by(read_own),
        post::<Public>(
            "/v1/invitations/open",
            "open_invitation",
            "What an invitation offers, and what the password of who accepts it must be",
        )
        .takes::<CodeBody>()
        .by(open),
    ]
}

/// What a tenant asks of passwords.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PasswordRules")]
struct RulesView {
    /// The least characters; absent where the appliance's own number holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    min_chars: Option<u64>,
    /// Words that no password may contain, whatever their case and whatever stands for a letter.
    blocked: Vec<String>,
    /// How many passwords before the present one may not be used again.
    remembered: u64,
    /// After how many days a password must be changed; never when absent, as NIST SP 800-63B advises.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age_days: Option<u64>,
    /// Between which values the tenant may choose.
    bounds: BoundsView,
    /// Counts changes from 1, 0 where there was none; the entity tag.
    version: u64,
}

/// Between which values a tenant may choose.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PasswordBounds")]
struct BoundsView {
    /// Of `min_chars`; the least is what holds where nothing is chosen.
    min_chars: RangeView,
    /// Of `remembered`.
    remembered: RangeView,
    /// Of `max_age_days`.
    max_age_days: RangeView,
    /// The most words in `blocked`.
    blocked: usize,
}

/// Other rules: what is absent stays, and of what is `null` the appliance's own holds.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "PasswordRulesChange")]
#[serde(deny_unknown_fields, default)]
struct ChangeBody {
    /// The least characters.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<u64>")]
    min_chars: Option<Option<u64>>,
    /// Words that no password may contain, of 3 to 40 letters and digits.
    #[schemars(length(max = 100), inner(length(min = 3, max = 80)))]
    blocked: Option<Vec<String>>,
    /// How many passwords before the present one may not be used again.
    remembered: Option<u64>,
    /// After how many days a password must be changed; `null` is never.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<u64>")]
    max_age_days: Option<Option<u64>>,
}

/// What a password must be, for who chooses one.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PasswordAsked")]
struct AskedView {
    /// The least characters.
    min_chars: u64,
    /// How many words it may not contain. Which, is said of a password that does.
    blocked_words: usize,
    /// How many passwords before the present one may not be used again.
    remembered: u64,
    /// After how many days it must be changed; never when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age_days: Option<u64>,
    /// When the present one must be changed (RFC 3339); never when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_by: Option<String>,
}

/// The code of an invitation.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "InvitationToOpen")]
#[serde(deny_unknown_fields)]
struct CodeBody {
    /// The short name of the tenant; `appliance` for operators.
    #[schemars(length(min = 2, max = 63))]
    tenant: String,
    /// The code from the link.
    #[schemars(with = "String", length(min = 1, max = 256))]
    code: Secret,
}

/// What an invitation offers.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OpenInvitation")]
struct OpenView {
    /// The name of the tenant.
    tenant: String,
    /// Who is invited; they will sign in with it.
    email: String,
    /// When the offer ends (RFC 3339).
    expires: String,
    /// What their password must be.
    password: AskedView,
}

impl AskedView {
    fn of(policy: &PasswordPolicy, passwords: &Passwords) -> Self {
        let least = passwords.min_chars();
        AskedView {
            min_chars: policy.min_chars.map_or(least, |more| more.max(least)),
            blocked_words: policy.blocked.len(),
            remembered: policy.remembered,
            max_age_days: policy.max_age_days,
            change_by: None,
        }
    }
}

fn view(policy: PasswordPolicy, passwords: &Passwords) -> Versioned<RulesView> {
    let PasswordPolicy { min_chars, blocked, remembered, max_age_days, version } = policy;
    let bounds = PasswordBounds::of(passwords);
    let bounds = BoundsView {
        min_chars: bounds.min_chars.into(),
        remembered: bounds.remembered.into(),
        max_age_days: bounds.max_age_days.into(),
        blocked: password::MAX_BLOCKED,
    };
    Versioned(version, RulesView { min_chars, blocked, remembered, max_age_days, bounds, version })
}

fn read(call: Call<'_, InTenant<AuthpolicyRead>, Empty, Empty>) -> Result<Versioned<RulesView>, Problem> {
    Ok(view(password::policy(&call.pass.read()?)?, call.services.sign_in.passwords()))
}

fn update(call: Call<'_, InTenant<AuthpolicyManage>, Empty, ChangeBody>) -> Result<Versioned<RulesView>, Problem> {
    let ChangeBody { min_chars, blocked, remembered, max_age_days } = call.body;
    let (base, passwords) = (call.request.base_version()?, call.services.sign_in.passwords());
    let policy = call.pass.write::<_, Problem>(|tx| {
        let before = password::policy(tx)?;
        must_be_at(base, before.version)?;
        let policy = PasswordPolicy {
            min_chars: min_chars.unwrap_or(before.min_chars),
            blocked: blocked.unwrap_or(before.blocked),
            remembered: remembered.unwrap_or(before.remembered),
            max_age_days: max_age_days.unwrap_or(before.max_age_days),
            version: before.version,
        };
        Ok(password::set_policy(tx, &policy, passwords)?)
    })?;
    Ok(view(policy, passwords))
}

fn read_own(call: Call<'_, SignedIn, Empty, Empty>) -> Result<Json<AskedView>, Problem> {
    let actor = &call.pass;
    let view = call.services.file(actor)?.read()?;
    let asked = AskedView::of(&password::policy(&view)?, call.services.sign_in.passwords());
    let own = user::get(&view, sessions::user(actor)?)?;
    Ok(Json(AskedView { change_by: password::over(&view, &own)?.map(moment), ..asked }))
}

fn open(call: Call<'_, Public, Empty, CodeBody>) -> Result<Json<OpenView>, Problem> {
    let CodeBody { tenant, code } = call.body;
    let realm = known(call.services, &tenant)?;
    let token: InvitationToken = code.expose().parse().map_err(|_| wrong_code())?;
    let view = call.services.gate.file(realm.tenant)?.read()?;
    let offer = invitation::open(&view, &token, call.services.store.clock().now()).map_err(|_| wrong_code())?;
    Ok(Json(OpenView {
        tenant: realm.name,
        email: offer.email.to_string(),
        expires: moment(offer.expires),
        password: AskedView::of(&password::policy(&view)?, call.services.sign_in.passwords()),
    }))
}
