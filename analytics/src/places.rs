//! How many questions may run: so many of one tenant, and so many in all. Who comes when all places are taken waits in a short queue.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use datafusion::execution::{
    cache::{cache_manager::FileMetadataCache, default_cache::DefaultCache},
    disk_manager::{DiskManagerBuilder, DiskManagerMode},
    memory_pool::GreedyMemoryPool,
};
use metering::QuestionError;
use model::{Id, noun::Tenant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    engine::QueryLimits,
    pool::TenantPool,
    spill::{Spill, SpillFolder},
};

/// Bytes of what is remembered of the ends of files: without it each question would read and take apart those of all its files.
pub(crate) const FOOTERS: usize = 32 << 20;

/// What one tenant has: places, a queue, memory, and room on a disk where there is a folder for it. Kept while a question of it runs.
#[derive(Debug)]
struct Share {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    pool: Arc<TenantPool>,
    spill: Option<Arc<Spill>>,
}

/// Ends of files by their names, which say whose they are; the contents of a name never change.
#[derive(Clone)]
struct Footers(Arc<FileMetadataCache>);

impl std::fmt::Debug for Footers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Footers")
    }
}

/// All tenants' shares.
#[derive(Debug)]
pub(crate) struct Places {
    shares: Mutex<HashMap<Id<Tenant>, Arc<Share>>>,
    all: Arc<Semaphore>,
    memory: Arc<GreedyMemoryPool>,
    footers: Footers,
    spills: Option<SpillFolder>,
    limits: QueryLimits,
}

/// A place that a question has; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    share: Arc<Share>,
    footers: Footers,
    _own: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Place {
    pub(crate) fn pool(&self) -> Arc<TenantPool> {
        self.share.pool.clone()
    }

    /// Where a question goes on whose rows do not fit into memory; nowhere without a folder.
    pub(crate) fn disk(&self) -> DiskManagerBuilder {
        match &self.share.spill {
            Some(spill) => spill.builder(),
            None => DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled),
        }
    }

    pub(crate) fn footers(&self) -> Arc<FileMetadataCache> {
        self.footers.0.clone()
    }
}

impl Places {
    pub(crate) fn new(limits: QueryLimits, spills: Option<SpillFolder>) -> Self {
        Places {
            shares: Mutex::default(),
            all: Arc::new(Semaphore::new(limits.running)),
            memory: Arc::new(GreedyMemoryPool::new(limits.memory_bytes)),
            footers: Footers(Arc::new(DefaultCache::new(FOOTERS))),
            spills,
            limits,
        }
    }

    /// Waits for a place.
    pub(crate) async fn take(&self, tenant: Id<Tenant>) -> Result<Place, QuestionError> {
        let share = self.share(tenant);
        let waits = Waits::begin(&share, self.limits.waiting_per_tenant)?;
        let busy = |_| QuestionError::Busy;
        let own = share.places.clone().acquire_owned().await.map_err(busy)?;
        let all = self.all.clone().acquire_owned().await.map_err(busy)?;
        drop(waits);
        Ok(Place { share, footers: self.footers.clone(), _own: own, _all: all })
    }

    fn share(&self, tenant: Id<Tenant>) -> Arc<Share> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        // Whose questions have ended has no share any more.
        shares.retain(|other, share| *other == tenant || Arc::strong_count(share) > 1);
        let limits = &self.limits;
        let share = || Share {
            places: Arc::new(Semaphore::new(limits.running_per_tenant)),
            waiting: AtomicUsize::new(0),
            pool: Arc::new(TenantPool::new(limits.tenant_memory_bytes, self.memory.clone())),
            spill: self.spills.clone().map(|folder| Arc::new(Spill::new(folder, limits.tenant_spill_bytes))),
        };
        shares.entry(tenant).or_insert_with(|| Arc::new(share())).clone()
    }
}

/// A place in a tenant's queue.
struct Waits<'a>(&'a Share);

impl<'a> Waits<'a> {
    fn begin(share: &'a Share, most: usize) -> Result<Self, QuestionError> {
        // Who gets a place at once counts for a moment too.
        if share.waiting.fetch_add(1, Ordering::SeqCst) > most {
            share.waiting.fetch_sub(1, Ordering::SeqCst);
            return Err(QuestionError::Busy);
        }
        Ok(Waits(share))
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}
