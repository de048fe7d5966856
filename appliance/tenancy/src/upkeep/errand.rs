//! Errands as they are stored.

use std::collections::BTreeMap;

use model::{AnyId, Id, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::Record;

/// A piece of long work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// Its id.
    pub id: Id<noun::Job>,
    /// What is to be done.
    pub task: Task,
    /// Who asked for it.
    pub by: AnyId,
    /// When.
    pub asked: Timestamp,
    /// How it ended; nothing while it waits or runs.
    pub end: Option<End>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// What came of it, by name.
    pub facts: BTreeMap<String, String>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    /// Copy the appliance, or one tenant, to the folder of backups.
    Backup {
        /// The id it will have.
        backup: Id<noun::Backup>,
        /// Whom; all without one.
        tenant: Option<Id<noun::Tenant>>,
    },
    /// Check a backup.
    Verify {
        /// Which.
        backup: Id<noun::Backup>,
        /// Whether every byte of blobs is read too.
        deep: bool,
    },
    /// Put one tenant back.
    Restore {
        /// From which backup.
        backup: Id<noun::Backup>,
        /// Whom.
        tenant: Id<noun::Tenant>,
    },
    /// Move a tenant's files.
    Move {
        /// Whose.
        tenant: Id<noun::Tenant>,
        /// To the volume of this name; to the shared one without a name.
        volume: Option<String>,
    },
    /// Write a tenant to a file for another appliance, in the folder of backups.
    Export {
        /// Whom.
        tenant: Id<noun::Tenant>,
        /// The other appliance's key.
        receiver: [u8; 32],
    },
    /// Renew a key.
    Rekey {
        /// Whose; nothing for the appliance's.
        tenant: Option<Id<noun::Tenant>>,
        /// Which.
        key: KeyKind,
    },
    /// Remove old backups.
    Prune {
        /// So many of the newest stay.
        newest: u32,
        /// Those of so many days stay.
        days: u32,
    },
    /// Rehearse the restore of a backup.
    Drill {
        /// Which.
        backup: Id<noun::Backup>,
    },
}

/// Which key is renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyKind {
    /// The appliance's, which wraps those of all tenants.
    Appliance,
    /// A tenant's own, which wraps its data keys.
    Tenant,
    /// That of a tenant's records.
    Database,
    /// That of a tenant's files.
    Blob,
    /// That of a tenant's search index.
    Search,
    /// That of copies from now on.
    Backup,
}

/// How an errand ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// As asked.
    Done,
    /// It could not be done; what was there before is there still.
    Failed {
        /// The kind of error, or `cut_off`.
        code: String,
        /// For people.
        detail: String,
    },
}

impl End {
    /// The name in the audit log.
    pub const fn name(&self) -> &'static str {
        match self {
            End::Done => "done",
            End::Failed { .. } => "failed",
        }
    }
}

impl Task {
    /// The name in the API and in the audit log.
    pub const fn name(&self) -> &'static str {
        match self {
            Task::Backup { .. } => "backup",
            Task::Verify { .. } => "verify",
            Task::Restore { .. } => "restore",
            Task::Move { .. } => "move",
            Task::Export { .. } => "export",
            Task::Rekey { .. } => "rekey",
            Task::Prune { .. } => "prune",
            Task::Drill { .. } => "drill",
        }
    }

    /// Whom it concerns, if it is one tenant.
    pub const fn tenant(&self) -> Option<Id<noun::Tenant>> {
        match self {
            Task::Backup { tenant, .. } | Task::Rekey { tenant, .. } => *tenant,
            Task::Restore { tenant, .. } | Task::Move { tenant, .. } | Task::Export { tenant, .. } => Some(*tenant),
            Task::Verify { .. } | Task::Prune { .. } | Task::Drill { .. } => None,
        }
    }
}

impl Errand {
    /// What audit rows about it are about.
    pub(super) fn subject(&self) -> AnyId {
        match &self.task {
            Task::Backup { backup, .. } | Task::Verify { backup, .. } | Task::Drill { backup } => backup.erase(),
            task => task.tenant().map_or(self.id.erase(), Id::erase),
        }
    }
}

impl Record for Errand {
    const NAME: &'static str = "errand of upkeep";
    const NUMBER: u8 = 151;
    type Key = Id<noun::Job>;
    fn key(&self) -> Self::Key {
        self.id
    }
}
