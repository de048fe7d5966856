//! Who is next: fair between tenants, ordered inside each. Pure: what it knows is what it was told.
//!
//! Between tenants: deficit round robin (Shreedhar and Varghese, SIGCOMM 1995). A ring of the tenants that have ready work and
//! are below their cap; whose turn begins gets a quantum of credit in seconds of work, and gives up the turn when its next job
//! costs more than it has. A tenant with a thousand jobs takes a quantum for each that every other tenant takes.
//!
//! Inside a tenant: the job that has been ready longest, priorities counted as handicaps in time ([`crate::Priority::handicap`]).

use std::collections::{BTreeMap, VecDeque};

use model::{Id, Timestamp, noun};

use crate::{
    job::{Job, State},
    kind::Priority,
};

/// A job that could begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ready {
    /// The job.
    pub job: Id<noun::Job>,
    /// Where it queues.
    pub priority: Priority,
    /// Since when it could have begun.
    pub since: Timestamp,
    /// Seconds of work it is taken to be.
    pub cost_s: u32,
}

impl Ready {
    /// The job as one that is ready; nothing when it does not wait.
    pub fn of(job: &Job) -> Option<Self> {
        let State::Queued { not_before } = job.state else { return None };
        Some(Ready { job: job.header.id, priority: job.priority, since: not_before, cost_s: job.cost_s })
    }

    fn rank(&self) -> (Timestamp, Priority, Id<noun::Job>) {
        (self.since.after(self.priority.handicap()), self.priority, self.job)
    }
}

/// The state between the tenants.
#[derive(Debug)]
pub struct Scheduler {
    slots: u32,
    running: u32,
    quantum_s: u64,
    lanes: BTreeMap<Id<noun::Tenant>, Lane>,
    /// Tenants with ready work below their cap; the first has the turn.
    ring: VecDeque<Id<noun::Tenant>>,
}

#[derive(Debug, Default)]
struct Lane {
    /// In the order of their rank.
    ready: VecDeque<Ready>,
    cap: u32,
    running: u32,
    credit_s: u64,
    /// Whether it is in the ring.
    waits: bool,
    /// Whether it has got its credit for this turn.
    credited: bool,
}

impl Lane {
    fn may(&self) -> bool {
        !self.ready.is_empty() && self.running < self.cap
    }
}

impl Scheduler {
    /// No tenants yet; `slots` jobs may run at once over all tenants, and a turn is worth `quantum_s` seconds of work.
    pub fn new(slots: u32, quantum_s: u32) -> Self {
        Scheduler {
            slots,
            running: 0,
            quantum_s: u64::from(quantum_s.max(1)),
            lanes: BTreeMap::new(),
            ring: VecDeque::new(),
        }
    }

    /// What `tenant` could begin, in place of what was known, and how many it may run at once.
    pub fn offer(&mut self, tenant: Id<noun::Tenant>, cap: u32, mut ready: Vec<Ready>) {
        ready.sort_by_key(Ready::rank);
        let lane = self.lanes.entry(tenant).or_default();
        lane.cap = cap;
        lane.ready = ready.into();
        self.settle(tenant);
    }

    /// Takes the next job and a slot for it.
    pub fn pick(&mut self) -> Option<(Id<noun::Tenant>, Ready)> {
        if self.running >= self.slots {
            return None;
        }
        // Ends: a turn gives a quantum, a job costs a bounded number of them, and without work the ring is empty.
        while let Some(tenant) = self.ring.front().copied() {
            let lane = self.lanes.get_mut(&tenant).expect("what is in the ring has a lane");
            if !lane.may() {
                self.ring.pop_front();
                lane.waits = false;
                self.settle(tenant);
                continue;
            }
            if !lane.credited {
                lane.credited = true;
                lane.credit_s = lane.credit_s.saturating_add(self.quantum_s);
            }
            match lane.ready.pop_front_if(|ready| u64::from(ready.cost_s) <= lane.credit_s) {
                Some(ready) => {
                    lane.credit_s -= u64::from(ready.cost_s);
                    lane.running += 1;
                    self.running += 1;
                    return Some((tenant, ready));
                }
                None => {
                    lane.credited = false;
                    self.ring.rotate_left(1);
                }
            }
        }
        None
    }

    /// Gives back the slot of a job of `tenant` that has ended.
    pub fn release(&mut self, tenant: Id<noun::Tenant>) {
        let Some(lane) = self.lanes.get_mut(&tenant).filter(|lane| lane.running > 0) else { return };
        lane.running -= 1;
        self.running -= 1;
        self.settle(tenant);
    }

    /// Whether a job could begin if there were one.
    pub fn has_slot(&self) -> bool {
        self.running < self.slots
    }

    /// How many run.
    pub fn running(&self) -> u32 {
        self.running
    }

    /// How many of `tenant` run.
    pub fn running_of(&self, tenant: Id<noun::Tenant>) -> u32 {
        self.lanes.get(&tenant).map_or(0, |lane| lane.running)
    }

    /// How many jobs of `tenant` are known to be ready.
    pub fn ready_of(&self, tenant: Id<noun::Tenant>) -> usize {
        self.lanes.get(&tenant).map_or(0, |lane| lane.ready.len())
    }

    /// How many tenants have work and may begin it. One that has just begun its last counts until its turn is over.
    pub fn waiting_tenants(&self) -> usize {
        self.ring.len()
    }

    /// Into the ring with a lane that may begin something; what has nothing ready keeps no credit, and is forgotten when nothing
    /// of it runs.
    fn settle(&mut self, tenant: Id<noun::Tenant>) {
        let Some(lane) = self.lanes.get_mut(&tenant) else { return };
        if lane.may() && !lane.waits {
            lane.waits = true;
            lane.credited = false;
            self.ring.push_back(tenant);
        }
        if lane.ready.is_empty() {
            lane.credit_s = 0;
            if lane.running == 0 && !lane.waits {
                self.lanes.remove(&tenant);
            }
        }
    }
}
