//! What can go wrong with backups.

use std::{io, path::PathBuf};

use model::{ErrorKind, Id, noun};

use crate::{
    blob::BlobError,
    copy::CopyError,
    read::ReadError,
    store::StoreError,
    vault::{RootKeyError, VaultError},
    write::WriteError,
};

/// Why a backup was not made, checked or put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Another process, or thread, writes to the same folder.
    #[error("another backup is being written to {0}; wait for it")]
    Busy(PathBuf),
    /// The folder holds backups of another appliance.
    #[error("{0} holds the backups of another appliance; choose an empty folder")]
    Foreign(PathBuf),
    /// There is no such backup.
    #[error("there is no backup {0} here; `list` shows those that are")]
    Missing(Id<noun::Backup>),
    /// There is no copy of the vault.
    #[error("{0} holds no copy of the key vault; nothing can be restored without it")]
    NoKeys(PathBuf),
    /// The manifest is not what the appliance signed.
    #[error("the list of backup {backup} was changed or is cut off ({detail}); take another backup")]
    Manifest {
        /// Which.
        backup: Id<noun::Backup>,
        /// What is wrong.
        detail: &'static str,
    },
    /// The tenant is none of the backup.
    #[error("backup {backup} does not hold tenant {tenant}")]
    NotIn {
        /// Which backup.
        backup: Id<noun::Backup>,
        /// Which tenant.
        tenant: Id<noun::Tenant>,
    },
    /// The tenant was erased.
    #[error("tenant {0} was erased and its keys destroyed; its copies can be read by nobody")]
    Erased(Id<noun::Tenant>),
    /// The folder to restore into is in use.
    #[error("{0} is not empty; restore into a new folder")]
    Occupied(PathBuf),
    /// There is too little room to rehearse a restore.
    #[error(
        "a restore would need {} MiB in {folder}, and {} MiB are free; make room, or name a larger disk in `upkeep.drill_folder`",
        needed >> 20, free >> 20
    )]
    NoRoom {
        /// Where.
        folder: PathBuf,
        /// Bytes that are needed.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// A file of the backup.
    #[error("a file of the backup is gone or damaged ({0})")]
    Damaged(&'static str),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The appliance's key.
    #[error(transparent)]
    Root(#[from] RootKeyError),
    /// A copy.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// A blob.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// Reading the store.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Writing to the store.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl BackupError {
    /// The kind, as a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            BackupError::Busy(_) | BackupError::Foreign(_) | BackupError::Occupied(_) | BackupError::Erased(_) => {
                ErrorKind::Conflict
            }
            BackupError::Missing(_) | BackupError::NoKeys(_) | BackupError::NotIn { .. } => ErrorKind::NotFound,
            BackupError::NoRoom { .. } => ErrorKind::Unavailable,
            BackupError::Manifest { .. } | BackupError::Damaged(_) => ErrorKind::Corrupt,
            BackupError::Store(error) => error.kind(),
            BackupError::Vault(error) => error.kind(),
            BackupError::Root(error) => error.kind(),
            BackupError::Copy(error) => error.kind(),
            BackupError::Blob(error) => error.kind(),
            BackupError::Read(error) => error.kind(),
            BackupError::Write(error) => error.kind(),
        }
    }
}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        BackupError::Copy(error.into())
    }
}
