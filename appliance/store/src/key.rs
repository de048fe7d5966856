//! Keys of the one table of a file: areas, and parts that keep their order as bytes.

use model::{AnyId, Id, Noun, NounKind, Timestamp};

/// The first byte of a key: what kind of row it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Area {
    /// Facts about the file: format version, the audit log's frontier.
    Meta = 0x00,
    /// Records: record number, key; version and body.
    Record = 0x01,
    /// Index rows: record number, index number, parts, key of the record; nothing.
    Index = 0x02,
    /// Unique index rows: record number, index number, parts; key of the record.
    Unique = 0x03,
    /// Rows of the audit log: leaf number; salt and event, or the hash of an erased one.
    Leaf = 0x10,
    /// Hashes of the audit log: tile level, index; hash.
    Node = 0x11,
}

/// A key in the making. Parts are written so that the order of the bytes is the order of the values and no value can run into
/// the next part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct KeyBytes(pub(crate) Vec<u8>);

impl KeyBytes {
    /// An empty key.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a part.
    #[must_use]
    pub fn with(mut self, part: &(impl KeyPart + ?Sized)) -> Self {
        part.write(&mut self.0);
        self
    }
}

/// A value that can be part of a key.
pub trait KeyPart {
    /// Appends its bytes.
    fn write(&self, bytes: &mut Vec<u8>);
}

/// A value that can be the whole key of a record and be read back from it.
pub trait RecordKey: KeyPart + Clone {}

impl<K: Noun> KeyPart for Id<K> {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.to_bytes());
    }
}
impl<K: Noun> RecordKey for Id<K> {}

impl KeyPart for AnyId {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(self.kind as u8);
        bytes.extend_from_slice(&self.bits().to_be_bytes());
    }
}
impl RecordKey for AnyId {}

impl KeyPart for NounKind {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(*self as u8);
    }
}

impl KeyPart for u8 {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(*self);
    }
}

impl KeyPart for u64 {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.to_be_bytes());
    }
}
impl RecordKey for u64 {}

impl KeyPart for bool {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(*self));
    }
}

impl KeyPart for Timestamp {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.millis().write(bytes);
    }
}

impl<const N: usize> KeyPart for [u8; N] {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(self);
    }
}
impl<const N: usize> RecordKey for [u8; N] {}

// Zero bytes are escaped and two zero bytes end the text, so that "a" sorts before "ab" and neither is a prefix of the other.
impl KeyPart for str {
    fn write(&self, bytes: &mut Vec<u8>) {
        for byte in self.bytes() {
            bytes.push(byte);
            if byte == 0 {
                bytes.push(0xFF);
            }
        }
        bytes.extend_from_slice(&[0, 0]);
    }
}
impl KeyPart for String {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.as_str().write(bytes);
    }
}
impl RecordKey for String {}

impl<A: KeyPart, B: KeyPart> KeyPart for (A, B) {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.0.write(bytes);
        self.1.write(bytes);
    }
}
impl<A: RecordKey, B: RecordKey> RecordKey for (A, B) {}

pub(crate) fn meta(name: &str) -> Vec<u8> {
    let mut key = vec![Area::Meta as u8];
    key.extend_from_slice(name.as_bytes());
    key
}

pub(crate) fn record(number: u8, key: &impl KeyPart) -> Vec<u8> {
    let mut bytes = vec![Area::Record as u8, number];
    key.write(&mut bytes);
    bytes
}

pub(crate) fn leaf(index: u64) -> Vec<u8> {
    let mut bytes = vec![Area::Leaf as u8];
    index.write(&mut bytes);
    bytes
}

pub(crate) fn node(level: u8, index: u64) -> Vec<u8> {
    let mut bytes = vec![Area::Node as u8, level];
    index.write(&mut bytes);
    bytes
}

/// The first key after all that begin with `prefix`; `None` when there is none.
pub(crate) fn end_of(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_keep_their_order(a in ".{0,6}", b in ".{0,6}", x: u64, y: u64) {
            let key = |text: &String, number: u64| KeyBytes::new().with(text).with(&number).0;
            prop_assert_eq!(key(&a, x).cmp(&key(&b, y)), (a.as_bytes(), x).cmp(&(b.as_bytes(), y)));
        }

        #[test]
        fn what_begins_with_a_prefix_lies_before_its_end(prefix: Vec<u8>, rest: Vec<u8>) {
            let mut key = prefix.clone();
            key.extend(rest);
            prop_assert!(end_of(&prefix).is_none_or(|end| key < end));
        }
    }
}
