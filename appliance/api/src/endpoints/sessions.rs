//! Sessions: one's own, those of others, and the password.

use axum::{http::StatusCode, response::Response};
use identity::{PasswordChange, PeopleError, Secret, Session, SessionRules, SignInError, session};
use model::{
    Actor, AnyId, ErrorKind, Id, Origin, SystemTask, Timestamp, noun,
    permission::{SessionRead, SessionRevoke},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Headed as _, Record as _};

use super::{
    session::{own_event, set_cookie},
    view::{PageQuery, PageView, moment, parse_any, path_id},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, post},
    guard::{Listing, On, SignedIn},
    problem::{Code, Problem},
    reply::{Json, Nothing},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<SignedIn>("/v1/me/sessions", "list_own_sessions", "Where you are signed in").by(list_own),
        delete::<SignedIn>("/v1/me/sessions", "end_other_sessions", "Sign out everywhere but here")
            .silently()
            .by(end_others),
        delete::<SignedIn>("/v1/me/sessions/{session}", "end_own_session", "Sign out in one place")
            .silently()
            .by(end_own),
        post::<SignedIn>(
            "/v1/me/password",
            "change_password",
            "Choose a new password, which signs you out everywhere else",
        )
        .takes::<PasswordBody>()
        .before_password_change()
        .silently()
        .by(change_password),
        get::<Listing<SessionRead>>("/v1/sessions", "list_sessions", "Sessions of the tenant's users, newest first")
            .query::<ListQuery>()
            .by(list),
        delete::<On<SessionRevoke, Session>>("/v1/sessions/{session}", "revoke_session", "End a user's session")
            .silently()
            .by(revoke),
    ]
}

/// A signed-in browser.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SignedInBrowser")]
struct BrowserView {
    /// The id.
    id: String,
    /// The user.
    user: String,
    /// What the browser says of itself, shortened.
    device: String,
    /// The address of the sign-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// When the user signed in (RFC 3339).
    created: String,
    /// When it was last used, to within a few minutes (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used: Option<String>,
    /// When it is over at the latest (RFC 3339).
    expires: String,
    /// Whether it is the one that asks.
    current: bool,
}

impl BrowserView {
    /// As it is by the rules that hold in the tenant.
    fn of(
        session: Session,
        last_used: Option<Timestamp>,
        current: Option<Id<noun::Session>>,
        rules: &SessionRules,
    ) -> Self {
        BrowserView {
            id: session.id().to_string(),
            user: session.header.owner.to_string(),
            created: moment(session.header.created),
            last_used: last_used.map(moment),
            expires: moment(session.end(rules)),
            current: current == Some(session.id()),
            device: session.device,
            address: session.address,
        }
    }
}

/// One's own sessions.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OwnSessions")]
struct OwnView {
    /// Oldest first.
    items: Vec<BrowserView>,
}

/// Which sessions.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// The `next` of the page before.
    #[schemars(length(max = 400))]
    after: Option<String>,
    /// How many items, 50 without a word.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// Those of this user.
    #[schemars(length(max = 64))]
    user: Option<String>,
}

/// A new password.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewPassword")]
#[serde(deny_unknown_fields)]
struct PasswordBody {
    /// The password until now.
    #[schemars(with = "String", length(min = 1, max = 256))]
    old: Secret,
    /// The password from now on, of 15 characters or more.
    #[schemars(with = "String", length(min = 15, max = 256))]
    new: Secret,
}

pub(super) fn current(actor: &Actor) -> Option<Id<noun::Session>> {
    match actor.origin {
        Origin::Session(id) => Some(id),
        Origin::Key(_) | Origin::Console | Origin::Schedule(_) | Origin::Job(_) | Origin::Link(_) => None,
    }
}

/// The user who calls; service accounts have no sessions.
pub(super) fn user(actor: &Actor) -> Result<Id<noun::User>, Problem> {
    actor.id.typed().ok_or_else(|| Problem::new(Code::Conflict, "a service account has no sessions and no password"))
}

