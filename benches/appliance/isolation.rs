//! What one tenant can see of another: a thousand tenants whose every field carries a mark of its own, people of every role who do
//! anything that the OpenAPI document offers, with ids of their own and of strangers; everything that comes back, and everything
//! that is logged, is searched for marks and ids of others.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    rc::Rc,
    time::{Duration, Instant},
};

use access::{Assignment, RoleRef};
use clap::Args;
use identity::{Device, Email, Factor, NewUser, PeopleError, SessionRules, session, user};
use library::project::Project;
use model::{Classification, DataClass, Header, Level, NounKind, Permission, SystemTask, noun};
use serde_json::Value;
use store::{EventDraft, Store};
use tenancy::{NewTenant, Plan, Tenant};
use tokio::task::LocalSet;

use crate::{
    Done,
    client::{Answer, Ask, Client, Target},
    draw::Random,
    machine, runtime,
    sample::{self, Operation, Source},
    seed,
    server::{Place, Server},
};

/// What one tenant can see of another
#[derive(Debug, Args)]
pub(crate) struct Isolation {
    /// The program
    #[arg(long, env = "AUDIAGRAM", default_value = "audiagram")]
    program: PathBuf,
    /// Tenants
    #[arg(long, default_value_t = 1_000)]
    tenants: usize,
    /// Operations
    #[arg(long, default_value_t = 100_000)]
    operations: usize,
    /// Requests at once
    #[arg(long, default_value_t = 32)]
    at_once: usize,
    /// A configuration file for the appliance
    #[arg(long)]
    config: Option<PathBuf>,
    /// Where its metrics are, if they are served: searched at the end
    #[arg(long)]
    metrics: Option<std::net::SocketAddr>,
    /// Where to make the data folder
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
    /// Another run of chance
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// How long one answer may take: streams do not end by themselves.
const PATIENCE: Duration = Duration::from_secs(10);
/// What ends the work of the people who are left: chosen seldom.
const ENDING: [&str; 3] = ["DELETE", "password", "sign_out"];

#[derive(Debug, Clone)]
struct Person {
    tenant: usize,
    level: Level,
    cookie: String,
}

/// What is known of all that exists.
struct World {
    random: Random,
    document: Value,
    operations: Vec<Operation>,
    people: Vec<Person>,
    /// The tenant of each id that was seen.
    owners: HashMap<String, usize>,
    /// Ids by tenant and prefix.
    ids: HashMap<(usize, String), Vec<String>>,
    tenants: usize,
    findings: Vec<String>,
    /// How often each operation was answered with each status.
    statuses: BTreeMap<String, BTreeMap<u16, usize>>,
    left: usize,
    slow: usize,
    broken: usize,
}

/// Fills fields for someone of a tenant.
struct Fields<'a> {
    world: &'a World,
    tenant: usize,
    /// Whether the request only looks: what it writes would come back as its own tenant's.
    looks: bool,
    /// Ids and marks of others that went into the request.
    foreign: Vec<String>,
}

/// The mark of a tenant. Digits and letters only, so that it survives wherever text goes.
fn mark(tenant: usize) -> String {
    format!("canary{tenant:06}q")
}

impl Isolation {
    pub(crate) fn run(self) -> Done {
        machine::notes(&self.folder)?;
        let folder = tempfile::tempdir_in(&self.folder)?;
        let data = folder.path().join("data");
        let mut random = Random::new(self.seed);
        let store = seed::create_store(&data)?;
        let (people, known) = house(&store, self.tenants)?;
        drop(store);
        println!("{} people of {} tenants, {} ids", people.len(), self.tenants, known.len());

        let place = Place { program: self.program.clone(), data, config: self.config.clone() };
        let server = Server::start(&place)?;
        let target = server.target(false)?;
        let answer = runtime()?.block_on(async {
            target.connect(None).await?.send(&Ask::get("/v1/openapi.json")).await.map_err(crate::Failure::from)
        })?;
        let document: Value = serde_json::from_slice(&answer.body)?;
        let operations = sample::operations(&document);
        random.next();
        let world = World {
            random,
            document,
            operations,
            people,
            owners: HashMap::new(),
            ids: HashMap::new(),
            tenants: self.tenants,
            findings: Vec::new(),
            statuses: BTreeMap::new(),
            left: self.operations,
            slow: 0,
            broken: 0,
        };
        let world = Rc::new(RefCell::new(world));
        for (id, tenant) in known {
            world.borrow_mut().learn(&id, tenant);
        }
        let start = Instant::now();
        runtime()?.block_on(LocalSet::new().run_until(async {
            let workers: Vec<_> =
                (0..self.at_once).map(|_| tokio::task::spawn_local(work(world.clone(), target.clone()))).collect();
            for worker in workers {
                worker.await??;
            }
            Done::Ok(())
        }))?;
        let world = Rc::try_unwrap(world).map_err(|_| "a worker still runs")?;
        let mut world = world.into_inner();
        let log = std::fs::read_to_string(&server.log)?;
        world.search_plain("the log", &log);
        if let Some(metrics) = self.metrics {
            world.search_plain("the metrics", &plain(metrics)?);
        }
        let process = server.process();
        println!("resident memory {:.0} MB", machine::resident(process)? as f64 / 1e6);
        world.report(self.operations, start.elapsed());
        let leaks = world.findings.len();
        machine::bar("leaks", leaks as f64, "", 0.0, false);
        drop(server);
        if leaks > 0 { Err("one tenant saw something of another".into()) } else { Ok(()) }
    }
}

