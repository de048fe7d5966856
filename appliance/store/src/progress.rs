//! How far a long piece of work has come, for whoever watches or stops it from another thread.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::copy::CopyError;

/// Shared by reference between the work and its watchers.
#[derive(Debug, Default)]
pub struct Progress {
    bytes: AtomicU64,
    tenants: AtomicU64,
    stop: AtomicBool,
    /// Steps that are left before it stops by itself; for tests that cut work off at each of its steps.
    #[cfg(any(test, feature = "faults"))]
    steps: std::sync::Mutex<Option<u64>>,
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

    /// Stops by itself after so many steps.
    #[cfg(any(test, feature = "faults"))]
    pub fn of_steps(steps: u64) -> Self {
        Progress { steps: std::sync::Mutex::new(Some(steps)), ..Progress::default() }
    }

    pub(crate) fn add_bytes(&self, bytes: u64) -> Result<(), CopyError> {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.go_on()
    }

    pub(crate) fn add_tenant(&self) {
        self.tenants.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn go_on(&self) -> Result<(), CopyError> {
        #[cfg(any(test, feature = "faults"))]
        if let Some(steps) = self.steps.lock().expect("no test panics while it counts").as_mut() {
            match steps.checked_sub(1) {
                Some(left) => *steps = left,
                None => self.stop(),
            }
        }
        if self.stop.load(Ordering::Relaxed) { Err(CopyError::Stopped) } else { Ok(()) }
    }
}
