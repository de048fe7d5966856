//! What runs the jobs: one thread that decides, and one for each attempt.

mod attempt;
mod dispatch;
mod port;

use std::{
    collections::BTreeMap,
    fmt, io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use model::{ErrorKind, Id, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::{Read, ReadError, Store, WriteError};

pub use port::{Allowance, Attempt, Ending, GivenUp, Launcher, Publish, PublishError, StopReason, Work};

use crate::{
    board::{Board, Posting},
    fleet::{AtWork, Fleet},
    job::Job,
    lease::Incarnation,
    watch::{SubscribeError, Subscription, Update, Watchers},
};
use dispatch::Dispatcher;

/// The bounds of the runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunnerLimits {
    /// Jobs that run at the same time over all tenants.
    pub slots: u32,
    /// What a turn of one tenant is worth, in seconds of work.
    pub quantum_s: u32,
    /// How long one attempt may take at most, in seconds; less where its kind allows less.
    pub longest_attempt_s: u32,
    /// How long a lease holds, in seconds. It is extended when half of that is over.
    pub lease_s: u32,
    /// How long work that was asked to stop at shutdown has for it, in seconds. What takes longer is started again at the next start.
    pub stop_s: u32,
}

impl Default for RunnerLimits {
    fn default() -> Self {
        RunnerLimits { slots: 2, quantum_s: 60, longest_attempt_s: 21_600, lease_s: 900, stop_s: 15 }
    }
}

/// Why the runner did not start.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    /// The hints cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// No thread.
    #[error("cannot start the thread of the job runner")]
    Thread(#[source] io::Error),
}

impl RunnerError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            RunnerError::Read(error) => error.kind(),
            RunnerError::Thread(_) => ErrorKind::Unavailable,
        }
    }
}

/// Why jobs cannot be announced.
#[derive(Debug, thiserror::Error)]
#[error("jobs cannot be accepted now")]
pub struct AnnounceError(#[from] WriteError);

impl AnnounceError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind()
    }
}

/// Where work is handed in and asked after.
#[derive(Debug)]
pub struct Desk {
    store: Arc<Store>,
    board: Arc<Board>,
    watchers: Arc<Watchers>,
    gauges: Gauges,
    fleet: Fleet,
}

#[derive(Debug, Default)]
struct Gauges {
    at_work: AtomicBool,
    running: AtomicU32,
    waiting: AtomicUsize,
}

/// What the runner is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Whether the runner is at work; if not, jobs wait for the next start of the appliance.
    pub at_work: bool,
    /// Jobs that run.
    pub running: u32,
    /// Tenants that have ready work and are below their cap.
    pub waiting_tenants: usize,
}

impl Desk {
    /// Comes before every write that submits, changes or cancels jobs or schedules of `tenant`; the posting is kept until the
    /// write has returned.
    pub fn announce(&self, tenant: Id<noun::Tenant>) -> Result<Posting, AnnounceError> {
        Ok(self.board.announce(self.store.system(), tenant)?)
    }

    /// Has the runner look at `tenant`: its allowance has changed, its data were put back, or someone doubts.
    pub fn wake(&self, tenant: Id<noun::Tenant>) {
        self.board.ring(tenant);
    }

    /// Watches a job of `tenant`. Whether the caller may is decided before.
    pub fn subscribe(&self, tenant: Id<noun::Tenant>, job: Id<noun::Job>) -> Result<Subscription, SubscribeError> {
        let stored = self.store.tenant(tenant)?.read()?.get::<Job>(&job)?.ok_or(SubscribeError::NotFound)?;
        let subscription = self.watchers.subscribe(tenant, Update::of(&stored))?;
        // What has changed since it was read, and how far it is, is told at the next look.
        self.board.ring(tenant);
        Ok(subscription)
    }

    /// Tenants that have live jobs or may have: what there is of others, no look has found since the start.
    pub fn busy(&self) -> Vec<Id<noun::Tenant>> {
        self.board.busy()
    }

