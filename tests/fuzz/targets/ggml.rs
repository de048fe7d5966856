//! Ready models: what the walk before the engine takes for whole.
#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(file.path(), bytes).expect("writable");
    let _ = media::fuzzing::is_whole_model(file.path());
});
