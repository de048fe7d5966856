//! Writing a blob over many requests, across broken connections, crashes and power cuts.

use std::{
    fs::{File, TryLockError},
    io::{self, Write},
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::PathBuf,
};

use model::{Id, noun::Upload};
use sha2::{Digest as _, Sha256};

use super::{
    BlobDigest, BlobError, BlobStore, Finished,
    chunk::{HEAD, SEALED, Sealing, offset},
    note::{Note, remove},
    writer::{Stream, buffer, read_head},
};

/// An upload: append, [`PartWriter::sync`], drop, open again, append, …, [`PartWriter::finish`]. What was synced is there again when it is opened
/// the next time, to the byte. One at a time is open for an upload.
///
/// Whole chunks go to the upload's file. The bytes after them go to its note, which is replaced as a whole, so that no chunk that was
/// synced is ever written over.
pub struct PartWriter<'a> {
    store: &'a BlobStore,
    upload: Id<Upload>,
    path: PathBuf,
    note: PathBuf,
    pub(super) stream: Stream,
    /// Of all bytes so far; nothing when some were written before this writer was opened.
    hash: Option<Sha256>,
    /// An earlier writer had finished it, and was cut off before its caller noted that.
    finished: Option<Finished>,
}

impl<'a> PartWriter<'a> {
    pub(super) fn open(store: &'a BlobStore, upload: Id<Upload>, limit: u64) -> Result<Self, BlobError> {
        let (path, note) = store.part_paths(upload)?;
        let file = File::options().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BlobError::Busy),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let known = Note::read(&note, upload, &store.keys)?;
        let mut part = Self {
            stream: Self::resume(store, file, limit, known.as_ref())?,
            store,
            upload,
            path,
            note,
            hash: None,
            finished: None,
        };
        match known {
            Some(Note::Whole { digest, length }) => part.settle(Finished { digest, length })?,
            _ if part.stream.length() == 0 => part.hash = Some(Sha256::new()),
            _ => {}
        }
        Ok(part)
    }

    /// Finds the chunks that reached the disk. What the note says was synced must be there; what came after it counts as long as it is whole.
    fn resume(store: &BlobStore, file: File, limit: u64, note: Option<&Note>) -> Result<Stream, BlobError> {
        let length = file.metadata()?.len();
        if let Some(Note::Whole { .. }) = note
            && length >= HEAD as u64
        {
            let (sealing, _) = Sealing::of(&read_head(&file)?, &store.keys)?;
            return Ok(Stream { file, sealing, chunks: 0, rest: buffer(), limit, broken: false });
        }
        let (synced, rest) = match note {
            Some(Note::Part { chunks, rest }) => (*chunks, rest.as_slice()),
            _ => (0, &[][..]),
        };
        if length < HEAD as u64 {
            if synced > 0 || !rest.is_empty() {
                return Err(BlobError::Corrupt("the file of an upload is gone"));
            }
            file.set_len(0)?;
            return Stream::begin(file, store.key(), limit);
        }
        let (sealing, _) = Sealing::of(&read_head(&file)?, &store.keys)?;
        let there = (length - HEAD as u64) / SEALED as u64;
        if there < synced {
            return Err(BlobError::Corrupt("the file of an upload is too short"));
        }
        let mut stream = Stream { file, sealing, chunks: synced, rest: buffer(), limit, broken: false };
        let mut chunk = buffer();
        while stream.chunks < there && stream.read(stream.chunks, &mut chunk).is_ok() {
            stream.chunks += 1;
        }
        if stream.chunks == synced {
            stream.rest.extend_from_slice(rest);
        }
        stream.file.set_len(offset(stream.chunks))?;
        Ok(stream)
    }

    /// The upload was whole already: publishes it if that was not done.
    fn settle(&mut self, finished: Finished) -> Result<(), BlobError> {
        if self.stream.file.metadata()?.len() > HEAD as u64 {
            self.store.publish(&self.path, self.stream.sealing.version(), finished.digest)?;
        } else {
            // Opening made a file where there was none.
            remove(&self.path)?;
        }
        self.store.reader(&finished.digest)?;
        self.finished = Some(finished);
        Ok(())
    }

    /// Bytes so far.
    #[expect(clippy::len_without_is_empty, reason = "it is the length of a file, not of a collection")]
    pub fn len(&self) -> u64 {
        self.finished.map_or_else(|| self.stream.length(), |finished| finished.length)
    }

    /// Takes in the next bytes.
    ///
    /// # Errors
    /// `TooLong` beyond the limit, `Full` when the disk is.
    pub fn append(&mut self, data: &[u8]) -> Result<(), BlobError> {
        if let Some(finished) = self.finished {
            return if data.is_empty() { Ok(()) } else { Err(BlobError::TooLong { limit: finished.length }) };
        }
        self.stream.append(data)?;
        if let Some(hash) = &mut self.hash {
            hash.update(data);
        }
        Ok(())
    }

    /// Brings everything so far to the disk and says how many bytes that is: where the sender may go on after any failure.
    ///
    /// # Errors
    /// `Full` when the disk is; what was synced before is still there.
    pub fn sync(&mut self) -> Result<u64, BlobError> {
        if self.finished.is_some() {
            return Ok(self.len());
        }
        if self.stream.broken {
            return Err(BlobError::Broken);
        }
        self.stream.file.sync_data()?;
        let note = Note::Part { chunks: self.stream.chunks, rest: self.stream.rest.to_vec() };
        note.write(&self.note, self.upload, self.store.key())?;
        Ok(self.stream.length())
    }

    /// Brings the blob to the disk under its name, if its digest is the one that is expected. Can be repeated after a crash until
    /// [`BlobStore::delete_part`] is called, which is to be done when the digest has been noted.
    ///
    /// # Errors
    /// `Digest` when the content is not what was expected; then nothing is published.
    pub fn finish(mut self, expected: Option<&BlobDigest>) -> Result<Finished, BlobError> {
        let fits = |found: BlobDigest| match expected {
            Some(expected) if *expected != found => Err(BlobError::Digest { expected: *expected, found }),
            _ => Ok(found),
        };
        if let Some(finished) = self.finished {
            fits(finished.digest)?;
            return Ok(finished);
        }
        let digest = fits(self.digest()?)?;
        let length = self.stream.finish(&digest)?;
        let finished = Finished { digest, length };
        Note::from(finished).write(&self.note, self.upload, self.store.key())?;
        self.store.publish(&self.path, self.stream.sealing.version(), digest)?;
        Ok(finished)
    }

    /// The digest of everything so far; what was written before this writer was opened is read again.
    pub(super) fn digest(&mut self) -> Result<BlobDigest, BlobError> {
        let hash = match self.hash.take() {
            Some(hash) => hash,
            None => {
                let mut hash = Sha256::new();
                let mut chunk = buffer();
                for number in 0..self.stream.chunks {
                    self.stream.read(number, &mut chunk)?;
                    hash.update(&chunk[..]);
                }
                hash.chain_update(&self.stream.rest[..])
            }
        };
        Ok(BlobDigest(hash.finalize().into()))
    }
}

impl Stream {
    /// Reads a chunk that is not the last one.
    fn read(&self, number: u64, chunk: &mut Vec<u8>) -> Result<(), BlobError> {
        chunk.resize(SEALED, 0);
        self.file.read_exact_at(chunk, offset(number))?;
        self.sealing.open(number, false, chunk)
    }
}

impl Write for PartWriter<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.append(data)?;
        Ok(data.len())
    }
    /// Nothing is durable before [`PartWriter::sync`].
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl std::fmt::Debug for PartWriter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PartWriter({}, {} bytes)", self.upload, self.len())
    }
}
