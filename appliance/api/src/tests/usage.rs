//! From finished work and customers' own meters to rows, to files, to answers in SQL.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use library::sealing::{Round, Rules, round};
use model::{Level, SystemTask};
use serde_json::{Value, json};

use super::world::{Person, World};

async fn ask(world: &World, who: &Person, sql: &str) -> (StatusCode, Value) {
    let answer = world.send(Some(who), Method::POST, "/v1/query", json!({ "sql": sql })).await;
    (answer.status, answer.body)
}

/// The rows of an answer.
async fn rows(world: &World, who: &Person, sql: &str) -> Value {
    let (status, body) = ask(world, who, sql).await;
    assert_eq!(status, StatusCode::OK, "{sql}: {body}");
    body["rows"].clone()
}

/// Seals, merges and lets go by these rules.
fn seal(world: &World, of: &Person, rules: &Rules) -> Round {
    let mut permit = || world.services.gate.system(SystemTask::Metering, of.tenant, of.tenant.erase());
    let now = world.services.store.clock().now();
    round(&mut permit, world.services.analyst().unwrap(), rules, now).unwrap()
}

fn at_once() -> Rules {
    Rules { rows: 10, age: Duration::ZERO, merge: 2, ..Rules::default() }
}

fn event(id: &str, quantity: i64) -> Value {
    json!({ "specversion": "1.0", "id": id, "source": "crm", "type": "mails", "data": { "quantity": quantity } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_may_keep_its_rows_for_less() {
    let world = World::new();
    let mut ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    let rules = Rules { merge: 100, ..at_once() };
    let sent = world.send(Some(&ada), Method::POST, "/v1/usage/events", event("1", 5)).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.body);
    assert!(seal(&world, &ada, &rules).sealed_rows > 0);
    world.later(&mut ada, Duration::from_hours(24 * 70));
    assert_eq!(seal(&world, &ada, &rules).expired_files, 0, "the appliance keeps them for 800 days");
    let mails = "SELECT count(*) FROM usage WHERE meter = 'mails'";
    assert_eq!(rows(&world, &ada, mails).await, json!([[1]]));
    for (days, expired, left) in [(json!(71), 0, 1), (json!(69), 1, 0)] {
        let change = json!({ "usage_days": days });
        let set = world.send_with(Some(&ada), Method::PATCH, "/v1/tenant", change, &[("if-match", "*")]).await;
        assert_eq!(set.body["settings"]["usage_days"], days, "{}", set.body);
        assert_eq!(seal(&world, &ada, &rules).expired_files, expired, "{days}");
        assert_eq!(rows(&world, &ada, mails).await, json!([[left]]), "{days}");
    }
    // Of less than the tenant asks for the appliance makes less.
    let short = Rules { kept: Duration::from_secs(1), ..rules };
    world.later(&mut ada, Duration::from_mins(1));
    assert!(seal(&world, &ada, &short).expired_files > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_rows_of_a_file_with_younger_ones_are_not_seen_and_leave_it() {
    let world = World::new();
    let mut ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    let rules = Rules { merge: 100, ..at_once() };
    // Both lie in one file: the first was used thirty days before the second.
    let mut old = event("old", 5);
    old["time"] = json!("2026-12-16T08:00:00Z");
    let sent = world.send(Some(&ada), Method::POST, "/v1/usage/events", json!([old, event("new", 7)])).await;
    assert_eq!(sent.body["accepted"], 2, "{}", sent.body);
    seal(&world, &ada, &rules);
    let change = json!({ "usage_days": 62 });
    world.send_with(Some(&ada), Method::PATCH, "/v1/tenant", change, &[("if-match", "*")]).await;
    let tenant = ada.tenant;
    let segments = || metering::segments(&world.services.store.tenant(tenant).unwrap().read().unwrap()).unwrap();
    let mails = "SELECT count(*), sum(quantity) FROM usage WHERE meter = 'mails'";
    let charged = "SELECT sum(quantity) FROM charges WHERE meter = 'mails'";
    assert_eq!(rows(&world, &ada, mails).await, json!([[2, 12]]));
    let used = 1_797_408_000_000;
    assert!(segments().iter().any(|segment| segment.from.millis() == used), "{:?}", segments());

    // Past its time by an hour: nobody sees it, and the file is as it was.
    world.later(&mut ada, Duration::from_hours(24 * 32 + 1));
    assert_eq!(rows(&world, &ada, mails).await, json!([[1, 7]]));
    assert_eq!(rows(&world, &ada, charged).await, json!([[7]]));
    let round = seal(&world, &ada, &rules);
    assert_eq!((round.expired_files, round.thinned_files), (0, 0), "{round:?}");
    // By more than a day: it has left the file, which keeps its place among its like.
    world.later(&mut ada, Duration::from_hours(25));
    let round = seal(&world, &ada, &rules);
    assert_eq!((round.expired_files, round.thinned_files), (0, 1), "{round:?}");
    let left = segments();
    assert!(left.iter().all(|segment| segment.level == 0 && segment.from.millis() > used), "{left:?}");
    assert_eq!(rows(&world, &ada, mails).await, json!([[1, 7]]));
    // Once is enough.
    assert_eq!(seal(&world, &ada, &rules).thinned_files, 0);
    // The file in which it was goes too.
    world.later(&mut ada, Duration::from_mins(16));
    assert!(seal(&world, &ada, &rules).removed_files > 0);
    world.verify(ada.tenant);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_and_what_is_sent_are_in_sql_after_a_minute() {
    let world = World::new();
    let mut ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    let project = world.send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": "Orders" })).await;
    let project = project.body["id"].as_str().unwrap().to_owned();
    let recording = world.upload(&ada, &project, "talk.m4a", &vec![7; 300_000]).await;
    let media = format!("/v1/recordings/{recording}/media");
    world.services.write_traffic(true);
    let used = "SELECT meter, quantity FROM usage WHERE meter IN ('audiagram.calls', 'audiagram.egress') ORDER BY at DESC, meter LIMIT 2";
    let before = rows(&world, &ada, used).await;
    assert!(before[0][1].as_i64().unwrap() >= 2 && before[1][1].as_i64().unwrap() > 100, "{before}");

    // Nothing of it yet: the rows would be as many as the requests. What was asked above counts as well.
    world.later(&mut ada, Duration::from_secs(20));
    assert_eq!(world.send(Some(&ada), Method::GET, &media, Value::Null).await.status, StatusCode::OK);
    assert_eq!(world.send(None, Method::GET, &media, Value::Null).await.status, StatusCode::UNAUTHORIZED);
    world.services.write_traffic(false);
    assert_eq!(rows(&world, &ada, used).await, before);
    world.later(&mut ada, Duration::from_mins(1));
    world.services.write_traffic(false);
    let after = rows(&world, &ada, used).await;
    assert_eq!(after[0], json!(["audiagram.calls", 3]), "two questions and the recording: {after}");
    let sent = after[1][1].as_i64().unwrap();
    assert!((300_000..310_000).contains(&sent), "the whole recording, and two short answers: {after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_job_is_in_sql_before_and_after_its_rows_are_sealed() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let project = world.send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": "Orders" })).await;
    let project = project.body["id"].as_str().unwrap().to_owned();
    let recording = world.upload(&ada, &project, "talk.m4a", b"some bytes").await;
    let made = world.made_of(&ada, &recording);

    let used = "SELECT meter, unit, quantity > 0, job_id, project_id, resource, user_id, dimensions['height'] FROM usage WHERE job_id IS NOT NULL ORDER BY meter";
    let before = rows(&world, &ada, used).await;
    let row = |meter: &str, unit: &str, height: Value| {
        json!([meter, unit, true, made.job, project, recording, ada.id.to_string(), height])
    };
    let height = before[0][7].clone();
    assert!(height.is_string(), "{before}");
    let expected = json!([
        row("audiagram.frames", "frame", height.clone()),
        row("audiagram.graphics", "ms", Value::Null),
        row("audiagram.speech", "ms", Value::Null),
        row("audiagram.video", "ms", height),
    ]);
    assert_eq!(before, expected);
    let duration = "SELECT u.quantity = v.duration_ms FROM usage u JOIN videos v ON u.job_id = v.job_id WHERE u.meter = 'audiagram.video'";
    assert_eq!(rows(&world, &ada, duration).await, json!([[true]]));

    assert_eq!(seal(&world, &ada, &Rules::default()).sealed_rows, 0, "nothing is due yet");
    let sealed = seal(&world, &ada, &at_once());
    // With what was stored and who was there on the day.
    assert_eq!(sealed.sealed_rows, 5);
    assert_eq!(rows(&world, &ada, "SELECT quantity FROM usage WHERE meter = 'audiagram.seats'").await, json!([[1]]));
    assert_eq!(rows(&world, &ada, used).await, before);
    assert_eq!(rows(&world, &ada, duration).await, json!([[true]]));
    // The file counts as stored, as every file does.
    world.verify(tenant.id);

    // Without the tenant's keys there is nothing to read: the file is enciphered like all others.
    let blobs = world.services.store.tenant(tenant.id).unwrap().blobs();
    let plain = blobs.list().map(|stored| stored.unwrap()).filter(|stored| stored.size > 0).count();
    assert!(plain > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn own_meters_are_counted_once_and_charged() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let send = async |body: Value| world.send(Some(&ada), Method::POST, "/v1/usage/events", body).await;
    let one = send(event("1", 3)).await;
    assert_eq!((one.status, &one.body["events"][0]["status"]), (StatusCode::OK, &json!("accepted")));
    let mut correction = event("3", -1);
    correction["data"]["corrects"] = json!("1");
    let mut bad = event("4", 1);
    bad["type"] = json!("audiagram.video");
    let many = send(json!([event("1", 3), event("2", 5), correction, bad, { "id": 7 }])).await;
    let statuses: Vec<_> =
        many.body["events"].as_array().unwrap().iter().map(|event| event["status"].clone()).collect();
    assert_eq!(statuses, ["duplicate", "accepted", "accepted", "rejected", "rejected"]);
    let counts = ["accepted", "duplicate", "rejected"].map(|name| many.body[name].as_u64().unwrap());
    assert_eq!(counts, [2, 1, 2]);
    assert!(many.body["events"][3]["reason"].as_str().unwrap().contains("for the appliance alone"));
    let row = world.last_row(tenant.id);
    assert_eq!((row.action.code(), row.detail["accepted"].as_str()), ("chargeback:manage", "2"));
    for (body, status) in [(json!([]), 422), (json!("x"), 200), (json!({ "a": { "a": 1 } }), 200)] {
        let answer = send(body.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.body);
    }
    let kind = [("content-type", "text/plain")];
    let answer = world.send_with(Some(&ada), Method::POST, "/v1/usage/events", event("9", 1), &kind).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);

    let sum = "SELECT sum(quantity), count(*) FROM usage WHERE meter = 'mails'";
    assert_eq!(rows(&world, &ada, sum).await, json!([[7, 3]]));
    let card = json!({ "from": "2020-01-01T00:00:00Z", "currency": "EUR", "rates": [{ "meter": "mails", "price_micros": 10_000, "block": 3 }] });
    let made = world.send(Some(&ada), Method::POST, "/v1/rate-cards", card.clone()).await;
    assert_eq!((made.status, &made.body["version"]), (StatusCode::CREATED, &json!(1)), "{}", made.body);
    let again = world.send(Some(&ada), Method::POST, "/v1/rate-cards", card).await;
    assert_eq!(
        (again.status, again.body["errors"][0]["at"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("/from"))
    );
    let rate = |meter: &str, block: i64| json!({ "meter": meter, "price_micros": 1, "block": block });
    for (rates, at) in [
        (json!([]), "/rates"),
        (json!([rate("mails", 1), rate("calls", 0)]), "/rates/1/block"),
        (json!([rate("mails", 1), rate("calls", 1), rate("mails", 2)]), "/rates/2/meter"),
    ] {
        let card = json!({ "from": "2120-01-01T00:00:00Z", "currency": "EUR", "rates": rates });
        let refused = world.send(Some(&ada), Method::POST, "/v1/rate-cards", card).await;
        assert_eq!(refused.body["errors"][0]["at"], at, "{}", refused.body);
    }
    let listed = world.send(Some(&ada), Method::GET, "/v1/rate-cards", Value::Null).await;
    assert_eq!(listed.body["items"], json!([made.body]));
    // Eight mails in one line of the hour, and one taken back in a line of its own.
    let charges = "SELECT is_correction, quantity, amount_micros FROM charges WHERE meter = 'mails' ORDER BY 1";
    assert_eq!(rows(&world, &ada, charges).await, json!([[false, 8, 26_667], [true, -1, -3_333]]));
    let billed = "SELECT sum(\"BilledCost\") FROM cost_focus";
    assert!(rows(&world, &ada, billed).await.to_string().contains("0.023334"));

    // Many small files become few; what was read before stays for a while, and goes.
    for batch in 0..6 {
        send(Value::Array((0..10).map(|n| event(&format!("{batch}-{n}"), 1)).collect())).await;
        seal(&world, &ada, &at_once());
    }
    assert_eq!(rows(&world, &ada, sum).await, json!([[67, 63]]));
    let view = world.services.store.tenant(tenant.id).unwrap().read().unwrap();
    let (kept, retired) = (metering::segments(&view).unwrap().len(), metering::retired(&view).unwrap().len());
    assert!(kept <= 4 && retired >= 4, "{kept} {retired}");
    drop(view);
    world.verify(tenant.id);
    world.pass(Duration::from_secs(3_600));
    // The hour has ended ada's session.
    let bea = world.person(&tenant, "bea", Level::Owner);
    let round = seal(&world, &ada, &at_once());
    assert_eq!(round.removed_files as usize, retired);
    assert_eq!(rows(&world, &bea, sum).await, json!([[67, 63]]));
    world.verify(tenant.id);
    // The same events once more, long after: none is counted again.
    let again: Vec<_> = (0..10).map(|n| event(&format!("3-{n}"), 1)).collect();
    let again = world.send(Some(&bea), Method::POST, "/v1/usage/events", Value::Array(again)).await;
    assert_eq!(again.body["duplicate"], 10);
    // Past their time rows are gone.
    world.pass(Duration::from_secs(900 * 86_400));
    let fresh = world.person(&tenant, "eve", Level::Owner);
    seal(&world, &fresh, &at_once());
    assert_eq!(rows(&world, &fresh, "SELECT count(*) FROM usage WHERE meter = 'mails'").await, json!([[0]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_sees_what_they_may_see() {
    let world = World::new();
    let (acme, other) = (world.tenant("acme"), world.tenant("other"));
    let ada = world.person(&acme, "ada", Level::Owner);
    let eve = world.person(&other, "eve", Level::Owner);
    for (who, title) in [(&ada, "Orders"), (&ada, "Old"), (&eve, "Kanarienvogel")] {
        let made = world.send(Some(who), Method::POST, "/v1/projects", json!({ "title": title })).await;
        if title == "Old" {
            let path = format!("/v1/projects/{}", made.body["id"].as_str().unwrap());
            let trashed = json!({ "trashed": true });
            world.send_with(Some(who), Method::PATCH, &path, trashed, &[("if-match", "*")]).await;
        }
        world.send(Some(who), Method::POST, "/v1/usage/events", event(title, 1)).await;
    }
    assert_eq!(rows(&world, &ada, "SELECT title FROM projects").await, json!([["Orders"]]));
    assert_eq!(rows(&world, &eve, "SELECT title FROM projects").await, json!([["Kanarienvogel"]]));
    assert_eq!(rows(&world, &ada, "SELECT count(*) FROM usage WHERE meter = 'mails'").await, json!([[2]]));
    assert_eq!(rows(&world, &ada, "SELECT email FROM users").await, json!([["ada@example.org"]]));
    let trail = "SELECT count(*) > 3 FROM audit WHERE action = 'project:create' OR subject_kind <> ''";
    assert_eq!(rows(&world, &ada, trail).await, json!([[true]]));

    // A manager has no right to the trail; whoever may not query at all gets nothing.
    let bob = world.person(&acme, "bob", Level::Manager);
    assert_eq!(rows(&world, &bob, "SELECT count(*) FROM usage WHERE meter = 'mails'").await, json!([[2]]));
    let (status, body) = ask(&world, &bob, "SELECT * FROM audit").await;
    assert_eq!((status, body["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("invalid")), "{body}");
    let viewer = world.person(&acme, "vera", Level::Viewer);
    assert_eq!(ask(&world, &viewer, "SELECT 1").await.0, StatusCode::FORBIDDEN);
    // Those who run the appliance have tables of their own.
    let operator = world.operator("root");
    let (status, body) = ask(&world, &operator, "SELECT * FROM usage").await;
    assert_eq!((status, body["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("invalid")), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_in_every_form_and_refusals_with_their_codes() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let form = async |format: &str| {
        let sql = "SELECT value AS n, concat('=', value) AS t FROM generate_series(1, 100000) ORDER BY n";
        world.send(Some(&ada), Method::POST, "/v1/query", json!({ "sql": sql, "format": format })).await
    };
    let csv = form("csv").await;
    assert!(csv.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    let text = String::from_utf8(csv.bytes).unwrap();
    assert!(text.starts_with("n,t\n1,'=1\n") && text.ends_with("100000,'=100000\n"), "{}", text.len());
    let json = form("json").await;
    assert_eq!(
        (json.body["row_count"].as_u64(), &json.body["rows"][99_999]),
        (Some(100_000), &json!([100_000, "=100000"]))
    );
    let arrow = form("arrow").await;
    assert_eq!(arrow.headers["content-type"], "application/vnd.apache.arrow.stream");
    assert!(arrow.bytes.len() > 1_000_000);
    let parquet = form("parquet").await;
    assert!(parquet.bytes.starts_with(b"PAR1") && parquet.bytes.ends_with(b"PAR1"));

    for (body, code) in [
        (json!({ "sql": "DROP TABLE usage" }), "read_only"),
        (json!({ "sql": "SELECT 1; SELECT 2" }), "read_only"),
        (json!({ "sql": "SELECT * FROM nothing" }), "invalid"),
        (json!({ "sql": "SELEC" }), "invalid"),
        (json!({ "sql": "" }), "invalid"),
        (json!({ "sql": "SELECT 1", "format": "xml" }), "invalid"),
        (json!({ "sql": "SELECT 1", "timeout_s": 0 }), "invalid"),
        (json!({ "sql": "SELECT 1 FROM projects WHERE title ~ '('" }), "invalid"),
        (json!({ "sql": "SELECT regexp_replace('x', '[', '')" }), "invalid"),
        (json!({ "sql": "SELECT count(*) FROM generate_series(1, 1000000000000)", "timeout_s": 1 }), "query_timed_out"),
        (json!({ "sql": format!("SELECT '{}'", "x".repeat(70_000)) }), "query_too_large"),
    ] {
        let answer = world.send(Some(&ada), Method::POST, "/v1/query", body.clone()).await;
        assert_eq!(answer.code(), code, "{body}: {}", answer.body);
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

/// The engine's own test asks these of two tenants; here they come by HTTP, of an appliance with both in its store.
const CORPUS: &str = include_str!("../../../../analytics/tests/it/hostile.sql");

#[tokio::test(flavor = "multi_thread")]
async fn hostile_statements_by_http() {
    const CANARY: &str = "kanarienvogel";
    let world = World::new();
    let (acme, other) = (world.tenant("acme"), world.tenant("other"));
    let (ada, eve) = (world.person(&acme, "ada", Level::Owner), world.person(&other, "eve", Level::Owner));
    world.send(Some(&eve), Method::POST, "/v1/projects", json!({ "title": CANARY })).await;
    let mut events = vec![event(CANARY, 4_242_424_242), event("2", 1)];
    events[0]["type"] = json!(CANARY);
    world.send(Some(&eve), Method::POST, "/v1/usage/events", Value::Array(events)).await;
    seal(&world, &eve, &at_once());
    world.send(Some(&ada), Method::POST, "/v1/usage/events", event("1", 1)).await;
    let view = world.services.store.tenant(other.id).unwrap().read().unwrap();
    let file = metering::segments(&view).unwrap()[0].digest.to_string();
    drop(view);
    let before = world.rows(other.id);
    let mut statements = 0;
    for line in CORPUS.lines().filter(|line| !line.starts_with("-- ") && !line.is_empty()) {
        statements += 1;
        let sql = line.replace("{other}", &other.id.to_string()).replace("{file}", &file);
        let body = json!({ "sql": sql, "timeout_s": 2 });
        let answer = world.send(Some(&ada), Method::POST, "/v1/query", body).await;
        let text = String::from_utf8_lossy(&answer.bytes);
        assert!(!text.contains(CANARY) && !text.contains("4242424242"), "{sql}: {text}");
        assert!(answer.status.as_u16() < 500, "{sql}: {text}");
    }
    assert!(statements >= 200, "{statements}");
    assert_eq!(world.rows(other.id), before, "nothing reached the other tenant's file");
    assert_eq!(rows(&world, &eve, "SELECT count(*) FROM usage WHERE meter = 'kanarienvogel'").await, json!([[1]]));
    world.verify(acme.id);
}
