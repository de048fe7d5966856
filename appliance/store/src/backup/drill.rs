//! A restore that is rehearsed: the backup is put back into a scratch folder as a real restore does it, every file of it is opened and
//! read, and the folder is removed. What is wrong with one tenant does not end it: the others are tried all the same.

use std::{
    fs,
    path::{Path, PathBuf},
};

use model::{Id, noun};

use super::{
    BackupError, Finding, erased,
    manifest::{self, Line, Lines, Part},
    place::Place,
    restore::{fill, fill_system},
};
use crate::{
    blob::BlobStore,
    chain::Frontier,
    copy::CopyError,
    database::Database,
    health,
    progress::Progress,
    store::{DATABASE, Store, StoreLimits, make_folder},
    vault::{Vault, VaultError},
};

/// The name of the scratch folder. Whatever has it is removed.
const SCRATCH: &str = "restore-drill";
/// What stays free on the disk of the scratch folder, beyond what the backup needs: the appliance goes on working there.
const SPARE: u64 = 256 << 20;
/// How many rows of a log are held in memory.
const ROWS: usize = 10_000;

/// What a drill found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drilled {
    /// Files that were put back, opened and read: tenants', and the appliance's own.
    pub stores: u64,
    /// Audit rows whose log was computed anew, and fits.
    pub audit_rows: u64,
    /// Blobs that were put back and read to their end.
    pub blobs: u64,
    /// Tenants that cannot be read because they were erased.
    pub erased: Vec<Id<noun::Tenant>>,
    /// Tenants whose files the backup could not read when it was made.
    pub failed: Vec<Id<noun::Tenant>>,
    /// What is wrong. A restore would succeed if there is nothing.
    pub findings: Vec<Finding>,
}

/// The scratch folder of a store: in its data folder, or in `parent`.
pub fn scratch(store: &Store, parent: Option<&Path>) -> PathBuf {
    parent.unwrap_or(&store.folder).join(SCRATCH)
}

/// Removes a scratch folder that a crash has left.
///
/// # Errors
/// When it cannot be removed.
pub fn clear_scratch(scratch: &Path) -> Result<(), BackupError> {
    match fs::remove_dir_all(scratch) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Removed whatever happens.
struct Scratch<'a>(&'a Path);

impl Drop for Scratch<'_> {
    fn drop(&mut self) {
        // What stays for another reason goes at the next drill or start.
        let _ = clear_scratch(self.0);
    }
}

/// Rehearses the restore of a whole backup in the folder `scratch`, which is emptied before and removed after.
///
/// # Errors
/// What keeps it from being tried: no room, no such backup, no copy of the vault, or a wish to stop. What a restore would fail of is
/// among the findings.
pub fn drill(
    store: &Store,
    root: &Path,
    backup: Id<noun::Backup>,
    scratch: &Path,
    progress: &Progress,
) -> Result<Drilled, BackupError> {
    let about = manifest::read(root, backup, &store.vault().public_key())?;
    if !about.whole {
        return Err(BackupError::Damaged("it is of one tenant, not of the appliance"));
    }
    clear_scratch(scratch)?;
    make_folder(scratch)?;
    let _scratch = Scratch(scratch);
    // Pages of a restored file are fuller or emptier than rows in a stream.
    let needed = about.bytes.saturating_add(about.bytes / 4).saturating_add(SPARE);
    if let Some(free) = health::free(scratch).filter(|free| *free < needed) {
        return Err(BackupError::NoRoom { folder: scratch.to_owned(), needed, free });
    }
    let place = Place::at(root);
    let vault_path = scratch.join("keys.redb");
    fs::copy(place.newest_keys()?, &vault_path)?;
    let vault = store.vault().beside(&vault_path)?;
    erased::apply(&place, &vault)?;
    let mut drilled = Drilled::default();
    let restored = put_back(&place, backup, &vault, scratch, &mut drilled, progress)?;
    if drilled.findings.iter().any(|finding| finding.tenant.is_none()) {
        // Without the appliance's own file nobody's can be opened.
        return Ok(drilled);
    }
    match Store::over(scratch, vault, StoreLimits::default(), store.clock().clone(), store.ids.clone()) {
        Ok(again) => open_all(&again, &restored, &mut drilled, progress)?,
        Err(error) => drilled.findings.push(Finding { tenant: None, detail: error.to_string() }),
    }
    Ok(drilled)
}

/// Tenants that were put back, and how many blobs each has.
type Restored = Vec<(Id<noun::Tenant>, u64)>;

