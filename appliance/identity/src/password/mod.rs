//! Passwords: which are good enough (NIST SP 800-63B-4), and how they are kept.

mod hash;

pub use hash::{Busy, HashCost, Hasher, PasswordHash};

/// The most bytes of a password: 256 characters of up to four bytes.
const MAX_BYTES: usize = 1_024;
