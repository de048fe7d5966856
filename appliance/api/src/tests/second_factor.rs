//! Second factors over the API: set up, asked for, shown, required of everyone, lost.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use identity::second_factor;
use model::{Level, SystemTask};
use serde_json::{Value, json};
use store::EventDraft;

use super::world::{Answer, Person, World};

const PASSWORD: &str = "voltmeter sieve glacier";
const OWN: &str = "/v1/me/second-factor";

/// A person with a password, and with the one factor that a sign-in by it shows.
async fn someone(world: &World, name: &str, level: Level) -> Person {
    let tenant = world.services.store.system();
    let tenant = tenancy::by_slug(&tenant.read().unwrap(), "acme").unwrap().unwrap();
    let mut person = world.person(&tenant, name, level);
    let hash = world.services.sign_in.passwords().accept(&PASSWORD.into(), &[], false).unwrap();
    let event = EventDraft::system(SystemTask::SessionLife, person.id.erase());
    let db = world.services.store.tenant(tenant.id).unwrap();
    db.write::<_, identity::PeopleError>(event, |tx| identity::user::set_password(tx, person.id, hash, false, None))
        .unwrap();
    person.cookie = cookie(&sign_in(world, name, None).await);
    person
}

async fn sign_in(world: &World, name: &str, code: Option<&str>) -> Answer {
    let mut body = json!({ "tenant": "acme", "email": format!("{name}@example.org"), "password": PASSWORD });
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    world.send(None, Method::POST, "/v1/session", body).await
}

