//! The table of endpoints, by noun.

mod api_keys;
mod appliance;
mod assignments;
mod audit;
mod backups;
mod erasure;
mod groups;
mod invitations;
mod keys;
mod members;
mod own_keys;
mod people;
mod permissions;
mod projects;
mod roles;
mod service_accounts;
mod session;
mod sessions;
mod setup;
mod tenant;
mod tenant_life;
mod tenants;
mod view;

use crate::endpoint::Endpoint;

/// Every endpoint of the appliance.
pub fn all() -> Vec<Endpoint> {
    [
        appliance::table(),
        setup::table(),
        session::table(),
        sessions::table(),
        own_keys::table(),
        members::table(),
        invitations::table(),
        groups::table(),
        roles::table(),
        assignments::table(),
        permissions::table(),
        service_accounts::table(),
        api_keys::table(),
        audit::table(),
        backups::table(),
        keys::table(),
        projects::table(),
        tenant::table(),
        erasure::table(),
        tenants::table(),
        tenant_life::table(),
    ]
    .concat()
}
