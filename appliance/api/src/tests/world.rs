//! An appliance for a test: tenants, people, requests, and what must hold at the end of each.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use access::{
    assignment::{Assignment, RoleRef},
    usage::{self, Meter},
};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header, response::Parts},
};
use identity::{Device, Email, Factor, NewUser, PeopleError, Realm, session, user};
use jobs::{Job, JobKind, NewJob, Runner, RunnerLimits, StateKind, Update};
use library::making::{Hearing, Inputs, Look, Order};
use model::{Classification, DataClass, Header, Id, IdSource, Level, ManualClock, SystemTask, Timestamp, noun};
use serde_json::Value;
use store::{
    EventDraft, Read as _, Store, StoreError, StoreLimits, WriteError,
    backend::OpenError,
    chain::Frontier,
    vault::{KeyFile, VaultError},
};
use tenancy::{
    NewTenant, Plan, Tenant,
    upkeep::{Task, Upkeep, UpkeepConfig},
};
use tower::ServiceExt as _;

use super::{
    engine::{Engine, Started, Two, made},
    watched::Watched,
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

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
    /// The body as it came.
    pub(super) bytes: Vec<u8>,
}

impl Answer {
    fn of(parts: Parts, bytes: Vec<u8>) -> Self {
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, body, bytes }
    }

    pub(super) fn etag(&self) -> String {
        self.headers[header::ETAG].to_str().unwrap().to_owned()
    }

    pub(super) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
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
        let mut services = services.with_request_limits(limits).with_analyst(analyst);
        (services.outbound, services.mailer) = (lines.outbound, lines.mailer);
        let exports = folder.path().join("exports");
        std::fs::create_dir_all(&exports).unwrap();
        services.depots = outbound::Depots { folder: Some(exports), zone: lines.zone };
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

    /// Has someone begin to set up a second factor.
    pub(super) fn begin_second_factor(&self, tenant: Id<noun::Tenant>, user: Id<noun::User>) {
        let event = EventDraft::system(SystemTask::SessionLife, user.erase());
        self.services.gate.file(tenant).unwrap().write(event, |tx| identity::second_factor::begin(tx, user)).unwrap();
    }

    /// A request at the console of the machine, in `tenant` if one is named.
    pub(super) async fn console(&self, tenant: Option<&str>, method: Method, path: &str, body: Value) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
        if let Some(tenant) = tenant {
            request = request.header(crate::TENANT_HEADER, tenant);
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let response = crate::console(&self.services).oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer::of(parts, axum::body::to_bytes(body, 8 << 20).await.unwrap().to_vec())
    }

    /// An answer that is not JSON.
    pub(super) async fn text(&self, who: Option<&Person>, path: &str) -> String {
        let bytes = self.ask(who, Method::GET, path, Value::Null, &[]).await.1;
        String::from_utf8(bytes).unwrap()
    }

    /// A change whose body is this text, JSON or not.
    pub(super) async fn send_text(&self, who: &Person, path: &str, text: String) -> Answer {
        let json = [("content-type", "application/json")];
        let (parts, bytes) = self.ask_with(Some(who), Method::POST, path, Body::from(text), &json).await;
        Answer::of(parts, bytes)
    }

    /// Sends bytes as they are.
    pub(super) async fn send_raw(&self, who: &Person, path: &str, body: Vec<u8>, headers: &[(&str, &str)]) -> Answer {
        let (parts, bytes) = self.ask_with(Some(who), Method::POST, path, Body::from(body), headers).await;
        Answer::of(parts, bytes)
    }

    /// Sends what a form says.
    pub(super) async fn send_form(&self, who: &Person, path: &str, form: String) -> Answer {
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let (parts, bytes) = self.ask_with(Some(who), Method::POST, path, Body::from(form), &kind).await;
        Answer::of(parts, bytes)
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

    pub(super) async fn send(&self, who: Option<&Person>, method: Method, path: &str, body: Value) -> Answer {
        self.send_with(who, method, path, body, &[]).await
    }

    pub(super) async fn send_with(
        &self,
        who: Option<&Person>,
        method: Method,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        let (parts, bytes) = self.ask(who, method, path, body, headers).await;
        Answer::of(parts, bytes)
    }

    async fn ask(
        &self,
        who: Option<&Person>,
        method: Method,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> (Parts, Vec<u8>) {
        if body.is_null() {
            return self.ask_with(who, method, path, Body::empty(), headers).await;
        }
        let json = [headers, &[("content-type", "application/json")]].concat();
        self.ask_with(who, method, path, Body::from(body.to_string()), &json).await
    }

    async fn ask_with(
        &self,
        who: Option<&Person>,
        method: Method,
        path: &str,
        body: Body,
        headers: &[(&str, &str)],
    ) -> (Parts, Vec<u8>) {
        let mut request = Request::builder().method(method).uri(path).header("sec-fetch-site", "same-origin");
        if let Some(who) = who {
            request = request.header(header::COOKIE, &who.cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4000))));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        (parts, axum::body::to_bytes(body, 8 << 20).await.unwrap().to_vec())
    }

    /// Sends bytes as they are.
    pub(super) async fn send_bytes(&self, who: &Person, path: &str, offset: u64, bytes: &[u8]) -> Answer {
        let offset = offset.to_string();
        let headers = [("content-type", "application/partial-upload"), ("upload-offset", offset.as_str())];
        let (parts, bytes) = self.ask_with(Some(who), Method::PATCH, path, Body::from(bytes.to_vec()), &headers).await;
        Answer::of(parts, bytes)
    }

    /// Uploads a recording in one part; its id.
    pub(super) async fn upload(&self, who: &Person, project: &str, name: &str, bytes: &[u8]) -> String {
        let new = serde_json::json!({ "file_name": name, "media_type": "audio/mp4", "size": bytes.len() });
        let path = format!("/v1/projects/{project}/uploads");
        let begun = self.send(Some(who), Method::POST, &path, new).await;
        assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.body);
        let path = format!("/v1/uploads/{}", begun.body["id"].as_str().unwrap());
        let done = self.send_bytes(who, &path, 0, bytes).await;
        done.body["recording"].as_str().unwrap_or_else(|| panic!("{}", done.body)).to_owned()
    }

    /// What a job makes of a recording, without running one: a waiting job, one that was called off, and the things.
    pub(super) fn made_of(&self, owner: &Person, recording: &str) -> Made {
        let tenant = self.services.store.tenant(owner.tenant).unwrap();
        let blobs = tenant.blobs();
        let recording = recording.parse().unwrap();
        let head = tenant.read().unwrap().get::<library::recording::Recording>(&recording).unwrap().unwrap().header;
        let order = Order::MakeVideo { recording, hearing: Hearing::default(), look: Look::default() };
        let mut new = NewJob::new(JobKind::MakeVideo, owner.tenant, self.services.region, owner.id.erase());
        new.payload = serde_json::to_vec(&order).unwrap();
        (new.project, new.about) = (head.project, Some(recording.erase()));
        let event = || EventDraft::system(SystemTask::JobRun, recording.erase());
        let submit = |new: &NewJob| {
            tenant.write::<_, jobs::JobError>(event(), |tx| Ok(jobs::submit(tx, new.clone())?.job().clone())).unwrap()
        };
        let (job, other) = (submit(&new), submit(&new));
        tenant.write(event(), |tx| jobs::cancel(tx, other.header.id)).unwrap();
        let plan = Plan::Team.limits();
        let inputs = Inputs::of(&tenant, &job, &plan).unwrap();
        let produced = made(&blobs);
        let publish = |tx: &mut store::Tx<'_>| library::making::publish(tx, &blobs, &job, &inputs, &plan, produced);
        let video = tenant.write(event(), publish).unwrap().unwrap();
        let view = tenant.read().unwrap();
        let video = view.get::<library::video::Video>(&video.typed().unwrap()).unwrap().unwrap();
        let transcript = library::transcript::Transcript::of_recording(&view, recording).unwrap().unwrap();
        Made {
            job: job.header.id.to_string(),
            ended_job: other.header.id.to_string(),
            transcript: transcript.header.id.to_string(),
            storyboard: video.storyboard.to_string(),
            video: video.header.id.to_string(),
        }
    }

    /// Calls a job off, whatever it does.
    pub(super) fn call_off(&self, who: &Person, job: &str) {
        let id: Id<noun::Job> = job.parse().unwrap();
        let tenant = self.services.store.tenant(who.tenant).unwrap();
        let event = EventDraft::system(SystemTask::JobRun, id.erase());
        tenant.write(event, |tx| jobs::cancel(tx, id)).unwrap();
    }

    /// Waits until a job is over.
    pub(super) fn finish(&self, who: &Person, job: &str) -> Job {
        self.until(who, job, Update::is_last)
    }

    /// Waits until a job stands so.
    pub(super) fn until(&self, who: &Person, job: &str, fits: impl Fn(&Update) -> bool) -> Job {
        let id = job.parse().unwrap();
        let mut subscription = self.services.jobs.subscribe(who.tenant, id).unwrap();
        loop {
            let update = subscription.wait(Duration::from_secs(60)).expect("the job goes on");
            if fits(&update) {
                let tenant = self.services.store.tenant(who.tenant).unwrap();
                return tenant.read().unwrap().get::<Job>(&id).unwrap().unwrap();
            }
        }
    }

    /// Waits until a job waits for its next attempt, after so many failures, and moves the clock to when that is.
    pub(super) fn until_next_attempt(&self, who: &Person, job: &str, failures: u32) {
        let id = job.parse().unwrap();
        let tenant = self.services.store.tenant(who.tenant).unwrap();
        let mut subscription = self.services.jobs.subscribe(who.tenant, id).unwrap();
        let stored = loop {
            let stored = tenant.read().unwrap().get::<Job>(&id).unwrap().unwrap();
            if stored.failures >= failures && stored.state.kind() == StateKind::Queued {
                break stored;
            }
            subscription.wait(Duration::from_millis(20));
        };
        self.clock.advance(stored.state.at().since(self.services.store.clock().now()));
        self.services.jobs.wake(who.tenant);
    }

    /// Begins to watch a job.
    pub(super) async fn watch(&self, who: &Person, job: &str, headers: &[(&str, &str)]) -> Watched {
        self.stream_with(who, &format!("/v1/jobs/{job}/events"), headers).await
    }

    /// Begins to read a stream of events.
    pub(super) async fn stream(&self, who: &Person, path: &str) -> Watched {
        self.stream_with(who, path, &[]).await
    }

    async fn stream_with(&self, who: &Person, path: &str, headers: &[(&str, &str)]) -> Watched {
        let mut request = Request::builder().uri(path).header(header::COOKIE, &who.cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4000))));
        let response = self.router.clone().oneshot(request).await.unwrap();
        Watched::of(response)
    }

    /// Listens on a real socket, without TLS, until the test ends.
    pub(super) async fn listen(&self) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = self.router.clone().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        address
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

/// What was made of a recording, by ids.
pub(super) struct Made {
    pub(super) job: String,
    pub(super) ended_job: String,
    pub(super) transcript: String,
    pub(super) storyboard: String,
    pub(super) video: String,
}
