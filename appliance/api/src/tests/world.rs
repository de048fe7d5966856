//! An appliance for a test: tenants, people, requests, and what must hold at the end of each.

mod asking;
mod making;

use std::{sync::Arc, time::Duration};

use access::{
    assignment::{Assignment, RoleRef},
    usage::{self, Meter},
};
use axum::Router;
use identity::{Device, Email, Factor, NewInvitation, NewUser, PeopleError, Realm, session, user};
use jobs::{Runner, RunnerLimits};
use model::{Classification, DataClass, Header, Id, IdSource, Level, ManualClock, SystemTask, Timestamp, noun};
use store::{
    EventDraft, Store, StoreError, StoreLimits, WriteError,
    backend::OpenError,
    chain::Frontier,
    vault::{KeyFile, VaultError},
};
use tenancy::{
    NewTenant, Plan, Tenant,
    upkeep::{Task, Upkeep, UpkeepConfig},
};

pub(super) use self::{asking::Answer, making::Made};
use super::{
    engine::{Engine, Started, Two},
    operation::Told,
};
use crate::{RequestLimits, endpoints, router::router, services::Services, services::realm};

pub(super) struct World {
    pub(super) services: Arc<Services>,
    pub(super) clock: Arc<ManualClock>,
    pub(super) engine: Arc<Engine>,
    runner: Runner,
    router: Router,
    folder: tempfile::TempDir,
}

/// What leads out of the appliance.
#[derive(Default)]
struct Lines {
    outbound: Option<outbound::Client>,
    mailer: Option<outbound::Mailer>,
    /// Storage in the appliance's zone.
    zone: Vec<String>,
}

/// Someone with a session.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) tenant: Id<noun::Tenant>,
    pub(super) id: Id<noun::User>,
    pub(super) cookie: String,
}

impl Person {
    /// Changes what it shows: still well formed and of the same tenant, and good for nothing.
    pub(super) fn forge(&mut self) {
        let last = self.cookie.pop().unwrap();
        self.cookie.push(if last == 'A' { 'B' } else { 'A' });
    }
}

impl World {
    pub(super) fn new() -> Self {
        Self::limited(Self::idle())
    }

    pub(super) fn limited(limits: RequestLimits) -> Self {
        Self::made_with(limits, Lines::default())
    }

    /// One that sends messages to webhooks.
    pub(super) fn calling(outbound: outbound::Client) -> Self {
        Self::made_with(Self::idle(), Lines { outbound: Some(outbound), ..Lines::default() })
    }

    /// One that puts files into storage at this place.
    pub(super) fn storing(outbound: outbound::Client, host: String) -> Self {
        Self::made_with(Self::idle(), Lines { outbound: Some(outbound), zone: vec![host], ..Lines::default() })
    }

    /// Where files of tenants are put.
    pub(super) fn exports(&self) -> std::path::PathBuf {
        self.folder.path().join("exports")
    }

    /// One that sends mails.
    pub(super) fn mailing(mailer: outbound::Mailer) -> Self {
        Self::made_with(Self::idle(), Lines { mailer: Some(mailer), ..Lines::default() })
    }

    /// Time stands still in tests, so nobody's count goes down.
    fn idle() -> RequestLimits {
        RequestLimits { burst_s: 10_000, ..RequestLimits::default() }
    }

