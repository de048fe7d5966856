//! Checking a bundle, line by line, in bounded memory.

use std::io::{self, BufRead, Read};

use model::AnyId;
use serde_json::{Map, Value};
use store::chain::{Checkpoint, Frontier, Hash, NoteError, Verifier, leaf_hash, origin_log};

use super::{FORMAT, MAX_LINE, VERSION, unhex};

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
    /// The signed checkpoint or its key.
    #[error("the checkpoint does not verify: {0}")]
    Checkpoint(#[from] NoteError),
    /// Signed with another key than the one that is trusted.
    #[error("the bundle is signed with another key than the given one")]
    Key,
    /// The signed checkpoint is of another log.
    #[error("the checkpoint is of another log than the bundle")]
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
    /// More rows than the checkpoint has.
    #[error("the row was not in the log when the checkpoint was signed")]
    Beyond,
    /// All rows together are not what was signed.
    #[error("the rows above do not lead to the signed root: one of them was altered together with its leaf")]
    Root,
    /// Lines behind the end.
    #[error("there is more behind the end")]
    After,
}

/// Checks a bundle: that the rows are complete, in order, of one log, and the ones whose root was signed by the key in the
/// head. With `trusted` that key must be the trusted one. Holds one line in memory.
pub fn verify(reader: impl BufRead, trusted: Option<&Verifier>) -> Result<Report, BundleError> {
    let mut lines = Lines { reader, line: 0, bytes: Vec::new() };
    let head = lines.next()?.ok_or(Fault::Truncated).and_then(|head| Head::read(&head, trusted));
    let head = head.map_err(|fault| lines.at(fault))?;
    let mut frontier = Frontier::default();
    let mut erased = 0;
    loop {
        let value = lines.next()?.ok_or(Fault::Truncated);
        let row = value.and_then(|value| head.row(&value, frontier.size())).map_err(|fault| lines.at(fault))?;
        match row {
            Some(row) => {
                frontier.append(row.leaf, &mut |_, _, _| ());
                erased += u64::from(row.erased);
            }
            None => break,
        }
    }
    if frontier.root() != head.checkpoint.root {
        return Err(lines.at(Fault::Root));
    }
    if lines.next()?.is_some() {
        return Err(lines.at(Fault::After));
    }
    let Head { log, key, checkpoint } = head;
    Ok(Report { log, key: key.to_string(), trusted: trusted.is_some(), checkpoint, erased })
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
    checkpoint: Checkpoint,
}

struct Leaf {
    leaf: Hash,
    erased: bool,
}

impl Head {
    fn read(head: &Map<String, Value>, trusted: Option<&Verifier>) -> Result<Self, Fault> {
        members(head, ["checkpoint", "format", "key", "log", "version"])?;
        if head["format"] != FORMAT || head["version"] != VERSION {
            return Err(Fault::Members);
        }
        let log: AnyId = text(head, "log")?.parse().map_err(|_| Fault::Members)?;
        let key: Verifier = text(head, "key")?.parse()?;
        if trusted.is_some_and(|trusted| *trusted != key) {
            return Err(Fault::Key);
        }
        let checkpoint = Checkpoint::open(text(head, "checkpoint")?, &key)?;
        if origin_log(&checkpoint.origin) != Some(log) {
            return Err(Fault::Log);
        }
        Ok(Self { log, key, checkpoint })
    }

    /// The row that should have number `index`; nothing for the end.
    fn row(&self, line: &Map<String, Value>, index: u64) -> Result<Option<Leaf>, Fault> {
        if line.contains_key("end") {
            members(line, ["end", "rows"])?;
            if line["end"] != true {
                return Err(Fault::Members);
            }
            return if line["rows"] != index {
                Err(Fault::Index { expected: index })
            } else if index != self.checkpoint.size {
                Err(Fault::Truncated)
            } else {
                Ok(None)
            };
        }
        if line.get("index").ok_or(Fault::Members)? != index {
            return Err(Fault::Index { expected: index });
        }
        if index >= self.checkpoint.size {
            return Err(Fault::Beyond);
        }
        let leaf = unhex(text(line, "leaf")?).ok_or(Fault::Members)?;
        if line.contains_key("erased") {
            members(line, ["erased", "index", "leaf"])?;
            return if line["erased"] == true { Ok(Some(Leaf { leaf, erased: true })) } else { Err(Fault::Members) };
        }
        members(line, ["event", "index", "leaf", "salt"])?;
        let salt = unhex(text(line, "salt")?).ok_or(Fault::Members)?;
        let event = &line["event"];
        let owner = event.get("log").and_then(Value::as_str).and_then(|log| log.parse().ok());
        if owner != Some(self.log) {
            return Err(Fault::Foreign);
        }
        let bytes = serde_json_canonicalizer::to_vec(event).map_err(|_| Fault::Form)?;
        if leaf_hash(&salt, &bytes) != leaf {
            return Err(Fault::Leaf);
        }
        Ok(Some(Leaf { leaf, erased: false }))
    }
}

/// Checks that the members are exactly these. Lines are canonical, so they come sorted and once.
fn members<const N: usize>(object: &Map<String, Value>, names: [&str; N]) -> Result<(), Fault> {
    if object.keys().eq(names) { Ok(()) } else { Err(Fault::Members) }
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Result<&'a str, Fault> {
    object.get(name).and_then(Value::as_str).ok_or(Fault::Members)
}
