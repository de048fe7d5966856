//! Secrets in memory and their digests at rest: neither shows in debug output or in a readable format.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// What a person typed in secret, or what is shown to its owner once. Wiped from memory when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}
impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// The SHA-256 of a token, key or code. They are random and long, so a fast hash keeps them as safe as a slow one.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(#[serde(serialize_with = "stored_only")] [u8; 32]);

impl Digest {
    /// The digest of `parts` under the name of what they are, so that no code passes for a token.
    pub(crate) fn of(purpose: &str, parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        hash.update((purpose.len() as u64).to_be_bytes());
        hash.update(purpose);
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// A digest of nothing, for tests of the stored form.
    #[cfg(test)]
    pub(crate) fn fixed(byte: u8) -> Self {
        Self([byte; 32])
    }

    /// A byte that spreads digests evenly.
    pub(crate) fn spread(&self) -> usize {
        usize::from(self.0[0])
    }
}

// In constant time, although a difference of digests says little about what was digested.
impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}
impl Eq for Digest {}
impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}

/// Writes bytes into stored records and refuses to write them into anything that people read.
pub(crate) fn stored_only<S: Serializer, const N: usize>(bytes: &[u8; N], serializer: S) -> Result<S::Ok, S::Error>
where
    [u8; N]: Serialize,
{
    if serializer.is_human_readable() {
        return Err(serde::ser::Error::custom("secrets and their digests are not shown"));
    }
    bytes.serialize(serializer)
}

/// Random bytes.
///
/// # Panics
/// When the operating system has none to give: nothing in the appliance is safe without them.
pub(crate) fn random<const N: usize>() -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(&mut *bytes).expect("the operating system gives random numbers");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_show() {
        let secret = Secret::from("hunter2");
        let digest = Digest::of("test", &[b"hunter2"]);
        assert_eq!(format!("{secret:?} {digest:?}"), "Secret(..) Digest(..)");
        assert!(serde_json::to_string(&digest).is_err());
        let stored = postcard::to_allocvec(&digest).unwrap();
        assert_eq!(stored.len(), 32);
        assert_eq!(postcard::from_bytes::<Digest>(&stored).unwrap(), digest);
    }

    #[test]
    fn digests_tell_purpose_and_parts_apart() {
        let all = [
            Digest::of("a", &[b"bc"]),
            Digest::of("ab", &[b"c"]),
            Digest::of("a", &[b"b", b"c"]),
            Digest::of("a", &[b"bc", b""]),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(all[at + 1..].iter().all(|other| one != other));
        }
    }
}
