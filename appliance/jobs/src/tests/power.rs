//! The power goes at every sync of either disk: what was acknowledged is there, nothing is made twice, and all work ends.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use model::{Id, noun};
use store::{
    Query, Read,
    backend::{Fate, Faults},
};

use super::place::{Made, Opened, Place, TENANT, new_job};
use crate::{
    Incarnation, Job, JobError, JobKind, LeaseError, Progress, StateKind,
    lease::{Ended, claim, finish},
    look::look,
    submit,
};

const JOBS: usize = 3;
const MINUTE: Duration = Duration::from_secs(60);

/// What someone was told.
#[derive(Debug, Default)]
struct Told {
    submitted: BTreeSet<Id<noun::Job>>,
    done: BTreeSet<Id<noun::Job>>,
}

/// Submits jobs and does them, as far as the power lasts.
fn work(place: &Place, opened: &Opened, submissions: usize, told: &mut Told) -> Result<(), JobError> {
    for _ in 0..submissions {
        let _posting = opened.board.announce(&opened.system, TENANT)?;
        let submitted = opened.write::<_, JobError>(|tx| submit(tx, new_job(JobKind::Render)))?;
        told.submitted.insert(submitted.job().header.id);
    }
    let incarnation = Incarnation::random();
    let lease_error = |error| match error {
        LeaseError::Lost => panic!("nobody else is at work"),
        LeaseError::Read(error) => JobError::Read(error),
        LeaseError::Write(error) => JobError::Write(error),
    };
    loop {
        let outlook = look(&opened.tenant, incarnation, &BTreeSet::new())?;
        let now = model::Clock::now(&*place.clock);
        opened.board.take(now, 10);
        opened.board.settle(TENANT, &outlook, false, now);
        let Some(first) = outlook.ready.first() else {
            place.clock.advance(MINUTE * 11);
            opened.board.tidy(&opened.system, model::Clock::now(&*place.clock))?;
            return Ok(());
        };
        let (_, lease) = opened.write(|tx| claim(tx, first.job, incarnation, MINUTE)).map_err(lease_error)?;
        opened
            .write(|tx| {
                Made::once_more(tx, lease.job)?;
                finish(tx, &lease, Ended::Done { result: None }, Progress::default())
            })
            .map_err(lease_error)?;
        told.done.insert(first.job);
    }
}

/// Cuts the power of a disk at its `sync`th sync after the start; says whether it came to that.
fn check(disk: usize, sync: u64, fate: Fate) -> bool {
    let place = Place::new();
    let faults: [Faults; 2] = Default::default();
    let opened = place.open_with(&faults);
    faults[disk].cut_power_at_sync(faults[disk].syncs() + sync, fate);
    let mut told = Told::default();
    let cut = work(&place, &opened, JOBS, &mut told).is_err();
    drop(opened);

    let opened = place.open();
    let case = format!("disk {disk}, sync {sync}, {fate:?}");
    let view = opened.tenant.read().unwrap();
    let stored = |view: &store::View| -> BTreeMap<_, _> {
        let jobs = view.list::<Job>(&Query::newest(100), |_| true).unwrap().items;
        jobs.into_iter().map(|job| (job.header.id, job.state.kind())).collect()
    };
    let before = stored(&view);
    assert!(told.submitted.iter().all(|job| before.contains_key(job)), "{case}: a job is lost");
    assert!(told.done.iter().all(|job| before[job] == StateKind::Done), "{case}: an end is lost");
    if before.values().any(|state| state.is_live()) {
        assert!(opened.board.is_rung(model::Clock::now(&*place.clock)), "{case}: nobody will look");
    }
    drop(view);
    work(&place, &opened, 0, &mut told).unwrap();
    let view = opened.tenant.read().unwrap();
    for (job, state) in stored(&view) {
        assert_eq!(state, StateKind::Done, "{case}");
        assert_eq!(view.get::<Made>(&job).unwrap().map(|made| made.times), Some(1), "{case}");
    }
    cut
}

#[test]
fn a_power_cut_at_any_sync_loses_and_doubles_nothing() {
    for disk in 0..2 {
        let mut sync = 1;
        while [Fate::Lost, Fate::Kept, Fate::Torn(sync), Fate::Torn(sync + 1_000)]
            .map(|fate| check(disk, sync, fate))
            .contains(&true)
        {
            sync += 1;
        }
        assert!(sync > [2, 9][disk], "disk {disk} was synced {sync} times only");
    }
}
