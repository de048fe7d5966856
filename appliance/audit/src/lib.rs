//! The audit trail of a tenant, or of the appliance itself: searched, exported, and proven by whoever has a copy.
//!
//! The rows and their Merkle log live in `store`; this crate only reads them, through [`Trail`]. What it keeps itself are searches that
//! people come back to ([`saved`]).

pub mod bundle;
pub mod export;
pub mod personal;
pub mod saved;
pub mod search;

mod trail;

pub use trail::{Trail, TrailError};

#[cfg(test)]
mod fixture;
