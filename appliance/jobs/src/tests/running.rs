//! The runner with threads, over a store on disk, with a launcher that does as the test says.

use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use model::{Id, IdSource, ManualClock, SystemTask, Timestamp, noun};
use store::{EventDraft, Placement, Read, Store, StoreLimits, WriteError, vault::KeyFile};

use crate::{
    Allowance, Attempt, Desk, Drained, Ending, Failure, Incarnation, Job, JobError, JobKind, Launcher, NewJob, Publish,
    PublishError, Reason, Runner, RunnerLimits, StateKind, StopReason, Subscription, Update, Work, cancel,
    lease::claim, requeue, submit,
};

type Tenant = Id<noun::Tenant>;

/// Far longer than anything takes: when it is over, the test has failed.
const LONG: Duration = Duration::from_secs(60);

struct House {
    store: Arc<Store>,
    clock: Arc<ManualClock>,
    _folder: tempfile::TempDir,
}

impl House {
    fn new(tenants: u128) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_790_000_000_000)));
        let key = Box::new(KeyFile::create(&folder.path().join("root.key")).unwrap());
        let ids = Arc::new(IdSource::random());
        let data = folder.path().join("data");
        let store = Arc::new(Store::create(&data, key, StoreLimits::default(), clock.clone(), ids).unwrap());
        for tenant in (1..=tenants).map(Id::from_bits) {
            store.vault().create_tenant(tenant).unwrap();
            let event = EventDraft::system(SystemTask::TenantCreate, tenant.erase());
            let placement = Placement { tenant, folder: None, begun: false };
            store.system().write::<(), WriteError>(event, |tx| tx.put(&placement)).unwrap();
        }
        House { store, clock, _folder: folder }
    }

    fn run(&self, slots: u32, script: &Arc<Script>) -> Runner {
        self.run_within(RunnerLimits { slots, ..RunnerLimits::default() }, script)
    }

    fn run_within(&self, limits: RunnerLimits, script: &Arc<Script>) -> Runner {
        Runner::start(self.store.clone(), Box::new(script.clone()), Box::new(Caps), limits).unwrap()
    }

    fn submit(&self, desk: &Desk, new: NewJob) -> Id<noun::Job> {
        let tenant = new.tenant;
        let _posting = desk.announce(tenant).unwrap();
        self.write::<_, JobError>(tenant, |tx| Ok(submit(tx, new)?.job().header.id)).unwrap()
    }

    fn write<T, E: From<WriteError>>(
        &self,
        tenant: Tenant,
        f: impl FnOnce(&mut store::Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.store.tenant(tenant).unwrap().write(EventDraft::system(SystemTask::JobRun, tenant.erase()), f)
    }

    fn job(&self, tenant: Tenant, id: Id<noun::Job>) -> Job {
        self.store.tenant(tenant).unwrap().read().unwrap().get::<Job>(&id).unwrap().unwrap()
    }
}

/// As many as the tenant's number, but never more than three.
struct Caps;

impl Allowance for Caps {
    fn concurrent_jobs(&self, tenant: Tenant) -> u32 {
        tenant.bits().min(3) as u32
    }
}

fn tenant(number: u128) -> Tenant {
    Id::from_bits(number)
}

/// A job whose payload says to the script what to do.
fn new_job(tenant: Tenant, what: &str) -> NewJob {
    let owner = Id::<noun::User>::from_bits(7).erase();
    NewJob { payload: what.into(), ..NewJob::new(JobKind::Render, tenant, "eu".parse().unwrap(), owner) }
}

/// What the launcher does, and what it has seen.
#[derive(Default)]
struct Script {
    seen: Mutex<Seen>,
    changed: Condvar,
}

#[derive(Default)]
struct Seen {
    begun: Vec<(Tenant, Id<noun::Job>)>,
    running: BTreeMap<Tenant, u32>,
    most: BTreeMap<Tenant, u32>,
    most_of_all: u32,
    stopped: Vec<StopReason>,
    open: bool,
}

impl Script {
    fn open(&self) {
        self.seen.lock().unwrap().open = true;
        self.changed.notify_all();
    }

    fn leave(&self, tenant: Tenant) {
        *self.seen.lock().unwrap().running.get_mut(&tenant).unwrap() -= 1;
        self.changed.notify_all();
    }

    fn until(&self, enough: impl Fn(&Seen) -> bool) {
        let (seen, timeout) =
            self.changed.wait_timeout_while(self.seen.lock().unwrap(), LONG, |seen| !enough(seen)).unwrap();
        assert!(!timeout.timed_out(), "begun: {:?}", seen.begun);
    }
}

