//! How fast use is counted and asked about. `usage ingest` counts events durably; `usage rows FOLDER` writes a year of rows into files and
//! `usage ask FOLDER` times the queries of `queries.txt` over them. `peer.py` does the same with DuckDB and says the ratios.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement prints, and a panic is how it fails")]

use std::{
    fs,
    io::{self, Read as _, Seek as _, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use analytics::{Engine, QueryLimits};
use clap::Parser;
use metering::{Analyst, BlobDigest, Event, EventId, Form, Question, Row, Segment, Shelf, UsageSnapshot};
use model::{AnyId, Id, IdSource, NounKind, SystemClock, SystemTask, Timestamp, noun::Tenant};
use store::{EventDraft, Placement, Store, StoreLimits, WriteError, vault::KeyFile};

/// 2026-01-01T00:00:00Z.
const START: u64 = 1_767_225_600_000;
const YEAR: u64 = 365 * 86_400_000;
const FILES: u64 = 4;
const QUERIES: &str = include_str!("queries.txt");

#[derive(Parser)]
enum Command {
    /// Counts events, in batches, each durable before the next
    Ingest {
        /// How many
        #[arg(long, default_value_t = 500_000)]
        events: u64,
        /// How many come together
        #[arg(long, default_value_t = 10_000)]
        batch: u64,
        /// How many tenants send at once
        #[arg(long, default_value_t = 1)]
        tenants: u64,
    },
    /// Writes rows into files
    Rows(Rows),
    /// Times queries over the files
    Ask {
        /// Where the files are
        folder: PathBuf,
        /// The best of so many counts
        #[arg(long, default_value_t = 3)]
        times: u32,
        /// Threads
        #[arg(long, default_value_t = 2)]
        threads: usize,
        /// This query instead of those of the suite
        #[arg(long)]
        sql: Option<String>,
    },
}

#[derive(Parser)]
struct Rows {
    /// Where to
    folder: PathBuf,
    /// How many
    #[arg(long, default_value_t = 2_000_000)]
    rows: u64,
}

fn main() {
    match Command::parse() {
        Command::Ingest { events, batch, tenants } => ingest(events, batch, tenants),
        Command::Rows(Rows { folder, rows }) => write(&folder, rows),
        Command::Ask { folder, times, threads, sql } => ask(&folder, times, threads, sql.as_deref()),
    }
}

/// A number that looks like chance and is the same each time.
fn mixed(number: u64) -> u64 {
    let mut x = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

fn event(number: u64, at: Timestamp) -> Event {
    let chance = mixed(number);
    let meter = ["audiagram.speech", "audiagram.video", "audiagram.frames", "mails", "calls"][(chance % 5) as usize];
    let id = |kind, most: u64, turn: u32| Some(AnyId::new(kind, u128::from(chance.rotate_left(turn) % most)));
    Event {
        id: EventId::of("bench", &number.to_string()),
        meter: meter.to_owned(),
        quantity: (chance >> 40) as i64 % 10_000,
        unit: "ms".to_owned(),
        at,
        source: "bench".to_owned(),
        user: id(NounKind::User, 500, 7),
        project: id(NounKind::Project, 200, 17),
        job: id(NounKind::Job, 400_000, 27),
        resource: String::new(),
        corrects: None,
        dimensions: vec![("height".to_owned(), ["720", "1080"][(chance >> 20 & 1) as usize].to_owned())],
    }
}

fn ingest(events: u64, batch: u64, tenants: u64) {
    let folder = tempfile::tempdir().unwrap();
    let key = Box::new(KeyFile::create(&folder.path().join("key")).unwrap());
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(IdSource::random()));
    let store = Store::create(&folder.path().join("data"), key, StoreLimits::default(), clock, ids).unwrap();
    let draft = |tenant: Id<Tenant>| EventDraft::system(SystemTask::Metering, tenant.erase());
    let ids: Vec<Id<Tenant>> = (1..=tenants).map(|number| Id::from_bits(number.into())).collect();
    for tenant in &ids {
        store.vault().create_tenant(*tenant).unwrap();
        let placement = Placement { tenant: *tenant, folder: None, begun: false };
        store.system().write::<(), WriteError>(draft(*tenant), |tx| tx.put(&placement)).unwrap();
    }
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for tenant in &ids {
            let store = &store;
            scope.spawn(move || {
                let (file, sieve) = (store.tenant(*tenant).unwrap(), metering::Sieve::default());
                for first in (0..events).step_by(batch as usize) {
                    let now = store.clock().now();
                    let some: Vec<_> =
                        (first..(first + batch).min(events)).map(|number| Ok(event(number, now))).collect();
                    let some = some.into_iter().map(|event: Result<Event, metering::Fault>| {
                        event.map(|event| Event { meter: "mails".to_owned(), ..event })
                    });
                    let verdicts =
                        file.write(draft(*tenant), |tx| metering::ingest(tx, &sieve, some.collect())).unwrap();
                    assert!(verdicts.iter().all(|verdict| *verdict == metering::Verdict::Accepted));
                }
            });
        }
    });
    let (all, took) = (events * tenants, begun.elapsed());
    println!(
        "{all} events of {tenants} tenants in batches of {batch}: {:.0} a second",
        all as f64 / took.as_secs_f64()
    );
}

