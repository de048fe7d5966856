//! Ready models: what the walk before the engine takes for whole.

use std::fs;

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(file.path(), bytes).expect("writable");
    let _ = media::fuzzing::is_whole_model(file.path());
}
