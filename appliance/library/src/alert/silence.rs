//! Times at which nobody is told of an alert. It is looked at all the same.

use access::Permit;
use model::{AnyId, Timestamp, permission::ReportSchedule};
use serde::{Deserialize, Serialize};

use super::{Alert, keep, subject};
use crate::{base::current, error::LibraryError, text};

/// The most silences that an alert remembers; those that are over go first.
pub const MAX_SILENCES: usize = 20;
const MAX_REASON: usize = 300;

/// A time at which nobody is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Counts from 1.
    pub number: u64,
    /// From.
    pub from: Timestamp,
    /// To.
    pub to: Timestamp,
    /// Why.
    pub reason: String,
    /// Who wants it.
    pub by: AnyId,
}

/// A silence to be made.
#[derive(Debug, Clone)]
pub struct NewSilence {
    /// From; from now without.
    pub from: Option<Timestamp>,
    /// To.
    pub to: Timestamp,
    /// Why.
    pub reason: String,
}

impl Alert {
    /// Whether nobody is told at `now`.
    pub fn is_silent(&self, now: Timestamp) -> bool {
        self.silences.iter().any(|silence| silence.from <= now && now < silence.to)
    }
}

/// Silences an alert for a time.
///
/// # Errors
/// When the time is over or the reason is none, or too many are to come.
pub fn silence(permit: Permit<ReportSchedule>, new: NewSilence) -> Result<Alert, LibraryError> {
    let NewSilence { from, to, reason } = new;
    let reason = text::line("reason", &reason, MAX_REASON, false)?;
    let (id, by) = (subject(permit.subject())?, permit.actor());
    permit.write(|tx| {
        let mut alert = current::<Alert>(tx, id, None)?;
        let now = tx.now();
        let from = from.unwrap_or(now);
        if to <= from || to <= now {
            return Err(LibraryError::Field { field: "to", fault: "must be to come, and after `from`".into() });
        }
        if alert.silences.len() >= MAX_SILENCES {
            let over = alert.silences.iter().position(|silence| silence.to <= now);
            let over =
                over.ok_or(LibraryError::Limit { what: "silences of an alert", allowed: MAX_SILENCES as u64 })?;
            alert.silences.remove(over);
        }
        alert.silenced += 1;
        alert.silences.push(Silence { number: alert.silenced, from, to, reason, by });
        tx.note("silence", alert.silenced.to_string());
        keep(tx, alert)
    })
}

/// Ends a silence now. One that has not begun is as if it had never been.
///
/// # Errors
/// When the alert has no such silence.
pub fn end_silence(permit: Permit<ReportSchedule>, number: u64) -> Result<Alert, LibraryError> {
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        let mut alert = current::<Alert>(tx, id, None)?;
        let now = tx.now();
        let found = alert.silences.iter_mut().find(|silence| silence.number == number);
        let silence = found.ok_or(LibraryError::NotFound)?;
        silence.to = silence.to.min(now);
        alert.silences.retain(|silence| silence.from < silence.to);
        tx.note("silence", number.to_string());
        keep(tx, alert)
    })
}
