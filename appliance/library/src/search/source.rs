//! What is searched: the kinds of records, and what of each stands in the index. A kind more is a line in each `match`.

use std::collections::BTreeMap;

use model::{AnyId, Id, NounKind, Permission, Subject, noun};
use store::{Cursor, Headed, MAX_PAGE, Query, Read, Record, TenantStore, View};

use crate::{
    error::LibraryError,
    project::Project,
    recording::Recording,
    storyboard::{self, Storyboard},
    transcript::{self, Transcript},
};

/// A kind of records that is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Projects: title, tags, description.
    Project,
    /// Recordings: title, tags, file name.
    Recording,
    /// Transcripts: what was said, as the newest version has it.
    Transcript,
    /// Storyboards: titles and labels of the newest version.
    Storyboard,
}

/// What the index knows of a record, for filters and rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) source: Source,
    /// Its version: text is read again when it changes.
    pub(super) version: u64,
    pub(super) subject: Subject,
    /// The recording that it is made of.
    pub(super) recording: Option<Id<noun::Recording>>,
    pub(super) tags: Vec<String>,
}

/// The text of a record.
#[derive(Debug, Clone, Default)]
pub(super) struct Text {
    pub(super) title: String,
    pub(super) tags: Vec<String>,
    /// Everything else, in pieces that no phrase crosses.
    pub(super) body: Vec<String>,
}

impl Source {
    /// Every kind.
    pub const ALL: &[Source] = &[Source::Project, Source::Recording, Source::Transcript, Source::Storyboard];

    /// The kind of its ids.
    pub const fn kind(self) -> NounKind {
        match self {
            Source::Project => NounKind::Project,
            Source::Recording => NounKind::Recording,
            Source::Transcript => NounKind::Transcript,
            Source::Storyboard => NounKind::Storyboard,
        }
    }

    /// Who may find it.
    pub(super) const fn permission(self) -> Permission {
        match self {
            Source::Project => Permission::ProjectRead,
            Source::Recording => Permission::AssetRead,
            Source::Transcript => Permission::TranscriptRead,
            // Storyboards are seen by who sees their project.
            Source::Storyboard => Permission::ProjectRead,
        }
    }

    /// The number of its records, whose changes the database counts.
    pub(super) const fn number(self) -> u8 {
        match self {
            Source::Project => Project::NUMBER,
            Source::Recording => Recording::NUMBER,
            Source::Transcript => Transcript::NUMBER,
            Source::Storyboard => Storyboard::NUMBER,
        }
    }

    /// The text of a record; nothing when it is gone.
    pub(super) fn text(self, view: &View, files: &TenantStore, id: AnyId) -> Result<Option<Text>, LibraryError> {
        Ok(match self {
            Source::Project => get::<Project>(view, id)?.map(|project| Text {
                title: project.title,
                tags: project.tags,
                body: vec![project.description],
            }),
            Source::Recording => get::<Recording>(view, id)?.map(|recording| Text {
                title: recording.title,
                tags: recording.tags,
                body: vec![recording.file_name],
            }),
            Source::Transcript => match get::<Transcript>(view, id)? {
                None => None,
                Some(transcript) => {
                    let version = transcript.newest(view)?;
                    let words = transcript::words(&files.blobs(), &version)?.words;
                    Some(Text { title: transcript.title, tags: Vec::new(), body: vec![spoken(&words)] })
                }
            },
            Source::Storyboard => match get::<Storyboard>(view, id)? {
                None => None,
                Some(storyboard) => {
                    let version = storyboard.version(view, storyboard.header.version)?;
                    let board = storyboard::board(&files.blobs(), &version)?;
                    Some(Text { title: storyboard.title, tags: Vec::new(), body: labels(&board) })
                }
            },
        })
    }
}

/// Words as a text; what was redacted leaves a gap that no phrase crosses.
fn spoken(words: &[studio::transcript::Word]) -> String {
    let mut text = String::new();
    for word in words {
        if !word.joined && !text.is_empty() {
            text.push(if word.new_line { '\n' } else { ' ' });
        }
        text.push_str(if word.redacted { "…" } else { &word.text });
    }
    text
}

/// What is written in diagrams: a piece for each scene's heading and each label.
fn labels(board: &studio::storyboard::Storyboard) -> Vec<String> {
    let scenes = board.scenes.iter().flat_map(|scene| {
        let nodes = scene.nodes.iter().flat_map(|node| [Some(&node.label), node.time.as_ref(), node.alt.as_ref()]);
        let nodes = nodes.flatten();
        let edges = scene.edges.iter().map(|edge| &edge.label);
        let around = scene.actors.iter().map(|actor| &actor.label).chain(scene.groups.iter().map(|group| &group.label));
        let notes = scene.notes.iter().map(|note| &note.text);
        std::iter::once(&scene.title).chain(nodes).chain(edges).chain(around).chain(notes)
    });
    scenes.filter(|label| !label.is_empty()).cloned().collect()
}

fn get<R: Headed>(view: &View, id: AnyId) -> Result<Option<R>, LibraryError> {
    let Some(id) = id.typed() else { return Ok(None) };
    Ok(view.get::<R>(&id)?)
}

/// Everything that can be found: what is at work, in projects at work.
pub(super) fn heads(view: &View) -> Result<BTreeMap<AnyId, Head>, LibraryError> {
    let mut heads = Heads { view, found: BTreeMap::new() };
    heads.add::<Project>(Source::Project, |_, project| {
        project.trashed.is_none().then(|| (None, project.tags.clone()))
    })?;
    heads.add::<Recording>(Source::Recording, |found, recording| {
        let at_work = recording.trashed.is_none() && found.has_project(recording);
        at_work.then(|| (Some(recording.header.id), recording.tags.clone()))
    })?;
    // What was made of a recording comes and goes with it.
    heads.add::<Transcript>(Source::Transcript, |found, transcript| found.made_of(transcript.recording))?;
    heads.add::<Storyboard>(Source::Storyboard, |found, board| found.made_of(board.recording))?;
    Ok(heads.found)
}

struct Heads<'a> {
    view: &'a View,
    found: BTreeMap<AnyId, Head>,
}

impl Heads<'_> {
    fn has_project<R: Headed>(&self, record: &R) -> bool {
        record.header().project.is_some_and(|project| self.found.contains_key(&project.erase()))
    }

    /// The recording, with its tags, if it is at work.
    fn made_of(&self, recording: Id<noun::Recording>) -> Option<(Option<Id<noun::Recording>>, Vec<String>)> {
        self.found.get(&recording.erase()).map(|head| (Some(recording), head.tags.clone()))
    }

    /// Adds the records for which `keep` gives their recording and tags.
    fn add<R: Headed>(
        &mut self,
        source: Source,
        keep: impl Fn(&Self, &R) -> Option<(Option<Id<noun::Recording>>, Vec<String>)>,
    ) -> Result<(), LibraryError> {
        let mut after: Option<Cursor> = None;
        loop {
            let query = Query { index: None, after: after.as_ref(), limit: MAX_PAGE, newest_first: false };
            let page = self.view.list::<R>(&query, |_| true)?;
            for record in &page.items {
                if let Some((recording, tags)) = keep(self, record) {
                    let header = record.header();
                    let (version, mut subject) = (header.version, header.subject());
                    // What was made of a recording is no less secret than the recording is now.
                    if let Some(of) = recording.and_then(|recording| self.found.get(&recording.erase())) {
                        subject.classification = subject.classification.max(of.subject.classification);
                    }
                    self.found.insert(subject.id, Head { source, version, subject, recording, tags });
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }
}
