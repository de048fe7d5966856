//! Projects: folders of recordings and what is made of them.

use std::collections::BTreeMap;

use access::{
    ListPermit, Permit,
    usage::{self, Limits, Meter},
};
use model::{
    Classification, DataClass, Header, Id, Timestamp, noun,
    permission::{ProjectCreate, ProjectDelete, ProjectRead, ProjectUpdate},
};
use serde::{Deserialize, Serialize};
use store::{Column, Cursor, Headed, IndexEntries, KeyBytes, Page, Query, Rank, Read, Record, Sort, View};

use crate::{
    base::current,
    erase,
    error::LibraryError,
    settings,
    tags::{self, Tagged},
    text::{line, lines},
};

/// The longest title, in characters.
pub const MAX_TITLE: usize = 200;
/// The longest description, in characters.
pub const MAX_DESCRIPTION: usize = 4_000;

/// A project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its header.
    pub header: Header<noun::Project>,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// Marks to find it by: small letters, in order, each once.
    pub tags: Vec<String>,
    /// Since when it is in the trash, with all that lies in it.
    pub trashed: Option<Timestamp>,
}

/// Index of projects by whether they are in the trash; ids begin with the time, so each part is in order of age.
const BY_TRASHED: u8 = 1;

impl Record for Project {
    const NAME: &'static str = "project";
    const NUMBER: u8 = model::NounKind::Project as u8;
    type Key = Id<noun::Project>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(BY_TRASHED, &KeyBytes::new().with(&self.trashed.is_some()));
        if self.trashed.is_none() {
            self.tags.iter().for_each(|tag| entries.add(Self::BY_TAG, &KeyBytes::new().with(tag)));
        }
    }
}

impl Tagged for Project {
    const BY_TAG: u8 = 2;
    fn tags(&self) -> &[String] {
        &self.tags
    }
}

impl Headed for Project {
    type Noun = noun::Project;
    fn header(&self) -> &Header<noun::Project> {
        &self.header
    }
}

/// What a project begins with.
#[derive(Debug, Clone, Default)]
pub struct NewProject {
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// How secret it is; as the tenant has set without a word.
    pub classification: Option<Classification>,
    /// Free marks.
    pub labels: BTreeMap<String, String>,
    /// Marks to find it by.
    pub tags: Vec<String>,
}

/// A change: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ProjectChange {
    /// A new title.
    pub title: Option<String>,
    /// A new description.
    pub description: Option<String>,
    /// A new classification.
    pub classification: Option<Classification>,
    /// New labels, in place of the old.
    pub labels: Option<BTreeMap<String, String>>,
    /// New tags, in place of the old.
    pub tags: Option<Vec<String>>,
    /// Into the trash, or out of it.
    pub trashed: Option<bool>,
}

/// Makes a project that belongs to the caller, if `limits` allow one more.
pub fn create(permit: Permit<ProjectCreate>, limits: &Limits, new: &NewProject) -> Result<Project, LibraryError> {
    let title = line("title", &new.title, MAX_TITLE, false)?;
    let description = lines("description", &new.description, MAX_DESCRIPTION)?;
    let labels = labels(&new.labels)?;
    let tags = tags::normal(&new.tags)?;
    let (tenant, home, owner) = (permit.tenant(), permit.home(), permit.actor());
    permit.write(|tx| {
        usage::take(tx, Meter::Projects, 1, limits)?;
        let now = tx.now();
        let mut header = Header::new(tx.new_id(), tenant, home, owner, DataClass::K6, now);
        header.classification = match new.classification {
            Some(classification) => classification,
            None => settings::of(tx)?.classification,
        };
        header.labels = labels;
        let project = Project { header, title, description, tags, trashed: None };
        tx.about(project.header.id.erase());
        tx.put(&project)?;
        Ok(project)
    })
}

/// By what projects can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// What it is called.
    Title,
    /// How secret it is.
    Classification,
    /// When it was made.
    Created,
    /// When it was last changed.
    Updated,
}

impl Column for By {
    type Of = Project;
    const ALL: &'static [(&'static str, Self)] = &[
        ("title", By::Title),
        ("classification", By::Classification),
        ("created", By::Created),
        ("updated", By::Updated),
    ];
    fn rank(self, project: &Project) -> Rank {
        match self {
            By::Title => Rank::text(&project.title),
            By::Classification => Rank::number(project.header.classification as u8),
            By::Created => Rank::moment(project.header.created),
            By::Updated => Rank::moment(project.header.updated),
        }
    }
}

