//! The form of a blob's file.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `ADGBLOB1` |
//! | 4 | version of the tenant's blob key, big-endian |
//! | 32 | salt: random, of this file alone |
//! | 8 | length of the plain content, big-endian; zero while it is written |
//! | 32 | HMAC-SHA256 of the digest, the length and all of the above; zero while it is written |
//! | … | chunks of 65,536 plain bytes and a tag of 16 each; the last one may be shorter and, for an empty blob, holds nothing |
//!
//! A chunk is AES-256-GCM-SIV under a key derived from blob key and salt. Its nonce is its number, and whether it is the last one is
//! authenticated with it, so chunks can be neither reordered nor dropped. GCM-SIV and not GCM: an upload that is resumed after a crash may
//! write other bytes under a number that was used, which would give GCM's key away; and SHA-256, not the cipher, sets the pace.

use aes_gcm_siv::{
    Aes256GcmSiv, Nonce, Tag,
    aead::{AeadInOut as _, KeyInit as _},
};
use hkdf::hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{BlobDigest, BlobError};
use crate::vault::{DataKey, Purpose, TenantKeys, random};

/// Plain bytes of a chunk.
pub const CHUNK: usize = 64 << 10;
/// Bytes that authenticate a chunk.
pub(super) const TAG: usize = 16;
/// A chunk as it stands in the file.
pub(super) const SEALED: usize = CHUNK + TAG;
/// Bytes before the first chunk.
pub(super) const HEAD: usize = 8 + 4 + 32 + 8 + 32;
const MAGIC: &[u8; 8] = b"ADGBLOB1";

/// The keys of one file, and what its head says.
pub(super) struct Sealing {
    version: u32,
    salt: [u8; 32],
    cipher: Aes256GcmSiv,
    mac: Zeroizing<[u8; 32]>,
}

/// The head of a finished file.
pub(super) struct Head {
    pub(super) length: u64,
    mac: [u8; 32],
}

impl Sealing {
    /// Fresh keys for a new file.
    pub(super) fn fresh(key: &DataKey) -> Self {
        let mut salt = [0; 32];
        random(&mut salt);
        Self::derive(key, salt)
    }

    fn derive(key: &DataKey, salt: [u8; 32]) -> Self {
        let secret = key.derive_salted::<32>(&salt, "audiagram blob chunk 1");
        let cipher = Aes256GcmSiv::new_from_slice(&secret[..]).expect("32 bytes are a key of AES-256");
        let mac = key.derive_salted(&salt, "audiagram blob head 1");
        Self { version: key.version(), salt, cipher, mac }
    }

    /// The keys of the file with this head.
    pub(super) fn of(head: &[u8; HEAD], keys: &TenantKeys) -> Result<(Self, Head), BlobError> {
        let rest = head.strip_prefix(MAGIC).ok_or(BlobError::Corrupt("it has no head"))?;
        let (version, rest) = rest.split_first_chunk().expect("the head holds a version");
        let (salt, rest) = rest.split_first_chunk().expect("the head holds a salt");
        let (length, rest) = rest.split_first_chunk().expect("the head holds a length");
        let mac = rest.try_into().expect("the head ends with its HMAC");
        let version = u32::from_be_bytes(*version);
        let key = keys.version(Purpose::Blob, version).ok_or(BlobError::Key(version))?;
        Ok((Self::derive(key, *salt), Head { length: u64::from_be_bytes(*length), mac }))
    }

    /// The version of the blob key that the keys were derived from.
    pub(super) const fn version(&self) -> u32 {
        self.version
    }

    /// The head of a file that is being written.
    pub(super) fn open_head(&self) -> [u8; HEAD] {
        let mut head = [0; HEAD];
        head[..8].copy_from_slice(MAGIC);
        head[8..12].copy_from_slice(&self.version.to_be_bytes());
        head[12..44].copy_from_slice(&self.salt);
        head
    }

    /// The head of a finished file with this content.
    pub(super) fn head(&self, digest: &BlobDigest, length: u64) -> [u8; HEAD] {
        let mut head = self.open_head();
        head[44..52].copy_from_slice(&length.to_be_bytes());
        let mac: [u8; 32] = self.head_mac(digest, &head[..52]).finalize().into_bytes().into();
        head[52..].copy_from_slice(&mac);
        head
    }

    /// Whether the head is that of a finished file with this digest.
    pub(super) fn belongs(&self, digest: &BlobDigest, head: &Head) -> bool {
        let mut open = self.open_head();
        open[44..52].copy_from_slice(&head.length.to_be_bytes());
        self.head_mac(digest, &open[..52]).verify_slice(&head.mac).is_ok()
    }

    fn head_mac(&self, digest: &BlobDigest, head: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.mac[..]).expect("HMAC takes keys of any length");
        mac.update(&digest.0);
        mac.update(head);
        mac
    }

    /// Enciphers a chunk in place and appends its tag.
    pub(super) fn seal(&self, number: u64, last: bool, chunk: &mut Vec<u8>) {
        let (nonce, context) = place(number, last);
        let tag = self.cipher.encrypt_inout_detached(&nonce, &context, chunk.as_mut_slice().into());
        chunk.extend_from_slice(&tag.expect("a chunk is within the limits of the cipher"));
    }

    /// Opens a chunk with its tag in place and cuts the tag off.
    pub(super) fn open(&self, number: u64, last: bool, chunk: &mut Vec<u8>) -> Result<(), BlobError> {
        let corrupt = BlobError::Corrupt("a chunk was changed");
        let Some((body, tag)) = chunk.split_last_chunk_mut::<TAG>() else { return Err(corrupt) };
        let (nonce, context) = place(number, last);
        let opened = self.cipher.decrypt_inout_detached(&nonce, &context, body.into(), &Tag::from(*tag));
        chunk.truncate(chunk.len() - TAG);
        opened.map_err(|_| corrupt)
    }
}

fn place(number: u64, last: bool) -> (Nonce, [u8; 1]) {
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&number.to_le_bytes());
    (Nonce::from(nonce), [u8::from(last)])
}

/// Where a chunk begins in the file.
pub(super) const fn offset(number: u64) -> u64 {
    HEAD as u64 + number * SEALED as u64
}

/// How many chunks hold this many bytes; none is longer than 2^63 bytes, the longest file.
pub(super) const fn count(length: u64) -> u64 {
    if length == 0 { 1 } else { length.div_ceil(CHUNK as u64) }
}

/// How long the file of this many plain bytes is, or nothing if no file can be so long.
pub(super) fn file_length(length: u64) -> Option<u64> {
    length.checked_add(HEAD as u64)?.checked_add(count(length).checked_mul(TAG as u64)?)
}