fn list_own(call: Call<'_, SignedIn, Empty, Empty>) -> Result<Json<OwnView>, Problem> {
    let (actor, rules) = (call.pass, &call.services.identity.sessions);
    let now = call.services.store.clock().now();
    let live = session::of_user(&call.services.file(&actor)?.read()?, user(&actor)?, now, rules)?;
    let view =
        |live: identity::LiveSession| BrowserView::of(live.session, Some(live.last_used), current(&actor), rules);
    Ok(Json(OwnView { items: live.into_iter().map(view).collect() }))
}

fn end_others(call: Call<'_, SignedIn, Empty, Empty>) -> Result<Nothing, Problem> {
    let (actor, user) = (&call.pass, user(&call.pass)?);
    let event = own_event(call.request, actor, SystemTask::SessionLife, user.erase());
    call.services.file(actor)?.write(event, |tx| {
        let ended = session::revoke_all(tx, user, current(actor))?;
        tx.note("sessions_ended", ended.to_string());
        Ok::<_, PeopleError>(())
    })?;
    Ok(Nothing)
}

fn end_own(call: Call<'_, SignedIn, Empty, Empty>) -> Result<Nothing, Problem> {
    let (actor, id) = (&call.pass, path_id::<noun::Session>(call.request)?);
    let event = own_event(call.request, actor, SystemTask::SessionLife, id.erase());
    call.services.file(actor)?.write(event, |tx| {
        // That there is such a session of another user is not to be learnt.
        if session::get(tx, id)?.header.owner != actor.id {
            return Err(PeopleError::NotFound(Session::NAME));
        }
        session::revoke(tx, id)
    })?;
    Ok(Nothing)
}

fn change_password(call: Call<'_, SignedIn, Empty, PasswordBody>) -> Result<Response, Problem> {
    let (actor, services) = (&call.pass, call.services);
    user(actor)?;
    let Some(session) = current(actor) else {
        return Err(Problem::new(Code::Conflict, "an API key cannot change a password; sign in first"));
    };
    let PasswordBody { old, new } = call.body;
    let change = PasswordChange { old, new, address: Some(call.request.address) };
    let (db, realm) = (services.file(actor)?, services.realm(actor)?);
    let token = services.sign_in.change_password(&db, &realm, session, &change).map_err(|error| match error {
        SignInError::Password(error) if error.kind() == ErrorKind::Invalid => Problem::at("/new", error.to_string()),
        error => error.into(),
    })?;
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    set_cookie(&mut response, session::cookie(&token, &services.identity.sessions).expose())?;
    Ok(response)
}

fn list(call: Call<'_, Listing<SessionRead>, ListQuery, Empty>) -> Result<Json<PageView<BrowserView>>, Problem> {
    let ListQuery { after, limit, user } = call.query;
    let user: Option<AnyId> = user.map(|user| parse_any("user", &user)).transpose()?;
    let (permit, query, now) = (call.pass, PageQuery { after, limit }, call.services.store.clock().now());
    let view = permit.read()?;
    let rules = session::in_force(&view, &call.services.identity.sessions)?;
    let keep = |session: &Session| {
        now < session.end(&rules)
            && user.is_none_or(|user| session.header.owner == user)
            && permit.visible(&session.header().subject())
    };
    let page = session::list(&view, query.cursor()?.as_ref(), query.limit()?, keep)?;
    let current = current(call.request.actor()?);
    Ok(Json(PageView::of(page, |session| BrowserView::of(session, None, current, &rules))))
}

fn revoke(call: Call<'_, On<SessionRevoke, Session>, Empty, Empty>) -> Result<Nothing, Problem> {
    let id = path_id(call.request)?;
    call.pass.write(|tx| session::revoke(tx, id))?;
    Ok(Nothing)
}