fn write(folder: &Path, rows: u64) {
    fs::create_dir_all(folder).unwrap();
    let engine = Engine::start(QueryLimits::default()).unwrap();
    let each = rows / FILES;
    for number in 0..FILES {
        let row = |number: u64| {
            let at = Timestamp::from_millis(START + number * (YEAR / rows.max(1)));
            let received = at.after(Duration::from_secs(mixed(number) % 3_600));
            Row { number, received, event: event(number, at) }
        };
        let rows: Vec<Row> = (number * each..(number + 1) * each).map(row).collect();
        let mut file = fs::File::create(folder.join(format!("{number}.parquet"))).unwrap();
        let begun = Instant::now();
        engine.seal(&rows, &mut file).unwrap();
        println!("sealed {each} rows, {:.0} a second", each as f64 / begun.elapsed().as_secs_f64());
    }
}

/// Files of a folder, by number.
#[derive(Debug)]
struct Folder(PathBuf);

impl Shelf for Folder {
    fn read(&self, file: &BlobDigest, range: Range<u64>) -> io::Result<Vec<u8>> {
        let mut file = fs::File::open(self.0.join(format!("{}.parquet", file.0[0])))?;
        file.seek(SeekFrom::Start(range.start))?;
        let mut bytes = vec![0; (range.end - range.start) as usize];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

fn ask(folder: &Path, times: u32, threads: usize, sql: Option<&str>) {
    let limits = QueryLimits { threads, timeout_s: 300, tenant_memory_bytes: 1 << 30, ..QueryLimits::default() };
    let engine = Engine::start(limits).unwrap();
    let shelf: Arc<dyn Shelf> = Arc::new(Folder(folder.to_owned()));
    let segments = (0..FILES).map(|number| Segment {
        number,
        digest: BlobDigest([number as u8; 32]),
        bytes: fs::metadata(folder.join(format!("{number}.parquet"))).unwrap().len(),
        rows: 1,
        from: Timestamp::from_millis(START),
        to: Timestamp::from_millis(START + YEAR),
        level: 0,
        retired: None,
    });
    let segments: Vec<Segment> = segments.collect();
    let suite = QUERIES.lines().filter_map(|line| line.split_once('\t'));
    let queries = match sql {
        Some(sql) => vec![("asked", sql)],
        None => suite.collect(),
    };
    for (name, sql) in queries {
        let once = || {
            let usage = UsageSnapshot {
                segments: segments.clone(),
                waiting: Arc::new(Vec::<Row>::new()),
                shelf: shelf.clone(),
                projects: None,
                since: Timestamp::default(),
            };
            let question = Question {
                tenant: Id::from_bits(1),
                sql: sql.to_owned(),
                form: Form::Arrow,
                timeout_s: None,
                usage: Some(usage),
                prices: None,
                tables: Vec::new(),
            };
            let begun = Instant::now();
            let mut answer = engine.ask(question).unwrap_or_else(|error| panic!("{name}: {error}"));
            while let Some(piece) = answer.next() {
                piece.unwrap();
            }
            begun.elapsed()
        };
        let best = (0..times).map(|_| once()).min().unwrap();
        println!("{name}\t{:.2}", best.as_secs_f64() * 1_000.0);
    }
}
