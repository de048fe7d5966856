//! The power is cut at every sync, with all that a disk may make of it; then everything is sent again.

use std::collections::BTreeMap;

use store::backend::{Fate, Faults};

use super::place::{Place, event, send};
use crate::{EventId, Verdict};

/// Batches of a sender who says some things twice.
fn batches() -> Vec<Vec<(String, i64)>> {
    (0..12).map(|batch| (0..5).map(|n| (format!("{}", batch * 4 + n), batch * 4 + n)).collect()).collect()
}

/// Sends, seals and merges until it is done or the power is gone. What was acknowledged goes into `told`.
fn work(place: &Place, faults: &Faults, told: &mut BTreeMap<EventId, i64>) -> Result<(), ()> {
    let db = place.open(faults).map_err(drop)?;
    for (number, batch) in batches().into_iter().enumerate() {
        let events: Vec<_> = batch.iter().map(|(id, quantity)| event(id, *quantity)).collect();
        let verdicts = send(&db, events.clone()).map_err(drop)?;
        for (event, verdict) in events.iter().zip(verdicts) {
            assert!(matches!(verdict, Verdict::Accepted | Verdict::Duplicate), "{verdict:?}");
            told.insert(event.id, event.quantity);
        }
        if number % 3 == 2 {
            place.seal(&db, 8).map_err(drop)?;
        }
        if number == 8 {
            place.merge(&db).map_err(drop)?;
        }
    }
    Ok(())
}

fn check(place: &Place, told: &BTreeMap<EventId, i64>, what: &str) {
    let db = place.open(&Faults::default()).unwrap();
    let rows = place.rows(&db);
    for (at, row) in rows.iter().enumerate() {
        assert_eq!(row.number, at as u64, "{what}: numbers have no gaps and come once");
    }
    let counted: BTreeMap<EventId, i64> = rows.iter().map(|row| (row.event.id, row.event.quantity)).collect();
    assert_eq!(counted.len(), rows.len(), "{what}: nothing is counted twice");
    for (id, quantity) in told {
        assert_eq!(counted.get(id), Some(quantity), "{what}: what was acknowledged is counted");
    }
}

#[test]
fn nothing_is_lost_and_nothing_counted_twice_wherever_the_power_is_cut() {
    // A file that is there: how it comes to be is the store's own affair. A whole run tells how many syncs there are.
    let begun = || {
        let place = Place::new();
        place.open(&Faults::default()).unwrap();
        place
    };
    let (place, faults) = (begun(), Faults::default());
    work(&place, &faults, &mut BTreeMap::new()).unwrap();
    let syncs = faults.syncs();
    let mut cuts = 0;
    for sync in 1..=syncs {
        let torn = (0..1_000 / syncs).map(|seed| Fate::Torn(sync * 1_000 + seed));
        for fate in [Fate::Lost, Fate::Kept].into_iter().chain(torn) {
            let (place, mut told) = (begun(), BTreeMap::new());
            let faults = Faults::default();
            faults.cut_power_at_sync(sync, fate);
            // The last sync is that of closing the file: by then all was acknowledged.
            let _ = work(&place, &faults, &mut told);
            cuts += u64::from(faults.is_off());
            check(&place, &told, &format!("after cut {sync}, {fate:?}"));
            // All of it is sent again.
            work(&place, &Faults::default(), &mut told).unwrap();
            check(&place, &told, &format!("after all was sent again, cut {sync}, {fate:?}"));
            assert_eq!(told.len(), 49);
        }
    }
    assert!(cuts >= 1_000, "{cuts} cuts");
}
