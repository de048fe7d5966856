//! The private folder of one attempt: what the worker reads goes in from the tenant's blobs, what it made goes back into them.
//!
//! The only place where a tenant's content lies plain on a disk, and only while its worker runs.

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use library::making::{MAX_PIECES, Piece};
use model::{Id, noun};
use store::blob::{BlobDigest, BlobError, BlobStore, Finished};

use crate::job::takes;

/// The recording in the folder.
const RECORDING: &str = "recording";
/// Where finished windows of speech are noted.
const WINDOWS: &str = "windows";
/// How the names of what was heard begin.
const HEARD: &str = "transcript-";
/// The longest name of a piece.
const MAX_NAME: usize = 120;
/// The largest piece, in bytes.
const MAX_PIECE: u64 = 1 << 30;

/// Makes the folder of all attempts, and removes what a crash left in it.
pub(crate) fn clean(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // Only what this appliance has made: someone may have set a folder that is not for it alone.
        let ours = entry.file_name().to_str().is_some_and(|name| name.parse::<Id<noun::Job>>().is_ok());
        if ours && entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// A folder that is removed when it is dropped.
pub(super) struct Workplace {
    path: PathBuf,
    /// Pieces that are among the tenant's blobs already: length, time of change, digest.
    kept: BTreeMap<String, (u64, i128, BlobDigest)>,
}

impl Workplace {
    /// Makes the folder of a job, which only the appliance may enter.
    pub(super) fn open(folder: &Path, job: Id<noun::Job>) -> io::Result<Self> {
        let path = folder.join(job.to_string());
        // An attempt whose end was not cleaned up.
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Workplace { path, kept: BTreeMap::new() })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the recording is put.
    pub(super) fn recording(&self) -> PathBuf {
        self.path.join(RECORDING)
    }

    /// Puts a blob into the folder. `goes_on` is asked after each chunk; nothing when it says no.
    pub(super) fn put(
        &self,
        blobs: &BlobStore,
        digest: &BlobDigest,
        name: &str,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<PathBuf>, BlobError> {
        let path = self.path.join(name);
        if let Some(parent) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        }
        let mut from = blobs.reader(digest)?;
        let mut to = File::options().write(true).create_new(true).mode(0o600).open(&path)?;
        let mut chunk = vec![0; 64 << 10];
        loop {
            let count = from.fill(&mut chunk)?;
            if count == 0 {
                return Ok(Some(path));
            }
            to.write_all(&chunk[..count])?;
            if !goes_on() {
                return Ok(None);
            }
        }
    }

    /// Puts finished parts of earlier work in their places. One that is missing or damaged is made again.
    pub(super) fn put_pieces(&mut self, blobs: &BlobStore, pieces: &[Piece], goes_on: &mut dyn FnMut() -> bool) {
        for piece in pieces.iter().filter(|piece| is_piece(&piece.name)) {
            // Where a recording and a job both have it, the later one counts.
            let _ = fs::remove_file(self.path.join(&piece.name));
            let put = self.put(blobs, &piece.digest, &piece.name, goes_on);
            match put {
                Ok(Some(path)) => {
                    if let Ok(found) = fs::metadata(path) {
                        self.kept.insert(piece.name.clone(), (found.len(), changed(&found), piece.digest));
                    }
                }
                Ok(None) => return,
                Err(error) => {
                    tracing::info!(
                        error = &error as &dyn std::error::Error,
                        "a finished part of a job is not to be had; it is made again"
                    );
                    let _ = fs::remove_file(self.path.join(&piece.name));
                }
            }
        }
    }

    /// Brings finished parts that are new to the tenant's blobs. Gives all of them, and whether any was new or is gone.
    pub(super) fn keep_pieces(&mut self, blobs: &BlobStore) -> Result<(Vec<Piece>, bool), BlobError> {
        let mut pieces = Vec::new();
        let mut before = std::mem::take(&mut self.kept);
        let mut fresh = false;
        for name in self.pieces()? {
            if pieces.len() >= MAX_PIECES {
                break;
            }
            let Some(file) = open_plain(&self.path.join(&name))? else { continue };
            let found = file.metadata()?;
            if found.len() > MAX_PIECE {
                continue;
            }
            let known = before.remove(&name).filter(|known| (known.0, known.1) == (found.len(), changed(&found)));
            let (bytes, digest) = match known {
                Some((bytes, _, digest)) => (bytes, digest),
                None => {
                    fresh = true;
                    let stored = copy_in(blobs, file, MAX_PIECE)?;
                    (stored.length, stored.digest)
                }
            };
            self.kept.insert(name.clone(), (found.len(), changed(&found), digest));
            pieces.push(Piece { name, digest, bytes });
        }
        Ok((pieces, fresh || !before.is_empty()))
    }

    /// Names of the finished parts in the folder, in order.
    fn pieces(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for folder in ["", WINDOWS, takes::FOLDER] {
            let entries = match fs::read_dir(self.path.join(folder)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                entries => entries?,
            };
            for entry in entries.take(4 * MAX_PIECES) {
                let Some(name) = entry?.file_name().to_str().map(str::to_owned) else { continue };
                let name = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                if is_piece(&name) {
                    names.push(name);
                }
            }
        }
        names.sort();
        Ok(names)
    }

    /// A text that the worker made, of at most `limit` bytes.
    pub(super) fn text(&self, made: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let file = self.made(made)?;
        if file.metadata()?.len() > limit {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the worker made too large a file"));
        }
        let mut text = Vec::new();
        file.take(limit).read_to_end(&mut text)?;
        Ok(text)
    }

    /// Brings a file that the worker made to the tenant's blobs.
    pub(super) fn take(&self, blobs: &BlobStore, made: &Path, limit: u64) -> Result<Finished, BlobError> {
        copy_in(blobs, self.made(made)?, limit)
    }

    /// Opens a file that the worker says it made. Only its name counts: the worker has read a stranger's file, and is not believed.
    fn made(&self, told: &Path) -> io::Result<File> {
        let missing = || io::Error::new(io::ErrorKind::NotFound, "the worker did not make the file it told of");
        open_plain(&self.path.join(told.file_name().ok_or_else(missing)?))?.ok_or_else(missing)
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the folder of a worker could not be removed; the next start tries again"
            );
        }
    }
}

