//! The stored form of every record of this crate.

use model::{AnyId, Id, NounKind, Timestamp};
use serde_json::{from_value, json};
use store::{as_stored, full_header};

use crate::{
    Cadence, DueHint, Failure, Job, JobKind, Payload, Priority, Progress, Reason, Schedule, State, TimeOfDay, Weekdays,
    queue::Backlog,
};

const AT: Timestamp = Timestamp::from_millis(1_800_000_000_000);

#[test]
fn jobs_are_stored_as_ever() {
    let incarnation = from_value(json!(7)).unwrap();
    let states = [
        State::Queued { not_before: AT },
        State::Leased { incarnation, until: AT },
        State::Done { at: AT },
        State::Failed { at: AT },
        State::Dead { at: AT },
        State::Cancelled { at: AT },
    ];
    // Each kind and each reason once; the states again and again.
    let count = JobKind::ALL.len().max(Reason::ALL.len());
    let job = |number: usize| {
        as_stored(&Job {
            header: full_header(number as u128),
            kind: JobKind::ALL[number % JobKind::ALL.len()],
            payload: Payload(vec![1, 2]),
            about: Some(AnyId::new(NounKind::Recording, 11)),
            priority: Priority::ALL[number % 3],
            cost_s: 60,
            dedup: Some("once".to_owned()),
            schedule: Some(Id::from_bits(5)),
            state: states[number % states.len()],
            attempts: 1,
            failures: 2,
            interruptions: 3,
            max_failures: 4,
            failure: Some(Failure { reason: Reason::ALL[number % Reason::ALL.len()], message: "no disk".to_owned() }),
            progress: Progress { stage: "render".to_owned(), permille: 500 },
            result: Some(AnyId::new(NounKind::Video, 14)),
        })
    };
    insta::assert_snapshot!("jobs", (0..count).map(job).collect::<String>());
}

#[test]
fn schedules_are_stored_as_ever() {
    let at = TimeOfDay { hour: 6, minute: 30 };
    let cadences = [
        Cadence::Minutes(5),
        Cadence::Hours(6),
        Cadence::Days { every: 2, at },
        Cadence::Weekly { on: Weekdays::WORKING, at },
        Cadence::Monthly { day: 31, at },
    ];
    let schedule = |cadence| {
        as_stored(&Schedule {
            header: full_header(5),
            title: "Every morning".to_owned(),
            kind: JobKind::ALL[0],
            payload: Payload(vec![1, 2]),
            about: Some(AnyId::new(NounKind::Recording, 11)),
            priority: Some(Priority::Batch),
            cadence,
            zone: "Europe/Berlin".to_owned(),
            enabled: true,
            start: AT,
            next: Some(AT),
            planned: AT,
            last: Some(Id::from_bits(20)),
        })
    };
    let rest = [as_stored(&Backlog { live: 3 }), as_stored(&DueHint { tenant: Id::from_bits(0xAA), due: AT })];
    insta::assert_snapshot!("schedules", cadences.map(schedule).concat() + &rest.concat());
}
