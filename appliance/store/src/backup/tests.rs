//! Backups of a store that is written to, put back, of erased tenants, and damaged in every way.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use model::{Id, IdSource};

use super::{
    testing::{World, blob, blobs, files, put, put_blob, tenant, texts},
    *,
};
use crate::{Progress, Rekey, Store, vault::Purpose};

impl World {
    fn backup(&self, store: &Store) -> Backup {
        create(store, &self.backups(), Scope::Whole, &Progress::default()).unwrap()
    }

    fn restore(&self, backup: &Backup, name: &str) -> Result<Restored, BackupError> {
        let (clock, ids) = (self.clock.clone(), Arc::new(IdSource::fixed(9)));
        let target = self.folder.path().join(name);
        restore(&self.backups(), backup.id, vec![self.root()], &target, clock, ids, &Progress::default())
    }
}

fn good(world: &World, store: &Store, backup: &Backup) -> Verified {
    let depth = Depth::Blobs;
    let verified = verify(&world.backups(), backup.id, store.vault(), depth, &Progress::default()).unwrap();
    assert_eq!(verified.findings, []);
    verified
}

const CANARY: &str = "the canary that nobody may read";

#[test]
fn what_was_backed_up_comes_back() {
    let world = World::new();
    let store = world.create("data");
    let (one, two, empty) = (tenant(&store, 1), tenant(&store, 2), tenant(&store, 3));
    (0..50).for_each(|number| put(&store, one, number, &format!("{CANARY} {number}")));
    put(&store, two, 1, "two");
    let content = CANARY.repeat(10_000).into_bytes();
    let digest = put_blob(&store, one, &content);
    let backup = world.backup(&store);
    assert_eq!((backup.tenants, backup.failed), (2, 0));
    let verified = good(&world, &store, &backup);
    assert_eq!((verified.tenants, verified.blobs), (2, 1));
    for path in files(&world.backups()) {
        let bytes = fs::read(&path).unwrap();
        assert!(!bytes.windows(10).any(|part| part == &CANARY.as_bytes()[..10]), "{} is plain", path.display());
    }
    // What comes later is not in it.
    put(&store, one, 99, "later");
    drop(store);

    // Without the appliance, from the backup's own copy of the vault.
    let vault = open_keys(&world.backups(), vec![world.root()]).unwrap();
    let verified = verify(&world.backups(), backup.id, &vault, Depth::Blobs, &Progress::default()).unwrap();
    assert!(verified.findings.is_empty());
    drop(vault);

    let restored = world.restore(&backup, "again").unwrap();
    assert_eq!((restored.tenants, restored.erased.len(), restored.failed.len()), (2, 0, 0));
    let again = world.open("again");
    assert_eq!(texts(&again, one).len(), 50);
    assert_eq!(texts(&again, two), ["two"]);
    assert_eq!(texts(&again, empty), [""; 0]);
    assert_eq!(blob(&again, one, &digest), content);
    put(&again, one, 99, "goes on");
    assert!(matches!(world.restore(&backup, "again"), Err(BackupError::Occupied(_))));
}

#[test]
fn a_second_backup_copies_what_is_new() {
    let world = World::new();
    let store = world.create("data");
    let (one, two) = (tenant(&store, 1), tenant(&store, 2));
    put(&store, one, 1, "one");
    put(&store, two, 1, "two");
    put_blob(&store, one, &[1; 300_000]);
    let first = world.backup(&store);
    let before = files(&world.backups().join("data"));
    put(&store, two, 2, "more");
    let digest = put_blob(&store, two, &[2; 200_000]);
    let second = world.backup(&store);
    let after = files(&world.backups().join("data"));
    // The system's file, the rows of the second tenant, and its blob.
    assert_eq!(after.len(), before.len() + 3);
    good(&world, &store, &first);
    good(&world, &store, &second);
    let (found, bad) = list(&world.backups(), &store.vault().public_key()).unwrap();
    assert_eq!((found.len(), bad), (2, 0));
    world.restore(&second, "again").unwrap();
    assert_eq!(blob(&world.open("again"), two, &digest), [2; 200_000]);
}

