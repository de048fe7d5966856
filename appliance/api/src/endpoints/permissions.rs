//! Reports on permissions: who may what, where and why; what has changed; and what a question would be answered.

use std::net::IpAddr;

use access::{
    Context, Law,
    history::{self, History},
    report::{Change, Path, Snapshot, simulate, write_changes_csv},
};
use identity::{PeopleError, Realm, UserState, group, service_account, user};
use library::project::Project;
use model::{
    Actor, ActorKind, AnyId, Assurance, Id, Origin, Permission, PermissionSet, Subject, Timestamp, permission::RoleRead,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Read, Record as _};

use super::{
    assignments::parse_role,
    people::grants,
    view::{ClassificationView, codes, moment, parse_any, parse_id, parse_moment},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::InTenant,
    problem::Problem,
    reply::{Form, Json},
    request::Request,
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
            "/v1/permissions/changes",
            "compare_permissions",
            "Who gained and lost which permissions between two dates, as JSON or CSV",
        )
        .query::<ChangesQuery>()
        .by(changes),
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

/// Between which dates.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct ChangesQuery {
    /// From when on: a moment (RFC 3339), or a day, which begins at midnight UTC; since it is known without a word.
    #[schemars(length(max = 64), example = &"2026-11-01")]
    from: Option<String>,
    /// Until when; now without a word.
    #[schemars(length(max = 64), example = &"2026-12-01")]
    to: Option<String>,
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

/// What has changed between two moments.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PermissionChanges")]
struct ChangesView {
    /// From when on (RFC 3339).
    from: String,
    /// Until when (RFC 3339).
    to: String,
    /// Since when it is known (RFC 3339): what was before cannot be compared. Absent where rights were never looked at yet, which is
    /// done about once an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// Who gained and lost what. What came and went in between is left out: the audit trail has each step.
    changes: Vec<ChangeView>,
}

/// What someone gained and lost in one place.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PermissionChange")]
struct ChangeView {
    /// The user or service account.
    principal: String,
    /// In which project; in the whole tenant when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    /// What it may now and could not before.
    gained: Vec<&'static str>,
    /// What it could before and may not now.
    lost: Vec<&'static str>,
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
    let snapshot = Snapshot::read(&view, call.pass.now(), group::everyone(&view)?)?;
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
    if wants_csv(format, call.request) {
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

fn wants_csv(format: Option<FormatView>, request: &Request) -> bool {
    match format {
        Some(format) => format == FormatView::Csv,
        None => request.header("accept").is_some_and(|accept| accept.trim_start().starts_with("text/csv")),
    }
}

fn changes(call: Call<'_, InTenant<RoleRead>, ChangesQuery, Empty>) -> Result<Form<ChangesView>, Problem> {
    let ChangesQuery { from, to, format } = call.query;
    let now = call.pass.now();
    let from = from.map(|from| day_or_moment("from", from)).transpose()?;
    let to = to.map_or(Ok(now), |to| day_or_moment("to", to))?;
    if from.is_some_and(|from| to < from) {
        return Err(Problem::at("to", "must not be before `from`"));
    }
    let view = call.pass.read()?;
    let present = Snapshot::read(&view, now, group::everyone(&view)?)?;
    let History { since, changes } = history::between(&view, &present, from.unwrap_or_default(), to)?;
    if wants_csv(format, call.request) {
        let mut text = String::new();
        write_changes_csv(&changes, &mut text).map_err(|error| Problem::of(model::ErrorKind::Bug, &error))?;
        return Ok(Form::Text { kind: "text/csv; charset=utf-8; header=present", text });
    }
    let view = |Change { principal, project, gained, lost }: Change| ChangeView {
        principal: principal.to_string(),
        project: project.map(|project| project.to_string()),
        gained: codes(gained),
        lost: codes(lost),
    };
    let changes = changes.into_iter().map(view).collect();
    let from = moment(from.or(since).unwrap_or(to));
    Ok(Form::Json(ChangesView { from, to: moment(to), since: since.map(moment), changes }))
}

/// The moment that a text names; a day is its first.
fn day_or_moment(at: &str, text: String) -> Result<Timestamp, Problem> {
    let is_day = text.len() == "2026-11-01".len();
    parse_moment(at, &if is_day { text + "T00:00:00Z" } else { text })
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
