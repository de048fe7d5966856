//! A look into one tenant's file: what died is taken back, what is due is made, what is ready is told.

use std::collections::BTreeSet;

use model::{Id, SystemTask, Timestamp, noun};
use store::{Database, EventDraft, KeyBytes, Query, Read};

use crate::{
    error::JobError,
    job::{BY_STATE, Job, StateKind},
    kind::Priority,
    lease::{Incarnation, orphans, recover},
    queue,
    schedule::{self, fire},
    scheduler::Ready,
};

/// How many ready jobs of each priority are kept in memory for a tenant. When they are used up, the next look finds more.
const WINDOW: usize = 16;

/// What a look found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Outlook {
    /// Jobs that could begin, the first of each priority.
    pub(crate) ready: Vec<Ready>,
    /// Whether more than these are ready.
    pub(crate) more: bool,
    /// When something next becomes ready by itself.
    pub(crate) next: Option<Timestamp>,
    /// How many jobs wait or run.
    pub(crate) live: u64,
    /// Whether a schedule is on.
    pub(crate) scheduled: bool,
}

/// Looks into a tenant's file. `running` are the jobs that this incarnation is at work on: any other that is leased has lost its
/// worker.
pub(crate) fn look(
    tenant: &Database,
    incarnation: Incarnation,
    running: &BTreeSet<Id<noun::Job>>,
) -> Result<Outlook, JobError> {
    let view = tenant.read()?;
    // After the view was taken, so that nothing in it is of a later time unless the clock was put back.
    let now = tenant.clock().now();
    if !orphans(&view, incarnation, running)?.is_empty() {
        let event = EventDraft::system(SystemTask::JobRun, tenant.log());
        tenant.write(event, |tx| recover(tx, incarnation, running))?;
    }
    for due in schedule::due(&view, now)? {
        let event = EventDraft::system(SystemTask::JobRun, due.erase());
        match tenant.write(event, |tx| fire(tx, due)) {
            // It stays due, and is looked at again when jobs have finished.
            Ok(_) | Err(JobError::Full(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let view = tenant.read()?;
    outlook(&view, tenant.clock().now())
}

fn outlook(view: &impl Read, now: Timestamp) -> Result<Outlook, JobError> {
    let mut outlook = Outlook { live: queue::live(view)?, scheduled: schedule::any(view)?, ..Outlook::default() };
    let mut next = schedule::next_due(view, now)?;
    for priority in Priority::ALL {
        let parts = KeyBytes::new().with(&(StateKind::Queued as u8)).with(&(priority as u8));
        let first = view.list::<Job>(&Query::by(BY_STATE, parts, WINDOW), |_| true)?;
        let (ready, later): (Vec<&Job>, Vec<&Job>) = first.items.iter().partition(|job| job.is_ready(now));
        outlook.more |= later.is_empty() && first.next.is_some();
        outlook.ready.extend(ready.into_iter().filter_map(Ready::of));
        next = next.into_iter().chain(later.first().map(|job| job.state.at())).min();
    }
    outlook.next = next;
    Ok(outlook)
}
