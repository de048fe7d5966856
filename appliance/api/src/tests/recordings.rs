//! Recordings over the API.

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};

use super::{
    uploads::{content, project, sha256},
    world::{Person, World},
};

#[tokio::test(flavor = "multi_thread")]
async fn ranges_of_a_file() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Editor);
    let project = project(&world, &ada, "Orders").await;
    // More than a piece in memory, and no whole number of chunks.
    let file = content(700_001, 5);
    let recording = world.upload(&ada, &project, "Grüße.m4a", &file).await;
    let path = format!("/v1/recordings/{recording}/media");
    let get =
        async |headers: &[(&str, &str)]| world.send_with(Some(&ada), Method::GET, &path, Value::Null, headers).await;

    let whole = get(&[]).await;
    assert_eq!((whole.status, &whole.bytes), (StatusCode::OK, &file));
    let tag = format!("\"{}\"", sha256(&file));
    for (name, value) in [
        ("etag", tag.as_str()),
        ("accept-ranges", "bytes"),
        ("content-length", "700001"),
        ("content-type", "audio/mp4"),
        ("content-disposition", "attachment; filename=\"Gr__e.m4a\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.m4a"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(whole.headers[name], value, "{name}");
    }
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=0-65535", 0, 65_536),
        ("bytes=65535-65536", 65_535, 65_537),
        ("bytes=400000-", 400_000, 700_001),
        ("bytes=-1", 700_000, 700_001),
        ("bytes=-300000", 400_001, 700_001),
        ("bytes=699999-900000", 699_999, 700_001),
    ] {
        let part = get(&[("range", range)]).await;
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert!(part.bytes == file[from..to], "{range}");
        assert_eq!(part.headers["content-range"], format!("bytes {from}-{}/700001", to - 1));
        assert_eq!(part.headers["content-length"], (to - from).to_string());
    }
    let beyond = get(&[("range", "bytes=700001-")]).await;
    assert_eq!((beyond.status, beyond.code()), (StatusCode::RANGE_NOT_SATISFIABLE, "range_not_satisfiable"));
    assert_eq!(beyond.headers["content-range"], "bytes */700001");
    let many = get(&[("range", "bytes=0-1,5-6")]).await;
    assert_eq!((many.status, many.bytes.len()), (StatusCode::OK, file.len()), "several ranges: the whole");
    let same = get(&[("range", "bytes=0-1"), ("if-range", &tag)]).await;
    assert_eq!(same.status, StatusCode::PARTIAL_CONTENT);
    let other = get(&[("range", "bytes=0-1"), ("if-range", "\"another\"")]).await;
    assert_eq!((other.status, other.bytes.len()), (StatusCode::OK, file.len()));
    let known = get(&[("if-none-match", &tag)]).await;
    assert_eq!((known.status, known.bytes.len()), (StatusCode::NOT_MODIFIED, 0));
    let head = world.send(Some(&ada), Method::HEAD, &path, Value::Null).await;
    assert_eq!(
        (head.status, head.bytes.len(), &head.headers["content-length"]),
        (StatusCode::OK, 0, &"700001".parse().unwrap())
    );
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_life_of_a_recording() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Editor);
    let ben = world.person(&tenant, "ben", Level::Viewer);
    let (one, two) = (project(&world, &ada, "One").await, project(&world, &ada, "Two").await);
    let recording = world.upload(&ada, &one, "a.m4a", b"first").await;
    let other = world.upload(&ada, &two, "b.m4a", b"second").await;
    let path = format!("/v1/recordings/{recording}");
    let titles = async |query: &str| {
        let list = world.send(Some(&ben), Method::GET, &format!("/v1/recordings{query}"), Value::Null).await;
        let items = list.body["items"].as_array().unwrap_or_else(|| panic!("{}", list.body)).clone();
        items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let any = [("if-match", "*")];
    let change = json!({ "title": "Kick-off", "tags": ["Q3", "plan"] });
    let changed = world.send_with(Some(&ada), Method::PATCH, &path, change, &any).await;
    assert_eq!((&changed.body["version"], &changed.body["tags"]), (&json!(2), &json!(["plan", "q3"])));
    assert_eq!(titles("").await, ["b", "Kick-off"]);
    assert_eq!(titles("?tag=Q3").await, ["Kick-off"]);
    assert_eq!(titles(&format!("?tag=q3&project={two}")).await, [""; 0]);
    assert_eq!(titles(&format!("?project={two}")).await, ["b"]);
    let late =
        world.send_with(Some(&ada), Method::PATCH, &path, json!({ "title": "x" }), &[("if-match", "\"1\"")]).await;
    assert_eq!(late.code(), "version_mismatch");
    let denied = world.send(Some(&ben), Method::GET, &format!("{path}/media"), Value::Null).await;
    assert_eq!(denied.code(), "denied", "a viewer sees recordings and does not take them along");

    let hasty = world.send_with(Some(&ada), Method::DELETE, &path, Value::Null, &any).await;
    assert_eq!(hasty.code(), "invalid", "only what lies in the trash can be removed");
    let trashed = world.send_with(Some(&ada), Method::POST, &format!("{path}/trash"), Value::Null, &any).await;
    assert!(trashed.body["trashed"].is_string(), "{}", trashed.body);
    assert_eq!(titles("").await, ["b"]);
    assert_eq!(titles("?tag=q3").await, [""; 0]);
    assert_eq!(titles("?trashed=true").await, ["Kick-off"]);
    let change = world.send_with(Some(&ada), Method::PATCH, &path, json!({ "title": "x" }), &any).await;
    assert_eq!(change.code(), "conflict", "what lies in the trash is not changed");
    let back = world.send_with(Some(&ada), Method::POST, &format!("{path}/restore"), Value::Null, &any).await;
    assert!(back.body.get("trashed").is_none(), "{}", back.body);
    assert_eq!(titles("?tag=q3").await, ["Kick-off"]);

    // A project takes along what lies in it, and brings it back.
    let project = format!("/v1/projects/{two}");
    world.send_with(Some(&ada), Method::PATCH, &project, json!({ "trashed": true }), &any).await;
    assert_eq!(titles("").await, ["Kick-off"]);
    let path = format!("/v1/recordings/{other}");
    let change = world.send_with(Some(&ada), Method::PATCH, &path, json!({ "title": "x" }), &any).await;
    assert_eq!(change.code(), "conflict");
    world.send_with(Some(&ada), Method::PATCH, &project, json!({ "trashed": false }), &any).await;
    assert_eq!(titles("").await, ["b", "Kick-off"]);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_in_use_are_those_of_things_one_may_see() {
    let world = World::new();
    let (tenant, elsewhere) = (world.tenant("acme"), world.tenant("other"));
    let ada = world.person(&tenant, "ada", Level::Manager);
    let eve = world.person(&elsewhere, "eve", Level::Owner);
    let ben = world.person(&tenant, "ben", Level::Billing);
    let tagged = async |tags: Value| {
        let made = world.send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": "P", "tags": tags })).await;
        made.body["id"].as_str().unwrap().to_owned()
    };
    let one = tagged(json!(["Red", "blue"])).await;
    tagged(json!(["red", "canary"])).await;
    let recording = world.upload(&ada, &one, "a.m4a", b"bytes").await;
    let change = json!({ "tags": ["green", "red"] });
    world
        .send_with(Some(&ada), Method::PATCH, &format!("/v1/recordings/{recording}"), change, &[("if-match", "*")])
        .await;
    world.give(&ben, Some(one.parse().unwrap()), Level::Viewer);
    let tags = async |who, path: &str| {
        let list = world.send(Some(who), Method::GET, path, Value::Null).await;
        let items = list.body["items"].as_array().unwrap_or_else(|| panic!("{}", list.body)).clone();
        let tag = |item: &Value| {
            let of = |name: &str, mark: &'static str| if item[name] == true { mark } else { "" };
            format!("{}{}{}", item["tag"].as_str().unwrap(), of("projects", " p"), of("recordings", " r"))
        };
        (items.iter().map(tag).collect::<Vec<_>>(), list.body["next"].as_str().map(str::to_owned))
    };
    assert_eq!(
        tags(&ada, "/v1/tags").await,
        (vec!["blue p".into(), "canary p".into(), "green r".into(), "red p r".into()], None)
    );
    assert_eq!(tags(&ben, "/v1/tags").await.0, ["blue p", "green r", "red p r"]);
    assert_eq!(tags(&eve, "/v1/tags").await.0, [""; 0]);
    let (first, next) = tags(&ada, "/v1/tags?limit=3").await;
    assert_eq!((first.len(), next.as_deref()), (3, Some("green")));
    assert_eq!(tags(&ada, "/v1/tags?limit=3&after=green").await, (vec!["red p r".into()], None));
    let list = world.send(Some(&ben), Method::GET, "/v1/projects?tag=RED", Value::Null).await;
    assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_say_where_recordings_stand() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let project = project(&world, &ada, "Talks").await;
    let fresh = world.upload(&ada, &project, "fresh.m4a", b"fresh").await;
    let made = world.upload(&ada, &project, "made.m4a", b"made").await;
    let parts = world.made_of(&ada, &made);
    let ask = async |who: &Person, query: &str| {
        let list = world.send(Some(who), Method::GET, &format!("/v1/recordings?{query}"), Value::Null).await;
        list.body["items"].as_array().unwrap_or_else(|| panic!("{}", list.body)).clone()
    };
    let of = |items: &[Value], id: &str| items.iter().find(|item| item["id"] == json!(id)).unwrap()["standing"].clone();
    assert_eq!(of(&ask(&ada, "").await, &made), Value::Null, "who does not ask is not told");
    let items = ask(&ada, "standing=true").await;
    assert_eq!(of(&items, &fresh), json!({ "state": "new", "poster": false }));
    // A job waits still.
    let standing = of(&items, &made);
    assert_eq!((&standing["state"], &standing["video"]), (&json!("making"), &json!(parts.video)));
    world.call_off(&ada, &parts.job);
    let standing = of(&ask(&ada, "standing=true&sort=-title").await, &made);
    assert_eq!((&standing["state"], &standing["video"]), (&json!("ready"), &json!(parts.video)));
    assert!(standing["poster"].is_boolean());
    world.verify(tenant.id);
}
