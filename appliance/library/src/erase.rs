//! Removing things for good, with all that belongs to them. The one place that knows what goes with what.

use access::usage::{self, Meter};
use model::{AnyId, Id, noun};
use store::Tx;

use crate::{
    choice::Choice,
    comment,
    error::LibraryError,
    folder, live,
    making::Pieces,
    project::Project,
    recording::{self, Recording},
    stored,
    storyboard::Storyboard,
    transcript::Transcript,
    version::Version,
    video,
};

/// The most recordings that go with a project in one commit; more are removed in steps by the sweep of the trash.
pub(crate) const MAX_AT_ONCE: usize = 500;

/// Removes a recording and what was made of it; its file goes with the next sweep, unless other records refer to it.
pub(crate) fn recording(tx: &mut Tx<'_>, recording: &Recording) -> Result<(), LibraryError> {
    if recording.header.legal_hold {
        return Err(LibraryError::Held);
    }
    made_of(tx, recording)?;
    comment::remove_of(tx, recording.header.id.erase())?;
    stored::release(tx, &recording.media)?;
    tx.delete::<Recording>(&recording.header.id)?;
    Ok(())
}

/// Removes transcript, storyboards, videos and finished parts of a recording. A job that works on it finds nothing and fails.
fn made_of(tx: &mut Tx<'_>, recording: &Recording) -> Result<(), LibraryError> {
    let id = recording.header.id;
    loop {
        let page = video::of_recording(tx, id, None, MAX_AT_ONCE)?;
        page.items.iter().try_for_each(|video| video::remove(tx, video))?;
        if page.next.is_none() {
            break;
        }
    }
    loop {
        let page = Storyboard::of_recording(tx, id, None, MAX_AT_ONCE, |_| true)?;
        for board in &page.items {
            Version::remove_all(tx, board.header.id.erase())?;
            comment::remove_of(tx, board.header.id.erase())?;
            live::forget(tx, board.header.id)?;
            tx.delete::<Storyboard>(&board.header.id)?;
            forget_pieces(tx, board.header.id.erase())?;
        }
        if page.next.is_none() {
            break;
        }
    }
    if let Some(transcript) = Transcript::of_recording(tx, id)? {
        Version::remove_all(tx, transcript.header.id.erase())?;
        tx.delete::<Transcript>(&transcript.header.id)?;
        forget_pieces(tx, transcript.header.id.erase())?;
    }
    forget_pieces(tx, id.erase())
}

/// Forgets the finished parts of a thing, and of the jobs that worked on it and did not end well.
fn forget_pieces(tx: &mut Tx<'_>, thing: AnyId) -> Result<(), LibraryError> {
    let jobs = jobs::queue::about(tx, thing, None, store::MAX_PAGE, |job| job.result.is_none())?;
    jobs.items.iter().try_for_each(|job| Pieces::forget(tx, job.header.id.erase()))?;
    Pieces::forget(tx, thing)
}

/// Removes a project and what lies in it. Says how many recordings that were.
pub(crate) fn project(tx: &mut Tx<'_>, id: Id<noun::Project>) -> Result<usize, LibraryError> {
    let page = recording::of_project(tx, id, None, MAX_AT_ONCE)?;
    if page.next.is_some() {
        return Err(LibraryError::Field {
            field: "project",
            fault: format!("has more than {MAX_AT_ONCE} recordings; remove some, or wait until the trash is swept"),
        });
    }
    for recording in &page.items {
        self::recording(tx, recording)?;
    }
    folder::remove_of(tx, id)?;
    comment::remove_of(tx, id.erase())?;
    tx.delete::<Choice>(&id.erase())?;
    if tx.delete::<Project>(&id)? {
        usage::give_back(tx, Meter::Projects, 1, tx.now())?;
    }
    Ok(page.items.len())
}
