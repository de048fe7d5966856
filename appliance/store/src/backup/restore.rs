//! Putting a backup back: all of it into a new data folder, or one tenant into the appliance at work.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use model::{Clock, Id, IdSource, SystemTask, noun};

use super::{
    BackupError,
    create::read_rows,
    erased,
    manifest::{Line, Lines, Part, hex},
    place::Place,
};
use crate::{
    blob::{BlobName, BlobStore},
    copy::{Filling, Item},
    key::Area,
    progress::Progress,
    record::{self, Record as _},
    store::{DATABASE, Placement, Store, StoreError, StoreLimits, make_folder, sync_folder},
    vault::{Purpose, RootKey, SYSTEM, TenantKeys, Vault, VaultError},
    write::{EventDraft, WriteError},
};

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Restored {
    /// Tenants with their files.
    pub tenants: u64,
    /// Tenants whose files the backup could not read when it was made.
    pub failed: Vec<Id<noun::Tenant>>,
    /// Tenants that were erased since; their keys are destroyed here too.
    pub erased: Vec<Id<noun::Tenant>>,
}

/// Restores the whole appliance into the new folder `target`, which is there whole or not at all. All tenants come to lie on the shared
/// volume. The appliance's key is the one it had at the last backup or later.
pub fn restore(
    root: &Path,
    backup: Id<noun::Backup>,
    roots: Vec<Box<dyn RootKey>>,
    target: &Path,
    clock: Arc<dyn Clock>,
    ids: Arc<IdSource>,
    progress: &Progress,
) -> Result<Restored, BackupError> {
    if fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(BackupError::Occupied(target.to_owned()));
    }
    let place = Place::at(root);
    let mut name = target.as_os_str().to_owned();
    name.push(".unfinished");
    let folder = PathBuf::from(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    make_folder(&folder)?;
    let vault_path = folder.join("keys.redb");
    fs::copy(place.newest_keys()?, &vault_path)?;
    let vault = Vault::open_with_any(&vault_path, roots)?;
    erased::apply(&place, &vault)?;
    let mut lines = Lines::open(&place, backup, &vault.public_key())?;
    let mut restored = Restored::default();
    let mut system = false;
    while let Some(line) = lines.next()? {
        match line {
            Line::System { part } => {
                fill_system(&place, &part, &vault, &folder, progress)?;
                system = true;
            }
            Line::Tenant { tenant, part } => match vault.keys(tenant) {
                Err(VaultError::Destroyed(_)) => restored.erased.push(tenant),
                Err(error) => return Err(error.into()),
                Ok(keys) => {
                    let home = folder.join(Store::shared(tenant));
                    make_folder(&home)?;
                    let file = fill(&place, tenant, &part, keys, &home, progress)?;
                    fs::rename(file, home.join(DATABASE))?;
                    sync_folder(&home)?;
                    restored.tenants += 1;
                    progress.add_tenant();
                }
            },
            Line::Failed { tenant, .. } => restored.failed.push(tenant),
            Line::Head { .. } | Line::Empty { .. } | Line::End { .. } => {}
        }
    }
    if !system {
        return Err(BackupError::Damaged("it is of one tenant, not of the appliance"));
    }
    let store = Store::over(&folder, vault, StoreLimits::default(), clock, ids)?;
    let event = EventDraft::system(SystemTask::Backup, backup.erase());
    store.system().write::<(), WriteError>(event, |tx| {
        tx.note("step", "restored");
        tx.note("tenants", restored.tenants.to_string());
        tx.note("erased", restored.erased.len().to_string());
        Ok(())
    })?;
    drop(store);
    if target.exists() {
        fs::remove_dir(target)?;
    }
    rustix::fs::syncfs(fs::File::open(&folder)?).map_err(std::io::Error::from)?;
    fs::rename(&folder, target)?;
    sync_folder(target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
    Ok(restored)
}

/// Puts one tenant back as it was in the backup, while the appliance works. The tenant's file is refused to everybody meanwhile; what it held
/// is replaced in one step, when the copy is whole. The tenant's audit log says that it happened, and where the replaced log had ended.
pub fn restore_tenant(
    store: &Store,
    root: &Path,
    backup: Id<noun::Backup>,
    tenant: Id<noun::Tenant>,
    progress: &Progress,
) -> Result<(), BackupError> {
    let place = Place::at(root);
    let keys = store.vault().keys(tenant).map_err(|error| match error {
        VaultError::Destroyed(_) => BackupError::Erased(tenant),
        other => other.into(),
    })?;
    let part = Lines::open(&place, backup, &store.vault().public_key())?.tenant(tenant)?;
    let placement = store.place_of(tenant)?;
    let home = store.folder_of(&placement);
    // What it held may be damaged or gone: that is why it is restored.
    let before = store.tenant(tenant).ok().and_then(|handle| handle.audit_head().ok());
    let held = store.hold(tenant, "put back from a backup")?;
    store.alone(tenant, None, || Ok(()))?;
    make_folder(&home)?;
    let file = fill(&place, tenant, &part, keys, &home, progress)?;
    crate::seal::forget(&home.join(DATABASE))?;
    fs::rename(file, home.join(DATABASE)).map_err(StoreError::from)?;
    sync_folder(&home)?;
    let event = EventDraft::system(SystemTask::Backup, tenant.erase());
    store.system().write::<(), WriteError>(event, |tx| {
        tx.note("step", "restored");
        tx.note("backup", backup.to_string());
        tx.put(&Placement { begun: true, ..placement })
    })?;
    drop(held);
    let event = EventDraft::system(SystemTask::Backup, tenant.erase());
    store.tenant(tenant)?.write::<(), WriteError>(event, |tx| {
        tx.note("step", "restored");
        tx.note("backup", backup.to_string());
        if let Some((rows, root)) = before {
            tx.note("replaced_rows", rows.to_string());
            tx.note("replaced_root", hex(&root));
        }
        Ok(())
    })?;
    Ok(())
}

/// Fills a new database beside a tenant's own, and brings the blobs that are not there. The caller gives the file its name.
pub(super) fn fill(
    place: &Place,
    tenant: Id<noun::Tenant>,
    part: &Part,
    keys: TenantKeys,
    home: &Path,
    progress: &Progress,
) -> Result<PathBuf, BackupError> {
    let keys = Arc::new(keys);
    let mut filling = Filling::begin(&home.join("store.new"), keys.current(Purpose::Database))?;
    let mut blobs = Blobs { to: BlobStore::new(home, keys.clone()), from: None, older: Vec::new(), keys: &keys };
    read_rows(place, tenant, part, &keys, |item| {
        match item {
            Item::Row(key, value) => {
                filling.put(&key, Some(&value))?;
                progress.add_bytes((key.len() + value.len()) as u64)?;
            }
            Item::BlobKey(version, secret) => blobs.older.push((version, secret)),
            Item::Blob(name, size) => {
                blobs.put(place, tenant, &name, size)?;
                progress.add_bytes(size)?;
            }
            Item::Content(_) | Item::About(_) | Item::End(_) => {}
        }
        Ok(())
    })?;
    Ok(filling.finish()?)
}

/// Brings blobs back, those under keys that were dropped since enciphered anew.
struct Blobs<'a> {
    to: BlobStore,
    from: Option<BlobStore>,
    older: Vec<(u32, crate::vault::Secret)>,
    keys: &'a Arc<TenantKeys>,
}

