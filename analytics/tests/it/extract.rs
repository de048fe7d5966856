//! Tables as files: by day, by month, in one; every row once.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{collections::BTreeMap, time::Duration};

use analytics::QueryLimits;
use metering::{
    Analyst as _, Form, QuestionError,
    extract::{Extracted, Part, Span, Split},
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::place::{HOUR, Place, START, row};

/// Three days of hours, the first two of them in files.
fn filled(limits: QueryLimits) -> Place {
    let mut place = Place::new(limits);
    let rows: Vec<_> = (0..72).map(|n| row(n, "mails", n as i64, START + n * HOUR)).collect();
    place.seal(&rows[..30]);
    place.seal(&rows[30..48]);
    place.rows = rows[48..].to_vec();
    place
}

fn parts(place: &Place, sql: &str, split: Option<(&str, Span)>) -> Result<Vec<Part>, QuestionError> {
    let split = split.map(|(column, span)| Split { column: column.to_owned(), span });
    let mut extract = place.engine.extract(place.question(sql, Form::Parquet), split)?;
    let mut parts = Vec::new();
    while let Some(told) = extract.next(Duration::from_secs(60)) {
        if let Extracted::Part(part) = told? {
            parts.push(part);
        }
    }
    Ok(parts)
}

/// The numbers of the rows in each folder, as the files have them.
fn numbers(parts: &[Part]) -> BTreeMap<String, Vec<u64>> {
    let mut found: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for part in parts {
        let folder = part.name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let file = bytes::Bytes::from(part.bytes.clone());
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
        for batch in reader {
            let batch = batch.unwrap();
            let column = batch.column_by_name("number").unwrap().clone();
            let column = column.as_any().downcast_ref::<arrow::array::UInt64Array>().unwrap().clone();
            found.entry(folder.clone()).or_default().extend(column.values());
        }
    }
    found.values_mut().for_each(|numbers| numbers.sort_unstable());
    found
}

#[test]
fn rows_lie_in_the_folder_of_their_day() {
    let place = filled(QueryLimits::default());
    let by_day = parts(&place, "SELECT * FROM usage", Some(("at", Span::Day))).unwrap();
    let names: Vec<_> = by_day.iter().map(|part| (part.name.as_str(), part.rows)).collect();
    assert_eq!(
        names,
        [
            ("day=2026-11-01/part-00000.parquet", 24),
            ("day=2026-11-02/part-00000.parquet", 24),
            ("day=2026-11-03/part-00000.parquet", 24),
        ]
    );
    let days = numbers(&by_day);
    assert_eq!(days["day=2026-11-02"], (24..48).collect::<Vec<_>>());
    let by_month = parts(&place, "SELECT * FROM usage", Some(("at", Span::Month))).unwrap();
    assert_eq!(numbers(&by_month)["month=2026-11"], (0..72).collect::<Vec<_>>());
    let whole = parts(&place, "SELECT * FROM usage", None).unwrap();
    assert_eq!((whole.len(), whole[0].name.as_str(), whole[0].rows), (1, "part-00000.parquet", 72));
}

#[test]
fn what_has_no_time_and_what_has_no_rows() {
    let place = filled(QueryLimits::default());
    let some = "SELECT number, CASE WHEN number > 70 THEN NULL ELSE at END AS at FROM usage WHERE number > 69";
    let found = numbers(&parts(&place, some, Some(("at", Span::Day))).unwrap());
    assert_eq!(found["day=__HIVE_DEFAULT_PARTITION__"], [71]);
    assert_eq!(found["day=2026-11-03"], [70]);
    assert_eq!(parts(&place, "SELECT * FROM usage WHERE false", None).unwrap(), []);
    for (sql, column) in [("SELECT * FROM usage", "meter"), ("SELECT * FROM usage", "none"), ("SELECT 1", "at")] {
        let refused = parts(&place, sql, Some((column, Span::Day)));
        assert!(matches!(refused, Err(QuestionError::Invalid(_))), "{column}");
    }
    let refused = parts(&place, "DROP TABLE usage", None);
    assert!(matches!(refused, Err(QuestionError::ReadOnly(_))));
}

/// More rows than may wait: folders make several files, and none is lost.
#[test]
fn much_makes_many_files() {
    let mut place = Place::new(QueryLimits { tenant_memory_bytes: 8 << 20, ..QueryLimits::default() });
    let rows: Vec<_> = (0..60_000).map(|n| row(n, "mails", 1, START + n * 7 % 48 * HOUR)).collect();
    place.seal(&rows);
    let made = parts(&place, "SELECT * FROM usage", Some(("at", Span::Day))).unwrap();
    assert!(made.len() > 2, "{} files", made.len());
    let found = numbers(&made);
    assert_eq!(found.len(), 2);
    let mut all: Vec<u64> = found.into_values().flatten().collect();
    all.sort_unstable();
    assert_eq!(all, (0..60_000).collect::<Vec<_>>());
}
