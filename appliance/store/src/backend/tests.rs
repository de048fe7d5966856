//! What the cipher and the faults do to a database.

use std::fs;

use proptest::prelude::*;
use redb::{Database, ReadableDatabase as _, StorageBackend, TableDefinition, backends::InMemoryBackend};

use super::*;
use crate::vault::Purpose;

const TABLE: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("table of canaries");
const CACHE: usize = 1 << 20;
const CANARY: &[u8] = b"the canary sings in plain text";

fn key(seed: u8) -> DataKey {
    DataKey::for_test(Purpose::Database, seed)
}

fn write(database: &Database, from: u64, to: u64) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let mut table = transaction.open_table(TABLE)?;
        for number in from..to {
            table.insert(number, CANARY.repeat(1 + number as usize % 300).as_slice())?;
        }
    }
    Ok(transaction.commit()?)
}

fn numbers(database: &Database) -> Vec<u64> {
    use redb::ReadableTable as _;
    let table = database.begin_read().unwrap().open_table(TABLE).unwrap();
    let check = |(number, value): (redb::AccessGuard<'_, u64>, redb::AccessGuard<'_, &[u8]>)| {
        assert!(value.value() == CANARY.repeat(1 + number.value() as usize % 300));
        number.value()
    };
    table.iter().unwrap().map(|entry| check(entry.unwrap())).collect()
}

#[derive(Debug, Clone)]
enum Step {
    Write(u64, Vec<u8>),
    Read(u64, usize),
    Length(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let place = prop_oneof![0..40_000u64, (0..10u64).prop_map(|page| page * PAGE as u64), 0..400u64];
    let length = prop_oneof![1..9000usize, (1..4usize).prop_map(|pages| pages * PAGE), 1..400usize];
    let step = prop_oneof![
        3 => (place.clone(), length.clone(), any::<u8>()).prop_map(|(place, length, seed)| {
            // Zeros too: what looks like a hole must come back all the same.
            Step::Write(place, (0..length).map(|i| if seed < 64 { 0 } else { (i as u8).wrapping_mul(seed) }).collect())
        }),
        2 => (place, length).prop_map(|(place, length)| Step::Read(place, length)),
        1 => (0..12u64).prop_map(|pages| Step::Length(pages * PAGE as u64)),
    ];
    prop::collection::vec(step, 1..40)
}

proptest! {
    #[test]
    fn reads_what_a_plain_backend_reads(steps in steps()) {
        let (plain, encrypted) = (InMemoryBackend::new(), Encrypted::new(InMemoryBackend::new(), &key(1)));
        for step in steps {
            match step {
                Step::Write(place, data) => {
                    // Past the end both refuse, but the plain one without writing the part before it.
                    if place + data.len() as u64 <= plain.len()? {
                        plain.write(place, &data)?;
                        encrypted.write(place, &data)?;
                    } else {
                        prop_assert!(plain.write(place, &data).is_err());
                    }
                }
                Step::Read(place, length) => {
                    let (mut expected, mut found) = (vec![1; length], vec![2; length]);
                    let in_bounds = place + length as u64 <= plain.len()?;
                    prop_assert_eq!(plain.read(place, &mut expected).is_ok(), in_bounds);
                    if in_bounds {
                        encrypted.read(place, &mut found)?;
                        prop_assert!(expected == found);
                    } else {
                        prop_assert!(encrypted.read(place, &mut found).is_err());
                    }
                }
                Step::Length(length) => {
                    plain.set_len(length)?;
                    encrypted.set_len(length)?;
                }
            }
            prop_assert_eq!(plain.len()?, encrypted.len()?);
        }
        let (mut expected, mut found) = (vec![0; plain.len()? as usize], vec![0; plain.len()? as usize]);
        plain.read(0, &mut expected)?;
        encrypted.read(0, &mut found)?;
        prop_assert!(expected == found);
    }
}

#[test]
fn lengths_and_ranges_that_cannot_be() {
    let encrypted = Encrypted::new(InMemoryBackend::new(), &key(1));
    assert!(encrypted.set_len(100).is_err());
    assert!(encrypted.read(u64::MAX - 1, &mut [0; 9]).is_err());
    assert!(encrypted.write(u64::MAX - 1, &[0; 9]).is_err());
}

#[test]
fn a_database_shows_nothing_but_its_shape() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.redb");
    let database = create(&path, &key(1), CACHE).unwrap();
    write(&database, 0, 200).unwrap();
    assert!(matches!(open(&path, &key(1), CACHE), Err(OpenError::InUse(_))));
    assert!(matches!(create(&path, &key(1), CACHE), Err(OpenError::Exists(_))));
    drop(database);
    let raw = fs::read(&path).unwrap();
    for part in CANARY.windows(8).chain(b"table of canaries".windows(8)) {
        assert!(!raw.windows(8).any(|window| window == part), "{part:?} stands in the file");
    }
    assert_eq!(&raw[..4], b"redb");
    // Only flags and geometry are plain: the rest of a header of 320 bytes looks like noise, as does the page after it.
    let kinds = |range: std::ops::Range<usize>| raw[range].iter().collect::<std::collections::BTreeSet<_>>().len();
    assert!(kinds(PLAIN_HEADER..PAGE) > 200 && kinds(PAGE..2 * PAGE) > 200);
    let database = open(&path, &key(1), CACHE).unwrap();
    assert_eq!(numbers(&database), (0..200).collect::<Vec<_>>());
}

