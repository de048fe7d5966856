//! Rates: GCRA, the token bucket that needs one number a key.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hash, RandomState},
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Parts of the table with a lock each, so that callers seldom wait for one another.
const SHARDS: usize = 16;
/// The most keys that are told apart; beyond, new ones share a bucket. 131,072 keys take about 5 MiB.
const MOST_KEYS: usize = 1 << 17;
/// How often a full part is looked through for buckets that have filled up again, in microseconds.
const SWEEP_EVERY: u64 = 1_000_000;

/// How much one may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    /// Requests a second in the long run. Zero means none.
    pub(crate) per_second: u32,
    /// For how many seconds of it one may be ahead.
    pub(crate) burst_s: u32,
}

impl Rate {
    /// How many requests one may send at once.
    pub(crate) fn burst(self) -> u64 {
        u64::from(self.per_second) * u64::from(self.burst_s.max(1))
    }

    /// How long one request counts, in microseconds.
    fn interval(self) -> u64 {
        (1_000_000 / u64::from(self.per_second.max(1))).max(1)
    }
}

/// How one stands after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// What one may.
    pub(crate) rate: Rate,
    /// How many more requests may be sent at once.
    pub(crate) remaining: u64,
    /// When the bucket will be full again.
    pub(crate) reset: Duration,
    /// When to try again, where the request was refused.
    pub(crate) refused: Option<Duration>,
}

/// A rate for each of any number of keys, in bounded memory. A key that has used nothing lately takes no room.
#[derive(Debug)]
pub(crate) struct Buckets<K> {
    shards: [Mutex<Shard<K>>; SHARDS],
    hasher: RandomState,
}

#[derive(Debug)]
struct Shard<K> {
    /// When the buckets will be full again, in microseconds.
    full_at: HashMap<K, u64>,
    /// The bucket of those for whom there is no room.
    shared: u64,
    swept: u64,
}

impl<K: Hash + Eq> Default for Buckets<K> {
    fn default() -> Self {
        let shard = |_| Mutex::new(Shard { full_at: HashMap::new(), shared: 0, swept: 0 });
        Buckets { shards: std::array::from_fn(shard), hasher: RandomState::new() }
    }
}

impl<K: Hash + Eq> Buckets<K> {
    /// Counts a request at `now` microseconds, or refuses it.
    pub(crate) fn take(&self, key: K, rate: Rate, now: u64) -> Standing {
        self.ask(key, rate, now, true)
    }

    /// Says whether a request would be refused, and counts nothing.
    pub(crate) fn look(&self, key: K, rate: Rate, now: u64) -> Standing {
        self.ask(key, rate, now, false)
    }

    fn ask(&self, key: K, rate: Rate, now: u64, counts: bool) -> Standing {
        let shard = self.hasher.hash_one(&key) as usize % SHARDS;
        let mut shard = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = shard.bucket(key, now);
        let (interval, latest) = (rate.interval(), now.saturating_add(rate.interval().saturating_mul(rate.burst())));
        // Where the clock was set back, nobody waits for longer than a full burst takes.
        let before = (*full_at).clamp(now, latest);
        let after = before.saturating_add(interval);
        let standing = |full_at: u64, refused| Standing {
            rate,
            remaining: (latest - full_at) / interval,
            reset: Duration::from_micros(full_at - now),
            refused,
        };
        if rate.per_second == 0 {
            return standing(latest, Some(Duration::from_secs(60)));
        }
        if after > latest {
            return standing(before, Some(Duration::from_micros(after - latest)));
        }
        if !counts {
            return standing(before, None);
        }
        *full_at = after;
        standing(after, None)
    }
}

impl<K: Hash + Eq> Shard<K> {
    fn bucket(&mut self, key: K, now: u64) -> &mut u64 {
        if self.full_at.len() >= MOST_KEYS / SHARDS && !self.full_at.contains_key(&key) {
            // At most once a second, or a flood of keys would make every request look through all.
            if now.saturating_sub(self.swept) >= SWEEP_EVERY || now < self.swept {
                self.swept = now;
                self.full_at.retain(|_, full_at| *full_at > now);
            }
            if self.full_at.len() >= MOST_KEYS / SHARDS {
                return &mut self.shared;
            }
        }
        self.full_at.entry(key).or_insert(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_second: 10, burst_s: 2 };
    const SECOND: u64 = 1_000_000;
    const START: u64 = 1_000 * SECOND;

    #[test]
    fn a_burst_and_then_the_rate() {
        let buckets = Buckets::default();
        for left in (0..20).rev() {
            let standing = buckets.take("acme", RATE, START);
            assert_eq!((standing.refused, standing.remaining), (None, left));
        }
        let refused = buckets.take("acme", RATE, START);
        assert_eq!((refused.refused, refused.remaining), (Some(Duration::from_millis(100)), 0));
        assert_eq!(refused.reset, Duration::from_secs(2));
        assert_eq!(buckets.take("other", RATE, START).refused, None);
        assert!(buckets.take("acme", RATE, START + 99_999).refused.is_some());
        assert_eq!(buckets.take("acme", RATE, START + 100_000).refused, None);
        // Over a minute no more than the burst and the rate get through.
        let passed = (0..60_000).filter(|ms| buckets.take("busy", RATE, START + ms * 1_000).refused.is_none()).count();
        assert!((619..=621).contains(&passed), "{passed}");
    }

    #[test]
    fn rates_at_the_edges() {
        let none = Rate { per_second: 0, burst_s: 2 };
        assert!(Buckets::default().take(1, none, START).refused.is_some());
        let most = Rate { per_second: u32::MAX, burst_s: u32::MAX };
        assert!(Buckets::default().take(1, most, START).refused.is_none());
        let buckets = Buckets::default();
        for _ in 0..21 {
            buckets.take(1, RATE, START);
        }
        let back = buckets.take(1, RATE, SECOND);
        assert!(back.refused.is_some_and(|wait| wait <= Duration::from_secs(2)), "a clock set back locks nobody out");
    }

    #[test]
    fn a_flood_of_keys_takes_bounded_room_and_passes() {
        let buckets = Buckets::default();
        for key in 0..2 * MOST_KEYS {
            buckets.take(key, RATE, START);
        }
        let held: usize = buckets.shards.iter().map(|shard| shard.lock().unwrap().full_at.len()).sum();
        assert!(held <= MOST_KEYS, "{held}");
        assert!(buckets.take(usize::MAX, RATE, START).refused.is_some(), "strangers share a bucket");
        assert!(buckets.take(usize::MAX, RATE, START + 3 * SECOND).refused.is_none());
    }
}
