//! Cards and names over the picture: when they come and go.

use super::Element;
use super::cast::Part;
use super::scene::Grid;
use super::track::Track;
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

#[cfg(test)]
mod tests {
    use super::super::{Film, plan};
    use super::*;
    use crate::layout::{Measure, Placed, overlay, place};
    use crate::storyboard::Storyboard;
    use crate::transcript::Word;

    struct Even;

    impl Measure for Even {
        fn width(&self, text: &str, px: f32) -> f32 {
            text.chars().count() as f32 * px * 0.55
        }
    }

    /// Two scenes of 10 s at 10 frames a second, each with a box `onset` words after its beginning, a word every half
    /// second, and `rest` milliseconds after the last.
    fn film(title: &str, onset: u32, rest: u64, speakers: &[&str]) -> (Film, Vec<Placed>) {
        let scene = |id: &str, words: [u32; 2]| {
            let at = words[0] + onset;
            serde_json::json!({"id": id, "title": id, "kind": "steps", "words": words,
                "nodes": [{"id": "n", "label": "Box", "evidence": [[at, at]]}]})
        };
        let board: Storyboard = serde_json::from_value(serde_json::json!({"schema": "studio.scene/1", "id": "t",
            "lang": "en", "theme": "light", "title": title, "canvas": {"w": 640, "h": 360, "fps": 10},
            "scenes": [scene("a", [0, 19]), scene("b", [20, 39])]}))
        .expect("a storyboard");
        let mut talk = Transcript::from_text("", "en");
        talk.words = (0..40_u64).map(|i| Word::new(format!("w{i}"), 500 * i, 500 * i + 400)).collect();
        talk.duration_ms = 20_000 + rest;
        talk.speakers = speakers.iter().map(|&s| s.to_owned()).collect();
        for (i, word) in talk.words.iter_mut().enumerate().filter(|_| !speakers.is_empty()) {
            word.speaker = Some(u16::from(i >= 10));
        }
        let mut placed: Vec<Placed> = board.scenes.iter().map(|s| place(s, board.canvas, &Even)).collect();
        overlay(&mut placed, &board, &talk, &Even);
        (plan(&board, &talk, &placed).expect("planned"), placed)
    }

    /// First and last frame on which something of each overlay is seen, in order.
    fn seen(film: &Film) -> Vec<Option<(u64, u64)>> {
        let mut all = Vec::new();
        for (at, scene) in film.scenes.iter().enumerate() {
            for (i, _) in scene.elements.iter().enumerate().filter(|(_, e)| matches!(e.part, Part::Overlay(_))) {
                let on = |n: &u64| film.frame(*n).scene == at && film.frame(*n).elements[i].opacity > 0.0;
                let frames: Vec<u64> = (0..film.frames()).filter(on).collect();
                all.push(frames.first().copied().zip(frames.last().copied()));
            }
        }
        all
    }

    #[test]
    fn cards_are_seen_when_there_is_time() {
        // The first box comes at 3 s; a second before that, lead included, the card is gone.
        let (film, _) = film("A talk", 6, 3_000, &[]);
        let [Some((0, gone)), Some((from, to))] = seen(&film)[..] else { panic!("{:?}", seen(&film)) };
        let first_box = film.scenes[0].elements.iter().find(|e| e.id == "n").expect("a box").first_frame;
        assert!(gone < first_box && gone >= first_box - 2, "{gone} {first_box}");
        assert!(from >= 205 && to == film.frames() - 1, "{from} {to}");
        assert_eq!(film.frame(0).elements.last().expect("a card").opacity, 1.0, "the film begins on it");
        for span in film.spans().iter().filter(|s| !s.moving) {
            assert!((span.first..span.end).all(|n| film.frame(n) == film.frame(span.first)), "{span:?}");
        }
    }

    #[test]
    fn cards_wait_for_nobody() {
        assert_eq!(seen(&film("A talk", 1, 500, &[]).0), [None, None]);
        assert!(film("", 6, 3_000, &[]).1.iter().all(|p| p.overlays.is_empty()), "no title, no card");
    }

    #[test]
    fn who_speaks_is_named_once() {
        let (film, placed) = film("", 6, 0, &["Ada Lovelace", "Charles"]);
        let names: Vec<&str> = placed.iter().flat_map(|p| &p.overlays).map(|o| o.head.lines[0].as_str()).collect();
        assert_eq!(names, ["Ada Lovelace", "Charles"]);
        assert_eq!(seen(&film), [Some((0, 38)), Some((50, 88))]);
    }
}
