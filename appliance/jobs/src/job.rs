//! A job as it is stored.

use std::{fmt, time::Duration};

use model::{AnyId, Classification, DataClass, Header, Id, Region, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::{Headed, IndexEntries, KeyBytes, Record};

use crate::{
    kind::{JobKind, Priority},
    lease::Incarnation,
    retry::Failure,
    schedule::Schedule,
};

/// A time of writing that is further ahead than this was written before the clock was put back: what it says about when to go
/// on means nothing.
pub(crate) const CLOCK_SLIP: Duration = Duration::from_secs(3_600);

/// The most seconds of work that a job may be taken to be.
pub const MAX_COST_S: u32 = 3_600;

/// A piece of durable work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its header. The project is that of the thing it works on.
    pub header: Header<noun::Job>,
    /// What it does.
    pub kind: JobKind,
    /// What it was given; only who runs it knows the form.
    pub payload: Payload,
    /// What it works on, if that has an id.
    pub about: Option<AnyId>,
    /// Where it queues.
    pub priority: Priority,
    /// Seconds of work it is taken to be, 1 to [`MAX_COST_S`].
    pub cost_s: u32,
    /// Among jobs of a kind that are not over, only one has this key.
    pub dedup: Option<String>,
    /// The schedule that made it.
    pub schedule: Option<Id<noun::Schedule>>,
    /// Where it stands.
    pub state: State,
    /// How many leases were given on it. The number of the lease is the fencing token: what comes from an earlier one is void.
    pub attempts: u32,
    /// How many of them failed.
    pub failures: u32,
    /// How many of them were cut off, because the appliance went down or could not store how they ended.
    pub interruptions: u32,
    /// How often it may fail before it is given up.
    pub max_failures: u32,
    /// The last failure.
    pub failure: Option<Failure>,
    /// How far it was when that was last stored.
    pub progress: Progress,
    /// What it made, if that has an id.
    pub result: Option<AnyId>,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits.
    Queued {
        /// It is not begun before.
        not_before: Timestamp,
    },
    /// It runs.
    Leased {
        /// The run of the appliance in which it was begun: a later one knows that its worker is dead.
        incarnation: Incarnation,
        /// Until when the lease holds, unless it is extended.
        until: Timestamp,
    },
    /// It succeeded.
    Done {
        /// When.
        at: Timestamp,
    },
    /// It failed in a way that another attempt cannot mend.
    Failed {
        /// When.
        at: Timestamp,
    },
    /// It failed too often.
    Dead {
        /// When.
        at: Timestamp,
    },
    /// Someone called it off.
    Cancelled {
        /// When.
        at: Timestamp,
    },
}

/// The state of a job without its particulars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum StateKind {
    /// It waits.
    Queued = 0,
    /// It runs.
    Running = 1,
    /// It succeeded.
    Done = 2,
    /// It failed in a way that another attempt cannot mend.
    Failed = 3,
    /// It failed too often.
    Dead = 4,
    /// Someone called it off.
    Cancelled = 5,
}

impl StateKind {
    /// Whether there is still something to come.
    pub const fn is_live(self) -> bool {
        matches!(self, StateKind::Queued | StateKind::Running)
    }
}
impl fmt::Display for StateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StateKind::Queued => "queued",
            StateKind::Running => "running",
            StateKind::Done => "done",
            StateKind::Failed => "failed",
            StateKind::Dead => "dead",
            StateKind::Cancelled => "cancelled",
        })
    }
}

impl State {
    /// The state without its particulars.
    pub const fn kind(&self) -> StateKind {
        match self {
            State::Queued { .. } => StateKind::Queued,
            State::Leased { .. } => StateKind::Running,
            State::Done { .. } => StateKind::Done,
            State::Failed { .. } => StateKind::Failed,
            State::Dead { .. } => StateKind::Dead,
            State::Cancelled { .. } => StateKind::Cancelled,
        }
    }

    /// Whether there is still something to come.
    pub const fn is_live(&self) -> bool {
        self.kind().is_live()
    }

    /// When it may begin, when its lease ends, or when it was over.
    pub const fn at(&self) -> Timestamp {
        match self {
            State::Queued { not_before: at } | State::Leased { until: at, .. } => *at,
            State::Done { at } | State::Failed { at } | State::Dead { at } | State::Cancelled { at } => *at,
        }
    }
}

/// How far an attempt is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// The stage, by its name in the worker's reports; nothing before the first.
    pub stage: String,
    /// How much of the stage is done, in thousandths.
    pub permille: u16,
}

impl Progress {
    const MAX_STAGE: usize = 40;

    /// At `share` (0 to 1) of a stage. What is too long of the name is cut off.
    pub fn new(stage: &str, share: f64) -> Self {
        let stage = stage[..stage.floor_char_boundary(Self::MAX_STAGE)].to_owned();
        // A number that is none becomes 0.
        Progress { stage, permille: (share.clamp(0.0, 1.0) * 1_000.0) as u16 }
    }
}