impl Launcher for Arc<Script> {
    fn run(&self, work: &Work, attempt: &Attempt) -> Ending {
        {
            let mut seen = self.seen.lock().unwrap();
            seen.begun.push((work.tenant, work.lease.job));
            let running = seen.running.entry(work.tenant).or_default();
            *running += 1;
            let running = *running;
            let most = seen.most.entry(work.tenant).or_default();
            *most = running.max(*most);
            seen.most_of_all = seen.running.values().sum::<u32>().max(seen.most_of_all);
            self.changed.notify_all();
        }
        attempt.progress("encode", 0.25);
        let ending = match work.job.payload.0.as_slice() {
            b"quick" => Ending::done(),
            b"gate" => {
                self.until(|seen| seen.open);
                Ending::done()
            }
            b"hang" => match attempt.wait(LONG) {
                Some(reason) => {
                    self.seen.lock().unwrap().stopped.push(reason);
                    Ending::Stopped
                }
                None => Ending::Failed(Failure::new(Reason::Defect, "nobody stopped it")),
            },
            // Has done its work although it was asked to stop.
            b"late" => {
                attempt.wait(LONG);
                Ending::Done(made(work))
            }
            b"make" => Ending::Done(made(work)),
            b"refuse" => Ending::Done(Box::new(|tx| {
                tx.delete::<Job>(&Id::from_bits(1))?;
                Err(PublishError::Failed(Failure::new(Reason::NotAllowed, "the quota is used up")))
            })),
            b"boom" => Ending::Done(Box::new(|_| panic!("a defect of the publication"))),
            b"panic" => {
                self.leave(work.tenant);
                panic!("a defect of the launcher")
            }
            other => Ending::Failed(Failure::new(Reason::BadInput, String::from_utf8_lossy(other))),
        };
        self.leave(work.tenant);
        ending
    }
}

fn made(work: &Work) -> Publish {
    let job = work.lease.job;
    Box::new(move |tx| {
        tx.note("made", "yes");
        Ok(Some(Id::<noun::Video>::from_bits(job.bits()).erase()))
    })
}

fn watch(desk: &Desk, tenant: Tenant, job: Id<noun::Job>) -> Subscription {
    desk.subscribe(tenant, job).unwrap()
}

/// Waits for news that fit.
fn until(subscription: &mut Subscription, fits: impl Fn(&Update) -> bool) -> Update {
    loop {
        let update = subscription.wait(LONG).expect("news in time");
        if fits(&update) {
            return update;
        }
    }
}

#[test]
fn a_job_runs_and_what_it_made_is_stored_with_its_end() {
    let house = House::new(1);
    let script = Arc::new(Script::default());
    let runner = house.run(2, &script);
    let desk = runner.desk();
    let id = house.submit(&desk, new_job(tenant(1), "make"));
    let last = until(&mut watch(&desk, tenant(1), id), Update::is_last);
    assert_eq!((last.state, last.attempt), (StateKind::Done, 1));
    let job = house.job(tenant(1), id);
    assert_eq!(job.result, Some(Id::<noun::Video>::from_bits(id.bits()).erase()));
    assert_eq!((job.progress.stage.as_str(), job.progress.permille), ("encode", 250));
    // Submitted, claimed, finished: no row for progress.
    assert_eq!(house.store.tenant(tenant(1)).unwrap().audit_head().unwrap().0, 3);
}

#[test]
fn failures_are_judged() {
    let house = House::new(1);
    let script = Arc::new(Script::default());
    let runner = house.run(2, &script);
    let desk = runner.desk();
    let end = |what: &str| {
        let id = house.submit(&desk, new_job(tenant(1), what));
        until(&mut watch(&desk, tenant(1), id), |update| update.reason.is_some());
        let job = house.job(tenant(1), id);
        (job.state.kind(), job.failure.unwrap().reason)
    };
    assert_eq!(end("no such thing"), (StateKind::Failed, Reason::BadInput));
    assert_eq!(end("refuse"), (StateKind::Failed, Reason::NotAllowed));
    assert_eq!(end("panic"), (StateKind::Queued, Reason::Defect));
    assert_eq!(end("boom"), (StateKind::Queued, Reason::Defect));
}

