//! What things cost: rate cards, each valid from a moment until the next one is.
//!
//! Money is a whole number of millionths of the currency's unit. An event never holds a price; a new card for the time that has
//! gone is refused, so what was charged stays as it was.

use model::{ErrorKind, Timestamp};
use serde::{Deserialize, Serialize};
use store::{MAX_PAGE, Query, Read, ReadError, Record, Tx, WriteError};

/// The most lines of a card.
pub const MAX_LINES: usize = 200;
/// The most cards of a tenant.
pub const MAX_CARDS: usize = 500;
/// The highest price of a block, in millionths.
pub const MAX_PRICE: i64 = 1_000_000_000_000;
/// The largest block.
pub const MAX_BLOCK: i64 = 1_000_000_000_000_000;

/// Prices from a moment on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateCard {
    /// Its number, from 1 on.
    pub version: u64,
    /// From when on it holds.
    pub from: Timestamp,
    /// The currency (ISO 4217).
    pub currency: String,
    /// A price for each meter, in the order of their names.
    pub lines: Vec<Rate>,
}

/// The price of a meter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// The meter's name.
    pub meter: String,
    /// Millionths of the currency's unit for a block.
    pub price_micros: i64,
    /// How many of the meter's units a block is.
    pub block: i64,
}

impl Record for RateCard {
    const NAME: &'static str = "rate card";
    const NUMBER: u8 = 164;
    type Key = u64;
    fn key(&self) -> u64 {
        self.version
    }
}

/// Why a card is not taken.
#[derive(Debug, thiserror::Error)]
pub enum RateError {
    /// A field.
    #[error("{field}: {fault}")]
    Field {
        /// Where it is, as the parts of a pointer: `currency`, `rates/0/price_micros`.
        field: String,
        /// What is wrong.
        fault: &'static str,
    },
    /// There are too many.
    #[error("at most {MAX_CARDS} rate cards are kept")]
    TooMany,
    /// Reading.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Writing.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl RateError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            RateError::Field { .. } => ErrorKind::Invalid,
            RateError::TooMany => ErrorKind::Exhausted,
            RateError::Read(error) => error.kind(),
            RateError::Write(error) => error.kind(),
        }
    }
}

/// All cards, the oldest first.
///
/// # Errors
/// When they cannot be read.
pub fn cards(read: &impl Read) -> Result<Vec<RateCard>, ReadError> {
    let query = Query { index: None, after: None, limit: MAX_CARDS.min(MAX_PAGE), newest_first: false };
    Ok(read.list(&query, |_| true)?.items)
}

/// Adds a card.
///
/// # Errors
/// When it is no good, holds before the newest one or before now.
pub fn add(tx: &mut Tx<'_>, from: Timestamp, currency: String, mut lines: Vec<Rate>) -> Result<RateCard, RateError> {
    let field = |field: &str, fault| Err(RateError::Field { field: field.to_owned(), fault });
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return field("currency", "must be three capital letters (ISO 4217)");
    }
    if lines.is_empty() || lines.len() > MAX_LINES {
        return field("rates", "must be 1 to 200");
    }
    for (i, line) in lines.iter().enumerate() {
        let field = |name: &str, fault| field(&format!("rates/{i}/{name}"), fault);
        if line.meter.is_empty() || line.meter.len() > 128 || line.meter.chars().any(char::is_control) {
            return field("meter", "must have 1 to 128 bytes of printable text");
        }
        if !(0..=MAX_PRICE).contains(&line.price_micros) {
            return field("price_micros", "must be 0 to 10^12");
        }
        if !(1..=MAX_BLOCK).contains(&line.block) {
            return field("block", "must be 1 to 10^15");
        }
        if lines[..i].iter().any(|before| before.meter == line.meter) {
            return field("meter", "must be named once");
        }
    }
    lines.sort_by(|a, b| a.meter.cmp(&b.meter));
    let known = cards(tx)?;
    if known.len() >= MAX_CARDS {
        return Err(RateError::TooMany);
    }
    // The first one may hold from any time: before it nothing was charged.
    if let Some(newest) = known.last() {
        if from <= newest.from {
            return field("from", "must be later than that of the newest card");
        }
        if from < tx.now() {
            return field("from", "must not be past: what was charged stays as it was");
        }
        if currency != newest.currency {
            return field("currency", "must be that of the cards before");
        }
    }
    let card = RateCard { version: known.last().map_or(1, |card| card.version + 1), from, currency, lines };
    tx.put(&card)?;
    Ok(card)
}
