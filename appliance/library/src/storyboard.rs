//! Storyboards: the diagrams of a talk, in versions. What a person edits survives when the talk is outlined again.

mod edit;
mod exhibit;

use access::{ListPermit, Permit, usage::Limits};
use jobs::{Desk, Job};
use model::{
    AnyId, Header, Id, noun,
    permission::{DiagramEdit, ProjectRead, RenderSubmit},
};
use serde::{Deserialize, Serialize};
use store::{
    Cursor, Headed, IndexEntries, KeyBytes, Page, Query, Read, Record, Tx,
    blob::{BlobDigest, BlobStore},
};
use studio::storyboard::MAX_BYTES;

pub use edit::{Difference, Edited, difference, edit};
pub use exhibit::{Exhibit, banner, exhibit, shown};

use crate::{
    base::check_base,
    content::load,
    error::LibraryError,
    making::{Look, Order, submit},
    recording::{self, blobs},
    transcript::{Transcript, words},
    version::{Origin, Version},
};

/// A storyboard. The version of its header is its newest version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storyboard {
    /// Its header.
    pub header: Header<noun::Storyboard>,
    /// The recording it tells.
    pub recording: Id<noun::Recording>,
    /// The transcript it was drawn from.
    pub transcript: Id<noun::Transcript>,
    /// The talk's title.
    pub title: String,
    /// The theme.
    pub theme: String,
    /// Width, height, frames a second.
    pub canvas: (u32, u32, u32),
    /// How many scenes.
    pub scenes: u32,
    /// The newest version's text.
    pub digest: BlobDigest,
}

const BY_RECORDING: u8 = 1;

impl Record for Storyboard {
    const NAME: &'static str = "storyboard";
    const NUMBER: u8 = model::NounKind::Storyboard as u8;
    type Key = Id<noun::Storyboard>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(BY_RECORDING, &KeyBytes::new().with(&self.recording));
    }
}

impl Headed for Storyboard {
    type Noun = noun::Storyboard;
    fn header(&self) -> &Header<noun::Storyboard> {
        &self.header
    }
}

impl Storyboard {
    /// Storyboards of a recording, newest first.
    pub fn of_recording(
        read: &impl Read,
        recording: Id<noun::Recording>,
        after: Option<&Cursor>,
        limit: usize,
        visible: impl FnMut(&Storyboard) -> bool,
    ) -> Result<Page<Storyboard>, store::ReadError> {
        let index = Some((BY_RECORDING, KeyBytes::new().with(&recording)));
        read.list::<Storyboard>(&Query { index, after, limit, newest_first: true }, visible)
    }

    pub(crate) fn version(&self, read: &impl Read, number: u64) -> Result<Version, LibraryError> {
        Version::of(read, self.header.id.erase(), number)?.ok_or(LibraryError::NotFound)
    }

    pub(crate) fn describe(&mut self, board: &studio::storyboard::Storyboard, digest: BlobDigest) {
        self.title.clone_from(&board.title);
        self.theme.clone_from(&board.theme);
        self.canvas = (board.canvas.w, board.canvas.h, board.canvas.fps);
        self.scenes = u32::try_from(board.scenes.len()).unwrap_or(u32::MAX);
        self.digest = digest;
    }

    /// Adds a version.
    pub(crate) fn add(
        &mut self,
        tx: &mut Tx<'_>,
        blobs: &BlobStore,
        board: &studio::storyboard::Storyboard,
        content: &Version,
        by: AnyId,
        origin: Origin,
    ) -> Result<(), LibraryError> {
        self.header.touch(tx.now());
        self.describe(board, content.digest);
        self.note_version(tx, blobs, content, by, origin)
    }

    /// Stores itself and its newest version.
    pub(crate) fn note_version(
        &self,
        tx: &mut Tx<'_>,
        blobs: &BlobStore,
        content: &Version,
        by: AnyId,
        origin: Origin,
    ) -> Result<(), LibraryError> {
        let (thing, number) = (self.header.id.erase(), self.header.version);
        tx.note("storyboard_version", number.to_string());
        tx.put(self)?;
        Version { thing, number, made: tx.now(), by, origin, ..content.clone() }.add(tx, blobs)
    }
}

/// The version of a transcript that a storyboard is shown with: the newest of which the words still have the numbers that the
/// storyboard refers to.
pub(crate) fn words_for(read: &impl Read, board: &Version, transcript: &Transcript) -> Result<Version, LibraryError> {
    let bound = transcript.version(read, board.words)?;
    let newest = transcript.newest(read)?;
    Ok(if newest.words == bound.words { newest } else { bound })
}

/// Has a new storyboard drawn from a transcript.
pub fn outline(permit: Permit<DiagramEdit>, desk: &Desk, plan: &Limits, look: Look) -> Result<Job, LibraryError> {
    let id = permit.subject().id.typed().ok_or(LibraryError::NotFound)?;
    let view = permit.read()?;
    let transcript = view.get::<Transcript>(&id)?.ok_or(LibraryError::NotFound)?;
    recording::at_work(&view, transcript.recording)?;
    let order = Order::Outline { transcript: id, storyboard: None, look };
    submit(permit, desk, plan, &transcript, &order)
}

