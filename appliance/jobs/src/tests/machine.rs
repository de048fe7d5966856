//! The life of a job against a simple model, with a crash between any two steps and old workers that come back from the dead.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use model::{Id, noun};
use proptest::prelude::*;
use store::{Query, Read};

use super::place::{Made, Opened, Place, TENANT, new_job};
use crate::{
    Failure, Incarnation, Job, JobError, JobKind, Lease, LeaseError, MAX_INTERRUPTIONS, Priority, Progress, Reason,
    State, StateKind, Submitted, cancel,
    lease::{Ended, claim, finish},
    look::{Outlook, look},
    queue, requeue, submit,
};

#[derive(Debug, Clone)]
enum Step {
    Submit {
        dedup: Option<u8>,
        priority: usize,
    },
    /// A crash between the announcement, the commit and the end of the posting: before the commit or after it.
    SubmitAndCrash {
        committed: bool,
    },
    Begin,
    /// A crash after the claim is stored and before its worker was started.
    BeginAndCrash,
    Finish {
        which: prop::sample::Index,
        how: u8,
    },
    Cancel {
        which: prop::sample::Index,
    },
    Requeue {
        which: prop::sample::Index,
    },
    /// A worker of an earlier incarnation, or of a cancelled job, says that it is done.
    Ghost {
        which: prop::sample::Index,
    },
    Pass {
        minutes: u16,
    },
    Crash,
    Tidy,
}

fn step() -> impl Strategy<Value = Step> {
    let which = || any::<prop::sample::Index>();
    prop_oneof![
        5 => (proptest::option::of(0..3u8), 0..3usize).prop_map(|(dedup, priority)| Step::Submit { dedup, priority }),
        1 => any::<bool>().prop_map(|committed| Step::SubmitAndCrash { committed }),
        6 => Just(Step::Begin),
        1 => Just(Step::BeginAndCrash),
        5 => (which(), 0..8u8).prop_map(|(which, how)| Step::Finish { which, how }),
        2 => which().prop_map(|which| Step::Cancel { which }),
        1 => which().prop_map(|which| Step::Requeue { which }),
        2 => which().prop_map(|which| Step::Ghost { which }),
        2 => (1..60u16).prop_map(|minutes| Step::Pass { minutes }),
        2 => Just(Step::Crash),
        1 => Just(Step::Tidy),
    ]
}

/// What must be true of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Expected {
    state: StateKind,
    attempts: u32,
    failures: u32,
    interruptions: u32,
    dedup: Option<u8>,
    made: u64,
}

struct World {
    place: Place,
    opened: Option<Opened>,
    incarnation: Incarnation,
    jobs: BTreeMap<Id<noun::Job>, Expected>,
    /// Attempts under way in this incarnation.
    running: BTreeMap<Id<noun::Job>, Lease>,
    /// Attempts that must not count any more.
    ghosts: Vec<Lease>,
}

const MAX_FAILURES: u32 = 3;

impl World {
    fn new() -> Self {
        let place = Place::new();
        let opened = Some(place.open());
        let (jobs, running) = (BTreeMap::new(), BTreeMap::new());
        World { place, opened, incarnation: Incarnation::random(), jobs, running, ghosts: Vec::new() }
    }

    fn opened(&self) -> &Opened {
        self.opened.as_ref().unwrap()
    }

    /// Everything in memory is gone; what was committed is there.
    fn crash(&mut self) {
        self.opened = None;
        self.opened = Some(self.place.open());
        self.incarnation = Incarnation::random();
        for (job, lease) in std::mem::take(&mut self.running) {
            let job = self.jobs.get_mut(&job).unwrap();
            job.interruptions += 1;
            job.state = if job.interruptions < MAX_INTERRUPTIONS { StateKind::Queued } else { StateKind::Dead };
            self.ghosts.push(lease);
        }
        // As the runner does at start; the second time, nothing is left to take back.
        if self.jobs.values().any(|job| job.state.is_live()) {
            let board = &self.opened().board;
            assert!(board.is_rung(self.place.clock_now()) || board.next_due().is_some(), "a live job without a hint");
        }
        self.look();
        let rows = self.opened().rows();
        self.look();
        assert_eq!(self.opened().rows(), rows, "a look at what is in order writes nothing");
    }

    fn look(&mut self) -> Outlook {
        let running: BTreeSet<_> = self.running.keys().copied().collect();
        let outlook = look(&self.opened().tenant, self.incarnation, &running).unwrap();
        let now = self.place.clock_now();
        self.opened().board.take(now, 10);
        self.opened().board.settle(TENANT, &outlook, !running.is_empty(), now);
        outlook
    }

