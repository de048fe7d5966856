//! Schedules in a tenant's file, and the hints on the board.

use std::{collections::BTreeSet, time::Duration};

use model::{Classification, Clock, Id, noun};
use store::Read;

use super::place::{Opened, Place, TENANT, new_job};
use crate::{
    Cadence, Incarnation, JobError, JobKind, Lease, LeaseError, MAX_INTERRUPTIONS, NewSchedule, Priority, Progress,
    Schedule, ScheduleChange, ScheduleError, StateKind, TimeOfDay,
    lease::{Ended, claim, extend, finish},
    look::{Outlook, look},
    queue, reprioritize, schedule, submit,
};

const MINUTE: Duration = Duration::from_secs(60);

fn new(cadence: Cadence, zone: &str) -> NewSchedule {
    NewSchedule {
        tenant: TENANT,
        home: "eu".parse().unwrap(),
        owner: Id::<noun::User>::from_bits(7).erase(),
        project: None,
        classification: Classification::Confidential,
        title: "nightly".into(),
        kind: JobKind::Backup,
        payload: vec![1, 2, 3],
        about: None,
        priority: None,
        cadence,
        zone: zone.into(),
        start: None,
    }
}

fn add(opened: &Opened, new: NewSchedule) -> Result<Schedule, ScheduleError> {
    let _posting = opened.announce();
    opened.write(|tx| schedule::create(tx, new))
}

fn looked(opened: &Opened, incarnation: Incarnation) -> Outlook {
    look(&opened.tenant, incarnation, &BTreeSet::new()).unwrap()
}

/// Does the one job that is ready.
fn work(opened: &Opened, incarnation: Incarnation) {
    let ready = looked(opened, incarnation).ready;
    assert_eq!(ready.len(), 1);
    let (job, lease) = opened.write(|tx| claim(tx, ready[0].job, incarnation, MINUTE)).unwrap();
    assert_eq!(job.payload.0, [1, 2, 3]);
    assert_eq!(job.header.classification, Classification::Confidential);
    opened.write(|tx| finish(tx, &lease, Ended::Done { result: None }, Progress::default())).unwrap();
}

#[test]
fn missed_runs_become_one_and_a_schedule_does_not_overlap_itself() {
    let place = Place::new();
    let opened = place.open();
    let incarnation = Incarnation::random();
    let made = add(&opened, new(Cadence::Minutes(10), "Europe/Berlin")).unwrap();
    let first = looked(&opened, incarnation);
    assert!(first.ready.is_empty() && first.scheduled);
    assert_eq!(first.next, Some(place.clock.now().after(MINUTE * 10)));

    // The appliance was off for a day.
    place.clock.advance(MINUTE * 60 * 24);
    let outlook = looked(&opened, incarnation);
    assert_eq!(outlook.ready.len(), 1);
    assert_eq!(outlook.next, Some(place.clock.now().after(MINUTE * 10)));
    // The next ones come while it waits or runs.
    place.clock.advance(MINUTE * 25);
    let rows = opened.rows();
    let outlook = looked(&opened, incarnation);
    assert_eq!((outlook.ready.len(), outlook.live), (1, 1));
    assert_eq!(opened.rows(), rows, "nothing is written while the last job is not over");
    work(&opened, incarnation);
    // Those were missed: one more, and then at its time again.
    work(&opened, incarnation);
    let outlook = looked(&opened, incarnation);
    assert_eq!((outlook.ready.len(), outlook.live), (0, 0));
    assert_eq!(outlook.next, Some(place.clock.now().after(MINUTE * 5)));

    opened
        .write(|tx| schedule::change(tx, made.header.id, ScheduleChange { enabled: Some(false), ..Default::default() }))
        .unwrap();
    place.clock.advance(MINUTE * 60);
    let outlook = looked(&opened, incarnation);
    assert_eq!((outlook.ready.len(), outlook.scheduled, outlook.next), (0, false, None));
    opened.write(|tx| schedule::delete(tx, made.header.id)).unwrap();
    assert!(matches!(opened.write(|tx| schedule::delete(tx, made.header.id)), Err(ScheduleError::NotFound)));
}

