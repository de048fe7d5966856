//! All files of an appliance: the vault, the system's own file, and the tenants' files, of which a bounded number is open.

mod clock;
mod close;
mod erase;

use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    ops::Deref,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use model::{Clock, ErrorKind, Id, IdSource, SystemTask, noun::Tenant};
use serde::{Deserialize, Serialize};

use crate::{
    aside, backend,
    blob::{BlobError, BlobStore},
    copy::CopyError,
    database::{BeginError, Database},
    health::Faults,
    place::Holds,
    read::ReadError,
    record::Record,
    seal::{CHECKED_UP_TO, Note, Seal},
    vault::{Purpose, RootKey, RootKeyError, TenantKeys, Vault, VaultError},
    write::{EventDraft, WriteError},
};
pub use erase::Weight;

/// The name of a tenant's database in its folder.
pub(crate) const DATABASE: &str = "store.redb";
/// Of the files that may be open, one in so many more may be until [`Store::close_surplus`] closes what is too much.
const SLACK: usize = 8;

/// Bounds on what the store keeps open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Its file is being put back or switched.
    #[error("the files of tenant {tenant} are being {what}; try again in a moment")]
    Held {
        /// Whose.
        tenant: Id<Tenant>,
        /// What is done with them.
        what: &'static str,
    },
    /// Somebody does not let go of its file.
    #[error("the file of tenant {0} is in use all the time; try again when its uploads and downloads have ended")]
    Busy(Id<Tenant>),
    /// A folder that a tenant was to be moved to.
    #[error("the folder {0} is not empty; give an empty or a new one")]
    Occupied(PathBuf),
    /// Copying it.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// Its blobs.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

impl From<RootKeyError> for StoreError {
    fn from(error: RootKeyError) -> Self {
        StoreError::Vault(error.into())
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        StoreError::Copy(error.into())
    }
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
            StoreError::Held { .. } | StoreError::Busy(_) => ErrorKind::Unavailable,
            StoreError::Occupied(_) => ErrorKind::Conflict,
            StoreError::Copy(error) => error.kind(),
            StoreError::Blob(error) => error.kind(),
        }
    }
}

/// Where a tenant's files lie. Kept in the system's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// Whose.
    pub tenant: Id<Tenant>,
    /// A folder of its own, for a large tenant (below the store's where it is relative); on the shared volume without one.
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
    /// The version of the database key that the file is enciphered with: not the newest while a new one is being brought in.
    pub(crate) key_version: u32,
    database: Database,
    /// Dropped after the database, when the file is closed.
    seal: Seal,
}

impl Drop for TenantStore {
    fn drop(&mut self) {
        self.seal.rows = self.database.audit_head().ok().map(|(rows, _)| rows).filter(|_| !self.database.is_broken());
    }
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
    pub(crate) folder: PathBuf,
    limits: StoreLimits,
    vault: Vault,
    system: Database,
    open: Mutex<HashMap<Id<Tenant>, Arc<Slot>>>,
    pub(crate) holds: Holds,
    pub(crate) faults: Faults,
    surplus: OnceLock<close::Surplus>,
    /// The sizes of the logs of files that were closed since [`Store::logs`] was asked; nothing while nobody asks.
    closed: Mutex<Option<BTreeMap<Id<Tenant>, u64>>>,
    pub(crate) clock_watch: clock::ClockWatch,
    clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<IdSource>,
}

