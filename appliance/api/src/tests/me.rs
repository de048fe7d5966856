//! What people say of themselves, and how they want to be told.

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};

use super::world::{Answer, Person, World};

async fn patch(world: &World, who: &Person, path: &str, base: &str, body: Value) -> Answer {
    world.send_with(Some(who), Method::PATCH, path, body, &[("if-match", base)]).await
}

async fn get(world: &World, who: &Person, path: &str) -> Answer {
    world.send(Some(who), Method::GET, path, Value::Null).await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_say_what_they_are_called() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    // Who has no role at all has a name all the same.
    let vic = world.newcomer(&tenant, "vic");
    let own = get(&world, &vic, "/v1/me").await;
    assert_eq!((&own.body["name"], &own.body["email"]), (&json!("vic"), &json!("vic@example.org")), "{}", own.body);
    let (rows, version) = (world.rows(tenant.id), own.body["version"].to_string());
    let called = patch(&world, &vic, "/v1/me", &format!("\"{version}\""), json!({ "name": " Vi\u{301}c " })).await;
    assert_eq!((called.status, &called.body["name"]), (StatusCode::OK, &json!("Víc")), "{}", called.body);
    assert_eq!(world.rows(tenant.id), rows + 1);
    let row = world.last_row(tenant.id);
    assert_eq!((row.action.code(), row.actor), ("task:member.profile", Some(vic.id.erase())));
    assert_eq!(get(&world, &ada, &format!("/v1/members/{}", vic.id)).await.body["name"], "Víc");

    // What was read before is too old; what is no name is none; the rest is not one's own to say.
    let stale = patch(&world, &vic, "/v1/me", &format!("\"{version}\""), json!({ "name": "Vera" })).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED, "{}", stale.body);
    for name in ["", " ", "a\nb", "a\u{202E}b", &"x".repeat(101)] {
        assert_eq!(patch(&world, &vic, "/v1/me", "*", json!({ "name": name })).await.code(), "invalid", "{name:?}");
    }
    for body in [json!({ "email": "other@example.org" }), json!({ "clearance": "secret" }), json!({ "locked": false })]
    {
        assert_eq!(patch(&world, &vic, "/v1/me", "*", body).await.code(), "invalid");
    }
    assert_eq!(world.rows(tenant.id), rows + 1);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_and_keys_say_nothing_of_people() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let key = json!({ "name": "Mine", "permissions": ["project:read"], "expires": "2027-03-01T00:00:00Z" });
    let key = world.send(Some(&ada), Method::POST, "/v1/me/api-keys", key).await;
    let bearer = format!("Bearer {}", key.body["secret"].as_str().unwrap());
    let by_key = [("authorization", bearer.as_str()), ("if-match", "*")];
    let own = world.send_with(None, Method::GET, "/v1/me", Value::Null, &by_key).await;
    assert_eq!(own.body["name"], "ada", "{}", own.body);
    for (path, body) in [("/v1/me", json!({ "name": "Eve" })), ("/v1/me/notifications", json!({ "language": "de" }))] {
        let refused = world.send_with(None, Method::PATCH, path, body, &by_key).await;
        assert_eq!(refused.code(), "conflict", "{}", refused.body);
    }
    let account = world.send(Some(&ada), Method::POST, "/v1/service-accounts", json!({ "name": "CI" })).await;
    let mut key = json!({ "name": "CI", "permissions": ["project:read"], "expires": "2027-03-01T00:00:00Z" });
    key["service_account"] = account.body["id"].clone();
    let key = world.send(Some(&ada), Method::POST, "/v1/api-keys", key).await;
    let bearer = format!("Bearer {}", key.body["secret"].as_str().unwrap_or_else(|| panic!("{}", key.body)));
    for path in ["/v1/me", "/v1/me/notifications"] {
        let refused = world.send_with(None, Method::GET, path, Value::Null, &[("authorization", &bearer)]).await;
        assert_eq!(refused.code(), "conflict", "{}", refused.body);
    }
    // Operators are people too.
    let root = world.operator("root");
    let called = patch(&world, &root, "/v1/me", "*", json!({ "name": "Grace Hopper" })).await;
    assert_eq!(called.body["name"], "Grace Hopper", "{}", called.body);
    world.verify(root.tenant);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_say_how_they_want_to_be_told() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let vic = world.newcomer(&tenant, "vic");
    let path = "/v1/me/notifications";
    let first = get(&world, &vic, path).await.body;
    assert_eq!((&first["mails"], &first["language"], &first["version"]), (&json!(false), &Value::Null, &json!(1)));
    let of = |body: &Value, what: &str| {
        let items = body["items"].as_array().unwrap();
        let one = items.iter().find(|one| one["happening"] == what).unwrap();
        (one["inbox"].as_bool().unwrap(), one["mail"].as_bool().unwrap())
    };
    assert_eq!(first["items"].as_array().unwrap().len(), 11);
    assert_eq!((of(&first, "comment.made"), of(&first, "video.made")), ((true, true), (true, false)));

    let rows = world.rows(tenant.id);
    let body = json!({ "language": "de", "items": [{ "happening": "comment.made", "mail": false }] });
    let changed = patch(&world, &vic, path, "\"1\"", body).await.body;
    assert_eq!((of(&changed, "comment.made"), &changed["language"]), ((true, false), &json!("de")), "{changed}");
    let body = json!({ "items": [{ "happening": "comment.made", "inbox": false }] });
    assert_eq!(patch(&world, &vic, path, "\"1\"", body.clone()).await.status, StatusCode::PRECONDITION_FAILED);
    let changed = patch(&world, &vic, path, "\"2\"", body).await.body;
    assert_eq!((of(&changed, "comment.made"), of(&changed, "comment.reply")), ((false, false), (true, true)));
    assert_eq!(get(&world, &vic, path).await.body, changed);
    assert_eq!(world.rows(tenant.id), rows + 2);
    let row = world.last_row(tenant.id);
    assert_eq!(row.detail.get("comment.made").map(String::as_str), Some("inbox off, mail off"));

    for body in [
        json!({ "language": "fr" }),
        json!({ "items": [{ "happening": "webhook.test", "mail": false }] }),
        json!({ "items": [{ "happening": "comment.made", "sms": true }] }),
        json!({ "items": vec![json!({ "happening": "comment.made" }); 12] }),
    ] {
        assert_eq!(patch(&world, &vic, path, "*", body).await.code(), "invalid");
    }
    world.verify(tenant.id);
}
