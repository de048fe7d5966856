//! Tenants for the tests: shelves in memory, rows, and questions about them.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{
    collections::BTreeMap,
    io,
    ops::Range,
    sync::{Arc, Mutex},
};

use analytics::{Engine, QueryLimits};
use metering::{
    Analyst, BlobDigest, Cell, Column, Event, EventId, Form, Kind, Prices, Question, QuestionError, Row, Rows, Segment,
    Shelf, Table, TableError, UsageSnapshot,
    rate::{Rate, RateCard},
};
use model::{Id, Timestamp, noun::Tenant};

/// 2026-11-01T00:00:00Z.
pub(crate) const START: u64 = 1_793_491_200_000;
pub(crate) const HOUR: u64 = 3_600_000;

/// Files in memory.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<BTreeMap<BlobDigest, Vec<u8>>>);

impl Memory {
    pub(crate) fn put(&self, number: u8, bytes: Vec<u8>) -> BlobDigest {
        let digest = BlobDigest([number; 32]);
        self.0.lock().unwrap().insert(digest, bytes);
        digest
    }
}

impl Shelf for Memory {
    fn read(&self, file: &BlobDigest, range: Range<u64>) -> io::Result<Vec<u8>> {
        let files = self.0.lock().unwrap();
        let bytes = files.get(file).ok_or(io::ErrorKind::NotFound)?;
        let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
        bytes.get(range).map(<[u8]>::to_vec).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// A table of names that belong to one tenant.
#[derive(Debug)]
pub(crate) struct Names(pub(crate) Vec<String>);

impl Table for Names {
    fn name(&self) -> &'static str {
        "projects"
    }
    fn about(&self) -> &'static str {
        "names"
    }
    fn columns(&self) -> &'static [Column] {
        &[
            Column { name: "project_id", kind: Kind::Text, about: "the project" },
            Column { name: "created_at", kind: Kind::Time, about: "when" },
            Column { name: "size", kind: Kind::Number, about: "how large" },
            Column { name: "open", kind: Kind::Flag, about: "whether" },
        ]
    }
    fn rows(&self, from: Option<Vec<u8>>) -> Result<Rows, TableError> {
        // A row a page.
        let at = from.map_or(0, |from| usize::from(from[0]));
        let row = |name: &String| {
            vec![Cell::Text(name.clone()), Cell::Time(START), Cell::Number(at as i64), Cell::Flag(true)]
        };
        let next = (at + 1 < self.0.len()).then(|| vec![at as u8 + 1]);
        Ok((self.0.get(at).map(row).into_iter().collect(), next))
    }
}

/// A tenant with rows in files and rows that wait.
pub(crate) struct Place {
    pub(crate) engine: Engine,
    pub(crate) shelf: Arc<Memory>,
    pub(crate) segments: Vec<Segment>,
    pub(crate) rows: Vec<Row>,
    pub(crate) cards: Vec<RateCard>,
    pub(crate) names: Vec<String>,
    pub(crate) tenant: Id<Tenant>,
    pub(crate) account: String,
    pub(crate) since: Timestamp,
}

pub(crate) fn row(number: u64, meter: &str, quantity: i64, at: u64) -> Row {
    let event = Event {
        id: EventId::of("test", &number.to_string()),
        meter: meter.to_owned(),
        quantity,
        unit: "ms".to_owned(),
        at: Timestamp::from_millis(at),
        source: "appliance".to_owned(),
        user: None,
        project: None,
        job: None,
        resource: String::new(),
        corrects: None,
        dimensions: vec![("height".to_owned(), (720 + 360 * (number % 2)).to_string())],
    };
    Row { number, received: Timestamp::from_millis(at + 1), event }
}

impl Place {
    pub(crate) fn new(limits: QueryLimits) -> Self {
        Place {
            engine: Engine::start(limits).unwrap(),
            shelf: Arc::default(),
            segments: Vec::new(),
            rows: Vec::new(),
            cards: Vec::new(),
            names: vec!["prj_one".into(), "prj_two".into()],
            tenant: Id::from_bits(7),
            account: "Acme".into(),
            since: Timestamp::default(),
        }
    }

    /// Puts rows into a file.
    pub(crate) fn seal(&mut self, rows: &[Row]) {
        let mut bytes = Vec::new();
        let sealed = self.engine.seal(rows, &mut bytes).unwrap();
        let number = self.segments.len() as u64;
        self.add(number, bytes, sealed);
    }

    fn add(&mut self, number: u64, bytes: Vec<u8>, sealed: metering::Sealed) {
        let length = bytes.len() as u64;
        let digest = self.shelf.put(number as u8 + 1, bytes);
        let metering::Sealed { rows, from, to } = sealed;
        self.segments.push(Segment { number, digest, bytes: length, rows, from, to, level: 0, retired: None });
    }

    /// Makes one file of all.
    pub(crate) fn merge(&mut self) {
        let shelf: Arc<dyn Shelf> = self.shelf.clone();
        let mut bytes = Vec::new();
        let sealed = self.engine.merge(&shelf, &self.segments, self.since, &mut bytes).unwrap();
        self.segments.clear();
        self.add(100, bytes, sealed);
    }

    pub(crate) fn price(&mut self, from: u64, lines: &[(&str, i64, i64)]) {
        let line = |(meter, price_micros, block): &(&str, i64, i64)| Rate {
            meter: (*meter).to_owned(),
            price_micros: *price_micros,
            block: *block,
        };
        self.cards.push(RateCard {
            version: self.cards.len() as u64 + 1,
            from: Timestamp::from_millis(from),
            currency: "EUR".into(),
            lines: lines.iter().map(line).collect(),
        });
    }

    pub(crate) fn question(&self, sql: &str, form: Form) -> Question {
        let shelf: Arc<dyn Shelf> = self.shelf.clone();
        Question {
            tenant: self.tenant,
            sql: sql.to_owned(),
            form,
            timeout_s: None,
            usage: Some(UsageSnapshot {
                segments: self.segments.clone(),
                waiting: Arc::new(self.rows.clone()),
                shelf,
                projects: None,
                since: self.since,
            }),
            prices: Some(Prices { cards: self.cards.clone(), account: self.account.clone() }),
            tables: vec![Arc::new(Names(self.names.clone()))],
        }
    }

    pub(crate) fn ask(&self, question: Question) -> Result<Vec<u8>, QuestionError> {
        let mut answer = self.engine.ask(question)?;
        let mut bytes = Vec::new();
        while let Some(piece) = answer.next() {
            bytes.extend(piece?);
        }
        Ok(bytes)
    }

    /// The answer as CSV.
    pub(crate) fn csv(&self, sql: &str) -> Result<String, QuestionError> {
        self.ask(self.question(sql, Form::Csv)).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[track_caller]
    pub(crate) fn check(&self, sql: &str, expected: &str) {
        let found = self.csv(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let body = found.split_once('\n').unwrap().1;
        assert_eq!(body.trim_end(), expected, "{sql}");
    }
}
