//! `audiagram render`: from a storyboard to a video.

use std::path::PathBuf;

use clap::Args;

use super::beside::{BoardFile, TalkArgs};
use super::input::stem;
use super::options::{LookArgs, WorkerArgs};
use super::perform::{Places, perform, tell_made};
use crate::console::Console;
use crate::console::event::Role;
use crate::failure::Failure;
use crate::files;
use crate::job::assist::nobody;
use crate::job::work::WorkFolder;
use crate::job::{Hearing, JobSpec, SCHEMA, Task};
use crate::worker::Stop;

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
    #[command(flatten)]
    talk: TalkArgs,
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
        let given = BoardFile::read(&self.board)?;
        let BoardFile { bytes, path, board } = &given;
        let name = stem(path);
        let recording = if self.frame.is_some() { None } else { given.recording(&self.talk, console, &stop)? };
        // What must not be overwritten is the recording.
        let input = recording.as_ref().map_or(path, |r| &r.path);
        let out = self.out.as_deref().unwrap_or_else(|| files::folder_of(path));
        let places = Places::new(input, name.clone(), Some(out))?;
        if !self.force && self.frame.is_none() && *path != places.path(Role::Storyboard) {
            places.refuse_strangers()?;
        }
        // A frame needs a folder of its own: what is unfinished of the video must stay.
        let own = if self.frame.is_some() { b"frame".as_slice() } else { b"" };
        let key =
            recording.as_ref().map_or_else(|| files::digest(&[bytes.as_slice(), own].concat()), |r| r.sha256.clone());
        let work = WorkFolder::open(&key)?;
        let transcript = self.transcript(&given, &work)?;
        let spec = JobSpec {
            schema: SCHEMA.to_owned(),
            task: self.frame.map_or(Task::Render, |at_ms| Task::Frame { at_ms }),
            recording,
            transcript: Some(transcript),
            redactions: None,
            storyboard: Some(path.clone()),
            work: work.dir().to_owned(),
            hearing: Hearing::default(),
            look: self.look.look(&name, Some(board.canvas)),
            assistant: None,
            limits: self.worker.limits(0),
            sandbox: self.worker.sandbox,
            verbose: console.verbose,
        };
        let outputs = places.publish(perform(console, &spec, &stop, &mut nobody)?)?;
        work.remove();
        tell_made(console, outputs);
        Ok(())
    }

    /// The transcript as JSON: the given one, the one beside the storyboard.
    fn transcript(&self, given: &BoardFile, work: &WorkFolder) -> Result<PathBuf, Failure> {
        let transcript = given.transcript(&self.talk)?.ok_or_else(|| given.no_transcript())?;
        let copy = work.dir().join("given.transcript.json");
        files::write_atomic(&copy, &transcript.canonical()).map_err(|e| files::unwritable(&copy, &e))?;
        Ok(copy)
    }
}
