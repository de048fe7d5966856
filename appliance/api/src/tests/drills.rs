//! Restore drills over the API: asked for, told of, and a reason to look after the appliance where they fail.

use std::{fs, path::Path};

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};
use store::{
    Progress,
    backup::{self, Scope},
};

use super::world::World;

/// Every file below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_is_asked_for_and_a_failed_one_is_a_reason_to_look() {
    let world = World::new();
    let acme = world.tenant("acme");
    let ada = world.person(&acme, "ada", Level::Owner);
    world.send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": "One" })).await;
    let root = world.operator("root");
    let get = async |path: &str| world.send(Some(&root), Method::GET, path, Value::Null).await;
    let drill = async |body: Value| world.send(Some(&root), Method::POST, "/v1/backups/drill", body).await;

    let none = get("/v1/backups/drill").await;
    assert_eq!(none.body, json!({ "every_days": 7, "standing": "never", "newest": [] }));
    assert_eq!(drill(json!({})).await.code(), "conflict", "there is nothing to be tried");
    let folder = world.services.upkeep.backups().unwrap().clone();
    let made = backup::create(&world.services.store, &folder, Scope::Whole, &Progress::default()).unwrap();

    let rows = world.rows(root.tenant);
    let begun = drill(json!({})).await;
    assert_eq!((begun.status, &begun.body["task"]), (StatusCode::ACCEPTED, &json!("drill")), "{}", begun.body);
    assert_eq!(begun.body["backup"], json!(made.id.to_string()));
    assert_eq!(world.rows(root.tenant), rows + 1, "who asked for it stands in the trail");
    world.services.upkeep.run_all();
    let told = get("/v1/backups/drill").await.body;
    assert_eq!((&told["standing"], &told["newest"][0]["state"]), (&json!("good"), &json!("done")), "{told}");
    assert_eq!(told["newest"][0]["facts"]["stores"], "2");
    assert_eq!(world.last_row(root.tenant).detail["end"], "done", "and what came of it too");
    let well = world.send(None, Method::GET, "/readyz", Value::Null).await.body;
    assert_eq!(well["status"], "ok", "{well}");

    // A byte of a tenant's rows is another one.
    let own = format!("{:032x}", acme.id.bits());
    let path = files(&folder.join("data")).into_iter().find(|path| path.to_string_lossy().contains(&own)).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_eq!(drill(json!({ "backup": made.id.to_string() })).await.status, StatusCode::ACCEPTED);
    world.services.upkeep.run_all();
    let told = get("/v1/backups/drill").await.body;
    let last = &told["newest"][0];
    assert_eq!((&told["standing"], &last["code"]), (&json!("failed"), &json!("corrupt")), "{told}");
    assert!(last["detail"].as_str().unwrap().contains(&acme.id.to_string()), "{last}");
    // It serves all the same, and strangers learn nothing of whose data it is.
    let ill = world.send(None, Method::GET, "/readyz", Value::Null).await;
    assert_eq!((ill.status, &ill.body["status"]), (StatusCode::OK, &json!("degraded")), "{}", ill.body);
    assert_eq!(ill.body["reasons"][0]["code"], "drill_failed");
    assert!(!ill.body.to_string().contains("tnt_"), "{}", ill.body);

    for wrong in [json!({ "backup": "bak_x" }), json!({ "tenant": acme.id.to_string() })] {
        assert!(drill(wrong.clone()).await.status.is_client_error(), "{wrong}");
    }
    let stranger = world.send(Some(&ada), Method::POST, "/v1/backups/drill", json!({})).await;
    assert_eq!(stranger.status, StatusCode::FORBIDDEN);
}
