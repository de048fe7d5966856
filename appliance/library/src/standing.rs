//! Where a recording stands: what was made of it, and what is being made.

use access::ListPermit;
use jobs::{Job, StateKind, queue};
use model::{
    AnyId, Id, noun,
    permission::{AssetRead, Permission},
};
use store::{Headed as _, Read};

use crate::{
    error::LibraryError,
    making::is_making,
    recording::Recording,
    video::{self, Role},
};

/// Where a recording stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing was made of it yet.
    New,
    /// Something is being made of it.
    Making,
    /// It has a video.
    Ready,
    /// It has no video, and the last try was given up.
    Failed,
}

/// Where a recording stands, and what there is to show of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Where.
    pub state: State,
    /// Its newest video.
    pub video: Option<Id<noun::Video>>,
    /// Whether that has a poster.
    pub poster: bool,
}

/// Where `recording` stands, as far as the caller may see what was made of it; nothing where they may not.
///
/// # Errors
/// When the file cannot be read.
pub fn of(
    permit: &ListPermit<AssetRead>,
    read: &impl Read,
    recording: &Recording,
) -> Result<Option<Standing>, LibraryError> {
    if !permit.allows(Permission::RenderRead, &recording.header.subject()) {
        return Ok(None);
    }
    let seen = |video: &video::Video| permit.allows(Permission::RenderRead, &video.header().subject());
    let video = video::newest_of(read, recording.header.id, seen)?;
    let about = recording.header.id.erase();
    // A video is made anew of its storyboard.
    let again = video.as_ref().map(|video| video.storyboard.erase());
    let mut makes = false;
    for about in [Some(about), again].into_iter().flatten() {
        makes = makes || last(read, about, |job| job.state.kind().is_live())?.is_some();
    }
    let state = match (last(read, about, |_| true)?.map(|job| job.state.kind()), &video) {
        _ if makes => State::Making,
        (_, Some(_)) => State::Ready,
        (Some(StateKind::Failed | StateKind::Dead), None) => State::Failed,
        (_, None) => State::New,
    };
    let poster = video.as_ref().is_some_and(|video| video.files.iter().any(|file| file.role == Role::Poster));
    Ok(Some(Standing { state, video: video.map(|video| video.header.id), poster }))
}

/// The newest job that makes something of it and is as wanted.
fn last(read: &impl Read, about: AnyId, wanted: impl Fn(&Job) -> bool) -> Result<Option<Job>, LibraryError> {
    Ok(queue::about(read, about, None, 1, |job| is_making(job.kind) && wanted(job))?.items.pop())
}
