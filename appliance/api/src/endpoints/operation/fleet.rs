//! The jobs of all tenants, and whether their turns are fair: numbers, states and ids, and nothing of what the jobs are about.

use std::{collections::BTreeSet, sync::Arc};

use jobs::{
    Desk, Job, JobKind, StateKind,
    queue::{self, By, Standing},
};
use model::{Id, Timestamp, noun, permission::SystemRead};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Gather, MAX_PAGE, Sort, View};
use tenancy::{Filter, StateKind as Life, Tenant};

use super::super::{
    jobs::{PriorityView, StateView},
    view::{PageQuery, PageView, Sorted, moment, parse_id, sorts},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::InTenant,
    problem::Problem,
    reply::Json,
    services::Services,
};

/// The most tenants whose files one answer looks into. Live jobs are known to lie in fewer; whoever looks for what is over on an
/// appliance with more names the tenant.
const MOST_TENANTS: usize = 2_000;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<InTenant<SystemRead>>(
            "/v1/appliance/jobs",
            "list_fleet",
            "Jobs of all tenants: what runs and what waits, or those in one state; nothing of what they are about",
        )
        .query::<FleetQuery>()
        .by(list),
        get::<InTenant<SystemRead>>(
            "/v1/appliance/jobs/fairness",
            "read_fairness",
            "How the queues of tenants stand beside one another: what runs, what waits and for how long, and the share of the last hour",
        )
        .by(fairness),
    ]
}

/// Which jobs.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct FleetQuery {
    /// The `next` of the page before.
    #[schemars(length(max = 400))]
    after: Option<String>,
    /// How many items, 50 without a word.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// In what order: by a field, with `-` before it from the greatest down; the longest waiting first without a word.
    #[schemars(schema_with = "sorts::<By>")]
    sort: Option<String>,
    /// Those in this state; what runs and what waits without a word.
    state: Option<StateView>,
    /// Those of this tenant, by its id.
    #[schemars(length(max = 64))]
    tenant: Option<String>,
}

/// A job as those who run the appliance see it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FleetJob")]
struct FleetJobView {
    /// The id.
    id: String,
    /// Whose it is.
    tenant: String,
    /// The short name of the tenant.
    slug: String,
    /// What it does, like `video.make`.
    kind: &'static str,
    /// Where it stands.
    state: StateView,
    /// Where it queues.
    priority: PriorityView,
    /// When it was ordered (RFC 3339).
    created: String,
    /// When it was last changed (RFC 3339).
    updated: String,
    /// When it may begin, when its lease ends, or when it was over (RFC 3339).
    at: String,
    /// How many attempts there were.
    attempts: u32,
    /// How many of them failed.
    failures: u32,
    /// Why the last failure was one, for machines; what it said is for the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// The attempt that is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    worker: Option<WorkerView>,
}

/// An attempt that is under way.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FleetWorker")]
struct WorkerView {
    /// Since when (RFC 3339).
    since: String,
    /// The process that works on it; absent while it is done in the appliance itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    process: Option<u32>,
    /// The stage it is in.
    #[serde(skip_serializing_if = "String::is_empty")]
    stage: String,
    /// How much of the stage is done, 0 to 1.
    share: f64,
}

/// How the queues of tenants stand beside one another.
#[derive(Debug, Serialize, JsonSchema)]
struct Fairness {
    /// Whether jobs are run.
    jobs_at_work: bool,
    /// How many jobs run at once over all tenants; absent where the host does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    job_slots: Option<u32>,
    /// Since when work was counted: an hour ago, or when the appliance was started (RFC 3339).
    since: String,
    /// Seconds of work of all tenants since then.
    worked_s: f64,
    /// Tenants with jobs that wait or run, or with work since then.
    tenants: Vec<TurnsView>,
    /// Tenants with live jobs that are not in this answer, because it looks into no more files than so many.
    left_out: usize,
}

/// What a tenant has of the turns.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TenantTurns")]
struct TurnsView {
    /// The tenant.
    id: String,
    /// Its short name.
    slug: String,
    /// Jobs that run.
    running: u64,
    /// How many may run at once by its plan.
    allowed: u32,
    /// Jobs that could begin.
    waiting: u64,
    /// Jobs that are to begin later.
    later: u64,
    /// For how long the one that has waited longest could have begun, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    longest_wait_s: Option<f64>,
    /// Seconds that its jobs ran since the time that `since` tells.
    worked_s: f64,
    /// How much of all that work that is, 0 to 1.
    share: f64,
}

