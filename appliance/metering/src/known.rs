//! Which events were counted: their ids, in runs.
//!
//! Ids are spread evenly, so a tree of single ids would touch a page for each. What comes together is written together instead, in
//! order, as a run of blocks; small runs are merged as others come. An id is looked for in the one block of each run that its first
//! bits name, and with a [`Sieve`] at hand seldom at all.

use std::collections::BTreeSet;

use model::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Read, ReadError, Record, Tx, WriteError};

use crate::{event_id::EventId, ledger::WINDOW, sieve::Sieve};

/// Days whose events are in the same runs, so that they are forgotten together.
const PERIOD: u32 = 7;
/// Ids in a block, about.
const BLOCK: usize = 256;
/// The most ids in a run: a commit that merges holds them in memory.
const MAX_RUN: usize = 32 << 10;
/// Fewer ids than that are looked for without making a sieve for them.
const FEW: usize = 64;
/// How many runs one commit forgets.
const FORGET: usize = 8;

/// Ids in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Run {
    number: u64,
    /// When its events were counted, in periods since 1970.
    period: u32,
    /// How many ids.
    pub(crate) ids: u32,
    /// How many first bits of an id name its block.
    bits: u8,
    /// All ids, one over the other: whoever has seen a run knows it again by that, in whichever file it lies.
    pub(crate) print: EventId,
}

/// All runs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Runs {
    next: u64,
    runs: Vec<Run>,
}

impl Record for Runs {
    const NAME: &'static str = "runs of counted events";
    const NUMBER: u8 = 172;
    type Key = u64;
    fn key(&self) -> u64 {
        0
    }
}

/// A part of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Block {
    run: u64,
    place: u64,
    ids: Vec<EventId>,
}

impl Record for Block {
    const NAME: &'static str = "counted events";
    const NUMBER: u8 = 173;
    type Key = (u64, u64);
    fn key(&self) -> (u64, u64) {
        (self.run, self.place)
    }
}

impl Run {
    fn place(&self, id: &EventId) -> u64 {
        id.head().checked_shr(64 - u32::from(self.bits)).unwrap_or(0)
    }

    fn block(&self, read: &impl Read, place: u64) -> Result<Vec<EventId>, ReadError> {
        Ok(read.get::<Block>(&(self.number, place))?.map_or_else(Vec::new, |block| block.ids))
    }

    /// All its ids, in order.
    pub(crate) fn read(&self, read: &impl Read) -> Result<Vec<EventId>, ReadError> {
        let mut ids = Vec::with_capacity(self.ids as usize);
        for place in 0..1u64 << self.bits {
            ids.append(&mut self.block(read, place)?);
        }
        Ok(ids)
    }

    /// Adds to `found` which of `ids`, which are in order, it has.
    fn look(&self, read: &impl Read, ids: &[EventId], found: &mut BTreeSet<EventId>) -> Result<(), ReadError> {
        for ids in ids.chunk_by(|one, other| self.place(one) == self.place(other)) {
            let block = self.block(read, self.place(&ids[0]))?;
            found.extend(ids.iter().filter(|id| block.binary_search(id).is_ok()));
        }
        Ok(())
    }

    fn write(&self, tx: &mut Tx<'_>, ids: &[EventId]) -> Result<(), WriteError> {
        for ids in ids.chunk_by(|one, other| self.place(one) == self.place(other)) {
            tx.put(&Block { run: self.number, place: self.place(&ids[0]), ids: ids.to_vec() })?;
        }
        Ok(())
    }

    fn delete(&self, tx: &mut Tx<'_>) -> Result<(), WriteError> {
        for place in 0..1u64 << self.bits {
            tx.delete::<Block>(&(self.number, place))?;
        }
        Ok(())
    }

    /// Whether its events would be refused now, and were a day ago.
    fn is_past(&self, now: Timestamp) -> bool {
        let kept = u32::try_from(WINDOW.as_secs() / 86_400).unwrap_or(u32::MAX) + 1;
        (self.period + 1).saturating_mul(PERIOD).saturating_add(kept) <= day(now)
    }
}

