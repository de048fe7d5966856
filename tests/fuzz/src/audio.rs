//! Recordings of a stranger: decoded within limits, or refused.

use std::fs;

use media::decode::{AudioReader, Channels};

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(file.path(), bytes).expect("writable");
    for channels in [Channels::Mono, Channels::Native] {
        let Ok(reader) = AudioReader::open(file.path(), 16_000, channels) else { return };
        let mut reader = reader.with_limit(20_000);
        let mut block = Vec::new();
        while let Ok(true) = reader.read(&mut block) {
            assert!(block.iter().all(|s| (-1.0..=1.0).contains(s)));
            assert_eq!(block.len() % usize::from(reader.channels()), 0);
        }
    }
}
