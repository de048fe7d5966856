//! All files of an appliance: the vault, the system's own file, and the tenants' files, of which a bounded number is open.

mod erase;

use std::{
    collections::HashMap,
    fs, io,
    ops::Deref,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use model::{Clock, ErrorKind, Id, IdSource, SystemTask, noun::Tenant};
use serde::{Deserialize, Serialize};

use crate::{
    backend,
    blob::BlobStore,
    database::{BeginError, Database},
    read::{Read, ReadError},
    record::Record,
    vault::{Purpose, RootKey, TenantKeys, Vault, VaultError},
    write::{EventDraft, WriteError},
};
pub use erase::Weight;

/// Bounds on what the store keeps open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreLimits {
    /// Tenants' files open at once. Those in use stay open beyond it.
    pub max_open: usize,
    /// Memory for the pages of one tenant's file, in bytes.
    pub tenant_cache_bytes: usize,
    /// Memory for the pages of the system's file, in bytes.
    pub system_cache_bytes: usize,
    /// A file that nobody has used for so long is closed, in seconds.
    pub idle_close_s: u64,
}

impl Default for StoreLimits {
    fn default() -> Self {
        StoreLimits { max_open: 1_024, tenant_cache_bytes: 512 << 10, system_cache_bytes: 64 << 20, idle_close_s: 300 }
    }
}

/// Why a file of the store is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file.
    #[error(transparent)]
    Open(#[from] backend::OpenError),
    /// What is in it.
    #[error(transparent)]
    Begin(#[from] BeginError),
    /// Its keys.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A folder.
    #[error("cannot make or use the folder {path}")]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Reading where it lies.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Writing where it lies.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// There is no such tenant, or it was erased.
    #[error("there is no such tenant")]
    NoTenant,
    /// A tenant's file that was there is gone.
    #[error("the file of tenant {0} is gone; restore it from a backup")]
    Gone(Id<Tenant>),
}

impl StoreError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            StoreError::Open(error) => error.kind(),
            StoreError::Begin(error) => error.kind(),
            StoreError::Vault(error) => error.kind(),
            StoreError::Folder { .. } => ErrorKind::Unavailable,
            StoreError::Read(error) => error.kind(),
            StoreError::Write(error) => error.kind(),
            StoreError::NoTenant => ErrorKind::NotFound,
            StoreError::Gone(_) => ErrorKind::Corrupt,
        }
    }
}

/// Where a tenant's files lie. Kept in the system's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// Whose.
    pub tenant: Id<Tenant>,
    /// A folder of its own, for a large tenant; on the shared volume without one.
    pub folder: Option<PathBuf>,
    /// Whether its file has been made: an empty tenant takes no room, and a file that is gone is not begun anew unseen.
    pub begun: bool,
}

impl Record for Placement {
    const NAME: &'static str = "placement";
    const NUMBER: u8 = 64;
    type Key = Id<Tenant>;
    fn key(&self) -> Id<Tenant> {
        self.tenant
    }
}

/// A tenant's open file, with its keys.
#[derive(Debug)]
pub struct TenantStore {
    /// Whose.
    pub id: Id<Tenant>,
    /// Its keys.
    pub keys: Arc<TenantKeys>,
    /// Its own folder, for blobs.
    pub folder: PathBuf,
    database: Database,
}

impl TenantStore {
    /// Its files: recordings, videos, anything too large for a record.
    pub fn blobs(&self) -> BlobStore {
        BlobStore::new(&self.folder, Arc::clone(&self.keys))
    }
}

impl Deref for TenantStore {
    type Target = Database;
    fn deref(&self) -> &Database {
        &self.database
    }
}

/// The store of an appliance.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    limits: StoreLimits,
    vault: Vault,
    system: Database,
    open: Mutex<HashMap<Id<Tenant>, Arc<Slot>>>,
    clock: Arc<dyn Clock>,
    ids: Arc<IdSource>,
}