fn cookie(answer: &Answer) -> String {
    let set = answer.headers["set-cookie"].to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

/// What the app shows.
fn code(world: &World, key: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(key).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    totp.generate(world.services.store.clock().now().millis() / 1_000).to_string()
}

/// Sets one up: the app's key, and the codes on paper.
async fn set_up(world: &World, who: &mut Person) -> (String, Vec<String>) {
    let begun = world.send(Some(who), Method::POST, OWN, json!({ "password": PASSWORD })).await;
    assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.body);
    let key = begun.body["key"].as_str().unwrap().to_owned();
    let now = json!({ "code": code(world, &key) });
    let done = world.send(Some(who), Method::POST, &format!("{OWN}/confirm"), now).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    who.cookie = cookie(&done);
    let codes = done.body["codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    (key, codes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_opens_what_asks_for_one() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mut ada = someone(&world, "ada", Level::Owner).await;
    let dangerous = json!({ "networks": [] });
    let refused = world.send(Some(&ada), Method::PATCH, "/v1/networks", dangerous.clone()).await;
    assert_eq!(refused.code(), "step_up_required");

    let own = world.send(Some(&ada), Method::GET, OWN, Value::Null).await.body;
    assert_eq!(own, json!({ "recovery_codes_left": 0, "required": false }));
    let wrong = world.send(Some(&ada), Method::POST, OWN, json!({ "password": "not it" })).await;
    assert_eq!((wrong.status, &wrong.body["errors"][0]["at"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("/password")));
    let begun = world.send(Some(&ada), Method::POST, OWN, json!({ "password": PASSWORD })).await.body;
    let address = begun["address"].as_str().unwrap();
    assert!(address.starts_with("otpauth://totp/Audiagram:ada%40example.org?"), "{address}");
    let wrong = world.send(Some(&ada), Method::POST, &format!("{OWN}/confirm"), json!({ "code": "000000" })).await;
    assert_eq!((wrong.status, &wrong.body["errors"][0]["at"]), (StatusCode::UNAUTHORIZED, &json!("/code")));
    let old = ada.cookie.clone();
    let (key, papers) = set_up(&world, &mut ada).await;
    assert_eq!(papers.len(), second_factor::RECOVERY_CODES);
    let done = world.send(Some(&ada), Method::PATCH, "/v1/networks", dangerous.clone()).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let session = world.send(Some(&ada), Method::GET, "/v1/session", Value::Null).await.body;
    assert_eq!((&session["assurance_level"], session["second_factor_shown"].is_string()), (&json!(2), true));
    let stale = Person { cookie: old, ..ada.clone() };
    assert_eq!(world.send(Some(&stale), Method::GET, OWN, Value::Null).await.status, StatusCode::UNAUTHORIZED);

    // Signing in takes both, each code once.
    world.pass(Duration::from_secs(60));
    assert_eq!(sign_in(&world, "ada", None).await.code(), "code_needed");
    assert_eq!(sign_in(&world, "ada", Some("000000")).await.body["errors"][0]["at"], "/code");
    let now = code(&world, &key);
    let signed_in = sign_in(&world, "ada", Some(&now)).await;
    assert_eq!(signed_in.status, StatusCode::CREATED, "{}", signed_in.body);
    ada.cookie = cookie(&signed_in);
    assert_eq!(sign_in(&world, "ada", Some(&now)).await.code(), "wrong_credentials");
    assert_eq!(sign_in(&world, "ada", Some(&papers[2])).await.status, StatusCode::CREATED);

    // After a quarter of an hour it is asked for anew.
    world.pass(Duration::from_secs(16 * 60));
    assert_eq!(
        world.send(Some(&ada), Method::PATCH, "/v1/networks", dangerous.clone()).await.code(),
        "step_up_required"
    );
    for (method, path) in [(Method::DELETE, OWN), (Method::POST, "/v1/me/second-factor/recovery-codes")] {
        assert_eq!(world.send(Some(&ada), method, path, Value::Null).await.code(), "step_up_required");
    }
    let shown = json!({ "code": code(&world, &key) });
    let shown = world.send(Some(&ada), Method::POST, "/v1/session/second-factor", shown).await;
    assert_eq!((shown.status, &shown.body["recovery_codes_left"]), (StatusCode::OK, &json!(7)), "{}", shown.body);
    ada.cookie = cookie(&shown);
    assert_eq!(world.send(Some(&ada), Method::PATCH, "/v1/networks", dangerous).await.status, StatusCode::OK);
    let renewed = world.send(Some(&ada), Method::POST, "/v1/me/second-factor/recovery-codes", Value::Null).await;
    assert_eq!((renewed.status, renewed.body["codes"].as_array().map(Vec::len)), (StatusCode::CREATED, Some(8)));
    let rows = world.rows(tenant.id);
    assert_eq!(world.send(Some(&ada), Method::DELETE, OWN, Value::Null).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.rows(tenant.id), rows + 1);
    assert_eq!(world.last_row(tenant.id).detail["second_factor"], "removed");
    assert_eq!(sign_in(&world, "ada", None).await.status, StatusCode::CREATED);
    let trail = format!("{:?}", world.rows_from(tenant.id, 0));
    assert!(!trail.contains(&key) && !papers.iter().any(|paper| trail.contains(paper)));
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_asks_everyone_for_one() {
    let world = World::new();
    world.tenant("acme");
    let mut ada = someone(&world, "ada", Level::Owner).await;
    let mut bob = someone(&world, "bob", Level::Editor).await;
    let rules = "/v1/sign-in-rules";
    assert_eq!(
        world.send(Some(&ada), Method::GET, rules, Value::Null).await.body,
        json!({ "second_factor": "optional" })
    );
    let required = json!({ "second_factor": "required" });
    // Who says so has one, so nobody locks themselves out.
    assert_eq!(world.send(Some(&ada), Method::PATCH, rules, required.clone()).await.code(), "step_up_required");
    set_up(&world, &mut ada).await;
    assert_eq!(world.send(Some(&ada), Method::PATCH, rules, required.clone()).await.body, required);
    assert_eq!(world.send(Some(&ada), Method::GET, "/v1/projects", Value::Null).await.status, StatusCode::OK);

    let refused = world.send(Some(&bob), Method::GET, "/v1/projects", Value::Null).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "second_factor_required"));
    assert_eq!(world.send(Some(&bob), Method::GET, "/v1/session", Value::Null).await.status, StatusCode::OK);
    assert_eq!(world.send(Some(&bob), Method::GET, OWN, Value::Null).await.body["required"], true);
    let (key, _) = set_up(&world, &mut bob).await;
    assert_eq!(world.send(Some(&bob), Method::GET, "/v1/projects", Value::Null).await.status, StatusCode::OK);
    world.pass(Duration::from_secs(60));
    bob.cookie = cookie(&sign_in(&world, "bob", Some(&code(&world, &key))).await);
    assert_eq!(world.send(Some(&bob), Method::GET, "/v1/projects", Value::Null).await.status, StatusCode::OK);
    // A key is no session: what it may is its own.
    let may = json!({ "name": "k", "permissions": ["project:read"], "expires": "2027-03-01T00:00:00Z" });
    let made = world.send(Some(&ada), Method::POST, "/v1/me/api-keys", may).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let bearer = format!("Bearer {}", made.body["secret"].as_str().unwrap());
    let headers = [("authorization", bearer.as_str())];
    let listed = world.send_with(None, Method::GET, "/v1/projects", Value::Null, &headers).await;
    assert_eq!(listed.status, StatusCode::OK, "{}", listed.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_lost_it_is_let_in_by_who_rules_over_them() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let (ada, mut bob) = (someone(&world, "ada", Level::Owner).await, someone(&world, "bob", Level::Admin).await);
    let cal = someone(&world, "cal", Level::Manager).await;
    set_up(&world, &mut bob).await;
    let reset = async |who: &Person, whose: &Person| {
        let path = format!("/v1/members/{}/second-factor", whose.id);
        world.send(Some(who), Method::DELETE, &path, Value::Null).await
    };
    assert_eq!(reset(&cal, &bob).await.status, StatusCode::FORBIDDEN, "a manager is not above an admin");
    assert_eq!(reset(&bob, &bob).await.status, StatusCode::FORBIDDEN, "one's own is removed by showing it");
    assert_eq!(reset(&ada, &cal).await.status, StatusCode::NOT_FOUND);
    assert_eq!(reset(&ada, &bob).await.status, StatusCode::NO_CONTENT);
    let row = world.last_row(tenant.id);
    assert_eq!((row.subject, row.detail["second_factor"].as_str()), (bob.id.erase(), "removed"));
    assert_eq!(world.send(Some(&bob), Method::GET, OWN, Value::Null).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&world, "bob", None).await.status, StatusCode::CREATED);
    world.verify(tenant.id);
}
