//! `audiagram make`: from a recording to a video.

use std::path::{Path, PathBuf};

use clap::Args;
#[cfg(feature = "appliance")]
use serde_json::Value;

use super::input::{RecordingFile, stem};
use super::model;
use super::options::{HearingArgs, LookArgs, WorkerArgs};
use super::perform::{Places, perform, tell_current, tell_made};
use crate::console::Console;
use crate::console::event::Role;
use crate::failure::{Failure, Kind};
use crate::files;
use crate::job::assist::nobody;
use crate::job::work::WorkFolder;
use crate::job::{Hearing, JobSpec, Recording, SCHEMA, Task, hearing, made};
use crate::worker::Stop;

/// Make a video from a recording
///
/// Writes NAME.mp4, NAME.srt, NAME.vtt, NAME.chapters.vtt, NAME.descriptions.vtt, NAME.html (a page to read instead of
/// watching), NAME.png (poster), NAME.transcript.json and NAME.storyboard.json beside the recording. What you changed in the transcript or the storyboard is kept when you make the video again. A run that
/// was stopped goes on where it stopped.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  audiagram make talk.m4a
  audiagram make talk.mp4 --lang en --glossary \"Audiagram, redb\" --out videos
  audiagram make lecture.webm --theme dark --size 720p --progress json")]
pub(crate) struct Make {
    /// The recording: wav, mp3, m4a, flac, ogg, opus, webm, mp4, mov, mkv; `-` reads standard input
    input: PathBuf,
    /// Folder of the results; the recording's own when absent
    #[arg(short, long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Start over, and replace files that audiagram did not make
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    hearing: HearingArgs,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    worker: WorkerArgs,
    #[cfg(feature = "appliance")]
    #[command(flatten)]
    language_model: super::language_model::LanguageModelArgs,
}

impl Make {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let stop = Stop::listen()?;
        let recording = RecordingFile::open(&self.input)?;
        let name = stem(&self.input);
        // Standard input has no folder of its own.
        let beside = if self.input == Path::new("-") { Path::new("./recording") } else { &recording.path };
        let places = Places::new(beside, name.clone(), self.out.as_deref())?;
        if !self.force {
            places.refuse_strangers()?;
        }
        for role in [Role::Transcript, Role::Storyboard] {
            files::check_file(&places.path(role))?;
        }
        let sha256 = files::digest_file(&recording.path, &stop)?;
        let look = self.look.look(&name, None);
        #[cfg(feature = "appliance")]
        let (assistant, server) = self.language_model.assistant()?.unzip();
        #[cfg(not(feature = "appliance"))]
        let assistant = None;
        let video = places.path(look.container.role());
        let key = self.key(&sha256)?;
        if let Some(outputs) = made::current(&video, &key).filter(|_| !self.force) {
            tell_current(console, outputs);
            return Ok(());
        }
        let before = match existing(&places.path(Role::Transcript), &sha256) {
            // What cannot be read cannot be kept either, and was asked to be replaced.
            Err(_) if self.force => None,
            before => before?,
        };
        let (kept, replaced) = if self.force { (None, before) } else { (before, None) };
        if let Some(kept) = kept.as_ref().filter(|_| self.hearing.asks()) {
            let kept = kept.display();
            console.info(format!("{kept} is used as it is, corrections and all; --force hears the recording again"));
        }
        let model = match kept {
            Some(_) => None,
            None => Some(model::resolve(self.hearing.model.as_deref())?),
        };
        let work = WorkFolder::open(&sha256)?;
        if self.force {
            work.empty();
        }
        let storyboard = places.path(Role::Storyboard);
        let spec = JobSpec {
            schema: SCHEMA.to_owned(),
            task: Task::Make,
            recording: Some(Recording { path: recording.path.clone(), sha256 }),
            transcript: kept,
            redactions: replaced,
            storyboard: storyboard.exists().then_some(storyboard),
            work: work.dir().to_owned(),
            hearing: hearing_of(&self.hearing, model.as_ref())?,
            look,
            assistant,
            limits: self.worker.limits(model.as_ref().map_or(0, |m| m.bytes)),
            sandbox: self.worker.sandbox,
            verbose: console.verbose,
        };
        let heard = hearing::file_name(&spec);
        if !self.force {
            work.recall(&heard);
        }
        #[cfg(feature = "appliance")]
        let mut ask = |body: &Value| match &server {
            Some(server) => server.ask(body, &mut || stop.asked().is_some()),
            None => nobody(body),
        };
        #[cfg(not(feature = "appliance"))]
        let mut ask = nobody;
        let outputs = perform(console, &spec, &stop, &mut ask)?;
        work.remember(&heard);
        keep_corrected(&places.path(Role::Transcript), spec.transcript.is_some())?;
        let outputs = places.publish(outputs)?;
        made::note(&video, &key, &outputs);
        work.remove();
        super::review::tell_of(console, &places.path(Role::Storyboard));
        tell_made(console, outputs);
        Ok(())
    }

    /// Stands for everything that the results depend on but themselves.
    fn key(&self, sha256: &str) -> Result<String, Failure> {
        let hearing = (&self.hearing.model, &self.hearing.lang, self.hearing.terms()?, self.hearing.hearing);
        #[cfg(feature = "appliance")]
        let again = self.language_model.key();
        #[cfg(not(feature = "appliance"))]
        let again = ();
        let key = (env!("CARGO_PKG_VERSION"), sha256, hearing, self.look.look("", None), again);
        Ok(files::digest(&serde_json::to_vec(&key).expect("a key is plain data")))
    }
}

/// The hearing part of a job.
pub(super) fn hearing_of(args: &HearingArgs, model: Option<&model::Resolved>) -> Result<Hearing, Failure> {
    Ok(Hearing {
        model: model.map(|m| m.path.clone()),
        detector: model.map(|m| m.detector.clone()),
        model_name: model.map(|m| m.name.clone()).unwrap_or_default(),
        lang: args.lang.clone(),
        glossary: args.terms()?,
        threads: args.threads(),
        device: args.hearing,
    })
}

/// The transcript at `path`, if it was heard from this recording: it may carry corrections, and hearing again would
/// only lose them.
///
/// # Errors
/// When there is a transcript that cannot be read: it is somebody's work and must not be overwritten.
fn existing(path: &Path, sha256: &str) -> Result<Option<PathBuf>, Failure> {
    if !path.exists() {
        return Ok(None);
    }
    let transcript = super::input::read_transcript(path, "")
        .map_err(|e| if e.kind == Kind::BadInput { e.remedy("mend it, move it away, or --force") } else { e })?;
    Ok((transcript.audio_sha256.as_deref() == Some(sha256)).then(|| path.to_owned()))
}

/// Before a transcript that was heard anew replaces one that may have been corrected, puts the old one aside.
fn keep_corrected(path: &Path, reused: bool) -> Result<(), Failure> {
    if reused || !path.exists() {
        return Ok(());
    }
    let aside = path.with_extension("previous.json");
    std::fs::read(path).and_then(|b| files::write_atomic(&aside, &b)).map_err(|e| files::unwritable(&aside, &e))
}
