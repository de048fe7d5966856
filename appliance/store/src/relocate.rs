//! Moving a tenant between the shared volume and a folder of its own, while it is served.
//!
//! Rows and blobs are copied while everybody works; commits made meanwhile are laid over the copy. Then the file is closed for a moment, the
//! last changes follow, and one commit of the system's file makes the new place the place. Cut off before that commit, the copy is removed at
//! the next start; after it, the old place is.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use model::{Id, SystemTask, noun::Tenant};
use serde::{Deserialize, Serialize};

use crate::{
    blob::BlobStore,
    copy::{self, ChainCheck, CopyError, Filling, Tap},
    progress::Progress,
    read::{Query, Read},
    record::Record,
    store::{DATABASE, Placement, Store, StoreError, TenantStore, make_folder, sync_folder},
    vault::{DataKey, Purpose},
    write::{EventDraft, WriteError},
};

/// How often a copy catches up before the file is closed for the last changes.
const ROUNDS: usize = 32;
/// Commits that may be left for the moment in which the file is closed.
const FEW: usize = 8;

/// A folder that is to be emptied, unless it is the tenant's place: the target of a move that goes on, or the source of one that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Moving {
    tenant: Id<Tenant>,
    folder: PathBuf,
}

impl Record for Moving {
    const NAME: &'static str = "move of a tenant";
    const NUMBER: u8 = 150;
    type Key = Id<Tenant>;
    fn key(&self) -> Id<Tenant> {
        self.tenant
    }
}

/// A copy of a file that follows its original.
pub(crate) struct Following {
    filling: Filling,
    tap: Arc<Tap>,
}

impl Following {
    /// Copies the rows to a new file and catches up with what is written meanwhile, as far as that goes.
    pub(crate) fn begin(
        handle: &TenantStore,
        path: &Path,
        key: &DataKey,
        progress: &Progress,
    ) -> Result<Self, CopyError> {
        let tap = handle.tap();
        let mut filling = Filling::begin(path, key)?;
        let mut chain = ChainCheck::default();
        copy::pour::<CopyError>(&handle.read()?, |key, value| {
            chain.row(key, value)?;
            filling.put(key, Some(value))?;
            progress.add_bytes((key.len() + value.len()) as u64)
        })?;
        chain.finish()?;
        let mut following = Following { filling, tap };
        for _ in 0..ROUNDS {
            if following.catch_up()? <= FEW {
                break;
            }
        }
        Ok(following)
    }

    fn catch_up(&mut self) -> Result<usize, CopyError> {
        let layers = self.tap.drain()?;
        for layer in &layers {
            self.filling.apply(layer)?;
        }
        Ok(layers.len())
    }

    /// Takes in the last changes. To be called when nobody writes any more.
    pub(crate) fn finish(mut self) -> Result<PathBuf, CopyError> {
        self.catch_up()?;
        self.filling.finish()
    }
}

