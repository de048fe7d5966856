//! Theme files: what is read can be drawn with.

use studio::draw::{Fonts, Theme, still};
use studio::layout::place;
use studio::storyboard::Canvas;

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    let Ok(theme) = Theme::parse(bytes) else { return };
    let document = crate::drawn::document();
    let fonts = Fonts::bundled();
    let placed = place(&document.storyboard.scenes[0], Canvas { w: 320, h: 240, fps: 10 }, &fonts);
    still(&placed, &fonts, &theme).expect("a theme that was read can be drawn with");
}
