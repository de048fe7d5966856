//! What a job has made, stored in the commit that ends it.

use ::jobs::{Failure, Job, PublishError, Reason};
use access::usage::{self, Limits, Meter};
use metering::Event;
use model::{AnyId, DataClass, Header, Noun, noun};
use store::{
    Read as _, Tx,
    blob::{BlobStore, Finished},
};
use studio::transcript::TextFormat;

use super::{
    inputs::{Inputs, failure},
    order::Order,
    pieces::{Piece, Pieces},
};
use crate::{
    content::keep,
    error::LibraryError,
    recording, stored,
    storyboard::Storyboard,
    transcript::Transcript,
    version::{Origin, Version},
    video::{self, Video},
};

/// A text that a job has made: checked, and stored among the tenant's blobs.
#[derive(Debug)]
pub struct Content<T> {
    stored: Finished,
    text: T,
}

impl Content<studio::transcript::Transcript> {
    /// Checks and stores a transcript.
    ///
    /// # Errors
    /// When the bytes are none.
    pub fn transcript(blobs: &BlobStore, bytes: &[u8]) -> Result<Self, LibraryError> {
        let text = studio::transcript::read(bytes, TextFormat::Json, "und")
            .map_err(|error| LibraryError::Stored(error.to_string()))?;
        Ok(Content { stored: keep(blobs, &text.canonical())?, text })
    }
}

impl Content<studio::storyboard::Storyboard> {
    /// Checks and stores a storyboard.
    ///
    /// # Errors
    /// When the bytes are none.
    pub fn storyboard(blobs: &BlobStore, bytes: &[u8]) -> Result<Self, LibraryError> {
        let text = studio::storyboard::read(bytes).map_err(|error| LibraryError::Stored(error.to_string()))?;
        Ok(Content { stored: keep(blobs, &studio::storyboard::canonical(&text))?, text })
    }
}

/// What a job has made.
#[derive(Debug, Default)]
pub struct Produced {
    /// The words.
    pub transcript: Option<Content<studio::transcript::Transcript>>,
    /// The diagrams.
    pub storyboard: Option<Content<studio::storyboard::Storyboard>>,
    /// The files of the video, among the tenant's blobs.
    pub video: Vec<video::File>,
    /// Finished parts, for the next job on the recording.
    pub pieces: Vec<Piece>,
    /// How long a graphics processor has worked for it, in milliseconds.
    pub graphics_ms: u64,
    /// Tokens that a language model was sent for it, and those that it answered with.
    pub tokens: (u64, u64),
}

/// Stores what `job` made of `inputs`; gives the id of it: of the video, else the storyboard, else the transcript.
///
/// # Errors
/// As a failed attempt where what it was based on has changed: the next one starts from what there is then.
pub fn publish(
    tx: &mut Tx<'_>,
    blobs: &BlobStore,
    job: &Job,
    inputs: &Inputs,
    plan: &Limits,
    produced: Produced,
) -> Result<Option<AnyId>, PublishError> {
    Making { tx, blobs, job, inputs, plan }.store(produced).map_err(|error| match error {
        LibraryError::Read(error) => PublishError::Read(error),
        LibraryError::Write(error) => PublishError::Write(error),
        LibraryError::Version { .. } => {
            let message =
                "the storyboard or transcript was edited while it was made anew; it is made again with the edits";
            PublishError::Failed(Failure::new(Reason::Unavailable, message))
        }
        error => PublishError::Failed(failure(&error)),
    })
}

struct Making<'a, 'b> {
    tx: &'a mut Tx<'b>,
    blobs: &'a BlobStore,
    job: &'a Job,
    inputs: &'a Inputs,
    plan: &'a Limits,
}

