//! The worker's side: reading the job, confining itself, working, telling.

use std::io::{BufRead, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use media::encode::Coder;
use serde::Deserialize as _;
use serde_json::Value;
use studio::outline::assist::MOST_BYTES;

use super::sandbox::{self, Paths};
use crate::console::event::{Event, Level, Output};
use crate::console::{json_line, log_to_stderr};
use crate::failure::{Failure, Kind};
use crate::job::graphics::Found;
use crate::job::{JobSpec, SCHEMA, Stage, Task, hearing::engine, run};

/// Largest job in bytes.
const SPEC: u64 = 4 << 20;

/// Does the job on standard input. The last line on standard output tells how it ended; so does the exit code.
pub(crate) fn work() -> Result<(), Kind> {
    let tell = Teller;
    let done = read_spec().and_then(|spec| {
        // A panic is a defect of ours; the person gets a sentence and the parent a typed error all the same.
        catch_unwind(AssertUnwindSafe(|| confined(&spec, &tell))).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            Err(Failure::new(Kind::Failed, format!("defect in the worker: {text}")))
        })
    });
    match done {
        Ok(outputs) => {
            tell.event(&Event::Done { outputs });
            Ok(())
        }
        Err(failure) => {
            let kind = failure.kind;
            tell.event(&Event::Error(failure));
            Err(kind)
        }
    }
}

fn read_spec() -> Result<JobSpec, Failure> {
    // Whoever started this worker has gone when its end is not told here: nobody would read the result.
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    // Up to its closing brace: replies of a language model may follow.
    let mut input = serde_json::Deserializer::from_reader(std::io::stdin().lock().take(SPEC));
    let spec = JobSpec::deserialize(&mut input).map_err(|e| {
        Failure::new(Kind::Usage, "standard input is not a job")
            .because(&e)
            .remedy("`audiagram make`, which writes the job and starts the worker")
    })?;
    if spec.schema != SCHEMA {
        return Err(Failure::new(Kind::Usage, format!("unknown job schema `{}`; this is {SCHEMA}", spec.schema)));
    }
    Ok(spec)
}

fn confined(spec: &JobSpec, tell: &Teller) -> Result<Vec<Output>, Failure> {
    log_to_stderr(spec.verbose);
    let report = sandbox::confine(&paths(spec), &spec.limits, spec.sandbox)?;
    tell.event(&Event::Sandbox(report));
    match &spec.task {
        Task::Probe => {
            if spec.look.rasterizer.looks() {
                tell.event(&Event::Graphics(spec.look.rasterizer.open().found()));
            }
            if spec.look.encoder.looks() {
                let found = match spec.look.encoder.coder(&spec.work) {
                    (Coder::X264, reason) => Found::None(reason.unwrap_or_default()),
                    (coder, _) => Found::Hardware(coder.name()),
                };
                tell.event(&Event::Encoder(found));
            }
            if spec.hearing.looks() {
                tell.event(&Event::Engine(engine(spec.hearing.device)));
            }
            Ok(Vec::new())
        }
        #[cfg(debug_assertions)]
        Task::Escape(escape) => super::escape::attempt(escape, spec, tell),
        Task::Make | Task::Transcribe | Task::Outline | Task::Render | Task::Frame { .. } => run::run(spec, tell),
    }
}

/// The files of the job, and nothing else.
fn paths(spec: &JobSpec) -> Paths {
    let recording = spec.recording.as_ref().map(|r| r.path.clone());
    let hearing = [spec.hearing.model.clone(), spec.hearing.detector.clone()];
    let given = [recording, spec.transcript.clone(), spec.redactions.clone(), spec.storyboard.clone()];
    let given = given.into_iter().chain(hearing);
    let makes = matches!(spec.task, Task::Make | Task::Render | Task::Probe);
    let draws = makes && spec.look.rasterizer.looks();
    let codes = makes && spec.look.encoder.looks();
    let hears = matches!(spec.task, Task::Make | Task::Transcribe | Task::Probe) && spec.hearing.looks();
    let graphics = (cfg!(feature = "gpu") && draws) || codes || hears;
    Paths { read: given.flatten().collect(), write: vec![spec.work.clone()], graphics }
}

/// Tells events on standard output.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Teller;

impl Teller {
    /// Tells one event. When nobody listens any more the result is of no use to anybody, and the process ends; what
    /// it has finished stays in the work folder.
    pub(crate) fn event(self, event: &Event) {
        let mut out = std::io::stdout().lock();
        if writeln!(out, "{}", json_line(event)).and_then(|()| out.flush()).is_err() {
            std::process::exit(i32::from(Kind::Failed.exit_code()));
        }
    }

    /// Has whoever started this worker ask the language model.
    ///
    /// # Errors
    /// Theirs; or that they have no language model.
    pub(crate) fn ask(self, body: Value) -> Result<Value, Failure> {
        self.event(&Event::Ask { body });
        let none = || Failure::new(Kind::Unreachable, "nobody passes questions on to a language model");
        let mut input = std::io::stdin().lock().take(2 * MOST_BYTES as u64);
        let mut line = Vec::new();
        while line.trim_ascii().is_empty() {
            line.clear();
            if input.read_until(b'\n', &mut line).map_err(|e| none().because(&e))? == 0 {
                return Err(none());
            }
        }
        serde_json::from_slice(&line).map_err(|e| none().because(&e))?
    }

    /// Tells that a graphics processor has worked for the job since `begun`.
    pub(crate) fn worked(self, begun: Instant) {
        self.event(&Event::Worked { graphics_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX) });
    }

    /// Tells something a person may want to know.
    pub(crate) fn note(self, level: Level, text: impl Into<String>) {
        self.event(&Event::Note { level, text: text.into() });
    }

    /// Tells how far a stage is, of which an earlier run has done `resumed`.
    pub(crate) fn progress(self, stage: Stage, share: f64, resumed: f64) {
        self.event(&Event::Progress { stage, share, resumed });
    }
}
