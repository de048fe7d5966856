//! The console of the machine, and the keys of those who run it.

use axum::http::{Method, StatusCode, header};
use identity::Realm;
use model::Level;
use serde_json::{Value, json};

use super::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_console_acts_as_owner_of_a_tenant_and_every_row_says_so() {
    let world = World::new();
    let acme = world.tenant("acme");
    let invited = json!({ "email": "ada@example.org", "role": "owner", "clearance": "restricted" });
    let made = world.console(Some("acme"), Method::POST, "/v1/invitations", invited).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let row = world.last_row(acme.id);
    assert_eq!(row.action.code(), "member:invite");
    assert_eq!((row.detail["break_glass"].as_str(), row.detail["console"].as_str()), ("true", "true"));
    assert!(row.credential.is_none());
    // What asks for a second factor, too: whoever is here holds the appliance's key.
    let user = world.person(&acme, "bob", Level::Viewer).id.to_string();
    let given = json!({ "principal": user, "role": "owner" });
    let given = world.console(Some("acme"), Method::POST, "/v1/assignments", given).await;
    assert_eq!(given.status, StatusCode::CREATED, "{}", given.body);
    world.verify(acme.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_tenant_the_console_is_an_operator_and_no_more() {
    let world = World::new();
    world.tenant("acme");
    let who = world.console(None, Method::GET, "/v1/session", Value::Null).await;
    assert_eq!(who.body["kind"], "operator", "{}", who.body);
    assert_eq!(world.console(None, Method::GET, "/v1/projects", Value::Null).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        world.console(Some("none"), Method::GET, "/v1/projects", Value::Null).await.status,
        StatusCode::NOT_FOUND
    );
    let keys = world.console(None, Method::GET, "/v1/me/api-keys", Value::Null).await;
    assert_eq!((keys.status, keys.code()), (StatusCode::CONFLICT, "conflict"));
}

#[tokio::test(flavor = "multi_thread")]
async fn over_https_the_consoles_header_means_nothing() {
    let world = World::new();
    let (acme, _) = (world.tenant("acme"), world.tenant("other"));
    let header = [(crate::TENANT_HEADER, "acme")];
    let answer = world.send_with(None, Method::GET, "/v1/members", Value::Null, &header).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let eve = world.person(&world.tenant("third"), "eve", Level::Owner);
    let answer = world.send_with(Some(&eve), Method::GET, "/v1/members", Value::Null, &header).await;
    assert_eq!(answer.body["items"].as_array().unwrap().len(), 1, "{}", answer.body);
    assert_eq!(answer.body["items"][0]["email"], "eve@example.org");
    assert_eq!(world.rows(acme.id), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_make_keys_by_signing_in_and_not_with_a_key() {
    let world = World::new();
    let root = world.operator("root");
    let body =
        |permission: &str| json!({ "name": "ops", "permissions": [permission], "expires": "2027-03-01T00:00:00Z" });
    let beyond = world.send(Some(&root), Method::POST, "/v1/me/api-keys", body("project:read")).await;
    assert_eq!(beyond.status, StatusCode::FORBIDDEN, "{}", beyond.body);
    let rows = world.rows(Realm::SYSTEM);
    let made = world.send(Some(&root), Method::POST, "/v1/me/api-keys", body("system:read")).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!(world.rows(Realm::SYSTEM), rows + 1);
    let bearer = format!("Bearer {}", made.body["secret"].as_str().unwrap());
    let headers = [(header::AUTHORIZATION.as_str(), bearer.as_str())];
    let who = world.send_with(None, Method::GET, "/v1/session", Value::Null, &headers).await;
    assert_eq!((who.body["kind"].as_str(), who.body["permissions"].as_array().unwrap().len()), (Some("operator"), 1));
    let another = world.send_with(None, Method::POST, "/v1/me/api-keys", body("system:read"), &headers).await;
    assert_eq!((another.status, another.code()), (StatusCode::FORBIDDEN, "denied"));
    let own = world.send(Some(&root), Method::GET, "/v1/me/api-keys", Value::Null).await;
    assert_eq!(own.body["items"][0]["id"], made.body["id"]);
    let path = format!("/v1/me/api-keys/{}", made.body["id"].as_str().unwrap());
    let other = world.operator("other");
    assert_eq!(world.send(Some(&other), Method::DELETE, &path, Value::Null).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.send(Some(&root), Method::DELETE, &path, Value::Null).await.status, StatusCode::NO_CONTENT);
    let gone = world.send_with(None, Method::GET, "/v1/session", Value::Null, &headers).await;
    assert_eq!(gone.status, StatusCode::UNAUTHORIZED);
    world.verify(Realm::SYSTEM);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_tenant_a_key_of_ones_own_takes_the_permission() {
    let world = World::new();
    let acme = world.tenant("acme");
    let body = json!({ "name": "mine", "permissions": ["project:read"], "expires": "2027-03-01T00:00:00Z" });
    let viewer = world.person(&acme, "vera", Level::Viewer);
    let refused = world.send(Some(&viewer), Method::POST, "/v1/me/api-keys", body.clone()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(world.last_row(acme.id).outcome, model::Outcome::Denied);
    let admin = world.person(&acme, "adam", Level::Admin);
    assert_eq!(world.send(Some(&admin), Method::POST, "/v1/me/api-keys", body).await.status, StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_password_is_good_for_choosing_another_only() {
    let world = World::new();
    let acme = world.tenant("acme");
    let admin = world.person(&acme, "adam", Level::Admin);
    let user = world.person(&acme, "vera", Level::Viewer);
    let path = format!("/v1/members/{}/password", user.id);
    let reset = world.send(Some(&admin), Method::POST, &path, json!({})).await;
    assert_eq!(reset.status, StatusCode::CREATED, "{}", reset.body);
    assert_eq!(world.send(Some(&user), Method::GET, "/v1/session", Value::Null).await.status, StatusCode::UNAUTHORIZED);
    let sign_in = json!({ "tenant": "acme", "email": "vera@example.org", "password": reset.body["password"] });
    let signed_in = world.send(None, Method::POST, "/v1/session", sign_in).await;
    assert_eq!(signed_in.body["must_change_password"], true, "{}", signed_in.body);
    let cookie = signed_in.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let headers = [("cookie", cookie.as_str())];
    let projects = world.send_with(None, Method::GET, "/v1/projects", Value::Null, &headers).await;
    assert_eq!((projects.status, projects.code()), (StatusCode::FORBIDDEN, "password_change_required"));
    let change = json!({ "old": reset.body["password"], "new": "correct horse battery staple" });
    let changed = world.send_with(None, Method::POST, "/v1/me/password", change, &headers).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.body);
    let cookie = changed.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let projects = world.send_with(None, Method::GET, "/v1/projects", Value::Null, &[("cookie", &cookie)]).await;
    assert_eq!(projects.status, StatusCode::OK);
    // One's own takes the old one.
    let own = format!("/v1/members/{}/password", admin.id);
    assert_eq!(world.send(Some(&admin), Method::POST, &own, json!({})).await.status, StatusCode::FORBIDDEN);
}
