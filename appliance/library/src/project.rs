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
use store::{Cursor, Headed, IndexEntries, KeyBytes, Page, Query, Read, Record, Tx};

use crate::{
    error::LibraryError,
    settings,
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
    /// Since when it is in the trash.
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
    /// Into the trash, or out of it.
    pub trashed: Option<bool>,
}

/// Makes a project that belongs to the caller, if `limits` allow one more.
pub fn create(permit: Permit<ProjectCreate>, limits: &Limits, new: &NewProject) -> Result<Project, LibraryError> {
    let title = line("title", &new.title, MAX_TITLE, false)?;
    let description = lines("description", &new.description, MAX_DESCRIPTION)?;
    let labels = labels(&new.labels)?;
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
        let project = Project { header, title, description, trashed: None };
        tx.about(project.header.id.erase());
        tx.put(&project)?;
        Ok(project)
    })
}

/// The project of the permit.
pub fn read(permit: &Permit<ProjectRead>) -> Result<Project, LibraryError> {
    permit.read()?.get::<Project>(&subject(permit.subject())?)?.ok_or(LibraryError::NotFound)
}

/// Projects that the caller may see, newest first; those in the trash where `trashed` says so.
pub fn list(
    permit: &ListPermit<ProjectRead>,
    trashed: bool,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Project>, LibraryError> {
    let query = Query { index: Some((BY_TRASHED, KeyBytes::new().with(&trashed))), after, limit, newest_first: true };
    Ok(permit.read()?.list::<Project>(&query, |project| permit.visible(&project.header.subject()))?)
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
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        let mut project = current(tx, id, base)?;
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
        if let Some(trashed) = change.trashed {
            project.trashed = trashed.then_some(now);
            changed.push("trashed");
        }
        project.header.touch(now);
        tx.note("changed", changed.join(","));
        tx.put(&project)?;
        Ok(project)
    })
}

/// Removes a project for good. Only what lies in the trash can be removed.
pub fn delete(permit: Permit<ProjectDelete>, base: Option<u64>) -> Result<(), LibraryError> {
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        let project = current(tx, id, base)?;
        if project.trashed.is_none() {
            return Err(LibraryError::Field { field: "trashed", fault: "move the project to the trash first".into() });
        }
        tx.delete::<Project>(&id)?;
        Ok(usage::give_back(tx, Meter::Projects, 1, project.header.created)?)
    })
}

fn current(tx: &Tx<'_>, id: Id<noun::Project>, base: Option<u64>) -> Result<Project, LibraryError> {
    let project = tx.get::<Project>(&id)?.ok_or(LibraryError::NotFound)?;
    match base {
        Some(read) if read != project.header.version => {
            Err(LibraryError::Version { read, now: project.header.version })
        }
        _ => Ok(project),
    }
}

fn subject(subject: &model::Subject) -> Result<Id<noun::Project>, LibraryError> {
    subject.id.typed().ok_or(LibraryError::NotFound)
}

fn labels(labels: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, LibraryError> {
    let most = Header::<noun::Project>::MAX_LABELS;
    if labels.len() > most {
        return Err(LibraryError::Field { field: "labels", fault: format!("at most {most} are allowed") });
    }
    labels
        .iter()
        .map(|(name, value)| Ok((line("labels", name, 64, false)?, line("labels", value, 256, true)?)))
        .collect()
}
