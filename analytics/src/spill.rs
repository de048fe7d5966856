//! What does not fit into a tenant's share of memory, on a disk, where the operator names a folder for it.
//!
//! A file has no name from the moment it is there, so the system takes its bytes back whatever ends the question, a crash too. Its bytes are
//! sealed with AES-256-GCM under a key that is drawn for it and lies in memory alone, piece by piece: a disk that is looked at later
//! shows nothing, and what was changed on it is refused before the engine, which believes its own files, reads it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use datafusion::{
    common::{DataFusionError, Result},
    execution::{
        disk_manager::DiskManagerBuilder,
        spill_file::{SpillFile, SpillWriter, TempFileFactory},
    },
};
use futures_util::{Stream, stream::try_unfold};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// Bytes that are sealed together.
const PIECE: usize = 128 << 10;
/// Bytes before each piece that say how long it is.
const HEAD: usize = 4;
/// Bytes of the seal of a piece.
const TAG: usize = 16;
/// How files are called for the moment in which they have names.
const PREFIX: &str = "audiagram-spill-";

/// The folder for files of questions.
#[derive(Debug, Clone)]
pub(crate) struct SpillFolder(Arc<Path>);

impl SpillFolder {
    /// Makes the folder where it is not there, takes away what a crash may have left in it, and sees that files can be made.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(PREFIX) {
                fs::remove_file(entry.path())?;
            }
        }
        let folder = SpillFolder(path.into());
        folder.file()?;
        Ok(folder)
    }

    /// A file without a name.
    fn file(&self) -> io::Result<File> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let path: PathBuf = self.0.join(format!("{PREFIX}{:032x}", u128::from_le_bytes(random)));
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        fs::remove_file(&path)?;
        Ok(file)
    }
}

/// What one tenant's questions may have on the disk together.
#[derive(Debug)]
pub(crate) struct Spill {
    folder: SpillFolder,
    used: Arc<AtomicU64>,
    bytes: u64,
}

impl Spill {
    pub(crate) fn new(folder: SpillFolder, bytes: u64) -> Self {
        Spill { folder, used: Arc::default(), bytes }
    }

    /// What makes files for a session.
    pub(crate) fn builder(self: &Arc<Self>) -> DiskManagerBuilder {
        DiskManagerBuilder::default().with_temp_file_factory(self.clone())
    }

    #[cfg(test)]
    fn used(&self) -> u64 {
        self.used.load(Ordering::SeqCst)
    }
}

impl TempFileFactory for Spill {
    fn create_temp_file(&self, _: &str) -> Result<Arc<dyn SpillFile>> {
        Ok(Arc::new(Spilled(Arc::new(Sealed::new(self)?))))
    }
}

/// The disk share of a tenant is used up. It travels inside of an [`io::Error`].
#[derive(Debug, thiserror::Error)]
#[error("the disk for queries of one tenant is used up")]
pub(crate) struct SpillFull(pub(crate) u64);

