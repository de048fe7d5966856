//! What Prometheus collects.
//!
//! Over the API only operators who may see the appliance's state get it. A collector on the same machine reads the same page from
//! a listener of its own without signing in, where the configuration opens one (`metrics.listen`, loopback only).

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use model::permission::SystemRead;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::InTenant,
    history::{KEPT_MS, MetricHistory},
    metrics::{self, SystemNow},
    problem::Problem,
    pulse::{Pulse, PulseQuery},
    reply::Json,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<InTenant<SystemRead>>("/metrics", "metrics", "Counts, times and gauges as Prometheus reads them")
            .by(read),
        get::<InTenant<SystemRead>>(
            "/v1/appliance/live",
            "watch_appliance",
            "How the appliance is, every two seconds, as server-sent events: `now` with numbers by their names, or `closed` with a reason",
        )
        .query::<PulseQuery>()
        .by(watch),
        get::<InTenant<SystemRead>>(
            "/v1/appliance/history",
            "read_metric_history",
            "The same numbers over the last hours, a day at most; since the start where that was later",
        )
        .query::<HistoryQuery>()
        .by(history),
    ]
}

/// Which stretch of time.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct HistoryQuery {
    /// How many seconds back from now, an hour without a word.
    #[schemars(range(min = 60, max = 86400))]
    range_s: Option<u64>,
    /// In how many steps at most, 240 without a word; none is shorter than ten seconds.
    #[schemars(range(min = 1, max = 1000))]
    points: Option<u64>,
}

fn history(call: Call<'_, InTenant<SystemRead>, HistoryQuery, Empty>) -> Result<Json<MetricHistory>, Problem> {
    let (range_s, points) = (call.query.range_s.unwrap_or(3_600), call.query.points.unwrap_or(240));
    if !(60..=KEPT_MS / 1_000).contains(&range_s) {
        return Err(Problem::at("range_s", "must be 60 to 86400"));
    }
    if !(1..=1_000).contains(&points) {
        return Err(Problem::at("points", "must be 1 to 1000"));
    }
    let services = call.services;
    Ok(Json(services.history.read(services.store.clock().now(), range_s, points)))
}

fn watch(call: Call<'_, InTenant<SystemRead>, PulseQuery, Empty>) -> Result<Pulse<SystemNow>, Problem> {
    Pulse::of(call.services, call.request, &call.query, |services, actor, request| {
        services.gate.permit::<SystemRead>(actor, &services.gate.realm(actor), &request.context())?;
        Ok(metrics::now(services))
    })
}

fn read(call: Call<'_, InTenant<SystemRead>, Empty, Empty>) -> Result<Response, Problem> {
    let mut response = Response::new(Body::from(metrics::page(call.services)));
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}
