//! Recordings on their way in: in parts, over many requests, across broken connections and restarts.
//!
//! How far an upload came is what its file holds; the record says what is to come and whose it is. The last byte makes the
//! recording, after the digest was checked, in one commit.

use std::time::Duration;

use access::{Permit, usage::Limits};
use model::{DataClass, Header, Id, Outcome, Timestamp, noun, permission::AssetUpload};
use serde::{Deserialize, Serialize};
use store::{
    Cursor, DecodeError, Headed, IndexEntries, KeyBytes, Page, Query, Read, Record, Tx,
    blob::{BlobDigest, BlobError, BlobStore, Finished, PartWriter},
    decode_body,
};

use crate::{
    error::LibraryError,
    folder::{self, Folder},
    project::{self, MAX_TITLE},
    recording::{Recording, blobs},
    stored, tags,
    text::line,
};

/// The most bytes of one part: a part is in memory as a whole.
pub const MAX_PART: usize = 8 << 20;
/// The longest file, in bytes.
pub const MAX_FILE: u64 = 1 << 40;
/// The longest file name, in characters.
pub const MAX_FILE_NAME: usize = 255;
/// How many uploads a caller may have open at once.
pub const MAX_OPEN: usize = 100;
/// An upload that nothing was heard of for so long is given up.
pub const KEPT: Duration = Duration::from_hours(24);

/// An upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Its header; the recording will lie in its `project`.
    pub header: Header<noun::Upload>,
    /// What the recording will be called.
    pub title: String,
    /// The tags of the recording.
    pub tags: Vec<String>,
    /// What the file is called where it comes from.
    pub file_name: String,
    /// Its media type.
    pub media_type: String,
    /// How many bytes are to come in all.
    pub size: u64,
    /// What they must hash to, where the sender knows.
    pub digest: Option<BlobDigest>,
    /// How many bytes are on the disk.
    pub offset: u64,
    /// When it is given up, unless something is heard of it.
    pub expires: Timestamp,
    /// What it has become.
    pub recording: Option<Id<noun::Recording>>,
    /// The folder of its project into which the recording comes.
    pub folder: Option<Id<noun::Folder>>,
}

/// Those that are open, by whose they are.
const BY_OWNER: u8 = 1;
/// By when they are given up or, when they have ended, forgotten.
const BY_EXPIRY: u8 = 2;

impl Record for Upload {
    const NAME: &'static str = "upload";
    const NUMBER: u8 = model::NounKind::Upload as u8;
    const VERSION: u8 = 2;
    type Key = Id<noun::Upload>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn decode(version: u8, body: &[u8]) -> Result<Self, DecodeError> {
        match version {
            Self::VERSION => decode_body(body),
            // It ended with the recording: no folder is one byte.
            1 => decode_body(&[body, &[0]].concat()),
            _ => Err(DecodeError::Version(version)),
        }
    }
    fn index(&self, entries: &mut IndexEntries) {
        if self.recording.is_none() {
            entries.add(BY_OWNER, &KeyBytes::new().with(&self.header.owner));
        }
        entries.add(BY_EXPIRY, &KeyBytes::new().with(&self.expires));
    }
}

impl Headed for Upload {
    type Noun = noun::Upload;
    fn header(&self) -> &Header<noun::Upload> {
        &self.header
    }
}

/// What an upload begins with.
#[derive(Debug, Clone, Default)]
pub struct NewUpload {
    /// What the recording will be called; as the file, without a word.
    pub title: Option<String>,
    /// The tags of the recording.
    pub tags: Vec<String>,
    /// What the file is called.
    pub file_name: String,
    /// Its media type.
    pub media_type: String,
    /// How many bytes are to come.
    pub size: u64,
    /// What they must hash to.
    pub digest: Option<BlobDigest>,
    /// The folder of the project into which the recording comes.
    pub folder: Option<Id<noun::Folder>>,
}

