//! Closing tenants' files: those beyond the bound, those at rest, and all at the end.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use model::{Id, noun::Tenant};

use super::{Slot, Store, TenantStore};

/// How many files are closed at once: closing one waits for the disk a few times.
const CLOSERS: usize = 4;

/// Who is told that too many files are open.
pub(super) struct Surplus(Box<dyn Fn() + Send + Sync>);

impl std::fmt::Debug for Surplus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Surplus")
    }
}

impl Store {
    /// Has `told` called whenever a file is opened beyond the bound, by the thread that opens it: it is to have
    /// [`Store::close_surplus`] called elsewhere. Only the first who asks for it is told.
    pub fn on_surplus(&self, told: impl Fn() + Send + Sync + 'static) {
        let _ = self.surplus.set(Surplus(Box::new(told)));
    }

    pub(super) fn tell_surplus(&self) {
        if self.open_files() > self.limits.max_open
            && let Some(Surplus(told)) = self.surplus.get()
        {
            told();
        }
    }

    /// Closes the files that are open beyond the bound. Who opens a file when too many are waiting for it closes one in passing.
    pub fn close_surplus(&self) {
        let surplus = self.open_files().saturating_sub(self.limits.max_open);
        std::thread::scope(|scope| {
            for _ in 0..surplus.min(CLOSERS) {
                scope.spawn(|| self.shrink(None, self.limits.max_open));
            }
        });
    }

    /// Closes files until no more than `most` are open: the one longest unused first.
    pub(super) fn shrink(&self, keep: Option<Id<Tenant>>, most: usize) {
        loop {
            let oldest = {
                let open = self.lock();
                if open.len() <= most {
                    return;
                }
                let closable = open.iter().filter(|(id, slot)| Some(**id) != keep && Arc::strong_count(slot) == 1);
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
        self.let_go(id, &mut inside);
        let mut open = self.lock();
        // The map's and ours: nobody waits for it.
        if Arc::strong_count(slot) == 2 {
            open.remove(&id);
        }
        true
    }

    /// Closes a file by letting go of it, if nobody else holds it, and remembers how large its log is.
    pub(crate) fn let_go(&self, id: Id<Tenant>, inside: &mut Option<Arc<TenantStore>>) {
        // Only where someone asks, or what nobody takes would pile up.
        if let Some(closed) = &mut *self.closed.lock().unwrap_or_else(PoisonError::into_inner)
            && let Some(size) = inside.as_deref().and_then(size)
        {
            closed.insert(id, size);
        }
        *inside = None;
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

    /// The tenants whose audit logs may have grown, with their sizes, in order: those whose files are open, and those whose files were
    /// closed since this was asked before. To ask does not keep a file open; one that is being opened or closed comes the next time.
    pub fn logs(&self) -> Vec<(Id<Tenant>, u64)> {
        // What is closed from here on is told the next time, if not now.
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner).replace(BTreeMap::new());
        let open: Vec<_> = self.lock().iter().map(|(id, slot)| (*id, slot.clone())).collect();
        let size = |(id, slot): (Id<Tenant>, Arc<Slot>)| Some((id, size(slot.tenant.try_lock().ok()?.as_deref()?)?));
        let mut sizes = closed.unwrap_or_default();
        sizes.extend(open.into_iter().filter_map(size));
        sizes.into_iter().collect()
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
}

/// How many rows the audit log of an open file has.
fn size(tenant: &TenantStore) -> Option<u64> {
    tenant.audit_head().ok().map(|(rows, _)| rows)
}

/// Closes what is open, many files at once: one after the other, a thousand would take longer than who waits for the end may.
impl Drop for Store {
    fn drop(&mut self) {
        let open = Mutex::new(std::mem::take(&mut *self.lock()).into_values());
        let next = || open.lock().unwrap_or_else(PoisonError::into_inner).next();
        std::thread::scope(|scope| {
            for _ in 0..4 * CLOSERS {
                scope.spawn(|| {
                    while let Some(slot) = next() {
                        drop(slot);
                    }
                });
            }
        });
    }
}
