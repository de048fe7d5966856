use std::time::Duration;

use model::{Classification, ManualClock, Timestamp};
use serde::{Deserialize, Serialize};

use super::*;
use crate::{Query, Read as _, vault::KeyFile};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Note {
    number: u64,
    secrecy: Classification,
    text: String,
}

impl Record for Note {
    const NAME: &'static str = "note";
    const NUMBER: u8 = 201;
    type Key = u64;
    fn key(&self) -> u64 {
        self.number
    }
}

struct Place {
    folder: tempfile::TempDir,
    clock: Arc<ManualClock>,
}

impl Place {
    fn new() -> Self {
        Place {
            folder: tempfile::tempdir().unwrap(),
            clock: Arc::new(ManualClock::new(Timestamp::from_millis(1_000_000))),
        }
    }

    fn store(&self, max_open: usize) -> Store {
        let data = self.folder.path().join("data");
        let key = self.folder.path().join("root.key");
        let limits = StoreLimits { max_open, ..StoreLimits::default() };
        let (clock, ids) = (self.clock.clone(), Arc::new(IdSource::fixed(7)));
        if key.exists() {
            Store::open(&data, Box::new(KeyFile::open(&key).unwrap()), limits, clock, ids).unwrap()
        } else {
            Store::create(&data, Box::new(KeyFile::create(&key).unwrap()), limits, clock, ids).unwrap()
        }
    }
}

fn create(store: &Store, number: u128) -> Id<Tenant> {
    let tenant = Id::from_bits(number);
    store.vault().create_tenant(tenant).unwrap();
    let event = EventDraft::system(SystemTask::TenantCreate, tenant.erase());
    store
        .system()
        .write::<(), WriteError>(event, |tx| tx.put(&Placement { tenant, folder: None, begun: false }))
        .unwrap();
    tenant
}

fn write(store: &Store, tenant: Id<Tenant>, number: u64, text: &str) {
    let event = EventDraft::system(SystemTask::Retention, tenant.erase());
    let note = Note { number, secrecy: Classification::Internal, text: text.to_owned() };
    store.tenant(tenant).unwrap().write::<(), WriteError>(event, |tx| tx.put(&note)).unwrap();
}

fn read(store: &Store, tenant: Id<Tenant>) -> Vec<String> {
    let view = store.tenant(tenant).unwrap().read().unwrap();
    view.list::<Note>(&Query { newest_first: false, ..Query::newest(100) }, |_| true)
        .unwrap()
        .items
        .into_iter()
        .map(|note| note.text)
        .collect()
}

#[test]
fn tenants_are_apart_and_their_files_close_and_open_again() {
    let place = Place::new();
    let store = place.store(3);
    let tenants: Vec<_> = (1..=10).map(|number| create(&store, number)).collect();
    assert_eq!(store.open_files(), 0, "a new tenant takes no room");
    for (number, tenant) in tenants.iter().enumerate() {
        place.clock.advance(Duration::from_secs(1));
        write(&store, *tenant, 1, &format!("of {number}"));
        assert!(store.open_files() <= 3);
    }
    for (number, tenant) in tenants.iter().enumerate() {
        assert_eq!(read(&store, *tenant), [format!("of {number}")]);
    }
    drop(store);
    let store = place.store(3);
    assert_eq!(read(&store, tenants[4]), ["of 4"]);
    place.clock.advance(Duration::from_secs(301));
    store.close_idle();
    assert_eq!(store.open_files(), 0);
}

#[test]
fn a_few_files_too_many_wait_for_the_background() {
    let place = Place::new();
    let store = place.store(8);
    let tenants: Vec<_> = (1..=12).map(|number| create(&store, number)).collect();
    for tenant in &tenants {
        place.clock.advance(Duration::from_secs(1));
        write(&store, *tenant, 1, "x");
        assert!(store.open_files() <= 9, "one in eight too many, and no more");
    }
    assert_eq!(store.open_files(), 9);
    store.close_surplus();
    assert_eq!(store.open_files(), 8);
    let open: Vec<_> = tenants.iter().filter(|tenant| store.lock().contains_key(tenant)).collect();
    assert_eq!(open, tenants[4..].iter().collect::<Vec<_>>(), "the longest unused went first");
    drop(store);
    let store = place.store(8);
    assert!(tenants.iter().all(|tenant| read(&store, *tenant) == ["x"]), "all were closed well");
}

