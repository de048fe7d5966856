//! Font files of a stranger: refused, or measured and drawn with, without a fault. The bytes are a file, or changes to
//! a bundled one, so that the tables behind the first checks are reached too.

use std::sync::Arc;

use studio::draw::{Fonts, Theme, still};
use studio::layout::{Measure, place};
use studio::storyboard::Canvas;

/// A small font with the Han characters that no bundled font has.
const SMALL: &[u8] = include_bytes!("../seeds/fonts/han.ttf");

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    let file = match bytes.split_first() {
        Some((0xff, changes)) => {
            let mut file = SMALL.to_vec();
            for change in changes.chunks_exact(3) {
                let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % file.len();
                file[at] = change[2];
            }
            file
        }
        _ => bytes.to_vec(),
    };
    let Ok(fonts) = Fonts::with_files(&[Arc::from(file)], "ja") else { return };
    for text in ["一二三", "一", "a一b", "\u{e000}\u{e001}"] {
        let width = fonts.width(text, 16.0);
        assert!(width.is_finite() && width >= 0.0, "{text}: {width}");
        let _ = fonts.missing(text);
    }
    let mut scene = crate::drawn::document().storyboard.scenes.remove(0);
    scene.title = "一二三".to_owned();
    scene.nodes.truncate(2);
    scene.edges.clear();
    let placed = place(&scene, Canvas { w: 240, h: 240, fps: 10 }, &fonts);
    still(&placed, &fonts, &Theme::named("light").expect("bundled")).expect("what was placed can be drawn");
}
