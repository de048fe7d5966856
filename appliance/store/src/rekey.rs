//! New keys for a tenant without its noticing.

use std::{fs, sync::Arc};

use model::{Id, SystemTask, noun::Tenant};

use crate::{
    blob::BlobStore,
    progress::Progress,
    relocate::Following,
    store::{DATABASE, Store, StoreError, sync_folder},
    vault::{Purpose, SYSTEM, VaultError},
    write::{EventDraft, WriteError},
};

/// Which key of a tenant is renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rekey {
    /// The tenant's own key; its data keys are wrapped anew, no data are touched.
    Tenant,
    /// A data key. Pages and blobs are enciphered anew and the old key dropped; copies made for backup stay under the key that they
    /// were made with, which is kept.
    Data(Purpose),
}

impl Store {
    /// Renews a key of a tenant while it is served. Cut off at any moment, everything stays readable, and the next call finishes it.
    pub fn rekey(&self, tenant: Id<Tenant>, what: Rekey, progress: &Progress) -> Result<(), StoreError> {
        if tenant == SYSTEM && what != Rekey::Tenant {
            return Err(VaultError::System.into());
        }
        let vault = self.vault();
        let version = match what {
            Rekey::Tenant => {
                vault.rotate_tenant(tenant)?;
                None
            }
            Rekey::Data(Purpose::Database) => Some(self.rekey_database(tenant, progress)?),
            Rekey::Data(Purpose::Blob) => Some(self.rekey_blobs(tenant, progress)?),
            Rekey::Data(purpose @ (Purpose::Search | Purpose::Backup)) => Some(vault.rotate_data_key(tenant, purpose)?),
        };
        let event = EventDraft::system(SystemTask::KeyRotation, tenant.erase());
        Ok(self.system().write::<(), WriteError>(event, |tx| {
            tx.note("key", if let Rekey::Data(purpose) = what { purpose.name() } else { "tenant" });
            if let Some(version) = version {
                tx.note("version", version.to_string());
            }
            Ok(())
        })?)
    }

    fn rekey_database(&self, tenant: Id<Tenant>, progress: &Progress) -> Result<u32, StoreError> {
        let placement = self.place_of(tenant)?;
        if !placement.begun {
            let version = self.vault().rotate_data_key(tenant, Purpose::Database)?;
            self.retire_older(tenant, Purpose::Database, version)?;
            return Ok(version);
        }
        let handle = self.tenant(tenant)?;
        let newest = self.vault().keys(tenant)?.current(Purpose::Database).version();
        // A file under an older key than the newest: an earlier renewal was cut off, and goes on.
        if handle.key_version == newest {
            self.vault().rotate_data_key(tenant, Purpose::Database)?;
        }
        let keys = self.vault().keys(tenant)?;
        let key = keys.current(Purpose::Database);
        let path = handle.folder.join(DATABASE);
        let folder = handle.folder.clone();
        let following = Following::begin(&handle, &folder.join("store.new"), key, progress)?;
        self.alone(tenant, Some(handle), || {
            fs::rename(following.finish()?, &path)?;
            sync_folder(&folder)
        })?;
        self.retire_older(tenant, Purpose::Database, key.version())?;
        Ok(key.version())
    }

    fn rekey_blobs(&self, tenant: Id<Tenant>, progress: &Progress) -> Result<u32, StoreError> {
        let version = self.vault().rotate_data_key(tenant, Purpose::Blob)?;
        // Who opens the tenant from now on writes under the new key.
        self.alone(tenant, None, || Ok(()))?;
        let keys = Arc::new(self.vault().keys(tenant)?);
        let blobs = BlobStore::new(&self.folder_of(&self.place_of(tenant)?), keys);
        for stored in blobs.list() {
            let stored = stored?;
            blobs.renew_named(&stored.name)?;
            progress.add_bytes(stored.size)?;
        }
        // Uploads on their way were begun under the old key: it is dropped at the next renewal.
        if !blobs.has_parts()? {
            self.retire_older(tenant, Purpose::Blob, version)?;
        }
        Ok(version)
    }

    fn retire_older(&self, tenant: Id<Tenant>, purpose: Purpose, newest: u32) -> Result<(), StoreError> {
        for key in self.vault().keys(tenant)?.all(purpose).filter(|key| key.version() < newest) {
            self.vault().retire(tenant, purpose, key.version())?;
        }
        Ok(())
    }
}
