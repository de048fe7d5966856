//! The API as callers see it, over a real store in a temporary folder.

mod audit;
mod comments;
mod coverage;
mod credentials;
mod erasure;
mod people;
mod projects;
mod session;
mod setup;
mod sharing;
mod templates;
mod tenants;
mod unsettled;
mod view_links;
mod world;
