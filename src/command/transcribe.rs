//! `audiagram transcribe`: from a recording to words.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use studio::transcript::{Transcript, cues, srt, turns, vtt};

use super::input::{RecordingFile, read_transcript};
use super::make::hearing_of;
use super::model;
use super::options::{HearingArgs, WorkerArgs};
use super::perform::perform;
use crate::console::{self, Console};
use crate::failure::{Failure, Kind};
use crate::files;
use crate::job::assist::nobody;
use crate::job::work::WorkFolder;
use crate::job::{JobSpec, Look, Recording, SCHEMA, Task, hearing};
use crate::worker::Stop;

/// Print what is said in a recording
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  audiagram transcribe talk.m4a
  audiagram transcribe talk.m4a -o talk.srt
  audiagram transcribe - --format json < talk.ogg")]
pub(crate) struct Transcribe {
    /// The recording; `-` reads standard input
    input: PathBuf,
    /// File to write; standard output when absent or `-`
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Format; by the ending of --out, else txt
    #[arg(short, long, value_enum)]
    format: Option<Format>,
    /// Start over although an earlier run has heard the recording
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    hearing: HearingArgs,
    #[command(flatten)]
    worker: WorkerArgs,
}

/// What a transcript is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Words with times and confidence, `studio.transcript/1`
    Json,
    /// Text, one paragraph a speaker's turn
    Txt,
    /// SubRip captions
    Srt,
    /// WebVTT captions
    Vtt,
}

impl Transcribe {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let stop = Stop::listen()?;
        let out = self.out.as_deref().filter(|path| *path != Path::new("-"));
        if let Some(out) = out {
            files::check_target(out)?;
        }
        let recording = RecordingFile::open(&self.input)?;
        let model = model::resolve(self.hearing.model.as_deref())?;
        let sha256 = files::digest_file(&recording.path, &stop)?;
        let work = WorkFolder::open(&sha256)?;
        let spec = JobSpec {
            schema: SCHEMA.to_owned(),
            task: Task::Transcribe,
            recording: Some(Recording { path: recording.path, sha256 }),
            transcript: None,
            redactions: None,
            storyboard: None,
            work: work.dir().to_owned(),
            hearing: hearing_of(&self.hearing, Some(&model))?,
            look: Look::default(),
            assistant: None,
            limits: self.worker.limits(model.bytes),
            sandbox: self.worker.sandbox,
            verbose: console.verbose,
        };
        let heard = hearing::file_name(&spec);
        if self.force {
            work.empty();
        } else {
            work.recall(&heard);
        }
        let outputs = perform(console, &spec, &stop, &mut nobody)?;
        work.remember(&heard);
        let result = outputs.first().ok_or_else(|| Failure::new(Kind::Failed, "the worker made no transcript"))?;
        let transcript = read_transcript(&result.path, "und")?;
        if transcript.words.is_empty() {
            console.warn("no speech was heard in the recording");
        }
        let text = self.text(&transcript);
        match out {
            Some(out) => files::write_atomic(out, text.as_bytes()).map_err(|e| files::unwritable(out, &e))?,
            None => console::print(&text)?,
        }
        work.remove();
        Ok(())
    }

    fn text(&self, transcript: &Transcript) -> String {
        let by_name = || match self.out.as_deref()?.extension()?.to_str()? {
            "json" => Some(Format::Json),
            "srt" => Some(Format::Srt),
            "vtt" => Some(Format::Vtt),
            _ => None,
        };
        match self.format.or_else(by_name).unwrap_or(Format::Txt) {
            Format::Json => String::from_utf8_lossy(&transcript.canonical()).into_owned() + "\n",
            Format::Srt => srt(&cues(transcript)),
            Format::Vtt => vtt(&cues(transcript), &transcript.lang),
            Format::Txt => turns(transcript),
        }
    }
}
