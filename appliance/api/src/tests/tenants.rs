//! The life of tenants over the API.

use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use model::Level;
use serde_json::{Value, json};
use store::vault::ErasureReceipt;

use super::world::World;

const PASSWORD: &str = "correct horse battery staple";

#[tokio::test(flavor = "multi_thread")]
async fn from_onboarding_to_the_receipt() {
    let world = World::new();
    let root = world.operator("root");
    let new = json!({ "slug": "acme", "name": "Acme", "plan": "trial", "owner": "ada@example.org" });
    let made = world.send(Some(&root), Method::POST, "/v1/tenants", new.clone()).await;
    assert_eq!((made.status, &made.body["known"]), (StatusCode::CREATED, &json!(false)), "{}", made.body);
    let again = world.send(Some(&root), Method::POST, "/v1/tenants", new).await;
    assert_eq!((&again.body["id"], &again.body["known"]), (&made.body["id"], &json!(true)));
    let other = world.send(Some(&root), Method::POST, "/v1/tenants", json!({ "slug": "acme" })).await;
    assert_eq!(other.code(), "conflict", "another name and plan is another tenant");
    let elsewhere = world.send(Some(&root), Method::POST, "/v1/tenants", json!({ "slug": "b2", "home": "jp" })).await;
    assert_eq!(elsewhere.body["errors"][0]["at"], "/home");
    for slug in ["appliance", "A", "x", "a_b", "ab-"] {
        let refused = world.send(Some(&root), Method::POST, "/v1/tenants", json!({ "slug": slug })).await;
        assert_eq!(refused.code(), "invalid", "{slug}");
    }

    // The owner comes in with the newest code.
    let code = &again.body["invitation"]["code"];
    let accept = json!({ "tenant": "acme", "code": code, "name": "Ada", "password": PASSWORD });
    let accepted = world.send(None, Method::POST, "/v1/invitations/accept", accept).await;
    assert_eq!(accepted.status, StatusCode::CREATED, "{}", accepted.body);
    let sign_in = json!({ "tenant": "acme", "email": "ada@example.org", "password": PASSWORD });
    let signed_in = world.send(None, Method::POST, "/v1/session", sign_in.clone()).await;
    let cookie = signed_in.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let ask = async |path: &str| world.send_with(None, Method::GET, path, Value::Null, &[("cookie", &cookie)]).await;
    assert_eq!(ask("/v1/projects").await.status, StatusCode::OK);

    let body = json!({ "name": "key", "permissions": ["project:read"], "expires": "2027-03-01T00:00:00Z" });
    let made_key = world.send_with(None, Method::POST, "/v1/api-keys", body, &[("cookie", &cookie)]).await;
    let bearer = format!("Bearer {}", made_key.body["secret"].as_str().unwrap());
    let by_key =
        async || world.send_with(None, Method::GET, "/v1/projects", Value::Null, &[("authorization", &bearer)]).await;
    assert_eq!(by_key().await.status, StatusCode::OK);

    let path = format!("/v1/tenants/{}", made.body["id"].as_str().unwrap());
    let to =
        async |verb: &str, body: Value| world.send(Some(&root), Method::POST, &format!("{path}/{verb}"), body).await;
    // Suspended: refused with the next request, whatever it is.
    assert_eq!(to("suspend", json!({ "reason": "unpaid" })).await.body["state"], "suspended");
    for path in ["/v1/projects", "/v1/session", "/v1/tenant"] {
        assert_eq!(ask(path).await.code(), "denied", "{path}");
    }
    assert_eq!(by_key().await.code(), "denied");
    let refused = world.send(None, Method::POST, "/v1/session", sign_in.clone()).await;
    assert_eq!(refused.code(), "wrong_credentials");
    assert_eq!(to("resume", json!({})).await.body["state"], "active");
    assert_eq!(ask("/v1/projects").await.status, StatusCode::OK);

    // Closed: not even known any more, until it is reopened.
    let closed = to("close", json!({ "grace_days": 7 })).await;
    assert_eq!((&closed.body["state"], closed.body["erase_from"].is_string()), (&json!("closed"), true));
    assert_eq!(ask("/v1/projects").await.code(), "unauthenticated");
    assert_eq!(to("suspend", json!({})).await.code(), "conflict");
    assert_eq!(to("reopen", json!({})).await.body["state"], "active");
    assert_eq!(ask("/v1/projects").await.status, StatusCode::OK);
    let rows = world.rows_from(made.body["id"].as_str().unwrap().parse().unwrap(), 0);
    let told: Vec<_> = rows.iter().filter_map(|row| row.detail.get("state").map(String::as_str)).collect();
    assert_eq!(told, ["suspended", "active", "closed", "active"], "its own trail tells it, too");

    // Erased: only with the name, and then for good.
    assert_eq!(to("erase", json!({ "confirm": "acme-inc" })).await.body["errors"][0]["at"], "/confirm");
    assert_eq!(ask("/v1/projects").await.status, StatusCode::OK);
    let status = world.send(Some(&root), Method::GET, &format!("{path}/erasure"), Value::Null).await;
    let key = world.services.store.vault().public_key();
    assert_eq!(status.body, json!({ "state": "active", "public_key": key.to_string() }));
    let erased = to("erase", json!({ "confirm": "acme" })).await;
    assert_eq!((erased.status, &erased.body["state"]), (StatusCode::OK, &json!("erased")), "{}", erased.body);
    let receipt: ErasureReceipt = serde_json::from_value(erased.body["receipt"].clone()).unwrap();
    receipt.verify(&status.body["public_key"].as_str().unwrap().parse().unwrap()).unwrap();
    assert_eq!(ask("/v1/projects").await.code(), "unauthenticated");
    let again = to("erase", json!({ "confirm": "acme" })).await;
    assert_eq!(again.body, erased.body);
    let shown = world.send(Some(&root), Method::GET, &path, Value::Null).await;
    assert_eq!((&shown.body["state"], &shown.body["name"]), (&json!("erased"), &json!("")));
    assert_eq!(to("reopen", json!({})).await.code(), "conflict");
    assert_eq!(world.send(None, Method::POST, "/v1/session", sign_in).await.code(), "wrong_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_batches() {
    let world = World::new();
    let root = world.operator("root");
    let tenants: Vec<_> = (0..60).map(|number| json!({ "slug": format!("t{number:02}"), "plan": "trial" })).collect();
    let made = world.send(Some(&root), Method::POST, "/v1/tenants/batch", json!({ "tenants": tenants })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!(made.body["items"][59]["slug"], "t59");
    let twice = json!({ "tenants": [{ "slug": "new" }, { "slug": "new" }] });
    let refused = world.send(Some(&root), Method::POST, "/v1/tenants/batch", twice).await;
    assert_eq!(refused.code(), "invalid");
    let none = world.send(Some(&root), Method::GET, "/v1/tenants?slug=new", Value::Null).await;
    assert_eq!(none.body["items"], json!([]), "all or none");

    let first = world.send(Some(&root), Method::GET, "/v1/tenants?slug=t1&limit=7", Value::Null).await;
    assert_eq!(first.body["items"][6]["slug"], "t16");
    let path = format!("/v1/tenants?slug=t1&limit=7&after={}", first.body["next"].as_str().unwrap());
    let second = world.send(Some(&root), Method::GET, &path, Value::Null).await;
    assert_eq!((second.body["items"].as_array().unwrap().len(), second.body["next"].is_null()), (3, true));
    let closed = world.send(Some(&root), Method::GET, "/v1/tenants?state=closed&plan=trial", Value::Null).await;
    assert_eq!(closed.body["items"], json!([]));
    for query in ["state=gone", "plan=free", "limit=0", "colour=1", "slug=%00"] {
        let answer = world.send(Some(&root), Method::GET, &format!("/v1/tenants?{query}"), Value::Null).await;
        assert_eq!(answer.code(), "invalid", "{query}");
    }

    let path = format!("/v1/tenants/{}", made.body["items"][0]["id"].as_str().unwrap());
    let read = world.send(Some(&root), Method::GET, &path, Value::Null).await;
    let agreed = json!({ "agreed": {
        "minutes_per_month": 1, "storage_bytes": 2, "max_height_px": 3, "concurrent_jobs": 4, "seats": 5,
        "requests_per_second": 6, "projects": 7,
    } });
    let send = async |body: Value, tag: &str| {
        world.send_with(Some(&root), Method::PATCH, &path, body, &[("if-match", tag)]).await
    };
    let changed = send(agreed, &read.etag()).await;
    assert_eq!((&changed.body["limits"]["projects"], &changed.body["agreed"]), (&json!(7), &json!(true)));
    assert_eq!(send(json!({ "plan": "team" }), &read.etag()).await.code(), "version_mismatch");
    let back = send(json!({ "plan": "team", "agreed": null }), "*").await;
    assert_eq!((&back.body["limits"]["projects"], &back.body["agreed"]), (&json!(1_000), &json!(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sets_and_an_owner_closes() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let (ada, ben) = (world.person(&tenant, "ada", Level::Owner), world.person(&tenant, "ben", Level::Admin));
    let read = world.send(Some(&ben), Method::GET, "/v1/tenant", Value::Null).await;
    assert_eq!((&read.body["slug"], &read.body["settings"]["theme"]), (&json!("acme"), &json!("light")));
    let change = json!({
        "name": "Acme & Co", "theme": "dark", "languages": ["en", "ja"], "classification": "confidential", "recording_days": 90, "usage_days": 400,
    });
    let tag = read.etag();
    let send = async |body: Value, tag: &str| {
        world.send_with(Some(&ben), Method::PATCH, "/v1/tenant", body, &[("if-match", tag)]).await
    };
    let changed = send(change.clone(), &tag).await;
    assert_eq!((&changed.body["name"], &changed.body["version"]), (&json!("Acme & Co"), &json!(2)), "{}", changed.body);
    assert_eq!(world.tenant_of(&ada).name, "Acme & Co");
    assert_eq!(send(change, &tag).await.code(), "version_mismatch");
    let forever = send(json!({ "recording_days": null }), "*").await;
    assert!(forever.body["settings"].get("recording_days").is_none(), "{}", forever.body);
    for (body, at) in [
        (json!({ "theme": "../x" }), "/theme"),
        (json!({ "languages": ["english"] }), "/languages"),
        (json!({ "trash_days": 40_000 }), "/trash_days"),
        (json!({ "recording_days": 0 }), "/recording_days"),
        (json!({ "usage_days": 61 }), "/usage_days"),
        (json!({ "name": "" }), "/name"),
    ] {
        assert_eq!(send(body, "*").await.body["errors"][0]["at"], at);
    }
    // What is made from now on is as secret as was set.
    let project = world.send(Some(&ben), Method::POST, "/v1/projects", json!({ "title": "x" })).await;
    assert_eq!(project.body["classification"], "confidential");

    let close = async |who, body| world.send(Some(who), Method::POST, "/v1/tenant/close", body).await;
    assert_eq!(close(&ben, json!({ "confirm": "acme" })).await.code(), "denied", "an admin does not end it");
    assert_eq!(close(&ada, json!({ "confirm": "Acme" })).await.body["errors"][0]["at"], "/confirm");
    let closed = close(&ada, json!({ "confirm": "acme" })).await;
    assert_eq!((closed.status, &closed.body["state"]), (StatusCode::OK, &json!("closed")), "{}", closed.body);
    let gone = world.send(Some(&ada), Method::GET, "/v1/tenant", Value::Null).await;
    assert_eq!(gone.code(), "unauthenticated");
    assert!(tenancy::erase_due(&world.services.store).unwrap().erased.is_empty());
    world.clock.advance(Duration::from_secs(31 * 86_400));
    assert_eq!(tenancy::erase_due(&world.services.store).unwrap().erased, [tenant.id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_named_and_what_is_freed_can_be_used_again() {
    let world = World::new();
    let (root, tenant) = (world.operator("root"), world.tenant("acme"));
    let ada = world.person(&tenant, "ada", Level::Owner);
    let agreed = tenancy::Limits { projects: 2, seats: 2, ..tenancy::Plan::Team.limits() };
    let path = format!("/v1/tenants/{}", tenant.id);
    let body = json!({ "agreed": {
        "minutes_per_month": agreed.minutes_per_month, "storage_bytes": agreed.storage_bytes, "max_height_px": 1080,
        "concurrent_jobs": 2, "seats": 2, "requests_per_second": 100, "projects": 2,
    } });
    world.send_with(Some(&root), Method::PATCH, &path, body, &[("if-match", "*")]).await;
    let mut last = String::new();
    for _ in 0..2 {
        let made = world.send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": "x" })).await;
        last = format!("/v1/projects/{}", made.body["id"].as_str().unwrap());
    }
    let refused = world.send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": "x" })).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "limit_reached"));
    assert_eq!(refused.body["limit"], json!({ "name": "projects", "allowed": 2, "used": 2 }));
    world.send_with(Some(&ada), Method::PATCH, &last, json!({ "trashed": true }), &[("if-match", "*")]).await;
    world.send_with(Some(&ada), Method::DELETE, &last, Value::Null, &[("if-match", "*")]).await;
    let made = world.send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": "x" })).await;
    assert_eq!(made.status, StatusCode::CREATED);

    let invite = async |name: &str| {
        let body = json!({ "email": format!("{name}@example.org"), "role": "viewer" });
        world.send(Some(&ada), Method::POST, "/v1/invitations", body).await
    };
    let invited = invite("bo").await;
    let accept = json!({ "tenant": "acme", "code": invited.body["code"], "name": "bo", "password": PASSWORD });
    let accepted = world.send(None, Method::POST, "/v1/invitations/accept", accept).await;
    assert_eq!(accepted.status, StatusCode::CREATED);
    assert_eq!(invite("cy").await.body["limit"], json!({ "name": "seats", "allowed": 2, "used": 2 }));
    let usage = world.send(Some(&ada), Method::GET, "/v1/tenant/usage", Value::Null).await;
    assert_eq!(usage.body["month"], "2027-01");
    assert_eq!(usage.body["limits"][0], json!({ "name": "seats", "allowed": 2, "used": 2 }));
    assert_eq!(usage.body["limits"][1], json!({ "name": "projects", "allowed": 2, "used": 2 }));
    let path = format!("/v1/members/{}", accepted.body["user"].as_str().unwrap());
    world.send_with(Some(&ada), Method::DELETE, &path, Value::Null, &[("if-match", "*")]).await;
    let usage = world.send(Some(&ada), Method::GET, "/v1/tenant/usage", Value::Null).await;
    assert_eq!(usage.body["limits"][0]["used"], 1);
    world.verify(tenant.id);
}
