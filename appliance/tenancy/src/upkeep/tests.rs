//! Errands from the asking to the end.

use model::{IdSource, ManualClock, Region, Timestamp};
use store::{StoreLimits, vault::KeyFile};

use super::*;
use crate::{NewTenant, Plan, Tenant, create};

struct World {
    folder: tempfile::TempDir,
    store: Arc<Store>,
    upkeep: Upkeep,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let key = Box::new(KeyFile::create(&path.join("key")).unwrap());
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000)));
        let ids = Arc::new(IdSource::random());
        let store = Arc::new(Store::create(&path.join("data"), key, StoreLimits::default(), clock, ids).unwrap());
        let volumes = BTreeMap::from([("big".to_owned(), path.join("big"))]);
        let config = UpkeepConfig { backups: Some(path.join("backups")), volumes, ..UpkeepConfig::default() };
        let upkeep = Upkeep::new(store.clone(), config, Some(path.join("key"))).paused();
        World { folder, store, upkeep }
    }

    fn tenant(&self, slug: &str) -> Tenant {
        let home: Region = "eu".parse().unwrap();
        let new = NewTenant { slug: slug.into(), name: slug.into(), home, plan: Plan::Team };
        let event = EventDraft::system(SystemTask::TenantCreate, self.store.system().log());
        let tenant = create(&self.store, event, new).unwrap();
        drop(self.store.tenant(tenant.id).unwrap());
        tenant
    }

    fn ask(&self, task: Task) -> Errand {
        self.upkeep.check(&task).unwrap();
        let event = EventDraft::system(SystemTask::Backup, self.store.system().log());
        let by = self.store.system().log();
        self.store.system().write::<_, WriteError>(event, |tx| self.upkeep.note(tx, by, task)).unwrap()
    }

    fn done(&self, task: Task) -> Errand {
        let errand = self.ask(task);
        self.upkeep.begin(errand.clone());
        self.upkeep.run_all();
        self.upkeep.find(errand.id).unwrap().unwrap().0
    }
}

#[test]
fn errands_are_done_and_say_so() {
    let world = World::new();
    let tenant = world.tenant("acme").id;
    let backup = world.store.ids().next(world.store.clock().now());
    let made = world.done(Task::Backup { backup, tenant: None });
    assert_eq!((made.end, made.facts["tenants"].as_str()), (Some(End::Done), "1"));
    let other = world.store.vault().receiver_key();
    for task in [
        Task::Verify { backup, deep: true },
        Task::Restore { backup, tenant },
        Task::Move { tenant, volume: Some("big".into()) },
        Task::Move { tenant, volume: None },
        Task::Export { tenant, receiver: other.0 },
        Task::Rekey { tenant: Some(tenant), key: KeyKind::Tenant },
        Task::Rekey { tenant: Some(tenant), key: KeyKind::Database },
        Task::Rekey { tenant: Some(tenant), key: KeyKind::Blob },
        Task::Rekey { tenant: Some(tenant), key: KeyKind::Backup },
        Task::Rekey { tenant: None, key: KeyKind::Appliance },
        Task::Verify { backup, deep: true },
    ] {
        let done = world.done(task.clone());
        assert_eq!(done.end, Some(End::Done), "{task:?}");
        if let Some(file) = done.facts.get("file") {
            assert!(world.folder.path().join("backups").join(file).exists());
        }
    }
}