impl SpillFull {
    /// Finds it where errors of the engine hold it. Gives the bytes that a tenant may have.
    pub(crate) fn within(error: &(dyn std::error::Error + 'static)) -> Option<u64> {
        let mut next = Some(error);
        while let Some(error) = next {
            let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            if let Some(full) = inner.and_then(|inner| inner.downcast_ref::<SpillFull>()) {
                return Some(full.0);
            }
            next = error.source();
        }
        None
    }
}

/// A file with what is needed to read it.
struct Sealed {
    file: File,
    key: LessSafeKey,
    /// How many pieces there are and where the last one ends: one at a time is written.
    tail: Mutex<(u64, u64)>,
    used: Arc<AtomicU64>,
    most: u64,
}

impl Sealed {
    fn new(spill: &Spill) -> Result<Self> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| DataFusionError::IoError(io::Error::other(error)))?;
        let key = UnboundKey::new(&AES_256_GCM, &key).map_err(|_| broken("a key has another length"))?;
        Ok(Sealed {
            file: spill.folder.file()?,
            key: LessSafeKey::new(key),
            tail: Mutex::default(),
            used: spill.used.clone(),
            most: spill.bytes,
        })
    }

    /// Where the last piece ends.
    fn end(&self) -> u64 {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    /// Seals a piece and puts it behind the others. No number is used twice, so no nonce is.
    fn push(&self, piece: &mut Vec<u8>) -> io::Result<()> {
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let (number, end) = *tail;
        let length = (HEAD + piece.len() + TAG) as u64;
        if self.used.fetch_add(length, Ordering::SeqCst) + length > self.most {
            self.used.fetch_sub(length, Ordering::SeqCst);
            return Err(io::Error::other(SpillFull(self.most)));
        }
        // Counted from here on, and given back with the file: so a piece that fails is numbered, too.
        *tail = (number + 1, end + length);
        let tag = self.key.seal_in_place_separate_tag(nonce(number), Aad::empty(), piece);
        let tag = tag.map_err(|_| io::Error::other("a piece cannot be sealed"))?;
        let mut sealed = u32::try_from(piece.len() + TAG).map_err(io::Error::other)?.to_le_bytes().to_vec();
        sealed.append(piece);
        sealed.extend_from_slice(tag.as_ref());
        self.file.write_all_at(&sealed, end)
    }

    /// The piece of a number, which begins at `from`, and where it ends.
    fn piece(&self, number: u64, from: u64) -> Result<(Bytes, u64)> {
        let mut head = [0; HEAD];
        self.file.read_exact_at(&mut head, from)?;
        let length = u32::from_le_bytes(head) as usize;
        if length > PIECE + TAG {
            return Err(broken("a file of a query was changed on the disk"));
        }
        let mut sealed = vec![0; length];
        self.file.read_exact_at(&mut sealed, from + HEAD as u64)?;
        let opened = self.key.open_in_place(nonce(number), Aad::empty(), &mut sealed);
        let length = opened.map_err(|_| broken("a file of a query was changed on the disk"))?.len();
        sealed.truncate(length);
        Ok((sealed.into(), from + (HEAD + length + TAG) as u64))
    }
}

impl Drop for Sealed {
    fn drop(&mut self) {
        self.used.fetch_sub(self.end(), Ordering::SeqCst);
    }
}

fn nonce(number: u64) -> Nonce {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Nonce::assume_unique_for_key(bytes)
}

fn broken(what: &str) -> DataFusionError {
    DataFusionError::IoError(io::Error::other(what.to_owned()))
}

/// A file as the engine sees it.
struct Spilled(Arc<Sealed>);

impl SpillFile for Spilled {
    fn size(&self) -> Option<u64> {
        Some(self.0.end())
    }

    fn read_stream(&self) -> Result<Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>> {
        let pieces = try_unfold((self.0.clone(), 0, 0), |(file, number, from)| async move {
            // Reading waits for nobody, and others want a turn.
            tokio::task::coop::consume_budget().await;
            if from >= file.end() {
                return Ok(None);
            }
            let (piece, end) = file.piece(number, from)?;
            Ok::<_, DataFusionError>(Some((piece, (file, number + 1, end))))
        });
        Ok(Box::pin(pieces))
    }

    fn open_writer(&self) -> Result<Box<dyn SpillWriter>> {
        Ok(Box::new(Pieces { file: self.0.clone(), waiting: Vec::with_capacity(PIECE) }))
    }
}

/// Gathers what is written into pieces.
struct Pieces {
    file: Arc<Sealed>,
    waiting: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let fits = bytes.len().min(PIECE - self.waiting.len());
        self.waiting.extend_from_slice(&bytes[..fits]);
        if self.waiting.len() == PIECE {
            self.flush()?;
        }
        Ok(fits)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() { Ok(()) } else { self.file.push(&mut self.waiting) }
    }
}