/// Everyone, and every id that was made with the number of its tenant.
type House = (Vec<Person>, Vec<(String, usize)>);

/// Tenants, and a person of each role in each, signed in with two factors. Also every id that was made, with its tenant.
fn house(store: &Store, count: usize) -> Done<House> {
    let mut tenants: Vec<Tenant> = Vec::new();
    for first in (0..count).step_by(1_000) {
        let new = (first..count.min(first + 1_000)).map(|number| NewTenant {
            slug: mark(number),
            name: format!("Name {}", mark(number)),
            home: seed::region(),
            plan: Plan::Team,
        });
        let event = EventDraft::system(SystemTask::TenantCreate, model::Id::<noun::Appliance>::from_bits(0).erase());
        tenants.extend(tenancy::create_many(store, event, new.collect())?);
    }
    let (mut people, mut known) = (Vec::new(), Vec::new());
    for (number, tenant) in tenants.iter().enumerate() {
        let (mark, realm, db) = (mark(number), seed::realm(tenant), store.tenant(tenant.id)?);
        known.push((tenant.id.to_string(), number));
        let event = EventDraft::system(SystemTask::TenantCreate, tenant.id.erase());
        db.write::<_, PeopleError>(event, |tx| {
            for level in Level::ALL {
                let new = NewUser {
                    name: format!("{} {mark}", level.name()),
                    email: Email::parse(&format!("{}@{mark}.example.org", level.name())).expect("an address"),
                    clearance: Classification::Confidential,
                    password: None,
                    must_change: false,
                };
                let id = user::create(tx, &realm, new)?.id();
                let header = Header::new(tx.new_id(), tenant.id, tenant.home, id.erase(), DataClass::K5, tx.now());
                known.extend([(id.to_string(), number), (header.id.to_string(), number)]);
                tx.put(&Assignment { header, principal: id.erase(), role: RoleRef::Level(*level), expires: None })?;
                let device = Device { agent: format!("agent {mark}"), address: None };
                let (_, begun) = session::begin(tx, &realm, id, Factor::Password, &device, &SessionRules::default())?;
                let token = session::step_up(tx, begun.id(), Factor::OneTimeCode)?.reveal();
                known.push((begun.id().to_string(), number));
                let cookie = format!("{}={}", session::COOKIE, token.expose());
                people.push(Person { tenant: number, level: *level, cookie });
                let header = Header::new(tx.new_id(), tenant.id, tenant.home, id.erase(), DataClass::K6, tx.now());
                known.push((header.id.to_string(), number));
                let (title, description) = (format!("Title {mark}"), format!("About {mark}"));
                tx.put(&Project { header, title, description, tags: Vec::new(), trashed: None })?;
            }
            Ok(())
        })?;
    }
    Ok((people, known))
}

async fn work(world: Rc<RefCell<World>>, target: Target) -> Done {
    let mut client: Option<Client> = None;
    loop {
        let Some((person, operation, ask, foreign)) = world.borrow_mut().draw() else { return Ok(()) };
        let mut open = match client.take() {
            Some(client) => client,
            None => target.connect(None).await?,
        };
        match tokio::time::timeout(PATIENCE, open.send(&ask)).await {
            Ok(Ok(answer)) => {
                let closes = answer.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
                world.borrow_mut().judge(person, &operation, &ask, &foreign, &answer);
                if !closes {
                    client = Some(open);
                }
            }
            Ok(Err(_)) => world.borrow_mut().broken += 1,
            Err(_) => world.borrow_mut().slow += 1,
        }
    }
}

