//! Gauges and histograms of OpenTelemetry as events of use.

use serde_json::{Value, json};
use store::{Database, backend::Faults};

use super::place::{NOW, Place, write};
use crate::{Fault, Row, Sieve, Verdict, ingest_measured, otlp::Metrics};

const NANOS: u64 = NOW * 1_000_000;

fn send(db: &Database, metric: &Value) -> Vec<Verdict> {
    let request = json!({ "resourceMetrics": [{ "scopeMetrics": [{ "metrics": [metric] }] }] });
    let metrics = Metrics::from_json(request.to_string().as_bytes()).unwrap();
    write(db, |tx| ingest_measured(tx, &Sieve::default(), metrics.measured())).unwrap()
}

/// Meter, quantity, unit and dimensions of each row, in the order of their meters and bounds.
fn told(rows: &[Row]) -> Vec<String> {
    let mut told: Vec<String> = rows
        .iter()
        .map(|row| {
            let event = &row.event;
            let dimensions: Vec<String> =
                event.dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{} {} {} {}", event.meter, event.quantity, event.unit, dimensions.join(","))
        })
        .collect();
    told.sort();
    told
}

fn histogram(temporality: u32, point: &Value) -> Value {
    json!({ "name": "latency", "unit": "ms", "histogram": { "aggregationTemporality": temporality, "dataPoints": [point] } })
}

fn point(after: u64, counts: [u64; 3], sum: f64) -> Value {
    json!({
        "startTimeUnixNano": (NANOS - 1_000).to_string(), "timeUnixNano": (NANOS + after).to_string(),
        "count": counts.iter().sum::<u64>().to_string(), "sum": sum,
        "bucketCounts": counts.map(|count| count.to_string()), "explicitBounds": [10, 2.5e2],
        "attributes": [{ "key": "route", "value": { "stringValue": "/v1" } }],
    })
}

#[test]
fn gauges_are_levels_that_say_so() {
    let place = Place::new();
    let db = place.open(&Faults::default()).unwrap();
    let level = |value: Value| {
        json!({ "name": "seats", "gauge": { "dataPoints": [
        { "timeUnixNano": NANOS.to_string(), "asInt": value }, { "timeUnixNano": NANOS.to_string(), "flags": 1 } ] } })
    };
    assert_eq!(send(&db, &level(json!("12"))), [Verdict::Accepted], "what says no value says nothing");
    assert_eq!(send(&db, &level(json!("12"))), [Verdict::Duplicate]);
    assert_eq!(told(&place.rows(&db)), ["seats 12 1 otlp.kind=gauge"]);
    let part = json!({ "name": "load", "gauge": { "dataPoints": [{ "timeUnixNano": NANOS.to_string(), "asDouble": 0.5 }, {}] } });
    let refused = send(&db, &part);
    assert!(refused.iter().all(|verdict| matches!(verdict, Verdict::Rejected(Fault::Form(_)))), "{refused:?}");
    assert_eq!(refused.len(), 2);
}

#[test]
fn histograms_are_what_they_count() {
    let place = Place::new();
    let db = place.open(&Faults::default()).unwrap();
    let first = histogram(1, &point(0, [3, 0, 2], 1_000.0));
    assert_eq!(send(&db, &first), [Verdict::Accepted]);
    assert_eq!(send(&db, &first), [Verdict::Duplicate]);
    let expected = [
        "latency.bucket 2 1 le=+Inf,route=/v1",
        "latency.bucket 3 1 le=10,route=/v1",
        "latency.count 5 1 route=/v1",
        "latency.sum 1000 ms route=/v1",
    ];
    assert_eq!(told(&place.rows(&db)), expected);
}

#[test]
fn cumulative_histograms_count_what_they_grew() {
    let place = Place::new();
    let db = place.open(&Faults::default()).unwrap();
    for (after, counts, sum) in [(1, [3, 0, 2], 1_000.75), (2, [3, 0, 2], 1_000.75), (3, [4, 1, 2], 1_100.5)] {
        assert_eq!(send(&db, &histogram(2, &point(after, counts, sum))), [Verdict::Accepted], "{after}");
    }
    assert_eq!(send(&db, &histogram(2, &point(2, [3, 0, 2], 1_000.75))), [Verdict::Duplicate]);
    let rows = place.rows(&db);
    let sum =
        |meter: &str| rows.iter().filter(|row| row.event.meter == meter).map(|row| row.event.quantity).sum::<i64>();
    assert_eq!((sum("latency.count"), sum("latency.sum"), sum("latency.bucket")), (7, 1_100, 7));
    assert_eq!(rows.len(), 3 + 1 + 4, "what stands still is no row");
}

