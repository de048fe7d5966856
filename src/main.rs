//! `audiagram`: recorded speech in, an animated diagram video out.

#[cfg(feature = "appliance")]
mod client;
mod command;
mod console;
mod doctor;
mod failure;
mod files;
mod job;
#[cfg(feature = "appliance")]
mod serve;
#[cfg(feature = "appliance")]
mod support;
mod worker;

use std::process::ExitCode;

use clap::Parser;

use command::{Cli, Command};
use console::Console;

/// Requests allocate often and on all threads: with that of the C library fewer of them are answered
/// a second, by a tenth.
#[cfg(feature = "appliance")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let console = Console::new(&cli.console);
    let done = match cli.command {
        Command::Make(make) => make.run(&console),
        Command::Transcribe(transcribe) => transcribe.run(&console),
        Command::Outline(outline) => outline.run(&console),
        Command::Render(render) => render.run(&console),
        Command::Export(export) => export.run(&console),
        Command::Validate(validate) => validate.run(&console),
        Command::Edit(edit) => edit.run(&console),
        Command::Eval(eval) => eval.run(),
        Command::Schema(schema) => schema.run(),
        Command::Model(model) => model.run(&console),
        Command::Doctor(doctor) => doctor.run(&console),
        Command::Completions(completions) => completions.run(),
        #[cfg(feature = "appliance")]
        Command::Serve(serve) => serve.run(&console),
        #[cfg(feature = "appliance")]
        Command::Tenant(tenant) => tenant.run(&console),
        #[cfg(feature = "appliance")]
        Command::User(user) => user.run(&console),
        #[cfg(feature = "appliance")]
        Command::Role(role) => role.run(),
        #[cfg(feature = "appliance")]
        Command::Key(key) => key.run(&console),
        #[cfg(feature = "appliance")]
        Command::Audit(audit) => audit.run(&console),
        #[cfg(feature = "appliance")]
        Command::Config(config) => config.run(),
        #[cfg(feature = "appliance")]
        Command::Healthcheck(check) => check.run(),
        #[cfg(feature = "appliance")]
        Command::Openapi(openapi) => openapi.run(&console),
        #[cfg(feature = "appliance")]
        Command::Backup(backup) => backup.run(),
        #[cfg(feature = "appliance")]
        Command::Restore(restore) => restore.run(&console),
        #[cfg(feature = "appliance")]
        Command::SupportBundle(bundle) => bundle.run(&console),
        #[cfg(feature = "appliance")]
        Command::Sql(sql) => sql.run(&console),
        #[cfg(feature = "appliance")]
        Command::Connector(connector) => connector.run(),
        #[cfg(feature = "appliance")]
        Command::Table(table) => table.run(&console),
        // The worker tells its failures on standard output, as the last event.
        Command::Worker(worker) => match worker.run() {
            Ok(()) => return ExitCode::SUCCESS,
            Err(kind) => return ExitCode::from(kind.exit_code()),
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console.error(&failure);
            ExitCode::from(failure.kind.exit_code())
        }
    }
}
