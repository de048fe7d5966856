//! The file under a database: redb pages, enciphered, with one owner at a time.
//!
//! Two processes never have one file open: redb takes the lock of its file backend, which the cipher passes through. Syncing is
//! `fdatasync`. A file grows sparsely, so an empty database takes only the pages that hold something.

mod encrypted;
#[cfg(any(test, feature = "faults"))]
mod faulty;
mod held;
#[cfg(any(test, feature = "faults"))]
mod memory;
#[cfg(test)]
mod tests;
mod xts;

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use model::ErrorKind;
use redb::{StorageBackend, backends::FileBackend};

pub use encrypted::{Encrypted, PAGE, PLAIN_HEADER};
#[cfg(any(test, feature = "faults"))]
pub use faulty::{Fate, Faults, Faulty};
#[cfg(any(test, feature = "faults"))]
pub use memory::Memory;

use crate::vault::DataKey;

/// Why a database did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no file.
    #[error("there is no database {0}")]
    Missing(PathBuf),
    /// A file that was to be made is there already.
    #[error("the database {0} exists already")]
    Exists(PathBuf),
    /// Another process, or another handle of this one, has it open.
    #[error("the database {0} is in use; stop the other process first")]
    InUse(PathBuf),
    /// The bytes are not those of a database under this key.
    #[error("the database {path} is damaged or was written under another key ({detail}); restore it from a backup")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// The disk, or the quota on it, has no room.
    #[error("no space left for the database {0}; free some or move the tenant to another volume")]
    Full(PathBuf),
    /// The operating system refused.
    #[error("cannot open the database {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl OpenError {
    /// The kind, as a caller sees it.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            OpenError::Missing(_) => ErrorKind::NotFound,
            OpenError::Exists(_) => ErrorKind::Conflict,
            OpenError::InUse(_) | OpenError::Io { .. } => ErrorKind::Unavailable,
            OpenError::Damaged { .. } => ErrorKind::Corrupt,
            OpenError::Full(_) => ErrorKind::Exhausted,
        }
    }

    fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => OpenError::Missing(path),
            io::ErrorKind::AlreadyExists => OpenError::Exists(path),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => OpenError::Full(path),
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                OpenError::Damaged { path, detail: source.to_string() }
            }
            _ => OpenError::Io { path, source },
        }
    }

    fn redb(path: &Path, error: redb::DatabaseError) -> Self {
        use redb::{DatabaseError, StorageError};
        match error {
            DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
                OpenError::InUse(path.to_owned())
            }
            DatabaseError::Storage(StorageError::Io(source)) => OpenError::io(path, source),
            other => OpenError::Damaged { path: path.to_owned(), detail: other.to_string() },
        }
    }
}

/// Makes a database in a new file that only its owner may read.
///
/// # Errors
/// See [`OpenError`]; `Exists` when there is a file.
pub fn create(path: &Path, key: &DataKey, cache: usize) -> Result<redb::Database, OpenError> {
    let file = options().create_new(true).open(path).map_err(|error| OpenError::io(path, error))?;
    start(path, file, key, cache)
}

/// Opens a database; repairs it first when it was not closed cleanly.
///
/// `cache` is the bytes of pages that redb may keep in memory for it.
///
/// # Errors
/// See [`OpenError`]; `Damaged` when the key is not the one it was written under.
pub fn open(path: &Path, key: &DataKey, cache: usize) -> Result<redb::Database, OpenError> {
    open_checked(path, key, cache, false)
}

/// Opens a database and, if `check` says so, looks at every page of it first: damage is an error then, and no surprise later.
///
/// # Errors
/// As [`open`].
pub fn open_checked(path: &Path, key: &DataKey, cache: usize, check: bool) -> Result<redb::Database, OpenError> {
    let file = options().open(path).map_err(|error| OpenError::io(path, error))?;
    // redb would begin a new database in an empty file: what was in it would seem never to have been.
    if file.metadata().map_err(|error| OpenError::io(path, error))?.len() == 0 {
        return Err(OpenError::Damaged { path: path.to_owned(), detail: "the file is empty".to_owned() });
    }
    if was_left_open(&file) {
        crate::health::repaired();
    }
    let inner = FileBackend::new(file).map_err(|error| OpenError::redb(path, error))?;
    attach_checked(path, inner, key, cache, check)
}

/// Whether redb will repair the file: the second bit of the byte after its magic number says that it was not closed.
fn was_left_open(file: &File) -> bool {
    let mut byte = [0];
    std::os::unix::fs::FileExt::read_exact_at(file, &mut byte, 9).is_ok_and(|()| byte[0] & 2 != 0)
}

fn options() -> OpenOptions {
    let mut options = File::options();
    options.read(true).write(true).mode(0o600);
    options
}

fn start(path: &Path, file: File, key: &DataKey, cache: usize) -> Result<redb::Database, OpenError> {
    attach(path, FileBackend::new(file).map_err(|error| OpenError::redb(path, error))?, key, cache)
}

/// Opens the database on any backend, or begins one if it is empty; `path` is for messages. For databases in memory and on broken disks.
///
/// # Errors
/// See [`OpenError`].
pub fn attach<B: StorageBackend>(
    path: &Path,
    inner: B,
    key: &DataKey,
    cache: usize,
) -> Result<redb::Database, OpenError> {
    attach_checked(path, inner, key, cache, false)
}

fn attach_checked<B: StorageBackend>(
    path: &Path,
    inner: B,
    key: &DataKey,
    cache: usize,
    check: bool,
) -> Result<redb::Database, OpenError> {
    #[expect(clippy::disallowed_methods, reason = "the one place that opens databases with pages of their own")]
    let mut builder = redb::Builder::new();
    builder.set_cache_size(cache).set_check_integrity_on_open(check);
    let held = held::HeldBack::new(inner).map_err(|error| OpenError::io(path, error))?;
    // redb trusts what it wrote, and stops in a panic where that was changed behind its back.
    let opened = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        builder.create_with_backend(Encrypted::new(held, key))
    }));
    let damaged = |_| OpenError::Damaged { path: path.to_owned(), detail: "its pages make no sense".to_owned() };
    opened.map_err(damaged)?.map_err(|error| OpenError::redb(path, error))
}
