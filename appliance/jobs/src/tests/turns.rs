//! The scheduler: fair, within its caps, and nobody starves.

use std::collections::{BTreeMap, BTreeSet};

use model::{Id, Timestamp, noun};
use proptest::prelude::*;

use crate::{
    kind::Priority,
    scheduler::{Ready, Scheduler},
};

type Tenant = Id<noun::Tenant>;

fn tenant(number: u128) -> Tenant {
    Id::from_bits(number)
}

fn ready(job: u128, priority: Priority, since_s: u64, cost_s: u32) -> Ready {
    Ready { job: Id::from_bits(job), priority, since: Timestamp::from_millis(since_s * 1_000), cost_s }
}

fn batch(jobs: std::ops::Range<u128>, cost_s: u32) -> Vec<Ready> {
    jobs.map(|job| ready(job, Priority::Batch, 0, cost_s)).collect()
}

#[test]
fn one_job_is_not_delayed_by_a_thousand_beyond_a_round() {
    let mut scheduler = Scheduler::new(1, 60);
    scheduler.offer(tenant(1), 4, batch(0..1_000, 20));
    for _ in 0..50 {
        let (who, _) = scheduler.pick().unwrap();
        scheduler.release(who);
    }
    scheduler.offer(tenant(2), 4, batch(5_000..5_001, 20));
    let mut before = 0;
    loop {
        let (who, _) = scheduler.pick().unwrap();
        scheduler.release(who);
        if who == tenant(2) {
            break;
        }
        before += 1;
    }
    assert!(before <= 3, "a quantum is three jobs, but {before} came first");
}

#[test]
fn shares_are_of_work_and_not_of_jobs() {
    let mut scheduler = Scheduler::new(1, 60);
    scheduler.offer(tenant(1), 1, batch(0..10_000, 1));
    scheduler.offer(tenant(2), 1, batch(20_000..30_000, 100));
    let mut work = BTreeMap::<Tenant, u32>::new();
    for _ in 0..5_000 {
        let (who, job) = scheduler.pick().unwrap();
        *work.entry(who).or_default() += job.cost_s;
        scheduler.release(who);
    }
    let (one, other) = (work[&tenant(1)], work[&tenant(2)]);
    assert!(one.abs_diff(other) <= 160, "{one} s and {other} s");
}

#[test]
fn what_is_urgent_overtakes_but_not_for_ever() {
    let mut scheduler = Scheduler::new(1, 3_600);
    let mut order = vec![
        ready(1, Priority::Maintenance, 0, 1),
        ready(2, Priority::Batch, 100, 1),
        ready(3, Priority::Interactive, 200, 1),
        // More than ten minutes after the batch job, more than an hour after the maintenance job.
        ready(4, Priority::Interactive, 701, 1),
        ready(5, Priority::Interactive, 3_601, 1),
    ];
    order.reverse();
    scheduler.offer(tenant(1), 9, order);
    let mut jobs = Vec::new();
    while let Some((who, job)) = scheduler.pick() {
        jobs.push(job.job.bits());
        scheduler.release(who);
    }
    assert_eq!(jobs, [3, 2, 4, 1, 5]);
}

#[test]
fn a_tenant_that_may_run_nothing_is_passed_over() {
    let mut scheduler = Scheduler::new(2, 60);
    scheduler.offer(tenant(1), 0, batch(0..10, 1));
    assert_eq!(scheduler.pick(), None);
    scheduler.offer(tenant(2), 1, batch(20..30, 1));
    assert_eq!(scheduler.pick().unwrap().0, tenant(2));
    assert_eq!(scheduler.pick(), None, "the second tenant is at its cap");
    scheduler.offer(tenant(1), 1, batch(0..10, 1));
    assert_eq!(scheduler.pick().unwrap().0, tenant(1));
    assert_eq!(scheduler.pick(), None, "both slots are taken");
    scheduler.release(tenant(1));
    assert_eq!(scheduler.pick().unwrap().0, tenant(1));
}

proptest! {
    #[test]
    fn caps_hold_and_everything_has_its_turn(
        slots in 1..6u32,
        lanes in proptest::collection::vec((1..4u32, proptest::collection::vec((0..3usize, 1..200u32), 1..30)), 1..8),
        draws in proptest::collection::vec(any::<prop::sample::Index>(), 300),
    ) {
        let mut scheduler = Scheduler::new(slots, 60);
        let mut waiting = BTreeSet::new();
        let mut caps = BTreeMap::new();
        for (number, (cap, jobs)) in lanes.iter().enumerate() {
            let jobs: Vec<_> = jobs
                .iter()
                .enumerate()
                .map(|(at, (priority, cost))| {
                    ready((number * 1_000 + at) as u128, Priority::ALL[*priority], at as u64, *cost)
                })
                .collect();
            waiting.extend(jobs.iter().map(|job| job.job));
            caps.insert(tenant(number as u128), *cap);
            scheduler.offer(tenant(number as u128), *cap, jobs);
        }
        let mut running: Vec<Tenant> = Vec::new();
        let mut draws = draws.iter();
        while !waiting.is_empty() {
            while let Some((who, job)) = scheduler.pick() {
                prop_assert!(waiting.remove(&job.job), "a job comes once");
                running.push(who);
                prop_assert!(running.len() <= slots as usize);
                prop_assert!(running.iter().filter(|other| **other == who).count() <= caps[&who] as usize);
                prop_assert_eq!(scheduler.running_of(who) as usize, running.iter().filter(|other| **other == who).count());
            }
            // With jobs waiting and nothing more to begin, something runs that will end.
            prop_assert!(!running.is_empty() || waiting.is_empty());
            if !running.is_empty() {
                let ends = draws.next().map_or(0, |draw| draw.index(running.len()));
                scheduler.release(running.swap_remove(ends));
            }
        }
        for who in running {
            scheduler.release(who);
        }
        prop_assert_eq!(scheduler.running(), 0);
        prop_assert_eq!(scheduler.pick(), None);
    }

    /// Tenants that always have work get shares that differ by no more than a quantum and the dearest job, at any time.
    #[test]
    fn shares_stay_close(costs in proptest::collection::vec(1..150u32, 2..6), rounds in 50..400usize) {
        let mut scheduler = Scheduler::new(1, 60);
        for (number, cost) in costs.iter().enumerate() {
            scheduler.offer(tenant(number as u128), 1, batch(0..500, *cost));
        }
        let mut work = vec![0u32; costs.len()];
        for _ in 0..rounds {
            let (who, job) = scheduler.pick().unwrap();
            work[who.bits() as usize] += job.cost_s;
            scheduler.release(who);
            let dearest = costs.iter().max().unwrap();
            let apart = work.iter().max().unwrap() - work.iter().min().unwrap();
            prop_assert!(apart <= 60 + 2 * dearest, "{work:?}");
        }
    }
}
