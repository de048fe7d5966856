//! The table of endpoints, by noun.

mod api_keys;
mod appliance;
mod assignments;
mod audit;
mod brand_kits;
mod choices;
mod comments;
mod erasure;
mod glossaries;
mod groups;
mod invitations;
mod members;
mod people;
mod permissions;
mod projects;
mod roles;
mod service_accounts;
mod session;
mod sessions;
mod setup;
mod sharing;
mod tenant;
mod tenant_life;
mod tenants;
mod view;
mod view_links;

pub(crate) use session::{own_event, set_cookie};

use crate::endpoint::Endpoint;

/// Every endpoint of the appliance.
pub fn all() -> Vec<Endpoint> {
    [
        appliance::table(),
        setup::table(),
        session::table(),
        sessions::table(),
        members::table(),
        invitations::table(),
        groups::table(),
        roles::table(),
        assignments::table(),
        permissions::table(),
        service_accounts::table(),
        api_keys::table(),
        audit::table(),
        projects::table(),
        tenant::table(),
        erasure::table(),
        tenants::table(),
        tenant_life::table(),
        sharing::table(),
        view_links::table(),
        comments::table(),
        glossaries::table(),
        brand_kits::table(),
        choices::table(),
    ]
    .concat()
}
