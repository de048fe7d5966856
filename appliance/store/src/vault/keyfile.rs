//! The appliance key as a file of 32 random bytes.

use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use super::{
    root::{Held, RootKey as _, RootKeyError, root_key},
    wrap::{Secret, fresh},
};

/// An appliance key from a file that only its owner may read. Keep a copy of the file elsewhere: without it nothing opens.
#[derive(Debug)]
pub struct KeyFile {
    held: Held,
}
root_key!(KeyFile);

impl KeyFile {
    /// Makes a new random key in a new file with mode 0600.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn create(path: &Path) -> Result<Self, RootKeyError> {
        let secret = fresh();
        write_new(path, &secret[..]).map_err(|error| sorted(path, error))?;
        Ok(Self { held: Held::new(&secret) })
    }

    /// Reads the key.
    ///
    /// # Errors
    /// When there is none, when others may read or write it, or when it is not 32 bytes long.
    pub fn open(path: &Path) -> Result<Self, RootKeyError> {
        let mut file = open_private(path)?;
        let malformed = |detail| RootKeyError::Malformed { path: path.to_owned(), detail };
        let mut secret = Secret::default();
        let length = file.metadata().map_err(|error| sorted(path, error))?.len();
        if length != 32 {
            return Err(malformed("it must hold 32 bytes"));
        }
        file.read_exact(&mut secret[..]).map_err(|error| sorted(path, error))?;
        if secret.iter().all(|byte| *byte == secret[0]) {
            return Err(malformed("all its bytes are the same"));
        }
        let key = Self { held: Held::new(&secret) };
        tracing::debug!(fingerprint = %key.fingerprint(), "appliance key read");
        Ok(key)
    }
}

/// Writes a new file with mode 0600, to the disk.
pub(super) fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()?;
    File::open(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()
}

/// Opens a regular file that nobody but its owner may read or write.
pub(super) fn open_private(path: &Path) -> Result<File, RootKeyError> {
    let file = File::open(path).map_err(|error| sorted(path, error))?;
    let metadata = file.metadata().map_err(|error| sorted(path, error))?;
    if !metadata.is_file() {
        return Err(RootKeyError::Malformed { path: path.to_owned(), detail: "it is not a regular file" });
    }
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(RootKeyError::Loose { path: path.to_owned(), mode });
    }
    Ok(file)
}

pub(super) fn sorted(path: &Path, source: io::Error) -> RootKeyError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound => RootKeyError::Missing(path),
        io::ErrorKind::AlreadyExists => RootKeyError::Exists(path),
        _ => RootKeyError::Io { path, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn check(content: &[u8], mode: u32, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let message = KeyFile::open(&path).map_or_else(|error| error.to_string(), |_| "opened".to_owned());
        assert!(message.contains(expected), "{message}");
    }

    #[test]
    fn what_is_a_key_file() {
        let good: Vec<u8> = (0..32).collect();
        check(&good, 0o600, "opened");
        check(&good, 0o400, "opened");
        for loose in [0o640, 0o604, 0o620, 0o666, 0o610] {
            check(&good, loose, "chmod 600");
        }
        check(&good[..31], 0o600, "32 bytes");
        check(&[good.as_slice(), &[0]].concat(), 0o600, "32 bytes");
        check(&[0; 32], 0o600, "all its bytes are the same");
        check(b"", 0o600, "32 bytes");
    }

    #[test]
    fn made_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        assert!(matches!(KeyFile::open(&path), Err(RootKeyError::Missing(_))));
        let made = KeyFile::create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(KeyFile::open(&path).unwrap().fingerprint(), made.fingerprint());
        assert!(matches!(KeyFile::create(&path), Err(RootKeyError::Exists(_))));
        assert!(matches!(
            KeyFile::open(folder.path()),
            Err(RootKeyError::Malformed { .. } | RootKeyError::Loose { .. })
        ));
    }
}
