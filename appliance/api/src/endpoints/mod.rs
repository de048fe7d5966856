//! The table of endpoints, by noun.

mod appliance;
mod projects;
mod session;
mod view;

use crate::endpoint::Endpoint;

/// Every endpoint of the appliance.
pub fn all() -> Vec<Endpoint> {
    [appliance::table(), session::table(), projects::table()].concat()
}
