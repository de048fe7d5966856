//! Identity over a store in memory: what its rules allow, and what they refuse.

mod authenticate;
mod life;
mod random;
mod sign_in;
mod stored;

use std::{sync::Arc, time::Duration};

use model::{
    AnyId, AuditEvent, Classification, Grant, Id, IdSource, ManualClock, NounKind, Permission, PermissionSet, Scope,
    SystemTask, Timestamp, noun,
};
use redb::backends::InMemoryBackend;
use store::{Database, EventDraft, ReadError, Tx, View};

use crate::{
    Device, Email, Factor, GrantSource, NewUser, PasswordHash, PeopleError, Realm, SessionRules, SessionToken, session,
    user,
};

/// A tenant with its file, its clock and what its people may.
pub(crate) struct World {
    pub(crate) db: Database,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) realm: Realm,
    pub(crate) rules: SessionRules,
    pub(crate) grants: Fixed,
}

/// Grants that are the same for everyone.
pub(crate) struct Fixed(pub(crate) PermissionSet);

impl GrantSource for Fixed {
    fn records(&self) -> &[u8] {
        &[NounKind::Role as u8, NounKind::Assignment as u8]
    }
    fn grants(&self, _: &View, _: AnyId, groups: &[Id<noun::Group>]) -> Result<Vec<Grant>, ReadError> {
        let mut permissions = self.0;
        if !groups.is_empty() {
            permissions = permissions.union(PermissionSet::of(&[Permission::AuditRead]));
        }
        Ok(vec![Grant { scope: Scope::Tenant, permissions, expires: None }])
    }
}

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

impl World {
    pub(crate) fn new() -> Self {
        Self::of(Realm {
            tenant: Id::from_bits(77 << 80),
            home: "eu".parse().unwrap(),
            suspended: false,
            name: "Acme Rockets".to_owned(),
        })
    }

    pub(crate) fn system() -> Self {
        Self::of(Realm::system("eu".parse().unwrap()))
    }

    fn of(realm: Realm) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000)));
        let log = if realm.is_system() { Id::<noun::Appliance>::from_bits(3).erase() } else { realm.tenant.erase() };
        let ids = Arc::new(IdSource::fixed(1));
        #[expect(clippy::disallowed_methods, reason = "a database in memory")]
        let redb = redb::Builder::new().create_with_backend(InMemoryBackend::new()).unwrap();
        let db = Database::begin(log, redb, 0, clock.clone(), ids).unwrap();
        let grants = Fixed(PermissionSet::of(&[Permission::ProjectRead, Permission::ProjectCreate]));
        World { db, clock, realm, rules: SessionRules::default(), grants }
    }

    pub(crate) fn write<T>(
        &self,
        change: impl FnOnce(&mut Tx<'_>) -> Result<T, PeopleError>,
    ) -> Result<T, PeopleError> {
        self.db.write(EventDraft::system(SystemTask::SessionLife, self.db.log()), change)
    }

    pub(crate) fn user(&self, name: &str) -> Id<noun::User> {
        self.write(|tx| user::create(tx, &self.realm, new_user(name, None))).unwrap().id()
    }

    /// The audit row of the last write.
    pub(crate) fn last_row(&self) -> AuditEvent {
        let count = self.db.audit_head().unwrap().0;
        self.db.read().unwrap().audit_rows(count - 1, 1).unwrap().remove(0).1.unwrap()
    }

    pub(crate) fn session(&self, user: Id<noun::User>) -> SessionToken {
        let device = Device { agent: "Test/1.0".to_owned(), address: None };
        self.write(|tx| session::begin(tx, &self.realm, user, Factor::Password, &device, &self.rules)).unwrap().0
    }
}

pub(crate) fn new_user(name: &str, password: Option<PasswordHash>) -> NewUser {
    NewUser {
        name: name.to_owned(),
        email: Email::parse(&format!("{name}@example.org")).unwrap(),
        clearance: Classification::Internal,
        password,
        must_change: false,
    }
}
