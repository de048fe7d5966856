//! Files of a tenant: recordings, videos, anything too large for a record. Enciphered, found by the digest of their content,
//! the same content stored once. Nothing of any size is in memory as a whole.

mod chunk;
mod digest;
mod error;
mod note;
mod part;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

use std::{
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::UNIX_EPOCH,
};

use model::{Id, Timestamp, noun::Upload};

pub use chunk::CHUNK;
pub use digest::{BlobDigest, BlobName, ParseDigestError};
pub use error::BlobError;
pub use part::PartWriter;
pub use reader::BlobReader;
pub use writer::BlobWriter;

use crate::vault::{DataKey, Purpose, TenantKeys};
use note::remove;

/// The files of one tenant in a folder: `blobs/ab/cdef…` what is finished, `incoming/` what is on its way.
#[derive(Debug, Clone)]
pub struct BlobStore {
    folder: PathBuf,
    keys: Arc<TenantKeys>,
}

/// A blob that is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finished {
    /// Of its plain content.
    pub digest: BlobDigest,
    /// Plain bytes.
    pub length: u64,
}

/// A file that the store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub name: BlobName,
    /// Its bytes on the disk.
    pub size: u64,
    /// When it was written.
    pub written: Timestamp,
}

impl BlobStore {
    /// The store in this folder, which is made when the first blob comes. Make it anew after the tenant's keys were renewed.
    pub fn new(folder: &Path, keys: Arc<TenantKeys>) -> Self {
        Self { folder: folder.to_owned(), keys }
    }

