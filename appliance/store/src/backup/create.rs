//! Making a backup while the appliance works.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufReader, BufWriter, Read as _, Write as _},
    path::Path,
    sync::Arc,
};

use model::{Id, SystemTask, noun};

use super::{
    BackupError, erased,
    manifest::{self, Backup, Line, Lines, Part, Writer, hex},
    place::Place,
};
use crate::{
    blob::BlobStore,
    copy::{self, CopyError, Hashed, Item, ItemReader, ItemWriter, Opener, Sealer, Totals},
    health::Fault,
    progress::Progress,
    read::{Query, Read, View},
    relocate::copy_blobs,
    store::{Placement, Store, StoreError, make_folder, sync_folder},
    vault::{Purpose, SYSTEM, TenantKeys, VaultError, random},
    write::{EventDraft, WriteError},
};

const MAGIC: &[u8; 8] = b"ADGCOPY1";
/// Magic, tenant, version of the backup key, salt.
const HEAD: usize = 8 + 16 + 4 + 32;
const LABEL: &str = "audiagram copy rows 1";

/// What a backup is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The appliance with all its tenants.
    Whole,
    /// One tenant.
    Tenant(Id<noun::Tenant>),
}

/// Makes a backup in the folder `root`, which may hold earlier ones: what they have already is not copied again.
///
/// Each file is copied as of one moment, the appliance's own first; all of them are written to meanwhile. A tenant whose file cannot be
/// read is noted in the backup and does not stop it.
pub fn create(store: &Store, root: &Path, scope: Scope, progress: &Progress) -> Result<Backup, BackupError> {
    let id = store.ids().next::<noun::Backup>(store.clock().now());
    create_as(store, root, id, scope, progress)
}

/// Makes a backup with an id that was given out before.
pub fn create_as(
    store: &Store,
    root: &Path,
    id: Id<noun::Backup>,
    scope: Scope,
    progress: &Progress,
) -> Result<Backup, BackupError> {
    let (place, vault, made) = (Place::at(root), store.vault(), store.clock().now());
    let _locked = place.claim(vault)?;
    let known = parts_of_last(&place, store)?;
    let whole = scope == Scope::Whole;
    let mut list = Writer::begin(&place, &manifest::head(id, made, whole, vault), id)?;
    let view = store.system().read()?;
    if whole {
        let keys = vault.system_keys()?;
        let part = write_rows(&view, SYSTEM, &keys, None, &place, progress)?;
        list.line(&Line::System { part })?;
    }
    for_each_tenant(&view, scope, |placement| {
        let tenant = placement.tenant;
        let line = match copy_tenant(store, &place, &placement, known.get(&tenant), progress) {
            Ok(Some(part)) => Line::Tenant { tenant, part },
            Ok(None) => Line::Empty { tenant },
            // It was erased since the list of tenants was read.
            Err(BackupError::Store(StoreError::Vault(VaultError::Destroyed(_)) | StoreError::NoTenant)) => {
                return Ok(());
            }
            Err(BackupError::Copy(CopyError::Stopped)) => return Err(CopyError::Stopped.into()),
            Err(error) if whole && Fault::of_tenant(&error) => {
                tracing::error!(tenant.id = %tenant, error = &error as &dyn std::error::Error, "a tenant cannot be backed up");
                Line::Failed { tenant, code: format!("{:?}", error.kind()).to_lowercase() }
            }
            Err(error) => return Err(error),
        };
        progress.add_tenant();
        list.line(&line)
    })?;
    // The copy of the vault is made last: it holds the keys of all that was copied.
    erased::renew(store, &place)?;
    let (tenants, failed, bytes) = list.finish(vault)?;
    rustix::fs::syncfs(File::open(root)?).map_err(std::io::Error::from)?;
    let event = EventDraft::system(SystemTask::Backup, id.erase());
    store.system().write::<(), WriteError>(event, |tx| {
        tx.note("step", "made");
        tx.note("tenants", tenants.to_string());
        tx.note("failed", failed.to_string());
        tx.note("bytes", bytes.to_string());
        Ok(())
    })?;
    Ok(Backup { id, made, whole, tenants, failed, bytes })
}

impl Fault {
    /// Whether the fault is of one tenant's data, so that others can go on.
    fn of_tenant(error: &BackupError) -> bool {
        match error {
            BackupError::Store(StoreError::Copy(CopyError::Full)) | BackupError::Copy(CopyError::Full) => false,
            error => {
                error.kind() == model::ErrorKind::Corrupt
                    || matches!(error, BackupError::Store(StoreError::Held { .. } | StoreError::Open(_)))
            }
        }
    }
}

