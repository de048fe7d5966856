//! Many people who edit one storyboard together: how long until all the others have an edit, beside a relay that does nothing but
//! pass it on; and whether all have the same in the end, whatever they did apart and however often the appliance was killed.

mod apart;
mod desk;
mod together;

use std::path::PathBuf;

use clap::Args;

use crate::{
    Done, machine,
    server::{Place, Server},
    throughput::Bare,
};
use desk::Desk;

/// Many people who edit one storyboard together
#[derive(Debug, Args)]
pub(crate) struct Collaborate {
    /// The program
    #[arg(long, env = "AUDIAGRAM", default_value = "audiagram")]
    program: PathBuf,
    /// Where to make the data folder
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
    /// How many edit
    #[arg(long, default_value_t = 50)]
    editors: usize,
    /// Boxes of the diagram beside those that are there
    #[arg(long, default_value_t = 40)]
    boxes: usize,
    /// Edits a second of all together, while all are connected
    #[arg(long, default_value_t = 10.0)]
    rate: f64,
    /// Moves of a pointer a second of each
    #[arg(long, default_value_t = 1.0)]
    moves: f64,
    /// How long a turn of that lasts, in seconds
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Turns at the appliance and at the relay
    #[arg(long, default_value_t = 3)]
    turns: usize,
    /// Edits of all together, while they come and go
    #[arg(long, default_value_t = 10_000)]
    edits: usize,
    /// The longest time between two kills meanwhile, in milliseconds
    #[arg(long, default_value_t = 5_000)]
    longest_ms: usize,
    /// Another run of chance
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Collaborate {
    pub(crate) fn run(self) -> Done {
        machine::notes(&self.folder)?;
        let folder = tempfile::tempdir_in(&self.folder)?;
        let place = Place { program: self.program.clone(), data: folder.path().join("data"), config: None };
        let mut desk = Desk::make(&place)?;
        let server = Server::start(&place)?;
        desk.furnish(&server.target(false)?, self.boxes)?;
        std::fs::write(folder.path().join("answer"), "")?;
        let relay = Bare::start(&place.data.join("tls"), folder.path())?;
        self.together(&desk, &server, &relay)?;
        drop(relay);
        self.revoke(&mut desk, &server)?;
        self.apart(&desk, &place, server)
    }
}