impl Making<'_, '_> {
    fn store(&mut self, produced: Produced) -> Result<Option<AnyId>, LibraryError> {
        let Produced { transcript, storyboard, mut video, pieces, graphics_ms, tokens } = produced;
        // One that was given to the worker comes back as it is.
        let hears = self.inputs.transcript.is_none() || matches!(self.inputs.order, Order::Transcribe { .. });
        let transcript = transcript.filter(|_| hears);
        // The recording was not removed meanwhile.
        let recording = recording::at_work(self.tx, self.inputs.recording.header.id)?;
        if let Some(content) = &transcript
            && recording.duration_ms != Some(content.text.duration_ms)
        {
            recording::set_duration(self.tx, recording.header.id, content.text.duration_ms)?;
        }
        let transcript = match transcript {
            Some(content) => {
                self.count(metering::Meter::Speech, content.text.duration_ms, Vec::new())?;
                Some(self.heard(&content)?)
            }
            None => match &self.inputs.transcript {
                Some((id, version)) => {
                    let transcript = self.tx.get::<Transcript>(id)?.ok_or(LibraryError::NotFound)?;
                    Some((transcript, version.number))
                }
                None => None,
            },
        };
        let storyboard = match (storyboard, &transcript) {
            (Some(content), Some((transcript, words))) => Some(self.outlined(&content, transcript, *words)?),
            (Some(_), None) => return Err(LibraryError::NotFound),
            (None, _) => match &self.inputs.storyboard {
                Some((id, version)) => {
                    let board = self.tx.get::<Storyboard>(id)?.ok_or(LibraryError::NotFound)?;
                    Some((board, version.number))
                }
                None => None,
            },
        };
        if graphics_ms > 0 {
            self.count(metering::Meter::Graphics, graphics_ms, Vec::new())?;
        }
        for (direction, tokens) in [("asked", tokens.0), ("answered", tokens.1)] {
            if tokens > 0 {
                let what = format!("{} {direction}", self.job.header.id);
                self.count_as(metering::Meter::Tokens, &what, tokens, vec![("direction".into(), direction.into())])?;
            }
        }
        video.sort_by_key(|file| file.role);
        let made = match (&transcript, &storyboard) {
            (Some(transcript), Some(storyboard)) if !video.is_empty() => {
                Some(self.rendered(transcript, storyboard, video)?)
            }
            _ => None,
        };
        self.keep_pieces(&pieces)?;
        // Counted as it was stored; what goes beyond the plan is refused as a whole.
        usage::take(self.tx, Meter::StorageBytes, 0, self.plan)?;
        Ok(made.or_else(|| match self.inputs.order {
            Order::Transcribe { .. } => transcript.map(|(transcript, _)| transcript.header.id.erase()),
            _ => storyboard.map(|(storyboard, _)| storyboard.header.id.erase()),
        }))
    }

    /// The head of what is made: it lies where the recording lies, belongs to who ordered it and is as secret as the recording.
    fn header<K: Noun>(&self) -> Header<K> {
        let (of, job) = (&self.inputs.recording.header, &self.job.header);
        let mut header = Header::new(self.tx.new_id(), of.tenant, of.home, job.owner, DataClass::K6, self.tx.now());
        header.project = of.project;
        header.classification = of.classification;
        header.residency.clone_from(&of.residency);
        header
    }

    fn version(&self, thing: AnyId, stored: Finished, words: u64) -> Version {
        let (by, made) = (self.job.header.owner, self.tx.now());
        let Finished { digest, length: bytes } = stored;
        Version { thing, number: 1, digest, bytes, words, made, by, origin: Origin::Heard }
    }

    fn heard(&mut self, content: &Content<studio::transcript::Transcript>) -> Result<(Transcript, u64), LibraryError> {
        let by = self.job.header.owner;
        let recording = &self.inputs.recording;
        let transcript = match Transcript::of_recording(self.tx, recording.header.id)? {
            Some(mut transcript) => {
                let known = self.inputs.transcript.as_ref().map_or(0, |(_, version)| version.number);
                // Corrections, and redactions that it does not know of, came meanwhile.
                if known != transcript.header.version {
                    return Err(LibraryError::Version { read: known, now: transcript.header.version });
                }
                let version = self.version(transcript.header.id.erase(), content.stored, 0);
                transcript.add(self.tx, self.blobs, &content.text, &version, by, Origin::Heard)?;
                transcript
            }
            None => {
                let header = self.header::<noun::Transcript>();
                let version = self.version(header.id.erase(), content.stored, 1);
                let mut transcript = Transcript {
                    header,
                    recording: recording.header.id,
                    title: recording.title.clone(),
                    language: String::new(),
                    duration_ms: 0,
                    words: 0,
                    digest: content.stored.digest,
                    unsure: 0,
                    certainty: None,
                    corrected: 0,
                };
                transcript.describe(&content.text, content.stored.digest);
                transcript.note_version(self.tx, self.blobs, &version, by, Origin::Heard)?;
                transcript
            }
        };
        let number = transcript.header.version;
        Ok((transcript, number))
    }

