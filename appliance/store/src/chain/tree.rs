//! Roots and proofs from the stored hashes.

use std::error::Error;

use super::{Hash, MAX_SIZE, TILE_HEIGHT, empty_root, fold_peaks, node_hash};

/// The stored hashes of a log: those that [`super::Frontier::append`] handed out.
pub trait Nodes {
    /// What reading can end in; a hash that is not there is an error too.
    type Error: Error + Send + Sync + 'static;

    /// The hash at `index` of a storage level.
    fn get(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;

    /// `count` hashes of a storage level from `first` on, in order. Never more than 256, and never beyond the tile of 256 in
    /// which the first lies. Storage that can read neighbours at once should.
    fn range(&self, level: u8, first: u64, count: u16) -> Result<Vec<Hash>, Self::Error> {
        (first..first + u64::from(count)).map(|index| self.get(level, index)).collect()
    }
}

/// A proof that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ProveError<E: Error + 'static> {
    /// The leaf is none of the log.
    #[error("audit row {leaf} is not in a log of {size} rows")]
    NoSuchLeaf {
        /// Its index.
        leaf: u64,
        /// Rows in the log.
        size: u64,
    },
    /// The log cannot have had that size.
    #[error("no audit log of {to} rows had {from} rows before")]
    NoSuchSize {
        /// The size before.
        from: u64,
        /// The size after.
        to: u64,
    },
    /// Storage gave fewer or more hashes than asked.
    #[error("the stored audit log is damaged: {found} of {wanted} hashes of level {level} from {first} on")]
    Damaged {
        /// The storage level.
        level: u8,
        /// The first index.
        first: u64,
        /// How many were asked for.
        wanted: u16,
        /// How many came.
        found: usize,
    },
    /// Storage failed.
    #[error("the stored audit log cannot be read")]
    Nodes(#[source] E),
}

impl<E: Error + 'static> ProveError<E> {
    /// Its kind; that of storage is the caller's to know.
    pub fn kind(&self) -> Option<model::ErrorKind> {
        match self {
            Self::NoSuchLeaf { .. } => Some(model::ErrorKind::NotFound),
            Self::NoSuchSize { .. } => Some(model::ErrorKind::Invalid),
            Self::Damaged { .. } => Some(model::ErrorKind::Corrupt),
            Self::Nodes(_) => None,
        }
    }
}

/// The root of the first `size` leaves.
pub fn root_at<N: Nodes>(size: u64, nodes: &N) -> Result<Hash, ProveError<N::Error>> {
    in_bounds(0, size)?;
    span(0, size, nodes)
}

