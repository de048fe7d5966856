//! What was derived from live records, kept in memory with a bound.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::secret::Digest;

const SHARDS: usize = 16;

/// Values by credential digest. When it is full, the older half of what was not asked for lately goes.
#[derive(Debug)]
pub(crate) struct Cache<V> {
    shards: [Mutex<Shard<V>>; SHARDS],
    half: usize,
}

#[derive(Debug)]
struct Shard<V> {
    young: HashMap<Digest, Arc<V>>,
    old: HashMap<Digest, Arc<V>>,
}

impl<V> Cache<V> {
    /// A cache of at most `capacity` values, 32 at least.
    pub(crate) fn new(capacity: usize) -> Self {
        let shard = || Mutex::new(Shard { young: HashMap::new(), old: HashMap::new() });
        Self { shards: std::array::from_fn(|_| shard()), half: (capacity / SHARDS / 2).max(1) }
    }

    pub(crate) fn get(&self, digest: &Digest) -> Option<Arc<V>> {
        let mut shard = self.shard(digest);
        if let Some(value) = shard.young.get(digest) {
            return Some(value.clone());
        }
        let value = shard.old.remove(digest)?;
        shard.put(*digest, value.clone(), self.half);
        Some(value)
    }

    pub(crate) fn put(&self, digest: Digest, value: Arc<V>) {
        let mut shard = self.shard(&digest);
        shard.old.remove(&digest);
        shard.put(digest, value, self.half);
    }

    pub(crate) fn remove(&self, digest: &Digest) {
        let mut shard = self.shard(digest);
        shard.young.remove(digest);
        shard.old.remove(digest);
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        let count = |shard: &Mutex<Shard<V>>| {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.young.len() + shard.old.len()
        };
        self.shards.iter().map(count).sum()
    }

    fn shard(&self, digest: &Digest) -> MutexGuard<'_, Shard<V>> {
        self.shards[digest.spread() % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> Shard<V> {
    fn put(&mut self, digest: Digest, value: Arc<V>, half: usize) {
        if self.young.len() >= half && !self.young.contains_key(&digest) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(digest, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_and_keeps_what_is_used() {
        let cache = Cache::new(640);
        let digest = |number: u32| Digest::of("test", &[&number.to_be_bytes()]);
        cache.put(digest(0), Arc::new(0));
        for number in 1..10_000 {
            cache.put(digest(number), Arc::new(number));
            assert_eq!(cache.get(&digest(0)).as_deref(), Some(&0));
        }
        assert!((300..=640).contains(&cache.len()), "{}", cache.len());
        cache.remove(&digest(0));
        assert!(cache.get(&digest(0)).is_none());
    }
}
