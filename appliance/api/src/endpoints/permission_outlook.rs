//! What would change if a role were given, taken back or redefined, or somebody joined or left a group. Nothing is done.

use access::{
    Assignment,
    plan::{Effect, Plan},
    report::Snapshot,
};
use identity::{group, user};
use library::project::Project;
use model::{DataClass, Header, Id, Noun, NounKind, permission::RoleRead};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Read as _, View};

use super::{
    assignments::parse_role,
    view::{codes, parse_any, parse_id, parse_moment, parse_permissions},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::InTenant,
    problem::Problem,
    reply::Json,
};

/// The most effects of one answer: a role of a group of thousands.
const MAX_EFFECTS: usize = 2_000;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<InTenant<RoleRead>>(
            "/v1/permissions/preview",
            "preview_permissions",
            "What would change if a role were given, taken back or redefined, or somebody joined or left a group; nothing is done",
        )
        .query::<PreviewQuery>()
        .by(preview),
    ]
}

/// A change to look at.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PreviewQuery {
    /// What is changed; the others say whose and which.
    change: ChangeView,
    /// To whom a role is given: a user, a service account or a group; who joins or leaves: a user.
    #[serde(default)]
    #[schemars(length(max = 64))]
    principal: Option<String>,
    /// Which role is given or redefined: a built-in one's name, or the id of one of the tenant's own.
    #[serde(default)]
    #[schemars(length(max = 64))]
    role: Option<String>,
    /// In which project a role is given; in the whole tenant when absent.
    #[serde(default)]
    #[schemars(length(max = 64))]
    project: Option<String>,
    /// Until when a role is given (RFC 3339); for good when absent.
    #[serde(default)]
    #[schemars(length(max = 64))]
    expires: Option<String>,
    /// Which assignment is taken back.
    #[serde(default)]
    #[schemars(length(max = 64))]
    assignment: Option<String>,
    /// What a role holds when it is redefined: codes with commas between, like `project:read,asset:read`.
    #[serde(default)]
    #[schemars(length(max = 2048))]
    permissions: Option<String>,
    /// Which group is joined or left.
    #[serde(default)]
    #[schemars(length(max = 64))]
    group: Option<String>,
}

/// A kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(rename = "PermissionChangeKind")]
#[serde(rename_all = "lowercase")]
enum ChangeView {
    /// A role is given: `principal`, `role`, perhaps `project` and `expires`.
    Give,
    /// A role is taken back: `assignment`.
    Take,
    /// One of the tenant's own roles holds other permissions: `role`, `permissions`.
    Redefine,
    /// A user joins a group: `principal`, `group`.
    Join,
    /// A user leaves a group: `principal`, `group`.
    Leave,
}

/// What would come of a change.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PermissionPreview")]
struct PreviewView {
    /// Who would gain and lose what, and where. Empty where nothing would change.
    effects: Vec<EffectView>,
    /// How many more there are than shown.
    more: usize,
    /// Whether nobody would answer for the tenant any more; such a change is refused.
    without_owner: bool,
}

/// What someone would gain and lose in one place.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PermissionEffect")]
struct EffectView {
    /// The user or service account.
    principal: String,
    /// In which project; in the whole tenant when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    /// What it could do then and cannot now. In a project: beyond what it gains in the whole tenant.
    gained: Vec<&'static str>,
    /// What it could not do any more. In a project: beyond what it loses in the whole tenant.
    lost: Vec<&'static str>,
    /// In a project: what it loses in the whole tenant and still has here by a role in this project.
    kept: Vec<&'static str>,
}

impl From<Effect> for EffectView {
    fn from(effect: Effect) -> Self {
        EffectView {
            principal: effect.principal.to_string(),
            project: effect.project.map(|project| project.to_string()),
            gained: codes(effect.gained),
            lost: codes(effect.lost),
            kept: codes(effect.kept),
        }
    }
}

fn preview(call: Call<'_, InTenant<RoleRead>, PreviewQuery, Empty>) -> Result<Json<PreviewView>, Problem> {
    let view = call.pass.read()?;
    let (tenant, home, now) = (call.pass.tenant(), call.pass.home(), call.pass.now());
    let plan = match call.query.change {
        ChangeView::Give => {
            let principal = parse_any("principal", said("principal", &call.query.principal)?)?;
            let role = parse_role("role", said("role", &call.query.role)?)?;
            let mut header = Header::new(Id::from_bits(0), tenant, home, call.pass.actor(), DataClass::K4, now);
            header.project = call.query.project.as_deref().map(|project| in_project(&view, project)).transpose()?;
            let expires = call.query.expires.as_deref().map(|end| parse_moment("expires", end)).transpose()?;
            match principal.kind {
                NounKind::User => drop(user::get(&view, named("principal", &call.query.principal)?)?),
                NounKind::Group => drop(group::get(&view, named("principal", &call.query.principal)?)?),
                _ => (),
            }
            Plan::Give(Box::new(Assignment { header, principal, role, expires }))
        }
        ChangeView::Take => Plan::Take(named("assignment", &call.query.assignment)?),
        ChangeView::Redefine => {
            let codes: Vec<_> = said("permissions", &call.query.permissions)?.split(',').map(str::to_owned).collect();
            Plan::Redefine(named("role", &call.query.role)?, parse_permissions("permissions", &codes)?)
        }
        kind @ (ChangeView::Join | ChangeView::Leave) => {
            let (group, user) = (named("group", &call.query.group)?, named("principal", &call.query.principal)?);
            group::get(&view, group)?;
            user::get(&view, user)?;
            if kind == ChangeView::Join { Plan::Join(group, user) } else { Plan::Leave(group, user) }
        }
    };
    let outlook = Snapshot::read(&view, now, group::everyone(&view)?)?.outlook(&plan)?;
    let more = outlook.effects.len().saturating_sub(MAX_EFFECTS);
    let effects = outlook.effects.into_iter().take(MAX_EFFECTS).map(Into::into).collect();
    Ok(Json(PreviewView { effects, more, without_owner: outlook.without_owner }))
}

/// A parameter that this change cannot do without.
fn said<'a>(name: &str, given: &'a Option<String>) -> Result<&'a str, Problem> {
    given.as_deref().ok_or_else(|| Problem::at(name, "is needed for this change"))
}

/// The id that such a parameter holds.
fn named<K: Noun>(name: &str, given: &Option<String>) -> Result<Id<K>, Problem> {
    parse_id(name, said(name, given)?)
}

fn in_project(view: &View, text: &str) -> Result<Id<model::noun::Project>, Problem> {
    let id = parse_id("project", text)?;
    let found = view.get::<Project>(&id)?;
    found.map(|_| id).ok_or_else(|| Problem::at("project", "there is no such project"))
}
