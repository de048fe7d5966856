//! The Merkle log of the audit trail (RFC 9162, hashes as in RFC 6962): pure functions, no disk.
//!
//! A row is the leaf `SHA-256(0x00 ‖ salt ‖ row)`, where the row is canonical JSON (RFC 8785) and the salt 16 random bytes of its
//! own. Salt and row are kept in the tenant's encrypted file; without the salt nobody can guess a short row from its hash, so
//! erasing both leaves a tree that tells nothing and still verifies.
//!
//! Of the inner hashes only those at heights 0, 8, 16, … are stored: level `l` of the storage, index `i`, is the root of the
//! complete subtree of height `8·l` over the leaves `i·256ˡ ..`. These are the hashes in the tiles of C2SP tlog-tiles. The others
//! are computed when a proof needs them: at most 255 hashes a level.

mod checkpoint;
mod frontier;
mod note;
mod origin;
mod proof;
mod row;
mod tree;

use sha2::{Digest, Sha256};

pub use checkpoint::Checkpoint;
pub use frontier::{Frontier, FrontierError};
pub use note::{NoteError, Signer, Verifier};
pub use origin::{origin, origin_log};
pub use proof::{VerifyError, verify_consistency, verify_inclusion};
pub use row::{RowError, row_json};
pub use tree::{Nodes, ProveError, consistency_proof, inclusion_proof, root_at};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// Leaves under one stored hash of the next level: tiles of C2SP tlog-tiles have height 8.
pub const TILE_HEIGHT: u32 = 8;

/// More leaves than any log will have; keeps sums of outside numbers from overflowing.
const MAX_SIZE: u64 = 1 << 62;

/// The hash of a row: `SHA-256(0x00 ‖ salt ‖ row)`, where `row` is what [`row_json`] makes.
pub fn leaf_hash(salt: &[u8; 16], row: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(salt).chain_update(row).finalize().into()
}

/// The hash of an inner node: `SHA-256(0x01 ‖ left ‖ right)`.
fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of the log without rows: the hash of nothing.
fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The root over adjacent complete subtrees that get smaller from left to right.
fn fold_peaks(peaks: &[Hash]) -> Hash {
    let right_to_left = peaks.iter().rev().copied();
    right_to_left.reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(empty_root)
}

#[cfg(test)]
mod naive;
