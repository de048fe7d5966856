//! The appliance: the one place where its parts meet.

mod config;
mod housekeeping;
mod launcher;
mod runner;
mod start;
mod sweep;
mod workplace;

pub(crate) use config::Config;
pub(crate) use start::{Appliance, open_store, setup_code};
