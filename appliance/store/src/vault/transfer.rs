//! A tenant's keys on their way to another appliance, under a key that is used once.

use aes_gcm_siv::{
    Aes256GcmSiv, Nonce, Tag,
    aead::{AeadInOut as _, KeyInit as _},
};
use model::{Id, noun::Tenant};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use super::{
    SYSTEM, Vault, VaultError,
    keys::{DataKey, Purpose, TenantKeys},
    passphrase::{Cost, Stretch, long_enough},
    row::{Live, MOST_VERSIONS},
    wrap::Secret,
};

const MAGIC: &[u8; 8] = b"ADGMOVE1";
/// More than any tenant's keys take.
const LONGEST: usize = 64 << 10;

/// What stands before the enciphered keys; changed, they do not open.
#[derive(Serialize, Deserialize)]
struct Head {
    tenant: Id<Tenant>,
    stretch: Stretch,
    tag: [u8; 16],
}

/// One key, open. Lives only inside a buffer that is wiped.
#[derive(Serialize, Deserialize)]
struct Open {
    purpose: Purpose,
    version: u32,
    secret: [u8; 32],
}

impl Drop for Open {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl Vault {
    /// Takes in keys that were drawn for a tenant before it was known whether it can be taken in. Once more is no fault.
    pub(crate) fn adopt(&self, keys: &TenantKeys) -> Result<(), VaultError> {
        let tenant = keys.tenant();
        let root = self.root();
        match self.change(|rows, _| self.insert(rows, tenant, Live::wrap(&self.store, keys, 1, &**root)?)) {
            Err(VaultError::Known(_)) => Ok(()),
            done => done,
        }
    }

    /// A tenant's data keys under a key made from the passphrase and a salt that is drawn for this one file. The tenant's own key stays here:
    /// the other appliance gives it one of its own.
    ///
    /// # Errors
    /// When the passphrase is too short or the tenant has no keys.
    pub fn export_wrapped(&self, tenant: Id<Tenant>, passphrase: &str) -> Result<Vec<u8>, VaultError> {
        long_enough(passphrase)?;
        if tenant == SYSTEM {
            return Err(VaultError::System);
        }
        let keys = self.keys(tenant)?;
        let all = Purpose::ALL.iter().flat_map(|purpose| keys.all(*purpose));
        let open: Vec<Open> =
            all.map(|key| Open { purpose: key.purpose(), version: key.version(), secret: **key.secret() }).collect();
        // Long enough from the start, so that no copy is left behind by growing.
        let mut body = Zeroizing::new(vec![0; 16 + open.len() * 48]);
        let length = postcard::to_slice(&open, &mut body).expect("48 bytes hold a key and its name").len();
        body.truncate(length);
        let stretch = Stretch::fresh(Cost::STANDARD);
        let cipher = cipher(&stretch.key(passphrase)?);
        let tag = cipher.encrypt_inout_detached(&Nonce::default(), &bound_to(tenant, &stretch), (&mut body[..]).into());
        let head = Head { tenant, stretch, tag: tag.expect("keys are within the limits of the cipher").0 };
        let head = postcard::to_allocvec(&head).expect("plain numbers are written without failure");
        Ok([MAGIC, head.as_slice(), body.as_slice()].concat())
    }