/// What a job was given: bytes that mean nothing to the queue and do not show in logs.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Payload(pub Vec<u8>);

impl Payload {
    /// The most bytes. What is larger is a blob.
    pub const MAX: usize = 32 << 10;
}
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// State, priority and time: what is ready is a range of it, and so is what was over before a day.
pub(crate) const BY_STATE: u8 = 1;
/// Kind and deduplication key of what is live.
pub(crate) const BY_DEDUP: u8 = 2;
/// What it works on.
pub(crate) const BY_ABOUT: u8 = 3;

impl Record for Job {
    const NAME: &'static str = "job";
    const NUMBER: u8 = model::NounKind::Job as u8;
    type Key = Id<noun::Job>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        let kind = self.state.kind();
        // Only the queue is in order of priority; the rest is in order of time alone.
        let rank = if kind == StateKind::Queued { self.priority as u8 } else { 0 };
        entries.add(BY_STATE, &KeyBytes::new().with(&(kind as u8)).with(&rank).with(&self.state.at()));
        if let Some(dedup) = self.dedup.as_deref().filter(|_| kind.is_live()) {
            entries.unique(BY_DEDUP, &dedup_key(self.kind, dedup));
        }
        if let Some(about) = self.about {
            entries.add(BY_ABOUT, &KeyBytes::new().with(&about));
        }
    }
}

pub(crate) fn dedup_key(kind: JobKind, dedup: &str) -> KeyBytes {
    KeyBytes::new().with(kind.code()).with(dedup)
}

impl Job {
    /// Whether it could begin.
    pub fn is_ready(&self, now: Timestamp) -> bool {
        let State::Queued { not_before } = self.state else { return false };
        not_before <= now || self.header.updated > now.after(CLOCK_SLIP)
    }
}

impl Headed for Job {
    type Noun = noun::Job;
    fn header(&self) -> &Header<noun::Job> {
        &self.header
    }
}

/// What a job begins with.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Whose it is.
    pub tenant: Id<noun::Tenant>,
    /// The tenant's home.
    pub home: Region,
    /// Who asked for it.
    pub owner: AnyId,
    /// The project of the thing it works on.
    pub project: Option<Id<noun::Project>>,
    /// How secret it is: as secret as the thing it works on.
    pub classification: Classification,
    /// What it does.
    pub kind: JobKind,
    /// What it is given, at most [`Payload::MAX`] bytes.
    pub payload: Vec<u8>,
    /// What it works on.
    pub about: Option<AnyId>,
    /// Where it queues, if not where its kind does.
    pub priority: Option<Priority>,
    /// Seconds of work it is taken to be, if not as many as its kind: 1 to [`MAX_COST_S`].
    pub cost_s: Option<u32>,
    /// How often it may fail before it is given up, if not as often as its kind.
    pub max_failures: Option<u32>,
    /// While a job of the kind with this key is live, it is that job: 1 to 200 bytes.
    pub dedup: Option<String>,
    /// It is not begun before; at once without.
    pub not_before: Option<Timestamp>,
    /// The schedule that makes it.
    pub schedule: Option<Id<noun::Schedule>>,
}

impl NewJob {
    /// A job with nothing but what it must have.
    pub fn new(kind: JobKind, tenant: Id<noun::Tenant>, home: Region, owner: AnyId) -> Self {
        NewJob {
            tenant,
            home,
            owner,
            project: None,
            classification: Classification::default(),
            kind,
            payload: Vec::new(),
            about: None,
            priority: None,
            cost_s: None,
            max_failures: None,
            dedup: None,
            not_before: None,
            schedule: None,
        }
    }

    /// The job that `schedule` asks for.
    pub(crate) fn of_schedule(schedule: &Schedule) -> Self {
        let header = &schedule.header;
        NewJob {
            project: header.project,
            classification: header.classification,
            payload: schedule.payload.0.clone(),
            about: schedule.about,
            priority: schedule.priority,
            schedule: Some(header.id),
            ..NewJob::new(schedule.kind, header.tenant, header.home, header.owner)
        }
    }

    pub(crate) fn into_job(self, id: Id<noun::Job>, now: Timestamp) -> Job {
        let rule = self.kind.rule();
        // Payload and messages are free text to whoever looks at the record.
        let mut header = Header::new(id, self.tenant, self.home, self.owner, DataClass::K6, now);
        header.project = self.project;
        header.classification = self.classification;
        Job {
            header,
            kind: self.kind,
            payload: Payload(self.payload),
            about: self.about,
            priority: self.priority.unwrap_or(rule.priority),
            cost_s: self.cost_s.unwrap_or(rule.cost_s),
            dedup: self.dedup,
            schedule: self.schedule,
            state: State::Queued { not_before: self.not_before.unwrap_or(now) },
            attempts: 0,
            failures: 0,
            interruptions: 0,
            max_failures: self.max_failures.unwrap_or(rule.failures),
            failure: None,
            progress: Progress::default(),
            result: None,
        }
    }
}
