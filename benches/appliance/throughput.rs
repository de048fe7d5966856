//! An authenticated read with its permission check and audit rules, beside a bare handler that returns the same bytes: one run,
//! one client, turn by turn.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command},
    time::{Duration, Instant},
};

use clap::Args;

use crate::{
    Done,
    client::{Ask, Target},
    machine, runtime,
    server::{Place, Server},
    zipf::owners,
};

/// An authenticated read beside a bare handler
#[derive(Debug, Args)]
pub(crate) struct Throughput {
    #[command(flatten)]
    place: Place,
    /// Connections, each with one request at a time
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// How long a turn lasts, in seconds
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Turns of each
    #[arg(long, default_value_t = 5)]
    turns: usize,
    /// Use HTTP/2
    #[arg(long)]
    http2: bool,
}

/// What a turn came to.
struct Turn {
    /// Answers a second.
    rate: f64,
    /// Processor time of the server for an answer, in microseconds.
    cost: f64,
}

impl Throughput {
    pub(crate) fn run(self) -> Done {
        machine::notes(&self.place.data)?;
        let owner = owners(&self.place.data)?.swap_remove(0);
        let ask = Ask::get(format!("/v1/projects/{}", owner.projects[0])).key(&owner.key);
        let server = Server::start(&self.place)?;
        let folder = tempfile::tempdir()?;
        let answer = runtime()?.block_on(async {
            server.target(false)?.connect(None).await?.send(&ask).await.map_err(crate::Failure::from)
        })?;
        if answer.status != 200 {
            return Err(format!("the read is answered {}", answer.status).into());
        }
        std::fs::write(folder.path().join("answer"), &answer.body)?;
        let tls = self.place.data.join("tls");
        let peer = Bare::start(&tls, folder.path())?;
        let peer_target = Target::new(peer.address, &tls.join("cert.pem"), self.http2)?;
        let targets = [(server.target(self.http2)?, server.process()), (peer_target, peer.process())];

        // The appliance in the first row, the bare handler in the second.
        let mut turns = [Vec::new(), Vec::new()];
        for _ in 0..=self.turns {
            for (row, (target, process)) in turns.iter_mut().zip(&targets) {
                row.push(self.turn(target, *process, &ask)?);
            }
        }
        // The first turn of each only warms up.
        let median = |row: &[Turn], of: fn(&Turn) -> f64| {
            let mut values: Vec<f64> = row[1..].iter().map(of).collect();
            values.sort_unstable_by(f64::total_cmp);
            values[values.len() / 2]
        };
        let [ours, bare] = turns.each_ref().map(|row| (median(row, |turn| turn.rate), median(row, |turn| turn.cost)));
        println!("appliance: {:.0} answers a second, {:.1} us of processor time each", ours.0, ours.1);
        println!("bare axum + rustls: {:.0} answers a second, {:.1} us of processor time each", bare.0, bare.1);
        println!(
            "{} bytes, {} connections, HTTP/{}",
            answer.body.len(),
            self.connections,
            if self.http2 { 2 } else { 1 }
        );
        machine::bar("share of the bare handler's throughput", ours.0 / bare.0, "", 0.6, true);
        println!("share by processor time of the server alone: {:.3}", bare.1 / ours.1);
        server.stop()
    }

    fn turn(&self, target: &Target, process: u32, ask: &Ask) -> Done<Turn> {
        let length = Duration::from_secs(self.seconds);
        runtime()?.block_on(async {
            let mut clients = Vec::new();
            for _ in 0..self.connections {
                clients.push(target.connect(None).await?);
            }
            let (start, before) = (Instant::now(), machine::used(process)?);
            let users = clients.into_iter().map(|mut client| {
                let ask = ask.clone();
                tokio::spawn(async move {
                    let mut count = 0u64;
                    while start.elapsed() < length {
                        if client.send(&ask).await?.status != 200 {
                            return Err(std::io::Error::other("a read failed"));
                        }
                        count += 1;
                    }
                    Ok(count)
                })
            });
            let mut count = 0;
            for user in users.collect::<Vec<_>>() {
                count += user.await??;
            }
            let cost = (machine::used(process)? - before).as_secs_f64() * 1e6 / count as f64;
            Ok(Turn { rate: count as f64 / start.elapsed().as_secs_f64(), cost })
        })
    }
}

/// The bare handler as a process of its own.
pub(crate) struct Bare {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Bare {
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn start(tls: &Path, folder: &Path) -> Done<Self> {
        let place = folder.join("address");
        let child = Command::new(std::env::current_exe()?)
            .arg("peer")
            .arg("--tls")
            .arg(tls)
            .arg("--answer")
            .arg(folder.join("answer"))
            .arg("--address")
            .arg(&place)
            .spawn()?;
        let mut bare = Bare { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        for _ in 0..500 {
            if let Some(address) = std::fs::read_to_string(&place).ok().and_then(|text| text.parse().ok()) {
                bare.address = address;
                return Ok(bare);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Err("the bare handler did not start".into())
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
