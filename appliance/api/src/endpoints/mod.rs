//! The table of endpoints, by noun.

mod appliance;
mod assignments;
mod groups;
mod invitations;
mod members;
mod people;
mod permissions;
mod projects;
mod roles;
mod session;
mod view;

use crate::endpoint::Endpoint;

/// Every endpoint of the appliance.
pub fn all() -> Vec<Endpoint> {
    [
        appliance::table(),
        session::table(),
        members::table(),
        invitations::table(),
        groups::table(),
        roles::table(),
        assignments::table(),
        permissions::table(),
        projects::table(),
    ]
    .concat()
}
