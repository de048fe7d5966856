//! Short reads are answered on the spot and out of memory: what has changed counts for the next one all the same.

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};

use super::world::{Person, World};
use crate::endpoints;

const ANY: &[(&str, &str)] = &[("if-match", "*")];

async fn read(world: &World, who: &Person, path: &str) -> (StatusCode, String) {
    let answer = world.send(Some(who), Method::GET, path, Value::Null).await;
    (answer.status, answer.code().to_owned())
}

fn ok() -> (StatusCode, String) {
    (StatusCode::OK, String::new())
}

/// A project of an owner of `acme`.
async fn project(world: &World, owner: &Person) -> String {
    let made = world.send(Some(owner), Method::POST, "/v1/projects", json!({ "title": "One" })).await;
    format!("/v1/projects/{}", made.body["id"].as_str().unwrap())
}

#[test]
fn only_reads_are_brisk() {
    for endpoint in endpoints::all().into_iter().filter(|endpoint| endpoint.brisk) {
        assert!(endpoint.is_safe() && !endpoint.streams(), "{endpoint:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_was_taken_away_and_given_again() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let (ada, ben) = (world.person(&tenant, "ada", Level::Owner), world.person(&tenant, "ben", Level::Billing));
    let path = project(&world, &ada).await;
    let shares = format!("{path}/shares");
    for _ in 0..10 {
        let gone = (StatusCode::NOT_FOUND, "not_found".to_owned());
        assert_eq!(read(&world, &ben, &path).await, gone);
        let share = json!({ "principal": ben.id.to_string(), "role": "viewer" });
        let given = world.send(Some(&ada), Method::POST, &shares, share).await;
        assert_eq!(given.status, StatusCode::CREATED, "{}", given.body);
        // Twice: the second time from memory.
        assert_eq!((read(&world, &ben, &path).await, read(&world, &ben, &path).await), (ok(), ok()));
        let share = format!("{shares}/{}", given.body["id"].as_str().unwrap());
        let taken = world.send_with(Some(&ada), Method::DELETE, &share, Value::Null, ANY).await;
        assert_eq!(taken.status, StatusCode::NO_CONTENT, "{}", taken.body);
        assert_eq!(read(&world, &ben, &path).await, gone);
    }
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_is_suspended_and_comes_back() {
    let world = World::new();
    let operator = world.operator("olga");
    let (tenant, other) = (world.tenant("acme"), world.tenant("globex"));
    let (ada, eve) = (world.person(&tenant, "ada", Level::Owner), world.person(&other, "eve", Level::Owner));
    let (path, others) = (project(&world, &ada).await, project(&world, &eve).await);
    let to = async |what: &str| {
        let path = format!("/v1/tenants/{}/{what}", tenant.id);
        let done = world.send_with(Some(&operator), Method::POST, &path, json!({ "reason": "unpaid" }), ANY).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    };
    for _ in 0..10 {
        assert_eq!((read(&world, &ada, &path).await, read(&world, &eve, &others).await), (ok(), ok()));
        to("suspend").await;
        assert_eq!(read(&world, &ada, &path).await, (StatusCode::FORBIDDEN, "denied".to_owned()));
        assert_eq!(read(&world, &eve, &others).await, ok());
        to("resume").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_an_end_of_a_session_and_a_law() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let (ada, ben) = (world.person(&tenant, "ada", Level::Owner), world.person(&tenant, "ben", Level::Viewer));
    let path = project(&world, &ada).await;
    for version in 1..=10 {
        let seen = world.send(Some(&ben), Method::GET, &path, Value::Null).await;
        assert_eq!(seen.body["version"], version);
        let change = json!({ "title": format!("Version {version}") });
        let changed = world.send_with(Some(&ada), Method::PATCH, &path, change, ANY).await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    }
    let law = "forbid(principal, action == Action::\"project:read\", resource) when { context.api_key == false };";
    let law = json!({ "name": "closed", "text": law, "enabled": true });
    let made = world.send(Some(&ada), Method::POST, "/v1/policies", law).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!(read(&world, &ben, &path).await.0, StatusCode::NOT_FOUND);
    let law = format!("/v1/policies/{}", made.body["id"].as_str().unwrap());
    let removed = world.send_with(Some(&ada), Method::DELETE, &law, Value::Null, ANY).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT, "{}", removed.body);
    assert_eq!(read(&world, &ben, &path).await, ok());
    let out = world.send(Some(&ben), Method::DELETE, "/v1/session", Value::Null).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert_eq!(read(&world, &ben, &path).await.0, StatusCode::UNAUTHORIZED);
}

/// Reads by many while it is written: each sees a version no older than the last one that was acknowledged before it was sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_reads_what_was_before_an_acknowledged_change() {
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    };
    let world = Arc::new(World::new());
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let path = project(&world, &ada).await;
    let (acknowledged, end) = (Arc::new(AtomicU64::new(1)), 60);
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (world, ada, path, acknowledged) = (world.clone(), ada.clone(), path.clone(), acknowledged.clone());
            tokio::spawn(async move {
                loop {
                    let least = acknowledged.load(Ordering::SeqCst);
                    let seen = world.send(Some(&ada), Method::GET, &path, Value::Null).await;
                    let version = seen.body["version"].as_u64().unwrap();
                    assert!(version >= least, "{version} was read after {least} was acknowledged");
                    if least == end {
                        return;
                    }
                }
            })
        })
        .collect();
    for version in 2..=end {
        let change = json!({ "title": format!("Version {version}") });
        let changed = world.send_with(Some(&ada), Method::PATCH, &path, change, ANY).await;
        acknowledged.store(changed.body["version"].as_u64().unwrap(), Ordering::SeqCst);
    }
    for reader in readers {
        reader.await.unwrap();
    }
}
