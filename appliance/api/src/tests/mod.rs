//! The API as callers see it, over a real store in a temporary folder.

mod audit;
mod comments;
mod coverage;
mod credentials;
mod engine;
mod making;
mod people;
mod projects;
mod recordings;
mod session;
mod setup;
mod sharing;
mod templates;
mod trash;
mod unsettled;
mod uploads;
mod view_links;
mod world;
