//! Roles given: in the whole tenant, and in one project by sharing it.

use access::{
    Assignment, RequestContext, RoleRef,
    assignment::{self, NewAssignment},
    roles::CustomRole,
};
use identity::{User, group};
use library::{
    LibraryError, anchor,
    notice::{self, Happening, MAX_USERS, Notice},
    project::Project,
};
use model::{
    Actor, Grant, Id, Level, Permission, Scope, Subject, Timestamp, noun,
    permission::{ProjectShare, RoleAssign, RoleRead},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Read as _;

use super::{
    people::{as_if_signed_in, receives, rights_change},
    view::{PageQuery, PageView, moment, parse_any, parse_id, parse_moment, path_id},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, patch, post},
    guard::{InTenant, Listing, On},
    problem::Problem,
    reply::{Json, Nothing},
    services::Services,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<RoleRead>>("/v1/assignments", "list_assignments", "Who was given which role, newest first")
            .query::<ListQuery>()
            .by(list),
        post::<InTenant<RoleAssign>>("/v1/assignments", "create_assignment", "Give a role in the whole tenant")
            .takes::<NewBody>()
            .creates()
            .by(give),
        patch::<On<RoleAssign, Assignment>>(
            "/v1/assignments/{assignment}",
            "update_assignment",
            "Say until when a role holds",
        )
        .takes::<EndBody>()
        .by(set_end),
        delete::<On<RoleAssign, Assignment>>("/v1/assignments/{assignment}", "delete_assignment", "Take a role back")
            .silently()
            .by(take),
        get::<On<ProjectShare, Project>>("/v1/projects/{project}/shares", "list_shares", "Who was given a project")
            .query::<PageQuery>()
            .by(shares),
        post::<On<ProjectShare, Project>>("/v1/projects/{project}/shares", "share_project", "Give a role in a project")
            .takes::<NewBody>()
            .creates()
            .by(share),
        patch::<On<ProjectShare, Project>>(
            "/v1/projects/{project}/shares/{assignment}",
            "update_share",
            "Say until when a role in a project holds",
        )
        .takes::<EndBody>()
        .by(set_end_of_share),
        delete::<On<ProjectShare, Project>>(
            "/v1/projects/{project}/shares/{assignment}",
            "unshare_project",
            "Take a role in a project back",
        )
        .silently()
        .by(unshare),
    ]
}

/// A role given to someone.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Assignment")]
struct AssignmentView {
    /// The id.
    id: String,
    /// The user, service account or group.
    principal: String,
    /// The name of a built-in role, or the id of one of the tenant's own.
    role: String,
    /// In which project; in the whole tenant when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    /// Until when (RFC 3339); for good when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    /// Who gave it.
    given_by: String,
    /// When it was given (RFC 3339).
    created: String,
}

impl From<Assignment> for AssignmentView {
    fn from(assignment: Assignment) -> Self {
        AssignmentView {
            id: assignment.header.id.to_string(),
            principal: assignment.principal.to_string(),
            role: assignment.role.to_string(),
            project: assignment.header.project.map(|project| project.to_string()),
            expires: assignment.expires.map(moment),
            given_by: assignment.header.owner.to_string(),
            created: moment(assignment.header.created),
        }
    }
}

/// Which assignments.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// The `next` of the page before.
    #[schemars(length(max = 400))]
    after: Option<String>,
    /// How many items, 50 without a word.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// Those in this project.
    #[schemars(length(max = 64))]
    project: Option<String>,
}

/// A role to give.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewAssignment")]
#[serde(deny_unknown_fields)]
struct NewBody {
    /// The user, service account or group.
    #[schemars(length(max = 64))]
    principal: String,
    /// The name of a built-in role, or the id of one of the tenant's own; you must hold all of it.
    #[schemars(length(max = 64))]
    role: String,
    /// Until when (RFC 3339); for good when absent.
    #[serde(default)]
    #[schemars(length(max = 64))]
    expires: Option<String>,
}

/// Until when a role holds.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AssignmentEnd")]
#[serde(deny_unknown_fields)]
struct EndBody {
    /// Until when (RFC 3339); `null` for good.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schemars(length(max = 64))]
    expires: Option<String>,
}

impl EndBody {
    fn parsed(&self) -> Result<Option<Timestamp>, Problem> {
        self.expires.as_deref().map(|expires| parse_moment("/expires", expires)).transpose()
    }
}

impl NewBody {
    fn parsed(&self) -> Result<NewAssignment, Problem> {
        Ok(NewAssignment {
            principal: parse_any("/principal", &self.principal)?,
            role: parse_role("/role", &self.role)?,
            expires: self.expires.as_deref().map(|expires| parse_moment("/expires", expires)).transpose()?,
        })
    }
}

/// The role that a text names.
pub(super) fn parse_role(at: &str, text: &str) -> Result<RoleRef, Problem> {
    if let Some(level) = Level::ALL.iter().find(|level| level.name() == text) {
        return Ok(RoleRef::Level(*level));
    }
    let custom = parse_id(at, text).map(RoleRef::Custom);
    custom.map_err(|_| Problem::at(at, "is neither a built-in role, like `editor`, nor the id of a role"))
}

