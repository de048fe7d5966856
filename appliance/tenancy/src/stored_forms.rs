//! The stored form of every record of this crate.

use std::collections::BTreeMap;

use access::usage::Limits;
use model::{AnyId, Id, NounKind, Timestamp};
use store::as_stored;

use crate::{
    Plan, Tenant,
    erase::Erasure,
    tenant::State,
    upkeep::{End, Errand, KeyKind, Task},
};

const AT: Timestamp = Timestamp::from_millis(1_800_000_000_000);

#[test]
fn records_are_stored_as_ever() {
    let agreed = Limits {
        minutes_per_month: 1,
        storage_bytes: 2,
        max_height_px: 3,
        concurrent_jobs: 4,
        seats: 5,
        requests_per_second: 6,
        projects: 7,
    };
    let states = [State::Active, State::Suspended, State::Closed { erase_from: AT }, State::Erased];
    let plans = [Plan::Trial, Plan::Team, Plan::Business, Plan::Enterprise];
    let tenant = |(state, plan)| {
        as_stored(&Tenant {
            id: Id::from_bits(0xAA),
            slug: "acme".to_owned(),
            name: "Acme".to_owned(),
            home: "eu".parse().unwrap(),
            plan,
            agreed: Some(agreed),
            state,
            version: 2,
            created: AT,
        })
    };
    let (backup, tenant_id) = (Id::from_bits(9), Id::from_bits(0xAA));
    let keys =
        [KeyKind::Appliance, KeyKind::Tenant, KeyKind::Database, KeyKind::Blob, KeyKind::Search, KeyKind::Backup];
    let mut tasks = vec![
        Task::Backup { backup, tenant: Some(tenant_id) },
        Task::Verify { backup, deep: true },
        Task::Restore { backup, tenant: tenant_id },
        Task::Move { tenant: tenant_id, volume: Some("large".to_owned()) },
        Task::Export { tenant: tenant_id, receiver: [4; 32] },
        Task::Prune { newest: 7, days: 30 },
    ];
    tasks.extend(keys.map(|key| Task::Rekey { tenant: None, key }));
    tasks.push(Task::Drill { backup });
    let failed = || End::Failed { code: "busy".to_owned(), detail: "it is in use".to_owned() };
    let errand = |(number, task)| {
        as_stored(&Errand {
            id: Id::from_bits(number as u128),
            task,
            by: AnyId::new(NounKind::User, 0xBB),
            asked: AT,
            end: Some(if number % 2 == 0 { End::Done } else { failed() }),
            ended: Some(AT),
            facts: BTreeMap::from([("rows".to_owned(), "12".to_owned())]),
        })
    };
    let erasure = Erasure { tenant: tenant_id, slug: "acme".to_owned(), files: 1, bytes: 2, begun: AT, done: Some(AT) };
    let all = [
        states.into_iter().zip(plans).map(tenant).collect::<String>(),
        tasks.into_iter().enumerate().map(errand).collect(),
        as_stored(&erasure),
    ];
    insta::assert_snapshot!("stored", all.concat());
}
