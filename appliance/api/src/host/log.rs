//! The last lines of the log.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "LogLevel")]
pub enum Level {
    /// Of interest to who writes the program.
    Trace,
    /// Of interest to who looks for a fault.
    Debug,
    /// Good to know.
    Info,
    /// Something may have to be mended.
    Warn,
    /// Something is to be mended.
    Error,
}

/// Which lines are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogWanted {
    /// The least that they matter.
    pub least: Level,
    /// What their target begins with.
    pub target: String,
    /// What is in their message or fields, in any case.
    pub text: String,
    /// Only lines before this number.
    pub before: Option<u64>,
    /// How many at most.
    pub most: usize,
}

/// Lines of the log.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Logged {
    /// The lines, newest first.
    pub lines: Vec<LogLine>,
    /// Send it as `before` to get those before; absent when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
    /// What is worth a line (the setting `log.filter`, or what the command line asks for).
    pub filter: String,
    /// Lines that are kept in memory at most; older ones are where the operator keeps the standard error.
    pub kept: usize,
    /// Where lines begin with which code of this program or of others.
    pub targets: Vec<String>,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LogLine {
    /// Counts lines since the start.
    pub number: u64,
    /// When (RFC 3339).
    pub at: String,
    /// How much it matters.
    pub level: Level,
    /// The code that wrote it.
    pub target: String,
    /// What it says.
    pub message: String,
    /// What goes with it.
    pub fields: Vec<LogField>,
}

/// What goes with a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LogField {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}
