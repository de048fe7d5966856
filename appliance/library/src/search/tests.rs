//! The index over a real store.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use model::{DataClass, Header, Id, IdSource, ManualClock, SystemTask, Timestamp, noun};
use store::{EventDraft, Placement, Read as _, Store, StoreLimits, TenantStore, WriteError, vault::KeyFile};

use super::{index::LibraryIndex, query::pieces};
use crate::project::Project;

const TENANT: Id<noun::Tenant> = Id::from_bits(1);

struct Place {
    files: Arc<TenantStore>,
    index: LibraryIndex,
    _folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = Box::new(KeyFile::create(&folder.path().join("key")).unwrap());
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000)));
        let ids = Arc::new(IdSource::fixed(3));
        let store = Store::create(&folder.path().join("data"), key, StoreLimits::default(), clock, ids).unwrap();
        store.vault().create_tenant(TENANT).unwrap();
        let placement = Placement { tenant: TENANT, folder: None, begun: false };
        store.system().write::<(), WriteError>(event(), |tx| tx.put(&placement)).unwrap();
        Place { files: store.tenant(TENANT).unwrap(), index: LibraryIndex::new().unwrap(), _folder: folder }
    }

    fn add(&self, title: &str) -> Id<noun::Project> {
        let add = |tx: &mut store::Tx<'_>| {
            let id = tx.new_id();
            let header = Header::new(id, TENANT, "eu".parse().unwrap(), TENANT.erase(), DataClass::K6, tx.now());
            let description = String::new();
            tx.put(&Project { header, title: title.into(), description, tags: Vec::new(), trashed: None })?;
            Ok::<_, WriteError>(id)
        };
        self.files.write(event(), add).unwrap()
    }

    fn change(&self, id: Id<noun::Project>, change: impl FnOnce(&mut Project)) {
        let write = |tx: &mut store::Tx<'_>| {
            let mut project = tx.get::<Project>(&id)?.unwrap();
            change(&mut project);
            project.header.touch(tx.now());
            tx.put(&project)
        };
        self.files.write::<_, WriteError>(event(), write).unwrap();
    }

    fn refresh(&self, time: Duration) {
        self.index.refresh(&self.files, &Mutex::default(), Instant::now() + time).unwrap();
    }

    /// How many are found, and whether all were searched.
    fn count(&self, text: &str) -> (u64, bool) {
        let later = Instant::now() + Duration::from_secs(60);
        let found = self.index.search(&pieces(text).unwrap(), 10, later, |_| true).unwrap();
        (found.total, found.complete)
    }
}

fn event() -> EventDraft {
    EventDraft::system(SystemTask::TenantLife, TENANT.erase())
}

#[test]
fn an_index_is_built_in_slices_of_time_and_forgets_at_once() {
    let place = Place::new();
    let ids: Vec<_> = (0..4).map(|number| place.add(&format!("word {number}"))).collect();
    // Without any time, each search gets one record further: the newest first.
    place.refresh(Duration::ZERO);
    assert_eq!((place.count("word "), place.count("3 ")), ((1, false), (1, false)));
    place.refresh(Duration::ZERO);
    assert_eq!(place.count("word "), (2, false));
    // What goes is gone whatever the time, and so is what was not yet taken in.
    place.change(ids[3], |project| project.trashed = Some(Timestamp::from_millis(1)));
    place.change(ids[0], |project| project.trashed = Some(Timestamp::from_millis(1)));
    place.refresh(Duration::ZERO);
    assert_eq!((place.count("word "), place.count("3 ")), ((2, true), (0, true)));
    place.change(ids[2], |project| project.title = "another".into());
    place.refresh(Duration::from_secs(60));
    assert_eq!((place.count("word "), place.count("another ")), ((1, true), (1, true)));
    place.change(ids[3], |project| project.trashed = None);
    place.refresh(Duration::from_secs(60));
    assert_eq!(place.count("word "), (2, true));
}
