//! Schedules as they are stored, and what is done with them.

use model::{AnyId, Classification, DataClass, ErrorKind, Header, Id, Region, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::{Cursor, Headed, IndexEntries, KeyBytes, Page, Query, Read, ReadError, Record, Tx, WriteError};

use super::cadence::{self, Cadence};
use crate::{
    error::JobError,
    job::{CLOCK_SLIP, Job, NewJob, Payload},
    kind::{JobKind, Priority},
    queue::{Submitted, submit},
};

/// The most schedules of a tenant.
const MAX_SCHEDULES: usize = 200;
const MAX_TITLE: usize = 200;

/// When a job is to be made again and again.
///
/// Runs that were missed, because the appliance was off or the last run was still under way, become one. A schedule is never
/// under way twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Its header.
    pub header: Header<noun::Schedule>,
    /// What people call it.
    pub title: String,
    /// What the job does.
    pub kind: JobKind,
    /// What the job is given.
    pub payload: Payload,
    /// What the job works on.
    pub about: Option<AnyId>,
    /// Where the job queues, if not where its kind does.
    pub priority: Option<Priority>,
    /// How often.
    pub cadence: Cadence,
    /// The zone of the wall clock, by its IANA name.
    pub zone: String,
    /// Whether it is on.
    pub enabled: bool,
    /// Where rows of minutes, hours and days are counted from.
    pub start: Timestamp,
    /// When it is due next; nothing when the calendar ends.
    pub next: Option<Timestamp>,
    /// When that was found out.
    pub planned: Timestamp,
    /// The job it made last.
    pub last: Option<Id<noun::Job>>,
}

/// Those that are on, by when they are due.
const BY_NEXT: u8 = 1;

impl Record for Schedule {
    const NAME: &'static str = "schedule";
    const NUMBER: u8 = model::NounKind::Schedule as u8;
    type Key = Id<noun::Schedule>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        if let Some(next) = self.next.filter(|_| self.enabled) {
            entries.add(BY_NEXT, &KeyBytes::new().with(&next));
        }
    }
}

impl Headed for Schedule {
    type Noun = noun::Schedule;
    fn header(&self) -> &Header<noun::Schedule> {
        &self.header
    }
}

/// What a schedule begins with.
#[derive(Debug, Clone)]
pub struct NewSchedule {
    /// Whose it is.
    pub tenant: Id<noun::Tenant>,
    /// The tenant's home.
    pub home: Region,
    /// Who asks for it; the jobs are theirs.
    pub owner: AnyId,
    /// The project it lies in.
    pub project: Option<Id<noun::Project>>,
    /// How secret it and its jobs are.
    pub classification: Classification,
    /// What people call it, at most 200 bytes.
    pub title: String,
    /// What the job does.
    pub kind: JobKind,
    /// What the job is given.
    pub payload: Vec<u8>,
    /// What the job works on.
    pub about: Option<AnyId>,
    /// Where the job queues, if not where its kind does.
    pub priority: Option<Priority>,
    /// How often.
    pub cadence: Cadence,
    /// The zone, by its IANA name like `Europe/Berlin`.
    pub zone: String,
    /// Where rows are counted from; from now without.
    pub start: Option<Timestamp>,
}

/// A change: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ScheduleChange {
    /// A new title.
    pub title: Option<String>,
    /// A new cadence, counted from now.
    pub cadence: Option<Cadence>,
    /// A new zone.
    pub zone: Option<String>,
    /// On or off. What was missed while it was off is not made up for.
    pub enabled: Option<bool>,
    /// What its jobs are given from now on, at most [`Payload::MAX`] bytes.
    pub payload: Option<Vec<u8>>,
}

/// Why a schedule cannot be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// A field.
    #[error("{field}: {fault}")]
    Field {
        /// Its name in the API.
        field: &'static str,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// There is no such schedule.
    #[error("there is no such schedule")]
    NotFound,
    /// Too many.
    #[error("a tenant may have {MAX_SCHEDULES} schedules; remove one first")]
    Full,
    /// Reading.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Writing.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl ScheduleError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            ScheduleError::Field { .. } => ErrorKind::Invalid,
            ScheduleError::NotFound => ErrorKind::NotFound,
            ScheduleError::Full => ErrorKind::Exhausted,
            ScheduleError::Read(error) => error.kind(),
            ScheduleError::Write(error) => error.kind(),
        }
    }
}

/// Adds a schedule. Announce the tenant first, as for a job: [`crate::Desk::announce`].
pub fn create(tx: &mut Tx<'_>, new: NewSchedule) -> Result<Schedule, ScheduleError> {
    let payload = given(new.payload)?;
    if tx.list::<Schedule>(&Query::newest(MAX_SCHEDULES), |_| true)?.items.len() >= MAX_SCHEDULES {
        return Err(ScheduleError::Full);
    }
    let now = tx.now();
    let mut header = Header::new(tx.new_id(), new.tenant, new.home, new.owner, DataClass::K6, now);
    header.project = new.project;
    header.classification = new.classification;
    let mut schedule = Schedule {
        header,
        title: new.title,
        kind: new.kind,
        payload,
        about: new.about,
        priority: new.priority,
        cadence: new.cadence,
        zone: new.zone,
        enabled: true,
        start: new.start.unwrap_or(now),
        next: None,
        planned: now,
        last: None,
    };
    schedule.plan(now)?;
    tx.note("schedule", schedule.header.id.to_string());
    tx.put(&schedule)?;
    Ok(schedule)
}

