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
    // By the same filter as the list: what is shown is what is in the file, which says what it leaves out.
    let listed = get(&format!("/v1/audit?text=project&action=project:create&actor={}", ada.id)).await.body;
    let path = format!("/v1/audit/export?format=jsonl&text=project&action=project:create&actor={}", ada.id);
    let part = get(&path).await;
    let text = String::from_utf8(part.bytes.to_vec()).unwrap();
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let head = lines.next().unwrap();
    assert_eq!(
        (&head["export"]["whole"], &head["export"]["filter"]["text"]),
        (&json!(false), &json!("project")),
        "{head}"
    );
    let ids: std::collections::BTreeSet<_> = lines.map(|line| line["id"].to_string()).collect();
    let shown = listed["items"].as_array().unwrap().iter().map(|row| row["id"].to_string()).collect();
    assert!(ids.len() == 3 && ids == shown, "{ids:?} {shown:?}");
    let disposition = part.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.contains("audit-filtered.jsonl"), "{disposition}");
    assert!(!String::from_utf8(get("/v1/audit/export?format=csv").await.bytes.to_vec()).unwrap().starts_with('#'));
    for wrong in ["kind=nothing", "outcome=maybe", "action=no:such", "from=yesterday", "colour=red"] {
        let refused = get(&format!("/v1/audit/export?format=csv&{wrong}")).await;
        assert!(refused.status.is_client_error(), "{wrong}: {}", refused.status);
    }
    assert_eq!(get("/v1/audit/export?format=xml").await.code(), "invalid");
    assert_eq!(get("/v1/audit/bundle").await.status, StatusCode::OK);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_are_kept_for_oneself_or_for_all() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let (ada, bob) = (world.person(&tenant, "ada", Level::Owner), world.person(&tenant, "bob", Level::Auditor));
    let path = "/v1/audit/searches";
    let save = async |name: &str, shared: bool, wanted: Value| {
        let body = json!({ "name": name, "shared": shared, "wanted": wanted });
        world.send(Some(&ada), Method::POST, path, body).await
    };
    let wanted =
        json!({ "text": "\"ten\"", "action": "role:assign", "outcome": "denied", "from": "2026-11-01T00:00:00Z" });
    let own = save("Refusals", false, wanted.clone()).await;
    assert_eq!((own.status, &own.body["wanted"]), (StatusCode::CREATED, &wanted), "{}", own.body);
    let shared = save(" Roles ", true, json!({ "kind": "role" })).await.body;
    assert_eq!((&shared["name"], &shared["owner"]), (&json!("Roles"), &json!(ada.id.to_string())));

    for (wanted, at) in [
        (json!({ "action": "no:such" }), "/wanted/action"),
        (json!({ "kind": "nothing" }), "/wanted/kind"),
        (json!({ "outcome": "maybe" }), "/wanted/outcome"),
        (json!({ "from": "yesterday" }), "/wanted/from"),
        (json!({ "text": "x".repeat(1025) }), "/wanted/text"),
    ] {
        let refused = save("Odd", false, wanted).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["at"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(at)));
    }
    assert_eq!(save("", false, json!({})).await.body["errors"][0]["at"], "/name");

    let names = async |who| {
        let listed = world.send(Some(who), Method::GET, path, Value::Null).await.body;
        let items = listed["items"].as_array().unwrap().iter();
        items.map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&ada).await, ["Roles", "Refusals"]);
    assert_eq!(names(&bob).await, ["Roles"]);

    let change = async |who, id: &Value, method: Method, body: Value| {
        let path = format!("{path}/{}", id.as_str().unwrap());
        world.send_with(Some(who), method, &path, body, &[("if-match", "*")]).await
    };
    let private = &own.body["id"];
    assert_eq!(change(&bob, private, Method::DELETE, Value::Null).await.status, StatusCode::NOT_FOUND);
    assert_eq!(change(&bob, private, Method::PATCH, json!({ "name": "Mine" })).await.status, StatusCode::NOT_FOUND);
    // What is shared belongs to all; who else has it stays for who saved it to say.
    let id = &shared["id"];
    assert_eq!(change(&bob, id, Method::PATCH, json!({ "name": "Who rules" })).await.body["name"], "Who rules");
    assert_eq!(change(&bob, id, Method::PATCH, json!({ "shared": false })).await.status, StatusCode::FORBIDDEN);
    assert_eq!(change(&ada, id, Method::PATCH, json!({ "shared": false })).await.body["shared"], false);
    assert!(names(&bob).await.is_empty());
    assert_eq!(change(&ada, id, Method::DELETE, Value::Null).await.status, StatusCode::NO_CONTENT);
    assert_eq!(names(&ada).await, ["Refusals"]);
    let row = world.last_row(tenant.id);
    assert!(!row.detail.values().any(|value| value.contains("Refusals")));
    world.verify(tenant.id);
}
