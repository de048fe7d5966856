//! Checking proofs, without the log.

use super::{Hash, MAX_SIZE, empty_root, node_hash};

/// A proof that proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The sizes or the index cannot be.
    #[error("the proof is about a row or size that the log cannot have")]
    Range,
    /// It has too many or too few hashes for these sizes.
    #[error("the proof has {found} hashes, which is not the number for this size")]
    Length {
        /// How many it has.
        found: usize,
    },
    /// It leads to another root.
    #[error("the proof leads to another root: the row or the log was altered")]
    Root,
}

impl VerifyError {
    /// Its kind.
    pub fn kind(&self) -> model::ErrorKind {
        match self {
            Self::Range | Self::Length { .. } => model::ErrorKind::Invalid,
            Self::Root => model::ErrorKind::Corrupt,
        }
    }
}

/// Checks that `leaf` is the `index`-th of the log with `size` leaves and `root` (RFC 9162, 2.1.3.2).
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, root: &Hash, proof: &[Hash]) -> Result<(), VerifyError> {
    if index >= size || size > MAX_SIZE {
        return Err(VerifyError::Range);
    }
    let mut walk = Walk { node: index, last: size - 1, found: proof.len() };
    let mut hash = *leaf;
    for step in proof {
        hash = match walk.up()? {
            Side::Left => node_hash(step, &hash),
            Side::Right => node_hash(&hash, step),
        };
    }
    walk.end()?;
    if hash == *root { Ok(()) } else { Err(VerifyError::Root) }
}

/// Checks that the log of `to` leaves with `to_root` begins with that of `from` leaves with `from_root` (RFC 9162, 2.1.4.2).
pub fn verify_consistency(
    from: u64,
    from_root: &Hash,
    to: u64,
    to_root: &Hash,
    proof: &[Hash],
) -> Result<(), VerifyError> {
    if from > to || to > MAX_SIZE {
        return Err(VerifyError::Range);
    }
    if from == 0 || from == to {
        let old = if from == 0 { &empty_root() } else { to_root };
        let end = if proof.is_empty() { Ok(()) } else { Err(VerifyError::Length { found: proof.len() }) };
        return end.and(if old == from_root { Ok(()) } else { Err(VerifyError::Root) });
    }
    // The subtree that ends where the old log ended is the first hash, unless it is the whole old log.
    let (first, steps) = if from.is_power_of_two() {
        (from_root, proof)
    } else {
        proof.split_first().ok_or(VerifyError::Length { found: 0 })?
    };
    let height = (from - 1).trailing_ones();
    let mut walk = Walk { node: (from - 1) >> height, last: (to - 1) >> height, found: proof.len() };
    let (mut old, mut new) = (*first, *first);
    for step in steps {
        match walk.up()? {
            Side::Left => {
                old = node_hash(step, &old);
                new = node_hash(step, &new);
            }
            Side::Right => new = node_hash(&new, step),
        }
    }
    walk.end()?;
    if old == *from_root && new == *to_root { Ok(()) } else { Err(VerifyError::Root) }
}

/// The way from a node up to the root; nodes are numbered from the left at each height.
struct Walk {
    node: u64,
    /// The rightmost node at this height.
    last: u64,
    /// Hashes in the proof, for the error.
    found: usize,
}

/// On which side of the way the next hash of the proof stands.
enum Side {
    Left,
    Right,
}

impl Walk {
    fn up(&mut self) -> Result<Side, VerifyError> {
        if self.last == 0 {
            return Err(VerifyError::Length { found: self.found });
        }
        let side = if self.node & 1 == 1 || self.node == self.last {
            // A last node without a sibling rises unchanged to the height where it is a right child.
            let rise = self.node.trailing_zeros();
            self.node >>= rise;
            self.last >>= rise;
            Side::Left
        } else {
            Side::Right
        };
        self.node >>= 1;
        self.last >>= 1;
        Ok(side)
    }

