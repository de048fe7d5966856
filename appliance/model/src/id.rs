//! Typed ids: 128 bits, ordered by time of creation, written as `prj_01jd…`.

use std::{
    fmt,
    marker::PhantomData,
    str::FromStr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    clock::Timestamp,
    noun::{Noun, NounKind},
};

/// The id of a thing of kind `K`.
///
/// 48 bits of milliseconds since 1970 and 80 random bits, so that ids sort by age and cannot be guessed. The text form is the
/// kind's prefix, an underscore and 26 digits of Crockford's base 32 in lower case (ULID's alphabet).
pub struct Id<K> {
    bits: u128,
    kind: PhantomData<fn() -> K>,
}

const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 26;

/// What each byte is as a digit; 255 where it is none.
const VALUES: [u8; 256] = {
    let mut values = [u8::MAX; 256];
    let mut value = 0;
    while value < DIGITS.len() {
        values[DIGITS[value] as usize] = value as u8;
        value += 1;
    }
    values
};

/// The bits that 26 digits say; nothing where they say none.
fn bits_of(digits: &str) -> Option<u128> {
    // 26 digits hold 130 bits: the first one may use its lowest three only.
    if digits.len() != LENGTH || digits.as_bytes()[0] > b'7' {
        return None;
    }
    digits.bytes().try_fold(0, |bits, byte| {
        let value = VALUES[usize::from(byte)];
        (value != u8::MAX).then_some(bits << 5 | u128::from(value))
    })
}

impl<K: Noun> Id<K> {
    /// An id from its 128 bits.
    pub const fn from_bits(bits: u128) -> Self {
        Self { bits, kind: PhantomData }
    }

    /// The 128 bits.
    pub const fn bits(self) -> u128 {
        self.bits
    }

    /// The bytes as they stand in stored keys: big-endian, so that they sort by age.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.bits.to_be_bytes()
    }

    /// The id with these stored bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self::from_bits(u128::from_be_bytes(bytes))
    }

    /// The id with these 26 digits, as they follow its prefix; nothing where they are none.
    pub fn from_digits(digits: &str) -> Option<Self> {
        bits_of(digits).map(Self::from_bits)
    }

    /// When the thing was created.
    pub const fn created(self) -> Timestamp {
        Timestamp::from_millis((self.bits >> 80) as u64)
    }

    /// The id without its type.
    pub const fn erase(self) -> AnyId {
        AnyId { kind: K::KIND, bits: self.bits }
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.bits.cmp(&other.bits)
    }
}
impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.bits.hash(state);
    }
}
impl<K: Noun> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.erase().fmt(f)
    }
}
impl<K: Noun> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<K: Noun> FromStr for Id<K> {
    type Err = ParseIdError;
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let any: AnyId = text.parse()?;
        any.typed().ok_or(ParseIdError { expected: K::KIND.prefix() })
    }
}

/// An id whose kind is a value, for places that hold ids of any kind (audit rows, sharing, comments).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnyId {
    /// What it names.
    pub kind: NounKind,
    bits: u128,
}

impl AnyId {
    /// The id of this kind with these bits.
    pub const fn new(kind: NounKind, bits: u128) -> Self {
        Self { kind, bits }
    }

    /// The 128 bits.
    pub const fn bits(self) -> u128 {
        self.bits
    }

    /// The typed id, if it is of kind `K`.
    pub fn typed<K: Noun>(self) -> Option<Id<K>> {
        (self.kind == K::KIND).then(|| Id::from_bits(self.bits))
    }
}

impl fmt::Display for AnyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0u8; LENGTH];
        let mut rest = self.bits;
        for digit in digits.iter_mut().rev() {
            *digit = DIGITS[(rest & 31) as usize];
            rest >>= 5;
        }
        f.write_str(self.kind.prefix())?;
        f.write_str("_")?;
        f.write_str(std::str::from_utf8(&digits).expect("the digits are ASCII"))
    }
}
impl fmt::Debug for AnyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl FromStr for AnyId {
    type Err = ParseIdError;
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let bad = ParseIdError { expected: "a known prefix" };
        let (prefix, digits) = text.split_once('_').ok_or(bad)?;
        let kind = *NounKind::ALL.iter().find(|kind| kind.prefix() == prefix).ok_or(bad)?;
        let bad = ParseIdError { expected: kind.prefix() };
        let bits = bits_of(digits).ok_or(bad)?;
        Ok(AnyId { kind, bits })
    }
}

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: expected `{expected}_` and 26 digits of lower-case base 32")]
pub struct ParseIdError {
    expected: &'static str,
}

