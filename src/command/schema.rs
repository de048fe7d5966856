//! `audiagram schema`: the JSON Schemas of the formats.

use clap::{Args, ValueEnum};

use crate::console;
use crate::failure::Failure;

/// Print the JSON Schema of a format
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  audiagram schema storyboard > studio.scene.schema.json")]
pub(crate) struct Schema {
    /// Which format
    #[arg(value_enum)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// `studio.scene/1`
    Storyboard,
    /// `studio.transcript/1`
    Transcript,
    /// The operations of `audiagram edit`
    Edit,
}

impl Schema {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let schema = match self.format {
            Format::Storyboard => studio::storyboard::schema(),
            Format::Transcript => studio::transcript::schema(),
            Format::Edit => studio::edit::schema(),
        };
        console::print(&studio::storyboard::pretty(&schema))
    }
}
