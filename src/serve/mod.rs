//! The appliance: the one place where its parts meet.

mod config;
mod fonts;
mod forward;
mod housekeeping;
mod launcher;
mod place;
mod runner;
mod settings;
mod start;
mod sweep;
mod usage;
mod wire;
mod workplace;

pub(crate) use config::Config;
pub(crate) use place::Place;
pub(crate) use runner::{JobsConfig, start as start_runner};
pub(crate) use settings::{EXAMPLE, Setting};
pub(crate) use start::{Appliance, SOCKET, open_store, services, setup_code};
