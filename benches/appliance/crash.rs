//! The appliance killed without a warning at random moments while several tenants write; after each restart every acknowledged
//! write must be there, and every tenant's audit log must verify and hold one row for each write.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    path::PathBuf,
    process::Command,
    rc::Rc,
    time::{Duration, Instant},
};

use clap::Args;
use library::project::Project;
use model::{Action, Id, Outcome, Permission, noun};
use serde_json::{Value, json};
use store::{MAX_PAGE, Query, Read as _, Store, chain::Frontier};
use tenancy::Plan;
use tokio::task::LocalSet;

use crate::{
    Done,
    client::{Ask, Target},
    draw::Random,
    machine,
    people::Owner,
    runtime, seed,
    server::{Place, Server, copy},
};

/// The appliance killed again and again
#[derive(Debug, Args)]
pub(crate) struct Crash {
    /// The program
    #[arg(long, env = "AUDIAGRAM", default_value = "audiagram")]
    program: PathBuf,
    /// How often it is killed
    #[arg(long, default_value_t = 1_000)]
    rounds: usize,
    /// Tenants
    #[arg(long, default_value_t = 8)]
    tenants: usize,
    /// Writers at once for each tenant
    #[arg(long, default_value_t = 4)]
    writers: usize,
    /// The longest time under load before it is killed, in milliseconds
    #[arg(long, default_value_t = 400)]
    longest_ms: usize,
    /// Begin with a fresh data folder after so many rounds, so that looking at all of it stays quick
    #[arg(long, default_value_t = 40)]
    renew: usize,
    /// Where to make the data folders
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
    /// Another run of chance
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What the appliance said is stored: title and description of each project, by tenant and id.
type Acknowledged = BTreeMap<(usize, String), (String, String)>;

struct House {
    _folder: tempfile::TempDir,
    place: Place,
    owners: Vec<Owner>,
    acknowledged: Acknowledged,
    /// Those of the round before, looked at through the API too.
    fresh: Vec<(usize, String)>,
}

impl Crash {
    pub(crate) fn run(self) -> Done {
        machine::notes(&self.folder)?;
        let mut random = Random::new(self.seed);
        let (mut writes, mut ready, mut in_start) = (0, Vec::new(), 0);
        let mut house = self.house()?;
        let begun = Instant::now();
        for round in 0..self.rounds {
            if round > 0 && round % self.renew == 0 {
                house = self.house()?;
            }
            if random.below(8) == 0 {
                self.kill_in_start(&house.place, &mut random)?;
                in_start += 1;
            } else {
                let server = Server::start(&house.place)?;
                ready.push(server.ready_in.as_secs_f64());
                let target = server.target(false)?;
                let time = Duration::from_millis(20 + random.below(self.longest_ms) as u64);
                writes += runtime()?
                    .block_on(LocalSet::new().run_until(self.round(&mut house, server, target, time, round)))?;
            }
            house.look().map_err(|error| format!("round {round}: {error}"))?;
            if (round + 1) % 50 == 0 {
                println!(
                    "{} rounds in {:.0} s, {writes} acknowledged writes, none lost",
                    round + 1,
                    begun.elapsed().as_secs_f64()
                );
            }
        }
        ready.sort_unstable_by(f64::total_cmp);
        let slowest = ready.last().copied().unwrap_or(0.0);
        println!(
            "{} kills ({in_start} of them while it started), {writes} acknowledged writes: 0 lost, 0 doubled; every audit log verified after every kill",
            self.rounds
        );
        println!("ready again: p50 {:.3} s", ready.get(ready.len() / 2).copied().unwrap_or(0.0));
        machine::bar("ready again, slowest", slowest, "s", 10.0, false);
        Ok(())
    }

    fn house(&self) -> Done<House> {
        let folder = tempfile::tempdir_in(&self.folder)?;
        let data = folder.path().join("data");
        let store = seed::create_store(&data)?;
        let tenants = seed::create(&store, self.tenants, Plan::Enterprise)?;
        let owners = seed::begin_all(&store, &tenants, &(0..self.tenants).collect::<Vec<_>>(), 8)?;
        let place = Place { program: self.program.clone(), data, config: None };
        Ok(House { _folder: folder, place, owners, acknowledged: BTreeMap::new(), fresh: Vec::new() })
    }

