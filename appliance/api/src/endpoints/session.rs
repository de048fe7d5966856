//! Signing in and out, who one is, and accepting an invitation.

use access::{
    assignment::{Assignment, RoleRef},
    usage::{self, Meter},
};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use identity::{Attempt, Device, InvitationToken, MustChange, Realm, Secret, User, invitation, password, session};
use model::{Actor, ActorKind, AnyId, DataClass, Header, Origin, SystemTask, noun};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::EventDraft;

use super::workspaces::Held;
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, post},
    guard::{Public, SignedIn},
    problem::{Code, Problem},
    reply::{Json, Renewed},
    request::{Request, breaks_glass},
    services::Services,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        post::<Public>("/v1/session", "sign_in", "Sign in with e-mail address, password and second factor")
            .takes::<SignInBody>()
            .creates()
            .by(sign_in),
        get::<SignedIn>("/v1/session", "read_session", "Who you are and what you may")
            .before_password_change()
            .briskly()
            .by(read),
        delete::<SignedIn>("/v1/session", "sign_out", "Sign out").before_password_change().silently().by(sign_out),
        post::<Public>("/v1/invitations/accept", "accept_invitation", "Become a user with the code of an invitation")
            .takes::<AcceptBody>()
            .creates()
            .by(accept),
    ]
}

/// How to sign in.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "SignIn")]
#[serde(deny_unknown_fields)]
struct SignInBody {
    /// The short name of the tenant; `appliance` for operators.
    #[schemars(length(min = 2, max = 63))]
    tenant: String,
    /// The e-mail address.
    #[schemars(length(min = 3, max = 254))]
    email: String,
    /// The password.
    #[schemars(with = "String", length(min = 1, max = 256))]
    password: Secret,
    /// The code of your second factor, or one of your recovery codes; needed where you have set one up.
    #[serde(default)]
    #[schemars(with = "Option<String>", length(min = 1, max = 64))]
    code: Option<Secret>,
}

/// An invitation to accept.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AcceptInvitation")]
#[serde(deny_unknown_fields)]
struct AcceptBody {
    /// The short name of the tenant; `appliance` for operators.
    #[schemars(length(min = 2, max = 63))]
    tenant: String,
    /// The code from the link.
    #[schemars(with = "String", length(min = 1, max = 256))]
    code: Secret,
    /// Your name.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// The password you choose, of 15 characters or more.
    #[schemars(with = "String", length(min = 15, max = 256))]
    password: Secret,
}

/// Who is calling.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Session")]
struct SessionView {
    /// The user or service account.
    id: String,
    /// The tenant.
    tenant: String,
    /// `user`, `service_account` or `operator`.
    kind: &'static str,
    /// The session or API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<String>,
    /// What you may in the whole tenant.
    permissions: Vec<&'static str>,
    /// Authenticator assurance level, 1 to 3 (NIST SP 800-63B).
    assurance_level: u8,
    /// When you last showed a second factor in this session (RFC 3339). What asks for one takes it for 15
    /// minutes, or for less where the tenant says so: then it is absent here, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    second_factor_shown: Option<String>,
}

/// Who has just come in.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SignedIn")]
struct SignedInView {
    /// The user.
    user: String,
    /// The tenant.
    tenant: String,
    /// The user must choose a new password before anything else.
    must_change_password: bool,
    /// Whether that is so because the password is older than the tenant wants.
    password_too_old: bool,
}

fn sign_in(call: Call<'_, Public, Empty, SignInBody>) -> Result<Renewed<SignedInView>, Problem> {
    let SignInBody { tenant, email, password, code } = call.body;
    let realm = known(call.services, &tenant)?;
    let held = Held::of(call.services, call.request)?;
    held.must_have_room(realm.tenant)?;
    let replaces = held.of_tenant(realm.tenant).cloned();
    let attempt = Attempt { email, password, code, device: device(call.request), replaces };
    let db = call.services.gate.file(realm.tenant)?;
    let signed_in = call.services.sign_in.with_password(&db, &realm, &attempt)?;
    let view = SignedInView {
        user: signed_in.user.id().to_string(),
        tenant: realm.tenant.to_string(),
        must_change_password: signed_in.must_change.is_some(),
        password_too_old: signed_in.must_change == Some(MustChange::Old),
    };
    let cookies = held.cookies_in(&signed_in.token, &call.services.identity.sessions);
    Ok(Renewed::with(cookies, view))
}

fn read(call: Call<'_, SignedIn, Empty, Empty>) -> Result<Json<SessionView>, Problem> {
    let actor = call.pass;
    let now = call.services.store.clock().now();
    Ok(Json(SessionView {
        id: actor.id.to_string(),
        tenant: actor.tenant.to_string(),
        kind: match actor.kind {
            ActorKind::User => "user",
            ActorKind::ServiceAccount => "service_account",
            ActorKind::Operator => "operator",
        },
        credential: match actor.origin {
            Origin::Session(id) => Some(id.to_string()),
            Origin::Key(id) => Some(id.to_string()),
            Origin::Console | Origin::Schedule(_) | Origin::Job(_) | Origin::Link(_) => None,
        },
        permissions: actor.tenant_wide(now).iter().map(|permission| permission.code()).collect(),
        assurance_level: actor.assurance.level,
        second_factor_shown: actor.assurance.second_factor.map(super::moment),
    }))
}