/// Has a storyboard drawn anew from its transcript as it is now; what a person edited is kept.
pub fn outline_again(permit: Permit<DiagramEdit>, desk: &Desk, plan: &Limits, look: Look) -> Result<Job, LibraryError> {
    let view = permit.read()?;
    let board = current(&view, permit.subject())?;
    recording::at_work(&view, board.recording)?;
    let order = Order::Outline { transcript: board.transcript, storyboard: Some(board.header.id), look };
    submit(permit, desk, plan, &board, &order)
}

/// Has a version rendered, the newest without a number. What the storyboard says about size and theme holds where `look` does not.
pub fn render(
    permit: Permit<RenderSubmit>,
    desk: &Desk,
    plan: &Limits,
    version: Option<u64>,
    mut look: Look,
) -> Result<Job, LibraryError> {
    let view = permit.read()?;
    let board = current(&view, permit.subject())?;
    recording::at_work(&view, board.recording)?;
    let version = version.unwrap_or(board.header.version);
    board.version(&view, version)?;
    // Said in the order, so that the plan's limit holds for them too.
    if look.width.is_none() && look.height.is_none() {
        (look.width, look.height) = (Some(board.canvas.0), Some(board.canvas.1));
    }
    look.fps.get_or_insert(board.canvas.2);
    let order = Order::Render { storyboard: board.header.id, version, look };
    submit(permit, desk, plan, &board, &order)
}

/// The storyboard of the permit.
pub fn read(permit: &Permit<ProjectRead>) -> Result<Storyboard, LibraryError> {
    current(&permit.read()?, permit.subject())
}

/// Storyboards that the caller may see, newest first; those of one recording where `recording` says so.
pub fn list(
    permit: &ListPermit<ProjectRead>,
    recording: Option<Id<noun::Recording>>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Storyboard>, LibraryError> {
    let view = permit.read()?;
    let visible = |board: &Storyboard| permit.visible(&board.header.subject());
    Ok(match recording {
        Some(recording) => Storyboard::of_recording(&view, recording, after, limit, visible)?,
        None => view.list::<Storyboard>(&Query { after, ..Query::newest(limit) }, visible)?,
    })
}

/// Its versions, newest first.
pub fn versions(
    permit: &Permit<ProjectRead>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Version>, LibraryError> {
    Ok(Version::list(&permit.read()?, permit.subject().id, after, limit)?)
}

/// The diagrams of a version, the newest without a number.
pub fn content(
    permit: &Permit<ProjectRead>,
    number: Option<u64>,
) -> Result<(Version, studio::storyboard::Storyboard), LibraryError> {
    let view = permit.read()?;
    let storyboard = current(&view, permit.subject())?;
    let version = storyboard.version(&view, number.unwrap_or(storyboard.header.version))?;
    let board = board(&blobs(permit.files())?, &version)?;
    Ok((version, board))
}

/// The words that a version of the storyboard of the permit refers to, as they are now.
pub fn spoken(permit: &Permit<ProjectRead>, version: &Version) -> Result<studio::transcript::Transcript, LibraryError> {
    let view = permit.read()?;
    let storyboard = current(&view, permit.subject())?;
    let transcript = view.get::<Transcript>(&storyboard.transcript)?.ok_or(LibraryError::NotFound)?;
    words(&blobs(permit.files())?, &words_for(&view, version, &transcript)?)
}

/// Makes an earlier version the newest again.
pub fn restore(permit: Permit<DiagramEdit>, base: Option<u64>, number: u64) -> Result<Storyboard, LibraryError> {
    let view = permit.read()?;
    let old = current(&view, permit.subject())?.version(&view, number)?;
    let blobs = blobs(permit.files())?;
    let text = board(&blobs, &old)?;
    let (by, subject) = (permit.actor(), permit.subject().clone());
    permit.write(|tx| {
        let mut storyboard = current(tx, &subject)?;
        check_base(storyboard.header.version, base)?;
        tx.note("restored", number.to_string());
        storyboard.add(tx, &blobs, &text, &old, by, Origin::Restored(number))?;
        Ok(storyboard)
    })
}

/// The diagrams of a version.
pub(crate) fn board(blobs: &BlobStore, version: &Version) -> Result<studio::storyboard::Storyboard, LibraryError> {
    let text = load(blobs, &version.digest, MAX_BYTES)?;
    studio::storyboard::read(&text).map_err(|error| LibraryError::Stored(error.to_string()))
}

pub(crate) fn current(read: &impl Read, subject: &model::Subject) -> Result<Storyboard, LibraryError> {
    let id = subject.id.typed().ok_or(LibraryError::NotFound)?;
    read.get::<Storyboard>(&id)?.ok_or(LibraryError::NotFound)
}
