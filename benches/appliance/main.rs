//! Load programs: measure a running appliance, and parts of it, against the bars in `README.md` beside this file.

#![allow(clippy::print_stdout, reason = "its output is what it is for")]
#![allow(clippy::disallowed_methods, reason = "it measures time and starts the appliance as a process of its own")]

mod audit;
mod client;
mod collaborate;
mod crash;
mod decision;
mod draw;
mod editor;
mod house;
mod isolation;
mod machine;
mod noisy;
mod peer;
mod people;
mod relay;
mod sample;
mod seed;
mod server;
mod tally;
mod throughput;
mod users;
mod valid;
mod zipf;

use clap::{Parser, Subcommand};

/// What went wrong: read by a person, once.
type Failure = Box<dyn std::error::Error + Send + Sync>;
type Done<T = ()> = Result<T, Failure>;

#[derive(Debug, Parser)]
#[command(about = "Measures a running appliance against its bars")]
struct Arguments {
    #[command(subcommand)]
    program: Program,
}

#[derive(Debug, Subcommand)]
enum Program {
    /// Make a data folder with many tenants
    Seed(seed::Seed),
    /// Memory of the appliance at rest
    Footprint(server::Footprint),
    /// Requests to many tenants, most to few, at a fixed rate
    Zipf(zipf::Zipf),
    /// Many people with a connection each
    Users(users::Users),
    /// An authenticated read beside a bare handler
    Throughput(throughput::Throughput),
    /// The bare handler: started by `throughput`
    Peer(peer::Peer),
    /// The permission check
    Decision(decision::Decision),
    /// Audit rows appended and proven
    Audit(audit::Audit),
    /// The appliance killed again and again
    Crash(crash::Crash),
    /// What one tenant can see of another
    Isolation(isolation::Isolation),
    /// One tenant far above its limit
    Noisy(noisy::Noisy),
    /// Many people who edit one storyboard together
    Collaborate(collaborate::Collaborate),
}

fn main() -> Done {
    machine::raise_file_limit();
    match Arguments::parse().program {
        Program::Seed(program) => program.run(),
        Program::Footprint(program) => program.run(),
        Program::Zipf(program) => program.run(),
        Program::Users(program) => program.run(),
        Program::Throughput(program) => program.run(),
        Program::Peer(program) => program.run(),
        Program::Decision(program) => program.run(),
        Program::Audit(program) => program.run(),
        Program::Crash(program) => program.run(),
        Program::Isolation(program) => program.run(),
        Program::Noisy(program) => program.run(),
        Program::Collaborate(program) => program.run(),
    }
}

/// A runtime of one thread: what measures shares the machine with what is measured.
fn runtime() -> Done<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}
