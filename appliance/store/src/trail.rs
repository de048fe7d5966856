//! The audit log of a file: its rows, proofs over them, and the erasing of personal data.

use model::AuditEvent;

use crate::{
    chain::{self, Hash, Nodes},
    key::{self, Area},
    read::{Read, ReadError, Span, View},
    write::{Tx, WriteError},
};

/// The most rows one call gives.
pub const MAX_ROWS: usize = 10_000;

/// A row of the audit log: its number and its event, or `None` where the event was erased.
pub type Row = (u64, Option<AuditEvent>);

impl View {
    /// Rows of the audit log from number `from` on, at most `limit` and [`MAX_ROWS`].
    pub fn audit_rows(&self, from: u64, limit: usize) -> Result<Vec<Row>, ReadError> {
        let mut rows = Vec::new();
        for (index, bytes) in self.leaves(from, limit)? {
            rows.push((index, event(&bytes)?));
        }
        Ok(rows)
    }

    /// The stored form of rows from number `from` on: salt and canonical JSON, or the bare hash of an erased one.
    pub fn audit_leaves(&self, from: u64, limit: usize) -> Result<Vec<(u64, Leaf)>, ReadError> {
        self.leaves(from, limit)?.into_iter().map(|(index, bytes)| Ok((index, Leaf::of(&bytes)?))).collect()
    }

    fn leaves(&self, from: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, ReadError> {
        let mut rows: Vec<(u64, Vec<u8>)> = Vec::new();
        let limit = limit.min(MAX_ROWS);
        let mut damaged = false;
        if limit == 0 {
            return Ok(rows);
        }
        self.walk(Span::from_key(&[Area::Leaf as u8], key::leaf(from)), &mut |row, value| {
            let Ok(index) = row[1..].try_into().map(u64::from_be_bytes) else {
                damaged = true;
                return false;
            };
            rows.push((index, value.to_vec()));
            rows.len() < limit
        })?;
        if damaged { Err(ReadError::Index("audit log")) } else { Ok(rows) }
    }
}

impl Tx<'_> {
    /// Drops the content of a row and keeps the hash of its leaf, so that every proof stays valid. Says whether there was content.
    ///
    /// The salt goes too, so that nobody can find out by guessing what the row said.
    pub fn erase_row(&mut self, index: u64) -> Result<bool, WriteError> {
        let key = key::leaf(index);
        let Some(bytes) = self.value(&key)? else { return Ok(false) };
        let leaf = Leaf::of(&bytes)?;
        if matches!(leaf, Leaf::Erased(_)) {
            return Ok(false);
        }
        self.change(key, Some(leaf.hash().to_vec()))?;
        Ok(true)
    }
}

impl Nodes for View {
    type Error = ReadError;

    fn get(&self, level: u8, index: u64) -> Result<Hash, ReadError> {
        let bytes = self.value(&key::node(level, index))?;
        bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(ReadError::Index("audit log"))
    }
}

/// A row as the Merkle log sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaf {
    /// The salt and the event's canonical JSON.
    Event {
        /// Random bytes, so that an erased event cannot be guessed from its hash.
        salt: [u8; 16],
        /// Canonical JSON (RFC 8785).
        json: Vec<u8>,
    },
    /// What is left of an erased event.
    Erased(Hash),
}

impl Leaf {
    fn of(bytes: &[u8]) -> Result<Self, ReadError> {
        // No event's JSON is as short as 16 bytes, so that 32 bytes in all can only be a hash.
        if let Ok(hash) = Hash::try_from(bytes) {
            return Ok(Leaf::Erased(hash));
        }
        let (salt, json) = bytes.split_first_chunk().ok_or(ReadError::Index("audit log"))?;
        Ok(Leaf::Event { salt: *salt, json: json.to_vec() })
    }

    /// The leaf's hash.
    pub fn hash(&self) -> Hash {
        match self {
            Leaf::Event { salt, json } => chain::leaf_hash(salt, json),
            Leaf::Erased(hash) => *hash,
        }
    }
}

fn event(bytes: &[u8]) -> Result<Option<AuditEvent>, ReadError> {
    match Leaf::of(bytes)? {
        Leaf::Erased(_) => Ok(None),
        Leaf::Event { json, .. } => serde_json::from_slice(&json).map(Some).map_err(|_| ReadError::Index("audit log")),
    }
}
