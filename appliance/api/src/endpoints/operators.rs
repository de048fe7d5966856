//! Operators: the people who run the appliance. Each holds all of it, so they are invited, listed and removed, and have no roles.

use identity::{
    Email, Invitation, NewInvitation, PeopleError, Realm, User, UserState, invitation, second_factor, session, user,
};
use model::{
    Classification, Id, Level, noun,
    permission::{SystemConfigure, SystemRead},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Tx, View};

use super::{
    invitations::end,
    people::must_be_at,
    second_factor::must_be_fresh,
    view::{PageQuery, PageView, moment, state},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, post},
    guard::InTenant,
    problem::{Code, Problem},
    reply::{Json, Nothing},
    request::Request,
    services::Services,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<InTenant<SystemRead>>("/v1/operators", "list_operators", "Who runs the appliance, newest first")
            .query::<PageQuery>()
            .by(list),
        delete::<InTenant<SystemConfigure>>(
            "/v1/operators/{operator}",
            "remove_operator",
            "Remove an operator for good, with their sessions and keys; the last one stays",
        )
        .versioned()
        .silently()
        .by(remove),
        get::<InTenant<SystemRead>>(
            "/v1/operator-invitations",
            "list_operator_invitations",
            "Who was invited to run the appliance, newest first",
        )
        .query::<PageQuery>()
        .by(list_invited),
        post::<InTenant<SystemConfigure>>(
            "/v1/operator-invitations",
            "invite_operator",
            "Invite someone to run the appliance; shows the code once, to be accepted with `appliance` as the tenant",
        )
        .takes::<NewBody>()
        .creates()
        .by(invite),
        delete::<InTenant<SystemConfigure>>(
            "/v1/operator-invitations/{operator_invitation}",
            "revoke_operator_invitation",
            "Take an invitation of an operator back",
        )
        .silently()
        .by(revoke),
    ]
}

/// Somebody who runs the appliance.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OperatorOfAppliance")]
struct OperatorView {
    /// The id.
    id: String,
    /// The name.
    name: String,
    /// The address to sign in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// `active` or `suspended`.
    state: &'static str,
    /// Whether too many failed sign-ins have locked them out.
    locked: bool,
    /// Whether they have a second factor.
    second_factor: bool,
    /// In how many browsers they are signed in.
    sessions: usize,
    /// The hour of the last sign-in (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    last_sign_in: Option<String>,
    /// Counts changes from 1; what a removal names in `If-Match`.
    version: u64,
    /// Since when they are one (RFC 3339).
    created: String,
}

impl OperatorView {
    fn of(view: &View, services: &Services, user: User) -> Result<Self, Problem> {
        let now = services.store.clock().now();
        Ok(OperatorView {
            id: user.id().to_string(),
            state: state(user.state),
            locked: user.is_locked(),
            second_factor: second_factor::of_user(view, user.id())?.is_some(),
            sessions: session::of_user(view, user.id(), now, &services.identity.sessions)?.len(),
            last_sign_in: user.last_sign_in.map(moment),
            version: user.header.version,
            created: moment(user.header.created),
            email: user.email.map(|email| email.to_string()),
            name: user.name,
        })
    }
}

/// An open offer to become an operator.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OperatorInvitation")]
struct InvitedView {
    /// The id.
    id: String,
    /// Who is invited.
    email: String,
    /// When the offer ends (RFC 3339).
    expires: String,
    /// Who invited.
    invited_by: String,
    /// When it was made (RFC 3339).
    created: String,
}

impl From<Invitation> for InvitedView {
    fn from(invitation: Invitation) -> Self {
        InvitedView {
            id: invitation.id().to_string(),
            email: invitation.email.to_string(),
            expires: moment(invitation.expires),
            invited_by: invitation.header.owner.to_string(),
            created: moment(invitation.header.created),
        }
    }
}

/// An invitation with its code.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OperatorInvitationCode")]
struct CodeView {
    #[serde(flatten)]
    invitation: InvitedView,
    /// The code for whoever is invited. It is shown this once.
    code: String,
}

