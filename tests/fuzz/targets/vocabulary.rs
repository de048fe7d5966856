//! Vocabularies, as text and as JSON: read or refused. The weights are empty, so that nothing else is done.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use media::model::convert::{Precision, convert};

fuzz_target!(|bytes: &[u8]| {
    assert!(convert(Cursor::new([]), bytes, Precision::F16, &mut std::io::sink()).is_err());
});
