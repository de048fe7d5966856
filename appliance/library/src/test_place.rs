//! A tenant in a store of its own, and somebody of it who may do everything.

use std::sync::Arc;

use access::Gate;
use model::{
    Actor, ActorKind, Assurance, Classification, Grant, Id, IdSource, ManualClock, Origin, PermissionSet, Scope,
    SystemTask, Timestamp, noun,
};
use store::{EventDraft, Placement, Store, StoreLimits, WriteError, vault::KeyFile};

pub(crate) const TENANT: Id<noun::Tenant> = Id::from_bits(9);

pub(crate) fn event() -> EventDraft {
    EventDraft::system(SystemTask::Retention, TENANT.erase())
}

pub(crate) struct Place {
    pub(crate) gate: Gate,
    pub(crate) store: Arc<Store>,
    pub(crate) actor: Actor,
    _folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000)));
        let key = Box::new(KeyFile::create(&folder.path().join("root.key")).unwrap());
        let (data, ids) = (folder.path().join("data"), Arc::new(IdSource::fixed(7)));
        let store = Arc::new(Store::create(&data, key, StoreLimits::default(), clock, ids).unwrap());
        store.vault().create_tenant(TENANT).unwrap();
        let placement = Placement { tenant: TENANT, folder: None, begun: false };
        store.system().write::<(), WriteError>(event(), |tx| tx.put(&placement)).unwrap();
        let home = "eu".parse().unwrap();
        let permissions = PermissionSet::TENANT;
        let actor = Actor {
            tenant: TENANT,
            home,
            kind: ActorKind::User,
            id: Id::<noun::User>::from_bits(7).erase(),
            origin: Origin::Session(Id::from_bits(1)),
            grants: vec![Grant { scope: Scope::Tenant, permissions, expires: None }],
            ceiling: permissions,
            clearance: Classification::Restricted,
            assurance: Assurance { level: 1, second_factor: None },
            suspended: false,
            address: None,
        };
        Place { gate: Gate::new(store.clone(), home), store, actor, _folder: folder }
    }
}
