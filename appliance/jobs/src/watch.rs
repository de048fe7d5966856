//! Who watches a job: each watcher gets the latest state, however many there were since it last looked.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use model::{ErrorKind, Id, noun};
use store::{ReadError, StoreError};

use crate::{
    job::{Job, Progress, StateKind},
    retry::Reason,
};

/// The most watchers of all jobs together.
const MAX_WATCHERS: u64 = 4_096;

type Key = (Id<noun::Tenant>, Id<noun::Job>);

/// How a job stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Which.
    pub job: Id<noun::Job>,
    /// Where it stands.
    pub state: StateKind,
    /// The attempt that is under way or was last.
    pub attempt: u32,
    /// How far that is.
    pub progress: Progress,
    /// Why the attempt before failed.
    pub reason: Option<Reason>,
}

impl Update {
    /// How `job` stands as it is stored.
    pub fn of(job: &Job) -> Self {
        Update {
            job: job.header.id,
            state: job.state.kind(),
            attempt: job.attempts,
            progress: job.progress.clone(),
            reason: job.failure.as_ref().map(|failure| failure.reason),
        }
    }

    /// Whether nothing will follow.
    pub const fn is_last(&self) -> bool {
        !self.state.is_live()
    }
}

/// Why a job cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// There is no such job.
    #[error("there is no such job")]
    NotFound,
    /// Too many watchers.
    #[error("{MAX_WATCHERS} connections watch jobs already; ask for the job's state instead")]
    Full,
    /// Its file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Reading.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl SubscribeError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            SubscribeError::NotFound => ErrorKind::NotFound,
            SubscribeError::Full => ErrorKind::Exhausted,
            SubscribeError::Store(error) => error.kind(),
            SubscribeError::Read(error) => error.kind(),
        }
    }
}

/// The watched jobs.
#[derive(Debug, Default)]
pub(crate) struct Watchers {
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    topics: BTreeMap<Key, Topic>,
    watchers: u64,
    next_id: u64,
}

#[derive(Debug)]
struct Topic {
    update: Update,
    /// Counts updates from 1.
    version: u64,
    /// The watchers, with whom to wake where they wait as tasks.
    watchers: BTreeMap<u64, Option<Waker>>,
}

impl Watchers {
    pub(crate) fn subscribe(
        self: &Arc<Self>,
        tenant: Id<noun::Tenant>,
        update: Update,
    ) -> Result<Subscription, SubscribeError> {
        let key = (tenant, update.job);
        let mut inner = self.lock();
        if inner.watchers >= MAX_WATCHERS {
            return Err(SubscribeError::Full);
        }
        inner.watchers += 1;
        inner.next_id += 1;
        let id = inner.next_id;
        let topic = inner.topics.entry(key).or_insert_with(|| Topic { update, version: 1, watchers: BTreeMap::new() });
        topic.watchers.insert(id, None);
        Ok(Subscription { watchers: self.clone(), key, id, seen: 0 })
    }

    /// Tells those who watch it how a job stands.
    pub(crate) fn publish(&self, tenant: Id<noun::Tenant>, update: Update) {
        let mut inner = self.lock();
        let Some(topic) = inner.topics.get_mut(&(tenant, update.job)) else { return };
        if topic.update == update {
            return;
        }
        topic.update = update;
        topic.version += 1;
        let wake: Vec<Waker> = topic.watchers.values_mut().filter_map(Option::take).collect();
        drop(inner);
        self.changed.notify_all();
        for waker in wake {
            waker.wake();
        }
    }

    /// The tenants of which jobs are watched.
    pub(crate) fn tenants(&self) -> BTreeSet<Id<noun::Tenant>> {
        self.lock().topics.keys().map(|(tenant, _)| *tenant).collect()
    }

    /// The watched jobs of `tenant`.
    pub(crate) fn jobs_of(&self, tenant: Id<noun::Tenant>) -> Vec<Id<noun::Job>> {
        let all = (tenant, Id::from_bits(0))..=(tenant, Id::from_bits(u128::MAX));
        self.lock().topics.range(all).map(|((_, job), _)| *job).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who watches a job. The first update is how it stands now.
#[derive(Debug)]
pub struct Subscription {
    watchers: Arc<Watchers>,
    key: Key,
    id: u64,
    seen: u64,
}

impl Subscription {
    /// How the job stands, if that is news to this watcher; else its task is woken when there is some.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<Update> {
        let watchers = self.watchers.clone();
        let mut inner = watchers.lock();
        let topic = inner.topics.get_mut(&self.key).expect("a topic lives as long as its watchers");
        if topic.version > self.seen {
            self.seen = topic.version;
            return Poll::Ready(topic.update.clone());
        }
        topic.watchers.insert(self.id, Some(context.waker().clone()));
        Poll::Pending
    }

    /// The next news; nothing when there is none for so long.
    pub fn wait(&mut self, longest: Duration) -> Option<Update> {
        let watchers = self.watchers.clone();
        let no_news = |inner: &mut Inner| inner.topics.get(&self.key).is_none_or(|topic| topic.version <= self.seen);
        let (inner, _) = watchers
            .changed
            .wait_timeout_while(watchers.lock(), longest, no_news)
            .unwrap_or_else(PoisonError::into_inner);
        let topic = inner.topics.get(&self.key).filter(|topic| topic.version > self.seen)?;
        self.seen = topic.version;
        Some(topic.update.clone())
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut inner = self.watchers.lock();
        inner.watchers -= 1;
        if let Some(topic) = inner.topics.get_mut(&self.key) {
            topic.watchers.remove(&self.id);
            if topic.watchers.is_empty() {
                inner.topics.remove(&self.key);
            }
        }
    }
}
