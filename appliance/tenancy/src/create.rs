//! Making tenants.

use model::{ErrorKind, Id, Region, Timestamp, noun};
use store::{EventDraft, Placement, Store, WriteError, vault::VaultError};

use crate::{
    plan::Plan,
    tenant::{APPLIANCE, State, Tenant, TenantSettings},
};

/// The most tenants that one call makes.
pub(crate) const MOST_AT_ONCE: usize = 1_000;

/// What a tenant begins with.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Its short name.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Its home.
    pub home: Region,
    /// Its plan.
    pub plan: Plan,
}

/// Why a tenant cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The short name.
    #[error(
        "`{0}` cannot be a short name: use 2 to 63 lower-case letters, digits and hyphens, beginning with a letter; `appliance` is taken"
    )]
    Slug(String),
    /// The name.
    #[error("a tenant's name has 1 to 120 characters, none of them a control character")]
    Name,
    /// Too many in one call.
    #[error("at most {MOST_AT_ONCE} tenants can be made at once")]
    TooMany,
    /// Its keys.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Storing it.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl CreateError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            CreateError::Slug(_) | CreateError::Name | CreateError::TooMany => ErrorKind::Invalid,
            CreateError::Vault(error) => error.kind(),
            CreateError::Write(error) => error.kind(),
        }
    }
}

/// Makes a tenant: its keys, then its row and the place of its file in one commit of the system's file. A crash in between leaves
/// keys that nothing was ever enciphered with.
pub fn create(store: &Store, event: EventDraft, new: NewTenant) -> Result<Tenant, CreateError> {
    let mut made = create_many(store, event, vec![new])?;
    Ok(made.pop().expect("one was asked for"))
}

/// Makes many tenants, all or none.
pub fn create_many(store: &Store, event: EventDraft, new: Vec<NewTenant>) -> Result<Vec<Tenant>, CreateError> {
    if new.len() > MOST_AT_ONCE {
        return Err(CreateError::TooMany);
    }
    new.iter().try_for_each(check)?;
    let now = store.clock().now();
    let tenants: Vec<Tenant> = new.into_iter().map(|new| tenant(store.ids().next(now), new, now)).collect();
    store.vault().create_many(&tenants.iter().map(|tenant| tenant.id).collect::<Vec<_>>())?;
    store.system().write(event, |tx| {
        for tenant in &tenants {
            tx.put(tenant)?;
            tx.put(&Placement { tenant: tenant.id, folder: None, begun: false })?;
        }
        if let [tenant] = tenants.as_slice() {
            tx.about(tenant.id.erase());
        }
        tx.note("tenants", tenants.len().to_string());
        Ok::<_, WriteError>(())
    })?;
    Ok(tenants)
}

fn tenant(id: Id<noun::Tenant>, new: NewTenant, now: Timestamp) -> Tenant {
    let NewTenant { slug, name, home, plan } = new;
    let settings = TenantSettings::default();
    Tenant { id, slug, name, home, plan, agreed: None, state: State::Active, settings, version: 1, created: now }
}

pub(crate) fn check(new: &NewTenant) -> Result<(), CreateError> {
    let slug = new.slug.as_bytes();
    let fits = (2..=63).contains(&slug.len())
        && slug[0].is_ascii_lowercase()
        && slug.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
        && !slug.ends_with(b"-")
        && new.slug != APPLIANCE;
    if !fits {
        return Err(CreateError::Slug(new.slug.chars().take(80).collect()));
    }
    if !(1..=120).contains(&new.name.trim().chars().count()) || new.name.chars().any(char::is_control) {
        return Err(CreateError::Name);
    }
    Ok(())
}
