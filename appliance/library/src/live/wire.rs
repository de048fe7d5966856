//! Updates of the Yjs format (version 1), read as narrowly as a storyboard needs before the engine reads them: texts under the keys
//! of one map, deletions, gaps, and nothing else. So no nesting, no other types and no lengths that do not fit reach the engine.

use std::collections::BTreeSet;

/// The map that holds a storyboard.
pub(super) const MAP: &str = "cells";
/// The most structs of one update.
const MAX_STRUCTS: u64 = 100_000;
/// The longest key: a scene's id, an element's id, and the names around them.
const MAX_KEY: usize = 1_200;
/// Client ids of JavaScript are whole numbers that it tells apart.
const MAX_CLIENT: u64 = 1 << 53;

// Kinds of structs, the value that is a text, and what a struct says of its place.
const GONE: u8 = 0;
const SKIP: u8 = 10;
const DELETED: u8 = 1;
const ANY: u8 = 8;
const TEXT: u8 = 119;
const LEFT: u8 = 0x80;
const RIGHT: u8 = 0x40;
const KEY: u8 = 0x20;

/// Why an update is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// It ends in the middle, or goes on after its end.
    #[error("the update is cut off or has bytes after its end")]
    Length,
    /// A number beyond its bounds.
    #[error("the update has a number that is too large")]
    Number,
    /// Something that a storyboard does not consist of.
    #[error("the update holds something other than texts in the map `cells`")]
    Content,
}

/// Whose structs an update brings; those of nobody where it only deletes.
pub(super) fn writers(update: &[u8]) -> Result<BTreeSet<u64>, WireError> {
    let mut reader = Reader(update);
    let mut writers = BTreeSet::new();
    let mut structs = 0_u64;
    for _ in 0..reader.number(MAX_STRUCTS)? {
        let count = reader.number(MAX_STRUCTS)?;
        structs += count;
        if structs > MAX_STRUCTS {
            return Err(WireError::Number);
        }
        writers.insert(reader.client()?);
        let mut clock = reader.clock()?;
        for _ in 0..count {
            let length = reader.block()?;
            clock = clock.checked_add(length).ok_or(WireError::Number)?;
        }
    }
    for _ in 0..reader.number(MAX_STRUCTS)? {
        reader.client()?;
        for _ in 0..reader.number(MAX_STRUCTS)? {
            let (clock, length) = (reader.clock()?, reader.clock()?);
            clock.checked_add(length).ok_or(WireError::Number)?;
        }
    }
    if reader.0.is_empty() { Ok(writers) } else { Err(WireError::Length) }
}