impl Store {
    /// Moves a tenant's files to a folder of their own below `volume`, or back to the shared volume without one. Says whether they were
    /// elsewhere. Everybody can work meanwhile, but for a moment at the end.
    pub fn relocate(&self, tenant: Id<Tenant>, volume: Option<&Path>, progress: &Progress) -> Result<bool, StoreError> {
        let name = format!("{:032x}", tenant.bits());
        let placement = self.place_of(tenant)?;
        let target = Placement { folder: volume.map(|volume| volume.join(name)), ..placement };
        let (from, to) = (self.folder_of(&placement), self.folder_of(&target));
        if from == to {
            return Ok(false);
        }
        if !placement.begun {
            self.alone(tenant, None, || self.switch(&target, None))?;
            return Ok(true);
        }
        if fs::read_dir(&to).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(StoreError::Occupied(to));
        }
        self.note(&Moving { tenant, folder: to.clone() })?;
        let moved = self.carry(&target, &from, &to, progress);
        self.settle(&Moving { tenant, folder: if moved.is_ok() { from } else { to } })?;
        moved.map(|()| true)
    }

    fn carry(&self, target: &Placement, from: &Path, to: &Path, progress: &Progress) -> Result<(), StoreError> {
        make_folder(to)?;
        let tenant = target.tenant;
        let handle = self.tenant(tenant)?;
        let keys = Arc::new(self.vault().keys(tenant)?);
        let (here, there) = (BlobStore::new(from, keys.clone()), BlobStore::new(to, keys.clone()));
        copy_blobs(&here, &there, progress)?;
        let key = keys.version(Purpose::Database, handle.key_version).unwrap_or(keys.current(Purpose::Database));
        let following = Following::begin(&handle, &to.join(DATABASE), key, progress)?;
        copy_blobs(&here, &there, progress)?;
        self.alone(tenant, Some(handle), || {
            following.finish()?;
            copy_blobs(&here, &there, progress)?;
            copy_flat(&from.join("incoming"), &to.join("incoming"))?;
            sync_folder(to)?;
            if let Some(above) = to.parent() {
                sync_folder(above)?;
            }
            self.switch(target, Some(from))
        })
    }

    /// The moment at which the new place is the place.
    fn switch(&self, target: &Placement, from: Option<&Path>) -> Result<(), StoreError> {
        let event = EventDraft::system(SystemTask::TenantLife, target.tenant.erase());
        Ok(self.system().write::<(), WriteError>(event, |tx| {
            tx.note("step", "moved");
            tx.put(target)?;
            if let Some(from) = from {
                tx.put(&Moving { tenant: target.tenant, folder: from.to_owned() })?;
            }
            Ok(())
        })?)
    }

    #[cfg(test)]
    pub(crate) fn note_move(&self, tenant: Id<Tenant>, folder: &Path) {
        self.note(&Moving { tenant, folder: folder.to_owned() }).unwrap();
    }

    fn note(&self, moving: &Moving) -> Result<(), StoreError> {
        let event = EventDraft::system(SystemTask::TenantLife, moving.tenant.erase());
        Ok(self.system().write::<(), WriteError>(event, |tx| {
            tx.note("step", "moving");
            tx.put(moving)
        })?)
    }

    /// Empties what a move left behind. The bytes are enciphered, and need no overwriting while the keys are guarded.
    fn settle(&self, moving: &Moving) -> Result<(), StoreError> {
        // Another crash may have left the note of a move that never was.
        let here = self.place_of(moving.tenant).map(|placement| self.folder_of(&placement));
        if !matches!(&here, Ok(here) if *here == moving.folder) {
            match fs::remove_dir_all(&moving.folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        let event = EventDraft::system(SystemTask::TenantLife, moving.tenant.erase());
        Ok(self.system().write::<(), WriteError>(event, |tx| {
            tx.note("step", "settled");
            tx.delete::<Moving>(&moving.tenant).map(drop)
        })?)
    }

    /// Finishes or takes back the moves that a crash cut off.
    pub(crate) fn settle_moves(&self) -> Result<(), StoreError> {
        loop {
            let cut_off = self.system().read()?.list::<Moving>(&Query::newest(100), |_| true)?.items;
            if cut_off.is_empty() {
                return Ok(());
            }
            for moving in cut_off {
                tracing::warn!(tenant.id = %moving.tenant, folder = %moving.folder.display(), "a move was cut off; its left-over is removed");
                self.settle(&moving)?;
            }
        }
    }
}

/// Copies the files that are not there yet.
pub(crate) fn copy_blobs(from: &BlobStore, to: &BlobStore, progress: &Progress) -> Result<(), StoreError> {
    for stored in from.list() {
        let stored = stored?;
        let copied = from.copy_file(&stored.name, stored.size, to)?;
        progress.add_bytes(copied.unwrap_or(0))?;
    }
    Ok(())
}

/// Copies a folder without folders in it; nothing when there is none.
fn copy_flat(from: &Path, to: &Path) -> Result<(), StoreError> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    make_folder(to)?;
    for entry in entries {
        let entry = entry?;
        let target = to.join(entry.file_name());
        fs::copy(entry.path(), &target)?;
        fs::File::open(&target)?.sync_all()?;
    }
    sync_folder(to)
}