    fn made_with(limits: RequestLimits, lines: Lines) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000)));
        let key = Box::new(KeyFile::create(&folder.path().join("key")).unwrap());
        let ids = Arc::new(IdSource::random());
        let bounds = StoreLimits::default();
        let store = Store::create(&folder.path().join("data"), key, bounds, clock.clone(), ids).unwrap();
        Self::over(store, clock, folder, limits, lines)
    }

    /// The same appliance after it was stopped and started again.
    pub(super) fn restart(self) -> Self {
        let World { services, clock, router, folder, engine, runner } = self;
        drop((router, runner, engine));
        let services = Arc::into_inner(services).expect("nothing is under way");
        drop(services);
        // The thread of an attempt that was cut off lets go of the store when it ends.
        let open = || {
            let key = Box::new(KeyFile::open(&folder.path().join("key")).unwrap());
            let ids = Arc::new(IdSource::random());
            Store::open(&folder.path().join("data"), key, StoreLimits::default(), clock.clone(), ids)
        };
        let mut opened = open();
        let is_held = |error: &StoreError| {
            matches!(error, StoreError::Vault(VaultError::InUse(_)) | StoreError::Open(OpenError::InUse(_)))
        };
        while opened.as_ref().is_err_and(is_held) {
            std::thread::sleep(Duration::from_millis(1));
            opened = open();
        }
        let store = opened.unwrap();
        Self::over(store, clock, folder, Self::idle(), Lines::default())
    }

    fn over(
        store: Store,
        clock: Arc<ManualClock>,
        folder: tempfile::TempDir,
        limits: RequestLimits,
        lines: Lines,
    ) -> Self {
        let mut identity = identity::Config::default();
        identity.passwords.cost = identity::HashCost { memory_kib: 8, passes: 1 };
        let store = Arc::new(store);
        let config = UpkeepConfig { backups: Some(folder.path().join("backups")), ..UpkeepConfig::default() };
        // Errands wait until a test wants them done, so that their rows do not come between those that it counts.
        let upkeep = Upkeep::new(store.clone(), config, Some(folder.path().join("key"))).paused();
        let engine = Engine::new(store.clone());
        let (launcher, allowance) = (Box::new(Started(engine.clone())), Box::new(Two(engine.clone())));
        let runner = Runner::start(store.clone(), launcher, allowance, RunnerLimits::default()).unwrap();
        let services = Services::new(store, "eu".parse().unwrap(), identity, runner.desk()).with_upkeep(upkeep);
        let analyst = Arc::new(analytics::Engine::start(analytics::QueryLimits::default()).unwrap());
        let services = services.with_request_limits(limits).with_analyst(analyst);
        let mut services = services.with_host(Arc::new(Told::default()));
        (services.outbound, services.mailer) = (lines.outbound, lines.mailer);
        let exports = folder.path().join("exports");
        std::fs::create_dir_all(&exports).unwrap();
        services.depots =
            outbound::Depots { folder: Some(exports), zone: lines.zone, servers: vec!["127.0.0.1:1".to_owned()] };
        let services = Arc::new(services);
        engine.serve(&services);
        let router = router(&services, endpoints::all());
        World { services, clock, engine, runner, router, folder }
    }

    /// Lets time pass.
    pub(super) fn pass(&self, time: std::time::Duration) {
        self.clock.advance(time);
    }

    pub(super) fn tenant(&self, slug: &str) -> Tenant {
        self.tenant_with(slug, Plan::Business)
    }

    pub(super) fn tenant_with(&self, slug: &str, plan: Plan) -> Tenant {
        let new = NewTenant { slug: slug.into(), name: slug.into(), home: self.services.region, plan };
        let event = EventDraft::system(SystemTask::TenantCreate, Id::<noun::Appliance>::from_bits(0).erase());
        tenancy::create(&self.services.store, event, new).unwrap()
    }

    /// The tenant of someone.
    pub(super) fn tenant_of(&self, person: &Person) -> Tenant {
        tenancy::find(&self.services.store.system().read().unwrap(), person.tenant).unwrap().unwrap()
    }

    /// A backup of a tenant.
    pub(super) fn backup(&self, tenant: Id<noun::Tenant>) -> Id<noun::Backup> {
        let (root, scope) = (self.services.upkeep.backups().unwrap(), store::backup::Scope::Tenant(tenant));
        store::backup::create(&self.services.store, root, scope, &store::Progress::default()).unwrap().id
    }

    /// An errand that waits.
    pub(super) fn errand(&self, by: Id<noun::User>, backup: Id<noun::Backup>) -> Id<noun::Job> {
        let system = self.services.store.system();
        let event = EventDraft::system(SystemTask::Backup, system.log());
        let task = Task::Verify { backup, deep: false };
        system.write::<_, WriteError>(event, |tx| self.services.upkeep.note(tx, by.erase(), task)).unwrap().id
    }

    /// A name that nothing has yet.
    pub(super) fn fresh_name(&self) -> String {
        let id = self.services.store.ids().next::<noun::User>(self.services.store.clock().now());
        format!("{:x}", id.bits())
    }

    /// An operator of the appliance, signed in with two factors.
    pub(super) fn operator(&self, name: &str) -> Person {
        self.someone(&Realm::system(self.services.region), name, None)
    }

    /// A user of `tenant` with this role, signed in with two factors.
    pub(super) fn person(&self, tenant: &Tenant, name: &str, level: Level) -> Person {
        self.someone(&realm(tenant), name, Some(level))
    }

    /// A user of `tenant` without any role, signed in with two factors.
    pub(super) fn newcomer(&self, tenant: &Tenant, name: &str) -> Person {
        let event = EventDraft::system(SystemTask::TenantLife, tenant.id.erase());
        let db = self.services.store.tenant(tenant.id).unwrap();
        db.write::<_, WriteError>(event, |tx| {
            usage::add(tx, Meter::Seats, 1).unwrap();
            Ok(())
        })
        .unwrap();
        self.someone(&realm(tenant), name, None)
    }

    fn someone(&self, realm: &Realm, name: &str, level: Option<Level>) -> Person {
        let db = self.services.gate.file(realm.tenant).unwrap();
        let event = EventDraft::system(SystemTask::InvitationAccept, db.log());
        let rules = &self.services.identity.sessions;
        let (id, token) = db
            .write::<_, PeopleError>(event, |tx| {
                let new = NewUser {
                    name: name.into(),
                    email: Email::parse(&format!("{name}@example.org")).unwrap(),
                    clearance: Classification::Confidential,
                    password: None,
                    must_change: false,
                };
                let user = user::create(tx, realm, new)?;
                if let Some(level) = level {
                    usage::add(tx, Meter::Seats, 1).unwrap();
                    let (id, principal) = (tx.new_id::<noun::Assignment>(), user.id().erase());
                    let header = Header::new(id, realm.tenant, realm.home, principal, DataClass::K5, tx.now());
                    tx.put(&Assignment { header, principal, role: RoleRef::Level(level), expires: None })?;
                }
                let device = Device { agent: "test".into(), address: None };
                let (_, begun) = session::begin(tx, realm, user.id(), Factor::Password, &device, rules)?;
                Ok((user.id(), session::step_up(tx, begun.id(), Factor::OneTimeCode)?))
            })
            .unwrap();
        Person { tenant: realm.tenant, id, cookie: format!("{}={}", session::COOKIE, token.reveal().expose()) }
    }

    /// An open offer to become an operator.
    pub(super) fn invite_operator(&self, name: &str) -> String {
        let system = self.services.store.system();
        let event = EventDraft::system(SystemTask::SessionLife, system.log());
        let realm = Realm::system(self.services.region);
        let made = system.write::<_, PeopleError>(event, |tx| {
            let new = NewInvitation {
                email: Email::parse(&format!("operator-{name}@example.org")).unwrap(),
                level: Level::Owner,
                project: None,
                clearance: Classification::Public,
                expires: tx.now().after(std::time::Duration::from_secs(3_600)),
            };
            identity::invitation::create(tx, &realm, system.log(), new)
        });
        made.unwrap().1.id().to_string()
    }

    /// Has someone begin to set up a second factor.
    pub(super) fn begin_second_factor(&self, tenant: Id<noun::Tenant>, user: Id<noun::User>) {
        let event = EventDraft::system(SystemTask::SessionLife, user.erase());
        self.services.gate.file(tenant).unwrap().write(event, |tx| identity::second_factor::begin(tx, user)).unwrap();
    }

    /// Lets time pass, after which `who` signs in anew.
    pub(super) fn later(&self, who: &mut Person, by: std::time::Duration) {
        self.clock.advance(by);
        let tenant = self.tenant_of(who);
        let event = EventDraft::system(SystemTask::SignIn, tenant.id.erase());
        let rules = &self.services.identity.sessions;
        let device = Device { agent: "test".into(), address: None };
        let db = self.services.store.tenant(tenant.id).unwrap();
        let token = db.write::<_, PeopleError>(event, |tx| {
            Ok(session::begin(tx, &realm(&tenant), who.id, Factor::Password, &device, rules)?.0)
        });
        who.cookie = format!("{}={}", session::COOKIE, token.unwrap().reveal().expose());
    }

    /// How many audit rows a tenant has, or the appliance.
    pub(super) fn rows(&self, tenant: Id<noun::Tenant>) -> u64 {
        self.services.gate.file(tenant).unwrap().audit_head().unwrap().0
    }

    /// The last audit row of a tenant.
    pub(super) fn last_row(&self, tenant: Id<noun::Tenant>) -> model::AuditEvent {
        let view = self.services.gate.file(tenant).unwrap().read().unwrap();
        view.audit_rows(self.rows(tenant) - 1, 1).unwrap().remove(0).1.unwrap()
    }

    /// The audit rows of a tenant from this number on.
    pub(super) fn rows_from(&self, tenant: Id<noun::Tenant>, from: u64) -> Vec<model::AuditEvent> {
        let view = self.services.gate.file(tenant).unwrap().read().unwrap();
        view.audit_rows(from, usize::MAX).unwrap().into_iter().map(|(_, row)| row.unwrap()).collect()
    }

    /// Recomputes a tenant's audit log from its rows.
    pub(super) fn verify(&self, tenant: Id<noun::Tenant>) {
        let db = self.services.gate.file(tenant).unwrap();
        let (size, root) = db.audit_head().unwrap();
        let mut frontier = Frontier::default();
        for (_, leaf) in db.read().unwrap().audit_leaves(0, usize::MAX).unwrap() {
            frontier.append(leaf.hash(), &mut |_, _, _| ());
        }
        assert_eq!((frontier.size(), frontier.root()), (size, root), "the audit log does not verify");
        if tenant != Realm::SYSTEM {
            let view = db.read().unwrap();
            let counted = library::counted::recount(&view).unwrap();
            assert_eq!(usage::current(&view).unwrap(), counted, "the counts are not what there is");
        }
    }

    /// Counts speech that was heard in a project, or in none, as jobs do.
    pub(super) fn heard(&self, tenant: Id<noun::Tenant>, what: &str, quantity: u64, project: Option<&str>) {
        let db = self.services.store.tenant(tenant).unwrap();
        let event = EventDraft::system(SystemTask::Metering, tenant.erase());
        let project = project.map(|id| id.parse::<Id<noun::Project>>().unwrap().erase());
        db.write::<_, WriteError>(event, |tx| {
            let own = metering::Event::own(metering::Meter::Speech, what, quantity, tx.now());
            metering::record(tx, vec![metering::Event { project, ..own }])
        })
        .unwrap();
    }

    /// Gives someone a role in the tenant, as nobody but a test may.
    pub(super) fn give(&self, person: &Person, project: Option<Id<noun::Project>>, level: Level) {
        let db = self.services.store.tenant(person.tenant).unwrap();
        let event = EventDraft::system(SystemTask::TenantLife, person.id.erase());
        db.write::<_, WriteError>(event, |tx| {
            let id = tx.new_id::<noun::Assignment>();
            let home = self.services.region;
            let mut header = Header::new(id, person.tenant, home, person.id.erase(), DataClass::K5, tx.now());
            header.project = project;
            tx.put(&Assignment { header, principal: person.id.erase(), role: RoleRef::Level(level), expires: None })
        })
        .unwrap();
    }
}
