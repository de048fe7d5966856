//! Argon2id hashes of passwords.

use std::{
    fmt,
    sync::{Condvar, Mutex, PoisonError},
};

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::MAX_BYTES;
use crate::secret::{Secret, random, stored_only};

/// What one hash costs (OWASP's first choice: 19 MiB, two passes, one lane).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HashCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for HashCost {
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2 }
    }
}

impl HashCost {
    /// Argon2 wants 8 KiB at least; above 1 GiB or 16 passes a stored cost is damage, not intent.
    fn params(self) -> Params {
        Params::new(self.memory_kib.clamp(8, 1 << 20), self.passes.clamp(1, 16), 1, Some(32))
            .expect("the costs are within Argon2's bounds")
    }
}

/// A password as it is stored: salt, cost and what came out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordHash {
    memory_kib: u32,
    passes: u32,
    #[serde(serialize_with = "stored_only")]
    salt: [u8; 16],
    #[serde(serialize_with = "stored_only")]
    output: [u8; 32],
}

impl PasswordHash {
    fn new(cost: HashCost, salt: [u8; 16], output: [u8; 32]) -> Self {
        Self { memory_kib: cost.memory_kib, passes: cost.passes, salt, output }
    }

    /// A hash of nothing, for tests of the stored form.
    #[cfg(test)]
    pub(crate) fn fixed(byte: u8) -> Self {
        Self::new(HashCost::default(), [byte; 16], [byte + 1; 32])
    }

    /// What it cost.
    pub fn cost(&self) -> HashCost {
        HashCost { memory_kib: self.memory_kib, passes: self.passes }
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// Makes and checks hashes, a few at a time: each takes [`HashCost::memory_kib`] of memory and a core for tens of milliseconds.
pub struct Hasher {
    cost: HashCost,
    dummy: PasswordHash,
    lanes: Lanes,
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").field("cost", &self.cost).finish_non_exhaustive()
    }
}

/// Too many sign-ins wait already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked at this moment; try again in a few seconds")]
pub struct Busy;

impl Hasher {
    /// A hasher that works on `at_once` passwords at a time and lets `waiting` more wait.
    pub fn new(cost: HashCost, at_once: usize, waiting: usize) -> Self {
        let params = cost.params();
        let cost = HashCost { memory_kib: params.m_cost(), passes: params.t_cost() };
        // What nobody can know: checking against it costs what checking against a user's hash costs, and fails.
        let dummy = PasswordHash::new(cost, *random(), *random());
        Self { cost, dummy, lanes: Lanes::new(at_once.max(1), waiting) }
    }

    /// The hash of a password that the rules have let through.
    pub fn hash(&self, password: &Secret) -> Result<PasswordHash, Busy> {
        let salt = *random();
        let output = self.run(self.cost, &salt, password)?;
        Ok(PasswordHash::new(self.cost, salt, *output))
    }

    /// Whether `password` is the one behind `stored`. Takes as long where there is nothing to compare with, or a password is
    /// longer than any can be.
    pub fn verify(&self, password: &Secret, stored: Option<&PasswordHash>) -> Result<bool, Busy> {
        let against = stored.unwrap_or(&self.dummy);
        let output = self.run(against.cost(), &against.salt, password)?;
        let equal = bool::from(output.ct_eq(&against.output));
        Ok(equal && stored.is_some() && password.expose().len() <= MAX_BYTES)
    }

    /// Whether `stored` should be made anew at the next sign-in, since costs have changed.
    pub fn is_outdated(&self, stored: &PasswordHash) -> bool {
        stored.cost() != self.cost
    }

    fn run(&self, cost: HashCost, salt: &[u8; 16], password: &Secret) -> Result<Zeroizing<[u8; 32]>, Busy> {
        let _lane = self.lanes.enter()?;
        let mut output = Zeroizing::new([0; 32]);
        let password = normal(password);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.params())
            .hash_password_into(password.as_bytes(), salt, &mut *output)
            .expect("salt and output have lengths that Argon2 takes");
        Ok(output)
    }
}

/// The password as it is hashed: NFC, so that keyboards that compose letters differently agree.
pub(super) fn normal(password: &Secret) -> Zeroizing<String> {
    let text = password.expose();
    // Cut at a character's end; such a password is refused anyway.
    let end = (0..=text.len().min(MAX_BYTES)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    // Room for the worst case (UAX 15: at most three times the bytes), so that no half-filled copy is left behind in memory.
    let mut normal = Zeroizing::new(String::with_capacity(end * 3));
    normal.extend(text[..end].nfc());
    normal
}

/// A fixed number of places to work at, and a bounded queue before them.
struct Lanes {
    state: Mutex<LaneState>,
    freed: Condvar,
    waiting: usize,
}

struct LaneState {
    free: usize,
    waiting: usize,
}

struct Lane<'a>(&'a Lanes);