    fn outlined(
        &mut self,
        content: &Content<studio::storyboard::Storyboard>,
        transcript: &Transcript,
        words: u64,
    ) -> Result<(Storyboard, u64), LibraryError> {
        let by = self.job.header.owner;
        let storyboard = match &self.inputs.storyboard {
            Some((id, version)) => {
                let mut storyboard = self.tx.get::<Storyboard>(id)?.ok_or(LibraryError::NotFound)?;
                if version.number != storyboard.header.version {
                    return Err(LibraryError::Version { read: version.number, now: storyboard.header.version });
                }
                // The same diagrams about the same words are no new version.
                if version.digest != content.stored.digest || version.words != words {
                    let version = self.version(id.erase(), content.stored, words);
                    storyboard.add(self.tx, self.blobs, &content.text, &version, by, Origin::Outlined)?;
                }
                storyboard
            }
            None => {
                let header = self.header::<noun::Storyboard>();
                let version = self.version(header.id.erase(), content.stored, words);
                let mut storyboard = Storyboard {
                    header,
                    recording: transcript.recording,
                    transcript: transcript.header.id,
                    title: String::new(),
                    theme: String::new(),
                    canvas: (0, 0, 0),
                    scenes: 0,
                    digest: content.stored.digest,
                };
                storyboard.describe(&content.text, content.stored.digest);
                storyboard.note_version(self.tx, self.blobs, &version, by, Origin::Outlined)?;
                storyboard
            }
        };
        let number = storyboard.header.version;
        Ok((storyboard, number))
    }

    fn rendered(
        &mut self,
        (transcript, transcript_version): &(Transcript, u64),
        (storyboard, storyboard_version): &(Storyboard, u64),
        files: Vec<video::File>,
    ) -> Result<AnyId, LibraryError> {
        for file in &files {
            stored::hold(self.tx, self.blobs, Finished { digest: file.digest, length: file.bytes })?;
        }
        let look = self.inputs.order.look();
        let (width, height, fps) = storyboard.canvas;
        let title = if storyboard.title.is_empty() { &self.inputs.recording.title } else { &storyboard.title };
        let video = Video {
            header: self.header(),
            recording: storyboard.recording,
            storyboard: storyboard.header.id,
            storyboard_version: *storyboard_version,
            transcript_version: *transcript_version,
            job: self.job.header.id,
            title: title.clone(),
            theme: look.theme.unwrap_or_else(|| storyboard.theme.clone()),
            canvas: (look.width.unwrap_or(width), look.height.unwrap_or(height), look.fps.unwrap_or(fps)),
            duration_ms: transcript.duration_ms,
            files,
            shared: None,
        };
        usage::add(self.tx, Meter::VideoSeconds, video.duration_ms.div_ceil(1_000))?;
        let (width, height, fps) = video.canvas;
        let look = [("fps", fps), ("height", height), ("width", width)];
        let look: Vec<_> = look.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect();
        let frames = video.duration_ms.saturating_mul(fps.into()).div_ceil(1_000);
        self.count(metering::Meter::Video, video.duration_ms, look.clone())?;
        self.count(metering::Meter::Frames, frames, look)?;
        self.tx.note("video", video.header.id.to_string());
        self.tx.put(&video)?;
        Ok(video.header.id.erase())
    }

    /// Counts what the job has used. However often it is published, each meter is counted once.
    fn count(
        &mut self,
        meter: metering::Meter,
        quantity: u64,
        dimensions: Vec<(String, String)>,
    ) -> Result<(), LibraryError> {
        self.count_as(meter, &self.job.header.id.to_string(), quantity, dimensions)
    }

    /// Counts; `what` tells apart the events of one meter.
    fn count_as(
        &mut self,
        meter: metering::Meter,
        what: &str,
        quantity: u64,
        dimensions: Vec<(String, String)>,
    ) -> Result<(), LibraryError> {
        let job = &self.job.header;
        let mut event = Event::own(meter, what, quantity, self.tx.now());
        event.user = Some(job.owner);
        event.project = self.inputs.recording.header.project.map(|project| project.erase());
        event.job = Some(job.id.erase());
        event.resource = self.inputs.recording.header.id.to_string();
        event.dimensions = dimensions;
        Ok(metering::record(self.tx, vec![event])?)
    }

    /// Leaves finished parts to the next job on the recording.
    fn keep_pieces(&mut self, pieces: &[Piece]) -> Result<(), LibraryError> {
        let recording = self.inputs.recording.header.id.erase();
        Pieces::bequeath(self.tx, self.blobs, self.job.header.id.erase(), recording, pieces)
    }
}
