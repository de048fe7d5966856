//! How often one may try to sign in.

use std::{
    fmt,
    hash::{BuildHasher, Hash, RandomState},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use model::{Id, Timestamp, network, noun::Tenant};
use serde::{Deserialize, Serialize};

/// How many keys a limit can tell apart before strangers begin to share; 2 MiB, taken from the system as they are used.
const CELLS: usize = 1 << 18;

/// How often one may try to sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThrottleRules {
    /// Tries with one name from one address, a minute.
    pub name_and_address_per_minute: u32,
    /// Failed tries from one address, an hour.
    pub address_per_hour: u32,
    /// Tries with names that nobody has from one address, an hour, beyond which the audit rows raise an alarm.
    pub unknown_names_per_hour: u32,
}

impl Default for ThrottleRules {
    fn default() -> Self {
        Self { name_and_address_per_minute: 10, address_per_hour: 100, unknown_names_per_hour: 20 }
    }
}

/// Too many tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many tries; try again in {} seconds", self.seconds())]
pub struct Throttled {
    /// When the next try is allowed, from now.
    pub retry_after: Duration,
}

impl Throttled {
    /// Whole seconds until the next try is allowed, for `Retry-After`.
    pub fn seconds(&self) -> u64 {
        self.retry_after.as_millis().div_ceil(1_000).min(u128::from(u64::MAX)) as u64
    }
}

/// Counts tries to sign in, in bounded memory, for all tenants.
///
/// Names that nobody has do not change the answer, or it would tell which names there are; they raise an alarm.
#[derive(Debug)]
pub struct Throttle {
    pairs: Limit,
    addresses: Limit,
    unknown: Limit,
}

impl Throttle {
    /// A throttle by these rules.
    pub fn new(rules: &ThrottleRules) -> Self {
        const HOUR: Duration = Duration::from_secs(3600);
        Self {
            pairs: Limit::new(rules.name_and_address_per_minute, Duration::from_secs(60), CELLS),
            addresses: Limit::new(rules.address_per_hour, HOUR, CELLS),
            unknown: Limit::new(rules.unknown_names_per_hour, HOUR, CELLS),
        }
    }

    /// Counts a try, or refuses it. To be called before anything is looked up.
    pub fn admit(&self, knock: Knock<'_>, now: Timestamp) -> Result<(), Throttled> {
        let network = knock.address.map(network);
        self.addresses.take(&network, now)?;
        self.pairs.take(&(network, knock.tenant, knock.name.to_lowercase()), now)
    }

    /// Gives back what a good try has cost its address: many people may share one.
    pub fn forgive(&self, knock: Knock<'_>) {
        self.addresses.give_back(&knock.address.map(network));
    }

    /// Counts a name that nobody has; says whether it is time for an alarm.
    pub(crate) fn unknown_name(&self, knock: Knock<'_>, now: Timestamp) -> bool {
        self.unknown.take(&knock.address.map(network), now).is_err()
    }
}

/// Someone at the door: where from, and for whom.
#[derive(Debug, Clone, Copy)]
pub struct Knock<'a> {
    /// The address; nothing for the console.
    pub address: Option<IpAddr>,
    /// The tenant at whose door it is made.
    pub tenant: Id<Tenant>,
    /// The name that was typed.
    pub name: &'a str,
}

/// A rate limit over any number of keys in a fixed number of cells: GCRA, with two cells a key of which the lesser counts, as in a
/// count-min sketch. Nobody can push another's count out of memory; at worst strangers share cells and wait a little early.
struct Limit {
    /// The times, in milliseconds, at which the keys of a cell will have used nothing.
    cells: Mutex<Vec<u64>>,
    interval: u64,
    burst: u64,
    hashers: [RandomState; 2],
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limit").field("interval", &self.interval).field("burst", &self.burst).finish_non_exhaustive()
    }
}

impl Limit {
    fn new(count: u32, period: Duration, cells: usize) -> Self {
        let count = u64::from(count.max(1));
        let interval = (period.as_millis() as u64 / count).max(1);
        Self {
            cells: Mutex::new(vec![0; cells.next_power_of_two()]),
            interval,
            burst: interval * count,
            hashers: [RandomState::new(), RandomState::new()],
        }
    }

    fn take(&self, key: &impl Hash, now: Timestamp) -> Result<(), Throttled> {
        let now = now.millis();
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        let at = self.places(key, cells.len());
        // Where the clock was set back, nobody waits for longer than a full burst takes.
        let empty = cells[at[0]].min(cells[at[1]]).clamp(now, now.saturating_add(self.burst));
        let then = empty.saturating_add(self.interval);
        let latest = now.saturating_add(self.burst);
        if then > latest {
            return Err(Throttled { retry_after: Duration::from_millis(then - latest) });
        }
        for at in at {
            // A cell that the clock's jump left far ahead comes back too.
            cells[at] = cells[at].min(latest).max(then);
        }
        Ok(())
    }

