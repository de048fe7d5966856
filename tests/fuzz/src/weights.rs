//! CTranslate2 weights: converted or refused. A vocabulary of the right size comes with them.

use std::io::Cursor;
use std::sync::LazyLock;

use media::model::convert::{Precision, convert};

static VOCABULARY: LazyLock<Vec<u8>> =
    LazyLock::new(|| (0..51_864).map(|i| format!("t{i}\n")).collect::<String>().into_bytes());

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    for precision in [Precision::F16, Precision::Q5_1] {
        let _ = convert(Cursor::new(bytes), &VOCABULARY, precision, &mut std::io::sink());
    }
}