fn list(call: Call<'_, InTenant<SystemRead>, FleetQuery, Empty>) -> Result<Json<PageView<FleetJobView>>, Problem> {
    let services = call.services;
    let FleetQuery { after, limit, sort, state, tenant } = call.query;
    let query = PageQuery { after, limit };
    let (sorted, limit) = (Sorted::<By>::parse(sort)?, query.limit()?);
    let order = sorted.order.unwrap_or(Sort { by: By::Created, down: false });
    let after = sorted.cursor(&query)?;
    let mut found = Gather::new(order, false, after.as_ref(), limit);
    let states: Vec<StateKind> =
        state.map_or_else(|| vec![StateKind::Queued, StateKind::Running], |state| vec![state.into()]);
    for id in tenants(services, tenant.as_deref(), &states)? {
        let Some(view) = view_of(services, id) else { continue };
        for state in &states {
            queue::gather(&view, *state, &mut found, |_| true)?;
        }
    }
    Ok(Json(sorted.page(found.page(), |job| show(services, job))))
}

/// The tenants whose files hold such jobs.
fn tenants(services: &Services, named: Option<&str>, states: &[StateKind]) -> Result<Vec<Id<noun::Tenant>>, Problem> {
    if let Some(named) = named {
        return Ok(vec![parse_id("tenant", named)?]);
    }
    let too_many =
        || Problem::at("tenant", format!("must be named: more than {MOST_TENANTS} tenants would be looked at"));
    if states.iter().all(|state| state.is_live()) {
        let busy = services.jobs.busy();
        return if busy.len() > MOST_TENANTS { Err(too_many()) } else { Ok(busy) };
    }
    let (system, mut all, mut after) = (services.store.system().read()?, Vec::new(), None);
    loop {
        let page = tenancy::list(&system, &Filter::default(), after.as_ref(), MAX_PAGE)?;
        all.extend(page.items.iter().filter(|tenant| tenant.state.kind() != Life::Erased).map(|tenant| tenant.id));
        if all.len() > MOST_TENANTS {
            return Err(too_many());
        }
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
    }
}

/// What is wrong with a tenant's file, health and log say.
fn view_of(services: &Services, tenant: Id<noun::Tenant>) -> Option<View> {
    services.store.tenant(tenant).ok()?.read().ok()
}

fn named(services: &Services, id: Id<noun::Tenant>) -> Option<Arc<Tenant>> {
    services.register(id).ok().flatten()
}

fn show(services: &Services, job: Job) -> FleetJobView {
    let desk: &Desk = &services.jobs;
    let state = job.state.kind();
    let worker = desk.at_work(job.header.id).filter(|_| state == StateKind::Running).map(|at| WorkerView {
        since: moment(at.since),
        process: at.process,
        share: f64::from(at.progress.permille) / 1_000.0,
        stage: at.progress.stage,
    });
    FleetJobView {
        id: job.header.id.to_string(),
        tenant: job.header.tenant.to_string(),
        slug: named(services, job.header.tenant).map(|tenant| tenant.slug.clone()).unwrap_or_default(),
        kind: JobKind::code(job.kind),
        state: state.into(),
        priority: job.priority.into(),
        created: moment(job.header.created),
        updated: moment(job.header.updated),
        at: moment(job.state.at()),
        attempts: job.attempts,
        failures: job.failures,
        reason: job.failure.map(|failure| failure.reason.code()),
        worker,
    }
}

fn fairness(call: Call<'_, InTenant<SystemRead>, Empty, Empty>) -> Result<Json<Fairness>, Problem> {
    let services = call.services;
    let now = services.store.clock().now();
    let (since, worked) = services.jobs.worked();
    let all: f64 = worked.values().map(std::time::Duration::as_secs_f64).sum();
    let busy: BTreeSet<_> = services.jobs.busy().into_iter().collect();
    let mut turns = Vec::new();
    for id in busy.iter().chain(worked.keys().filter(|id| !busy.contains(id))).take(MOST_TENANTS) {
        let Some(tenant) = named(services, *id) else { continue };
        let Some(view) = view_of(services, *id) else { continue };
        let standing = queue::standing(&view, now)?;
        let worked_s = worked.get(id).map_or(0.0, std::time::Duration::as_secs_f64);
        if standing == Standing::default() && worked_s == 0.0 {
            continue;
        }
        turns.push(turn(&tenant, standing, now, worked_s, all));
    }
    Ok(Json(Fairness {
        jobs_at_work: services.jobs.status().at_work,
        job_slots: services.host().ok().map(|host| host.machine().job_slots),
        since: moment(since),
        worked_s: tenths(all),
        tenants: turns,
        left_out: busy.len().saturating_sub(MOST_TENANTS),
    }))
}

fn turn(tenant: &Tenant, standing: Standing, now: Timestamp, worked_s: f64, all: f64) -> TurnsView {
    TurnsView {
        id: tenant.id.to_string(),
        slug: tenant.slug.clone(),
        running: standing.running,
        allowed: if tenant.is_active() { tenant.limits().concurrent_jobs } else { 0 },
        waiting: standing.waiting,
        later: standing.later,
        longest_wait_s: standing.longest.map(|since| tenths(now.since(since).as_secs_f64())),
        worked_s: tenths(worked_s),
        share: if all > 0.0 { worked_s / all } else { 0.0 },
    }
}

fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}
