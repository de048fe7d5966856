//! Taking a parcel in.

use std::{
    fs,
    io::{self, Read},
    path::Path,
    sync::Arc,
};

use model::{Id, noun::Tenant};

use super::{MAGIC, TransferError, signed, stream_key};
use crate::{
    blob::BlobStore,
    copy::{CopyError, Filling, Hashed, Item, ItemReader, Opener},
    progress::Progress,
    store::{DATABASE, Placement, Store, StoreError, make_folder, sync_folder},
    vault::{LONGEST_LOCK, Opening, PublicKey, Purpose, TenantKeys, VaultError},
    write::{EventDraft, Tx, WriteError},
};

/// The longest header.
pub const MAX_PARCEL_HEADER: usize = 8 + 16 + 32 + 32 + 1 + LONGEST_LOCK;

/// What a parcel says of itself before it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Who is in it.
    pub tenant: Id<Tenant>,
    /// The appliance that says it made it.
    pub sender: PublicKey,
    /// How it is locked.
    lock: Vec<u8>,
    /// All of it.
    pub(super) bytes: Vec<u8>,
}

impl Header {
    /// Reads the header and nothing after it.
    pub fn read(from: &mut impl Read) -> Result<Self, TransferError> {
        let mut bytes = vec![0; 8 + 16 + 32 + 32 + 1];
        from.read_exact(&mut bytes).map_err(|_| TransferError::Form("it is too short"))?;
        let rest = bytes.strip_prefix(MAGIC).ok_or(TransferError::Form("it does not begin like one"))?;
        let (tenant, rest) = rest.split_first_chunk().expect("the header holds a tenant");
        let (sender, rest) = rest.split_first_chunk().expect("the header holds a sender");
        let length = usize::from(rest[32]);
        let (tenant, sender) = (Id::from_bytes(*tenant), PublicKey(*sender));
        if length == 0 || length > LONGEST_LOCK {
            return Err(TransferError::Form("its lock makes no sense"));
        }
        if tenant == crate::vault::SYSTEM {
            return Err(TransferError::Form("it names no tenant"));
        }
        let mut lock = vec![0; length];
        from.read_exact(&mut lock).map_err(|_| TransferError::Form("it is too short"))?;
        bytes.extend_from_slice(&lock);
        Ok(Header { tenant, sender, lock, bytes })
    }

    /// Whether it is locked with a passphrase, and not for an appliance.
    pub fn wants_passphrase(&self) -> bool {
        self.lock.first() == Some(&1)
    }
}

/// Who has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrived {
    /// The tenant.
    pub tenant: Id<Tenant>,
    /// The appliance it comes from.
    pub sender: PublicKey,
    /// Rows.
    pub rows: u64,
    /// Blobs.
    pub blobs: u64,
    /// Their plain bytes.
    pub blob_bytes: u64,
}

