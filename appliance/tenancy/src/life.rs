//! What happens to a tenant between its making and its erasing. Each change is one write of the system's file; whoever makes the
//! write says by its permit, or as the console, that it may.

use std::time::Duration;

use access::usage::Limits;
use model::{ErrorKind, Id, SystemTask, Timestamp, noun};
use store::{EventDraft, Placement, Read, ReadError, Store, StoreError, Tx, WriteError, vault::VaultError};

use crate::{
    create::is_name,
    erase::Erasure,
    plan::Plan,
    tenant::{State, StateKind, Tenant, find},
};

/// How long a closed tenant's data rest before they are erased, where nothing else is said: 30 days.
pub const GRACE: Duration = Duration::from_secs(30 * 86_400);
/// The longest grace.
const MOST_GRACE: Duration = Duration::from_secs(3_650 * 86_400);
/// The longest reason, in characters.
const MAX_REASON: usize = 200;

/// Why a tenant's life does not go on as asked.
#[derive(Debug, thiserror::Error)]
pub enum LifeError {
    /// There is none with this id.
    #[error("there is no such tenant")]
    NotFound,
    /// It is elsewhere in its life.
    #[error("the tenant is {0}; {1}")]
    State(&'static str, &'static str),
    /// The confirmation is not the short name.
    #[error("to confirm what cannot be undone, give the tenant's short name as `confirm`")]
    Confirm,
    /// The reason is none.
    #[error("a reason has at most {MAX_REASON} characters, none of them a control character")]
    Reason,
    /// The name is none.
    #[error("a tenant's name has 1 to 120 characters, none of them a control character")]
    Name,
    /// The grace is too long.
    #[error("a closed tenant's data rest for 3,650 days at most")]
    Grace,
    /// It has changed since it was read.
    #[error("version {base} was read and {now} is stored; read it again")]
    Version {
        /// What was read.
        base: u64,
        /// What is stored.
        now: u64,
    },
    /// Its files.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its keys.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Reading.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Writing.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl LifeError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            LifeError::NotFound => ErrorKind::NotFound,
            LifeError::State(..) | LifeError::Version { .. } => ErrorKind::Conflict,
            LifeError::Confirm | LifeError::Reason | LifeError::Name | LifeError::Grace => ErrorKind::Invalid,
            LifeError::Store(error) => error.kind(),
            LifeError::Vault(error) => error.kind(),
            LifeError::Read(error) => error.kind(),
            LifeError::Write(error) => error.kind(),
        }
    }
}

/// A change of a tenant by those who run the appliance: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct TenantChange {
    /// Another name for people.
    pub name: Option<String>,
    /// Another plan.
    pub plan: Option<Plan>,
    /// Limits agreed beyond the plan; `Some(None)` goes back to the plan's.
    pub agreed: Option<Option<Limits>>,
}

impl TenantChange {
    /// That it could be made.
    pub fn check(&self) -> Result<(), LifeError> {
        if self.name.as_deref().is_none_or(is_name) { Ok(()) } else { Err(LifeError::Name) }
    }
}

/// Changes a tenant that is still at version `base`, or at any version without one. What goes beyond lower limits stays; only
/// nothing is added.
pub fn update(
    tx: &mut Tx<'_>,
    id: Id<noun::Tenant>,
    base: Option<u64>,
    change: &TenantChange,
) -> Result<Tenant, LifeError> {
    let mut tenant = present(tx, id)?;
    if let Some(base) = base.filter(|base| *base != tenant.version) {
        return Err(LifeError::Version { base, now: tenant.version });
    }
    change.check()?;
    let mut changed = Vec::new();
    if let Some(name) = &change.name {
        name.trim().clone_into(&mut tenant.name);
        changed.push("name");
    }
    if let Some(plan) = change.plan {
        tx.note("plan", format!("{:?} to {plan:?}", tenant.plan).to_lowercase());
        tenant.plan = plan;
        changed.push("plan");
    }
    if let Some(agreed) = change.agreed {
        tenant.agreed = agreed;
        changed.push("agreed");
    }
    tx.note("changed", changed.join(","));
    save(tx, tenant)
}

/// Keeps everyone of a tenant out, and its jobs from being begun, from the next request on. Its data stay.
pub fn suspend(tx: &mut Tx<'_>, id: Id<noun::Tenant>, reason: &str) -> Result<Tenant, LifeError> {
    change(tx, id, reason, State::Suspended, |state| match state {
        StateKind::Active | StateKind::Suspended => Ok(()),
        _ => Err("reopen it first"),
    })
}

