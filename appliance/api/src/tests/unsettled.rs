//! Sessions after a change of rights, passwords that must be changed, seats, keys of one's own, uses that wait.

use axum::http::{Method, StatusCode};
use identity::{PeopleError, Secret, user};
use model::{Level, SystemTask, Timestamp};
use serde_json::{Value, json};
use store::EventDraft;

use super::world::{Answer, Person, World};

fn cookie(answer: &Answer) -> Option<String> {
    let cookie = answer.headers.get("set-cookie")?.to_str().unwrap();
    Some(cookie.split(';').next().unwrap().to_owned())
}

async fn me(world: &World, cookie: &str) -> Answer {
    world.send_with(None, Method::GET, "/v1/session", Value::Null, &[("cookie", cookie)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_gets_a_new_token_when_rights_change() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let (owner, ben) = (world.person(&tenant, "ada", Level::Owner), world.person(&tenant, "ben", Level::Viewer));
    let later = |seconds: u64| world.clock.set(Timestamp::from_millis(1_800_000_000_000 + seconds * 1_000));
    assert_eq!(cookie(&world.send(Some(&ben), Method::GET, "/v1/session", Value::Null).await), None);
    later(1);
    let give = json!({ "principal": ben.id.to_string(), "role": "editor" });
    assert_eq!(world.send(Some(&owner), Method::POST, "/v1/assignments", give).await.status, StatusCode::CREATED);
    later(2);
    let first = world.send(Some(&ben), Method::GET, "/v1/session", Value::Null).await;
    let new = cookie(&first).expect("a new cookie");
    assert_eq!(world.last_row(tenant.id).action.code(), "task:auth.session");
    let rows = world.rows(tenant.id);
    // Requests under way with the old token still count for a while, and renew nothing.
    let second = world.send(Some(&ben), Method::GET, "/v1/session", Value::Null).await;
    assert_eq!((second.status, cookie(&second)), (StatusCode::OK, None));
    assert_eq!((me(&world, &new).await.status, world.rows(tenant.id)), (StatusCode::OK, rows));
    later(60);
    let old = world.send(Some(&ben), Method::GET, "/v1/session", Value::Null).await;
    assert_eq!(old.code(), "unauthenticated");
    assert_eq!(cookie(&me(&world, &new).await), None);

    // A role of a group is one of each member's.
    let group = world.send(Some(&owner), Method::POST, "/v1/groups", json!({ "name": "Team" })).await;
    let group = group.body["id"].as_str().unwrap().to_owned();
    let member = json!({ "user": ben.id.to_string() });
    world.send(Some(&owner), Method::POST, &format!("/v1/groups/{group}/members"), member).await;
    later(70);
    let joined = cookie(&me(&world, &new).await).expect("joining is a change");
    later(80);
    let given = json!({ "principal": group, "role": "manager" });
    let given = world.send(Some(&owner), Method::POST, "/v1/assignments", given).await;
    later(90);
    let through = cookie(&me(&world, &joined).await).expect("the group was given a role");
    assert_eq!(cookie(&me(&world, &through).await), None);
    later(100);
    let path = format!("/v1/assignments/{}", given.body["id"].as_str().unwrap());
    assert_eq!(world.send(Some(&owner), Method::DELETE, &path, Value::Null).await.status, StatusCode::NO_CONTENT);
    later(110);
    assert!(cookie(&me(&world, &through).await).is_some(), "it was taken back");
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_of_another_must_be_changed_first() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ben = world.person(&tenant, "ben", Level::Editor);
    let old = "voltmeter sieve glacier";
    let hash = world.services.sign_in.passwords().accept(&Secret::from(old), &[], false).unwrap();
    let db = world.services.store.tenant(tenant.id).unwrap();
    let sign_in = json!({ "tenant": "acme", "email": "ben@example.org", "password": old });
    let set = |must_change| {
        let event = EventDraft::system(SystemTask::SessionLife, ben.id.erase());
        let hash = hash.clone();
        db.write::<_, PeopleError>(event, |tx| user::set_password(tx, ben.id, hash, must_change, None)).unwrap();
    };
    set(true);
    let signed_in = world.send(None, Method::POST, "/v1/session", sign_in).await;
    assert_eq!(signed_in.body["must_change_password"], true);
    let session = cookie(&signed_in).unwrap();
    let with =
        |cookie: String| move |method: Method, path: &'static str, body: Value| (method, path, body, cookie.clone());
    let call = with(session.clone());
    let send = async |(method, path, body, cookie): (Method, &str, Value, String)| {
        world.send_with(None, method, path, body, &[("cookie", &cookie)]).await
    };
    for path in ["/v1/projects", "/v1/me/sessions", "/v1/me/api-keys", "/v1/mentions"] {
        let refused = world.send_with(None, Method::GET, path, Value::Null, &[("cookie", &session)]).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "password_change_required"), "{path}");
    }
    assert_eq!(send(call(Method::GET, "/v1/session", Value::Null)).await.status, StatusCode::OK);
    let change = json!({ "old": old, "new": "correct horse battery staple" });
    let changed = send(call(Method::POST, "/v1/me/password", change)).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.body);
    let session = cookie(&changed).unwrap();
    let open = world.send_with(None, Method::GET, "/v1/projects", Value::Null, &[("cookie", &session)]).await;
    assert_eq!(open.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_has_so_many_seats() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let owner = world.person(&tenant, "ada", Level::Owner);
    let seats = |count: u32| {
        let event = EventDraft::system(SystemTask::TenantLife, tenant.id.erase());
        let agreed = Some(tenancy::Limits { seats: count, ..tenant.limits() });
        let tenant = tenancy::Tenant { agreed, ..tenant.clone() };
        world.services.store.system().write::<_, store::WriteError>(event, |tx| tx.put(&tenant)).unwrap();
    };
    let invite = async |name: &str| {
        let body = json!({ "email": format!("{name}@example.org"), "role": "viewer" });
        world.send(Some(&owner), Method::POST, "/v1/invitations", body).await
    };
    seats(3);
    let (one, two) = (invite("one").await, invite("two").await);
    assert_eq!((one.status, two.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(invite("three").await.code(), "limit_reached", "one user and two open offers");
    seats(2);
    let accept = async |code: &Value| {
        let body = json!({ "tenant": "acme", "code": code, "name": "New", "password": "correct horse battery staple" });
        world.send(None, Method::POST, "/v1/invitations/accept", body).await
    };
    let accepted = accept(&one.body["code"]).await;
    assert_eq!(accepted.status, StatusCode::CREATED, "{}", accepted.body);
    assert_eq!(accept(&two.body["code"]).await.code(), "limit_reached", "the plan has become smaller");
    let path = format!("/v1/members/{}", accepted.body["user"].as_str().unwrap());
    let removed = world.send_with(Some(&owner), Method::DELETE, &path, Value::Null, &[("if-match", "*")]).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(accept(&two.body["code"]).await.status, StatusCode::CREATED, "a seat is free again");
    // Offers past their time take no seat.
    seats(3);
    assert_eq!(invite("four").await.status, StatusCode::CREATED);
    assert_eq!(invite("five").await.code(), "limit_reached");
}

#[tokio::test(flavor = "multi_thread")]
async fn anyone_revokes_their_own_keys() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let (mia, max) = (world.person(&tenant, "mia", Level::Manager), world.person(&tenant, "max", Level::Manager));
    let key = json!({ "name": "Mine", "permissions": ["project:read"], "expires": "2027-03-01T00:00:00Z" });
    let made = world.send(Some(&mia), Method::POST, "/v1/api-keys", key).await;
    let (id, secret) = (made.body["id"].as_str().unwrap(), made.body["secret"].as_str().unwrap());
    let revoke = async |who: &Person, path: &str| world.send(Some(who), Method::DELETE, path, Value::Null).await;
    assert_eq!(revoke(&mia, &format!("/v1/api-keys/{id}")).await.code(), "denied", "that is for administrators");
    assert_eq!(revoke(&max, &format!("/v1/me/api-keys/{id}")).await.code(), "not_found", "it is not his");
    let own = world.send(Some(&mia), Method::GET, "/v1/me/api-keys", Value::Null).await;
    assert_eq!(own.body["items"][0]["id"], id);
    assert_eq!(revoke(&mia, &format!("/v1/me/api-keys/{id}")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.last_row(tenant.id).subject.to_string(), id);
    let bearer = format!("Bearer {secret}");
    let after = world.send_with(None, Method::GET, "/v1/projects", Value::Null, &[("authorization", &bearer)]).await;
    assert_eq!(after.code(), "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn uses_are_stored_before_a_file_is_closed() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let start = 1_800_000_000_000;
    world.clock.set(Timestamp::from_millis(start + 120_000));
    world.send(Some(&ada), Method::GET, "/v1/session", Value::Null).await;
    let rows = world.rows(tenant.id);
    let rest = |at: u64| {
        world.clock.set(Timestamp::from_millis(start + at));
        world.services.rest();
        world.services.store.open_files()
    };
    assert_eq!(rest(130_000), 1, "it was used just now");
    assert_eq!(rest(600_000), 1, "what waits is stored first");
    assert_eq!(rest(1_200_000), 0);
    assert_eq!(world.rows(tenant.id), rows + 1);
    let own = world.send(Some(&ada), Method::GET, "/v1/me/sessions", Value::Null).await;
    assert_eq!(own.status, StatusCode::OK, "used at two minutes, it still lives at twenty: {}", own.body);
    // On the way down what waits is stored too.
    world.clock.set(Timestamp::from_millis(start + 1_300_000));
    world.send(Some(&ada), Method::GET, "/v1/session", Value::Null).await;
    let rows = world.rows(tenant.id);
    world.services.settle();
    assert_eq!(world.rows(tenant.id), rows + 1);
    world.services.settle();
    assert_eq!(world.rows(tenant.id), rows + 1, "nothing waits any more");
}
