//! What stands in a sealed stream: rows, blobs, keys, and an end that counts them.
//!
//! | tag | what follows |
//! |---|---|
//! | 1 | a row: length of the key (2 bytes), key, length of the value (4), value |
//! | 2 | a blob key: version (4), secret (32) |
//! | 3 | a blob that lies beside the stream: name of its file (32), bytes of the file (8) |
//! | 4 | a blob in the stream: length (8), and the content |
//! | 5 | what the register knows of the tenant: length (4), bytes |
//! | 6 | the end: numbers of rows, blobs and their bytes, rows of the audit log (8 each), its root (32) |
//!
//! Numbers are big-endian.

use std::io::{self, Read, Take, Write};

use zeroize::Zeroizing;

use super::{ChainCheck, CopyError};
use crate::{blob::BlobName, chain::Hash, vault::Secret, write::MAX_WRITE_BYTES};

/// The most bytes of what the register says.
pub(crate) const MAX_ABOUT: usize = 1 << 20;
/// The most versions of the blob key.
const MAX_KEYS: u64 = 64;

/// What the end of a stream says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    pub(crate) rows: u64,
    pub(crate) blobs: u64,
    pub(crate) blob_bytes: u64,
    pub(crate) audit_rows: u64,
    pub(crate) audit_root: Hash,
}

/// One thing of a stream.
pub(crate) enum Item {
    Row(Vec<u8>, Vec<u8>),
    BlobKey(u32, Secret),
    Blob(BlobName, u64),
    /// Its bytes are to be read by [`ItemReader::content`] before the next item.
    Content(u64),
    About(Vec<u8>),
    End(Totals),
}

/// Writes items, and checks the audit log among the rows.
pub(crate) struct ItemWriter<W> {
    out: W,
    chain: ChainCheck,
    totals: Totals,
}

impl<W: Write> ItemWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        ItemWriter { out, chain: ChainCheck::default(), totals: Totals::default() }
    }

    pub(crate) fn row(&mut self, key: &[u8], value: &[u8]) -> Result<(), CopyError> {
        self.chain.row(key, value)?;
        let lengths = (u16::try_from(key.len()), u32::try_from(value.len()));
        let (Ok(key_length), Ok(value_length)) = lengths else { return Err(CopyError::Form("a row is too long")) };
        self.out.write_all(&[1])?;
        self.out.write_all(&key_length.to_be_bytes())?;
        self.out.write_all(key)?;
        self.out.write_all(&value_length.to_be_bytes())?;
        self.out.write_all(value)?;
        self.totals.rows += 1;
        Ok(())
    }

    pub(crate) fn blob_key(&mut self, version: u32, secret: &Secret) -> io::Result<()> {
        self.out.write_all(&[2])?;
        self.out.write_all(&version.to_be_bytes())?;
        self.out.write_all(&secret[..])
    }

    pub(crate) fn blob(&mut self, name: &BlobName, size: u64) -> io::Result<()> {
        self.out.write_all(&[3])?;
        self.out.write_all(name.bytes())?;
        self.out.write_all(&size.to_be_bytes())?;
        self.count(size);
        Ok(())
    }

    /// A blob with its content, which must be as long as it says.
    pub(crate) fn content(&mut self, length: u64, content: impl Read) -> Result<(), CopyError> {
        self.out.write_all(&[4])?;
        self.out.write_all(&length.to_be_bytes())?;
        if io::copy(&mut content.take(length), &mut self.out)? != length {
            return Err(CopyError::Form("a blob ends too early"));
        }
        self.count(length);
        Ok(())
    }

    pub(crate) fn about(&mut self, about: &[u8]) -> Result<(), CopyError> {
        let length = u32::try_from(about.len()).ok().filter(|_| about.len() <= MAX_ABOUT);
        let length = length.ok_or(CopyError::Form("what the register says is too long"))?;
        self.out.write_all(&[5])?;
        self.out.write_all(&length.to_be_bytes())?;
        Ok(self.out.write_all(about)?)
    }

    /// The end. Nothing may come after it.
    pub(crate) fn end(mut self) -> Result<(W, Totals), CopyError> {
        (self.totals.audit_rows, self.totals.audit_root) = self.chain.finish()?;
        self.out.write_all(&[6])?;
        let Totals { rows, blobs, blob_bytes, audit_rows, audit_root } = self.totals;
        for number in [rows, blobs, blob_bytes, audit_rows] {
            self.out.write_all(&number.to_be_bytes())?;
        }
        self.out.write_all(&audit_root)?;
        Ok((self.out, self.totals))
    }

    fn count(&mut self, bytes: u64) {
        self.totals.blobs += 1;
        self.totals.blob_bytes = self.totals.blob_bytes.saturating_add(bytes);
    }
}

