//! Reports on permissions: who may what, where and why; and what a question would be answered.

use std::{collections::BTreeMap, net::IpAddr};

use access::{
    Context, Law,
    report::{Path, Snapshot, simulate},
};
use identity::{PeopleError, Realm, UserState, group, service_account, user};
use library::project::Project;
use model::{
    Actor, ActorKind, AnyId, Assurance, Id, Origin, Permission, PermissionSet, Subject, Timestamp, noun,
    permission::RoleRead,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{MAX_PAGE, Read, Record as _};

use super::{
    assignments::parse_role,
    people::grants,
    view::{ClassificationView, codes, moment, parse_any, parse_id},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::InTenant,
    problem::Problem,
    reply::{Form, Json},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<InTenant<RoleRead>>(
            "/v1/permissions/report",
            "report_permissions",
            "Who may what, where and by which role; for one principal, role or project, as JSON or CSV",
        )
        .query::<ReportQuery>()
        .by(report),
        get::<InTenant<RoleRead>>(
            "/v1/permissions/simulation",
            "simulate_permission",
            "Whether someone could do something, and which rules say so; nothing is done",
        )
        .query::<SimulationQuery>()
        .by(simulation),
    ]
}

/// Which permissions. At most one of `principal`, `role` and `project`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct ReportQuery {
    /// Those of this user or service account.
    #[schemars(length(max = 64))]
    principal: Option<String>,
    /// Those by this role: a built-in one's name, or the id of one of the tenant's own.
    #[schemars(length(max = 64))]
    role: Option<String>,
    /// Those in this project.
    #[schemars(length(max = 64))]
    project: Option<String>,
    /// `json` without a word, or `csv`.
    format: Option<FormatView>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum FormatView {
    Json,
    Csv,
}

/// Who may what.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PermissionReport")]
struct ReportView {
    /// The moment for which it holds (RFC 3339).
    at: String,
    /// The ways by which someone has rights.
    paths: Vec<PathView>,
    /// What else the project asks of those who use it; for a report on a project.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<ResourceView>,
}

/// One way by which someone has rights.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PermissionPath")]
struct PathView {
    /// The user or service account.
    principal: String,
    /// In which project; in the whole tenant when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    /// By which role.
    role: String,
    /// The role's name.
    role_name: String,
    /// Through which group.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    /// By which assignment.
    assignment: String,
    /// Until when (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    /// What the role grants.
    permissions: Vec<&'static str>,
}

/// What a project asks of those who use it, beside roles.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProjectAccess")]
struct ResourceView {
    /// Who owns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    /// What its owner may without any role.
    owner_permissions: Vec<&'static str>,
    /// The clearance that everyone needs for it.
    clearance: ClassificationView,
    /// Whether it may be used in this region at all.
    usable_here: bool,
    /// Whether nobody may delete it.
    legal_hold: bool,
}

/// The question to answer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SimulationQuery {
    /// The user or service account who would ask.
    #[schemars(length(max = 64))]
    principal: String,
    /// What for, like `project:read`.
    #[schemars(length(max = 64))]
    permission: String,
    /// In which project; in the tenant when absent.
    #[serde(default)]
    #[schemars(length(max = 64))]
    project: Option<String>,
    /// From which address.
    #[serde(default)]
    #[schemars(length(max = 64))]
    address: Option<String>,
    /// Whether a second factor was shown just now.
    #[serde(default)]
    second_factor: bool,
}

/// What a question would be answered.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PermissionSimulation")]
struct SimulationView {
    /// Whether it would be allowed.
    allowed: bool,
    /// The policies that decide: rules of every tenant by name, the tenant's own by id.
    determining: Vec<String>,
    /// The guards that refuse.
    guards: Vec<&'static str>,
    /// The rules that grant, were there no guards.
    granting: Vec<&'static str>,
}

fn report(call: Call<'_, InTenant<RoleRead>, ReportQuery, Empty>) -> Result<Form<ReportView>, Problem> {
    let ReportQuery { principal, role, project, format } = call.query;
    if [&principal, &role, &project].into_iter().flatten().count() > 1 {
        return Err(Problem::at("principal", "give one of `principal`, `role` and `project`"));
    }
    let view = call.pass.read()?;
    let snapshot = Snapshot::read(&view, call.pass.now(), groups(&view)?)?;
    let mut resource = None;
    let paths = if let Some(principal) = principal {
        snapshot.by_principal(parse_any("principal", &principal)?)
    } else if let Some(role) = role {
        snapshot.by_role(parse_role("role", &role)?)
    } else if let Some(project) = project {
        let report = snapshot.by_resource(&project_subject(&view, "project", &project)?, call.services.region);
        resource = Some(ResourceView {
            owner: report.owner.map(|owner| owner.to_string()),
            owner_permissions: codes(report.owner_permissions),
            clearance: report.clearance.into(),
            usable_here: report.usable_here,
            legal_hold: report.legal_hold,
        });
        report.paths
    } else {
        snapshot.paths()
    };
    let wants_csv = match format {
        Some(format) => format == FormatView::Csv,
        None => call.request.header("accept").is_some_and(|accept| accept.trim_start().starts_with("text/csv")),
    };
    if wants_csv {
        let mut text = String::new();
        snapshot.write_csv(&paths, &mut text).map_err(|error| Problem::of(model::ErrorKind::Bug, &error))?;
        return Ok(Form::Text { kind: "text/csv; charset=utf-8; header=present", text });
    }
    let view = |path: Path| PathView {
        principal: path.principal.to_string(),
        project: path.project.map(|project| project.to_string()),
        role: path.role.to_string(),
        permissions: codes(snapshot.permissions(path.role)),
        role_name: path.role_name,
        group: path.group.map(|group| group.to_string()),
        assignment: path.assignment.to_string(),
        expires: path.expires.map(moment),
    };
    let paths = paths.into_iter().map(view).collect();
    Ok(Form::Json(ReportView { at: moment(snapshot.at), paths, project: resource }))
}

