//! What can go wrong in the vault.

use std::{io, path::PathBuf};

use model::{ErrorKind, Id, noun::Tenant};

use super::{
    keys::Purpose,
    root::{Fingerprint, RootKeyError},
};

/// Why the vault did not do it.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There is no vault in the file.
    #[error("there is no key vault {0}; restore it from its backup, or make a new one for a new appliance")]
    Missing(PathBuf),
    /// A vault that was to be made is there already.
    #[error("the key vault {0} exists already; a new one would make all data unreadable")]
    Exists(PathBuf),
    /// Another process has it open.
    #[error("the key vault {0} is in use; stop the other process first")]
    InUse(PathBuf),
    /// It was made for another appliance key.
    #[error(
        "the key vault needs the appliance key {expected}, this is {found}; give the key or passphrase it was made with"
    )]
    OtherRoot {
        /// The key it needs.
        expected: Fingerprint,
        /// The key it was given.
        found: Fingerprint,
    },
    /// The appliance key cannot be used.
    #[error(transparent)]
    Root(#[from] RootKeyError),
    /// The tenant has no keys here.
    #[error("the vault has no keys of {0}")]
    Unknown(Id<Tenant>),
    /// The tenant has keys already.
    #[error("the vault has keys of {0} already")]
    Known(Id<Tenant>),
    /// The tenant's keys were destroyed; the id is never used again.
    #[error("the keys of {0} were destroyed; the tenant cannot come back under this id")]
    Destroyed(Id<Tenant>),
    /// A version of a data key that is not there, or is the current one.
    #[error("version {version} of the {} key of {tenant} cannot be retired: it is unknown or the newest", .purpose.name())]
    NotRetirable {
        /// Whose.
        tenant: Id<Tenant>,
        /// Of what kind.
        purpose: Purpose,
        /// Which.
        version: u32,
    },
    /// Too many versions of one key.
    #[error("the {} key of {tenant} has {} versions already; rewrite what old ones enciphered and retire them", .purpose.name(), super::row::MOST_VERSIONS)]
    Versions {
        /// Whose.
        tenant: Id<Tenant>,
        /// Of what kind.
        purpose: Purpose,
    },
    /// The appliance's own keys.
    #[error("the keys of the appliance itself can be neither destroyed nor moved")]
    System,
    /// More tenants than the vault holds.
    #[error("the vault is full: it holds keys of at most {} tenants; set up another appliance", super::MOST_TENANTS)]
    Full,
    /// Stored bytes make no sense.
    #[error("the key vault is damaged ({0}); restore it from its backup")]
    Damaged(String),
    /// A file of moved keys that does not open.
    #[error("the moved keys do not open: the passphrase is wrong or the file was changed")]
    Transfer,
    /// Wrapped keys that were replaced may still be in the file; the next start or change tries again.
    #[error("replaced keys could not be overwritten yet ({0}); they will be on the next change or start")]
    Unscrubbed(io::Error),
    /// The disk has no room.
    #[error("no space left for the key vault; free some")]
    NoSpace,
    /// The operating system refused.
    #[error("cannot use the key vault: {0}")]
    Io(io::Error),
}

impl VaultError {
    /// The kind, as a caller sees it.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            VaultError::Missing(_) | VaultError::Unknown(_) => ErrorKind::NotFound,
            VaultError::Exists(_) | VaultError::Known(_) | VaultError::Destroyed(_) => ErrorKind::Conflict,
            VaultError::NotRetirable { .. } | VaultError::OtherRoot { .. } | VaultError::Transfer => ErrorKind::Invalid,
            VaultError::Versions { .. } | VaultError::Full | VaultError::NoSpace => ErrorKind::Exhausted,
            VaultError::System => ErrorKind::Denied,
            VaultError::Damaged(_) => ErrorKind::Corrupt,
            VaultError::InUse(_) | VaultError::Unscrubbed(_) | VaultError::Io(_) => ErrorKind::Unavailable,
            VaultError::Root(error) => error.kind(),
        }
    }

    pub(super) fn io(path: &std::path::Path, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => VaultError::Missing(path.to_owned()),
            io::ErrorKind::AlreadyExists => VaultError::Exists(path.to_owned()),
            _ => error.into(),
        }
    }
}

impl From<io::Error> for VaultError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => VaultError::NoSpace,
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => VaultError::Damaged(error.to_string()),
            _ => VaultError::Io(error),
        }
    }
}

impl From<redb::Error> for VaultError {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::Io(error) => error.into(),
            other => VaultError::Damaged(other.to_string()),
        }
    }
}

/// redb has an error type for each of its calls; the vault tells apart only what its caller can act on.
macro_rules! from_redb {
    ($($name:ident)*) => { $(
        impl From<redb::$name> for VaultError {
            fn from(error: redb::$name) -> Self { redb::Error::from(error).into() }
        }
    )* };
}
from_redb! { TransactionError TableError StorageError CommitError }
