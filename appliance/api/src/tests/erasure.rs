//! Erasing what names a person, while the proofs stay valid.

use axum::http::{Method, StatusCode};
use model::{Level, Outcome};
use serde_json::{Value, json};

use super::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_erased_and_the_trail_still_verifies() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let (ada, ben) = (world.person(&tenant, "ada", Level::Owner), world.person(&tenant, "ben", Level::Editor));
    for title in ["One", "Two"] {
        world.send(Some(&ben), Method::POST, "/v1/projects", json!({ "title": title })).await;
    }
    world.send(Some(&ben), Method::GET, "/v1/audit", Value::Null).await;
    let body = json!({ "principal": ben.id.to_string(), "role": "viewer" });
    world.send(Some(&ada), Method::POST, "/v1/assignments", body).await;
    let rows = world.rows(tenant.id);
    let bens = |rows: &[model::AuditEvent]| {
        let name = ben.id.to_string();
        rows.iter().filter(|row| serde_json::to_string(row).unwrap().contains(&name)).count() as u64
    };
    let expected = bens(&world.rows_from(tenant.id, 0));
    assert!(expected >= 4, "{expected}");
    let found = async |who: &super::world::Person| {
        let path = format!("/v1/audit?actor={}", ben.id);
        world.send(Some(who), Method::GET, &path, Value::Null).await.body["total"].as_u64()
    };
    assert!(found(&ada).await.is_some_and(|total| total > 0));
    let proof = world.send(Some(&ada), Method::GET, "/v1/audit/inclusion?row=3&size=6", Value::Null).await.body;

    let path = format!("/v1/members/{}/erase", ben.id);
    let admin = world.person(&tenant, "cy", Level::Admin);
    assert_eq!(world.send(Some(&admin), Method::POST, &path, Value::Null).await.code(), "denied");
    let before = world.rows(tenant.id);
    let erased = world.send(Some(&ada), Method::POST, &path, Value::Null).await;
    assert_eq!(erased.status, StatusCode::OK, "{}", erased.body);
    assert_eq!(erased.body["complete"], true);
    assert!(erased.body["rows"].as_u64() >= Some(expected), "{}", erased.body);
    assert!(before > rows && world.rows(tenant.id) == before + 1);

    let row = world.last_row(tenant.id);
    assert_eq!((row.outcome, row.action.code(), row.subject), (Outcome::Done, "compliance:manage", ben.id.erase()));
    world.verify(tenant.id);
    assert_eq!(found(&ada).await, Some(0), "the search has forgotten, too");
    let member = world.send(Some(&ada), Method::GET, &format!("/v1/members/{}", ben.id), Value::Null).await;
    assert_eq!((&member.body["state"], &member.body["name"]), (&json!("removed"), &json!("")));
    let again = world.send(Some(&ada), Method::POST, &path, Value::Null).await;
    // What the search and the reading since then have written names the user, but not what told of the erasing.
    assert_eq!(again.status, StatusCode::OK);
    let left = world.services.gate.file(tenant.id).unwrap().read().unwrap().audit_rows(0, usize::MAX).unwrap();
    let left: Vec<_> = left.into_iter().filter_map(|(_, row)| row).collect();
    let names: Vec<_> = left.iter().filter(|row| row.subject == ben.id.erase()).map(|row| row.action.code()).collect();
    assert_eq!(names, ["compliance:manage", "compliance:manage"]);
    let now = world.send(Some(&ada), Method::GET, "/v1/audit/inclusion?row=3&size=6", Value::Null).await.body;
    assert!(proof["proof"].is_array());
    assert_eq!((&now["leaf"], &now["proof"], &now["root"]), (&proof["leaf"], &proof["proof"], &proof["root"]));
    assert_eq!(world.send(Some(&ada), Method::GET, "/v1/audit/bundle", Value::Null).await.status, StatusCode::OK);

    let own = format!("/v1/members/{}/erase", ada.id);
    assert_eq!(
        world.send(Some(&ada), Method::POST, &own, Value::Null).await.code(),
        "conflict",
        "the last owner stays"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_is_erased_but_not_the_last() {
    let world = World::new();
    let (root, gone) = (world.operator("root"), world.operator("gone"));
    world.send(Some(&gone), Method::POST, "/v1/tenants", json!({ "slug": "acme" })).await;
    let path = format!("/v1/operators/{}/erase", gone.id);
    let erased = world.send(Some(&root), Method::POST, &path, Value::Null).await;
    assert_eq!(erased.status, StatusCode::OK, "{}", erased.body);
    assert!(erased.body["rows"].as_u64() >= Some(1), "{}", erased.body);
    world.verify(root.tenant);
    assert_eq!(world.send(Some(&gone), Method::GET, "/v1/tenants", Value::Null).await.code(), "unauthenticated");
    let own = format!("/v1/operators/{}/erase", root.id);
    assert_eq!(world.send(Some(&root), Method::POST, &own, Value::Null).await.code(), "conflict");
}
