//! Requests to many tenants, the n-th 1/n as often as the first, four of five reading, at a fixed rate whatever the appliance does.

use std::{
    cell::RefCell,
    collections::{HashMap, VecDeque},
    path::Path,
    rc::Rc,
    time::Duration,
};

use clap::Args;
use serde_json::json;
use tokio::{sync::Semaphore, task::LocalSet, time::Instant};

use crate::{
    Done,
    client::{Ask, Client, Target},
    draw::{Popularity, Random},
    machine,
    people::{self, Owner},
    runtime,
    server::{Place, Server},
    tally::Tally,
};

/// Requests to many tenants, most to few, at a fixed rate
#[derive(Debug, Args)]
pub(crate) struct Zipf {
    #[command(flatten)]
    place: Place,
    /// Tenants in the folder
    #[arg(long)]
    tenants: usize,
    /// Requests a second
    #[arg(long, default_value_t = 500.0)]
    rate: f64,
    /// How long to measure, in seconds
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// How long to send before, in seconds
    #[arg(long, default_value_t = 15)]
    warm: u64,
    /// Connections
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Use HTTP/2, with 16 requests at once on each of the connections
    #[arg(long)]
    http2: bool,
    /// The bar of the 95th percentile, in ms
    #[arg(long, default_value_t = 25.0)]
    bar: f64,
}

impl Zipf {
    pub(crate) fn run(self) -> Done {
        machine::notes(&self.place.data)?;
        let owners: HashMap<usize, Owner> =
            people::read(&self.place.data)?.into_iter().map(|owner| (owner.rank, owner)).collect();
        let server = Server::start(&self.place)?;
        let total = (self.rate * (self.warm + self.seconds) as f64) as usize;
        let mut random = Random::new(23);
        let draws = Popularity::draws(self.tenants, total);
        let asks = draws.iter().map(|rank| owners.get(rank).map(|owner| mixed(owner, &mut random)));
        let asks: Option<Vec<(bool, Ask)>> = asks.collect();
        let asks = asks
            .ok_or("a tenant without people is asked for: seed with --requests of at least rate * (warm + seconds)")?;

        let warm = (self.rate * self.warm as f64) as usize;
        let load = Load { target: server.target(self.http2)?, connections: self.connections, rate: self.rate };
        let before = [machine::used(server.process())?, machine::used(std::process::id())?];
        let start = std::time::Instant::now();
        let [reads, writes] = runtime()?.block_on(LocalSet::new().run_until(load.send(asks, warm)))?;
        let took = start.elapsed();
        let share =
            |process, before: Duration| Done::Ok((machine::used(process)? - before).as_secs_f64() / took.as_secs_f64());
        reads.print("reads");
        writes.print("writes");
        let mut all = reads;
        all.join(writes);
        all.print("all");
        println!(
            "processor: appliance {:.2} cores, this program {:.2} cores; resident memory of the appliance {:.0} MB",
            share(server.process(), before[0])?,
            share(std::process::id(), before[1])?,
            machine::resident(server.process())? as f64 / 1e6
        );
        println!("tenants {}, {} requests a second, HTTP/{}", self.tenants, self.rate, if self.http2 { 2 } else { 1 });
        machine::bar("p95", all.percentile(0.95), "ms", self.bar, false);
        machine::bar("errors", all.errors() as f64, "", 0.0, false);
        server.stop()
    }
}

/// What people do: they look at a project, list them, change one, make one. Says whether it writes.
pub(crate) fn mixed(owner: &Owner, random: &mut Random) -> (bool, Ask) {
    let project = random.pick(&owner.projects).map_or("", String::as_str);
    let (writes, ask) = match random.below(10) {
        0 => (true, Ask::new("POST", "/v1/projects").json(&json!({"title": format!("Made {}", random.next())}))),
        1 => {
            let body = json!({"description": format!("Changed {}", random.next())});
            (true, Ask::new("PATCH", format!("/v1/projects/{project}")).with("if-match", "*").json(&body))
        }
        2 | 3 => (false, Ask::get("/v1/projects?limit=20")),
        _ => (false, Ask::get(format!("/v1/projects/{project}"))),
    };
    (writes, ask.key(&owner.key))
}

/// Sends at a rate over a pool of connections. A request that finds all of them busy waits, and its waiting counts.
pub(crate) struct Load {
    pub(crate) target: Target,
    pub(crate) connections: usize,
    pub(crate) rate: f64,
}

type Queue = Rc<RefCell<VecDeque<(Instant, usize)>>>;

impl Load {
    /// The outcomes of reads and of writes, those of the first `warm` requests left out.
    pub(crate) async fn send(self, asks: Vec<(bool, Ask)>, warm: usize) -> Done<[Tally; 2]> {
        let asks = Rc::new(asks);
        let (queue, there) = (Queue::default(), Rc::new(Semaphore::new(0)));
        let mut clients = Vec::new();
        for _ in 0..self.connections {
            let client = self.target.connect(None).await?;
            for _ in 1..16 {
                clients.extend(client.share());
            }
            clients.push(client);
        }
        let users = clients.into_iter().map(|client| {
            let user = User { target: self.target.clone(), client, warm };
            tokio::task::spawn_local(user.send(asks.clone(), queue.clone(), there.clone()))
        });
        let users: Vec<_> = users.collect();
        let (mut random, mut at) = (Random::new(5), Instant::now());
        for number in 0..asks.len() {
            at += Duration::from_secs_f64(random.wait(self.rate));
            tokio::time::sleep_until(at).await;
            queue.borrow_mut().push_back((at, number));
            there.add_permits(1);
        }
        // What is still queued is taken before a closed semaphore turns the users away.
        while there.available_permits() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        there.close();
        let mut outcomes = [Tally::default(), Tally::default()];
        for user in users {
            let [reads, writes] = user.await?;
            outcomes[0].join(reads);
            outcomes[1].join(writes);
        }
        Ok(outcomes)
    }
}

struct User {
    target: Target,
    client: Client,
    warm: usize,
}

impl User {
    async fn send(mut self, asks: Rc<Vec<(bool, Ask)>>, queue: Queue, there: Rc<Semaphore>) -> [Tally; 2] {
        let mut outcomes = [Tally::default(), Tally::default()];
        while let Ok(turn) = there.acquire().await {
            turn.forget();
            let Some((at, number)) = queue.borrow_mut().pop_front() else { continue };
            let (writes, ask) = &asks[number];
            let answer = self.client.send(ask).await;
            let outcome = &mut outcomes[usize::from(*writes)];
            match answer {
                Ok(answer) if number >= self.warm => outcome.answered(at.elapsed(), answer.status),
                Ok(_) => {}
                Err(_) => {
                    outcome.broken += 1;
                    if let Ok(client) = self.target.connect(None).await {
                        self.client = client;
                    }
                }
            }
        }
        outcomes
    }
}

/// The owners of a folder, at least one.
pub(crate) fn owners(data: &Path) -> Done<Vec<Owner>> {
    let owners = people::read(data)?;
    if owners.is_empty() { Err("no tenant of the folder has people: seed with --begin".into()) } else { Ok(owners) }
}
