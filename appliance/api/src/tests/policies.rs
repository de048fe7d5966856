//! What tenants ask of sessions and of passwords, over the API.

use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use identity::{PeopleError, user};
use model::{Level, SystemTask};
use serde_json::{Value, json};
use store::EventDraft;

use super::world::{Answer, Person, World};

const SESSIONS: &str = "/v1/session-rules";
const PASSWORDS: &str = "/v1/password-rules";
const OWN: &str = "/v1/me/password-rules";
const FIRST: &str = "voltmeter sieve glacier";
const DAY: Duration = Duration::from_secs(24 * 3_600);

async fn change(world: &World, who: &Person, path: &str, version: u64, body: Value) -> Answer {
    let tag = format!("\"{version}\"");
    world.send_with(Some(who), Method::PATCH, path, body, &[("if-match", &tag)]).await
}

async fn get(world: &World, who: &Person, path: &str) -> Answer {
    world.send(Some(who), Method::GET, path, Value::Null).await
}

fn set_password(world: &World, who: &Person) {
    let hash = world.services.sign_in.passwords().accept(&FIRST.into(), &[], false).unwrap();
    let event = EventDraft::system(SystemTask::SessionLife, who.id.erase());
    let db = world.services.store.tenant(who.tenant).unwrap();
    db.write::<_, PeopleError>(event, |tx| user::set_password(tx, who.id, hash, false, None)).unwrap();
}

async fn sign_in(world: &World, name: &str, password: &str) -> Answer {
    let body = json!({ "tenant": "acme", "email": format!("{name}@example.org"), "password": password });
    world.send(None, Method::POST, "/v1/session", body).await
}

fn cookie(answer: &Answer) -> String {
    answer.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
}

