use std::sync::Arc;

use model::{Id, IdSource, ManualClock, SystemTask, noun};
use proptest::prelude::*;
use redb::backends::InMemoryBackend;
use serde::{Deserialize, Serialize};

use super::*;
use crate::{Database, EventDraft, IndexEntries, KeyBytes};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Card {
    id: Id<noun::Project>,
    title: String,
    size: Option<u64>,
}

impl Record for Card {
    const NAME: &'static str = "card";
    const NUMBER: u8 = 200;
    type Key = Id<noun::Project>;
    fn key(&self) -> Self::Key {
        self.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(1, &KeyBytes::new().with(&true));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Title,
    Size,
}

impl Column for By {
    type Of = Card;
    const ALL: &'static [(&'static str, Self)] = &[("title", By::Title), ("size", By::Size)];
    fn rank(self, card: &Card) -> Rank {
        match self {
            By::Title => Rank::text(&card.title),
            By::Size => card.size.map_or(Rank::NONE, Rank::number),
        }
    }
}

fn database(cards: &[Card]) -> Database {
    let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_000_000)));
    #[expect(clippy::disallowed_methods, reason = "a database in memory")]
    let redb = redb::Builder::new().create_with_backend(InMemoryBackend::new()).unwrap();
    let tenant = Id::<noun::Tenant>::from_bits(1).erase();
    let db = Database::begin(tenant, redb, 0, clock, Arc::new(IdSource::fixed(1))).unwrap();
    put(&db, cards);
    db
}

fn put(db: &Database, cards: &[Card]) {
    let event = EventDraft::system(SystemTask::Retention, Id::<noun::Tenant>::from_bits(1).erase());
    db.write::<_, crate::WriteError>(event, |tx| cards.iter().try_for_each(|card| tx.put(card))).unwrap();
}

fn cards(said: &[(&str, Option<u64>)]) -> Vec<Card> {
    let made = |(at, (title, size)): (usize, &(&str, Option<u64>))| Card {
        id: Id::from_bits(at as u128 + 1),
        title: (*title).to_owned(),
        size: *size,
    };
    said.iter().enumerate().map(made).collect()
}

/// All pages of a list; `between` is done after the first.
fn all(db: &Database, order: Sort<By>, limit: usize, mut between: impl FnMut()) -> Vec<Card> {
    let mut after: Option<Cursor> = None;
    let mut found = Vec::new();
    loop {
        let index = Some((1, KeyBytes::new().with(&true)));
        let query = Query { index, after: after.as_ref(), limit, newest_first: true };
        let page = db.read().unwrap().listed(&query, Some(order), |_| true).unwrap();
        assert!(page.items.len() <= limit);
        found.extend(page.items);
        let Some(next) = page.next else { return found };
        after = Some(next);
        between();
    }
}

fn titles(cards: &[Card]) -> Vec<&str> {
    cards.iter().map(|card| card.title.as_str()).collect()
}

#[test]
fn texts_stand_as_people_sort() {
    let sorted = ["2 apples", "10 apples", "010 boxes", "Äpfel", "ÄPFEL b", "apple", "Zug", "कि", "かき", "がき"];
    let ranks: Vec<_> = sorted.iter().map(|text| Rank::text(text).0).collect();
    assert!(ranks.is_sorted(), "{ranks:?}");
    assert_eq!(Rank::text("Zürich"), Rank::text("ZURICH"));
    assert_ne!(Rank::text("की"), Rank::text("कि"), "signs of vowels are letters");
    assert_eq!(Rank::text(""), Rank::NONE);
    assert!(Rank::text(&"9".repeat(5_000)).0.is_some_and(|bytes| bytes.len() == MAX_RANK));
}

#[test]
fn what_says_nothing_comes_last_either_way() {
    let db = database(&cards(&[("a", Some(2)), ("b", None), ("c", Some(10)), ("d", Some(2))]));
    let by = |down| all(&db, Sort { by: By::Size, down }, 10, || ());
    assert_eq!(titles(&by(false)), ["d", "a", "c", "b"], "what is equal: newest first");
    assert_eq!(titles(&by(true)), ["c", "d", "a", "b"]);
}

#[test]
fn a_page_goes_on_where_the_one_before_ended_whatever_came_between() {
    let db = database(&cards(&[("b", None), ("d", None), ("f", None), ("h", None)]));
    let order = Sort { by: By::Title, down: false };
    let mut came = false;
    let found = all(&db, order, 2, || {
        // One before the place, one behind it.
        if !std::mem::replace(&mut came, true) {
            let new = |bits, title: &str| Card { id: Id::from_bits(bits), title: title.to_owned(), size: None };
            put(&db, &[new(90, "a"), new(91, "e")]);
        }
    });
    assert_eq!(titles(&found), ["b", "d", "e", "f", "h"]);
}

#[test]
fn cursors_that_were_made_up_do_no_harm() {
    let db = database(&cards(&[("a", None)]));
    for bytes in [vec![], vec![0], vec![0, 200, 1], vec![1, 0], vec![9; 300]] {
        let cursor = Cursor(bytes);
        let query = Query { index: None, after: Some(&cursor), limit: 5, newest_first: true };
        db.read().unwrap().listed(&query, Some(Sort { by: By::Title, down: true }), |_| true).unwrap();
    }
}

proptest! {
    #[test]
    fn pages_are_the_whole_list_in_order(
        said in prop::collection::vec(("[a-cA-C0-9]{0,3}", prop::option::of(0_u64..4)), 0..40),
        limit in 1_usize..9,
        down: bool,
        by_title: bool,
    ) {
        let said: Vec<(&str, Option<u64>)> = said.iter().map(|(title, size)| (title.as_str(), *size)).collect();
        let cards = cards(&said);
        let by = if by_title { By::Title } else { By::Size };
        let found = all(&database(&cards), Sort { by, down }, limit, || ());

        // The newest first, then by what they say: sorting is stable.
        let mut expected: Vec<Card> = cards.into_iter().rev().collect();
        expected.sort_by(|a, b| {
            let (a, b) = (by.rank(a).0, by.rank(b).0);
            a.is_none().cmp(&b.is_none()).then_with(|| if down { b.cmp(&a) } else { a.cmp(&b) })
        });
        prop_assert_eq!(found, expected);
    }
}
