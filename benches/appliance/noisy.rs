//! One tenant that asks for twenty times what its plan allows, and what others feel of it.

use clap::Args;
use tokio::task::LocalSet;

use crate::{
    Done,
    client::Ask,
    draw::Random,
    machine,
    people::Owner,
    runtime,
    server::{Place, Server},
    tally::Tally,
    zipf::{Load, mixed, owners},
};

/// One tenant far above its limit
#[derive(Debug, Args)]
pub(crate) struct Noisy {
    #[command(flatten)]
    place: Place,
    /// Requests a second that the noisy tenant's plan allows
    #[arg(long, default_value_t = 100.0)]
    limit: f64,
    /// Requests a second of the others together
    #[arg(long, default_value_t = 100.0)]
    rate: f64,
    /// How long a turn lasts, in seconds
    #[arg(long, default_value_t = 15.0)]
    seconds: f64,
    /// Turns with and without noise
    #[arg(long, default_value_t = 3)]
    turns: usize,
}

impl Noisy {
    pub(crate) fn run(self) -> Done {
        machine::notes(&self.place.data)?;
        let mut owners = owners(&self.place.data)?;
        let loud = owners.remove(0);
        let server = Server::start(&self.place)?;
        let mut random = Random::new(9);
        let mut p95 = [Vec::new(), Vec::new()];
        for turn in 0..=self.turns {
            for (noise, times) in p95.iter_mut().enumerate() {
                let (others, heard) = self.turn(&server, &owners, &loud, noise == 1, &mut random)?;
                // The first turns open files and warm up.
                if turn > 0 {
                    others.print(if noise == 1 { "others, with noise" } else { "others" });
                    times.push(others.percentile(0.95));
                }
                if let Some(heard) = heard {
                    heard.print("  the noisy one");
                }
            }
        }
        let [quiet, noisy] = p95.map(|mut times| {
            times.sort_unstable_by(f64::total_cmp);
            times[times.len() / 2]
        });
        println!(
            "others' p95: {quiet:.2} ms alone, {noisy:.2} ms beside one at {:.0} requests a second",
            self.limit * 20.0
        );
        machine::bar("others' p95 with noise over without", noisy / quiet, "", 1.25, false);
        server.stop()
    }

    fn turn(
        &self,
        server: &Server,
        owners: &[Owner],
        loud: &Owner,
        noise: bool,
        random: &mut Random,
    ) -> Done<(Tally, Option<Tally>)> {
        let load = |rate, connections| Done::Ok(Load { target: server.target(false)?, connections, rate });
        let count = (self.rate * self.seconds) as usize;
        let quiet: Vec<(bool, Ask)> = (0..count).map(|number| mixed(&owners[number % owners.len()], random)).collect();
        let loud: Vec<(bool, Ask)> =
            (0..(self.limit * 20.0 * self.seconds) as usize).map(|_| mixed(loud, random)).collect();
        let (others, heard) = (load(self.rate, 32)?, load(self.limit * 20.0, 32)?);
        let both = async {
            if noise {
                let (others, heard) = tokio::join!(others.send(quiet, 0), heard.send(loud, 0));
                Done::Ok((others?, Some(heard?)))
            } else {
                Ok((others.send(quiet, 0).await?, None))
            }
        };
        let (others, heard) = runtime()?.block_on(LocalSet::new().run_until(both))?;
        let joined = |[mut reads, writes]: [Tally; 2]| {
            reads.join(writes);
            reads
        };
        Ok((joined(others), heard.map(joined)))
    }
}
