//! A store for tests, with tenants, notes and blobs in it.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use model::{Id, IdSource, ManualClock, SystemTask, Timestamp, noun::Tenant};
use serde::{Deserialize, Serialize};

use crate::{
    EventDraft, Placement, Query, Read, Record, Store, StoreLimits, WriteError,
    blob::{BlobDigest, BlobStore},
    vault::{KeyFile, RootKey},
};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) number: u64,
    pub(crate) text: String,
}

impl Note {
    pub(crate) fn new(number: u64, text: &str) -> Self {
        Note { number, text: text.to_owned() }
    }
}

impl Record for Note {
    const NAME: &'static str = "note";
    const NUMBER: u8 = 201;
    type Key = u64;
    fn key(&self) -> u64 {
        self.number
    }
}

/// A store in a folder, with its key and a folder of backups.
pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Arc<ManualClock>,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000)));
        World { folder: tempfile::tempdir().unwrap(), clock }
    }

    pub(crate) fn root(&self) -> Box<dyn RootKey> {
        let path = self.folder.path().join("root.key");
        Box::new(if path.exists() { KeyFile::open(&path).unwrap() } else { KeyFile::create(&path).unwrap() })
    }

    pub(crate) fn create(&self, name: &str) -> Store {
        let ids = Arc::new(IdSource::fixed(7));
        let folder = self.folder.path().join(name);
        Store::create(&folder, self.root(), StoreLimits::default(), self.clock.clone(), ids).unwrap()
    }

    pub(crate) fn open(&self, name: &str) -> Store {
        let ids = Arc::new(IdSource::fixed(8));
        let folder = self.folder.path().join(name);
        Store::open(&folder, self.root(), StoreLimits::default(), self.clock.clone(), ids).unwrap()
    }

    pub(crate) fn backups(&self) -> PathBuf {
        self.folder.path().join("backups")
    }
}

pub(crate) fn tenant(store: &Store, number: u128) -> Id<Tenant> {
    let tenant = Id::from_bits(number);
    store.vault().create_tenant(tenant).unwrap();
    let event = EventDraft::system(SystemTask::TenantCreate, tenant.erase());
    let placement = Placement { tenant, folder: None, begun: false };
    store.system().write::<(), WriteError>(event, |tx| tx.put(&placement)).unwrap();
    tenant
}

pub(crate) fn put(store: &Store, tenant: Id<Tenant>, number: u64, text: &str) {
    let event = EventDraft::system(SystemTask::Retention, tenant.erase());
    let note = Note { number, text: text.to_owned() };
    store.tenant(tenant).unwrap().write::<(), WriteError>(event, |tx| tx.put(&note)).unwrap();
}

pub(crate) fn texts(store: &Store, tenant: Id<Tenant>) -> Vec<String> {
    let view = store.tenant(tenant).unwrap().read().unwrap();
    let query = Query { newest_first: false, ..Query::newest(1000) };
    view.list::<Note>(&query, |_| true).unwrap().items.into_iter().map(|note| note.text).collect()
}

pub(crate) fn blobs(store: &Store, tenant: Id<Tenant>) -> BlobStore {
    let handle = store.tenant(tenant).unwrap();
    BlobStore::new(&handle.folder, Arc::new(store.vault().keys(tenant).unwrap()))
}

pub(crate) fn put_blob(store: &Store, tenant: Id<Tenant>, content: &[u8]) -> BlobDigest {
    let blobs = blobs(store, tenant);
    let mut writer = blobs.writer(u64::MAX).unwrap();
    writer.write_all(content).unwrap();
    writer.finish().unwrap().digest
}

pub(crate) fn blob(store: &Store, tenant: Id<Tenant>, digest: &BlobDigest) -> Vec<u8> {
    let mut content = Vec::new();
    blobs(store, tenant).reader(digest).unwrap().read_to_end(&mut content).unwrap();
    content
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
