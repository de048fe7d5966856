//! How many jobs a tenant may run at once.

use std::sync::Arc;

use jobs::Allowance;
use model::{Id, noun};
use store::Store;

use crate::tenant::{Tenant, find};

/// What the register says: the plan's number, and none while the tenant is not at work.
#[derive(Debug, Clone)]
pub struct Allowances(pub Arc<Store>);

impl Allowance for Allowances {
    fn concurrent_jobs(&self, tenant: Id<noun::Tenant>) -> u32 {
        // A register that cannot be read lets nothing begin.
        let found = self.0.system().read().ok().and_then(|view| find(&view, tenant).ok().flatten());
        found.filter(Tenant::is_active).map_or(0, |tenant| tenant.limits().concurrent_jobs)
    }
}