/// Takes a tenant in from `from`, of at most `most` bytes. `register` gets what the other register said of it and notes the tenant in this
/// one, in the same commit that makes it visible, with the audit row of `event`.
pub fn import<E: std::fmt::Display>(
    store: &Store,
    mut from: impl Read,
    opening: Opening<'_>,
    most: u64,
    event: EventDraft,
    register: impl FnOnce(&mut Tx<'_>, Id<Tenant>, &[u8]) -> Result<(), E>,
    progress: &Progress,
) -> Result<Arrived, TransferError> {
    let header = Header::read(&mut from)?;
    if let Opening::From(sender) = opening
        && sender != header.sender
    {
        return Err(TransferError::Sender);
    }
    let secret = store.vault().unlock(&header.lock, opening)?;
    let tenant = header.tenant;
    // Two imports of one tenant do not meet.
    let _held = store.hold(tenant, "brought in")?;
    let keys = keys(store, tenant)?;
    let home = store.folder.join(Store::shared(tenant));
    let arriving = home.with_extension("arriving");
    for left in [&arriving, &home] {
        remove(left)?;
    }
    make_folder(&arriving)?;
    let done = (|| {
        let (about, arrived) = unpack(store, &header, from, &secret, &keys, &arriving, most, progress)?;
        store.vault().adopt(&keys)?;
        fs::rename(&arriving, &home)?;
        sync_folder(home.parent().unwrap_or(Path::new(".")))?;
        let mut refused = None;
        let written = store.system().write::<(), WriteError>(event, |tx| {
            tx.about(tenant.erase());
            tx.note("sender", header.sender.to_string());
            tx.put(&Placement { tenant, folder: None, begun: true })?;
            register(tx, tenant, &about).map_err(|error| {
                refused = Some(error.to_string());
                WriteError::Taken("tenant")
            })
        });
        match (written, refused) {
            (Err(_), Some(refused)) => Err(TransferError::Register(refused)),
            (written, _) => Ok(written.map(|()| arrived)?),
        }
    })();
    if done.is_err() {
        remove(&arriving).ok();
        remove(&home).ok();
    }
    done
}

/// Keys for the newcomer: fresh ones, or those that an import which was cut off left in the vault.
fn keys(store: &Store, tenant: Id<Tenant>) -> Result<Arc<TenantKeys>, TransferError> {
    match (store.vault().keys(tenant), store.place_of(tenant)) {
        (_, Ok(_)) => Err(TransferError::Known(tenant)),
        (Err(VaultError::Destroyed(_)), _) => Err(TransferError::Erased(tenant)),
        (Err(VaultError::Unknown(_)), Err(StoreError::NoTenant)) => Ok(Arc::new(TenantKeys::fresh(tenant))),
        (Ok(keys), Err(StoreError::NoTenant)) => Ok(Arc::new(keys)),
        (Err(error), Err(StoreError::NoTenant)) => Err(error.into()),
        (_, Err(error)) => Err(error.into()),
    }
}

#[expect(clippy::too_many_arguments, reason = "one pass over one stream")]
fn unpack(
    store: &Store,
    header: &Header,
    from: impl Read,
    secret: &crate::vault::Secret,
    keys: &Arc<TenantKeys>,
    folder: &Path,
    most: u64,
    progress: &Progress,
) -> Result<(Vec<u8>, Arrived), TransferError> {
    let opener = Opener::new(from, &stream_key(&header.bytes, secret)).map_err(|_| VaultError::Transfer)?;
    let mut items = ItemReader::new(Hashed::new(opener));
    let mut filling = Filling::begin(&folder.join(DATABASE), keys.current(Purpose::Database))?;
    let blobs = BlobStore::new(folder, keys.clone());
    let (mut about, mut left) = (None, most);
    let mut spend = |bytes: u64| {
        left = left.checked_sub(bytes).ok_or(TransferError::TooLarge(most))?;
        Ok::<_, TransferError>(progress.add_bytes(bytes)?)
    };
    let totals = loop {
        match items.next()? {
            Some(Item::About(bytes)) if about.is_none() => about = Some(bytes),
            Some(Item::Row(key, value)) => {
                spend((key.len() + value.len()) as u64)?;
                filling.put(&key, Some(&value))?;
            }
            Some(Item::Content(length)) => {
                spend(length)?;
                let mut writer = blobs.writer(length)?;
                io::copy(&mut items.content(), &mut writer)?;
                writer.finish()?;
            }
            Some(Item::End(totals)) => break totals,
            Some(Item::About(_) | Item::BlobKey(..) | Item::Blob(..)) => {
                return Err(CopyError::Form("it has a part that no parcel has").into());
            }
            None => return Err(CopyError::Form("it has no end").into()),
        }
    };
    let mut content = items.into_inner();
    let digest = content.so_far();
    let mut signature = [0; 64];
    content.inner_mut().read_exact(&mut signature)?;
    if content.inner_mut().read(&mut [0])? != 0 {
        return Err(CopyError::Form("it goes on after its end").into());
    }
    if !header.sender.verifies(&signed(&header.bytes, &digest), &signature) {
        return Err(TransferError::Sender);
    }
    filling.finish()?;
    // What a stranger's rows say of the file's own form is looked at before anybody sees them.
    let redb = crate::backend::open(&folder.join(DATABASE), keys.current(Purpose::Database), 1 << 20);
    let redb = redb.map_err(StoreError::from)?;
    crate::Database::begin(header.tenant.erase(), redb, 0, store.clock().clone(), Arc::new(model::IdSource::random()))
        .map_err(StoreError::from)?;
    sync_folder(folder)?;
    let about = about.ok_or(CopyError::Form("it does not say who is in it"))?;
    let (tenant, sender) = (header.tenant, header.sender);
    Ok((about, Arrived { tenant, sender, rows: totals.rows, blobs: totals.blobs, blob_bytes: totals.blob_bytes }))
}

fn remove(folder: &Path) -> Result<(), TransferError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
