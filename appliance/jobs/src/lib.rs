//! Durable work: claimed, leased, retried, finished or given up; fair between tenants.
//!
//! A job is a record in its tenant's file, submitted in the same commit as the change that asks for it. What runs it is one
//! process: the [`Runner`] holds in memory who has ready work, and can rebuild that from the files after a crash at any point.

mod board;
mod codes;
mod error;
mod fleet;
mod job;
mod kind;
mod lease;
mod look;
pub mod queue;
mod retry;
mod runner;
pub mod schedule;
mod scheduler;
#[cfg(test)]
mod stored_forms;
mod watch;

#[cfg(test)]
mod tests;

pub use board::{DueHint, Posting};
pub use error::{JobError, LeaseError};
pub use fleet::AtWork;
pub use job::{Job, MAX_COST_S, NewJob, Payload, Progress, State, StateKind};
pub use kind::{JobKind, KindRule, Priority};
pub use lease::{Incarnation, Lease, MAX_INTERRUPTIONS};
pub use queue::{MAX_LIVE, Submitted, cancel, reprioritize, requeue, submit};
pub use retry::{Failure, Reason, wait};
pub use runner::{
    Allowance, AnnounceError, Attempt, Desk, Drained, Ending, GivenUp, Launcher, Publish, PublishError, Runner,
    RunnerError, RunnerLimits, Status, StopReason, Work,
};
pub use schedule::{Cadence, NewSchedule, Schedule, ScheduleChange, ScheduleError, TimeOfDay, Weekdays};
pub use scheduler::{Ready, Scheduler};
pub use watch::{SubscribeError, Subscription, Update};
