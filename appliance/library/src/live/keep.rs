//! Live documents as they are stored: a line that says which version they are bound to, and updates in the order they were taken.

use std::sync::Arc;

use access::Permit;
use model::{
    AnyId, Id, noun,
    permission::{DiagramEdit, ProjectRead},
};
use serde::{Deserialize, Serialize};
use store::{IndexEntries, KeyBytes, Query, Read, Record, Tx};
use studio::storyboard::{Storyboard as Board, canonical, settled, to_value};

use super::document::{Document, MAX_STATE, Refused};
use crate::{
    base::check_base,
    content,
    error::LibraryError,
    recording::{self, blobs},
    storyboard::{Storyboard, board, current},
    version::{Origin, Version},
};

/// The most others that the row of a version names: each edit has a row of its own.
const MAX_NAMED: usize = 100;
/// So many updates are put together to one when a version is made.
const MAX_PARTS: u64 = 64;

/// That a storyboard has a live document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Live {
    storyboard: Id<noun::Storyboard>,
    /// The version that it goes on from.
    version: u64,
    /// Tells it from other documents of the storyboard: what people did in one does not fit another.
    epoch: u64,
}

impl Record for Live {
    const NAME: &'static str = "live document";
    const NUMBER: u8 = 113;
    type Key = Id<noun::Storyboard>;
    fn key(&self) -> Self::Key {
        self.storyboard
    }
}

/// An update of a live document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    storyboard: Id<noun::Storyboard>,
    number: u64,
    update: Vec<u8>,
}

const BY_STORYBOARD: u8 = 1;

impl Record for Part {
    const NAME: &'static str = "part of a live document";
    const NUMBER: u8 = 114;
    type Key = (Id<noun::Storyboard>, u64);
    fn key(&self) -> Self::Key {
        (self.storyboard, self.number)
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(BY_STORYBOARD, &KeyBytes::new().with(&self.storyboard));
    }
}

fn parts(read: &impl Read, storyboard: Id<noun::Storyboard>) -> Result<Vec<Part>, LibraryError> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let index = Some((BY_STORYBOARD, KeyBytes::new().with(&storyboard)));
        let query = Query { index, after: after.as_ref(), limit: store::MAX_PAGE, newest_first: false };
        let page = read.list::<Part>(&query, |_| true)?;
        all.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    all.sort_unstable_by_key(|part| part.number);
    Ok(all)
}

/// Removes the live document of a storyboard.
pub(crate) fn forget(tx: &mut Tx<'_>, storyboard: Id<noun::Storyboard>) -> Result<(), LibraryError> {
    for part in parts(tx, storyboard)? {
        tx.delete::<Part>(&part.key())?;
    }
    tx.delete::<Live>(&storyboard)?;
    Ok(())
}

/// A live document that is open.
#[derive(Debug)]
pub struct Opened {
    /// The document.
    pub document: Document,
    /// The version that it goes on from.
    pub version: u64,
    /// Tells it from other documents of the storyboard.
    pub epoch: u64,
    /// What the version says.
    base: Arc<Board>,
    storyboard: Id<noun::Storyboard>,
    /// The number of the next part, and of the first one.
    next: u64,
    first: u64,
    /// Whether people have changed it since the version.
    touched: bool,
}

/// Opens the document of the permit's storyboard, and makes it where there is none yet: with a row that says who joined.
pub fn open(permit: Permit<ProjectRead>) -> Result<Opened, LibraryError> {
    let view = permit.read()?;
    let storyboard = current(&view, permit.subject())?;
    recording::at_work(&view, storyboard.recording)?;
    if view.get::<Live>(&storyboard.header.id)?.is_some() {
        drop(view);
        let opened = load(&permit)?;
        note(permit, "joined")?;
        return Ok(opened);
    }
    let (id, version) = (storyboard.header.id, storyboard.header.version);
    let base = board(&blobs(permit.files())?, &storyboard.version(&view, version)?)?;
    drop(view);
    let document = Document::fresh(base.clone());
    let update = document.whole();
    if update.len() > MAX_STATE {
        return Err(LibraryError::Limit {
            what: "bytes of a storyboard that is edited together",
            allowed: MAX_STATE as u64,
        });
    }
    let subject = permit.subject().clone();
    let epoch = permit.write::<_, LibraryError>(|tx| {
        check_base(current(tx, &subject)?.header.version, Some(version))?;
        let epoch = tx.now().millis();
        tx.note("live", "joined");
        tx.put(&Live { storyboard: id, version, epoch })?;
        tx.put(&Part { storyboard: id, number: 1, update })?;
        Ok(epoch)
    })?;
    Ok(Opened { document, version, epoch, base: Arc::new(base), storyboard: id, next: 2, first: 1, touched: false })
}

fn load(permit: &Permit<ProjectRead>) -> Result<Opened, LibraryError> {
    let view = permit.read()?;
    let storyboard = current(&view, permit.subject())?;
    let id = storyboard.header.id;
    let Live { version, epoch, .. } = view.get::<Live>(&id)?.ok_or(LibraryError::NotFound)?;
    let base = Arc::new(board(&blobs(permit.files())?, &storyboard.version(&view, version)?)?);
    let parts = parts(&view, id)?;
    let document = Document::load(parts.iter().map(|part| part.update.as_slice()))
        .map_err(|refused| LibraryError::Stored(refused.to_string()))?;
    let first = parts.first().map_or(1, |part| part.number);
    let next = parts.last().map_or(1, |part| part.number.saturating_add(1));
    Ok(Opened { document, version, epoch, base, storyboard: id, next, first, touched: true })
}

