//! The audit trail over the API.

use axum::http::{Method, StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::Level;
use serde_json::{Value, json};
use store::chain::{Hash, verify_consistency, verify_inclusion};

use super::world::World;

fn hash(value: &Value) -> Hash {
    STANDARD.decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn hashes(value: &Value) -> Vec<Hash> {
    value.as_array().unwrap().iter().map(hash).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_found_and_proven() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let get = async |path: &str| world.send(Some(&ada), Method::GET, path, Value::Null).await;
    for title in ["One", "Two", "Three"] {
        world.send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": title })).await;
    }
    let before = get("/v1/audit/checkpoint").await.body;
    let found = get(&format!("/v1/audit?action=project:create&actor={}&facets=true&limit=2", ada.id)).await;
    assert_eq!((&found.body["total"], &found.body["complete"]), (&json!(3), &json!(true)), "{}", found.body);
    assert_eq!(found.body["items"].as_array().unwrap().len(), 2);
    assert!(found.body["facets"].as_array().unwrap().len() == 5 && found.body["next"].is_u64());

    let row = found.body["items"][0]["row"].as_u64().unwrap();
    let proof = get(&format!("/v1/audit/inclusion?row={row}")).await.body;
    let (size, root) = (proof["size"].as_u64().unwrap(), hash(&proof["root"]));
    verify_inclusion(&hash(&proof["leaf"]), row, size, &root, &hashes(&proof["proof"])).unwrap();
    let old = before["size"].as_u64().unwrap();
    let grown = get(&format!("/v1/audit/consistency?from={old}&to={size}")).await.body;
    verify_consistency(old, &hash(&before["root"]), size, &root, &hashes(&grown["proof"])).unwrap();
    assert_eq!(get("/v1/audit/inclusion?row=1000000").await.code(), "not_found");
    assert_eq!(get("/v1/audit/consistency?from=0&to=1000000").await.code(), "invalid");

    let again = get("/v1/audit/checkpoint").await.body;
    assert_eq!(before["key"], again["key"]);
    for format in ["jsonl", "csv", "ocsf", "cef", "syslog"] {
        let export = get(&format!("/v1/audit/export?format={format}")).await;
        assert_eq!(export.status, StatusCode::OK, "{format}");
    }
    assert_eq!(get("/v1/audit/export?format=xml").await.code(), "invalid");
    assert_eq!(get("/v1/audit/bundle").await.status, StatusCode::OK);
    world.verify(tenant.id);
}
