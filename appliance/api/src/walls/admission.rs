//! How many requests may be inside at once, in all and of one party, so that nobody takes all threads.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many of one party may wait for each that is inside.
const WAITING: usize = 4;

/// Why one does not get in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// The party has as many inside as it may.
    Party,
    /// The appliance has.
    Appliance,
}

/// Places for requests. Those of one party wait in their own line, so that a busy one cannot stand in the way of others.
#[derive(Debug)]
pub(crate) struct Admission<K: Eq + Hash> {
    all: Arc<Semaphore>,
    parties: Mutex<HashMap<K, Room>>,
    each: usize,
    patience: Duration,
}

#[derive(Debug)]
struct Room {
    places: Arc<Semaphore>,
    /// Inside or waiting.
    here: usize,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place<K: Eq + Hash + Copy> {
    _permits: [OwnedSemaphorePermit; 2],
    _visit: Visit<K>,
}

impl<K: Eq + Hash + Copy> Admission<K> {
    /// `all` places, of which one party takes `each` at most; who waits longer than `patience` is sent away.
    pub(crate) fn new(all: usize, each: usize, patience: Duration) -> Arc<Self> {
        let all = Arc::new(Semaphore::new(all.clamp(1, Semaphore::MAX_PERMITS)));
        Arc::new(Admission { all, parties: Mutex::default(), each: each.clamp(1, Semaphore::MAX_PERMITS), patience })
    }

    /// A place, if one is free and nobody waits for it.
    pub(crate) fn try_enter(self: &Arc<Self>, party: K) -> Option<Place<K>> {
        let (places, visit) = self.visit(party)?;
        let own = places.try_acquire_owned().ok()?;
        let all = self.all.clone().try_acquire_owned().ok()?;
        Some(Place { _permits: [own, all], _visit: visit })
    }

    /// Waits for a place.
    pub(crate) async fn enter(self: &Arc<Self>, party: K) -> Result<Place<K>, Full> {
        let (places, visit) = self.visit(party).ok_or(Full::Party)?;
        let deadline = tokio::time::Instant::now() + self.patience;
        let own = tokio::time::timeout_at(deadline, places.acquire_owned()).await.map_err(|_| Full::Party)?;
        let all = tokio::time::timeout_at(deadline, self.all.clone().acquire_owned()).await;
        let all = all.map_err(|_| Full::Appliance)?;
        let permits = [own, all].map(|permit| permit.expect("the semaphores are never closed"));
        Ok(Place { _permits: permits, _visit: visit })
    }

    /// How many are inside.
    pub(crate) fn inside(&self, all: usize) -> usize {
        all.saturating_sub(self.all.available_permits())
    }

    fn visit(self: &Arc<Self>, party: K) -> Option<(Arc<Semaphore>, Visit<K>)> {
        let mut parties = self.lock();
        let room =
            parties.entry(party).or_insert_with(|| Room { places: Arc::new(Semaphore::new(self.each)), here: 0 });
        if room.here >= self.each.saturating_mul(1 + WAITING) {
            return None;
        }
        room.here += 1;
        Some((room.places.clone(), Visit { admission: self.clone(), party }))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Room>> {
        self.parties.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Someone inside or in line. The last one of a party takes its room along.
#[derive(Debug)]
struct Visit<K: Eq + Hash + Copy> {
    admission: Arc<Admission<K>>,
    party: K,
}

impl<K: Eq + Hash + Copy> Drop for Visit<K> {
    fn drop(&mut self) {
        let mut parties = self.admission.lock();
        if let Some(room) = parties.get_mut(&self.party) {
            room.here -= 1;
            if room.here == 0 {
                parties.remove(&self.party);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_party_never_takes_the_place_of_another() {
        let admission = Admission::new(4, 2, Duration::ZERO);
        let first = admission.enter("noisy").await.unwrap();
        let _second = admission.enter("noisy").await.unwrap();
        assert_eq!(admission.enter("noisy").await.unwrap_err(), Full::Party);
        let others = (admission.enter("quiet").await.unwrap(), admission.enter("third").await.unwrap());
        assert_eq!(admission.enter("fourth").await.unwrap_err(), Full::Appliance);
        assert_eq!(admission.inside(4), 4);
        drop(first);
        let again = admission.enter("noisy").await.unwrap();
        assert!(admission.try_enter("noisy").is_none() && admission.try_enter("fifth").is_none());
        drop((others, again, _second));
        drop(admission.try_enter("noisy").unwrap());
        assert!(admission.lock().is_empty(), "who has left takes no room");
    }

    #[tokio::test]
    async fn a_line_has_an_end_and_moves() {
        let admission = Admission::new(10, 1, Duration::from_secs(60));
        let inside = admission.enter(1).await.unwrap();
        let enter = |_| {
            let admission = admission.clone();
            tokio::spawn(async move { admission.enter(1).await.map(drop) })
        };
        let waiting: Vec<_> = (0..WAITING).map(enter).collect();
        while admission.lock()[&1].here < 1 + WAITING {
            tokio::task::yield_now().await;
        }
        assert_eq!(admission.enter(1).await.unwrap_err(), Full::Party, "the line is full");
        drop(inside);
        for waiter in waiting {
            waiter.await.unwrap().unwrap();
        }
    }
}
