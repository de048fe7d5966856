//! Searches over logs in memory.

use std::{sync::Arc, time::Duration};

use model::{Action, AnyId, AuditEvent, NounKind, Outcome, Permission};
use proptest::prelude::*;

use super::{Facet, Found, Indexes, Limits, Search, SearchError, Sieve};
use crate::{
    Trail, TrailError,
    fixture::{Log, event, tenant},
};

/// Limits that do not depend on the machine's speed.
fn patient() -> Limits {
    Limits { time: Duration::from_secs(600), ..Limits::default() }
}

fn find(log: &Log, search: &Search) -> Found {
    Indexes::new(patient()).search(log.log, log, search).unwrap()
}

fn search(text: &str) -> Search {
    Search { text: text.into(), limit: 100, ..Search::default() }
}

fn numbers(found: &Found) -> Vec<u64> {
    found.events.iter().map(|(number, _)| *number).collect()
}

#[test]
fn words_and_phrases() {
    let log = Log::new(tenant(1), 40);
    let indexes = Indexes::new(patient());
    let check = |text: &str, expected: &[u64]| {
        let found = indexes.search(log.log, &log, &search(text)).unwrap();
        assert_eq!(numbers(&found), expected, "{text:?}");
        assert_eq!(found.total, expected.len() as u64, "{text:?}");
    };
    let all: Vec<_> = (0..40).rev().collect();
    check("", &all);
    check("because", &all);
    check("BECAUSE Number", &all);
    check("req-17", &[17]);
    check("\"number 17\"", &[17]);
    check("\"17 number\"", &[]);
    check("17 -\"number 17\"", &[]);
    check("10.0.0.3", &[3]);
    check("req-30 10.0.0.30", &[30]);
    check(&event(12).id.to_string(), &[12]);
    check(&event(12).subject.to_string().to_uppercase(), &[12]);
    check(event(3).action.code(), &[3]);
    check("-because", &[]);
    check("nothing", &[]);
    check("!!! :: ()", &[]);
    check("because !!!", &all);
    check("action:* OR [a TO b]", &[]);
}

#[test]
fn filters_and_times() {
    let log = Log::new(tenant(1), 60);
    let check = |search: Search, fits: &dyn Fn(&AuditEvent) -> bool| {
        let found = find(&log, &Search { limit: 100, ..search });
        let expected: Vec<_> = (0..60).rev().filter(|number| fits(&event(*number))).collect();
        assert!(!expected.is_empty() && expected.len() < 60);
        assert_eq!(numbers(&found), expected);
        assert!(found.events.iter().all(|(number, found)| *found == event(*number)));
    };
    let some = || Search::default();
    let user = AnyId::new(NounKind::User, 1);
    check(Search { actors: vec![user], ..some() }, &|event| event.actor == Some(user));
    check(Search { outcomes: vec![Outcome::Denied, Outcome::Failed], ..some() }, &|event| {
        event.outcome != Outcome::Done
    });
    check(Search { kinds: vec![NounKind::Recording], ..some() }, &|event| event.subject.kind == NounKind::Recording);
    check(Search { subjects: vec![event(8).subject], ..some() }, &|e| e.subject == event(8).subject);
    check(Search { addresses: vec!["10.0.0.7".into()], ..some() }, &|event| {
        event.address.as_deref() == Some("10.0.0.7")
    });
    let action = Action::Permission(Permission::TenantRead);
    check(Search { actions: vec![action], ..some() }, &|event| event.action == action);
    let (from, to) = (event(10).at, event(20).at);
    check(Search { from: Some(from), to: Some(to), ..some() }, &|event| event.at >= from && event.at < to);
    check(
        Search { text: "because".into(), outcomes: vec![Outcome::Denied], kinds: vec![NounKind::Project], ..some() },
        &|event| event.outcome == Outcome::Denied && event.subject.kind == NounKind::Project,
    );
}

#[test]
fn counts() {
    let log = Log::new(tenant(1), 30);
    let facets = vec![Facet::Outcome, Facet::Kind, Facet::Actor, Facet::Address, Facet::Action];
    let found = find(&log, &Search { facets, limit: 2, kinds: vec![NounKind::Project], ..Search::default() });
    assert_eq!((found.total, found.events.len()), (15, 2), "counts are over all pages");
    let outcomes = ["denied", "done", "failed"].map(|name| (name.to_owned(), 5));
    assert_eq!(found.facets[&Facet::Outcome], outcomes, "the same count: by name");
    assert_eq!(found.facets[&Facet::Kind], [("project".to_owned(), 15)]);
    assert_eq!(found.facets[&Facet::Actor].iter().map(|(_, count)| count).sum::<u64>(), 12, "three rows have no actor");
    assert_eq!(found.facets[&Facet::Address].len(), 10);
    assert!(found.facets[&Facet::Action].is_sorted_by(|one, two| one.1 >= two.1));
}

