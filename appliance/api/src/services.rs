//! What endpoints work with.

mod callers;

pub use callers::Caller;

use std::{
    net::SocketAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use access::{File, Gate};
use audit::search::{Indexes, Limits};
use identity::{Authenticator, Realm, SignIn, Throttle, ThrottleRules};
use jobs::Desk;
use library::view_link::{self, ViewToken};
use metering::{Analyst, Sieves};
use model::{Actor, Id, NounKind, Region, noun};
use serde_json::Value;
use store::Store;
use studio::{
    draw::{Fonts, Theme},
    storyboard::Storyboard,
};
use tenancy::{
    Lookup, Tenant,
    upkeep::{Upkeep, UpkeepConfig},
};

use crate::{
    endpoints,
    events::Watching,
    history::History,
    host::{Doctor, Host},
    live::Rooms,
    metrics::{self, Metrics},
    once::Repeats,
    openapi,
    otlp::Tracer,
    problem::{Code, Problem},
    query::Full,
    traffic::Traffic,
    walls::{RequestLimits, Walls},
};

/// What operators may send, a second.
const OPERATORS_PER_SECOND: u32 = 100;

/// Finds the fonts for a text in a language, those of a family first.
pub type FontsFor = dyn Fn(&str, &str, &str) -> Arc<Fonts> + Send + Sync;

/// The parts of a running appliance that requests reach.
pub struct Services {
    /// All files.
    pub store: Arc<Store>,
    /// Who may do what.
    pub gate: Gate,
    /// The region this appliance stands in.
    pub region: Region,
    /// The rules of sessions, passwords and keys.
    pub identity: identity::Config,
    /// The door for those who are not known yet.
    pub sign_in: SignIn,
    /// The search over audit trails.
    pub indexes: Indexes,
    /// How often one may ask, and how many may be inside at once.
    pub(crate) walls: Walls,
    /// Counts and times.
    pub(crate) metrics: Metrics,
    /// The numbers of the last day.
    pub(crate) history: History,
    /// How long rows of usage are kept.
    pub(crate) usage_kept: Duration,
    /// Calls and bytes that are not in the ledgers yet.
    pub(crate) traffic: Traffic,
    /// Where traces go, if anywhere.
    pub(crate) tracer: OnceLock<Tracer>,
    /// Requests that must not be done twice.
    pub(crate) repeats: Repeats,
    /// The search over what tenants make.
    pub library: library::search::Indexes,
    /// Where work that takes a while is handed in.
    pub jobs: Arc<Desk>,
    /// Who watches jobs.
    pub(crate) watching: Watching,
    /// Where people edit together.
    pub(crate) rooms: Rooms,
    /// Backups, moves and new keys.
    pub upkeep: Upkeep,
    /// Exports of tenants that are being sent.
    pub(crate) exports: Arc<AtomicUsize>,
    /// The engine for queries, where there is one.
    pub(crate) analyst: Option<Arc<dyn Analyst>>,
    /// What sends messages to webhooks, where it can.
    pub(crate) outbound: Option<outbound::Client>,
    /// What sends mails, where it can.
    pub(crate) mailer: Option<outbound::Mailer>,
    /// The language model that tenants may let in, where the appliance has one.
    pub(crate) language_model: Option<String>,
    /// Where files of tenants may be put.
    pub(crate) depots: outbound::Depots,
    /// Tenants whose rows of usage should be sealed.
    pub full: Full,
    /// What is known in memory of events that were counted.
    pub(crate) sieves: Sieves,
    /// Counts requests of those who have a view link and no account.
    pub(crate) views: Throttle,
    /// Throttles the charts of dashboards that links show.
    pub(crate) looks: Throttle,
    /// The program around, where it tells of itself.
    pub(crate) host: Option<Arc<dyn Host>>,
    /// What has it look.
    pub(crate) doctor: Doctor,
    /// Fonts for what is written.
    fonts: Arc<FontsFor>,
    authenticator: Authenticator,
    lookup: Lookup,
    /// The OpenAPI document: always the same, asked for by anyone, so it is made once.
    document: OnceLock<Value>,
    draining: AtomicBool,
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Services").field("region", &self.region).finish_non_exhaustive()
    }
}

/// How often those without an account may ask: of one address, one link a minute, and all links an hour.
const VIEWS: ThrottleRules =
    ThrottleRules { name_and_address_per_minute: 120, address_per_hour: 3_000, unknown_names_per_hour: 3_000 };

/// How often charts are looked at by links, from one network: a link's page asks for up to forty at a time.
const LOOKS: ThrottleRules =
    ThrottleRules { name_and_address_per_minute: 600, address_per_hour: 30_000, unknown_names_per_hour: 3_000 };

