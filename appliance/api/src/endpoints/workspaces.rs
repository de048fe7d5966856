//! The workspaces in which a browser is signed in, and the way from one to another.
//!
//! People belong to one tenant each: that somebody has an account in two is written nowhere, and neither a tenant nor the appliance
//! is asked for it. What is told here follows from the sessions that the browser itself shows, each looked up in the file of its own
//! tenant: one cookie holds the session of the workspace in which the browser works, and one more each those of others. To go to
//! another workspace is to change places of two cookies; no session gets a right by it that it did not have.

use axum::{http::StatusCode, response::Response};
use identity::{
    Credential, Realm, Secret, SessionToken,
    session::{self, COOKIE, SessionRules},
    user,
};
use model::{Id, SystemTask, noun};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    session::{own_event, set_cookie},
    view::path_id,
};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, post},
    guard::Public,
    problem::{Code, Problem},
    reply::Renewed,
    request::Request,
    router::same_site,
    services::Services,
};

/// How many workspaces a browser may be signed in to beside the one in which it works: each costs every request a cookie.
const MAX_ASIDE: usize = 8;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Public>(
            "/v1/me/workspaces",
            "list_own_workspaces",
            "Workspaces in which this browser is signed in: those whose sessions it shows, and no others",
        )
        .by(list),
        post::<Public>(
            "/v1/me/workspaces/{tenant}/open",
            "open_workspace",
            "Go to another workspace in which this browser is signed in",
        )
        .by(open),
        delete::<Public>(
            "/v1/me/workspaces/{tenant}",
            "leave_workspace",
            "Sign out of a workspace in which this browser is signed in",
        )
        .silently()
        .by(leave),
    ]
}

/// A workspace in which the browser is signed in.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OwnWorkspace")]
struct WorkspaceView {
    /// The tenant.
    tenant: String,
    /// Its short name, by which one signs in; `appliance` for operators.
    slug: String,
    /// Its name for people; empty for operators.
    name: String,
    /// Your name there.
    person: String,
    /// The address with which you signed in there.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Whether the browser works in it.
    current: bool,
}

/// The workspaces in which the browser is signed in.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OwnWorkspaces")]
struct WorkspacesView {
    /// The one in which it works first, the others by their names.
    items: Vec<WorkspaceView>,
}

/// The sessions that a browser holds, as far as they are good.
#[derive(Debug)]
pub(super) struct Held {
    /// Of the workspace in which it works.
    active: Option<SessionToken>,
    /// Of others.
    aside: Vec<SessionToken>,
    /// Those whose cookies are of no use any more.
    over: Vec<Id<noun::Tenant>>,
}

impl Held {
    /// What a request shows. A cookie that is no good counts against the address it came from, as everywhere.
    pub(super) fn of(services: &Services, request: &Request) -> Result<Held, Problem> {
        let good = |token: &SessionToken| {
            let known = services.whose(token)?.is_some();
            if !known {
                services.count_bad(request.address);
            }
            Ok::<_, Problem>(known)
        };
        let active = request.cookie(COOKIE).and_then(|value| value.parse::<SessionToken>().ok());
        let active = match active {
            Some(token) if good(&token)? => Some(token),
            _ => None,
        };
        let mut held = Held { active, aside: Vec::new(), over: Vec::new() };
        // One more than there may be: whoever makes up more gets nothing for them.
        let kept = request.cookies().filter_map(|(name, value)| Some((session::set_aside(name)?, value)));
        for (tenant, value) in kept.take(MAX_ASIDE + 1) {
            let token = value.parse::<SessionToken>().ok().filter(|token| token.tenant() == tenant);
            match token {
                Some(token) if held.of_tenant(tenant).is_none() && good(&token)? => held.aside.push(token),
                _ => held.over.push(tenant),
            }
        }
        Ok(held)
    }

    /// The session that the browser has in a workspace.
    pub(super) fn of_tenant(&self, tenant: Id<noun::Tenant>) -> Option<&SessionToken> {
        self.active.iter().chain(&self.aside).find(|token| token.tenant() == tenant)
    }

    /// Refuses to sign in to one more workspace than a browser may.
    pub(super) fn must_have_room(&self, tenant: Id<noun::Tenant>) -> Result<(), Problem> {
        let others = self.active.iter().chain(&self.aside).filter(|token| token.tenant() != tenant).count();
        if others <= MAX_ASIDE {
            return Ok(());
        }
        let detail = format!("this browser is signed in to {others} workspaces: sign out of one of them first");
        Err(Problem::new(Code::Conflict, detail))
    }

