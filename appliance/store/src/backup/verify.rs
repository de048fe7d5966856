//! Checking a backup without putting it back, and without the appliance.

use std::{path::Path, sync::Arc};

use model::{Id, noun};

use super::{
    BackupError,
    create::read_rows,
    manifest::{Line, Lines, Part},
    place::Place,
};
use crate::{
    blob::BlobStore,
    copy::{CopyError, Item},
    progress::Progress,
    vault::{SYSTEM, TenantKeys, Vault, VaultError},
};

/// How deep to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Every row decrypts, audit logs verify, and every blob is there with its length.
    Rows,
    /// Every chunk of every blob too.
    Blobs,
}

/// Something that is wrong with a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whose data; nothing for the appliance's own.
    pub tenant: Option<Id<noun::Tenant>>,
    /// What, for people.
    pub detail: String,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verified {
    /// Tenants whose data are whole.
    pub tenants: u64,
    /// Rows that were read.
    pub rows: u64,
    /// Blobs that were looked at.
    pub blobs: u64,
    /// Tenants that cannot be read because they were erased.
    pub erased: Vec<Id<noun::Tenant>>,
    /// Tenants whose files could not be read when the backup was made.
    pub failed: Vec<Id<noun::Tenant>>,
    /// What is wrong. The backup is good if there is nothing.
    pub findings: Vec<Finding>,
}

/// Checks a backup with the keys of the appliance: those of the store, or of [`super::open_keys`].
pub fn verify(
    root: &Path,
    backup: Id<noun::Backup>,
    vault: &Vault,
    depth: Depth,
    progress: &Progress,
) -> Result<Verified, BackupError> {
    let place = Place::at(root);
    let mut lines = Lines::open(&place, backup, &vault.public_key())?;
    let mut verified = Verified::default();
    while let Some(line) = lines.next()? {
        let (tenant, part) = match line {
            Line::System { part } => (SYSTEM, part),
            Line::Tenant { tenant, part } => (tenant, part),
            Line::Failed { tenant, .. } => {
                verified.failed.push(tenant);
                continue;
            }
            Line::Head { .. } | Line::Empty { .. } | Line::End { .. } => continue,
        };
        let checked = match vault.keys(tenant) {
            Err(VaultError::Destroyed(_)) => {
                verified.erased.push(tenant);
                continue;
            }
            Err(error) => Err(error.into()),
            Ok(keys) => check(&place, tenant, &part, keys, depth, progress),
        };
        match checked {
            Ok(()) => {
                verified.tenants += u64::from(tenant != SYSTEM);
                verified.rows += part.rows;
                verified.blobs += part.blobs;
            }
            Err(BackupError::Copy(CopyError::Stopped)) => return Err(CopyError::Stopped.into()),
            Err(error) => {
                let tenant = Some(tenant).filter(|tenant| *tenant != SYSTEM);
                verified.findings.push(Finding { tenant, detail: error.to_string() });
            }
        }
        progress.add_tenant();
    }
    Ok(verified)
}

fn check(
    place: &Place,
    tenant: Id<noun::Tenant>,
    part: &Part,
    keys: TenantKeys,
    depth: Depth,
    progress: &Progress,
) -> Result<(), BackupError> {
    let mut older = Vec::new();
    let mut blobs: Option<BlobStore> = None;
    let again = keys.copy();
    let mut spare = Some(keys);
    read_rows(place, tenant, part, &again, |item| {
        match item {
            Item::Row(key, value) => progress.add_bytes((key.len() + value.len()) as u64)?,
            Item::BlobKey(version, secret) => older.push((version, secret)),
            Item::Blob(name, size) => {
                if let Some(keys) = spare.take() {
                    let keys = keys.with_blob_keys(std::mem::take(&mut older));
                    blobs = Some(BlobStore::new(&place.tenant(tenant), Arc::new(keys)));
                }
                let blobs = blobs.as_ref().ok_or(BackupError::Damaged("a blob comes before its keys"))?;
                if blobs.size(&name)? != Some(size) {
                    return Err(BackupError::Damaged("a blob is gone or has another length"));
                }
                if depth == Depth::Blobs {
                    blobs.unnamed(&name)?.finish()?;
                }
                progress.add_bytes(size)?;
            }
            Item::Content(_) | Item::About(_) | Item::End(_) => {}
        }
        Ok(())
    })
}
