//! The same film for those who do not see the picture: chapters, spoken descriptions, and a page to read.
//!
//! All of it is written from the storyboard, which knows what every box and arrow means; nothing is guessed from pixels.

mod describe;
mod page;
mod phrases;
#[cfg(test)]
mod tests;

use crate::film::Film;
use crate::storyboard::Storyboard;
use crate::transcript::{Cue, vtt_track};

pub use describe::{describe, summary};
pub(crate) use page::direction;
pub use page::page;

/// How long what is on the screen at a scene's end is told, at most, in milliseconds.
const CLOSING_MS: u64 = 8_000;
/// Scenes of at least this length, in milliseconds, are told what has gathered on the screen before they end.
const LONG_MS: u64 = 20_000;

/// The chapters of a film as WebVTT; players list them and go there.
pub fn chapters(film: &Film, lang: &str) -> String {
    let cue = |c: crate::film::Chapter| cue(c.start_ms, c.end_ms, c.title);
    vtt_track("chapters", &film.chapters().into_iter().map(cue).collect::<Vec<_>>(), lang)
}

/// What is seen, as WebVTT for speech or braille: at the beginning of each scene what kind of picture it is, and before
/// the end of long ones all that has gathered on the screen. The rest is in the voice already.
pub fn descriptions(film: &Film, board: &Storyboard) -> String {
    let mut cues = Vec::new();
    for chapter in film.chapters() {
        let Some(scene) = board.scenes.get(chapter.scene) else { continue };
        let long = chapter.end_ms.saturating_sub(chapter.start_ms) >= LONG_MS && scene.nodes.len() > 1;
        let closing = if long { chapter.end_ms - CLOSING_MS } else { chapter.end_ms };
        cues.push(cue(chapter.start_ms, closing, summary(scene, &board.lang)));
        if long {
            cues.push(cue(closing, chapter.end_ms, describe::gathered(scene, &board.lang)));
        }
    }
    vtt_track("descriptions", &cues, &board.lang)
}

fn cue(start_ms: u64, end_ms: u64, line: String) -> Cue {
    Cue { start_ms, end_ms, speaker: None, lines: vec![line] }
}
