//! The life of a tenant: created, given a plan, limited, suspended, closed, erased.

mod allowance;
mod create;
mod erase;
mod life;
mod lookup;
mod onboard;
pub mod parcel;
mod plan;
#[cfg(test)]
mod stored_forms;
mod tenant;
#[cfg(test)]
mod tests;
pub mod upkeep;

pub use access::usage::Limits;
pub use allowance::Allowances;
pub use create::{CreateError, NewTenant, create, create_many};
pub use erase::{Erasure, Round, begin_erasure, erase_due, finish_erasure, receipt};
pub use life::{GRACE, LifeError, TenantChange, close, confirm, reopen, resume, suspend, tell, update};
pub use lookup::Lookup;
pub use onboard::{Newcomer, Onboarded, Prepared, invite_owners, prepare, register};
pub use plan::Plan;
pub use tenant::{APPLIANCE, Filter, State, StateKind, Tenant, by_slug, find, list};