/// A new invitation of an operator.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewOperatorInvitation")]
#[serde(deny_unknown_fields)]
struct NewBody {
    /// Who is invited; they will sign in with it.
    #[schemars(length(min = 3, max = 254))]
    email: String,
    /// When the offer ends (RFC 3339), within 30 days; in 7 days without a word.
    #[serde(default)]
    #[schemars(length(max = 64))]
    expires: Option<String>,
}

fn list(call: Call<'_, InTenant<SystemRead>, PageQuery, Empty>) -> Result<Json<PageView<OperatorView>>, Problem> {
    let view = call.pass.read()?;
    let keep = |user: &User| user.state != UserState::Removed;
    let mut page = user::list(&view, call.query.cursor()?.as_ref(), call.query.limit()?, keep)?;
    let items = std::mem::take(&mut page.items).into_iter();
    let items = items.map(|user| OperatorView::of(&view, call.services, user)).collect::<Result<Vec<_>, _>>()?;
    Ok(Json(PageView::of(store::Page { items, next: page.next }, |operator| operator)))
}

fn remove(call: Call<'_, InTenant<SystemConfigure>, Empty, Empty>) -> Result<Nothing, Problem> {
    let (base, id) = (call.request.base_version()?, named(call.request)?);
    must_be_fresh(call.request.actor()?, call.services.store.clock().now())?;
    call.pass.write::<_, Problem>(|tx| {
        must_be_at(base, user::get(tx, id)?.header.version)?;
        must_not_be_last(tx, id)?;
        user::remove(tx, id)?;
        Ok(())
    })?;
    Ok(Nothing)
}

fn list_invited(
    call: Call<'_, InTenant<SystemRead>, PageQuery, Empty>,
) -> Result<Json<PageView<InvitedView>>, Problem> {
    let now = call.services.store.clock().now();
    let open = |invitation: &Invitation| now < invitation.expires;
    let page = invitation::list(&call.pass.read()?, call.query.cursor()?.as_ref(), call.query.limit()?, open)?;
    Ok(Json(PageView::of(page, InvitedView::from)))
}

fn invite(call: Call<'_, InTenant<SystemConfigure>, Empty, NewBody>) -> Result<Json<CodeView>, Problem> {
    let NewBody { email, expires } = call.body;
    let (actor, services) = (call.request.actor()?, call.services);
    let new = NewInvitation {
        email: Email::parse(&email).map_err(PeopleError::from)?,
        // Operators have no roles: the word is the nearest to what they are.
        level: Level::Owner,
        project: None,
        clearance: Classification::Public,
        expires: end(services, expires.as_deref())?,
    };
    must_be_fresh(actor, services.store.clock().now())?;
    let realm = Realm::system(services.region);
    let (token, invitation) = call.pass.write::<_, Problem>(|tx| {
        tx.note("alarm", "operator_invited");
        Ok(invitation::create(tx, &realm, actor.id, new)?)
    })?;
    Ok(Json(CodeView { invitation: invitation.into(), code: token.reveal().expose().to_owned() }))
}

fn revoke(call: Call<'_, InTenant<SystemConfigure>, Empty, Empty>) -> Result<Nothing, Problem> {
    let id = call.request.path.get("operator_invitation").and_then(|text| text.parse().ok());
    let id: Id<noun::Invitation> = id.ok_or_else(|| Problem::new(Code::NotFound, ""))?;
    call.pass.write(|tx| invitation::revoke(tx, id))?;
    Ok(Nothing)
}

/// The operator whom the path names.
pub(super) fn named(request: &Request) -> Result<Id<noun::User>, Problem> {
    let id = request.path.get("operator").and_then(|text| text.parse().ok());
    id.ok_or_else(|| Problem::new(Code::NotFound, ""))
}

/// That somebody who may sign in runs the appliance without `id`.
pub(super) fn must_not_be_last(tx: &Tx<'_>, id: Id<noun::User>) -> Result<(), Problem> {
    let others = |user: &User| user.state == UserState::Active && user.id() != id;
    if user::list(tx, None, 1, others)?.items.is_empty() {
        return Err(Problem::new(Code::Conflict, "this is the last operator; invite another first"));
    }
    Ok(())
}
