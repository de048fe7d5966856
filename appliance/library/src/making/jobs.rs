//! Jobs of making as their owners see them.

use ::jobs::{
    Desk, Job, JobKind, Priority, StateKind,
    queue::{self, By, Which},
};
use access::{ListPermit, Permit};
use model::{
    AnyId, Id, Permitted, noun,
    permission::{RenderCancel, RenderPrioritize, RenderRead, RenderSubmit},
};
use store::{Cursor, Page, Read as _, Sort};

use super::pieces::Pieces;
use crate::error::LibraryError;

/// Whether this kind of work is about recordings and what is made of them. Jobs of other kinds are shown elsewhere.
pub const fn is_making(kind: JobKind) -> bool {
    matches!(
        kind,
        JobKind::MakeVideo
            | JobKind::Transcribe
            | JobKind::Outline
            | JobKind::Render
            | JobKind::Preview
            | JobKind::Convert
    )
}

/// Jobs that the caller may see, newest first without an order: all, those in one state, or those about one thing.
pub fn list(
    permit: &ListPermit<RenderRead>,
    state: Option<StateKind>,
    about: Option<AnyId>,
    order: Option<Sort<By>>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Job>, LibraryError> {
    let visible = |job: &Job| {
        is_making(job.kind)
            && state.is_none_or(|state| job.state.kind() == state)
            && permit.visible(&job.header.subject())
    };
    let which = match (about, state) {
        (Some(about), _) => Which::About(about),
        (None, Some(state)) => Which::In(state),
        (None, None) => Which::All,
    };
    Ok(queue::listed(&permit.read()?, which, order, after, limit, visible)?)
}

/// The job of the permit.
pub fn read(permit: &Permit<RenderRead>) -> Result<Job, LibraryError> {
    let job = permit.read()?.get::<Job>(&subject(permit)?)?;
    job.filter(|job| is_making(job.kind)).ok_or(LibraryError::NotFound)
}

/// Calls a job off.
pub fn cancel(permit: Permit<RenderCancel>, desk: &Desk) -> Result<Job, LibraryError> {
    change(permit, desk, |tx, id| {
        // What was called off is not wanted again: its finished parts go. Given its attempts anew, it begins at the beginning.
        Pieces::forget(tx, id.erase())?;
        Ok(queue::cancel(tx, id)?)
    })
}

/// Gives a job that failed, was given up or was called off its attempts anew.
pub fn retry(permit: Permit<RenderSubmit>, desk: &Desk) -> Result<Job, LibraryError> {
    change(permit, desk, |tx, id| Ok(queue::requeue(tx, id)?))
}

/// Moves a waiting job to where others queue.
pub fn prioritize(permit: Permit<RenderPrioritize>, desk: &Desk, priority: Priority) -> Result<Job, LibraryError> {
    change(permit, desk, |tx, id| Ok(queue::reprioritize(tx, id, priority)?))
}

fn change<P: Permitted>(
    permit: Permit<P>,
    desk: &Desk,
    change: impl FnOnce(&mut store::Tx<'_>, Id<noun::Job>) -> Result<Job, LibraryError>,
) -> Result<Job, LibraryError> {
    let id = subject(&permit)?;
    let is_ours = permit.read()?.get::<Job>(&id)?.is_some_and(|job| is_making(job.kind));
    if !is_ours {
        return Err(LibraryError::NotFound);
    }
    let _posting = desk.announce(permit.tenant())?;
    permit.write(|tx| change(tx, id))
}

fn subject<P: Permitted>(permit: &Permit<P>) -> Result<Id<noun::Job>, LibraryError> {
    permit.subject().id.typed().ok_or(LibraryError::NotFound)
}
