//! Theme files: what is read can be drawn with.
#![no_main]

use libfuzzer_sys::fuzz_target;
use studio::draw::{Fonts, Theme, still};
use studio::layout::place;
use studio::storyboard::Canvas;

fuzz_target!(|bytes: &[u8]| {
    let Ok(theme) = Theme::parse(bytes) else { return };
    let document = fuzz::document();
    let fonts = Fonts::bundled();
    let placed = place(&document.storyboard.scenes[0], Canvas { w: 320, h: 240, fps: 10 }, &fonts);
    still(&placed, &fonts, &theme).expect("a theme that was read can be drawn with");
});
