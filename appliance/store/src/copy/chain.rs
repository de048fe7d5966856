//! The audit log among rows that go by in order, recomputed with little memory.

use sha2::{Digest as _, Sha256};

use super::CopyError;
use crate::{
    chain::{Frontier, Hash},
    key::{self, Area},
    trail::Leaf,
};

/// Storage levels of the longest log: one for each 8 of 62 bits, and the leaves.
const LEVELS: usize = 9;

/// Checks that keys ascend and are of known areas, and that leaves, stored hashes and the stored edge of the audit log fit each other.
///
/// Leaves come before hashes, so what each level must hold is remembered as one hash a level.
pub(crate) struct ChainCheck {
    last: Vec<u8>,
    stored: Frontier,
    computed: Frontier,
    wanted: [Sha256; LEVELS],
    found: [Sha256; LEVELS],
}

impl Default for ChainCheck {
    fn default() -> Self {
        ChainCheck {
            last: Vec::new(),
            stored: Frontier::default(),
            computed: Frontier::default(),
            wanted: std::array::from_fn(|_| Sha256::new()),
            found: std::array::from_fn(|_| Sha256::new()),
        }
    }
}

impl ChainCheck {
    pub(crate) fn row(&mut self, key: &[u8], value: &[u8]) -> Result<(), CopyError> {
        if key <= self.last.as_slice() {
            return Err(CopyError::Form("rows are out of order"));
        }
        self.last.clear();
        self.last.extend_from_slice(key);
        let rest = &key[1..];
        match key[0] {
            area if area == Area::Meta as u8 => {
                if key == key::meta(crate::database::FRONTIER_KEY) {
                    self.stored = Frontier::decode(value).map_err(|_| CopyError::Chain("its edge is damaged"))?;
                }
            }
            area if [Area::Record as u8, Area::Index as u8, Area::Unique as u8].contains(&area) => {}
            area if area == Area::Leaf as u8 => {
                if rest != self.computed.size().to_be_bytes() {
                    return Err(CopyError::Chain("a row is missing"));
                }
                let leaf = Leaf::of(value).map_err(|_| CopyError::Chain("a row is damaged"))?;
                let wanted = &mut self.wanted;
                self.computed.append(leaf.hash(), &mut |level, index, hash| {
                    wanted[usize::from(level)].update(index.to_be_bytes());
                    wanted[usize::from(level)].update(hash);
                });
            }
            area if area == Area::Node as u8 => {
                let level = rest.first().map(|level| usize::from(*level)).filter(|level| *level < LEVELS);
                let level = level.ok_or(CopyError::Chain("it has too many levels"))?;
                if rest.len() != 9 || value.len() != 32 {
                    return Err(CopyError::Chain("a hash is damaged"));
                }
                self.found[level].update(&rest[1..]);
                self.found[level].update(value);
            }
            _ => return Err(CopyError::Form("a row is of an unknown kind")),
        }
        Ok(())
    }

    /// How many rows the log has, and its root.
    pub(crate) fn finish(self) -> Result<(u64, Hash), CopyError> {
        if self.stored != self.computed {
            return Err(CopyError::Chain("its rows are not those of its edge"));
        }
        let fits = self.wanted.into_iter().zip(self.found).all(|(wanted, found)| wanted.finalize() == found.finalize());
        if !fits {
            return Err(CopyError::Chain("its stored hashes are not those of its rows"));
        }
        Ok((self.computed.size(), self.computed.root()))
    }
}
