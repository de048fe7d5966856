//! Recordings: uploaded speech, in a project.

use std::{collections::BTreeMap, sync::Arc};

use access::{ListPermit, Permit};
use model::{
    Classification, Header, Id, Timestamp, noun,
    permission::{AssetDelete, AssetDownload, AssetRead, AssetUpload},
};
use serde::{Deserialize, Serialize};
use store::{
    Column, Cursor, DecodeError, Headed, IndexEntries, KeyBytes, Page, Query, Rank, Read, ReadError, Record, Sort,
    TenantStore, Tx, View,
    blob::{BlobDigest, BlobReader, BlobStore},
    decode_body,
};

use crate::{
    base::{check_base, current},
    erase,
    error::LibraryError,
    project::{self, MAX_TITLE, Project},
    tags::{self, Tagged},
    text::line,
};

/// A recording. Its header says in which project it lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// Its header; `project` is always there.
    pub header: Header<noun::Recording>,
    /// What it is called.
    pub title: String,
    /// Marks to find it by: small letters, in order, each once.
    pub tags: Vec<String>,
    /// What the file was called where it came from.
    pub file_name: String,
    /// Its media type, like `audio/mp4`.
    pub media_type: String,
    /// The digest of its content, which finds it among the tenant's files.
    pub media: BlobDigest,
    /// How long the file is.
    pub bytes: u64,
    /// How long it plays; unknown before it was decoded for the first time.
    pub duration_ms: Option<u64>,
    /// Since when it is in the trash. What lies in a project in the trash is there with it, without a word here.
    pub trashed: Option<Timestamp>,
    /// The folder of its project in which it is kept; none for what lies in the project itself.
    pub folder: Option<Id<noun::Folder>>,
}

/// By project and whether it is in the trash.
const BY_PROJECT: u8 = 1;
/// By whether it is in the trash; ids begin with the time, so each part is in order of age.
const BY_STATE: u8 = 2;
/// Those in the trash, in the order in which they came there.
const BY_TRASHED: u8 = 3;
/// Those in folders, by folder and whether they are in the trash.
const BY_FOLDER: u8 = 5;

impl Record for Recording {
    const NAME: &'static str = "recording";
    const NUMBER: u8 = model::NounKind::Recording as u8;
    const VERSION: u8 = 2;
    type Key = Id<noun::Recording>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn decode(version: u8, body: &[u8]) -> Result<Self, DecodeError> {
        match version {
            Self::VERSION => decode_body(body),
            // It ended with the trash: no folder is one byte.
            1 => decode_body(&[body, &[0]].concat()),
            _ => Err(DecodeError::Version(version)),
        }
    }
    fn index(&self, entries: &mut IndexEntries) {
        if let Some(project) = self.header.project {
            entries.add(BY_PROJECT, &KeyBytes::new().with(&project).with(&self.trashed.is_some()));
        }
        entries.add(BY_STATE, &KeyBytes::new().with(&self.trashed.is_some()));
        if let Some(folder) = self.folder {
            entries.add(BY_FOLDER, &KeyBytes::new().with(&folder).with(&self.trashed.is_some()));
        }
        match &self.trashed {
            Some(since) => entries.add(BY_TRASHED, &KeyBytes::new().with(since)),
            None => self.tags.iter().for_each(|tag| entries.add(Self::BY_TAG, &KeyBytes::new().with(tag))),
        }
    }
}

impl Headed for Recording {
    type Noun = noun::Recording;
    fn header(&self) -> &Header<noun::Recording> {
        &self.header
    }
}

impl Tagged for Recording {
    const BY_TAG: u8 = 4;
    fn tags(&self) -> &[String] {
        &self.tags
    }
}

impl Recording {
    /// Whether something is heard in it; texts and diagrams of other programs are silent.
    pub fn speaks(&self) -> bool {
        !self.media_type.starts_with("text/")
    }
}

/// Which recordings to list: all that is said must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter<'a> {
    /// In this project.
    pub project: Option<Id<noun::Project>>,
    /// In this folder and not in those under it; `Some(None)`: in no folder.
    pub folder: Option<Option<Id<noun::Folder>>>,
    /// With this tag.
    pub tag: Option<&'a str>,
    /// In the trash instead of at work.
    pub trashed: bool,
}

/// A change: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct RecordingChange {
    /// A new title.
    pub title: Option<String>,
    /// New tags, in place of the old.
    pub tags: Option<Vec<String>>,
    /// A new classification.
    pub classification: Option<Classification>,
    /// New labels, in place of the old.
    pub labels: Option<BTreeMap<String, String>>,
}

/// By what recordings can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// What it is called.
    Title,
    /// How long it plays.
    Duration,
    /// How long the file is.
    Bytes,
    /// What the file was called.
    FileName,
    /// How secret it is.
    Classification,
    /// When it came.
    Created,
    /// When it was last changed.
    Updated,
}

