//! A storage backend that fails as told: power cuts, full disks, broken disks. For tests.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use redb::StorageBackend;

/// Bytes that a disk writes whole or not at all.
const SECTOR: usize = 512;

/// What a power cut leaves of the writes since the last sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing.
    Lost,
    /// All of them, as if the sync had just ended.
    Kept,
    /// Some of them, in any order and some of their sectors only, as a disk with a cache would; drawn from this seed.
    Torn(u64),
}

/// The hand that breaks a [`Faulty`] backend while a database is running on it.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

#[derive(Debug, Default)]
struct Plan {
    syncs: u64,
    cut: Option<(u64, Fate)>,
    off: bool,
    full_at: Option<u64>,
    broken_reads: bool,
    broken_writes: bool,
}

impl Faults {
    /// Cuts the power at the `sync`th sync from the start (1 is the first): it fails, and everything after it.
    pub fn cut_power_at_sync(&self, sync: u64, fate: Fate) {
        self.plan().cut = Some((sync, fate));
    }

    /// Refuses, as a full disk does, all writes and growth beyond this byte; `None` frees the disk again.
    pub fn fill_at(&self, byte: Option<u64>) {
        self.plan().full_at = byte;
    }

    /// Lets every read fail with an I/O error, or no longer.
    pub fn break_reads(&self, broken: bool) {
        self.plan().broken_reads = broken;
    }

    /// Lets every write, change of length and sync fail with an I/O error, or no longer.
    pub fn break_writes(&self, broken: bool) {
        self.plan().broken_writes = broken;
    }

    /// How often the backend was synced.
    pub fn syncs(&self) -> u64 {
        self.plan().syncs
    }

    /// Whether the power has been cut.
    pub fn is_off(&self) -> bool {
        self.plan().off
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A backend over `B` that holds writes back until they are synced, as a disk's cache may, and breaks as its [`Faults`] say.
/// Keeps the whole content in memory.
#[derive(Debug)]
pub struct Faulty<B> {
    inner: B,
    faults: Faults,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    content: Vec<u8>,
    pending: Vec<Change>,
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cache({} bytes, {} changes)", self.content.len(), self.pending.len())
    }
}

enum Change {
    Length(u64),
    Write(u64, Vec<u8>),
}

impl<B: StorageBackend> Faulty<B> {
    /// The backend, with nothing broken yet.
    ///
    /// # Errors
    /// When `inner` cannot be read.
    pub fn new(inner: B, faults: Faults) -> io::Result<Self> {
        let mut content = vec![0; inner.len()? as usize];
        inner.read(0, &mut content)?;
        Ok(Self { inner, faults, cache: Mutex::new(Cache { content, pending: Vec::new() }) })
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn may(&self, write: bool, end: u64) -> io::Result<()> {
        let plan = self.faults.plan();
        if plan.off || (write && plan.broken_writes) || (!write && plan.broken_reads) {
            return Err(io::Error::from_raw_os_error(EIO));
        }
        if write && plan.full_at.is_some_and(|full| end > full) {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        Ok(())
    }

    fn land(&self, change: &Change) -> io::Result<()> {
        match change {
            Change::Length(length) => self.inner.set_len(*length),
            Change::Write(offset, data) => self.inner.write(*offset, data),
        }
    }

    /// Lands some of the pending changes. Lengths land in order (journaling file systems keep them), writes by sectors at random.
    fn tear(&self, pending: &[Change], mut seed: u64) -> io::Result<()> {
        let mut chance = move || {
            seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (seed ^ seed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB) >> 62
        };
        for change in pending {
            let Change::Write(offset, data) = change else {
                self.land(change)?;
                continue;
            };
            // One write in four is lost, one is torn, two land.
            let fate = chance();
            let length = self.inner.len()?;
            for (place, sector) in (*offset..).step_by(SECTOR).zip(data.chunks(SECTOR)) {
                let lands = fate > 1 || (fate == 1 && chance() > 1);
                if lands && place + sector.len() as u64 <= length {
                    self.inner.write(place, sector)?;
                }
            }
        }
        Ok(())
    }
}

const EIO: i32 = 5;

impl<B: StorageBackend> StorageBackend for Faulty<B> {
    fn len(&self) -> io::Result<u64> {
        self.may(false, 0)?;
        Ok(self.cache().content.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.may(false, 0)?;
        let cache = self.cache();
        let found = cache.content.get(offset as usize..offset as usize + out.len());
        out.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.may(true, len)?;
        let mut cache = self.cache();
        cache.content.resize(len as usize, 0);
        cache.pending.push(Change::Length(len));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.may(true, 0)?;
        let pending = std::mem::take(&mut self.cache().pending);
        let fate = {
            let mut plan = self.faults.plan();
            plan.syncs += 1;
            let fate = plan.cut.filter(|(sync, _)| *sync <= plan.syncs).map(|(_, fate)| fate);
            plan.off = fate.is_some();
            fate
        };
        match fate {
            None | Some(Fate::Kept) => pending.iter().try_for_each(|change| self.land(change))?,
            Some(Fate::Lost) => {}
            Some(Fate::Torn(seed)) => self.tear(&pending, seed)?,
        }
        self.inner.sync_data()?;
        if fate.is_some() { Err(io::Error::from_raw_os_error(EIO)) } else { Ok(()) }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let end = offset + data.len() as u64;
        self.may(true, end)?;
        let mut cache = self.cache();
        let place = cache.content.get_mut(offset as usize..end as usize);
        place.ok_or(io::ErrorKind::UnexpectedEof)?.copy_from_slice(data);
        cache.pending.push(Change::Write(offset, data.to_vec()));
        Ok(())
    }

    /// What was not synced by then is lost.
    fn close(&self) -> io::Result<()> {
        self.inner.close()
    }
}
