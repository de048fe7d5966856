//! Service accounts, API keys and sessions over the API.

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};

use super::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_key_does_no_more_than_its_maker() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let (owner, manager) = (world.person(&tenant, "ada", Level::Owner), world.person(&tenant, "mia", Level::Manager));
    let account = json!({ "name": "Importer" });
    let account = world.send(Some(&manager), Method::POST, "/v1/service-accounts", account).await;
    let account = account.body["id"].as_str().unwrap().to_owned();
    let key = |permissions: &[&str], account: Option<&str>| {
        let expires = "2027-03-01T00:00:00Z";
        json!({ "name": "Key", "permissions": permissions, "expires": expires, "service_account": account })
    };
    let make = async |body| world.send(Some(&manager), Method::POST, "/v1/api-keys", body).await;
    assert_eq!(make(key(&["audit:read"], None)).await.code(), "denied");
    assert_eq!(make(key(&[], None)).await.code(), "invalid");
    assert_eq!(make(key(&["project:fly"], None)).await.body["errors"][0]["at"], "/permissions/0");
    let made = make(key(&["project:read", "project:create"], Some(&account))).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let bearer = format!("Bearer {}", made.body["secret"].as_str().unwrap());
    let with_key = [("authorization", &*bearer)];
    let list = async || world.send_with(None, Method::GET, "/v1/projects", Value::Null, &with_key).await;
    assert_eq!(list().await.body["items"], json!([]), "it has no role yet");
    let body = json!({ "title": "Nothing" });
    let created = world.send_with(None, Method::POST, "/v1/projects", body.clone(), &with_key).await;
    assert_eq!(created.code(), "denied");

    let admin = json!({ "principal": account, "role": "admin" });
    let given = world.send(Some(&owner), Method::POST, "/v1/assignments", admin).await;
    assert_eq!(given.status, StatusCode::CREATED, "{}", given.body);
    let created = world.send_with(None, Method::POST, "/v1/projects", body, &with_key).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    let roles = world.send_with(None, Method::GET, "/v1/roles", Value::Null, &with_key).await;
    assert_eq!(roles.code(), "denied", "the key was not made for it");
    assert_eq!(make(key(&["project:read"], Some(&account))).await.code(), "denied", "it has more rights than mia");

    let path = format!("/v1/api-keys/{}", made.body["id"].as_str().unwrap());
    let revoked = world.send(Some(&owner), Method::DELETE, &path, Value::Null).await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    assert_eq!(list().await.code(), "unauthenticated");
    let listed = world.send(Some(&owner), Method::GET, &format!("/v1/api-keys?owner={account}"), Value::Null).await;
    assert!(listed.body["items"][0]["revoked"].is_string() && listed.body["items"][0].get("secret").is_none());
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_when_told() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let (ada, ben) = (world.person(&tenant, "ada", Level::Owner), world.person(&tenant, "ben", Level::Viewer));
    let own = world.send(Some(&ben), Method::GET, "/v1/me/sessions", Value::Null).await;
    assert_eq!((own.body["items"].as_array().unwrap().len(), &own.body["items"][0]["current"]), (1, &json!(true)));
    let session = own.body["items"][0]["id"].as_str().unwrap();
    let other = world.send(Some(&ada), Method::DELETE, &format!("/v1/me/sessions/{session}"), Value::Null).await;
    assert_eq!(other.code(), "not_found", "it is not ada's own");
    let others = world.send(Some(&ben), Method::DELETE, "/v1/me/sessions", Value::Null).await;
    assert_eq!(others.status, StatusCode::NO_CONTENT);
    let password = json!({ "old": "not the right one, no", "new": "correct horse battery staple" });
    let wrong = world.send(Some(&ben), Method::POST, "/v1/me/password", password).await;
    assert_eq!(wrong.code(), "wrong_credentials");
    let weak = world.send(Some(&ben), Method::DELETE, &format!("/v1/sessions/{session}"), Value::Null).await;
    assert_eq!(weak.code(), "not_found", "a viewer sees no sessions of the tenant");
    let ended = world.send(Some(&ada), Method::DELETE, &format!("/v1/sessions/{session}"), Value::Null).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert_eq!(world.send(Some(&ben), Method::GET, "/v1/session", Value::Null).await.code(), "unauthenticated");
    world.verify(tenant.id);
}
