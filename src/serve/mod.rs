//! The appliance: the one place where its parts meet.

mod config;
mod housekeeping;
mod place;
mod settings;
mod start;

pub(crate) use config::Config;
pub(crate) use place::Place;
pub(crate) use settings::{EXAMPLE, Setting};
pub(crate) use start::{Appliance, SOCKET, open_store, services, setup_code};