impl Column for By {
    type Of = Recording;
    const ALL: &'static [(&'static str, Self)] = &[
        ("title", By::Title),
        ("duration_ms", By::Duration),
        ("bytes", By::Bytes),
        ("file_name", By::FileName),
        ("classification", By::Classification),
        ("created", By::Created),
        ("updated", By::Updated),
    ];
    fn rank(self, recording: &Recording) -> Rank {
        match self {
            By::Title => Rank::text(&recording.title),
            By::Duration => recording.duration_ms.map_or(Rank::NONE, Rank::number),
            By::Bytes => Rank::number(recording.bytes),
            By::FileName => Rank::text(&recording.file_name),
            By::Classification => Rank::number(recording.header.classification as u8),
            By::Created => Rank::moment(recording.header.created),
            By::Updated => Rank::moment(recording.header.updated),
        }
    }
}

/// Recordings that the caller may see, newest first without an order. What lies in a project in the trash is listed nowhere: it comes and goes
/// with its project.
pub fn list(
    permit: &ListPermit<AssetRead>,
    filter: &Filter<'_>,
    order: Option<Sort<By>>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Recording>, LibraryError> {
    let view = permit.read()?;
    let tag = filter.tag.map(tags::one).transpose()?;
    let index = match (filter.folder.flatten(), filter.project, &tag) {
        (Some(folder), ..) => (BY_FOLDER, KeyBytes::new().with(&folder).with(&filter.trashed)),
        (None, Some(project), _) => (BY_PROJECT, KeyBytes::new().with(&project).with(&filter.trashed)),
        (None, None, Some(tag)) if !filter.trashed => (Recording::BY_TAG, KeyBytes::new().with(tag)),
        (None, None, _) => (BY_STATE, KeyBytes::new().with(&filter.trashed)),
    };
    let query = Query { index: Some(index), after, limit, newest_first: true };
    let mut projects = Projects::default();
    let mut failed = None;
    let page = view.listed(&query, order, |recording: &Recording| {
        let listed = tag.as_ref().is_none_or(|tag| recording.tags.contains(tag))
            && filter.folder.is_none_or(|folder| recording.folder == folder)
            && filter.project.is_none_or(|project| recording.header.project == Some(project))
            && permit.visible(&recording.header.subject());
        listed && projects.at_work(&view, recording).unwrap_or_else(|error| failed.replace(error).is_some())
    })?;
    failed.map_or(Ok(page), |error| Err(error.into()))
}

/// Which projects are at work, each looked up once for a list.
#[derive(Debug, Default)]
pub(crate) struct Projects(BTreeMap<Id<noun::Project>, bool>);

impl Projects {
    /// Whether the project of `recording` is there and not in the trash.
    pub(crate) fn at_work(&mut self, read: &impl Read, recording: &Recording) -> Result<bool, ReadError> {
        let Some(project) = recording.header.project else { return Ok(false) };
        if let Some(known) = self.0.get(&project) {
            return Ok(*known);
        }
        let at_work = read.get::<Project>(&project)?.is_some_and(|project| project.trashed.is_none());
        self.0.insert(project, at_work);
        Ok(at_work)
    }
}

/// Changes a recording that is still at version `base`, or at any version without one.
pub fn update(
    permit: Permit<AssetUpload>,
    base: Option<u64>,
    change: &RecordingChange,
) -> Result<Recording, LibraryError> {
    let title = change.title.as_deref().map(|title| line("title", title, MAX_TITLE, false)).transpose()?;
    let tags = change.tags.as_deref().map(tags::normal).transpose()?;
    let labels = change.labels.as_ref().map(project::labels).transpose()?;
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        let mut recording = at_work(tx, id)?;
        check_base(recording.header.version, base)?;
        let mut changed = Vec::new();
        if let Some(title) = title {
            recording.title = title;
            changed.push("title");
        }
        if let Some(tags) = tags {
            recording.tags = tags;
            changed.push("tags");
        }
        if let Some(classification) = change.classification {
            recording.header.classification = classification;
            changed.push("classification");
        }
        if let Some(labels) = labels {
            recording.header.labels = labels;
            changed.push("labels");
        }
        recording.header.touch(tx.now());
        tx.note("changed", changed.join(","));
        tx.put(&recording)?;
        Ok(recording)
    })
}

/// Moves a recording to the trash, where it stays as long as the tenant has set.
pub fn trash(permit: Permit<AssetDelete>, base: Option<u64>) -> Result<Recording, LibraryError> {
    set_trashed(permit, base, true)
}

/// Takes a recording out of the trash.
pub fn restore(permit: Permit<AssetDelete>, base: Option<u64>) -> Result<Recording, LibraryError> {
    set_trashed(permit, base, false)
}

