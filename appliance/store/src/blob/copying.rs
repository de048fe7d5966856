//! Blobs as files, found by their names: for copies, and for new keys.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use sha2::{Digest as _, Sha256};

use super::{BlobDigest, BlobError, BlobName, BlobReader, BlobStore, chunk::Head, make_folder, writer::new_file};
use crate::vault::Purpose;

/// The content of a file of which only the name is known. It was whole only if [`Unnamed::finish`] says so.
pub(crate) struct Unnamed<'a> {
    store: &'a BlobStore,
    name: BlobName,
    reader: BlobReader,
    head: Head,
    hash: Sha256,
}

impl Unnamed<'_> {
    pub(crate) fn len(&self) -> u64 {
        self.reader.len()
    }

    pub(crate) fn key_version(&self) -> u32 {
        self.reader.key_version()
    }

    /// Reads what is left and says whether the content is the one that the file is named by.
    pub(crate) fn finish(mut self) -> Result<BlobDigest, BlobError> {
        io::copy(&mut self, &mut io::sink())?;
        let digest = BlobDigest(self.hash.finalize().into());
        let key = self.store.keys.version(Purpose::Blob, self.reader.key_version());
        let named = key.is_some_and(|key| BlobName::new(key, &digest) == self.name);
        if named && self.reader.belongs(&digest, &self.head) {
            Ok(digest)
        } else {
            Err(BlobError::Corrupt("its content is not the one it is named by"))
        }
    }
}

impl Read for Unnamed<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.fill(out)?;
        self.hash.update(&out[..count]);
        Ok(count)
    }
}

impl BlobStore {
    /// The content of a file that [`BlobStore::list`] told of.
    pub(crate) fn unnamed(&self, name: &BlobName) -> Result<Unnamed<'_>, BlobError> {
        let (reader, head) = BlobReader::unnamed(File::open(self.path(name))?, &self.keys)?;
        Ok(Unnamed { store: self, name: *name, reader, head, hash: Sha256::new() })
    }

    /// Enciphers a file anew under the newest blob key, if it is under an older one. Says whether it was.
    pub(crate) fn renew_named(&self, name: &BlobName) -> Result<bool, BlobError> {
        let mut old = self.unnamed(name)?;
        if old.reader.key_version() == self.key().version() {
            return Ok(false);
        }
        let mut writer = self.writer(old.len())?;
        io::copy(&mut old, &mut writer)?;
        old.finish()?;
        writer.finish()?;
        self.remove(name)?;
        Ok(true)
    }

    /// The bytes on the disk of the file with this name; nothing when there is none.
    pub(crate) fn size(&self, name: &BlobName) -> Result<Option<u64>, BlobError> {
        match fs::metadata(self.path(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            metadata => Ok(Some(metadata?.len())),
        }
    }

    /// Copies a file as it lies, enciphered, to the folder of blobs `to`. Does nothing when there is one of that size.
    /// Says how many bytes were copied; nothing when the source is gone. Durable when it returns, save for the folder's entry.
    pub(crate) fn copy_file(&self, name: &BlobName, size: u64, to: &BlobStore) -> Result<Option<u64>, BlobError> {
        if to.size(name)? == Some(size) {
            return Ok(Some(0));
        }
        let source = match File::open(self.path(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            source => source?,
        };
        let path = to.path(name);
        let folder = path.parent().unwrap_or(Path::new("."));
        make_folder(folder)?;
        let unfinished = to.incoming()?.join(format!("tmp-{name}"));
        super::note::remove(&unfinished)?;
        let copy = || -> io::Result<u64> {
            let mut target = new_file(&unfinished)?;
            let copied = io::copy(&mut &source, &mut target)?;
            target.sync_data()?;
            fs::rename(&unfinished, &path)?;
            Ok(copied)
        };
        let copied = copy().inspect_err(|_| drop(fs::remove_file(&unfinished)))?;
        Ok(Some(copied))
    }

    /// Whether uploads are on their way in.
    pub(crate) fn has_parts(&self) -> Result<bool, BlobError> {
        match fs::read_dir(self.folder.join("incoming")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            entries => Ok(entries?.next().is_some()),
        }
    }
}
