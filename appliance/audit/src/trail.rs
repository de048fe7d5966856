//! The rows of one log, as this crate reads them.

use model::AuditEvent;

/// What reading a trail can end in.
pub type TrailError = Box<dyn std::error::Error + Send + Sync>;

/// The audit rows of one tenant, in the order of the log. Every call sees the present state, never an older snapshot, so
/// that what was erased does not come back.
pub trait Trail {
    /// How many rows the log has, erased ones included.
    fn len(&self) -> u64;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Up to `limit` rows from number `from` on, with their numbers, without gaps; nothing in place of an erased one.
    fn rows(&self, from: u64, limit: usize) -> Result<Vec<(u64, Option<AuditEvent>)>, TrailError>;
}
