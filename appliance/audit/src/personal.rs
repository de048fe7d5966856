//! Which rows of a trail are about a person, for erasing them.
//!
//! A row is erased as a whole: its hash stays, its content and salt go. A row is about a person when they did it, when it was done
//! to them, or when its details name them. The rows that tell of an erasing stay: they say no more than that it was.

use model::{AnyId, AuditEvent};

use crate::{Trail, TrailError};

/// The detail of a row that tells of an erasing: how many rows it took.
pub const ERASED_ROWS: &str = "rows_erased";
/// The most rows that one write erases.
pub const MOST_ROWS: usize = 20_000;
/// Rows read at once.
const BATCH: usize = 1_000;

/// Rows about a person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Their numbers, the oldest first, at most [`MOST_ROWS`].
    pub rows: Vec<u64>,
    /// Whether these are all.
    pub complete: bool,
}

/// The rows about `person` whose content is still there.
///
/// # Errors
/// When the log cannot be read.
pub fn rows_of(trail: &impl Trail, person: AnyId) -> Result<Found, TrailError> {
    let (size, name) = (trail.size()?, person.to_string());
    let mut found = Found::default();
    let mut next = 0;
    while next < size {
        let rows = trail.rows(next, BATCH)?;
        let Some((last, _)) = rows.last() else { break };
        next = last + 1;
        for (number, event) in rows {
            if event.is_some_and(|event| is_about(&event, person, &name)) {
                if found.rows.len() == MOST_ROWS {
                    return Ok(found);
                }
                found.rows.push(number);
            }
        }
    }
    found.complete = true;
    Ok(found)
}

fn is_about(event: &AuditEvent, person: AnyId, name: &str) -> bool {
    let named = || event.detail.values().any(|value| value.contains(name));
    let about = event.actor == Some(person) || event.subject == person || named();
    about && !(event.detail.contains_key(ERASED_ROWS) && event.actor != Some(person))
}
