//! What is wrong with the store, as data: for readiness, the doctor and metrics.

use std::{
    collections::BTreeMap,
    io,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use model::{ErrorKind, Id, Timestamp, noun::Tenant};

use crate::{
    backend::OpenError,
    copy::CopyError,
    read::ReadError,
    store::{Store, StoreError},
};

/// Free bytes below which a disk counts as nearly full.
pub const LOW_BYTES: u64 = 512 << 20;
/// The most tenants with faults that are remembered.
const MOST_FAULTS: usize = 10_000;

/// Something that is wrong. Codes are never renamed or reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Bytes of a file are not what was written.
    Damaged,
    /// A file that was there is gone.
    Gone,
    /// The keys of a tenant do not open, or were destroyed.
    Keys,
    /// No room on the disk, or in its quota.
    DiskFull,
    /// Little room on the disk.
    DiskLow,
    /// The disk takes no writes.
    DiskReadOnly,
    /// The process may open no more files.
    TooManyFiles,
    /// The clock was set by more than it can have been wrong.
    ClockJumped,
    /// A file is being put back or switched.
    Held,
    /// Anything else that the operating system refused.
    Unavailable,
}

impl Fault {
    /// Every fault.
    pub const ALL: &[Fault] = &[
        Fault::Damaged,
        Fault::Gone,
        Fault::Keys,
        Fault::DiskFull,
        Fault::DiskLow,
        Fault::DiskReadOnly,
        Fault::TooManyFiles,
        Fault::ClockJumped,
        Fault::Held,
        Fault::Unavailable,
    ];

    /// The name for machines.
    pub const fn code(self) -> &'static str {
        match self {
            Fault::Damaged => "damaged",
            Fault::Gone => "gone",
            Fault::Keys => "keys",
            Fault::DiskFull => "disk_full",
            Fault::DiskLow => "disk_low",
            Fault::DiskReadOnly => "disk_read_only",
            Fault::TooManyFiles => "too_many_files",
            Fault::ClockJumped => "clock_jumped",
            Fault::Held => "held",
            Fault::Unavailable => "unavailable",
        }
    }

    /// What it is of an error of the operating system.
    pub(crate) fn of_io(error: &io::Error) -> Self {
        // ENFILE, EMFILE: not kinds of the standard library yet.
        match (error.kind(), error.raw_os_error()) {
            (io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded, _) => Fault::DiskFull,
            (io::ErrorKind::ReadOnlyFilesystem, _) => Fault::DiskReadOnly,
            (_, Some(23 | 24)) => Fault::TooManyFiles,
            (io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof, _) => Fault::Damaged,
            _ => Fault::Unavailable,
        }
    }

    /// What it is of a failed commit.
    pub(crate) fn of_redb(error: &redb::Error) -> Self {
        match error {
            redb::Error::Io(error) => Fault::of_io(error),
            redb::Error::Corrupted(_) => Fault::Damaged,
            _ => Fault::Unavailable,
        }
    }

    fn of(error: &StoreError) -> Option<Self> {
        Some(match error {
            StoreError::NoTenant => return None,
            StoreError::Gone(_) => Fault::Gone,
            StoreError::Held { .. } | StoreError::Busy(_) => Fault::Held,
            StoreError::Vault(_) => Fault::Keys,
            StoreError::Folder { source, .. } => Fault::of_io(source),
            StoreError::Open(OpenError::Io { source, .. }) => Fault::of_io(source),
            StoreError::Open(OpenError::Full(_)) | StoreError::Copy(CopyError::Full) => Fault::DiskFull,
            StoreError::Read(ReadError::Storage(error)) => Fault::of_redb(error),
            other if other.kind() == ErrorKind::Corrupt => Fault::Damaged,
            _ => Fault::Unavailable,
        })
    }
}

/// A fault, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What.
    pub fault: Fault,
    /// Whose files; nothing when it concerns the appliance.
    pub tenant: Option<Id<Tenant>>,
    /// Since when it is known.
    pub since: Timestamp,
    /// For people, with the remedy.
    pub detail: String,
}

/// The state of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Whether it can serve at all. A tenant's fault does not change that.
    pub ready: bool,
    /// What is wrong: the appliance's first, then tenants' in the order of their ids.
    pub conditions: Vec<Condition>,
    /// Tenants' files that are open.
    pub open_files: usize,
    /// Files that were repaired since the start, because they were not closed.
    pub repaired: u64,
    /// Free bytes on the disk of the data folder.
    pub free_bytes: Option<u64>,
}

