//! Numbers told as they change, until whoever listens may not know them any more.

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};

use super::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_sees_what_it_uses_until_a_right_is_lost() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let bob = world.person(&tenant, "bob", Level::Viewer);
    let mut live = world.stream(&bob, "/v1/tenant/usage/live").await;
    assert_eq!(live.status, StatusCode::OK);
    let projects = |now: &Value| {
        let limits = now["usage"]["limits"].as_array().unwrap();
        limits.iter().find(|limit| limit["name"] == "projects").unwrap()["used"].clone()
    };
    assert_eq!(projects(&live.until("now").await), 0);
    world.send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": "One" })).await;
    assert_eq!(projects(&live.until("now").await), 1);
    let sessions = world.send(Some(&ada), Method::GET, &format!("/v1/sessions?user={}", bob.id), Value::Null).await;
    let path = format!("/v1/sessions/{}", sessions.body["items"][0]["id"].as_str().unwrap());
    let ended = world.send(Some(&ada), Method::DELETE, &path, Value::Null).await;
    assert!(ended.status.is_success(), "{}", ended.body);
    assert_eq!(live.until("closed").await["reason"], "denied");
    assert!(live.is_over().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_how_the_appliance_is_and_tenants_do_not() {
    let world = World::new();
    let (op, ada) = (world.operator("op"), world.person(&world.tenant("acme"), "ada", Level::Owner));
    let mut live = world.stream(&op, "/v1/appliance/live?for_s=0").await;
    let now = live.until("now").await;
    assert!(now["process_resident_memory_bytes"].as_u64().unwrap() > 0, "{now}");
    assert!(now.as_object().unwrap().values().all(Value::is_number), "numbers and nothing else: {now}");
    assert!(live.is_over().await);
    let refused = world.send(Some(&ada), Method::GET, "/v1/appliance/live", Value::Null).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let wrong = world.send(Some(&op), Method::GET, "/v1/appliance/live?for_s=3601", Value::Null).await;
    assert_eq!(wrong.code(), "invalid");
}
