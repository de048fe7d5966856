//! Transcripts: the words of a recording, in versions. Corrections keep the number and times of the words, so that what was drawn
//! from them stays where it is.

mod correct;

use access::{ListPermit, Permit, usage::Limits};
use jobs::{Desk, Job};
use model::{
    AnyId, Header, Id, noun,
    permission::{TranscriptEdit, TranscriptRead},
};
use serde::{Deserialize, Serialize};
use store::{
    Cursor, DecodeError, Headed, IndexEntries, KeyBytes, Page, Query, Read, Record, Tx,
    blob::{BlobDigest, BlobStore},
    decode_body,
};

use studio::transcript::{MAX_BYTES, TextFormat, Timing};

pub use correct::{Correction, Naming, correct};

use crate::{
    base::check_base,
    content::load,
    error::LibraryError,
    making::{Hearing, Order, submit},
    recording::{self, blobs},
    version::{Origin, Version},
};

/// The transcript of a recording: one a recording. The version of its header is its newest version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    /// Its header.
    pub header: Header<noun::Transcript>,
    /// Of what.
    pub recording: Id<noun::Recording>,
    /// What the recording is called.
    pub title: String,
    /// The language of its words.
    pub language: String,
    /// Length of the recording.
    pub duration_ms: u64,
    /// How many words.
    pub words: u32,
    /// The newest version's text.
    pub digest: BlobDigest,
    /// How many of its words the recogniser is unsure of, and nobody has corrected.
    pub unsure: u32,
    /// How sure it was of a word on average, in thousandths, corrected words counted as certain; nothing where that was not looked at.
    pub certainty: Option<u16>,
    /// How many corrections of words there were since it was heard.
    pub corrected: u32,
}

/// Below this the recogniser is unsure of a word, as it is for glossaries.
const UNSURE: f32 = 0.6;

const BY_RECORDING: u8 = 1;

impl Record for Transcript {
    const NAME: &'static str = "transcript";
    const NUMBER: u8 = model::NounKind::Transcript as u8;
    const VERSION: u8 = 2;
    type Key = Id<noun::Transcript>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn decode(version: u8, body: &[u8]) -> Result<Self, DecodeError> {
        match version {
            Self::VERSION => decode_body(body),
            // It ended where its quality is now: no word, nothing and no correction are a byte each.
            1 => decode_body(&[body, &[0, 0, 0]].concat()),
            _ => Err(DecodeError::Version(version)),
        }
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.unique(BY_RECORDING, &KeyBytes::new().with(&self.recording));
    }
}

impl Headed for Transcript {
    type Noun = noun::Transcript;
    fn header(&self) -> &Header<noun::Transcript> {
        &self.header
    }
}

impl Transcript {
    /// The transcript of a recording.
    pub fn of_recording(
        read: &impl Read,
        recording: Id<noun::Recording>,
    ) -> Result<Option<Transcript>, store::ReadError> {
        read.find::<Transcript>(BY_RECORDING, &KeyBytes::new().with(&recording))
    }

    /// Its newest version.
    pub fn newest(&self, read: &impl Read) -> Result<Version, LibraryError> {
        self.version(read, self.header.version)
    }

    pub(crate) fn version(&self, read: &impl Read, number: u64) -> Result<Version, LibraryError> {
        Version::of(read, self.header.id.erase(), number)?.ok_or(LibraryError::NotFound)
    }
}

/// Has a recording heard. The transcript gets a new version; what was redacted in the one before stays redacted.
pub fn transcribe(
    permit: Permit<TranscriptEdit>,
    desk: &Desk,
    plan: &Limits,
    hearing: Hearing,
) -> Result<Job, LibraryError> {
    let id = permit.subject().id.typed().ok_or(LibraryError::NotFound)?;
    let recording = recording::at_work(&permit.read()?, id)?;
    if !recording.speaks() {
        return Err(LibraryError::Field {
            field: "recording",
            fault: "is a text, in which nothing is heard".to_owned(),
        });
    }
    let order = Order::Transcribe { recording: id, hearing };
    submit(permit, desk, plan, &recording, &order)
}

/// The transcript of the permit.
pub fn read(permit: &Permit<TranscriptRead>) -> Result<Transcript, LibraryError> {
    current(&permit.read()?, permit.subject())
}