    /// The attempt at a job that is under way.
    pub fn at_work(&self, job: Id<noun::Job>) -> Option<AtWork> {
        self.fleet.at_work(job)
    }

    /// The time that the work of each tenant had in the last hour, what runs included; and since when that is known.
    pub fn worked(&self) -> (Timestamp, BTreeMap<Id<noun::Tenant>, Duration>) {
        self.fleet.worked(self.store.clock().now())
    }

    /// What the runner is at.
    pub fn status(&self) -> Status {
        Status {
            at_work: self.gauges.at_work.load(Ordering::SeqCst),
            running: self.gauges.running.load(Ordering::Relaxed),
            waiting_tenants: self.gauges.waiting.load(Ordering::Relaxed),
        }
    }
}

/// What the threads of the runner share.
struct Shared {
    desk: Arc<Desk>,
    launcher: Box<dyn Launcher>,
    allowance: Box<dyn Allowance>,
    limits: RunnerLimits,
    incarnation: Incarnation,
    inbox: Mutex<Inbox>,
}

#[derive(Debug, Default)]
struct Inbox {
    ended: Vec<Gone>,
    /// Nothing new is begun; what runs at this moment is stopped then.
    closing: Option<Instant>,
}

/// An attempt whose thread has ended.
#[derive(Debug)]
struct Gone {
    tenant: Id<noun::Tenant>,
    job: Id<noun::Job>,
    /// Whether the end is stored. Where it is not, the job is taken back once the file can be written again.
    stored: bool,
    handed_back: bool,
}

impl Shared {
    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says at the desk that the runner has ended, also by a defect of it.
struct AtEnd(Arc<Desk>);

impl Drop for AtEnd {
    fn drop(&mut self) {
        self.0.gauges.at_work.store(false, Ordering::SeqCst);
    }
}

/// How a drain ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drained {
    /// Jobs that were stopped and went back to the queue.
    pub handed_back: u32,
    /// Jobs whose work did not stop in time; the next start takes them back.
    pub left: u32,
}

/// The running runner. Dropped, it stops at once what runs and hands it back.
pub struct Runner {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Drained>>,
}

impl Runner {
    /// Takes up the work: what the last run of the appliance left behind, and what is announced from now on.
    pub fn start(
        store: Arc<Store>,
        launcher: Box<dyn Launcher>,
        allowance: Box<dyn Allowance>,
        limits: RunnerLimits,
    ) -> Result<Self, RunnerError> {
        let board = Arc::new(Board::load(store.system())?);
        let fleet = Fleet::new(store.clock().now());
        let desk = Desk { store, board, watchers: Arc::default(), gauges: Gauges::default(), fleet };
        let shared = Arc::new(Shared {
            desk: Arc::new(desk),
            launcher,
            allowance,
            limits,
            incarnation: Incarnation::random(),
            inbox: Mutex::default(),
        });
        let dispatcher = Dispatcher::new(shared.clone());
        shared.desk.gauges.at_work.store(true, Ordering::SeqCst);
        let end = AtEnd(shared.desk.clone());
        let thread = std::thread::Builder::new().name("jobs".into()).spawn(move || {
            let _end = end;
            dispatcher.run()
        });
        Ok(Runner { shared, thread: Some(thread.map_err(RunnerError::Thread)?) })
    }

    /// Where work is handed in.
    pub fn desk(&self) -> Arc<Desk> {
        self.shared.desk.clone()
    }

    /// Begins nothing more, waits at most `patience` for what runs, then stops the rest and hands it back.
    pub fn drain(mut self, patience: Duration) -> Drained {
        self.close(patience)
    }

    fn close(&mut self, patience: Duration) -> Drained {
        let Some(thread) = self.thread.take() else { return Drained::default() };
        self.shared.inbox().closing = Some(Instant::now() + patience);
        self.shared.desk.board.nudge();
        thread.join().unwrap_or_default()
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.close(Duration::ZERO);
    }
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner").field("limits", &self.shared.limits).finish_non_exhaustive()
    }
}
