//! Random callers, things and circumstances for the tests; the same on every run.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use model::{
    Actor, ActorKind, Assurance, Classification, Grant, Id, Level, NounKind, Origin, Permission, PermissionSet, Region,
    Scope, Subject, Timestamp,
    noun::{Appliance, Project, ServiceAccount, Tenant, User},
};

use crate::{Context, Network};

/// SplitMix64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ bits >> 31
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// True once in `times`.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

pub(crate) fn region(code: &str) -> Region {
    code.parse().unwrap()
}

pub(crate) const fn tenant(number: u128) -> Id<Tenant> {
    Id::from_bits(number)
}

pub(crate) const fn project(number: u128) -> Id<Project> {
    Id::from_bits(100 + number)
}

/// A user of tenant 1 with these grants whom no guard stops.
pub(crate) fn user(grants: &[Grant]) -> Actor {
    Actor {
        tenant: tenant(1),
        home: region("eu"),
        kind: ActorKind::User,
        id: Id::<User>::from_bits(7).erase(),
        origin: Origin::Session(Id::from_bits(1)),
        grants: grants.to_vec(),
        ceiling: PermissionSet::TENANT.union(PermissionSet::APPLIANCE),
        clearance: Classification::Restricted,
        assurance: Assurance { level: 2, second_factor: Some(NOW) },
        suspended: false,
        address: None,
    }
}

/// A project of tenant 1 that someone else owns.
pub(crate) fn thing() -> Subject {
    Subject {
        id: project(1).erase(),
        tenant: tenant(1),
        owner: Some(Id::<User>::from_bits(8).erase()),
        project: Some(project(1)),
        classification: Classification::Internal,
        residency: BTreeSet::from([region("eu")]),
        legal_hold: false,
    }
}

pub(crate) fn context() -> Context<'static> {
    Context { region: region("eu"), now: NOW, address: None, allow_networks: &[], not_after: None, break_glass: false }
}

/// This built-in role, for ever.
pub(crate) fn grant(level: Level, scope: Scope) -> Grant {
    Grant { scope, permissions: level.permissions(), expires: None }
}

/// A question: who, what for, about what, how.
pub(crate) struct Question {
    pub(crate) actor: Actor,
    pub(crate) permission: Permission,
    pub(crate) subject: Subject,
    networks: Vec<Network>,
    address: Option<IpAddr>,
    not_after: Option<Timestamp>,
    break_glass: bool,
    pub(crate) now: Timestamp,
}

impl Question {
    pub(crate) fn context(&self) -> Context<'_> {
        Context {
            region: region("eu"),
            now: self.now,
            address: self.address,
            allow_networks: &self.networks,
            not_after: self.not_after,
            break_glass: self.break_glass,
        }
    }

    /// Each guard refuses about one in ten, so that all combinations come up and many questions pass.
    pub(crate) fn random(random: &mut Random) -> Question {
        let moment = |random: &mut Random| Timestamp::from_millis(NOW.millis() - 1_000_000 + random.next() % 2_000_000);
        let now = if random.once_in(3) { NOW } else { moment(random) };
        let networks =
            if random.once_in(2) { Vec::new() } else { (0..random.below(4)).map(|_| network(random)).collect() };
        Question {
            actor: actor(random, now),
            permission: random.pick(Permission::ALL),
            subject: subject(random),
            address: (!random.once_in(4)).then(|| address(random)),
            networks,
            not_after: random
                .once_in(4)
                .then(|| now.after(Duration::from_millis(random.below(3) as u64)))
                .map(|end| Timestamp::from_millis(end.millis() - u64::from(random.once_in(4)))),
            break_glass: random.once_in(8),
            now,
        }
    }
}

fn actor(random: &mut Random, now: Timestamp) -> Actor {
    let kind = if random.once_in(8) {
        ActorKind::Operator
    } else {
        random.pick(&[ActorKind::User, ActorKind::User, ActorKind::ServiceAccount])
    };
    let number = 7 + random.below(2) as u128;
    let all = PermissionSet::TENANT.union(PermissionSet::APPLIANCE);
    let age = random.pick(&[0, 1, 899_999, 900_000, 900_001, 5_000_000]);
    Actor {
        tenant: tenant(1 + random.below(10) as u128 / 9),
        home: region(random.pick(&["eu", "in"])),
        kind,
        id: match kind {
            ActorKind::ServiceAccount => Id::<ServiceAccount>::from_bits(number).erase(),
            _ => Id::<User>::from_bits(number).erase(),
        },
        origin: random.pick(&[Origin::Session(Id::from_bits(1)), Origin::Key(Id::from_bits(2)), Origin::Console]),
        grants: (0..random.below(4)).map(|_| some_grant(random, now)).collect(),
        ceiling: if random.once_in(8) { set(random) } else { all },
        clearance: classification(random),
        assurance: Assurance {
            level: 1 + random.below(3) as u8,
            second_factor: match random.below(4) {
                0 => None,
                1 => Some(now.after(Duration::from_millis(1))),
                _ => Some(Timestamp::from_millis(now.millis() - age)),
            },
        },
        suspended: random.once_in(12),
        address: None,
    }
}

