//! The appliance key out of a passphrase: Argon2id (RFC 9106) with salt and parameters in a file beside the vault.

use std::{io::Read as _, path::Path};

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};

use super::{
    keyfile::{open_private, sorted, write_new},
    root::{Held, RootKeyError, root_key},
    wrap::{Secret, random},
};

/// The fewest characters of a passphrase that guards an appliance or a moved tenant.
pub const SHORTEST_PASSPHRASE: usize = 12;

/// An appliance key that exists only while somebody who knows the passphrase lets the appliance run.
#[derive(Debug)]
pub struct Passphrase {
    held: Held,
}
root_key!(Passphrase);

/// What it costs to try one passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// 19 MiB and two passes: the least that OWASP's cheat sheet on password storage asks of Argon2id.
    pub const STANDARD: Cost = Cost { memory: 19 * 1024, passes: 2 };
    /// What a file may ask of us: beyond it, it is an attack on our memory and time.
    pub const MOST: Cost = Cost { memory: 1024 * 1024, passes: 16 };
}

/// What turns a passphrase into a key: cost and salt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stretch {
    cost: Cost,
    salt: [u8; 16],
}

impl Stretch {
    pub(super) fn fresh(cost: Cost) -> Self {
        let mut salt = [0; 16];
        random(&mut salt);
        Self { cost, salt }
    }

    pub(super) fn key(&self, passphrase: &str) -> Result<Secret, RootKeyError> {
        let Cost { memory, passes } = self.cost;
        let refused = RootKeyError::Cost { memory, passes };
        if memory > Cost::MOST.memory || passes > Cost::MOST.passes {
            return Err(refused);
        }
        let Ok(params) = Params::new(memory, passes, 1, Some(32)) else { return Err(refused) };
        let mut secret = Secret::default();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &self.salt, &mut secret[..])
            .map_err(|_| refused)?;
        Ok(secret)
    }
}

/// Refuses a passphrase that can be guessed by trying.
pub(super) fn long_enough(passphrase: &str) -> Result<(), RootKeyError> {
    if passphrase.chars().count() < SHORTEST_PASSPHRASE {
        return Err(RootKeyError::Short(SHORTEST_PASSPHRASE));
    }
    Ok(())
}

const MAGIC: &[u8; 8] = b"ADGPASS1";

impl Passphrase {
    /// Draws a salt, writes it and the cost to the new file `path`, and stretches the passphrase to a key.
    ///
    /// # Errors
    /// When the passphrase is too short, the cost out of bounds, or the file exists.
    pub fn create(path: &Path, passphrase: &str, cost: Cost) -> Result<Self, RootKeyError> {
        long_enough(passphrase)?;
        let stretch = Stretch::fresh(cost);
        let secret = stretch.key(passphrase)?;
        let body = postcard::to_allocvec(&stretch).expect("plain numbers are written without failure");
        write_new(path, &[MAGIC, body.as_slice()].concat()).map_err(|error| sorted(path, error))?;
        Ok(Self { held: Held::new(&secret) })
    }

    /// Stretches the passphrase with the salt and cost in the file. A wrong passphrase gives a key that opens nothing.
    ///
    /// # Errors
    /// When there is no such file, when it is malformed, or asks for more than [`Cost::MOST`].
    pub fn open(path: &Path, passphrase: &str) -> Result<Self, RootKeyError> {
        let mut content = Vec::new();
        open_private(path)?.take(256).read_to_end(&mut content).map_err(|error| sorted(path, error))?;
        let malformed =
            || RootKeyError::Malformed { path: path.to_owned(), detail: "it holds no passphrase parameters" };
        let body = content.strip_prefix(MAGIC).ok_or_else(malformed)?;
        let stretch: Stretch = postcard::from_bytes(body).map_err(|_| malformed())?;
        Ok(Self { held: Held::new(&stretch.key(passphrase)?) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::RootKey as _;

    const CHEAP: Cost = Cost { memory: 64, passes: 1 };

    #[test]
    fn the_same_passphrase_gives_the_same_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        let made = Passphrase::create(&path, "correct horse battery", CHEAP).unwrap();
        let again = Passphrase::open(&path, "correct horse battery").unwrap();
        assert_eq!(made.fingerprint(), again.fingerprint());
        assert_ne!(made.fingerprint(), Passphrase::open(&path, "correct horse batterz").unwrap().fingerprint());
        let other = Passphrase::create(&folder.path().join("other"), "correct horse battery", CHEAP).unwrap();
        assert_ne!(made.fingerprint(), other.fingerprint(), "the salt tells them apart");
    }

    #[test]
    fn hostile_and_weak_parameters() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        assert!(matches!(Passphrase::create(&path, "short", CHEAP), Err(RootKeyError::Short(_))));
        for (memory, passes) in [(u32::MAX, 1), (64, 1000), (1, 1), (64, 0)] {
            let made = Passphrase::create(&path, "correct horse battery", Cost { memory, passes });
            assert!(matches!(made, Err(RootKeyError::Cost { .. })), "{memory} {passes}");
        }
        for content in [&b""[..], b"ADGPASS1", b"ADGPASS2\x40\x01", b"ADGPASS1\xff\xff\xff\xff\xff\xff\xff"] {
            std::fs::remove_file(&path).ok();
            write_new(&path, content).unwrap();
            assert!(matches!(Passphrase::open(&path, "x"), Err(RootKeyError::Malformed { .. })));
        }
    }

    #[test]
    fn the_standard_cost_is_in_bounds() {
        Stretch::fresh(Cost::STANDARD).key("x").unwrap();
    }
}
