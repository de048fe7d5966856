//! The program from outside: its command line, its files, and its worker.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::zombie_processes,
    reason = "tests start the program, say what they skip, and stop where they cannot go on"
)]

#[cfg_attr(not(feature = "appliance"), allow(dead_code, reason = "what `wire` asks"))]
mod appliance;
mod backup;
mod doctor;
mod edit;
mod escape;
mod eval;
mod export;
mod hear_gpu;
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
// What reads the files of the appliance with its crates; the others find their program without it too.
#[cfg(feature = "appliance")]
mod structure;
#[cfg(feature = "appliance")]
mod support;
mod transcribe;
mod validate;
#[cfg(feature = "appliance")]
mod wire;
mod worker;
