//! The rows of one log, as this crate reads them.

use model::AuditEvent;
use store::Database;

/// What reading a trail can end in.
pub type TrailError = Box<dyn std::error::Error + Send + Sync>;

/// The audit rows of one tenant, in the order of the log. Every call sees the present state, never an older snapshot, so
/// that what was erased does not come back.
pub trait Trail {
    /// How many rows the log has, erased ones included.
    fn size(&self) -> Result<u64, TrailError>;

    /// At most `limit` rows from number `from` on, with their numbers, without gaps; nothing in place of an erased one. Fewer,
    /// but not none, may come before the end.
    fn rows(&self, from: u64, limit: usize) -> Result<Vec<(u64, Option<AuditEvent>)>, TrailError>;
}

impl Trail for Database {
    fn size(&self) -> Result<u64, TrailError> {
        Ok(self.audit_head()?.0)
    }

    fn rows(&self, from: u64, limit: usize) -> Result<Vec<(u64, Option<AuditEvent>)>, TrailError> {
        Ok(self.read()?.audit_rows(from, limit)?)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use model::{IdSource, ManualClock, SystemTask, Timestamp};
    use store::{EventDraft, WriteError};

    use super::*;
    use crate::{
        bundle,
        fixture::{signer, tenant},
        search::{Indexes, Limits, Search},
    };

    #[test]
    fn a_stored_log_is_searched_and_proven() {
        #[expect(clippy::disallowed_methods, reason = "a database in memory")]
        let redb = redb::Builder::new().create_with_backend(redb::backends::InMemoryBackend::new()).unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_000_000)));
        let database = Database::begin(tenant(1), redb, 0, clock, Arc::new(IdSource::fixed(1))).unwrap();
        let tasks: Vec<_> = SystemTask::ALL.iter().cycle().take(1_100).collect();
        for task in &tasks {
            database.write::<(), WriteError>(EventDraft::system(**task, tenant(1)), |_| Ok(())).unwrap();
        }
        assert_eq!(database.size().unwrap(), 1_100);
        let rows = database.rows(1_090, 100).unwrap();
        assert_eq!(rows.iter().map(|(number, _)| *number).collect::<Vec<_>>(), (1_090..1_100).collect::<Vec<_>>());

        let search = Search { text: "task:backup".into(), limit: 1, ..Search::default() };
        let limits = Limits { time: Duration::from_secs(600), ..Limits::default() };
        let found = Indexes::new(limits).search(tenant(1), &database, &search).unwrap();
        let backups: Vec<_> = (0..1_100).filter(|row| *tasks[*row] == SystemTask::Backup).collect();
        assert_eq!((found.total as usize, found.events[0].0 as usize), (backups.len(), backups[backups.len() - 1]));

        let signer = signer(tenant(1));
        let file = bundle::write(&database, &signer, Vec::new()).unwrap();
        let report = bundle::verify(file.as_slice(), Some(signer.verifier())).unwrap();
        assert_eq!((report.log, report.checkpoint.size, report.erased), (tenant(1), 1_100, 0));
        assert_eq!((report.checkpoint.size, report.checkpoint.root), database.audit_head().unwrap());
    }
}