    fn give_back(&self, key: &impl Hash) {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        let [first, second] = self.places(key, cells.len());
        cells[first] = cells[first].saturating_sub(self.interval);
        if second != first {
            cells[second] = cells[second].saturating_sub(self.interval);
        }
    }

    fn places(&self, key: &impl Hash, cells: usize) -> [usize; 2] {
        [0, 1].map(|which: usize| self.hashers[which].hash_one(key) as usize & (cells - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(1_000_000_000 + millis)
    }

    #[test]
    fn ten_a_minute() {
        let limit = Limit::new(10, MINUTE, 1024);
        for _ in 0..10 {
            limit.take(&"ann", at(0)).unwrap();
        }
        let refused = limit.take(&"ann", at(0)).unwrap_err();
        assert_eq!(refused.retry_after, Duration::from_secs(6));
        assert_eq!(Throttled { retry_after: Duration::from_millis(5_001) }.seconds(), 6);
        limit.take(&"bob", at(0)).unwrap();
        assert!(limit.take(&"ann", at(5_999)).is_err());
        limit.take(&"ann", at(6_000)).unwrap();
        assert!(limit.take(&"ann", at(6_000)).is_err());
        limit.give_back(&"ann");
        limit.take(&"ann", at(6_000)).unwrap();
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let limit = Limit::new(10, MINUTE, 1024);
        limit.take(&"ann", at(1 << 40)).unwrap();
        let refused = limit.take(&"ann", at(0)).unwrap_err();
        assert!(refused.retry_after <= MINUTE);
        limit.take(&"ann", at(6_000)).unwrap_err();
    }

    #[test]
    fn a_full_table_fails_closed_and_recovers() {
        let limit = Limit::new(10, MINUTE, 64);
        for key in 0..100_000 {
            let _ = limit.take(&key, at(0));
        }
        assert!(limit.take(&"new", at(0)).is_err(), "keys share cells");
        limit.take(&"new", at(60_000)).unwrap();
    }

    proptest! {
        #[test]
        fn no_minute_passes_more_than_its_share(steps in prop::collection::vec(0u64..20_000, 1..200)) {
            let limit = Limit::new(10, MINUTE, 1024);
            let (mut now, mut passed) = (0, Vec::new());
            for step in steps {
                now += step;
                if limit.take(&"ann", at(now)).is_ok() {
                    passed.push(now);
                }
            }
            // A full burst and what comes back meanwhile.
            for (index, from) in passed.iter().enumerate() {
                let within = passed[index..].iter().filter(|time| **time < from + 60_000).count();
                prop_assert!(within <= 20, "{within}");
            }
        }
    }

    #[test]
    fn names_addresses_and_networks() {
        let throttle = Throttle::new(&ThrottleRules::default());
        let from = |address: &'static str, name: &'static str| Knock {
            address: Some(address.parse().unwrap()),
            tenant: Id::from_bits(1),
            name,
        };
        for _ in 0..10 {
            throttle.admit(from("2001:db8::1", "ann"), at(0)).unwrap();
        }
        assert!(throttle.admit(from("2001:db8::2", "ANN"), at(0)).is_err(), "the same network and name");
        throttle.admit(from("2001:db8:0:1::1", "ann"), at(0)).unwrap();
        throttle.admit(from("2001:db8::1", "bob"), at(0)).unwrap();
        throttle.admit(Knock { tenant: Id::from_bits(2), ..from("2001:db8::1", "ann") }, at(0)).unwrap();
        throttle.admit(Knock { address: None, ..from("::1", "ann") }, at(0)).unwrap();
        // One address, many names.
        let names: Vec<String> = (0..200).map(|number| format!("user{number}")).collect();
        let from = |name| Knock { address: Some("192.0.2.1".parse().unwrap()), tenant: Id::from_bits(1), name };
        assert_eq!(names.iter().filter(|name| throttle.admit(from(name), at(0)).is_ok()).count(), 100);
        throttle.forgive(from("user0"));
        throttle.admit(from("another"), at(0)).unwrap();
        assert_eq!(names.iter().filter(|name| throttle.unknown_name(from(name), at(0))).count(), 180);
        throttle.admit(Knock { address: Some("::ffff:192.0.2.1".parse().unwrap()), ..from("x") }, at(0)).unwrap_err();
    }
}
