//! What the runner needs from outside: someone who does the work, and the tenants' allowances.

use std::{
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use model::{AnyId, Id, noun};
use store::{ReadError, Tx, WriteError};

use crate::{
    job::{Job, Progress, StateKind},
    lease::Lease,
    retry::Failure,
    watch::{Update, Watchers},
};

/// How many jobs a tenant may have running at once.
pub trait Allowance: Send + Sync + 'static {
    /// By its plan; 0 while it is suspended or closed. Asked often, so it must be quick.
    fn concurrent_jobs(&self, tenant: Id<noun::Tenant>) -> u32;
}

/// Does the work.
pub trait Launcher: Send + Sync + 'static {
    /// Does one attempt, in this thread, to its end. Whatever it started has ended when it returns.
    ///
    /// It looks at [`Attempt::stop`] several times a second (or waits in [`Attempt::wait`]) and returns [`Ending::Stopped`] soon
    /// after that says so. What it tells by [`Attempt::progress`] counts as a sign of life.
    fn run(&self, work: &Work, attempt: &Attempt) -> Ending;

    /// What is stored beside, in the commit in which a job that has failed is given up. Asked for before each commit of a failure, whether or
    /// not there will be another attempt. A job that is given up because the appliance went down too often is not among them.
    fn given_up(&self, _work: &Work) -> Option<GivenUp> {
        None
    }
}

/// What is to be done.
#[derive(Debug, Clone)]
pub struct Work {
    /// For whom.
    pub tenant: Id<noun::Tenant>,
    /// The job, as it was claimed.
    pub job: Job,
    /// The right to speak for it.
    pub lease: Lease,
}

/// Stores what a job made, in the commit that ends the job: it happens once or not at all, and not when the job was called off
/// meanwhile. Gives the id of what was made, if that has one.
pub type Publish = Box<dyn FnOnce(&mut Tx<'_>) -> Result<Option<AnyId>, PublishError> + Send>;

/// Stores what follows from a job's being given up; gets the job as it is then.
pub type GivenUp = Box<dyn FnOnce(&mut Tx<'_>, &Job) -> Result<(), WriteError> + Send>;

/// Why what a job made could not be stored.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The attempt counts as failed.
    #[error("{}", .0.message)]
    Failed(Failure),
    /// Reading.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Writing.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// How an attempt ended, as the launcher saw it.
pub enum Ending {
    /// The work is done, and this stores what came of it.
    Done(Publish),
    /// It failed.
    Failed(Failure),
    /// It was ended because it was asked to stop.
    Stopped,
}

impl Ending {
    /// Done, with nothing to store but that.
    pub fn done() -> Self {
        Ending::Done(Box::new(|_| Ok(None)))
    }
}

impl fmt::Debug for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Done(_) => f.write_str("Done"),
            Ending::Failed(failure) => f.debug_tuple("Failed").field(failure).finish(),
            Ending::Stopped => f.write_str("Stopped"),
        }
    }
}

/// Why an attempt is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// The job was called off, or its lease was lost: whatever comes counts for nothing.
    Cancelled,
    /// It has taken as long as an attempt may.
    Deadline,
    /// It has said nothing for too long.
    Stalled,
    /// The appliance goes down; the job goes back to the queue.
    Drain,
}

/// The launcher's line to the runner during one attempt.
#[derive(Debug)]
pub struct Attempt {
    tenant: Id<noun::Tenant>,
    lease: Lease,
    inner: Mutex<Line>,
    stopped: Condvar,
    watchers: Arc<Watchers>,
}

#[derive(Debug)]
struct Line {
    stop: Option<StopReason>,
    progress: Progress,
    heard: Instant,
    process: Option<u32>,
}

impl Attempt {
    pub(super) fn new(tenant: Id<noun::Tenant>, lease: Lease, watchers: Arc<Watchers>) -> Arc<Self> {
        let line = Line { stop: None, progress: Progress::default(), heard: Instant::now(), process: None };
        Arc::new(Attempt { tenant, lease, inner: Mutex::new(line), stopped: Condvar::new(), watchers })
    }

    /// Tells how far the work is: `share` (0 to 1) of a stage. Kept in memory and told to those who watch.
    pub fn progress(&self, stage: &str, share: f64) {
        let mut line = self.lock();
        line.heard = Instant::now();
        line.progress = Progress::new(stage, share);
        // Under the lock, so that nothing is told of a job after it was told that it was called off.
        if line.stop.is_none() {
            self.watchers.publish(self.tenant, self.update(line.progress.clone()));
        }
    }

    /// Tells which process works on it.
    pub fn works_in(&self, process: u32) {
        self.lock().process = Some(process);
    }

    /// Tells that the worker lives.
    pub fn alive(&self) {
        self.lock().heard = Instant::now();
    }

    /// Why to stop, once it is to.
    pub fn stop(&self) -> Option<StopReason> {
        self.lock().stop
    }

    /// Waits until it is to stop, at most for `longest`.
    pub fn wait(&self, longest: Duration) -> Option<StopReason> {
        let goes_on = |line: &mut Line| line.stop.is_none();
        let (line, _) =
            self.stopped.wait_timeout_while(self.lock(), longest, goes_on).unwrap_or_else(PoisonError::into_inner);
        line.stop
    }

    /// Asks to stop; the first reason counts.
    pub(super) fn ask_to_stop(&self, reason: StopReason) {
        self.lock().stop.get_or_insert(reason);
        self.stopped.notify_all();
    }

    pub(super) fn heard(&self) -> Instant {
        self.lock().heard
    }

    pub(crate) fn process(&self) -> Option<u32> {
        self.lock().process
    }

    pub(crate) fn latest(&self) -> Progress {
        self.lock().progress.clone()
    }

    /// How the job stands while this attempt is under way.
    pub(super) fn update(&self, progress: Progress) -> Update {
        let Lease { job, attempt, .. } = self.lease;
        Update { job, state: StateKind::Running, attempt, progress, reason: None }
    }

    fn lock(&self) -> MutexGuard<'_, Line> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