#[test]
fn the_same_page_differs_by_place_and_key() {
    let raw = |seed, number: usize| {
        let inner = Memory::default();
        inner.set_len(4 * PAGE as u64).unwrap();
        let encrypted = Encrypted::new(inner.clone(), &key(seed));
        encrypted.write((number * PAGE) as u64, &[7; PAGE]).unwrap();
        let mut page = vec![0; PAGE];
        inner.read((number * PAGE) as u64, &mut page).unwrap();
        page
    };
    assert!(raw(1, 1) == raw(1, 1));
    assert!(raw(1, 1) != raw(1, 2) && raw(1, 1) != raw(2, 1));
    let page = raw(1, 1);
    assert_eq!(page.chunks(16).collect::<std::collections::BTreeSet<_>>().len(), PAGE / 16);
}

#[test]
fn another_key_is_told_when_opening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.redb");
    write(&create(&path, &key(1), CACHE).unwrap(), 0, 20).unwrap();
    for seed in 2..=255 {
        let error = open(&path, &key(seed), CACHE).unwrap_err();
        assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
        assert_eq!(error.kind(), ErrorKind::Corrupt);
    }
    assert_eq!(numbers(&open(&path, &key(1), CACHE).unwrap()).len(), 20, "and nothing was changed by trying");
}

#[test]
fn files_that_are_no_databases() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.redb");
    assert!(matches!(open(&path, &key(1), CACHE), Err(OpenError::Missing(_))));
    for content in [&b""[..], b"r", &[0; 64], &[0; 2 * PAGE], &[0xff; 3 * PAGE]] {
        fs::write(&path, content).unwrap();
        let error = open(&path, &key(1), CACHE).unwrap_err();
        assert!(matches!(error, OpenError::Damaged { .. }), "{} bytes: {error}", content.len());
    }
}

#[test]
fn a_torn_end_is_told_when_opening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.redb");
    write(&create(&path, &key(1), CACHE).unwrap(), 0, 20).unwrap();
    let whole = fs::read(&path).unwrap();
    for cut in [1, 100, PAGE - 1, PAGE, 3 * PAGE + 7, whole.len() - 100, whole.len() - 10] {
        fs::write(&path, &whole[..whole.len() - cut]).unwrap();
        let error = open(&path, &key(1), CACHE).unwrap_err();
        assert!(matches!(error, OpenError::Damaged { .. }), "{cut} bytes less: {error}");
    }
}

/// What lies on a disk.
fn bytes(disk: &Memory) -> Vec<u8> {
    let mut bytes = vec![0; disk.len().unwrap() as usize];
    disk.read(0, &mut bytes).unwrap();
    bytes
}

