//! Whose people we are looking at: a tenant's, or the appliance's own.

use model::{Id, NounKind, Region, noun::Tenant};
use store::Database;

/// What identity must know of a tenant; read by the caller from the tenant's record for each request.
#[derive(Debug, Clone)]
pub struct Realm {
    /// The tenant.
    pub tenant: Id<Tenant>,
    /// Its home region.
    pub home: Region,
    /// Whether it is suspended: its people are still known, and the gate turns them away.
    pub suspended: bool,
    /// Its name, which nobody may use as a password.
    pub name: String,
}

impl Realm {
    /// Stands where a tenant's id stands for the people who run the appliance. No tenant has it, as ids begin with the time.
    pub const SYSTEM: Id<Tenant> = Id::from_bits(0);

    /// The appliance's own people: the operators.
    pub fn system(home: Region) -> Self {
        Self { tenant: Self::SYSTEM, home, suspended: false, name: "Audiagram".to_owned() }
    }

    /// Whether these are the operators.
    pub fn is_system(&self) -> bool {
        self.tenant == Self::SYSTEM
    }

    /// Whether `db` is the file of this realm.
    pub(crate) fn owns(&self, db: &Database) -> bool {
        match db.log().kind {
            NounKind::Appliance => self.is_system(),
            _ => db.log() == self.tenant.erase(),
        }
    }
}