#[test]
fn a_cancelled_job_is_stopped_and_what_it_made_is_dropped() {
    let house = House::new(2);
    let script = Arc::new(Script::default());
    let runner = house.run(1, &script);
    let desk = runner.desk();
    for what in ["hang", "late"] {
        let id = house.submit(&desk, new_job(tenant(2), what));
        let mut watched = watch(&desk, tenant(2), id);
        until(&mut watched, |update| update.progress.permille == 250);
        let waiting = house.submit(&desk, new_job(tenant(2), "quick"));
        let mut other = watch(&desk, tenant(2), waiting);
        for id in [waiting, id] {
            let _posting = desk.announce(tenant(2)).unwrap();
            house.write::<_, JobError>(tenant(2), |tx| cancel(tx, id)).unwrap();
        }
        assert_eq!(until(&mut watched, Update::is_last).state, StateKind::Cancelled);
        assert_eq!(until(&mut other, Update::is_last).state, StateKind::Cancelled);
        assert_eq!(house.job(tenant(2), id).result, None);
    }
    assert_eq!(runner.drain(LONG), Drained::default());
    assert_eq!(script.seen.lock().unwrap().stopped, [StopReason::Cancelled]);
    assert_eq!(script.seen.lock().unwrap().begun.len(), 2, "what was cancelled while it waited is not begun");
}

#[test]
fn an_attempt_that_takes_too_long_is_stopped_and_repeated_later() {
    let house = House::new(1);
    let script = Arc::new(Script::default());
    // Its lease is extended meanwhile.
    let limits = RunnerLimits { longest_attempt_s: 2, lease_s: 1, ..RunnerLimits::default() };
    let runner = house.run_within(limits, &script);
    let id = house.submit(&runner.desk(), new_job(tenant(1), "hang"));
    until(&mut watch(&runner.desk(), tenant(1), id), |update| update.reason == Some(Reason::Deadline));
    let job = house.job(tenant(1), id);
    assert_eq!((job.state.kind(), job.failures), (StateKind::Queued, 1));
    assert!(
        house.store.tenant(tenant(1)).unwrap().audit_head().unwrap().0 > 3,
        "submitted, claimed, extended, finished"
    );
}

#[test]
fn at_shutdown_work_is_handed_back_and_done_by_the_next_run() {
    let house = House::new(1);
    let script = Arc::new(Script::default());
    let runner = house.run(2, &script);
    let desk = runner.desk();
    let hanging = house.submit(&desk, new_job(tenant(1), "hang"));
    script.until(|seen| seen.begun.len() == 1);
    let waiting = house.submit(&desk, new_job(tenant(1), "quick"));
    assert_eq!(runner.drain(Duration::ZERO), Drained { handed_back: 1, left: 0 });
    let job = house.job(tenant(1), hanging);
    assert_eq!((job.state.kind(), job.attempts, job.failures), (StateKind::Queued, 1, 0));
    assert_eq!(house.job(tenant(1), waiting).attempts, 0, "nothing is begun while it goes down");

    let runner = house.run(2, &script);
    let desk = runner.desk();
    script.until(|seen| seen.begun.iter().filter(|(_, id)| *id == hanging).count() == 2);
    let posting = desk.announce(tenant(1)).unwrap();
    house.write::<_, JobError>(tenant(1), |tx| cancel(tx, hanging)).unwrap();
    drop(posting);
    until(&mut watch(&desk, tenant(1), waiting), Update::is_last);
    assert_eq!(house.job(tenant(1), hanging).attempts, 2);
}

#[test]
fn what_a_crash_left_is_taken_back_once() {
    let house = House::new(1);
    let script = Arc::new(Script::default());
    let id = {
        let runner = house.run(0, &script);
        house.submit(&runner.desk(), new_job(tenant(1), "make"))
    };
    // The appliance dies at work.
    house.write(tenant(1), |tx| claim(tx, id, Incarnation::random(), LONG)).unwrap();
    let runner = house.run(2, &script);
    let last = until(&mut watch(&runner.desk(), tenant(1), id), Update::is_last);
    assert_eq!((last.state, last.attempt), (StateKind::Done, 2));
    let job = house.job(tenant(1), id);
    assert_eq!((job.failures, job.interruptions), (0, 1));
}