/// Transcripts that the caller may see, newest first; that of one recording where `recording` says so.
pub fn list(
    permit: &ListPermit<TranscriptRead>,
    recording: Option<Id<noun::Recording>>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Transcript>, LibraryError> {
    let view = permit.read()?;
    let visible = |transcript: &Transcript| permit.visible(&transcript.header.subject());
    if let Some(recording) = recording {
        let found = Transcript::of_recording(&view, recording)?.filter(visible);
        return Ok(Page { items: found.into_iter().collect(), next: None });
    }
    Ok(view.list::<Transcript>(&Query { after, ..Query::newest(limit) }, visible)?)
}

/// Its versions, newest first.
pub fn versions(
    permit: &Permit<TranscriptRead>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Version>, LibraryError> {
    Ok(Version::list(&permit.read()?, permit.subject().id, after, limit)?)
}

/// The words of a version, the newest without a number.
pub fn content(
    permit: &Permit<TranscriptRead>,
    number: Option<u64>,
) -> Result<(Version, studio::transcript::Transcript), LibraryError> {
    let view = permit.read()?;
    let transcript = current(&view, permit.subject())?;
    let version = transcript.version(&view, number.unwrap_or(transcript.header.version))?;
    let words = words(&blobs(permit.files())?, &version)?;
    Ok((version, words))
}

/// Makes an earlier version the newest again.
pub fn restore(permit: Permit<TranscriptEdit>, base: Option<u64>, number: u64) -> Result<Transcript, LibraryError> {
    let view = permit.read()?;
    let transcript = current(&view, permit.subject())?;
    let old = transcript.version(&view, number)?;
    let blobs = blobs(permit.files())?;
    let text = words(&blobs, &old)?;
    let (by, subject) = (permit.actor(), permit.subject().clone());
    permit.write(|tx| {
        let mut transcript = current(tx, &subject)?;
        check_base(transcript.header.version, base)?;
        tx.note("restored", number.to_string());
        transcript.add(tx, &blobs, &text, &old, by, Origin::Restored(number))?;
        Ok(transcript)
    })
}

impl Transcript {
    /// Adds a version with the text and the word numbers of `content`; what is heard anew has word numbers of its own.
    pub(crate) fn add(
        &mut self,
        tx: &mut Tx<'_>,
        blobs: &BlobStore,
        text: &studio::transcript::Transcript,
        content: &Version,
        by: AnyId,
        origin: Origin,
    ) -> Result<(), LibraryError> {
        self.header.touch(tx.now());
        self.describe(text, content.digest);
        if origin == Origin::Heard {
            self.corrected = 0;
        }
        self.note_version(tx, blobs, content, by, origin)
    }

    /// Stores itself and its newest version.
    pub(crate) fn note_version(
        &self,
        tx: &mut Tx<'_>,
        blobs: &BlobStore,
        content: &Version,
        by: AnyId,
        origin: Origin,
    ) -> Result<(), LibraryError> {
        let (thing, number) = (self.header.id.erase(), self.header.version);
        let words = if matches!(origin, Origin::Heard | Origin::Imported) { number } else { content.words };
        tx.note("transcript_version", number.to_string());
        tx.put(self)?;
        Version { thing, number, words, made: tx.now(), by, origin, ..content.clone() }.add(tx, blobs)
    }

    pub(crate) fn describe(&mut self, text: &studio::transcript::Transcript, digest: BlobDigest) {
        self.language.clone_from(&text.lang);
        self.duration_ms = text.duration_ms;
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        self.words = count(text.words.len());
        self.digest = digest;
        self.unsure = count(text.words.iter().filter(|word| word.confidence < UNSURE).count());
        let sum: f64 = text.words.iter().map(|word| f64::from(word.confidence)).sum();
        // What was written down from the start was never heard.
        let heard = text.timing == Timing::Audio && !text.words.is_empty();
        let mean = heard.then(|| sum / text.words.len() as f64);
        self.certainty = mean.map(|mean| (mean * 1_000.0).round().clamp(0.0, 1_000.0) as u16);
    }
}

/// The words of a version.
pub(crate) fn words(blobs: &BlobStore, version: &Version) -> Result<studio::transcript::Transcript, LibraryError> {
    let text = load(blobs, &version.digest, MAX_BYTES)?;
    studio::transcript::read(&text, TextFormat::Json, "und").map_err(|error| LibraryError::Stored(error.to_string()))
}

fn current(read: &impl Read, subject: &model::Subject) -> Result<Transcript, LibraryError> {
    let id = subject.id.typed().ok_or(LibraryError::NotFound)?;
    read.get::<Transcript>(&id)?.ok_or(LibraryError::NotFound)
}
