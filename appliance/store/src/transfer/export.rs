//! Making a parcel.

use std::{
    io::{self, Write},
    sync::Arc,
};

use model::{Id, noun::Tenant};

use super::{MAGIC, TransferError, signed, stream_key};
use crate::{
    blob::{BlobError, BlobStore},
    copy::{self, CopyError, Hashed, ItemWriter, Sealer},
    progress::Progress,
    store::Store,
    vault::{Cost, Lock, Vault, random},
};

/// What was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// Rows.
    pub rows: u64,
    /// Blobs.
    pub blobs: u64,
    /// Plain bytes of the blobs.
    pub blob_bytes: u64,
}

/// Writes a tenant, as it is at this moment, to `out`. `about` is what the register knows of it. Everybody works meanwhile.
pub fn export(
    store: &Store,
    tenant: Id<Tenant>,
    about: &[u8],
    lock: Lock<'_>,
    mut out: impl Write,
    progress: &Progress,
) -> Result<Exported, TransferError> {
    let handle = store.tenant(tenant)?;
    let (form, secret) = Vault::lock(lock, Cost::STANDARD)?;
    let mut salt = [0; 32];
    random(&mut salt);
    let length = u8::try_from(form.len()).expect("a lock is shorter than 256 bytes");
    let sender = store.vault().public_key().0;
    let header = [MAGIC.as_slice(), &tenant.to_bytes(), &sender, &salt, &[length], &form].concat();
    out.write_all(&header)?;
    let sealer = Sealer::new(&mut out, &stream_key(&header, &secret));
    let mut items = ItemWriter::new(Hashed::new(sealer));
    items.about(about)?;
    let view = handle.read()?;
    copy::pour::<CopyError>(&view, |key, value| {
        items.row(key, value)?;
        progress.add_bytes((key.len() + value.len()) as u64)
    })?;
    let blobs = BlobStore::new(&handle.folder, Arc::new(store.vault().keys(tenant)?));
    for stored in blobs.list() {
        let name = stored?.name;
        let mut content = match blobs.unnamed(&name) {
            // Deleted since the folder was read.
            Err(BlobError::Io(error)) if error.kind() == io::ErrorKind::NotFound => continue,
            content => content?,
        };
        items.content(content.len(), &mut content)?;
        progress.add_bytes(content.len())?;
        content.finish()?;
    }
    let (mut content, totals) = items.end()?;
    let signature = store.vault().sign(&signed(&header, &content.so_far()));
    content.inner_mut().write_all(&signature)?;
    let (sealer, ..) = content.finish();
    sealer.finish()?;
    out.flush()?;
    Ok(Exported { rows: totals.rows, blobs: totals.blobs, blob_bytes: totals.blob_bytes })
}