/// Changes a schedule. Announce the tenant first.
pub fn change(tx: &mut Tx<'_>, id: Id<noun::Schedule>, change: ScheduleChange) -> Result<Schedule, ScheduleError> {
    let mut schedule = tx.get::<Schedule>(&id)?.ok_or(ScheduleError::NotFound)?;
    let now = tx.now();
    if let Some(title) = change.title {
        schedule.title = title;
    }
    if let Some(cadence) = change.cadence {
        schedule.cadence = cadence;
        schedule.start = now;
    }
    if let Some(zone) = change.zone {
        schedule.zone = zone;
    }
    if let Some(enabled) = change.enabled {
        schedule.enabled = enabled;
    }
    if let Some(payload) = change.payload {
        schedule.payload = given(payload)?;
    }
    schedule.plan(now)?;
    schedule.header.touch(now);
    tx.put(&schedule)?;
    Ok(schedule)
}

/// Removes a schedule. A job that it has made goes on.
pub fn delete(tx: &mut Tx<'_>, id: Id<noun::Schedule>) -> Result<(), ScheduleError> {
    if tx.delete::<Schedule>(&id)? { Ok(()) } else { Err(ScheduleError::NotFound) }
}

/// Schedules, newest first.
pub fn list(
    read: &impl Read,
    after: Option<&Cursor>,
    limit: usize,
    visible: impl FnMut(&Schedule) -> bool,
) -> Result<Page<Schedule>, ReadError> {
    read.list::<Schedule>(&Query { index: None, after, limit, newest_first: true }, visible)
}

/// Schedules that are to make a job now: due, and their last job is over.
pub(crate) fn due(read: &impl Read, now: Timestamp) -> Result<Vec<Id<noun::Schedule>>, ReadError> {
    let page = by_next(read, |schedule| schedule.is_due(now))?;
    let mut due = Vec::new();
    for schedule in page {
        if !is_under_way(read, &schedule)? {
            due.push(schedule.header.id);
        }
    }
    Ok(due)
}

/// When the next schedule is due that is not yet.
pub(crate) fn next_due(read: &impl Read, now: Timestamp) -> Result<Option<Timestamp>, ReadError> {
    Ok(by_next(read, |schedule| !schedule.is_due(now))?.first().and_then(|first| first.next))
}

/// Whether any schedule is on.
pub(crate) fn any(read: &impl Read) -> Result<bool, ReadError> {
    Ok(!by_next(read, |_| true)?.is_empty())
}

/// Makes the job of a schedule that is due; nothing when it is not due any more or its last job is not over.
pub(crate) fn fire(tx: &mut Tx<'_>, id: Id<noun::Schedule>) -> Result<Option<Job>, JobError> {
    let now = tx.now();
    let Some(mut schedule) = tx.get::<Schedule>(&id)?.filter(|schedule| schedule.is_due(now)) else { return Ok(None) };
    if is_under_way(tx, &schedule)? {
        return Ok(None);
    }
    let Submitted::New(job) = submit(tx, NewJob::of_schedule(&schedule))? else { return Ok(None) };
    tx.note("step", "schedule");
    schedule.last = Some(job.header.id);
    if schedule.was_planned_ahead_of(now) {
        schedule.start = schedule.start.min(now);
    }
    schedule.planned = now;
    schedule.next = cadence::zone(&schedule.zone).and_then(|zone| schedule.cadence.next(schedule.start, now, &zone));
    tx.put(&schedule)?;
    Ok(Some(job))
}

/// What jobs are given, if it is not too much.
fn given(payload: Vec<u8>) -> Result<Payload, ScheduleError> {
    if payload.len() > Payload::MAX {
        let fault = "larger than 32 KiB; put it into a blob and name that";
        return Err(ScheduleError::Field { field: "payload", fault });
    }
    Ok(Payload(payload))
}

fn by_next(read: &impl Read, keep: impl FnMut(&Schedule) -> bool) -> Result<Vec<Schedule>, ReadError> {
    Ok(read.list::<Schedule>(&Query::by(BY_NEXT, KeyBytes::new(), MAX_SCHEDULES), keep)?.items)
}

fn is_under_way(read: &impl Read, schedule: &Schedule) -> Result<bool, ReadError> {
    let Some(last) = schedule.last else { return Ok(false) };
    Ok(read.get::<Job>(&last)?.is_some_and(|job| job.state.is_live()))
}

impl Schedule {
    fn is_due(&self, now: Timestamp) -> bool {
        self.enabled && self.next.is_some_and(|next| next <= now || self.was_planned_ahead_of(now))
    }

    /// Whether the clock was put back since.
    fn was_planned_ahead_of(&self, now: Timestamp) -> bool {
        self.planned > now.after(CLOCK_SLIP)
    }

    /// Checks what people can set, and sets when it is due next.
    fn plan(&mut self, now: Timestamp) -> Result<(), ScheduleError> {
        if self.title.len() > MAX_TITLE || self.title.chars().any(char::is_control) {
            return Err(ScheduleError::Field { field: "title", fault: "must be one line of at most 200 bytes" });
        }
        if let Some(fault) = self.cadence.fault() {
            return Err(ScheduleError::Field { field: "cadence", fault });
        }
        let zone = cadence::zone(&self.zone)
            .ok_or(ScheduleError::Field { field: "zone", fault: "must be an IANA name like `Europe/Berlin`" })?;
        self.planned = now;
        self.next = self.cadence.next(self.start, now, &zone);
        Ok(())
    }
}