impl Lanes {
    fn new(free: usize, waiting: usize) -> Self {
        Self { state: Mutex::new(LaneState { free, waiting: 0 }), freed: Condvar::new(), waiting }
    }

    fn enter(&self) -> Result<Lane<'_>, Busy> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.free == 0 {
            if state.waiting == self.waiting {
                return Err(Busy);
            }
            state.waiting += 1;
            state = self.freed.wait_while(state, |state| state.free == 0).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
        state.free -= 1;
        Ok(Lane(self))
    }
}

impl Drop for Lane<'_> {
    fn drop(&mut self) {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).free += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: HashCost = HashCost { memory_kib: 8, passes: 1 };

    #[test]
    fn the_right_password_and_no_other() {
        let hasher = Hasher::new(CHEAP, 2, 8);
        let hash = hasher.hash(&"correct horse battery".into()).unwrap();
        let check = |password: &str, stored| hasher.verify(&password.into(), stored).unwrap();
        assert!(check("correct horse battery", Some(&hash)));
        assert!(!check("correct horse batterz", Some(&hash)));
        assert!(!check("", Some(&hash)));
        assert!(!check("correct horse battery", None));
        assert!(hash != hasher.hash(&"correct horse battery".into()).unwrap(), "each has its own salt");
        assert!(!format!("{hash:?} {hasher:?}").contains("salt"));
        assert!(serde_json::to_string(&hash).is_err());
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same() {
        let hasher = Hasher::new(CHEAP, 1, 0);
        let hash = hasher.hash(&"crème brûlée für José".into()).unwrap();
        assert!(
            hasher.verify(&"cre\u{300}me bru\u{302}le\u{301}e fu\u{308}r Jose\u{301}".into(), Some(&hash)).unwrap()
        );
    }

    #[test]
    fn what_is_too_long_never_fits() {
        let hasher = Hasher::new(CHEAP, 1, 0);
        let longest = "é".repeat(MAX_BYTES / 2);
        let hash = hasher.hash(&longest.as_str().into()).unwrap();
        assert!(hasher.verify(&longest.as_str().into(), Some(&hash)).unwrap());
        assert!(!hasher.verify(&format!("{longest}x").as_str().into(), Some(&hash)).unwrap());
    }

    #[test]
    fn a_hash_of_another_cost_still_verifies_and_is_outdated() {
        let before = Hasher::new(CHEAP, 1, 0);
        let after = Hasher::new(HashCost { passes: 2, ..CHEAP }, 1, 0);
        let hash = before.hash(&"correct horse battery".into()).unwrap();
        assert!(after.verify(&"correct horse battery".into(), Some(&hash)).unwrap());
        assert!(after.is_outdated(&hash) && !before.is_outdated(&hash));
    }

    #[test]
    fn the_default_is_what_the_rule_asks() {
        let hasher = Hasher::new(HashCost::default(), 1, 0);
        let hash = hasher.hash(&"correct horse battery".into()).unwrap();
        assert_eq!(hash.cost(), HashCost { memory_kib: 19_456, passes: 2 });
        assert!(hasher.verify(&"correct horse battery".into(), Some(&hash)).unwrap());
    }

    #[test]
    fn it_is_argon2id() {
        // The reference implementation: `printf 'correct horse battery' | argon2 0123456789abcdef -id -t 2 -k 64 -p 1 -l 32 -r`.
        let hasher = Hasher::new(HashCost { memory_kib: 64, passes: 2 }, 1, 0);
        let output = hasher.run(hasher.cost, b"0123456789abcdef", &"correct horse battery".into()).unwrap();
        let hex: String = output.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "4f73dc689db83505d02e014fc2cab53bde555c6dffa2118a0d5ca4d163b07c41");
    }

    #[test]
    fn the_queue_is_bounded() {
        let lanes = Lanes::new(1, 0);
        let first = lanes.enter().unwrap();
        assert!(lanes.enter().is_err());
        drop(first);
        assert!(lanes.enter().is_ok());
        let lanes = Lanes::new(2, 100);
        let inside = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let _lane = lanes.enter().unwrap();
                        assert!(inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 2);
                        inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                    }
                });
            }
        });
    }
}