impl World {
    fn learn(&mut self, id: &str, tenant: usize) {
        if self.owners.insert(id.to_owned(), tenant).is_none() {
            self.ids.entry((tenant, id[..3].to_owned())).or_default().push(id.to_owned());
        }
    }

    /// Someone who does something.
    fn draw(&mut self) -> Option<(usize, String, Ask, Vec<String>)> {
        self.left = self.left.checked_sub(1)?;
        let mut random = self.random.clone();
        let who = random.below(self.people.len());
        let operation = loop {
            let operation = random.pick(&self.operations)?;
            let ends = ENDING.iter().any(|word| operation.method == *word || operation.name.contains(word));
            if !ends || random.below(5) == 0 {
                break operation;
            }
        };
        let person = &self.people[who];
        let looks = operation.method.eq_ignore_ascii_case("get");
        let mut fields = Fields { world: self, tenant: person.tenant, looks, foreign: Vec::new() };
        let (mut path, mut query, mut headers) = (operation.path.clone(), Vec::new(), Vec::new());
        for (name, place, schema) in &operation.parameters {
            let made = match sample::value(schema, &self.document, name, 0, &mut fields, &mut random) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            match place.as_str() {
                "path" => path = path.replace(&format!("{{{name}}}"), &escaped(&made)),
                "query" if made != "null" && random.below(if name == "after" { 12 } else { 3 }) == 0 => {
                    query.push(format!("{name}={}", escaped(&made)));
                }
                "header" if name.eq_ignore_ascii_case("if-match") => headers.push(("if-match", "*".to_owned())),
                _ => {}
            }
        }
        if !query.is_empty() {
            path = format!("{path}?{}", query.join("&"));
        }
        let mut ask =
            Ask::new(&operation.method, path).with("cookie", &person.cookie).with("sec-fetch-site", "same-origin");
        ask.headers.extend(headers);
        if let Some((kind, schema)) = &operation.body {
            if kind.contains("json") {
                ask = ask.json(&sample::value(schema, &self.document, "", 0, &mut fields, &mut random));
            } else {
                ask.body = Some(mark(person.tenant).into_bytes());
                ask = ask.with("content-type", kind.as_str());
            }
        }
        let (foreign, name) = (fields.foreign, operation.name.clone());
        self.random = random;
        Some((who, name, ask, foreign))
    }

    /// Looks for what belongs to others.
    fn judge(&mut self, who: usize, operation: &str, ask: &Ask, foreign: &[String], answer: &Answer) {
        *self.statuses.entry(operation.to_owned()).or_default().entry(answer.status).or_default() += 1;
        let (tenant, level) = (self.people[who].tenant, self.people[who].level);
        let text = format!("{}\n{}", answer.head, String::from_utf8_lossy(&answer.body));
        let mut found = Vec::new();
        for other in marks(&text).filter(|other| *other != tenant) {
            // A refusal may repeat what the caller itself sent.
            if answer.status < 400 || !foreign.contains(&mark(other)) {
                found.push(format!("the mark of tenant {other}"));
            }
        }
        for id in ids(&text) {
            match self.owners.get(id) {
                Some(other) if *other != tenant && !foreign.iter().any(|sent| sent == id) => {
                    found.push(format!("{id} of tenant {other}"));
                }
                None if answer.status < 400 => {
                    let id = id.to_owned();
                    self.learn(&id, tenant);
                }
                _ => {}
            }
        }
        let path = ask.path.split('?').next().unwrap_or_default();
        if answer.status < 400 && foreign.iter().any(|sent| path.contains(sent.as_str())) {
            found.push("something of another tenant by its id".to_owned());
        }
        let body = ask.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let sent = foreign.iter().find(|sent| sent.as_bytes().get(3) == Some(&b'_') && body.contains(sent.as_str()));
        if answer.status < 400 && sent.is_some() {
            found.push(format!("a change that names {sent:?} was made"));
        }
        for what in found {
            let name = level.name();
            self.findings.push(format!(
                "{name} of tenant {tenant} saw {what}: {} {} {body}: {}",
                ask.method, ask.path, answer.status
            ));
        }
    }

    /// Looks through a text that belongs to no tenant: no mark of any may be in it.
    fn search_plain(&mut self, name: &str, text: &str) {
        for line in text.lines().filter(|line| marks(line).next().is_some()) {
            self.findings.push(format!("{name}: {line}"));
        }
        println!("{name}: {} bytes searched", text.len());
    }

