//! A tenant on its way to another appliance, with what the register knows of it.

use std::io::{Read, Write};

use model::{ErrorKind, Id, Region, SystemTask, noun};
use store::{
    EventDraft, Progress, Read as _, ReadError, Store, WriteError, decode_record, encode_record,
    transfer::{self, Arrived, Exported, Lock, Opening, TransferError},
};

use crate::{
    create::{CreateError, NewTenant, check},
    tenant::{Tenant, find},
};

/// Why a tenant cannot travel.
#[derive(Debug, thiserror::Error)]
pub enum ParcelError {
    /// There is none.
    #[error("there is no such tenant")]
    NotFound,
    /// The file.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// The register.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The register, or the tenant's own log.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl ParcelError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            ParcelError::NotFound => ErrorKind::NotFound,
            ParcelError::Transfer(error) => error.kind(),
            ParcelError::Read(error) => error.kind(),
            ParcelError::Write(error) => error.kind(),
        }
    }
}

/// Why the register refuses who arrives.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("what the file says of it cannot be read")]
    Unreadable,
    #[error("the file says of another tenant than it holds")]
    Another,
    #[error(transparent)]
    Create(#[from] CreateError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Writes a tenant to `out`, as it is at this moment; see [`transfer::export`].
pub fn export(
    store: &Store,
    id: Id<noun::Tenant>,
    lock: Lock<'_>,
    out: impl Write,
    progress: &Progress,
) -> Result<Exported, ParcelError> {
    let tenant = find(&store.system().read()?, id)?.ok_or(ParcelError::NotFound)?;
    Ok(transfer::export(store, id, &encode_record(&tenant), lock, out, progress)?)
}

/// Says in a tenant's own log that it was exported by who rules the appliance, so that it can see it.
pub fn tell(store: &Store, id: Id<noun::Tenant>) -> Result<(), ParcelError> {
    let file = store.tenant(id).map_err(TransferError::from)?;
    let event = EventDraft::system(SystemTask::Backup, id.erase());
    Ok(file.write::<(), WriteError>(event, |tx| {
        tx.note("step", "exported");
        Ok(())
    })?)
}

/// Takes in a tenant of at most `most` bytes. It keeps its ids, its people and their passwords, its plan and its log; `home` is the region it
/// comes to be at home in.
pub fn import(
    store: &Store,
    from: impl Read,
    opening: Opening<'_>,
    most: u64,
    home: Region,
    event: EventDraft,
    progress: &Progress,
) -> Result<Arrived, ParcelError> {
    let register = |tx: &mut store::Tx<'_>, id: Id<noun::Tenant>, about: &[u8]| {
        let tenant: Tenant = decode_record(about).map_err(|_| Refused::Unreadable)?;
        if tenant.id != id || tx.get::<Tenant>(&id).map_err(WriteError::from)?.is_some() {
            return Err(Refused::Another);
        }
        // A stranger's register may hold what this one would not take.
        let Tenant { slug, name, plan, .. } = tenant.clone();
        check(&NewTenant { slug, name, home, plan })?;
        Ok::<_, Refused>(tx.put(&Tenant { home, ..tenant })?)
    };
    Ok(transfer::import(store, from, opening, most, event, register, progress)?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::{IdSource, ManualClock, Timestamp};
    use store::{StoreLimits, vault::KeyFile};

    use super::*;
    use crate::{Plan, create};

    fn store(folder: &std::path::Path) -> Store {
        let key = Box::new(KeyFile::create(&folder.join("key")).unwrap());
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000)));
        let ids = Arc::new(IdSource::random());
        Store::create(&folder.join("data"), key, StoreLimits::default(), clock, ids).unwrap()
    }

    fn event(store: &Store) -> EventDraft {
        EventDraft::system(SystemTask::TenantCreate, store.system().log())
    }

    #[test]
    fn a_tenant_arrives_with_its_name_and_plan() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (from, to) = (store(here.path()), store(there.path()));
        let (eu, jp): (Region, Region) = ("eu".parse().unwrap(), "jp".parse().unwrap());
        let new = |slug: &str| NewTenant { slug: slug.into(), name: "Acme".into(), home: eu, plan: Plan::Business };
        let tenant = create(&from, event(&from), new("acme")).unwrap();
        let mut file = Vec::new();
        let lock = Lock::Receiver(to.vault().receiver_key());
        export(&from, tenant.id, lock, &mut file, &Progress::default()).unwrap();
        let opening = Opening::From(from.vault().public_key());
        let take = |event| import(&to, file.as_slice(), opening, 1 << 30, jp, event, &Progress::default());
        // The short name is taken: nothing comes in.
        create(&to, event(&to), new("acme")).unwrap();
        assert!(matches!(take(event(&to)), Err(ParcelError::Transfer(TransferError::Register(_)))));
        assert!(find(&to.system().read().unwrap(), tenant.id).unwrap().is_none());

        let third = tempfile::tempdir().unwrap();
        let third = store(third.path());
        let mut file = Vec::new();
        export(&from, tenant.id, Lock::Passphrase("a long passphrase"), &mut file, &Progress::default()).unwrap();
        let opening = Opening::Passphrase("a long passphrase");
        import(&third, file.as_slice(), opening, 1 << 30, jp, event(&third), &Progress::default()).unwrap();
        let arrived = find(&third.system().read().unwrap(), tenant.id).unwrap().unwrap();
        assert_eq!(arrived, Tenant { home: jp, ..tenant });
        assert!(third.tenant(arrived.id).is_ok());
    }
}
