//! The command line, one module a noun or verb.

mod beside;
mod completions;
mod edit;
mod eval;
mod export;
mod input;
#[cfg(feature = "appliance")]
mod language_model;
mod make;
pub(crate) mod model;
#[cfg(feature = "appliance")]
mod operate;
mod options;
mod outline;
mod perform;
mod render;
mod review;
mod schema;
#[cfg(feature = "appliance")]
mod serve;
mod transcribe;
mod validate;
mod worker;

use clap::{Parser, Subcommand};

use crate::console::ConsoleArgs;
use crate::failure::EXIT_CODES;

const EXAMPLES: &str = "\
Examples:
  audiagram make talk.m4a                 talk.mp4, captions and storyboard beside it
  audiagram make talk.m4a --theme dark --size 9:16 --out videos
  audiagram outline notes.txt             a storyboard from text, as JSON
  audiagram edit talk.storyboard.json set-label s1 \"Orders\"
  audiagram render talk.storyboard.json   the video again, after an edit
  audiagram export talk.storyboard.json --to pptx,html
  audiagram model fetch                   the speech model, once
  audiagram doctor                        what is missing on this machine
  audiagram serve                         the appliance for many tenants, over HTTPS
  audiagram tenant create acme --owner ada@example.org

Nothing leaves this machine; only `model fetch`, `--server` and `--llm-url` use the network, and
`serve` answers it.";

/// Turns recorded speech into an animated, narrated diagram video, on this machine
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) console: ConsoleArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Make(make::Make),
    Transcribe(transcribe::Transcribe),
    Outline(outline::Outline),
    Render(render::Render),
    Export(export::Export),
    Validate(validate::Validate),
    Edit(edit::Edit),
    Eval(eval::Eval),
    Schema(schema::Schema),
    Model(model::ModelCommand),
    Doctor(crate::doctor::Doctor),
    Completions(completions::Completions),
    #[cfg(feature = "appliance")]
    Serve(serve::Serve),
    #[cfg(feature = "appliance")]
    Tenant(operate::tenant::TenantCommand),
    #[cfg(feature = "appliance")]
    User(operate::user::UserCommand),
    #[cfg(feature = "appliance")]
    Role(operate::role::RoleCommand),
    #[cfg(feature = "appliance")]
    Key(operate::key::KeyCommand),
    #[cfg(feature = "appliance")]
    Audit(operate::audit::AuditCommand),
    #[cfg(feature = "appliance")]
    Config(operate::configuration::ConfigCommand),
    #[cfg(feature = "appliance")]
    Healthcheck(operate::healthcheck::HealthCheck),
    #[cfg(feature = "appliance")]
    Openapi(operate::openapi::OpenApi),
    #[cfg(feature = "appliance")]
    Backup(operate::backup::BackupCommand),
    #[cfg(feature = "appliance")]
    Restore(operate::backup::Restore),
    #[cfg(feature = "appliance")]
    SupportBundle(operate::support::SupportBundle),
    #[cfg(feature = "appliance")]
    Sql(operate::sql::Sql),
    #[cfg(feature = "appliance")]
    Connector(operate::connector::ConnectorCommand),
    #[cfg(feature = "appliance")]
    Table(operate::extract::TableCommand),
    #[command(hide = true)]
    Worker(worker::Worker),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
