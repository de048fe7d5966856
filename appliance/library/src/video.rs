//! Videos: rendered storyboards. A video is never changed; an edit makes another one.

use access::{ListPermit, Permit, usage::Limits};
use jobs::{Desk, Job};
use model::{
    Header, Id, Timestamp, noun,
    permission::{AssetDelete, AssetDownload, RenderRead, RenderSubmit},
};
use serde::{Deserialize, Serialize};
use store::{
    Column, Cursor, DecodeError, Headed, IndexEntries, KeyBytes, Page, Query, Rank, Read, ReadError, Record, Sort, Tx,
    blob::{BlobDigest, BlobReader},
    decode_body,
};

use crate::{
    comment,
    error::LibraryError,
    making::{Hearing, Look, Order, submit},
    recording::{self, blobs},
    stored, view_link,
};

/// A rendered video.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Video {
    /// Its header.
    pub header: Header<noun::Video>,
    /// The recording that is heard in it.
    pub recording: Id<noun::Recording>,
    /// The storyboard it shows.
    pub storyboard: Id<noun::Storyboard>,
    /// Which version of it.
    pub storyboard_version: u64,
    /// Which version of the transcript.
    pub transcript_version: u64,
    /// The job that made it.
    pub job: Id<noun::Job>,
    /// What it is called.
    pub title: String,
    /// The theme.
    pub theme: String,
    /// Width, height, frames a second.
    pub canvas: (u32, u32, u32),
    /// Its length.
    pub duration_ms: u64,
    /// Its files, in the order of their roles.
    pub files: Vec<File>,
    /// When a link first showed it to those without an account.
    pub shared: Option<Timestamp>,
}

/// A file of a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// What it is.
    pub role: Role,
    /// Its content.
    pub digest: BlobDigest,
    /// Its bytes.
    pub bytes: u64,
}

/// What a file of a video is. The order is part of stored records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// The video with voice and captions.
    Mp4,
    /// SubRip captions.
    Srt,
    /// WebVTT captions.
    Vtt,
    /// A still of the fullest scene.
    Poster,
    /// WebVTT chapters.
    Chapters,
    /// WebVTT descriptions of what is seen.
    Descriptions,
    /// A page to read instead of watching.
    Page,
    /// The video as WebM, in place of the MP4.
    Webm,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 8] =
        [Role::Mp4, Role::Srt, Role::Vtt, Role::Poster, Role::Chapters, Role::Descriptions, Role::Page, Role::Webm];

    /// Its name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Mp4 => "mp4",
            Role::Srt => "srt",
            Role::Vtt => "vtt",
            Role::Poster => "poster",
            Role::Chapters => "chapters",
            Role::Descriptions => "descriptions",
            Role::Page => "page",
            Role::Webm => "webm",
        }
    }

    /// The media type of such a file.
    pub const fn media_type(self) -> &'static str {
        match self {
            Role::Mp4 => "video/mp4",
            Role::Webm => "video/webm",
            Role::Srt => "application/x-subrip",
            Role::Vtt | Role::Chapters | Role::Descriptions => "text/vtt",
            Role::Page => "text/html; charset=utf-8",
            Role::Poster => "image/png",
        }
    }

    /// How names of such files end.
    pub const fn ending(self) -> &'static str {
        match self {
            Role::Poster => "png",
            Role::Chapters => "chapters.vtt",
            Role::Descriptions => "descriptions.vtt",
            Role::Page => "html",
            Role::Mp4 | Role::Webm | Role::Srt | Role::Vtt => self.name(),
        }
    }
}

const BY_RECORDING: u8 = 1;

impl Record for Video {
    const NAME: &'static str = "video";
    const NUMBER: u8 = model::NounKind::Video as u8;
    const VERSION: u8 = 2;
    type Key = Id<noun::Video>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn decode(version: u8, body: &[u8]) -> Result<Self, DecodeError> {
        match version {
            Self::VERSION => decode_body(body),
            // It ended with its files: that it was never shared is one byte.
            1 => decode_body(&[body, &[0]].concat()),
            _ => Err(DecodeError::Version(version)),
        }
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(BY_RECORDING, &KeyBytes::new().with(&self.recording));
    }
}

