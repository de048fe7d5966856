//! What can go wrong with parcels.

use std::io;

use model::{ErrorKind, Id, noun::Tenant};

use crate::{
    blob::BlobError, copy::CopyError, read::ReadError, store::StoreError, vault::VaultError, write::WriteError,
};

/// Why a tenant was not exported or imported.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// It is no parcel.
    #[error("this is not the file of an exported tenant ({0})")]
    Form(&'static str),
    /// It was made by another appliance than the one that is trusted.
    #[error("the file was made by another appliance than you named; check the sender's public key")]
    Sender,
    /// The tenant is here.
    #[error("tenant {0} is on this appliance already")]
    Known(Id<Tenant>),
    /// The tenant was here and was erased.
    #[error("tenant {0} was erased here; it cannot come back under its id")]
    Erased(Id<Tenant>),
    /// More than was allowed.
    #[error("the tenant is larger than the {0} bytes that are allowed; raise the limit")]
    TooLarge(u64),
    /// The register refuses it.
    #[error("the tenant cannot be registered here: {0}")]
    Register(String),
    /// The keys.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The stream.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// Its blobs.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Reading the store.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Writing to the store.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl TransferError {
    /// The kind, as a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            TransferError::Form(_) | TransferError::Sender => ErrorKind::Invalid,
            TransferError::Known(_) | TransferError::Erased(_) | TransferError::Register(_) => ErrorKind::Conflict,
            TransferError::TooLarge(_) => ErrorKind::Exhausted,
            TransferError::Vault(error) => error.kind(),
            TransferError::Copy(error) => error.kind(),
            TransferError::Blob(error) => error.kind(),
            TransferError::Store(error) => error.kind(),
            TransferError::Read(error) => error.kind(),
            TransferError::Write(error) => error.kind(),
        }
    }
}

impl From<io::Error> for TransferError {
    fn from(error: io::Error) -> Self {
        TransferError::Copy(error.into())
    }
}
