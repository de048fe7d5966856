//! Requests of an owner to any endpoint, without a network.

use std::{
    net::SocketAddr,
    sync::{Arc, LazyLock},
};

use access::assignment::{Assignment, RoleRef};
use api::{Endpoint, RequestLimits, Services};
use arbitrary::{Arbitrary, Unstructured};
use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use identity::{Device, Email, Factor, NewUser, PeopleError, Realm, session, user};
use jobs::{Allowance, Attempt, Ending, Launcher, Runner, RunnerLimits, Work};
use model::{Classification, DataClass, Header, Id, IdSource, Level, ManualClock, SystemTask, Timestamp, noun};
use store::{EventDraft, Store, StoreLimits, vault::KeyFile};
use tenancy::{NewTenant, Plan};
use tower::ServiceExt as _;

struct World {
    runtime: tokio::runtime::Runtime,
    router: Router,
    endpoints: Vec<Endpoint>,
    cookie: String,
    _runner: Runner,
    _folder: tempfile::TempDir,
}

/// Jobs are ordered and wait.
struct Nobody;

impl Launcher for Nobody {
    fn run(&self, _: &Work, _: &Attempt) -> Ending {
        Ending::Stopped
    }
}

impl Allowance for Nobody {
    fn concurrent_jobs(&self, _: Id<noun::Tenant>) -> u32 {
        0
    }
}

static WORLD: LazyLock<World> = LazyLock::new(world);

fn world() -> World {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000)));
    let key = Box::new(KeyFile::create(&folder.path().join("key")).expect("a key"));
    let ids = Arc::new(IdSource::random());
    let store = Store::create(&folder.path().join("data"), key, StoreLimits::default(), clock, ids).expect("a store");
    let region = "eu".parse().expect("a region");
    let limits = RequestLimits { burst_s: 1 << 30, address_per_second: 1 << 30, ..RequestLimits::default() };
    let mut identity = identity::Config::default();
    identity.passwords.cost = identity::HashCost { memory_kib: 8, passes: 1 };
    let store = Arc::new(store);
    let runner = Runner::start(store.clone(), Box::new(Nobody), Box::new(Nobody), RunnerLimits::default());
    let runner = runner.expect("a runner");
    let services = Services::new(store, region, identity.clone(), runner.desk()).with_request_limits(limits);
    let services = Arc::new(services);
    let event = || EventDraft::system(SystemTask::TenantCreate, Id::<noun::Appliance>::from_bits(0).erase());
    let new = NewTenant { slug: "acme".into(), name: "Acme".into(), home: region, plan: Plan::Enterprise };
    let tenant = tenancy::create(&services.store, event(), new).expect("a tenant");
    let realm = Realm { tenant: tenant.id, home: region, suspended: false, name: "Acme".into() };
    let db = services.store.tenant(tenant.id).expect("a file");
    let token = db.write::<_, PeopleError>(event(), |tx| {
        let email = Email::parse("ada@example.org").expect("an address");
        let clearance = Classification::Restricted;
        let new = NewUser { name: "Ada".into(), email, clearance, password: None, must_change: false };
        let ada = user::create(tx, &realm, new)?.id();
        let id = tx.new_id::<noun::Assignment>();
        let header = Header::new(id, tenant.id, region, ada.erase(), DataClass::K5, tx.now());
        tx.put(&Assignment { header, principal: ada.erase(), role: RoleRef::Level(Level::Owner), expires: None })?;
        let device = Device { agent: "fuzz".into(), address: None };
        let (_, begun) = session::begin(tx, &realm, ada, Factor::Password, &device, &identity.sessions)?;
        session::step_up(tx, begun.id(), Factor::OneTimeCode)
    });
    let cookie = format!("{}={}", session::COOKIE, token.expect("a session").reveal().expose());
    World {
        runtime: tokio::runtime::Runtime::new().expect("a runtime"),
        router: api::router(&services, api::endpoints()),
        endpoints: api::endpoints(),
        cookie,
        _runner: runner,
        _folder: folder,
    }
}

/// Headers whose values are parsed by us.
const HEADERS: &[&str] = &[
    "if-match",
    "if-none-match",
    "idempotency-key",
    "content-type",
    "range",
    "content-range",
    "accept",
    "x-request-id",
    "origin",
];

/// Which endpoint, what stands for each of its ids, the query, headers by their place in [`HEADERS`], and the body.
type Said<'a> = (u8, &'a str, &'a str, Vec<(u8, &'a [u8])>, &'a [u8]);

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    let Ok((endpoint, part, query, headers, body)) = Said::arbitrary_take_rest(Unstructured::new(bytes)) else {
        return;
    };
    let world = &*WORLD;
    let endpoint = &world.endpoints[usize::from(endpoint) % world.endpoints.len()];
    // Signing out, or away the own account, would end the game.
    if ["sign_out", "remove_member", "change_password", "update_member"].contains(&endpoint.name) {
        return;
    }
    let mut path = String::new();
    for step in endpoint.path.split('/').skip(1) {
        path += "/";
        path += if step.starts_with('{') { part } else { step };
    }
    if !query.is_empty() {
        path = format!("{path}?{query}");
    }
    let mut request = Request::builder().method(endpoint.method.clone()).uri(path).header("cookie", &world.cookie);
    request = request.header("sec-fetch-site", "same-origin").header("content-type", "application/json");
    for (which, value) in headers.iter().take(4) {
        request = request.header(HEADERS[usize::from(*which) % HEADERS.len()], *value);
    }
    let Ok(mut request) = request.body(Body::from(body.to_vec())) else { return };
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4000))));
    let response = world.runtime.block_on(world.router.clone().oneshot(request)).unwrap_or_else(|never| match never {});
    let status = response.status().as_u16();
    // There is no engine for queries here, which is said as that.
    assert!(status < 500 || status == 503, "{} {}: {status}", endpoint.method, endpoint.path);
    if status >= 400 {
        let kind = response.headers()["content-type"].to_str().expect("a media type");
        let own = endpoint.has_own_faults() && kind.starts_with("application/json");
        assert!(own || kind == "application/problem+json", "{} {}: {kind}", endpoint.method, endpoint.path);
    }
}