impl Blobs<'_> {
    fn put(&mut self, place: &Place, tenant: Id<noun::Tenant>, name: &BlobName, size: u64) -> Result<(), BackupError> {
        let gone = BackupError::Damaged("a blob is gone or has another length");
        if self.from.is_none() {
            let keys = self.keys.copy().with_blob_keys(std::mem::take(&mut self.older));
            self.from = Some(BlobStore::new(&place.tenant(tenant), Arc::new(keys)));
        }
        let Some(from) = &self.from else { return Err(gone) };
        if from.size(name)? != Some(size) {
            return Err(gone);
        }
        let mut content = from.unnamed(name)?;
        if self.keys.version(Purpose::Blob, content.key_version()).is_some() {
            from.copy_file(name, size, &self.to)?;
        } else {
            let mut writer = self.to.writer(content.len())?;
            std::io::copy(&mut content, &mut writer)?;
            content.finish()?;
            writer.finish()?;
        }
        Ok(())
    }
}

/// The appliance's own file. Places of tenants become those on the shared volume, where they were restored to.
pub(super) fn fill_system(
    place: &Place,
    part: &Part,
    vault: &Vault,
    folder: &Path,
    progress: &Progress,
) -> Result<(), BackupError> {
    let keys = vault.system_keys()?;
    let mut filling = Filling::begin(&folder.join("system.redb"), keys.current(Purpose::Database))?;
    read_rows(place, SYSTEM, part, &keys, |item| {
        if let Item::Row(key, value) = item {
            progress.add_bytes((key.len() + value.len()) as u64)?;
            if key.starts_with(&[Area::Record as u8, Placement::NUMBER]) {
                let damaged = |_| BackupError::Damaged("the place of a tenant cannot be read");
                let placement: Placement = record::decode(&value).map_err(damaged)?;
                filling.put(&key, Some(&record::encode(&Placement { folder: None, ..placement })))?;
            } else {
                filling.put(&key, Some(&value))?;
            }
        }
        Ok(())
    })?;
    filling.finish()?;
    Ok(())
}
