//! `audiagram render`: from a storyboard to a video.

use std::path::{Path, PathBuf};

use clap::Args;
use studio::storyboard::Storyboard;

use super::input::{RecordingFile, read_transcript, stem};
use super::options::{LookArgs, WorkerArgs};
use super::perform::{Places, perform, tell_made};
use crate::console::Console;
use crate::console::event::Role;
use crate::failure::{Failure, Kind};
use crate::files;
use crate::job::work::WorkFolder;
use crate::job::{Hearing, JobSpec, Recording, SCHEMA, Task};
use crate::worker::Stop;

/// Endings of recordings that are looked for beside a storyboard.
const RECORDINGS: &[&str] =
    &["m4a", "wav", "mp3", "flac", "ogg", "opus", "webm", "mov", "mkv", "aac", "m4b", "oga", "mp4"];
/// Largest storyboard in bytes.
const BOARD: u64 = 32 << 20;

/// Make the video of a storyboard
///
/// The transcript and the recording are looked for beside the storyboard: NAME.transcript.json, and the recording that
/// the storyboard was made from. Without a recording the video is silent.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  audiagram render talk.storyboard.json
  audiagram render talk.storyboard.json --audio talk.m4a --size 9:16 --out shorts
  audiagram render talk.storyboard.json --frame 12.5
  audiagram render plan.json --transcript plan.srt --silent")]
pub(crate) struct Render {
    /// The storyboard
    board: PathBuf,
    /// Transcript (.json), subtitles or text with the words of the storyboard
    #[arg(long, value_name = "FILE")]
    transcript: Option<PathBuf>,
    /// The recording
    #[arg(long, value_name = "FILE", conflicts_with = "silent")]
    audio: Option<PathBuf>,
    /// Without a voice, even if the recording is there
    #[arg(long)]
    silent: bool,
    /// Only the frame at this moment, as NAME.frame.png
    #[arg(long, value_name = "SECONDS", value_parser = moment)]
    frame: Option<u64>,
    /// Folder of the results; the storyboard's own when absent
    #[arg(short, long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Replace files that audiagram did not make
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    worker: WorkerArgs,
}

/// Milliseconds of a moment in seconds, within the longest recording.
fn moment(text: &str) -> Result<u64, String> {
    let seconds: f64 = text.parse().map_err(|_| "seconds, such as 12.5".to_owned())?;
    let inside = (0.0..=43_200.0).contains(&seconds);
    if inside { Ok((seconds * 1000.0).round() as u64) } else { Err("0 to 43200 seconds".to_owned()) }
}

impl Render {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let stop = Stop::listen()?;
        let bytes = files::read_small(&self.board, BOARD)?;
        let path = self.board.canonicalize().map_err(|e| files::unreadable(&self.board, &e))?;
        let board = studio::storyboard::read(&bytes).map_err(|e| {
            Failure::of(Kind::BadInput, &e).file(&self.board).remedy("audiagram validate, which shows where")
        })?;
        let name = stem(&path);
        let recording = if self.frame.is_some() { None } else { self.recording(&board, &path, console, &stop)? };
        // What must not be overwritten is the recording.
        let input = recording.as_ref().map_or(&path, |r| &r.path);
        let out = self.out.as_deref().unwrap_or_else(|| files::folder_of(&path));
        let places = Places::new(input, name.clone(), Some(out))?;
        if !self.force && self.frame.is_none() && path != places.path(Role::Storyboard) {
            places.refuse_strangers()?;
        }
        // A frame needs a folder of its own: what is unfinished of the video must stay.
        let own = if self.frame.is_some() { b"frame".as_slice() } else { b"" };
        let key = recording.as_ref().map_or_else(|| files::digest(&[&bytes, own].concat()), |r| r.sha256.clone());
        let work = WorkFolder::open(&key)?;
        let transcript = self.transcript(&board, &path, &work)?;
        let spec = JobSpec {
            schema: SCHEMA.to_owned(),
            task: self.frame.map_or(Task::Render, |at_ms| Task::Frame { at_ms }),
            recording,
            transcript: Some(transcript),
            redactions: None,
            storyboard: Some(path),
            work: work.dir().to_owned(),
            hearing: Hearing::default(),
            look: self.look.look(&name, Some(board.canvas)),
            limits: self.worker.limits(0),
            sandbox: self.worker.sandbox,
            verbose: console.verbose,
        };
        let outputs = places.publish(perform(console, &spec, &stop)?)?;
        work.remove();
        tell_made(console, outputs);
        Ok(())
    }

    /// The transcript as JSON: the given one, the one beside the storyboard.
    fn transcript(&self, board: &Storyboard, path: &Path, work: &WorkFolder) -> Result<PathBuf, Failure> {
        let beside = path.with_file_name(format!("{}{}", stem(path), Role::Transcript.suffix()));
        let given = match &self.transcript {
            Some(given) => given.clone(),
            None if beside.exists() => beside,
            None => {
                return Err(Failure::new(Kind::BadInput, "the transcript of the storyboard is missing")
                    .file(beside)
                    .remedy("--transcript FILE with the words that the storyboard was made from"));
            }
        };
        let transcript = read_transcript(&given, &board.lang)?;
        let copy = work.dir().join("given.transcript.json");
        files::write_atomic(&copy, &transcript.canonical()).map_err(|e| files::unwritable(&copy, &e))?;
        Ok(copy)
    }

    /// The recording: the given one, or the one beside the storyboard with the content that the storyboard names.
    fn recording(
        &self,
        board: &Storyboard,
        path: &Path,
        console: &Console,
        stop: &Stop,
    ) -> Result<Option<Recording>, Failure> {
        if self.silent {
            return Ok(None);
        }
        let expected = board.source.audio_sha256.as_deref();
        if let Some(given) = &self.audio {
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
        let name = stem(path);
        for ending in RECORDINGS {
            let candidate = path.with_file_name(format!("{name}.{ending}"));
            if candidate.is_file() && files::digest_file(&candidate, stop)? == expected {
                return Ok(Some(Recording { path: candidate, sha256: expected.to_owned() }));
            }
        }
        console
            .warn("the recording is not beside the storyboard: the video is silent; --audio FILE gives it its voice");
        Ok(None)
    }
}
