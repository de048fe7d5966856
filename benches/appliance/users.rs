//! Many people, each with a connection that stays open and a request every few seconds.

use std::{net::Ipv4Addr, rc::Rc, time::Duration};

use clap::Args;
use tokio::{sync::Semaphore, task::LocalSet, time::Instant};

use crate::{
    Done,
    client::{Ask, Client, Target},
    draw::Random,
    machine, runtime,
    server::{Place, Server},
    tally::Tally,
    zipf::{mixed, owners},
};

/// Connections from one loopback address: what it has ports for, with room to spare.
const EACH_ADDRESS: usize = 1_000;

/// Many people with a connection each
#[derive(Debug, Args)]
pub(crate) struct Users {
    #[command(flatten)]
    place: Place,
    /// Connections
    #[arg(long, default_value_t = 10_000)]
    connections: usize,
    /// Requests a second over all of them
    #[arg(long, default_value_t = 1_000.0)]
    rate: f64,
    /// How long to measure, in seconds
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Of all requests, how many in a hundred only read
    #[arg(long, default_value_t = 100)]
    reads: usize,
    /// Use HTTP/2
    #[arg(long)]
    http2: bool,
}

impl Users {
    pub(crate) fn run(self) -> Done {
        machine::notes(&self.place.data)?;
        let server = Server::start(&self.place)?;
        let asks = self.asks()?;
        let target = server.target(self.http2)?;
        runtime()?.block_on(LocalSet::new().run_until(async {
            // One request, so that what is made for the first one does not count as a connection's.
            target.connect(None).await?.send(&asks[0][0]).await?;
            let empty = machine::resident(server.process())?;
            let start = Instant::now();
            let clients = connect(&target, self.connections).await?;
            println!("{} connections in {:.1} s", clients.len(), start.elapsed().as_secs_f64());
            tokio::time::sleep(Duration::from_secs(2)).await;
            let quiet = (machine::resident(server.process())? - empty) as f64 / 1024.0 / clients.len() as f64;

            let before = [machine::used(server.process())?, machine::used(std::process::id())?];
            let (start, period) = (Instant::now(), self.connections as f64 / self.rate);
            let users = clients.into_iter().zip(asks).enumerate().map(|(number, (client, asks))| {
                let first = start + Duration::from_secs_f64(period * number as f64 / self.connections as f64);
                tokio::task::spawn_local(user(client, asks, first, Duration::from_secs_f64(period)))
            });
            let users: Vec<_> = users.collect();
            let mut tally = Tally::default();
            let mut kept = Vec::new();
            for user in users {
                let (client, outcome) = user.await?;
                tally.join(outcome);
                kept.push(client);
            }
            let took = start.elapsed().as_secs_f64();
            let busy = (machine::resident(server.process())? - empty) as f64 / 1024.0 / kept.len() as f64;
            drop(kept);
            tally.print("all");
            println!(
                "processor: appliance {:.2} cores, this program {:.2} cores; {:.0} requests a second; {quiet:.1} KiB a connection before its first request",
                (machine::used(server.process())? - before[0]).as_secs_f64() / took,
                (machine::used(std::process::id())? - before[1]).as_secs_f64() / took,
                tally.count() as f64 / took,
            );
            machine::bar("p95", tally.percentile(0.95), "ms", 200.0, false);
            machine::bar("errors", tally.errors() as f64, "", 0.0, false);
            machine::bar("memory a connection", busy, "KiB", 60.0, false);
            Done::Ok(())
        }))?;
        server.stop()
    }

    /// What each connection will send.
    fn asks(&self) -> Done<Vec<Vec<Ask>>> {
        let owners = owners(&self.place.data)?;
        let mut random = Random::new(3);
        let rounds = (self.seconds as f64 * self.rate / self.connections as f64).ceil() as usize;
        let mut ask = |number: usize| loop {
            let (writes, ask) = mixed(&owners[number % owners.len()], &mut random);
            if writes == (random.below(100) >= self.reads) {
                return ask;
            }
        };
        Ok((0..self.connections).map(|number| (0..rounds.max(1)).map(|_| ask(number)).collect()).collect())
    }
}

async fn connect(target: &Target, count: usize) -> Done<Vec<Client>> {
    let turns = Rc::new(Semaphore::new(32));
    let connections = (0..count).map(|number| {
        let (target, turns) = (target.clone(), turns.clone());
        let from = Ipv4Addr::new(127, 0, 1, u8::try_from(1 + number / EACH_ADDRESS).unwrap_or(254));
        tokio::task::spawn_local(async move {
            let _turn = turns.acquire().await;
            target.connect(Some(from)).await
        })
    });
    let connections: Vec<_> = connections.collect();
    let mut clients = Vec::with_capacity(count);
    for connection in connections {
        clients.push(connection.await??);
    }
    Ok(clients)
}

async fn user(mut client: Client, asks: Vec<Ask>, first: Instant, period: Duration) -> (Client, Tally) {
    let (mut tally, mut at) = (Tally::default(), first);
    for ask in asks {
        tokio::time::sleep_until(at).await;
        match client.send(&ask).await {
            Ok(answer) => tally.answered(at.elapsed(), answer.status),
            Err(_) => tally.broken += 1,
        }
        at += period;
    }
    (client, tally)
}