/// Projects that the caller may see, newest first without an order; those in the trash where `trashed` says so.
pub fn list(
    permit: &ListPermit<ProjectRead>,
    trashed: bool,
    tag: Option<&str>,
    order: Option<Sort<By>>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Project>, LibraryError> {
    let tag = tag.map(tags::one).transpose()?;
    let index = match &tag {
        Some(tag) if !trashed => (Project::BY_TAG, KeyBytes::new().with(tag)),
        _ => (BY_TRASHED, KeyBytes::new().with(&trashed)),
    };
    let query = Query { index: Some(index), after, limit, newest_first: true };
    let tagged = |project: &Project| tag.as_ref().is_none_or(|tag| project.tags.contains(tag));
    let seen = |project: &Project| tagged(project) && permit.visible(&project.header.subject());
    Ok(permit.read()?.listed(&query, order, seen)?)
}

/// A project that can be worked in.
pub(crate) fn at_work(read: &impl Read, id: Id<noun::Project>) -> Result<Project, LibraryError> {
    let project = read.get::<Project>(&id)?.ok_or(LibraryError::NotFound)?;
    if project.trashed.is_some() { Err(LibraryError::Trashed("project")) } else { Ok(project) }
}

/// Projects in the trash, newest first.
pub(crate) fn in_trash(
    view: &View,
    after: Option<&Cursor>,
    limit: usize,
    keep: impl Fn(&Project) -> bool,
) -> Result<Page<Project>, LibraryError> {
    let index = Some((BY_TRASHED, KeyBytes::new().with(&true)));
    Ok(view.list(&Query { index, after, limit, newest_first: true }, keep)?)
}

/// Changes a project that is still at version `base`, or at any version without one.
pub fn update(
    permit: Permit<ProjectUpdate>,
    base: Option<u64>,
    change: &ProjectChange,
) -> Result<Project, LibraryError> {
    let title = change.title.as_deref().map(|title| line("title", title, MAX_TITLE, false)).transpose()?;
    let description =
        change.description.as_deref().map(|text| lines("description", text, MAX_DESCRIPTION)).transpose()?;
    let labels = change.labels.as_ref().map(labels).transpose()?;
    let tags = change.tags.as_deref().map(tags::normal).transpose()?;
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        let mut project = current::<Project>(tx, id, base)?;
        let now = tx.now();
        let mut changed = Vec::new();
        if let Some(title) = title {
            project.title = title;
            changed.push("title");
        }
        if let Some(description) = description {
            project.description = description;
            changed.push("description");
        }
        if let Some(classification) = change.classification {
            project.header.classification = classification;
            changed.push("classification");
        }
        if let Some(labels) = labels {
            project.header.labels = labels;
            changed.push("labels");
        }
        if let Some(tags) = tags {
            project.tags = tags;
            changed.push("tags");
        }
        if let Some(trashed) = change.trashed {
            project.trashed = trashed.then(|| project.trashed.unwrap_or(now));
            changed.push("trashed");
        }
        project.header.touch(now);
        tx.note("changed", changed.join(","));
        tx.put(&project)?;
        Ok(project)
    })
}

/// Removes a project and all that lies in it for good. Only what lies in the trash can be removed.
pub fn delete(permit: Permit<ProjectDelete>, base: Option<u64>) -> Result<(), LibraryError> {
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        let project = current::<Project>(tx, id, base)?;
        if project.trashed.is_none() {
            return Err(LibraryError::NotTrashed);
        }
        let recordings = erase::project(tx, id)?;
        tx.note("recordings", recordings.to_string());
        Ok(())
    })
}

fn subject(subject: &model::Subject) -> Result<Id<noun::Project>, LibraryError> {
    subject.id.typed().ok_or(LibraryError::NotFound)
}

pub(crate) fn labels(labels: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, LibraryError> {
    let most = Header::<noun::Project>::MAX_LABELS;
    if labels.len() > most {
        return Err(LibraryError::Field { field: "labels", fault: format!("at most {most} are allowed") });
    }
    labels
        .iter()
        .map(|(name, value)| Ok((line("labels", name, 64, false)?, line("labels", value, 256, true)?)))
        .collect()
}
