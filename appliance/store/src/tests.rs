//! The store against a map in memory, with many writers, and what it refuses.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use model::{Id, IdSource, ManualClock, Outcome, SystemTask, Timestamp, noun};
use proptest::prelude::*;
use redb::backends::InMemoryBackend;
use serde::{Deserialize, Serialize};

use crate::{Database, EventDraft, IndexEntries, KeyBytes, Query, Read, Record, WriteError};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Card {
    id: Id<noun::Project>,
    title: String,
    colour: u8,
}

impl Record for Card {
    const NAME: &'static str = "card";
    const NUMBER: u8 = 200;
    type Key = Id<noun::Project>;
    fn key(&self) -> Self::Key {
        self.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(1, &KeyBytes::new().with(&self.colour));
        if !self.title.is_empty() {
            entries.unique(2, &KeyBytes::new().with(&self.title));
        }
    }
}

fn card(number: u128, title: &str, colour: u8) -> Card {
    Card { id: Id::from_bits(number), title: title.to_owned(), colour }
}

fn open() -> Database {
    let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_000_000)));
    #[expect(clippy::disallowed_methods, reason = "a database in memory")]
    let redb = redb::Builder::new().create_with_backend(InMemoryBackend::new()).unwrap();
    Database::begin(Id::<noun::Tenant>::from_bits(1).erase(), redb, 0, clock, Arc::new(IdSource::fixed(1))).unwrap()
}

fn event() -> EventDraft {
    EventDraft::system(SystemTask::Retention, Id::<noun::Tenant>::from_bits(1).erase())
}

fn put(db: &Database, card: &Card) -> Result<(), WriteError> {
    db.write(event(), |tx| tx.put(card))
}

#[test]
fn what_is_written_is_read() {
    let db = open();
    put(&db, &card(1, "one", 3)).unwrap();
    put(&db, &card(2, "two", 3)).unwrap();
    put(&db, &card(1, "uno", 4)).unwrap();
    let view = db.read().unwrap();
    assert_eq!(view.get::<Card>(&Id::from_bits(1)).unwrap(), Some(card(1, "uno", 4)));
    assert_eq!(view.find::<Card>(2, &KeyBytes::new().with("two")).unwrap(), Some(card(2, "two", 3)));
    assert_eq!(view.find::<Card>(2, &KeyBytes::new().with("one")).unwrap(), None, "the old title leads nowhere");
    let threes = view.list::<Card>(&Query::by(1, KeyBytes::new().with(&3u8), 10), |_| true).unwrap();
    assert_eq!(threes.items, [card(2, "two", 3)]);
    assert_eq!(db.audit_head().unwrap().0, 3, "one row a write");
}

#[test]
fn a_refused_write_leaves_no_trace() {
    let db = open();
    put(&db, &card(1, "one", 1)).unwrap();
    let refused = db.write::<(), WriteError>(event(), |tx| {
        tx.put(&card(5, "five", 1))?;
        tx.put(&card(2, "one", 1))
    });
    assert!(matches!(refused, Err(WriteError::Taken("card"))));
    let view = db.read().unwrap();
    assert_eq!(view.list::<Card>(&Query::newest(10), |_| true).unwrap().items, [card(1, "one", 1)]);
    assert_eq!(db.audit_head().unwrap().0, 1);
    assert!(matches!(
        db.write::<(), WriteError>(event(), |tx| tx.put(&card(9, &"x".repeat(crate::MAX_WRITE_BYTES), 1))),
        Err(WriteError::TooLarge)
    ));
}

#[test]
fn pages_follow_one_another() {
    let db = open();
    for number in 0..25 {
        put(&db, &card(number, "", (number % 2) as u8)).unwrap();
    }
    for newest_first in [false, true] {
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let view = db.read().unwrap();
            let query = Query { index: None, after: after.as_ref(), limit: 4, newest_first };
            let page = view.list::<Card>(&query, |card| card.colour == 1).unwrap();
            seen.extend(page.items.iter().map(|card| card.id.bits()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let mut expected: Vec<u128> = (0..25).filter(|number| number % 2 == 1).collect();
        if newest_first {
            expected.reverse();
        }
        assert_eq!(seen, expected);
    }
}

#[test]
fn many_writers_share_commits_and_lose_nothing() {
    let db = open();
    std::thread::scope(|scope| {
        for writer in 0..8u128 {
            let db = &db;
            scope.spawn(move || {
                for number in 0..50 {
                    put(db, &card(writer * 1000 + number, "", 1)).unwrap();
                    // What this thread was told is durable is in the next snapshot.
                    assert!(db.read().unwrap().get::<Card>(&Id::from_bits(writer * 1000 + number)).unwrap().is_some());
                }
            });
        }
    });
    let all = db.read().unwrap().list::<Card>(&Query::newest(1000), |_| true).unwrap();
    assert_eq!(all.items.len(), 400);
    assert_eq!(db.audit_head().unwrap().0, 400);
}

#[test]
fn a_panic_inside_a_change_harms_nobody_else() {
    let db = open();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        db.write::<(), WriteError>(event(), |tx| {
            tx.put(&card(1, "", 1))?;
            panic!("a change went wrong")
        })
    }));
    assert!(panicked.is_err());
    put(&db, &card(2, "", 1)).unwrap();
    assert_eq!(db.read().unwrap().list::<Card>(&Query::newest(10), |_| true).unwrap().items.len(), 1);
}

