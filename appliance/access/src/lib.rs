//! Decides what a caller may do, and hands out the door to a tenant's data.
//!
//! The decision is a pure function ([`decide()`]). What it must say is written down in Cedar (`assets/policies`, read by
//! [`Specification`]); it is computed by a few comparisons of native code, and the tests hold the two against each other.

pub mod assignment;
mod decide;
mod gate;
pub mod history;
mod law;
mod merged;
mod network;
mod own;
mod permit;
pub mod plan;
pub mod policy;
pub mod report;
pub mod review;
mod rights;
pub mod roles;
mod rule;
mod sight;
mod specification;
#[cfg(test)]
mod stored_forms;
pub mod usage;
#[cfg(test)]
mod world;

pub use assignment::{Assignment, RoleRef};
pub use decide::{Context, Decision, Reason, SYSTEM, appliance, decide, granting, guards, live, role};
pub use gate::{Gate, Refusal, RequestContext, reading};
pub use law::{Law, LawError, NetworkList, PolicyRecord};
pub use network::{Network, ParseNetworkError};
pub use own::{CheckedPolicy, MAX_OWN_POLICIES, MAX_POLICY_BYTES, OwnPolicies, PolicyError, Whole};
pub use permit::{File, ListPermit, Permit, SystemPermit};
pub use rights::RightsError;
pub use roles::CustomRole;
pub use rule::{HELD, OWNER_SELF, Rule, Rules};
pub use specification::Specification;
