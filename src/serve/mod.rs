//! The appliance: the one place where its parts meet.

mod config;
mod housekeeping;
mod start;

pub(crate) use config::Config;
pub(crate) use start::{Appliance, open_store, setup_code};