#[test]
fn bad_schedules_are_refused() {
    let place = Place::new();
    let opened = place.open();
    let field = |new: NewSchedule| match add(&opened, new) {
        Err(ScheduleError::Field { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    let daily = Cadence::Days { every: 1, at: TimeOfDay { hour: 2, minute: 30 } };
    assert_eq!(field(new(daily, "Mars/Olympus")), "zone");
    assert_eq!(field(new(Cadence::Hours(0), "UTC")), "cadence");
    assert_eq!(field(NewSchedule { title: "two\nlines".into(), ..new(daily, "UTC") }), "title");
    assert_eq!(field(NewSchedule { payload: vec![0; 40_000], ..new(daily, "UTC") }), "payload");
}

#[test]
fn bad_jobs_are_refused() {
    let place = Place::new();
    let opened = place.open();
    let field = |change: &dyn Fn(&mut crate::NewJob)| {
        let mut new = new_job(JobKind::Render);
        change(&mut new);
        match opened.write(|tx| submit(tx, new)) {
            Err(JobError::Field { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(field(&|new| new.payload = vec![0; 33 << 10]), "payload");
    assert_eq!(field(&|new| new.dedup = Some(String::new())), "dedup");
    assert_eq!(field(&|new| new.dedup = Some("x".repeat(201))), "dedup");
    assert_eq!(field(&|new| new.cost_s = Some(0)), "cost_s");
    assert_eq!(field(&|new| new.max_failures = Some(0)), "max_failures");
}

#[test]
fn jobs_are_listed_moved_ahead_and_pruned() {
    let place = Place::new();
    let opened = place.open();
    let incarnation = Incarnation::random();
    let recording = Id::<noun::Recording>::from_bits(9).erase();
    let mut ids = Vec::new();
    for number in 0..4u8 {
        let mut new = new_job(JobKind::Render);
        new.about = (number % 2 == 0).then_some(recording);
        new.payload = vec![1, 2, 3];
        new.classification = Classification::Confidential;
        ids.push(opened.write(|tx| submit(tx, new)).unwrap().job().header.id);
        place.clock.advance(MINUTE);
    }
    opened.write(|tx| reprioritize(tx, ids[3], Priority::Interactive)).unwrap();
    assert_eq!(looked(&opened, incarnation).ready[0].job, ids[3]);
    let view = opened.tenant.read().unwrap();
    let about = queue::about(&view, recording, None, 10, |_| true).unwrap().items;
    assert_eq!(about.iter().map(|job| job.header.id).collect::<Vec<_>>(), [ids[2], ids[0]]);

    for id in &ids[..3] {
        opened.write(|tx| crate::cancel(tx, *id)).unwrap();
        place.clock.advance(MINUTE * 60);
    }
    assert!(matches!(
        opened.write(|tx| reprioritize(tx, ids[0], Priority::Batch)),
        Err(JobError::State(StateKind::Cancelled))
    ));
    let before = opened.job(ids[1]).state.at();
    assert_eq!(opened.write(|tx| queue::prune(tx, before, 100)).unwrap(), 1);
    let view = opened.tenant.read().unwrap();
    assert!(view.get::<crate::Job>(&ids[0]).unwrap().is_none());
    let cancelled = queue::list(&view, StateKind::Cancelled, None, 10, |_| true).unwrap().items;
    assert_eq!(cancelled.iter().map(|job| job.header.id).collect::<Vec<_>>(), [ids[2], ids[1]]);
    work(&opened, incarnation);
    assert_eq!(opened.job(ids[3]).state.kind(), StateKind::Done);
}

#[test]
fn a_claim_is_of_what_is_ready_only() {
    let place = Place::new();
    let opened = place.open();
    let incarnation = Incarnation::random();
    let mut new = new_job(JobKind::Deliver);
    new.not_before = Some(place.clock.now().after(MINUTE));
    let id = opened.write(|tx| submit(tx, new)).unwrap().job().header.id;
    let take = || opened.write(|tx| claim(tx, id, incarnation, MINUTE));
    assert!(matches!(take(), Err(LeaseError::Lost)), "not yet");
    place.clock.advance(MINUTE);
    let (_, lease) = take().unwrap();
    assert!(matches!(take(), Err(LeaseError::Lost)), "taken");
    assert!(matches!(
        opened.write(|tx| extend(tx, &Lease { attempt: 2, ..lease }, MINUTE, Progress::default())),
        Err(LeaseError::Lost)
    ));
    place.clock.advance(MINUTE);
    let later = opened.write(|tx| extend(tx, &lease, MINUTE, Progress::new("encode", 0.5))).unwrap();
    assert_eq!((later.state.at(), later.progress.permille), (place.clock.now().after(MINUTE), 500));
    assert_eq!(opened.last_outcome().unwrap(), model::Outcome::Done);
    let failed = Ended::Failed(crate::Failure::new(crate::Reason::BadInput, "no speech"));
    opened.write(|tx| finish(tx, &lease, failed, Progress::default())).unwrap();
    assert_eq!(opened.last_outcome().unwrap(), model::Outcome::Failed);
}

#[test]
fn hints_come_before_jobs_and_go_some_time_after_the_last() {
    let place = Place::new();
    let opened = place.open();
    let incarnation = Incarnation::random();
    let settle = || {
        let now = place.clock.now();
        opened.board.take(now, 10);
        opened.board.settle(TENANT, &looked(&opened, incarnation), false, now);
    };
    let tidy = || opened.board.tidy(&opened.system, place.clock.now()).unwrap();
    assert_eq!(opened.hint(), None);

    let posting = opened.announce();
    assert!(opened.hint().is_some());
    let rows = opened.system.audit_head().unwrap().0;
    drop(opened.announce());
    assert_eq!(opened.system.audit_head().unwrap().0, rows, "one hint is enough");
    settle();
    place.clock.advance(MINUTE * 11);
    assert_eq!(tidy(), 0, "not while a submission is on its way");
    drop(posting);
    assert_eq!(tidy(), 0, "not before a look");
    settle();
    assert_eq!(tidy(), 1);
    assert_eq!(opened.hint(), None);

    // Work far ahead: the next start need not look before.
    let mut new = new_job(JobKind::Deliver);
    let due = place.clock.now().after(MINUTE * 600);
    new.not_before = Some(due);
    let posting = opened.announce();
    opened.write(|tx| submit(tx, new)).unwrap();
    drop(posting);
    settle();
    place.clock.advance(MINUTE * 11);
    assert_eq!(tidy(), 1);
    assert_eq!(opened.hint().unwrap().due, due);
    drop(opened);
    let opened = place.open();
    assert!(!opened.board.is_rung(place.clock.now()));
    assert_eq!(opened.board.next_due(), Some(due));
    // Sooner work comes: the hint must not say later.
    drop(opened.announce());
    assert!(opened.hint().unwrap().due <= place.clock.now());
}

#[test]
fn a_clock_that_is_put_back_keeps_nothing_waiting_for_a_year() {
    let place = Place::new();
    let opened = place.open();
    let incarnation = Incarnation::random();
    let right = place.clock.now();
    place.clock.advance(MINUTE * 60 * 24 * 365);
    add(&opened, new(Cadence::Minutes(10), "UTC")).unwrap();
    let id = opened.write(|tx| submit(tx, new_job(JobKind::Render))).unwrap().job().header.id;
    place.clock.set(right);
    let outlook = looked(&opened, incarnation);
    assert_eq!(outlook.ready.len(), 2, "the job, and the schedule's");
    assert_eq!(outlook.next, Some(right.after(MINUTE * 10)));
    opened.write(|tx| claim(tx, id, incarnation, MINUTE)).unwrap();
}

#[test]
fn a_job_that_is_cut_off_again_and_again_is_given_up() {
    let place = Place::new();
    let opened = place.open();
    let id = opened.write(|tx| submit(tx, new_job(JobKind::Render))).unwrap().job().header.id;
    for time in 1..=MAX_INTERRUPTIONS {
        let incarnation = Incarnation::random();
        opened.write(|tx| claim(tx, id, incarnation, MINUTE)).unwrap();
        let outlook = looked(&opened, Incarnation::random());
        let job = opened.job(id);
        assert_eq!((job.interruptions, job.failures), (time, 0));
        assert_eq!(outlook.ready.len(), usize::from(time <= 2), "{time}");
        place.clock.advance(MINUTE * 30);
    }
    assert_eq!(opened.job(id).state.kind(), StateKind::Dead);
}

#[test]
fn an_attempt_of_which_the_end_was_not_stored_is_taken_back() {
    let place = Place::new();
    let opened = place.open();
    let incarnation = Incarnation::random();
    let id = opened.write(|tx| submit(tx, new_job(JobKind::Render))).unwrap().job().header.id;
    opened.write(|tx| claim(tx, id, incarnation, MINUTE)).unwrap();
    look(&opened.tenant, incarnation, &BTreeSet::from([id])).unwrap();
    assert_eq!(opened.job(id).state.kind(), StateKind::Running);
    assert_eq!(looked(&opened, incarnation).ready.len(), 1);
    assert_eq!(opened.job(id).interruptions, 1);
}
