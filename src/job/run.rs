//! The stages of a job, inside the worker.

use std::path::Path;
use std::time::{Duration, Instant};

use studio::storyboard::Storyboard;
use studio::transcript::{TextFormat, Transcript};

use super::{JobSpec, Stage, Task, hearing, picture};
use crate::console::event::{Event, Output, Role};
use crate::failure::{Failure, Kind};
use crate::files;
use crate::worker::child::Teller;

/// Progress of one stage is told at most this often.
const EVERY: Duration = Duration::from_millis(200);
/// Largest file with a transcript or a storyboard, in bytes.
const TEXT: u64 = 64 << 20;

/// Does the stages that the task asks for.
///
/// # Errors
/// The first stage's that fails; what is finished stays in the work folder.
pub(crate) fn run(spec: &JobSpec, tell: &Teller) -> Result<Vec<Output>, Failure> {
    let hears = spec.transcript.is_none() && !matches!(spec.task, Task::Render | Task::Frame { .. });
    let stages = Stage::ALL.into_iter().filter(|stage| match stage {
        Stage::Transcribe => hears,
        Stage::Outline => matches!(spec.task, Task::Make | Task::Outline),
        Stage::Layout | Stage::Film if matches!(spec.task, Task::Frame { .. }) => true,
        _ => matches!(spec.task, Task::Make | Task::Render),
    });
    tell.event(&Event::Plan { stages: stages.collect() });
    match spec.task {
        Task::Transcribe => {
            let transcript = hearing::transcript(spec, tell)?;
            Ok(vec![keep(spec, Role::Transcript, &transcript.canonical())?])
        }
        Task::Outline => {
            let board = picture::outline(spec, &given_transcript(spec)?, tell)?;
            Ok(vec![keep(spec, Role::Storyboard, &studio::storyboard::write_pretty(&board))?])
        }
        Task::Render => {
            let board = given_storyboard(spec)?;
            let transcript = given_transcript(spec)?;
            picture::film(spec, &board, &transcript, tell)
        }
        Task::Frame { at_ms } => {
            let board = given_storyboard(spec)?;
            let transcript = given_transcript(spec)?;
            Ok(vec![picture::frame(spec, &board, &transcript, at_ms, tell)?])
        }
        _ => {
            let transcript = hearing::transcript(spec, tell)?;
            let board = picture::outline(spec, &transcript, tell)?;
            let mut outputs = vec![
                keep(spec, Role::Transcript, &transcript.canonical())?,
                keep(spec, Role::Storyboard, &studio::storyboard::write_pretty(&board))?,
            ];
            outputs.extend(picture::film(spec, &board, &transcript, tell)?);
            Ok(outputs)
        }
    }
}

/// Writes a result into the work folder.
///
/// # Errors
/// When the disk refuses.
pub(super) fn keep(spec: &JobSpec, role: Role, bytes: &[u8]) -> Result<Output, Failure> {
    let path = spec.work.join(format!("result{}", role.suffix()));
    files::write_atomic(&path, bytes)
        .map_err(|e| Failure::new(Kind::Failed, "cannot be written").file(&path).because(&e))?;
    Ok(Output { role, path })
}

/// Reads a transcript in JSON.
pub(super) fn read_transcript(path: &Path) -> Result<Transcript, Failure> {
    let bytes = files::read_small(path, TEXT)?;
    studio::transcript::read(&bytes, TextFormat::Json, "und").map_err(|e| Failure::of(Kind::BadInput, &e).file(path))
}

/// Reads a storyboard.
pub(super) fn read_storyboard(path: &Path) -> Result<Storyboard, Failure> {
    let bytes = files::read_small(path, TEXT)?;
    studio::storyboard::read(&bytes).map_err(|e| Failure::of(Kind::BadInput, &e).file(path))
}

fn given_storyboard(spec: &JobSpec) -> Result<Storyboard, Failure> {
    let path = spec.storyboard.as_ref().ok_or_else(|| Failure::new(Kind::Usage, "the job names no storyboard"))?;
    let mut board = read_storyboard(path)?;
    spec.look.apply(&mut board);
    Ok(board)
}

fn given_transcript(spec: &JobSpec) -> Result<Transcript, Failure> {
    let path = spec.transcript.as_ref().ok_or_else(|| Failure::new(Kind::Usage, "the job names no transcript"))?;
    read_transcript(path)
}

/// Tells the progress of one stage, not too often.
pub(super) struct Pace<'a> {
    tell: &'a Teller,
    stage: Stage,
    resumed: f64,
    told: Option<Instant>,
}

impl<'a> Pace<'a> {
    /// Begins a stage.
    pub(super) fn begin(tell: &'a Teller, stage: Stage) -> Self {
        let mut pace = Self { tell, stage, resumed: 0.0, told: None };
        pace.at(0.0);
        pace
    }

    /// An earlier run has come this far.
    pub(super) fn resumed(&mut self, share: f64) {
        self.resumed = share;
        self.told = None;
        self.at(share);
    }

    /// An earlier run has done all of the stage.
    pub(super) fn resumed_whole(mut self) {
        self.resumed(1.0);
    }

    /// The stage is this far.
    pub(super) fn at(&mut self, share: f64) {
        let now = Instant::now();
        if self.told.is_none_or(|told| now - told >= EVERY) {
            self.told = Some(now);
            self.tell.progress(self.stage, share.clamp(0.0, 1.0), self.resumed);
        }
    }

    /// The stage is done.
    pub(super) fn done(mut self) {
        self.told = None;
        self.at(1.0);
    }
}
