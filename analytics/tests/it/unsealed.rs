//! Rows that lie in no file yet: read when a question runs, in its place, its memory and its time.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use analytics::QueryLimits;
use metering::{Analyst as _, Form, Question, QuestionError, Row, TableError, Waiting};
use model::Timestamp;

use super::place::{HOUR, Place, START, row};

const PAGE: u64 = 4_096;

/// Rows that are made when they are read.
#[derive(Debug, Default)]
struct Made {
    rows: u64,
    /// How long a page takes to be read.
    takes: Duration,
    read: AtomicU64,
}

impl Waiting for Made {
    fn count(&self) -> u64 {
        self.rows
    }

    fn rows(&self, from: Option<u64>) -> Result<(Vec<Row>, Option<u64>), TableError> {
        self.read.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(self.takes);
        let from = from.unwrap_or(0);
        let end = (from + PAGE).min(self.rows);
        Ok(((from..end).map(|n| row(n, "mails", 1, START + n)).collect(), Some(end).filter(|_| end < self.rows)))
    }
}

fn place(limits: QueryLimits) -> Place {
    Place::new(QueryLimits { threads: 1, ..limits })
}

fn question(place: &Place, waiting: &Arc<Made>, sql: &str) -> Question {
    let mut question = place.question(sql, Form::Csv);
    question.usage.as_mut().unwrap().waiting = waiting.clone();
    question
}

#[test]
fn many_rows_are_read_in_little_memory() {
    // The rows of 150,000 events are more than a hundred times what the tenant has.
    let small = QueryLimits { tenant_memory_bytes: 6 << 20, ..QueryLimits::default() };
    let place = place(small);
    let waiting = Arc::new(Made { rows: 150_000, ..Made::default() });
    let answer =
        place.ask(question(&place, &waiting, "SELECT count(*), sum(quantity), max(number) FROM usage")).unwrap();
    assert!(String::from_utf8(answer).unwrap().ends_with("150000,150000,149999\n"));
    assert_eq!(waiting.read.load(Ordering::SeqCst), 150_000u64.div_ceil(PAGE));
    // What does not fit is refused as that, and the place and the memory come back.
    for sql in ["SELECT event_id, count(*) FROM usage GROUP BY 1", "SELECT * FROM usage ORDER BY event_id"] {
        let refused = place.ask(question(&place, &waiting, sql)).unwrap_err();
        assert!(matches!(refused, QuestionError::Memory), "{sql}: {refused:?}");
    }
    place.ask(question(&place, &waiting, "SELECT count(*) FROM usage")).unwrap();
}

#[test]
fn a_page_is_part_of_the_tenants_memory() {
    // Less than a page of rows.
    let place = place(QueryLimits { tenant_memory_bytes: 64 << 10, ..QueryLimits::default() });
    let waiting = Arc::new(Made { rows: PAGE, ..Made::default() });
    let refused = place.ask(question(&place, &waiting, "SELECT sum(quantity) FROM usage")).unwrap_err();
    assert!(matches!(refused, QuestionError::Memory), "{refused:?}");
}

#[test]
fn reading_them_is_part_of_a_questions_time() {
    let place = place(QueryLimits::default());
    let waiting = Arc::new(Made { rows: PAGE * 1_000_000, takes: Duration::from_millis(20), ..Made::default() });
    let mut asked = question(&place, &waiting, "SELECT sum(quantity) FROM usage");
    asked.timeout_s = Some(1);
    let refused = place.ask(asked).unwrap_err();
    assert!(matches!(refused, QuestionError::TimedOut(1)), "{refused:?}");
    // A page takes 20 ms, so no more than so many were read in a second, and the reading has an end.
    let read = waiting.read.load(Ordering::SeqCst);
    assert!((1..=60).contains(&read), "{read}");
}

#[test]
fn nothing_is_read_without_a_place() {
    let place = place(QueryLimits { running_per_tenant: 1, ..QueryLimits::default() });
    let waiting = Arc::new(Made { rows: PAGE * 1_000_000, ..Made::default() });
    let first = place.engine.ask(question(&place, &waiting, "SELECT number FROM usage")).unwrap();
    let other = Arc::new(Made { rows: 10, ..Made::default() });
    let mut asked = question(&place, &other, "SELECT count(*) FROM usage");
    asked.timeout_s = Some(1);
    let refused = place.ask(asked).unwrap_err();
    assert!(matches!(refused, QuestionError::TimedOut(1)), "{refused:?}");
    assert_eq!(other.read.load(Ordering::SeqCst), 0);
    drop(first);
}

#[test]
fn rows_past_their_time_are_not_seen_wherever_they_lie() {
    let mut place = Place::new(QueryLimits::default());
    let rows: Vec<Row> = (0..40).map(|n| row(n, "mails", 1, START + n * HOUR)).collect();
    // A file of old ones, one of both, one of young ones, and what waits.
    place.seal(&rows[..10]);
    place.seal(&rows[10..20]);
    place.seal(&rows[20..30]);
    place.rows = rows[30..].iter().chain(&rows[..2]).cloned().collect();
    place.check("SELECT count(*), min(number) FROM usage", "42,0");
    place.since = Timestamp::from_millis(START + 15 * HOUR);
    place.check("SELECT count(*), min(number), max(number) FROM usage", "25,15,39");
    place.check("SELECT sum(quantity) FROM usage WHERE at < arrow_cast(9000000000000000, 'Timestamp(Microsecond, Some(\"UTC\"))')", "25");
    place.check("SELECT count(*) FROM charges WHERE meter = 'mails'", "25");
    // Written anew, a file has the younger ones alone.
    place.rows.clear();
    place.segments.remove(0);
    place.merge();
    assert_eq!((place.segments[0].rows, place.segments[0].from), (15, place.since));
    place.since = Timestamp::default();
    place.check("SELECT count(*), min(number) FROM usage", "15,15");
}

#[test]
fn bills_name_the_tenant() {
    let mut place = Place::new(QueryLimits::default());
    place.account = "O'Brien & {providers} Söhne".into();
    place.seal(&[row(0, "mails", 1, START)]);
    place.price(0, &[("mails", 5, 1)]);
    for view in ["cost_focus", "cost_focus_1_2"] {
        let sql = format!(
            "SELECT \"BillingAccountName\", \"SubAccountName\", \"SubAccountId\" = \"BillingAccountId\" FROM {view}"
        );
        place.check(&sql, "O'Brien & {providers} Söhne,O'Brien & {providers} Söhne,true");
    }
}
