//! CTranslate2 weights: converted or refused. A vocabulary of the right size comes with them.
#![no_main]

use std::io::Cursor;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use media::model::convert::{Precision, convert};

static VOCABULARY: LazyLock<Vec<u8>> =
    LazyLock::new(|| (0..51_864).map(|i| format!("t{i}\n")).collect::<String>().into_bytes());

fuzz_target!(|bytes: &[u8]| {
    for precision in [Precision::F16, Precision::Q5_1] {
        let _ = convert(Cursor::new(bytes), &VOCABULARY, precision, &mut std::io::sink());
    }
});