    fn report(&self, operations: usize, took: Duration) {
        for (name, statuses) in &self.statuses {
            println!("  {name:32} {statuses:?}");
        }
        let done = |statuses: &BTreeMap<u16, usize>| statuses.keys().any(|status| *status < 400);
        let never: Vec<_> = self
            .operations
            .iter()
            .map(|operation| operation.name.as_str())
            .filter(|name| !self.statuses.get(*name).is_some_and(done))
            .collect();
        let faults: usize =
            self.statuses.values().flatten().filter(|(status, _)| **status >= 500).map(|(_, count)| count).sum();
        println!(
            "{operations} operations of {} endpoints in {:.0} s; {} streams left after {PATIENCE:?}, {} without an answer, {faults} server errors",
            self.operations.len(),
            took.as_secs_f64(),
            self.slow,
            self.broken
        );
        println!("endpoints that never succeeded: {never:?}");
        for finding in self.findings.iter().take(50) {
            println!("LEAK: {finding}");
        }
    }
}

impl Source for Fields<'_> {
    fn text(&mut self, name: &str, random: &mut Random) -> String {
        let plain = name.trim_end_matches("_id").trim_end_matches('s');
        let kind = NounKind::ALL.iter().find(|kind| kind.label().replace(' ', "_") == plain);
        let prefix = match (kind, plain) {
            (Some(kind), _) => Some(kind.prefix()),
            (None, "principal" | "actor" | "owner") if random.below(4) > 0 => Some(NounKind::User.prefix()),
            (None, "resource") => Some(NounKind::Project.prefix()),
            (None, "principal" | "actor" | "owner" | "subject" | "id" | "parent") => {
                random.pick(NounKind::ALL).map(|kind| kind.prefix())
            }
            _ => None,
        };
        if let Some(prefix) = prefix
            && let Some(id) = self.id(prefix, random)
        {
            // A role may be a built-in one.
            return if name == "role" && random.below(2) == 0 { level(random) } else { id };
        }
        match name {
            "role" | "level" => level(random),
            "format" => {
                random.pick(&["json", "jsonl", "csv", "ocsf", "cef", "syslog"]).copied().unwrap_or_default().to_owned()
            }
            "permission" | "permissions" | "scopes" | "action" => {
                random.pick(Permission::ALL).map_or("", |permission| permission.code()).to_owned()
            }
            "email" => format!("u{}@{}.example.org", random.next() % 1_000, mark(self.tenant)),
            "expires" | "until" | "expires_at" => "2026-12-31T00:00:00Z".to_owned(),
            "from" | "to" | "since" | "at" => "2026-11-01T00:00:00Z".to_owned(),
            "text" | "q" | "search" | "query" | "after" if self.looks && random.below(2) == 0 => {
                let other = self.stranger(random);
                self.foreign.push(mark(other));
                mark(other)
            }
            _ => format!("{} {}", mark(self.tenant), random.next() % 10_000),
        }
    }
}

impl Fields<'_> {
    /// An id with this prefix: mostly one of the own tenant, sometimes a stranger's.
    fn id(&mut self, prefix: &str, random: &mut Random) -> Option<String> {
        let strange = random.below(3) == 0;
        let tenant = if strange { self.stranger(random) } else { self.tenant };
        let id = random.pick(self.world.ids.get(&(tenant, prefix.to_owned()))?)?.clone();
        if tenant != self.tenant {
            self.foreign.push(id.clone());
        }
        Some(id)
    }

    /// One of the first tenants more often than others: those have more to be seen.
    fn stranger(&self, random: &mut Random) -> usize {
        let among = if random.below(2) == 0 { self.world.tenants } else { self.world.tenants.min(50) };
        let other = random.below(among);
        if other == self.tenant { (other + 1) % self.world.tenants } else { other }
    }
}

fn level(random: &mut Random) -> String {
    random.pick(Level::ALL).map_or("", |level| level.name()).to_owned()
}

/// The tenants whose marks are in a text.
fn marks(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.match_indices("canary").filter_map(|(at, _)| text.get(at + 6..at + 12)?.parse().ok())
}

/// What looks like an id: three letters, an underscore, 26 digits of base 32.
fn ids(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('_').filter_map(|(at, _)| {
        let id = text.get(at.checked_sub(3)?..at + 27)?;
        // The appliance's own id stands in every checkpoint; it is nobody's secret.
        let known = NounKind::ALL.iter().any(|kind| *kind != NounKind::Appliance && id.starts_with(kind.prefix()));
        (known && id[4..].bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())).then_some(id)
    })
}

/// Percent-encoded, for paths and queries.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}

/// What a plain HTTP listener says at `/metrics`.
fn plain(address: std::net::SocketAddr) -> Done<String> {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address)?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}