#[test]
fn what_cannot_be_done_is_refused_before_it_is_noted() {
    let world = World::new();
    let tenant = world.tenant("acme").id;
    let (stranger, nothing) = (Id::from_bits(77), Id::from_bits(78));
    let check = |task: Task, expected: &str| {
        let error = world.upkeep.check(&task).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(Task::Move { tenant, volume: Some("../etc".into()) }, "no volume");
    check(Task::Move { tenant: stranger, volume: None }, "no such tenant");
    check(Task::Verify { backup: nothing, deep: false }, "no backup");
    check(Task::Rekey { tenant: None, key: KeyKind::Blob }, "whose key");
    check(Task::Rekey { tenant: Some(tenant), key: KeyKind::Appliance }, "no tenant's");
    let bare = Upkeep::new(world.store.clone(), UpkeepConfig::default(), None);
    assert!(matches!(bare.check(&Task::Backup { backup: nothing, tenant: None }), Err(UpkeepError::NoBackups)));
    let renew = Task::Rekey { tenant: None, key: KeyKind::Appliance };
    assert!(matches!(bare.check(&renew), Err(UpkeepError::NoKeyFile)));
}

#[test]
fn what_fails_or_is_cut_off_says_why() {
    let world = World::new();
    let tenant = world.tenant("acme").id;
    let backup = world.store.ids().next(world.store.clock().now());
    world.done(Task::Backup { backup, tenant: Some(tenant) });
    let manifest = world.folder.path().join(format!("backups/sets/{backup}.manifest"));
    let errand = world.ask(Task::Verify { backup, deep: false });
    std::fs::write(manifest, b"spoiled").unwrap();
    world.upkeep.begin(errand.clone());
    world.upkeep.run_all();
    let (failed, _) = world.upkeep.find(errand.id).unwrap().unwrap();
    assert!(matches!(failed.end, Some(End::Failed { ref code, .. }) if code == "corrupt"));
    // Asked for, and never begun: the appliance stops here.
    let errand = world.ask(Task::Rekey { tenant: Some(tenant), key: KeyKind::Tenant });
    world.upkeep.settle().unwrap();
    let (cut, _) = world.upkeep.find(errand.id).unwrap().unwrap();
    assert!(matches!(cut.end, Some(End::Failed { ref code, .. }) if code == "cut_off"));
}

#[test]
fn drills_try_the_newest_backup_when_they_are_due_and_say_what_is_damaged() {
    let world = World::new();
    world.tenant("acme");
    assert!(matches!(world.upkeep.newest_whole(), Err(UpkeepError::NothingToDrill)));
    assert!(!world.upkeep.drill_when_due().unwrap(), "there is nothing to be tried");
    let backup = world.store.ids().next(world.store.clock().now());
    world.done(Task::Backup { backup, tenant: None });
    assert_eq!(world.upkeep.drills().unwrap().standing, Standing::Never);
    assert!(world.upkeep.drill_when_due().unwrap());
    assert!(!world.upkeep.drill_when_due().unwrap(), "it waits already");
    world.upkeep.run_all();
    let drills = world.upkeep.drills().unwrap();
    let last = &drills.newest[0];
    assert_eq!((drills.standing, &last.end), (Standing::Good, &Some(End::Done)), "{last:?}");
    assert_eq!((last.task.clone(), last.facts["stores"].as_str()), (Task::Drill { backup }, "2"));
    assert!(!world.upkeep.drill_when_due().unwrap(), "the next one is due in a week");

    // What a crash leaves is gone after the next start.
    let scratch = world.folder.path().join("data/restore-drill");
    std::fs::create_dir_all(scratch.join("tenants")).unwrap();
    world.upkeep.settle().unwrap();
    assert!(!scratch.exists());

    // A byte of the tenant's rows is another one.
    let rows = world.folder.path().join("backups/data");
    let mut folders = vec![rows];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.to_string_lossy().contains(&format!("{:032x}", 0)) {
                let mut bytes = std::fs::read(&path).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                std::fs::write(&path, bytes).unwrap();
            }
        }
    }
    let failed = world.done(Task::Drill { backup });
    let Some(End::Failed { code, detail }) = &failed.end else { panic!("{failed:?}") };
    assert!(code == "corrupt" && detail.contains("tnt_"), "{code}: {detail}");
    assert_eq!((failed.facts["findings"].as_str(), failed.facts["stores"].as_str()), ("1", "1"));
    assert_eq!(world.upkeep.drills().unwrap().standing, Standing::Failed);
    assert!(!scratch.exists());
}
