//! The register of tenants, in the system's file.

use model::{Classification, Id, Region, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::{IndexEntries, KeyBytes, Read, ReadError, Record};

use crate::plan::{Limits, Plan};

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Its id.
    pub id: Id<noun::Tenant>,
    /// Its short name in addresses and at sign-in: unique on the appliance.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// The region whose appliance holds its data.
    pub home: Region,
    /// The plan.
    pub plan: Plan,
    /// What was agreed beyond the plan.
    pub agreed: Option<Limits>,
    /// Where it is in its life.
    pub state: State,
    /// What it has set for itself.
    pub settings: TenantSettings,
    /// Counts changes from 1.
    pub version: u64,
    /// When it was made.
    pub created: Timestamp,
}

/// Where a tenant is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// At work.
    Active,
    /// Nobody of it can do anything; its data rest.
    Suspended,
    /// On its way out: nobody can sign in, the data rest until the grace is over.
    Closed {
        /// When it may be erased.
        erase_from: Timestamp,
    },
    /// Its keys are destroyed; this row remembers that it was.
    Erased,
}

/// What a tenant's admin sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TenantSettings {
    /// The theme of new storyboards.
    pub theme: String,
    /// The language that recordings are taken to be in; detected without one.
    pub language: Option<String>,
    /// The speech model.
    pub model: String,
    /// How secret new things are.
    pub classification: Classification,
    /// How long the trash is kept, in days.
    pub trash_days: u32,
    /// How long recordings are kept, in days; for ever without a number.
    pub recording_days: Option<u32>,
}

impl Default for TenantSettings {
    fn default() -> Self {
        TenantSettings {
            theme: "light".into(),
            language: None,
            model: "base".into(),
            classification: Classification::Internal,
            trash_days: 30,
            recording_days: None,
        }
    }
}

/// The short name under which operators of the appliance sign in; no tenant can have it.
pub const APPLIANCE: &str = "appliance";

const BY_SLUG: u8 = 1;

impl Record for Tenant {
    const NAME: &'static str = "tenant";
    const NUMBER: u8 = model::NounKind::Tenant as u8;
    type Key = Id<noun::Tenant>;
    fn key(&self) -> Self::Key {
        self.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.unique(BY_SLUG, &KeyBytes::new().with(&self.slug));
    }
}

impl Tenant {
    /// What it may use.
    pub fn limits(&self) -> Limits {
        self.agreed.unwrap_or_else(|| self.plan.limits())
    }

    /// Whether its people can work.
    pub fn is_active(&self) -> bool {
        self.state == State::Active
    }
}

/// The tenant with this id.
pub fn find(system: &impl Read, id: Id<noun::Tenant>) -> Result<Option<Tenant>, ReadError> {
    system.get::<Tenant>(&id)
}

/// The tenant with this short name.
pub fn by_slug(system: &impl Read, slug: &str) -> Result<Option<Tenant>, ReadError> {
    system.find::<Tenant>(BY_SLUG, &KeyBytes::new().with(slug))
}
