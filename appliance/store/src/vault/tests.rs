//! The vault as its callers see it.

use std::{fs, path::Path};

use super::*;

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("keys.redb")
    }

    fn key(&self, name: &str) -> Box<dyn RootKey> {
        let path = self.folder.path().join(name);
        Box::new(if path.exists() { KeyFile::open(&path).unwrap() } else { KeyFile::create(&path).unwrap() })
    }

    fn create(&self) -> Vault {
        Vault::create(&self.file(), self.key("root")).unwrap()
    }

    fn open(&self, key: &str) -> Result<Vault, VaultError> {
        Vault::open(&self.file(), self.key(key))
    }
}

fn tenant(number: u128) -> Id<Tenant> {
    Id::from_bits(number)
}

fn now() -> Timestamp {
    Timestamp::from_millis(1_000)
}

fn secrets(keys: &TenantKeys) -> Vec<(Purpose, u32, [u8; 32])> {
    let all = Purpose::ALL.iter().flat_map(|purpose| keys.all(*purpose));
    all.map(|key| (key.purpose(), key.version(), **key.secret())).collect()
}

fn live(vault: &Vault, tenant: Id<Tenant>) -> Live {
    vault.row(tenant).unwrap().live(tenant).unwrap()
}

/// How often these bytes stand in the file.
fn count(path: &Path, bytes: &[u8]) -> usize {
    fs::read(path).unwrap().windows(bytes.len()).filter(|window| *window == bytes).count()
}

#[test]
fn keys_survive_and_differ() {
    let place = Place::new();
    let vault = place.create();
    let first = secrets(&vault.create_tenant(tenant(1)).unwrap());
    let second = secrets(&vault.create_tenant(tenant(2)).unwrap());
    let own = secrets(&vault.system_keys().unwrap());
    let mut all: Vec<_> = [&first, &second, &own].into_iter().flatten().map(|(_, _, secret)| *secret).collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 12);
    drop(vault);
    let vault = place.open("root").unwrap();
    assert_eq!(secrets(&vault.keys(tenant(1)).unwrap()), first);
    assert_eq!(vault.tenants().unwrap(), 2);
    let raw = place.file();
    assert!(all.iter().all(|secret| count(&raw, &secret[..16]) == 0));
}

#[test]
fn ids_are_used_once() {
    let place = Place::new();
    let vault = place.create();
    vault.create_many(&[tenant(1), tenant(2)]).unwrap();
    assert!(matches!(vault.create_tenant(tenant(1)), Err(VaultError::Known(_))));
    assert!(matches!(vault.create_many(&[tenant(3), tenant(2)]), Err(VaultError::Known(_))));
    assert!(matches!(vault.keys(tenant(3)), Err(VaultError::Unknown(_))), "all or none");
    assert!(matches!(vault.create_tenant(SYSTEM), Err(VaultError::Known(_))));
}

#[test]
fn opens_with_its_root_key_only() {
    let place = Place::new();
    drop(place.create());
    assert!(matches!(place.open("other"), Err(VaultError::OtherRoot { .. })));
    let vault = place.open("root").unwrap();
    assert!(matches!(place.open("root"), Err(VaultError::InUse(_))));
    drop(vault);
    assert!(matches!(Vault::create(&place.file(), place.key("root")), Err(VaultError::Exists(_))));
    assert!(matches!(Vault::open(&place.folder.path().join("no"), place.key("root")), Err(VaultError::Missing(_))));
    fs::write(place.file(), b"").unwrap();
    assert!(matches!(place.open("root"), Err(VaultError::Damaged(_))));
    fs::write(place.file(), b"not a database at all").unwrap();
    assert!(matches!(place.open("root"), Err(VaultError::Damaged(_))));
}

#[test]
fn a_row_opens_in_its_own_place_only() {
    let place = Place::new();
    let vault = place.create();
    vault.create_many(&[tenant(1), tenant(2)]).unwrap();
    let stolen = live(&vault, tenant(1));
    vault.change(|rows, _| put(rows, tenant(2), stolen)).unwrap();
    assert!(matches!(vault.keys(tenant(2)), Err(VaultError::Root(RootKeyError::Unwrap(_)))));
    let mut swapped = live(&vault, tenant(1));
    let (first, second) = (swapped.keys[0].wrapped, swapped.keys[1].wrapped);
    (swapped.keys[0].wrapped, swapped.keys[1].wrapped) = (second, first);
    vault.change(|rows, _| put(rows, tenant(1), swapped)).unwrap();
    assert!(matches!(vault.keys(tenant(1)), Err(VaultError::Damaged(_))));
}

