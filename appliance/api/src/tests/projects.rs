//! Projects over the API.

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};

use super::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_life_of_a_project() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Manager);
    let made = world
        .send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": "  Orders ", "labels": { "team": "ops" } }))
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!((made.body["title"].as_str(), made.body["version"].as_u64()), (Some("Orders"), Some(1)));
    let path = format!("/v1/projects/{}", made.body["id"].as_str().unwrap());

    let read = world.send(Some(&ada), Method::GET, &path, Value::Null).await;
    assert_eq!(read.body, made.body);
    let again = world.send_with(Some(&ada), Method::GET, &path, Value::Null, &[("if-none-match", &read.etag())]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);

    let change = json!({ "title": "Orders, 2027" });
    let blind = world.send(Some(&ada), Method::PATCH, &path, change.clone()).await;
    assert_eq!(blind.code(), "precondition_required");
    let changed =
        world.send_with(Some(&ada), Method::PATCH, &path, change.clone(), &[("if-match", &read.etag())]).await;
    assert_eq!(changed.body["version"], 2);
    let late = world.send_with(Some(&ada), Method::PATCH, &path, change, &[("if-match", &read.etag())]).await;
    assert_eq!((late.status, late.code()), (StatusCode::PRECONDITION_FAILED, "version_mismatch"));

    let hasty = world.send_with(Some(&ada), Method::DELETE, &path, Value::Null, &[("if-match", "*")]).await;
    assert_eq!(hasty.code(), "invalid", "only what lies in the trash can be removed");
    world.send_with(Some(&ada), Method::PATCH, &path, json!({ "trashed": true }), &[("if-match", "*")]).await;
    let listed = world.send(Some(&ada), Method::GET, "/v1/projects", Value::Null).await;
    assert_eq!(listed.body["items"], json!([]));
    let trash = world.send(Some(&ada), Method::GET, "/v1/projects?trashed=true", Value::Null).await;
    assert_eq!(trash.body["items"][0]["title"], "Orders, 2027");
    let gone = world.send_with(Some(&ada), Method::DELETE, &path, Value::Null, &[("if-match", "*")]).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(world.send(Some(&ada), Method::GET, &path, Value::Null).await.status, StatusCode::NOT_FOUND);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_show_what_one_may_see_and_count_nothing_else() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Manager);
    for number in 0..7 {
        let secrecy = if number % 2 == 0 { "internal" } else { "restricted" };
        let body = json!({ "title": format!("P{number}"), "classification": secrecy });
        world.send(Some(&ada), Method::POST, "/v1/projects", body).await;
    }
    let mut seen = Vec::new();
    let mut path = "/v1/projects?limit=2".to_owned();
    loop {
        let page = world.send(Some(&ada), Method::GET, &path, Value::Null).await;
        seen.extend(
            page.body["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page.body["next"].as_str() else { break };
        path = format!("/v1/projects?limit=2&after={next}");
    }
    assert_eq!(seen, ["P6", "P4", "P2", "P0"], "confidential clearance does not see restricted things");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_in_one_project_opens_that_one_only_and_goes_with_the_next_request() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Manager);
    let ben = world.person(&tenant, "ben", Level::Billing);
    let mut ids = Vec::new();
    for title in ["One", "Two"] {
        let made = world.send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": title })).await;
        ids.push(made.body["id"].as_str().unwrap().to_owned());
    }
    let path = |id: &str| format!("/v1/projects/{id}");
    assert_eq!(world.send(Some(&ben), Method::GET, &path(&ids[0]), Value::Null).await.status, StatusCode::NOT_FOUND);
    world.give(&ben, Some(ids[0].parse().unwrap()), Level::Viewer);
    assert_eq!(world.send(Some(&ben), Method::GET, &path(&ids[0]), Value::Null).await.status, StatusCode::OK);
    assert_eq!(world.send(Some(&ben), Method::GET, &path(&ids[1]), Value::Null).await.status, StatusCode::NOT_FOUND);
    let list = world.send(Some(&ben), Method::GET, "/v1/projects", Value::Null).await;
    assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
    let change =
        world.send_with(Some(&ben), Method::PATCH, &path(&ids[0]), json!({ "title": "x" }), &[("if-match", "*")]).await;
    assert_eq!(change.code(), "denied", "seen but not to be changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_make_no_sense() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let deep = "[".repeat(10_000);
    for (body, code) in [
        (json!({}), "invalid"),
        (json!({ "title": "" }), "invalid"),
        (json!({ "title": "x".repeat(201) }), "invalid"),
        (json!({ "title": "a\u{0}b" }), "invalid"),
        (json!({ "title": "x", "colour": 1 }), "invalid"),
        (json!({ "title": "x", "classification": "cosmic" }), "invalid"),
        (json!([]), "invalid"),
        (json!({ "title": deep }), "invalid"),
    ] {
        let answer = world.send(Some(&ada), Method::POST, "/v1/projects", body.clone()).await;
        assert_eq!(answer.code(), code, "{body}: {}", answer.body);
    }
    for query in ["limit=0", "limit=201", "limit=x", "after=%21", "colour=1"] {
        let answer = world.send(Some(&ada), Method::GET, &format!("/v1/projects?{query}"), Value::Null).await;
        assert_eq!(answer.code(), "invalid", "{query}: {}", answer.body);
    }
    let plain = [("content-type", "text/plain")];
    let answer = world.send_with(Some(&ada), Method::POST, "/v1/projects", Value::Null, &plain).await;
    assert_eq!(answer.code(), "unsupported_media_type");
    let answer = world.send(Some(&ada), Method::GET, "/v1/projects/prj_x", Value::Null).await;
    assert_eq!(answer.code(), "not_found");
    let answer = world.send(Some(&ada), Method::PUT, "/v1/projects", json!({})).await;
    assert_eq!(answer.code(), "method_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_from_another_site_are_refused() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let headers = [("sec-fetch-site", "cross-site")];
    // The harness says same-origin; the header of the attack comes second and must not help.
    let answer = world.send_with(Some(&ada), Method::POST, "/v1/projects", json!({ "title": "x" }), &headers).await;
    assert_eq!(answer.code(), "cross_site", "{}", answer.body);
}