/// Lets a suspended tenant work again.
pub fn resume(tx: &mut Tx<'_>, id: Id<noun::Tenant>, reason: &str) -> Result<Tenant, LifeError> {
    change(tx, id, reason, State::Active, |state| match state {
        StateKind::Active | StateKind::Suspended => Ok(()),
        _ => Err("reopen it first"),
    })
}

/// Closes a tenant: nobody can sign in, and after `grace` it is erased. Closing a closed one changes nothing.
pub fn close(tx: &mut Tx<'_>, id: Id<noun::Tenant>, grace: Duration, reason: &str) -> Result<Tenant, LifeError> {
    if grace > MOST_GRACE {
        return Err(LifeError::Grace);
    }
    let erase_from = match present(tx, id)?.state {
        State::Closed { erase_from } => erase_from,
        _ => tx.now().after(grace),
    };
    tx.note("erase_from", erase_from.millis().to_string());
    change(tx, id, reason, State::Closed { erase_from }, |_| Ok(()))
}

/// Takes a closing back, as long as the grace is not over.
pub fn reopen(tx: &mut Tx<'_>, id: Id<noun::Tenant>, reason: &str) -> Result<Tenant, LifeError> {
    let over = matches!(present(tx, id)?.state, State::Closed { erase_from } if erase_from <= tx.now());
    // Once erasing has begun there is nothing to come back to, whatever the clock says.
    if over || tx.get::<Erasure>(&id)?.is_some() {
        return Err(LifeError::State("closed", "its grace is over, and it is being erased"));
    }
    change(tx, id, reason, State::Active, |state| match state {
        StateKind::Active | StateKind::Closed => Ok(()),
        _ => Err("resume it instead"),
    })
}

/// That what cannot be undone is meant: the caller has typed the short name.
pub fn confirm(tenant: &Tenant, typed: &str) -> Result<(), LifeError> {
    if typed == tenant.slug { Ok(()) } else { Err(LifeError::Confirm) }
}

/// Writes into a tenant's own audit trail what happened to it. The change itself has its row in the appliance's trail; this one
/// is for the tenant's own eyes, and a tenant without a file has none.
pub fn tell(store: &Store, tenant: &Tenant) -> Result<(), LifeError> {
    let begun = store.system().read()?.get::<Placement>(&tenant.id)?.is_some_and(|placement| placement.begun);
    if !begun || tenant.state == State::Erased {
        return Ok(());
    }
    let event = EventDraft::system(SystemTask::TenantLife, tenant.id.erase());
    store.tenant(tenant.id)?.write(event, |tx| {
        tx.note("state", tenant.state.kind().name());
        Ok(())
    })
}

/// The tenant, unless it was erased.
pub(crate) fn present(tx: &Tx<'_>, id: Id<noun::Tenant>) -> Result<Tenant, LifeError> {
    let tenant = find(tx, id)?.ok_or(LifeError::NotFound)?;
    if tenant.state == State::Erased {
        return Err(LifeError::State("erased", "nothing of it is left"));
    }
    Ok(tenant)
}

/// Puts a tenant into `state` if `may` lets it go there from where it is.
pub(crate) fn change(
    tx: &mut Tx<'_>,
    id: Id<noun::Tenant>,
    reason: &str,
    state: State,
    may: impl FnOnce(StateKind) -> Result<(), &'static str>,
) -> Result<Tenant, LifeError> {
    let reason = reason.trim();
    if reason.chars().count() > MAX_REASON || reason.chars().any(char::is_control) {
        return Err(LifeError::Reason);
    }
    let mut tenant = present(tx, id)?;
    let from = tenant.state.kind();
    may(from).map_err(|remedy| LifeError::State(from.name(), remedy))?;
    tx.note("state", format!("{} to {}", from.name(), state.kind().name()));
    if !reason.is_empty() {
        tx.note("reason", reason);
    }
    tenant.state = state;
    save(tx, tenant)
}

pub(crate) fn save(tx: &mut Tx<'_>, mut tenant: Tenant) -> Result<Tenant, LifeError> {
    tenant.version += 1;
    tx.about(tenant.id.erase());
    tx.put(&tenant)?;
    Ok(tenant)
}

/// When a closed tenant may be erased.
pub(crate) fn erase_from(tenant: &Tenant) -> Option<Timestamp> {
    if let State::Closed { erase_from } = tenant.state { Some(erase_from) } else { None }
}
