//! Erasing a tenant: its keys, which makes every copy of its data unreadable, and then its files.

use std::{fs, io, path::Path, sync::PoisonError};

use model::{Id, noun::Tenant};

use super::{Store, StoreError, sync_folder};
use crate::{
    read::{Read, ReadError},
    store::Placement,
};

/// What a tenant's files come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weight {
    /// How many files.
    pub files: u64,
    /// How many bytes.
    pub bytes: u64,
}

impl Store {
    /// How many files a tenant has on the disk, and how many bytes they are.
    ///
    /// # Errors
    /// When its folder cannot be read.
    pub fn weigh(&self, tenant: Id<Tenant>) -> Result<Weight, StoreError> {
        let Some(placement) = self.placement(tenant)? else { return Ok(Weight::default()) };
        let folder = self.folder_of(&placement);
        weigh(&folder).map_err(|source| StoreError::Folder { path: folder, source })
    }

    /// Destroys a tenant's keys, then removes its files. Whatever was written of it, here or in a backup, is never read again.
    /// Who has its file open can go on until it lets go, and then nothing of that is left either.
    ///
    /// Can be asked again after it was interrupted.
    ///
    /// # Errors
    /// When the vault or the folder cannot be changed. Keys that are destroyed stay so.
    pub fn erase(&self, tenant: Id<Tenant>) -> Result<(), StoreError> {
        self.vault().destroy(tenant, self.clock().now())?;
        self.drop_open(tenant);
        let Some(placement) = self.placement(tenant)? else { return Ok(()) };
        let folder = self.folder_of(&placement);
        remove(&folder).map_err(|source| StoreError::Folder { path: folder.clone(), source })?;
        match folder.parent().filter(|parent| parent.exists()) {
            Some(parent) => sync_folder(parent),
            None => Ok(()),
        }
    }

    /// Forgets the open file of a tenant, with the keys in it. Who is opening it at this moment is waited for.
    fn drop_open(&self, tenant: Id<Tenant>) {
        let Some(slot) = self.lock().get(&tenant).cloned() else { return };
        *slot.tenant.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.lock().remove(&tenant);
    }

    fn placement(&self, tenant: Id<Tenant>) -> Result<Option<Placement>, ReadError> {
        self.system.read()?.get::<Placement>(&tenant)
    }
}

fn weigh(folder: &Path) -> io::Result<Weight> {
    let mut weight = Weight::default();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let about = entry.metadata()?;
            if about.is_dir() {
                folders.push(entry.path());
            } else {
                weight.files += 1;
                weight.bytes = weight.bytes.saturating_add(about.len());
            }
        }
    }
    Ok(weight)
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
