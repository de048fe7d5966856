//! Removing old backups, and what no other backup needs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
    sync::Arc,
    time::Duration,
};

use model::{Id, SystemTask, Timestamp, noun};

use super::{
    BackupError,
    create::read_rows,
    manifest::{Backup, Line, Lines, Part},
    place::Place,
};
use crate::{
    blob::BlobStore,
    copy::Item,
    progress::Progress,
    store::{Store, sync_folder},
    vault::{SYSTEM, VaultError},
    write::{EventDraft, WriteError},
};

/// Which backups stay: those that are new enough or among the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// So many of the whole appliance, and so many of each tenant that was backed up alone; one at least.
    pub newest: u32,
    /// Those that are no older than so many days.
    pub days: u32,
}

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Backups.
    pub backups: u64,
    /// Backups that stay.
    pub kept: u64,
    /// Files with rows, and blobs.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What stays, by tenant and name of the file.
type Kept = BTreeMap<Id<noun::Tenant>, BTreeMap<String, Part>>;

/// Removes backups from the folder `root`, and then what only they needed. A list goes before the first file it names, so that no
/// backup is ever listed and not whole; what a stop in between leaves lying is removed the next time.
///
/// # Errors
/// Nothing is removed where a list of the folder does not verify: what it needs is not known.
pub fn prune(store: &Store, root: &Path, keep: Keep, progress: &Progress) -> Result<Pruned, BackupError> {
    let place = Place::at(root);
    let _locked = place.claim(store.vault())?;
    let (kept, gone) = sorted(&place, store, keep, store.clock().now())?;
    let mut pruned = Pruned { backups: gone.len() as u64, kept: kept.len() as u64, ..Pruned::default() };
    for backup in &gone {
        fs::remove_file(place.manifest(*backup))?;
    }
    sync_folder(&root.join("sets"))?;
    let mut needed = Kept::new();
    for backup in &kept {
        let mut lines = Lines::open(&place, *backup, &store.vault().public_key())?;
        while let Some(line) = lines.next()? {
            match line {
                Line::System { part } => drop(needed.entry(SYSTEM).or_default().insert(part.file.clone(), part)),
                Line::Tenant { tenant, part } => {
                    needed.entry(tenant).or_default().insert(part.file.clone(), part);
                }
                _ => {}
            }
        }
    }
    for group in folders(&root.join("data"))? {
        for folder in folders(&group)? {
            let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            // Not one of ours.
            let Ok(bits) = u128::from_str_radix(name, 16) else { continue };
            let tenant = Id::from_bits(bits);
            tidy(store, &place, &folder, tenant, needed.get(&tenant), &mut pruned, progress)?;
            progress.add_tenant();
        }
    }
    let event = EventDraft::system(SystemTask::Backup, store.system().log());
    store.system().write::<(), WriteError>(event, |tx| {
        tx.note("step", "pruned");
        tx.note("backups", pruned.backups.to_string());
        tx.note("kept", pruned.kept.to_string());
        tx.note("files", pruned.files.to_string());
        tx.note("bytes", pruned.bytes.to_string());
        Ok(())
    })?;
    Ok(pruned)
}

type Sorted = (Vec<Id<noun::Backup>>, Vec<Id<noun::Backup>>);

/// The backups that stay, and those that go.
fn sorted(place: &Place, store: &Store, keep: Keep, now: Timestamp) -> Result<Sorted, BackupError> {
    // Of one tenant, or of all.
    let mut groups: BTreeMap<Option<Id<noun::Tenant>>, Vec<Backup>> = BTreeMap::new();
    for entry in fs::read_dir(place.path().join("sets"))? {
        let name = entry?.file_name();
        let id = name.to_str().and_then(|name| name.strip_suffix(".manifest")).and_then(|id| id.parse().ok());
        let Some(id) = id else { continue };
        let mut lines = Lines::open(place, id, &store.vault().public_key())?;
        let (summary, mut of) = (lines.summary.clone(), None);
        while let Some(line) = if summary.whole { None } else { lines.next()? } {
            if let Line::Tenant { tenant, .. } | Line::Empty { tenant } | Line::Failed { tenant, .. } = line {
                of = Some(tenant);
                break;
            }
        }
        groups.entry(of).or_default().push(summary);
    }
    let young = Duration::from_secs(u64::from(keep.days) * 86_400);
    let (mut kept, mut gone) = (Vec::new(), Vec::new());
    for backups in groups.values_mut() {
        backups.sort_by_key(|backup| std::cmp::Reverse((backup.made, backup.id)));
        for (number, backup) in backups.iter().enumerate() {
            let stays = number < keep.newest.max(1) as usize || now.since(backup.made) <= young;
            if stays { kept.push(backup.id) } else { gone.push(backup.id) }
        }
    }
    Ok((kept, gone))
}

/// Removes from the folder of one tenant's copies what no backup needs.
fn tidy(
    store: &Store,
    place: &Place,
    folder: &Path,
    tenant: Id<noun::Tenant>,
    needed: Option<&BTreeMap<String, Part>>,
    pruned: &mut Pruned,
    progress: &Progress,
) -> Result<(), BackupError> {
    let Some(needed) = needed else {
        (pruned.files, pruned.bytes) = weigh(folder, (pruned.files, pruned.bytes))?;
        return Ok(fs::remove_dir_all(folder)?);
    };
    let before = pruned.files;
    for entry in fs::read_dir(folder)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        let name = name.to_str().unwrap_or_default();
        let rows = name.starts_with("rows-") && name.ends_with(".copy");
        if (rows && !needed.contains_key(name)) || name.ends_with(".unfinished") {
            pruned.bytes += fs::metadata(&path)?.len();
            pruned.files += 1;
            fs::remove_file(&path)?;
        }
    }
    if pruned.files == before {
        return Ok(());
    }
    let keys = match store.vault().keys(tenant) {
        Ok(keys) => Arc::new(keys),
        // What lies here can be read by nobody; it goes with the last backup that lists it.
        Err(VaultError::Destroyed(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    // Blobs serve many backups: what the rows that stay do not name, none needs.
    let mut named = BTreeSet::new();
    for part in needed.values() {
        read_rows(place, tenant, part, &keys, |item| {
            match item {
                Item::Blob(name, _) => drop(named.insert(name)),
                Item::Row(key, value) => progress.add_bytes((key.len() + value.len()) as u64)?,
                _ => {}
            }
            Ok(())
        })?;
    }
    let blobs = BlobStore::new(folder, keys);
    for stored in blobs.list() {
        let stored = stored?;
        if !named.contains(&stored.name) && blobs.remove(&stored.name)? {
            pruned.files += 1;
            pruned.bytes += stored.size;
        }
    }
    Ok(())
}

fn folders(of: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(of)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// The files below a folder, and their bytes, added to what was counted before.
fn weigh(folder: &Path, (mut files, mut bytes): (u64, u64)) -> io::Result<(u64, u64)> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            (files, bytes) = weigh(&entry.path(), (files, bytes))?;
        } else {
            files += 1;
            bytes += entry.metadata()?.len();
        }
    }
    Ok((files, bytes))
}