impl Services {
    /// The parts over an open store.
    pub fn new(store: Arc<Store>, region: Region, identity: identity::Config, jobs: Arc<Desk>) -> Self {
        Services {
            gate: Gate::new(store.clone(), region),
            upkeep: Upkeep::new(store.clone(), UpkeepConfig::default(), None),
            exports: Arc::default(),
            analyst: None,
            outbound: None,
            mailer: None,
            language_model: None,
            depots: outbound::Depots::default(),
            host: None,
            doctor: Doctor::default(),
            full: Full::default(),
            sieves: Sieves::default(),
            store,
            region,
            authenticator: Authenticator::new(&identity.sessions),
            lookup: Lookup::default(),
            sign_in: SignIn::new(&identity),
            views: Throttle::new(&VIEWS),
            looks: Throttle::new(&LOOKS),
            fonts: Arc::new(|_, _, family| Arc::new(Fonts::bundled().preferring(family))),
            indexes: Indexes::new(Limits::default()),
            library: library::search::Indexes::new(library::search::Limits::default()),
            jobs,
            watching: Watching::default(),
            rooms: Rooms::default(),
            identity,
            walls: Walls::new(RequestLimits::default()),
            metrics: Metrics::default(),
            history: History::default(),
            usage_kept: library::sealing::Rules::default().kept,
            traffic: Traffic::default(),
            tracer: OnceLock::new(),
            repeats: Repeats::default(),
            document: OnceLock::new(),
            draining: AtomicBool::new(false),
        }
    }

    /// The same with other bounds on requests.
    #[must_use]
    pub fn with_request_limits(mut self, limits: RequestLimits) -> Self {
        self.walls = Walls::new(limits);
        self
    }

    /// Sends a trace of every request to an OpenTelemetry collector from now on. To be called within a tokio runtime, once.
    pub fn trace_to(&self, collector: SocketAddr) {
        self.tracer.get_or_init(|| Tracer::start(collector, env!("CARGO_PKG_VERSION")));
    }

    /// With this upkeep, in place of one without folders.
    #[must_use]
    pub fn with_upkeep(self, upkeep: Upkeep) -> Self {
        Services { upkeep, ..self }
    }

    /// With this engine for queries.
    #[must_use]
    pub fn with_analyst(self, analyst: Arc<dyn Analyst>) -> Self {
        Services { analyst: Some(analyst), ..self }
    }

    /// With another time for which rows of usage are kept.
    #[must_use]
    pub fn with_usage_kept(self, usage_kept: Duration) -> Self {
        Services { usage_kept, ..self }
    }

    /// With what sends messages to webhooks.
    #[must_use]
    pub fn with_outbound(self, outbound: outbound::Client) -> Self {
        Services { outbound: Some(outbound), ..self }
    }

    /// With what sends mails.
    #[must_use]
    pub fn with_mailer(self, mailer: outbound::Mailer) -> Self {
        Services { mailer: Some(mailer), ..self }
    }

    /// With the name of the language model that jobs may ask.
    #[must_use]
    pub fn with_language_model(self, name: Option<String>) -> Self {
        Services { language_model: name, ..self }
    }

    /// With places into which files of tenants may be put.
    #[must_use]
    pub fn with_depots(self, depots: outbound::Depots) -> Self {
        Services { depots, ..self }
    }

    /// With this program around, which tells of itself.
    #[must_use]
    pub fn with_host(self, host: Arc<dyn Host>) -> Self {
        Services { host: Some(host), ..self }
    }

    /// With these fonts, in place of the bundled ones alone.
    #[must_use]
    pub fn with_fonts(self, fonts: Arc<FontsFor>) -> Self {
        Services { fonts, ..self }
    }

    /// The fonts that the videos of a storyboard are drawn with, those that the theme prefers first.
    pub(crate) fn fonts(&self, board: &Storyboard, theme: &Theme) -> Arc<Fonts> {
        (self.fonts)(&(board.written() + &theme.marks.words()), &board.lang, &theme.font)
    }

    /// The fonts that a text is drawn with.
    pub(crate) fn fonts_for(&self, text: &str, language: &str) -> Arc<Fonts> {
        (self.fonts)(text, language, "")
    }

    /// The engine for queries, where there is one.
    pub fn analyst(&self) -> Option<&dyn Analyst> {
        self.analyst.as_deref()
    }

    /// The origins whose pages may hold the thing of this kind that a link shows in a frame.
    pub(crate) fn framers(&self, token: &ViewToken, kind: NounKind) -> Result<Vec<String>, Problem> {
        let tenant = tenancy::find(&self.store.system().read()?, token.tenant())?;
        let Some(tenant) = tenant.filter(Tenant::is_active) else { return Ok(Vec::new()) };
        let db = self.store.tenant(tenant.id)?;
        Ok(view_link::framers(&db.read()?, token, kind, db.clock().now())?)
    }

    /// Takes note of the numbers as they are now. To be called every ten seconds.
    pub fn measure(&self) {
        self.history.note(self.store.clock().now(), &metrics::now(self));
    }

