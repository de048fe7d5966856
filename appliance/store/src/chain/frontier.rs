//! What is needed to append to a log: its size and the roots of the complete subtrees at its right edge.

use super::{Hash, MAX_SIZE, Nodes, ProveError, TILE_HEIGHT, fold_peaks, node_hash, tree};

/// The right edge of a log. Small (at most 62 hashes), so it is read and written with every commit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    /// Roots of complete subtrees, the largest first: one for each bit set in `size`.
    peaks: Vec<Hash>,
}

/// Bytes that are no frontier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored edge of the audit log is damaged: restore the file from a backup")]
pub struct FrontierError;

impl FrontierError {
    /// Its kind.
    pub fn kind(&self) -> model::ErrorKind {
        model::ErrorKind::Corrupt
    }
}

impl Frontier {
    /// How many leaves the log has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the log. Costs one hash a peak.
    pub fn root(&self) -> Hash {
        fold_peaks(&self.peaks)
    }

    /// Appends a leaf and hands every hash that is to be stored to `put(level, index, hash)`.
    /// Costs one inner hash a leaf on average.
    ///
    /// # Panics
    /// When the log has 2⁶² leaves.
    pub fn append(&mut self, leaf: Hash, put: &mut impl FnMut(u8, u64, Hash)) {
        assert!(self.size < MAX_SIZE, "no log gets as long as that");
        let index = self.size;
        put(0, index, leaf);
        let mut hash = leaf;
        let mut height = 0u32;
        // As in binary counting: every bit that carries joins two subtrees of the same height.
        while index >> height & 1 == 1 {
            let left = self.peaks.pop().expect("there is a peak for each bit of the size");
            hash = node_hash(&left, &hash);
            height += 1;
            if height.is_multiple_of(TILE_HEIGHT) {
                put((height / TILE_HEIGHT) as u8, index >> height, hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The frontier of the first `size` leaves, from stored hashes.
    pub fn at<N: Nodes>(size: u64, nodes: &N) -> Result<Self, ProveError<N::Error>> {
        Ok(Self { size, peaks: tree::peaks(0, size, nodes)? })
    }

    /// The form in which it is stored: the size (8 bytes, big-endian) and the peaks, the largest first.
    pub fn encode(&self) -> Vec<u8> {
        [&self.size.to_be_bytes(), self.peaks.as_flattened()].concat()
    }

    /// Reads what [`Frontier::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrontierError> {
        let (size, peaks) = bytes.split_first_chunk().ok_or(FrontierError)?;
        let size = u64::from_be_bytes(*size);
        let (peaks, rest) = peaks.as_chunks::<32>();
        let fits = size <= MAX_SIZE && rest.is_empty() && peaks.len() == size.count_ones() as usize;
        if fits { Ok(Self { size, peaks: peaks.to_vec() }) } else { Err(FrontierError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::naive::{Stored, leaves, root};

    #[test]
    fn every_size_has_the_root_of_the_naive_tree() {
        let leaves = leaves(600);
        let (mut frontier, mut stored) = (Frontier::default(), Stored::default());
        for size in 0..=leaves.len() {
            assert_eq!(frontier.root(), root(&leaves[..size]), "{size}");
            assert_eq!(frontier.size(), size as u64);
            assert_eq!(Frontier::decode(&frontier.encode()), Ok(frontier.clone()), "{size}");
            assert_eq!(Frontier::at(size as u64, &stored).unwrap(), frontier, "{size}");
            if let Some(leaf) = leaves.get(size) {
                frontier.append(*leaf, &mut |level, index, hash| stored.put(level, index, hash));
            }
        }
        assert_eq!(stored.counts(), [(0, 600), (1, 2)], "600 leaves fill two subtrees of 256");
    }

    #[test]
    fn a_second_level_is_stored() {
        let (mut frontier, mut stored) = (Frontier::default(), Stored::default());
        for index in 0..65_536u64 {
            let mut leaf = [0; 32];
            leaf[..8].copy_from_slice(&index.to_be_bytes());
            frontier.append(leaf, &mut |level, index, hash| stored.put(level, index, hash));
        }
        assert_eq!(stored.counts(), [(0, 65_536), (1, 256), (2, 1)]);
        assert_eq!(stored.get(2, 0).unwrap(), frontier.root());
    }

    #[test]
    fn bytes_that_are_no_frontier() {
        let mut frontier = Frontier::default();
        for leaf in leaves(5) {
            frontier.append(leaf, &mut |_, _, _| ());
        }
        let good = frontier.encode();
        for end in 0..good.len() {
            assert_eq!(Frontier::decode(&good[..end]), Err(FrontierError), "{end}");
        }
        let mut longer = good.clone();
        longer.extend([0; 32]);
        assert_eq!(Frontier::decode(&longer), Err(FrontierError));
        let mut larger = good;
        larger[0] = 0xff;
        assert_eq!(Frontier::decode(&larger), Err(FrontierError));
    }
}
