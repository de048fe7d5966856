//! Moves and new keys while tenants work, cut off at each step; faults of disks and files, seen as data.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use model::{Id, IdSource, SystemTask, noun::Tenant};
use redb::backends::InMemoryBackend;

use crate::{
    Database, EventDraft, Progress, Rekey, Store, StoreError, WriteError,
    backend::{self, Faults, Faulty},
    backup::testing::{Note, World, blob, blobs, files, put, put_blob, tenant, texts},
    health::Fault,
    vault::{DataKey, Purpose},
};

/// Writes to a tenant without pause while `work` runs, and looks that nothing of it is lost.
fn while_writing(store: &Store, tenant: Id<Tenant>, work: impl FnOnce()) {
    let stop = AtomicBool::new(false);
    let written = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut number = 1_000;
            while !stop.load(Ordering::Relaxed) {
                put(store, tenant, number, &format!("{number}"));
                number += 1;
            }
            number
        });
        work();
        stop.store(true, Ordering::Relaxed);
        writer.join().unwrap()
    });
    let found = texts_from(store, tenant, 1_000);
    assert_eq!(found, (1_000..written).map(|number| number.to_string()).collect::<Vec<_>>());
}

fn texts_from(store: &Store, tenant: Id<Tenant>, first: u64) -> Vec<String> {
    use crate::Read as _;
    let view = store.tenant(tenant).unwrap().read().unwrap();
    let get = |number| view.get::<Note>(&number).unwrap().map(|note| note.text);
    (first..).map_while(get).collect()
}

fn audit_verifies(store: &Store, tenant: Id<Tenant>) {
    let mut chain = crate::copy::ChainCheck::default();
    let view = store.tenant(tenant).unwrap().read().unwrap();
    crate::copy::pour(&view, |key, value| chain.row(key, value)).unwrap();
    chain.finish().unwrap();
}

#[test]
fn a_tenant_moves_there_and_back_while_it_writes() {
    let world = World::new();
    let store = world.create("data");
    let one = tenant(&store, 1);
    (0..300).for_each(|number| put(&store, one, number, "x"));
    let digest = put_blob(&store, one, &[5; 200_000]);
    let volume = world.folder.path().join("volume");
    let before = store.tenant(one).unwrap().folder.clone();
    while_writing(&store, one, || assert!(store.relocate(one, Some(&volume), &Progress::default()).unwrap()));
    assert!(!before.exists(), "the old place is empty");
    assert!(store.tenant(one).unwrap().folder.starts_with(&volume));
    assert_eq!(blob(&store, one, &digest), [5; 200_000]);
    audit_verifies(&store, one);
    assert!(!store.relocate(one, Some(&volume), &Progress::default()).unwrap(), "it is there already");
    store.relocate(one, None, &Progress::default()).unwrap();
    assert_eq!(store.tenant(one).unwrap().folder, before);
    assert_eq!(blob(&store, one, &digest), [5; 200_000]);
    assert_eq!(files(&volume), [""; 0].map(std::path::PathBuf::from));
    // One that has no file yet.
    let empty = tenant(&store, 2);
    store.relocate(empty, Some(&volume), &Progress::default()).unwrap();
    put(&store, empty, 1, "first");
    assert_eq!(files(&volume).len(), 1);
}

#[test]
fn a_move_that_is_stopped_at_any_step_leaves_nothing() {
    let world = World::new();
    let store = world.create("data");
    let one = tenant(&store, 1);
    (0..5).for_each(|number| put(&store, one, number, "x"));
    put_blob(&store, one, &[5; 100]);
    let volume = world.folder.path().join("volume");
    let expected = texts(&store, one);
    let mut steps = 0;
    while store.relocate(one, Some(&volume), &Progress::of_steps(steps)).is_err() {
        assert_eq!(texts(&store, one), expected, "step {steps}");
        assert_eq!(files(&volume).len(), 0, "step {steps}");
        steps += 1;
    }
    assert!(steps > 5);
    assert_eq!(texts(&store, one), expected);
}

