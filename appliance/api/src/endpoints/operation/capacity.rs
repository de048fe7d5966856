//! What the machine has and what is left of it, what tenants store, and how fast that grows.

use access::usage;
use model::permission::SystemRead;
use schemars::JsonSchema;
use serde::Serialize;
use store::{Page, backup};
use tenancy::{Filter, StateKind, Tenant};

use super::super::view::{PageQuery, PageView};
use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::{InTenant, Listing},
    host::Machine,
    problem::Problem,
    reply::Json,
    services::Services,
};

const DAY_MS: u64 = 86_400_000;
/// What backups show of growth is told when they span so many days.
const LEAST_DAYS: u64 = 3;
/// How far back backups are looked at, in days.
const MOST_DAYS: u64 = 90;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<InTenant<SystemRead>>(
            "/v1/appliance/capacity",
            "read_capacity",
            "Disks, memory, processors and work as they are now, and how fast the data grow",
        )
        .by(read),
        get::<Listing<SystemRead>>(
            "/v1/appliance/capacity/tenants",
            "list_stored",
            "What each tenant stores, newest tenants first",
        )
        .query::<PageQuery>()
        .by(list),
    ]
}

/// What the machine has and what is left of it.
#[derive(Debug, Serialize, JsonSchema)]
struct Capacity {
    #[serde(flatten)]
    machine: Machine,
    /// Whether jobs are run.
    jobs_at_work: bool,
    /// Jobs that run.
    jobs_running: u32,
    /// Tenants whose work waits for a slot.
    tenants_waiting: usize,
    /// Tenants' files that are open.
    open_files: usize,
    /// How fast the data grow, where backups of several days show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    growth: Option<Growth>,
}

/// How fast the data grow, as whole backups show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
struct Growth {
    /// Whole backups that were looked at.
    backups: usize,
    /// Days between the first and the last of them.
    days: u64,
    /// What a backup gained a day, in bytes; below zero where it shrank.
    bytes_per_day: i64,
    /// Days until the disk of the data is full if it goes on so; absent where the data do not grow.
    #[serde(skip_serializing_if = "Option::is_none")]
    days_left: Option<u64>,
}

/// What a tenant stores.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TenantStored")]
struct StoredView {
    /// The tenant.
    id: String,
    /// Its short name.
    slug: String,
    /// Its name for people.
    name: String,
    /// Bytes of stored files; absent where its file cannot be read now.
    #[serde(skip_serializing_if = "Option::is_none")]
    stored_bytes: Option<u64>,
    /// Bytes that its plan allows.
    allowed_bytes: u64,
}

fn read(call: Call<'_, InTenant<SystemRead>, Empty, Empty>) -> Result<Json<Capacity>, Problem> {
    let services = call.services;
    let (health, jobs) = (services.store.health(), services.jobs.status());
    Ok(Json(Capacity {
        machine: services.host()?.machine(),
        jobs_at_work: jobs.at_work,
        jobs_running: jobs.running,
        tenants_waiting: jobs.waiting_tenants,
        open_files: health.open_files,
        growth: growth(services, health.free_bytes),
    }))
}

/// What backups show. Without a folder of backups, or when it cannot be read now, nothing is known.
fn growth(services: &Services, free: Option<u64>) -> Option<Growth> {
    let (backups, _) = backup::list(services.upkeep.backups().ok()?, &services.store.vault().public_key()).ok()?;
    let whole = backups.into_iter().filter(|backup| backup.whole && backup.failed == 0);
    grown(whole.map(|backup| (backup.made.millis(), backup.bytes)).collect(), free)
}

/// The slope of a line through `points`, times in milliseconds and bytes, by least squares: one odd backup does not make the answer.
fn grown(mut points: Vec<(u64, u64)>, free: Option<u64>) -> Option<Growth> {
    points.sort_unstable();
    let last = points.last()?.0;
    points.retain(|(at, _)| last - at <= MOST_DAYS * DAY_MS);
    let first = points.first()?.0;
    let days = (last - first) / DAY_MS;
    if days < LEAST_DAYS {
        return None;
    }
    let count = points.len() as f64;
    let in_days = |at: u64| (at - first) as f64 / DAY_MS as f64;
    let mean = |of: &dyn Fn(&(u64, u64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (middle, usual) = (mean(&|point| in_days(point.0)), mean(&|point| point.1 as f64));
    let (mut along, mut square) = (0.0, 0.0);
    for (at, bytes) in &points {
        let off = in_days(*at) - middle;
        along += off * (*bytes as f64 - usual);
        square += off * off;
    }
    let per_day = along / square;
    let days_left = free.filter(|_| per_day >= 1.0).map(|free| (free as f64 / per_day) as u64);
    Some(Growth { backups: points.len(), days, bytes_per_day: per_day.round() as i64, days_left })
}

fn list(call: Call<'_, Listing<SystemRead>, PageQuery, Empty>) -> Result<Json<PageView<StoredView>>, Problem> {
    let services = call.services;
    let after = call.query.cursor()?;
    let page = tenancy::list(&call.pass.read()?, &Filter::default(), after.as_ref(), call.query.limit()?)?;
    let items = page.items.into_iter().filter(|tenant| tenant.state.kind() != StateKind::Erased).collect();
    Ok(Json(PageView::of(Page { items, next: page.next }, |tenant| stored(services, tenant))))
}

fn stored(services: &Services, tenant: Tenant) -> StoredView {
    // What is wrong with a tenant's file, health and log say.
    let view = services.store.tenant(tenant.id).ok().and_then(|db| db.read().ok());
    StoredView {
        id: tenant.id.to_string(),
        stored_bytes: view.and_then(|view| usage::current(&view).ok()).map(|has| has.storage_bytes),
        allowed_bytes: tenant.limits().storage_bytes,
        slug: tenant.slug,
        name: tenant.name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    fn check(points: &[(u64, u64)], free: Option<u64>, expected: Option<(usize, u64, i64, Option<u64>)>) {
        let points = points.iter().map(|(day, bytes)| (1_700_000_000_000 + day * DAY_MS, *bytes)).collect();
        let found = grown(points, free);
        assert_eq!(found.map(|it| (it.backups, it.days, it.bytes_per_day, it.days_left)), expected);
    }

    #[test]
    fn growth_is_told_only_where_backups_show_it() {
        check(&[], Some(GIB), None);
        check(&[(0, GIB), (2, 2 * GIB)], Some(GIB), None);
        // In any order, a gibibyte a day: ten days for ten.
        let daily: Vec<_> = (0..8).rev().map(|day| (day, day * GIB)).collect();
        check(&daily, Some(10 * GIB), Some((8, 7, GIB as i64, Some(10))));
        check(&daily, None, Some((8, 7, GIB as i64, None)));
        check(&[(0, GIB), (4, GIB)], Some(GIB), Some((2, 4, 0, None)));
        check(&[(0, 5 * GIB), (4, GIB)], Some(GIB), Some((2, 4, -(GIB as i64), None)));
        // What was a year ago says nothing of now.
        check(&[(0, 900 * GIB), (400, GIB), (404, 5 * GIB)], Some(9 * GIB), Some((2, 4, GIB as i64, Some(9))));
    }
}