/// Whether bytes say what somebody has of each client.
pub(super) fn state(bytes: &[u8]) -> Result<(), WireError> {
    let mut reader = Reader(bytes);
    for _ in 0..reader.number(MAX_STRUCTS)? {
        reader.id()?;
    }
    if reader.0.is_empty() { Ok(()) } else { Err(WireError::Length) }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> Result<u8, WireError> {
        let (first, rest) = self.0.split_first().ok_or(WireError::Length)?;
        self.0 = rest;
        Ok(*first)
    }

    /// A number below `bound`, seven bits a byte.
    fn number(&mut self, bound: u64) -> Result<u64, WireError> {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return if number < bound { Ok(number) } else { Err(WireError::Number) };
            }
        }
        Err(WireError::Number)
    }

    fn client(&mut self) -> Result<u64, WireError> {
        self.number(MAX_CLIENT)
    }

    fn clock(&mut self) -> Result<u32, WireError> {
        Ok(self.number(u64::from(u32::MAX))? as u32)
    }

    fn id(&mut self) -> Result<(), WireError> {
        self.client()?;
        self.clock()?;
        Ok(())
    }

    fn text(&mut self) -> Result<&str, WireError> {
        let length = self.number(self.0.len() as u64 + 1)? as usize;
        let (text, rest) = self.0.split_at_checked(length).ok_or(WireError::Length)?;
        self.0 = rest;
        std::str::from_utf8(text).map_err(|_| WireError::Content)
    }

    fn length(&mut self) -> Result<u32, WireError> {
        let length = self.clock()?;
        if length == 0 { Err(WireError::Number) } else { Ok(length) }
    }

    /// A struct; how many clocks it takes.
    fn block(&mut self) -> Result<u32, WireError> {
        let info = self.byte()?;
        if info == GONE || info == SKIP {
            return self.length();
        }
        if info & LEFT != 0 {
            self.id()?;
        }
        if info & RIGHT != 0 {
            self.id()?;
        }
        if info & (LEFT | RIGHT) == 0 {
            // Its place is that of its neighbour, or else a key of the map.
            if self.number(2)? != 1 || self.text()? != MAP || info & KEY == 0 {
                return Err(WireError::Content);
            }
            if self.text()?.len() > MAX_KEY {
                return Err(WireError::Number);
            }
        }
        match info & 0x1f {
            DELETED => self.length(),
            ANY => {
                // Values of one key that follow each other are put together by who keeps them for an undo.
                let count = self.length()?;
                for _ in 0..count {
                    if self.byte()? != TEXT {
                        return Err(WireError::Content);
                    }
                    self.text()?;
                }
                Ok(count)
            }
            _ => Err(WireError::Content),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use yrs::{Array as _, Doc, Map as _, MapPrelim, ReadTxn as _, StateVector, Transact as _};

    use super::*;

    fn update(write: impl FnOnce(&Doc)) -> Vec<u8> {
        let doc = Doc::with_client_id(7);
        write(&doc);
        doc.transact().encode_state_as_update_v1(&StateVector::default())
    }

    fn texts() -> Vec<u8> {
        update(|doc| {
            let map = doc.get_or_insert_map(MAP);
            let mut tx = doc.transact_mut();
            for key in ["title", "scenes/s1/title", "title"] {
                map.insert(&mut tx, key, format!("\"{key}\""));
            }
            map.remove(&mut tx, "scenes/s1/title");
        })
    }

    #[test]
    fn texts_of_the_map_are_taken() {
        assert_eq!(writers(&texts()).unwrap(), BTreeSet::from([7]));
        assert_eq!(writers(&update(|_| ())).unwrap(), BTreeSet::new());
    }

    #[test]
    fn all_else_is_not() {
        let number = update(|doc| {
            doc.get_or_insert_map(MAP).insert(&mut doc.transact_mut(), "title", 7);
        });
        assert_eq!(writers(&number), Err(WireError::Content));
        let nested = update(|doc| {
            doc.get_or_insert_map(MAP).insert(&mut doc.transact_mut(), "title", MapPrelim::default());
        });
        assert_eq!(writers(&nested), Err(WireError::Content));
        let other = update(|doc| {
            doc.get_or_insert_map("other").insert(&mut doc.transact_mut(), "title", "\"x\"");
        });
        assert_eq!(writers(&other), Err(WireError::Content));
        let list = update(|doc| {
            doc.get_or_insert_array(MAP).push_back(&mut doc.transact_mut(), "\"x\"");
        });
        assert_eq!(writers(&list), Err(WireError::Content));
        assert_eq!(writers(&[texts(), vec![0]].concat()), Err(WireError::Length));
        // Clocks beyond the last one.
        assert_eq!(writers(&[1, 2, 7, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0, 1, 0, 1, 0]), Err(WireError::Number));
    }

    proptest! {
        /// Whatever the bytes are, reading them ends, and what is taken the engine can read.
        #[test]
        fn hostile_bytes(at in 0..200_usize, byte: u8, cut in 0..200_usize) {
            let mut bytes = texts();
            let length = bytes.len();
            bytes[at % length] = byte;
            bytes.truncate(length - cut % 3);
            if writers(&bytes).is_ok() {
                use yrs::updates::decoder::Decode as _;
                prop_assert!(yrs::Update::decode_v1(&bytes).is_ok());
            }
        }
    }
}
