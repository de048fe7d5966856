//! Requests that must not be done twice: what is kept of each, in the same commit as what it changed.

use std::time::Duration;

use model::{AnyId, Outcome, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    key::KeyBytes,
    read::{Query, Read as _},
    record::{IndexEntries, Record},
    write::{Tx, WriteError},
};

/// How long it is remembered that a request was done.
pub const REMEMBERED: Duration = Duration::from_secs(24 * 3600);
/// How many that are past their time one write removes: more than it adds, so that none pile up.
const SWEPT: usize = 8;
const BY_TIME: u8 = 1;

/// A request that must not be done twice. A write whose event carries one is refused when the request was done before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Names the request: a digest over who sends it, to which endpoint, and the key that the sender chose.
    pub key: [u8; 32],
    /// A digest over all that the request says.
    pub fingerprint: [u8; 32],
    /// Tells this try from every other; a request may write more than once in one try.
    pub attempt: [u8; 16],
}

/// What is kept of a request that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Names the request.
    pub key: [u8; 32],
    /// What it said.
    pub fingerprint: [u8; 32],
    /// The try that did it.
    pub attempt: [u8; 16],
    /// What was made or changed.
    pub subject: AnyId,
    /// When.
    pub at: Timestamp,
    /// The answer, sealed under a key that is not stored; added after the change is durable.
    pub answer: Option<Vec<u8>>,
}

impl Record for Done {
    const NAME: &'static str = "done request";
    const NUMBER: u8 = 130;
    type Key = [u8; 32];
    fn key(&self) -> [u8; 32] {
        self.key
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(BY_TIME, &KeyBytes::new().with(&self.at));
    }
}

impl Done {
    /// Whether it is still remembered.
    pub fn is_remembered(&self, now: Timestamp) -> bool {
        now.since(self.at) < REMEMBERED
    }
}

/// Notes that the write's request is done, or refuses the write because it was done before.
pub(crate) fn claim(tx: &mut Tx<'_>) -> Result<(), WriteError> {
    let Some(Once { key, fingerprint, attempt }) = tx.event.once.take() else { return Ok(()) };
    // A refusal that is written down has done nothing.
    if tx.event.outcome != Outcome::Done {
        return Ok(());
    }
    let now = tx.now();
    match tx.get::<Done>(&key)? {
        Some(done) if done.attempt == attempt => return Ok(()),
        Some(done) if done.is_remembered(now) => return Err(WriteError::Repeated),
        _ => {}
    }
    let oldest = tx.list::<Done>(&Query::by(BY_TIME, KeyBytes::new(), SWEPT), |_| true)?;
    for done in oldest.items.iter().filter(|done| !done.is_remembered(now)) {
        tx.delete::<Done>(&done.key)?;
    }
    let subject = tx.event.subject;
    tx.put(&Done { key, fingerprint, attempt, subject, at: now, answer: None })
}
