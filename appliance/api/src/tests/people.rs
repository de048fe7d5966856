//! Members, invitations, groups, roles and assignments over the API: who may do what to whom.

use axum::http::{Method, StatusCode};
use model::{Level, SystemTask};
use serde_json::{Value, json};

use super::world::{Answer, Person, World};

const ANY: &[(&str, &str)] = &[("if-match", "*")];

async fn post(world: &World, who: &Person, path: &str, body: Value) -> Answer {
    world.send(Some(who), Method::POST, path, body).await
}

async fn change(world: &World, who: &Person, path: &str, body: Value) -> Answer {
    world.send_with(Some(who), Method::PATCH, path, body, ANY).await
}

fn of(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.code().to_owned())
}

fn denied() -> (u16, String) {
    (403, "denied".to_owned())
}

fn id(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.body["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_offers_more_than_they_have() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let manager = world.person(&tenant, "mia", Level::Manager);
    let invite = async |body: Value| post(&world, &manager, "/v1/invitations", body).await;
    assert_eq!(of(&invite(json!({ "email": "a@example.org", "role": "owner" })).await), denied());
    assert_eq!(of(&invite(json!({ "email": "a@example.org", "role": "admin" })).await), denied());
    let secret = json!({ "email": "a@example.org", "role": "viewer", "clearance": "secret" });
    assert_eq!(of(&invite(secret).await), denied());
    let late = json!({ "email": "a@example.org", "role": "viewer", "expires": "2126-01-01T00:00:00Z" });
    assert_eq!(of(&invite(late).await), (422, "invalid".to_owned()));
    let made = invite(json!({ "email": "a@example.org", "role": "editor" })).await;
    let path = format!("/v1/invitations/{}", id(&made));
    let code = made.body["code"].as_str().unwrap().to_owned();
    assert_eq!(of(&invite(json!({ "email": "a@example.org", "role": "editor" })).await), (409, "conflict".to_owned()));

    let owner = world.person(&tenant, "ada", Level::Owner);
    let high = id(&post(&world, &owner, "/v1/invitations", json!({ "email": "b@example.org", "role": "owner" })).await);
    let again = post(&world, &manager, &format!("/v1/invitations/{high}/code"), json!({})).await;
    assert_eq!(of(&again), denied(), "who has the code has the role");

    let renewed = post(&world, &manager, &format!("{path}/code"), json!({})).await;
    let accept = |code: &str| json!({ "tenant": "acme", "code": code, "name": "Ann", "password": "correct horse battery staple" });
    let old = world.send(None, Method::POST, "/v1/invitations/accept", accept(&code)).await;
    assert_eq!(old.code(), "wrong_credentials");
    let new = renewed.body["code"].as_str().unwrap();
    let accepted = world.send(None, Method::POST, "/v1/invitations/accept", accept(new)).await;
    assert_eq!(accepted.status, StatusCode::CREATED, "{}", accepted.body);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_does_nothing_to_an_owner() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let (owner, admin) = (world.person(&tenant, "ada", Level::Owner), world.person(&tenant, "ben", Level::Admin));
    let path = format!("/v1/members/{}", owner.id);
    for body in [json!({ "suspended": true }), json!({ "email": "ben2@example.org" }), json!({ "clearance": "public" })]
    {
        assert_eq!(of(&change(&world, &admin, &path, body).await), denied());
    }
    let removed = world.send_with(Some(&admin), Method::DELETE, &path, Value::Null, ANY).await;
    assert_eq!(of(&removed), denied());
    assert_eq!(of(&change(&world, &owner, &path, json!({ "clearance": "restricted" })).await), denied());
    // The last owner stays.
    assert_eq!(change(&world, &owner, &path, json!({ "suspended": true })).await.code(), "conflict");
    let removed = world.send_with(Some(&owner), Method::DELETE, &path, Value::Null, ANY).await;
    assert_eq!(removed.code(), "conflict");

    let path = format!("/v1/members/{}", admin.id);
    let read = world.send(Some(&owner), Method::GET, &path, Value::Null).await;
    let stale = [("if-match", "\"7\"")];
    let late = world.send_with(Some(&owner), Method::PATCH, &path, json!({ "name": "B" }), &stale).await;
    assert_eq!(late.code(), "version_mismatch");
    let tag = [("if-match", &*read.etag())];
    let suspended = world.send_with(Some(&owner), Method::PATCH, &path, json!({ "suspended": true }), &tag).await;
    assert_eq!(suspended.body["state"], "suspended", "{}", suspended.body);
    let after = world.send(Some(&admin), Method::GET, "/v1/session", Value::Null).await;
    assert_eq!(after.code(), "unauthenticated");
    assert_eq!(change(&world, &owner, &path, json!({ "suspended": false })).await.body["state"], "active");
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_with_rights_is_no_ladder() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let (owner, manager) = (world.person(&tenant, "ada", Level::Owner), world.person(&tenant, "mia", Level::Manager));
    let group = id(&post(&world, &owner, "/v1/groups", json!({ "name": "Admins" })).await);
    let members = format!("/v1/groups/{group}/members");
    let me = json!({ "user": manager.id.to_string() });
    assert_eq!(post(&world, &manager, &members, me.clone()).await.status, StatusCode::NO_CONTENT);
    let out = world.send(Some(&manager), Method::DELETE, &format!("{members}/{}", manager.id), Value::Null).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    id(&post(&world, &owner, "/v1/assignments", json!({ "principal": group, "role": "admin" })).await);
    assert_eq!(of(&post(&world, &manager, &members, me.clone()).await), denied());
    let delete =
        world.send_with(Some(&manager), Method::DELETE, &format!("/v1/groups/{group}"), Value::Null, ANY).await;
    assert_eq!(of(&delete), denied());

    assert_eq!(post(&world, &owner, &members, me).await.status, StatusCode::NO_CONTENT);
    let path = "/v1/permissions/report?principal=".to_owned() + &manager.id.to_string();
    let report = world.send(Some(&owner), Method::GET, &path, Value::Null).await;
    let groups: Vec<_> = report.body["paths"].as_array().unwrap().iter().map(|path| path["group"].as_str()).collect();
    assert!(groups.contains(&Some(&*group)) && groups.contains(&None), "{}", report.body);
    let csv = world.send_with(Some(&owner), Method::GET, &path, Value::Null, &[("accept", "text/csv")]).await;
    assert!(csv.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    // What was seen then can be compared with what is now.
    let changes = async |query: &str, accept: &str| {
        let path = format!("/v1/permissions/changes?{query}");
        world.send_with(Some(&owner), Method::GET, &path, Value::Null, &[("accept", accept)]).await
    };
    let unknown = changes("from=2026-01-01", "*/*").await;
    assert_eq!((unknown.body.get("since"), &unknown.body["changes"]), (None, &json!([])));
    let permit = world.services.gate.system(SystemTask::RightsHistory, tenant.id, tenant.id.erase()).unwrap();
    assert!(library::rights::look(permit, world.services.store.clock().now()).unwrap());
    let delete = world.send_with(Some(&owner), Method::DELETE, &format!("/v1/groups/{group}"), Value::Null, ANY).await;
    assert_eq!(delete.status, StatusCode::NO_CONTENT);
    let lost = changes("from=2026-01-01", "*/*").await;
    let one = &lost.body["changes"][0];
    assert_eq!((one["principal"].as_str(), &one["gained"]), (Some(&*manager.id.to_string()), &json!([])));
    assert!(one["lost"].as_array().unwrap().contains(&json!("role:assign")), "{}", lost.body);
    let csv = changes("from=2026-01-01", "text/csv").await;
    assert!(csv.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    assert_eq!(changes("from=2026-01-02&to=2026-01-01", "*/*").await.code(), "invalid");
    assert_eq!(changes("from=yesterday", "*/*").await.code(), "invalid");
    let report = world.send(Some(&owner), Method::GET, &path, Value::Null).await;
    assert_eq!(report.body["paths"].as_array().unwrap().len(), 1);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_counts_with_the_next_request() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let (owner, viewer) = (world.person(&tenant, "ada", Level::Owner), world.person(&tenant, "vic", Level::Viewer));
    let ask = format!("/v1/permissions/simulation?principal={}&permission=project:create", viewer.id);
    let may = async || world.send(Some(&owner), Method::GET, &ask, Value::Null).await.body["allowed"].clone();
    assert_eq!(may().await, false);
    let role = json!({ "name": "Makers", "permissions": ["project:create"] });
    let role = id(&post(&world, &owner, "/v1/roles", role).await);
    let principal = viewer.id.to_string();
    let given = post(&world, &owner, "/v1/assignments", json!({ "principal": principal, "role": role })).await;
    assert_eq!(may().await, true);
    let project = json!({ "title": "Mine" });
    let project = id(&post(&world, &viewer, "/v1/projects", project).await);
    let delete = world.send_with(Some(&owner), Method::DELETE, &format!("/v1/roles/{role}"), Value::Null, ANY).await;
    assert_eq!(delete.code(), "conflict", "it is given to someone");
    let path = format!("/v1/assignments/{}", id(&given));
    assert_eq!(world.send(Some(&owner), Method::DELETE, &path, Value::Null).await.status, StatusCode::NO_CONTENT);
    assert_eq!(post(&world, &viewer, "/v1/projects", json!({ "title": "No" })).await.code(), "denied");

    for (body, code) in [
        (json!({ "principal": principal, "role": "king" }), "invalid"),
        (json!({ "principal": project, "role": "viewer" }), "invalid"),
        (json!({ "principal": "usr_00000000000000000000000001", "role": "viewer" }), "not_found"),
        (json!({ "principal": principal, "role": "editor", "expires": "2020-01-01T00:00:00Z" }), "invalid"),
    ] {
        assert_eq!(post(&world, &owner, "/v1/assignments", body.clone()).await.code(), code, "{body}");
    }
    let shares = format!("/v1/projects/{project}/shares");
    let shared = post(&world, &owner, &shares, json!({ "principal": principal, "role": "editor" })).await;
    let listed = world.send(Some(&owner), Method::GET, &shares, Value::Null).await;
    assert_eq!(listed.body["items"][0]["id"], id(&shared));
    let path = format!("{shares}/{}", id(&shared));
    assert_eq!(world.send(Some(&owner), Method::DELETE, &path, Value::Null).await.status, StatusCode::NO_CONTENT);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_role_can_be_moved() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let owner = world.person(&tenant, "ada", Level::Owner);
    let ben = world.newcomer(&tenant, "ben");
    let new = json!({ "principal": ben.id.to_string(), "role": "viewer", "expires": "2027-02-01T00:00:00Z" });
    let given = post(&world, &owner, "/v1/assignments", new).await;
    let path = format!("/v1/assignments/{}", given.body["id"].as_str().unwrap());
    let end = async |who: &Person, path: &str, expires: Value| {
        world.send(Some(who), Method::PATCH, path, json!({ "expires": expires })).await
    };
    let later = end(&owner, &path, json!("2027-05-01T00:00:00Z")).await;
    assert_eq!(
        (later.status, &later.body["expires"]),
        (StatusCode::OK, &json!("2027-05-01T00:00:00Z")),
        "{}",
        later.body
    );
    let row = world.last_row(tenant.id);
    assert_eq!((row.action.code(), row.detail.contains_key("expired")), ("role:assign", true));
    let for_good = end(&owner, &path, Value::Null).await;
    assert_eq!((for_good.status, for_good.body.get("expires")), (StatusCode::OK, None));
    assert_eq!(
        end(&owner, &path, json!("2001-01-01T00:00:00Z")).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "past"
    );
    let silent = world.send(Some(&owner), Method::PATCH, &path, json!({})).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY, "to say nothing is not for good");
    assert!([403, 404].contains(&end(&ben, &path, Value::Null).await.status.as_u16()), "nobody prolongs their own");

    // Somebody must answer for the workspace on that day too.
    let listed = world.send(Some(&owner), Method::GET, "/v1/assignments", Value::Null).await;
    let mut roles = listed.body["items"].as_array().unwrap().iter();
    let own = roles.find(|role| role["role"] == json!("owner")).unwrap()["id"].as_str().unwrap().to_owned();
    let last = end(&owner, &format!("/v1/assignments/{own}"), json!("2027-05-01T00:00:00Z")).await;
    assert_eq!(last.status, StatusCode::CONFLICT, "{}", last.body);

    let project = post(&world, &owner, "/v1/projects", json!({ "title": "Orders" })).await;
    let shares = format!("/v1/projects/{}/shares", project.body["id"].as_str().unwrap());
    let share = post(&world, &owner, &shares, json!({ "principal": ben.id.to_string(), "role": "editor" })).await;
    let path = format!("{shares}/{}", share.body["id"].as_str().unwrap());
    let ends = end(&owner, &path, json!("2027-06-01T00:00:00Z")).await;
    assert_eq!((ends.status, &ends.body["expires"]), (StatusCode::OK, &json!("2027-06-01T00:00:00Z")), "{}", ends.body);
    world.verify(tenant.id);
}
