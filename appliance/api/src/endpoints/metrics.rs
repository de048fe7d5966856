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

use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::InTenant,
    metrics,
    problem::Problem,
    pulse::{Pulse, PulseQuery},
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
    ]
}

fn watch(call: Call<'_, InTenant<SystemRead>, PulseQuery, Empty>) -> Result<Pulse, Problem> {
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