    fn fail(&mut self, job: Id<noun::Job>, retryable: bool) {
        let job = self.jobs.get_mut(&job).unwrap();
        job.failures += 1;
        job.state = match (retryable, job.failures >= MAX_FAILURES) {
            (false, _) => StateKind::Failed,
            (true, true) => StateKind::Dead,
            (true, false) => StateKind::Queued,
        };
    }

    fn submit(&mut self, dedup: Option<u8>, priority: usize) {
        let mut new = new_job(JobKind::Render);
        new.dedup = dedup.map(|key| format!("thing {key}"));
        new.priority = Some(Priority::ALL[priority]);
        new.max_failures = Some(MAX_FAILURES);
        let posting = self.opened().announce();
        let submitted = self.opened().write::<_, JobError>(|tx| submit(tx, new)).unwrap();
        drop(posting);
        let twin = dedup.and_then(|_| self.jobs.iter().find(|(_, job)| job.dedup == dedup && job.state.is_live()));
        match submitted {
            Submitted::Existing(job) => assert_eq!(twin.map(|(id, _)| *id), Some(job.header.id)),
            Submitted::New(job) => {
                assert_eq!(twin, None, "a second job for the same thing");
                let expected =
                    Expected { state: StateKind::Queued, attempts: 0, failures: 0, interruptions: 0, dedup, made: 0 };
                assert_eq!(self.jobs.insert(job.header.id, expected), None);
            }
        }
    }

    fn begin(&mut self) -> Option<Lease> {
        let first = *self.look().ready.first()?;
        let (job, lease) = self
            .opened()
            .write(|tx| claim(tx, first.job, self.incarnation, Duration::from_secs(60)))
            .expect("a look shows what is ready");
        let expected = self.jobs.get_mut(&first.job).unwrap();
        assert_eq!(expected.state, StateKind::Queued);
        assert!(!self.running.contains_key(&first.job), "never twice at the same time");
        expected.state = StateKind::Running;
        expected.attempts += 1;
        assert_eq!(job.attempts, lease.attempt);
        self.running.insert(first.job, lease);
        Some(lease)
    }

    /// What a worker that has done its work does: what it made and the end of the job are one commit.
    fn end(&self, lease: &Lease, ended: &Ended) -> Result<Job, LeaseError> {
        self.opened().write(|tx| {
            if matches!(ended, Ended::Done { .. }) {
                Made::once_more(tx, lease.job)?;
            }
            finish(tx, lease, ended.clone(), Progress::new("encode", 1.0))
        })
    }

    fn finish(&mut self, lease: &Lease, how: u8) {
        self.running.remove(&lease.job);
        let failed = |reason| Ended::Failed(Failure::new(reason, "as the test says"));
        let ended = match how {
            0 => failed(Reason::BadInput),
            1..=3 => failed(Reason::Crashed),
            4 => Ended::HandedBack,
            _ => Ended::Done { result: None },
        };
        self.end(lease, &ended).expect("the lease holds");
        self.ghosts.push(*lease);
        match how {
            0 => self.fail(lease.job, false),
            1..=3 => self.fail(lease.job, true),
            4 => self.jobs.get_mut(&lease.job).unwrap().state = StateKind::Queued,
            _ => {
                let job = self.jobs.get_mut(&lease.job).unwrap();
                job.state = StateKind::Done;
                job.made += 1;
            }
        }
    }

    fn pick(&self, which: &prop::sample::Index) -> Option<Id<noun::Job>> {
        (!self.jobs.is_empty()).then(|| *self.jobs.keys().nth(which.index(self.jobs.len())).unwrap())
    }

    fn cancel(&mut self, id: Id<noun::Job>) {
        let posting = self.opened().announce();
        let cancelled = self.opened().write::<_, JobError>(|tx| cancel(tx, id));
        drop(posting);
        let job = self.jobs.get_mut(&id).unwrap();
        if job.state.is_live() {
            assert_eq!(cancelled.unwrap().state.kind(), StateKind::Cancelled);
            job.state = StateKind::Cancelled;
            // The runner sees at its next look that the lease is gone and ends the worker.
            self.ghosts.extend(self.running.remove(&id));
        } else {
            assert!(matches!(cancelled, Err(JobError::State(state)) if state == job.state));
        }
    }