#[test]
fn what_is_no_histogram_is_refused_whole() {
    let place = Place::new();
    let db = place.open(&Faults::default()).unwrap();
    let changed = |field: &str, value: Value| {
        let mut point = point(0, [3, 0, 2], 1_000.0);
        point[field] = value;
        point
    };
    for (point, says) in [
        (changed("count", json!("6")), "sum up to its count"),
        (changed("bucketCounts", json!(["5"])), "one bucket more"),
        (changed("explicitBounds", json!([250, 10])), "rise"),
        (changed("explicitBounds", json!([10, "Infinity"])), "rise"),
        (changed("sum", json!(-1)), "below zero"),
        (changed("sum", json!(0.5)), "smaller unit"),
        (changed("sum", json!(1e12)), "whole number from"),
        (changed("timeUnixNano", json!("0")), "its time"),
        (changed("timeUnixNano", json!((NANOS * 2).to_string())), "ahead"),
        (changed("count", json!("18446744073709551615")), "sum up to its count"),
        (changed("attributes", json!([{ "key": "le", "value": { "stringValue": "1" } }])), "for the bounds"),
        (
            changed(
                "attributes",
                json!(
                    (0..8).map(|n| json!({ "key": n.to_string(), "value": { "intValue": "1" } })).collect::<Vec<_>>()
                ),
            ),
            "dimensions",
        ),
    ] {
        let verdicts = send(&db, &histogram(1, &point));
        let [Verdict::Rejected(fault)] = verdicts.as_slice() else { panic!("{says}: {verdicts:?}") };
        assert!(fault.to_string().contains(says), "{says}: {fault}");
    }
    assert!(matches!(send(&db, &histogram(0, &point(0, [1, 1, 1], 3.0))).as_slice(), [Verdict::Rejected(_)]));
    let summary = json!({ "name": "latency", "summary": { "dataPoints": [{}, {}] }, "exponentialHistogram": { "dataPoints": [{}] } });
    assert_eq!(send(&db, &summary).iter().filter(|verdict| matches!(verdict, Verdict::Rejected(_))).count(), 3);
    assert_eq!(place.rows(&db).len(), 0);
}

/// The same point as a protocol buffer, with its numbers packed and one a field.
#[test]
fn both_forms_say_the_same() {
    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, u8::try_from(bytes.len()).unwrap()], bytes].concat()
    }
    fn fixed(number: u8, value: u64) -> Vec<u8> {
        [&[number << 3 | 1][..], &value.to_le_bytes()].concat()
    }
    let counts = [3_u64, 0, 2];
    let packed = field(6, &counts.map(u64::to_le_bytes).concat());
    let single = counts.map(|count| fixed(6, count)).concat();
    for counts in [packed, single] {
        let place = Place::new();
        let db = place.open(&Faults::default()).unwrap();
        let bounds = field(7, &[10.0_f64, 250.0].map(|bound| bound.to_bits().to_le_bytes()).concat());
        let times = [fixed(2, NANOS - 1_000), fixed(3, NANOS), fixed(4, 5), fixed(5, 1_000.0_f64.to_bits())].concat();
        let route = field(9, &[field(1, b"route"), field(2, &field(1, b"/v1"))].concat());
        let histogram = [field(1, &[times, counts, bounds, route].concat()), vec![0x10, 1]].concat();
        let metric = [field(1, b"latency"), field(3, b"ms"), field(9, &histogram)].concat();
        let level = field(5, &field(1, &[fixed(3, NANOS), fixed(6, 12)].concat()));
        let scope = [field(2, &metric), field(2, &[field(1, b"seats"), level].concat())].concat();
        let metrics = Metrics::from_wire(&long(1, &long(2, &scope))).unwrap();
        assert_eq!(metrics.parts(), 6);
        write(&db, |tx| ingest_measured(tx, &Sieve::default(), metrics.measured())).unwrap();
        // Known already: it is the same series at the same time.
        let first = self::histogram(1, &point(0, [3, 0, 2], 1_000.0));
        assert_eq!(send(&db, &first), [Verdict::Duplicate]);
        assert_eq!(told(&place.rows(&db)).len(), 5);
    }
    /// A field that may have more bytes than one byte says.
    fn long(number: u8, bytes: &[u8]) -> Vec<u8> {
        let length = bytes.len();
        [&[number << 3 | 2, (length & 0x7f) as u8 | 0x80, (length >> 7) as u8], bytes].concat()
    }
}
