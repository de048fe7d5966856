//! Disks that are really full or take no writes: small file systems in memory, in a namespace of the test's own.

use std::{
    env, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use model::{ErrorKind, Id, SystemTask, noun::Tenant};

use crate::{
    EventDraft, Progress, Store, WriteError,
    backup::testing::{Note, World, put, tenant, texts},
    health::Fault,
};

const INSIDE: &str = "AUDIAGRAM_TEST_MAY_MOUNT";

/// Whether this is a run of the test that may mount. If not, such a run is made and must succeed.
#[expect(clippy::disallowed_methods, reason = "the test starts itself anew where it may mount")]
fn may_mount(test: &str) -> bool {
    if env::var_os(INSIDE).is_some() {
        return true;
    }
    let unshare = ["--user", "--map-root-user", "--mount"];
    if !Command::new("unshare").args(unshare).arg("true").status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: this machine lets nobody mount in a namespace of their own");
        return false;
    }
    let mut again = Command::new("unshare");
    again.args(unshare).arg(env::current_exe().unwrap()).args(["--exact", test, "--nocapture"]).env(INSIDE, "1");
    let done = again.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("1 passed"), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
    false
}

#[expect(clippy::disallowed_methods, reason = "mounting takes a program")]
fn mount(arguments: &[&str], at: &Path) {
    assert!(Command::new("mount").args(arguments).arg(at).status().unwrap().success(), "{arguments:?}");
}

/// A disk of this size, in the folder of the test's world.
fn disk(world: &World, size: &str) -> PathBuf {
    let at = world.folder.path().join("disk");
    fs::create_dir(&at).unwrap();
    mount(&["-t", "tmpfs", "-o", &format!("size={size},mode=700"), "none"], &at);
    at
}

/// With its options said anew: those that `mount` would read back name an owner whom the namespace does not know.
fn remount(disk: &Path, how: &str) {
    mount(&["-t", "tmpfs", "-o", &format!("remount,{how}"), "none"], disk);
}

/// Fills a disk to its last byte; the file that does it.
fn fill(disk: &Path) -> PathBuf {
    let path = disk.join("filler");
    let mut file = fs::File::create(&path).unwrap();
    for size in [4_096, 1] {
        loop {
            match file.write(&vec![1; size]) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::StorageFull => break,
                Err(error) => panic!("{error}"),
            }
        }
    }
    path
}

fn try_put(store: &Store, tenant: Id<Tenant>, number: u64, text: &str) -> Result<(), ErrorKind> {
    let event = EventDraft::system(SystemTask::Retention, tenant.erase());
    let file = store.tenant(tenant).map_err(|error| error.kind())?;
    file.write::<(), WriteError>(event, |tx| tx.put(&Note::new(number, text))).map_err(|error| error.kind())
}

fn fault_of(store: &Store, tenant: Id<Tenant>) -> Option<Fault> {
    let health = store.health();
    assert!(health.ready, "one tenant's fault is nobody else's: {:?}", health.conditions);
    health.conditions.iter().find(|found| found.tenant == Some(tenant)).map(|found| found.fault)
}

/// Every audit row is there, and the log has the root that it says.
fn is_sound(store: &Store, tenant: Id<Tenant>) {
    let file = store.tenant(tenant).unwrap();
    let (rows, root) = file.audit_head().unwrap();
    let mut frontier = crate::chain::Frontier::default();
    for (_, leaf) in file.read().unwrap().audit_leaves(0, usize::MAX).unwrap() {
        frontier.append(leaf.hash(), &mut |_, _, _| ());
    }
    assert_eq!((frontier.size(), frontier.root()), (rows, root));
}

#[test]
fn a_full_disk_is_one_tenants_and_nothing_acknowledged_is_lost() {
    if !may_mount("fault_tests::a_full_disk_is_one_tenants_and_nothing_acknowledged_is_lost") {
        return;
    }
    let world = World::new();
    let disk = disk(&world, "4m");
    let store = world.create("data");
    let (one, two) = (tenant(&store, 1), tenant(&store, 2));
    put(&store, one, 0, "first");
    put(&store, two, 0, "other");
    store.relocate(one, Some(&disk), &Progress::default()).unwrap();
    for round in 1..4 {
        let filler = fill(&disk);
        let mut acknowledged = texts(&store, one);
        let mut number = round * 100;
        // Some may find room in the file as it is.
        let refused = loop {
            let text = format!("{number}: {}", "x".repeat(20_000));
            match try_put(&store, one, number, &text) {
                Ok(()) => acknowledged.push(text),
                Err(kind) => break kind,
            }
            number += 1;
            assert!(number % 100 < 99, "the disk takes all");
        };
        assert!(matches!(refused, ErrorKind::Exhausted | ErrorKind::Unavailable), "{refused:?}");
        assert_eq!(fault_of(&store, one), Some(Fault::DiskFull));
        try_put(&store, two, round, "goes on").unwrap();
        assert_eq!(texts(&store, two).len() as u64, 1 + round);
        fs::remove_file(filler).unwrap();
        assert_eq!(texts(&store, one), acknowledged, "what was acknowledged is there, and nothing else");
        try_put(&store, one, number + 1, "there is room again").unwrap();
        assert_eq!(fault_of(&store, one), None);
        is_sound(&store, one);
    }
    drop(store);
    let store = world.open("data");
    assert!(texts(&store, one).iter().filter(|text| *text == "there is room again").count() == 3);
    is_sound(&store, two);
}

