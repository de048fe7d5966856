//! What one tenant can see of another: a thousand tenants whose every field carries a mark of its own, people of every role, and
//! operators, who do anything that the OpenAPI document offers, with ids of their own and of strangers; everything that comes back,
//! and everything that is logged, is searched for marks and ids of others. Operators may see who is there, and nothing that is made.

mod fields;
mod judge;

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Args;
use model::NounKind;
use serde_json::Value;
use tokio::task::LocalSet;

use self::fields::Fields;

use crate::{
    Done,
    client::{Ask, Client, Target},
    draw::Random,
    house::{self, House, Person, mark},
    machine, runtime,
    sample::{self, Operation},
    seed,
    server::{Place, Server},
    valid::{self, Given},
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
const ENDING: [&str; 4] = ["DELETE", "password", "sign_out", "erase"];
/// What ends the work of operators, who are few: left to the last fifth of a run.
const ENDING_OPERATORS: [&str; 4] = ["erase_operator", "sign_out", "end_own_session", "end_other_sessions"];
/// What ends a tenant: of the last of them only, one in so many.
const RULED: usize = 20;
/// One request in so many is an operator's.
const OPERATORS: usize = 8;
/// Kinds of things that operators never see an id of.
const MADE: [NounKind; 6] = [
    NounKind::Project,
    NounKind::Recording,
    NounKind::Transcript,
    NounKind::Storyboard,
    NounKind::Video,
    NounKind::Comment,
];

/// What is known of all that exists.
struct World {
    random: Random,
    document: Value,
    operations: Vec<Operation>,
    people: Vec<Person>,
    /// The tenant of each id that was seen; nothing for the appliance's own.
    owners: HashMap<String, Option<usize>>,
    /// Ids by tenant and prefix.
    ids: HashMap<(Option<usize>, String), Vec<String>>,
    /// The tenants that have an id with a prefix, in the order in which that was seen.
    holders: HashMap<String, Vec<usize>>,
    /// The tenants that operators have closed.
    closed: Vec<String>,
    /// Paths of what an endpoint can change or take away, with the tenant: what lies below something else, or must be in a state.
    ready: BTreeMap<&'static str, Vec<(usize, String)>>,
    /// Answers that say that the appliance is at fault.
    faults: Vec<String>,
    tenants: usize,
    scene: String,
    spare: Vec<String>,
    /// Codes of invitations: tenant, address, code.
    invitations: Vec<(usize, String, String)>,
    /// Tokens of view links, and of views.
    tokens: BTreeMap<usize, Vec<String>>,
    findings: Vec<String>,
    /// How often each operation was answered with each status.
    statuses: BTreeMap<String, BTreeMap<u16, usize>>,
    left: usize,
    /// How many operations count as the end of the run.
    last: usize,
    slow: usize,
    broken: usize,
}

impl Isolation {
    pub(crate) fn run(self) -> Done {
        machine::notes(&self.folder)?;
        let folder = tempfile::tempdir_in(&self.folder)?;
        let data = folder.path().join("data");
        let store = Arc::new(seed::create_store(&data)?);
        let House { people, known, scene, spare } = house::build(&store, self.tenants)?;
        drop(store);
        println!("{} people of {} tenants, {} ids", people.len(), self.tenants, known.len());

        let config = match &self.config {
            Some(config) => config.clone(),
            None => configured(folder.path())?,
        };
        let place = Place { program: self.program.clone(), data, config: Some(config) };
        let server = Server::start(&place)?;
        let target = server.target(false)?;
        let answer = runtime()?.block_on(async {
            target.connect(None).await?.send(&Ask::get("/v1/openapi.json")).await.map_err(crate::Failure::from)
        })?;
        let document: Value = serde_json::from_slice(&answer.body)?;
        let world = World {
            random: Random::new(self.seed),
            operations: sample::operations(&document),
            document,
            people,
            owners: HashMap::new(),
            ids: HashMap::new(),
            holders: HashMap::new(),
            closed: Vec::new(),
            ready: BTreeMap::new(),
            faults: Vec::new(),
            last: self.operations / 5,
            tenants: self.tenants,
            scene,
            spare,
            invitations: Vec::new(),
            tokens: BTreeMap::new(),
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
            let workers: Vec<_> = (0..self.at_once)
                .map(|place| tokio::task::spawn_local(work(world.clone(), target.clone(), place)))
                .collect();
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
        let never = world.report(self.operations, start.elapsed());
        let leaks = world.findings.len();
        machine::bar("endpoints that never succeeded", never as f64, "", 0.0, false);
        machine::bar("leaks", leaks as f64, "", 0.0, false);
        drop(server);
        if leaks > 0 { Err("one tenant saw something of another".into()) } else { Ok(()) }
    }
}

/// A configuration with all that endpoints need: folders for backups and tenants, and one worker at a time.
fn configured(folder: &Path) -> Done<PathBuf> {
    let path = folder.join("appliance.toml");
    let place = folder.display();
    let text = format!(
        "[upkeep]\nbackups = '{place}/backups'\nvolumes = {{ other = '{place}/other' }}\n[exports]\nfolder = '{place}/exports'\n\
         [requests]\naddress_per_second = 100000\n[jobs.runner]\nslots = 1\n"
    );
    std::fs::write(&path, text)?;
    Ok(path)
}

async fn work(world: Rc<RefCell<World>>, target: Target, place: usize) -> Done {
    // Tries to sign in are counted by address.
    let from = Some(Ipv4Addr::new(127, 0, 1, 1 + (place % 250) as u8));
    let mut client: Option<Client> = None;
    loop {
        let Some((person, operation, ask, foreign)) = world.borrow_mut().draw() else { return Ok(()) };
        let mut open = match client.take() {
            Some(client) => client,
            None => target.connect(from).await?,
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
    fn learn(&mut self, id: &str, tenant: Option<usize>) {
        if self.owners.insert(id.to_owned(), tenant).is_none() {
            let known = self.ids.entry((tenant, id[..3].to_owned())).or_default();
            if let (true, Some(tenant)) = (known.is_empty(), tenant) {
                self.holders.entry(id[..3].to_owned()).or_default().push(tenant);
            }
            known.push(id.to_owned());
        }
    }

    /// Someone who may do it, of a tenant that has what the path names, and that path where it is known: chance seldom hits
    /// on both.
    fn fit(&self, operation: &Operation, random: &mut Random) -> Option<(usize, Option<String>)> {
        let pick = |random: &mut Random, fits: &dyn Fn(&Person) -> bool| {
            let fitting: Vec<usize> = (0..self.people.len()).filter(|who| fits(&self.people[*who])).collect();
            random.pick(&fitting).copied()
        };
        match operation.name.as_str() {
            "change_password" => return Some((pick(random, &|person| person.password.is_some())?, None)),
            "close_own_tenant" => {
                let fits =
                    |person: &Person| person.role == "owner" && person.tenant.is_some_and(|of| self.is_ruled(of));
                return Some((pick(random, &fits)?, None));
            }
            _ => {}
        }
        if let Some((tenant, path)) = random.pick(self.ready.get(operation.name.as_str()).unwrap_or(&Vec::new())) {
            let owner = pick(random, &|person| person.tenant == Some(*tenant) && person.role == "owner")?;
            return Some((owner, Some(path.clone())));
        }
        let named = operation.parameters.iter().filter(|(_, place, _, _)| place == "path").find_map(|(name, ..)| {
            if name == "token" {
                return random.pick(&self.tokens.keys().copied().collect::<Vec<_>>()).copied();
            }
            random.pick(self.holders.get(prefix(name)?)?).copied()
        })?;
        let role = if random.below(4) > 0 { "owner" } else { "auditor" };
        Some((pick(random, &|person| person.tenant == Some(named) && person.role == role)?, None))
    }

    /// Whether operators may do to a tenant what they like.
    fn is_ruled(&self, tenant: usize) -> bool {
        tenant >= self.tenants - self.tenants.div_ceil(RULED)
    }

    /// Someone who does something.
    fn draw(&mut self) -> Option<(usize, String, Ask, Vec<String>)> {
        self.left = self.left.checked_sub(1)?;
        let mut random = self.random.clone();
        let wanted = random.below(OPERATORS) == 0;
        let who = loop {
            let who = random.below(self.people.len());
            // Operators are few: they are the last who were there at the start.
            let who =
                if wanted { self.people.iter().position(|person| person.tenant.is_none())? + who % 4 } else { who };
            if self.people[who].tenant.is_none() == wanted {
                break who;
            }
        };
        let operation = loop {
            let operation = random.pick(&self.operations)?;
            let ends = ENDING.iter().any(|word| operation.method == *word || operation.name.contains(word));
            let closes = operation.name == "close_own_tenant" && !wanted;
            if wanted && self.left > self.last && ENDING_OPERATORS.contains(&operation.name.as_str()) {
                continue;
            }
            let ends = ends && !(wanted && self.left <= self.last);
            if (!ends || random.below(5) == 0) && (!closes || random.below(10) == 0) {
                break operation;
            }
        };
        // Only tenants that are there for that may be closed.
        let any = wanted || operation.name != "close_own_tenant" && random.below(2) == 0;
        let fit = if any { None } else { self.fit(operation, &mut random) };
        let (who, known_path) = fit.unwrap_or((who, None));
        let person = &self.people[who];
        let looks = operation.method.eq_ignore_ascii_case("get");
        let mut fields = Fields { world: self, tenant: person.tenant, looks, foreign: Vec::new() };
        // Half of the requests are such that they should succeed, where that is known.
        let sound = random.below(2) == 0 || operation.name == "update_own_tenant";
        let own = person.tenant.map_or_else(|| "operator".to_owned(), mark);
        let slug = person.tenant.map(house::name).unwrap_or_default();
        let picks = RefCell::new(random.clone());
        random.next();
        let id = |prefix: &str| fields.own(prefix, &mut picks.borrow_mut());
        let ruled_id = id("tnt");
        let invitation = random.pick(&self.invitations).map(|(tenant, _, code)| (house::name(*tenant), code.clone()));
        let account = random.pick(&self.invitations);
        let given = Given {
            mark: &own,
            slug: &slug,
            scene: &self.scene,
            id: &id,
            ruled: ruled_id.as_ref().and_then(|id| self.owners.get(id)).copied().flatten().map(house::name),
            invitation,
            closed: random.pick(&self.closed).map(String::as_str),
            account: account
                .map(|(tenant, email, _)| (house::name(*tenant), email.clone(), valid::PASSWORD.to_owned())),
            password: person.password.as_deref(),
        };
        let mut chosen: HashMap<&str, String> = HashMap::new();
        let mut valid_body = None;
        if sound {
            valid_body = valid::body(&operation.name, &given, &mut random);
            for (name, place, _, _) in &operation.parameters {
                let tenant =
                    || ruled_id.clone().filter(|_| place == "path" && name == "tenant" && person.tenant.is_none());
                if let Some(value) = valid::parameter(&operation.name, name, &given).or_else(tenant) {
                    chosen.insert(name, value);
                }
            }
        }
        let (mut path, mut query, mut headers) = (operation.path.clone(), Vec::new(), Vec::new());
        for (name, place, schema, required) in &operation.parameters {
            let made = match chosen.remove(name.as_str()) {
                Some(value) => value,
                None => match sample::value(schema, &self.document, name, 0, &mut fields, &mut random) {
                    Value::String(text) => text,
                    other => other.to_string(),
                },
            };
            let wanted = *required || !sound && random.below(if name == "after" { 12 } else { 3 }) == 0;
            match place.as_str() {
                "path" => path = path.replace(&format!("{{{name}}}"), &escaped(&made)),
                "query" if made != "null" && wanted => query.push(format!("{name}={}", escaped(&made))),
                "header" if name.eq_ignore_ascii_case("if-match") => headers.push(("if-match", "*".to_owned())),
                "header" if name.eq_ignore_ascii_case("upload-offset") => {
                    headers.push(("upload-offset", "0".to_owned()));
                }
                _ => {}
            }
        }
        if let Some(known) = known_path {
            path = known;
        }
        if !query.is_empty() {
            path = format!("{path}?{}", query.join("&"));
        }
        let mut ask =
            Ask::new(&operation.method, path).with("cookie", &person.cookie).with("sec-fetch-site", "same-origin");
        ask.headers.extend(headers);
        if let Some((kind, schema)) = &operation.body {
            if kind.contains("json") {
                let made = || sample::value(schema, &self.document, "", 0, &mut fields, &mut random);
                ask = ask.json(&valid_body.unwrap_or_else(made));
            } else {
                let form = kind.ends_with("urlencoded").then(|| valid::FORM.to_owned());
                ask.body = Some(form.unwrap_or_else(|| valid::sound(&own)).into_bytes());
                ask = ask.with("content-type", kind.as_str());
            }
        }
        let (foreign, name) = (fields.foreign, operation.name.clone());
        self.random = random;
        Some((who, name, ask, foreign))
    }
}

/// The prefix of the ids that a parameter of this name takes.
fn prefix(name: &str) -> Option<&'static str> {
    let kind = NounKind::ALL.iter().find(|kind| kind.label().replace(' ', "_") == name.trim_end_matches("_id"))?;
    Some(kind.prefix())
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
