//! The ledger of a tenant: rows in the order in which they came, and which events are in it.
//!
//! Rows lie in batches, one record for all that came together, until they are sealed into a file. That an event was counted is known
//! for longer than [`WINDOW`] ([`crate::known`]); an event older than the window is refused, so none is ever counted twice.

use std::time::Duration;

use model::{ErrorKind, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Read, ReadError, Record, Tx, WriteError};

use crate::{
    event::{Event, Fault},
    event_id::EventId,
    known::{day, note},
    meter::Meter,
    sieve::Sieve,
    totals,
};

/// How far back events are taken, and known to have been counted.
pub const WINDOW: Duration = Duration::from_secs(35 * 86_400);
/// The most events that come together.
pub const MAX_BATCH: usize = 10_000;
/// The most rows that may wait to be sealed before customers' own events are refused.
pub const MAX_UNSEALED: u64 = 2_000_000;

/// A row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its number: rows have no gaps.
    pub number: u64,
    /// When it came.
    pub received: Timestamp,
    /// What was used.
    pub event: Event,
}

/// How far the ledger is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Head {
    /// How many batches there ever were.
    pub batches: u64,
    /// How many rows there ever were.
    pub rows: u64,
    /// The first batch that is not sealed.
    pub unsealed_batch: u64,
    /// The first row that is not sealed.
    pub unsealed_row: u64,
    /// How many segments there ever were.
    pub segments: u64,
    /// When the oldest row that is not sealed came.
    pub unsealed_since: Timestamp,
    /// The day on which the ids past the window were last looked for, in days since 1970.
    pub forgotten_day: u32,
    /// The day on which what there is was last counted, in days since 1970.
    pub stock_day: u32,
}

impl Head {
    /// How many rows wait to be sealed.
    pub const fn waiting(&self) -> u64 {
        self.rows.saturating_sub(self.unsealed_row)
    }
}

impl Record for Head {
    const NAME: &'static str = "head of the usage ledger";
    const NUMBER: u8 = 160;
    type Key = u64;
    fn key(&self) -> u64 {
        0
    }
}

/// Rows that came together.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Batch {
    number: u64,
    first_row: u64,
    received: Timestamp,
    events: Vec<Event>,
}

impl Record for Batch {
    const NAME: &'static str = "batch of usage";
    const NUMBER: u8 = 161;
    type Key = u64;
    fn key(&self) -> u64 {
        self.number
    }
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is counted, and durable with the commit.
    Accepted,
    /// It was counted before.
    Duplicate,
    /// It is not counted.
    Rejected(Fault),
}

/// Why events cannot be counted.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Too many at once.
    #[error("at most {MAX_BATCH} events may come together; send them in parts")]
    TooMany,
    /// Too many wait to be sealed.
    #[error("{MAX_UNSEALED} events wait to be sealed; try again later")]
    Full,
    /// Reading.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Writing.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl LedgerError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            LedgerError::TooMany => ErrorKind::Invalid,
            LedgerError::Full => ErrorKind::Exhausted,
            LedgerError::Read(error) => error.kind(),
            LedgerError::Write(error) => error.kind(),
        }
    }
}

/// How far the ledger is.
///
/// # Errors
/// When it cannot be read.
pub fn head(read: &impl Read) -> Result<Head, ReadError> {
    Ok(read.get::<Head>(&0)?.unwrap_or_default())
}

/// Counts events of the appliance's own work, in the commit of the work. What was counted before is not counted again.
///
/// # Errors
/// When the ledger cannot be read or written.
pub fn record(tx: &mut Tx<'_>, events: Vec<Event>) -> Result<(), WriteError> {
    let ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
    let news = note(tx, &ids, None)?;
    let fresh = events.into_iter().zip(news).filter_map(|(event, new)| new.then_some(event)).collect();
    append(tx, fresh)
}

