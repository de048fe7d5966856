//! What moves from scene to scene, with the camera, and for those who want little motion; captions in the picture.

use super::*;
use crate::layout::{Measure, place};
use crate::transcript::Word;

struct Even;

impl Measure for Even {
    fn width(&self, text: &str, px: f32) -> f32 {
        text.chars().count() as f32 * px * 0.55
    }
}

/// Two scenes of 10 s that share the box `Check stock`.
fn board(change: impl Fn(&mut serde_json::Value)) -> Storyboard {
    let scene = |id: &str, kind: &str, words: [u32; 2], labels: &[&str]| {
        let node = |(i, label): (u32, &&str)| {
            let at = words[0] + 2 + 5 * i;
            serde_json::json!({"id": format!("{id}{i}"), "label": label, "evidence": [[at, at]]})
        };
        let nodes: Vec<_> = (0..).zip(labels).map(node).collect();
        serde_json::json!({"id": id, "title": id, "kind": kind, "words": words, "nodes": nodes,
            "edges": [{"id": format!("{id}e"), "from": format!("{id}0"), "to": format!("{id}1")}]})
    };
    let mut json = serde_json::json!({"schema": "studio.scene/1", "id": "t", "lang": "en", "theme": "light", "scenes": [
        scene("a", "flow", [0, 19], &["Take order", "Check stock", "Pack", "Send"]),
        scene("b", "cycle", [20, 39], &["check stock", "Count", "Order more"])]});
    change(&mut json);
    serde_json::from_value(json).expect("a storyboard")
}

fn film(board: &Storyboard) -> Film {
    let mut talk = Transcript::from_text("", "en");
    talk.words = (0..40_u64).map(|i| Word::new(format!("word{i}"), 500 * i, 500 * i + 480)).collect();
    talk.duration_ms = 20_000;
    let placed: Vec<Placed> = board.scenes.iter().map(|s| place(s, board.canvas, &Even)).collect();
    plan(board, &talk, &placed).expect("planned")
}

fn state(film: &Film, n: u64, id: &str) -> ElementState {
    let frame = film.frame(n);
    let of = &film.scenes[frame.scene].elements;
    frame.elements[of.iter().position(|e| e.id == id && matches!(e.part, Part::Node(_))).expect("a box")]
}

#[test]
fn a_shared_box_stays_and_moves() {
    let film = film(&board(|_| {}));
    let cut = film.scenes[1].first_frame;
    let carried: Vec<&str> = film.scenes[1].elements.iter().filter(|e| e.carried()).map(|e| e.id.as_str()).collect();
    assert_eq!(carried, ["b0"]);
    let (before, first, last) = (state(&film, cut - 1, "a1"), state(&film, cut, "b0"), state(&film, cut + 20, "b0"));
    assert_eq!((before, last), (ElementState::FULL, ElementState::FULL));
    assert!(first.opacity == 1.0 && !first.placed(), "{first:?}");
    // The rest of the old scene has left, what is new waits for its word.
    assert!(state(&film, cut - 1, "a0").opacity < 0.01 && state(&film, cut, "b1").opacity == 0.0);
    let steps: Vec<f32> =
        (cut..cut + 16).map(|n| libm::hypotf(state(&film, n, "b0").shift.0, state(&film, n, "b0").shift.1)).collect();
    assert!(steps.is_sorted_by(|a, b| a >= b), "{steps:?}");
    assert!(film.spans().iter().any(|s| s.moving && s.first == cut), "the move is drawn");
}

#[test]
fn names_that_are_not_unique_stay_where_they_are() {
    let film = film(&board(|json| json["scenes"][0]["nodes"][0]["label"] = "Check stock".into()));
    assert!(film.scenes[1].elements.iter().all(|e| !e.carried()));
    let cut = film.scenes[1].first_frame;
    assert_eq!(state(&film, cut - 1, "a1"), ElementState::FULL, "nothing leaves");
}

#[test]
fn little_motion_is_fading_alone() {
    let film = film(&board(|json| {
        json["motion"] = "reduced".into();
        json["scenes"][0]["timeline"] =
            serde_json::json!([{"at": {"ms": 4_000}, "do": "camera", "fit": ["a0"], "dur_ms": 900}]);
    }));
    for n in 0..film.frames() {
        let frame = film.frame(n);
        assert!(frame.elements.iter().all(|s| s.sink == 0.0 && s.drawn == 1.0 && s.placed()), "frame {n}");
        assert!(frame.view.is_none_or(|view| view.taken_at.is_none()), "the camera cuts");
    }
    assert!(film.frame(150).view.is_some());
}

#[test]
fn a_person_moves_the_camera() {
    let film = film(&board(|json| {
        json["scenes"][0]["timeline"] = serde_json::json!([
            {"at": {"word": 8}, "do": "camera", "fit": ["a0"], "dur_ms": 900, "ease": "in_out"},
            {"at": {"ms": 7_000}, "do": "camera"}]);
    }));
    assert_eq!(film.frame(119).view, None);
    let near = film.frame(160).view.expect("near");
    assert!(near.taken_at.is_none() && near.seen.w < 1_200.0, "{near:?}");
    assert!(film.frame(130).view.is_some_and(|view| view.taken_at.is_some()));
    assert_eq!(film.frame(250).view, None);
    for span in film.spans().iter().filter(|s| !s.moving) {
        assert!((span.first..span.end).all(|n| film.frame(n) == film.frame(span.first)), "{span:?}");
    }
}

#[test]
fn burned_captions_come_and_go_with_their_words() {
    let film = film(&board(|json| json["scenes"][0]["caption_style"] = "burned".into()));
    let shown: Vec<u64> = (0..film.frames()).filter(|n| film.frame(*n).caption.is_some()).collect();
    assert!(shown.len() > 200 && shown.iter().all(|n| *n < film.scenes[0].end_frame), "{}", shown.len());
    for span in film.spans().iter().filter(|s| !s.moving) {
        assert!((span.first..span.end).all(|n| film.frame(n).caption == film.frame(span.first).caption), "{span:?}");
    }
    let mut keys: Vec<Vec<u8>> = Vec::new();
    for n in [30, 60, 120] {
        let mut key = Vec::new();
        film.frame(n).fingerprint(&mut key);
        keys.push(key);
    }
    keys.dedup();
    assert!(keys.len() > 1, "what a caption says counts");
}
