//! What the appliance says about itself to everyone.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use schemars::JsonSchema;
use serde::Serialize;
use tenancy::upkeep::Standing;

use crate::{
    docs,
    endpoint::{Call, Empty, Endpoint, get},
    guard::Public,
    problem::{Code, Problem},
    reply::Json,
    services::Services,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Public>("/livez", "live", "Whether the process answers").briskly().by(live),
        get::<Public>("/readyz", "ready", "Whether it can serve, with the reasons if it cannot").by(ready),
        get::<Public>("/v1/openapi.json", "openapi", "This interface as an OpenAPI 3.1 document").by(document),
        get::<Public>("/v1/docs", "docs", "This interface as a page").by(page),
    ]
}

/// How the appliance is.
#[derive(Debug, Serialize, JsonSchema)]
struct Health {
    /// `ok`, or `degraded` where something is to be mended soon.
    status: &'static str,
    /// What is to be mended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<Ailment>,
}

/// Something that is wrong with the appliance.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Ailment")]
struct Ailment {
    /// For machines, like `disk_low`.
    code: &'static str,
    /// For people, with the remedy.
    detail: String,
}

type Bare<'a> = Call<'a, Public, Empty, Empty>;

fn live(_: Bare<'_>) -> Result<Json<Health>, Problem> {
    Ok(Json(Health { status: "ok", reasons: Vec::new() }))
}

fn ready(call: Bare<'_>) -> Result<Json<Health>, Problem> {
    if call.services.is_draining() {
        return Err(Problem::new(Code::Unavailable, "the appliance is shutting down"));
    }
    call.services.store.system().read()?;
    let health = call.services.store.health();
    // What is wrong with one tenant's files concerns neither the others nor who asks without signing in.
    let own = health.conditions.into_iter().filter(|condition| condition.tenant.is_none());
    let mut reasons: Vec<_> = own.map(|found| Ailment { code: found.fault.code(), detail: found.detail }).collect();
    // It can serve all the same: what is wrong with a backup shows when it is needed.
    reasons.extend(drill_ailment(call.services)?);
    let at_work = call.services.jobs.status().at_work;
    if !at_work {
        let detail = "no jobs are run any more; restart the appliance".to_owned();
        reasons.push(Ailment { code: "jobs_stopped", detail });
    }
    if !health.ready || !at_work {
        let told: Vec<_> = reasons.iter().map(|reason| format!("{}: {}", reason.code, reason.detail)).collect();
        return Err(Problem::new(Code::Unavailable, told.join("; ")));
    }
    Ok(Json(Health { status: if reasons.is_empty() { "ok" } else { "degraded" }, reasons }))
}

/// Whose data would not come back stands with the drills, for those who run the appliance.
fn drill_ailment(services: &Services) -> Result<Option<Ailment>, Problem> {
    let drills = services.upkeep.drills()?;
    Ok(match drills.standing {
        Standing::Failed => {
            let detail =
                "the last restore drill failed; see the backups for what is damaged, and back up anew".to_owned();
            Some(Ailment { code: "drill_failed", detail })
        }
        Standing::Old => {
            let detail = format!(
                "the last restore drill is more than {} days old; see the backups for what keeps it from being done",
                drills.every_days.saturating_mul(2)
            );
            Some(Ailment { code: "drill_old", detail })
        }
        Standing::Never | Standing::Good => None,
    })
}

fn document(call: Bare<'_>) -> Result<Response, Problem> {
    let text =
        serde_json::to_vec(call.services.document()).map_err(|error| Problem::of(model::ErrorKind::Bug, &error))?;
    Ok(answer("application/json", text))
}

fn page(call: Bare<'_>) -> Result<Response, Problem> {
    let page = docs::page(call.services.document());
    let mut response = answer("text/html; charset=utf-8", page.into_bytes());
    let policy = HeaderValue::from_static(
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    );
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

fn answer(kind: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
