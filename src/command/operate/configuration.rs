//! `audiagram config`: what is set, where, and whether it makes sense.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Form;
use crate::{
    console::{self, table::Column},
    failure::Failure,
    serve::{EXAMPLE, Place, Setting},
};

const COLUMNS: [Column; 4] = [("key", "/key"), ("value", "/value"), ("from", "/source"), ("meaning", "/meaning")];

/// Check and show the configuration of the appliance
#[derive(Debug, Args)]
#[command(after_help = "\
Defaults, then the file, then the environment, then flags: the later one counts. The key `max_open` of the section
`store` is AUDIAGRAM_STORE__MAX_OPEN in the environment.

Examples:
  audiagram config check --config /etc/audiagram/audiagram.toml
  audiagram config show --changed
  audiagram config example > audiagram.toml")]
pub(crate) struct ConfigCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Say whether the configuration can be used
    Check(Plain),
    /// Show every key with its value, where it was set and what it means; secrets are not shown
    Show(Show),
    /// Print a file with every key at its default
    Example,
}

#[derive(Debug, Args)]
struct Plain {
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct Show {
    /// Only what is not as built in
    #[arg(long)]
    changed: bool,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    place: Place,
}

impl ConfigCommand {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        match &self.verb {
            Verb::Check(Plain { place }) => {
                let settings = place.settings()?;
                let changed = settings.all().iter().filter(|setting| setting.is_changed()).count();
                let file = settings.file.map_or("no file".to_owned(), |file| file.display().to_string());
                console::print(&format!("good: {file}, {changed} keys are not as built in\n"))
            }
            Verb::Show(show) => {
                let all = show.place.settings()?.all();
                let items: Vec<Value> =
                    all.iter().filter(|setting| !show.changed || setting.is_changed()).map(told).collect();
                show.form.list(&COLUMNS, &items, "everything is as built in")
            }
            Verb::Example => console::print(EXAMPLE),
        }
    }
}

fn told(setting: &Setting) -> Value {
    let Setting { key, value, default, differs: _, source, meaning } = setting;
    json!({ "key": key, "value": value, "default": default, "source": source.to_string(), "meaning": meaning })
}
