//! What a stored record is: a number, a version, a key, a body, and the index rows that follow from it.

#[cfg(any(test, feature = "faults"))]
use model::{AnyId, DataClass, Header, Id, Noun, NounKind};
use serde::{Serialize, de::DeserializeOwned};

use crate::key::{Area, KeyBytes, KeyPart, RecordKey};

/// A type of which values are stored.
///
/// The body is postcard unless a type says otherwise. A change of the fields raises [`Record::VERSION`] and teaches
/// [`Record::decode`] the version before: stored records are upgraded as they are read and written anew when they change.
pub trait Record: Sized + Serialize + DeserializeOwned {
    /// The name in error messages.
    const NAME: &'static str;
    /// The number in keys, never reused: that of its `NounKind`, or 64 and more for records without an id.
    const NUMBER: u8;
    /// The version of the body that is written.
    const VERSION: u8 = 1;
    /// What it is found by.
    type Key: RecordKey;

    /// Its key.
    fn key(&self) -> Self::Key;

    /// The index rows that lead to it.
    fn index(&self, _entries: &mut IndexEntries) {}

    /// Reads a body of `version`.
    fn decode(version: u8, body: &[u8]) -> Result<Self, DecodeError> {
        if version == Self::VERSION { decode_body(body) } else { Err(DecodeError::Version(version)) }
    }
}

/// A stored body that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// It was written by a later appliance, or a version was left out of the upgrades.
    #[error("record version {0} is not known to this appliance; a newer one wrote it")]
    Version(u8),
    /// The bytes are damaged.
    #[error("record body is damaged")]
    Body(#[source] postcard::Error),
    /// There are no bytes.
    #[error("record is empty")]
    Empty,
}

/// Reads a postcard body, for [`Record::decode`] of older versions.
pub fn decode_body<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    postcard::from_bytes(body).map_err(DecodeError::Body)
}

/// The stored form of a record, for other places than the store.
pub fn encode<R: Record>(record: &R) -> Vec<u8> {
    postcard::to_extend(record, vec![R::VERSION]).expect("records are plain data, which postcard always writes")
}

/// Reads the stored form of a record, of this version or an earlier one.
pub fn decode<R: Record>(bytes: &[u8]) -> Result<R, DecodeError> {
    let (version, body) = bytes.split_first().ok_or(DecodeError::Empty)?;
    R::decode(*version, body)
}

/// Lines of a crate's list of stored forms, which its tests hold against a snapshot: what a record is, in JSON for its names, and its
/// bytes. When a line differs, raise [`Record::VERSION`], teach [`Record::decode`] the version before, and keep the old bytes in a
/// test of their own.
///
/// # Panics
/// When what is written is not read again as the same.
#[cfg(any(test, feature = "faults"))]
pub fn as_stored<R: Record>(record: &R) -> String {
    let bytes = encode(record);
    let again: R = decode(&bytes).expect("what was written can be read");
    assert_eq!(encode(&again), bytes, "{}", R::NAME);
    let hex: String = bytes[1..].iter().map(|byte| format!("{byte:02x}")).collect();
    let json = serde_json::to_string(record).unwrap_or_else(|_| "(its secrets are not shown)".to_owned());
    format!("{} {} v{}: {json}\n  {hex}\n", R::NUMBER, R::NAME, R::VERSION)
}

/// A header with something in every field, for [`as_stored`].
#[cfg(any(test, feature = "faults"))]
pub fn full_header<K: Noun>(number: u128) -> Header<K> {
    let eu = "eu".parse().expect("a region");
    let made = model::Timestamp::from_millis(1_800_000_000_000);
    Header {
        project: Some(Id::from_bits(0xCC)),
        residency: [eu, "in".parse().expect("a region")].into(),
        legal_hold: true,
        labels: [("team".to_owned(), "blue".to_owned())].into(),
        ..Header::new(
            Id::from_bits(number),
            Id::from_bits(0xAA),
            eu,
            AnyId::new(NounKind::User, 0xBB),
            DataClass::K5,
            made,
        )
    }
}

/// The index rows of one record.
#[derive(Debug, Default)]
pub struct IndexEntries {
    number: u8,
    key: Vec<u8>,
    pub(crate) rows: Vec<(Vec<u8>, Vec<u8>)>,
}

impl IndexEntries {
    pub(crate) fn of<R: Record>(record: &R) -> Self {
        let mut key = Vec::new();
        record.key().write(&mut key);
        let mut entries = IndexEntries { number: R::NUMBER, key, rows: Vec::new() };
        record.index(&mut entries);
        entries
    }

    /// A row of index `index` under `parts`; many records may share the parts.
    pub fn add(&mut self, index: u8, parts: &KeyBytes) {
        let mut row = prefix(Area::Index, self.number, index, parts);
        row.extend_from_slice(&self.key);
        self.rows.push((row, self.key.clone()));
    }

    /// A row of the unique index `index`: a second record with the same parts is refused.
    pub fn unique(&mut self, index: u8, parts: &KeyBytes) {
        self.rows.push((prefix(Area::Unique, self.number, index, parts), self.key.clone()));
    }
}

pub(crate) fn prefix(area: Area, number: u8, index: u8, parts: &KeyBytes) -> Vec<u8> {
    let mut row = vec![area as u8, number, index];
    row.extend_from_slice(&parts.0);
    row
}
