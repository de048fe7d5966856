//! What request code does with jobs, inside the write of which the job is a part.
//!
//! Before such a write comes [`crate::Desk::announce`], so that no crash leaves a job that nobody knows of.

use model::{AnyId, Id, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::{
    Column, Cursor, Gather, KeyBytes, MAX_PAGE, Page, Query, Rank, Read, ReadError, Record, Sort, Tx, WriteError,
};

use crate::{
    error::JobError,
    job::{BY_ABOUT, BY_DEDUP, BY_STATE, Job, MAX_COST_S, NewJob, Payload, State, StateKind, dedup_key},
    kind::{JobKind, Priority},
};

/// The most jobs of a tenant that may be live.
pub const MAX_LIVE: u64 = 10_000;
const MAX_DEDUP: usize = 200;
const MAX_FAILURES: u32 = 100;

/// How many jobs of the tenant are live. One record, so that a full queue and an empty one are known without counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Backlog {
    pub(crate) live: u64,
}

impl Record for Backlog {
    const NAME: &'static str = "backlog";
    const NUMBER: u8 = 81;
    type Key = u64;
    fn key(&self) -> u64 {
        0
    }
}

impl Backlog {
    pub(crate) fn of(read: &impl Read) -> Result<Self, ReadError> {
        Ok(read.get::<Backlog>(&0)?.unwrap_or_default())
    }
}

/// Stores a job and keeps the backlog in step. `was_live`: as it was stored before.
pub(crate) fn keep(tx: &mut Tx<'_>, job: &Job, was_live: bool) -> Result<(), WriteError> {
    tx.put(job)?;
    let live = Backlog::of(tx)?.live;
    match (was_live, job.state.is_live()) {
        (false, true) => tx.put(&Backlog { live: live.saturating_add(1) }),
        (true, false) => tx.put(&Backlog { live: live.saturating_sub(1) }),
        _ => Ok(()),
    }
}

/// What came of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted {
    /// A new job.
    New(Job),
    /// A live job for the same thing, as it is.
    Existing(Job),
}

impl Submitted {
    /// The job.
    pub fn job(&self) -> &Job {
        let (Submitted::New(job) | Submitted::Existing(job)) = self;
        job
    }
}

/// Adds a job, or finds the live one with the same kind and deduplication key.
pub fn submit(tx: &mut Tx<'_>, new: NewJob) -> Result<Submitted, JobError> {
    let field = |field, fault| Err(JobError::Field { field, fault });
    if new.payload.len() > Payload::MAX {
        return field("payload", "larger than 32 KiB; put it into a blob and name that");
    }
    if new.dedup.as_ref().is_some_and(|dedup| dedup.is_empty() || dedup.len() > MAX_DEDUP) {
        return field("dedup", "must have 1 to 200 bytes");
    }
    if new.cost_s.is_some_and(|cost| cost == 0 || cost > MAX_COST_S) {
        return field("cost_s", "must be 1 to 3600 seconds");
    }
    if new.max_failures.is_some_and(|failures| failures == 0 || failures > MAX_FAILURES) {
        return field("max_failures", "must be 1 to 100");
    }
    if let Some(dedup) = &new.dedup
        && let Some(job) = tx.find::<Job>(BY_DEDUP, &dedup_key(new.kind, dedup))?
    {
        tx.note("job", job.header.id.to_string());
        return Ok(Submitted::Existing(job));
    }
    if Backlog::of(tx)?.live >= MAX_LIVE {
        return Err(JobError::Full(MAX_LIVE));
    }
    let job = new.into_job(tx.new_id(), tx.now());
    tx.note("job", job.header.id.to_string());
    keep(tx, &job, false)?;
    Ok(Submitted::New(job))
}

