//! The life of a tenant: created, placed in a region, given a plan, limited, suspended, closed, erased.

mod create;
mod plan;
mod tenant;

pub use create::{CreateError, NewTenant, create, create_many};
pub use plan::{Limits, Plan};
pub use tenant::{APPLIANCE, State, Tenant, TenantSettings, by_slug, find};
