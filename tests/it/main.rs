//! The program from outside: its command line, its files, and its worker.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::zombie_processes,
    reason = "tests start the program, say what they skip, and stop where they cannot go on"
)]

mod appliance;
mod backup;
mod doctor;
mod edit;
mod escape;
mod export;
mod help;
mod hostile;
mod language_model;
mod licences;
mod make;
mod model;
mod operation;
mod operator;
mod outline;
mod render;
mod resume;
mod run;
mod serve;
mod structure;
mod support;
mod transcribe;
mod validate;
mod wire;
mod worker;
