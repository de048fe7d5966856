//! The register of tenants, asked for every request: what was read lately is kept while nothing in the register has changed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use model::{Id, noun};
use store::{Database, ReadError, Record as _};

use crate::tenant::{Tenant, find};

/// The most tenants that are remembered before all are forgotten; one takes some hundred bytes.
const MOST: usize = 4_096;

/// Tenants that were asked for lately.
#[derive(Debug, Default)]
pub struct Lookup(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    /// The state of the register that all of them are of.
    generation: u64,
    tenants: HashMap<Id<noun::Tenant>, Arc<Tenant>>,
}

impl Lookup {
    /// The tenant with this id, as the register has it now: who was suspended is so for the next one who asks.
    ///
    /// # Errors
    /// When the register cannot be read.
    pub fn find(&self, system: &Database, id: Id<noun::Tenant>) -> Result<Option<Arc<Tenant>>, ReadError> {
        // Before the register is read: what changes after that is seen the next time.
        let generation = system.generation(Tenant::NUMBER);
        {
            let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if remembered.generation != generation {
                *remembered = Remembered { generation, tenants: HashMap::new() };
            }
            if let Some(tenant) = remembered.tenants.get(&id) {
                return Ok(Some(tenant.clone()));
            }
        }
        let Some(tenant) = find(&system.read()?, id)?.map(Arc::new) else { return Ok(None) };
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.generation == generation {
            if remembered.tenants.len() >= MOST {
                remembered.tenants.clear();
            }
            remembered.tenants.insert(id, tenant.clone());
        }
        Ok(Some(tenant))
    }
}
