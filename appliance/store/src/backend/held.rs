//! The first write to a file that was opened waits for the second.

use std::{
    io,
    ops::Bound,
    sync::{Mutex, MutexGuard, PoisonError},
};

use redb::{BackendError, StorageBackend};

use super::PAGE;
use crate::aside;

/// A storage backend over `B` that keeps the first write back while nothing follows it but reads and syncs.
///
/// redb marks a file as in use by a synced write to its header as soon as it is opened, so that whoever finds the mark repairs
/// the file. A file that is only read needs no repair: the mark, and the sync that makes it durable, wait here until anything
/// else is written, and reach the disk before it. Where thousands of tenants are opened to be read once, that is a sync saved
/// for each.
#[derive(Debug)]
pub(super) struct HeldBack<B> {
    inner: B,
    first: Mutex<First>,
}

#[derive(Debug)]
enum First {
    /// Nothing was written yet.
    Awaited,
    /// This page, the first of the file, and whether it was synced meanwhile.
    Held(Vec<u8>, bool),
    /// It is on its way, or was never held.
    Passed,
}

impl<B: StorageBackend> HeldBack<B> {
    /// Over a file that may have content; a new one is written through.
    pub(super) fn new(inner: B) -> io::Result<Self> {
        let first = if inner.len()? == 0 { First::Passed } else { First::Awaited };
        Ok(Self { inner, first: Mutex::new(first) })
    }

    fn first(&self) -> MutexGuard<'_, First> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the first write go, and its sync if it had one. What failed is held still.
    fn release(&self, first: &mut First) -> io::Result<()> {
        if let First::Held(page, synced) = first {
            self.inner.write(0, page)?;
            if *synced {
                self.inner.sync_data()?;
            }
        }
        *first = First::Passed;
        Ok(())
    }
}

impl<B: StorageBackend> StorageBackend for HeldBack<B> {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        // Held while reading, so that the page cannot be released between the two looks.
        let first = (offset < PAGE as u64).then(|| self.first());
        aside::wait(|| self.inner.read(offset, out))?;
        if let Some(First::Held(page, _)) = first.as_deref() {
            let place = offset as usize;
            let count = out.len().min(PAGE - place);
            out[..count].copy_from_slice(&page[place..place + count]);
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.release(&mut self.first())?;
        self.inner.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        match &mut *self.first() {
            First::Awaited => return Ok(()),
            First::Held(_, synced) => {
                *synced = true;
                return Ok(());
            }
            First::Passed => {}
        }
        self.inner.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        {
            let mut first = self.first();
            if matches!(*first, First::Awaited) && offset == 0 && data.len() == PAGE {
                *first = First::Held(data.to_vec(), false);
                return Ok(());
            }
            self.release(&mut first)?;
        }
        self.inner.write(offset, data)
    }

    /// A write that is still held was the mark of a file that nobody wrote to: it is as good without.
    fn close(&self) -> io::Result<()> {
        self.inner.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.query_lock_range(start, end)
    }
}
