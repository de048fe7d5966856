//! Metrics of OpenTelemetry and rows of Arrow as events of use.

use std::io::Write as _;

use axum::http::{Method, StatusCode};
use flate2::{Compression, write::GzEncoder};
use model::Level;
use serde_json::{Value, json};

use super::world::{Answer, Person, World};

const PATH: &str = "/v1/usage/otlp/v1/metrics";
const NOW: u64 = 1_800_000_000_000_000_000;

fn attribute(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

fn request(metrics: &Value) -> Value {
    let resource =
        json!({ "attributes": [attribute("service.name", "shop"), attribute("service.instance.id", "shop-1")] });
    json!({ "resourceMetrics": [{ "resource": resource, "scopeMetrics": [{ "scope": { "name": "orders" }, "metrics": metrics }] }] })
}

fn sum(name: &str, temporality: u32, points: &Value) -> Value {
    json!({ "name": name, "unit": "{order}", "sum": { "aggregationTemporality": temporality, "isMonotonic": true, "dataPoints": points } })
}

async fn send(world: &World, who: &Person, metrics: &Value) -> Answer {
    world.send(Some(who), Method::POST, PATH, request(metrics)).await
}

async fn rows(world: &World, who: &Person, sql: &str) -> Value {
    let answer = world.send(Some(who), Method::POST, "/v1/query", json!({ "sql": sql })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body["rows"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_are_counted_once() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let delta = |time: u64, value: Value| json!({ "asInt": value, "timeUnixNano": time.to_string(), "startTimeUnixNano": "1", "attributes": [attribute("country", "DE")] });
    let whole = json!([
        sum("orders", 1, &json!([delta(NOW, json!("3")), delta(NOW - 1, json!(4))])),
        { "name": "temperature", "gauge": { "dataPoints": [{ "asDouble": 20.5 }, {}] } },
        sum("audiagram.video", 1, &json!([delta(NOW, json!(1))])),
    ]);
    let partial = send(&world, &ada, &whole).await;
    assert_eq!(partial.status, StatusCode::OK, "{}", partial.body);
    let message = partial.body["partialSuccess"]["errorMessage"].as_str().unwrap();
    assert_eq!(partial.body["partialSuccess"]["rejectedDataPoints"], "3");
    assert!(
        message.contains("choose a smaller unit")
            && message.contains("has no value")
            && message.contains("for the appliance alone"),
        "{message}"
    );
    let row = world.last_row(tenant.id);
    assert_eq!((row.action.code(), row.detail["accepted"].as_str()), ("chargeback:manage", "2"));
    // The same once more is known; only what cannot be counted is told of.
    assert_eq!(send(&world, &ada, &whole).await.body, partial.body);
    assert_eq!(world.last_row(tenant.id).detail["duplicate"].as_str(), "2");
    let all = "SELECT sum(quantity), count(*), max(source), max(resource), max(unit), max(dimensions['country']) FROM usage WHERE meter = 'orders'";
    assert_eq!(rows(&world, &ada, all).await, json!([[7, 2, "shop", "shop-1", "{order}", "DE"]]));
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_become_what_was_used_since() {
    let world = World::new();
    let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    let point = |since: u64, read: u64, value: Value| json!({ "asDouble": value, "timeUnixNano": (NOW + read).to_string(), "startTimeUnixNano": since.to_string() });
    let total = async || {
        rows(&world, &ada, "SELECT coalesce(sum(quantity), 0), count(*) FROM usage WHERE meter = 'bytes'").await
    };
    for (points, expected) in [
        // All since it began.
        (json!([point(100, 10, json!(5))]), json!([[5, 1]])),
        // Said again, and said late.
        (json!([point(100, 10, json!(5)), point(100, 9, json!(4))]), json!([[5, 1]])),
        // Two readings in the wrong order; what is not whole waits.
        (json!([point(100, 30, json!(9.75)), point(100, 20, json!(7.5))]), json!([[9, 3]])),
        // It stands still.
        (json!([point(100, 40, json!(9.9))]), json!([[9, 3]])),
        // It began anew, and fell without a word.
        (json!([point(200, 50, json!(2))]), json!([[11, 4]])),
        (json!([point(200, 60, json!(1))]), json!([[12, 5]])),
        // Of the life before.
        (json!([point(100, 70, json!(100))]), json!([[12, 5]])),
    ] {
        let answer = send(&world, &ada, &json!([sum("bytes", 2, &points)])).await;
        assert_eq!(answer.body, json!({}), "{}", answer.body);
        assert_eq!(total().await, expected);
    }
    // Nobody knows since when: the first reading is where it begins.
    for (value, expected) in [(1_000, json!([[null]])), (1_010, json!([[10]]))] {
        let known = point(0, value, json!(value));
        send(&world, &ada, &json!([sum("unknown", 2, &json!([known]))])).await;
        assert_eq!(rows(&world, &ada, "SELECT sum(quantity) FROM usage WHERE meter = 'unknown'").await, expected);
    }
    // A step beyond belief is refused and not counted, and the next is counted from there.
    let huge = i64::MAX.to_string();
    let whole = |read: u64, value: &str| json!({ "asInt": value, "timeUnixNano": (NOW + read).to_string() });
    for (read, value, refused) in [(1, "-5", None), (2, huge.as_str(), Some("1")), (3, huge.as_str(), None)] {
        let answer = send(&world, &ada, &json!([sum("leaping", 2, &json!([whole(read, value)]))])).await;
        assert_eq!(answer.body["partialSuccess"]["rejectedDataPoints"].as_str(), refused, "{value}");
    }
    let began =
        json!({ "asInt": "7", "timeUnixNano": (NOW + 4).to_string(), "startTimeUnixNano": (NOW + 3).to_string() });
    send(&world, &ada, &json!([sum("leaping", 2, &json!([began]))])).await;
    assert_eq!(rows(&world, &ada, "SELECT sum(quantity) FROM usage WHERE meter = 'leaping'").await, json!([[7]]));
    let mut falling = sum("level", 2, &json!([point(1, 1, json!(1))]));
    falling["sum"]["isMonotonic"] = json!(false);
    let no_value = json!({ "timeUnixNano": NOW.to_string() });
    let part = json!({ "asDouble": 0.5, "timeUnixNano": NOW.to_string() });
    let list = json!({ "asInt": 1, "timeUnixNano": NOW.to_string(), "attributes": [{ "key": "a", "value": { "arrayValue": {} } }] });
    let old = json!({ "asInt": 1, "timeUnixNano": "1700000000000000000" });
    let silent = json!({ "flags": 1, "timeUnixNano": NOW.to_string() });
    let answer = send(
        &world,
        &ada,
        &json!([falling, sum("x", 1, &json!([no_value, part, list, old, silent, {}])), sum("y", 0, &json!([part]))]),
    )
    .await;
    assert_eq!(answer.body["partialSuccess"]["rejectedDataPoints"], "7");
    assert_eq!(rows(&world, &ada, "SELECT count(*) FROM usage WHERE meter IN ('x', 'y', 'level')").await, json!([[0]]));
}

/// A field of a protocol buffer with bytes in it.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut length = bytes.len();
    let mut out = vec![number << 3 | 2];
    while length >= 0x80 {
        out.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(bytes);
    out
}

fn fixed(number: u8, value: u64) -> Vec<u8> {
    [&[number << 3 | 1][..], &value.to_le_bytes()].concat()
}

/// One delta of 5 orders, as a protocol buffer.
fn wire() -> Vec<u8> {
    let text = |key: &str, value: &str| [field(1, key.as_bytes()), field(2, &field(1, value.as_bytes()))].concat();
    let point = [fixed(3, NOW), fixed(6, 5), field(7, &text("country", "FR")), vec![0x40, 0x00]].concat();
    let sum = [field(1, &point), vec![0x10, 0x01], vec![0x18, 0x01]].concat();
    let metric = [field(1, b"orders"), field(2, b"what was ordered"), field(3, b"{order}"), field(7, &sum)].concat();
    let gauge = [field(1, b"load"), field(5, &field(1, &fixed(4, 0)))].concat();
    let scope = [field(1, &field(1, b"orders")), field(2, &metric), field(2, &gauge)].concat();
    let resource = field(1, &text("service.name", "shop"));
    field(1, &[field(1, &resource), field(2, &scope), field(3, b"https://schema.example")].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn protocol_buffers_plain_and_packed() {
    let world = World::new();
    let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    let post = async |body: Vec<u8>, headers: &[(&str, &str)]| world.send_raw(&ada, PATH, body, headers).await;
    let protobuf = ("content-type", "application/x-protobuf");
    let plain = post(wire(), &[protobuf]).await;
    assert_eq!(
        (plain.status, &plain.headers["content-type"]),
        (StatusCode::OK, &"application/x-protobuf".parse().unwrap())
    );
    let message = b"1 points: the point does not say its time";
    let partial = [vec![0x08, 1, 0x12, message.len() as u8], message.to_vec()].concat();
    assert_eq!(plain.bytes, field(1, &partial));
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&wire()).unwrap();
    let packed = post(gzip.finish().unwrap(), &[protobuf, ("content-encoding", "gzip")]).await;
    assert_eq!((packed.status, packed.bytes), (StatusCode::OK, plain.bytes), "and nothing is counted twice");
    assert_eq!(
        rows(&world, &ada, "SELECT sum(quantity), max(dimensions['country']) FROM usage WHERE meter = 'orders'").await,
        json!([[5, "FR"]])
    );

    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![0; 20 << 20]).unwrap();
    for (body, headers, status) in [
        (bomb.finish().unwrap(), vec![protobuf, ("content-encoding", "gzip")], 413),
        (wire(), vec![protobuf, ("content-encoding", "gzip")], 400),
        (wire(), vec![protobuf, ("content-encoding", "br")], 415),
        (wire(), vec![("content-type", "text/plain")], 415),
        (b"[".to_vec(), vec![("content-type", "application/json")], 400),
        // Empty points, two bytes each: many times their size if they were read.
        (field(1, &field(2, &field(2, &field(7, &[0x0a, 0].repeat(1 << 20))))), vec![protobuf], 400),
        (
            format!("{{\"resourceMetrics\":[{}{{}}]}}", "{},".repeat(500_000)).into_bytes(),
            vec![("content-type", "application/json")],
            400,
        ),
    ] {
        let answer = post(body, &headers).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
    assert_eq!(post(vec![], &[protobuf]).await.status, StatusCode::OK, "nothing to say");
    // Whatever is cut off or changed is refused or read, and nothing else.
    let sound = wire();
    for at in 0..sound.len() {
        let mut damaged = sound.clone();
        damaged[at] ^= 0xff;
        for body in [sound[..at].to_vec(), damaged] {
            assert!(post(body, &[protobuf]).await.status.as_u16() < 500);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_arrow_are_events() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let post = async |body: Vec<u8>| {
        world.send_raw(&ada, "/v1/usage/events", body, &[("content-type", "application/vnd.apache.arrow.stream")]).await
    };
    // What one door gives the other takes.
    let stream = async |sql: &str| {
        let answer = world.send(Some(&ada), Method::POST, "/v1/query", json!({ "sql": sql, "format": "arrow" })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.bytes
    };
    let events = "SELECT CAST(value AS VARCHAR) AS id, 'crm' AS source, CASE WHEN value = 3 THEN 'audiagram.video' ELSE 'mails' END AS type, \
                  value * 10 AS quantity, to_timestamp(1800000000 - value) AS time, 'piece' AS unit, map(['a', 'b'], ['1', '2']) AS dimensions \
                  FROM generate_series(1, 4) ORDER BY value";
    let body = stream(events).await;
    let first = post(body.clone()).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    let statuses: Vec<_> =
        first.body["events"].as_array().unwrap().iter().map(|event| event["status"].clone()).collect();
    assert_eq!(statuses, ["accepted", "accepted", "rejected", "accepted"]);
    assert_eq!(world.last_row(tenant.id).detail["accepted"].as_str(), "3");
    let again = post(body).await;
    assert_eq!((&again.body["duplicate"], &again.body["rejected"]), (&json!(3), &json!(1)));
    // The same event by the other form is the same event.
    let json = json!({ "specversion": "1.0", "id": "1", "source": "crm", "type": "mails", "data": { "quantity": 10 } });
    assert_eq!(world.send(Some(&ada), Method::POST, "/v1/usage/events", json).await.body["duplicate"], 1);
    let all = "SELECT sum(quantity), count(*), max(dimensions['b']), min(CAST(at AS VARCHAR)) FROM usage WHERE meter = 'mails'";
    let expected = json!([[70, 3, "2", "2027-01-15T07:59:56Z"]]);
    assert_eq!(rows(&world, &ada, all).await, expected);

    for (sql, status, text) in [
        ("SELECT 1 AS id", 400, "there is no column `source`"),
        ("SELECT 'a' AS id, 'b' AS source, 'c' AS type, 1 AS quantity, 2 AS price", 400, "column 5 is not known"),
        (
            "SELECT CAST(value AS VARCHAR) AS id, 'b' AS source, 'c' AS type, 1 AS quantity FROM generate_series(1, 10001)",
            422,
            "at most 10000",
        ),
        ("SELECT 'a' AS id, 'b' AS source, 'c' AS type, 1 AS quantity WHERE false", 422, "there are no events"),
    ] {
        let answer = post(stream(sql).await).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
        assert!(answer.body["detail"].as_str().unwrap().contains(text), "{}", answer.body);
    }
    assert_eq!(post(b"PAR1".to_vec()).await.code(), "bad_request");
    world.verify(tenant.id);
}
