//! Second factors: one's own, those of people who have lost theirs, and whether everyone must have one.

use identity::{Proof, SecondFactor, SecondFactorError, Secret, SignInError, SignInRules, second_factor};
use model::{
    Actor, Id, SystemTask, Timestamp, noun,
    permission::{AuthpolicyManage, AuthpolicyRead, MemberUpdate, STEP_UP_S, SystemConfigure},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::View;

use super::{
    operators,
    people::must_outrank,
    session::own_event,
    sessions::{current, user},
    view::{moment, path_id},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, patch, post},
    guard::{InTenant, On, SignedIn},
    problem::{Code, Problem},
    reply::{Json, Nothing, Renewed},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<SignedIn>("/v1/me/second-factor", "read_second_factor", "Whether you have a second factor")
            .before_second_factor()
            .by(read),
        post::<SignedIn>(
            "/v1/me/second-factor",
            "begin_second_factor",
            "Begin to set up codes of an app (RFC 6238), for your password; shows the app's key once",
        )
        .takes::<PasswordBody>()
        .before_second_factor()
        .creates()
        .by(begin),
        post::<SignedIn>(
            "/v1/me/second-factor/confirm",
            "confirm_second_factor",
            "Have it count, for a code of the app; shows your recovery codes once",
        )
        .takes::<CodeBody>()
        .before_second_factor()
        .by(confirm),
        post::<SignedIn>(
            "/v1/me/second-factor/recovery-codes",
            "renew_recovery_codes",
            "Make new recovery codes, which voids those before; asks for your second factor",
        )
        .creates()
        .by(renew),
        delete::<SignedIn>(
            "/v1/me/second-factor",
            "remove_second_factor",
            "Remove your second factor; asks for it one more time",
        )
        .silently()
        .by(remove),
        post::<SignedIn>(
            "/v1/session/second-factor",
            "show_second_factor",
            "Show your second factor once more, for what asks for a fresh one",
        )
        .takes::<CodeBody>()
        .before_second_factor()
        .by(show),
        delete::<On<MemberUpdate, identity::User>>(
            "/v1/members/{user}/second-factor",
            "reset_second_factor",
            "Remove the second factor of a user who has lost it, and end their sessions",
        )
        .silently()
        .by(reset),
        delete::<InTenant<SystemConfigure>>(
            "/v1/operators/{operator}/second-factor",
            "reset_operator_second_factor",
            "Remove the second factor of an operator who has lost it, and end their sessions",
        )
        .silently()
        .by(reset_operator),
        get::<InTenant<AuthpolicyRead>>(
            "/v1/sign-in-rules",
            "read_sign_in_rules",
            "What the tenant asks of who signs in",
        )
        .by(read_rules),
        patch::<InTenant<AuthpolicyManage>>(
            "/v1/sign-in-rules",
            "update_sign_in_rules",
            "Say what the tenant asks of who signs in; whoever lacks it can do nothing but set it up",
        )
        .takes::<RulesView>()
        .by(set_rules),
    ]
}

/// One's own second factor.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OwnSecondFactor")]
struct OwnView {
    /// Since when there is one (RFC 3339); absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// How many recovery codes are left.
    recovery_codes_left: usize,
    /// Whether the tenant asks everyone for one.
    required: bool,
}

/// The password, once more.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "PasswordAgain")]
#[serde(deny_unknown_fields)]
struct PasswordBody {
    /// Your password.
    #[schemars(with = "String", length(min = 1, max = 256))]
    password: Secret,
}

/// A code.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "SecondFactorCode")]
#[serde(deny_unknown_fields)]
struct CodeBody {
    /// The six digits that the app shows, or to show it once more a recovery code, too.
    #[schemars(with = "String", length(min = 1, max = 64))]
    code: Secret,
}

/// What the app must be told.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NewSecondFactor")]
struct OfferView {
    /// The key in base 32, to be typed in.
    key: String,
    /// The same as an `otpauth://` address, to be scanned as a QR code.
    address: String,
}

/// Codes for the day the app is gone.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RecoveryCodes")]
struct RecoveryView {
    /// Each is good once. They are shown this once.
    codes: Vec<String>,
}

impl From<Vec<Secret>> for RecoveryView {
    fn from(codes: Vec<Secret>) -> Self {
        RecoveryView { codes: codes.iter().map(|code| code.expose().to_owned()).collect() }
    }
}

/// What a tenant asks of who signs in.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SignInRules")]
#[serde(deny_unknown_fields)]
struct RulesView {
    /// Whether everyone needs a second factor.
    second_factor: NeedView,
}

/// Whether something is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Need")]
#[serde(rename_all = "lowercase")]
enum NeedView {
    /// Whoever likes.
    Optional,
    /// Everyone.
    Required,
}

impl From<SignInRules> for RulesView {
    fn from(rules: SignInRules) -> Self {
        let second_factor = if rules.second_factor_required { NeedView::Required } else { NeedView::Optional };
        RulesView { second_factor }
    }
}

impl OwnView {
    fn of(view: &View, actor: &Actor) -> Result<Self, Problem> {
        let factor = second_factor::of_user(view, user(actor)?)?;
        Ok(OwnView {
            since: factor.as_ref().and_then(SecondFactor::since).map(moment),
            recovery_codes_left: factor.as_ref().map_or(0, SecondFactor::recovery_left),
            required: second_factor::rules(view)?.second_factor_required,
        })
    }
}

fn read(call: Call<'_, SignedIn, Empty, Empty>) -> Result<Json<OwnView>, Problem> {
    Ok(Json(OwnView::of(&call.services.file(&call.pass)?.read()?, &call.pass)?))
}

