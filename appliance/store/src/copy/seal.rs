//! A stream of bytes under one key that is used once: chunks of AES-256-GCM-SIV, each bound to its number, the last one known as such.

use std::io::{self, Read, Write};

use aes_gcm_siv::{
    Aes256GcmSiv, Nonce, Tag,
    aead::{AeadInOut as _, KeyInit as _},
};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::CopyError;
use crate::vault::Secret;

/// Plain bytes of a chunk.
const CHUNK: usize = 64 << 10;
const TAG: usize = 16;
const SEALED: usize = CHUNK + TAG;

/// Enciphers what is written to it. Nothing of it is whole before [`Sealer::finish`].
pub(crate) struct Sealer<W> {
    inner: W,
    cipher: Aes256GcmSiv,
    number: u64,
    rest: Zeroizing<Vec<u8>>,
}

impl<W: Write> Sealer<W> {
    /// `secret` must never have sealed anything else: nonces are counted from zero.
    pub(crate) fn new(inner: W, secret: &Secret) -> Self {
        Sealer { inner, cipher: cipher(secret), number: 0, rest: Zeroizing::new(Vec::with_capacity(SEALED)) }
    }

    fn put(&mut self, last: bool) -> io::Result<()> {
        let (nonce, context) = place(self.number, last);
        let tag = self.cipher.encrypt_inout_detached(&nonce, &context, self.rest.as_mut_slice().into());
        self.rest.extend_from_slice(&tag.expect("a chunk is within the limits of the cipher"));
        self.inner.write_all(&self.rest)?;
        self.rest.clear();
        self.number += 1;
        Ok(())
    }

    /// Writes the last chunk and gives back what is below.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.put(true)?;
        Ok(self.inner)
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.rest.len() == CHUNK && !data.is_empty() {
            self.put(false)?;
        }
        let count = data.len().min(CHUNK - self.rest.len());
        self.rest.extend_from_slice(&data[..count]);
        Ok(count)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads what a [`Sealer`] wrote, chunk by chunk; it gives no byte that was not authenticated, and its end is the end that was written.
pub(crate) struct Opener<R> {
    inner: R,
    cipher: Aes256GcmSiv,
    number: u64,
    chunk: Zeroizing<Vec<u8>>,
    place: usize,
    /// The next chunk, sealed: one must look ahead to know the last one.
    ahead: Vec<u8>,
}

impl<R: Read> Opener<R> {
    pub(crate) fn new(mut inner: R, secret: &Secret) -> io::Result<Self> {
        let mut ahead = Vec::with_capacity(SEALED);
        (&mut inner).take(SEALED as u64).read_to_end(&mut ahead)?;
        if ahead.is_empty() {
            return Err(CopyError::Form("it ends too early").into());
        }
        let chunk = Zeroizing::new(Vec::with_capacity(SEALED));
        Ok(Opener { inner, cipher: cipher(secret), number: 0, chunk, place: 0, ahead })
    }

    fn load(&mut self) -> io::Result<()> {
        self.chunk.clear();
        self.chunk.extend_from_slice(&self.ahead);
        self.place = 0;
        self.ahead.clear();
        (&mut self.inner).take(SEALED as u64).read_to_end(&mut self.ahead)?;
        let (nonce, context) = place(self.number, self.ahead.is_empty());
        let changed = || io::Error::from(CopyError::Form("a part does not open"));
        let (body, tag) = self.chunk.split_last_chunk_mut::<TAG>().ok_or_else(changed)?;
        let opened = self.cipher.decrypt_inout_detached(&nonce, &context, body.into(), &Tag::from(*tag));
        let length = self.chunk.len() - TAG;
        self.chunk.truncate(if opened.is_ok() { length } else { 0 });
        self.number += 1;
        opened.map_err(|_| changed())
    }

    /// What is below, which was read to its end when the stream was.
    pub(crate) fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.place == self.chunk.len() {
            if self.ahead.is_empty() {
                return Ok(0);
            }
            self.load()?;
        }
        let found = &self.chunk[self.place..];
        let count = found.len().min(out.len());
        out[..count].copy_from_slice(&found[..count]);
        self.place += count;
        Ok(count)
    }
}

fn cipher(secret: &Secret) -> Aes256GcmSiv {
    Aes256GcmSiv::new_from_slice(&secret[..]).expect("32 bytes are a key of AES-256")
}

fn place(number: u64, last: bool) -> (Nonce, [u8; 1]) {
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&number.to_le_bytes());
    (Nonce::from(nonce), [u8::from(last)])
}

/// Counts and hashes the bytes that pass through.
pub(crate) struct Hashed<T> {
    inner: T,
    hash: Sha256,
    bytes: u64,
}

impl<T> Hashed<T> {
    pub(crate) fn new(inner: T) -> Self {
        Hashed { inner, hash: Sha256::new(), bytes: 0 }
    }

    /// What is below, how many bytes passed, and their SHA-256.
    pub(crate) fn finish(self) -> (T, u64, [u8; 32]) {
        (self.inner, self.bytes, self.hash.finalize().into())
    }

    /// The SHA-256 of the bytes that passed so far.
    pub(crate) fn so_far(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }

    pub(crate) fn inner_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

impl<T: Write> Write for Hashed<T> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(data)?;
        self.hash.update(&data[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Hashed<T> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        self.hash.update(&out[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}