/// Reads items, and checks that rows are in order, that the audit log verifies, and that the end counts what was there.
pub(crate) struct ItemReader<R> {
    from: R,
    chain: ChainCheck,
    totals: Totals,
    keys: u64,
    /// Bytes of a content that were not read yet.
    left: u64,
    ended: bool,
}

impl<R: Read> ItemReader<R> {
    pub(crate) fn new(from: R) -> Self {
        ItemReader { from, chain: ChainCheck::default(), totals: Totals::default(), keys: 0, left: 0, ended: false }
    }

    /// The next item; nothing after the end.
    pub(crate) fn next(&mut self) -> Result<Option<Item>, CopyError> {
        if self.left > 0 {
            io::copy(&mut self.content(), &mut io::sink())?;
        }
        if self.ended {
            let mut more = [0];
            return if self.from.read(&mut more)? == 0 {
                Ok(None)
            } else {
                Err(CopyError::Form("it goes on after its end"))
            };
        }
        let [tag] = self.bytes()?;
        match tag {
            1 => self.row().map(Some),
            2 => {
                self.keys += 1;
                if self.keys > MAX_KEYS {
                    return Err(CopyError::Form("it has too many keys"));
                }
                let version = u32::from_be_bytes(self.bytes()?);
                let mut secret = Secret::default();
                self.from.read_exact(&mut secret[..])?;
                Ok(Some(Item::BlobKey(version, secret)))
            }
            3 => {
                let (name, size) = (BlobName::from_bytes(self.bytes()?), self.number()?);
                self.count(size)?;
                Ok(Some(Item::Blob(name, size)))
            }
            4 => {
                let length = self.number()?;
                self.count(length)?;
                self.left = length;
                Ok(Some(Item::Content(length)))
            }
            5 => {
                let length = u32::from_be_bytes(self.bytes()?) as usize;
                self.exactly(length, MAX_ABOUT).map(|about| Some(Item::About(about)))
            }
            6 => self.end().map(Some),
            _ => Err(CopyError::Form("it has a strange part")),
        }
    }

    /// What is below.
    pub(crate) fn into_inner(self) -> R {
        self.from
    }

    /// The content of the blob that was just told of.
    pub(crate) fn content(&mut self) -> Content<'_, R> {
        Content { left: &mut self.left, from: &mut self.from }
    }

    fn row(&mut self) -> Result<Item, CopyError> {
        let length = usize::from(u16::from_be_bytes(self.bytes()?));
        let key = self.exactly(length, usize::from(u16::MAX))?;
        let length = u32::from_be_bytes(self.bytes()?) as usize;
        let value = self.exactly(length, MAX_WRITE_BYTES)?;
        self.chain.row(&key, &value)?;
        self.totals.rows += 1;
        Ok(Item::Row(key, value))
    }

    fn end(&mut self) -> Result<Item, CopyError> {
        let [rows, blobs, blob_bytes, audit_rows] = [self.number()?, self.number()?, self.number()?, self.number()?];
        let said = Totals { rows, blobs, blob_bytes, audit_rows, audit_root: self.bytes()? };
        (self.totals.audit_rows, self.totals.audit_root) = std::mem::take(&mut self.chain).finish()?;
        if said != self.totals {
            return Err(CopyError::Form("something is missing from it"));
        }
        self.ended = true;
        Ok(Item::End(said))
    }

    fn count(&mut self, bytes: u64) -> Result<(), CopyError> {
        self.totals.blobs += 1;
        let sum = self.totals.blob_bytes.checked_add(bytes);
        self.totals.blob_bytes = sum.ok_or(CopyError::Form("its lengths make no sense"))?;
        Ok(())
    }

    fn number(&mut self) -> Result<u64, CopyError> {
        Ok(u64::from_be_bytes(self.bytes()?))
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], CopyError> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// So many bytes, with memory for no more than there are.
    fn exactly(&mut self, length: usize, most: usize) -> Result<Vec<u8>, CopyError> {
        if length > most {
            return Err(CopyError::Form("a part of it is too long"));
        }
        let mut bytes = Zeroizing::new(Vec::new());
        let mut part: Take<&mut R> = (&mut self.from).take(length as u64);
        if part.read_to_end(&mut bytes)? != length {
            return Err(CopyError::Form("it ends too early"));
        }
        Ok(std::mem::take(&mut bytes))
    }
}

/// The bytes of one blob in a stream.
pub(crate) struct Content<'a, R> {
    left: &'a mut u64,
    from: &'a mut R,
}

impl<R: Read> Read for Content<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(*self.left).unwrap_or(usize::MAX).min(out.len());
        if most == 0 {
            return Ok(0);
        }
        let count = self.from.read(&mut out[..most])?;
        if count == 0 {
            return Err(CopyError::Form("a blob ends too early").into());
        }
        *self.left -= count as u64;
        Ok(count)
    }
}
