//! A system file and a tenant's file in memory, which can be closed and opened again.

use std::sync::Arc;

use model::{Id, IdSource, ManualClock, Outcome, Region, SystemTask, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::{
    Database, EventDraft, Read, ReadError, Record, Tx, WriteError,
    backend::{Faults, Faulty, Memory},
};

use crate::{DueHint, Job, JobKind, NewJob, Posting, board::Board};

/// What a job made, stored in the commit that ends it: counts how often that happened.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Made {
    pub(super) job: Id<noun::Job>,
    pub(super) times: u64,
}

impl Record for Made {
    const NAME: &'static str = "made";
    const NUMBER: u8 = 200;
    type Key = Id<noun::Job>;
    fn key(&self) -> Self::Key {
        self.job
    }
}

impl Made {
    /// Counts one more, as a publication would store what was made.
    pub(super) fn once_more(tx: &mut Tx<'_>, job: Id<noun::Job>) -> Result<(), WriteError> {
        let times = tx.get::<Made>(&job)?.map_or(0, |made| made.times);
        tx.put(&Made { job, times: times + 1 })
    }
}

pub(super) const TENANT: Id<noun::Tenant> = Id::from_bits(42);

pub(super) struct Place {
    disks: [Memory; 2],
    pub(super) clock: Arc<ManualClock>,
    ids: Arc<IdSource>,
}

pub(super) struct Opened {
    pub(super) system: Database,
    pub(super) tenant: Database,
    pub(super) board: Arc<Board>,
}

impl Place {
    pub(super) fn new() -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_790_000_000_000)));
        Place { disks: Default::default(), clock, ids: Arc::new(IdSource::fixed(1)) }
    }

    pub(super) fn open(&self) -> Opened {
        self.open_with(&Default::default())
    }

    /// Opens the system's file and the tenant's on disks that break as told.
    pub(super) fn open_with(&self, faults: &[Faults; 2]) -> Opened {
        let open = |number: usize, log| {
            let disk = Faulty::new(self.disks[number].clone(), faults[number].clone()).unwrap();
            #[expect(clippy::disallowed_methods, reason = "a database on a disk that fails as told")]
            let redb = redb::Builder::new().create_with_backend(disk).unwrap();
            Database::begin(log, redb, 0, self.clock.clone(), self.ids.clone()).unwrap()
        };
        let system = open(0, Id::<noun::Appliance>::from_bits(0).erase());
        let board = Arc::new(Board::load(&system).unwrap());
        Opened { system, tenant: open(1, TENANT.erase()), board }
    }
}

impl Opened {
    pub(super) fn announce(&self) -> Posting {
        self.board.announce(&self.system, TENANT).unwrap()
    }

    pub(super) fn job(&self, id: Id<noun::Job>) -> Job {
        self.tenant.read().unwrap().get::<Job>(&id).unwrap().unwrap()
    }

    pub(super) fn hint(&self) -> Option<DueHint> {
        self.system.read().unwrap().get::<DueHint>(&TENANT).unwrap()
    }

    pub(super) fn rows(&self) -> u64 {
        self.tenant.audit_head().unwrap().0
    }

    /// How the last write ended, by its audit row.
    pub(super) fn last_outcome(&self) -> Result<Outcome, ReadError> {
        let last = self.rows() - 1;
        Ok(self.tenant.read()?.audit_rows(last, 1).unwrap().remove(0).1.unwrap().outcome)
    }

    pub(super) fn write<T, E: From<WriteError>>(&self, f: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.tenant.write(EventDraft::system(SystemTask::JobRun, TENANT.erase()), f)
    }
}

pub(super) fn new_job(kind: JobKind) -> NewJob {
    let home: Region = "eu".parse().unwrap();
    NewJob::new(kind, TENANT, home, Id::<noun::User>::from_bits(7).erase())
}
