//! Vocabularies, as text and as JSON: read or refused. The weights are empty, so that nothing else is done.

use std::io::Cursor;

use media::model::convert::{Precision, convert};

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    assert!(convert(Cursor::new([]), bytes, Precision::F16, &mut std::io::sink()).is_err());
}
