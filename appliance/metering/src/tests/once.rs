//! What is counted once, what is forgotten, and what is refused.

use std::time::Duration;

use model::Timestamp;
use proptest::prelude::*;
use store::backend::Faults;

use super::place::{NOW, Place, event, send, write};
use crate::{
    Event, Fault, LedgerError, MAX_BATCH, Meter, Verdict, WINDOW, forget, head, past_window, record, should_forget,
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
    let now = || store_now(&db);
    assert_eq!(past_window(&db.read().unwrap(), now(), None).unwrap().0.len(), 0, "a day more than the window");
    place.clock.advance(day);
    assert!(should_forget(&head(&db.read().unwrap()).unwrap(), now()));
    let (old, next) = past_window(&db.read().unwrap(), now(), None).unwrap();
    assert_eq!((old.len(), next), (10, None));
    write(&db, |tx| forget(tx, &old)).unwrap();
    assert_eq!(past_window(&db.read().unwrap(), now(), None).unwrap().0.len(), 0);
    // Forgotten, and refused all the same.
    assert_eq!(send(&db, vec![event("3", 1)]).unwrap(), [Verdict::Rejected(Fault::TooOld)]);
    assert_eq!(place.rows(&db).len(), 10);
}

fn store_now(db: &store::Database) -> Timestamp {
    db.clock().now()
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