#[test]
fn a_disk_that_takes_no_writes_is_one_tenants() {
    if !may_mount("fault_tests::a_disk_that_takes_no_writes_is_one_tenants") {
        return;
    }
    let world = World::new();
    let disk = disk(&world, "16m");
    let store = world.create("data");
    let (one, two) = (tenant(&store, 1), tenant(&store, 2));
    put(&store, one, 0, "first");
    store.relocate(one, Some(&disk), &Progress::default()).unwrap();
    put(&store, one, 1, "second");
    store.alone(one, None, || Ok(())).unwrap();
    remount(&disk, "ro");
    assert_eq!(try_put(&store, one, 2, "lost"), Err(ErrorKind::Unavailable));
    assert_eq!(fault_of(&store, one), Some(Fault::DiskReadOnly));
    put(&store, two, 0, "goes on");
    remount(&disk, "rw");
    put(&store, one, 2, "third");
    assert_eq!(texts(&store, one), ["first", "second", "third"]);
    assert_eq!(fault_of(&store, one), None);
    is_sound(&store, one);
}

#[test]
fn a_full_disk_of_the_appliance_is_told_and_survived() {
    if !may_mount("fault_tests::a_full_disk_of_the_appliance_is_told_and_survived") {
        return;
    }
    let world = World::new();
    let disk = disk(&world, "8m");
    let data = disk.join("data");
    let store = world.create(data.to_str().unwrap());
    let one = tenant(&store, 1);
    put(&store, one, 0, "first");
    let filler = fill(&disk);
    let event = || EventDraft::system(SystemTask::Retention, store.system().log());
    let mut written = 0;
    // Until the system's file needs more room.
    let refused = loop {
        let note = Note::new(written, &"x".repeat(50_000));
        match store.system().write::<(), WriteError>(event(), |tx| tx.put(&note)) {
            Ok(()) => written += 1,
            Err(error) => break error.kind(),
        }
        assert!(written < 200, "the disk takes all");
    };
    assert!(matches!(refused, ErrorKind::Exhausted | ErrorKind::Unavailable), "{refused:?}");
    let health = store.health();
    let faults: Vec<_> = health.conditions.iter().map(|found| found.fault).collect();
    assert!(!health.ready && faults.contains(&Fault::DiskFull), "{faults:?}");
    assert_eq!(texts(&store, one), ["first"], "it can still be read");
    drop(store);
    fs::remove_file(filler).unwrap();
    let store = world.open(data.to_str().unwrap());
    assert!(store.health().ready);
    let view = store.system().read().unwrap();
    let found = crate::Read::list::<Note>(&view, &crate::Query::newest(1_000), |_| true).unwrap().items;
    assert_eq!(found.len() as u64, written, "what was acknowledged is there, and nothing else");
    put(&store, one, 1, "second");
    assert_eq!(texts(&store, one), ["first", "second"]);
}

#[test]
fn a_clock_that_jumps_is_told_and_harms_nobody() {
    let world = World::new();
    let store = world.create("data");
    let one = tenant(&store, 1);
    put(&store, one, 0, "first");
    let (hour, decade) = (Duration::from_secs(3_600), Duration::from_secs(10 * 365 * 86_400));
    let told = |store: &Store| {
        let health = store.health();
        assert!(health.ready, "it can serve");
        health.conditions.iter().any(|found| found.fault == Fault::ClockJumped)
    };
    assert!(store.trusts_clock(hour) && !told(&store));
    world.clock.advance(decade);
    assert!(!store.trusts_clock(hour), "nothing is erased because of it");
    assert!(told(&store));
    put(&store, one, 1, "ten years later");
    let late = store.ids().next::<Tenant>(model::Clock::now(&*world.clock));
    world.clock.set(model::Timestamp::from_millis(1_700_000_000_000));
    assert!(!store.trusts_clock(2 * hour) && told(&store));
    put(&store, one, 2, "years before");
    assert!(store.ids().next::<Tenant>(model::Clock::now(&*world.clock)) > late, "ids go on");
    // Nothing is closed too early or never, and nothing waits for a time that does not come.
    store.close_idle();
    assert_eq!(texts(&store, one), ["first", "ten years later", "years before"]);
    is_sound(&store, one);
    world.clock.advance(24 * hour);
    assert!(store.trusts_clock(26 * hour) && !told(&store), "after a day it is as it is");
}