/// The session that asks: keys of programs have no second factor.
fn session(actor: &Actor) -> Result<Id<noun::Session>, Problem> {
    user(actor)?;
    let detail = "an API key has no second factor; sign in first";
    current(actor).ok_or_else(|| Problem::new(Code::Conflict, detail))
}

fn begin(call: Call<'_, SignedIn, Empty, PasswordBody>) -> Result<Json<OfferView>, Problem> {
    let (actor, services) = (&call.pass, call.services);
    let (db, realm) = (services.file(actor)?, services.realm(actor)?);
    let proof = Proof { session: session(actor)?, secret: call.body.password, address: Some(call.request.address) };
    let offer = services.sign_in.begin_second_factor(&db, &realm, &proof).map_err(|error| match error {
        SignInError::Refused => Problem::at("/password", "the password is wrong"),
        error => error.into(),
    })?;
    Ok(Json(OfferView { key: offer.key.expose().to_owned(), address: offer.address.expose().to_owned() }))
}

fn confirm(call: Call<'_, SignedIn, Empty, CodeBody>) -> Result<Renewed<RecoveryView>, Problem> {
    let (actor, services) = (&call.pass, call.services);
    let (db, realm) = (services.file(actor)?, services.realm(actor)?);
    let proof = Proof { session: session(actor)?, secret: call.body.code, address: Some(call.request.address) };
    let (codes, token) = services.sign_in.confirm_second_factor(&db, &realm, &proof)?;
    Ok(Renewed::new(identity::session::cookie(&token, &services.identity.sessions), codes.into()))
}

fn show(call: Call<'_, SignedIn, Empty, CodeBody>) -> Result<Renewed<OwnView>, Problem> {
    let (actor, services) = (&call.pass, call.services);
    let (db, realm) = (services.file(actor)?, services.realm(actor)?);
    let proof = Proof { session: session(actor)?, secret: call.body.code, address: Some(call.request.address) };
    let token = services.sign_in.show_second_factor(&db, &realm, &proof)?;
    let own = OwnView::of(&db.read()?, actor)?;
    Ok(Renewed::new(identity::session::cookie(&token, &services.identity.sessions), own))
}

/// That a second factor was shown within the time that dangerous permissions ask for.
pub(super) fn must_be_fresh(actor: &Actor, now: Timestamp) -> Result<(), Problem> {
    let fresh = |shown: Timestamp| shown <= now && now.since(shown).as_secs() <= STEP_UP_S;
    if actor.assurance.level >= 2 && actor.assurance.second_factor.is_some_and(fresh) {
        return Ok(());
    }
    Err(Problem::new(Code::StepUpRequired, "confirm with your second factor, then send the request again"))
}

fn renew(call: Call<'_, SignedIn, Empty, Empty>) -> Result<Json<RecoveryView>, Problem> {
    let (actor, user) = (&call.pass, user(&call.pass)?);
    session(actor)?;
    must_be_fresh(actor, call.services.store.clock().now())?;
    let event = own_event(call.request, actor, SystemTask::SessionLife, user.erase());
    let codes = call.services.file(actor)?.write(event, |tx| second_factor::renew_codes(tx, user))?;
    Ok(Json(codes.into()))
}

fn remove(call: Call<'_, SignedIn, Empty, Empty>) -> Result<Nothing, Problem> {
    let (actor, user) = (&call.pass, user(&call.pass)?);
    session(actor)?;
    must_be_fresh(actor, call.services.store.clock().now())?;
    let event = own_event(call.request, actor, SystemTask::SessionLife, user.erase());
    call.services.file(actor)?.write(event, |tx| second_factor::remove(tx, user))?;
    Ok(Nothing)
}

fn reset(call: Call<'_, On<MemberUpdate, identity::User>, Empty, Empty>) -> Result<Nothing, Problem> {
    let (actor, id) = (call.request.actor()?, path_id::<noun::User>(call.request)?);
    not_oneself(actor, id)?;
    call.pass.write::<_, Problem>(|tx| {
        // Who needs a password only could be another by resetting that, too.
        must_outrank(tx, actor, id.erase())?;
        second_factor::reset(tx, id)?;
        Ok(())
    })?;
    Ok(Nothing)
}

fn reset_operator(call: Call<'_, InTenant<SystemConfigure>, Empty, Empty>) -> Result<Nothing, Problem> {
    let id = operators::named(call.request)?;
    not_oneself(call.request.actor()?, id)?;
    call.pass.write::<_, SecondFactorError>(|tx| second_factor::reset(tx, id).map(drop))?;
    Ok(Nothing)
}

/// Else whoever finds an open browser would be rid of it.
fn not_oneself(actor: &Actor, id: Id<noun::User>) -> Result<(), Problem> {
    if actor.id != id.erase() {
        return Ok(());
    }
    Err(Problem::new(Code::Denied, "your own second factor is removed with it: DELETE /v1/me/second-factor"))
}

fn read_rules(call: Call<'_, InTenant<AuthpolicyRead>, Empty, Empty>) -> Result<Json<RulesView>, Problem> {
    Ok(Json(second_factor::rules(&call.pass.read()?)?.into()))
}

fn set_rules(call: Call<'_, InTenant<AuthpolicyManage>, Empty, RulesView>) -> Result<Json<RulesView>, Problem> {
    let rules = SignInRules { second_factor_required: call.body.second_factor == NeedView::Required };
    call.pass.write::<_, Problem>(|tx| Ok(second_factor::set_rules(tx, rules)?))?;
    Ok(Json(rules.into()))
}