fn list(call: Call<'_, Listing<RoleRead>, ListQuery, Empty>) -> Result<Json<PageView<AssignmentView>>, Problem> {
    let ListQuery { after, limit, project } = call.query;
    let project = project.map(|project| parse_id("project", &project)).transpose()?;
    let query = PageQuery { after, limit };
    let page = assignment::list(&call.pass, project, query.cursor()?.as_ref(), query.limit()?)?;
    Ok(Json(PageView::of(page, AssignmentView::from)))
}

fn give(call: Call<'_, InTenant<RoleAssign>, Empty, NewBody>) -> Result<Json<AssignmentView>, Problem> {
    Ok(Json(assignment::give(call.pass, &call.body.parsed()?, receives)?.into()))
}

fn take(call: Call<'_, On<RoleAssign, Assignment>, Empty, Empty>) -> Result<Nothing, Problem> {
    assignment::take(call.pass, rights_change)?;
    Ok(Nothing)
}

fn set_end(call: Call<'_, On<RoleAssign, Assignment>, Empty, EndBody>) -> Result<Json<AssignmentView>, Problem> {
    Ok(Json(assignment::set_end(call.pass, call.body.parsed()?, receives)?.into()))
}

fn set_end_of_share(
    call: Call<'_, On<ProjectShare, Project>, Empty, EndBody>,
) -> Result<Json<AssignmentView>, Problem> {
    let id = path_id(call.request)?;
    Ok(Json(assignment::set_end_of_share(call.pass, id, call.body.parsed()?, receives)?.into()))
}

fn shares(
    call: Call<'_, On<ProjectShare, Project>, PageQuery, Empty>,
) -> Result<Json<PageView<AssignmentView>>, Problem> {
    let project = path_id(call.request)?;
    let (after, limit) = (call.query.cursor()?, call.query.limit()?);
    let page = assignment::of_project(&call.pass.read()?, project, after.as_ref(), limit)?;
    Ok(Json(PageView::of(page, AssignmentView::from)))
}

fn share(call: Call<'_, On<ProjectShare, Project>, Empty, NewBody>) -> Result<Json<AssignmentView>, Problem> {
    let new = call.body.parsed()?;
    let (subject, actor) = (call.pass.subject().clone(), call.request.actor()?);
    let people = gain_sight(call.services, actor, &subject, &new)?;
    let mails = call.services.sends_mail();
    let posts = mails && !people.is_empty();
    let _posting = posts.then(|| call.services.jobs.announce(actor.tenant)).transpose().map_err(LibraryError::from)?;
    let (realm, by) = ((call.pass.tenant(), call.pass.home()), actor.id);
    let given = assignment::share(call.pass, &new, |tx, principal| {
        receives(tx, principal)?;
        let Some(anchor) = anchor::find(tx, subject.id)? else { return Ok(()) };
        let data = json!({ "project": subject.id.to_string(), "by": by.to_string() });
        let notice = Notice::new(Happening::ProjectShared, subject.id, anchor.title, data);
        Ok(people.iter().try_for_each(|user| notice::tell(tx, realm, *user, &notice, mails))?)
    })?;
    Ok(Json(given.into()))
}

/// Who is told of a role in a project: the person, or the people of a group that is small enough to know of it in one commit, as far as they
/// see the project by it.
fn gain_sight(
    services: &Services,
    actor: &Actor,
    project: &Subject,
    new: &NewAssignment,
) -> Result<Vec<Id<noun::User>>, Problem> {
    let (view, realm) = (services.file(actor)?.read()?, services.realm(actor)?);
    let people = match (new.principal.typed::<noun::User>(), new.principal.typed::<noun::Group>()) {
        (Some(user), _) => view.get::<User>(&user)?.into_iter().collect(),
        (None, Some(group)) => {
            let page = group::members(&view, group, None, MAX_USERS + 1)?;
            if page.items.len() > MAX_USERS { Vec::new() } else { page.items }
        }
        (None, None) => Vec::new(),
    };
    let permissions = match new.role {
        // That there is no such role, the write says.
        RoleRef::Custom(id) if view.get::<CustomRole>(&id)?.is_none() => return Ok(Vec::new()),
        role => role.permissions(&view)?,
    };
    let scope = project.project.map_or(Scope::Tenant, Scope::Project);
    let mut told = Vec::new();
    for user in people.iter().filter(|user| user.id().erase() != actor.id) {
        let mut other = as_if_signed_in(&view, &realm, user)?;
        other.grants.push(Grant { scope, permissions, expires: new.expires });
        let context = RequestContext::default();
        if services.gate.decide(&other, Permission::ProjectRead, project, &context)?.allowed {
            told.push(user.id());
        }
    }
    Ok(told)
}

fn unshare(call: Call<'_, On<ProjectShare, Project>, Empty, Empty>) -> Result<Nothing, Problem> {
    assignment::unshare(call.pass, path_id(call.request)?, rights_change)?;
    Ok(Nothing)
}
