//! Edits of a storyboard, and what differs between two of its versions.

use access::Permit;
use model::permission::{DiagramEdit, Permission, ProjectRead};
use store::Read as _;
use studio::edit::{Document, Op, apply, between};

use super::{Storyboard, board, current, words_for};
use crate::{
    base::check_base,
    content::keep,
    error::LibraryError,
    recording::blobs,
    transcript::{Transcript, words},
    version::{Origin, Version},
};

/// What came of an edit.
#[derive(Debug)]
pub struct Edited {
    /// The storyboard as it is now.
    pub storyboard: Storyboard,
    /// The edit that takes this one back.
    pub inverse: Option<Op>,
    /// The version of the transcript that it is shown with, if the edit changed words.
    pub transcript: Option<u64>,
}

/// Edits a storyboard that is still at version `base`, or at any version without one: a new version. An edit that changes words makes a
/// new version of the transcript in the same commit, for which the caller must hold that permission too.
pub fn edit(permit: Permit<DiagramEdit>, base: Option<u64>, op: &Op) -> Result<Edited, LibraryError> {
    if purges(op) {
        return Err(LibraryError::Field {
            field: "purge",
            fault: "earlier versions would still hold the words; redact without it, or delete the recording".into(),
        });
    }
    let view = permit.read()?;
    let before = current(&view, permit.subject())?;
    check_base(before.header.version, base)?;
    let old = before.version(&view, before.header.version)?;
    let spoken = view.get::<Transcript>(&before.transcript)?.ok_or(LibraryError::NotFound)?;
    let heard = words_for(&view, &old, &spoken)?;
    let newest = spoken.header.version;
    drop(view);
    let blobs = blobs(permit.files())?;
    let mut document = Document { storyboard: board(&blobs, &old)?, transcript: words(&blobs, &heard)? };
    let said = document.transcript.clone();
    let inverse = apply(&mut document, op)?;
    let Document { storyboard: board, transcript } = document;
    let stored = keep(&blobs, &studio::storyboard::canonical(&board))?;
    let mut content = Version { digest: stored.digest, bytes: stored.length, ..old };
    let respoken = if transcript == said {
        None
    } else {
        let subject = spoken.header.subject();
        if !permit.holds(subject.project).contains(Permission::TranscriptEdit) {
            return Err(LibraryError::Denied("correcting words needs the permission `transcript:edit`"));
        }
        if heard.number != newest {
            return Err(LibraryError::Field {
                field: "op",
                fault: "the talk was transcribed anew since; outline the storyboard again before its words are edited"
                    .into(),
            });
        }
        let stored = keep(&blobs, &transcript.canonical())?;
        Some(Version { digest: stored.digest, bytes: stored.length, ..heard })
    };
    let (by, subject) = (permit.actor(), permit.subject().clone());
    permit.write(|tx| {
        let mut storyboard = current(tx, &subject)?;
        // What was read outside this write is what the edit is laid over.
        check_base(storyboard.header.version, Some(before.header.version))?;
        let mut reworded = None;
        if let Some(respoken) = &respoken {
            let mut spoken = tx.get::<Transcript>(&storyboard.transcript)?.ok_or(LibraryError::NotFound)?;
            check_base(spoken.header.version, Some(newest))?;
            spoken.corrected = spoken.corrected.saturating_add(1);
            spoken.add(tx, &blobs, &transcript, respoken, by, Origin::Edited)?;
            content.words = spoken.header.version;
            reworded = Some(spoken.header.version);
        }
        storyboard.add(tx, &blobs, &board, &content, by, Origin::Edited)?;
        Ok(Edited { storyboard, inverse, transcript: reworded })
    })
}

/// Whether something of the edit asks that removed words are nowhere kept.
fn purges(op: &Op) -> bool {
    match op {
        Op::Redact { purge, .. } => *purge,
        Op::Batch { ops } => ops.iter().any(purges),
        _ => false,
    }
}

/// What differs between two versions.
#[derive(Debug)]
pub struct Difference {
    /// The earlier one, as a rule.
    pub from: u64,
    /// The later one.
    pub to: u64,
    /// The edit that makes the diagrams of `to` of those of `from`.
    pub op: Op,
    /// The theme in each.
    pub themes: [String; 2],
    /// Their versions of the transcript.
    pub transcripts: [u64; 2],
}

/// What differs between two versions of the storyboard of the permit.
pub fn difference(permit: &Permit<ProjectRead>, from: u64, to: u64) -> Result<Difference, LibraryError> {
    let view = permit.read()?;
    let storyboard = current(&view, permit.subject())?;
    let blobs = blobs(permit.files())?;
    let [before, after] = [storyboard.version(&view, from)?, storyboard.version(&view, to)?];
    let transcripts = [before.words, after.words];
    let [before, after] = [board(&blobs, &before)?, board(&blobs, &after)?];
    Ok(Difference { from, to, op: between(&before, &after), themes: [before.theme, after.theme], transcripts })
}
