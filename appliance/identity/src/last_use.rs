//! When sessions and keys were last used: kept in memory at every request, stored every few minutes.
//!
//! A record of its own, so that storing it does not unsettle what was derived from sessions and keys.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use model::{AnyId, Id, SystemTask, Timestamp, noun::Tenant};
use serde::{Deserialize, Serialize};
use store::{Database, EventDraft, Read, ReadError, Record, WriteError};

use crate::people::number;

/// A use is stored together with others once it is newer than what is stored by this much…
const WORTH_STORING: Duration = Duration::from_secs(60);
/// …and it asks for a write by this much, so that a tenant's file is written for this at most once in this time.
const MUST_BE_STORED: Duration = Duration::from_secs(300);
/// The most uses that wait to be stored. Beyond, uses are stored late or not, which ends an idle session a little early.
const MAX_WAITING: usize = 1 << 17;
/// The most that one write stores.
const MAX_WRITE: usize = 4_000;

/// When a session or key was last used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LastUse {
    credential: AnyId,
    at: Timestamp,
    address: Option<IpAddr>,
}

impl Record for LastUse {
    const NAME: &'static str = "last use";
    const NUMBER: u8 = number::USE;
    type Key = AnyId;
    fn key(&self) -> AnyId {
        self.credential
    }
}

impl LastUse {
    pub(crate) fn new(credential: AnyId, at: Timestamp, address: Option<IpAddr>) -> Self {
        Self { credential, at, address }
    }

    /// The stored use of a credential, or `otherwise`.
    pub(crate) fn of(read: &impl Read, credential: AnyId, otherwise: Timestamp) -> Result<Timestamp, ReadError> {
        Ok(Self::stored(read, credential)?.unwrap_or(otherwise))
    }

    pub(crate) fn stored(read: &impl Read, credential: AnyId) -> Result<Option<Timestamp>, ReadError> {
        Ok(read.get::<LastUse>(&credential)?.map(|used| used.at))
    }
}

/// The last use of one credential, shared between requests.
#[derive(Debug)]
pub(crate) struct Uses {
    credential: AnyId,
    seen: AtomicU64,
    stored: AtomicU64,
    waits: AtomicBool,
}

impl Uses {
    pub(crate) fn seen(&self) -> Timestamp {
        Timestamp::from_millis(self.seen.load(Ordering::Relaxed))
    }
}

/// Uses that wait to be stored.
#[derive(Debug, Default)]
pub(crate) struct Waiting(Mutex<ByCredential>);

type ByCredential = BTreeMap<(Id<Tenant>, AnyId), Arc<Uses>>;

impl Waiting {
    /// The uses of a credential of which the file says `stored`; what waits to be stored is newer.
    pub(crate) fn uses(&self, tenant: Id<Tenant>, credential: AnyId, stored: Timestamp) -> Arc<Uses> {
        if let Some(waiting) = self.lock().get(&(tenant, credential)) {
            return waiting.clone();
        }
        let millis = stored.millis();
        Arc::new(Uses { credential, seen: millis.into(), stored: millis.into(), waits: false.into() })
    }

    /// Notes a use; says whether it is time to store what waits.
    pub(crate) fn note(&self, tenant: Id<Tenant>, uses: &Arc<Uses>, now: Timestamp) -> bool {
        uses.seen.fetch_max(now.millis(), Ordering::Relaxed);
        let age = now.since(Timestamp::from_millis(uses.stored.load(Ordering::Relaxed)));
        if age >= WORTH_STORING && !uses.waits.swap(true, Ordering::Relaxed) {
            let mut waiting = self.lock();
            if waiting.len() < MAX_WAITING {
                waiting.insert((tenant, uses.credential), uses.clone());
            } else {
                uses.waits.store(false, Ordering::Relaxed);
            }
        }
        age >= MUST_BE_STORED
    }

    /// Stores what waits for this tenant.
    pub(crate) fn store(&self, tenant: Id<Tenant>, db: &Database) -> Result<usize, WriteError> {
        let taken = self.take(tenant);
        if taken.is_empty() {
            return Ok(0);
        }
        let event = EventDraft::system(SystemTask::SessionLife, db.log());
        db.write(event, |tx| {
            let mut count = 0;
            for uses in &taken {
                // Not of a session that ended meanwhile.
                if let Some(stored) = tx.get::<LastUse>(&uses.credential)? {
                    tx.put(&LastUse { at: stored.at.max(uses.seen()), ..stored })?;
                    count += 1;
                }
            }
            tx.note("uses", count.to_string());
            Ok(count)
        })
    }

    /// The tenants of which uses wait, in order.
    pub(crate) fn tenants(&self) -> Vec<Id<Tenant>> {
        let mut tenants: Vec<_> = self.lock().keys().map(|(tenant, _)| *tenant).collect();
        tenants.dedup();
        tenants
    }

    fn take(&self, tenant: Id<Tenant>) -> Vec<Arc<Uses>> {
        let mut waiting = self.lock();
        let least = AnyId::new(model::NounKind::Tenant, 0);
        let keys: Vec<_> = waiting
            .range((tenant, least)..)
            .take_while(|((other, _), _)| *other == tenant)
            .take(MAX_WRITE)
            .map(|(key, _)| *key)
            .collect();
        let taken: Vec<_> = keys.iter().filter_map(|key| waiting.remove(key)).collect();
        for uses in &taken {
            uses.stored.store(uses.seen.load(Ordering::Relaxed), Ordering::Relaxed);
            uses.waits.store(false, Ordering::Relaxed);
        }
        taken
    }

    fn lock(&self) -> MutexGuard<'_, ByCredential> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