fn on_faulty(disk: &Memory, faults: &Faults) -> Result<Database, OpenError> {
    let faulty = Faulty::new(disk.clone(), faults.clone()).unwrap();
    attach(Path::new("disk"), faulty, &key(1), CACHE)
}

#[test]
fn power_cuts_lose_nothing_that_was_committed() {
    let cut = |seed: u64| match seed % 8 {
        0 => Fate::Lost,
        1 => Fate::Kept,
        _ => Fate::Torn(seed),
    };
    let mut lived = 0;
    for seed in 0..60u64 {
        let disk = Memory::default();
        write(&on_faulty(&disk, &Faults::default()).unwrap(), 0, 1).unwrap();
        let faults = Faults::default();
        faults.cut_power_at_sync(1 + seed % 13, cut(seed));
        let mut committed = 1;
        // Opening syncs too, so the power may go before the first commit.
        if let Ok(database) = on_faulty(&disk, &faults) {
            while write(&database, committed, committed + 1 + seed % 3).is_ok() {
                committed += 1 + seed % 3;
                assert!(committed < 200, "the power was to be cut");
            }
        }
        assert!(faults.is_off());
        let mut database = on_faulty(&disk, &Faults::default()).unwrap();
        let found = numbers(&database).len() as u64;
        assert!(found == committed || found == committed + 1 + seed % 3, "seed {seed}: {committed} became {found}");
        assert!(database.check_integrity().is_ok(), "seed {seed}");
        lived += u64::from(found > committed);
    }
    assert!(lived > 0, "some commits outlive the cut");
}

#[test]
fn full_and_broken_disks() {
    let disk = Memory::default();
    let faults = Faults::default();
    let database = on_faulty(&disk, &faults).unwrap();
    write(&database, 0, 10).unwrap();
    faults.fill_at(Some(disk.len().unwrap()));
    let mut next = 10;
    let error = loop {
        match write(&database, next, next + 100) {
            Ok(()) => next += 100,
            Err(error) => break error,
        }
    };
    assert!(matches!(&error, redb::Error::Io(error) if error.kind() == io::ErrorKind::StorageFull), "{error}");
    // After a failed write redb serves nothing until it is opened again.
    assert!(matches!(database.begin_write().map_err(redb::Error::from), Err(redb::Error::PreviousIo)));
    drop(database);
    let database = on_faulty(&disk, &faults).unwrap();
    assert_eq!(numbers(&database).len() as u64, next, "a full disk can be read");
    faults.fill_at(None);
    write(&database, next, next + 100).unwrap();
    drop(database);

    faults.fill_at(Some(0));
    let empty = Memory::default();
    assert!(matches!(on_faulty(&empty, &faults), Err(OpenError::Full(_))));
    faults.fill_at(None);
    faults.break_reads(true);
    assert!(matches!(on_faulty(&disk, &faults), Err(OpenError::Io { .. })));
}

#[test]
fn opening_to_read_writes_nothing_and_writing_marks_the_file_first() {
    let (disk, faults) = (Memory::default(), Faults::default());
    write(&on_faulty(&disk, &faults).unwrap(), 0, 5).unwrap();
    let before = bytes(&disk);
    let syncs = faults.syncs();
    let database = on_faulty(&disk, &faults).unwrap();
    assert_eq!(numbers(&database), [0, 1, 2, 3, 4]);
    assert_eq!((faults.syncs(), bytes(&disk) == before), (syncs, true), "opened and read");
    // The power goes before the commit: the file is as it was, and not in need of repair.
    std::mem::forget(database);
    // The next sync after opening anew is that of the mark.
    let database = on_faulty(&disk, &faults).unwrap();
    faults.cut_power_at_sync(faults.syncs() + 2, Fate::Lost);
    assert!(write(&database, 5, 9).is_err());
    drop(database);
    let now = bytes(&disk);
    assert!(before[9] & 2 == 0 && now[9] & 2 != 0, "marked as in use before anything else is written");
    assert_eq!(numbers(&on_faulty(&disk, &Faults::default()).unwrap()), [0, 1, 2, 3, 4]);
}
