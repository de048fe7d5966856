//! Having a tenant's files for oneself: for the moment in which they are switched.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use model::{Id, noun::Tenant};

use crate::{
    copy::CopyError,
    read::Read,
    store::{Placement, Store, StoreError, TenantStore},
};

/// How long newcomers wait for those who use the file, in each attempt: no request notices more.
const ATTEMPT: (u32, Duration) = (50, Duration::from_millis(5));
/// Attempts, and the pause between them in which everybody works.
const ATTEMPTS: (u32, Duration) = (60, Duration::from_millis(200));

/// Tenants whose files are not to be had for now.
#[derive(Debug, Default)]
pub(crate) struct Holds(Mutex<BTreeMap<Id<Tenant>, &'static str>>);

impl Holds {
    pub(crate) fn check(&self, tenant: Id<Tenant>) -> Result<(), StoreError> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&tenant).map_or(Ok(()), |what| Err(StoreError::Held { tenant, what }))
    }
}

/// As long as it lives, a tenant's file is refused to everybody.
pub(crate) struct Held<'a>(&'a Holds, Id<Tenant>);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

impl Store {
    /// Where a tenant's files lie.
    pub fn place_of(&self, tenant: Id<Tenant>) -> Result<Placement, StoreError> {
        self.system().read()?.get::<Placement>(&tenant)?.ok_or(StoreError::NoTenant)
    }

    /// Refuses the tenant's file to everybody who asks for it from now on.
    pub(crate) fn hold(&self, tenant: Id<Tenant>, what: &'static str) -> Result<Held<'_>, StoreError> {
        let mut held = self.holds.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(what) = held.get(&tenant) {
            return Err(StoreError::Held { tenant, what });
        }
        held.insert(tenant, what);
        Ok(Held(&self.holds, tenant))
    }

    /// Waits until nobody but the caller, who may hold `mine`, uses the tenant's file, closes it and runs `last`. Whoever asks for the
    /// file meanwhile waits for a moment; if somebody does not let go for long, it ends with `Busy` and nothing has happened.
    pub(crate) fn alone<T>(
        &self,
        tenant: Id<Tenant>,
        mine: Option<Arc<TenantStore>>,
        last: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        for _ in 0..ATTEMPTS.0 {
            let slot = self.slot(tenant);
            let mut inside = slot.tenant.lock().unwrap_or_else(PoisonError::into_inner);
            let own = usize::from(mine.is_some());
            if let (Some(mine), found) = (&mine, &*inside)
                && found.as_ref().is_none_or(|found| !Arc::ptr_eq(found, mine))
            {
                // It was closed and opened again: what was followed is no longer what is written to.
                return Err(CopyError::Behind.into());
            }
            for _ in 0..ATTEMPT.0 {
                if inside.as_ref().is_none_or(|found| Arc::strong_count(found) <= 1 + own) {
                    self.let_go(tenant, &mut inside);
                    drop(mine);
                    let done = last();
                    drop(inside);
                    return done;
                }
                thread::sleep(ATTEMPT.1);
            }
            drop(inside);
            thread::sleep(ATTEMPTS.1);
        }
        Err(StoreError::Busy(tenant))
    }
}
