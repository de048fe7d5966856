//! Writing a bundle.

use std::io::{self, Write};

use model::AnyId;
use serde_json::json;
use store::chain::{Checkpoint, Frontier, Hash, NoteError, Verifier, leaf_hash};

use super::{FORMAT, MAX_LINE, VERSION, hex};

/// A row as it goes into a bundle.
#[derive(Debug, Clone, Copy)]
pub enum Row<'a> {
    /// With its content.
    Kept {
        /// The salt of its leaf.
        salt: &'a [u8; 16],
        /// What [`store::chain::row_json`] made of the event, to the byte.
        event: &'a [u8],
    },
    /// Its content was erased.
    Erased {
        /// The leaf in the log.
        leaf: Hash,
    },
}

/// A bundle that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The checkpoint does not verify.
    #[error("the checkpoint of the audit log does not verify")]
    Checkpoint(#[from] NoteError),
    /// A row is not text or too long.
    #[error("row {index} of the audit log is damaged")]
    Row {
        /// Its number.
        index: u64,
    },
    /// The rows are not those of the checkpoint.
    #[error("the {rows} stored rows of the audit log do not lead to its signed root: the log was altered")]
    Root {
        /// How many rows were given.
        rows: u64,
    },
    /// The file.
    #[error("the audit bundle cannot be written")]
    Io(#[from] io::Error),
}

impl WriteError {
    /// Its kind.
    pub fn kind(&self) -> model::ErrorKind {
        match self {
            Self::Checkpoint(_) | Self::Row { .. } | Self::Root { .. } => model::ErrorKind::Corrupt,
            Self::Io(_) => model::ErrorKind::Unavailable,
        }
    }
}

/// Writes a bundle row by row, and checks the log on the way.
#[derive(Debug)]
pub struct BundleWriter<W> {
    out: W,
    checkpoint: Checkpoint,
    frontier: Frontier,
}

impl<W: Write> BundleWriter<W> {
    /// Begins the bundle of `log` up to the signed `checkpoint`.
    pub fn new(mut out: W, log: AnyId, checkpoint: &str, key: &Verifier) -> Result<Self, WriteError> {
        let opened = Checkpoint::open(checkpoint, key)?;
        let (log, key) = (log.to_string(), key.to_string());
        let head = json!({"checkpoint": checkpoint, "format": FORMAT, "key": key, "log": log, "version": VERSION});
        serde_json_canonicalizer::to_writer(&head, &mut out).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
        Ok(Self { out, checkpoint: opened, frontier: Frontier::default() })
    }

    /// The rows of the checkpoint in the order of the log, one call each.
    pub fn row(&mut self, row: Row<'_>) -> Result<(), WriteError> {
        let index = self.frontier.size();
        let bad = WriteError::Row { index };
        // Members stand in the order of their names, so with canonical events the line is canonical.
        let (leaf, line) = match row {
            Row::Kept { salt, event } => {
                let Ok(text) = std::str::from_utf8(event) else { return Err(bad) };
                let leaf = leaf_hash(salt, event);
                let (hash, salt) = (hex(&leaf), hex(salt));
                (leaf, format!("{{\"event\":{text},\"index\":{index},\"leaf\":\"{hash}\",\"salt\":\"{salt}\"}}\n"))
            }
            Row::Erased { leaf } => {
                (leaf, format!("{{\"erased\":true,\"index\":{index},\"leaf\":\"{}\"}}\n", hex(&leaf)))
            }
        };
        if line.len() > MAX_LINE {
            return Err(bad);
        }
        self.out.write_all(line.as_bytes())?;
        self.frontier.append(leaf, &mut |_, _, _| ());
        Ok(())
    }

    /// Ends the bundle. Without this the file is no bundle.
    pub fn finish(mut self) -> Result<W, WriteError> {
        let rows = self.frontier.size();
        if rows != self.checkpoint.size || self.frontier.root() != self.checkpoint.root {
            return Err(WriteError::Root { rows });
        }
        writeln!(self.out, "{{\"end\":true,\"rows\":{rows}}}")?;
        self.out.flush()?;
        Ok(self.out)
    }
}
