//! Reels: encoded packets of one track in a file, kept until the video is put together.
//!
//! ```text
//! "audiagram reel 1\n"
//! for each packet: time (i64), duration (i64), 1 where one can seek to (u8), length (u32), bytes; little endian
//! SHA-256 of all before
//! ```
//!
//! A reel appears under its name only when it is whole. Its digest tells one that a failing machine has spoiled.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use ffmpeg_next as ffmpeg;

use ffmpeg::Packet;
use ffmpeg::codec::packet::Flags;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::EncodeError;

const HEAD: &[u8] = b"audiagram reel 1\n";
/// Length of the digest at the end.
const TAIL: u64 = 32;
/// Length of what stands before the bytes of a packet.
const FIELDS: usize = 21;
/// Largest packet in bytes: an uncompressed picture of the largest canvas is smaller.
const LARGEST: usize = 256 << 20;

const WRITING: &str = "keeping encoded packets";
const READING: &str = "reading encoded packets";

/// A reel that is being written; dropped before [`Writer::finish`], it leaves nothing behind.
pub(super) struct Writer {
    file: BufWriter<NamedTempFile>,
    digest: Sha256,
    target: PathBuf,
}

impl Writer {
    /// Begins a reel that will be at `target`.
    pub(super) fn create(target: &Path) -> Result<Self, EncodeError> {
        let folder = target.parent().unwrap_or(Path::new("."));
        let file = NamedTempFile::new_in(folder).map_err(EncodeError::disk(WRITING, target))?;
        let mut writer = Self { file: BufWriter::new(file), digest: Sha256::new(), target: target.to_owned() };
        writer.write(HEAD)?;
        Ok(writer)
    }

    /// Adds a packet.
    pub(super) fn put(&mut self, packet: &Packet) -> Result<(), EncodeError> {
        let bytes = packet.data().unwrap_or_default();
        let mut fields = [0; FIELDS];
        fields[..8].copy_from_slice(&packet.pts().unwrap_or_default().to_le_bytes());
        fields[8..16].copy_from_slice(&packet.duration().to_le_bytes());
        fields[16] = u8::from(packet.is_key());
        fields[17..].copy_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.write(&fields)?;
        self.write(bytes)
    }

    /// Gives the reel its name.
    pub(super) fn finish(self) -> Result<(), EncodeError> {
        let Self { mut file, digest, target } = self;
        let disk = EncodeError::disk(WRITING, &target);
        file.write_all(digest.finalize().as_slice()).map_err(&disk)?;
        let file = file.into_inner().map_err(|e| disk(e.into_error()))?;
        file.persist(&target).map(drop).map_err(|e| disk(e.error))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.digest.update(bytes);
        self.file.write_all(bytes).map_err(EncodeError::disk(WRITING, &self.target))
    }
}

/// A reel that is being read, packet by packet.
pub(super) struct Reader {
    file: std::io::Take<BufReader<File>>,
    path: PathBuf,
}

impl Reader {
    /// Opens a finished reel.
    pub(super) fn open(path: &Path) -> Result<Self, EncodeError> {
        let disk = EncodeError::disk(READING, path);
        let file = File::open(path).map_err(&disk)?;
        let packets = file.metadata().map_err(&disk)?.len().saturating_sub(TAIL);
        let mut reader = Self { file: BufReader::new(file).take(packets), path: path.to_owned() };
        let mut head = [0; HEAD.len()];
        reader.file.read_exact(&mut head).map_err(&disk)?;
        if head != *HEAD {
            return Err(reader.broken());
        }
        Ok(reader)
    }

