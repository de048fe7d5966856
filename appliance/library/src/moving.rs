//! Moving recordings: into another project, with all that was made of them, or between the folders of one.
//!
//! What is made of a recording lies where the recording lies; that is written in the head of each. So all heads are written in the
//! commit that moves the recording, and who may only see where it came from sees nothing of it from then on. What a recording has
//! used before stays with the project in which it was used, and links to view go on showing.

use std::collections::BTreeSet;

use access::Permit;
use model::{AnyId, Classification, Header, Id, Noun, Region, noun, permission::AssetUpload};
use store::{MAX_PAGE, Read as _, Tx};

use crate::{
    base::check_base,
    comment,
    error::LibraryError,
    folder,
    project::{self, Project},
    recording::{self, Recording},
    storyboard::Storyboard,
    transcript::Transcript,
    video, view_link,
};

/// The most recordings that one commit moves.
pub const MAX_MOVED: usize = 100;

/// A recording to be moved.
#[derive(Debug)]
pub struct Moved {
    /// That it may be changed where it is.
    pub permit: Permit<AssetUpload>,
    /// The version that the move is based on; any without one.
    pub base: Option<u64>,
}

/// Where things come to lie, and what holds there.
#[derive(Debug)]
pub(crate) struct Destination {
    project: Id<noun::Project>,
    classification: Classification,
    residency: BTreeSet<Region>,
}

impl Destination {
    fn of(project: &Project) -> Self {
        let Header { id, classification, ref residency, .. } = project.header;
        Destination { project: id, classification, residency: residency.clone() }
    }

    /// Writes it into the head of a thing: it becomes as secret as what is there and no less secret than it was, and may be used
    /// where both it and the project may be.
    pub(crate) fn write<K: Noun>(&self, header: &mut Header<K>) {
        header.project = Some(self.project);
        header.classification = header.classification.max(self.classification);
        header.residency.retain(|region| self.residency.contains(region));
    }
}

/// Moves recordings into the project of the permit, into `folder` or into none; all of them or none. Those that lie in the project
/// already only change their folder.
///
/// # Errors
/// [`LibraryError::Busy`] for a recording that comes from another project while jobs work on it: they look like the project in which
/// they were begun, and their end belongs there. [`LibraryError::Held`] where that project is under a legal hold.
pub fn into_project(
    permit: Permit<AssetUpload>,
    moved: &[Moved],
    folder: Option<Id<noun::Folder>>,
) -> Result<Vec<Recording>, LibraryError> {
    let field = |fault: String| Err(LibraryError::Field { field: "recordings", fault });
    if !(1..=MAX_MOVED).contains(&moved.len()) {
        return field(format!("must be 1 to {MAX_MOVED}"));
    }
    let ids: BTreeSet<AnyId> = moved.iter().map(|moved| moved.permit.subject().id).collect();
    if ids.len() < moved.len() {
        return field("names one twice".into());
    }
    let id = permit.subject().id.typed().ok_or(LibraryError::NotFound)?;
    permit.write(|tx| {
        let project = project::at_work(tx, id)?;
        folder::check(tx, id, folder)?;
        let destination = Destination::of(&project);
        let mut from = BTreeSet::new();
        let mut done = Vec::with_capacity(moved.len());
        for Moved { permit, base } in moved {
            let subject = permit.subject();
            let mut recording = recording::at_work(tx, subject.id.typed().ok_or(LibraryError::NotFound)?)?;
            // It was moved since the caller's rights were asked for, which were those of another project.
            if recording.header.project != subject.project {
                return Err(LibraryError::NotFound);
            }
            check_base(recording.header.version, *base)?;
            if recording.header.project != Some(id) {
                from.extend(recording.header.project);
                follow(tx, &mut recording, &destination)?;
            }
            recording.folder = folder;
            recording.header.touch(tx.now());
            tx.put(&recording)?;
            done.push(recording);
        }
        if let [only] = &done[..] {
            tx.about(only.header.id.erase());
        }
        tx.note("to", id.to_string());
        tx.note("from", words(from));
        tx.note("folder", folder.map_or_else(|| "none".to_owned(), |folder| folder.to_string()));
        tx.note("recordings", words(ids));
        Ok(done)
    })
}

/// Has all that was made of a recording lie at the destination, and the recording itself.
fn follow(tx: &mut Tx<'_>, recording: &mut Recording, destination: &Destination) -> Result<(), LibraryError> {
    let left = tx.get::<Project>(&recording::project_of(recording)?)?;
    if left.is_some_and(|project| project.header.legal_hold) {
        return Err(LibraryError::Held);
    }
    let id = recording.header.id;
    let mut things = vec![id.erase()];
    if let Some(mut transcript) = Transcript::of_recording(tx, id)? {
        things.push(transcript.header.id.erase());
        destination.write(&mut transcript.header);
        tx.put(&transcript)?;
    }
    // The versions of transcripts and storyboards count what they say, so these heads are written without a new one.
    let mut after = None;
    loop {
        let page = Storyboard::of_recording(tx, id, after.as_ref(), MAX_PAGE, |_| true)?;
        for mut board in page.items {
            things.push(board.header.id.erase());
            destination.write(&mut board.header);
            tx.put(&board)?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    loop {
        let page = video::of_recording(tx, id, after.as_ref(), MAX_PAGE)?;
        for mut video in page.items {
            let thing = video.header.id.erase();
            destination.write(&mut video.header);
            tx.put(&video)?;
            view_link::move_of(tx, thing, destination)?;
            things.push(thing);
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    for thing in things {
        comment::move_of(tx, thing, destination)?;
        move_jobs(tx, thing, destination)?;
    }
    destination.write(&mut recording.header);
    Ok(())
}

/// Jobs that have worked on a thing tell of it, so they are seen by who sees it.
fn move_jobs(tx: &mut Tx<'_>, thing: AnyId, destination: &Destination) -> Result<(), LibraryError> {
    let mut after = None;
    loop {
        let page = jobs::queue::about(tx, thing, after.as_ref(), MAX_PAGE, |_| true)?;
        for mut job in page.items {
            if job.state.is_live() {
                return Err(LibraryError::Busy);
            }
            destination.write(&mut job.header);
            tx.put(&job)?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

fn words(things: impl IntoIterator<Item = impl ToString>) -> String {
    things.into_iter().map(|thing| thing.to_string()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
