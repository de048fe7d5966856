//! Invitations: open offers to become a user.

use std::time::Duration;

use access::{
    assignment::outranks,
    usage::{LimitError, Limits, Meter},
};
use identity::{Email, Invitation, InvitationToken, NewInvitation, PeopleError, invitation};
use library::project::Project;
use model::{Actor, Grant, Id, Level, Scope, Timestamp, noun, permission::MemberInvite};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Headed as _, Read as _, Record as _, Tx};

use super::{
    people::must_be_cleared,
    view::{ClassificationView, LevelView, PageQuery, PageView, moment, parse_id, parse_moment, path_id},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, post},
    guard::{InTenant, Listing, On},
    problem::Problem,
    reply::{Json, Nothing},
    services::Services,
};

/// How long an invitation is open where nothing is asked.
const OPEN: Duration = Duration::from_secs(7 * 24 * 3600);

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<MemberInvite>>("/v1/invitations", "list_invitations", "Invitations, newest first")
            .query::<PageQuery>()
            .by(list),
        post::<InTenant<MemberInvite>>("/v1/invitations", "create_invitation", "Invite someone; shows the code once")
            .takes::<NewBody>()
            .creates()
            .by(create),
        post::<On<MemberInvite, Invitation>>(
            "/v1/invitations/{invitation}/code",
            "resend_invitation",
            "Make a new code for an invitation; the one before is good for nothing from now on",
        )
        .takes::<ResendBody>()
        .creates()
        .by(resend),
        delete::<On<MemberInvite, Invitation>>(
            "/v1/invitations/{invitation}",
            "revoke_invitation",
            "Take an invitation back",
        )
        .silently()
        .by(revoke),
    ]
}

/// An open offer to become a user.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Invitation")]
struct InvitationView {
    /// The id.
    id: String,
    /// Who is invited.
    email: String,
    /// The role the user will have.
    role: &'static str,
    /// In which project; in the whole tenant when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    /// The highest classification the user will see.
    clearance: ClassificationView,
    /// When the offer ends (RFC 3339).
    expires: String,
    /// Who invited.
    invited_by: String,
    /// When it was made (RFC 3339).
    created: String,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        InvitationView {
            id: invitation.id().to_string(),
            email: invitation.email.to_string(),
            role: invitation.level.name(),
            project: invitation.project.map(|project| project.to_string()),
            clearance: invitation.clearance.into(),
            expires: moment(invitation.expires),
            invited_by: invitation.header.owner.to_string(),
            created: moment(invitation.header.created),
        }
    }
}

/// An invitation with its code.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InvitationCode")]
struct CodeView {
    #[serde(flatten)]
    invitation: InvitationView,
    /// The code for whoever is invited. It is shown this once.
    code: String,
}

impl CodeView {
    fn of((token, invitation): (InvitationToken, Invitation)) -> Self {
        CodeView { invitation: invitation.into(), code: token.reveal().expose().to_owned() }
    }
}

/// A new invitation.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewInvitation")]
#[serde(deny_unknown_fields)]
struct NewBody {
    /// Who is invited; they will sign in with it.
    #[schemars(length(min = 3, max = 254))]
    email: String,
    /// The role they will have; you must hold all of it.
    role: LevelView,
    /// In which project; in the whole tenant when absent.
    #[serde(default)]
    #[schemars(length(max = 64))]
    project: Option<String>,
    /// The highest classification they will see, at most your own; `internal` without a word.
    #[serde(default)]
    clearance: Option<ClassificationView>,
    /// When the offer ends (RFC 3339), within 30 days; in 7 days without a word.
    #[serde(default)]
    #[schemars(length(max = 64))]
    expires: Option<String>,
}

/// A new code.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "NewInvitationCode")]
#[serde(deny_unknown_fields, default)]
struct ResendBody {
    /// When the offer ends (RFC 3339), within 30 days; in 7 days without a word.
    #[schemars(length(max = 64))]
    expires: Option<String>,
}

fn list(call: Call<'_, Listing<MemberInvite>, PageQuery, Empty>) -> Result<Json<PageView<InvitationView>>, Problem> {
    let permit = call.pass;
    let keep = |invitation: &Invitation| permit.visible(&invitation.header().subject());
    let page = invitation::list(&permit.read()?, call.query.cursor()?.as_ref(), call.query.limit()?, keep)?;
    Ok(Json(PageView::of(page, InvitationView::from)))
}

fn create(call: Call<'_, InTenant<MemberInvite>, Empty, NewBody>) -> Result<Json<CodeView>, Problem> {
    let NewBody { email, role, project, clearance, expires } = call.body;
    let actor = call.request.actor()?;
    let new = NewInvitation {
        email: Email::parse(&email).map_err(PeopleError::from)?,
        level: role.into(),
        project: project.map(|project| parse_id("/project", &project)).transpose()?,
        clearance: clearance.map(Into::into).unwrap_or_default(),
        expires: end(call.services, expires.as_deref())?,
    };
    must_be_cleared(actor, new.clearance)?;
    let realm = call.services.realm(actor)?;
    let limits = call.services.limits(actor.tenant)?;
    let made = call.pass.write::<_, Problem>(|tx| {
        has_seat(tx, &limits)?;
        may_offer(tx, actor, new.level, new.project)?;
        if let Some(project) = new.project {
            tx.get::<Project>(&project)?.ok_or(PeopleError::NotFound(Project::NAME))?;
        }
        Ok(invitation::create(tx, &realm, actor.id, new)?)
    })?;
    Ok(Json(CodeView::of(made)))
}

/// That there is a seat for one more user, beside those that open invitations are for.
fn has_seat(tx: &Tx<'_>, limits: &Limits) -> Result<(), Problem> {
    let (used, allowed) = Meter::Seats.of(tx, tx.now(), limits)?;
    let free = allowed.saturating_sub(used);
    let offered = invitation::open_count(tx, free)?;
    if offered < free {
        return Ok(());
    }
    Err(LimitError::Reached { limit: Meter::Seats.limit(), allowed, used: used.saturating_add(offered) }.into())
}

fn resend(call: Call<'_, On<MemberInvite, Invitation>, Empty, ResendBody>) -> Result<Json<CodeView>, Problem> {
    let (actor, id) = (call.request.actor()?, path_id(call.request)?);
    let expires = end(call.services, call.body.expires.as_deref())?;
    let made = call.pass.write::<_, Problem>(|tx| {
        let invitation = invitation::get(tx, id)?;
        // Who has the code has the role.
        may_offer(tx, actor, invitation.level, invitation.project)?;
        must_be_cleared(actor, invitation.clearance)?;
        Ok(invitation::resend(tx, id, expires)?)
    })?;
    Ok(Json(CodeView::of(made)))
}

fn revoke(call: Call<'_, On<MemberInvite, Invitation>, Empty, Empty>) -> Result<Nothing, Problem> {
    let id = path_id(call.request)?;
    call.pass.write(|tx| invitation::revoke(tx, id))?;
    Ok(Nothing)
}

/// That nobody offers a role of which they lack a part.
fn may_offer(tx: &Tx<'_>, actor: &Actor, level: Level, project: Option<Id<noun::Project>>) -> Result<(), Problem> {
    let scope = project.map_or(Scope::Tenant, Scope::Project);
    Ok(outranks(actor, tx.now(), &[Grant { scope, permissions: level.permissions(), expires: None }])?)
}

pub(super) fn end(services: &Services, text: Option<&str>) -> Result<Timestamp, Problem> {
    match text {
        Some(text) => parse_moment("/expires", text),
        None => Ok(services.store.clock().now().after(OPEN)),
    }
}
