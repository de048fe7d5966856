//! Cards and names over the picture: when they come and go.

use super::cast::Part;
use super::scene::Grid;
use super::track::Track;
use super::Element;
use crate::layout::{Placed, When};
use crate::storyboard::Ease;
use crate::transcript::Transcript;

/// Time in which they come and go.
const FADE_MS: u64 = 300;
/// Longest and shortest time that a card at the beginning is seen.
const OPENING_MS: u64 = 3_500;
const LEAST_MS: u64 = 1_300;
/// Rest after the last word before the card at the end comes, and how long it has to be seen.
const REST_MS: u64 = 900;
const CLOSING_MS: u64 = 1_500;

/// An overlay that is not seen.
pub(super) fn hidden(part: Part, grid: Grid) -> Element {
    Element {
        part,
        id: String::new(),
        onset_ms: None,
        first_frame: grid.first,
        full_frame: grid.first,
        shown: Track::new(0.0),
        dim: Track::new(1.0),
        lit: Track::new(0.0),
        carry: None,
    }
}

/// Plays the overlays of a scene whose other elements are planned.
pub(super) fn play(elements: &mut [Element], placed: &Placed, transcript: &Transcript, grid: Grid) {
    let fade = grid.frames(FADE_MS);
    let frames = |ms: u64| ms * grid.fps / 1000;
    let boxes = elements.iter().filter(|e| matches!(e.part, Part::Node(_)));
    let spoken = boxes.map(|e| e.first_frame).min().unwrap_or(grid.end);
    for element in elements {
        let Part::Overlay(i) = element.part else { continue };
        let seen = match placed.overlays[i].when {
            When::Opening => {
                let end = spoken.min(grid.first + frames(OPENING_MS)).min(grid.end);
                (end >= grid.first + frames(LEAST_MS)).then_some((grid.first, end))
            }
            When::Closing => {
                let rest = transcript.words.last().map_or(0, |w| w.end_ms).saturating_add(REST_MS);
                let first = grid.at(i64::try_from(rest).unwrap_or(i64::MAX));
                (first + frames(CLOSING_MS) <= grid.end).then_some((first, grid.end))
            }
            When::During(from, to) => {
                let at = |ms: u64| grid.at(i64::try_from(ms).unwrap_or(i64::MAX)).min(grid.end);
                (at(from) + 2 * fade < at(to)).then(|| (at(from), at(to)))
            }
        };
        let Some((first, end)) = seen else { continue };
        (element.first_frame, element.full_frame) = (first, first);
        // The film begins and ends on a card; everything else is seen to come and go.
        if first == grid.first && placed.overlays[i].when == When::Opening {
            element.shown = Track::new(1.0);
        } else {
            element.shown.go(first, first + fade, 1.0, Ease::InOut);
            element.full_frame = first + fade - 1;
        }
        if end < grid.end {
            element.dim.go(end.saturating_sub(fade), end, 0.0, Ease::InOut);
        }
    }
}