impl Headed for Video {
    type Noun = noun::Video;
    fn header(&self) -> &Header<noun::Video> {
        &self.header
    }
}

/// Has a video made of a recording in one go: what is not there yet of transcript and storyboard is made on the way, and what a
/// person edited is kept.
pub fn make(
    permit: Permit<RenderSubmit>,
    desk: &Desk,
    plan: &Limits,
    hearing: Hearing,
    look: Look,
) -> Result<Job, LibraryError> {
    let id = permit.subject().id.typed().ok_or(LibraryError::NotFound)?;
    let recording = recording::at_work(&permit.read()?, id)?;
    submit(permit, desk, plan, &recording, &Order::MakeVideo { recording: id, hearing, look })
}

/// The video of the permit.
pub fn read(permit: &Permit<RenderRead>) -> Result<Video, LibraryError> {
    current(&permit.read()?, permit.subject())
}

/// By what videos can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// What it is called.
    Title,
    /// Its length.
    Duration,
    /// When it was made.
    Created,
}

impl Column for By {
    type Of = Video;
    const ALL: &'static [(&'static str, Self)] =
        &[("title", By::Title), ("duration_ms", By::Duration), ("created", By::Created)];
    fn rank(self, video: &Video) -> Rank {
        match self {
            By::Title => Rank::text(&video.title),
            By::Duration => Rank::number(video.duration_ms),
            By::Created => Rank::moment(video.header.created),
        }
    }
}

/// Videos that the caller may see, newest first without an order; those of one recording where `recording` says so.
pub fn list(
    permit: &ListPermit<RenderRead>,
    recording: Option<Id<noun::Recording>>,
    order: Option<Sort<By>>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Video>, LibraryError> {
    let index = recording.map(|recording| (BY_RECORDING, KeyBytes::new().with(&recording)));
    let query = Query { index, after, limit, newest_first: true };
    Ok(permit.read()?.listed(&query, order, |video: &Video| permit.visible(&video.header.subject()))?)
}

/// A file of the video of the permit, to be read from any place. The download is recorded.
pub fn file(permit: &Permit<AssetDownload>, role: Role) -> Result<(Video, File, BlobReader), LibraryError> {
    let video = current(&permit.read()?, permit.subject())?;
    let file = *video.files.iter().find(|file| file.role == role).ok_or(LibraryError::NotFound)?;
    let reader = blobs(permit.files())?.reader(&file.digest)?;
    Ok((video, file, reader))
}

/// Removes a video for good; it can be rendered again.
pub fn delete(permit: Permit<AssetDelete>) -> Result<(), LibraryError> {
    let subject = permit.subject().clone();
    permit.write(|tx| {
        let video = current(tx, &subject)?;
        remove(tx, &video)
    })
}

/// The newest video of a recording that is to be seen.
pub(crate) fn newest_of(
    read: &impl Read,
    recording: Id<noun::Recording>,
    seen: impl FnMut(&Video) -> bool,
) -> Result<Option<Video>, ReadError> {
    let index = Some((BY_RECORDING, KeyBytes::new().with(&recording)));
    Ok(read.list(&Query { index, after: None, limit: 1, newest_first: true }, seen)?.items.pop())
}

/// Videos of a recording.
pub(crate) fn of_recording(
    read: &impl Read,
    recording: Id<noun::Recording>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Video>, ReadError> {
    let query = Query { after, ..Query::by(BY_RECORDING, KeyBytes::new().with(&recording), limit) };
    read.list::<Video>(&query, |_| true)
}

pub(crate) fn remove(tx: &mut Tx<'_>, video: &Video) -> Result<(), LibraryError> {
    if video.header.legal_hold {
        return Err(LibraryError::Held);
    }
    video.files.iter().try_for_each(|file| stored::release(tx, &file.digest))?;
    comment::remove_of(tx, video.header.id.erase())?;
    view_link::remove_of(tx, video.header.id.erase())?;
    tx.delete::<Video>(&video.header.id)?;
    Ok(())
}

fn current(read: &impl Read, subject: &model::Subject) -> Result<Video, LibraryError> {
    let id = subject.id.typed().ok_or(LibraryError::NotFound)?;
    read.get::<Video>(&id)?.ok_or(LibraryError::NotFound)
}
