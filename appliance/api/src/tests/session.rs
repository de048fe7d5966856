//! Signing in and out over the API.

use axum::http::{Method, StatusCode, header};
use identity::{Email, NewInvitation, PeopleError, invitation};
use model::{Classification, Level, SystemTask};
use serde_json::{Value, json};
use store::EventDraft;
use tenancy::Tenant;

use super::world::World;
use crate::services::realm;

pub(super) const PASSWORD: &str = "correct horse battery staple";

pub(super) fn invite(world: &World, tenant: &Tenant, email: &str, level: Level) -> String {
    let db = world.services.store.tenant(tenant.id).unwrap();
    let event = EventDraft::system(SystemTask::TenantCreate, tenant.id.erase());
    let (token, _) = db
        .write::<_, PeopleError>(event, |tx| {
            let expires = tx.now().after(std::time::Duration::from_secs(86_400));
            let email = Email::parse(email).unwrap();
            let new = NewInvitation { email, level, project: None, clearance: Classification::Internal, expires };
            invitation::create(tx, &realm(tenant), tenant.id.erase(), new)
        })
        .unwrap();
    token.reveal().expose().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_an_invitation_to_a_session_and_out() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let code = invite(&world, &tenant, "ada@example.org", Level::Editor);
    let accept = json!({ "tenant": "acme", "code": code, "name": "Ada", "password": PASSWORD });
    let weak = world
        .send(
            None,
            Method::POST,
            "/v1/invitations/accept",
            json!({ "tenant": "acme", "code": code, "name": "Ada", "password": "short" }),
        )
        .await;
    assert_eq!(weak.code(), "invalid", "{}", weak.body);
    let accepted = world.send(None, Method::POST, "/v1/invitations/accept", accept.clone()).await;
    assert_eq!(accepted.status, StatusCode::CREATED, "{}", accepted.body);
    let again = world.send(None, Method::POST, "/v1/invitations/accept", accept).await;
    assert_eq!(again.code(), "wrong_credentials", "an invitation is good once");

    let wrong = json!({ "tenant": "acme", "email": "ada@example.org", "password": "wrong horse battery staple" });
    assert_eq!(world.send(None, Method::POST, "/v1/session", wrong).await.code(), "wrong_credentials");
    let elsewhere = json!({ "tenant": "nowhere", "email": "ada@example.org", "password": PASSWORD });
    assert_eq!(world.send(None, Method::POST, "/v1/session", elsewhere).await.code(), "wrong_credentials");
    let right = json!({ "tenant": "acme", "email": "ADA@example.org", "password": PASSWORD });
    let signed_in = world.send(None, Method::POST, "/v1/session", right).await;
    assert_eq!(signed_in.status, StatusCode::CREATED, "{}", signed_in.body);
    let cookie = signed_in.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    for part in ["__Host-", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let cookie = cookie.split(';').next().unwrap();
    let me = world.send_with(None, Method::GET, "/v1/session", Value::Null, &[("cookie", cookie)]).await;
    assert_eq!(me.body["kind"], "user");
    assert_eq!(me.body["permissions"].as_array().unwrap().len(), Level::Editor.permissions().len());
    let out = world.send_with(None, Method::DELETE, "/v1/session", Value::Null, &[("cookie", cookie)]).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    let after = world.send_with(None, Method::GET, "/v1/session", Value::Null, &[("cookie", cookie)]).await;
    assert_eq!(after.code(), "unauthenticated");
    world.verify(tenant.id);
}
