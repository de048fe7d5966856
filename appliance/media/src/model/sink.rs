//! Writing and reading files with their digest.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{ModelError, convert};

/// Bytes copied or hashed at once.
const CHUNK: usize = 1 << 20;

/// A file that appears under its name only when it is complete. Dropped before that, it leaves nothing.
pub(super) struct Sink {
    path: PathBuf,
    out: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
    kept: bool,
}

impl Sink {
    /// Begins to write at `path`, a temporary name that only the caller uses (it holds a lock).
    pub(super) fn create(path: PathBuf) -> Result<Self, ModelError> {
        let file = File::create(&path).map_err(ModelError::io("creating", &path))?;
        Ok(Self { path, out: BufWriter::with_capacity(CHUNK, file), hash: Sha256::new(), bytes: 0, kept: false })
    }

    /// The SHA-256 in lower-case hex, and the size, of what was written so far.
    pub(super) fn digest(&self) -> (String, u64) {
        (hex(self.hash.clone()), self.bytes)
    }

    /// Checks that what was written, which came from `from`, is a model that the speech engine may read.
    pub(super) fn inspect(&mut self, from: &Path) -> Result<(), ModelError> {
        self.out.flush().map_err(ModelError::io("writing", &self.path))?;
        let file = File::open(&self.path).map_err(ModelError::io("reading", &self.path))?;
        convert::inspect(BufReader::new(file)).map_err(|source| ModelError::Convert { path: from.into(), source })
    }

    /// Makes the file durable and gives it its name.
    pub(super) fn rename(mut self, to: &Path) -> Result<(), ModelError> {
        let failed = || ModelError::io("writing", to);
        self.out.flush().map_err(failed())?;
        self.out.get_ref().sync_all().map_err(failed())?;
        fs::rename(&self.path, to).map_err(failed())?;
        self.kept = true;
        sync_folder(to);
        Ok(())
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if !self.kept {
            // Nothing can be done about a failure here; the next writer truncates the file.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes a rename in the folder of `path` durable, where the system can.
fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
}

/// Writes a small file that is either the old or the new one at any moment.
pub(super) fn replace(path: &Path, temporary: PathBuf, bytes: &[u8]) -> Result<(), ModelError> {
    let mut sink = Sink::create(temporary)?;
    sink.write_all(bytes).map_err(ModelError::io("writing", path))?;
    sink.rename(path)
}

/// Copies at most `limit` bytes; more is an error.
pub(super) fn copy(from: &mut impl Read, to: &mut impl Write, limit: u64) -> io::Result<u64> {
    let mut buffer = vec![0; CHUNK];
    let mut total = 0u64;
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Ok(total);
        }
        total += count as u64;
        if total > limit {
            return Err(io::Error::other(format!("it is larger than {limit} bytes")));
        }
        to.write_all(&buffer[..count])?;
    }
}

/// SHA-256 of a file in lower-case hex; `progress` is told the bytes done and the bytes in all.
pub(super) fn sha256(path: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<String, ModelError> {
    let failed = || ModelError::io("reading", path);
    let mut file = File::open(path).map_err(failed())?;
    let total = file.metadata().map_err(failed())?.len();
    let (mut hash, mut buffer, mut done) = (Sha256::new(), vec![0; CHUNK], 0);
    loop {
        let count = file.read(&mut buffer).map_err(failed())?;
        if count == 0 {
            return Ok(hex(hash));
        }
        hash.update(&buffer[..count]);
        done += count as u64;
        progress(done, total.max(done));
    }
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
