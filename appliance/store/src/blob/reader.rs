//! Reading a blob, from any place.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    os::unix::fs::FileExt as _,
};

use zeroize::Zeroizing;

use super::{
    BlobDigest, BlobError,
    chunk::{CHUNK, HEAD, Head, SEALED, Sealing, count, file_length, offset},
};
use crate::vault::TenantKeys;

/// The plain content of a blob. Reads, and keeps in memory, one chunk at a time, and only those that are asked for.
pub struct BlobReader {
    file: File,
    sealing: Sealing,
    length: u64,
    position: u64,
    /// The chunk in the buffer.
    number: Option<u64>,
    chunk: Zeroizing<Vec<u8>>,
}

impl BlobReader {
    /// Checks that the file is the finished one of this digest and as long as it says.
    pub(super) fn new(file: File, digest: &BlobDigest, keys: &TenantKeys) -> Result<Self, BlobError> {
        let mut head = [0; HEAD];
        file.read_exact_at(&mut head, 0)?;
        let (sealing, head) = Sealing::of(&head, keys)?;
        Self::checked(file, sealing, &head, digest)
    }

    /// A file of which the digest is not known before it was read: it is checked at the end, by [`BlobReader::belongs`].
    pub(super) fn unnamed(file: File, keys: &TenantKeys) -> Result<(Self, Head), BlobError> {
        let mut head = [0; HEAD];
        file.read_exact_at(&mut head, 0)?;
        let (sealing, head) = Sealing::of(&head, keys)?;
        if file_length(head.length) != Some(file.metadata()?.len()) {
            return Err(BlobError::Corrupt("it has another length"));
        }
        let chunk = Zeroizing::new(Vec::with_capacity(SEALED));
        Ok((Self { file, sealing, length: head.length, position: 0, number: None, chunk }, head))
    }

    /// Whether the digest of all that was read is the one that the head was made for.
    pub(super) fn belongs(&self, digest: &BlobDigest, head: &Head) -> bool {
        self.sealing.belongs(digest, head)
    }

    fn checked(file: File, sealing: Sealing, head: &Head, digest: &BlobDigest) -> Result<Self, BlobError> {
        if !sealing.belongs(digest, head) {
            return Err(BlobError::Corrupt("its head is not that of this content"));
        }
        if file_length(head.length) != Some(file.metadata()?.len()) {
            return Err(BlobError::Corrupt("it has another length"));
        }
        let chunk = Zeroizing::new(Vec::with_capacity(SEALED));
        Ok(Self { file, sealing, length: head.length, position: 0, number: None, chunk })
    }

    /// Plain bytes.
    #[expect(clippy::len_without_is_empty, reason = "it is the length of a file, not of a collection")]
    pub const fn len(&self) -> u64 {
        self.length
    }

    /// The version of the blob key it is enciphered with.
    pub const fn key_version(&self) -> u32 {
        self.sealing.version()
    }

    /// Moves to the start of the range and gives a reader that ends with it (or with the blob).
    pub fn range(&mut self, range: Range<u64>) -> io::Take<&mut Self> {
        self.position = range.start;
        self.take(range.end.saturating_sub(range.start))
    }

    /// Reads up to the end of the chunk at the position. Nothing means the end.
    ///
    /// # Errors
    /// `Corrupt` when the chunk is not what was written.
    pub fn fill(&mut self, out: &mut [u8]) -> Result<usize, BlobError> {
        if self.position >= self.length || out.is_empty() {
            return Ok(0);
        }
        let number = self.position / CHUNK as u64;
        if self.number != Some(number) {
            self.load(number)?;
        }
        let place = (self.position % CHUNK as u64) as usize;
        let found = &self.chunk[place..];
        let count = found.len().min(out.len());
        out[..count].copy_from_slice(&found[..count]);
        self.position += count as u64;
        Ok(count)
    }

    /// Reads the whole content once and throws it away: whether every chunk of it is as it was written.
    ///
    /// # Errors
    /// `Corrupt` when one is not.
    pub fn verify(&mut self) -> Result<(), BlobError> {
        (0..count(self.length)).try_for_each(|number| self.load(number))
    }

    fn load(&mut self, number: u64) -> Result<(), BlobError> {
        self.number = None;
        let last = number + 1 == count(self.length);
        let size = if last { file_length(self.length).map_or(0, |end| end - offset(number)) } else { SEALED as u64 };
        self.chunk.resize(size as usize, 0);
        self.file.read_exact_at(&mut self.chunk, offset(number))?;
        self.sealing.open(number, last, &mut self.chunk)?;
        self.number = Some(number);
        Ok(())
    }
}

impl Read for BlobReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        Ok(self.fill(out)?)
    }
}

impl Seek for BlobReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

impl std::fmt::Debug for BlobReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BlobReader({} bytes, at {})", self.length, self.position)
    }
}
