//! Ways in for the fuzz targets.

use std::io::{Read as _, Take};

use crate::{
    copy::{Item, ItemReader, Opener},
    vault::Secret,
};

/// Reads the open content of a copy to its end: how many rows and blobs it has, or nothing if it is refused.
pub fn items(bytes: &[u8]) -> Option<(u64, u64)> {
    let mut reader = ItemReader::new(bytes);
    let mut totals = None;
    while let Some(item) = reader.next().ok()? {
        if let Item::End(found) = item {
            totals = Some((found.rows, found.blobs));
        }
    }
    totals
}

/// Opens any bytes as a sealed stream.
pub fn unsealed(bytes: &[u8]) {
    let Ok(opener) = Opener::new(bytes, &Secret::new([7; 32])) else { return };
    let mut content = Vec::new();
    let mut part: Take<_> = opener.take(1 << 20);
    let _ = part.read_to_end(&mut content);
}