fn some_grant(random: &mut Random, now: Timestamp) -> Grant {
    Grant {
        scope: if random.once_in(2) { Scope::Tenant } else { Scope::Project(project(random.below(3) as u128)) },
        permissions: if random.once_in(3) { set(random) } else { random.pick(Level::ALL).permissions() },
        expires: match random.below(6) {
            0 => Some(now),
            1 => Some(now.after(Duration::from_millis(1))),
            _ => None,
        },
    }
}

fn set(random: &mut Random) -> PermissionSet {
    Permission::ALL.iter().copied().filter(|_| random.once_in(2)).collect()
}

fn subject(random: &mut Random) -> Subject {
    let number = random.below(3) as u128;
    let (id, project) = match random.below(8) {
        0 => (Id::<Appliance>::from_bits(1).erase(), None),
        1 => (tenant(1).erase(), None),
        2 | 3 => (project(number).erase(), Some(project(number))),
        _ => (model::AnyId::new(random.pick(&[NounKind::Recording, NounKind::Video]), number), Some(project(number))),
    };
    let owner = Id::<User>::from_bits(7 + random.below(3) as u128).erase();
    Subject {
        id,
        tenant: tenant(1 + random.below(10) as u128 / 9),
        owner: (!random.once_in(4)).then_some(owner),
        project,
        classification: classification(random),
        residency: match random.below(12) {
            0 => BTreeSet::new(),
            1 => BTreeSet::from([region("in"), region("us-ca")]),
            2 => BTreeSet::from([region("eu"), region("in")]),
            _ => BTreeSet::from([region("eu")]),
        },
        legal_hold: random.once_in(4),
    }
}

/// High for people and low for things would let too many pass; equal chances let too few.
fn classification(random: &mut Random) -> Classification {
    use Classification::{Confidential, Internal, Public, Restricted, Secret};
    random.pick(&[Internal, Internal, Internal, Internal, Public, Confidential, Secret, Restricted])
}

fn address(random: &mut Random) -> IpAddr {
    let low = random.below(4) as u8;
    match random.below(3) {
        0 => Ipv4Addr::new(10, low, 0, low).into(),
        1 => Ipv4Addr::new(10, low, 0, low).to_ipv6_mapped().into(),
        _ => Ipv6Addr::new(0x2001, 0xdb8, u16::from(low), 0, 0, 0, 0, 1).into(),
    }
}

fn network(random: &mut Random) -> Network {
    let prefix = random.pick(&[0, 8, 14, 16, 32]);
    Network::new(address(random), if random.once_in(2) { prefix + 96 } else { prefix })
        .or_else(|| Network::new(Ipv4Addr::new(10, 2, 0, 2).into(), prefix))
        .unwrap()
}

/// A store with two tenants, and its gate.
pub(crate) struct Place {
    pub(crate) gate: crate::Gate,
    pub(crate) store: std::sync::Arc<store::Store>,
    pub(crate) clock: std::sync::Arc<model::ManualClock>,
    _folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        use std::sync::Arc;

        use store::{EventDraft, Placement, Store, StoreLimits, WriteError, vault::KeyFile};

        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(model::ManualClock::new(NOW));
        let key = Box::new(KeyFile::create(&folder.path().join("root.key")).unwrap());
        let ids = Arc::new(model::IdSource::fixed(7));
        let store =
            Store::create(&folder.path().join("data"), key, StoreLimits::default(), clock.clone(), ids).unwrap();
        for tenant in [tenant(1), tenant(2)] {
            store.vault().create_tenant(tenant).unwrap();
            let event = EventDraft::system(model::SystemTask::TenantCreate, tenant.erase());
            let placement = Placement { tenant, folder: None, begun: false };
            store.system().write::<(), WriteError>(event, |tx| tx.put(&placement)).unwrap();
        }
        let store = Arc::new(store);
        let gate = crate::Gate::new(Arc::clone(&store), region("eu"));
        Place { gate, store, clock, _folder: folder }
    }

    /// The audit log of tenant 1: action, outcome and reason of each row.
    pub(crate) fn rows(&self) -> Vec<String> {
        let rows = self.store.tenant(tenant(1)).unwrap().read().unwrap().audit_rows(0, 100).unwrap();
        rows.into_iter()
            .map(|(_, event)| {
                let event = event.unwrap();
                let reason = event.detail.get("reason").map(|reason| format!(" {reason}")).unwrap_or_default();
                format!("{} {:?}{reason}", event.action.code(), event.outcome)
            })
            .collect()
    }
}
