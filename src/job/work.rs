//! The work folder of a job: what is finished of it, kept until the whole is done.
//!
//! ```text
//! cache/audiagram/jobs/<first 32 digits of the content's SHA-256>/   one job, removed when it is done
//! cache/audiagram/takes/<the same 32 digits>/                       encoded takes of films that are done
//! cache/audiagram/transcripts/<key>.json                             what was heard, a few of the latest
//! ```

use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;

use super::takes;
use crate::failure::{Failure, Kind};
use crate::files;

/// Unfinished jobs that are kept to be resumed.
const JOBS: usize = 16;
/// Films whose takes are kept, so that an edit draws again only what it changes.
const FILMS: usize = 16;
/// Transcripts that are kept.
const TRANSCRIPTS: usize = 64;

/// The work folder of one job, locked against a second run of the same job.
#[derive(Debug)]
pub(crate) struct WorkFolder {
    dir: PathBuf,
    // Held until the folder is dropped; the system lets go of it when the process dies.
    _lock: File,
}

impl WorkFolder {
    /// Opens or makes the folder of the content with this digest.
    ///
    /// # Errors
    /// When the cache cannot be written, or another run works in the folder.
    pub(crate) fn open(sha256: &str) -> Result<Self, Failure> {
        let jobs = files::cache()?.join("jobs");
        let dir = jobs.join(&sha256[..sha256.len().min(32)]);
        let cannot = |e: &std::io::Error| Failure::new(Kind::Failed, "no work folder").file(&dir).because(e);
        // What is said in recordings is nobody else's business.
        DirBuilder::new().recursive(true).mode(0o700).create(&dir).map_err(|e| cannot(&e))?;
        let lock = File::create(dir.join("lock")).map_err(|e| cannot(&e))?;
        rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
            Failure::new(Kind::Failed, "another run of audiagram works on the same file")
                .remedy("wait for it, or end it")
        })?;
        let folder = Self { dir: dir.canonicalize().map_err(|e| cannot(&e))?, _lock: lock };
        let takes = folder.dir.join(takes::FOLDER);
        if let Some(kept) = folder.kept_takes().filter(|_| !takes.exists()) {
            // Without them they are made again.
            let _ = std::fs::rename(kept, takes);
        }
        forget_oldest(&jobs, JOBS, |old| {
            let free = File::open(old.join("lock"))
                .is_ok_and(|lock| rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok());
            if free {
                let _ = std::fs::remove_dir_all(old);
            }
        });
        Ok(folder)
    }

    /// Where it is.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Brings a kept transcript into the folder, where the worker looks for it.
    pub(crate) fn recall(&self, name: &str) {
        let place = self.dir.join(name);
        let Some(kept) = files::cache().ok().filter(|_| !place.exists()) else { return };
        if let Ok(bytes) = std::fs::read(kept.join("transcripts").join(name)) {
            let _ = files::write_atomic(&place, &bytes);
        }
    }

    /// Keeps a transcript of the folder for later jobs.
    pub(crate) fn remember(&self, name: &str) {
        let Ok(bytes) = std::fs::read(self.dir.join(name)) else { return };
        let Ok(kept) = files::cache().map(|c| c.join("transcripts")) else { return };
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&kept);
        if made.and_then(|()| files::write_atomic(&kept.join(name), &bytes)).is_ok() {
            forget_oldest(&kept, TRANSCRIPTS, |old| {
                let _ = std::fs::remove_file(old);
            });
        }
    }

    /// Forgets everything of an earlier run.
    pub(crate) fn empty(&self) {
        for entry in std::fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_name() == "lock" {
                continue;
            }
            let _ = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        }
    }

    /// Removes the folder, for the job is done; encoded takes are kept beside.
    pub(crate) fn remove(self) {
        let takes = self.dir.join(takes::FOLDER);
        // A silent film is known by its storyboard, which is another one after an edit: its takes are of no use.
        let voice = |name: std::ffi::OsString| name.to_string_lossy().starts_with(takes::VOICE);
        let spoken = std::fs::read_dir(&takes).into_iter().flatten().flatten().any(|entry| voice(entry.file_name()));
        if let (true, Some(kept)) = (spoken, self.kept_takes()) {
            let films = files::folder_of(&kept);
            let _ = std::fs::remove_dir_all(&kept);
            if DirBuilder::new().recursive(true).mode(0o700).create(films).is_ok() {
                let _ = std::fs::rename(&takes, &kept);
            }
            forget_oldest(films, FILMS, |old| {
                let _ = std::fs::remove_dir_all(old);
            });
        }
        let _ = std::fs::remove_dir_all(&self.dir);
    }

    /// Removes the folder and everything that was kept of the job.
    fn erase(self) {
        let _ = self.kept_takes().map(std::fs::remove_dir_all);
        let _ = std::fs::remove_dir_all(&self.dir);
    }

    /// Where takes are kept when the job is done.
    fn kept_takes(&self) -> Option<PathBuf> {
        Some(files::cache().ok()?.join("takes").join(self.dir.file_name()?))
    }
}

/// Forgets every kept transcript of a recording, and what is unfinished of it: something of it was redacted.
pub(crate) fn forget(recording_sha256: &str) {
    let Ok(cache) = files::cache() else { return };
    for entry in std::fs::read_dir(cache.join("transcripts")).into_iter().flatten().flatten() {
        let names = |bytes: Vec<u8>| bytes.windows(recording_sha256.len()).any(|w| w == recording_sha256.as_bytes());
        if std::fs::read(entry.path()).is_ok_and(names) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    if let Ok(folder) = WorkFolder::open(recording_sha256) {
        folder.erase();
    }
}

/// Hands all but the `keep` latest entries of `folder` to `forget`. Entries are ordered by change, without a clock.
pub(super) fn forget_oldest(folder: &Path, keep: usize, forget: impl Fn(&Path)) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    entries.sort();
    for (_, path) in entries.iter().rev().skip(keep) {
        forget(path);
    }
}