    fn end(&self) -> Result<(), VerifyError> {
        if self.last == 0 { Ok(()) } else { Err(VerifyError::Length { found: self.found }) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::chain::{
        consistency_proof, inclusion_proof,
        naive::{leaves, root, stored},
    };

    #[test]
    fn every_leaf_of_every_size() {
        let leaves = leaves(300);
        let nodes = stored(&leaves);
        for size in 1..=leaves.len() as u64 {
            let root = root(&leaves[..size as usize]);
            for index in 0..size {
                let leaf = leaves[index as usize];
                let proof = inclusion_proof(index, size, &nodes).unwrap();
                assert_eq!(verify_inclusion(&leaf, index, size, &root, &proof), Ok(()), "{index} of {size}");
                let other = leaves[((index + 1) % 300) as usize];
                assert_eq!(verify_inclusion(&other, index, size, &root, &proof), Err(VerifyError::Root));
                if size > 1 {
                    let elsewhere = (index + 1) % size;
                    assert!(verify_inclusion(&leaf, elsewhere, size, &root, &proof).is_err(), "{index} of {size}");
                }
            }
        }
    }

    #[test]
    fn every_size_in_every_later_one() {
        let leaves = leaves(130);
        let nodes = stored(&leaves);
        let roots: Vec<_> = (0..=leaves.len()).map(|size| root(&leaves[..size])).collect();
        for to in 0..=leaves.len() as u64 {
            for from in 0..=to {
                let (old, new) = (&roots[from as usize], &roots[to as usize]);
                let proof = consistency_proof(from, to, &nodes).unwrap();
                assert_eq!(verify_consistency(from, old, to, new, &proof), Ok(()), "{from} in {to}");
                let longer = [proof.as_slice(), &[[0; 32]]].concat();
                assert!(verify_consistency(from, old, to, new, &longer).is_err(), "{from} in {to}: longer");
                for end in 0..proof.len() {
                    assert!(verify_consistency(from, old, to, new, &proof[..end]).is_err(), "{from} in {to}: {end}");
                    assert!(verify_consistency(from, old, to, new, &proof[end + 1..]).is_err(), "{from} in {to}");
                }
                assert!(verify_consistency(from, &[7; 32], to, new, &proof).is_err());
                if from > 0 {
                    assert!(verify_consistency(from, old, to, &[7; 32], &proof).is_err());
                }
                if from > 0 && from < to {
                    assert!(verify_consistency(from - 1, old, to, new, &proof).is_err());
                    assert!(verify_consistency(to, new, from, old, &proof).is_err());
                }
            }
        }
    }

    #[test]
    fn wrong_lengths_are_refused_without_a_look_at_the_root() {
        let leaves = leaves(100);
        let nodes = stored(&leaves);
        let root = root(&leaves);
        for (index, leaf) in leaves.iter().enumerate() {
            let index = index as u64;
            let proof = inclusion_proof(index, 100, &nodes).unwrap();
            for end in 0..proof.len() {
                let found = verify_inclusion(leaf, index, 100, &root, &proof[..end]);
                assert_eq!(found, Err(VerifyError::Length { found: end }));
            }
            let longer = [proof.as_slice(), &[root]].concat();
            let found = longer.len();
            assert_eq!(verify_inclusion(leaf, index, 100, &root, &longer), Err(VerifyError::Length { found }));
        }
    }

    #[test]
    fn numbers_that_cannot_be() {
        let hash = [0; 32];
        for (index, size) in [(0, 0), (1, 1), (5, 4), (u64::MAX, u64::MAX), (0, u64::MAX), (u64::MAX - 1, u64::MAX)] {
            assert_eq!(verify_inclusion(&hash, index, size, &hash, &[]), Err(VerifyError::Range), "{index} {size}");
        }
        assert_eq!(verify_inclusion(&hash, 0, 1, &hash, &[]), Ok(()));
        assert_eq!(verify_consistency(3, &hash, 2, &hash, &[]), Err(VerifyError::Range));
        assert_eq!(verify_consistency(1, &hash, u64::MAX, &hash, &[]), Err(VerifyError::Range));
        assert_eq!(verify_consistency(3, &hash, 4, &hash, &[]), Err(VerifyError::Length { found: 0 }));
        assert_eq!(verify_consistency(2, &hash, 2, &[1; 32], &[]), Err(VerifyError::Root));
        assert_eq!(verify_consistency(0, &hash, 2, &[1; 32], &[]), Err(VerifyError::Root));
    }

    proptest! {
        #[test]
        fn a_changed_bit_proves_nothing(size in 2u64..400, at in any::<prop::sample::Index>(), bit in 0usize..256) {
            let leaves = leaves(size as usize);
            let nodes = stored(&leaves);
            let root = root(&leaves);
            let index = at.index(size as usize) as u64;
            let mut proof = inclusion_proof(index, size, &nodes).unwrap();
            let which = at.index(proof.len());
            proof[which][bit / 8] ^= 1 << (bit % 8);
            let found = verify_inclusion(&leaves[index as usize], index, size, &root, &proof);
            prop_assert_eq!(found, Err(VerifyError::Root));
        }

        #[test]
        fn noise_proves_nothing(
            numbers in any::<(u64, u64)>(),
            proof in prop::collection::vec(any::<[u8; 32]>(), 0..70),
            leaf in any::<[u8; 32]>(),
        ) {
            let (index, size) = numbers;
            prop_assert!(verify_inclusion(&leaf, index, size, &[1; 32], &proof).is_err());
            prop_assert!(verify_consistency(index, &leaf, size, &[1; 32], &proof).is_err());
        }
    }
}
