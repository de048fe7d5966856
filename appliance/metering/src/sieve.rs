//! Sieves for ids: what falls through is new. They lie in memory alone and are made anew from what is stored.
//!
//! A sieve is a blocked Bloom filter (Putze, Sanders, Singler: "Cache-, hash- and space-efficient Bloom filters", 2007): an id
//! sets one bit in each of eight words that lie together, so that a look costs one miss of the cache. At 20 bits an id about one in
//! ten thousand is held back that is new, and is looked for where ids are stored.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use model::{Id, noun};
use store::{Read, ReadError};

use crate::{event_id::EventId, known::Run, ledger::MAX_BATCH};

/// Ids for each block of 512 bits.
const ROOM: usize = 24;
/// The most blocks of a sieve: beyond 25 million ids it holds back more and more.
const MAX_BLOCKS: usize = 1 << 20;
/// The most blocks of all sieves together, 128 MiB.
const MAX_ALL: usize = 2 << 20;

/// The sieves of the tenants that sent events lately.
#[derive(Debug, Default)]
pub struct Sieves(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// With when each was last asked for.
    sieves: BTreeMap<Id<noun::Tenant>, (u64, Arc<Sieve>)>,
    turn: u64,
}

impl Sieves {
    /// The sieve of a tenant. Where all are too large, those that were not asked for the longest go.
    pub fn of(&self, tenant: Id<noun::Tenant>) -> Arc<Sieve> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.turn += 1;
        let turn = kept.turn;
        let entry = kept.sieves.entry(tenant).or_default();
        entry.0 = turn;
        let found = entry.1.clone();
        while kept.sieves.len() > 1 && kept.sieves.values().map(|(_, sieve)| sieve.blocks()).sum::<usize>() > MAX_ALL {
            let oldest = kept.sieves.iter().min_by_key(|(_, (turn, _))| *turn).map(|(tenant, _)| *tenant);
            oldest.map(|tenant| kept.sieves.remove(&tenant));
        }
        found
    }
}

/// The ids of a tenant's events that were counted, and perhaps some more.
#[derive(Debug, Default)]
pub struct Sieve(Mutex<Mesh>);

impl Sieve {
    pub(crate) fn open(&self) -> MutexGuard<'_, Mesh> {
        // An id goes in before the run it is of is known, so what a panic leaves is sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How large it is; whoever works with it now is not waited for.
    fn blocks(&self) -> usize {
        self.0.try_lock().map_or(0, |mesh| mesh.blocks.len())
    }
}

#[derive(Debug, Default)]
pub(crate) struct Mesh {
    blocks: Vec<[u64; 8]>,
    /// The runs of which it has all ids.
    runs: BTreeSet<EventId>,
}

impl Mesh {
    fn with_room(ids: usize) -> Self {
        let blocks = (ids / ROOM + 1).next_power_of_two().min(MAX_BLOCKS);
        Mesh { blocks: vec![[0; 8]; blocks], runs: BTreeSet::new() }
    }

    /// Whether there is anything in it.
    pub(crate) fn has_any(&self) -> bool {
        !self.runs.is_empty()
    }

    /// Takes up the ids of the runs that it does not have.
    pub(crate) fn follow(&mut self, read: &impl Read, runs: &[Run]) -> Result<(), ReadError> {
        let ids = runs.iter().map(|run| run.ids as usize).sum::<usize>() + MAX_BATCH;
        if self.blocks.len() < MAX_BLOCKS && self.blocks.len() * ROOM < ids {
            *self = Mesh::with_room(2 * ids);
        }
        for run in runs {
            if !self.runs.contains(&run.print) {
                run.read(read)?.iter().for_each(|id| self.add(id));
                self.runs.insert(run.print);
            }
        }
        if self.runs.len() > runs.len() {
            let there: BTreeSet<EventId> = runs.iter().map(|run| run.print).collect();
            self.runs.retain(|print| there.contains(print));
        }
        Ok(())
    }

    /// Notes that all ids of a run are in it.
    pub(crate) fn know(&mut self, run: EventId) {
        self.runs.insert(run);
    }

    pub(crate) fn add(&mut self, id: &EventId) {
        let at = self.place(id);
        self.blocks[at].iter_mut().zip(bits(id)).for_each(|(word, bit)| *word |= bit);
    }

    /// Whether it may have an id; a no is certain for runs that it follows.
    pub(crate) fn may_have(&self, id: &EventId) -> bool {
        self.blocks[self.place(id)].iter().zip(bits(id)).all(|(word, bit)| word & bit != 0)
    }

    fn place(&self, id: &EventId) -> usize {
        // There is a power of two of them.
        id.head() as usize & (self.blocks.len() - 1)
    }
}

/// The bit of each word, by six bits of the id's second half.
fn bits(id: &EventId) -> impl Iterator<Item = u64> {
    let tail = id.tail();
    (0..8).map(move |word| 1 << (tail >> (6 * word) & 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_new_ids_are_held_back() {
        let id = |number: u32| EventId::of("sieve", &number.to_string());
        let mut mesh = Mesh::with_room(20_000);
        (0..20_000).for_each(|number| mesh.add(&id(number)));
        assert!((0..20_000).all(|number| mesh.may_have(&id(number))));
        let held_back = (20_000..120_000).filter(|number| mesh.may_have(&id(*number))).count();
        assert!(held_back < 100, "{held_back} of 100,000");
    }

    #[test]
    fn the_oldest_go_where_all_are_too_large() {
        let sieves = Sieves::default();
        for number in 1..=4 {
            let sieve = sieves.of(Id::from_bits(number));
            *sieve.open() = Mesh { blocks: vec![[0; 8]; MAX_BLOCKS], runs: [EventId([1; 16])].into() };
        }
        let held = |number| sieves.of(Id::from_bits(number)).open().has_any();
        assert_eq!([4, 3, 2].map(held), [true, true, false]);
    }
}