#[test]
fn another_root_key() {
    let place = Place::new();
    let vault = place.create();
    vault.create_many(&(1..=300).map(tenant).collect::<Vec<_>>()).unwrap();
    vault.destroy(tenant(7), now()).unwrap();
    let before = secrets(&vault.keys(tenant(3)).unwrap());
    let (wrapped, public) = (live(&vault, tenant(3)).kek, vault.public_key());
    assert!(count(&place.file(), &wrapped.to_bytes()) > 0);
    vault.rotate_root(place.key("new")).unwrap();
    assert_eq!(secrets(&vault.keys(tenant(3)).unwrap()), before);
    assert_eq!(count(&place.file(), &wrapped.body), 0, "what the old key opens is gone from the file");
    drop(vault);
    assert!(matches!(place.open("root"), Err(VaultError::OtherRoot { .. })));
    let vault = place.open("new").unwrap();
    assert_eq!(secrets(&vault.keys(tenant(3)).unwrap()), before);
    assert!(matches!(vault.keys(tenant(7)), Err(VaultError::Destroyed(_))));
    assert_eq!(vault.public_key(), public);
}

#[test]
fn another_key_of_the_tenant() {
    let place = Place::new();
    let vault = place.create();
    let before = secrets(&vault.create_tenant(tenant(1)).unwrap());
    let old = live(&vault, tenant(1));
    vault.rotate_tenant(tenant(1)).unwrap();
    let new = live(&vault, tenant(1));
    assert_eq!(new.version, 2);
    assert!(old.keys.iter().zip(&new.keys).all(|(old, new)| old.wrapped != new.wrapped));
    assert_eq!(secrets(&vault.keys(tenant(1)).unwrap()), before);
    assert_eq!(count(&place.file(), &old.kek.body), 0);
}

#[test]
fn versions_of_data_keys() {
    let place = Place::new();
    let vault = place.create();
    vault.create_tenant(tenant(1)).unwrap();
    assert_eq!(vault.rotate_data_key(tenant(1), Purpose::Blob).unwrap(), 2);
    assert_eq!(vault.rotate_data_key(tenant(1), Purpose::Blob).unwrap(), 3);
    let keys = vault.keys(tenant(1)).unwrap();
    assert_eq!(keys.current(Purpose::Blob).version(), 3);
    assert_eq!(keys.current(Purpose::Database).version(), 1);
    assert_eq!(keys.all(Purpose::Blob).map(DataKey::version).collect::<Vec<_>>(), [3, 2, 1]);
    let wrapped = live(&vault, tenant(1)).keys.iter().find(|key| key.version == 2).unwrap().wrapped;
    vault.retire(tenant(1), Purpose::Blob, 2).unwrap();
    assert_eq!(count(&place.file(), &wrapped.body), 0);
    let keys = vault.keys(tenant(1)).unwrap();
    assert!(keys.version(Purpose::Blob, 2).is_none() && keys.version(Purpose::Blob, 1).is_some());
    for (purpose, version) in [(Purpose::Blob, 3), (Purpose::Blob, 2), (Purpose::Search, 1), (Purpose::Search, 9)] {
        assert!(matches!(vault.retire(tenant(1), purpose, version), Err(VaultError::NotRetirable { .. })));
    }
    for _ in 0..row::MOST_VERSIONS - 2 {
        vault.rotate_data_key(tenant(1), Purpose::Blob).unwrap();
    }
    assert!(matches!(vault.rotate_data_key(tenant(1), Purpose::Blob), Err(VaultError::Versions { .. })));
}