fn sign_out(call: Call<'_, SignedIn, Empty, Empty>) -> Result<Response, Problem> {
    let Actor { origin: Origin::Session(id), .. } = call.pass else {
        return Err(Problem::new(Code::Conflict, "an API key does not sign out; revoke it instead"));
    };
    let event = own_event(call.request, &call.pass, SystemTask::SignOut, id.erase());
    call.services.file(&call.pass)?.write(event, |tx| session::revoke(tx, id))?;
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    set_cookie(&mut response, &session::no_cookie())?;
    Ok(response)
}

fn accept(call: Call<'_, Public, Empty, AcceptBody>) -> Result<Json<SignedInView>, Problem> {
    let AcceptBody { tenant, code, name, password } = call.body;
    let realm = known(call.services, &tenant)?;
    let token: InvitationToken = code.expose().parse().map_err(|_| wrong_code())?;
    let db = call.services.gate.file(realm.tenant)?;
    let view = db.read()?;
    let offer = invitation::open(&view, &token, call.services.store.clock().now()).map_err(|_| wrong_code())?;
    let policy = password::policy(&view)?;
    drop(view);
    let known = [name.as_str(), offer.email.as_str(), realm.name.as_str()];
    let hash = call.services.sign_in.passwords().accept_by(&policy, &password, &known, &[])?;
    let mut event = EventDraft::system(SystemTask::InvitationAccept, offer.id().erase());
    event.address = Some(call.request.address.to_string());
    event.request = Some(call.request.id.clone());
    if realm.is_system() {
        // Who runs the appliance takes no seat and has no role.
        event.detail.push(("alarm", "operator_joined".to_owned()));
        let (user, _) =
            db.write::<_, Problem>(event, |tx| Ok(invitation::accept(tx, &realm, &token, &name, Some(hash))?))?;
        return Ok(accepted(&user, &realm));
    }
    let limits = call.services.limits(realm.tenant)?;
    let user = db.write::<_, Problem>(event, |tx| {
        usage::take(tx, Meter::Seats, 1, &limits)?;
        let (user, offer) = invitation::accept(tx, &realm, &token, &name, Some(hash))?;
        let mut header = Header::new(
            tx.new_id::<noun::Assignment>(),
            realm.tenant,
            realm.home,
            user.id().erase(),
            DataClass::K5,
            tx.now(),
        );
        header.project = offer.project;
        tx.put(&Assignment { header, principal: user.id().erase(), role: RoleRef::Level(offer.level), expires: None })?;
        Ok(user)
    })?;
    Ok(accepted(&user, &realm))
}

fn accepted(user: &User, realm: &Realm) -> Json<SignedInView> {
    Json(SignedInView {
        user: user.id().to_string(),
        tenant: realm.tenant.to_string(),
        must_change_password: false,
        password_too_old: false,
    })
}

/// The realm that one signs in to. That there is none looks like a wrong password.
pub(super) fn known(services: &Services, name: &str) -> Result<Realm, Problem> {
    services
        .realm_by_name(name)?
        .ok_or_else(|| Problem::new(Code::WrongCredentials, "the tenant, the e-mail address or the password is wrong"))
}

pub(super) fn wrong_code() -> Problem {
    Problem::new(Code::WrongCredentials, "the code is wrong, used up or past its time; ask for a new invitation")
}

fn device(request: &Request) -> Device {
    Device { agent: request.header("user-agent").unwrap_or_default().to_owned(), address: Some(request.address) }
}

/// The audit row of what `actor` does about its own affairs, for which no permission is needed.
pub(crate) fn own_event(request: &Request, actor: &Actor, task: SystemTask, subject: AnyId) -> EventDraft {
    let mut event = EventDraft::system(task, subject);
    event.actor = Some(actor.id);
    event.credential = match actor.origin {
        Origin::Session(id) => Some(id.erase()),
        Origin::Key(id) => Some(id.erase()),
        Origin::Schedule(id) => Some(id.erase()),
        Origin::Job(id) => Some(id.erase()),
        Origin::Link(id) => Some(id.erase()),
        Origin::Console => None,
    };
    event.address = Some(request.address.to_string());
    event.request = Some(request.id.clone());
    event.once.clone_from(&request.once);
    if breaks_glass(actor) {
        event.detail.push(("break_glass", "true".to_owned()));
    }
    if actor.origin == Origin::Console {
        event.detail.push(("console", "true".to_owned()));
    }
    event
}

/// Adds a cookie to an answer.
pub(crate) fn set_cookie(response: &mut Response, cookie: &str) -> Result<(), Problem> {
    let value = HeaderValue::from_str(cookie).map_err(|error| Problem::of(model::ErrorKind::Bug, &error))?;
    response.headers_mut().append(header::SET_COOKIE, value);
    Ok(())
}
