//! What can go wrong with upkeep.

use std::io;

use model::ErrorKind;
use store::{CopyError, ReadError, StoreError, WriteError, backup::BackupError, vault::VaultError};

use crate::parcel::ParcelError;

/// Why an errand is not taken, or was not done.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    /// There is no such tenant.
    #[error("there is no such tenant")]
    NotFound,
    /// No folder is configured.
    #[error("no folder for backups is configured; set `upkeep.backups` and restart")]
    NoBackups,
    /// There is no backup of the whole appliance.
    #[error("there is no backup of the whole appliance to be tried; make one first")]
    NothingToDrill,
    /// The volume is not configured.
    #[error("there is no volume `{0}`; set it in `upkeep.volumes` and restart")]
    Volume(String),
    /// The appliance does not run with a key file.
    #[error("the appliance does not run with a key file; change its passphrase from the console")]
    NoKeyFile,
    /// A tenant's key without a tenant.
    #[error("say whose key is to be renewed")]
    WhichTenant,
    /// The appliance's key with a tenant.
    #[error("the appliance's key is no tenant's; leave the tenant out")]
    NoTenant,
    /// Too many wait.
    #[error("{} errands wait already; try again when some are done", super::MOST_WAITING)]
    TooMany,
    /// A backup.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// An export.
    #[error(transparent)]
    Parcel(#[from] ParcelError),
    /// Reading the register.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Writing to it.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A file of its own.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// A check found something.
    #[error("the backup is damaged: {0}")]
    Findings(String),
}

impl UpkeepError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            UpkeepError::NotFound => ErrorKind::NotFound,
            UpkeepError::NoBackups | UpkeepError::NoKeyFile | UpkeepError::NothingToDrill => ErrorKind::Conflict,
            UpkeepError::Volume(_) | UpkeepError::WhichTenant | UpkeepError::NoTenant => ErrorKind::Invalid,
            UpkeepError::TooMany => ErrorKind::Unavailable,
            UpkeepError::Findings(_) => ErrorKind::Corrupt,
            UpkeepError::Backup(error) => error.kind(),
            UpkeepError::Store(error) => error.kind(),
            UpkeepError::Vault(error) => error.kind(),
            UpkeepError::Parcel(error) => error.kind(),
            UpkeepError::Read(error) => error.kind(),
            UpkeepError::Write(error) => error.kind(),
            UpkeepError::Copy(error) => error.kind(),
        }
    }
}

impl From<io::Error> for UpkeepError {
    fn from(error: io::Error) -> Self {
        UpkeepError::Copy(error.into())
    }
}
