//! Whether a small file is as it was left when it was closed.
//!
//! XTS does not authenticate, and redb trusts a file that was closed. So a small file's HMAC and the length of its audit log are noted beside
//! it when it is closed. If the note fits, the file is opened as it is; if not (after a crash, or a change behind our back), redb
//! checks every page of it first, and a log that has become shorter means that a change was lost.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use hkdf::hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::vault::DataKey;

/// The largest file that is checked, in bytes: reading it costs about a millisecond.
pub(crate) const CHECKED_UP_TO: u64 = 2 << 20;

/// What was noted when a file was closed.
pub(crate) struct Note {
    mac: [u8; 32],
    /// Rows of the audit log.
    pub(crate) rows: u64,
}

impl Note {
    /// The note of a file; nothing where there is none.
    pub(crate) fn read(file: &Path) -> Option<Self> {
        let bytes: [u8; 40] = fs::read(path_of(file)).ok()?.try_into().ok()?;
        let (mac, rows) = bytes.split_first_chunk::<32>()?;
        Some(Note { mac: *mac, rows: u64::from_be_bytes(rows.try_into().ok()?) })
    }

    /// Whether the file is as it was.
    pub(crate) fn fits(&self, file: &Path, key: &DataKey) -> bool {
        mac(file, self.rows, &secret(key)).is_ok_and(|mac| mac.verify_slice(&self.mac).is_ok())
    }
}

/// Writes the note of a file when it is dropped, which is to be after the file was closed.
#[derive(Debug)]
pub(crate) struct Seal {
    file: PathBuf,
    secret: Zeroizing<[u8; 32]>,
    /// Rows of the audit log, once they are known.
    pub(crate) rows: Option<u64>,
}

impl Seal {
    pub(crate) fn new(file: &Path, key: &DataKey) -> Self {
        Seal { file: file.to_owned(), secret: secret(key), rows: None }
    }
}

impl Drop for Seal {
    fn drop(&mut self) {
        let small = fs::metadata(&self.file).is_ok_and(|file| file.len() <= CHECKED_UP_TO);
        let Some(rows) = self.rows.filter(|_| small) else { return };
        // Without a note, or with an old one, the next opening only takes longer.
        let Ok(mac) = mac(&self.file, rows, &self.secret) else { return };
        let mac: [u8; 32] = mac.finalize().into_bytes().into();
        let note = [mac.as_slice(), &rows.to_be_bytes()].concat();
        if let Err(error) = fs::write(path_of(&self.file), note) {
            tracing::debug!(error = &error as &dyn std::error::Error, "the note of a closed file was not written");
        }
    }
}

/// Removes the note of a file that is going to be replaced by an earlier state of itself.
pub(crate) fn forget(file: &Path) -> io::Result<()> {
    match fs::remove_file(path_of(file)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn path_of(file: &Path) -> PathBuf {
    file.with_extension("closed")
}

fn secret(key: &DataKey) -> Zeroizing<[u8; 32]> {
    key.derive("audiagram closed file 1")
}

fn mac(file: &Path, rows: u64, secret: &[u8; 32]) -> io::Result<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(&rows.to_be_bytes());
    let mut from = File::open(file)?;
    let mut part = [0; 64 << 10];
    loop {
        match from.read(&mut part)? {
            0 => return Ok(mac),
            count => mac.update(&part[..count]),
        }
    }
}