/// Writes a row about who takes part.
pub fn note(permit: Permit<ProjectRead>, what: &'static str) -> Result<(), LibraryError> {
    permit.write(|tx| {
        tx.note("live", what);
        Ok(())
    })
}

/// Stores an update that the document has taken, under the permit of who sent it.
pub fn keep(permit: Permit<DiagramEdit>, number: u64, update: &[u8]) -> Result<(), LibraryError> {
    let subject = permit.subject().clone();
    permit.write(|tx| {
        let storyboard = current(tx, &subject)?.header.id;
        tx.note("live", "edited");
        tx.note("live_part", number.to_string());
        Ok(tx.put(&Part { storyboard, number, update: update.to_vec() })?)
    })
}

impl Opened {
    /// Reads it anew, as it is stored.
    pub fn reload(&mut self, permit: &Permit<ProjectRead>) -> Result<(), LibraryError> {
        *self = load(permit)?;
        Ok(())
    }

    /// Takes updates of people: all, or an error, after which it must be [read anew](Self::reload).
    pub fn take(&mut self, updates: &[&[u8]]) -> Result<(), Refused> {
        self.touched = true;
        self.document.take(updates)
    }

    /// A number for the next update.
    pub fn number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// Whether it says more than its version does.
    pub fn is_ahead(&self) -> bool {
        self.touched && *self.base != **self.document.board()
    }

    /// Whether the storyboard was changed elsewhere.
    pub fn is_behind(&self, permit: &Permit<ProjectRead>) -> Result<bool, LibraryError> {
        Ok(current(&permit.read()?, permit.subject())?.header.version != self.version)
    }

    /// Lays over it what has become of the storyboard elsewhere; the update that does so. An error leaves it to be loaded anew.
    pub fn follow(&mut self, permit: Permit<ProjectRead>) -> Result<Option<Vec<u8>>, LibraryError> {
        let view = permit.read()?;
        let storyboard = current(&view, permit.subject())?;
        let version = storyboard.header.version;
        if version == self.version {
            return Ok(None);
        }
        let after = board(&blobs(permit.files())?, &storyboard.version(&view, version)?)?;
        drop(view);
        let update = self.document.overlay(&self.base, &after).map_err(|refused| unsound(&refused))?;
        let (storyboard, number, epoch) = (self.storyboard, self.number(), self.epoch);
        permit.write::<_, LibraryError>(|tx| {
            tx.note("live", "followed");
            tx.note("storyboard_version", version.to_string());
            tx.put(&Part { storyboard, number, update: update.clone() })?;
            Ok(tx.put(&Live { storyboard, version, epoch })?)
        })?;
        (self.version, self.base) = (version, Arc::new(after));
        Ok(Some(update))
    }

    /// Makes a version of what it says, in the name of whose permit it is and of `others`; the update that brings the document what
    /// the version has more: marks, and the memory of what was removed. An error leaves it to be loaded anew.
    ///
    /// # Errors
    /// [`LibraryError::Version`] when the storyboard was changed elsewhere: [follow](Self::follow) first.
    pub fn checkpoint(
        &mut self,
        permit: Permit<DiagramEdit>,
        others: &[AnyId],
    ) -> Result<Option<Vec<u8>>, LibraryError> {
        if !self.is_ahead() {
            self.touched = false;
            return Ok(None);
        }
        let view = permit.read()?;
        let old = {
            let storyboard = current(&view, permit.subject())?;
            check_base(storyboard.header.version, Some(self.version))?;
            storyboard.version(&view, self.version)?
        };
        drop(view);
        let mut saved = Board::clone(self.document.board());
        studio::edit::credit(&self.base, &mut saved);
        let saved = settled(to_value(&saved)).map_err(|error| LibraryError::Stored(error.to_string()))?;
        let update = self.document.settle(&saved).map_err(|refused| unsound(&refused))?;
        let blobs = blobs(permit.files())?;
        let stored = content::keep(&blobs, &canonical(&saved))?;
        let text = Version { digest: stored.digest, bytes: stored.length, ..old };
        let (by, subject, bound) = (permit.actor(), permit.subject().clone(), self.version);
        let (storyboard, epoch, number) = (self.storyboard, self.epoch, self.number());
        let (first, whole) = (self.first, (number - self.first >= MAX_PARTS).then(|| self.document.whole()));
        let version = permit.write::<_, LibraryError>(|tx| {
            let mut head: Storyboard = current(tx, &subject)?;
            check_base(head.header.version, Some(bound))?;
            tx.note("live", "saved");
            let with: Vec<String> =
                others.iter().filter(|other| **other != by).take(MAX_NAMED).map(AnyId::to_string).collect();
            if !with.is_empty() {
                tx.note("with", with.join(" "));
            }
            head.add(tx, &blobs, &saved, &text, by, Origin::Edited)?;
            if whole.is_some() {
                for number in first..number {
                    tx.delete::<Part>(&(storyboard, number))?;
                }
            }
            tx.put(&Part { storyboard, number, update: whole.clone().unwrap_or_else(|| update.clone()) })?;
            tx.put(&Live { storyboard, version: head.header.version, epoch })?;
            Ok(head.header.version)
        })?;
        if whole.is_some() {
            self.first = number;
        }
        (self.version, self.base, self.touched) = (version, Arc::new(saved), false);
        Ok(Some(update))
    }
}

fn unsound(refused: &Refused) -> LibraryError {
    LibraryError::Field { field: "storyboard", fault: refused.to_string() }
}
