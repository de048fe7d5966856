//! For tests: the tree as RFC 9162 defines it, by recursion over all leaves, and storage in a map.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{Frontier, Hash, Nodes, node_hash};

/// `count` leaves that differ.
pub(super) fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|index| Sha256::digest(index.to_be_bytes()).into()).collect()
}

/// The root by the definition (RFC 9162, 2.1.1).
pub(super) fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            let mut half = 1;
            while half * 2 < leaves.len() {
                half *= 2;
            }
            node_hash(&root(&leaves[..half]), &root(&leaves[half..]))
        }
    }
}

/// Stored hashes in memory.
#[derive(Debug, Default)]
pub(super) struct Stored(BTreeMap<(u8, u64), Hash>);

#[derive(Debug, thiserror::Error)]
#[error("no hash {index} in level {level}")]
pub(super) struct Missing {
    level: u8,
    index: u64,
}

impl Stored {
    pub(super) fn put(&mut self, level: u8, index: u64, hash: Hash) {
        assert_eq!(self.0.insert((level, index), hash), None, "a hash is put once: {level} {index}");
    }

    /// How many hashes each level has.
    pub(super) fn counts(&self) -> Vec<(u8, usize)> {
        let mut counts = BTreeMap::new();
        for (level, _) in self.0.keys() {
            *counts.entry(*level).or_insert(0) += 1;
        }
        counts.into_iter().collect()
    }
}

impl Nodes for Stored {
    type Error = Missing;
    fn get(&self, level: u8, index: u64) -> Result<Hash, Missing> {
        self.0.get(&(level, index)).copied().ok_or(Missing { level, index })
    }
}

/// The stored hashes of a log with these leaves.
pub(super) fn stored(leaves: &[Hash]) -> Stored {
    let (mut frontier, mut stored) = (Frontier::default(), Stored::default());
    for leaf in leaves {
        frontier.append(*leaf, &mut |level, index, hash| stored.put(level, index, hash));
    }
    stored
}

/// The log of the test vectors of RFC 6962 implementations (certificate-transparency).
#[test]
fn known_roots() {
    let inputs: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let hex = |hash: Hash| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut frontier = Frontier::default();
    assert_eq!(hex(frontier.root()), roots[0]);
    for (input, expected) in inputs.iter().zip(&roots[1..]) {
        let leaf = Sha256::new().chain_update([0]).chain_update(input).finalize().into();
        frontier.append(leaf, &mut |_, _, _| ());
        assert_eq!(hex(frontier.root()), *expected);
    }
    // The last input is 16 bytes long: as a salt before an empty row it gives the same leaf.
    let salt: [u8; 16] = inputs[7].try_into().unwrap();
    let plain: Hash = Sha256::new().chain_update([0]).chain_update(inputs[7]).finalize().into();
    assert_eq!(super::leaf_hash(&salt, b""), plain);
}
