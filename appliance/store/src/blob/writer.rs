//! Writing a blob in one go.

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{
    BlobDigest, BlobError, BlobStore, Finished,
    chunk::{CHUNK, HEAD, SEALED, Sealing, offset},
};
use crate::vault::{DataKey, random};

/// Enciphers a stream of bytes chunk by chunk into a file. What is not a whole chunk yet stays in memory.
pub(super) struct Stream {
    pub(super) file: File,
    pub(super) sealing: Sealing,
    /// Whole chunks in the file.
    pub(super) chunks: u64,
    /// The bytes after them, at most a chunk: the last chunk is known as such only at the end.
    pub(super) rest: Zeroizing<Vec<u8>>,
    pub(super) limit: u64,
    /// A write failed half-way: what is in the file is no longer what the fields say.
    pub(super) broken: bool,
}

impl Stream {
    /// Begins in a new file.
    pub(super) fn begin(file: File, key: &DataKey, limit: u64) -> Result<Self, BlobError> {
        let sealing = Sealing::fresh(key);
        file.write_all_at(&sealing.open_head(), 0)?;
        Ok(Self { file, sealing, chunks: 0, rest: buffer(), limit, broken: false })
    }

    /// Plain bytes so far.
    pub(super) fn length(&self) -> u64 {
        self.chunks * CHUNK as u64 + self.rest.len() as u64
    }

    pub(super) fn append(&mut self, mut data: &[u8]) -> Result<(), BlobError> {
        if self.broken {
            return Err(BlobError::Broken);
        }
        if self.length().checked_add(data.len() as u64).is_none_or(|length| length > self.limit) {
            return Err(BlobError::TooLong { limit: self.limit });
        }
        while !data.is_empty() {
            if self.rest.len() == CHUNK {
                self.put(false)?;
            }
            let (now, later) = data.split_at(data.len().min(CHUNK - self.rest.len()));
            self.rest.extend_from_slice(now);
            data = later;
        }
        Ok(())
    }

    /// Writes the chunk in memory to the file.
    pub(super) fn put(&mut self, last: bool) -> Result<(), BlobError> {
        self.broken = true;
        self.sealing.seal(self.chunks, last, &mut self.rest);
        self.file.write_all_at(&self.rest, offset(self.chunks))?;
        self.rest.clear();
        self.chunks += 1;
        self.broken = false;
        Ok(())
    }

    /// Writes the last chunk and the head, and brings all of it to the disk.
    pub(super) fn finish(&mut self, digest: &BlobDigest) -> Result<u64, BlobError> {
        if self.broken {
            return Err(BlobError::Broken);
        }
        let length = self.length();
        self.put(true)?;
        self.broken = true;
        self.file.write_all_at(&self.sealing.head(digest, length), 0)?;
        self.file.sync_all()?;
        Ok(length)
    }
}

/// Room for a chunk and its tag: it never grows, so no plain bytes stay behind in freed memory.
pub(super) fn buffer() -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Vec::with_capacity(SEALED))
}

/// A blob on its way in. Give it the content by [`Write`] and call [`BlobWriter::finish`]; dropped before that, it leaves nothing behind.
pub struct BlobWriter<'a> {
    store: &'a BlobStore,
    path: PathBuf,
    stream: Stream,
    hash: Sha256,
}

impl<'a> BlobWriter<'a> {
    pub(super) fn new(store: &'a BlobStore, limit: u64) -> Result<Self, BlobError> {
        let mut name = [0; 16];
        random(&mut name);
        let path = store.incoming()?.join(format!("tmp-{:032x}", u128::from_be_bytes(name)));
        let file = new_file(&path)?;
        let stream = Stream::begin(file, store.key(), limit).inspect_err(|_| drop(fs::remove_file(&path)))?;
        Ok(Self { store, path, stream, hash: Sha256::new() })
    }

    /// Takes in the next bytes.
    ///
    /// # Errors
    /// `TooLong` beyond the limit, `Full` when the disk is.
    pub fn append(&mut self, data: &[u8]) -> Result<(), BlobError> {
        self.stream.append(data)?;
        self.hash.update(data);
        Ok(())
    }

    /// Brings the blob to the disk under its name. When it returns, the blob outlives a power cut.
    ///
    /// # Errors
    /// `Full` when the disk is; then nothing is left behind.
    pub fn finish(mut self) -> Result<Finished, BlobError> {
        let digest = BlobDigest(std::mem::take(&mut self.hash).finalize().into());
        let length = self.stream.finish(&digest)?;
        self.store.publish(&self.path, self.stream.sealing.version(), digest)?;
        Ok(Finished { digest, length })
    }
}

impl Write for BlobWriter<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.append(data)?;
        Ok(data.len())
    }
    /// Nothing is durable before [`BlobWriter::finish`].
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for BlobWriter<'_> {
    fn drop(&mut self) {
        // After publishing there is no such file any more.
        fs::remove_file(&self.path).ok();
    }
}

impl std::fmt::Debug for BlobWriter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BlobWriter({} bytes)", self.stream.length())
    }
}

/// A new file that only its owner may read.
pub(super) fn new_file(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// The head of a file.
pub(super) fn read_head(file: &File) -> Result<[u8; HEAD], BlobError> {
    let mut head = [0; HEAD];
    file.read_exact_at(&mut head, 0)?;
    Ok(head)
}
