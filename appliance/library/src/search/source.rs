//! What is searched: the kinds of records, and what of each stands in the index. A kind more is a line in each `match`.

use std::collections::BTreeMap;

use model::{AnyId, Id, NounKind, Permission, Subject, noun};
use store::{Cursor, Headed, MAX_PAGE, Query, Read, Record, TenantStore, View};

use crate::{error::LibraryError, project::Project, recording::Recording};

/// A kind of records that is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Projects: title, tags, description.
    Project,
    /// Recordings: title, tags, file name.
    Recording,
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
    pub const ALL: &[Source] = &[Source::Project, Source::Recording];

    /// The kind of its ids.
    pub const fn kind(self) -> NounKind {
        match self {
            Source::Project => NounKind::Project,
            Source::Recording => NounKind::Recording,
        }
    }

    /// Who may find it.
    pub(super) const fn permission(self) -> Permission {
        match self {
            Source::Project => Permission::ProjectRead,
            Source::Recording => Permission::AssetRead,
        }
    }

    /// The number of its records, whose changes the database counts.
    pub(super) const fn number(self) -> u8 {
        match self {
            Source::Project => Project::NUMBER,
            Source::Recording => Recording::NUMBER,
        }
    }

    /// The text of a record; nothing when it is gone.
    pub(super) fn text(self, view: &View, _files: &TenantStore, id: AnyId) -> Result<Option<Text>, LibraryError> {
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
        })
    }
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
                    let (version, subject) = (header.version, header.subject());
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
