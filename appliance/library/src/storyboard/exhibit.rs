//! A version of a storyboard with all that an export of it shows and says.

use std::io::Read as _;

use access::Permit;
use model::{
    Classification, Subject,
    permission::{AssetDownload, RenderRead},
};
use store::{
    Read,
    blob::{BlobError, BlobStore},
};

use super::{Storyboard, board, current, words_for};
use crate::{
    choice,
    error::LibraryError,
    recording::{self, Recording, blobs},
    transcript::{Transcript, words},
    version::Version,
};

/// What an export of a storyboard shows and says.
#[derive(Debug)]
pub struct Exhibit {
    /// The storyboard.
    pub storyboard: Storyboard,
    /// The diagrams of the version.
    pub board: studio::storyboard::Storyboard,
    /// The words that they refer to.
    pub transcript: studio::transcript::Transcript,
    /// The theme of the chosen brand kit, as in its videos.
    pub kit: Option<serde_json::Value>,
    /// The recording.
    pub recording: Recording,
    /// Whether the recording still says what was redacted.
    pub redacted: bool,
    blobs: BlobStore,
}

impl Exhibit {
    /// The recording's file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn voice(&self) -> Result<Vec<u8>, LibraryError> {
        let mut bytes = Vec::new();
        let mut reader = self.blobs.reader(&self.recording.media)?;
        reader.read_to_end(&mut bytes).map_err(BlobError::from)?;
        Ok(bytes)
    }
}

/// A version, the newest without a number, with all that an export of it shows. Asking is recorded, with the words of `note`.
///
/// # Errors
/// When there is no such version, or its recording lies in the trash.
pub fn exhibit(
    permit: Permit<AssetDownload>,
    number: Option<u64>,
    note: (&'static str, &str),
) -> Result<Exhibit, LibraryError> {
    let (subject, blobs) = (permit.subject().clone(), blobs(permit.files())?);
    let found = permit.write::<_, LibraryError>(|tx| {
        let found = Found::of(tx, &subject, number)?;
        tx.note(note.0, note.1);
        tx.note("version", found.version.number.to_string());
        Ok(found)
    })?;
    found.opened(blobs)
}

/// The same to be looked at, not to be taken along: that is not recorded.
///
/// # Errors
/// When there is no such version, or its recording lies in the trash.
pub fn shown(permit: &Permit<RenderRead>, number: Option<u64>) -> Result<Exhibit, LibraryError> {
    Found::of(&permit.read()?, permit.subject(), number)?.opened(blobs(permit.files())?)
}

/// The records behind an exhibit.
struct Found {
    storyboard: Storyboard,
    version: Version,
    spoken: Version,
    newest: Version,
    recording: Recording,
    kit: Option<serde_json::Value>,
}

impl Found {
    fn of(read: &impl Read, subject: &Subject, number: Option<u64>) -> Result<Self, LibraryError> {
        let storyboard = current(read, subject)?;
        let recording = recording::at_work(read, storyboard.recording)?;
        let version = storyboard.version(read, number.unwrap_or(storyboard.header.version))?;
        let transcript = read.get::<Transcript>(&storyboard.transcript)?.ok_or(LibraryError::NotFound)?;
        let spoken = words_for(read, &version, &transcript)?;
        let newest = transcript.newest(read)?;
        let kit = choice::brand_kit(read, recording.header.tenant, recording.header.project, false)?;
        let kit = kit.map(|kit| kit.dressed(read)).transpose()?;
        Ok(Self { storyboard, version, spoken, newest, recording, kit })
    }

    fn opened(self, blobs: BlobStore) -> Result<Exhibit, LibraryError> {
        let Self { storyboard, version, spoken, newest, recording, kit } = self;
        let board = board(&blobs, &version)?;
        let transcript = words(&blobs, &spoken)?;
        // What was redacted since counts too: the recording is one for all versions.
        let hidden = |transcript: &studio::transcript::Transcript| transcript.words.iter().any(|word| word.redacted);
        let redacted = hidden(&transcript) || newest.digest != spoken.digest && hidden(&words(&blobs, &newest)?);
        Ok(Exhibit { storyboard, board, transcript, kit, recording, redacted, blobs })
    }
}

/// What is written across every picture of a thing that is so secret.
pub fn banner(classification: Classification) -> &'static str {
    match classification {
        Classification::Public | Classification::Internal => "",
        Classification::Confidential => "Confidential",
        Classification::Secret => "Secret",
        Classification::Restricted => "Restricted",
    }
}