    /// Closes the files of tenants that are at rest. Uses that wait to be stored are stored first; a file that this has woken is
    /// closed the next time.
    pub fn rest(&self) {
        let waiting = self.authenticator.waiting();
        for tenant in self.store.idle().into_iter().filter(|tenant| waiting.contains(tenant)) {
            self.store_uses(tenant);
        }
        self.store.close_idle();
    }

    /// Stores what waits in memory, before the appliance stops.
    pub fn settle(&self) {
        self.keep_answers();
        for tenant in self.authenticator.waiting() {
            self.store_uses(tenant);
        }
    }

    /// Stores when the sessions and keys of a tenant were last used. A failure loses just that.
    fn store_uses(&self, tenant: Id<noun::Tenant>) {
        let stored = || -> Result<(), Problem> {
            let Some(realm) = self.realm_of(tenant)? else { return Ok(()) };
            let db = self.gate.file(tenant)?;
            // One call stores a bounded number; what is left waits for the next one.
            while self.authenticator.store_uses(&db, &realm)? > 0 {}
            Ok(())
        };
        if let Err(problem) = stored() {
            tracing::warn!(tenant.id = %tenant, code = problem.code, "last uses of sessions and keys are not stored");
        }
    }

    /// The file that a caller works on.
    pub fn file(&self, actor: &Actor) -> Result<File, Problem> {
        Ok(self.gate.file(actor.tenant)?)
    }

    /// What identity must know of a caller's tenant, or of the appliance.
    pub(crate) fn realm(&self, actor: &Actor) -> Result<Realm, Problem> {
        self.realm_of(actor.tenant)?.ok_or_else(|| Problem::new(Code::NotFound, ""))
    }

    /// What the plan of a tenant allows.
    pub(crate) fn limits(&self, tenant: Id<noun::Tenant>) -> Result<tenancy::Limits, Problem> {
        let tenant = self.register(tenant)?.ok_or_else(|| Problem::new(Code::NotFound, ""))?;
        Ok(tenant.limits())
    }

    /// The row of a caller's tenant in the register.
    pub(crate) fn tenant_of(&self, actor: &Actor) -> Result<Tenant, Problem> {
        let tenant = tenancy::find(&self.store.system().read()?, actor.tenant)?;
        tenant.ok_or_else(|| Problem::new(Code::NotFound, ""))
    }

    /// Has the job runner look at what a tenant may run now, and writes what happened to the tenant into its own trail. The change
    /// stands already, whatever becomes of this row.
    pub(crate) fn tell(&self, tenant: &Tenant) {
        self.jobs.wake(tenant.id);
        if let Err(error) = tenancy::tell(&self.store, tenant) {
            let error: &(dyn std::error::Error + 'static) = &error;
            tracing::warn!(tenant.id = %tenant.id, error, "a tenant's own trail lacks a change of its life");
        }
    }

    pub(crate) fn realm_of(&self, id: Id<noun::Tenant>) -> Result<Option<Realm>, Problem> {
        if id == Realm::SYSTEM {
            return Ok(Some(Realm::system(self.region)));
        }
        // Of a suspended one people are known, and the gate turns them away; a closed one rests.
        let tenant = self.register(id)?;
        Ok(tenant.filter(|tenant| tenant.is_open()).map(|tenant| realm(&tenant)))
    }

    /// The row of a tenant in the register, as it is now.
    pub(crate) fn register(&self, id: Id<noun::Tenant>) -> Result<Option<Arc<Tenant>>, Problem> {
        Ok(self.lookup.find(self.store.system(), id)?)
    }

    /// The realm that one signs in to by its short name, if it is at work.
    pub(crate) fn realm_by_name(&self, slug: &str) -> Result<Option<Realm>, Problem> {
        if slug == tenancy::APPLIANCE {
            return Ok(Some(Realm::system(self.region)));
        }
        let found = tenancy::by_slug(&self.store.system().read()?, slug)?;
        Ok(found.filter(Tenant::is_active).map(|tenant| realm(&tenant)))
    }

    /// The interface as an OpenAPI document.
    pub(crate) fn document(&self) -> &Value {
        self.document.get_or_init(|| openapi::document(&endpoints::all()))
    }

    /// The time that limits of rates go by, in microseconds.
    pub(crate) fn micros(&self) -> u64 {
        self.store.clock().now().millis().saturating_mul(1_000)
    }

    /// Stores the answers that may be asked for again. To be called every few seconds, and at the end.
    pub fn keep_answers(&self) {
        self.repeats.keep(&self.gate);
    }

    /// Whether it is on its way down.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }

    /// Says that it is on its way down.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }
}

/// What identity must know of a tenant.
pub(crate) fn realm(tenant: &Tenant) -> Realm {
    Realm { tenant: tenant.id, home: tenant.home, suspended: !tenant.is_active(), name: tenant.name.clone() }
}