/// Begins an upload into the project of the permit, if `limits` have room for it.
pub fn begin(permit: Permit<AssetUpload>, limits: &Limits, new: &NewUpload) -> Result<Upload, LibraryError> {
    let file_name = file_name(&new.file_name)?;
    let stem = file_name.rsplit_once('.').map_or(file_name.as_str(), |(stem, _)| stem);
    let stem: String = stem.chars().take(MAX_TITLE).collect();
    let title = line("title", new.title.as_deref().unwrap_or(&stem), MAX_TITLE, false)?;
    let media_type = media_type(&new.media_type)?;
    let tags = tags::normal(&new.tags)?;
    if !(1..=MAX_FILE).contains(&new.size) {
        return Err(LibraryError::Field { field: "size", fault: format!("must be 1 to {MAX_FILE} bytes") });
    }
    let id = permit.subject().id.typed().ok_or(LibraryError::NotFound)?;
    let (tenant, home, owner) = (permit.tenant(), permit.home(), permit.actor());
    permit.write(|tx| {
        let project = project::at_work(tx, id)?;
        folder::check(tx, id, new.folder)?;
        let open = Query::by(BY_OWNER, KeyBytes::new().with(&owner), MAX_OPEN - 1);
        if tx.list::<Upload>(&open, |_| true)?.next.is_some() {
            return Err(LibraryError::Limit { what: "open uploads", allowed: MAX_OPEN as u64 });
        }
        stored::announce(tx, new.size, limits)?;
        let now = tx.now();
        let mut header = Header::new(tx.new_id(), tenant, home, owner, DataClass::K6, now);
        header.project = Some(id);
        // What comes into a project is as secret as the project, and may be where it may be.
        header.classification = project.header.classification;
        header.residency = project.header.residency;
        let upload = Upload {
            header,
            title,
            tags,
            file_name,
            media_type,
            size: new.size,
            digest: new.digest,
            offset: 0,
            expires: now.after(KEPT),
            recording: None,
            folder: new.folder,
        };
        tx.about(upload.header.id.erase());
        tx.note("bytes", new.size.to_string());
        tx.put(&upload)?;
        Ok(upload)
    })
}

/// The upload of the permit, with how far it really came.
pub fn read(permit: &Permit<AssetUpload>) -> Result<Upload, LibraryError> {
    let mut upload = own(permit, &permit.read()?)?;
    if upload.recording.is_none() {
        upload.offset = part(&blobs(permit.files())?, &upload)?.len();
    }
    Ok(upload)
}

/// Takes in the bytes from `offset` on; they are on the disk when it returns. The last ones make the recording.
///
/// # Errors
/// `Offset` when they do not begin where the last ones ended; `Digest` when all of them are not what was announced: then the
/// upload is gone.
pub fn append(permit: Permit<AssetUpload>, offset: u64, bytes: &[u8]) -> Result<Upload, LibraryError> {
    let upload = own(&permit, &permit.read()?)?;
    if upload.recording.is_some() || permit.now() >= upload.expires {
        return Err(LibraryError::Ended);
    }
    let blobs = blobs(permit.files())?;
    let mut part = part(&blobs, &upload)?;
    if offset != part.len() {
        return Err(LibraryError::Offset { given: offset, now: part.len() });
    }
    if bytes.len() as u64 > upload.size.saturating_sub(offset) {
        return Err(LibraryError::Field {
            field: "size",
            fault: format!("{} bytes were announced, these are more", upload.size),
        });
    }
    part.append(bytes)?;
    let id = upload.header.id;
    let offset = part.sync()?;
    if offset < upload.size {
        return permit.write(|tx| {
            let mut upload = open(tx, id)?;
            let now = tx.now();
            (upload.offset, upload.expires) = (offset, now.after(KEPT));
            upload.header.touch(now);
            tx.note("offset", offset.to_string());
            tx.put(&upload)?;
            Ok(upload)
        });
    }
    let done = match part.finish(upload.digest.as_ref()) {
        Ok(finished) => permit.write(|tx| complete(tx, &blobs, id, finished)),
        Err(error @ BlobError::Digest { .. }) => {
            permit.write::<_, LibraryError>(|tx| {
                tx.outcome(Outcome::Failed);
                tx.note("reason", "digest");
                forget(tx, id)
            })?;
            Err(error.into())
        }
        Err(error) => return Err(error.into()),
    };
    // What remains of the part is of no use any more, whether it became a recording or was damaged on its way.
    if matches!(&done, Ok(_) | Err(LibraryError::Blob(BlobError::Digest { .. }))) {
        blobs.delete_part(id)?;
    }
    done
}

/// Gives an upload up. A recording that it has become stays.
pub fn cancel(permit: Permit<AssetUpload>) -> Result<(), LibraryError> {
    let id = own(&permit, &permit.read()?)?.header.id;
    let blobs = blobs(permit.files())?;
    permit.write(|tx| forget(tx, id))?;
    blobs.delete_part(id)?;
    Ok(())
}