impl SpillWriter for Pieces {
    fn finish(&mut self) -> Result<()> {
        Ok(self.flush()?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use futures_util::TryStreamExt as _;

    use super::*;

    /// A folder, and the share of a tenant in it.
    fn place(name: &str, bytes: u64) -> (PathBuf, Arc<Spill>) {
        let path = std::env::temp_dir().join(format!("audiagram-spilled-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        let folder = SpillFolder::open(&path).unwrap();
        (path, Arc::new(Spill::new(folder, bytes)))
    }

    fn sealed(spill: &Spill, text: &[u8]) -> Arc<Sealed> {
        let file = Arc::new(Sealed::new(spill).unwrap());
        let mut writer = Spilled(file.clone()).open_writer().unwrap();
        writer.write_all(text).unwrap();
        writer.finish().unwrap();
        file
    }

    fn read(file: &Arc<Sealed>) -> Result<Vec<u8>> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let pieces: Vec<Bytes> = Spilled(file.clone()).read_stream()?.try_collect().await?;
            Ok(pieces.concat())
        })
    }

    #[test]
    fn what_is_written_is_read_and_nothing_is_seen_of_it() {
        let (path, spill) = place("read", 1 << 30);
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE + 7] {
            let text: Vec<u8> = b"a name that must not be seen. ".iter().copied().cycle().take(length).collect();
            let file = sealed(&spill, &text);
            assert_eq!(read(&file).unwrap(), text, "{length}");
            let mut raw = vec![0; usize::try_from(file.end()).unwrap()];
            file.file.read_exact_at(&mut raw, 0).unwrap();
            assert!(!raw.windows(6).any(|bytes| bytes == b"a name" || bytes == b" seen."), "{length}");
            assert_eq!(fs::read_dir(&path).unwrap().count(), 0, "it has no name");
            assert_eq!(spill.used(), file.end());
        }
        assert_eq!(spill.used(), 0, "with the file its room is given back");
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn what_is_flushed_can_be_read_while_more_comes() {
        let (path, spill) = place("flush", 1 << 30);
        let file = Arc::new(Sealed::new(&spill).unwrap());
        let mut writer = Spilled(file.clone()).open_writer().unwrap();
        for expected in [b"one".as_slice(), b"onetwo"] {
            writer.write_all(&expected[expected.len() - 3..]).unwrap();
            writer.flush().unwrap();
            assert_eq!(read(&file).unwrap(), expected);
        }
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn what_was_changed_is_refused() {
        let (path, spill) = place("changed", 1 << 30);
        let length = (PIECE + HEAD + TAG) as u64;
        for at in [0, 2, 4, 4_000, length - 1, length, 2 * length - 1] {
            let file = sealed(&spill, &vec![7; 2 * PIECE]);
            let mut byte = [0];
            file.file.read_exact_at(&mut byte, at).unwrap();
            file.file.write_all_at(&[byte[0] ^ 1], at).unwrap();
            assert!(read(&file).is_err(), "{at}");
        }
        // One piece in the place of another.
        let file = sealed(&spill, &[vec![1; PIECE], vec![2; PIECE]].concat());
        let mut second = vec![0; usize::try_from(length).unwrap()];
        file.file.read_exact_at(&mut second, length).unwrap();
        file.file.write_all_at(&second, 0).unwrap();
        assert!(read(&file).is_err());
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn a_tenant_has_its_share_and_no_more() {
        let (path, spill) = place("share", 300 << 10);
        let held = sealed(&spill, &vec![1; PIECE]);
        let file = Arc::new(Sealed::new(&spill).unwrap());
        let mut writer = Spilled(file).open_writer().unwrap();
        let full = writer.write_all(&vec![2; 2 * PIECE]).unwrap_err();
        assert_eq!(SpillFull::within(&full), Some(300 << 10));
        let told = DataFusionError::ArrowError(Box::new(arrow::error::ArrowError::from(full)), None);
        assert_eq!(SpillFull::within(&told.context("while sorting")), Some(300 << 10));
        drop((held, writer));
        assert_eq!(spill.used(), 0);
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn what_a_crash_left_is_taken_away() {
        let (path, _) = place("crash", 0);
        fs::write(path.join(format!("{PREFIX}0123")), "left").unwrap();
        fs::write(path.join("of somebody else"), "kept").unwrap();
        SpillFolder::open(&path).unwrap();
        let left: Vec<_> = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["of somebody else"]);
        assert!(SpillFolder::open(&path.join("of somebody else")).is_err());
        fs::remove_dir_all(path).unwrap();
    }
}
