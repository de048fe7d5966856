//! Making tenants.

use identity::PeopleError;
use model::{ErrorKind, Id, Region, Timestamp, noun};
use store::{EventDraft, Placement, ReadError, Store, StoreError, Tx, WriteError, vault::VaultError};

use crate::{
    plan::Plan,
    tenant::{APPLIANCE, State, Tenant},
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
    /// Two of the same short name in one call.
    #[error("`{0}` stands twice in the list; leave one out")]
    Twice(String),
    /// There is another tenant of this name.
    #[error("there is a tenant `{0}` already, and it is not the one asked for; choose another short name")]
    Taken(String),
    /// Its first owner.
    #[error(transparent)]
    Owner(#[from] PeopleError),
    /// Its file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Reading the register.
    #[error(transparent)]
    Read(#[from] ReadError),
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
            CreateError::Slug(_) | CreateError::Name | CreateError::TooMany | CreateError::Twice(_) => {
                ErrorKind::Invalid
            }
            CreateError::Taken(_) => ErrorKind::Conflict,
            CreateError::Owner(error) => error.kind(),
            CreateError::Store(error) => error.kind(),
            CreateError::Read(error) => error.kind(),
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
    let tenants = prepare(store, new)?;
    store.system().write(event, |tx| register(tx, &tenants))?;
    Ok(tenants)
}

/// Makes the keys of tenants that are then to be registered.
pub(crate) fn prepare(store: &Store, new: Vec<NewTenant>) -> Result<Vec<Tenant>, CreateError> {
    if new.len() > MOST_AT_ONCE {
        return Err(CreateError::TooMany);
    }
    new.iter().try_for_each(check)?;
    let now = store.clock().now();
    let tenants: Vec<Tenant> = new.into_iter().map(|new| tenant(store.ids().next(now), new, now)).collect();
    if !tenants.is_empty() {
        store.vault().create_many(&tenants.iter().map(|tenant| tenant.id).collect::<Vec<_>>())?;
    }
    Ok(tenants)
}

/// Stores the rows of tenants and the places of their files.
pub(crate) fn register(tx: &mut Tx<'_>, tenants: &[Tenant]) -> Result<(), WriteError> {
    for tenant in tenants {
        tx.put(tenant)?;
        tx.put(&Placement { tenant: tenant.id, folder: None, begun: false })?;
    }
    if let [tenant] = tenants {
        tx.about(tenant.id.erase());
    }
    tx.note("tenants", tenants.len().to_string());
    Ok(())
}

fn tenant(id: Id<noun::Tenant>, new: NewTenant, now: Timestamp) -> Tenant {
    let NewTenant { slug, name, home, plan } = new;
    let name = name.trim().to_owned();
    Tenant { id, slug, name, home, plan, agreed: None, state: State::Active, version: 1, created: now }
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
    if is_name(&new.name) { Ok(()) } else { Err(CreateError::Name) }
}

/// Whether a text can be a tenant's name.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=120).contains(&text.trim().chars().count()) && !text.chars().any(char::is_control)
}
