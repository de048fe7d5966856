//! A scene as a picture: SVG and PNG.

use super::{Deck, ExportError};
use crate::alternative::describe;
use crate::draw::{png as pack, scene_svg, still};

/// The scene as SVG; what it shows is told in sentences for who does not see it.
pub(super) fn svg(deck: &Deck<'_>, at: usize) -> Vec<u8> {
    let told = describe(&deck.board.scenes[at], &deck.board.lang).join(" ");
    scene_svg(&deck.placed[at], deck.fonts, deck.theme, &told).into_bytes()
}

/// The scene in pixels, at the size of the canvas.
pub(super) fn png(deck: &Deck<'_>, at: usize) -> Result<Vec<u8>, ExportError> {
    Ok(pack(&still(&deck.placed[at], deck.fonts, deck.theme)?)?)
}
