//! Memory of questions: a share for each tenant, and one bound over all of them.

use std::{fmt, sync::Arc};

use datafusion::{
    common::Result,
    execution::memory_pool::{
        FairSpillPool, GreedyMemoryPool, MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation,
    },
};

/// What one tenant's questions hold together, as far as all tenants' questions leave room.
#[derive(Debug)]
pub(crate) struct TenantPool {
    own: FairSpillPool,
    all: Arc<GreedyMemoryPool>,
    bytes: usize,
}

impl TenantPool {
    pub(crate) fn new(bytes: usize, all: Arc<GreedyMemoryPool>) -> Self {
        TenantPool { own: FairSpillPool::new(bytes), all, bytes }
    }

    /// What there is for the tenant.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl fmt::Display for TenantPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tenant({} of {} bytes)", self.own.reserved(), self.bytes)
    }
}

impl MemoryPool for TenantPool {
    fn name(&self) -> &str {
        "tenant"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.own.register(consumer);
        self.all.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.own.unregister(consumer);
        self.all.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.own.grow(reservation, additional);
        self.all.grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.own.shrink(reservation, shrink);
        self.all.shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        self.own.try_grow(reservation, additional)?;
        self.all.try_grow(reservation, additional).inspect_err(|_| self.own.shrink(reservation, additional))
    }

    fn reserved(&self) -> usize {
        self.own.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.bytes)
    }
}