/// A copy of the data folder as a crash leaves it: nothing was closed.
fn crash(world: &World, to: &str) -> Store {
    let target = world.folder.path().join(to);
    copy_tree(&world.folder.path().join("data"), &target);
    world.open(to)
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_tree(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}

#[test]
fn moves_cut_off_by_a_crash_are_finished_or_taken_back() {
    let world = World::new();
    let store = world.create("data");
    let one = tenant(&store, 1);
    put(&store, one, 1, "one");
    let from = store.tenant(one).unwrap().folder.clone();
    let name = from.file_name().unwrap().to_owned();
    // Before the switch: half a copy lies at the target.
    let half = world.folder.path().join("half").join(&name);
    fs::create_dir_all(&half).unwrap();
    fs::write(half.join("store.redb"), b"half").unwrap();
    store.note_move(one, &half);
    let crashed = crash(&world, "before");
    assert!(!half.exists());
    assert_eq!(texts(&crashed, one), ["one"]);
    drop(crashed);
    // After the switch: the old place is full still. (The note names the place as the crashed appliance sees it.)
    let volume = world.folder.path().join("volume");
    store.relocate(one, Some(&volume), &Progress::default()).unwrap();
    fs::create_dir_all(&from).unwrap();
    fs::write(from.join("store.redb"), b"old").unwrap();
    store.note_move(one, &from);
    store.alone(one, None, || Ok(())).unwrap();
    let crashed = crash(&world, "after");
    assert!(!from.exists());
    assert_eq!(texts(&crashed, one), ["one"]);
}

#[test]
fn data_keys_are_renewed_while_the_tenant_writes() {
    let world = World::new();
    let store = world.create("data");
    let one = tenant(&store, 1);
    (0..300).for_each(|number| put(&store, one, number, "x"));
    let digest = put_blob(&store, one, &[5; 200_000]);
    let path = store.tenant(one).unwrap().folder.join("store.redb");
    let before = store.vault().keys(one).unwrap();
    while_writing(&store, one, || {
        store.rekey(one, Rekey::Data(Purpose::Database), &Progress::default()).unwrap();
        store.rekey(one, Rekey::Data(Purpose::Blob), &Progress::default()).unwrap();
        store.rekey(one, Rekey::Tenant, &Progress::default()).unwrap();
    });
    audit_verifies(&store, one);
    assert_eq!(blob(&store, one, &digest), [5; 200_000]);
    let after = store.vault().keys(one).unwrap();
    for purpose in [Purpose::Database, Purpose::Blob] {
        let versions: Vec<_> = after.all(purpose).map(DataKey::version).collect();
        assert_eq!(versions, [2], "the old key is dropped");
    }
    store.alone(one, None, || Ok(())).unwrap();
    assert!(backend::open(&path, before.current(Purpose::Database), 1 << 20).is_err(), "the old key opens nothing");
    // After the next start, and with another appliance key.
    crate::vault::rotate_key_file(store.vault(), &world.folder.path().join("root.key")).unwrap();
    drop(store);
    let store = world.open("data");
    assert_eq!(texts_from(&store, one, 0).len(), 300);
    assert_eq!(blob(&store, one, &digest), [5; 200_000]);
}

#[test]
fn a_renewal_that_is_cut_off_goes_on() {
    let world = World::new();
    let store = world.create("data");
    let one = tenant(&store, 1);
    (0..5).for_each(|number| put(&store, one, number, "x"));
    let digest = put_blob(&store, one, &[5; 200_000]);
    for purpose in [Purpose::Database, Purpose::Blob] {
        let mut steps = 0;
        while store.rekey(one, Rekey::Data(purpose), &Progress::of_steps(steps)).is_err() {
            assert_eq!(texts(&store, one).len(), 5);
            assert_eq!(blob(&store, one, &digest), [5; 200_000]);
            let crashed = crash(&world, &format!("{}{steps}", purpose.name()));
            assert_eq!(texts(&crashed, one).len(), 5);
            assert_eq!(blob(&crashed, one, &digest), [5; 200_000]);
            steps += 1;
        }
        assert!(steps > 0);
        assert_eq!(store.vault().keys(one).unwrap().all(purpose).count(), 1);
        store.alone(one, None, || Ok(())).unwrap();
    }
    assert_eq!(blobs(&store, one).list().count(), 1);
}

#[test]
fn who_does_not_let_go_keeps_the_file() {
    let world = World::new();
    let store = world.create("data");
    let one = tenant(&store, 1);
    put(&store, one, 1, "one");
    let held = store.hold(one, "looked at").unwrap();
    assert!(matches!(store.tenant(one), Err(StoreError::Held { what: "looked at", .. })));
    assert!(store.hold(one, "twice").is_err());
    drop(held);
    assert_eq!(texts(&store, one), ["one"]);
}

#[test]
fn only_the_tenants_that_were_open_are_repaired_and_when_they_are_asked_for() {
    let world = World::new();
    let store = world.create("data");
    let tenants: Vec<_> = (1..=6).map(|number| tenant(&store, number)).collect();
    tenants.iter().for_each(|tenant| put(&store, *tenant, 1, "x"));
    // Three are closed, three are not when the power fails.
    tenants[..3].iter().for_each(|tenant| store.alone(*tenant, None, || Ok(())).unwrap());
    let handles: Vec<_> = tenants[3..].iter().map(|tenant| store.tenant(*tenant).unwrap()).collect();
    let crashed = crash(&world, "crashed");
    drop(handles);
    let start = crashed.health().repaired;
    for (number, tenant) in tenants.iter().enumerate() {
        assert_eq!(texts(&crashed, *tenant), ["x"]);
        let expected = (number + 1).saturating_sub(3) as u64;
        assert_eq!(crashed.health().repaired - start, expected, "tenant {number}");
    }
}

#[test]
fn damage_is_one_tenants_and_is_told() {
    let world = World::new();
    let store = world.create("data");
    let (one, two) = (tenant(&store, 1), tenant(&store, 2));
    (0..200).for_each(|number| put(&store, one, number, &"text ".repeat(40)));
    put(&store, two, 1, "two");
    let path = store.tenant(one).unwrap().folder.join("store.redb");
    store.alone(one, None, || Ok(())).unwrap();
    let whole = fs::read(&path).unwrap();
    let expected = texts(&store, one);
    store.alone(one, None, || Ok(())).unwrap();
    let mut noticed = 0;
    for page in 0..whole.len() / backend::PAGE {
        let mut damaged = whole.clone();
        damaged[page * backend::PAGE + 100..(page + 1) * backend::PAGE].fill(0x5A);
        if damaged == whole {
            continue;
        }
        fs::write(&path, &damaged).unwrap();
        match store.tenant(one) {
            Err(error) => {
                assert_eq!(error.kind(), model::ErrorKind::Corrupt, "page {page}: {error}");
                let health = store.health();
                let found = health.conditions.iter().find(|found| found.tenant == Some(one));
                assert_eq!(found.map(|found| found.fault), Some(Fault::Damaged), "page {page}");
                assert!(health.conditions.iter().all(|found| found.tenant != Some(two)));
                noticed += 1;
            }
            // A page that nothing refers to.
            Ok(handle) => {
                drop(handle);
                assert_eq!(texts(&store, one), expected, "page {page} is silently wrong");
            }
        }
        assert_eq!(texts(&store, two), ["two"]);
        store.alone(one, None, || Ok(())).unwrap();
    }
    assert!(noticed > 5, "{noticed}");
    for length in [0, 100, 4096, whole.len() / 2] {
        fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(store.tenant(one).unwrap_err().kind(), model::ErrorKind::Corrupt, "cut to {length}");
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(texts(&store, one), expected);
    assert!(store.health().conditions.iter().all(|found| found.tenant.is_none()));
}

#[test]
fn a_full_disk_has_a_name() {
    let faults = Faults::default();
    let key = DataKey::for_test(Purpose::Database, 1);
    let inner = Faulty::new(InMemoryBackend::new(), faults.clone()).unwrap();
    let redb = backend::attach(Path::new("memory"), inner, &key, 1 << 20).unwrap();
    let clock = Arc::new(model::ManualClock::new(model::Timestamp::from_millis(1)));
    let tenant = Id::<Tenant>::from_bits(1);
    let db = Database::begin(tenant.erase(), redb, 0, clock, Arc::new(IdSource::fixed(1))).unwrap();
    let write = |text: &str| {
        let event = EventDraft::system(SystemTask::Retention, tenant.erase());
        db.write::<(), WriteError>(event, |tx| tx.put(&Note::new(1, text)))
    };
    write("fits").unwrap();
    assert_eq!(db.fault(), None);
    faults.fill_at(Some(0));
    assert!(write(&"x".repeat(100_000)).is_err());
    assert_eq!(db.fault(), Some(Fault::DiskFull));
}

#[test]
fn too_few_file_handles_have_a_name_and_harm_nobody() {
    let world = World::new();
    let store = world.create("data");
    let tenants: Vec<_> = (1..=3).map(|number| tenant(&store, number)).collect();
    tenants.iter().for_each(|tenant| put(&store, *tenant, 1, "x"));
    tenants.iter().for_each(|tenant| store.alone(*tenant, None, || Ok(())).unwrap());
    let open = store.tenant(tenants[0]).unwrap();
    let before = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let none = rustix::process::Rlimit { current: Some(0), ..before };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, none).unwrap();
    let refused = store.tenant(tenants[1]);
    put(&store, tenants[0], 2, "the open one works");
    let health = store.health();
    rustix::process::setrlimit(rustix::process::Resource::Nofile, before).unwrap();
    assert_eq!(refused.unwrap_err().kind(), model::ErrorKind::Unavailable);
    let found = health.conditions.iter().find(|found| found.tenant == Some(tenants[1])).unwrap();
    assert_eq!(found.fault, Fault::TooManyFiles);
    assert_eq!(texts(&store, tenants[1]), ["x"], "nothing was lost");
    drop(open);
}
