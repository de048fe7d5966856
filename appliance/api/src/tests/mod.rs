//! The API as callers see it, over a real store in a temporary folder.

mod audit;
mod comments;
mod console;
mod coverage;
mod credentials;
mod engine;
mod erasure;
mod making;
mod once;
mod people;
mod projects;
mod recordings;
mod search;
mod session;
mod setup;
mod sharing;
mod sockets;
mod templates;
mod tenants;
mod tidy;
mod trash;
mod unsettled;
mod uploads;
mod view_links;
mod walls;
mod world;