/// Whether a name in the folder is that of a finished part: what was heard so far, what was heard, and encoded takes. Names come from
/// the worker, and from records that were made of them.
fn is_piece(name: &str) -> bool {
    let plain = |text: &str| {
        !text.starts_with('.') && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
    };
    name.len() <= MAX_NAME
        && match name.split_once('/') {
            Some((WINDOWS, file)) => file == "hear.log",
            Some((takes::FOLDER, file)) => plain(file) && file.ends_with(".reel"),
            Some(_) => false,
            None => plain(name) && name.starts_with(HEARD) && name.ends_with(".json"),
        }
}

/// Opens a file for reading; nothing when it is a link, a folder or anything else that is no file.
fn open_plain(path: &Path) -> io::Result<Option<File>> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    let link = Some(rustix::io::Errno::LOOP.raw_os_error());
    let file = match File::options().read(true).custom_flags(flags).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == link => return Ok(None),
        file => file?,
    };
    Ok(file.metadata()?.is_file().then_some(file))
}

fn copy_in(blobs: &BlobStore, mut file: File, limit: u64) -> Result<Finished, BlobError> {
    let mut writer = blobs.writer(limit)?;
    io::copy(&mut file, &mut writer)?;
    writer.finish()
}

fn changed(found: &fs::Metadata) -> i128 {
    i128::from(found.mtime()) * 1_000_000_000 + i128::from(found.mtime_nsec())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn names_of_pieces() {
        for good in ["windows/hear.log", "takes/take-0a.reel", "takes/voice-0a.reel", "transcript-ab.json"] {
            assert!(is_piece(good), "{good}");
        }
        for bad in [
            "../transcript-x.json",
            "takes/../../x.reel",
            "takes/.tmp1.reel",
            "takes/a/b.reel",
            "recording",
            "result.mp4",
            "transcript-/../x.json",
            "/etc/transcript-.json",
            "windows/other.log",
        ] {
            assert!(!is_piece(bad), "{bad}");
        }
    }

    #[test]
    fn links_and_what_lies_elsewhere_are_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        fs::write(&secret, "key").unwrap();
        let place = Workplace::open(folder.path(), Id::from_bits(7)).unwrap();
        std::os::unix::fs::symlink(&secret, place.path().join("result.mp4")).unwrap();
        fs::create_dir(place.path().join("folder.mp4")).unwrap();
        fs::write(place.path().join("good.mp4"), "video").unwrap();
        for bad in ["result.mp4", "../secret", "folder.mp4", "none.mp4", ".."] {
            assert!(place.text(Path::new(bad), 100).is_err(), "{bad}");
        }
        assert_eq!(place.text(Path::new("/elsewhere/good.mp4"), 100).unwrap(), b"video");
        assert!(place.text(Path::new("good.mp4"), 4).is_err());
    }

    /// The files of a new tenant.
    fn blobs(folder: &Path) -> BlobStore {
        let key = Box::new(store::vault::KeyFile::create(&folder.join("key")).unwrap());
        let (clock, ids) = (std::sync::Arc::new(model::SystemClock), std::sync::Arc::new(model::IdSource::random()));
        let store = store::Store::create(&folder.join("data"), key, store::StoreLimits::default(), clock, ids).unwrap();
        let event = store::EventDraft::system(model::SystemTask::TenantCreate, store.system().log());
        let (home, plan) = ("eu".parse().unwrap(), tenancy::Plan::Team);
        let new = tenancy::NewTenant { slug: "acme".into(), name: "Acme".into(), home, plan };
        let tenant = tenancy::create(&store, event, new).unwrap();
        store.tenant(tenant.id).unwrap().blobs()
    }

    #[test]
    fn finished_parts_are_found_again_in_the_next_folder() {
        let folder = tempfile::tempdir().unwrap();
        let (blobs, job) = (blobs(folder.path()), Id::<noun::Job>::from_bits(7));
        let write = |place: &Workplace, name: &str, text: &str| {
            let path = place.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let mut first = Workplace::open(folder.path(), job).unwrap();
        for (name, text) in [("windows/hear.log", "one"), ("takes/take-0a.reel", "reel"), ("takes/.tmpx", "half")] {
            write(&first, name, text);
        }
        write(&first, "result.mp4", "video");
        let (pieces, changed) = first.keep_pieces(&blobs).unwrap();
        let names: Vec<_> = pieces.iter().map(|piece| piece.name.as_str()).collect();
        assert_eq!((names.as_slice(), changed), (["takes/take-0a.reel", "windows/hear.log"].as_slice(), true));
        assert!(!first.keep_pieces(&blobs).unwrap().1, "nothing is new");
        write(&first, "windows/hear.log", "one, two");
        let (pieces, changed) = first.keep_pieces(&blobs).unwrap();
        assert!(changed);
        drop(first);

        let mut next = Workplace::open(folder.path(), job).unwrap();
        next.put_pieces(&blobs, &pieces, &mut || true);
        let heard = fs::read_to_string(next.path().join("windows/hear.log")).unwrap();
        assert_eq!((heard.as_str(), next.keep_pieces(&blobs).unwrap()), ("one, two", (pieces.clone(), false)));
        // What is missing is made again, and is no failure.
        blobs.delete(&pieces[0].digest).unwrap();
        let mut last = Workplace::open(folder.path(), Id::from_bits(8)).unwrap();
        last.put_pieces(&blobs, &pieces, &mut || true);
        assert_eq!(last.keep_pieces(&blobs).unwrap().0, pieces[1..]);
    }

    #[test]
    fn folders_are_private_and_go() {
        let folder = tempfile::tempdir().unwrap();
        let job = Id::<noun::Job>::from_bits(7);
        let place = Workplace::open(folder.path(), job).unwrap();
        let path = place.path().to_owned();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o700);
        drop(place);
        assert!(!path.exists());
        // As a crash leaves it.
        fs::create_dir(&path).unwrap();
        fs::write(path.join(RECORDING), "speech").unwrap();
        fs::create_dir(folder.path().join("somebody else's")).unwrap();
        clean(folder.path()).unwrap();
        assert!(!path.exists() && folder.path().join("somebody else's").exists());
    }
}
