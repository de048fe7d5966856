//! The thread that decides: looks at tenants, begins jobs, watches over them, and ends with the appliance.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use model::{Id, SystemTask, noun};
use store::{EventDraft, Read, StoreError};

use super::{
    Drained, Gone, Shared, attempt,
    port::{Attempt, StopReason, Work},
};
use crate::{
    error::{JobError, LeaseError},
    job::Job,
    kind::KindRule,
    lease::{self, Ended, Lease, claim, extend, finish},
    look::{Outlook, look},
    scheduler::{Ready, Scheduler},
    watch::Update,
};

type Tenant = Id<noun::Tenant>;

/// Tenants that are looked at before jobs are begun again: a start with thousands of them must not keep the first waiting.
const LOOKS: usize = 64;
/// How long a tenant whose file failed is left alone.
const AFTER_FAILURE: Duration = Duration::from_secs(10);
/// The longest sleep: what the clock says is compared at least so often, since it can be set.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// How often hints are tidied.
const TIDY_EVERY: Duration = Duration::from_secs(60);

pub(super) struct Dispatcher {
    shared: Arc<Shared>,
    scheduler: Scheduler,
    running: BTreeMap<Id<noun::Job>, Running>,
    /// Tenants with more ready jobs than are in memory.
    more: BTreeSet<Tenant>,
    tidy_at: Instant,
    drained: Drained,
}

struct Running {
    tenant: Tenant,
    lease: Lease,
    attempt: Arc<Attempt>,
    rule: KindRule,
    deadline: Instant,
    extend_at: Instant,
}

#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Job(#[from] JobError),
}

