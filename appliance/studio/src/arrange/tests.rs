use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::edit::{Document, EditError, Op, apply};
use crate::film::plan;
use crate::layout::{Measure, overlay, place};
use crate::storyboard::{canonical, from_value, merge, validate};

struct Even;

impl Measure for Even {
    fn width(&self, text: &str, px: f32) -> f32 {
        text.chars().count() as f32 * px * 0.55
    }
}

/// A word every half second, with a pause of two seconds before each tenth.
fn talk(words: usize) -> Transcript {
    let mut talk = Transcript::from_text("", "en");
    let start = |i: u64| 500 * i + 2_000 * (i / 10);
    talk.words = (0..words as u64).map(|i| Word::new(format!("w{i}"), start(i), start(i) + 300)).collect();
    talk.duration_ms = talk.words.last().map_or(0, |word| word.end_ms) + 700;
    talk
}

/// Scenes of ten words, each with two boxes that cite words of it.
fn board(scenes: u32, order: &[&str]) -> Storyboard {
    let scene = |at: u32| {
        let first = 10 * at;
        let node =
            |id: &str, word: u32| json!({ "id": id, "label": format!("w{word}"), "evidence": [[word, word + 1]] });
        json!({
            "id": format!("s{at}"), "title": format!("Part {at}"), "kind": "flow", "words": [first, first + 9],
            "nodes": [node("n1", first + 2), node("n2", first + 5)],
            "edges": [{ "id": "e1", "from": "n1", "to": "n2", "evidence": [[first + 4, first + 4]] }],
            "timeline": [{ "at": { "word": first + 3 }, "do": "focus", "target": "n1" },
                { "at": { "ms": 7_000 * u64::from(at) + 1_000 }, "do": "camera", "fit": ["n1"] }],
        })
    };
    let scenes: Vec<_> = (0..scenes).map(scene).collect();
    from_value(json!({
        "schema": "studio.scene/1", "id": "t", "lang": "en", "theme": "light", "scenes": scenes, "order": order,
    }))
    .expect("a sound storyboard")
}

fn texts(transcript: &Transcript, [first, last]: WordRange) -> Vec<&str> {
    transcript.words[first as usize..=last as usize].iter().map(|word| word.text.as_str()).collect()
}

#[test]
fn the_sound_goes_with_the_scene() {
    let (board, talk) = (board(3, &["s2", "s0", "s1"]), talk(30));
    let Arranged { board: played, transcript: heard, stretches } = arrange(&board, &talk);
    let titles: Vec<_> = played.scenes.iter().map(|scene| scene.title.as_str()).collect();
    assert_eq!(titles, ["Part 2", "Part 0", "Part 1"]);
    assert_eq!(played.scenes[0].words, [0, 9]);
    assert_eq!(texts(&heard, played.scenes[0].nodes[0].evidence[0]), ["w22", "w23"]);
    // Word 20 begins at 14 s, and its scene in the pause before it.
    let whole = [(13_600, talk.duration_ms, 0), (0, 6_600, 5_900), (6_600, 13_600, 12_500)];
    let found: Vec<_> = stretches.iter().map(|s| (s.from_ms, s.to_ms, s.at_ms)).collect();
    assert_eq!(found, whole);
    assert_eq!(heard.words[0].start_ms, 400, "the pause before it is heard too");
    let played_cues: Vec<_> = played.scenes[1].timeline.iter().map(|cue| cue.at).collect();
    assert_eq!(played_cues, [At::Word { word: 13, offset_ms: 0 }, At::Ms { ms: 5_900 + 1_000 }]);
    let cuts = arrange(&board, &talk).cuts();
    assert_eq!(cuts, [(13_600, talk.duration_ms), (0, 13_600)], "what follows in the recording is one stretch");
}

#[test]
fn what_is_played_as_it_was_spoken_is_left_alone() {
    let (board, talk) = (board(3, &["s0", "s1", "s2"]), talk(30));
    let arranged = arrange(&board, &talk);
    assert!(matches!((&arranged.board, &arranged.transcript), (Cow::Borrowed(_), Cow::Borrowed(_))));
    assert!(arranged.stretches.is_empty());
}

#[test]
fn evidence_that_goes_on_into_another_scene_is_led_there() {
    let mut board = board(3, &["s1", "s2", "s0"]);
    board.scenes[0].nodes[0].evidence = vec![[8, 21]];
    let talk = talk(30);
    let arranged = arrange(&board, &talk);
    let evidence = &arranged.board.scenes[2].nodes[0].evidence;
    let said: Vec<_> = evidence.iter().flat_map(|range| texts(&arranged.transcript, *range)).collect();
    assert_eq!(said, texts(&talk, [8, 21]));
    assert_eq!(evidence.len(), 3);
}

fn moved(document: &mut Document, scene: &str, before: Option<&str>) -> Result<Option<Op>, EditError> {
    apply(document, &Op::MoveScene { scene: scene.to_owned(), before: before.map(str::to_owned) })
}

