//! Rates, and what the metrics tell.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};
use tenancy::Plan;

use super::world::{Person, World};
use crate::RequestLimits;

#[tokio::test(flavor = "multi_thread")]
async fn one_caller_cannot_use_up_what_its_tenant_has_nor_one_tenant_what_others_have() {
    let world = World::limited(RequestLimits::default());
    let (acme, other) = (world.tenant_with("acme", Plan::Team), world.tenant("other"));
    let ada = world.person(&acme, "ada", Level::Owner);
    let read = async |who: &Person| world.send(Some(who), Method::GET, "/v1/projects", Value::Null).await;
    let first = read(&ada).await;
    // 100 a second for the tenant, a fifth of it for each caller, two seconds ahead.
    assert_eq!(first.headers["ratelimit-policy"], "\"caller\";q=40;w=2, \"tenant\";q=200;w=2");
    assert_eq!(first.headers["ratelimit"], "\"caller\";r=39;t=1, \"tenant\";r=199;t=1");
    for _ in 1..40 {
        assert_eq!(read(&ada).await.status, StatusCode::OK);
    }
    let refused = read(&ada).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited"));
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(refused.headers["ratelimit"], "\"caller\";r=0;t=1");
    assert_eq!(refused.body["retry_after_s"], 1);
    // Colleagues have the rest of what the tenant has, and strangers all of theirs.
    let mut passed = 40;
    for number in 0..5 {
        let colleague = world.person(&acme, &format!("colleague{number}"), Level::Viewer);
        for _ in 0..40 {
            passed += usize::from(read(&colleague).await.status == StatusCode::OK);
        }
    }
    assert_eq!(passed, 200);
    let eve = world.person(&other, "eve", Level::Owner);
    assert_eq!(read(&eve).await.status, StatusCode::OK);
    world.pass(Duration::from_secs(2));
    assert_eq!(read(&ada).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_no_good_cost_their_address_and_no_tenant() {
    let world = World::limited(RequestLimits { address_per_second: 3, burst_s: 1, ..RequestLimits::default() });
    let tenant = world.tenant_with("acme", Plan::Team);
    let ada = world.person(&tenant, "ada", Level::Owner);
    let known = world.send(Some(&ada), Method::GET, "/v1/projects", Value::Null).await;
    let mut forged = ada.clone();
    forged.forge();
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(world.send(Some(&forged), Method::GET, "/v1/projects", Value::Null).await.status.as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 429]);
    let again = world.send(Some(&ada), Method::GET, "/v1/projects", Value::Null).await;
    assert_eq!(again.status, StatusCode::OK, "who is known comes in from there all the same");
    let left = |answer: &super::world::Answer| answer.headers["ratelimit"].to_str().unwrap().to_owned();
    assert!(left(&known).contains("\"tenant\";r=99;"), "{}", left(&known));
    assert!(left(&again).contains("\"tenant\";r=98;"), "{}", left(&again));
    let public = world.send(None, Method::GET, "/livez", Value::Null).await;
    assert_eq!(public.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_of_endpoints_and_of_nobody() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let (ada, root) = (world.person(&tenant, "ada", Level::Owner), world.operator("root"));
    let made = world.send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": "Canary" })).await;
    let id = made.body["id"].as_str().unwrap();
    world.send(Some(&ada), Method::GET, &format!("/v1/projects/{id}?x=canary"), Value::Null).await;
    world.send(None, Method::GET, "/canary/of/a/path", Value::Null).await;
    let denied = world.send(Some(&ada), Method::GET, "/metrics", Value::Null).await;
    assert_eq!(denied.code(), "denied");
    let page = world.text(Some(&root), "/metrics").await;
    for line in [
        "audiagram_http_request_duration_seconds_count{endpoint=\"create_project\",status=\"2xx\"} 1\n",
        "audiagram_http_request_duration_seconds_count{endpoint=\"none\",status=\"4xx\"} 1\n",
        "audiagram_http_requests_in_flight 1\n",
        "audiagram_store_open_files 1\n",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
    for secret in [id, "anary", "acme", &tenant.id.to_string(), "ada"] {
        assert!(!page.contains(secret), "{secret}");
    }
}