fn simulation(call: Call<'_, InTenant<RoleRead>, SimulationQuery, Empty>) -> Result<Json<SimulationView>, Problem> {
    let query = call.query;
    let permission: Permission = query
        .permission
        .parse()
        .map_err(|_| Problem::at("permission", "is no permission; `GET /v1/roles/built-in` shows them"))?;
    let view = call.pass.read()?;
    let realm = call.services.realm(call.request.actor()?)?;
    let asking = Asking {
        principal: parse_any("principal", &query.principal)?,
        address: query
            .address
            .map(|address| address.parse().map_err(|_| Problem::at("address", "is no IP address")))
            .transpose()?,
        second_factor: query.second_factor.then(|| call.pass.now()),
    };
    let actor = asking.actor(&view, &realm)?;
    let subject = match &query.project {
        Some(project) => project_subject(&view, "project", project)?,
        None => Subject::tenant(realm.tenant, realm.home),
    };
    let law = Law::read(&view, call.services.gate.specification())?;
    let context = Context {
        region: call.services.region,
        now: call.pass.now(),
        address: actor.address,
        allow_networks: &law.networks,
        not_after: None,
        break_glass: false,
    };
    let simulation = simulate(&actor, permission, &subject, &context, law.own.as_deref());
    Ok(Json(SimulationView {
        allowed: simulation.allowed,
        determining: simulation.determining,
        guards: simulation.guards,
        granting: simulation.granting,
    }))
}

/// Who would ask, and how.
struct Asking {
    principal: AnyId,
    address: Option<IpAddr>,
    second_factor: Option<Timestamp>,
}

impl Asking {
    /// Whom identity would make of it, had it signed in by a session.
    fn actor(&self, read: &impl Read, realm: &Realm) -> Result<Actor, Problem> {
        let (kind, clearance, state) = match (self.principal.typed(), self.principal.typed()) {
            (Some(id), _) => {
                let user = user::get(read, id)?;
                (ActorKind::User, user.clearance, user.state)
            }
            (None, Some(id)) => {
                let account = service_account::get(read, id)?;
                (ActorKind::ServiceAccount, account.clearance, account.state)
            }
            (None, None) => return Err(Problem::at("principal", "is neither a user nor a service account")),
        };
        Ok(Actor {
            tenant: realm.tenant,
            home: realm.home,
            kind,
            id: self.principal,
            origin: Origin::Session(Id::from_bits(0)),
            grants: grants(read, self.principal)?,
            ceiling: PermissionSet::TENANT,
            clearance,
            assurance: Assurance {
                level: 1 + u8::from(self.second_factor.is_some()),
                second_factor: self.second_factor,
            },
            suspended: realm.suspended || state != UserState::Active,
            address: self.address,
        })
    }
}

fn project_subject(read: &impl Read, at: &str, text: &str) -> Result<Subject, Problem> {
    let project = read.get::<Project>(&parse_id(at, text)?)?.ok_or(PeopleError::NotFound(Project::NAME))?;
    Ok(project.header.subject())
}

/// Who is in which group.
fn groups(read: &impl Read) -> Result<BTreeMap<Id<noun::Group>, Vec<Id<noun::User>>>, Problem> {
    let mut found = BTreeMap::new();
    let mut after = None;
    loop {
        let page = group::list(read, after.as_ref(), MAX_PAGE, |_| true)?;
        for group in page.items {
            found.insert(group.header.id, members(read, group.header.id)?);
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(found),
        }
    }
}

fn members(read: &impl Read, group: Id<noun::Group>) -> Result<Vec<Id<noun::User>>, Problem> {
    let mut members = Vec::new();
    let mut after = None;
    loop {
        let page = group::members(read, group, after.as_ref(), MAX_PAGE)?;
        members.extend(page.items.iter().map(identity::User::id));
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(members),
        }
    }
}