fn for_each_tenant(
    view: &View,
    scope: Scope,
    mut each: impl FnMut(Placement) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    if let Scope::Tenant(tenant) = scope {
        return each(view.get::<Placement>(&tenant)?.ok_or(StoreError::NoTenant)?);
    }
    let mut after = None;
    loop {
        let query = Query { index: None, after: after.as_ref(), limit: crate::MAX_PAGE, newest_first: false };
        let page = view.list::<Placement>(&query, |_| true)?;
        page.items.into_iter().try_for_each(&mut each)?;
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// The parts of the newest backup that can be read, so that tenants in which nothing has happened since need no copying.
fn parts_of_last(place: &Place, store: &Store) -> Result<BTreeMap<Id<noun::Tenant>, Part>, BackupError> {
    let mut found = BTreeMap::new();
    let (backups, _) = manifest::list(place.path(), &store.vault().public_key())?;
    let Some(last) = backups.iter().find(|backup| backup.whole).or(backups.first()) else { return Ok(found) };
    let mut lines = Lines::open(place, last.id, &store.vault().public_key())?;
    while let Some(line) = lines.next()? {
        if let Line::Tenant { tenant, part } = line {
            found.insert(tenant, part);
        }
    }
    Ok(found)
}

fn copy_tenant(
    store: &Store,
    place: &Place,
    placement: &Placement,
    known: Option<&Part>,
    progress: &Progress,
) -> Result<Option<Part>, BackupError> {
    if !placement.begun {
        return Ok(None);
    }
    let tenant = placement.tenant;
    let handle = store.tenant(tenant)?;
    let keys = Arc::new(store.vault().keys(tenant)?);
    let folder = place.tenant(tenant);
    let (here, there) = (BlobStore::new(&handle.folder, keys.clone()), BlobStore::new(&folder, keys.clone()));
    // Most blobs before the snapshot, so that hardly any can be deleted between it and its copying.
    copy_blobs(&here, &there, progress)?;
    let (rows, root) = handle.audit_head()?;
    let same = |part: &&Part| {
        // Every change has a row of the audit log, so the same log means the same content.
        part.audit_rows == rows
            && part.audit_root == hex(&root)
            && part.key == keys.current(Purpose::Backup).version()
            && fs::metadata(folder.join(&part.file)).is_ok_and(|file| file.len() == part.bytes)
    };
    if let Some(part) = known.filter(same) {
        return Ok(Some(part.clone()));
    }
    let view = handle.read()?;
    copy_blobs(&here, &there, progress)?;
    write_rows(&view, tenant, &keys, Some((&here, &there)), place, progress).map(Some)
}

/// Writes the rows of a snapshot, and the names of the blobs that were copied, to a sealed file.
fn write_rows(
    view: &View,
    tenant: Id<noun::Tenant>,
    keys: &TenantKeys,
    blobs: Option<(&BlobStore, &BlobStore)>,
    place: &Place,
    progress: &Progress,
) -> Result<Part, BackupError> {
    let folder = place.tenant(tenant);
    make_folder(&folder)?;
    let key = keys.current(Purpose::Backup);
    let mut salt = [0; 32];
    random(&mut salt);
    let head = [MAGIC.as_slice(), &tenant.to_bytes(), &key.version().to_be_bytes(), &salt].concat();
    let unfinished = folder.join("rows.unfinished");
    let mut out = Hashed::new(BufWriter::with_capacity(1 << 20, File::create(&unfinished)?));
    out.write_all(&head)?;
    let mut items = ItemWriter::new(Sealer::new(out, &key.derive_salted(&head, LABEL)));
    for key in keys.all(Purpose::Blob) {
        items.blob_key(key.version(), key.secret())?;
    }
    copy::pour::<CopyError>(view, |key, value| {
        items.row(key, value)?;
        progress.add_bytes((key.len() + value.len()) as u64)
    })?;
    if let Some((here, there)) = blobs {
        for stored in here.list() {
            let stored = stored?;
            if there.size(&stored.name)? == Some(stored.size) {
                items.blob(&stored.name, stored.size)?;
            }
        }
    }
    let (sealer, totals) = items.end()?;
    let (out, bytes, sha256) = sealer.finish()?.finish();
    out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    let file = format!("rows-{:012}-{}.copy", totals.audit_rows, hex(&salt[..8]));
    fs::rename(&unfinished, folder.join(&file))?;
    sync_folder(&folder)?;
    let Totals { rows, blobs, blob_bytes, audit_rows, audit_root } = totals;
    let (sha256, audit_root) = (hex(&sha256), hex(&audit_root));
    Ok(Part { file, bytes, sha256, key: key.version(), rows, blobs, blob_bytes, audit_rows, audit_root })
}

/// Reads a sealed file from its beginning to its end, and checks all that can be checked of it.
pub(super) fn read_rows(
    place: &Place,
    tenant: Id<noun::Tenant>,
    part: &Part,
    keys: &TenantKeys,
    mut each: impl FnMut(Item) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    if part.file.contains('/') || !part.file.starts_with("rows-") {
        return Err(BackupError::Damaged("the name of a file makes no sense"));
    }
    let file = File::open(place.tenant(tenant).join(&part.file)).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => BackupError::Damaged("the rows of a tenant are gone"),
        _ => error.into(),
    })?;
    let mut from = Hashed::new(BufReader::with_capacity(1 << 20, file));
    let mut head = [0; HEAD];
    from.read_exact(&mut head)?;
    let expected = [MAGIC.as_slice(), &tenant.to_bytes(), &part.key.to_be_bytes()].concat();
    if !head.starts_with(&expected) {
        return Err(CopyError::Form("it is another tenant's or of another form").into());
    }
    let key = keys.version(Purpose::Backup, part.key).ok_or(CopyError::Form("its backup key was retired"))?;
    let mut items = ItemReader::new(Opener::new(from, &key.derive_salted(&head, LABEL))?);
    while let Some(item) = items.next()? {
        if let Item::End(found) = &item {
            let listed = (part.rows, part.blobs, part.blob_bytes, part.audit_rows, part.audit_root.as_str());
            let root = hex(&found.audit_root);
            if listed != (found.rows, found.blobs, found.blob_bytes, found.audit_rows, root.as_str()) {
                return Err(BackupError::Damaged("the rows of a tenant are not those that the backup lists"));
            }
        }
        each(item)?;
    }
    let (_, bytes, sha256) = items.into_inner().into_inner().finish();
    if bytes != part.bytes || hex(&sha256) != part.sha256 {
        return Err(BackupError::Damaged("a file has another digest than the backup lists"));
    }
    Ok(())
}
