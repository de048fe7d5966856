//! What comments and view links hang on: a thing that lies in a project, or a dashboard, found by an id of any kind.

use model::{AnyId, NounKind, Subject};
use store::{Headed, Read, ReadError};

use crate::{dashboard::Dashboard, project::Project, recording::Recording, storyboard::Storyboard, video::Video};

/// A thing that others hang on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The thing as the gate sees it.
    pub subject: Subject,
    /// What people call it.
    pub title: String,
}

/// Something that hangs on another thing: who may do what with it follows from that thing.
pub trait Hanging {
    /// The thing it hangs on.
    fn hangs_on(&self) -> AnyId;
}

/// The thing with this id; nothing where there is none, or nothing hangs on things of its kind.
///
/// # Errors
/// When it cannot be read.
pub fn find(read: &impl Read, id: AnyId) -> Result<Option<Anchor>, ReadError> {
    match id.kind {
        NounKind::Project => of::<Project>(read, id, |project| &project.title),
        NounKind::Recording => of::<Recording>(read, id, |recording| &recording.title),
        NounKind::Storyboard => of::<Storyboard>(read, id, |storyboard| &storyboard.title),
        NounKind::Video => of::<Video>(read, id, |video| &video.title),
        NounKind::Dashboard => of::<Dashboard>(read, id, |dashboard| &dashboard.title),
        _ => Ok(None),
    }
}

fn of<R: Headed>(read: &impl Read, id: AnyId, title: fn(&R) -> &str) -> Result<Option<Anchor>, ReadError> {
    let Some(id) = id.typed() else { return Ok(None) };
    let record = read.get::<R>(&id)?;
    Ok(record.map(|record| Anchor { subject: record.header().subject(), title: title(&record).to_owned() }))
}
