//! Who may have work: in memory for the runner, and on disk as hints for the next start, so that nobody ever opens the files of
//! 100,000 tenants to find the few with jobs.
//!
//! A hint is written before the first job of a tenant and removed some time after the last: one that leads to nothing costs a
//! look, and a job without a hint cannot be.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::{Id, SystemTask, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::{Cursor, Database, EventDraft, Query, Read, ReadError, Record, Tx, WriteError};

use crate::look::Outlook;

type Tenant = Id<noun::Tenant>;

/// At start, look whatever the time is.
const AT_ONCE: Timestamp = Timestamp::from_millis(0);
/// A tenant keeps its hint for so long after its last job, so that one that works now and then does not write each time.
const LINGER: Duration = Duration::from_secs(600);
/// The most hints that one write tidies.
const TIDY: usize = 500;

/// A tenant that may have work not before a time. Kept in the system's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueHint {
    /// Who.
    pub tenant: Tenant,
    /// Its file need not be looked at before.
    pub due: Timestamp,
}

impl Record for DueHint {
    const NAME: &'static str = "due hint";
    const NUMBER: u8 = 80;
    type Key = Tenant;
    fn key(&self) -> Tenant {
        self.tenant
    }
}

/// The tenants that may have work.
#[derive(Debug, Default)]
pub(crate) struct Board {
    inner: Mutex<Inner>,
    bell: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    entries: BTreeMap<Tenant, Entry>,
    /// To be looked at, the longest waiting first.
    rung: BTreeMap<u64, Tenant>,
    /// To be looked at from a time on.
    due: BTreeSet<(Timestamp, Tenant)>,
    /// Counts what the runner should wake up for.
    news: u64,
    rings: u64,
}

#[derive(Debug, Default)]
struct Entry {
    /// The durable hint.
    hint: Option<Timestamp>,
    /// Submissions between their announcement and their end.
    postings: u32,
    /// Its place in `rung`.
    rung: Option<u64>,
    /// Its place in `due`.
    due: Option<Timestamp>,
    /// What the last look found for the hint to say, and when.
    found: Option<(Expects, Timestamp)>,
    /// How many live jobs the last look found.
    live: u64,
}

/// From when on a tenant needs a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expects {
    Now,
    From(Timestamp),
    Nothing,
}

impl Board {
    /// The board as the hints of the system's file have it.
    pub(crate) fn load(system: &Database) -> Result<Self, ReadError> {
        let board = Board::default();
        let view = system.read()?;
        let mut after: Option<Cursor> = None;
        loop {
            let query = Query { index: None, after: after.as_ref(), limit: store::MAX_PAGE, newest_first: false };
            let page = view.list::<DueHint>(&query, |_| true)?;
            let mut inner = board.lock();
            for hint in page.items {
                inner.entries.entry(hint.tenant).or_default().hint = Some(hint.due);
                inner.wait_until(hint.tenant, Some(hint.due));
            }
            drop(inner);
            after = page.next;
            if after.is_none() {
                return Ok(board);
            }
        }
    }

    /// Says that jobs or schedules of `tenant` are about to be submitted or changed. The change is made while the posting
    /// lives; when it is dropped, the runner looks.
    pub(crate) fn announce(self: &Arc<Self>, system: &Database, tenant: Tenant) -> Result<Posting, WriteError> {
        let mut inner = self.lock();
        let entry = inner.entries.entry(tenant).or_default();
        entry.postings += 1;
        let known = entry.hint == Some(AT_ONCE);
        drop(inner);
        let posting = Posting { board: self.clone(), tenant };
        if !known {
            let event = EventDraft::system(SystemTask::JobRun, tenant.erase());
            system.write::<(), WriteError>(event, |tx| {
                tx.note("step", "hint");
                tx.put(&DueHint { tenant, due: AT_ONCE })
            })?;
            self.lock().entries.entry(tenant).or_default().hint = Some(AT_ONCE);
        }
        Ok(posting)
    }

    /// Has `tenant` looked at.
    pub(crate) fn ring(&self, tenant: Tenant) {
        let mut inner = self.lock();
        inner.ring(tenant);
        inner.news += 1;
        self.bell.notify_all();
    }

    /// Wakes up the runner for something else.
    pub(crate) fn nudge(&self) {
        self.lock().news += 1;
        self.bell.notify_all();
    }

    /// A number that changes when there is something to wake up for.
    pub(crate) fn news(&self) -> u64 {
        self.lock().news
    }

    /// Waits until there is news after `seen`, at most for `longest`.
    pub(crate) fn wait(&self, seen: u64, longest: Duration) {
        let waits = |inner: &mut Inner| inner.news == seen;
        drop(self.bell.wait_timeout_while(self.lock(), longest, waits).unwrap_or_else(PoisonError::into_inner));
    }

    /// Tenants to look at now, the longest waiting first, at most `limit`.
    pub(crate) fn take(&self, now: Timestamp, limit: usize) -> Vec<Tenant> {
        let mut inner = self.lock();
        while let Some((at, tenant)) = inner.due.first().copied()
            && at <= now
        {
            inner.wait_until(tenant, None);
            inner.ring(tenant);
        }
        let mut taken = Vec::new();
        while taken.len() < limit
            && let Some((_, tenant)) = inner.rung.pop_first()
        {
            inner.entries.entry(tenant).or_default().rung = None;
            taken.push(tenant);
        }
        taken
    }

    /// Those of `these` that are to be looked at.
    pub(crate) fn take_of(&self, these: &BTreeSet<Tenant>) -> Vec<Tenant> {
        let mut inner = self.lock();
        let mut taken = Vec::new();
        for tenant in these {
            if let Some(ring) = inner.entries.get_mut(tenant).and_then(|entry| entry.rung.take()) {
                inner.rung.remove(&ring);
                taken.push(*tenant);
            }
        }
        taken
    }

