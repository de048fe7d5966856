//! A backup of 1 GB while people write, beside a plain copy of the same files with the same syncing.
//!
//! `cargo run --release -p benches --bin store-backup [FOLDER]`: three quarters of the bytes are blobs, a quarter is records. What is printed:
//! the backup, a plain copy of the data folder in the same run and the ratio of the two, a second backup after little has changed, the check
//! of every byte, and the restore, which must hold all that was written before the backup began.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use model::{Id, IdSource, SystemClock, SystemTask, noun::Tenant};
use serde::{Deserialize, Serialize};
use store::{
    EventDraft, Placement, Progress, Read as _, Record, Store, StoreLimits, WriteError,
    backup::{self, Depth, Scope},
    blob::BlobStore,
    vault::KeyFile,
};

const TENANTS: u128 = 8;
const BLOBS: u64 = 24;
const BLOB: usize = 4 << 20;
const RECORDS: u64 = 8_000;
const RECORD: usize = 4_000;
const SEED: u64 = 20_260_731;

#[derive(Serialize, Deserialize)]
struct Row {
    number: u64,
    body: Vec<u8>,
}

impl Record for Row {
    const NAME: &'static str = "row";
    const NUMBER: u8 = 200;
    type Key = u64;
    fn key(&self) -> u64 {
        self.number
    }
}

/// Bytes that do not compress and are the same on every run.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

fn put(store: &Store, tenant: Id<Tenant>, rows: impl Iterator<Item = Row>) {
    let event = EventDraft::system(SystemTask::Retention, tenant.erase());
    let file = store.tenant(tenant).expect("the tenant opens");
    file.write::<(), WriteError>(event, |tx| rows.into_iter().try_for_each(|row| tx.put(&row))).expect("it is written");
}

fn fill(store: &Store) -> Vec<Id<Tenant>> {
    (1..=TENANTS)
        .map(|number| {
            let tenant = Id::from_bits(number);
            store.vault().create_tenant(tenant).expect("new");
            let event = EventDraft::system(SystemTask::TenantCreate, tenant.erase());
            let placement = Placement { tenant, folder: None, begun: false };
            store.system().write::<(), WriteError>(event, |tx| tx.put(&placement)).expect("written");
            for first in (0..RECORDS).step_by(500) {
                let row = |number| Row { number, body: noise(SEED ^ number, RECORD) };
                put(store, tenant, (first..first + 500).map(row));
            }
            let folder = store.tenant(tenant).expect("open").folder.clone();
            let blobs = BlobStore::new(&folder, Arc::new(store.vault().keys(tenant).expect("keys")));
            for blob in 0..BLOBS {
                let mut writer = blobs.writer(u64::MAX).expect("room");
                writer.write_all(&noise(SEED + blob * 1_000 + number as u64, BLOB)).expect("room");
                writer.finish().expect("room");
            }
            tenant
        })
        .collect()
}

fn copy(from: &Path, to: &Path) -> io::Result<u64> {
    fs::create_dir_all(to)?;
    let mut bytes = 0;
    for entry in fs::read_dir(from)? {
        let path: PathBuf = entry?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            bytes += copy(&path, &target)?;
        } else {
            bytes += fs::copy(&path, &target)?;
            File::open(&target)?.sync_all()?;
        }
    }
    File::open(to)?.sync_all()?;
    Ok(bytes)
}

/// Runs `work` while two threads write small changes without pause. Gives its seconds and the changes a second.
fn while_writing<T>(store: &Store, tenants: &[Id<Tenant>], work: impl FnOnce() -> T) -> (T, f64, f64) {
    let (stop, count) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for thread in 0..2u64 {
            let (stop, count) = (&stop, &count);
            scope.spawn(move || {
                let mut number = 1_000_000 * (thread + 1);
                while !stop.load(Ordering::Relaxed) {
                    let tenant = tenants[number as usize % tenants.len()];
                    put(store, tenant, std::iter::once(Row { number, body: noise(number, 200) }));
                    count.fetch_add(1, Ordering::Relaxed);
                    number += 1;
                }
            });
        }
        let start = Instant::now();
        let done = work();
        let seconds = start.elapsed().as_secs_f64();
        stop.store(true, Ordering::Relaxed);
        (done, seconds, count.load(Ordering::Relaxed) as f64 / seconds)
    })
}

fn main() {
    let folder = std::env::args().nth(1).map_or_else(std::env::temp_dir, PathBuf::from).join("audiagram-backup-bench");
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).expect("a folder to work in");
    let key = folder.join("key");
    let root = || -> Vec<Box<dyn store::vault::RootKey>> { vec![Box::new(KeyFile::open(&key).expect("the key"))] };
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(IdSource::random()));
    let first = Box::new(KeyFile::create(&key).expect("a new key"));
    let data = folder.join("data");
    let store = Store::create(&data, first, StoreLimits::default(), clock.clone(), ids.clone()).expect("a new store");
    let tenants = fill(&store);
    let backups = folder.join("backups");
    let progress = Progress::default;
    let make = || backup::create(&store, &backups, Scope::Whole, &progress()).expect("a backup");

    let (made, seconds, writes) = while_writing(&store, &tenants, make);
    let (copied, plain, _) = while_writing(&store, &tenants, || copy(&data, &folder.join("plain")).expect("a copy"));
    let megabytes = made.bytes as f64 / 1e6;
    println!(
        "backup of {megabytes:.0} MB: {seconds:.1} s ({:.0} MB/s) at {writes:.0} writes a second",
        megabytes / seconds
    );
    println!("plain copy of {:.0} MB with the same syncing: {plain:.1} s", copied as f64 / 1e6);
    let ratio = (seconds / megabytes) / (plain / (copied as f64 / 1e6));
    println!("time a byte, backup to plain copy: {ratio:.2}");

    let (second, again, _) = while_writing(&store, &tenants, make);
    println!("second backup: {again:.1} s");
    let start = Instant::now();
    let found = backup::verify(&backups, second.id, store.vault(), Depth::Blobs, &progress()).expect("it can be read");
    assert!(found.findings.is_empty(), "{:?}", found.findings);
    println!("check of every byte: {:.1} s", start.elapsed().as_secs_f64());

    let start = Instant::now();
    let target = folder.join("restored");
    backup::restore(&backups, made.id, root(), &target, clock.clone(), ids.clone(), &progress()).expect("restored");
    println!("restore: {:.1} s", start.elapsed().as_secs_f64());
    let restored = Store::open(&target, root().remove(0), StoreLimits::default(), clock, ids).expect("it opens");
    for tenant in tenants {
        let file = restored.tenant(tenant).expect("it opens");
        let view = file.read().expect("it can be read");
        for number in (0..RECORDS).step_by(97) {
            let row = view.get::<Row>(&number).expect("it can be read").expect("it is there");
            assert!(row.body == noise(SEED ^ number, RECORD));
        }
        let blobs = BlobStore::new(&file.folder, Arc::new(restored.vault().keys(tenant).expect("keys")));
        assert_eq!(blobs.list().count() as u64, BLOBS);
    }
    println!("the restored copy holds what was written");
    fs::remove_dir_all(&folder).ok();
}