#[test]
fn moving_and_taking_it_back() {
    let mut document = Document { storyboard: board(4, &[]), transcript: talk(40) };
    let before = canonical(&document.storyboard);
    let back = moved(&mut document, "s3", Some("s1")).unwrap().unwrap();
    assert_eq!(document.storyboard.order, ["s0", "s3", "s1", "s2"]);
    assert_eq!(document.storyboard.scenes[3].id, "s3", "scenes stay in spoken order");
    apply(&mut document, &back).unwrap();
    assert_eq!(canonical(&document.storyboard), before);
    moved(&mut document, "s0", None).unwrap();
    assert_eq!(document.storyboard.order, ["s1", "s2", "s3", "s0"]);
    moved(&mut document, "s0", Some("s1")).unwrap();
    assert!(document.storyboard.order.is_empty(), "back where it was spoken");
    assert!(moved(&mut document, "s9", None).unwrap_err().to_string().contains("no scene has the id `s9`"));
    moved(&mut document, "s1", Some("s1")).unwrap();
}

#[test]
fn other_edits_know_the_order() {
    let op = |text: &str| serde_json::from_str::<Op>(text).unwrap();
    let mut document = Document { storyboard: board(3, &["s2", "s0", "s1"]), transcript: talk(30) };
    apply(&mut document, &op(r#"{ "op": "split_scene", "scene": "s2", "word": 25 }"#)).unwrap();
    assert_eq!(document.storyboard.order, ["s2", "s3", "s0", "s1"], "the second half is played after the first");
    let refused = apply(&mut document, &op(r#"{ "op": "merge_scenes", "first": "s1", "second": "s2" }"#)).unwrap_err();
    assert_eq!(refused, EditError::NotPlayedTogether { first: "s1".into(), second: "s2".into() });
    apply(&mut document, &op(r#"{ "op": "merge_scenes", "first": "s0", "second": "s1" }"#)).unwrap();
    assert_eq!(document.storyboard.played().len(), document.storyboard.scenes.len());
}

#[test]
fn a_new_outline_is_played_in_the_order_that_was_chosen() {
    let mut document = Document { storyboard: board(3, &[]), transcript: talk(30) };
    moved(&mut document, "s2", Some("s0")).unwrap();
    let again = merge(&document.storyboard, board(3, &[]));
    assert_eq!(again.order, ["s2", "s0", "s1"]);
    let fewer = merge(&board(3, &["s2", "s0", "s1"]), board(2, &[]));
    assert_eq!(fewer.played().len(), fewer.scenes.len(), "a scene that is gone leaves the order");
}

#[test]
fn the_sound_is_not_torn_into_too_many_stretches() {
    let all: Vec<String> = (0..70).rev().map(|at| format!("s{at}")).collect();
    let mut document = Document { storyboard: board(70, &[]), transcript: talk(700) };
    let mut refused = None;
    for id in all.iter().skip(1) {
        refused = moved(&mut document, id, None).err();
        if refused.is_some() {
            break;
        }
    }
    assert_eq!(refused, Some(EditError::TooManyStretches(MAX_STRETCHES + 1, MAX_STRETCHES)));
}

#[test]
fn an_order_names_each_scene_once() {
    let check = |order: &[&str], expected: &str| {
        let mut value = crate::storyboard::to_value(&board(3, &[]));
        value["order"] = json!(order);
        let told: Vec<_> = validate(&value, None).iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|told| told.contains(expected)), "{order:?}: {told:?}");
    };
    check(&["s1", "s0"], "the scene `s2` is missing");
    check(&["s1", "s0", "s1", "s2"], "`s1` is named twice");
    check(&["s1", "s0", "s7"], "no scene has the id `s7`");
}

proptest! {
    #[test]
    fn any_order_is_the_same_talk_in_another_order(order in Just((0..6_u32).collect::<Vec<_>>()).prop_shuffle()) {
        let ids: Vec<String> = order.iter().map(|at| format!("s{at}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let (board, talk) = (board(6, &ids), talk(60));
        let arranged = arrange(&board, &talk);
        let heard = &arranged.transcript;
        prop_assert!(heard.words.is_sorted_by_key(|word| word.start_ms));
        prop_assert_eq!(heard.words.len(), talk.words.len());
        prop_assert_eq!(heard.duration_ms, talk.duration_ms);
        for (at, played) in order.iter().zip(&arranged.board.scenes) {
            let spoken = &board.scenes[*at as usize];
            prop_assert_eq!(texts(heard, played.words), texts(&talk, spoken.words));
            for (one, other) in played.nodes.iter().zip(&spoken.nodes) {
                prop_assert_eq!(texts(heard, one.evidence[0]), texts(&talk, other.evidence[0]));
            }
        }
        let length: u64 = arranged.cuts().iter().map(|(from, to)| to - from).sum();
        prop_assert!(arranged.stretches.is_empty() || length == talk.duration_ms);
        prop_assert!(validate(&crate::storyboard::to_value(&arranged.board), Some(heard)).iter().all(|p| p.severity != crate::storyboard::Severity::Error));

        let mut placed: Vec<_> = arranged.board.scenes.iter().map(|s| place(s, board.canvas, &Even)).collect();
        overlay(&mut placed, &arranged.board, heard, &Even);
        let film = plan(&arranged.board, heard, &placed).unwrap();
        let titles: Vec<String> = film.chapters().into_iter().map(|chapter| chapter.title).collect();
        prop_assert_eq!(titles, order.iter().map(|at| format!("Part {at}")).collect::<Vec<_>>());
    }
}
