//! Uploads over the API: in parts, across broken connections and restarts.

use axum::http::{Method, StatusCode};
use model::{Level, Outcome};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::world::{Person, World};

/// Bytes that are not the same twice.
pub(super) fn content(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}

pub(super) fn sha256(content: &[u8]) -> String {
    store::blob::BlobDigest(Sha256::digest(content).into()).to_string()
}

pub(super) async fn project(world: &World, who: &Person, title: &str) -> String {
    let made = world.send(Some(who), Method::POST, "/v1/projects", json!({ "title": title })).await;
    made.body["id"].as_str().unwrap_or_else(|| panic!("{}", made.body)).to_owned()
}

async fn begin(world: &World, who: &Person, project: &str, content: &[u8]) -> String {
    let new = json!({
        "file_name": "talks/Orders 2027.m4a", "media_type": "audio/mp4", "size": content.len(), "sha256": sha256(content),
        "tags": ["Sales", "q3", "sales"],
    });
    let begun = world.send(Some(who), Method::POST, &format!("/v1/projects/{project}/uploads"), new).await;
    assert_eq!((begun.status, &begun.body["offset"]), (StatusCode::CREATED, &json!(0)), "{}", begun.body);
    format!("/v1/uploads/{}", begun.body["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_upload_goes_on_after_a_restart() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Editor);
    let project = project(&world, &ada, "Orders").await;
    let file = content(300_000, 1);
    let path = begin(&world, &ada, &project, &file).await;

    let first = world.send_bytes(&ada, &path, 0, &file[..100_001]).await;
    assert_eq!((first.status, &first.body["offset"]), (StatusCode::OK, &json!(100_001)), "{}", first.body);
    assert_eq!(first.headers["upload-offset"], "100001");
    assert!(first.body.get("recording").is_none());
    let twice = world.send_bytes(&ada, &path, 0, &file[..100_001]).await;
    assert_eq!((twice.status, twice.code()), (StatusCode::CONFLICT, "conflict"), "{}", twice.body);
    let gap = world.send_bytes(&ada, &path, 200_000, &file[200_000..]).await;
    assert_eq!(gap.code(), "conflict");
    let more = world.send_bytes(&ada, &path, 100_001, &content(200_000, 2)).await;
    assert_eq!(more.code(), "invalid", "more than was announced");

    let world = world.restart();
    let state = world.send(Some(&ada), Method::GET, &path, Value::Null).await;
    assert_eq!((&state.body["offset"], &state.body["size"]), (&json!(100_001), &json!(300_000)));
    let done = world.send_bytes(&ada, &path, 100_001, &file[100_001..]).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let recording = done.body["recording"].as_str().unwrap().to_owned();
    assert_eq!(world.last_row(tenant.id).subject.to_string(), recording, "the row is about what was made");

    // The answer to the last part was lost: the upload remembers what it has become.
    let again = world.send(Some(&ada), Method::GET, &path, Value::Null).await;
    assert_eq!(again.body["recording"], recording.as_str());
    assert_eq!(world.send_bytes(&ada, &path, 300_000, b"").await.code(), "conflict");

    let read = world.send(Some(&ada), Method::GET, &format!("/v1/recordings/{recording}"), Value::Null).await;
    assert_eq!(read.body["title"], "Orders 2027");
    assert_eq!(read.body["file_name"], "Orders 2027.m4a");
    assert_eq!(read.body["tags"], json!(["q3", "sales"]));
    assert_eq!((&read.body["bytes"], &read.body["sha256"]), (&json!(300_000), &json!(sha256(&file))));
    let media = world.send(Some(&ada), Method::GET, &format!("/v1/recordings/{recording}/media"), Value::Null).await;
    assert!(media.bytes == file);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_damaged_is_refused_and_nothing_is_left() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Editor);
    let project = project(&world, &ada, "Orders").await;
    let file = content(100_000, 1);
    let path = begin(&world, &ada, &project, &file).await;
    world.send_bytes(&ada, &path, 0, &file[..50_000]).await;
    let rows = world.rows(tenant.id);
    let bad = world.send_bytes(&ada, &path, 50_000, &content(50_000, 9)).await;
    assert_eq!((bad.status, bad.code()), (StatusCode::UNPROCESSABLE_ENTITY, "invalid"), "{}", bad.body);
    assert_eq!((world.rows(tenant.id), world.last_row(tenant.id).outcome), (rows + 1, Outcome::Failed));
    assert_eq!(world.send(Some(&ada), Method::GET, &path, Value::Null).await.status, StatusCode::NOT_FOUND);
    let files = world.services.store.tenant(tenant.id).unwrap();
    assert_eq!(files.blobs().list().count(), 0);
    assert_eq!(std::fs::read_dir(files.folder.join("incoming")).unwrap().count(), 0);
    let stored = access::usage::current(&files.read().unwrap()).unwrap().storage_bytes;
    assert_eq!(stored, 0);
    let list = world.send(Some(&ada), Method::GET, "/v1/recordings", Value::Null).await;
    assert_eq!(list.body["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_is_asked_before_bytes_are_taken_and_the_same_bytes_count_once() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Editor);
    let project = project(&world, &ada, "Orders").await;
    let limit = tenant.limits().storage_bytes;
    let path = format!("/v1/projects/{project}/uploads");
    let ask = async |size: u64| {
        let new = json!({ "file_name": "a.mp3", "media_type": "audio/mpeg", "size": size });
        world.send(Some(&ada), Method::POST, &path, new).await
    };
    assert_eq!(ask(limit + 1).await.code(), "limit_reached");
    let most = ask(limit - 100).await;
    assert_eq!(most.status, StatusCode::CREATED, "{}", most.body);
    assert_eq!(ask(101).await.code(), "limit_reached", "what others have announced counts");
    let cancel = format!("/v1/uploads/{}", most.body["id"].as_str().unwrap());
    assert_eq!(world.send(Some(&ada), Method::DELETE, &cancel, Value::Null).await.status, StatusCode::NO_CONTENT);
    let file = content(70_000, 3);
    let first = world.upload(&ada, &project, "a.m4a", &file).await;
    let second = world.upload(&ada, &project, "b.m4a", &file).await;
    assert_ne!(first, second);
    let files = world.services.store.tenant(tenant.id).unwrap();
    assert_eq!(files.blobs().list().count(), 1, "the same bytes are stored once");
    let stored = access::usage::current(&files.read().unwrap()).unwrap().storage_bytes;
    assert_eq!(stored, 70_000);
    for (body, code) in [
        (json!({ "file_name": "a.html", "media_type": "text/html", "size": 1 }), "invalid"),
        (json!({ "file_name": "a.mp3", "media_type": "audio/mpeg", "size": 0 }), "invalid"),
        (json!({ "file_name": "a.mp3", "media_type": "audio/mpeg", "size": 1, "sha256": "00" }), "invalid"),
        (json!({ "file_name": "a.mp3", "media_type": "audio/mpeg", "size": 1, "tags": vec!["x"; 33] }), "invalid"),
    ] {
        assert_eq!(world.send(Some(&ada), Method::POST, &path, body.clone()).await.code(), code, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_only_by_the_hand_that_began_it() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Editor);
    let ben = world.person(&tenant, "ben", Level::Editor);
    let project = project(&world, &ada, "Orders").await;
    let file = content(10, 1);
    let path = begin(&world, &ada, &project, &file).await;
    assert_eq!(world.send_bytes(&ben, &path, 0, &file).await.status, StatusCode::NOT_FOUND);
    let json = world.send(Some(&ada), Method::PATCH, &path, json!({})).await;
    assert_eq!(json.code(), "unsupported_media_type");
    let long = world.send_bytes(&ada, &path, 0, &vec![0; (8 << 20) + 1]).await;
    assert_eq!(long.code(), "too_large", "a part is in memory as a whole, so it is bounded");
    let trashed = json!({ "trashed": true });
    world.send_with(Some(&ada), Method::PATCH, &format!("/v1/projects/{project}"), trashed, &[("if-match", "*")]).await;
    let late = world.send_bytes(&ada, &path, 0, &file).await;
    assert_eq!(late.code(), "conflict", "{}", late.body);
    let back = json!({ "trashed": false });
    world.send_with(Some(&ada), Method::PATCH, &format!("/v1/projects/{project}"), back, &[("if-match", "*")]).await;
    let done = world.send_bytes(&ada, &path, 10, b"").await;
    assert!(done.body["recording"].is_string(), "all bytes were safe: {}", done.body);
}
