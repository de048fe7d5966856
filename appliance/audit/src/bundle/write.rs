//! Writing a bundle.

use std::io::{self, Write};

use model::AnyId;
use serde_json::json;
use store::{
    Database, Leaf, ReadError,
    chain::{Checkpoint, Frontier, Hash, NoteError, Signer, leaf_hash},
};

use super::{FORMAT, MAX_LINE, VERSION, erased_line, hex};

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
    /// The end cannot be signed.
    #[error("the end of the audit bundle cannot be signed")]
    Sign(#[from] NoteError),
    /// A row is not text or too long.
    #[error("row {index} of the audit log is damaged")]
    Row {
        /// Its number.
        index: u64,
    },
    /// The rows are not those of the log.
    #[error("the {rows} stored rows of the audit log do not lead to its root: the log was altered")]
    Root {
        /// How many rows were given.
        rows: u64,
    },
    /// The log.
    #[error("the audit log cannot be read")]
    Read(#[from] ReadError),
    /// The file.
    #[error("the audit bundle cannot be written")]
    Io(#[from] io::Error),
}

impl WriteError {
    /// Its kind.
    pub fn kind(&self) -> model::ErrorKind {
        match self {
            Self::Row { .. } | Self::Root { .. } => model::ErrorKind::Corrupt,
            Self::Sign(_) => model::ErrorKind::Bug,
            Self::Read(error) => error.kind(),
            Self::Io(_) => model::ErrorKind::Unavailable,
        }
    }
}

/// Rows read at once.
const PAGE: usize = 1_000;

/// Writes the bundle of the log in `database`, signed with the log's key, and gives back `out`.
pub fn write<W: Write>(database: &Database, signer: &Signer, out: W) -> Result<W, WriteError> {
    let (size, root) = database.audit_head()?;
    let mut writer = BundleWriter::new(out, database.log(), signer)?;
    let mut next = 0;
    while next < size {
        // A snapshot a page, so that a long export holds none for long. Leaves never change; rows may be erased meanwhile.
        let (first, rows) = (next, database.read()?.audit_leaves(next, PAGE)?);
        for (number, leaf) in rows.iter().filter(|(number, _)| *number < size) {
            if *number != next {
                return Err(WriteError::Row { index: next });
            }
            writer.row(match leaf {
                Leaf::Event { salt, json } => Row::Kept { salt, event: json },
                Leaf::Erased(leaf) => Row::Erased { leaf: *leaf },
            })?;
            next += 1;
        }
        if next == first {
            return Err(WriteError::Row { index: next });
        }
    }
    writer.finish(size, root)
}

/// Writes a bundle row by row, and checks the log on the way.
#[derive(Debug)]
pub struct BundleWriter<'a, W> {
    out: W,
    signer: &'a Signer,
    rows: Frontier,
    erased: Frontier,
}

impl<'a, W: Write> BundleWriter<'a, W> {
    /// Begins the bundle of `log`, to be signed with the log's key.
    pub fn new(mut out: W, log: AnyId, signer: &'a Signer) -> Result<Self, WriteError> {
        let (log, key) = (log.to_string(), signer.verifier().to_string());
        line(&mut out, &json!({"format": FORMAT, "key": key, "log": log, "version": VERSION}))?;
        Ok(Self { out, signer, rows: Frontier::default(), erased: Frontier::default() })
    }

    /// The rows in the order of the log, one call each.
    pub fn row(&mut self, row: Row<'_>) -> Result<(), WriteError> {
        let index = self.rows.size();
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
                self.erased.append(leaf, &mut |_, _, _| ());
                (leaf, format!("{{\"erased\":true,\"index\":{index},\"leaf\":\"{}\"}}\n", hex(&leaf)))
            }
        };
        if line.len() > MAX_LINE {
            return Err(bad);
        }
        self.out.write_all(line.as_bytes())?;
        self.rows.append(leaf, &mut |_, _, _| ());
        Ok(())
    }

    /// Ends and signs the bundle. Without this the file is no bundle. `size` and `root` are those of the log as it is stored: if
    /// the rows given do not lead to them, nothing is signed.
    pub fn finish(mut self, size: u64, root: Hash) -> Result<W, WriteError> {
        let rows = self.rows.size();
        if rows != size || self.rows.root() != root {
            return Err(WriteError::Root { rows });
        }
        let origin = self.signer.verifier().name().to_owned();
        let extensions = vec![erased_line(&self.erased)];
        let checkpoint = Checkpoint { origin, size: rows, root, extensions }.sign(self.signer)?;
        line(&mut self.out, &json!({"checkpoint": checkpoint, "end": true, "rows": rows}))?;
        self.out.flush()?;
        Ok(self.out)
    }
}

fn line(out: &mut impl Write, value: &serde_json::Value) -> io::Result<()> {
    serde_json_canonicalizer::to_writer(value, out)?;
    out.write_all(b"\n")
}
