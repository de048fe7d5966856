//! Checking a bundle, line by line, in bounded memory.

use std::io::{self, BufRead, Read};

use model::AnyId;
use serde_json::{Map, Value};
use store::chain::{Checkpoint, Frontier, Hash, NoteError, Verifier, leaf_hash, origin_log};

use super::{FORMAT, MAX_LINE, VERSION, erased_line, unhex};

/// What a good bundle holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The tenant or appliance whose log it is.
    pub log: AnyId,
    /// The key that signed it.
    pub key: String,
    /// Whether that is the key the caller trusts, not only the one in the file.
    pub trusted: bool,
    /// The state of the log that was signed.
    pub checkpoint: Checkpoint,
    /// How many rows were erased.
    pub erased: u64,
}

/// A bundle that was altered, or that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The first line that is wrong.
    #[error("line {line}: {fault}")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        fault: Fault,
    },
    /// The file.
    #[error("the audit bundle cannot be read")]
    Io(#[from] io::Error),
}

impl BundleError {
    /// Its kind.
    pub fn kind(&self) -> model::ErrorKind {
        match self {
            Self::Line { .. } => model::ErrorKind::Corrupt,
            Self::Io(_) => model::ErrorKind::Unavailable,
        }
    }
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file ends too early.
    #[error("the file ends here; rows or the end line are missing")]
    Truncated,
    /// Longer than any line of a bundle.
    #[error("the line is longer than 1 MiB")]
    TooLong,
    /// Not canonical JSON, so not what was written.
    #[error("the line is not canonical JSON: it was altered")]
    Form,
    /// Not a head, row or end with the right members.
    #[error("the line is not what stands here in an audit bundle of version 1")]
    Members,
    /// The signed checkpoint or the key.
    #[error("the signature does not hold: {0}")]
    Checkpoint(#[from] NoteError),
    /// Signed with another key than the one that is trusted.
    #[error("the bundle is signed with another key than the given one")]
    Key,
    /// The key is that of another log.
    #[error("the key is that of another log than the bundle")]
    Log,
    /// A row of another log.
    #[error("the row belongs to another log")]
    Foreign,
    /// Rows are missing, doubled or in another order.
    #[error("row {expected} should stand here: rows are missing, doubled or moved")]
    Index {
        /// The number of the row that should stand here.
        expected: u64,
    },
    /// The row's content does not fit its leaf.
    #[error("the row's content was altered: it does not fit its leaf")]
    Leaf,
    /// The rows are not as many as were signed.
    #[error("{signed} rows were signed, {found} stand above")]
    Count {
        /// In the checkpoint.
        signed: u64,
        /// In the file.
        found: u64,
    },
    /// All rows together are not what was signed.
    #[error("the rows above do not lead to the signed root: one of them was altered together with its leaf")]
    Root,
    /// Other rows are erased than was signed.
    #[error("the erased rows above are not those that were signed as erased: content was taken out of the file")]
    Erased,
    /// Lines behind the end.
    #[error("there is more behind the end")]
    After,
}

/// Checks a bundle: that the rows are complete, in order, of one log, and those whose root was signed by the key in the head. With `trusted` that key must be the trusted one. Holds one line in memory.
pub fn verify(reader: impl BufRead, trusted: Option<&Verifier>) -> Result<Report, BundleError> {
    let mut lines = Lines { reader, line: 0, bytes: Vec::new() };
    let head = lines.next()?.ok_or(Fault::Truncated).and_then(|head| Head::read(&head, trusted));
    let head = head.map_err(|fault| lines.at(fault))?;
    let (mut rows, mut erased) = (Frontier::default(), Frontier::default());
    let checkpoint = loop {
        let value = lines.next()?.ok_or(Fault::Truncated);
        let part = value.and_then(|value| head.part(&value, &rows, &erased)).map_err(|fault| lines.at(fault))?;
        match part {
            Part::Row { leaf, erased: gone } => {
                rows.append(leaf, &mut |_, _, _| ());
                if gone {
                    erased.append(leaf, &mut |_, _, _| ());
                }
            }
            Part::End(checkpoint) => break checkpoint,
        }
    };
    if lines.next()?.is_some() {
        return Err(lines.at(Fault::After));
    }
    let (log, key, erased) = (head.log, head.key.to_string(), erased.size());
    Ok(Report { log, key, trusted: trusted.is_some(), checkpoint, erased })
}

/// The lines of a bundle, each in canonical form.
struct Lines<R> {
    reader: R,
    line: u64,
    bytes: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    fn at(&self, fault: Fault) -> BundleError {
        BundleError::Line { line: self.line, fault }
    }