/// A tenant's file that is open, being opened or being closed: who holds the lock inside does so.
#[derive(Debug, Default)]
struct Slot {
    tenant: Mutex<Option<Arc<TenantStore>>>,
    used_ms: AtomicU64,
}

impl Store {
    /// Makes the store of a new appliance in an empty or missing folder.
    pub fn create(
        folder: &Path,
        root: Box<dyn RootKey>,
        limits: StoreLimits,
        clock: Arc<dyn Clock>,
        ids: Arc<IdSource>,
    ) -> Result<Self, StoreError> {
        make_folder(folder)?;
        let vault = Vault::create(&folder.join("keys.redb"), root)?;
        let keys = vault.system_keys()?;
        let path = folder.join("system.redb");
        let redb = backend::create(&path, keys.current(Purpose::Database), limits.system_cache_bytes)?;
        Self::with(folder, vault, redb, &path, limits, clock, ids)
    }

    /// Opens the store of an appliance.
    pub fn open(
        folder: &Path,
        root: Box<dyn RootKey>,
        limits: StoreLimits,
        clock: Arc<dyn Clock>,
        ids: Arc<IdSource>,
    ) -> Result<Self, StoreError> {
        let vault = Vault::open(&folder.join("keys.redb"), root)?;
        let keys = vault.system_keys()?;
        let path = folder.join("system.redb");
        let redb = backend::open(&path, keys.current(Purpose::Database), limits.system_cache_bytes)?;
        Self::with(folder, vault, redb, &path, limits, clock, ids)
    }

    fn with(
        folder: &Path,
        vault: Vault,
        redb: redb::Database,
        path: &Path,
        limits: StoreLimits,
        clock: Arc<dyn Clock>,
        ids: Arc<IdSource>,
    ) -> Result<Self, StoreError> {
        let log = Id::<model::noun::Appliance>::from_bits(0).erase();
        let system = Database::begin(log, redb, size(path)?, clock.clone(), ids.clone())?;
        Ok(Store { folder: folder.to_owned(), limits, vault, system, open: Mutex::default(), clock, ids })
    }

    /// The system's own file: the register of tenants, operators, what concerns the appliance as a whole.
    pub fn system(&self) -> &Database {
        &self.system
    }

    /// The keys of all tenants.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Makes fresh ids.
    pub fn ids(&self) -> &IdSource {
        &self.ids
    }