/// A tenant's file that is open, being opened or being closed: who holds the lock inside does so.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    pub(crate) tenant: Mutex<Option<Arc<TenantStore>>>,
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
        Self::open_with_any(folder, vec![root], limits, clock, ids)
    }

    /// Opens the store of an appliance with the one of these keys that it is under: after a change of the key that was cut off there
    /// are two that may be it. Finishes or takes back moves of tenants that were cut off.
    pub fn open_with_any(
        folder: &Path,
        roots: Vec<Box<dyn RootKey>>,
        limits: StoreLimits,
        clock: Arc<dyn Clock>,
        ids: Arc<IdSource>,
    ) -> Result<Self, StoreError> {
        let vault = Vault::open_with_any(&folder.join("keys.redb"), roots)?;
        Self::over(folder, vault, limits, clock, ids)
    }

    /// Opens the store of an open vault.
    pub(crate) fn over(
        folder: &Path,
        vault: Vault,
        limits: StoreLimits,
        clock: Arc<dyn Clock>,
        ids: Arc<IdSource>,
    ) -> Result<Self, StoreError> {
        let keys = vault.system_keys()?;
        let path = folder.join("system.redb");
        let (redb, _) = open_under_any(&path, &keys, limits.system_cache_bytes, None, false)?;
        let store = Self::with(folder, vault, redb, &path, limits, clock, ids)?;
        store.settle_moves()?;
        Ok(store)
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
        let (open, closed, holds, faults) = (Mutex::default(), Mutex::default(), Holds::default(), Faults::default());
        let (folder, surplus, clock_watch) = (folder.to_owned(), OnceLock::new(), Default::default());
        Ok(Store { folder, limits, vault, system, open, holds, faults, surplus, closed, clock_watch, clock, ids })
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
        let slot = self.slot(id);
        // Open, and nobody is at it: there is nothing to wait for.
        if let Ok(inside) = slot.tenant.try_lock()
            && let Some(tenant) = inside.as_ref().filter(|tenant| !tenant.is_broken())
        {
            self.holds.check(id)?;
            return Ok(tenant.clone());
        }
        aside::wait(|| self.tenant_in_turn(id, &slot))
    }

    fn tenant_in_turn(&self, id: Id<Tenant>, slot: &Slot) -> Result<Arc<TenantStore>, StoreError> {
        let mut inside = slot.tenant.lock().unwrap_or_else(PoisonError::into_inner);
        self.holds.check(id)?;
        if let Some(tenant) = inside.as_ref().filter(|tenant| !tenant.is_broken()) {
            return Ok(tenant.clone());
        }
        // A broken file is opened anew when the last one who uses it has let go.
        *inside = None;
        let tenant = self.open_tenant(id).inspect_err(|error| {
            self.faults.tell(id, error, self.clock.now());
            self.lock().remove(&id);
        })?;
        self.faults.forget(id);
        let tenant = Arc::new(tenant);
        *inside = Some(tenant.clone());
        drop(inside);
        // Closing waits for the disk, so it is left to the background as long as that keeps up.
        self.shrink(Some(id), self.limits.max_open + self.limits.max_open / SLACK);
        self.tell_surplus();
        Ok(tenant)
    }

    pub(crate) fn slot(&self, id: Id<Tenant>) -> Arc<Slot> {
        let slot = self.lock().entry(id).or_default().clone();
        slot.used_ms.store(self.clock.now().millis(), Ordering::Relaxed);
        slot
    }

    fn open_tenant(&self, id: Id<Tenant>) -> Result<TenantStore, StoreError> {
        let placement = self.place_of(id)?;
        let keys = self.vault.keys(id)?;
        let folder = self.folder_of(&placement);
        let path = folder.join(DATABASE);
        let (key, cache) = (keys.current(Purpose::Database), self.limits.tenant_cache_bytes);
        let note = Note::read(&path);
        let (redb, key_version) = match (placement.begun, path.exists()) {
            (_, true) => open_under_any(&path, &keys, cache, note.as_ref(), size(&path)? <= CHECKED_UP_TO)?,
            (true, false) => return Err(StoreError::Gone(id)),
            (false, false) => {
                make_folder(&folder)?;
                (backend::create(&path, key, cache)?, key.version())
            }
        };
        let database = Database::begin(id.erase(), redb, size(&path)?, self.clock.clone(), self.ids.clone())?;
        if note.is_some_and(|note| database.audit_head().is_ok_and(|(rows, _)| rows < note.rows)) {
            let detail = "its last changes are lost".to_owned();
            return Err(backend::OpenError::Damaged { path, detail }.into());
        }
        if !placement.begun {
            sync_folder(&folder)?;
            let event = EventDraft::system(SystemTask::TenantLife, id.erase());
            self.system.write::<(), WriteError>(event, |tx| {
                tx.note("step", "begun");
                tx.put(&Placement { begun: true, ..placement })
            })?;
        }
        let key = keys.version(Purpose::Database, key_version).unwrap_or(keys.current(Purpose::Database));
        let seal = Seal::new(&path, key);
        Ok(TenantStore { id, keys: Arc::new(keys), folder, key_version, database, seal })
    }

    /// Where a tenant's files lie: on the shared volume in a tree of two levels, so that no folder gets 100,000 entries.
    pub(crate) fn folder_of(&self, placement: &Placement) -> PathBuf {
        if let Some(folder) = &placement.folder {
            return self.folder.join(folder);
        }
        self.folder.join(Self::shared(placement.tenant))
    }

    /// The folder of a tenant on the shared volume, below the store's.
    pub(crate) fn shared(tenant: Id<Tenant>) -> PathBuf {
        let id = tenant.to_bytes();
        format!("tenants/{:02x}/{:02x}/{:032x}", id[15], id[14], tenant.bits()).into()
    }

    /// How many tenants' files are open.
    pub fn open_files(&self) -> usize {
        self.lock().len()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, HashMap<Id<Tenant>, Arc<Slot>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn make_folder(path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::Folder { path: path.to_owned(), source };
    let mut builder = fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(builder.recursive(true), 0o700);
    builder.create(path).map_err(failed)
}

pub(crate) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::Folder { path: path.to_owned(), source };
    fs::File::open(path).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// The database under the newest key it opens with: while a new key is brought in, files are still under the one before.
fn open_under_any(
    path: &Path,
    keys: &TenantKeys,
    cache: usize,
    note: Option<&Note>,
    small: bool,
) -> Result<(redb::Database, u32), StoreError> {
    let mut refused = None;
    for key in keys.all(Purpose::Database) {
        let check = small && !note.is_some_and(|note| note.fits(path, key));
        match backend::open_checked(path, key, cache, check) {
            Ok(redb) => return Ok((redb, key.version())),
            Err(error @ backend::OpenError::Damaged { .. }) => refused = refused.or(Some(error)),
            Err(error) => return Err(error.into()),
        }
    }
    Err(refused.expect("every purpose has a key").into())
}

fn size(path: &Path) -> Result<u64, StoreError> {
    let failed = |source| StoreError::Folder { path: path.to_owned(), source };
    fs::metadata(path).map(|file| file.len()).map_err(failed)
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
