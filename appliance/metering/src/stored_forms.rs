//! The stored form of every record of this crate.

use model::{AnyId, NounKind, Timestamp};
use serde_json::{from_value, json};
use store::{as_stored, blob::BlobDigest};

use crate::{
    Event, EventId, Segment,
    counter::{Counter, Counters},
    known::{Block, Runs},
    ledger::{Batch, Head},
    rate::{Rate, RateCard},
    totals::{DayTotals, Total},
};

const AT: Timestamp = Timestamp::from_millis(1_800_000_000_000);

#[test]
fn records_are_stored_as_ever() {
    let id = EventId([7; 16]);
    let event = Event {
        id,
        meter: "prints".to_owned(),
        quantity: -3,
        unit: "page".to_owned(),
        at: AT,
        source: "printer".to_owned(),
        user: Some(AnyId::new(NounKind::User, 1)),
        project: Some(AnyId::new(NounKind::Project, 2)),
        job: Some(AnyId::new(NounKind::Job, 3)),
        resource: "hall".to_owned(),
        corrects: Some(EventId([8; 16])),
        dimensions: vec![("floor".to_owned(), "2".to_owned())],
    };
    let batch: Batch = from_value(json!({ "number": 1, "first_row": 2, "received": AT, "events": [event] })).unwrap();
    let run = json!({ "number": 1, "period": 2, "ids": 3, "bits": 4, "print": id });
    let runs: Runs = from_value(json!({ "next": 5, "runs": [run] })).unwrap();
    let block: Block = from_value(json!({ "run": 1, "place": 2, "ids": [id] })).unwrap();
    let head = Head {
        batches: 1,
        rows: 2,
        unsealed_batch: 3,
        unsealed_row: 4,
        segments: 5,
        unsealed_since: AT,
        forgotten_day: 6,
        stock_day: 7,
    };
    let segment = Segment {
        number: 1,
        digest: BlobDigest([0xDD; 32]),
        bytes: 2,
        rows: 3,
        from: AT,
        to: AT,
        level: 4,
        retired: Some(AT),
    };
    let lines = vec![Rate { meter: "prints".to_owned(), price_micros: 50_000, block: 10 }];
    let card = RateCard { version: 1, from: AT, currency: "EUR".to_owned(), lines };
    let counter: Counter = from_value(json!({ "id": id, "since": 1, "read": 2, "value": 3 })).unwrap();
    let counters: Counters = from_value(json!({ "known": 4 })).unwrap();
    let total = Total { meter: "audiagram.speech".to_owned(), quantity: 60_000, events: 2 };
    let totals = DayTotals { day: 20_833, own: vec![total], others: 7 };
    let all = [
        as_stored(&head),
        as_stored(&batch),
        as_stored(&runs),
        as_stored(&block),
        as_stored(&segment),
        as_stored(&card),
        as_stored(&counter),
        as_stored(&counters),
        as_stored(&totals),
    ];
    insta::assert_snapshot!("stored", all.concat());
}
