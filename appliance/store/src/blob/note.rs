//! What is known of an upload besides its chunks: a small enciphered file that is replaced whole.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::Path,
};

use aes_gcm_siv::{
    Aes256GcmSiv, Nonce, Tag,
    aead::{AeadInOut as _, KeyInit as _},
};
use model::{Id, noun::Upload};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use super::{
    BlobDigest, BlobError, Finished,
    chunk::{CHUNK, TAG},
    writer::new_file,
};
use crate::vault::{DataKey, Purpose, TenantKeys, random};

/// How far an upload came.
#[derive(Serialize, Deserialize)]
pub(super) enum Note {
    /// This many whole chunks are on the disk, and these bytes come after them.
    Part { chunks: u64, rest: Vec<u8> },
    /// All of it is, and about to be published.
    Whole { digest: BlobDigest, length: u64 },
}

/// Version of the key and nonce.
const HEAD: usize = 4 + 12;
/// A note with the longest rest, and room for the numbers in it.
const LONGEST: usize = HEAD + CHUNK + 64 + TAG;

impl Drop for Note {
    fn drop(&mut self) {
        if let Note::Part { rest, .. } = self {
            rest.zeroize();
        }
    }
}

impl From<Finished> for Note {
    fn from(finished: Finished) -> Self {
        Note::Whole { digest: finished.digest, length: finished.length }
    }
}

impl Note {
    /// Replaces the note: after a power cut there is the old one or the new one.
    pub(super) fn write(&self, path: &Path, upload: Id<Upload>, key: &DataKey) -> Result<(), BlobError> {
        let mut content = Zeroizing::new(Vec::with_capacity(LONGEST));
        content.extend_from_slice(&key.version().to_be_bytes());
        let mut nonce = [0; 12];
        random(&mut nonce);
        content.extend_from_slice(&nonce);
        let mut body = Zeroizing::new(vec![0; LONGEST]);
        let body = postcard::to_slice(self, &mut body).expect("a note has room for a chunk");
        let tag = cipher(key).encrypt_inout_detached(&Nonce::from(nonce), &upload.to_bytes(), (&mut *body).into());
        content.extend_from_slice(body);
        content.extend_from_slice(&tag.expect("a note is within the limits of the cipher"));
        let new = path.with_extension("new");
        remove(&new)?;
        let mut file = new_file(&new)?;
        file.write_all(&content)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        Ok(File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()?)
    }

    /// Reads the note; nothing when there is none.
    pub(super) fn read(path: &Path, upload: Id<Upload>, keys: &TenantKeys) -> Result<Option<Self>, BlobError> {
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut content = Zeroizing::new(Vec::with_capacity(LONGEST));
        file.take(LONGEST as u64).read_to_end(&mut content)?;
        let corrupt = || BlobError::Corrupt("the note of an upload was changed");
        let (head, body) = content.split_at_mut_checked(HEAD).ok_or_else(corrupt)?;
        let (version, nonce) = head.split_first_chunk().ok_or_else(corrupt)?;
        let nonce: [u8; 12] = nonce.try_into().map_err(|_| corrupt())?;
        let (body, tag) = body.split_last_chunk_mut::<TAG>().ok_or_else(corrupt)?;
        let version = u32::from_be_bytes(*version);
        let key = keys.version(Purpose::Blob, version).ok_or(BlobError::Key(version))?;
        cipher(key)
            .decrypt_inout_detached(&Nonce::from(nonce), &upload.to_bytes(), (&mut *body).into(), &Tag::from(*tag))
            .map_err(|_| corrupt())?;
        let note = postcard::from_bytes(body).map_err(|_| corrupt())?;
        match &note {
            Note::Part { rest, .. } if rest.len() > CHUNK => Err(corrupt()),
            _ => Ok(Some(note)),
        }
    }
}

fn cipher(key: &DataKey) -> Aes256GcmSiv {
    let secret = key.derive::<32>("audiagram upload note 1");
    Aes256GcmSiv::new_from_slice(&secret[..]).expect("32 bytes are a key of AES-256")
}

/// Removes a file, if it is there.
pub(super) fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        result => result.map(|()| true),
    }
}
