//! What is counted once, what is forgotten, and what is refused.

use std::time::Duration;

use model::Timestamp;
use proptest::prelude::*;
use store::backend::Faults;

use super::place::{NOW, Place, event, send, send_through, write};
use crate::{
    Event, Fault, LedgerError, MAX_BATCH, Meter, Sieve, Verdict, WINDOW, forget, has_past, head, ingest, record,
    should_forget,
};

#[test]
fn each_event_once() {
    let place = Place::new();
    let db = place.open(&Faults::default()).unwrap();
    let (one, two) = (event("1", 5), event("2", 7));
    let mut reserved = event("3", 1);
    reserved.meter = Meter::Video.name().to_owned();
    let verdicts = send(&db, vec![one.clone(), two.clone(), one.clone(), reserved]).unwrap();
    let expected = [Verdict::Accepted, Verdict::Accepted, Verdict::Duplicate, Verdict::Rejected(Fault::Reserved)];
    assert_eq!(verdicts, expected);
    // Other words under the same id are the same event.
    assert_eq!(send(&db, vec![Event { quantity: 6, ..one }]).unwrap(), [Verdict::Duplicate]);
    place.seal(&db, 100).unwrap();
    assert_eq!(send(&db, vec![two.clone()]).unwrap(), [Verdict::Duplicate]);
    let mut correction = event("4", -2);
    correction.corrects = Some(two.id);
    assert_eq!(send(&db, vec![correction]).unwrap(), [Verdict::Accepted]);
    let sum: i64 = place.rows(&db).iter().map(|row| row.event.quantity).sum();
    assert_eq!((place.rows(&db).len(), sum), (3, 10));
    let too_many = (0..=MAX_BATCH).map(|n| event(&n.to_string(), 1)).collect();
    assert!(matches!(send(&db, too_many), Err(LedgerError::TooMany)));
}

#[test]
fn the_appliances_own_work_is_counted_with_it() {
    let place = Place::new();
    let db = place.open(&Faults::default()).unwrap();
    let own = Event::own(Meter::Video, "job_1", 90_000, Timestamp::from_millis(NOW));
    write(&db, |tx| record(tx, vec![own.clone(), own.clone()])).unwrap();
    write(&db, |tx| record(tx, vec![own.clone()])).unwrap();
    // Work that is refused is not counted.
    let refused = write::<(), store::WriteError>(&db, |tx| {
        record(tx, vec![Event::own(Meter::Video, "job_2", 1, Timestamp::from_millis(NOW))])?;
        Err(store::WriteError::TooLarge)
    });
    assert!(refused.is_err());
    let rows = place.rows(&db);
    assert_eq!((rows.len(), rows[0].event.quantity, rows[0].event.unit.as_str()), (1, 90_000, "ms"));
}

#[test]
fn what_is_past_the_window_is_refused_and_forgotten() {
    let place = Place::new();
    let db = place.open(&Faults::default()).unwrap();
    send(&db, (0..10).map(|n| event(&n.to_string(), 1)).collect()).unwrap();
    let day = Duration::from_secs(86_400);
    place.clock.advance(WINDOW);
    assert_eq!(send(&db, vec![event("3", 1)]).unwrap(), [Verdict::Duplicate]);
    place.clock.advance(day);
    assert_eq!(send(&db, vec![event("3", 1)]).unwrap(), [Verdict::Rejected(Fault::TooOld)]);
    let has_past = || has_past(&db.read().unwrap(), db.clock().now()).unwrap();
    assert!(!has_past(), "others of the same days may be counted yet");
    place.clock.advance(7 * day);
    assert!(should_forget(&head(&db.read().unwrap()).unwrap(), db.clock().now()) && has_past());
    assert_eq!(write::<_, store::WriteError>(&db, forget).unwrap(), 10);
    assert!(!has_past());
    // Forgotten, and refused all the same.
    assert_eq!(send(&db, vec![event("3", 1)]).unwrap(), [Verdict::Rejected(Fault::TooOld)]);
    assert_eq!(place.rows(&db).len(), 10);
}

#[test]
fn many_events_through_a_sieve() {
    let place = Place::new();
    let db = place.open(&Faults::default()).unwrap();
    let (sieve, mut known) = (Sieve::default(), std::collections::BTreeSet::new());
    let mut seed = 7u64;
    let mut chance = |most: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % most
    };
    for batch in 0..40 {
        // Many and few, mostly new, in any order, some twice; now and then days pass, or the sieve is lost.
        let count = [1, 5, 63, 64, 700, 3_000][chance(6) as usize];
        let ids: Vec<u64> = (0..count).map(|_| chance(60_000)).collect();
        let events = ids.iter().map(|id| Event { at: db.clock().now(), ..event(&id.to_string(), 1) }).collect();
        let lost = Sieve::default();
        let verdicts = send_through(if batch % 9 == 8 { &lost } else { &sieve }, &db, events).unwrap();
        for (id, verdict) in ids.into_iter().zip(verdicts) {
            assert_eq!(verdict == Verdict::Accepted, known.insert(id), "{id} in batch {batch}");
        }
        if batch % 10 == 9 {
            place.clock.advance(Duration::from_secs(3 * 86_400));
        }
    }
    assert_eq!(head(&db.read().unwrap()).unwrap().rows, known.len() as u64);
    // Who asks with a sieve that is ahead of the file, for a write that failed, is answered the same.
    let refused = write::<(), LedgerError>(&db, |tx| {
        ingest(tx, &sieve, (60_000..60_100).map(|id| Ok(event(&id.to_string(), 1))).collect())?;
        Err(LedgerError::Full)
    });
    assert!(refused.is_err());
    let again = send_through(&sieve, &db, vec![event("60000", 1), event("60001", 1)]).unwrap();
    assert_eq!(again, [Verdict::Accepted, Verdict::Accepted]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_ledger_is_a_set_of_events(
        batches in proptest::collection::vec(proptest::collection::vec((0..40u32, -5i64..50), 0..12), 1..12),
        seals in proptest::collection::vec(0..20usize, 12),
    ) {
        let place = Place::new();
        let db = place.open(&Faults::default()).unwrap();
        let mut known = std::collections::BTreeMap::new();
        for (batch, most) in batches.iter().zip(seals) {
            let events: Vec<_> = batch.iter().map(|(id, quantity)| event(&id.to_string(), *quantity)).collect();
            for (verdict, (id, quantity)) in send(&db, events).unwrap().into_iter().zip(batch) {
                prop_assert_eq!(verdict == Verdict::Accepted, !known.contains_key(id));
                known.entry(*id).or_insert(*quantity);
            }
            if most > 0 {
                place.seal(&db, most).unwrap();
            }
            if most > 15 {
                place.merge(&db).unwrap();
            }
        }
        let rows = place.rows(&db);
        prop_assert_eq!(rows.len(), known.len());
        prop_assert_eq!(rows.iter().map(|row| row.event.quantity).sum::<i64>(), known.values().sum::<i64>());
        prop_assert!(rows.iter().enumerate().all(|(at, row)| row.number == at as u64));
    }
}