    fn requeue(&mut self, id: Id<noun::Job>) {
        let posting = self.opened().announce();
        let requeued = self.opened().write::<_, JobError>(|tx| requeue(tx, id));
        drop(posting);
        let job = self.jobs[&id].clone();
        let twin =
            job.dedup.is_some() && self.jobs.values().any(|other| other.dedup == job.dedup && other.state.is_live());
        match (job.state, twin) {
            (StateKind::Failed | StateKind::Dead | StateKind::Cancelled, false) => {
                assert_eq!(requeued.unwrap().state.kind(), StateKind::Queued);
                let job = self.jobs.get_mut(&id).unwrap();
                job.state = StateKind::Queued;
                job.failures = 0;
                job.interruptions = 0;
            }
            (StateKind::Failed | StateKind::Dead | StateKind::Cancelled, true) => {
                assert!(matches!(requeued, Err(JobError::Duplicate)));
            }
            (state, _) => assert!(matches!(requeued, Err(JobError::State(is)) if is == state)),
        }
    }

    fn ghost(&self, which: &prop::sample::Index) {
        if self.ghosts.is_empty() {
            return;
        }
        let lease = &self.ghosts[which.index(self.ghosts.len())];
        let rows = self.opened().rows();
        assert!(matches!(self.end(lease, &Ended::Done { result: None }), Err(LeaseError::Lost)), "{lease:?}");
        assert_eq!(self.opened().rows(), rows);
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Submit { dedup, priority } => self.submit(*dedup, *priority),
            Step::SubmitAndCrash { committed } => {
                let posting = self.opened().announce();
                if *committed {
                    self.submit(None, 1);
                }
                // A process that is killed drops nothing; the board goes down with it.
                std::mem::forget(posting);
                self.crash();
            }
            Step::Begin => drop(self.begin()),
            Step::BeginAndCrash => {
                self.begin();
                self.crash();
            }
            Step::Finish { which, how } if !self.running.is_empty() => {
                let lease = *self.running.values().nth(which.index(self.running.len())).unwrap();
                self.finish(&lease, *how);
            }
            Step::Finish { .. } => {}
            Step::Cancel { which } => drop(self.pick(which).map(|id| self.cancel(id))),
            Step::Requeue { which } => drop(self.pick(which).map(|id| self.requeue(id))),
            Step::Ghost { which } => self.ghost(which),
            Step::Pass { minutes } => self.place.clock.advance(Duration::from_secs(u64::from(*minutes) * 60)),
            Step::Crash => self.crash(),
            Step::Tidy => {
                self.look();
                self.place.clock.advance(Duration::from_secs(900));
                self.look();
                let opened = self.opened();
                opened.board.tidy(&opened.system, self.place.clock_now()).unwrap();
            }
        }
    }

    fn check(&self) {
        let view = self.opened().tenant.read().unwrap();
        let stored = view.list::<Job>(&Query::newest(1_000), |_| true).unwrap().items;
        let actual: BTreeMap<_, _> = stored
            .iter()
            .map(|job| {
                let made = view.get::<Made>(&job.header.id).unwrap().map_or(0, |made| made.times);
                let dedup = job.dedup.as_ref().map(|key| key.as_bytes()[6] - b'0');
                let expected = Expected {
                    state: job.state.kind(),
                    attempts: job.attempts,
                    failures: job.failures,
                    interruptions: job.interruptions,
                    dedup,
                    made,
                };
                (job.header.id, expected)
            })
            .collect();
        assert_eq!(actual, self.jobs);
        let live = self.jobs.values().filter(|job| job.state.is_live()).count();
        assert_eq!(queue::live(&view).unwrap(), live as u64);
        assert!(self.jobs.values().all(|job| job.made <= 1), "nothing is made twice");
        // A job that waits is looked for in time, and one that runs at once, if the appliance goes down now.
        let needed = stored.iter().filter_map(|job| match job.state {
            State::Queued { not_before } => Some(not_before),
            State::Leased { .. } => Some(self.place.clock_now()),
            _ => None,
        });
        if let Some(first) = needed.min() {
            let hint = self.opened().hint().expect("while a job is live, a hint leads to it");
            assert!(hint.due <= first, "{hint:?} is too late");
        }
    }

    /// Whatever has happened: in the end every job is over, and those that nobody stopped are done.
    fn settle(&mut self) {
        self.crash();
        for _ in 0..1_000 {
            while let Some(lease) = self.begin() {
                self.finish(&lease, 7);
            }
            if self.jobs.values().all(|job| !job.state.is_live()) {
                self.check();
                return;
            }
            self.place.clock.advance(Duration::from_secs(3_600));
        }
        panic!("jobs are lost: {:?}", self.jobs);
    }
}

impl Place {
    fn clock_now(&self) -> model::Timestamp {
        model::Clock::now(&*self.clock)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_crash_loses_a_job_or_does_one_twice(steps in proptest::collection::vec(step(), 1..60)) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
            world.check();
        }
        world.settle();
    }
}
