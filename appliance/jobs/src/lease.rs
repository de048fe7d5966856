//! What the runner does with jobs: a lease is taken, extended, and ends in one of few ways, each exactly once.

use std::{collections::BTreeSet, time::Duration};

use model::{AnyId, Id, Outcome, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::{KeyBytes, MAX_PAGE, Query, Read, ReadError, Tx, WriteError};

use crate::{
    error::LeaseError,
    job::{BY_STATE, Job, Progress, State, StateKind},
    queue::keep,
    retry::{self, Failure, Reason},
};

/// How often a job may be cut off before it is given up.
pub const MAX_INTERRUPTIONS: u32 = 20;

/// One run of the appliance, from start to end or crash. Random: no two are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Incarnation(u64);

impl Incarnation {
    /// A fresh one.
    ///
    /// # Panics
    /// When the operating system has no random numbers to give.
    pub(crate) fn random() -> Self {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
        Incarnation(u64::from_be_bytes(bytes))
    }
}

/// The right of one attempt to speak for a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub job: Id<noun::Job>,
    /// The run of the appliance.
    pub incarnation: Incarnation,
    /// The attempt: counts from 1.
    pub attempt: u32,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It did what it should.
    Done {
        /// What it made.
        result: Option<AnyId>,
    },
    /// It did not.
    Failed(Failure),
    /// It was broken off for reasons that are not its own: the job goes back as if it had not been begun.
    HandedBack,
}

/// Takes a job that is ready. [`LeaseError::Lost`] when it is not: called off, say, since it was seen in the queue.
pub(crate) fn claim(
    tx: &mut Tx<'_>,
    id: Id<noun::Job>,
    incarnation: Incarnation,
    length: Duration,
) -> Result<(Job, Lease), LeaseError> {
    let now = tx.now();
    let mut job = tx.get::<Job>(&id)?.ok_or(LeaseError::Lost)?;
    if !job.is_ready(now) {
        return Err(LeaseError::Lost);
    }
    job.attempts = job.attempts.saturating_add(1);
    job.state = State::Leased { incarnation, until: now.after(length) };
    job.progress = Progress::default();
    job.header.touch(now);
    tx.note("step", "claim");
    tx.note("attempt", job.attempts.to_string());
    keep(tx, &job, true)?;
    let lease = Lease { job: id, incarnation, attempt: job.attempts };
    Ok((job, lease))
}

/// Whether the lease still holds.
pub(crate) fn holds(read: &impl Read, lease: &Lease) -> Result<bool, ReadError> {
    Ok(read.get::<Job>(&lease.job)?.is_some_and(|job| job.is_held(lease)))
}

/// Moves the end of a lease, and stores how far the job is.
pub(crate) fn extend(tx: &mut Tx<'_>, lease: &Lease, length: Duration, progress: Progress) -> Result<Job, LeaseError> {
    let mut job = held(tx, lease)?;
    let now = tx.now();
    job.state = State::Leased { incarnation: lease.incarnation, until: now.after(length) };
    job.progress = progress;
    job.header.touch(now);
    tx.note("step", "extend");
    keep(tx, &job, true)?;
    Ok(job)
}

/// Ends an attempt. [`LeaseError::Lost`], and nothing is changed, when its lease does not hold any more.
pub(crate) fn finish(tx: &mut Tx<'_>, lease: &Lease, ended: Ended, progress: Progress) -> Result<Job, LeaseError> {
    let mut job = held(tx, lease)?;
    let now = tx.now();
    job.progress = progress;
    match ended {
        Ended::Done { result } => {
            job.state = State::Done { at: now };
            job.result = result;
            job.failure = None;
        }
        Ended::Failed(failure) => {
            tx.outcome(Outcome::Failed);
            tx.note("reason", failure.reason.code());
            fail(&mut job, failure, now);
        }
        Ended::HandedBack => job.state = State::Queued { not_before: job.first_place(now) },
    }
    job.header.touch(now);
    tx.note("step", "finish");
    tx.note("attempt", job.attempts.to_string());
    tx.note("state", job.state.kind().to_string());
    keep(tx, &job, true)?;
    Ok(job)
}

/// Leases whose attempt is known to be dead: of another incarnation, or of this one and not among `running`.
pub(crate) fn orphans(
    read: &impl Read,
    incarnation: Incarnation,
    running: &BTreeSet<Id<noun::Job>>,
) -> Result<Vec<Job>, ReadError> {
    let query = Query::by(BY_STATE, KeyBytes::new().with(&(StateKind::Running as u8)), MAX_PAGE);
    let orphan = |job: &Job| match job.state {
        State::Leased { incarnation: of, .. } => of != incarnation || !running.contains(&job.header.id),
        _ => false,
    };
    Ok(read.list::<Job>(&query, orphan)?.items)
}

/// Ends the attempts that are known to be dead; gives the jobs as they are now.
///
/// They do not count as failures of the job, but it may be the job that brings the appliance down: from the third time on it
/// waits, and after [`MAX_INTERRUPTIONS`] it is given up.
pub(crate) fn recover(
    tx: &mut Tx<'_>,
    incarnation: Incarnation,
    running: &BTreeSet<Id<noun::Job>>,
) -> Result<Vec<Job>, WriteError> {
    let now = tx.now();
    let mut recovered = orphans(tx, incarnation, running)?;
    for job in &mut recovered {
        job.interruptions = job.interruptions.saturating_add(1);
        job.failure = Some(Failure::new(Reason::Interrupted, "the appliance went down while the job was running"));
        job.state = match job.interruptions {
            MAX_INTERRUPTIONS.. => State::Dead { at: now },
            0..=2 => State::Queued { not_before: job.first_place(now) },
            more => State::Queued { not_before: now.after(retry::wait(job.kind, job.header.id, more - 2)) },
        };
        job.header.touch(now);
        keep(tx, job, true)?;
    }
    tx.note("step", "recover");
    tx.note("jobs", recovered.len().to_string());
    Ok(recovered)
}

fn fail(job: &mut Job, failure: Failure, now: Timestamp) {
    job.failures = job.failures.saturating_add(1);
    job.state = if !failure.reason.is_retryable() {
        State::Failed { at: now }
    } else if job.failures >= job.max_failures {
        State::Dead { at: now }
    } else {
        State::Queued { not_before: now.after(retry::wait(job.kind, job.header.id, job.failures)) }
    };
    job.failure = Some(failure);
}

fn held(tx: &Tx<'_>, lease: &Lease) -> Result<Job, LeaseError> {
    let job = tx.get::<Job>(&lease.job)?.ok_or(LeaseError::Lost)?;
    if job.is_held(lease) { Ok(job) } else { Err(LeaseError::Lost) }
}

impl Job {
    /// From when on it counts as ready when it goes back through no fault of its own: it keeps its place in the queue.
    fn first_place(&self, now: Timestamp) -> Timestamp {
        self.header.created.min(now)
    }

    fn is_held(&self, lease: &Lease) -> bool {
        self.attempts == lease.attempt
            && matches!(self.state, State::Leased { incarnation, .. } if incarnation == lease.incarnation)
    }
}
