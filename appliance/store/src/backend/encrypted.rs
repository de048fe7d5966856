//! The pages of a redb file, enciphered on their way to the disk.

use std::{
    io,
    ops::Bound,
    sync::{PoisonError, RwLock},
};

use redb::{BackendError, StorageBackend};
use zeroize::Zeroizing;

use super::xts::Xts;
use crate::vault::DataKey;

/// Bytes of a page: redb's page size, and the data unit of the cipher.
pub const PAGE: usize = 4096;
/// The bytes of page 0 that stay plain.
///
/// redb's header begins with 64 bytes of magic number, flags and geometry, without keys, values or checksums of either. Its "god byte"
/// there makes a commit valid by the change of a single byte; enciphered, sixteen bytes would change at once. The two commit slots behind
/// it hold the checksums of the root pages: they are enciphered, verify themselves, and so tell a wrong key when the file is opened.
pub const PLAIN_HEADER: usize = 64;
/// How much of a long write is enciphered at a time.
const PIECE: usize = 64 * PAGE;

/// A storage backend over `B` that enciphers pages of 4,096 bytes with AES-256-XTS; the tweak is the page's number.
///
/// Pages that were never written (holes) read as zeros, as redb expects of a file that grew: a page whose raw bytes are all zero counts as a
/// hole, which no enciphered page is but by a chance of one in 2^32768. XTS keeps secrets and does not authenticate: damage is
/// found by redb's own page checksums, which lie inside the enciphered pages, and by the audit chain.
///
/// redb reads and writes whole pages, save its header of 320 bytes; anything unaligned is read, changed and written under a lock.
pub struct Encrypted<B> {
    inner: B,
    xts: Xts,
    /// Held shared by writes of whole pages, alone by writes of parts of pages.
    parts: RwLock<()>,
}

impl<B: StorageBackend> Encrypted<B> {
    /// The pages of `inner` under this data key.
    pub fn new(inner: B, key: &DataKey) -> Self {
        let expanded: Zeroizing<[u8; 64]> = key.derive("audiagram page xts 1");
        Self { inner, xts: Xts::new(&expanded), parts: RwLock::new(()) }
    }

    fn encode(&self, number: u64, page: &mut [u8]) {
        self.xts.encrypt(number, secret_part(number, page));
    }

    fn decode(&self, number: u64, page: &mut [u8]) {
        let area = secret_part(number, page);
        if area.iter().any(|byte| *byte != 0) {
            self.xts.decrypt(number, area);
        }
    }

    fn read_pages(&self, first: u64, out: &mut [u8]) -> io::Result<()> {
        self.inner.read(first * PAGE as u64, out)?;
        for (number, page) in (first..).zip(out.chunks_exact_mut(PAGE)) {
            self.decode(number, page);
        }
        Ok(())
    }

    fn write_pages(&self, first: u64, data: &[u8]) -> io::Result<()> {
        let mut buffer = Vec::with_capacity(data.len().min(PIECE));
        for (start, piece) in (first..).step_by(PIECE / PAGE).zip(data.chunks(PIECE)) {
            buffer.clear();
            buffer.extend_from_slice(piece);
            for (number, page) in (start..).zip(buffer.chunks_exact_mut(PAGE)) {
                self.encode(number, page);
            }
            self.inner.write(start * PAGE as u64, &buffer)?;
        }
        Ok(())
    }

    /// Goes through the parts of pages that `length` bytes at `offset` touch: page number, place in the page, place in the bytes.
    fn pieces(offset: u64, length: usize) -> io::Result<impl Iterator<Item = (u64, usize, std::ops::Range<usize>)>> {
        if offset.checked_add(length as u64).is_none() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the range ends beyond the largest offset"));
        }
        let mut done = 0;
        Ok(std::iter::from_fn(move || {
            let at = offset + done as u64;
            let place = (at % PAGE as u64) as usize;
            let count = (PAGE - place).min(length - done);
            let piece = (at / PAGE as u64, place, done..done + count);
            done += count;
            (count > 0).then_some(piece)
        }))
    }
}

fn secret_part(number: u64, page: &mut [u8]) -> &mut [u8] {
    &mut page[if number == 0 { PLAIN_HEADER } else { 0 }..]
}

fn aligned(offset: u64, length: usize) -> bool {
    offset.is_multiple_of(PAGE as u64) && length.is_multiple_of(PAGE)
}

impl<B: StorageBackend> StorageBackend for Encrypted<B> {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        if aligned(offset, out.len()) {
            return self.read_pages(offset / PAGE as u64, out);
        }
        let mut page = Zeroizing::new([0; PAGE]);
        for (number, place, range) in Self::pieces(offset, out.len())? {
            let count = range.len();
            self.read_pages(number, &mut page[..])?;
            out[range].copy_from_slice(&page[place..place + count]);
        }
        Ok(())
    }

    /// Sets the length, which must be a whole number of pages, as every length that redb sets is.
    fn set_len(&self, len: u64) -> io::Result<()> {
        if !len.is_multiple_of(PAGE as u64) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the length must be a whole number of pages"));
        }
        self.inner.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.inner.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        if aligned(offset, data.len()) {
            let _shared = self.parts.read().unwrap_or_else(PoisonError::into_inner);
            return self.write_pages(offset / PAGE as u64, data);
        }
        let _alone = self.parts.write().unwrap_or_else(PoisonError::into_inner);
        let mut page = Zeroizing::new([0; PAGE]);
        for (number, place, range) in Self::pieces(offset, data.len())? {
            self.read_pages(number, &mut page[..])?;
            page[place..place + range.len()].copy_from_slice(&data[range]);
            self.write_pages(number, &page[..])?;
        }
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        self.inner.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.query_lock_range(start, end)
    }
}

impl<B: StorageBackend> std::fmt::Debug for Encrypted<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encrypted").field("inner", &self.inner).finish_non_exhaustive()
    }
}