    /// The next packet; both its times are that of showing it.
    pub(super) fn next(&mut self) -> Result<Option<Packet>, EncodeError> {
        if self.file.limit() == 0 {
            return Ok(None);
        }
        let disk = EncodeError::disk(READING, &self.path);
        let mut fields = [0; FIELDS];
        self.file.read_exact(&mut fields).map_err(&disk)?;
        let number = |at: usize| i64::from_le_bytes(std::array::from_fn(|i| fields[at + i]));
        let length = u32::from_le_bytes(std::array::from_fn(|i| fields[17 + i])) as usize;
        if length > LARGEST || length as u64 > self.file.limit() {
            return Err(self.broken());
        }
        let mut packet = Packet::new(length);
        self.file.read_exact(packet.data_mut().unwrap_or_default()).map_err(&disk)?;
        packet.set_pts(Some(number(0)));
        packet.set_dts(Some(number(0)));
        packet.set_duration(number(8));
        packet.set_flags(if fields[16] == 1 { Flags::KEY } else { Flags::empty() });
        Ok(Some(packet))
    }

    fn broken(&self) -> EncodeError {
        EncodeError::Unreadable { path: self.path.clone() }
    }
}

/// Whether there is a reel at `path` that holds what was written.
pub(crate) fn is_whole(path: &Path) -> bool {
    let digest = || -> std::io::Result<bool> {
        let file = File::open(path)?;
        let Some(packets) = file.metadata()?.len().checked_sub(TAIL) else { return Ok(false) };
        let mut digest = Sha256::new();
        let mut file = BufReader::with_capacity(1 << 16, file).take(packets);
        loop {
            let bytes = file.fill_buf()?;
            if bytes.is_empty() {
                break;
            }
            digest.update(bytes);
            let length = bytes.len();
            file.consume(length);
        }
        let mut kept = [0; TAIL as usize];
        file.into_inner().read_exact(&mut kept)?;
        Ok(digest.finalize().as_slice() == kept)
    };
    digest().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Packets as `(time, duration, key, bytes)`.
    type Row = (i64, i64, bool, Vec<u8>);

    fn write(path: &Path, rows: &[Row]) {
        let mut writer = Writer::create(path).unwrap();
        for (pts, duration, key, bytes) in rows {
            let mut packet = Packet::copy(bytes);
            packet.set_pts(Some(*pts));
            packet.set_duration(*duration);
            packet.set_flags(if *key { Flags::KEY } else { Flags::empty() });
            writer.put(&packet).unwrap();
        }
        writer.finish().unwrap();
    }

    fn read(path: &Path) -> Result<Vec<Row>, EncodeError> {
        let mut reader = Reader::open(path)?;
        let mut rows = Vec::new();
        while let Some(p) = reader.next()? {
            assert_eq!(p.pts(), p.dts());
            rows.push((p.pts().unwrap(), p.duration(), p.is_key(), p.data().unwrap_or_default().to_vec()));
        }
        Ok(rows)
    }

    #[test]
    fn a_reel_is_there_only_when_it_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.reel");
        let mut writer = Writer::create(&path).unwrap();
        writer.put(&Packet::copy(b"one")).unwrap();
        drop(writer);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(!is_whole(&path) && read(&path).is_err());
    }

    #[test]
    fn a_spoiled_reel_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.reel");
        write(&path, &[(0, 1, true, vec![7; 40]), (1, 1, false, vec![8; 9])]);
        assert!(is_whole(&path));
        let bytes = std::fs::read(&path).unwrap();
        for at in (0..bytes.len()).step_by(3) {
            let mut spoiled = bytes.clone();
            spoiled[at] ^= 4;
            std::fs::write(&path, spoiled).unwrap();
            assert!(!is_whole(&path), "byte {at}");
            // An error or other packets, and never more than the file holds.
            let _ = read(&path);
            std::fs::write(&path, &bytes[..at]).unwrap();
            assert!(!is_whole(&path) && read(&path).is_err() || at >= HEAD.len() + TAIL as usize, "cut at {at}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            rows in proptest::collection::vec(
                (any::<i64>().prop_filter("a time", |t| *t != i64::MIN), any::<i64>(), any::<bool>(),
                    proptest::collection::vec(any::<u8>(), 1..300)),
                0..9,
            ),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.reel");
            write(&path, &rows);
            prop_assert!(is_whole(&path));
            prop_assert_eq!(read(&path).unwrap(), rows);
        }
    }
}