#[test]
fn destroyed_keys_leave_no_byte() {
    let place = Place::new();
    let vault = place.create();
    vault.create_many(&(1..=500).map(tenant).collect::<Vec<_>>()).unwrap();
    vault.rotate_data_key(tenant(250), Purpose::Backup).unwrap();
    let row = live(&vault, tenant(250));
    let kept = live(&vault, tenant(251));
    let wrapped = || std::iter::once(&row.kek).chain(row.keys.iter().map(|key| &key.wrapped));
    assert!(wrapped().all(|wrapped| count(&place.file(), &wrapped.to_bytes()) > 0));
    let facts = vault.destroy(tenant(250), now()).unwrap();
    assert_eq!((facts.tenant, facts.at, facts.keys.len()), (tenant(250), now(), 6));
    for bytes in wrapped() {
        assert_eq!(count(&place.file(), &bytes.nonce), 0);
        assert_eq!(count(&place.file(), &bytes.body), 0);
        assert_eq!(count(&place.file(), &bytes.tag), 0);
    }
    assert!(count(&place.file(), &kept.kek.body) > 0);
    assert!(matches!(vault.keys(tenant(250)), Err(VaultError::Destroyed(_))));
    assert!(matches!(vault.create_tenant(tenant(250)), Err(VaultError::Destroyed(_))));
    assert!(matches!(vault.rotate_tenant(tenant(250)), Err(VaultError::Destroyed(_))));
    assert_eq!(vault.destroy(tenant(250), Timestamp::from_millis(9_999)).unwrap(), facts, "the first time counts");
    assert!(matches!(vault.destroy(tenant(999), now()), Err(VaultError::Unknown(_))));
    assert!(matches!(vault.destroy(SYSTEM, now()), Err(VaultError::System)));
    drop(vault);
    let mut vault = place.open("root").unwrap();
    assert!((1..=500).filter(|number| *number != 250).all(|number| vault.keys(tenant(number)).is_ok()));
    assert!(vault.database.check_integrity().unwrap(), "overwriting hit free bytes only");
}

#[test]
fn overwriting_is_finished_after_a_crash() {
    let place = Place::new();
    let vault = place.create();
    vault.create_many(&(1..=50).map(tenant).collect::<Vec<_>>()).unwrap();
    let row = live(&vault, tenant(9));
    // The commit of a destruction, and then the power goes.
    let write = vault.database.begin_write().unwrap();
    {
        let mut rows = write.open_table(TENANTS).unwrap();
        let destroyed = Row::Destroyed(row.destroyed(tenant(9), now()));
        rows.insert(tenant(9).to_bytes().as_slice(), destroyed.encode().as_slice()).unwrap();
    }
    note(&write, &row.nonces().collect::<Vec<_>>()).unwrap();
    write.commit().unwrap();
    assert!(count(&place.file(), &row.kek.body) > 0);
    drop(vault);
    let vault = place.open("root").unwrap();
    assert_eq!(count(&place.file(), &row.kek.body), 0);
    assert_eq!(vault.database.begin_read().unwrap().open_table(SCRUB).unwrap().len().unwrap(), 0);
}

#[test]
fn nothing_secret_is_printed() {
    let place = Place::new();
    let vault = place.create();
    let keys = vault.create_tenant(tenant(1)).unwrap();
    let signing = vault.signing.to_bytes();
    let printed = format!("{vault:?} {keys:?} {:?}", keys.current(Purpose::Blob));
    for secret in secrets(&keys).into_iter().map(|(_, _, secret)| secret).chain([signing]) {
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let decimal: Vec<String> = secret[..4].iter().map(u8::to_string).collect();
        assert!(!printed.contains(&hex[..8]) && !printed.contains(&decimal.join(", ")), "{printed}");
    }
}

#[test]
fn keys_open_while_everything_is_rotated() {
    let place = Place::new();
    let vault = place.create();
    vault.create_many(&(1..=20).map(tenant).collect::<Vec<_>>()).unwrap();
    let expected = secrets(&vault.keys(tenant(5)).unwrap());
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| (0..400).all(|_| secrets(&vault.keys(tenant(5)).unwrap()) == expected));
        for round in 0..5 {
            vault.rotate_root(place.key(&format!("root {round}"))).unwrap();
            vault.rotate_tenant(tenant(5)).unwrap();
            vault.rotate_data_key(tenant(6), Purpose::Search).unwrap();
        }
        assert!(reader.join().unwrap());
    });
}

#[test]
fn rows_that_make_no_sense() {
    for bytes in [&b""[..], &[1], &[2, 0], &[1, 7], &[1, 0, 1, 2, 3]] {
        assert!(matches!(Row::decode(bytes), Err(VaultError::Damaged(_))), "{bytes:?}");
    }
}
