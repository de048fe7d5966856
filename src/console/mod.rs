//! How the program talks to a person or a machine: progress, notes and errors on standard error.

mod display;
pub(crate) mod event;
#[cfg(feature = "appliance")]
pub(crate) mod recent;
#[cfg(feature = "appliance")]
pub(crate) mod table;

use std::io::{IsTerminal, Write};

use clap::{Args, ValueEnum};
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::failure::Failure;
use display::Display;
use event::{Event, Level};

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConsoleArgs {
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Log to standard error; twice for more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// How progress is told on standard error
    #[arg(long, global = true, value_enum, default_value_t = Mode::Auto, value_name = "HOW")]
    progress: Mode,
}

/// How progress is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// A bar on a terminal, lines elsewhere
    Auto,
    /// A bar with stage, share and time left
    Bar,
    /// Plain lines: one for each stage, and one every ten seconds
    Plain,
    /// JSON lines for machines, errors included
    Json,
    /// Nothing
    None,
}

/// The console of one run.
#[derive(Debug)]
pub(crate) struct Console {
    mode: Mode,
    quiet: bool,
    /// 0 to 2.
    pub(crate) verbose: u8,
}

impl Console {
    /// A console as asked for; logging starts with it.
    pub(crate) fn new(args: &ConsoleArgs) -> Self {
        let mode = match args.progress {
            _ if args.quiet && args.progress != Mode::Json => Mode::None,
            Mode::Auto if std::io::stderr().is_terminal() && args.verbose == 0 => Mode::Bar,
            Mode::Auto => Mode::Plain,
            mode => mode,
        };
        let verbose = args.verbose.min(2);
        log_to_stderr(verbose);
        Self { mode, quiet: args.quiet, verbose }
    }

    /// A display for one job.
    pub(crate) fn display(&self) -> Display {
        Display::new(self.mode)
    }

    /// Whether only errors are told.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// A line that is good to know.
    pub(crate) fn info(&self, text: impl Into<String>) {
        self.note(Level::Info, text.into());
    }

    /// A line that may matter.
    pub(crate) fn warn(&self, text: impl Into<String>) {
        self.note(Level::Warn, text.into());
    }

    fn note(&self, level: Level, text: String) {
        match self.mode {
            Mode::Json => err_line(&json_line(&Event::Note { level, text })),
            _ if self.quiet => {}
            _ if level == Level::Warn => err_line(&format!("warning: {text}")),
            _ => err_line(&text),
        }
    }

    /// The end of a job: the event for machines, a line for people.
    pub(crate) fn end(&self, event: &Event, text: &str) {
        match self.mode {
            Mode::Json => err_line(&json_line(event)),
            _ => self.info(text),
        }
    }

    /// The error that ends the run.
    pub(crate) fn error(&self, failure: &Failure) {
        match self.mode {
            Mode::Json => err_line(&json_line(&Event::Error(failure.clone()))),
            _ => err_line(&format!("error: {failure}")),
        }
    }
}

/// Logs of this program and its libraries on standard error; `NO_COLOR` is respected.
pub(crate) fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => "info",
        _ => "debug",
    };
    // A second start (the tests of one process) keeps the first.
    let _ = log(level, false);
}

/// Logs of the appliance on standard error, by its configuration; what the command line asks for goes before.
#[cfg(feature = "appliance")]
pub(crate) fn log_serving(filter: &str, json: bool) {
    let _ = log(filter, json);
}

/// Logs on standard error, and the last lines in memory. An error where it is done already.
fn log(filter: &str, json: bool) -> Result<(), tracing_subscriber::util::TryInitError> {
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colour);
    let lines = if json { lines.json().flatten_event(true).boxed() } else { lines.boxed() };
    let registry = tracing_subscriber::registry().with(EnvFilter::new(filter)).with(lines);
    #[cfg(feature = "appliance")]
    let registry = registry.with(recent::keep(filter));
    registry.try_init()
}

/// One event as one line.
pub(crate) fn json_line(event: &Event) -> String {
    serde_json::to_string(event).expect("events are plain data")
}

/// One line on standard error; nobody is told when standard error is gone.
pub(crate) fn err_line(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", shown(text));
}

/// Text as a terminal may have it: names and content of strangers' files must not steer it, nor turn it around.
pub(crate) fn shown(text: &str) -> String {
    let steers = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(steers, "\u{fffd}")
}

/// Text on standard output.
///
/// # Errors
/// When standard output cannot be written; a reader who closed the pipe has read enough and is no error.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(crate::failure::Kind::Failed, "cannot write to standard output").because(&e))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(shown("a\u{1b}[2J\u{9b}1m\u{202e}b\n\tc"), "a\u{fffd}[2J\u{fffd}1m\u{fffd}b\n\tc");
    }
}