fn set_trashed(permit: Permit<AssetDelete>, base: Option<u64>, trashed: bool) -> Result<Recording, LibraryError> {
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        let mut recording = current::<Recording>(tx, id, base)?;
        project::at_work(tx, project_of(&recording)?)?;
        let now = tx.now();
        recording.trashed = trashed.then(|| recording.trashed.unwrap_or(now));
        recording.header.touch(now);
        tx.note("trashed", trashed.to_string());
        tx.put(&recording)?;
        Ok(recording)
    })
}

/// Removes a recording and what was made of it for good. Only what lies in the trash can be removed.
pub fn delete(permit: Permit<AssetDelete>, base: Option<u64>) -> Result<(), LibraryError> {
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        let recording = current::<Recording>(tx, id, base)?;
        if recording.trashed.is_none() {
            return Err(LibraryError::NotTrashed);
        }
        tx.note("bytes", recording.bytes.to_string());
        erase::recording(tx, &recording)
    })
}

/// The recording of the permit and its content, to be read from any place. The download is recorded.
pub fn media(permit: &Permit<AssetDownload>) -> Result<(Recording, BlobReader), LibraryError> {
    let id = subject(permit.subject())?;
    let recording = permit.read()?.get::<Recording>(&id)?.ok_or(LibraryError::NotFound)?;
    let reader = blobs(permit.files())?.reader(&recording.media)?;
    Ok((recording, reader))
}

/// A recording that can be worked on: neither it nor its project lies in the trash.
pub fn at_work(read: &impl Read, id: Id<noun::Recording>) -> Result<Recording, LibraryError> {
    let recording = read.get::<Recording>(&id)?.ok_or(LibraryError::NotFound)?;
    if recording.trashed.is_some() {
        return Err(LibraryError::Trashed("recording"));
    }
    project::at_work(read, project_of(&recording)?)?;
    Ok(recording)
}

/// The project a recording lies in.
pub fn project_of(recording: &Recording) -> Result<Id<noun::Project>, LibraryError> {
    recording.header.project.ok_or(LibraryError::NotFound)
}

/// Notes how long a recording plays, once it was decoded. The caller's write puts the audit row.
pub fn set_duration(tx: &mut Tx<'_>, id: Id<noun::Recording>, duration_ms: u64) -> Result<(), LibraryError> {
    let mut recording = tx.get::<Recording>(&id)?.ok_or(LibraryError::NotFound)?;
    recording.duration_ms = Some(duration_ms);
    recording.header.touch(tx.now());
    Ok(tx.put(&recording)?)
}

/// Recordings of a project, at work or in the trash, oldest first.
pub(crate) fn of_project(
    read: &impl Read,
    project: Id<noun::Project>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Recording>, LibraryError> {
    let index = Some((BY_PROJECT, KeyBytes::new().with(&project)));
    Ok(read.list(&Query { index, after, limit, newest_first: false }, |_| true)?)
}

/// Recordings kept in a folder, at work or in the trash, oldest first.
pub(crate) fn of_folder(
    read: &impl Read,
    folder: Id<noun::Folder>,
    limit: usize,
) -> Result<Page<Recording>, LibraryError> {
    Ok(read.list(&Query::by(BY_FOLDER, KeyBytes::new().with(&folder), limit), |_| true)?)
}

/// Recordings in the trash by themselves, newest first.
pub(crate) fn in_trash(
    view: &View,
    after: Option<&Cursor>,
    limit: usize,
    visible: impl Fn(&Recording) -> bool,
) -> Result<Page<Recording>, LibraryError> {
    let index = Some((BY_STATE, KeyBytes::new().with(&true)));
    let query = Query { index, after, limit, newest_first: true };
    let mut projects = Projects::default();
    let mut failed = None;
    let page = view.list::<Recording>(&query, |recording| {
        visible(recording) && projects.at_work(view, recording).unwrap_or_else(|error| failed.replace(error).is_some())
    })?;
    failed.map_or(Ok(page), |error| Err(error.into()))
}

/// Recordings in the trash, those longest there first.
pub(crate) fn by_trashed(view: &View, after: Option<&Cursor>, limit: usize) -> Result<Page<Recording>, LibraryError> {
    let index = Some((BY_TRASHED, KeyBytes::new()));
    Ok(view.list(&Query { index, after, limit, newest_first: false }, |_| true)?)
}

/// All recordings, oldest first.
pub(crate) fn by_age(view: &View, after: Option<&Cursor>, limit: usize) -> Result<Page<Recording>, LibraryError> {
    Ok(view.list(&Query { index: None, after, limit, newest_first: false }, |_| true)?)
}

/// The tenant's files. Only the appliance itself has none.
pub(crate) fn blobs(files: Option<&Arc<TenantStore>>) -> Result<BlobStore, LibraryError> {
    files.map(|files| files.blobs()).ok_or(LibraryError::NotFound)
}

fn subject(subject: &model::Subject) -> Result<Id<noun::Recording>, LibraryError> {
    subject.id.typed().ok_or(LibraryError::NotFound)
}
