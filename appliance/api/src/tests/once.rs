//! Requests that are sent again.

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};
use store::Read as _;

use super::world::World;

const KEY: &str = "9f1f2c0e-5d0e-4c1e-8f0a-1b2c3d4e5f60";

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_answered_the_same_and_done_once() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let rows = world.rows(tenant.id);
    let send = async |who, title: &str, key: &str| {
        world
            .send_with(Some(who), Method::POST, "/v1/projects", json!({ "title": title }), &[("idempotency-key", key)])
            .await
    };
    let first = send(&ada, "Orders", KEY).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    assert!(first.headers.get("idempotency-replayed").is_none());
    // From memory, and from the file after it was kept.
    for kept in [false, true] {
        if kept {
            world.services.keep_answers();
        }
        let again = send(&ada, "Orders", KEY).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!((again.etag(), &again.headers["idempotency-replayed"]), (first.etag(), &"true".parse().unwrap()));
    }
    assert_eq!(world.rows(tenant.id), rows + 2, "the change and the kept answer");
    let other = send(&ada, "Invoices", KEY).await;
    assert_eq!((other.status, other.code()), (StatusCode::UNPROCESSABLE_ENTITY, "idempotency_mismatch"));
    // Another person with the same key is another request.
    let ben = world.person(&tenant, "ben", Level::Owner);
    let theirs = send(&ben, "Orders", KEY).await;
    assert_ne!(theirs.body["id"], first.body["id"]);
    for key in ["short", "with space in the middle of it", &"x".repeat(129)] {
        assert_eq!(send(&ada, "Orders", key).await.code(), "bad_request", "{key}");
    }
    // What was refused before anything was done may be sent again with another body.
    let key = "a-key-of-at-least-16-characters";
    assert_eq!(send(&ada, "", key).await.code(), "invalid");
    assert_eq!(send(&ada, "Better", key).await.status, StatusCode::CREATED);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_does_not_lead_to_a_second_try() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let headers = [("idempotency-key", KEY)];
    let body = json!({ "title": "Orders" });
    let first = world.send_with(Some(&ada), Method::POST, "/v1/projects", body.clone(), &headers).await;
    // The process dies before the answer is stored.
    let world = world.restart();
    let again = world.send_with(Some(&ada), Method::POST, "/v1/projects", body.clone(), &headers).await;
    assert_eq!((again.status, again.code()), (StatusCode::CONFLICT, "already_done"));
    assert!(again.body["detail"].as_str().unwrap().contains(first.body["id"].as_str().unwrap()), "{}", again.body);
    let listed = world.send(Some(&ada), Method::GET, "/v1/projects", Value::Null).await;
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 1);
    // After a day the key is forgotten, and swept by the next keyed change.
    world.pass(std::time::Duration::from_secs(24 * 3600));
    let ada = world.person(&tenant, "ada2", Level::Owner);
    let later = world.send_with(Some(&ada), Method::POST, "/v1/projects", body, &headers).await;
    assert_eq!(later.status, StatusCode::CREATED);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_shown_again_to_the_sender_and_stored_for_nobody() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let key = json!({ "name": "Mine", "permissions": ["project:read"], "expires": "2027-03-01T00:00:00Z" });
    let headers = [("idempotency-key", KEY)];
    let first = world.send_with(Some(&ada), Method::POST, "/v1/api-keys", key.clone(), &headers).await;
    let secret = first.body["secret"].as_str().unwrap().to_owned();
    world.services.keep_answers();
    let world = world.restart();
    let again = world.send_with(Some(&ada), Method::POST, "/v1/api-keys", key, &headers).await;
    assert_eq!(again.body["secret"].as_str(), Some(secret.as_str()), "{}", again.body);
    // Nothing readable of it is stored, though all that is stored is read.
    let view = world.services.store.tenant(tenant.id).unwrap().read().unwrap();
    let rows = view.list::<store::Done>(&store::Query::newest(10), |_| true).unwrap().items;
    let text: Vec<u8> = rows.into_iter().flat_map(|done| done.answer.unwrap()).collect();
    assert!(text.len() > secret.len());
    let parts = secret.as_bytes().windows(12);
    assert!(parts.into_iter().all(|part| !text.windows(12).any(|window| window == part)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_no_longer_do_it_does_not_get_the_answer() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let ben = world.person(&tenant, "ben", Level::Viewer);
    let given = json!({ "principal": ben.id.to_string(), "role": "editor" });
    let role = world.send(Some(&ada), Method::POST, "/v1/assignments", given).await;
    let headers = [("idempotency-key", KEY)];
    let body = json!({ "title": "Orders" });
    let send = async || world.send_with(Some(&ben), Method::POST, "/v1/projects", body.clone(), &headers).await;
    assert_eq!(send().await.status, StatusCode::CREATED);
    assert_eq!(send().await.status, StatusCode::CREATED);
    let path = format!("/v1/assignments/{}", role.body["id"].as_str().unwrap());
    let taken = world.send_with(Some(&ada), Method::DELETE, &path, Value::Null, &[("if-match", "*")]).await;
    assert_eq!(taken.status, StatusCode::NO_CONTENT);
    assert_eq!(send().await.code(), "denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_is_done() {
    let world = std::sync::Arc::new(World::new());
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (world, ada) = (world.clone(), ada.clone());
        tries.spawn(async move {
            let body = json!({ "title": "Orders" });
            let answer =
                world.send_with(Some(&ada), Method::POST, "/v1/projects", body, &[("idempotency-key", KEY)]).await;
            (answer.status, answer.code().to_owned(), answer.body["id"].clone())
        });
    }
    let answers = tries.join_all().await;
    let ids: std::collections::BTreeSet<_> =
        answers.iter().filter(|(status, ..)| *status == 201).map(|(_, _, id)| id.to_string()).collect();
    assert_eq!(ids.len(), 1, "{answers:?}");
    assert!(answers.iter().all(|(status, code, _)| *status == 201 || code == "idempotency_conflict"), "{answers:?}");
    let listed = world.send(Some(&ada), Method::GET, "/v1/projects", Value::Null).await;
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 1);
}
