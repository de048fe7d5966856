//! Tables written as files by the real engine: into a folder, into a bucket, called off, and refused.

use std::{collections::BTreeMap, fs, path::Path};

use axum::http::{Method, StatusCode};
use metering::extract::TABLES;
use model::Level;
use serde_json::{Value, json};

use super::{
    receiver::Receiver,
    world::{Answer, Person, World},
};

async fn get(world: &World, who: &Person, path: &str) -> Answer {
    world.send(Some(who), Method::GET, path, Value::Null).await
}

async fn post(world: &World, who: &Person, path: &str, body: Value) -> Answer {
    world.send(Some(who), Method::POST, path, body).await
}

/// A connector into the folder `bi`.
async fn folder(world: &World, who: &Person) -> String {
    let made =
        post(world, who, "/v1/connectors", json!({ "title": "Lake", "place": { "folder": { "path": "bi" } } })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    made.body["id"].as_str().unwrap().to_owned()
}

/// Two mails a day on three days.
async fn used(world: &World, who: &Person) {
    let event = |n: u64| {
        let time = format!("2027-01-{:02}T12:00:00Z", 10 + n / 2);
        json!({ "specversion": "1.0", "id": n.to_string(), "source": "crm", "type": "mails", "time": time, "data": { "quantity": 1 } })
    };
    let events: Vec<Value> = (0..6).map(event).collect();
    let batch = serde_json::to_vec(&events).unwrap();
    let kind = [("content-type", "application/cloudevents-batch+json")];
    let sent = world.send_raw(who, "/v1/usage/events", batch, &kind).await;
    assert!(sent.status.is_success() && sent.body["rejected"] == 0, "{}", sent.body);
}

/// Orders an export and waits for the end of its job; how it stands then.
async fn exported(world: &World, who: &Person, order: Value) -> Value {
    let ordered = post(world, who, "/v1/table-exports", order).await;
    assert_eq!(ordered.status, StatusCode::ACCEPTED, "{}", ordered.body);
    world.engine.open();
    world.services.jobs.wake(who.tenant);
    world.finish(who, ordered.body["job"].as_str().unwrap());
    get(world, who, &format!("/v1/table-exports/{}", ordered.body["id"].as_str().unwrap())).await.body
}

/// Every file under a folder, by its path there.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_lies_in_the_tenants_folder_by_day() {
    let world = World::new();
    let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    used(&world, &ada).await;
    let connector = folder(&world, &ada).await;
    let done = exported(&world, &ada, json!({ "table": "usage", "connector": connector, "by": "day" })).await;
    assert_eq!((&done["state"], &done["share"]), (&json!("done"), &json!(1.0)), "{done}");
    assert_eq!((&done["made"]["files"], &done["made"]["rows"]), (&json!(3), &json!(6)), "{done}");
    let place = world.exports().join(ada.tenant.to_string()).join("bi").join(done["folder"].as_str().unwrap());
    let there = files(&place);
    let names: Vec<&str> = there.keys().map(String::as_str).collect();
    let day = |day: u64| format!("day=2027-01-{day}/part-00000.parquet");
    assert_eq!(names, ["_manifest.json", &day(10), &day(11), &day(12)]);
    let manifest: Value = serde_json::from_slice(&there["_manifest.json"]).unwrap();
    assert_eq!((&manifest["partitioned_by"], &manifest["of_column"]), (&json!("day"), &json!("at")));
    assert_eq!(manifest["files"][1]["path"], day(11));
    assert_eq!(manifest["files"][1]["bytes"], there[&day(11)].len());
    assert!(there[&day(11)].starts_with(b"PAR1"));
    // One row of who asked, one of what was read for them; the job's own rows are the appliance's.
    let rows = world.rows_from(ada.tenant, 0);
    let of = |code: &str| rows.iter().filter(|row| row.action.code() == code).count();
    assert_eq!((of("dataset:export"), of("query:run")), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_can_be_had() {
    let world = World::new();
    let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    used(&world, &ada).await;
    let rate = json!({ "meter": "mails", "price_micros": 10, "block": 1 });
    let card = json!({ "from": "2027-02-01T00:00:00Z", "currency": "EUR", "rates": [rate] });
    assert!(post(&world, &ada, "/v1/rate-cards", card).await.status.is_success());
    let connector = folder(&world, &ada).await;
    for (table, _) in TABLES {
        let done = exported(&world, &ada, json!({ "table": table, "connector": connector, "by": "month" })).await;
        assert_eq!(done["state"], "done", "{done}");
        let rows = done["made"]["rows"].as_u64().unwrap();
        let is_filled = !["projects", "recordings", "transcripts", "videos"].contains(table);
        assert_eq!(rows > 0, is_filled, "{done}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_lies_in_a_bucket() {
    let storage = Receiver::answering(&[200, 200, 200]);
    let host = format!("127.0.0.1:{}", storage.port);
    let world = World::storing(storage.client(), host.clone());
    let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    let bucket = json!({
        "url": format!("https://{host}"), "region": "eu-1", "bucket": "lake", "prefix": "acme", "key_id": "AKID", "secret": "very secret",
    });
    let spaced = post(&world, &ada, "/v1/connectors", json!({ "title": "Lake", "place": { "s3": bucket } })).await;
    assert_eq!(spaced.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", spaced.body);
    let mut bucket = bucket;
    bucket["secret"] = "very-secret".into();
    let made = post(&world, &ada, "/v1/connectors", json!({ "title": "Lake", "place": { "s3": bucket } })).await;
    assert!(made.status.is_success() && !made.body.to_string().contains("very-secret"), "{}", made.body);
    let done = exported(&world, &ada, json!({ "table": "users", "connector": made.body["id"] })).await;
    assert_eq!(done["state"], "done", "{done}");
    let folder = format!("/lake/acme/{}", done["folder"].as_str().unwrap());
    for name in ["part-00000.parquet", "_manifest.json"] {
        let put = storage.next();
        assert_eq!(put.path, format!("{folder}/{name}"));
        let said = put.header("authorization");
        assert!(said.starts_with("AWS4-HMAC-SHA256 Credential=AKID/20270115/eu-1/s3/aws4_request, "), "{said}");
    }
    assert!(storage.is_quiet());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_to_nothing_is_taken_away() {
    // The first file is taken, the second is not; then the first is taken away, and the second for good measure.
    let storage = Receiver::answering(&[200, 403, 204, 204]);
    let host = format!("127.0.0.1:{}", storage.port);
    let world = World::storing(storage.client(), host.clone());
    let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    used(&world, &ada).await;
    let bucket = json!({ "url": format!("https://{host}"), "region": "eu-1", "bucket": "lake", "key_id": "AKID", "secret": "x" });
    let made = post(&world, &ada, "/v1/connectors", json!({ "title": "Lake", "place": { "s3": bucket } })).await;
    let done = exported(&world, &ada, json!({ "table": "usage", "connector": made.body["id"], "by": "day" })).await;
    assert_eq!((&done["state"], &done["made"]), (&json!("failed"), &Value::Null), "{done}");
    assert!(done["why"].as_str().unwrap().contains("check the key"), "{done}");
    let paths: Vec<String> = (0..4).map(|_| storage.next().path).collect();
    assert_eq!(paths[..2], paths[2..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_off_before_it_begins_is_never_written() {
    let world = World::new();
    let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    let connector = folder(&world, &ada).await;
    let ordered = post(&world, &ada, "/v1/table-exports", json!({ "table": "usage", "connector": connector })).await;
    let path = format!("/v1/table-exports/{}", ordered.body["id"].as_str().unwrap());
    let off = post(&world, &ada, &format!("{path}/cancel"), Value::Null).await;
    assert_eq!((off.status, &off.body["state"]), (StatusCode::OK, &json!("cancelled")), "{}", off.body);
    let again = post(&world, &ada, &format!("{path}/cancel"), Value::Null).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.body);
    world.engine.open();
    world.services.jobs.wake(ada.tenant);
    assert_eq!(files(&world.exports()).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_are_asked_again_when_it_begins() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let bob = world.person(&tenant, "bob", Level::Admin);
    let connector = folder(&world, &ada).await;
    let ordered = post(&world, &bob, "/v1/table-exports", json!({ "table": "usage", "connector": connector })).await;
    assert_eq!(ordered.status, StatusCode::ACCEPTED, "{}", ordered.body);
    let given = get(&world, &ada, "/v1/assignments").await;
    let given = given.body["items"].as_array().unwrap().iter().find(|given| given["principal"] == bob.id.to_string());
    let path = format!("/v1/assignments/{}", given.unwrap()["id"].as_str().unwrap());
    let taken = world.send_with(Some(&ada), Method::DELETE, &path, Value::Null, &[("if-match", "*")]).await;
    assert!(taken.status.is_success(), "{}", taken.body);
    world.engine.open();
    world.services.jobs.wake(ada.tenant);
    let job = world.finish(&ada, ordered.body["job"].as_str().unwrap());
    assert_eq!(job.failure.unwrap().reason, jobs::Reason::NotAllowed);
    assert_eq!(files(&world.exports()).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_has_tables_too() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let connector = folder(&world, &ada).await;
    let order = json!({ "table": "users", "connector": connector });
    let ordered = world.console(Some("acme"), Method::POST, "/v1/table-exports", order).await;
    assert_eq!(ordered.status, StatusCode::ACCEPTED, "{}", ordered.body);
    world.engine.open();
    world.services.jobs.wake(tenant.id);
    let job = world.finish(&ada, ordered.body["job"].as_str().unwrap());
    assert_eq!(job.state.kind().to_string(), "done", "{:?}", job.failure);
    let rows = world.rows_from(tenant.id, 0);
    let read = rows.iter().find(|row| row.action.code() == "query:run").unwrap();
    assert!(read.detail.iter().any(|(name, _)| name == "console"), "{read:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused() {
    let world = World::new();
    let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    let connector = folder(&world, &ada).await;
    for (order, at) in [
        (json!({ "table": "table_columns", "connector": connector }), "/table"),
        (json!({ "table": "usage; DROP TABLE usage", "connector": connector }), "/table"),
        (json!({ "table": "usage", "connector": "con_00000000000000000000000001" }), "/connector"),
    ] {
        let refused = post(&world, &ada, "/v1/table-exports", order.clone()).await;
        assert_eq!(refused.body["errors"][0]["at"], at, "{order}: {}", refused.body);
    }
    let bucket = |url: &str| json!({ "s3": { "url": url, "region": "eu-1", "bucket": "lake", "key_id": "AKID", "secret": "x" } });
    for (place, at) in [
        (bucket("https://s3.elsewhere.example"), "/place/s3/url"),
        (bucket("http://s3.elsewhere.example"), "/place/s3/url"),
        (bucket("https://s3.elsewhere.example/lake"), "/place/s3/url"),
        (json!({ "folder": { "path": "../other" } }), "/place/folder/path"),
        (json!({ "folder": { "path": "/etc" } }), "/place/folder/path"),
        (server("host", json!("elsewhere.example")), "/place/sftp/host"),
        (server("host", json!("127.0.0.1/x?")), "/place/sftp/host"),
        (server("port", json!(2)), "/place/sftp/host"),
        (server("user", json!("a\nb")), "/place/sftp/user"),
        (server("folder", json!("../x")), "/place/sftp/folder"),
        (server("host_key", json!("aa:bb:cc")), "/place/sftp/host_key"),
        (server("password", json!(null)), "/place/sftp/password"),
        (server("password", json!("a\u{0}b")), "/place/sftp/password"),
        (server("private_key", json!("-----BEGIN RSA PRIVATE KEY-----")), "/place/sftp/private_key"),
    ] {
        let refused = post(&world, &ada, "/v1/connectors", json!({ "title": "Lake", "place": place })).await;
        assert_eq!(refused.body["errors"][0]["at"], at, "{place}: {}", refused.body);
    }
}

/// A server that nobody answers at, with one field other than it should be.
fn server(field: &str, value: Value) -> Value {
    let mut place =
        json!({ "host": "127.0.0.1", "port": 1, "user": "ada", "password": "very secret", "folder": "/in/reports" });
    place[field] = value;
    json!({ "sftp": place })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_signs_in_to_a_server_stays_where_the_server_does() {
    let world = World::new();
    let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    let made =
        post(&world, &ada, "/v1/connectors", json!({ "title": "Partner", "place": server("user", json!("ada")) }))
            .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let expected = json!({ "host": "127.0.0.1", "port": 1, "user": "ada", "signs_in_by": "password", "host_key": "", "folder": "/in/reports" });
    assert_eq!(made.body["place"]["sftp"], expected);
    let path = format!("/v1/connectors/{}", made.body["id"].as_str().unwrap());
    let change = async |field: &str, value: Value| {
        let mut place = server(field, value);
        place["sftp"].as_object_mut().unwrap().remove("password");
        world.send_with(Some(&ada), Method::PATCH, &path, json!({ "place": place }), &[("if-match", "*")]).await
    };
    let key = format!("SHA256:{}", "A".repeat(43));
    let pinned = change("host_key", json!(key)).await;
    let now = &pinned.body["place"]["sftp"];
    assert_eq!((&now["host_key"], &now["signs_in_by"]), (&json!(key), &json!("password")), "{}", pinned.body);
    let other = change("user", json!("bob")).await;
    assert_eq!(other.body["errors"][0]["at"], "/place/sftp/password", "{}", other.body);
    let tried = post(&world, &ada, &format!("{path}/test"), json!({})).await;
    assert_eq!(tried.body["works"], false, "{}", tried.body);
    assert!(!format!("{}{}{}", made.body, pinned.body, tried.body).contains("very secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_is_tried() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let connector = folder(&world, &ada).await;
    let test = format!("/v1/connectors/{connector}/test");
    let tried = post(&world, &ada, &test, Value::Null).await;
    assert_eq!((tried.status, &tried.body), (StatusCode::OK, &json!({ "works": true })), "{}", tried.body);
    assert_eq!(world.last_row(tenant.id).detail["test"], "works");
    let own = world.exports().join(tenant.id.to_string());
    assert!(files(&own).is_empty(), "what was put there is taken away");

    // Something else stands where the folder was.
    fs::remove_dir(own.join("bi")).unwrap();
    fs::write(own.join("bi"), "a file").unwrap();
    let tried = post(&world, &ada, &test, Value::Null).await;
    assert_eq!((tried.status, &tried.body["works"]), (StatusCode::OK, &json!(false)));
    assert!(tried.body["why"].as_str().unwrap().contains("cannot be written to"), "{}", tried.body);
    assert_eq!(world.last_row(tenant.id).detail["test"], "fails");
    assert_eq!(fs::read_to_string(own.join("bi")).unwrap(), "a file");
}
