//! Every error of a storyboard at once, each with a JSON pointer.
//!
//! Two passes over the raw JSON, both of which go on after an error: the *shape* (types, closed words, ranges,
//! missing fields) is checked against the generated schema, so it cannot part from the types; the *meaning*
//! (references, word ranges, evidence) is checked by hand.

mod meaning;
mod references;
mod shape;

use std::fmt;
use std::sync::LazyLock;

use serde::Serialize;
use serde_json::Value;

use super::{json, read::MAX_BYTES};
use crate::transcript::Transcript;

pub(crate) use shape::check as check_shape;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The storyboard cannot be used.
    Error,
    /// It can be used, but something is odd.
    Warning,
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// JSON pointer (RFC 6901) of the value; empty for the whole document.
    pub pointer: String,
    /// What is wrong and, where that is known, what would be right.
    pub message: String,
    /// How bad it is.
    pub severity: Severity,
}

impl Problem {
    /// An error at `pointer`.
    pub fn error(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into(), severity: Severity::Error }
    }

    /// A warning at `pointer`.
    pub fn warning(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into(), severity: Severity::Warning }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "document" } else { self.pointer.as_str() };
        let warning = if self.severity == Severity::Warning { "warning: " } else { "" };
        write!(f, "{place}: {warning}{}", self.message)
    }
}

/// Most problems that are reported; a file with more is not a storyboard with slips.
pub const MAX_PROBLEMS: usize = 1000;

/// The problems found so far, and the pointer of the value that is looked at.
pub(crate) struct Report {
    pub(crate) problems: Vec<Problem>,
    at: Vec<String>,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { problems: Vec::new(), at: Vec::new() }
    }

    /// A near word as the end of a message. Past the first hundred problems nobody looks for slips, and a hostile
    /// file could make the search long.
    fn hint<'a>(&self, word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
        if self.problems.len() < 100 { super::near::hint(word, known) } else { String::new() }
    }

    pub(crate) fn full(&self) -> bool {
        self.problems.len() >= MAX_PROBLEMS
    }

    pub(crate) fn error(&mut self, message: impl Into<String>) {
        self.push(Severity::Error, message.into());
    }

    pub(crate) fn warning(&mut self, message: impl Into<String>) {
        self.push(Severity::Warning, message.into());
    }

    fn push(&mut self, severity: Severity, message: String) {
        if !self.full() {
            let pointer = self.at.iter().fold(String::new(), |text, key| text + "/" + key);
            self.problems.push(Problem { pointer, message, severity });
        }
    }

    /// Looks at the member `key`.
    pub(crate) fn within(&mut self, key: impl fmt::Display, look: impl FnOnce(&mut Self)) {
        self.at.push(json::escape(&key.to_string()));
        look(self);
        self.at.pop();
    }
}

pub(super) static SCHEMA: LazyLock<Value> = LazyLock::new(super::schema);

/// Every problem of a storyboard, errors and warnings, in the order of the document for each of the two passes. With
/// the transcript, word ids are held against it too. Empty or warnings only: the storyboard is sound.
pub fn validate(value: &Value, transcript: Option<&Transcript>) -> Vec<Problem> {
    let mut report = Report::new();
    let value = &*super::read::without_containers(value);
    check_shape(value, &SCHEMA, &mut report);
    if value.is_object() {
        let words = meaning::words_of(value, transcript, &mut report);
        meaning::check(value, words, &mut report);
    }
    report.problems
}

/// The errors of a storyboard of a transcript of `words` words.
pub(crate) fn errors(storyboard: &super::Storyboard, words: usize) -> Vec<Problem> {
    let value = super::to_value(storyboard);
    let mut report = Report::new();
    check_shape(&value, &SCHEMA, &mut report);
    meaning::check(&value, Some(u32::try_from(words).unwrap_or(u32::MAX)), &mut report);
    report.problems.retain(|p| p.severity == Severity::Error);
    report.problems
}

/// As [`validate`], from bytes; what is not JSON is one problem.
pub fn validate_bytes(bytes: &[u8], transcript: Option<&Transcript>) -> Vec<Problem> {
    match json::parse(bytes, MAX_BYTES) {
        Ok(value) => validate(&value, transcript),
        Err(json::JsonError::Syntax { line, column, pointer, message }) => {
            vec![Problem::error(pointer, format!("line {line}, column {column}: {message}"))]
        }
        Err(e) => vec![Problem::error("", e.to_string())],
    }
}

#[cfg(test)]
mod tests;