/// Notes that events are counted; of each, whether it was not before.
pub(crate) fn note(tx: &mut Tx<'_>, ids: &[EventId], sieve: Option<&Sieve>) -> Result<Vec<bool>, WriteError> {
    let mut all = tx.get::<Runs>(&0)?.unwrap_or_default();
    let mut fresh: Vec<EventId> = ids.to_vec();
    fresh.sort_unstable();
    fresh.dedup();
    let mut sieve = sieve.map(Sieve::open).filter(|sieve| ids.len() >= FEW || sieve.has_any());
    let doubtful = match &mut sieve {
        None => fresh.clone(),
        Some(sieve) => {
            sieve.follow(tx, &all.runs)?;
            fresh.iter().filter(|id| sieve.may_have(id)).copied().collect()
        }
    };
    let mut known = BTreeSet::new();
    if !doubtful.is_empty() {
        all.runs.iter().try_for_each(|run| run.look(tx, &doubtful, &mut known))?;
    }
    fresh.retain(|id| !known.contains(id));
    if !fresh.is_empty() {
        if let Some(sieve) = &mut sieve {
            fresh.iter().for_each(|id| sieve.add(id));
        }
        let print = all.add(tx, fresh)?;
        if let Some(sieve) = &mut sieve {
            sieve.know(print);
        }
        tx.put(&all)?;
    }
    // The first of two that are the same is the one that counts.
    Ok(ids.iter().map(|id| known.insert(*id)).collect())
}

impl Runs {
    /// Adds ids, in order, as a run, together with those that are not much larger; says what it is known by.
    fn add(&mut self, tx: &mut Tx<'_>, mut ids: Vec<EventId>) -> Result<EventId, WriteError> {
        let period = day(tx.now()) / PERIOD;
        self.runs.sort_by_key(|run| run.ids);
        let mut at = 0;
        while let Some(run) = self.runs.get(at).copied() {
            let size = run.ids as usize;
            if run.period == period && size <= 2 * ids.len() && size + ids.len() <= MAX_RUN {
                ids.append(&mut run.read(tx)?);
                run.delete(tx)?;
                self.runs.remove(at);
            } else {
                at += 1;
            }
        }
        ids.sort_unstable();
        let bits = (ids.len() / BLOCK).checked_ilog2().map_or(0, |bits| bits + 1);
        let print = ids.iter().fold(EventId([0; 16]), |print, id| print.over(id));
        let run = Run { number: self.next, period, ids: ids.len() as u32, bits: bits as u8, print };
        run.write(tx, &ids)?;
        self.next += 1;
        self.runs.push(run);
        Ok(print)
    }
}

/// Whether there are events that were counted so long ago that they would be refused now.
///
/// # Errors
/// When the ledger cannot be read.
pub fn has_past(read: &impl Read, now: Timestamp) -> Result<bool, ReadError> {
    Ok(read.get::<Runs>(&0)?.is_some_and(|all| all.runs.iter().any(|run| run.is_past(now))))
}

/// Forgets some of the events that were counted so long ago that they would be refused now; says how many.
///
/// # Errors
/// When the ledger cannot be read or written.
pub fn forget(tx: &mut Tx<'_>) -> Result<u64, WriteError> {
    let (mut all, now) = (tx.get::<Runs>(&0)?.unwrap_or_default(), tx.now());
    let past: Vec<Run> = all.runs.iter().filter(|run| run.is_past(now)).take(FORGET).copied().collect();
    for run in &past {
        run.delete(tx)?;
    }
    all.runs.retain(|run| !past.contains(run));
    tx.put(&all)?;
    Ok(past.iter().map(|run| u64::from(run.ids)).sum())
}

pub(crate) fn day(at: Timestamp) -> u32 {
    u32::try_from(at.millis() / 86_400_000).unwrap_or(u32::MAX)
}
