//! The identity of an event: what makes it counted once.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Says which event it is, whoever sends it how often. The first half of a SHA-256 over source and id, each with its length before it,
/// so that no two pairs run into each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventId(pub [u8; 16]);

impl EventId {
    /// The event that `source` calls `id`.
    pub fn of(source: &str, id: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"audiagram usage event 1");
        for part in [source, id] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let digest: [u8; 32] = hash.finalize().into();
        let (first, _) = digest.split_first_chunk().expect("a digest is longer than an id");
        EventId(*first)
    }
}

impl EventId {
    /// Its first bits.
    pub(crate) fn head(&self) -> u64 {
        let [head @ .., _, _, _, _, _, _, _, _] = self.0;
        u64::from_be_bytes(head)
    }

    /// Its last bits.
    pub(crate) fn tail(&self) -> u64 {
        let [_, _, _, _, _, _, _, _, tail @ ..] = self.0;
        u64::from_be_bytes(tail)
    }

    /// One over the other, bit by bit.
    pub(crate) fn over(&self, other: &EventId) -> EventId {
        EventId(std::array::from_fn(|at| self.0[at] ^ other.0[at]))
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(EventId::of("a", "bc"), EventId::of("ab", "c"));
        assert_eq!(EventId::of("a", "bc"), EventId::of("a", "bc"));
        assert_eq!(EventId::of("", "").to_string().len(), 32);
    }
}
