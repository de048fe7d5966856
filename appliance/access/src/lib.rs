//! Decides what a caller may do, and hands out the door to a tenant's data.
//!
//! The decision is a pure function ([`decide()`]). What it must say is written down in Cedar (`assets/policies`, read by
//! [`Specification`]); it is computed by a few comparisons of native code, and the tests hold the two against each other.

mod decide;
mod network;
mod own;
mod rule;
mod specification;
#[cfg(test)]
mod world;

pub use decide::{Context, Decision, Reason, appliance, decide, granting, guards, live, role};
pub use network::{Network, ParseNetworkError};
pub use own::{CheckedPolicy, MAX_OWN_POLICIES, MAX_POLICY_BYTES, OwnPolicies, PolicyError};
pub use rule::{HELD, OWNER_SELF, Rule, Rules};
pub use specification::Specification;
