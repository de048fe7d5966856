//! Files: written whole or not at all, digests, and the folders where things are kept.

use std::fs::{File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::failure::{Failure, Kind};
use crate::worker::Stop;

/// Writes `path` whole or leaves what was there: temporary file, fsync, rename, fsync of the folder. Where `path` leads
/// to a device or a pipe (`/dev/null`, `/dev/stdout`) that one is written to, and a link stays a link.
///
/// # Errors
/// When the folder or the disk refuses.
pub(crate) fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if is_device(path) {
        return File::options().write(true).open(path)?.write_all(bytes);
    }
    let target = behind_link(path);
    let mut file = beside(&target)?;
    file.write_all(bytes)?;
    settle(file, &target)
}

/// Whether something is there that takes bytes but is no file that could be replaced.
fn is_device(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

fn behind_link(path: &Path) -> PathBuf {
    if path.is_symlink() { path.canonicalize().unwrap_or_else(|_| path.to_owned()) } else { path.to_owned() }
}

/// Brings the finished file `from` to `to`, whole or not at all, replacing what was there. Across file systems it is
/// copied.
///
/// # Errors
/// When the folder or the disk refuses.
pub(crate) fn publish(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::rename(from, to) {
        Ok(()) => sync_folder(to),
        Err(e) if e.kind() == io::ErrorKind::CrossesDevices => {
            let mut file = beside(to)?;
            io::copy(&mut File::open(from)?, &mut file)?;
            settle(file, to)?;
            std::fs::remove_file(from)
        }
        Err(e) => Err(e),
    }
}

fn beside(path: &Path) -> io::Result<NamedTempFile> {
    // As any program makes a file, so that the person's umask decides who can read it.
    let mode = Permissions::from_mode(0o666);
    tempfile::Builder::new().prefix(".audiagram-").permissions(mode).tempfile_in(folder_of(path))
}

fn settle(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    sync_folder(path)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// The folder that holds `path`.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// SHA-256 in lower-case hex.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 of a file in lower-case hex.
///
/// # Errors
/// When the file cannot be read, and when asked to stop.
pub(crate) fn digest_file(path: &Path, stop: &Stop) -> Result<String, Failure> {
    let mut file = File::open(path).map_err(|e| unreadable(path, &e))?;
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 1 << 20];
    loop {
        if let Some(asked) = stop.asked() {
            return Err(asked);
        }
        match file.read(&mut chunk).map_err(|e| unreadable(path, &e))? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(&chunk[..read]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// The bytes of a small file, or of standard input when `path` is `-`.
///
/// # Errors
/// When it cannot be read or has more than `limit` bytes.
pub(crate) fn read_small(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().take(limit + 1).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
    };
    read.map_err(|e| unreadable(path, &e))?;
    if bytes.len() as u64 > limit {
        return Err(Failure::new(Kind::Limit, format!("larger than {} MiB", limit >> 20)).file(path));
    }
    Ok(bytes)
}

/// The failure of a given file that cannot be read.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Kind::BadInput, "cannot be read").file(path).because(error)
}

/// The failure of a result that cannot be written.
pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Kind::Failed, "cannot be written")
        .file(path)
        .because(error)
        .remedy("--out with a folder that you may write to")
}

/// Refuses a file that could not be written later.
///
/// # Errors
/// When no file can be made in its folder.
pub(crate) fn check_target(path: &Path) -> Result<(), Failure> {
    if is_device(path) {
        return Ok(());
    }
    check_writable(folder_of(&behind_link(path)))
}

/// Refuses what is there under the name of a file that would be read, and is no file: a pipe would never end.
///
/// # Errors
/// When `path` is a folder, a pipe or a device.
pub(crate) fn check_file(path: &Path) -> Result<(), Failure> {
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            Err(Failure::new(Kind::BadInput, "is not a file").file(path).remedy("move it away"))
        }
        _ => Ok(()),
    }
}

/// Refuses a folder in which no file can be made.
///
/// # Errors
/// When the trial fails.
pub(crate) fn check_writable(folder: &Path) -> Result<(), Failure> {
    tempfile::tempfile_in(folder).map(drop).map_err(|e| unwritable(folder, &e))
}

/// Where work in progress and what can be made again is kept: `$XDG_CACHE_HOME/audiagram`.
///
/// # Errors
/// When neither `XDG_CACHE_HOME` nor `HOME` is set.
pub(crate) fn cache() -> Result<PathBuf, Failure> {
    under("XDG_CACHE_HOME", ".cache")
}

/// Where what a person did is kept: `$XDG_STATE_HOME/audiagram`.
///
/// # Errors
/// When neither `XDG_STATE_HOME` nor `HOME` is set.
#[cfg(feature = "appliance")]
pub(crate) fn state() -> Result<PathBuf, Failure> {
    under("XDG_STATE_HOME", ".local/state")
}

fn under(variable: &str, below_home: &str) -> Result<PathBuf, Failure> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    absolute(variable)
        .or_else(|| absolute("HOME").map(|home| home.join(below_home)))
        .map(|folder| folder.join("audiagram"))
        .ok_or_else(|| Failure::new(Kind::Failed, format!("neither {variable} nor HOME is set")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_replaces_whole_and_leaves_nothing_beside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        write_atomic(&path, b"one").unwrap();
        write_atomic(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn links_and_devices_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link, null) = (folder.path().join("f"), folder.path().join("l"), folder.path().join("null"));
        std::fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink("f", &link).unwrap();
        write_atomic(&link, b"new").unwrap();
        assert_eq!((std::fs::read(&file).unwrap(), link.is_symlink()), (b"new".to_vec(), true));
        std::os::unix::fs::symlink("/dev/null", &null).unwrap();
        write_atomic(&null, b"gone").unwrap();
        assert!(null.is_symlink() && is_device(&null));
        assert!(write_atomic(Path::new("/dev/full"), b"x").is_err());
        assert!(check_target(Path::new("/dev/null")).is_ok() && check_target(&link).is_ok());
        assert!(check_file(Path::new("/dev/null")).is_err() && check_file(&link).is_ok());
    }

    #[test]
    fn publishing_moves() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        std::fs::write(&from, "x").unwrap();
        std::fs::write(&to, "old").unwrap();
        publish(&from, &to).unwrap();
        assert_eq!((std::fs::read(&to).unwrap(), from.exists()), (b"x".to_vec(), false));
    }

    #[test]
    fn digests_are_those_of_the_standard() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest(b"abc"), abc);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("abc"), "abc").unwrap();
        assert_eq!(digest_file(&folder.path().join("abc"), &Stop::default()).unwrap(), abc);
    }
}
