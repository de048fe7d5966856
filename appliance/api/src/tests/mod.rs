//! The API as callers see it, over a real store in a temporary folder.

mod audit;
mod comments;
mod coverage;
mod credentials;
mod engine;
mod erasure;
mod making;
mod people;
mod projects;
mod recordings;
mod search;
mod session;
mod setup;
mod sharing;
mod templates;
mod tenants;
mod trash;
mod unsettled;
mod uploads;
mod view_links;
mod world;