    /// The cookies of a browser that works in the workspace of `token` from now on, and keeps the session of where it was.
    pub(super) fn cookies_in(&self, token: &SessionToken, rules: &SessionRules) -> Vec<Secret> {
        let mut cookies = vec![session::cookie(token, rules)];
        if let Some(before) = self.active.as_ref().filter(|before| before.tenant() != token.tenant()) {
            cookies.push(session::cookie_aside(before, rules));
        }
        let moved = self.aside.iter().map(SessionToken::tenant).filter(|tenant| *tenant == token.tenant());
        // Where the one before is kept now, its older cookie is no more to be removed.
        let before = self.active.as_ref().map(SessionToken::tenant);
        let over = self.over.iter().copied().filter(|tenant| before != Some(*tenant));
        cookies.extend(moved.chain(over).map(|tenant| Secret::from(session::no_cookie_aside(tenant))));
        cookies
    }

    /// Its workspaces as it sees them, where it works in `current`.
    fn view(&self, services: &Services, current: Option<Id<noun::Tenant>>) -> Result<WorkspacesView, Problem> {
        let mut items = Vec::new();
        for token in self.active.iter().chain(&self.aside) {
            let Some((realm, id)) = services.whose(token)? else { continue };
            let Some(id) = id.typed::<noun::User>() else { continue };
            let person = user::get(&services.gate.file(realm.tenant)?.read()?, id)?;
            items.push(WorkspaceView {
                tenant: realm.tenant.to_string(),
                slug: services.slug_of(&realm)?,
                name: if realm.is_system() { String::new() } else { realm.name.clone() },
                person: person.name,
                email: person.email.map(|email| email.to_string()),
                current: current == Some(realm.tenant),
            });
        }
        items.sort_by_key(|item| (!item.current, item.name.to_lowercase(), item.slug.clone()));
        Ok(WorkspacesView { items })
    }
}

fn list(call: Call<'_, Public, Empty, Empty>) -> Result<Renewed<WorkspacesView>, Problem> {
    let held = Held::of(call.services, call.request)?;
    let view = held.view(call.services, held.active.as_ref().map(SessionToken::tenant))?;
    let over = held.over.iter().map(|tenant| Secret::from(session::no_cookie_aside(*tenant)));
    Ok(Renewed::with(over.collect(), view))
}

fn open(call: Call<'_, Public, Empty, Empty>) -> Result<Renewed<WorkspacesView>, Problem> {
    same_site(call.request)?;
    let (held, tenant) = (Held::of(call.services, call.request)?, path_id(call.request)?);
    let token = held.of_tenant(tenant).ok_or_else(not_signed_in)?;
    let view = held.view(call.services, Some(tenant))?;
    Ok(Renewed::with(held.cookies_in(token, &call.services.identity.sessions), view))
}

fn leave(call: Call<'_, Public, Empty, Empty>) -> Result<Response, Problem> {
    same_site(call.request)?;
    let (held, tenant) = (Held::of(call.services, call.request)?, path_id::<noun::Tenant>(call.request)?);
    let token = held.of_tenant(tenant).ok_or_else(not_signed_in)?;
    let actor = call.services.known_by(&Credential::Session(token.clone()), call.request.address)?;
    let event = own_event(call.request, &actor, SystemTask::SignOut, token.id().erase());
    call.services.file(&actor)?.write(event, |tx| session::revoke(tx, token.id()))?;
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    if held.active.as_ref().is_some_and(|active| active.tenant() == tenant) {
        set_cookie(&mut response, &session::no_cookie())?;
    }
    set_cookie(&mut response, &session::no_cookie_aside(tenant))?;
    Ok(response)
}

fn not_signed_in() -> Problem {
    Problem::new(Code::NotFound, "this browser is not signed in to such a workspace; sign in to it")
}

impl Services {
    /// The short name by which one signs in to a realm.
    fn slug_of(&self, realm: &Realm) -> Result<String, Problem> {
        if realm.is_system() {
            return Ok(tenancy::APPLIANCE.to_owned());
        }
        Ok(self.register(realm.tenant)?.map(|tenant| tenant.slug.clone()).unwrap_or_default())
    }
}