#[test]
fn a_snapshot_while_many_write() {
    let world = World::new();
    let store = world.create("data");
    let tenants: Vec<_> = (1..5).map(|number| tenant(&store, number)).collect();
    tenants.iter().for_each(|tenant| put(&store, *tenant, 0, "first"));
    let stop = AtomicBool::new(false);
    let mut backups = Vec::new();
    std::thread::scope(|scope| {
        for tenant in &tenants {
            let (store, stop) = (&store, &stop);
            scope.spawn(move || {
                let mut number = 1;
                while !stop.load(Ordering::Relaxed) {
                    put(store, *tenant, number % 500, "x");
                    number += 1;
                }
            });
        }
        for _ in 0..5 {
            backups.push(world.backup(&store));
        }
        stop.store(true, Ordering::Relaxed);
    });
    for backup in &backups {
        assert_eq!(good(&world, &store, backup).tenants, 4);
    }
    world.restore(&backups[2], "again").unwrap();
    let again = world.open("again");
    tenants.iter().for_each(|tenant| assert!(texts(&again, *tenant).contains(&"first".to_owned())));
}

#[test]
fn an_erased_tenant_stays_unreadable_in_every_backup() {
    let world = World::new();
    let store = world.create("data");
    let (kept, gone) = (tenant(&store, 1), tenant(&store, 2));
    put(&store, kept, 1, "kept");
    put(&store, gone, 1, CANARY);
    put_blob(&store, gone, CANARY.as_bytes());
    let backup = world.backup(&store);
    // Somebody keeps all of the folder elsewhere.
    let stolen = world.folder.path().join("stolen");
    for path in files(&world.backups()) {
        let copy = stolen.join(path.strip_prefix(world.backups()).unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(&path, copy).unwrap();
    }
    store.vault().destroy(gone, store.clock().now()).unwrap();
    forget(&store, &world.backups()).unwrap();
    assert!(
        files(&world.backups().join("data"))
            .iter()
            .all(|path| !path.to_string_lossy().contains(&format!("{:032x}", 2)))
    );

    let check = |store: &Store, restored: &Restored| {
        assert_eq!((restored.tenants, restored.erased.as_slice()), (1, [gone].as_slice()));
        assert_eq!(texts(store, kept), ["kept"]);
        assert!(store.tenant(gone).is_err());
        assert!(store.vault().create_tenant(gone).is_err(), "it never comes back under this id");
        let receipt = store.vault().receipt(gone, std::collections::BTreeMap::new()).unwrap();
        receipt.verify(&store.vault().public_key()).unwrap();
    };
    // From the folder itself.
    let restored = world.restore(&backup, "again").unwrap();
    check(&world.open("again"), &restored);
    assert!(matches!(
        restore_tenant(&store, &world.backups(), backup.id, gone, &Progress::default()),
        Err(BackupError::Erased(_))
    ));
    assert_eq!(good(&world, &store, &backup).erased, [gone]);
    // The old data put back into it: there are no keys for them.
    for path in files(&stolen.join("data")) {
        let back = world.backups().join(path.strip_prefix(&stolen).unwrap());
        fs::create_dir_all(back.parent().unwrap()).unwrap();
        fs::copy(&path, back).unwrap();
    }
    let restored = world.restore(&backup, "once_more").unwrap();
    check(&world.open("once_more"), &restored);
    // The old copy of the vault too: the receipt destroys its keys before anything is read.
    for path in files(&world.backups().join("keys")) {
        fs::remove_file(path).unwrap();
    }
    for path in files(&stolen.join("keys")) {
        fs::copy(&path, world.backups().join("keys").join(path.file_name().unwrap())).unwrap();
    }
    let restored = world.restore(&backup, "third").unwrap();
    check(&world.open("third"), &restored);
}

#[test]
fn one_tenant_is_put_back_while_others_work() {
    let world = World::new();
    let store = world.create("data");
    let (one, two) = (tenant(&store, 1), tenant(&store, 2));
    put(&store, one, 1, "as it was");
    put(&store, two, 1, "two");
    let digest = put_blob(&store, one, b"content");
    let backup = world.backup(&store);
    put(&store, one, 1, "spoiled");
    put(&store, two, 1, "two goes on");
    blobs(&store, one).delete(&digest).unwrap();
    // Under new keys, the old copy is put back all the same.
    store.rekey(one, Rekey::Data(Purpose::Blob), &Progress::default()).unwrap();
    store.rekey(one, Rekey::Data(Purpose::Database), &Progress::default()).unwrap();
    restore_tenant(&store, &world.backups(), backup.id, one, &Progress::default()).unwrap();
    assert_eq!(texts(&store, one), ["as it was"]);
    assert_eq!(texts(&store, two), ["two goes on"]);
    assert_eq!(blob(&store, one, &digest), b"content");
    let view = store.tenant(one).unwrap().read().unwrap();
    let last = view.audit_rows(0, 100).unwrap().pop().unwrap().1.unwrap();
    assert!(last.detail.iter().any(|(name, _)| name == "replaced_root"), "the log says that it was replaced");

    // A file that is damaged or gone is why one restores.
    drop(view);
    let path = store.tenant(one).unwrap().folder.join("store.redb");
    store.alone(one, None, || Ok(fs::remove_file(&path)?)).unwrap();
    assert!(store.tenant(one).is_err());
    assert_eq!(store.health().conditions.iter().filter(|found| found.tenant == Some(one)).count(), 1);
    restore_tenant(&store, &world.backups(), backup.id, one, &Progress::default()).unwrap();
    assert_eq!(texts(&store, one), ["as it was"]);
    assert!(store.health().conditions.iter().all(|found| found.tenant.is_none()));
}

#[test]
fn any_damage_is_found() {
    let world = World::new();
    let store = world.create("data");
    let one = tenant(&store, 1);
    put(&store, one, 1, "one");
    put_blob(&store, one, &[7; 70_000]);
    let backup = world.backup(&store);
    let check = |what: &str| {
        let found = verify(&world.backups(), backup.id, store.vault(), Depth::Blobs, &Progress::default());
        assert!(found.map_or(true, |verified| !verified.findings.is_empty()), "{what} is not seen");
    };
    for path in files(&world.backups().join("data")).into_iter().chain(files(&world.backups().join("sets"))) {
        let whole = fs::read(&path).unwrap();
        for place in [0, 9, 61, whole.len() / 2, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            fs::write(&path, &changed).unwrap();
            check(&format!("byte {place} of {}", path.display()));
        }
        for length in [0, 60, whole.len() / 2, whole.len() - 1] {
            fs::write(&path, &whole[..length]).unwrap();
            check(&format!("{} cut to {length}", path.display()));
        }
        fs::write(&path, [whole.as_slice(), b"\n"].concat()).unwrap();
        check(&format!("{} with more at its end", path.display()));
        fs::remove_file(&path).unwrap();
        check(&format!("{} gone", path.display()));
        fs::write(&path, &whole).unwrap();
    }
    good(&world, &store, &backup);
}

#[test]
fn folders_of_backups_are_not_shared() {
    let world = World::new();
    let (store, other) = (world.create("data"), world.create("other"));
    let one = tenant(&store, 1);
    put(&store, one, 1, "one");
    let backup = world.backup(&store);
    let foreign = create(&other, &world.backups(), Scope::Whole, &Progress::default());
    assert!(matches!(foreign, Err(BackupError::Foreign(_))));
    let strange = verify(&world.backups(), backup.id, other.vault(), Depth::Rows, &Progress::default());
    assert!(matches!(strange, Err(BackupError::Manifest { .. })), "signed by another");
    assert!(matches!(
        read(&world.backups(), Id::from_bits(5), &store.vault().public_key()),
        Err(BackupError::Missing(_))
    ));
    let stopped = Progress::default();
    stopped.stop();
    assert!(create(&store, &world.backups(), Scope::Whole, &stopped).is_err());
    assert_eq!(list(&world.backups(), &store.vault().public_key()).unwrap().0.len(), 1);
}

#[test]
fn a_damaged_tenant_does_not_stop_a_backup() {
    let world = World::new();
    let store = world.create("data");
    let (one, two) = (tenant(&store, 1), tenant(&store, 2));
    put(&store, one, 1, "one");
    put(&store, two, 1, "two");
    let path = store.tenant(one).unwrap().folder.join("store.redb");
    store.alone(one, None, || Ok(fs::write(&path, b"")?)).unwrap();
    let backup = world.backup(&store);
    assert_eq!((backup.tenants, backup.failed), (1, 1));
    assert_eq!(good(&world, &store, &backup).failed, [one]);
    let restored = world.restore(&backup, "again").unwrap();
    assert_eq!(restored.failed, [one]);
    let again = world.open("again");
    assert_eq!(texts(&again, two), ["two"]);
    assert!(again.tenant(one).is_err(), "it is not begun anew unseen");
}

#[test]
fn old_backups_go_and_what_others_need_stays() {
    let world = World::new();
    let store = world.create("data");
    let (one, two, gone) = (tenant(&store, 1), tenant(&store, 2), tenant(&store, 3));
    let pruned = |newest, days| prune(&store, &world.backups(), Keep { newest, days }, &Progress::default()).unwrap();
    // A blob that every backup has, one that only the first has, and one that comes later.
    let (shared, early) = (put_blob(&store, one, &[1; 300_000]), put_blob(&store, one, &[2; 200_000]));
    put(&store, two, 1, "two never changes");
    put(&store, gone, 1, "is only in the first");
    let day = std::time::Duration::from_secs(86_400);
    let mut backups = Vec::new();
    for number in 0..5 {
        put(&store, one, number, "text");
        backups.push(world.backup(&store));
        world.clock.advance(day);
        if number == 0 {
            assert!(blobs(&store, one).delete(&early).unwrap());
            store.erase(gone).unwrap();
        }
    }
    let alone = create(&store, &world.backups(), Scope::Tenant(two), &Progress::default()).unwrap();
    let before: u64 = files(&world.backups()).iter().map(|path| fs::metadata(path).unwrap().len()).sum();

    assert_eq!(pruned(5, 0), Pruned { kept: 6, ..Pruned::default() }, "there is nothing to remove");
    assert_eq!(pruned(1, 30).backups, 0, "all are young enough");
    let first = pruned(2, 3);
    // Those of the last three days and the newest two: the first two go.
    assert_eq!((first.backups, first.kept), (2, 4));
    let (found, bad) = list(&world.backups(), &store.vault().public_key()).unwrap();
    let left: Vec<_> = found.iter().map(|backup| backup.id).collect();
    assert_eq!((left, bad), (vec![alone.id, backups[4].id, backups[3].id, backups[2].id], 0));
    let after: u64 = files(&world.backups()).iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    assert!(before - after >= first.bytes && first.bytes > 200_000, "{before} {after} {first:?}");
    let names = |folder: &str| files(&world.backups().join(folder)).len();
    assert!(!world.backups().join(format!("data/03/{:032x}", 3)).exists(), "nobody lists the erased one any more");
    for backup in [&backups[2], &backups[3], &backups[4], &alone] {
        good(&world, &store, backup);
    }

    let last = pruned(0, 0);
    // One of each kind stays, whatever is asked for.
    assert_eq!((last.backups, last.kept), (2, 2));
    assert_eq!(names("sets"), 2);
    // Rows of the system and of two tenants, and the blob that is left.
    assert_eq!(names("data"), 4);
    good(&world, &store, &backups[4]);
    world.restore(&backups[4], "again").unwrap();
    let again = world.open("again");
    assert_eq!((texts(&again, one).len(), blob(&again, one, &shared)), (5, vec![1; 300_000]));
    assert_eq!(texts(&again, two), ["two never changes"]);
    assert!(matches!(world.restore(&backups[0], "gone"), Err(BackupError::Missing(_))));

    // A list that does not verify may need anything.
    let path = world.backups().join(format!("sets/{}.manifest", alone.id));
    fs::write(&path, fs::read_to_string(&path).unwrap().replacen("rows-", "rows_", 1)).unwrap();
    let refused = prune(&store, &world.backups(), Keep { newest: 1, days: 0 }, &Progress::default());
    assert!(matches!(refused, Err(BackupError::Manifest { .. })), "{refused:?}");
    assert_eq!(names("data"), 4);
}

fn rehearse(world: &World, store: &Store, backup: &Backup) -> Result<Drilled, BackupError> {
    let found = drill(store, &world.backups(), backup.id, &scratch(store, None), &Progress::default());
    assert!(!scratch(store, None).exists(), "the scratch folder is gone whatever happens");
    found
}

#[test]
fn a_restore_is_rehearsed_beside_the_data_and_leaves_nothing() {
    let world = World::new();
    let store = world.create("data");
    let (one, two, gone) = (tenant(&store, 1), tenant(&store, 2), tenant(&store, 3));
    (0..20).for_each(|number| put(&store, one, number, "one"));
    put(&store, two, 1, "two");
    put(&store, gone, 1, "erased later");
    put_blob(&store, one, &[7; 300_000]);
    put_blob(&store, one, b"small");
    let backup = world.backup(&store);
    // Blobs under a key that is gone since are enciphered anew, as in a real restore.
    store.rekey(one, Rekey::Data(Purpose::Blob), &Progress::default()).unwrap();
    store.vault().destroy(gone, store.clock().now()).unwrap();
    forget(&store, &world.backups()).unwrap();
    let before = files(&world.folder.path().join("data"));
    let drilled = rehearse(&world, &store, &backup).unwrap();
    assert_eq!((drilled.stores, drilled.blobs, drilled.findings.as_slice()), (3, 2, [].as_slice()));
    assert_eq!((drilled.erased, drilled.failed.len()), (vec![gone], 0));
    assert!(drilled.audit_rows >= 21, "{}", drilled.audit_rows);
    assert_eq!(files(&world.folder.path().join("data")), before);
    put(&store, one, 99, "goes on");

    // What a crash has left is emptied, and does no harm.
    fs::create_dir_all(scratch(&store, None).join("tenants")).unwrap();
    fs::write(scratch(&store, None).join("keys.redb"), b"half").unwrap();
    assert_eq!(rehearse(&world, &store, &backup).unwrap().stores, 3);
    clear_scratch(&scratch(&store, None)).unwrap();
}

#[test]
fn a_drill_tells_whose_data_would_not_come_back_and_tries_the_others() {
    let world = World::new();
    let store = world.create("data");
    let (one, two) = (tenant(&store, 1), tenant(&store, 2));
    put(&store, one, 1, "one");
    put(&store, two, 1, "two");
    put_blob(&store, one, &[7; 70_000]);
    let backup = world.backup(&store);
    let data = world.backups().join("data");
    for path in files(&data) {
        let whole = fs::read(&path).unwrap();
        let mut changed = whole.clone();
        let middle = whole.len() / 2;
        changed[middle] ^= 1;
        fs::write(&path, &changed).unwrap();
        let drilled = rehearse(&world, &store, &backup).unwrap();
        let whose: Vec<_> = drilled.findings.iter().map(|finding| finding.tenant).collect();
        let of = |tenant: Id<model::noun::Tenant>| path.to_string_lossy().contains(&format!("{:032x}", tenant.bits()));
        let expected = [one, two].into_iter().find(|tenant| of(*tenant));
        assert_eq!(whose, [expected], "{} changed: {:?}", path.display(), drilled.findings);
        // The other one and the appliance's own came back.
        assert_eq!(drilled.stores, if expected.is_some() { 2 } else { 0 }, "{}", path.display());
        fs::write(&path, &whole).unwrap();
    }
    let alone = create(&store, &world.backups(), Scope::Tenant(one), &Progress::default()).unwrap();
    assert!(matches!(rehearse(&world, &store, &alone), Err(BackupError::Damaged(_))), "of one tenant only");
    let stopped = Progress::default();
    stopped.stop();
    let found = drill(&store, &world.backups(), backup.id, &scratch(&store, None), &stopped);
    assert!(found.is_err(), "a wish to stop is heard");
    assert!(!scratch(&store, None).exists());
}
