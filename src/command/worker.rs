//! `audiagram worker`: one job from standard input, progress on standard output.

use clap::Args;

use crate::failure::Kind;
use crate::worker::child;

/// Do one job from a spec on standard input, with JSON progress on standard output
#[derive(Debug, Args)]
pub(crate) struct Worker {
    #[cfg(debug_assertions)]
    #[command(flatten)]
    attempt: attempt::Attempt,
}

impl Worker {
    /// Runs the job; its failure is told on standard output, and its kind decides the exit code.
    pub(crate) fn run(&self) -> Result<(), Kind> {
        #[cfg(debug_assertions)]
        if let Some(way) = self.attempt.attempt {
            return self.attempt.run(way);
        }
        child::work()
    }
}

/// The parent of a worker that tries to break out, for the tests.
#[cfg(debug_assertions)]
mod attempt {
    use std::path::PathBuf;

    use clap::Args;

    use crate::console::event::{Event, Level};
    use crate::console::{json_line, print};
    use crate::failure::Kind;
    use crate::job::assist::nobody;
    use crate::job::{Hearing, JobSpec, Limits, Look, Policy, SCHEMA, Task};
    use crate::worker::escape::{Escape, Way};
    use crate::worker::{Stop, launch};

    #[derive(Debug, Args)]
    pub(super) struct Attempt {
        /// Start a worker that tries to break out this way
        #[arg(long, hide = true, value_enum)]
        pub(super) attempt: Option<Way>,
        /// A file of somebody else
        #[arg(long, hide = true, default_value = "/etc/passwd")]
        secret: PathBuf,
        /// A port where somebody listens
        #[arg(long, hide = true, default_value_t = 9)]
        port: u16,
        /// The worker's folder
        #[arg(long, hide = true, default_value = ".")]
        work: PathBuf,
        /// Deadline
        #[arg(long, hide = true, default_value_t = 20_000)]
        deadline_ms: u64,
        /// Without the sandbox, to see that the attempts are real
        #[arg(long, hide = true)]
        unconfined: bool,
    }

    impl Attempt {
        pub(super) fn run(&self, way: Way) -> Result<(), Kind> {
            let spec = JobSpec {
                schema: SCHEMA.to_owned(),
                task: Task::Escape(Escape { way, secret: self.secret.clone(), port: self.port }),
                recording: None,
                transcript: None,
                redactions: None,
                storyboard: None,
                work: self.work.clone(),
                hearing: Hearing::default(),
                look: Look::default(),
                assistant: None,
                limits: Limits { deadline_ms: self.deadline_ms, ..Limits::default() },
                sandbox: if self.unconfined { Policy::Off } else { Policy::Prefer },
                verbose: 0,
            };
            let tell = |event: &Event| {
                let _ = print(&format!("{}\n", json_line(event)));
            };
            let ended = Stop::listen()
                .and_then(|stop| launch(&spec, &mut |_| (), &mut || stop.asked(), &mut nobody, &mut { tell }));
            match ended {
                Ok(_) => {
                    tell(&Event::Note { level: Level::Info, text: "parent: unaffected".to_owned() });
                    Ok(())
                }
                Err(failure) => {
                    let kind = failure.kind;
                    tell(&Event::Error(failure));
                    Err(kind)
                }
            }
        }
    }
}
