//! The first operator.

use axum::http::{Method, StatusCode, header};
use identity::{PeopleError, Realm, setup};
use model::SystemTask;
use serde_json::{Value, json};
use store::EventDraft;

use super::world::World;

const PASSWORD: &str = "correct horse battery staple";

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_the_console_makes_one_operator_who_can_sign_in() {
    let world = World::new();
    let system = world.services.store.system();
    let event = EventDraft::system(SystemTask::SessionLife, system.log());
    let hour = std::time::Duration::from_secs(3_600);
    let code = system.write::<_, PeopleError>(event, |tx| setup::begin(tx, hour)).unwrap();
    let body = |code: &str| json!({ "code": code, "name": "Root", "email": "root@example.org", "password": PASSWORD });

    let wrong = world.send(None, Method::POST, "/v1/setup", body("00000-00000-00000-00000-00000")).await;
    assert_eq!((wrong.status, wrong.code()), (StatusCode::UNAUTHORIZED, "wrong_credentials"));
    let made = world.send(None, Method::POST, "/v1/setup", body(code.expose())).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let again = world.send(None, Method::POST, "/v1/setup", body(code.expose())).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED, "a code is good once");

    let sign_in = json!({ "tenant": "appliance", "email": "root@example.org", "password": PASSWORD });
    let signed_in = world.send(None, Method::POST, "/v1/session", sign_in).await;
    assert_eq!(signed_in.status, StatusCode::CREATED, "{}", signed_in.body);
    let cookie = signed_in.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let headers = [("cookie", cookie.as_str())];
    let who = world.send_with(None, Method::GET, "/v1/session", Value::Null, &headers).await;
    assert_eq!(who.body["kind"], "operator", "{}", who.body);
    let permissions = who.body["permissions"].as_array().unwrap();
    assert!(permissions.iter().all(|code| code.as_str().unwrap().starts_with("system:")), "{permissions:?}");
    let projects = world.send_with(None, Method::GET, "/v1/projects", Value::Null, &headers).await;
    assert_eq!(projects.status, StatusCode::FORBIDDEN);
    let out = world.send_with(None, Method::DELETE, "/v1/session", Value::Null, &headers).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    world.verify(Realm::SYSTEM);
}

#[test]
fn no_tenant_can_have_the_name_of_the_operators_door() {
    let world = World::new();
    let new = tenancy::NewTenant {
        slug: tenancy::APPLIANCE.into(),
        name: "x".into(),
        home: world.services.region,
        plan: tenancy::Plan::Team,
    };
    let event = EventDraft::system(SystemTask::TenantCreate, world.services.store.system().log());
    assert!(matches!(tenancy::create(&world.services.store, event, new), Err(tenancy::CreateError::Slug(_))));
}
