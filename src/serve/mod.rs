//! The appliance: the one place where its parts meet.

mod certificate;
mod config;
mod fonts;
mod forward;
mod host;
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

pub(crate) use certificate::{Certified, moment};
pub(crate) use config::Config;
pub(crate) use place::Place;
pub(crate) use runner::{JobsConfig, start as start_runner};
pub(crate) use settings::{EXAMPLE, Setting, Settings};
pub(crate) use start::{Appliance, SOCKET, engine, open_store, services, setup_code};