/// Makes the recording of an upload whose bytes are all there.
fn complete(tx: &mut Tx<'_>, blobs: &BlobStore, id: Id<noun::Upload>, file: Finished) -> Result<Upload, LibraryError> {
    let mut upload = open(tx, id)?;
    let project = upload.header.project.ok_or(LibraryError::NotFound)?;
    project::at_work(tx, project)?;
    stored::withdraw(tx, upload.size)?;
    stored::hold(tx, blobs, file)?;
    let now = tx.now();
    let Header { tenant, home, owner, class, .. } = upload.header;
    let mut header = Header::new(tx.new_id(), tenant, home, owner, class, now);
    header.project = upload.header.project;
    header.classification = upload.header.classification;
    header.residency.clone_from(&upload.header.residency);
    let recording = Recording {
        header,
        title: upload.title.clone(),
        tags: upload.tags.clone(),
        file_name: upload.file_name.clone(),
        media_type: upload.media_type.clone(),
        media: file.digest,
        bytes: file.length,
        duration_ms: None,
        trashed: None,
        // A folder that was removed meanwhile leaves what was to come into it in the project.
        folder: match upload.folder {
            Some(folder) => tx.get::<Folder>(&folder)?.map(|folder| folder.header.id),
            None => None,
        },
    };
    tx.put(&recording)?;
    (upload.offset, upload.expires) = (file.length, now.after(KEPT));
    upload.recording = Some(recording.header.id);
    upload.header.touch(now);
    tx.about(recording.header.id.erase());
    tx.note("bytes", file.length.to_string());
    tx.put(&upload)?;
    Ok(upload)
}

/// Removes the record of an upload and gives back the bytes that were set aside for it.
pub(crate) fn forget(tx: &mut Tx<'_>, id: Id<noun::Upload>) -> Result<(), LibraryError> {
    let upload = tx.get::<Upload>(&id)?.ok_or(LibraryError::NotFound)?;
    if upload.recording.is_none() {
        stored::withdraw(tx, upload.size)?;
    }
    tx.delete::<Upload>(&id)?;
    Ok(())
}

/// Uploads in the order in which they are given up.
pub(crate) fn by_expiry(read: &impl Read, after: Option<&Cursor>, limit: usize) -> Result<Page<Upload>, LibraryError> {
    let index = Some((BY_EXPIRY, KeyBytes::new()));
    Ok(read.list(&Query { index, after, limit, newest_first: false }, |_| true)?)
}

fn open(tx: &Tx<'_>, id: Id<noun::Upload>) -> Result<Upload, LibraryError> {
    let upload = tx.get::<Upload>(&id)?.ok_or(LibraryError::NotFound)?;
    if upload.recording.is_some() { Err(LibraryError::Ended) } else { Ok(upload) }
}

/// The upload of a permit. It goes on only by the hand that began it.
fn own(permit: &Permit<AssetUpload>, read: &impl Read) -> Result<Upload, LibraryError> {
    let id = permit.subject().id.typed().ok_or(LibraryError::NotFound)?;
    let upload = read.get::<Upload>(&id)?.ok_or(LibraryError::NotFound)?;
    if upload.header.owner == permit.actor() { Ok(upload) } else { Err(LibraryError::NotFound) }
}

fn part<'a>(blobs: &'a BlobStore, upload: &Upload) -> Result<PartWriter<'a>, LibraryError> {
    let id = upload.header.id;
    match blobs.part(id, upload.size) {
        // It was whole and published, and before its recording was made the file was swept: it begins anew.
        Err(BlobError::Missing(_)) => {
            blobs.delete_part(id)?;
            Ok(blobs.part(id, upload.size)?)
        }
        part => Ok(part?),
    }
}

/// The last part of a path, as it is shown; it never becomes a path here.
pub(crate) fn file_name(name: &str) -> Result<String, LibraryError> {
    line("file_name", name.rsplit(['/', '\\']).next().unwrap_or_default(), MAX_FILE_NAME, false)
}

/// The media type without its parameters, if a recording can be of it.
fn media_type(text: &str) -> Result<String, LibraryError> {
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let token = |part: &str| {
        (1..=64).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-' | b'_'))
    };
    let fits = essence.split_once('/').is_some_and(|(kind, form)| {
        let container = matches!(form, "octet-stream" | "ogg" | "mp4" | "x-matroska");
        token(form) && (matches!(kind, "audio" | "video") || kind == "application" && container)
    });
    if fits {
        Ok(essence)
    } else {
        Err(LibraryError::Field { field: "media_type", fault: "must be `audio/…` or `video/…`".into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_types() {
        assert_eq!(file_name("C:\\talks\\a.m4a").unwrap(), "a.m4a");
        assert_eq!(file_name("../../etc/passwd").unwrap(), "passwd");
        assert!(file_name("talks/").is_err() && file_name("a\nb").is_err() && file_name(&"x".repeat(256)).is_err());
        assert_eq!(media_type("Audio/WebM; codecs=opus").unwrap(), "audio/webm");
        assert_eq!(media_type("application/octet-stream").unwrap(), "application/octet-stream");
        for bad in ["", "audio", "audio/", "text/html", "audio/x\r\ny", "application/json", "audio/a/b"] {
            assert!(media_type(bad).is_err(), "{bad}");
        }
    }
}
