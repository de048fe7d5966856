//! Who may see a project, and why.

use access::{
    RoleRef,
    assignment::{self, Assignment},
    roles::CustomRole,
};
use identity::group;
use library::project::Project;
use model::{Id, noun, permission::ProjectShare};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Page, Read};

use super::{
    people::name,
    view::{PageQuery, PageView, moment, parse_id, path_id},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::On,
    problem::Problem,
    reply::Json,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<On<ProjectShare, Project>>(
            "/v1/projects/{project}/members",
            "list_project_members",
            "Who may see a project and why: its owner, roles in it, then roles in the whole tenant",
        )
        .query::<ListQuery>()
        .by(list),
    ]
}

/// Whose ways.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "ProjectMemberQuery")]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// The `next` of the page before.
    #[schemars(length(max = 400))]
    after: Option<String>,
    /// How many items, 50 without a word.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// Those of this user alone, with those through groups.
    #[schemars(length(max = 64))]
    user: Option<String>,
}

/// A way by which someone may see a project.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProjectMember")]
struct MemberView {
    /// The user, service account or group.
    principal: String,
    /// What it is: `user`, `service_account` or `group`.
    kind: &'static str,
    /// What it is called.
    name: String,
    /// Why: `owner`, a role in the `project`, or a role in the whole `tenant`.
    why: Why,
    /// The name of a built-in role, or the id of one of the tenant's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    /// What the role is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    role_name: Option<String>,
    /// Until when (RFC 3339); for good when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    /// The assignment; one in the project is taken back as a share.
    #[serde(skip_serializing_if = "Option::is_none")]
    assignment: Option<String>,
    /// Who gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    given_by: Option<String>,
}

/// Why someone may see a project.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Why {
    /// It is their own; nobody can take that from them.
    Owner,
    /// A role in the project.
    Project,
    /// A role in the whole tenant.
    Tenant,
}

fn list(call: Call<'_, On<ProjectShare, Project>, ListQuery, Empty>) -> Result<Json<PageView<MemberView>>, Problem> {
    let ListQuery { after, limit, user } = call.query;
    let id: Id<noun::Project> = path_id(call.request)?;
    let user = user.map(|user| parse_id::<noun::User>("user", &user)).transpose()?;
    let query = PageQuery { after, limit };
    let (after, limit) = (query.cursor()?, query.limit()?);
    let view = call.pass.read()?;
    let project = view.get::<Project>(&id)?.ok_or(library::LibraryError::NotFound)?;
    let page = match user {
        None => assignment::reaching(&view, id, call.pass.now(), after.as_ref(), limit)?,
        Some(user) => {
            let mut ways = Vec::new();
            for principal in group::of_user(&view, user)?.into_iter().map(Id::erase).chain([user.erase()]) {
                ways.extend(assignment::ways(&view, principal, id, call.pass.now())?);
            }
            Page { items: ways, next: None }
        }
    };
    let mut items = Vec::new();
    let owner = project.header.owner;
    if after.is_none() && user.is_none_or(|user| user.erase() == owner) {
        items.push(MemberView {
            principal: owner.to_string(),
            kind: owner.kind.label(),
            name: name(&view, owner)?,
            why: Why::Owner,
            role: None,
            role_name: None,
            expires: None,
            assignment: None,
            given_by: None,
        });
    }
    for assignment in &page.items {
        items.push(of(&view, assignment)?);
    }
    let next = PageView::of(Page::<()> { items: Vec::new(), next: page.next }, |()| ()).next;
    Ok(Json(PageView { items, next }))
}

fn of(read: &impl Read, given: &Assignment) -> Result<MemberView, Problem> {
    let role_name = match given.role {
        RoleRef::Level(level) => level.name().to_owned(),
        RoleRef::Custom(id) => read.get::<CustomRole>(&id)?.map(|role| role.name).unwrap_or_default(),
    };
    Ok(MemberView {
        principal: given.principal.to_string(),
        kind: given.principal.kind.label(),
        name: name(read, given.principal)?,
        why: if given.header.project.is_some() { Why::Project } else { Why::Tenant },
        role: Some(given.role.to_string()),
        role_name: Some(role_name),
        expires: given.expires.map(moment),
        assignment: Some(given.header.id.to_string()),
        given_by: Some(given.header.owner.to_string()),
    })
}