impl Dispatcher {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Dispatcher {
            scheduler: Scheduler::new(shared.limits.slots, shared.limits.quantum_s),
            shared,
            running: BTreeMap::new(),
            more: BTreeSet::new(),
            tidy_at: Instant::now() + TIDY_EVERY,
            drained: Drained::default(),
        }
    }

    pub(super) fn run(mut self) -> Drained {
        loop {
            let seen = self.shared.desk.board.news();
            let closing = self.collect();
            let now = Instant::now();
            if let Some(at) = closing
                && self.is_closed(at, now)
            {
                self.drained.left = u32::try_from(self.running.len()).unwrap_or(u32::MAX);
                return self.drained;
            }
            self.watch_over(now);
            self.look_around(closing.is_none());
            if closing.is_none() {
                self.begin();
            }
            self.tidy(now);
            self.show();
            let sleep = self.sleep(closing, Instant::now());
            self.shared.desk.board.wait(seen, sleep);
        }
    }

    /// Takes note of attempts that have ended; says since when it is closing time.
    fn collect(&mut self) -> Option<Instant> {
        let (ended, closing) = {
            let mut inbox = self.shared.inbox();
            (std::mem::take(&mut inbox.ended), inbox.closing)
        };
        for Gone { tenant, job, stored, handed_back } in ended {
            self.running.remove(&job);
            self.shared.desk.fleet.end(job, self.now());
            self.scheduler.release(tenant);
            self.drained.handed_back += u32::from(handed_back);
            if stored { self.shared.desk.board.ring(tenant) } else { self.leave_alone(tenant) }
        }
        closing
    }

    /// Whether all is at rest, or nothing more can be waited for.
    fn is_closed(&self, closing: Instant, now: Instant) -> bool {
        if now >= closing {
            for running in self.running.values() {
                running.attempt.ask_to_stop(StopReason::Drain);
            }
        }
        self.running.is_empty() || now >= closing + Duration::from_secs(u64::from(self.shared.limits.stop_s))
    }

    /// Ends what takes too long, and extends the leases of the rest.
    fn watch_over(&mut self, now: Instant) {
        let length = Duration::from_secs(u64::from(self.shared.limits.lease_s));
        for running in self.running.values_mut().filter(|running| running.attempt.stop().is_none()) {
            if now >= running.deadline {
                running.attempt.ask_to_stop(StopReason::Deadline);
            } else if now >= running.attempt.heard() + running.rule.silence {
                running.attempt.ask_to_stop(StopReason::Stalled);
            } else if now >= running.extend_at {
                running.extend_at = now + length / 2;
                let progress = running.attempt.latest();
                let event = EventDraft::system(SystemTask::JobRun, running.lease.job.erase());
                let extended = self
                    .shared
                    .desk
                    .store
                    .tenant(running.tenant)
                    .map(|tenant| tenant.write(event, |tx| extend(tx, &running.lease, length, progress)));
                match extended {
                    Ok(Ok(_)) => {}
                    Ok(Err(LeaseError::Lost)) => running.attempt.ask_to_stop(StopReason::Cancelled),
                    Ok(Err(error)) => warn(running.tenant, &error, "a lease could not be extended"),
                    Err(error) => warn(running.tenant, &error, "a lease could not be extended"),
                }
            }
        }
    }

    /// Looks at tenants that were rung for: at those with running or watched jobs whatever happens, at others while there is room.
    fn look_around(&mut self, open: bool) {
        let board = self.shared.desk.board.clone();
        let mut urgent = self.shared.desk.watchers.tenants();
        urgent.extend(self.running.values().map(|running| running.tenant));
        for tenant in board.take_of(&urgent) {
            self.look_at(tenant);
        }
        if open && self.scheduler.has_slot() {
            for tenant in board.take(self.now(), LOOKS) {
                self.look_at(tenant);
            }
        }
    }

    fn look_at(&mut self, tenant: Tenant) {
        match self.try_look(tenant) {
            Ok(outlook) => {
                let cap = self.shared.allowance.concurrent_jobs(tenant);
                let running = self.scheduler.running_of(tenant) > 0;
                self.shared.desk.board.settle(tenant, &outlook, running, self.now());
                if outlook.more {
                    self.more.insert(tenant)
                } else {
                    self.more.remove(&tenant)
                };
                // Called off and given out anew: it is begun when its old worker has ended.
                let ready = outlook.ready.into_iter().filter(|job| !self.running.contains_key(&job.job)).collect();
                self.scheduler.offer(tenant, cap, ready);
            }
            // Erased: what is left of it on the board goes.
            Err(LookError::Store(StoreError::NoTenant)) => {
                self.shared.desk.board.settle(tenant, &Outlook::default(), false, self.now());
                self.forget(tenant);
            }
            Err(error) => {
                warn(tenant, &error, "the jobs of a tenant cannot be looked at");
                self.leave_alone(tenant);
            }
        }
    }

    fn try_look(&mut self, id: Tenant) -> Result<Outlook, LookError> {
        let tenant = self.shared.desk.store.tenant(id)?;
        let own: BTreeSet<_> =
            self.running.values().filter(|running| running.tenant == id).map(|running| running.lease.job).collect();
        let outlook = look(&tenant, self.shared.incarnation, &own)?;
        let view = tenant.read().map_err(JobError::from)?;
        for running in own.iter().filter_map(|job| self.running.get(job)) {
            if !lease::holds(&view, &running.lease).map_err(JobError::from)? {
                running.attempt.ask_to_stop(StopReason::Cancelled);
            }
        }
        let watchers = &self.shared.desk.watchers;
        for job in watchers.jobs_of(id) {
            match self.running.get(&job).filter(|running| running.attempt.stop().is_none()) {
                Some(running) => watchers.publish(id, running.attempt.update(running.attempt.latest())),
                None => {
                    if let Some(job) = view.get::<Job>(&job).map_err(JobError::from)? {
                        watchers.publish(id, Update::of(&job));
                    }
                }
            }
        }
        Ok(outlook)
    }

    /// Begins jobs while there are slots.
    fn begin(&mut self) {
        while let Some((tenant, ready)) = self.scheduler.pick() {
            match self.claim(tenant, &ready) {
                Ok((job, lease)) => self.start(Work { tenant, job, lease }),
                // Called off since it was seen: the look that follows from that tells what there is.
                Err(ClaimError::Lease(LeaseError::Lost)) => {
                    self.scheduler.release(tenant);
                    self.shared.desk.board.ring(tenant);
                }
                Err(error) => {
                    warn(tenant, &error, "a job could not be claimed");
                    self.scheduler.release(tenant);
                    self.leave_alone(tenant);
                }
            }
            // At once, or the tenant would lose the rest of its turn.
            if self.scheduler.ready_of(tenant) == 0 && self.more.remove(&tenant) {
                self.look_at(tenant);
            }
        }
    }

    fn claim(&self, tenant: Tenant, ready: &Ready) -> Result<(Job, Lease), ClaimError> {
        let length = Duration::from_secs(u64::from(self.shared.limits.lease_s));
        let event = EventDraft::system(SystemTask::JobRun, ready.job.erase());
        let tenant = self.shared.desk.store.tenant(tenant)?;
        Ok(tenant.write(event, |tx| claim(tx, ready.job, self.shared.incarnation, length))?)
    }

    fn start(&mut self, work: Work) {
        let (tenant, lease, rule) = (work.tenant, work.lease, work.job.kind.rule());
        let attempt = Attempt::new(tenant, lease, self.shared.desk.watchers.clone());
        self.shared.desk.watchers.publish(tenant, Update::of(&work.job));
        let now = Instant::now();
        let extend_at = now + Duration::from_secs(u64::from(self.shared.limits.lease_s)) / 2;
        let longest = Duration::from_secs(u64::from(self.shared.limits.longest_attempt_s));
        let deadline = now + rule.deadline.min(longest);
        self.shared.desk.fleet.begin(lease.job, tenant, attempt.clone(), self.now());
        self.running.insert(lease.job, Running { tenant, lease, attempt: attempt.clone(), rule, deadline, extend_at });
        let shared = self.shared.clone();
        let thread = std::thread::Builder::new().name("job".into()).spawn(move || {
            let attempt::Outcome { stored, handed_back } = attempt::run(&shared, &work, &attempt);
            shared.inbox().ended.push(Gone { tenant, job: lease.job, stored, handed_back });
            shared.desk.board.nudge();
        });
        if let Err(error) = thread {
            warn(tenant, &error, "no thread for a job");
            self.running.remove(&lease.job);
            self.shared.desk.fleet.end(lease.job, self.now());
            self.scheduler.release(tenant);
            let event = EventDraft::system(SystemTask::JobRun, lease.job.erase());
            // Where this fails too, the next look takes the job back.
            let _ = self.shared.desk.store.tenant(tenant).map(|tenant| {
                tenant.write(event, |tx| finish(tx, &lease, Ended::HandedBack, crate::Progress::default()))
            });
            self.leave_alone(tenant);
        }
    }

    /// Begins nothing of `tenant` for a while.
    fn leave_alone(&mut self, tenant: Tenant) {
        self.forget(tenant);
        self.shared.desk.board.defer(tenant, self.now().after(AFTER_FAILURE));
    }

    fn forget(&mut self, tenant: Tenant) {
        self.more.remove(&tenant);
        self.scheduler.offer(tenant, 0, Vec::new());
    }

    fn tidy(&mut self, now: Instant) {
        if now < self.tidy_at {
            return;
        }
        self.tidy_at = now + TIDY_EVERY;
        let desk = &self.shared.desk;
        if let Err(error) = desk.board.tidy(desk.store.system(), self.now()) {
            tracing::warn!(error = &error as &dyn Error, "the hints of waiting jobs could not be tidied");
        }
    }

    fn show(&self) {
        self.shared.desk.gauges.running.store(self.scheduler.running(), Ordering::Relaxed);
        self.shared.desk.gauges.waiting.store(self.scheduler.waiting_tenants(), Ordering::Relaxed);
    }

    /// How long nothing is to be done if nothing happens.
    fn sleep(&self, closing: Option<Instant>, now: Instant) -> Duration {
        let board = &self.shared.desk.board;
        let can_look = closing.is_none() && self.scheduler.has_slot();
        if can_look && board.is_rung(self.now()) {
            return Duration::ZERO;
        }
        let mut sleep = LONGEST_SLEEP.min(self.tidy_at.saturating_duration_since(now));
        if can_look && let Some(due) = board.next_due() {
            sleep = sleep.min(due.since(self.now()).max(Duration::from_millis(1)));
        }
        for running in self.running.values().filter(|running| running.attempt.stop().is_none()) {
            let silent = running.attempt.heard() + running.rule.silence;
            let next = running.deadline.min(running.extend_at).min(silent);
            sleep = sleep.min(next.saturating_duration_since(now));
        }
        if let Some(closing) = closing {
            let given_up = closing + Duration::from_secs(u64::from(self.shared.limits.stop_s));
            let next = if now < closing { closing } else { given_up };
            sleep = sleep.min(next.saturating_duration_since(now));
        }
        sleep
    }

    fn now(&self) -> model::Timestamp {
        self.shared.desk.store.clock().now()
    }
}

#[derive(Debug, thiserror::Error)]
enum ClaimError {
    #[error(transparent)]
    Lease(#[from] LeaseError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn warn(tenant: Tenant, error: &(dyn Error + 'static), what: &str) {
    tracing::warn!(tenant.id = %tenant, error, "{what}");
}