    fn next(&mut self) -> Result<Option<Map<String, Value>>, BundleError> {
        self.line += 1;
        self.bytes.clear();
        self.reader.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', &mut self.bytes)?;
        if self.bytes.is_empty() {
            return Ok(None);
        }
        if self.bytes.len() > MAX_LINE {
            return Err(self.at(Fault::TooLong));
        }
        let Some(line) = self.bytes.strip_suffix(b"\n") else { return Err(self.at(Fault::Truncated)) };
        let Ok(value) = serde_json::from_slice::<Map<String, Value>>(line) else { return Err(self.at(Fault::Form)) };
        match serde_json_canonicalizer::to_vec(&value) {
            Ok(canonical) if canonical == line => Ok(Some(value)),
            _ => Err(self.at(Fault::Form)),
        }
    }
}

struct Head {
    log: AnyId,
    key: Verifier,
}

enum Part {
    Row { leaf: Hash, erased: bool },
    End(Checkpoint),
}

impl Head {
    fn read(head: &Map<String, Value>, trusted: Option<&Verifier>) -> Result<Self, Fault> {
        members(head, ["format", "key", "log", "version"])?;
        if head["format"] != FORMAT || head["version"] != VERSION {
            return Err(Fault::Members);
        }
        let log: AnyId = text(head, "log")?.parse().map_err(|_| Fault::Members)?;
        let key: Verifier = text(head, "key")?.parse()?;
        if trusted.is_some_and(|trusted| *trusted != key) {
            return Err(Fault::Key);
        }
        // A log's key has the log's origin as its name.
        if origin_log(key.name()) != Some(log) { Err(Fault::Log) } else { Ok(Self { log, key }) }
    }

    /// What stands behind `rows`.
    fn part(&self, line: &Map<String, Value>, rows: &Frontier, erased: &Frontier) -> Result<Part, Fault> {
        if line.contains_key("end") {
            return self.end(line, rows, erased).map(Part::End);
        }
        if line.get("index").ok_or(Fault::Members)? != rows.size() {
            return Err(Fault::Index { expected: rows.size() });
        }
        let leaf = unhex(text(line, "leaf")?).ok_or(Fault::Members)?;
        if line.contains_key("erased") {
            members(line, ["erased", "index", "leaf"])?;
            return if line["erased"] == true { Ok(Part::Row { leaf, erased: true }) } else { Err(Fault::Members) };
        }
        members(line, ["event", "index", "leaf", "salt"])?;
        let salt = unhex(text(line, "salt")?).ok_or(Fault::Members)?;
        let event = &line["event"];
        let owner = event.get("log").and_then(Value::as_str).and_then(|log| log.parse().ok());
        if owner != Some(self.log) {
            return Err(Fault::Foreign);
        }
        let bytes = serde_json_canonicalizer::to_vec(event).map_err(|_| Fault::Form)?;
        if leaf_hash(&salt, &bytes) == leaf { Ok(Part::Row { leaf, erased: false }) } else { Err(Fault::Leaf) }
    }

    fn end(&self, line: &Map<String, Value>, rows: &Frontier, erased: &Frontier) -> Result<Checkpoint, Fault> {
        members(line, ["checkpoint", "end", "rows"])?;
        let checkpoint = Checkpoint::open(text(line, "checkpoint")?, &self.key)?;
        let (signed, found) = (checkpoint.size, rows.size());
        if line["end"] != true || line["rows"] != signed {
            Err(Fault::Members)
        } else if signed != found {
            Err(Fault::Count { signed, found })
        } else if checkpoint.root != rows.root() {
            Err(Fault::Root)
        } else if checkpoint.extensions != [erased_line(erased)] {
            Err(Fault::Erased)
        } else {
            Ok(checkpoint)
        }
    }
}

/// Checks that the members are exactly these. Lines are canonical, so they come sorted and once.
fn members<const N: usize>(object: &Map<String, Value>, names: [&str; N]) -> Result<(), Fault> {
    if object.keys().eq(names) { Ok(()) } else { Err(Fault::Members) }
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Result<&'a str, Fault> {
    object.get(name).and_then(Value::as_str).ok_or(Fault::Members)
}
