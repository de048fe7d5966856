//! The end of a tenant: its keys destroyed, its files removed, a signed receipt.
//!
//! In three steps, each of which can be the last before a crash: a commit says that erasing has begun and what there is; keys
//! and files go; a commit says that it is done. What has begun is finished at the next start ([`erase_due`]), and what was only
//! closed stays closed.

use std::collections::BTreeMap;

use model::{Id, SystemTask, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::{
    EventDraft, IndexEntries, KeyBytes, Placement, Query, Read, Record, Store, Tx, Weight, vault::ErasureReceipt,
};

use crate::{
    life::{LifeError, change, erase_from, present, save},
    tenant::{State, due, find},
};

/// How many tenants one round erases.
const ROUND: usize = 100;

/// The erasing of a tenant, begun or done. Stays for ever, as the receipt is made from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Whose.
    pub tenant: Id<noun::Tenant>,
    /// Its short name, as the receipt says it.
    pub slug: String,
    /// How many files there were.
    pub files: u64,
    /// How many bytes they were.
    pub bytes: u64,
    /// When it began.
    pub begun: Timestamp,
    /// When it was done.
    pub done: Option<Timestamp>,
}

const UNDONE: u8 = 1;

impl Record for Erasure {
    const NAME: &'static str = "erasure";
    const NUMBER: u8 = 142;
    type Key = Id<noun::Tenant>;
    fn key(&self) -> Self::Key {
        self.tenant
    }
    fn index(&self, entries: &mut IndexEntries) {
        if self.done.is_none() {
            entries.add(UNDONE, &KeyBytes::new());
        }
    }
}

/// Says that the erasing of a tenant begins now: from here on there is no way back. `weight` is what the store has of it.
pub fn begin_erasure(
    tx: &mut Tx<'_>,
    id: Id<noun::Tenant>,
    weight: Weight,
    reason: &str,
) -> Result<Erasure, LifeError> {
    let tenant = present(tx, id)?;
    let now = tx.now();
    let erase_from = erase_from(&tenant).map_or(now, |from| from.min(now));
    let begun =
        Erasure { tenant: id, slug: tenant.slug, files: weight.files, bytes: weight.bytes, begun: now, done: None };
    // An erasing that was interrupted knows what there was at first.
    let erasure = tx.get::<Erasure>(&id)?.unwrap_or(begun);
    change(tx, id, reason, State::Closed { erase_from }, |_| Ok(()))?;
    tx.note("step", "erasing begun");
    tx.put(&erasure)?;
    Ok(erasure)
}

/// Destroys keys and files of a tenant whose erasing has begun, and says that it is done.
pub fn finish_erasure(store: &Store, id: Id<noun::Tenant>) -> Result<ErasureReceipt, LifeError> {
    let begun = store.system().read()?.get::<Erasure>(&id)?.ok_or(LifeError::NotFound)?;
    if begun.done.is_none() {
        store.erase(id)?;
        let event = EventDraft::system(SystemTask::TenantLife, id.erase());
        store.system().write::<_, LifeError>(event, |tx| {
            let mut tenant = find(tx, id)?.ok_or(LifeError::NotFound)?;
            tenant.state = State::Erased;
            tenant.name = String::new();
            tenant.agreed = None;
            save(tx, tenant)?;
            tx.delete::<Placement>(&id)?;
            tx.note("step", "erased");
            tx.note("files", begun.files.to_string());
            tx.note("bytes", begun.bytes.to_string());
            tx.put(&Erasure { done: Some(tx.now()), ..begun })?;
            Ok(())
        })?;
    }
    receipt(store, id)?.ok_or(LifeError::NotFound)
}

/// The signed receipt of a tenant's end; nothing before the end.
pub fn receipt(store: &Store, id: Id<noun::Tenant>) -> Result<Option<ErasureReceipt>, LifeError> {
    let Some(erasure) = store.system().read()?.get::<Erasure>(&id)?.filter(|erasure| erasure.done.is_some()) else {
        return Ok(None);
    };
    let facts = BTreeMap::from([
        ("slug".to_owned(), erasure.slug),
        ("files removed".to_owned(), erasure.files.to_string()),
        ("bytes removed".to_owned(), erasure.bytes.to_string()),
    ]);
    Ok(Some(store.vault().receipt(id, facts)?))
}

/// Erases the tenants whose grace is over, and finishes what was interrupted; a bounded number in one call. Says of whom nothing
/// is left, and what failed: one that fails does not keep the others.
pub fn erase_due(store: &Store) -> Result<Round, LifeError> {
    let view = store.system().read()?;
    let mut round = Round::default();
    let undone = view.list::<Erasure>(&Query::by(UNDONE, KeyBytes::new(), ROUND), |_| true)?.items;
    let over = due(&view, store.clock().now(), ROUND)?;
    drop(view);
    for id in over.into_iter().map(|tenant| tenant.id).filter(|id| undone.iter().all(|erasure| erasure.tenant != *id)) {
        let done = begin(store, id).and_then(|()| finish_erasure(store, id));
        round.count(id, done);
    }
    for erasure in undone {
        round.count(erasure.tenant, finish_erasure(store, erasure.tenant));
    }
    Ok(round)
}

/// What [`erase_due`] did.
#[derive(Debug, Default)]
pub struct Round {
    /// Of whom nothing is left.
    pub erased: Vec<Id<noun::Tenant>>,
    /// Who is to be tried again.
    pub failed: Vec<(Id<noun::Tenant>, LifeError)>,
}

impl Round {
    fn count(&mut self, id: Id<noun::Tenant>, done: Result<ErasureReceipt, LifeError>) {
        match done {
            Ok(_) => self.erased.push(id),
            Err(error) => self.failed.push((id, error)),
        }
    }
}

fn begin(store: &Store, id: Id<noun::Tenant>) -> Result<(), LifeError> {
    let weight = store.weigh(id)?;
    let event = EventDraft::system(SystemTask::TenantLife, id.erase());
    store.system().write(event, |tx| {
        // It may have been reopened since it was seen.
        let still = erase_from(&present(tx, id)?).is_some_and(|from| from <= tx.now());
        if !still {
            return Err(LifeError::State("open", "it was reopened"));
        }
        begin_erasure(tx, id, weight, "its grace is over").map(drop)
    })
}