#[test]
fn pages() {
    let log = Log::new(tenant(1), 25);
    let indexes = Indexes::new(Limits { page: 10, ..patient() });
    let (mut before, mut all, mut pages) = (None, vec![], 0);
    loop {
        let page = indexes.search(log.log, &log, &Search { before, limit: 1_000, ..Search::default() }).unwrap();
        assert_eq!(page.total, 25);
        all.extend(numbers(&page));
        pages += 1;
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!((pages, all), (3, (0..25).rev().collect()));
}

#[test]
fn new_rows_are_found_and_erased_ones_are_not() {
    let log = Log::new(tenant(1), 10);
    let indexes = Indexes::new(patient());
    assert_eq!(indexes.search(log.log, &log, &search("req-10")).unwrap().total, 0);
    for index in 10..30 {
        log.push(event(index));
        let found = indexes.search(log.log, &log, &search(&format!("req-{index}"))).unwrap();
        assert_eq!(numbers(&found), [index]);
        assert!(found.complete && found.searched == (0..index + 1));
    }
    log.erase(17);
    assert!(indexes.search(log.log, &log, &search("req-17")).unwrap().events.is_empty(), "even before it is forgotten");
    indexes.forget(log.log);
    assert_eq!(indexes.search(log.log, &log, &search("req-17")).unwrap().total, 0);
    assert_eq!(indexes.search(log.log, &log, &search("")).unwrap().total, 29);
}

#[test]
fn tenants_do_not_meet() {
    let (one, two) = (Log::new(tenant(1), 5), Log::new(tenant(2), 0));
    two.push(AuditEvent { request: Some("canary".into()), ..event(0) });
    let indexes = Indexes::new(patient());
    assert_eq!(indexes.search(two.log, &two, &search("canary")).unwrap().total, 1);
    assert_eq!(indexes.search(one.log, &one, &search("canary")).unwrap().total, 0);
}

#[test]
fn room_is_bounded() {
    let logs: Vec<_> = (1..=6).map(|number| Log::new(tenant(number), 50)).collect();
    let indexes = Indexes::new(Limits { open: 2, ..patient() });
    for log in &logs {
        assert_eq!(indexes.search(log.log, log, &search("")).unwrap().total, 50);
    }
    let one = indexes.bytes() / 2;
    assert!(one > 0);
    let tight = Indexes::new(Limits { bytes: one * 5 / 2, ..patient() });
    for log in &logs {
        assert_eq!(tight.search(log.log, log, &search("")).unwrap().total, 50);
        assert!(tight.bytes() <= one * 5 / 2);
    }
    let tiny = Indexes::new(Limits { bytes: 0, ..patient() });
    assert_eq!(tiny.search(logs[0].log, &logs[0], &search("")).unwrap().total, 50, "the one in use stays");
}

#[test]
fn only_the_window_is_searched() {
    let log = Log::new(tenant(1), 3_000);
    let indexes = Indexes::new(Limits { window: 1_200, ..patient() });
    let found = indexes.search(log.log, &log, &Search { limit: 1, ..Search::default() }).unwrap();
    assert_eq!((found.total, found.searched, found.complete), (1_200, 1_800..3_000, false));
    (3_000..4_300).for_each(|index| log.push(event(index)));
    let found = indexes.search(log.log, &log, &Search { limit: 1, ..Search::default() }).unwrap();
    assert_eq!(found.searched, 1_800..4_300, "it grows to twice the window");
    log.push(event(4_300));
    let found = indexes.search(log.log, &log, &Search { limit: 1, ..Search::default() }).unwrap();
    assert_eq!(found.searched, 3_101..4_301, "and begins anew");
}

#[test]
fn short_time_finds_the_newest_first() {
    let log = Log::new(tenant(1), 3_500);
    let indexes = Indexes::new(Limits { time: Duration::ZERO, ..patient() });
    let mut reached = vec![];
    loop {
        let found = indexes.search(log.log, &log, &Search { limit: 1, ..Search::default() }).unwrap();
        assert_eq!(numbers(&found), [3_499]);
        reached.push(found.searched.start);
        if found.complete {
            break;
        }
    }
    assert_eq!(reached, [2_500, 1_500, 500, 0]);
}

#[test]
fn a_log_that_cannot_be_read() {
    struct Broken;
    impl Trail for Broken {
        fn size(&self) -> Result<u64, TrailError> {
            Ok(10)
        }
        fn rows(&self, _: u64, _: usize) -> Result<Vec<(u64, Option<AuditEvent>)>, TrailError> {
            Err("broken".into())
        }
    }
    struct Short;
    impl Trail for Short {
        fn size(&self) -> Result<u64, TrailError> {
            Ok(10)
        }
        fn rows(&self, _: u64, _: usize) -> Result<Vec<(u64, Option<AuditEvent>)>, TrailError> {
            Ok(vec![])
        }
    }
    let indexes = Indexes::new(patient());
    assert!(matches!(indexes.search(tenant(1), &Broken, &search("")), Err(SearchError::Trail(_))));
    assert!(matches!(indexes.search(tenant(1), &Short, &search("")), Err(SearchError::Trail(_))));
    let log = Log::new(tenant(1), 10);
    assert_eq!(indexes.search(tenant(1), &log, &search("")).unwrap().total, 10, "the next one is not hurt");
}

#[test]
fn searches_that_are_refused() {
    let log = Log::new(tenant(1), 3);
    let indexes = Indexes::new(patient());
    let refused = |search: Search| indexes.search(log.log, &log, &search).err().map(|error| error.kind());
    let invalid = Some(model::ErrorKind::Invalid);
    assert_eq!(refused(search(&"a".repeat(1_025))), invalid);
    assert_eq!(refused(search(&"a ".repeat(33))), invalid);
    assert_eq!(refused(search(&"a".repeat(257))), invalid);
    assert_eq!(refused(search(&"a".repeat(256))), None);
    assert_eq!(refused(Search { addresses: vec!["a".into(); 65], ..Search::default() }), invalid);
}

#[test]
fn huge_values_are_indexed_in_part() {
    let log = Log::new(tenant(1), 1);
    let long = format!("first {} last", "x".repeat(100_000));
    log.push(AuditEvent { address: Some(long.clone()), detail: [("a".into(), long.clone())].into(), ..event(1) });
    assert_eq!(numbers(&find(&log, &search("first"))), [1]);
    assert_eq!(numbers(&find(&log, &search("last"))), [0u64; 0]);
    let exact = Search { addresses: vec![long], limit: 5, ..Search::default() };
    assert_eq!(numbers(&find(&log, &exact)), [1]);
}

#[test]
fn many_search_at_once() {
    let log = Arc::new(Log::new(tenant(1), 500));
    let indexes = Arc::new(Indexes::new(patient()));
    std::thread::scope(|scope| {
        for worker in 0..4u64 {
            let (log, indexes) = (log.clone(), indexes.clone());
            scope.spawn(move || {
                for round in 0..20 {
                    log.push(event(1_000 + worker * 100 + round));
                    let text = format!("req-{}", 1_000 + worker * 100 + round);
                    assert_eq!(indexes.search(log.log, &*log, &search(&text)).unwrap().total, 1);
                    if round == 10 {
                        indexes.forget(log.log);
                    }
                }
            });
        }
    });
    assert_eq!(indexes.search(log.log, &*log, &search("")).unwrap().total, 580);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_text_breaks_it(texts in prop::collection::vec("\\PC{0,60}|[-\" \\[\\](){}:*?~^+/\\\\a-c\u{0}]{0,80}", 8)) {
        let log = Log::new(tenant(1), 3);
        let indexes = Indexes::new(patient());
        for text in texts {
            let found = indexes.search(log.log, &log, &search(&text));
            prop_assert!(found.is_ok() || found.is_err_and(|error| error.kind() == model::ErrorKind::Invalid));
        }
    }
}

#[test]
fn a_sieve_lets_pass_what_a_search_finds() {
    let log = Log::new(tenant(1), 200);
    let indexes = Indexes::new(patient());
    let texts = [
        "",
        " ",
        "because",
        "req-17",
        "\"number 17\"",
        "\"17 number\"",
        "17 -\"number 17\"",
        "10.0.0.3",
        "-because",
        "!!! :: ()",
        "because !!!",
        "-17 -18",
        "denied user",
        "\"so\" REQ",
        "role:assign",
        "\"because number\" -denied",
        "number because",
    ];
    let user = AnyId::new(NounKind::User, 1);
    let filters = [
        Search::default(),
        Search { actors: vec![user], ..Search::default() },
        Search { outcomes: vec![Outcome::Denied, Outcome::Failed], from: Some(event(20).at), ..Search::default() },
        Search { kinds: vec![NounKind::Recording], to: Some(event(150).at), ..Search::default() },
        Search { subjects: vec![event(8).subject], ..Search::default() },
        Search { addresses: vec!["10.0.0.7".into()], ..Search::default() },
        Search { actions: vec![event(3).action], ..Search::default() },
    ];
    let mut found_any = 0;
    for text in texts {
        for filter in &filters {
            let search = Search { text: text.into(), limit: 200, ..filter.clone() };
            let found = numbers(&indexes.search(log.log, &log, &search).unwrap());
            let mut sieve = Sieve::new(search).unwrap();
            let let_pass: Vec<_> = (0..200).rev().filter(|number| sieve.lets(&event(*number))).collect();
            assert_eq!(let_pass, found, "{text:?} {filter:?}");
            found_any += usize::from(!found.is_empty());
        }
    }
    assert!(found_any > 40, "{found_any}");
    assert!(Sieve::new(search(&"x ".repeat(600))).is_err());
    assert!(Sieve::new(Search { actors: vec![user; 65], ..Search::default() }).is_err());
}
