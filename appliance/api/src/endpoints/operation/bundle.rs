//! The support bundle: what would be in it, and the bundle itself, which the trail tells of.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use model::permission::SystemSupportBundle;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use store::{MAX_PAGE, WriteError};
use tenancy::Filter;

use super::PATIENCE;
use crate::{
    endpoint::{Call, Empty, Endpoint, get, post},
    guard::InTenant,
    host::{BundlePart, Gathered},
    metrics,
    problem::{Code, Problem},
    query::appliance::plan,
    reply::Json,
    services::Services,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<InTenant<SystemSupportBundle>>(
            "/v1/appliance/support-bundle",
            "list_bundle_parts",
            "What a support bundle made now would hold",
        )
        .by(parts),
        post::<InTenant<SystemSupportBundle>>(
            "/v1/appliance/support-bundle",
            "make_support_bundle",
            "One archive (ZIP) that helps others to help: no names, addresses, titles, paths, keys or texts are in it",
        )
        .by(make),
    ]
}

/// What a bundle holds.
#[derive(Debug, Serialize, JsonSchema)]
struct BundleParts {
    /// Its files.
    items: Vec<BundlePart>,
}

fn parts(call: Call<'_, InTenant<SystemSupportBundle>, Empty, Empty>) -> Result<Json<BundleParts>, Problem> {
    Ok(Json(BundleParts { items: call.services.host()?.bundle_parts() }))
}

fn make(call: Call<'_, InTenant<SystemSupportBundle>, Empty, Empty>) -> Result<Response, Problem> {
    let (services, host) = (call.services, call.services.host()?);
    let findings = services.doctor.ask(host, false, PATIENCE)?;
    let gathered =
        Gathered { findings, health: health(services), counts: counts(services)?, metrics: metrics::page(services) };
    let bytes = host.bundle(&gathered).map_err(|fault| Problem::new(Code::Unavailable, fault))?;
    // Told of before it leaves.
    call.pass.write::<(), WriteError>(|tx| {
        tx.note("bytes", bytes.len().to_string());
        Ok(())
    })?;
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    let name = HeaderValue::from_static("attachment; filename=\"audiagram-support.zip\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

/// Whether the appliance is ready, and codes of what is wrong: details name places and tenants.
fn health(services: &Services) -> Value {
    let (health, jobs) = (services.store.health(), services.jobs.status());
    let mut codes: BTreeMap<&str, u64> = BTreeMap::new();
    for condition in &health.conditions {
        *codes.entry(condition.fault.code()).or_default() += 1;
    }
    json!({ "ready": health.ready && jobs.at_work, "conditions": codes, "jobs_at_work": jobs.at_work,
            "jobs_running": jobs.running, "open_files": health.open_files, "repaired": health.repaired })
}

/// How many tenants there are, by state and plan.
fn counts(services: &Services) -> Result<Value, Problem> {
    let view = services.store.system().read()?;
    let (mut states, mut plans, mut all, mut after) = (BTreeMap::new(), BTreeMap::new(), 0u64, None);
    loop {
        let page = tenancy::list(&view, &Filter::default(), after.as_ref(), MAX_PAGE)?;
        for tenant in page.items {
            all += 1;
            *states.entry(tenant.state.kind().name()).or_insert(0u64) += 1;
            *plans.entry(plan(tenant.plan)).or_insert(0u64) += 1;
        }
        after = page.next;
        if after.is_none() {
            return Ok(json!({ "tenants": all, "by_state": states, "by_plan": plans }));
        }
    }
}