/// Calls a live job off. Where it is running, its attempt counts for nothing from this commit on, and its worker is ended.
pub fn cancel(tx: &mut Tx<'_>, id: Id<noun::Job>) -> Result<Job, JobError> {
    let mut job = tx.get::<Job>(&id)?.ok_or(JobError::NotFound)?;
    let was = job.state.kind();
    if !was.is_live() {
        return Err(JobError::State(was));
    }
    let now = tx.now();
    job.state = State::Cancelled { at: now };
    job.header.touch(now);
    tx.note("was", was.to_string());
    keep(tx, &job, true)?;
    Ok(job)
}

/// Gives a job that failed or was given up, or called off, its attempts anew.
pub fn requeue(tx: &mut Tx<'_>, id: Id<noun::Job>) -> Result<Job, JobError> {
    let mut job = tx.get::<Job>(&id)?.ok_or(JobError::NotFound)?;
    let was = job.state.kind();
    if !matches!(was, StateKind::Failed | StateKind::Dead | StateKind::Cancelled) {
        return Err(JobError::State(was));
    }
    if Backlog::of(tx)?.live >= MAX_LIVE {
        return Err(JobError::Full(MAX_LIVE));
    }
    let now = tx.now();
    job.state = State::Queued { not_before: now };
    job.failures = 0;
    job.interruptions = 0;
    job.header.touch(now);
    tx.note("was", was.to_string());
    keep(tx, &job, false)?;
    Ok(job)
}

/// Moves a waiting job to where others queue; it waits no longer for another attempt.
pub fn reprioritize(tx: &mut Tx<'_>, id: Id<noun::Job>, priority: Priority) -> Result<Job, JobError> {
    let mut job = tx.get::<Job>(&id)?.ok_or(JobError::NotFound)?;
    let State::Queued { not_before } = job.state else { return Err(JobError::State(job.state.kind())) };
    let now = tx.now();
    job.priority = priority;
    job.state = State::Queued { not_before: not_before.min(now) };
    job.header.touch(now);
    keep(tx, &job, true)?;
    Ok(job)
}

/// Removes jobs that were over before `before`, at most `limit`; says how many. Those under legal hold stay.
pub fn prune(tx: &mut Tx<'_>, before: Timestamp, limit: usize) -> Result<usize, JobError> {
    let mut pruned = 0;
    for state in [StateKind::Done, StateKind::Failed, StateKind::Dead, StateKind::Cancelled] {
        let query =
            Query::by(BY_STATE, KeyBytes::new().with(&(state as u8)), limit.saturating_sub(pruned).min(MAX_PAGE));
        if pruned >= limit {
            break;
        }
        let mut late = false;
        let over = tx.list::<Job>(&query, |job| {
            // In order of time: after the first that is too young, none is old enough.
            late |= job.state.at() >= before;
            late || !job.header.legal_hold
        })?;
        for job in over.items.iter().filter(|job| job.state.at() < before) {
            tx.delete::<Job>(&job.header.id)?;
            pruned += 1;
        }
    }
    tx.note("jobs", pruned.to_string());
    Ok(pruned)
}

/// Removes jobs of a kind about a thing that are over, but for the newest `kept`: where jobs come again and again, only the last tell
/// anything. Those under legal hold stay.
///
/// # Errors
/// Those of the store.
pub fn forget(tx: &mut Tx<'_>, thing: AnyId, kind: JobKind, kept: usize) -> Result<(), JobError> {
    let over = |job: &Job| job.kind == kind && !job.state.is_live() && !job.header.legal_hold;
    let found = about(tx, thing, None, MAX_PAGE, over)?;
    for job in found.items.iter().skip(kept) {
        tx.delete::<Job>(&job.header.id)?;
    }
    Ok(())
}

/// By what jobs can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// What it does.
    Kind,
    /// Where it stands: what waits, what runs, what is over.
    State,
    /// How often it was begun.
    Attempts,
    /// What came in its way last.
    Failure,
    /// When it was ordered.
    Created,
    /// When it was last changed.
    Updated,
}