fn put_back(
    place: &Place,
    backup: Id<noun::Backup>,
    vault: &Vault,
    scratch: &Path,
    drilled: &mut Drilled,
    progress: &Progress,
) -> Result<Restored, BackupError> {
    let (mut restored, mut system) = (Restored::new(), false);
    let mut lines = Lines::open(place, backup, &vault.public_key())?;
    while let Some(line) = lines.next()? {
        let (tenant, done) = match line {
            Line::System { part } => {
                system = true;
                (None, fill_system(place, &part, vault, scratch, progress))
            }
            Line::Tenant { tenant, part } => {
                let done = put_back_one(place, tenant, &part, vault, scratch, progress);
                match done {
                    Err(BackupError::Erased(_)) => {
                        drilled.erased.push(tenant);
                        continue;
                    }
                    Ok(()) => restored.push((tenant, part.blobs)),
                    Err(_) => {}
                }
                (Some(tenant), done)
            }
            Line::Failed { tenant, .. } => {
                drilled.failed.push(tenant);
                continue;
            }
            Line::Head { .. } | Line::Empty { .. } | Line::End { .. } => continue,
        };
        found(drilled, tenant, done)?;
    }
    if !system {
        drilled.findings.push(Finding { tenant: None, detail: "the appliance's own file is not in it".to_owned() });
    }
    Ok(restored)
}

/// Notes what a restore would fail of; a wish to stop, and a disk that is full, end the drill and say nothing of the backup.
fn found(
    drilled: &mut Drilled,
    tenant: Option<Id<noun::Tenant>>,
    done: Result<(), BackupError>,
) -> Result<(), BackupError> {
    match done {
        Ok(()) => Ok(()),
        Err(error @ BackupError::Copy(CopyError::Stopped | CopyError::Full)) => Err(error),
        Err(error) => {
            drilled.findings.push(Finding { tenant, detail: error.to_string() });
            Ok(())
        }
    }
}

fn put_back_one(
    place: &Place,
    tenant: Id<noun::Tenant>,
    part: &Part,
    vault: &Vault,
    scratch: &Path,
    progress: &Progress,
) -> Result<(), BackupError> {
    let keys = vault.keys(tenant).map_err(|error| match error {
        VaultError::Destroyed(_) => BackupError::Erased(tenant),
        other => other.into(),
    })?;
    let home = scratch.join(Store::shared(tenant));
    make_folder(&home)?;
    let file = fill(place, tenant, part, keys, &home, progress)?;
    fs::rename(file, home.join(DATABASE))?;
    Ok(())
}

fn open_all(again: &Store, restored: &Restored, drilled: &mut Drilled, progress: &Progress) -> Result<(), BackupError> {
    let looked = look(again.system(), None, drilled, progress);
    found(drilled, None, looked)?;
    for (tenant, blobs) in restored {
        let looked = match again.tenant(*tenant) {
            Ok(file) => look(&file, Some((file.blobs(), *blobs)), drilled, progress),
            Err(error) => Err(error.into()),
        };
        found(drilled, Some(*tenant), looked)?;
        progress.add_tenant();
        again.close_surplus();
    }
    Ok(())
}

/// Reads an opened file: its audit log is computed anew, and its blobs are read to their end.
fn look(
    file: &Database,
    blobs: Option<(BlobStore, u64)>,
    drilled: &mut Drilled,
    progress: &Progress,
) -> Result<(), BackupError> {
    let (size, root) = file.audit_head()?;
    let (view, mut log) = (file.read()?, Frontier::default());
    while log.size() < size {
        let leaves = view.audit_leaves(log.size(), ROWS)?;
        if leaves.is_empty() {
            break;
        }
        for (_, leaf) in leaves {
            log.append(leaf.hash(), &mut |_, _, _| ());
        }
        progress.add_bytes(0)?;
    }
    if (log.size(), log.root()) != (size, root) {
        return Err(BackupError::Damaged("its audit log does not verify"));
    }
    drilled.audit_rows += size;
    if let Some((blobs, expected)) = blobs {
        let mut read = 0;
        for stored in blobs.list() {
            let content = blobs.unnamed(&stored?.name)?;
            let length = content.len();
            content.finish()?;
            read += 1;
            progress.add_bytes(length)?;
        }
        if read != expected {
            return Err(BackupError::Damaged("other blobs came back than it has"));
        }
        drilled.blobs += read;
    }
    drilled.stores += 1;
    Ok(())
}