    /// The time.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// A tenant's file, opened if it is not. It stays open while the handle lives.
    ///
    /// For who finds out who is calling, for the gate, and for the appliance's own tasks. Domain functions get a tenant's file by
    /// their permit only.
    pub fn tenant(&self, id: Id<Tenant>) -> Result<Arc<TenantStore>, StoreError> {
        let slot = self.lock().entry(id).or_default().clone();
        slot.used_ms.store(self.clock.now().millis(), Ordering::Relaxed);
        let mut inside = slot.tenant.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tenant) = inside.as_ref().filter(|tenant| !tenant.is_broken()) {
            return Ok(tenant.clone());
        }
        // A broken file is opened anew when the last one who uses it has let go.
        *inside = None;
        let tenant = self.open_tenant(id).inspect_err(|_| {
            self.lock().remove(&id);
        })?;
        let tenant = Arc::new(tenant);
        *inside = Some(tenant.clone());
        drop(inside);
        self.shrink(id);
        Ok(tenant)
    }

    fn open_tenant(&self, id: Id<Tenant>) -> Result<TenantStore, StoreError> {
        let view = self.system.read()?;
        let placement = view.get::<Placement>(&id)?.ok_or(StoreError::NoTenant)?;
        let keys = self.vault.keys(id)?;
        let folder = self.folder_of(&placement);
        let path = folder.join("store.redb");
        let (key, cache) = (keys.current(Purpose::Database), self.limits.tenant_cache_bytes);
        let redb = match (placement.begun, path.exists()) {
            (_, true) => backend::open(&path, key, cache)?,
            (true, false) => return Err(StoreError::Gone(id)),
            (false, false) => {
                make_folder(&folder)?;
                backend::create(&path, key, cache)?
            }
        };
        let database = Database::begin(id.erase(), redb, size(&path)?, self.clock.clone(), self.ids.clone())?;
        if !placement.begun {
            sync_folder(&folder)?;
            let event = EventDraft::system(SystemTask::TenantLife, id.erase());
            self.system.write::<(), WriteError>(event, |tx| {
                tx.note("step", "begun");
                tx.put(&Placement { begun: true, ..placement })
            })?;
        }
        Ok(TenantStore { id, keys: Arc::new(keys), folder, database })
    }

    /// Where a tenant's files lie: on the shared volume in a tree of two levels, so that no folder gets 100,000 entries.
    fn folder_of(&self, placement: &Placement) -> PathBuf {
        if let Some(folder) = &placement.folder {
            return folder.clone();
        }
        let id = placement.tenant.to_bytes();
        self.folder.join(format!("tenants/{:02x}/{:02x}/{:032x}", id[15], id[14], placement.tenant.bits()))
    }

    /// Closes files until no more are open than should be: the one longest unused first.
    fn shrink(&self, keep: Id<Tenant>) {
        loop {
            let oldest = {
                let open = self.lock();
                if open.len() <= self.limits.max_open {
                    return;
                }
                let closable = open.iter().filter(|(id, slot)| **id != keep && Arc::strong_count(slot) == 1);
                closable
                    .min_by_key(|(id, slot)| (slot.used_ms.load(Ordering::Relaxed), **id))
                    .map(|(id, slot)| (*id, slot.clone()))
            };
            let Some((id, slot)) = oldest else { return };
            if !self.close(id, &slot) {
                // In use: it counts as used now, or it would be tried again and again.
                slot.used_ms.store(self.clock.now().millis().saturating_add(1), Ordering::Relaxed);
                return;
            }
        }
    }

    /// Closes one file, if nobody uses it. While it closes, who wants it waits at the slot.
    fn close(&self, id: Id<Tenant>, slot: &Arc<Slot>) -> bool {
        let mut inside = slot.tenant.lock().unwrap_or_else(PoisonError::into_inner);
        if inside.as_ref().is_some_and(|tenant| Arc::strong_count(tenant) > 1) {
            return false;
        }
        *inside = None;
        let mut open = self.lock();
        // The map's and ours: nobody waits for it.
        if Arc::strong_count(slot) == 2 {
            open.remove(&id);
        }
        true
    }

    /// Closes the files that nobody has used for the configured time. To be called every minute or so.
    pub fn close_idle(&self) {
        for (id, slot) in self.at_rest() {
            self.close(id, &slot);
        }
    }

    /// The tenants whose files [`Store::close_idle`] would close, in order.
    pub fn idle(&self) -> Vec<Id<Tenant>> {
        let mut idle: Vec<_> = self.at_rest().into_iter().map(|(id, _)| id).collect();
        idle.sort_unstable();
        idle
    }

    fn at_rest(&self) -> Vec<(Id<Tenant>, Arc<Slot>)> {
        let now = self.clock.now();
        let rests = |slot: &Slot| {
            let used = model::Timestamp::from_millis(slot.used_ms.load(Ordering::Relaxed));
            now.since(used) >= Duration::from_secs(self.limits.idle_close_s)
        };
        let open = self.lock();
        open.iter().filter(|(_, slot)| rests(slot)).map(|(id, slot)| (*id, slot.clone())).collect()
    }

    /// How many tenants' files are open.
    pub fn open_files(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Id<Tenant>, Arc<Slot>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_folder(path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::Folder { path: path.to_owned(), source };
    let mut builder = fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(builder.recursive(true), 0o700);
    builder.create(path).map_err(failed)
}

fn sync_folder(path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::Folder { path: path.to_owned(), source };
    fs::File::open(path).and_then(|folder| folder.sync_all()).map_err(failed)
}

fn size(path: &Path) -> Result<u64, StoreError> {
    let failed = |source| StoreError::Folder { path: path.to_owned(), source };
    fs::metadata(path).map(|file| file.len()).map_err(failed)
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
