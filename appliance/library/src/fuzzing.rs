//! Ways in for the fuzz targets.

use studio::storyboard::Storyboard;

use crate::live::{Document, Refused};

/// A live document that says this storyboard.
pub fn live(board: Storyboard) -> Document {
    Document::fresh(board)
}

/// The live document that these updates have made.
///
/// # Errors
/// When one of them is not taken.
pub fn loaded(updates: &[Vec<u8>]) -> Result<Document, Refused> {
    Document::load(updates.iter().map(Vec::as_slice))
}