    /// A writer for new content of at most `limit` bytes.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn writer(&self, limit: u64) -> Result<BlobWriter<'_>, BlobError> {
        BlobWriter::new(self, limit)
    }

    /// The writer of an upload of at most `limit` bytes, at the place where it was synced last.
    ///
    /// # Errors
    /// `Busy` when the upload is being written; `Corrupt` when what was synced is damaged.
    pub fn part(&self, upload: Id<Upload>, limit: u64) -> Result<PartWriter<'_>, BlobError> {
        PartWriter::open(self, upload, limit)
    }

    /// Forgets an upload: what was not finished of it is gone. Says whether there was anything.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn delete_part(&self, upload: Id<Upload>) -> Result<bool, BlobError> {
        let (path, note) = self.part_paths(upload)?;
        let part = remove(&path)?;
        Ok(remove(&note)? || part)
    }

    /// The content with this digest.
    ///
    /// # Errors
    /// `Missing` when there is none, `Corrupt` when its file is not what was written.
    pub fn reader(&self, digest: &BlobDigest) -> Result<BlobReader, BlobError> {
        for name in self.names(digest) {
            match File::open(self.path(&name)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                file => return BlobReader::new(file?, digest, &self.keys),
            }
        }
        Err(BlobError::Missing(*digest))
    }

    /// The names that the content may be stored under: one for each version of the blob key, the newest first.
    pub fn names(&self, digest: &BlobDigest) -> impl Iterator<Item = BlobName> {
        self.keys.all(Purpose::Blob).map(|key| BlobName::new(key, digest))
    }

    /// Removes the content with this digest. Says whether there was any.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn delete(&self, digest: &BlobDigest) -> Result<bool, BlobError> {
        let mut found = false;
        for name in self.names(digest) {
            found |= self.remove(&name)?;
        }
        Ok(found)
    }

    /// Removes a file that [`BlobStore::list`] told of. Says whether there was one.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn remove(&self, name: &BlobName) -> Result<bool, BlobError> {
        Ok(remove(&self.path(name))?)
    }

    /// When a file that [`BlobStore::list`] told of was written; nothing when it is gone.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn written(&self, name: &BlobName) -> Result<Option<Timestamp>, BlobError> {
        match fs::metadata(self.path(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            metadata => Ok(Some(written(&metadata?)?)),
        }
    }

    /// All finished files, in the order of their names' first byte. To collect garbage, remove those that were written long enough ago
    /// for their record to be there, and whose name is none of [`BlobStore::names`] of any record's digest.
    pub fn list(&self) -> impl Iterator<Item = Result<Stored, BlobError>> {
        (0..=u8::MAX).flat_map(|first| match fs::read_dir(self.folder.join(format!("blobs/{first:02x}"))) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => vec![Err(error.into())],
            Ok(entries) => entries.filter_map(|entry| stored(first, entry).transpose()).collect(),
        })
    }

    /// Removes what interrupted writers left behind before this time; uploads stay. Returns how many files.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub fn sweep(&self, before: Timestamp) -> Result<u64, BlobError> {
        let mut count = 0;
        for entry in fs::read_dir(self.incoming()?)? {
            let entry = entry?;
            let name = entry.file_name();
            let left = name.to_str().is_some_and(|name| name.starts_with("tmp-") || name.ends_with(".new"));
            if left && written(&entry.metadata()?)? < before && remove(&entry.path())? {
                count += 1;
            }
        }
        Ok(count)
    }

    /// Enciphers content anew under the newest blob key, if it is under an older one. Says whether it was.
    ///
    /// # Errors
    /// `Corrupt` when the file is damaged; it stays as it is then.
    pub fn renew(&self, digest: &BlobDigest) -> Result<bool, BlobError> {
        let mut reader = self.reader(digest)?;
        if reader.key_version() == self.key().version() {
            return Ok(false);
        }
        let mut writer = self.writer(reader.len())?;
        io::copy(&mut reader, &mut writer)?;
        let found = writer.finish()?.digest;
        if found != *digest {
            return Err(BlobError::Digest { expected: *digest, found });
        }
        for name in self.names(digest).skip(1) {
            self.remove(&name)?;
        }
        Ok(true)
    }

    /// The key for new content.
    fn key(&self) -> &DataKey {
        self.keys.current(Purpose::Blob)
    }

    fn path(&self, name: &BlobName) -> PathBuf {
        let name = name.to_string();
        self.folder.join("blobs").join(&name[..2]).join(&name[2..])
    }

    fn incoming(&self) -> Result<PathBuf, BlobError> {
        let path = self.folder.join("incoming");
        make_folder(&path)?;
        Ok(path)
    }

    /// The file of an upload and its note.
    fn part_paths(&self, upload: Id<Upload>) -> Result<(PathBuf, PathBuf), BlobError> {
        let path = self.incoming()?.join(upload.to_string());
        let note = path.with_extension("note");
        Ok((path, note))
    }

    /// Gives a finished file its name; it replaces the same content. Durable when it returns.
    fn publish(&self, from: &Path, version: u32, digest: BlobDigest) -> Result<(), BlobError> {
        let key = self.keys.version(Purpose::Blob, version).ok_or(BlobError::Key(version))?;
        let path = self.path(&BlobName::new(key, &digest));
        let folder = path.parent().unwrap_or(&self.folder);
        make_folder(folder)?;
        fs::rename(from, &path)?;
        Ok(File::open(folder)?.sync_all()?)
    }
}

/// Makes a folder that only its owner may enter, and those above it, to the disk.
fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        make_folder(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    File::open(path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()
}

fn written(metadata: &fs::Metadata) -> io::Result<Timestamp> {
    let since = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Timestamp::default().after(since))
}

/// A file as [`BlobStore::list`] tells of it; nothing for files that are none of ours or were just removed.
fn stored(first: u8, entry: io::Result<fs::DirEntry>) -> Result<Option<Stored>, BlobError> {
    let entry = entry?;
    let Some(rest) = entry.file_name().to_str().map(str::to_owned) else { return Ok(None) };
    let Ok(name) = format!("{first:02x}{rest}").parse() else { return Ok(None) };
    match entry.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        metadata => {
            let metadata = metadata?;
            Ok(Some(Stored { name, size: metadata.len(), written: written(&metadata)? }))
        }
    }
}
