//! Operators: listed, invited, removed, and never without one.

use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use identity::Realm;
use model::Level;
use serde_json::{Value, json};

use super::world::World;

const PASSWORD: &str = "voltmeter sieve glacier";
const INVITATIONS: &str = "/v1/operator-invitations";

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_invites_another_who_can_be_removed() {
    let world = World::new();
    let root = world.operator("root");
    let rows = world.rows(Realm::SYSTEM);
    let made = world.send(Some(&root), Method::POST, INVITATIONS, json!({ "email": "two@example.org" })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!(world.rows(Realm::SYSTEM), rows + 1);
    let row = world.last_row(Realm::SYSTEM);
    assert_eq!((row.action.code(), row.detail["alarm"].as_str()), ("system:configure", "operator_invited"));
    let open = world.send(Some(&root), Method::GET, INVITATIONS, Value::Null).await.body;
    assert_eq!((&open["items"][0]["email"], &open["items"][0]["code"]), (&json!("two@example.org"), &Value::Null));

    let code = made.body["code"].clone();
    let offer = json!({ "tenant": "appliance", "code": code });
    let offer = world.send(None, Method::POST, "/v1/invitations/open", offer).await;
    assert_eq!(offer.body["email"], "two@example.org", "{}", offer.body);
    let accept = json!({ "tenant": "appliance", "code": code, "name": "Two", "password": PASSWORD });
    let joined = world.send(None, Method::POST, "/v1/invitations/accept", accept.clone()).await;
    assert_eq!(joined.status, StatusCode::CREATED, "{}", joined.body);
    assert_eq!(world.rows(Realm::SYSTEM), rows + 2);
    assert_eq!(world.last_row(Realm::SYSTEM).detail["alarm"], "operator_joined");
    let again = world.send(None, Method::POST, "/v1/invitations/accept", accept).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED, "a code is good once");
    let sign_in = json!({ "tenant": "appliance", "email": "two@example.org", "password": PASSWORD });
    let signed_in = world.send(None, Method::POST, "/v1/session", sign_in).await;
    let cookie = signed_in.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let two = [("cookie", cookie.as_str())];
    let who = world.send_with(None, Method::GET, "/v1/session", Value::Null, &two).await.body;
    assert_eq!(who["kind"], "operator");
    // Who has one factor makes no more of their kind.
    let more = json!({ "email": "three@example.org" });
    let refused = world.send_with(None, Method::POST, INVITATIONS, more, &two).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "step_up_required"));

    let listed = world.send(Some(&root), Method::GET, "/v1/operators", Value::Null).await.body;
    let names: Vec<_> = listed["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Two", "root"]);
    assert_eq!((&listed["items"][0]["second_factor"], &listed["items"][0]["sessions"]), (&json!(false), &json!(1)));
    let path = format!("/v1/operators/{}", joined.body["user"].as_str().unwrap());
    let stale = world.send_with(Some(&root), Method::DELETE, &path, Value::Null, &[("if-match", "\"9\"")]).await;
    assert_eq!(stale.code(), "version_mismatch");
    let rows = world.rows(Realm::SYSTEM);
    let removed = world.send_with(Some(&root), Method::DELETE, &path, Value::Null, &[("if-match", "\"1\"")]).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT, "{}", removed.body);
    assert_eq!(world.rows(Realm::SYSTEM), rows + 1);
    let gone = world.send_with(None, Method::GET, "/v1/session", Value::Null, &two).await;
    assert_eq!(gone.status, StatusCode::UNAUTHORIZED);
    world.verify(Realm::SYSTEM);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_operator_stays() {
    let world = World::new();
    let root = world.operator("root");
    let (path, any) = (format!("/v1/operators/{}", root.id), [("if-match", "*")]);
    let last = world.send_with(Some(&root), Method::DELETE, &path, Value::Null, &any).await;
    assert_eq!((last.status, last.code()), (StatusCode::CONFLICT, "conflict"), "{}", last.body);
    world.operator("two");
    // A second factor that was shown a while ago is not enough.
    world.pass(Duration::from_secs(16 * 60));
    let stale = world.send_with(Some(&root), Method::DELETE, &path, Value::Null, &any).await;
    assert_eq!(stale.code(), "step_up_required");
    assert_eq!(world.console(None, Method::GET, "/v1/operators", Value::Null).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_know_nothing_of_operators() {
    let world = World::new();
    let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    let root = world.operator("root");
    let email = json!({ "email": "ada@example.org" });
    for (method, path) in [
        (Method::GET, "/v1/operators".to_owned()),
        (Method::GET, INVITATIONS.to_owned()),
        (Method::POST, INVITATIONS.to_owned()),
        (Method::DELETE, format!("/v1/operators/{}", root.id)),
    ] {
        let refused = world.send_with(Some(&ada), method, &path, email.clone(), &[("if-match", "*")]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
    }
    let made = world.send(Some(&root), Method::POST, INVITATIONS, email).await.body;
    let path = format!("{INVITATIONS}/{}", made["id"].as_str().unwrap());
    assert_eq!(world.send(Some(&root), Method::DELETE, &path, Value::Null).await.status, StatusCode::NO_CONTENT);
    let accept = json!({ "tenant": "appliance", "code": made["code"], "name": "Ada", "password": PASSWORD });
    let late = world.send(None, Method::POST, "/v1/invitations/accept", accept).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED, "it was taken back");
}