    /// Whether someone is to be looked at now.
    pub(crate) fn is_rung(&self, now: Timestamp) -> bool {
        let inner = self.lock();
        !inner.rung.is_empty() || inner.due.first().is_some_and(|(at, _)| *at <= now)
    }

    /// When someone is next to be looked at by itself.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.lock().due.first().map(|(at, _)| *at)
    }

    /// Notes what a look at `tenant` found.
    pub(crate) fn settle(&self, tenant: Tenant, outlook: &Outlook, running: bool, now: Timestamp) {
        let expects = if running || !outlook.ready.is_empty() {
            Expects::Now
        } else if let Some(next) = outlook.next {
            Expects::From(next)
        } else if outlook.live > 0 || outlook.scheduled {
            Expects::Now
        } else {
            Expects::Nothing
        };
        let mut inner = self.lock();
        inner.wait_until(tenant, outlook.next);
        let entry = inner.entries.entry(tenant).or_default();
        entry.live = outlook.live;
        // The hint lingers from the first look that found the same.
        if entry.found.is_none_or(|(before, _)| before != expects) {
            entry.found = Some((expects, now));
        }
    }

    /// Tenants whose last look found live jobs, and those who may have some because no look has been at them since.
    pub(crate) fn busy(&self) -> Vec<Tenant> {
        let inner = self.lock();
        let may = |entry: &Entry| {
            entry.live > 0
                || entry.postings > 0
                || entry.rung.is_some()
                || (entry.found.is_none() && entry.hint.is_some())
        };
        inner.entries.iter().filter(|(_, entry)| may(entry)).map(|(tenant, _)| *tenant).collect()
    }

    /// Has `tenant` looked at from `at` on, because that is not possible now.
    pub(crate) fn defer(&self, tenant: Tenant, at: Timestamp) {
        let mut inner = self.lock();
        inner.wait_until(tenant, Some(at));
        inner.entries.entry(tenant).or_default().found = None;
    }

    /// Removes hints of tenants that have had nothing for a while and puts off those that have nothing until later, many in one
    /// write. Says how many.
    pub(crate) fn tidy(&self, system: &Database, now: Timestamp) -> Result<usize, WriteError> {
        let stale: Vec<Tenant> = {
            let inner = self.lock();
            let stale = inner.entries.iter().filter(|(_, entry)| entry.correction(now).is_some());
            stale.map(|(tenant, _)| *tenant).take(TIDY).collect()
        };
        if stale.is_empty() {
            return Ok(0);
        }
        system.write::<_, WriteError>(EventDraft::system(SystemTask::JobRun, system.log()), |tx| {
            // Under the lock inside the write: an announcement before this moment is seen here, one after it writes after it.
            let mut inner = self.lock();
            let mut tidied = 0;
            for tenant in &stale {
                let correction = inner.entries.get(tenant).and_then(|entry| entry.correction(now));
                if let Some(expects) = correction {
                    correct(tx, &mut inner, *tenant, expects)?;
                    tidied += 1;
                }
            }
            tx.note("step", "tidy");
            tx.note("hints", tidied.to_string());
            Ok(tidied)
        })
    }

    fn withdraw(&self, tenant: Tenant) {
        let mut inner = self.lock();
        if let Some(entry) = inner.entries.get_mut(&tenant) {
            entry.postings = entry.postings.saturating_sub(1);
        }
        inner.ring(tenant);
        inner.news += 1;
        self.bell.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn correct(tx: &mut Tx<'_>, inner: &mut Inner, tenant: Tenant, expects: Expects) -> Result<(), WriteError> {
    match expects {
        Expects::Nothing => {
            tx.delete::<DueHint>(&tenant)?;
            inner.wait_until(tenant, None);
            inner.entries.remove(&tenant);
        }
        Expects::From(due) => {
            tx.put(&DueHint { tenant, due })?;
            inner.entries.entry(tenant).or_default().hint = Some(due);
        }
        Expects::Now => {}
    }
    Ok(())
}

impl Inner {
    fn ring(&mut self, tenant: Tenant) {
        let entry = self.entries.entry(tenant).or_default();
        if entry.rung.is_none() {
            self.rings += 1;
            entry.rung = Some(self.rings);
            self.rung.insert(self.rings, tenant);
        }
    }

    fn wait_until(&mut self, tenant: Tenant, at: Option<Timestamp>) {
        let entry = self.entries.entry(tenant).or_default();
        if let Some(before) = std::mem::replace(&mut entry.due, at) {
            self.due.remove(&(before, tenant));
        }
        if let Some(at) = at {
            self.due.insert((at, tenant));
        }
    }
}

impl Entry {
    /// What the hint should say instead, where that is certain and has been so for a while.
    fn correction(&self, now: Timestamp) -> Option<Expects> {
        if self.postings > 0 || self.rung.is_some() {
            return None;
        }
        let (expects, since) = self.found?;
        if now.since(since) < LINGER {
            return None;
        }
        match expects {
            Expects::Nothing => Some(expects),
            Expects::From(due) => {
                (self.hint.is_some_and(|hint| hint < due) && now.after(LINGER) < due).then_some(expects)
            }
            Expects::Now => None,
        }
    }
}

/// An announcement in force: while it lives, no crash can lose what is submitted; when it is dropped, the runner looks.
#[derive(Debug)]
#[must_use = "the change is made while the posting lives"]
pub struct Posting {
    board: Arc<Board>,
    tenant: Tenant,
}

impl Drop for Posting {
    fn drop(&mut self) {
        self.board.withdraw(self.tenant);
    }
}
