//! The pictures of a small film, the same on every machine.

use std::fmt::Write as _;

use super::*;
use crate::film::plan;
use crate::layout::place;
use crate::transcript::Transcript;

const BOARD: &str = include_str!("small.storyboard.json");
const TALK: &str = "And then the clerk checks the stock. If it is there, the clerk packs it. Then the driver takes it all away. \
                    In spring we gain forty. In summer we lose fifteen. In autumn we gain twenty-five.";

/// A line a scene: its id, its frames, the SHA-256 of their pixels one after the other, before any encoder. A machine that draws
/// another picture makes another line.
///
/// When drawing, layout or timing changes on purpose, look at the scenes in `target/drawings` and run the test with
/// `UPDATE_GOLDEN=1`; the committed lines change with what you meant to change, and with nothing else.
#[test]
fn a_small_film_has_the_same_pixels_everywhere() {
    let board = crate::storyboard::read(BOARD.as_bytes()).expect("a storyboard");
    let talk = Transcript::from_text(TALK, "en");
    assert_eq!(talk.words.len(), 37, "the words that the storyboard cites");
    let (fonts, theme) = (Fonts::bundled(), Theme::named(&board.theme).expect("bundled"));
    let placed: Vec<Placed> = board.scenes.iter().map(|scene| place(scene, board.canvas, &fonts)).collect();
    let film = plan(&board, &talk, &placed).expect("a film");
    let mut rasterizer = SceneRasterizer::new(&placed, &fonts, &theme);
    let mut picture = Picture::blank(film.canvas);
    let mut found = String::new();
    for scene in &film.scenes {
        let mut sum = Sha256::new();
        for n in scene.first_frame..scene.end_frame {
            rasterizer.draw(&film.frame(n), &mut picture).expect("drawn");
            sum.update(&picture.rgba);
        }
        show(&format!("small-{}", scene.id), &picture);
        let sum: String = sum.finalize().iter().map(|b| format!("{b:02x}")).collect();
        let _ = writeln!(found, "{} {} {sum}", scene.id, scene.end_frame - scene.first_frame);
    }
    let path = format!("{}/src/draw/tests/small.sha256", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &found).expect("the sources are writable");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == found,
        "frames are not those that are committed:\n{committed}is now\n{found}Look at target/drawings/small-*.png; where the change \
         is meant, run this test with UPDATE_GOLDEN=1"
    );
}
