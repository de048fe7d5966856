//! WCAG 2.3.1: nothing flashes more than three times a second, in any spot of any frame of any sample.

use super::*;
use crate::film::plan;
use crate::layout::place;
use crate::outline::{CueOutliner, Options, Outliner};
use crate::storyboard::{Canvas, CaptionStyle};
use crate::transcript::Transcript;

/// Squares that are looked at, in pixels of the small canvas.
const CELL: usize = 16;
const CANVAS: Canvas = Canvas { w: 480, h: 272, fps: 30 };
/// A change of less than a tenth of full luminance is no flash, nor is one between bright and brighter.
const CHANGE: f32 = 0.1;
const BRIGHT: f32 = 0.8;

/// The luminance of one spot over time: where it last turned, and the frames at which it went up or down.
#[derive(Clone, Default)]
struct Spot {
    extreme: f32,
    rising: Option<bool>,
    turns: Vec<u64>,
}

impl Spot {
    fn see(&mut self, at: u64, luminance: f32) {
        let change = luminance - self.extreme;
        let dark = luminance.min(self.extreme) < BRIGHT;
        if change.abs() >= CHANGE && dark && self.rising != Some(change > 0.0) {
            self.turns.push(at);
            self.rising = Some(change > 0.0);
        }
        if self.rising == Some(change > 0.0) {
            self.extreme = luminance;
        }
    }

    /// Flashes, which are pairs of opposite changes, in the worst second.
    fn worst(&self) -> usize {
        let second = u64::from(CANVAS.fps);
        let within = |i: usize| self.turns[i..].iter().take_while(|at| **at < self.turns[i] + second).count();
        (0..self.turns.len()).map(within).max().unwrap_or(0) / 2
    }
}

/// Mean relative luminance of every square.
fn luminances(picture: &Picture) -> Vec<f32> {
    let linear = |byte: u8| {
        let s = f32::from(byte) / 255.0;
        if s <= 0.04045 { s / 12.92 } else { libm::powf((s + 0.055) / 1.055, 2.4) }
    };
    let table: Vec<f32> = (0..=255).map(linear).collect();
    let (columns, rows) = (picture.w as usize / CELL, picture.h as usize / CELL);
    let mut sums = vec![0.0; columns * rows];
    for (i, pixel) in picture.rgba.chunks_exact(4).enumerate() {
        let (x, y) = (i % picture.w as usize / CELL, i / picture.w as usize / CELL);
        let [r, g, b] = [0, 1, 2].map(|c| table[usize::from(pixel[c])]);
        sums[y * columns + x] += 0.2126 * r + 0.7152 * g + 0.0722 * b;
    }
    sums.iter().map(|sum| sum / (CELL * CELL) as f32).collect()
}

#[test]
fn no_sample_flashes() {
    let fonts = Fonts::bundled();
    for (name, text) in [
        ("clinic", include_str!("../../../../../assets/samples/clinic.txt")),
        ("order", include_str!("../../../../../assets/samples/order.txt")),
        ("password", include_str!("../../../../../assets/samples/password.txt")),
        ("tram", include_str!("../../../../../assets/samples/tram.txt")),
    ] {
        let talk = Transcript::from_text(text, "en");
        for theme in ["light", "dark"] {
            let options = Options { id: name.to_owned(), theme: theme.to_owned(), canvas: CANVAS, kind: None };
            let mut board = CueOutliner.outline(&talk, &options);
            board.scenes.iter_mut().for_each(|s| s.caption_style = CaptionStyle::Burned);
            let placed: Vec<Placed> = board.scenes.iter().map(|s| place(s, CANVAS, &fonts)).collect();
            let film = plan(&board, &talk, &placed).expect("planned");
            let theme = Theme::named(theme).expect("bundled");
            let mut rasterizer = SceneRasterizer::new(&placed, &fonts, &theme);
            let mut picture = Picture::blank((CANVAS.w, CANVAS.h));
            let mut spots: Vec<Spot> = Vec::new();
            for at in film.takes().iter().flat_map(|take| take.drawn().collect::<Vec<_>>()) {
                rasterizer.draw(&film.frame(at), &mut picture).expect("drawn");
                let seen = luminances(&picture);
                spots.resize(seen.len(), Spot::default());
                spots.iter_mut().zip(seen).for_each(|(spot, luminance)| spot.see(at, luminance));
            }
            let worst = spots.iter().map(Spot::worst).max();
            assert!(worst <= Some(3), "{name}: {worst:?} flashes in a second");
        }
    }
}

#[test]
fn flashes_are_counted() {
    let mut spot = Spot::default();
    (0..30).for_each(|at| spot.see(at, if at / 3 % 2 == 0 { 0.0 } else { 0.9 }));
    assert_eq!(spot.worst(), 4, "{:?}", spot.turns);
    let mut calm = Spot::default();
    (0..60_u8).for_each(|at| calm.see(u64::from(at), f32::from(at) / 60.0));
    assert_eq!(calm.worst(), 0);
}
