//! What runs over all tenants, and how much of the last hour each tenant's work had: for those who run the appliance. In memory, since
//! the start.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::{Id, Timestamp, noun};

use crate::{job::Progress, runner::Attempt};

type Tenant = Id<noun::Tenant>;

/// How long shares are told of, in minutes: an hour.
const MINUTES: u64 = 60;
const MINUTE_MS: u64 = 60_000;

/// An attempt that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtWork {
    /// Since when.
    pub since: Timestamp,
    /// The process that works on it; nothing while it is done in a thread of the appliance.
    pub process: Option<u32>,
    /// How far it is.
    pub progress: Progress,
}

/// What runs, and what ran in the last hour.
#[derive(Debug)]
pub(crate) struct Fleet {
    since: Timestamp,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    running: BTreeMap<Id<noun::Job>, (Tenant, Timestamp, Arc<Attempt>)>,
    /// Minutes in which something ended, oldest first, with the milliseconds that each tenant's work had in them.
    minutes: VecDeque<(u64, BTreeMap<Tenant, u64>)>,
}

impl Fleet {
    pub(crate) fn new(now: Timestamp) -> Self {
        Fleet { since: now, inner: Mutex::default() }
    }

    pub(crate) fn begin(&self, job: Id<noun::Job>, tenant: Tenant, attempt: Arc<Attempt>, now: Timestamp) {
        self.lock().running.insert(job, (tenant, now, attempt));
    }

    pub(crate) fn end(&self, job: Id<noun::Job>, now: Timestamp) {
        let mut inner = self.lock();
        let Some((tenant, since, _)) = inner.running.remove(&job) else { return };
        for (minute, ms) in spread(since, now) {
            inner.add(minute, tenant, ms);
        }
        // Minutes that lie ahead are of a clock that was put back.
        let current = now.millis() / MINUTE_MS;
        inner.minutes.retain(|(minute, _)| (oldest(current)..=current).contains(minute));
    }

    pub(crate) fn at_work(&self, job: Id<noun::Job>) -> Option<AtWork> {
        let inner = self.lock();
        let (_, since, attempt) = inner.running.get(&job)?;
        Some(AtWork { since: *since, process: attempt.process(), progress: attempt.latest() })
    }

    /// The time that each tenant's work had in the last hour, what runs included; and since when that is known.
    pub(crate) fn worked(&self, now: Timestamp) -> (Timestamp, BTreeMap<Tenant, Duration>) {
        let inner = self.lock();
        let current = now.millis() / MINUTE_MS;
        let known = inner.minutes.iter().filter(|(minute, _)| (oldest(current)..=current).contains(minute));
        let mut sums: BTreeMap<Tenant, u64> = BTreeMap::new();
        for (tenant, ms) in known.flat_map(|(_, tenants)| tenants) {
            *sums.entry(*tenant).or_default() += ms;
        }
        for (tenant, since, _) in inner.running.values() {
            *sums.entry(*tenant).or_default() += spread(*since, now).map(|(_, ms)| ms).sum::<u64>();
        }
        let hour_ago = Timestamp::from_millis(oldest(current) * MINUTE_MS);
        (self.since.max(hour_ago), sums.into_iter().map(|(tenant, ms)| (tenant, Duration::from_millis(ms))).collect())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn add(&mut self, minute: u64, tenant: Tenant, ms: u64) {
        let at = self.minutes.partition_point(|(other, _)| *other < minute);
        if self.minutes.get(at).is_none_or(|(other, _)| *other != minute) {
            self.minutes.insert(at, (minute, BTreeMap::new()));
        }
        *self.minutes[at].1.entry(tenant).or_default() += ms;
    }
}

/// The first minute of the hour that ends with `current`.
fn oldest(current: u64) -> u64 {
    current.saturating_sub(MINUTES - 1)
}

/// The stretch from `since` to `now`, as far as it lies in the last hour, minute by minute.
fn spread(since: Timestamp, now: Timestamp) -> impl Iterator<Item = (u64, u64)> {
    let (since, now) = (since.millis(), now.millis());
    let first = (since / MINUTE_MS).max(oldest(now / MINUTE_MS));
    (first..=now / MINUTE_MS).map(move |minute| {
        let (from, to) = (since.max(minute * MINUTE_MS), now.min((minute + 1) * MINUTE_MS));
        (minute, to.saturating_sub(from))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(1_790_000_040_000 + seconds * 1_000)
    }

    #[test]
    fn a_stretch_is_spread_over_the_minutes_of_the_last_hour() {
        let sum = |from, to| spread(at(from), at(to)).map(|(_, ms)| ms).sum::<u64>();
        assert_eq!(sum(0, 90), 90_000);
        assert_eq!(spread(at(30), at(90)).count(), 2);
        assert_eq!(sum(10, 10), 0);
        // Three hours of work count for the hour; a clock that was put back makes nothing of it.
        assert_eq!(sum(0, 3 * 3_600 - 1), 3_600_000 - 1_000);
        assert_eq!(sum(500, 20), 0);
    }

    #[test]
    fn what_ended_more_than_an_hour_ago_is_forgotten() {
        let mut inner = Inner::default();
        let [a, b] = [1, 2].map(Tenant::from_bits);
        let minute = |seconds| at(seconds).millis() / MINUTE_MS;
        inner.add(minute(120), a, 10);
        inner.add(minute(0), b, 5);
        inner.add(minute(120), a, 10);
        assert_eq!(inner.minutes.iter().map(|(_, all)| all.len()).collect::<Vec<_>>(), [1, 1]);
        let fleet = Fleet { since: at(0), inner: Mutex::new(inner) };
        let worked = |seconds| fleet.worked(at(seconds)).1;
        assert_eq!(worked(130), BTreeMap::from([(a, Duration::from_millis(20)), (b, Duration::from_millis(5))]));
        assert_eq!(worked(3_610), BTreeMap::from([(a, Duration::from_millis(20))]));
        assert_eq!(worked(3_800), BTreeMap::new());
        assert_eq!(fleet.worked(at(130)).0, at(0));
        assert!(fleet.worked(at(9_000)).0 > at(0), "no more than an hour is told of");
    }
}