#[test]
fn a_job_given_out_anew_waits_for_its_old_worker() {
    let house = House::new(3);
    let script = Arc::new(Script::default());
    let runner = house.run(4, &script);
    let desk = runner.desk();
    // It does not hear that it is to stop.
    let id = house.submit(&desk, new_job(tenant(3), "gate"));
    script.until(|seen| seen.begun.len() == 1);
    {
        let _posting = desk.announce(tenant(3)).unwrap();
        house.write::<_, JobError>(tenant(3), |tx| cancel(tx, id)).unwrap();
        house.write::<_, JobError>(tenant(3), |tx| requeue(tx, id)).unwrap();
    }
    let other = house.submit(&desk, new_job(tenant(3), "quick"));
    until(&mut watch(&desk, tenant(3), other), Update::is_last);
    assert_eq!(script.seen.lock().unwrap().begun.len(), 2, "the tenant was looked at, and only the other begun");
    script.open();
    let last = until(&mut watch(&desk, tenant(3), id), Update::is_last);
    assert_eq!((last.state, last.attempt), (StateKind::Done, 2));
    assert!(runner.desk().status().at_work);
}

#[test]
fn caps_hold_and_a_full_queue_does_not_keep_others_waiting() {
    let house = House::new(4);
    let script = Arc::new(Script::default());
    let runner = house.run(4, &script);
    let desk = runner.desk();
    let gate = house.submit(&desk, new_job(tenant(1), "gate"));
    script.until(|seen| seen.begun.len() == 1);
    let many: Vec<_> = (0..60).map(|_| house.submit(&desk, new_job(tenant(4), "quick"))).collect();
    let few: Vec<_> = (0..3).map(|_| house.submit(&desk, new_job(tenant(2), "quick"))).collect();
    for (who, id) in many.iter().map(|id| (tenant(4), id)).chain(few.iter().map(|id| (tenant(2), id))) {
        assert_eq!(until(&mut watch(&desk, who, *id), Update::is_last).state, StateKind::Done);
    }
    script.open();
    until(&mut watch(&desk, tenant(1), gate), Update::is_last);
    let seen = script.seen.lock().unwrap();
    assert_eq!(seen.begun.len(), 64, "each once");
    assert!(seen.most_of_all <= 4);
    for (who, most) in &seen.most {
        assert!(*most <= who.bits().min(3) as u32, "{who}: {most}");
    }
}

#[test]
fn a_schedule_makes_its_job_in_time() {
    let house = House::new(1);
    let script = Arc::new(Script::default());
    let runner = house.run(1, &script);
    let desk = runner.desk();
    let job = new_job(tenant(1), "quick");
    let new = crate::NewSchedule {
        tenant: job.tenant,
        home: job.home,
        owner: job.owner,
        project: None,
        classification: job.classification,
        title: "often".into(),
        kind: JobKind::Index,
        payload: job.payload,
        about: None,
        priority: None,
        cadence: crate::Cadence::Minutes(5),
        zone: "Asia/Tokyo".into(),
        start: None,
    };
    let posting = desk.announce(tenant(1)).unwrap();
    house.write(tenant(1), |tx| crate::schedule::create(tx, new)).unwrap();
    drop(posting);
    for run in 1..=3 {
        house.clock.advance(Duration::from_secs(300));
        // The clock of a test rings no bell.
        desk.wake(tenant(1));
        script.until(|seen| seen.begun.len() == run && seen.running[&tenant(1)] == 0);
        let (_, id) = script.seen.lock().unwrap().begun[run - 1];
        until(&mut watch(&desk, tenant(1), id), Update::is_last);
    }
}

#[test]
fn watchers_wait_as_tasks_too() {
    use std::task::{Context, Poll, Wake, Waker};

    struct Bell(Mutex<u32>, Condvar);
    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            *self.0.lock().unwrap() += 1;
            self.1.notify_all();
        }
    }

    let house = House::new(1);
    let script = Arc::new(Script::default());
    let runner = house.run(1, &script);
    let desk = runner.desk();
    let id = house.submit(&desk, new_job(tenant(1), "gate"));
    let mut watched = watch(&desk, tenant(1), id);
    let bell = Arc::new(Bell(Mutex::new(0), Condvar::new()));
    let waker = Waker::from(bell.clone());
    let mut rung = 0;
    let mut opened = false;
    loop {
        match watched.poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(update) if update.is_last() => break,
            Poll::Ready(update) => {
                if update.progress.permille == 250 && !opened {
                    opened = true;
                    script.open();
                }
            }
            Poll::Pending => {
                let (now, timeout) =
                    bell.1.wait_timeout_while(bell.0.lock().unwrap(), LONG, |now| *now == rung).unwrap();
                assert!(!timeout.timed_out());
                rung = *now;
            }
        }
    }
    assert!(matches!(desk.subscribe(tenant(1), Id::from_bits(1)), Err(crate::SubscribeError::NotFound)));
}
