//! Work that survives a kill: one append-only file of finished windows.
//!
//! The file is a row of frames, each `length: u32 LE`, `checksum: 8 bytes`, `record: JSON`; the checksum is the start of
//! the record's SHA-256. The first record names the recording, the model and the settings. A frame that does not check
//! out ends the file: it is what a kill or a full disk left, and it is cut off.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use studio::transcript::Word;

use super::HearError;

/// Longest record that is believed, in bytes.
const MAX_RECORD: u32 = 4 << 20;
/// Most records that are believed: 12 hours on two channels have fewer than 20,000 windows.
const MAX_RECORDS: usize = 100_000;
const SCHEMA: &str = "audiagram.hear/1";

#[derive(Serialize, Deserialize)]
struct Header {
    schema: String,
    key: String,
}

/// A finished window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Done {
    /// Channel the window was heard on.
    pub(super) channel: u16,
    /// First and last sample in the recording.
    pub(super) from: u64,
    pub(super) to: u64,
    /// Language that was heard.
    pub(super) lang: Option<String>,
    /// Words, timed in the recording.
    pub(super) words: Vec<Word>,
}

/// The file, open for more.
pub(super) struct Checkpoint {
    file: File,
    path: PathBuf,
}

impl Checkpoint {
    /// Opens the checkpoint in `folder` (created if absent) and returns what an earlier run finished. Work of another
    /// recording, model or setting, as told by `key`, is discarded.
    pub(super) fn open(folder: &Path, key: &str) -> Result<(Self, Vec<Done>), HearError> {
        let path = folder.join("hear.log");
        let failed = |e: std::io::Error| HearError::Checkpoint { path: path.clone(), reason: e.to_string() };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        let (done, valid) = load(&file, key).map_err(failed)?;
        file.set_len(valid).map_err(failed)?;
        file.seek(SeekFrom::Start(valid)).map_err(failed)?;
        let mut checkpoint = Self { file, path };
        if valid == 0 {
            checkpoint.append(&Header { schema: SCHEMA.to_owned(), key: key.to_owned() })?;
            if let Ok(folder) = File::open(folder) {
                // The file's name must last too; file systems that cannot promise it are not refused.
                let _ = folder.sync_all();
            }
        }
        Ok((checkpoint, done))
    }

    /// Adds a window; it is on the disk when this returns.
    pub(super) fn add(&mut self, done: &Done) -> Result<(), HearError> {
        self.append(done)
    }

    fn append(&mut self, record: &impl Serialize) -> Result<(), HearError> {
        let failed = |reason: String| HearError::Checkpoint { path: self.path.clone(), reason };
        let json = serde_json::to_vec(record).map_err(|e| failed(e.to_string()))?;
        if json.len() > MAX_RECORD as usize {
            return Err(failed("a window has too many words".to_owned()));
        }
        self.file
            .write_all(&framed(&json))
            .and_then(|()| self.file.sync_data())
            .map_err(|e| HearError::Checkpoint { path: self.path.clone(), reason: e.to_string() })
    }
}

/// A record behind its length and checksum; at most [`MAX_RECORD`] bytes.
pub(crate) fn framed(record: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(record.len() + 12);
    frame.extend((record.len() as u32).to_le_bytes());
    frame.extend(checksum(record));
    frame.extend(record);
    frame
}

fn checksum(bytes: &[u8]) -> [u8; 8] {
    let mut out = [0; 8];
    out.copy_from_slice(&Sha256::digest(bytes)[..8]);
    out
}

/// The windows in a file and the length of what is sound; nothing when the file is another's.
fn load(file: &File, key: &str) -> std::io::Result<(Vec<Done>, u64)> {
    let mut reader = BufReader::new(file);
    let mut valid = 0;
    let mut done = Vec::new();
    while done.len() < MAX_RECORDS {
        let Some(json) = frame(&mut reader)? else { break };
        if valid == 0 {
            let header: Option<Header> = serde_json::from_slice(&json).ok();
            if !header.is_some_and(|h| h.schema == SCHEMA && h.key == key) {
                return Ok((Vec::new(), 0));
            }
        } else if let Ok(window) = serde_json::from_slice(&json) {
            done.push(window);
        } else {
            break;
        }
        valid += 12 + json.len() as u64;
    }
    Ok((done, valid))
}

/// The next frame; `None` at the end or where the file is torn.
fn frame(reader: &mut impl Read) -> std::io::Result<Option<Vec<u8>>> {
    let mut head = Vec::with_capacity(12);
    reader.take(12).read_to_end(&mut head)?;
    let Some((length, sum)) = head.split_first_chunk::<4>().filter(|(_, sum)| sum.len() == 8) else {
        return Ok(None);
    };
    let length = u32::from_le_bytes(*length);
    if length > MAX_RECORD {
        return Ok(None);
    }
    let mut json = Vec::new();
    reader.take(u64::from(length)).read_to_end(&mut json)?;
    Ok((json.len() == length as usize && checksum(&json) == sum).then_some(json))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(n: u64) -> Done {
        Done { channel: 0, from: n * 10, to: n * 10 + 9, lang: None, words: vec![Word::new(format!("w{n}"), n, n + 1)] }
    }

    /// A checkpoint of three windows under the key `k`.
    fn three() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (mut checkpoint, done) = Checkpoint::open(folder.path(), "k").expect("opens");
        assert!(done.is_empty());
        for n in 0..3 {
            checkpoint.add(&window(n)).expect("writes");
        }
        let path = folder.path().join("hear.log");
        (folder, path)
    }

    fn reopened(folder: &Path, key: &str) -> Vec<Done> {
        Checkpoint::open(folder, key).expect("opens").1
    }

    #[test]
    fn finished_windows_come_back() {
        let (folder, _) = three();
        assert_eq!(reopened(folder.path(), "k"), [window(0), window(1), window(2)]);
        let (mut checkpoint, _) = Checkpoint::open(folder.path(), "k").expect("opens");
        checkpoint.add(&window(3)).expect("writes");
        assert_eq!(reopened(folder.path(), "k").len(), 4);
    }

    #[test]
    fn work_of_another_key_is_discarded() {
        let (folder, _) = three();
        assert_eq!(reopened(folder.path(), "other"), []);
        assert_eq!(reopened(folder.path(), "k"), [], "the other key has taken the file over");
    }

    #[test]
    fn any_cut_leaves_the_windows_before_it() {
        let (folder, path) = three();
        let whole = std::fs::read(&path).expect("readable");
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).expect("writable");
            let (mut checkpoint, done) = Checkpoint::open(folder.path(), "k").expect("opens");
            assert_eq!(done, [window(0), window(1), window(2)][..done.len()], "cut at {cut}");
            assert!(done.len() < 3);
            checkpoint.add(&window(9)).expect("writes");
            assert_eq!(reopened(folder.path(), "k").last(), Some(&window(9)), "cut at {cut}");
        }
    }

    #[test]
    fn flipped_bits_end_the_file() {
        let (folder, path) = three();
        let whole = std::fs::read(&path).expect("readable");
        for at in (0..whole.len()).step_by(7) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x20;
            std::fs::write(&path, &bytes).expect("writable");
            let done = reopened(folder.path(), "k");
            assert!(done.len() < 3 && done == [window(0), window(1), window(2)][..done.len()], "flip at {at}");
        }
    }
}
