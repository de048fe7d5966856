//! The API as callers see it, over a real store in a temporary folder.

mod audit;
mod coverage;
mod credentials;
mod erasure;
mod once;
mod people;
mod projects;
mod session;
mod setup;
mod sockets;
mod tenants;
mod walls;
mod world;
