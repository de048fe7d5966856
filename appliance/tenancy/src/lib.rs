//! The life of a tenant: created, placed in a region, given a plan, limited, suspended, closed, erased.

mod create;
pub mod parcel;
mod plan;
mod tenant;
pub mod upkeep;

pub use create::{CreateError, NewTenant, create, create_many};
pub use plan::{Limits, Plan};
pub use tenant::{APPLIANCE, State, Tenant, TenantSettings, by_slug, find};
