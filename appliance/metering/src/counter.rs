//! Counters of customers that only grow: what they said last, so that what they say now becomes what was used since.
//!
//! A counter is known for good: were it forgotten, all that it ever counted would be counted once more.

use model::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Read as _, Record, Tx, WriteError};

use crate::{
    event::{Event, Fault},
    event_id::EventId,
    known::note,
    ledger::{LedgerError, MAX_BATCH, MAX_UNSEALED, Verdict, append, head},
    sieve::Sieve,
};

/// The most counters of a tenant.
pub const MAX_COUNTERS: u64 = 100_000;

/// A customer's measurement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measured {
    /// Something was used.
    Event(Event),
    /// A counter has come to a value.
    Counter {
        /// Which counter.
        counter: EventId,
        /// Since when it counts, in nanoseconds since 1970; 0 where nobody knows.
        since: u64,
        /// When it was read, in nanoseconds since 1970.
        read: u64,
        /// What it says.
        value: i64,
        /// What was used, but for the quantity.
        event: Event,
    },
}

/// What a counter said last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counter {
    id: EventId,
    since: u64,
    read: u64,
    value: i64,
}

impl Record for Counter {
    const NAME: &'static str = "customer's counter";
    const NUMBER: u8 = 168;
    type Key = [u8; 16];
    fn key(&self) -> [u8; 16] {
        self.id.0
    }
}

/// How many counters there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Counters {
    known: u64,
}

impl Record for Counters {
    const NAME: &'static str = "number of customers' counters";
    const NUMBER: u8 = 169;
    type Key = u64;
    fn key(&self) -> u64 {
        0
    }
}

/// Counts what customers measured, in the order in which it was measured, and says of each point how many are accepted, known already, and why
/// others are not counted. A point may say several things; where one of them cannot be counted, the point is rejected.
///
/// # Errors
/// When there are too many, or the ledger cannot be read or written.
pub fn ingest_measured(
    tx: &mut Tx<'_>,
    sieve: &Sieve,
    points: Vec<Result<Vec<Measured>, Fault>>,
) -> Result<Vec<Verdict>, LedgerError> {
    let parts: usize = points.iter().map(|point| point.as_ref().map_or(1, Vec::len)).sum();
    if parts > MAX_BATCH {
        return Err(LedgerError::TooMany);
    }
    let now = tx.now();
    let room = MAX_UNSEALED.saturating_sub(head(tx)?.waiting());
    let (mut verdicts, mut measured) = (Vec::with_capacity(points.len()), Vec::with_capacity(parts));
    for (point, said) in points.into_iter().enumerate() {
        let checked = said.and_then(|parts| {
            let events =
                parts.iter().filter_map(|part| if let Measured::Event(event) = part { Some(event) } else { None });
            for event in events {
                event.check(now)?;
            }
            Ok(parts)
        });
        match checked {
            Ok(parts) => {
                verdicts.push(Verdict::Duplicate);
                measured.extend(parts.into_iter().map(|part| (point, part)));
            }
            Err(fault) => verdicts.push(Verdict::Rejected(fault)),
        }
    }
    // Two readings of a counter may come together.
    measured.sort_by_key(|(_, measured)| match measured {
        Measured::Counter { read, .. } => *read,
        Measured::Event(_) => 0,
    });
    let of = |measured: &Measured| if let Measured::Event(event) = measured { Some(event.id) } else { None };
    let ids: Vec<EventId> = measured.iter().filter_map(|(_, measured)| of(measured)).collect();
    let mut news = note(tx, &ids, Some(sieve))?.into_iter();
    let mut fresh = Vec::new();
    for (point, measured) in measured {
        let verdict = match measured {
            Measured::Event(event) if news.next() == Some(true) => {
                fresh.push(event);
                Verdict::Accepted
            }
            Measured::Event(_) => Verdict::Duplicate,
            Measured::Counter { counter, since, read, value, event } => {
                let said = Counter { id: counter, since, read, value };
                advance(tx, &said, event, now, &mut fresh)?
            }
        };
        let worse = match (&verdicts[point], &verdict) {
            (Verdict::Rejected(_), _) | (Verdict::Accepted, Verdict::Accepted | Verdict::Duplicate) => false,
            (Verdict::Accepted, Verdict::Rejected(_)) | (Verdict::Duplicate, _) => true,
        };
        if worse {
            verdicts[point] = verdict;
        }
    }
    if fresh.len() as u64 > room {
        return Err(LedgerError::Full);
    }
    append(tx, fresh)?;
    Ok(verdicts)
}

/// Takes a counter from what it said last to what it says now.
fn advance(
    tx: &mut Tx<'_>,
    said: &Counter,
    event: Event,
    now: Timestamp,
    fresh: &mut Vec<Event>,
) -> Result<Verdict, WriteError> {
    let last = tx.get::<Counter>(&said.id.0)?;
    let quantity = match &last {
        // Since when it counts says whether it has begun anew, and whose reading this is.
        Some(last) if said.since < last.since || (said.since == last.since && said.read <= last.read) => {
            return Ok(Verdict::Duplicate);
        }
        Some(last) if said.since == last.since && said.value >= last.value => said.value.saturating_sub(last.value),
        None if said.since == 0 => 0,
        _ => said.value,
    };
    let event = Event { quantity, ..event };
    let fault = event.check(now).err();
    // A step that nobody believes is not counted, but it was read: were it forgotten, every later reading would be as far away.
    if let Some(fault) = fault.clone().filter(|fault| *fault != Fault::Quantity) {
        return Ok(Verdict::Rejected(fault));
    }
    if last.is_none() {
        let Counters { known } = tx.get::<Counters>(&0)?.unwrap_or_default();
        if known >= MAX_COUNTERS {
            return Ok(Verdict::Rejected(Fault::Form(format!("there are {MAX_COUNTERS} counters already"))));
        }
        tx.put(&Counters { known: known + 1 })?;
    }
    tx.put(said)?;
    if let Some(fault) = fault {
        return Ok(Verdict::Rejected(fault));
    }
    // What did not move is no use; and a counter never says the same reading twice.
    if quantity != 0 {
        fresh.push(event);
    }
    Ok(Verdict::Accepted)
}
