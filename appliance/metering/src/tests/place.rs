//! A tenant's file in memory, which can be closed and opened again, and the files that rows are sealed into.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use model::{Id, IdSource, ManualClock, SystemTask, Timestamp, noun};
use sha2::{Digest as _, Sha256};
use store::{
    Database, EventDraft, Tx, WriteError,
    backend::{Faults, Faulty, Memory},
    blob::{BlobDigest, Finished},
};

use crate::{
    Event, EventId, Fault, LedgerError, Row, Sealed, Sieve, Verdict, add_segment, head, ingest, replace_segments,
    segments, unsealed,
};

pub(super) const NOW: u64 = 1_790_000_000_000;
const TENANT: Id<noun::Tenant> = Id::from_bits(42);

pub(super) struct Place {
    disk: Memory,
    pub(super) clock: Arc<ManualClock>,
    ids: Arc<IdSource>,
    /// Files that were finished: a finished file outlives whatever comes.
    files: Mutex<BTreeMap<BlobDigest, Vec<Row>>>,
}

impl Place {
    pub(super) fn new() -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(NOW)));
        Place { disk: Memory::default(), clock, ids: Arc::new(IdSource::fixed(1)), files: Mutex::default() }
    }

    pub(super) fn open(&self, faults: &Faults) -> Result<Database, String> {
        let disk = Faulty::new(self.disk.clone(), faults.clone()).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a database on a disk that fails as told")]
        let redb = redb::Builder::new().create_with_backend(disk).map_err(|error| error.to_string())?;
        Database::begin(TENANT.erase(), redb, 0, self.clock.clone(), self.ids.clone())
            .map_err(|error| error.to_string())
    }

    fn finish(&self, rows: Vec<Row>) -> (Finished, Sealed) {
        let text = serde_json::to_vec(&rows).unwrap();
        let digest = BlobDigest(Sha256::digest(&text).into());
        let times = || rows.iter().map(|row| row.event.at);
        let (from, to) = (times().min().unwrap(), times().max().unwrap());
        let sealed = Sealed { rows: rows.len() as u64, from, to };
        self.files.lock().unwrap().insert(digest, rows);
        (Finished { digest, length: text.len() as u64 }, sealed)
    }

    /// Seals some of the rows that wait.
    pub(super) fn seal(&self, db: &Database, most: usize) -> Result<(), WriteError> {
        let (rows, next) = unsealed(&db.read()?, most)?;
        if rows.is_empty() {
            return Ok(());
        }
        let (file, sealed) = self.finish(rows);
        write(db, |tx| add_segment(tx, file, &sealed, next)).map(drop)
    }

    /// Makes one file of all.
    pub(super) fn merge(&self, db: &Database) -> Result<(), WriteError> {
        let all = segments(&db.read()?)?;
        if all.len() < 2 {
            return Ok(());
        }
        let rows = all.iter().flat_map(|segment| self.files.lock().unwrap()[&segment.digest].clone()).collect();
        let (file, sealed) = self.finish(rows);
        let merged = write(db, |tx| replace_segments(tx, &all, file, &sealed))?;
        assert!(merged.is_some());
        Ok(())
    }

    /// Every row there is, sealed or not.
    pub(super) fn rows(&self, db: &Database) -> Vec<Row> {
        let view = db.read().unwrap();
        let files = self.files.lock().unwrap();
        let mut rows: Vec<Row> =
            segments(&view).unwrap().iter().flat_map(|segment| files[&segment.digest].clone()).collect();
        let waiting = unsealed(&view, usize::MAX).unwrap().0;
        assert_eq!(waiting.len() as u64, head(&view).unwrap().waiting());
        rows.extend(waiting);
        rows.sort_by_key(|row| row.number);
        rows
    }
}

pub(super) fn write<T, E: From<WriteError>>(
    db: &Database,
    change: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    db.write(EventDraft::system(SystemTask::Metering, TENANT.erase()), change)
}

pub(super) fn event(id: &str, quantity: i64) -> Event {
    Event {
        id: EventId::of("crm", id),
        meter: "mails".to_owned(),
        quantity,
        unit: "1".to_owned(),
        at: Timestamp::from_millis(NOW),
        source: "crm".to_owned(),
        user: None,
        project: None,
        job: None,
        resource: String::new(),
        corrects: None,
        dimensions: Vec::new(),
    }
}

pub(super) fn send(db: &Database, events: Vec<Event>) -> Result<Vec<Verdict>, LedgerError> {
    send_through(&Sieve::default(), db, events)
}

pub(super) fn send_through(sieve: &Sieve, db: &Database, events: Vec<Event>) -> Result<Vec<Verdict>, LedgerError> {
    write(db, |tx| ingest(tx, sieve, events.into_iter().map(Ok::<_, Fault>).collect()))
}