    /// Takes in keys that another appliance exported, and returns whose they are.
    ///
    /// # Errors
    /// `Transfer` when the passphrase is wrong or the file was changed; `Known` or `Destroyed` when the id was used here before.
    pub fn import_wrapped(&self, file: &[u8], passphrase: &str) -> Result<Id<Tenant>, VaultError> {
        if file.len() > LONGEST {
            return Err(VaultError::Transfer);
        }
        let content = file.strip_prefix(MAGIC).ok_or(VaultError::Transfer)?;
        let (head, body) = postcard::take_from_bytes::<Head>(content).map_err(|_| VaultError::Transfer)?;
        let mut body = Zeroizing::new(body.to_vec());
        let context = bound_to(head.tenant, &head.stretch);
        cipher(&head.stretch.key(passphrase)?)
            .decrypt_inout_detached(&Nonce::default(), &context, (&mut body[..]).into(), &Tag::from(head.tag))
            .map_err(|_| VaultError::Transfer)?;
        let open: Vec<Open> = postcard::from_bytes(&body).map_err(|_| VaultError::Transfer)?;
        if head.tenant == SYSTEM || open.len() > Purpose::ALL.len() * MOST_VERSIONS {
            return Err(VaultError::Transfer);
        }
        let keys = open.iter().map(|key| DataKey::new(key.purpose, key.version, Secret::new(key.secret)));
        let keys = TenantKeys::new(head.tenant, keys.collect()).ok_or(VaultError::Transfer)?;
        let root = self.root();
        self.change(|rows, _| self.insert(rows, head.tenant, Live::wrap(&self.store, &keys, 1, &**root)?))?;
        Ok(head.tenant)
    }
}

/// The salt is drawn for each file, so the key is used once and its nonce may be zero.
fn cipher(key: &Secret) -> Aes256GcmSiv {
    Aes256GcmSiv::new_from_slice(&key[..]).expect("32 bytes are a key of AES-256")
}

fn bound_to(tenant: Id<Tenant>, stretch: &Stretch) -> Vec<u8> {
    postcard::to_allocvec(&(MAGIC, tenant, stretch)).expect("plain numbers are written without failure")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::KeyFile;
    use model::Timestamp;

    fn vault(folder: &std::path::Path, name: &str) -> Vault {
        let root = Box::new(KeyFile::create(&folder.join(format!("{name}.key"))).unwrap());
        Vault::create(&folder.join(format!("{name}.redb")), root).unwrap()
    }

    fn secrets(vault: &Vault, tenant: Id<Tenant>) -> Vec<(Purpose, u32, [u8; 32])> {
        let keys = vault.keys(tenant).unwrap();
        let all = Purpose::ALL.iter().flat_map(|purpose| keys.all(*purpose));
        all.map(|key| (key.purpose(), key.version(), **key.secret())).collect()
    }

    #[test]
    fn keys_move_to_another_appliance() {
        let folder = tempfile::tempdir().unwrap();
        let (here, there) = (vault(folder.path(), "here"), vault(folder.path(), "there"));
        let tenant = Id::from_bits(4);
        here.create_tenant(tenant).unwrap();
        here.rotate_data_key(tenant, Purpose::Blob).unwrap();
        let file = here.export_wrapped(tenant, "a passphrase to move").unwrap();
        assert!(secrets(&here, tenant).iter().all(|(.., secret)| !file.windows(8).any(|part| part == &secret[..8])));
        assert!(matches!(there.import_wrapped(&file, "another passphrase"), Err(VaultError::Transfer)));
        assert_eq!(there.import_wrapped(&file, "a passphrase to move").unwrap(), tenant);
        assert_eq!(secrets(&here, tenant), secrets(&there, tenant));
        assert!(matches!(there.import_wrapped(&file, "a passphrase to move"), Err(VaultError::Known(_))));
        there.destroy(tenant, Timestamp::from_millis(1)).unwrap();
        assert!(matches!(there.import_wrapped(&file, "a passphrase to move"), Err(VaultError::Destroyed(_))));
        assert!(matches!(here.export_wrapped(tenant, "short"), Err(VaultError::Root(_))));
        assert!(matches!(here.export_wrapped(SYSTEM, "a passphrase to move"), Err(VaultError::System)));
    }

    #[test]
    fn changed_files_do_not_open() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path(), "here");
        // A cheap stretch, or each of the bytes would cost 19 MiB of hashing.
        let stretch = Stretch::fresh(Cost { memory: 8, passes: 1 });
        let tenant = Id::from_bits(4);
        let open =
            Purpose::ALL.iter().map(|purpose| Open { purpose: *purpose, version: 1, secret: [*purpose as u8; 32] });
        let mut body = postcard::to_allocvec(&open.collect::<Vec<_>>()).unwrap();
        let cipher = cipher(&stretch.key("passphrase").unwrap());
        let context = bound_to(tenant, &stretch);
        let tag = cipher.encrypt_inout_detached(&Nonce::default(), &context, (&mut body[..]).into()).unwrap().0;
        let head = postcard::to_allocvec(&Head { tenant, stretch, tag }).unwrap();
        let file = [MAGIC, head.as_slice(), body.as_slice()].concat();
        for place in 0..file.len() {
            let mut changed = file.clone();
            changed[place] ^= 1;
            let error = vault.import_wrapped(&changed, "passphrase").unwrap_err();
            assert!(matches!(error, VaultError::Transfer | VaultError::Root(_)), "byte {place}: {error}");
            assert!(vault.import_wrapped(&file[..place], "passphrase").is_err());
        }
        assert!(vault.import_wrapped(&vec![0; LONGEST + 1], "passphrase").is_err());
        assert_eq!(vault.import_wrapped(&file, "passphrase").unwrap(), tenant);
    }
}