/// What was found wrong with tenants' files.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    tenants: Mutex<BTreeMap<Id<Tenant>, Condition>>,
}

/// Files that were repaired in this process.
static REPAIRED: AtomicU64 = AtomicU64::new(0);

/// Counts a repair.
pub(crate) fn repaired() {
    REPAIRED.fetch_add(1, Ordering::Relaxed);
}

impl Faults {
    pub(crate) fn tell(&self, tenant: Id<Tenant>, error: &StoreError, now: Timestamp) {
        let Some(fault) = Fault::of(error) else { return };
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if tenants.len() < MOST_FAULTS || tenants.contains_key(&tenant) {
            let since = tenants.get(&tenant).filter(|old| old.fault == fault).map_or(now, |old| old.since);
            tenants.insert(tenant, Condition { fault, tenant: Some(tenant), since, detail: error.to_string() });
        }
    }

    pub(crate) fn forget(&self, tenant: Id<Tenant>) {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner).remove(&tenant);
    }
}

impl Store {
    /// What is wrong, as far as it is known without looking into files.
    pub fn health(&self) -> Health {
        let now = self.clock().now();
        let appliance = |fault, detail: String| Condition { fault, tenant: None, since: now, detail };
        let mut conditions = Vec::new();
        if let Some(fault) = self.system().fault() {
            let detail =
                format!("the appliance's own file takes no writes ({}); mend the disk and restart", fault.code());
            conditions.push(appliance(fault, detail));
        }
        let disk = disk(&self.folder);
        match &disk {
            Ok((_, true)) => {
                conditions
                    .push(appliance(Fault::DiskReadOnly, "the disk of the data folder takes no writes".to_owned()));
            }
            Ok((free, false)) if *free < LOW_BYTES => {
                let detail = format!("{} MiB are free on the disk of the data folder; free some", free >> 20);
                conditions.push(appliance(Fault::DiskLow, detail));
            }
            Ok(_) => {}
            Err(error) => conditions.push(appliance(Fault::of_io(error), format!("the data folder: {error}"))),
        }
        if let Some(jump) = self.clock_watch.jump() {
            let (way, hours) = (if jump.forward { "forward" } else { "back" }, jump.by.as_secs() / 3_600);
            let detail = format!(
                "the clock was set {way} by {hours} hours; nothing is erased by its age for a day: put it right, or restart if it is"
            );
            conditions.push(Condition { since: jump.at, ..appliance(Fault::ClockJumped, detail) });
        }
        let serious = |condition: &Condition| !matches!(condition.fault, Fault::DiskLow | Fault::ClockJumped);
        let ready = !conditions.iter().any(serious);
        conditions.extend(self.tenant_conditions(now));
        let free_bytes = disk.ok().map(|(free, _)| free);
        let repaired = REPAIRED.load(Ordering::Relaxed);
        Health { ready, conditions, open_files: self.open_files(), repaired, free_bytes }
    }

    fn tenant_conditions(&self, now: Timestamp) -> Vec<Condition> {
        let mut found = self.faults.tenants.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (id, slot) in self.lock().iter() {
            // Whoever holds the slot is opening or closing the file, and will tell by itself.
            let Ok(inside) = slot.tenant.try_lock() else { continue };
            if let Some(fault) = inside.as_ref().and_then(|tenant| tenant.fault()) {
                let detail =
                    format!("a change of tenant {id} could not be stored ({}); its file is opened anew", fault.code());
                found.insert(*id, Condition { fault, tenant: Some(*id), since: now, detail });
            }
        }
        found.into_values().collect()
    }
}

/// Free bytes of the disk that a folder is on; nothing where the system does not say.
pub(crate) fn free(folder: &Path) -> Option<u64> {
    disk(folder).ok().map(|(free, _)| free)
}

/// Free bytes of the disk that a folder is on, and whether it is mounted read-only.
fn disk(folder: &Path) -> io::Result<(u64, bool)> {
    let state = rustix::fs::statvfs(folder)?;
    let read_only = state.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY);
    Ok((state.f_bavail.saturating_mul(state.f_frsize), read_only))
}
