//! Statements of someone who wants what is not theirs: no byte of another tenant comes back, in no answer, error or plan, and nothing
//! is changed.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use analytics::QueryLimits;
use metering::{Form, QuestionError};

use super::place::{HOUR, Place, START, row};

/// A line is a statement.
const CORPUS: &str = include_str!("hostile.sql");
/// Stands in all that the other tenant has, and in nothing of one's own.
const CANARY: &str = "kanarienvogel";

/// The other tenant, who has asked before, of the same engine.
fn victim() -> Place {
    let mut place = Place::new(QueryLimits::default());
    place.tenant = model::Id::from_bits(0x5ec2e7);
    let mut rows: Vec<_> = (0..50).map(|n| row(n, &format!("{CANARY}.{n}"), 4_242_424_242, START + n * HOUR)).collect();
    for row in &mut rows {
        row.event.resource = format!("{CANARY} resource");
        row.event.dimensions = vec![(CANARY.to_owned(), CANARY.to_owned())];
    }
    place.seal(&rows[..25]);
    place.rows = rows[25..].to_vec();
    place.names = vec![format!("prj_{CANARY}")];
    place.price(START, &[(CANARY, 1_000_000, 1)]);
    place
}

/// Someone with rows of their own.
fn attacker(other: &Place) -> Place {
    let mut place = Place::new(QueryLimits::default());
    let rows: Vec<_> = (0..40).map(|n| row(n, "mine", 1, START + n * HOUR)).collect();
    place.seal(&rows[..20]);
    place.rows = rows[20..].to_vec();
    place.price(START, &[("mine", 5, 1)]);
    // The other's files lie beside one's own: only the snapshot keeps them apart here.
    place.shelf = other.shelf.clone();
    place.segments.clear();
    place.rows = rows;
    place
}

#[test]
fn nothing_of_another_tenant_comes_back() {
    let other = victim();
    let place = attacker(&other);
    assert!(other.csv("SELECT * FROM usage, prices, projects").unwrap().contains(CANARY));
    let file = other.segments[0].digest.to_string();
    let statements: Vec<String> = CORPUS
        .lines()
        .filter(|line| !line.starts_with("-- "))
        .map(|line| line.replace("{other}", &other.tenant.to_string()).replace("{file}", &file))
        .chain(made())
        .collect();
    assert!(statements.len() >= 200, "{}", statements.len());
    let mut answered = 0;
    for (number, sql) in statements.iter().enumerate() {
        // The other asks in between: what the engine keeps of that is nobody else's.
        if number % 50 == 0 {
            assert!(other.csv("SELECT meter FROM usage").unwrap().contains(CANARY));
        }
        for form in [Form::Json, Form::Csv] {
            let mut question = place.question(sql, form);
            question.timeout_s = Some(2);
            let found = match place.ask(question) {
                Ok(bytes) => {
                    answered += 1;
                    String::from_utf8_lossy(&bytes).into_owned()
                }
                Err(error) => {
                    assert!(!matches!(error, QuestionError::Engine | QuestionError::Stored), "{sql}: {error:?}");
                    error.to_string()
                }
            };
            // What was sent may come back in an error, and the names of the other do not stand in it.
            assert!(!found.contains(CANARY), "{sql}: {found}");
            assert!(!found.contains("4242424242"), "{sql}: {found}");
            for private in ["root:x:0", "/home/", "/root/", "/work/", ".cargo"] {
                assert!(!found.contains(private), "{sql}: {found}");
            }
        }
    }
    assert!(answered > 40, "{answered}");
    // Nothing has changed.
    place.check("SELECT count(*), sum(quantity) FROM usage", "40,40");
    other.check("SELECT count(*) FROM usage", "50");
    assert!(place.csv("SELECT table_name FROM information_schema.tables").unwrap().lines().count() < 20);
}

/// Statements too long to be written out.
fn made() -> impl Iterator<Item = String> {
    let deep = |depth: usize| format!("SELECT {}1{}", "(".repeat(depth), ")".repeat(depth));
    let nested = |depth: usize| format!("{}SELECT 1{}", "SELECT * FROM (".repeat(depth), ") AS x".repeat(depth));
    let not = |depth: usize| format!("SELECT {} true", "NOT ".repeat(depth));
    let plus = |count: usize| format!("SELECT 1{}", " + 1".repeat(count));
    let list = |count: usize| format!("SELECT 1 WHERE 1 IN (1{})", ",1".repeat(count));
    let union = |count: usize| format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(count));
    let case = |count: usize| format!("SELECT CASE {} END", "WHEN false THEN 1 ".repeat(count));
    let columns = |count: usize| format!("SELECT {}1", "1,".repeat(count));
    let with = |count: usize| {
        let tables: Vec<_> =
            (1..count).map(|n| format!("t{n} AS (SELECT a.x FROM t{} a, t{} b)", n - 1, n - 1)).collect();
        format!("WITH t0 AS (SELECT 1 AS x), {} SELECT count(*) FROM t{}", tables.join(", "), count - 1)
    };
    vec![
        deep(40),
        deep(1_000),
        deep(30_000),
        nested(10),
        nested(2_000),
        not(5_000),
        plus(500),
        plus(15_000),
        list(5_000),
        union(300),
        case(2_000),
        columns(1_000),
        with(6),
        format!("SELECT '{}'", "x".repeat(60_000)),
        format!("SELECT '{}'", "x".repeat(70_000)),
        "SELECT \u{0}".to_owned(),
        "\u{feff}SELECT 1".to_owned(),
        "SELECT '\u{202e}'".to_owned(),
    ]
    .into_iter()
}

#[test]
fn whatever_changes_something_is_refused_as_such() {
    let place = Place::new(QueryLimits::default());
    let first_word = |sql: &str| sql.split_whitespace().next().unwrap_or_default().to_owned();
    let changes =
        ["CREATE", "DROP", "ALTER", "TRUNCATE", "INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "SET", "GRANT", "BEGIN"];
    let mut refused = 0;
    for sql in CORPUS.lines().filter(|line| changes.contains(&first_word(line).as_str())) {
        match place.csv(sql) {
            Err(QuestionError::ReadOnly(_)) => refused += 1,
            // What is no SQL of any kind we read is refused too.
            Err(QuestionError::Invalid(_)) => {}
            other => panic!("{sql}: {other:?}"),
        }
    }
    assert!(refused >= 30, "{refused}");
}
