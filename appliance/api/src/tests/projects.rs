//! Projects over the API.

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};

use super::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_life_of_a_project() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Manager);
    let made = world
        .send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": "  Orders ", "labels": { "team": "ops" } }))
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!((made.body["title"].as_str(), made.body["version"].as_u64()), (Some("Orders"), Some(1)));
    let path = format!("/v1/projects/{}", made.body["id"].as_str().unwrap());

    let read = world.send(Some(&ada), Method::GET, &path, Value::Null).await;
    assert_eq!(read.body, made.body);
    let again = world.send_with(Some(&ada), Method::GET, &path, Value::Null, &[("if-none-match", &read.etag())]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);

    let change = json!({ "title": "Orders, 2027" });
    let blind = world.send(Some(&ada), Method::PATCH, &path, change.clone()).await;
    assert_eq!(blind.code(), "precondition_required");
    let changed =
        world.send_with(Some(&ada), Method::PATCH, &path, change.clone(), &[("if-match", &read.etag())]).await;
    assert_eq!(changed.body["version"], 2);
    let late = world.send_with(Some(&ada), Method::PATCH, &path, change, &[("if-match", &read.etag())]).await;
    assert_eq!((late.status, late.code()), (StatusCode::PRECONDITION_FAILED, "version_mismatch"));

    let hasty = world.send_with(Some(&ada), Method::DELETE, &path, Value::Null, &[("if-match", "*")]).await;
    assert_eq!(hasty.code(), "invalid", "only what lies in the trash can be removed");
    world.send_with(Some(&ada), Method::PATCH, &path, json!({ "trashed": true }), &[("if-match", "*")]).await;
    let listed = world.send(Some(&ada), Method::GET, "/v1/projects", Value::Null).await;
    assert_eq!(listed.body["items"], json!([]));
    let trash = world.send(Some(&ada), Method::GET, "/v1/projects?trashed=true", Value::Null).await;
    assert_eq!(trash.body["items"][0]["title"], "Orders, 2027");
    let gone = world.send_with(Some(&ada), Method::DELETE, &path, Value::Null, &[("if-match", "*")]).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(world.send(Some(&ada), Method::GET, &path, Value::Null).await.status, StatusCode::NOT_FOUND);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_show_what_one_may_see_and_count_nothing_else() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Manager);
    for number in 0..7 {
        let secrecy = if number % 2 == 0 { "internal" } else { "restricted" };
        let body = json!({ "title": format!("P{number}"), "classification": secrecy });
        world.send(Some(&ada), Method::POST, "/v1/projects", body).await;
    }
    let mut seen = Vec::new();
    let mut path = "/v1/projects?limit=2".to_owned();
    loop {
        let page = world.send(Some(&ada), Method::GET, &path, Value::Null).await;
        seen.extend(
            page.body["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page.body["next"].as_str() else { break };
        path = format!("/v1/projects?limit=2&after={next}");
    }
    assert_eq!(seen, ["P6", "P4", "P2", "P0"], "confidential clearance does not see restricted things");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_in_one_project_opens_that_one_only_and_goes_with_the_next_request() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Manager);
    let ben = world.person(&tenant, "ben", Level::Billing);
    let mut ids = Vec::new();
    for title in ["One", "Two"] {
        let made = world.send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": title })).await;
        ids.push(made.body["id"].as_str().unwrap().to_owned());
    }
    let path = |id: &str| format!("/v1/projects/{id}");
    assert_eq!(world.send(Some(&ben), Method::GET, &path(&ids[0]), Value::Null).await.status, StatusCode::NOT_FOUND);
    world.give(&ben, Some(ids[0].parse().unwrap()), Level::Viewer);
    assert_eq!(world.send(Some(&ben), Method::GET, &path(&ids[0]), Value::Null).await.status, StatusCode::OK);
    assert_eq!(world.send(Some(&ben), Method::GET, &path(&ids[1]), Value::Null).await.status, StatusCode::NOT_FOUND);
    let list = world.send(Some(&ben), Method::GET, "/v1/projects", Value::Null).await;
    assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
    let change =
        world.send_with(Some(&ben), Method::PATCH, &path(&ids[0]), json!({ "title": "x" }), &[("if-match", "*")]).await;
    assert_eq!(change.code(), "denied", "seen but not to be changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_make_no_sense() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let deep = "[".repeat(10_000);
    for (body, code) in [
        (json!({}), "invalid"),
        (json!({ "title": "" }), "invalid"),
        (json!({ "title": "x".repeat(201) }), "invalid"),
        (json!({ "title": "a\u{0}b" }), "invalid"),
        (json!({ "title": "x", "colour": 1 }), "invalid"),
        (json!({ "title": "x", "classification": "cosmic" }), "invalid"),
        (json!([]), "invalid"),
        (json!({ "title": deep }), "invalid"),
    ] {
        let answer = world.send(Some(&ada), Method::POST, "/v1/projects", body.clone()).await;
        assert_eq!(answer.code(), code, "{body}: {}", answer.body);
    }
    // The harness sends values; these are none.
    for (text, part) in [
        (r#"{"title":"a","title":"b"}"#.to_owned(), "twice"),
        (r#"{"title":"a","labels":{"x":"1","x":"2"}}"#.to_owned(), "twice"),
        (format!(r#"{{"title":{deep}"#), "deeper"),
        (r#"{"title":"a"} {}"#.to_owned(), "trailing"),
        ("{\"title\":\"\u{1}\"}".to_owned(), "control"),
        ("\u{feff}{}".to_owned(), "expected"),
    ] {
        let answer = world.send_text(&ada, "/v1/projects", text).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "bad_request"), "{}", answer.body);
        assert!(answer.body["detail"].as_str().unwrap().contains(part), "{}", answer.body);
    }
    for query in ["limit=0", "limit=201", "limit=x", "after=%21", "colour=1"] {
        let answer = world.send(Some(&ada), Method::GET, &format!("/v1/projects?{query}"), Value::Null).await;
        assert_eq!(answer.code(), "invalid", "{query}: {}", answer.body);
    }
    let plain = [("content-type", "text/plain")];
    let answer = world.send_with(Some(&ada), Method::POST, "/v1/projects", Value::Null, &plain).await;
    assert_eq!(answer.code(), "unsupported_media_type");
    let answer = world.send(Some(&ada), Method::GET, "/v1/projects/prj_x", Value::Null).await;
    assert_eq!(answer.code(), "not_found");
    let answer = world.send(Some(&ada), Method::PUT, "/v1/projects", json!({})).await;
    assert_eq!(answer.code(), "method_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_from_another_site_are_refused() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let headers = [("sec-fetch-site", "cross-site")];
    // The harness says same-origin; the header of the attack comes second and must not help.
    let answer = world.send_with(Some(&ada), Method::POST, "/v1/projects", json!({ "title": "x" }), &headers).await;
    assert_eq!(answer.code(), "cross_site", "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn some_fields_only() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    for number in 0..3 {
        world.send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": format!("P{number}") })).await;
    }
    let ask = async |path: String| world.send(Some(&ada), Method::GET, &path, Value::Null).await;
    let list = ask("/v1/projects?limit=2&fields=id,title".into()).await;
    let (items, id) = (list.body["items"].as_array().unwrap(), list.body["items"][0]["id"].clone());
    assert_eq!(items[0], json!({ "id": id, "title": "P2" }));
    assert_eq!(items.len(), 2);
    let next = ask(format!("/v1/projects?fields=title&after={}", list.body["next"].as_str().unwrap())).await;
    assert_eq!(next.body, json!({ "items": [{ "title": "P0" }] }));
    let one = ask(format!("/v1/projects/{}?fields=version%2Cid", id.as_str().unwrap())).await;
    assert_eq!(one.body, json!({ "id": id, "version": 1 }));
    assert_eq!(one.etag(), "\"1\"");
    for bad in ["fields=", "fields=colour", "fields=id,id%00", "fields=id&fields=title", "fields", "fields=id, title"] {
        let answer = ask(format!("/v1/projects?{}", bad.replace(' ', "%20"))).await;
        assert_eq!((answer.code(), answer.body["errors"][0]["at"].as_str()), ("invalid", Some("fields")), "{bad}");
    }
    let stranger = world.send(None, Method::GET, "/v1/projects?fields=colour", Value::Null).await;
    assert_eq!(stranger.code(), "unauthenticated", "who may not come in does not learn what is wrong");
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_and_paths_that_are_none() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    for (method, path) in
        [("PUT", "/v1/projects"), ("OPTIONS", "/v1/projects"), ("TRACE", "/v1/projects"), ("FOO", "/livez")]
    {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = world.send(Some(&ada), method.clone(), path, Value::Null).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"), "{method}");
        let allowed = answer.headers["allow"].to_str().unwrap();
        assert!(allowed.contains("GET") && allowed.contains("HEAD"), "{allowed}");
    }
    let head = world.send(Some(&ada), Method::HEAD, "/v1/projects", Value::Null).await;
    assert_eq!((head.status, head.body), (StatusCode::OK, Value::Null));
    // Any Accept gets what there is, which browsers do not guess at.
    let html = [("accept", "text/html")];
    let answer = world.send_with(Some(&ada), Method::GET, "/v1/projects", Value::Null, &html).await;
    assert_eq!(
        (&answer.headers["content-type"], &answer.headers["x-content-type-options"]),
        (&"application/json".parse().unwrap(), &"nosniff".parse().unwrap())
    );
    for path in
        ["/v1/projects/", "//v1/projects", "/v1//projects", "/V1/projects", "/v1/projects/../session", "/v1/%70rojects"]
    {
        let answer = world.send(Some(&ada), Method::GET, path, Value::Null).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, "not_found"), "{path}");
    }
    // Another method by header or query is the method it was sent with.
    let sly = [("x-http-method-override", "DELETE")];
    let answer =
        world.send_with(Some(&ada), Method::POST, "/v1/projects?_method=DELETE", json!({ "title": "x" }), &sly).await;
    assert_eq!(answer.status, StatusCode::CREATED);
}
