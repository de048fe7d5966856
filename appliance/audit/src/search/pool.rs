//! The indexes of all tenants, within bounds.

use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use model::AnyId;

use super::{Found, Limits, Search, SearchError, index::TrailIndex};
use crate::Trail;

/// The search indexes of all tenants: as many as fit, those used last.
#[derive(Debug)]
pub struct Indexes {
    limits: Limits,
    open: Mutex<Open>,
    slots: Slots,
}

#[derive(Debug, Default)]
struct Open {
    /// Counts searches: a clock for what was used last.
    used: u64,
    indexes: BTreeMap<AnyId, (u64, Arc<TrailIndex>)>,
}

impl Indexes {
    /// No index yet.
    pub fn new(limits: Limits) -> Self {
        let slots = Slots::new(limits.writers.max(1));
        Self { limits, open: Mutex::default(), slots }
    }

    /// Searches the rows of `log`, which are those of `trail`. Takes in what was added since the last time before.
    pub fn search(&self, log: AnyId, trail: &impl Trail, search: &Search) -> Result<Found, SearchError> {
        let start = Instant::now();
        let len = trail.size().map_err(SearchError::Trail)?;
        let index = self.get(log, trail)?;
        // Half of the time to take rows in, the other half to look.
        index.refresh(trail, self.limits.window, &self.slots, start + self.limits.time / 2)?;
        self.make_room(log);
        let limit = search.limit.clamp(1, self.limits.page);
        let searched = index.rows();
        let mut matches = index.search(search, limit, start + self.limits.time)?;
        let more = matches.rows.len() > limit;
        matches.rows.truncate(limit);
        let next = matches.rows.last().copied().filter(|_| more);
        let mut events = Vec::with_capacity(matches.rows.len());
        for number in matches.rows {
            // What was erased a moment ago is not there any more.
            let found = trail.rows(number, 1).map_err(SearchError::Trail)?.into_iter().next();
            if let Some((_, Some(event))) = found.filter(|(found, _)| *found == number) {
                events.push((number, event));
            }
        }
        let complete = matches.complete && searched.start == 0 && searched.end >= len;
        Ok(Found { events, next, total: matches.total, facets: matches.facets, searched, complete })
    }

    /// Forgets the index of `log`. To be called after rows were erased, and when a tenant is gone; the next search builds it anew.
    pub fn forget(&self, log: AnyId) {
        self.lock().indexes.remove(&log);
    }

    /// How many bytes the indexes take.
    pub fn bytes(&self) -> usize {
        self.lock().indexes.values().map(|(_, index)| index.bytes()).sum()
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, log: AnyId, trail: &impl Trail) -> Result<Arc<TrailIndex>, SearchError> {
        let mut open = self.lock();
        open.used += 1;
        let used = open.used;
        if let Some((last, index)) = open.indexes.get_mut(&log) {
            let index = index.clone();
            *last = used;
            drop(open);
            let rows = index.rows();
            // One that has grown far beyond the window begins anew; so does one that knows more rows than there are, after the
            // log was put back from a backup.
            if rows.end <= trail.size().map_err(SearchError::Trail)?
                && rows.end - rows.start <= self.limits.window.saturating_mul(2)
            {
                return Ok(index);
            }
            open = self.lock();
        }
        let index = Arc::new(TrailIndex::new(trail.size().map_err(SearchError::Trail)?)?);
        open.indexes.insert(log, (used, index.clone()));
        Ok(index)
    }

    /// Closes the indexes that were not used for the longest time, but not that of `kept`, until the rest fits.
    fn make_room(&self, kept: AnyId) {
        let mut open = self.lock();
        loop {
            let bytes: usize = open.indexes.values().map(|(_, index)| index.bytes()).sum();
            if open.indexes.len() <= self.limits.open && bytes <= self.limits.bytes {
                return;
            }
            let others = open.indexes.iter().filter(|(log, _)| **log != kept);
            let Some(oldest) = others.min_by_key(|(_, (used, _))| *used).map(|(log, _)| *log) else { return };
            open.indexes.remove(&oldest);
        }
    }
}

/// Leave to write an index: so many at the same time, whatever the number of tenants.
#[derive(Debug)]
pub(super) struct Slots {
    free: Mutex<usize>,
    freed: Condvar,
}

/// Given back when dropped.
pub(super) struct Slot<'a>(&'a Slots);

impl Slots {
    fn new(count: usize) -> Self {
        Self { free: Mutex::new(count), freed: Condvar::new() }
    }

    /// Waits for a slot, at most until `deadline`.
    pub(super) fn take(&self, deadline: Instant) -> Option<Slot<'_>> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = deadline.saturating_duration_since(Instant::now());
        let (mut free, _) =
            self.freed.wait_timeout_while(free, wait, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        if *free == 0 {
            return None;
        }
        *free -= 1;
        Some(Slot(self))
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}