    /// Kills it before it is ready: in the middle of repairing what the last kill left.
    fn kill_in_start(&self, place: &Place, random: &mut Random) -> Done {
        let mut command = Command::new(&self.program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&place.data);
        let log = std::fs::File::create(place.data.join("serve.log"))?;
        let mut child = command.stdout(log.try_clone()?).stderr(log).spawn()?;
        std::thread::sleep(Duration::from_millis(random.below(60) as u64));
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Looks at what the round before wrote, writes, and kills. Says how many writes were acknowledged.
    async fn round(
        &self,
        house: &mut House,
        server: Server,
        target: Target,
        time: Duration,
        round: usize,
    ) -> Done<usize> {
        house.ask(&target).await?;
        let outcome = Rc::new(RefCell::new(Acknowledged::new()));
        for (number, owner) in house.owners.iter().enumerate() {
            for writer in 0..self.writers {
                let (owner, target, outcome) = (owner.clone(), target.clone(), outcome.clone());
                tokio::task::spawn_local(async move {
                    let _ = write(number, &owner, &target, &outcome, &format!("{round}.{writer}")).await;
                });
            }
        }
        tokio::time::sleep(time).await;
        server.kill()?;
        // What had been answered before the kill may still lie in sockets: it counts as acknowledged too.
        tokio::time::sleep(Duration::from_millis(10)).await;
        let written = outcome.take();
        let count = written.len();
        house.fresh = written.keys().cloned().collect();
        house.acknowledged.extend(written);
        Ok(count)
    }
}

/// Makes projects and changes every second one, until the appliance is gone.
async fn write(number: usize, owner: &Owner, target: &Target, outcome: &RefCell<Acknowledged>, mark: &str) -> Done {
    let mut client = target.connect(None).await?;
    for turn in 0.. {
        let title = format!("{mark}.{turn}");
        let ask = Ask::new("POST", "/v1/projects").key(&owner.key).json(&json!({"title": title}));
        let answer = client.send(&ask).await?;
        if answer.status != 201 {
            return Err(format!("a write is answered {}", answer.status).into());
        }
        let id = serde_json::from_slice::<Value>(&answer.body)?["id"].as_str().unwrap_or_default().to_owned();
        outcome.borrow_mut().insert((number, id.clone()), (title.clone(), String::new()));
        if turn % 2 == 1 {
            let body = json!({"description": title});
            let ask = Ask::new("PATCH", format!("/v1/projects/{id}")).key(&owner.key).with("if-match", "*").json(&body);
            // From here on the change may be stored although nobody hears of it.
            outcome.borrow_mut().insert((number, id.clone()), (title.clone(), "?".to_owned()));
            if client.send(&ask).await?.status == 200 {
                outcome.borrow_mut().insert((number, id), (title.clone(), title));
            }
        }
    }
    Ok(())
}

/// Whether a stored description is what was acknowledged.
fn fits(stored: &str, title: &str, acknowledged: &str) -> bool {
    stored == acknowledged || acknowledged == "?" && (stored.is_empty() || stored == title)
}

impl House {
    /// Every write of the round before, through the API.
    async fn ask(&mut self, target: &Target) -> Done {
        let mut client = target.connect(None).await?;
        for at in self.fresh.drain(..) {
            let (title, description) = &self.acknowledged[&at];
            let ask = Ask::get(format!("/v1/projects/{}", at.1)).key(&self.owners[at.0].key);
            let answer = client.send(&ask).await?;
            let found: Value = serde_json::from_slice(&answer.body)?;
            let stored = found["description"].as_str().unwrap_or_default();
            if answer.status != 200 || found["title"] != title.as_str() || !fits(stored, title, description) {
                return Err(format!("acknowledged and lost: {at:?}, answered {} {found}", answer.status).into());
            }
        }
        Ok(())
    }

    /// All that is stored, in a copy, so that the appliance meets its files as the kill left them.
    fn look(&self) -> Done {
        let folder = tempfile::tempdir_in(self.place.data.parent().ok_or("a folder has a parent")?)?;
        let data = folder.path().join("copy");
        copy(&self.place.data, &data)?;
        let store = seed::open_store(&data)?;
        for (number, owner) in self.owners.iter().enumerate() {
            let tenant: Id<noun::Tenant> = owner.tenant.parse()?;
            self.tenant(number, &store, tenant).map_err(|error| format!("tenant {number}: {error}"))?;
        }
        Ok(())
    }

    fn tenant(&self, number: usize, store: &Store, tenant: Id<noun::Tenant>) -> Done {
        let db = store.tenant(tenant)?;
        let ((size, root), view) = (db.audit_head()?, db.read()?);
        let (mut frontier, mut created, mut updated) = (Frontier::default(), 0, 0);
        while frontier.size() < size {
            let from = frontier.size();
            let leaves = view.audit_leaves(from, usize::MAX)?;
            for (_, event) in view.audit_rows(from, usize::MAX)? {
                let event = event.ok_or("an audit row is gone")?;
                if event.outcome == Outcome::Done {
                    created += usize::from(event.action == Action::Permission(Permission::ProjectCreate));
                    updated += u64::from(event.action == Action::Permission(Permission::ProjectUpdate));
                }
            }
            if leaves.is_empty() {
                return Err(format!("the audit log ends at {from} of {size} rows").into());
            }
            for (_, leaf) in leaves {
                frontier.append(leaf.hash(), &mut |_, _, _| ());
            }
        }
        if (frontier.size(), frontier.root()) != (size, root) {
            return Err("the audit log does not verify".into());
        }
        let mut projects = BTreeMap::new();
        let (mut after, mut changes) = (None, 0);
        loop {
            let query = Query { after: after.as_ref(), ..Query::newest(MAX_PAGE) };
            let page = view.list::<Project>(&query, |_| true)?;
            for project in page.items {
                changes += project.header.version - 1;
                projects.insert(project.header.id.to_string(), project);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let seeded = self.owners[number].projects.len();
        if (projects.len(), changes) != (created + seeded, updated) {
            let stored = projects.len() - seeded;
            return Err(
                format!("{stored} projects and {changes} changes are stored, {created} and {updated} audited").into()
            );
        }
        for ((_, id), (title, description)) in
            self.acknowledged.range((number, String::new())..(number + 1, String::new()))
        {
            let there = projects
                .get(id)
                .is_some_and(|project| project.title == *title && fits(&project.description, title, description));
            if !there {
                return Err(format!("acknowledged and lost: {id} {title}").into());
            }
        }
        let mut titles: Vec<&str> = projects.values().map(|project| project.title.as_str()).collect();
        let count = titles.len();
        titles.sort_unstable();
        titles.dedup();
        if titles.len() != count { Err("a write is there twice".into()) } else { Ok(()) }
    }
}
