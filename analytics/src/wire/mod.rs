//! The wire of PostgreSQL: what tools for business reports speak, over TLS, with SCRAM, for reading only.
//!
//! Protocol 3.0 with simple and extended queries, text and binary values, cancelling, portals that are read in parts, and the system
//! tables that clients look at. Every statement asks the house anew who is there and what may be seen, and runs in a session of its own;
//! nothing of a statement outlives it but its text.

mod bell;
mod catalog;
mod command;
mod connection;
mod copy;
mod extended;
mod fault;
#[doc(hidden)]
pub mod fuzzing;
mod house;
mod kind;
mod listener;
mod message;
mod moment;
mod number;
mod parameter;
mod portal;
mod prepared;
mod reply;
mod settings;
mod split;
mod start;
mod value;

pub use self::{
    fault::Fault,
    house::{Guest, House, Knocking},
    listener::{WireLimits, serve},
};
