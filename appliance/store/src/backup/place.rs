//! The folder of backups.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use model::{Id, noun};

use super::BackupError;
use crate::{
    store::{make_folder, sync_folder},
    vault::{RootKey, Vault},
};

/// A folder of backups.
#[derive(Debug, Clone)]
pub(super) struct Place(PathBuf);

/// As long as it lives, nobody else writes to the folder.
#[derive(Debug)]
pub(super) struct Locked {
    _file: File,
}

impl Place {
    pub(super) fn at(root: &Path) -> Self {
        Place(root.to_owned())
    }

    /// Makes the folder this appliance's, or checks that it is.
    pub(super) fn claim(&self, vault: &Vault) -> Result<Locked, BackupError> {
        for folder in ["", "sets", "data", "keys", "erased"] {
            make_folder(&self.0.join(folder))?;
        }
        let lock = File::options().create(true).truncate(false).write(true).open(self.0.join(".lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BackupError::Busy(self.0.clone())),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let (path, name) = (self.0.join("appliance"), format!("{}\n", vault.public_key()));
        match fs::read_to_string(&path) {
            Ok(found) if found == name => {}
            Ok(_) => return Err(BackupError::Foreign(self.0.clone())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => write_whole(&path, name.as_bytes())?,
            Err(error) => return Err(error.into()),
        }
        Ok(Locked { _file: lock })
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn manifest(&self, backup: Id<noun::Backup>) -> PathBuf {
        self.0.join("sets").join(format!("{backup}.manifest"))
    }

    /// The folder of a tenant's copies, or with the id of nobody of the appliance's own.
    pub(super) fn tenant(&self, tenant: Id<noun::Tenant>) -> PathBuf {
        self.0.join(format!("data/{:02x}/{:032x}", tenant.to_bytes()[15], tenant.bits()))
    }

    pub(super) fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    pub(super) fn erased(&self) -> PathBuf {
        self.0.join("erased")
    }

    /// The newest copy of the vault.
    pub(super) fn newest_keys(&self) -> Result<PathBuf, BackupError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.keys())? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with("keys-") && name.ends_with(".redb") {
                names.push(path);
            }
        }
        names.into_iter().max().ok_or_else(|| BackupError::NoKeys(self.0.clone()))
    }
}

/// Opens the copy of the vault in a folder of backups, to verify them where the appliance is not.
pub fn open_keys(root: &Path, roots: Vec<Box<dyn RootKey>>) -> Result<Vault, BackupError> {
    Ok(Vault::open_with_any(&Place::at(root).newest_keys()?, roots)?)
}

/// Writes a file that is there whole or not at all.
pub(super) fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut file = File::create(&unfinished)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    sync_folder(path.parent().unwrap_or(Path::new("."))).map_err(io::Error::other)
}
