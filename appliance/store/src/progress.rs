//! How far a long piece of work has come, for whoever watches or stops it from another thread.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::copy::CopyError;

/// Shared by reference between the work and its watchers.
#[derive(Debug, Default)]
pub struct Progress {
    bytes: AtomicU64,
    tenants: AtomicU64,
    stop: AtomicBool,
}

impl Progress {
    /// Bytes that were read or written so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Tenants that are done.
    pub fn tenants(&self) -> u64 {
        self.tenants.load(Ordering::Relaxed)
    }

    /// Asks the work to end; it does so at its next step and leaves nothing half-done behind.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(crate) fn add_bytes(&self, bytes: u64) -> Result<(), CopyError> {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.go_on()
    }

    pub(crate) fn add_tenant(&self) {
        self.tenants.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn go_on(&self) -> Result<(), CopyError> {
        if self.stop.load(Ordering::Relaxed) { Err(CopyError::Stopped) } else { Ok(()) }
    }
}