// Ids are bytes in compact formats (stored records) and text in readable ones (JSON).
impl<K: Noun> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.to_bytes().serialize(serializer)
        }
    }
}
impl<'de, K: Noun> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
        } else {
            <[u8; 16]>::deserialize(deserializer).map(Self::from_bytes)
        }
    }
}
impl Serialize for AnyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (self.kind as u8, self.bits.to_be_bytes()).serialize(serializer)
        }
    }
}
impl<'de> Deserialize<'de> for AnyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom);
        }
        let (number, bytes) = <(u8, [u8; 16])>::deserialize(deserializer)?;
        let kind = NounKind::from_number(number).ok_or_else(|| serde::de::Error::custom("unknown kind of id"))?;
        Ok(AnyId { kind, bits: u128::from_be_bytes(bytes) })
    }
}

/// Makes fresh ids, each greater than the one before it: what was made later sorts later, within a millisecond too.
/// Tests give it a fixed seed and get the same ids on every run.
#[derive(Debug)]
pub struct IdSource {
    last: Mutex<u128>,
    seed: Option<AtomicU64>,
}

impl IdSource {
    /// Ids from the operating system's random source.
    pub const fn random() -> Self {
        Self { last: Mutex::new(0), seed: None }
    }

    /// The same row of ids on every run.
    pub const fn fixed(seed: u64) -> Self {
        Self { last: Mutex::new(0), seed: Some(AtomicU64::new(seed)) }
    }

    /// A fresh id of a thing created `at`.
    ///
    /// # Panics
    /// When the operating system has no random numbers to give: nothing in the appliance is safe without them.
    pub fn next<K: Noun>(&self, at: Timestamp) -> Id<K> {
        let random = self.bits();
        let fresh = u128::from(at.millis()) << 80 | random >> 48;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // Where the clock has not moved on, or was put back, the id goes on from the last by a step that cannot be guessed.
        *last = if fresh > *last { fresh } else { last.wrapping_add(1 + (random & u128::from(u64::MAX))) };
        Id::from_bits(*last)
    }

    fn bits(&self) -> u128 {
        match &self.seed {
            None => {
                let mut bytes = [0u8; 16];
                getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
                u128::from_be_bytes(bytes)
            }
            Some(seed) => {
                u128::from(seed.fetch_add(1, Ordering::Relaxed)).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noun::{Project, Tenant};

    #[test]
    fn text_and_bytes_round_trip() {
        for bits in [0, 1, 31, 32, u128::MAX, 1 << 127, 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef] {
            let id = Id::<Project>::from_bits(bits);
            assert_eq!(id.to_string().parse::<Id<Project>>(), Ok(id));
            assert_eq!(Id::from_bytes(id.to_bytes()), id);
            let json = serde_json::to_string(&id).unwrap();
            assert_eq!(serde_json::from_str::<Id<Project>>(&json).unwrap(), id);
            let stored = postcard::to_allocvec(&id).unwrap();
            assert_eq!(stored.len(), 16);
            assert_eq!(postcard::from_bytes::<Id<Project>>(&stored).unwrap(), id);
        }
    }

    #[test]
    fn texts_that_are_no_ids() {
        let good = Id::<Project>::from_bits(7).to_string();
        for bad in [
            "",
            "prj",
            "prj_",
            "prj_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "xyz_00000000000000000000000007",
            &good.to_uppercase(),
        ] {
            assert!(bad.parse::<AnyId>().is_err(), "{bad}");
        }
        assert!(good.parse::<Id<Tenant>>().is_err(), "a project's id is not a tenant's");
    }

    #[test]
    fn fresh_ids_sort_by_age() {
        let source = IdSource::random();
        let old: Id<Project> = source.next(Timestamp::from_millis(1_000));
        let new = source.next(Timestamp::from_millis(2_000));
        assert!(old < new && old.to_string() < new.to_string());
        assert_eq!(new.created().millis(), 2_000);
        let mut before = new;
        for at in [2_000, 2_000, 1_500, 2_000] {
            let next = source.next(Timestamp::from_millis(at));
            assert!(before < next, "also when the clock stands or was put back");
            before = next;
        }
    }

    #[test]
    fn kinds_have_prefixes_and_numbers_of_their_own() {
        let prefixes: std::collections::BTreeSet<_> = NounKind::ALL.iter().map(|kind| kind.prefix()).collect();
        assert_eq!(prefixes.len(), NounKind::ALL.len());
        for kind in NounKind::ALL {
            assert_eq!(NounKind::from_number(*kind as u8), Some(*kind));
            assert_eq!(kind.prefix().len(), 3);
        }
    }
}
