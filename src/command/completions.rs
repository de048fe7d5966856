//! `audiagram completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::console;
use crate::failure::Failure;

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  audiagram completions bash > ~/.local/share/bash-completion/completions/audiagram")]
pub(crate) struct Completions {
    /// Which shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::Cli::command(), "audiagram", &mut script);
        console::print(&String::from_utf8_lossy(&script))
    }
}