#[test]
fn the_audit_row_says_what_was_done() {
    let db = open();
    db.write::<(), WriteError>(event(), |tx| {
        tx.note("colour", "7");
        tx.about(Id::<noun::Project>::from_bits(7).erase());
        tx.outcome(Outcome::Failed);
        Ok(())
    })
    .unwrap();
    let (index, event) = db.read().unwrap().audit_rows(0, 10).unwrap().remove(0);
    let event = event.unwrap();
    assert_eq!(index, 0);
    assert_eq!(event.detail["colour"], "7");
    assert_eq!(event.outcome, Outcome::Failed);
    assert_eq!(event.at, Timestamp::from_millis(1_000_000).after(Duration::ZERO));
}

#[test]
fn an_erased_row_leaves_its_hash_and_every_proof() {
    let db = open();
    for number in 0..20 {
        put(&db, &card(number, &format!("secret {number}"), 1)).unwrap();
    }
    let before = db.read().unwrap();
    let (leaf, (size, root)) = (before.audit_leaves(7, 1).unwrap()[0].1.hash(), db.audit_head().unwrap());
    db.write::<(), WriteError>(event(), |tx| {
        assert!(tx.erase_row(7)?);
        assert!(!tx.erase_row(7)?, "once");
        assert!(!tx.erase_row(99)?, "there is none");
        Ok(())
    })
    .unwrap();
    let view = db.read().unwrap();
    assert_eq!(view.audit_rows(7, 1).unwrap(), [(7, None)]);
    assert_eq!(view.audit_leaves(7, 1).unwrap()[0].1, crate::Leaf::Erased(leaf));
    let mut frontier = crate::chain::Frontier::default();
    for (index, leaf) in view.audit_leaves(0, 100).unwrap() {
        frontier.append(leaf.hash(), &mut |_, _, _| ());
        if index + 1 == size {
            assert_eq!(frontier.root(), root, "the head that was signed before still holds");
        }
    }
    assert_eq!((frontier.size(), frontier.root()), db.audit_head().unwrap());
}

#[derive(Debug, Clone)]
enum Step {
    Put(u8, u8),
    Delete(u8),
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn it_behaves_as_a_map(steps in proptest::collection::vec(prop_oneof![
        3 => (any::<u8>(), 0..4u8).prop_map(|(key, colour)| Step::Put(key % 16, colour)),
        1 => any::<u8>().prop_map(|key| Step::Delete(key % 16)),
    ], 1..60), batch in 1..5usize) {
        let db = open();
        let mut model: BTreeMap<u128, Card> = BTreeMap::new();
        for steps in steps.chunks(batch) {
            db.write::<(), WriteError>(event(), |tx| {
                for step in steps {
                    match *step {
                        Step::Put(key, colour) => {
                            let card = card(key.into(), &format!("t{key}"), colour);
                            tx.put(&card)?;
                            model.insert(key.into(), card);
                        }
                        Step::Delete(key) => {
                            let known = model.remove(&key.into()).is_some();
                            assert_eq!(tx.delete::<Card>(&Id::from_bits(key.into()))?, known);
                        }
                    }
                    // Inside the write, reads see its own changes.
                    let seen = tx.list::<Card>(&Query::newest(100), |_| true)?.items;
                    assert_eq!(seen, model.values().rev().cloned().collect::<Vec<_>>());
                }
                Ok(())
            }).unwrap();
        }
        let view = db.read().unwrap();
        for colour in 0..4u8 {
            let found = view.list::<Card>(&Query::by(1, KeyBytes::new().with(&colour), 100), |_| true).unwrap().items;
            prop_assert_eq!(found, model.values().filter(|card| card.colour == colour).cloned().collect::<Vec<_>>());
        }
    }
}

#[test]
fn generations_tell_which_records_changed() {
    let db = open();
    let before = (db.generation(Card::NUMBER), db.generation(1));
    put(&db, &card(1, "", 1)).unwrap();
    assert_ne!(db.generation(Card::NUMBER), before.0);
    assert_eq!(db.generation(1), before.1);
}

#[test]
fn proofs_hold_over_the_stored_log() {
    let db = open();
    for number in 0..300 {
        put(&db, &card(number, "", 1)).unwrap();
    }
    let view = db.read().unwrap();
    let (size, root) = db.audit_head().unwrap();
    for leaf in [0, 1, 255, 256, 299] {
        let proof = crate::chain::inclusion_proof(leaf, size, &view).unwrap();
        let hash = view.audit_leaves(leaf, 1).unwrap()[0].1.hash();
        crate::chain::verify_inclusion(&hash, leaf, size, &root, &proof).unwrap();
    }
}
