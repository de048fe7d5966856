//! The API as callers see it, over a real store in a temporary folder.

mod audit;
mod coverage;
mod credentials;
mod engine;
mod making;
mod people;
mod projects;
mod recordings;
mod search;
mod session;
mod setup;
mod trash;
mod uploads;
mod world;