/// Counts a customer's own events and says of each what became of it.
///
/// # Errors
/// When there are too many, or the ledger cannot be read or written.
pub fn ingest(tx: &mut Tx<'_>, sieve: &Sieve, events: Vec<Result<Event, Fault>>) -> Result<Vec<Verdict>, LedgerError> {
    if events.len() > MAX_BATCH {
        return Err(LedgerError::TooMany);
    }
    let now = tx.now();
    let room = MAX_UNSEALED.saturating_sub(head(tx)?.waiting());
    let events: Vec<_> = events.into_iter().map(|event| event.and_then(|event| event.checked(now))).collect();
    let ids: Vec<EventId> = events.iter().flatten().map(|event| event.id).collect();
    let mut news = note(tx, &ids, Some(sieve))?.into_iter();
    let (mut verdicts, mut fresh) = (Vec::with_capacity(events.len()), Vec::with_capacity(ids.len()));
    for event in events {
        verdicts.push(match event {
            Err(fault) => Verdict::Rejected(fault),
            Ok(event) if news.next() == Some(true) => {
                fresh.push(event);
                Verdict::Accepted
            }
            Ok(_) => Verdict::Duplicate,
        });
    }
    if fresh.len() as u64 > room {
        return Err(LedgerError::Full);
    }
    append(tx, fresh)?;
    Ok(verdicts)
}

pub(crate) fn append(tx: &mut Tx<'_>, events: Vec<Event>) -> Result<(), WriteError> {
    if events.is_empty() {
        return Ok(());
    }
    totals::add(tx, &events)?;
    let (mut head, received) = (head(tx)?, tx.now());
    if head.waiting() == 0 {
        head.unsealed_since = received;
    }
    let batch = Batch { number: head.batches, first_row: head.rows, received, events };
    head.batches += 1;
    head.rows += batch.events.len() as u64;
    tx.put(&batch)?;
    tx.put(&head)
}

/// The rows that are not sealed, the oldest first: whole batches, no more than `most` rows unless the first batch has more. With them, the
/// first batch behind them.
///
/// # Errors
/// When they cannot be read.
pub fn unsealed(read: &impl Read, most: usize) -> Result<(Vec<Row>, u64), ReadError> {
    let head = head(read)?;
    unsealed_from(read, &head, head.unsealed_batch, most)
}

/// The same from batch `next` on, of a ledger that is as far as `head` says.
///
/// # Errors
/// When they cannot be read.
pub fn unsealed_from(read: &impl Read, head: &Head, mut next: u64, most: usize) -> Result<(Vec<Row>, u64), ReadError> {
    let mut rows = Vec::new();
    while next < head.batches {
        let Some(batch) = read.get::<Batch>(&next)? else { break };
        if !rows.is_empty() && rows.len() + batch.events.len() > most {
            break;
        }
        next += 1;
        let Batch { first_row, received, events, .. } = batch;
        let numbered = (first_row..).zip(events);
        rows.extend(numbered.map(|(number, event)| Row { number, received, event }));
    }
    Ok((rows, next))
}

/// Lets go of the batches before `next`, which are sealed, in the commit that says where they are.
pub(crate) fn let_go(tx: &mut Tx<'_>, next: u64) -> Result<(), WriteError> {
    let mut head = head(tx)?;
    while head.unsealed_batch < next {
        if let Some(batch) = tx.get::<Batch>(&head.unsealed_batch)? {
            head.unsealed_row = batch.first_row + batch.events.len() as u64;
        }
        tx.delete::<Batch>(&head.unsealed_batch)?;
        head.unsealed_batch += 1;
    }
    if let Some(batch) = tx.get::<Batch>(&head.unsealed_batch)? {
        head.unsealed_since = batch.received;
    }
    head.segments += 1;
    tx.put(&head)
}

/// Notes that everything past the window was forgotten today.
///
/// # Errors
/// When the ledger cannot be read or written.
pub fn note_forgotten(tx: &mut Tx<'_>) -> Result<(), WriteError> {
    let mut head = head(tx)?;
    head.forgotten_day = day(tx.now());
    tx.put(&head)
}

/// Whether what is past the window was not looked for today, although there may be something.
pub fn should_forget(head: &Head, now: Timestamp) -> bool {
    head.rows > 0 && head.forgotten_day < day(now)
}

/// Whether what there is was not counted today.
pub fn should_count_stock(head: &Head, now: Timestamp) -> bool {
    head.stock_day < day(now)
}

/// Counts what there is and notes that it was counted today.
///
/// # Errors
/// When the ledger cannot be read or written.
pub fn record_stock(tx: &mut Tx<'_>, stock: &[(Meter, u64)]) -> Result<(), WriteError> {
    let now = tx.now();
    let events = stock.iter().filter(|(_, quantity)| *quantity > 0);
    let events = events.map(|(meter, quantity)| Event::own(*meter, &format!("day {}", day(now)), *quantity, now));
    record(tx, events.collect())?;
    let mut head = head(tx)?;
    head.stock_day = day(now);
    tx.put(&head)
}