fn fault(answer: &Answer) -> (StatusCode, &str) {
    (answer.status, answer.body["errors"][0]["at"].as_str().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_has_stricter_rules_for_sessions() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let now = get(&world, &ada, SESSIONS).await;
    assert_eq!((now.status, &now.headers["etag"]), (StatusCode::OK, &header::HeaderValue::from_static("\"0\"")));
    let bounds = json!({
        "idle_s": { "least": 60, "most": 1_800 }, "absolute_s": { "least": 900, "most": 43_200 },
        "step_up_s": { "least": 60, "most": 900 }, "per_user": { "least": 1, "most": 50 },
    });
    assert_eq!(now.body, json!({ "bounds": bounds, "version": 0 }));

    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    for (body, at) in [
        (json!({ "idle_s": 1_801 }), "/idle_s"),
        (json!({ "absolute_s": 60 }), "/absolute_s"),
        (json!({ "step_up_s": 3_600 }), "/step_up_s"),
        (json!({ "per_user": 0 }), "/per_user"),
        (json!({ "absolute_s": 900, "idle_s": 1_200 }), "/idle_s"),
    ] {
        assert_eq!(fault(&change(&world, &ada, SESSIONS, 0, body).await), (invalid, at));
    }
    let rows = world.rows(tenant.id);
    let strict = json!({ "idle_s": 600, "step_up_s": 300, "per_user": 2 });
    let changed = change(&world, &ada, SESSIONS, 0, strict).await;
    assert_eq!((changed.status, &changed.body["version"]), (StatusCode::OK, &json!(1)), "{}", changed.body);
    assert_eq!(world.rows(tenant.id), rows + 1);
    let row = world.last_row(tenant.id);
    assert_eq!((row.action.code(), row.detail["idle_s"].as_str()), ("authpolicy:manage", "none to 600"));
    assert_eq!(change(&world, &ada, SESSIONS, 0, json!({})).await.code(), "version_mismatch");
    let blind = world.send(Some(&ada), Method::PATCH, SESSIONS, json!({})).await;
    assert_eq!(blind.code(), "precondition_required");

    // What asks for a fresh second factor asks after five minutes.
    world.pass(Duration::from_secs(301));
    assert_eq!(change(&world, &ada, SESSIONS, 1, json!({ "per_user": null })).await.code(), "step_up_required");
    let session = get(&world, &ada, "/v1/session").await.body;
    assert_eq!((&session["assurance_level"], &session["second_factor_shown"]), (&json!(2), &Value::Null));
    // After ten in which nothing was asked for she is signed out.
    world.pass(Duration::from_secs(600));
    assert_eq!(get(&world, &ada, SESSIONS).await.status, StatusCode::UNAUTHORIZED);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_beyond_a_persons_share_end() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let (ada, ben) = (world.person(&tenant, "ada", Level::Owner), world.person(&tenant, "ben", Level::Editor));
    set_password(&world, &ben);
    let mut browsers = Vec::new();
    for _ in 0..3 {
        browsers.push(cookie(&sign_in(&world, "ben", FIRST).await));
    }
    let own = async |cookie: &str| {
        let headers = [("cookie", cookie)];
        world.send_with(None, Method::GET, "/v1/me/sessions", Value::Null, &headers).await
    };
    assert_eq!(own(&browsers[0]).await.body["items"].as_array().unwrap().len(), 3);
    assert_eq!(change(&world, &ada, SESSIONS, 0, json!({ "per_user": 2 })).await.status, StatusCode::OK);
    assert_eq!(own(&browsers[0]).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(own(&browsers[1]).await.body["items"].as_array().unwrap().len(), 2);
    browsers.push(cookie(&sign_in(&world, "ben", FIRST).await));
    assert_eq!(own(&browsers[1]).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(own(&browsers[2]).await.status, StatusCode::OK);
    // The end that is shown is the one that holds.
    let hour = json!({ "absolute_s": 3_600 });
    assert_eq!(change(&world, &ada, SESSIONS, 1, hour).await.status, StatusCode::OK);
    assert_eq!(own(&browsers[2]).await.body["items"][0]["expires"], "2027-01-15T09:00:00Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_has_stricter_rules_for_passwords() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let (ada, mut ben) = (world.person(&tenant, "ada", Level::Owner), world.person(&tenant, "ben", Level::Editor));
    set_password(&world, &ben);
    ben.cookie = cookie(&sign_in(&world, "ben", FIRST).await);
    assert_eq!(get(&world, &ben, PASSWORDS).await.status, StatusCode::FORBIDDEN, "words are for who lays them down");
    let plain = json!({ "min_chars": 15, "blocked_words": 0, "remembered": 0 });
    assert_eq!(get(&world, &ben, OWN).await.body, plain);

    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    for (body, at) in [
        (json!({ "min_chars": 14 }), "/min_chars"),
        (json!({ "remembered": 11 }), "/remembered"),
        (json!({ "max_age_days": 0 }), "/max_age_days"),
        (json!({ "blocked": ["rocket", "x!"] }), "/blocked/1"),
        (json!({ "blocked": (0..101).map(|at| format!("word{at}")).collect::<Vec<_>>() }), "/blocked"),
    ] {
        assert_eq!(fault(&change(&world, &ada, PASSWORDS, 0, body).await), (invalid, at));
    }
    let rows = world.rows(tenant.id);
    let strict = json!({ "min_chars": 20, "blocked": ["Rocket"], "remembered": 2 });
    let changed = change(&world, &ada, PASSWORDS, 0, strict).await;
    assert_eq!((changed.status, &changed.body["version"]), (StatusCode::OK, &json!(1)), "{}", changed.body);
    assert_eq!(world.rows(tenant.id), rows + 1);
    assert_eq!(change(&world, &ada, PASSWORDS, 0, json!({})).await.code(), "version_mismatch");
    assert_eq!(get(&world, &ben, OWN).await.body["blocked_words"], 1);

    let choose = async |ben: &Person, old: &str, new: &str| {
        world.send(Some(ben), Method::POST, "/v1/me/password", json!({ "old": old, "new": new })).await
    };
    for (new, says) in [
        ("kvzx qwpj mtrh lbn", "at least 20 characters"),
        ("kvzx qwpj r0cket mtrh", "\"Rocket\""),
        (FIRST, "common words"),
    ] {
        let refused = choose(&ben, FIRST, new).await;
        assert_eq!(fault(&refused), (invalid, "/new"), "{}", refused.body);
        assert!(refused.body["detail"].as_str().unwrap().contains(says), "{}", refused.body);
    }
    let mut old = FIRST;
    for new in ["kvzx qwpj mtrh lbnd wfgs", "summer dragon teapot lamp"] {
        let done = choose(&ben, old, new).await;
        assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.body);
        (ben.cookie, old) = (cookie(&done), new);
    }
    let refused = choose(&ben, old, FIRST).await;
    assert!(refused.body["detail"].as_str().unwrap().contains("used before"), "{}", refused.body);
    let done = choose(&ben, old, "heute regnet es bindfäden").await;
    ben.cookie = cookie(&done);
    assert_eq!(choose(&ben, "heute regnet es bindfäden", FIRST).await.status, StatusCode::NO_CONTENT);
    let trail = format!("{:?}", world.rows_from(tenant.id, 0));
    assert!(!trail.contains("Rocket") && !trail.contains("kvzx"));
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_invited_is_told_what_their_password_must_be() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    change(&world, &ada, PASSWORDS, 0, json!({ "min_chars": 24, "blocked": ["rocket"] })).await;
    let invited = json!({ "email": "new@example.org", "role": "viewer" });
    let code = world.send(Some(&ada), Method::POST, "/v1/invitations", invited).await.body["code"].clone();
    let open = async |tenant: &str, code: &Value| {
        world.send(None, Method::POST, "/v1/invitations/open", json!({ "tenant": tenant, "code": code })).await
    };
    let rows = world.rows(tenant.id);
    let offer = open("acme", &code).await;
    assert_eq!(offer.status, StatusCode::OK, "{}", offer.body);
    assert_eq!((&offer.body["tenant"], &offer.body["email"]), (&json!("acme"), &json!("new@example.org")));
    assert_eq!(offer.body["password"], json!({ "min_chars": 24, "blocked_words": 1, "remembered": 0 }));
    assert_eq!(open("acme", &json!("x")).await.code(), "wrong_credentials");
    assert_eq!(open("other", &code).await.code(), "wrong_credentials");
    assert_eq!(world.rows(tenant.id), rows, "looking changes nothing");
    let accept = async |password: &str| {
        let body = json!({ "tenant": "acme", "code": code, "name": "New", "password": password });
        world.send(None, Method::POST, "/v1/invitations/accept", body).await
    };
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    assert_eq!(fault(&accept("kvzx qwpj mtrh lbnd").await), (invalid, "/password"));
    assert_eq!(fault(&accept("kvzx rocket mtrh lbnd wfgs").await), (invalid, "/password"));
    assert_eq!(accept("kvzx qwpj mtrh lbnd wfgs").await.status, StatusCode::CREATED);
    assert_eq!(open("acme", &code).await.code(), "wrong_credentials", "it is used up");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_password_is_changed_at_the_door() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let (ada, ben) = (world.person(&tenant, "ada", Level::Owner), world.person(&tenant, "ben", Level::Editor));
    set_password(&world, &ben);
    change(&world, &ada, PASSWORDS, 0, json!({ "max_age_days": 90 })).await;
    let signed_in = sign_in(&world, "ben", FIRST).await;
    assert_eq!(signed_in.body["must_change_password"], false, "{}", signed_in.body);
    world.pass(90 * DAY);
    let signed_in = sign_in(&world, "ben", FIRST).await;
    let body = &signed_in.body;
    assert_eq!((&body["must_change_password"], &body["password_too_old"]), (&json!(true), &json!(true)));
    let old = Person { cookie: cookie(&signed_in), ..ben };
    let refused = get(&world, &old, "/v1/projects").await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "password_change_required"));
    assert!(refused.body["detail"].as_str().unwrap().contains("older"), "{}", refused.body);
    let asked = get(&world, &old, OWN).await.body;
    assert_eq!((&asked["max_age_days"], &asked["change_by"]), (&json!(90), &json!("2027-04-15T08:00:00Z")));
    let new = json!({ "old": FIRST, "new": "summer dragon teapot lamp" });
    let done = world.send(Some(&old), Method::POST, "/v1/me/password", new).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.body);
    let renewed = Person { cookie: cookie(&done), ..old };
    assert_eq!(get(&world, &renewed, "/v1/projects").await.status, StatusCode::OK);
    world.verify(tenant.id);
}
