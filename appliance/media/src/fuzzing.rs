//! Doors for the fuzz targets to parsers that are nobody else's business.

use std::path::Path;

/// Whether the walk that every speech model passes before the engine sees it takes the file for whole.
pub fn is_whole_model(path: &Path) -> bool {
    matches!(crate::hear::ggml::inspect(path), Ok(Some(_)))
}

/// A record of the log of finished windows in its frame.
pub fn checkpoint_frame(record: &[u8]) -> Vec<u8> {
    crate::hear::checkpoint::framed(record)
}
