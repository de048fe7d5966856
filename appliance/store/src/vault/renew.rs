//! A new appliance key, or a new passphrase, while the appliance runs.
//!
//! The next key's file lies beside the one in use, as `NAME.next`, until the vault is under it; then it takes its name. Whenever that is
//! cut off, one of the two files opens the vault: [`root_keys`] gives both, and [`settle_root`] puts the right one in its place.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::{Cost, KeyFile, Passphrase, RootKey, RootKeyError, Vault, VaultError, keyfile::sorted};

/// What stands outside of the vault and opens it.
#[derive(Debug, Clone, Copy)]
pub enum PendingRoot<'a> {
    /// A key file.
    KeyFile,
    /// A passphrase, with its parameters in the file.
    Passphrase(&'a str),
}

impl PendingRoot<'_> {
    fn open(self, path: &Path) -> Result<Box<dyn RootKey>, RootKeyError> {
        Ok(match self {
            PendingRoot::KeyFile => Box::new(KeyFile::open(path)?),
            PendingRoot::Passphrase(text) => Box::new(Passphrase::open(path, text)?),
        })
    }
}

fn next(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".next");
    name.into()
}

/// The keys that may open the vault: the one in `path` and, where a change was cut off, the next one.
///
/// # Errors
/// When none of the two is there or can be read.
pub fn root_keys(path: &Path, kind: PendingRoot<'_>) -> Result<Vec<Box<dyn RootKey>>, RootKeyError> {
    let after = next(path);
    match (kind.open(path), after.exists()) {
        (Ok(key), false) => Ok(vec![key]),
        // A file that was cut off while it was written is no key; the vault was not put under it then.
        (Ok(key), true) => Ok(std::iter::once(key).chain(kind.open(&after).ok()).collect()),
        (Err(RootKeyError::Missing(_)), true) => Ok(vec![kind.open(&after)?]),
        (Err(error), _) => Err(error),
    }
}

/// Puts the file of the key that the vault is under in its place, after a change that was cut off.
///
/// # Errors
/// When the folder cannot be written.
pub fn settle_root(vault: &Vault, path: &Path, kind: PendingRoot<'_>) -> Result<(), RootKeyError> {
    let after = next(path);
    if !after.exists() {
        return Ok(());
    }
    let fits = kind.open(&after).is_ok_and(|key| key.fingerprint() == vault.root_fingerprint());
    let settled = if fits { fs::rename(&after, path) } else { fs::remove_file(&after) };
    settled.and_then(|()| sync_parent(path)).map_err(|error| sorted(path, error))
}

/// Makes a new appliance key, puts the vault under it, and replaces the file. The old key opens nothing any more.
///
/// # Errors
/// When a file cannot be written or the vault not be changed: then the old key is in use still.
pub fn rotate_key_file(vault: &Vault, path: &Path) -> Result<(), VaultError> {
    settle_root(vault, path, PendingRoot::KeyFile)?;
    let key = KeyFile::create(&next(path))?;
    swap(vault, path, Box::new(key), PendingRoot::KeyFile)
}

/// Puts the vault under another passphrase. The old one opens nothing any more.
///
/// # Errors
/// As [`rotate_key_file`]; when the passphrase is too short.
pub fn change_passphrase(vault: &Vault, path: &Path, passphrase: &str, cost: Cost) -> Result<(), VaultError> {
    settle_root(vault, path, PendingRoot::Passphrase(passphrase))?;
    let key = Passphrase::create(&next(path), passphrase, cost)?;
    swap(vault, path, Box::new(key), PendingRoot::Passphrase(passphrase))
}

fn swap(vault: &Vault, path: &Path, key: Box<dyn RootKey>, kind: PendingRoot<'_>) -> Result<(), VaultError> {
    let fingerprint = key.fingerprint();
    let done = vault.rotate_root(key);
    // The vault says which key it is under, whatever went wrong.
    settle_root(vault, path, kind)?;
    match done {
        Err(error) if vault.root_fingerprint() != fingerprint => Err(error),
        // Old bytes in the vault's file are overwritten at the next change or start.
        _ => Ok(()),
    }
}

fn sync_parent(path: &Path) -> io::Result<()> {
    File::open(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use model::Id;

    use super::*;

    const CHEAP: Cost = Cost { memory: 64, passes: 1 };

    #[test]
    fn the_key_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (path, key) = (folder.path().join("keys.redb"), folder.path().join("root.key"));
        let vault = Vault::create(&path, Box::new(KeyFile::create(&key).unwrap())).unwrap();
        let tenant = Id::from_bits(4);
        vault.create_tenant(tenant).unwrap();
        let old = fs::read(&key).unwrap();
        rotate_key_file(&vault, &key).unwrap();
        assert!(fs::read(&key).unwrap() != old && !next(&key).exists());
        assert!(vault.keys(tenant).is_ok());
        drop(vault);
        let vault = Vault::open_with_any(&path, root_keys(&key, PendingRoot::KeyFile).unwrap()).unwrap();
        assert!(vault.keys(tenant).is_ok());
    }

    #[test]
    fn cut_off_at_each_step() {
        // 0: the next file is there; 1: half of it; 2: the vault is under it; 3: and the old file is gone.
        for step in 0..4 {
            let folder = tempfile::tempdir().unwrap();
            let (path, key) = (folder.path().join("keys.redb"), folder.path().join("root.key"));
            let vault = Vault::create(&path, Box::new(KeyFile::create(&key).unwrap())).unwrap();
            let new = KeyFile::create(&next(&key)).unwrap();
            match step {
                1 => fs::write(next(&key), b"half").unwrap(),
                2 | 3 => vault.rotate_root(Box::new(new)).unwrap(),
                _ => {}
            }
            if step == 3 {
                fs::remove_file(&key).unwrap();
            }
            drop(vault);
            let vault = Vault::open_with_any(&path, root_keys(&key, PendingRoot::KeyFile).unwrap()).unwrap();
            settle_root(&vault, &key, PendingRoot::KeyFile).unwrap();
            assert!(!next(&key).exists());
            assert_eq!(KeyFile::open(&key).unwrap().fingerprint(), vault.root_fingerprint(), "step {step}");
            rotate_key_file(&vault, &key).unwrap();
        }
    }

    #[test]
    fn the_passphrase_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, params) = (folder.path().join("keys.redb"), folder.path().join("passphrase"));
        let old = Passphrase::create(&params, "the old passphrase", CHEAP).unwrap();
        let vault = Vault::create(&path, Box::new(old)).unwrap();
        assert!(change_passphrase(&vault, &params, "short", CHEAP).is_err());
        change_passphrase(&vault, &params, "the new passphrase", CHEAP).unwrap();
        drop(vault);
        let open = |text| Vault::open_with_any(&path, root_keys(&params, PendingRoot::Passphrase(text)).unwrap());
        assert!(matches!(open("the old passphrase"), Err(VaultError::OtherRoot { .. })));
        open("the new passphrase").unwrap();
    }
}
