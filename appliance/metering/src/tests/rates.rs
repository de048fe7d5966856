//! Rate cards: what is taken, and that the past stays as it was.

use model::Timestamp;
use store::backend::Faults;

use super::place::{NOW, Place, write};
use crate::rate::{Rate, add, cards};

fn line(meter: &str, price_micros: i64, block: i64) -> Rate {
    Rate { meter: meter.to_owned(), price_micros, block }
}

#[test]
fn cards_follow_each_other() {
    let place = Place::new();
    let db = place.open(&Faults::default()).unwrap();
    let try_add = |from: u64, currency: &str, lines: Vec<Rate>| {
        let from = Timestamp::from_millis(from);
        write(&db, |tx| add(tx, from, currency.to_owned(), lines)).map(|card| card.version).map_err(|e| e.to_string())
    };
    let good = || vec![line("b", 2, 1), line("a", 1, 1)];
    for (currency, lines, fault) in [
        ("eur", good(), "currency: must be three capital letters (ISO 4217)"),
        ("EUR", Vec::new(), "rates: must be 1 to 200"),
        ("EUR", vec![line("a", 1, 1), line("a", 2, 1)], "rates/1/meter: must be named once"),
        ("EUR", vec![line("", 1, 1)], "rates/0/meter: must have 1 to 128 bytes of printable text"),
        ("EUR", vec![line("b", 1, 1), line("a", -1, 1)], "rates/1/price_micros: must be 0 to 10^12"),
        ("EUR", vec![line("a", 1, 0)], "rates/0/block: must be 1 to 10^15"),
    ] {
        assert_eq!(try_add(NOW, currency, lines), Err(fault.to_owned()));
    }
    // The first may reach back.
    assert_eq!(try_add(0, "EUR", good()), Ok(1));
    assert_eq!(try_add(NOW - 1, "EUR", good()), Err("from: must not be past: what was charged stays as it was".into()));
    assert_eq!(try_add(NOW + 5, "USD", good()), Err("currency: must be that of the cards before".into()));
    assert_eq!(try_add(NOW + 5, "EUR", good()), Ok(2));
    assert_eq!(try_add(NOW + 5, "EUR", good()), Err("from: must be later than that of the newest card".into()));
    let kept = cards(&db.read().unwrap()).unwrap();
    assert_eq!(kept.iter().map(|card| card.version).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(kept[0].lines, [line("a", 1, 1), line("b", 2, 1)]);
}