/// The audit path of `leaf` in the log of `size` leaves (RFC 9162, 2.1.3.1), from the leaf upwards.
pub fn inclusion_proof<N: Nodes>(leaf: u64, size: u64, nodes: &N) -> Result<Vec<Hash>, ProveError<N::Error>> {
    in_bounds(0, size)?;
    if leaf >= size {
        return Err(ProveError::NoSuchLeaf { leaf, size });
    }
    let (mut start, mut end) = (0, size);
    let mut path = Vec::new();
    while end - start > 1 {
        let middle = split(start, end);
        if leaf < middle {
            path.push(span(middle, end, nodes)?);
            end = middle;
        } else {
            path.push(span(start, middle, nodes)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the log of `to` leaves begins with the log of `from` leaves (RFC 9162, 2.1.4.1). Empty when `from` is 0 or `to`.
pub fn consistency_proof<N: Nodes>(from: u64, to: u64, nodes: &N) -> Result<Vec<Hash>, ProveError<N::Error>> {
    in_bounds(from, to)?;
    let mut path = Vec::new();
    if from == 0 || from == to {
        return Ok(path);
    }
    let (mut start, mut end) = (0, to);
    while end != from {
        let middle = split(start, end);
        if from <= middle {
            path.push(span(middle, end, nodes)?);
            end = middle;
        } else {
            path.push(span(start, middle, nodes)?);
            start = middle;
        }
    }
    // The subtree that ends where the old log ended. When it is the whole old log, the verifier has its root already.
    if start != 0 {
        path.push(span(start, end, nodes)?);
    }
    path.reverse();
    Ok(path)
}

fn in_bounds<E: Error>(from: u64, to: u64) -> Result<(), ProveError<E>> {
    if from <= to && to <= MAX_SIZE { Ok(()) } else { Err(ProveError::NoSuchSize { from, to }) }
}

/// Where the tree over `start..end` (two leaves or more) is divided: behind the largest power of two smaller than it.
fn split(start: u64, end: u64) -> u64 {
    start + (1 << (end - start - 1).ilog2())
}

/// The root of the tree over the leaves `start..end`, where `start` is a multiple of the smallest power of two that holds them.
fn span<N: Nodes>(start: u64, end: u64, nodes: &N) -> Result<Hash, ProveError<N::Error>> {
    if start == end {
        return Ok(empty_root());
    }
    Ok(fold_peaks(&peaks(start, end, nodes)?))
}

/// The roots of the complete subtrees that make up `start..end`, the largest first.
pub(super) fn peaks<N: Nodes>(mut start: u64, end: u64, nodes: &N) -> Result<Vec<Hash>, ProveError<N::Error>> {
    let mut peaks = Vec::new();
    while start < end {
        let height = (end - start).ilog2();
        peaks.push(complete(height, start >> height, nodes)?);
        start += 1 << height;
    }
    Ok(peaks)
}

/// The root of the `index`-th complete subtree of `height`: stored, or joined from the stored ones below it in the same tile.
fn complete<N: Nodes>(height: u32, index: u64, nodes: &N) -> Result<Hash, ProveError<N::Error>> {
    let (level, above) = ((height / TILE_HEIGHT) as u8, height % TILE_HEIGHT);
    let (first, wanted) = (index << above, 1u16 << above);
    let mut hashes = nodes.range(level, first, wanted).map_err(ProveError::Nodes)?;
    if hashes.len() != usize::from(wanted) {
        return Err(ProveError::Damaged { level, first, wanted, found: hashes.len() });
    }
    while hashes.len() > 1 {
        hashes = hashes.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    Ok(hashes[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::naive::{leaves, root, stored};

    #[test]
    fn roots_of_earlier_sizes() {
        let leaves = leaves(700);
        let stored = stored(&leaves);
        for size in 0..=leaves.len() {
            assert_eq!(root_at(size as u64, &stored).unwrap(), root(&leaves[..size]), "{size}");
        }
    }

    #[test]
    fn what_is_not_there() {
        let nodes = stored(&leaves(10));
        assert!(matches!(inclusion_proof(10, 10, &nodes), Err(ProveError::NoSuchLeaf { leaf: 10, size: 10 })));
        assert!(matches!(inclusion_proof(0, 0, &nodes), Err(ProveError::NoSuchLeaf { .. })));
        assert!(matches!(consistency_proof(5, 4, &nodes), Err(ProveError::NoSuchSize { from: 5, to: 4 })));
        assert!(matches!(root_at(u64::MAX, &nodes), Err(ProveError::NoSuchSize { .. })));
        assert!(matches!(inclusion_proof(0, u64::MAX, &nodes), Err(ProveError::NoSuchSize { .. })));
        assert!(matches!(root_at(11, &nodes), Err(ProveError::Nodes(_))), "storage has ten leaves");
    }

    #[test]
    fn storage_that_gives_too_little() {
        struct Short;
        impl Nodes for Short {
            type Error = std::fmt::Error;
            fn get(&self, _: u8, _: u64) -> Result<Hash, Self::Error> {
                Ok([0; 32])
            }
            fn range(&self, _: u8, _: u64, _: u16) -> Result<Vec<Hash>, Self::Error> {
                Ok(vec![[0; 32]])
            }
        }
        assert!(matches!(root_at(4, &Short), Err(ProveError::Damaged { wanted: 4, found: 1, .. })));
    }
}