#[test]
fn a_file_in_use_stays_open() {
    let place = Place::new();
    let store = place.store(1);
    let held = create(&store, 1);
    let handle = store.tenant(held).unwrap();
    for number in 2..6 {
        place.clock.advance(Duration::from_secs(1));
        let tenant = create(&store, number);
        write(&store, tenant, 1, "x");
    }
    assert!(Arc::ptr_eq(&handle, &store.tenant(held).unwrap()));
}

#[test]
fn many_threads_open_and_close_without_meeting() {
    let place = Place::new();
    let store = place.store(2);
    let tenants: Vec<_> = (1..=6).map(|number| create(&store, number)).collect();
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let (store, tenants) = (&store, &tenants);
            scope.spawn(move || {
                for round in 0..30u64 {
                    let tenant = tenants[((thread * 7 + round * 5) % 6) as usize];
                    write(store, tenant, thread * 1000 + round, "x");
                }
            });
        }
    });
    let all: usize = tenants.iter().map(|tenant| read(&store, *tenant).len()).sum();
    assert_eq!(all, 120);
}

#[test]
fn what_was_there_is_not_begun_anew() {
    let place = Place::new();
    let store = place.store(4);
    let tenant = create(&store, 1);
    write(&store, tenant, 1, "x");
    place.clock.advance(Duration::from_secs(301));
    store.close_idle();
    let view = store.system().read().unwrap();
    let path = store.folder_of(&view.get::<Placement>(&tenant).unwrap().unwrap()).join("store.redb");
    fs::rename(&path, path.with_extension("away")).unwrap();
    assert!(matches!(store.tenant(tenant), Err(StoreError::Gone(_))));
    fs::rename(path.with_extension("away"), &path).unwrap();
    assert_eq!(read(&store, tenant), ["x"]);
    assert!(matches!(store.tenant(Id::from_bits(99)), Err(StoreError::NoTenant)));
}

#[test]
fn an_erased_tenant_opens_no_more() {
    let place = Place::new();
    let store = place.store(4);
    let tenant = create(&store, 1);
    write(&store, tenant, 1, "x");
    place.clock.advance(Duration::from_secs(301));
    store.close_idle();
    store.vault().destroy(tenant, store.clock().now()).unwrap();
    assert!(matches!(store.tenant(tenant), Err(StoreError::Vault(_))));
}

#[test]
fn erasing_leaves_nothing_that_can_be_read() {
    let place = Place::new();
    let store = place.store(4);
    let (tenant, other) = (create(&store, 1), create(&store, 2));
    for one in [tenant, other] {
        write(&store, one, 1, "x");
    }
    let folder = store.tenant(tenant).unwrap().folder.clone();
    fs::create_dir_all(folder.join("blobs/ab")).unwrap();
    fs::write(folder.join("blobs/ab/cd"), [0; 100]).unwrap();
    let weight = store.weigh(tenant).unwrap();
    assert!(weight.files == 2 && weight.bytes > 100, "{weight:?}");
    let copy = fs::read(folder.join("store.redb")).unwrap();

    let held = store.tenant(tenant).unwrap();
    store.erase(tenant).unwrap();
    assert!(!folder.exists());
    assert!(matches!(store.tenant(tenant), Err(StoreError::Vault(_))), "an open handle opens nothing new");
    drop(held);
    store.erase(tenant).unwrap();

    // Put back from a copy, it is as unreadable.
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("store.redb"), copy).unwrap();
    assert!(matches!(store.tenant(tenant), Err(StoreError::Vault(_))));
    assert_eq!(read(&store, other), ["x"]);
    assert_eq!(store.weigh(Id::from_bits(99)).unwrap(), Weight::default());
}
