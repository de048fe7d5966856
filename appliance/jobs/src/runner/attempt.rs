//! The thread of one attempt: does the work and stores how it ended.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use model::SystemTask;
use store::{EventDraft, ReadError, StoreError, WriteError};

use super::{
    Shared,
    port::{Attempt, Ending, Publish, PublishError, StopReason, Work},
};
use crate::{
    error::LeaseError,
    job::Job,
    lease::{self, Ended},
    retry::{Failure, Reason},
    watch::Update,
};

/// What became of an attempt.
pub(super) struct Outcome {
    /// Whether that is stored.
    pub(super) stored: bool,
    pub(super) handed_back: bool,
}

/// Does the work and stores how it ended.
pub(super) fn run(shared: &Shared, work: &Work, attempt: &Arc<Attempt>) -> Outcome {
    let ending = catch_unwind(AssertUnwindSafe(|| shared.launcher.run(work, attempt))).unwrap_or_else(|_| {
        tracing::error!(tenant.id = %work.tenant, job.id = %work.lease.job, "starting a job went wrong in a way that nobody thought of");
        Ending::Failed(Failure::new(Reason::Defect, "the work could not be started because of a defect in the appliance"))
    });
    let (ended, publish) = match judge(ending, attempt.stop()) {
        Some(Judged::Done(publish)) => (Ended::Done { result: None }, Some(publish)),
        Some(Judged::Ended(ended)) => (ended, None),
        // Called off: that is stored already.
        None => return Outcome { stored: true, handed_back: false },
    };
    let handed_back = ended == Ended::HandedBack;
    // What stores a result is the launcher's too, and a defect in it must not cost a slot.
    let end = AssertUnwindSafe(|| store_end(shared, work, attempt, ended, publish));
    let stored = catch_unwind(end).unwrap_or_else(|_| {
        let message = "the result could not be stored because of a defect in the appliance";
        Err(FinishError::Publish(Failure::new(Reason::Defect, message)))
    });
    let stored = match stored {
        Err(FinishError::Publish(failure)) => store_end(shared, work, attempt, Ended::Failed(failure), None),
        other => other,
    };
    match stored {
        Ok(job) => {
            shared.desk.watchers.publish(work.tenant, Update::of(&job));
            Outcome { stored: true, handed_back }
        }
        Err(FinishError::Lease(LeaseError::Lost)) => {
            tracing::info!(tenant.id = %work.tenant, job.id = %work.lease.job, "what a job made is dropped; it was called off");
            Outcome { stored: true, handed_back: false }
        }
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(tenant.id = %work.tenant, job.id = %work.lease.job, error, "the end of a job could not be stored; it will be repeated");
            Outcome { stored: false, handed_back: false }
        }
    }
}

enum Judged {
    Done(Publish),
    Ended(Ended),
}

/// What an ending means, given why it was asked to stop. Work that was done all the same is done.
fn judge(ending: Ending, stop: Option<StopReason>) -> Option<Judged> {
    let failed = |reason, message: &str| Some(Judged::Ended(Ended::Failed(Failure::new(reason, message))));
    match (ending, stop) {
        (_, Some(StopReason::Cancelled)) => None,
        (Ending::Done(publish), _) => Some(Judged::Done(publish)),
        (_, Some(StopReason::Drain)) => Some(Judged::Ended(Ended::HandedBack)),
        (_, Some(StopReason::Deadline)) => failed(Reason::Deadline, "it took longer than one attempt may"),
        (_, Some(StopReason::Stalled)) => failed(Reason::Stalled, "its worker said nothing for too long"),
        (Ending::Failed(failure), None) => Some(Judged::Ended(Ended::Failed(failure))),
        (Ending::Stopped, None) => failed(Reason::Defect, "its worker stopped without being asked to"),
    }
}

#[derive(Debug, thiserror::Error)]
enum FinishError {
    #[error("what the job made was refused")]
    Publish(Failure),
    #[error(transparent)]
    Lease(#[from] LeaseError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<WriteError> for FinishError {
    fn from(error: WriteError) -> Self {
        FinishError::Lease(error.into())
    }
}
impl From<ReadError> for FinishError {
    fn from(error: ReadError) -> Self {
        FinishError::Lease(error.into())
    }
}

fn store_end(
    shared: &Shared,
    work: &Work,
    attempt: &Attempt,
    ended: Ended,
    publish: Option<Publish>,
) -> Result<Job, FinishError> {
    let progress = attempt.latest();
    let given_up = if matches!(ended, Ended::Failed(_)) { shared.launcher.given_up(work) } else { None };
    let event = EventDraft::system(SystemTask::JobRun, work.lease.job.erase());
    shared.desk.store.tenant(work.tenant)?.write(event, |tx| {
        let Some(publish) = publish else {
            let job = lease::finish(tx, &work.lease, ended, progress)?;
            if let Some(given_up) = given_up.filter(|_| !job.state.is_live()) {
                given_up(tx, &job)?;
            }
            return Ok(job);
        };
        // Before anything of a lost attempt is stored.
        if !lease::holds(tx, &work.lease)? {
            return Err(LeaseError::Lost.into());
        }
        let result = publish(tx).map_err(|error| match error {
            PublishError::Failed(failure) => FinishError::Publish(failure),
            PublishError::Read(error) => error.into(),
            PublishError::Write(error @ (WriteError::Taken(_) | WriteError::TooLarge)) => {
                FinishError::Publish(Failure::new(Reason::Defect, error.to_string()))
            }
            PublishError::Write(error) => error.into(),
        })?;
        Ok(lease::finish(tx, &work.lease, Ended::Done { result }, progress)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `done`, `back`, a reason, or `nothing` to be stored.
    fn check(ending: Ending, stop: Option<StopReason>, expected: &str) {
        let shown = format!("{ending:?} {stop:?}");
        let judged = match judge(ending, stop) {
            None => "nothing",
            Some(Judged::Done(_)) => "done",
            Some(Judged::Ended(Ended::HandedBack)) => "back",
            Some(Judged::Ended(Ended::Failed(failure))) => failure.reason.code(),
            Some(Judged::Ended(Ended::Done { .. })) => panic!("{shown}"),
        };
        assert_eq!(judged, expected, "{shown}");
    }

    #[test]
    fn endings_are_judged_by_why_they_were_asked_for() {
        let failed = || Ending::Failed(Failure::new(Reason::BadInput, "no speech"));
        check(Ending::done(), None, "done");
        check(failed(), None, "bad_input");
        check(Ending::Stopped, None, "defect");
        for ending in [Ending::done, failed, || Ending::Stopped] {
            check(ending(), Some(StopReason::Cancelled), "nothing");
        }
        for (stop, expected) in
            [(StopReason::Deadline, "deadline"), (StopReason::Stalled, "stalled"), (StopReason::Drain, "back")]
        {
            check(Ending::done(), Some(stop), "done");
            // Whoever is killed may call it a crash.
            check(failed(), Some(stop), expected);
            check(Ending::Stopped, Some(stop), expected);
        }
    }
}