impl Column for By {
    type Of = Job;
    const ALL: &'static [(&'static str, Self)] = &[
        ("kind", By::Kind),
        ("state", By::State),
        ("attempts", By::Attempts),
        ("failure", By::Failure),
        ("created", By::Created),
        ("updated", By::Updated),
    ];
    fn rank(self, job: &Job) -> Rank {
        match self {
            By::Kind => Rank::text(job.kind.code()),
            By::State => Rank::number(job.state.kind() as u8),
            By::Attempts => Rank::number(job.attempts),
            By::Failure => job.failure.as_ref().map_or(Rank::NONE, |failure| Rank::text(&failure.message)),
            By::Created => Rank::moment(job.header.created),
            By::Updated => Rank::moment(job.header.updated),
        }
    }
}

/// Which jobs are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// Those in one state.
    In(StateKind),
    /// Those that work or worked on a thing.
    About(AnyId),
}

/// Jobs in an order; without one waiting jobs as they queue, other states by time, and all the rest newest first.
pub fn listed(
    read: &impl Read,
    which: Which,
    order: Option<Sort<By>>,
    after: Option<&Cursor>,
    limit: usize,
    visible: impl FnMut(&Job) -> bool,
) -> Result<Page<Job>, ReadError> {
    let index = match which {
        Which::All => None,
        Which::In(state) => Some((BY_STATE, KeyBytes::new().with(&(state as u8)))),
        Which::About(thing) => Some((BY_ABOUT, KeyBytes::new().with(&thing))),
    };
    let newest_first = which != Which::In(StateKind::Queued);
    read.listed(&Query { index, after, limit, newest_first }, order, visible)
}

/// Adds jobs of this file in a state to a list over many files.
///
/// # Errors
/// When they cannot be read.
pub fn gather(
    read: &impl Read,
    state: StateKind,
    list: &mut Gather<By>,
    visible: impl FnMut(&Job) -> bool,
) -> Result<(), ReadError> {
    list.add(read, Some((BY_STATE, KeyBytes::new().with(&(state as u8)))), visible)
}

/// How a tenant's queue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Jobs that run.
    pub running: u64,
    /// Jobs that could begin.
    pub waiting: u64,
    /// Jobs that are to begin later.
    pub later: u64,
    /// Since when the one that has waited longest could have begun.
    pub longest: Option<Timestamp>,
}

/// How the queue of a tenant stands at `now`.
///
/// # Errors
/// When it cannot be read.
pub fn standing(read: &impl Read, now: Timestamp) -> Result<Standing, ReadError> {
    let mut standing = Standing::default();
    for state in [StateKind::Queued, StateKind::Running] {
        let query = Query::by(BY_STATE, KeyBytes::new().with(&(state as u8)), 1);
        // Nothing is kept of what is only counted.
        read.list::<Job>(&query, |job| {
            if state == StateKind::Running {
                standing.running += 1;
            } else if job.is_ready(now) {
                standing.waiting += 1;
                let since = job.state.at();
                standing.longest = Some(standing.longest.map_or(since, |longest| longest.min(since)));
            } else {
                standing.later += 1;
            }
            false
        })?;
    }
    Ok(standing)
}

/// Jobs in one state: waiting ones as they queue, the others by time. [`StateKind::Dead`] is the dead letter list.
pub fn list(
    read: &impl Read,
    state: StateKind,
    after: Option<&Cursor>,
    limit: usize,
    visible: impl FnMut(&Job) -> bool,
) -> Result<Page<Job>, ReadError> {
    listed(read, Which::In(state), None, after, limit, visible)
}

/// Jobs that work or worked on a thing, newest first.
pub fn about(
    read: &impl Read,
    thing: AnyId,
    after: Option<&Cursor>,
    limit: usize,
    visible: impl FnMut(&Job) -> bool,
) -> Result<Page<Job>, ReadError> {
    listed(read, Which::About(thing), None, after, limit, visible)
}

/// How many jobs of the tenant wait or run.
pub fn live(read: &impl Read) -> Result<u64, ReadError> {
    Ok(Backlog::of(read)?.live)
}
