//! What belongs to a storyboard and lies beside it: the transcript, the recording.

use std::path::{Path, PathBuf};

use clap::Args;
use studio::storyboard::Storyboard;
use studio::transcript::Transcript;

use super::input::{RecordingFile, read_transcript, stem};
use crate::console::Console;
use crate::console::event::Role;
use crate::failure::{Failure, Kind};
use crate::files;
use crate::job::Recording;
use crate::worker::Stop;

/// Endings of recordings that are looked for beside a storyboard.
const RECORDINGS: &[&str] =
    &["m4a", "wav", "mp3", "flac", "ogg", "opus", "webm", "mov", "mkv", "aac", "m4b", "oga", "mp4"];
/// Largest storyboard in bytes.
const BOARD: u64 = 32 << 20;

/// Where the talk of a storyboard is, when not beside it.
#[derive(Debug, Args)]
pub(super) struct TalkArgs {
    /// Transcript (.json), subtitles or text with the words of the storyboard
    #[arg(long, value_name = "FILE")]
    transcript: Option<PathBuf>,
    /// The recording
    #[arg(long, value_name = "FILE", conflicts_with = "silent")]
    audio: Option<PathBuf>,
    /// Without a voice, even if the recording is there
    #[arg(long)]
    silent: bool,
}

/// A storyboard that was given.
pub(super) struct BoardFile {
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// Absolute path.
    pub(super) path: PathBuf,
    /// What is in it.
    pub(super) board: Storyboard,
}

impl BoardFile {
    /// Reads the storyboard at `path`.
    ///
    /// # Errors
    /// When the file cannot be read or is no storyboard.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = files::read_small(path, BOARD)?;
        let real = path.canonicalize().map_err(|e| files::unreadable(path, &e))?;
        let board = studio::storyboard::read(&bytes)
            .map_err(|e| Failure::of(Kind::BadInput, &e).file(path).remedy("audiagram validate, which shows where"))?;
        Ok(Self { bytes, path: real, board })
    }

    /// The given transcript, else the one beside the storyboard; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn transcript(&self, talk: &TalkArgs) -> Result<Option<Transcript>, Failure> {
        let beside = self.transcript_path();
        match &talk.transcript {
            Some(given) => read_transcript(given, &self.board.lang).map(Some),
            None if beside.exists() => read_transcript(&beside, &self.board.lang).map(Some),
            None => Ok(None),
        }
    }

    /// The failure of what needs the transcript and has none.
    pub(super) fn no_transcript(&self) -> Failure {
        Failure::new(Kind::BadInput, "the transcript of the storyboard is missing")
            .file(self.transcript_path())
            .remedy("--transcript FILE with the words that the storyboard was made from")
    }

    fn transcript_path(&self) -> PathBuf {
        self.path.with_file_name(format!("{}{}", stem(&self.path), Role::Transcript.suffix()))
    }

    /// The given recording, else the one beside the storyboard with the content that the storyboard names; none where silence is asked
    /// for.
    ///
    /// # Errors
    /// When it cannot be read, and when asked to stop.
    pub(super) fn recording(
        &self,
        talk: &TalkArgs,
        console: &Console,
        stop: &Stop,
    ) -> Result<Option<Recording>, Failure> {
        if talk.silent {
            return Ok(None);
        }
        let expected = self.board.source.audio_sha256.as_deref();
        if let Some(given) = &talk.audio {
            if given == Path::new("-") {
                return Err(Failure::new(Kind::Usage, "the recording of a storyboard must be a file"));
            }
            let recording = RecordingFile::open(given)?;
            let sha256 = files::digest_file(&recording.path, stop)?;
            if expected.is_some_and(|expected| expected != sha256) {
                console.warn(format!("{} is not the recording that the storyboard was made from", given.display()));
            }
            return Ok(Some(Recording { path: recording.path, sha256 }));
        }
        let Some(expected) = expected else { return Ok(None) };
        let name = stem(&self.path);
        for ending in RECORDINGS {
            let candidate = self.path.with_file_name(format!("{name}.{ending}"));
            if candidate.is_file() && files::digest_file(&candidate, stop)? == expected {
                return Ok(Some(Recording { path: candidate, sha256: expected.to_owned() }));
            }
        }
        console.warn("the recording is not beside the storyboard: no voice without it; --audio FILE gives it");
        Ok(None)
    }
}
