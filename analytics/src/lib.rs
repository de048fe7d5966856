//! Usage rows to Parquet, and SQL over what one tenant has.
//!
//! The engine behind `metering::Analyst`; whoever asks knows nothing of Arrow or DataFusion. A question runs in a session of its own,
//! whose catalog holds the tables that came with the question and whose only store is the tenant's shelf: there is nothing else a
//! statement could name. It reads and cannot write, and what it holds in memory is the tenant's share; where the operator names a folder,
//! what is sorted and grouped goes on there, sealed.

mod asked;
mod bucket;
mod charges;
mod engine;
mod events;
mod extract;
mod fault;
mod focus;
mod form;
mod numbered;
mod places;
mod pool;
mod rows;
mod seal;
mod session;
mod shelf;
mod spill;
mod statement;
mod tables;
mod utc;
pub mod wire;

pub use engine::{Engine, EngineError, QueryLimits};
