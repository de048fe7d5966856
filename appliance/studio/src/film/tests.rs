//! Films of small boards, and properties of films of arbitrary ones.

use proptest::prelude::*;

use super::*;
use crate::geometry::{Point, Rect};
use crate::layout::{Guide, PlacedEdge, PlacedNode, Text};
use crate::storyboard::{Scene, Shape};
use crate::transcript::Word;

/// A word every half second.
fn talk(words: usize) -> Transcript {
    let mut talk = Transcript::from_text("", "en");
    talk.words = (0..words as u64).map(|i| Word::new(format!("w{i}"), 500 * i, 500 * i + 300)).collect();
    talk.duration_ms = 500 * words as u64;
    talk
}

fn board(scenes: &serde_json::Value) -> Storyboard {
    let board =
        serde_json::json!({"schema": "studio.scene/1", "id": "t", "lang": "en", "theme": "light", "scenes": scenes});
    serde_json::from_value(board).expect("a storyboard")
}

/// Everything of the scene in one row; where is of no matter here.
fn placed(scene: &Scene) -> Placed {
    let at = |i: usize| Rect::new(200.0 * i as f32, 500.0, 150.0, 80.0);
    let nodes = scene.nodes.iter().enumerate().map(|(i, n)| PlacedNode {
        id: n.id.clone(),
        rect: at(i),
        shape: Shape::Box,
        role: n.role,
        tone: 0,
        label: Text::default(),
        icon: None,
        badge: None,
        sign: None,
        head: false,
    });
    let edges = scene.edges.iter().map(|e| PlacedEdge {
        id: e.id.clone(),
        points: vec![Point::new(0.0, 0.0), Point::new(9.0, 9.0)],
        curved: false,
        label: (!e.label.is_empty()).then(Text::default),
        arrow: true,
        dashed: false,
    });
    let container = |id: &String| Guide::Container { id: id.clone(), rect: at(0), label: Text::default(), tone: 0 };
    let mut guides: Vec<Guide> = scene.actors.iter().map(|a| container(&a.id)).collect();
    guides.extend(scene.groups.iter().map(|g| container(&g.id)));
    guides.push(Guide::Axis { line: [Point::default(); 2] });
    guides.extend(scene.nodes.iter().take(1).map(|n| Guide::Tick { node: n.id.clone(), line: [Point::default(); 2] }));
    Placed {
        canvas: (1920, 1080),
        title: Text::default(),
        nodes: nodes.collect(),
        edges: edges.collect(),
        guides,
        overlays: Vec::new(),
    }
}

fn film(board: &Storyboard, talk: &Transcript) -> Film {
    let placed: Vec<Placed> = board.scenes.iter().map(placed).collect();
    plan(board, talk, &placed).unwrap_or_else(|e| panic!("{e}"))
}

/// First and full frame of the elements of an id, in painting order.
fn entrances(film: &Film, id: &str) -> Vec<(u64, u64)> {
    let elements = film.scenes.iter().flat_map(|s| &s.elements);
    elements.filter(|e| e.id == id).map(|e| (e.first_frame, e.full_frame)).collect()
}

fn two_steps() -> Storyboard {
    board(&serde_json::json!([{"id": "s", "title": "S", "kind": "flow", "words": [0, 39],
        "nodes": [{"id": "a", "label": "A", "evidence": [[4, 5]]}, {"id": "b", "label": "B", "evidence": [[12, 12]]}],
        "edges": [{"id": "e", "from": "a", "to": "b", "label": "then", "evidence": [[8, 8]]}]}]))
}

#[test]
fn a_node_enters_with_its_word() {
    let film = film(&two_steps(), &talk(40));
    // 2,000 ms less 120 is frame 56.4; the entrance takes 270 ms, which is 9 frames.
    assert_eq!(entrances(&film, "a").last(), Some(&(56, 64)));
    let scene = &film.scenes[0];
    let node = scene.elements.iter().find(|e| e.id == "a" && matches!(e.part, Part::Node(_))).expect("a");
    assert_eq!(node.onset_ms, Some(2_000));
    assert!(node.seen_ms(30).abs_diff(2_000) <= 100, "{}", node.seen_ms(30));
    assert!(film.frame(55).elements.iter().zip(&scene.elements).all(|(s, e)| e.id != "a" || s.opacity == 0.0));
}

#[test]
fn parts_come_with_the_word_that_says_them() {
    let text = "And then the clerk checks the stock. After that she packs the box. And the stock of the shop shrinks.";
    let talk = Transcript::from_text(text, "en");
    let board = board(&serde_json::json!([{"id": "s", "title": "S", "kind": "flow", "words": [0, 19],
        "nodes": [{"id": "a", "label": "Check stock", "evidence": [[0, 6], [13, 15]]},
                  {"id": "b", "label": "Pack box", "evidence": [[7, 12]]},
                  {"id": "c", "label": "Schrumpfen", "evidence": [[13, 19]]}],
        "edges": [{"id": "e", "from": "a", "to": "b", "evidence": [[7, 12]]},
                  {"id": "f", "from": "b", "to": "c", "label": "shop", "evidence": [[13, 19]]}]}]));
    let words = said(&board.scenes[0], &talk);
    let of = |id: &str| words[id].iter().map(|at| talk.words[*at as usize].text.as_str()).collect::<Vec<_>>();
    assert_eq!([of("a"), of("b"), of("c")], [vec!["checks", "stock"], vec!["packs"], vec!["stock"]]);
    assert_eq!([of("e"), of("f")], [["packs"], ["shop"]]);
    let film = film(&board, &talk);
    let scene = &film.scenes[0];
    let element = |id: &str, part: fn(Part) -> bool| {
        scene.elements.iter().find(|e| e.id == id && part(e.part)).expect("an element")
    };
    for id in ["a", "b", "c"] {
        let node = element(id, |part| matches!(part, Part::Node(_)));
        let onset = talk.words[words[id][0] as usize].start_ms;
        assert_eq!(node.onset_ms, Some(onset), "{id}");
        assert!(node.seen_ms(30).abs_diff(onset) <= 100, "{id}: {} beside {onset}", node.seen_ms(30));
    }
    let (line, end) = (element("f", |part| matches!(part, Part::Edge(_))), element("c", |part| part == Part::Node(2)));
    assert!(line.first_frame > end.full_frame, "a word of its own is waited for");
}

#[test]
fn an_edge_waits_for_both_ends() {
    let film = film(&two_steps(), &talk(40));
    let b = entrances(&film, "b")[0].0;
    let edge = entrances(&film, "e");
    assert!(edge[0].0 > b, "the line {edge:?} starts after the box {b} has begun");
    assert!(edge[1].0 > edge[0].0, "the label follows its line");
}

#[test]
fn what_was_said_before_steps_back_and_returns() {
    let film = film(&two_steps(), &talk(40));
    let state = |n: u64, id: &str| {
        let at = film.scenes[0].elements.iter().position(|e| e.id == id && matches!(e.part, Part::Node(_)));
        film.frame(n).elements[at.expect("an element")]
    };
    assert_eq!((state(100, "a").opacity, state(100, "a").highlight), (1.0, 1.0));
    assert_eq!((state(250, "a").opacity, state(250, "a").highlight), (DIMMED, 0.0));
    assert_eq!((state(250, "b").opacity, state(250, "b").highlight), (1.0, 1.0));
    for id in ["a", "b"] {
        assert_eq!(state(film.frames() - 1, id), ElementState::FULL, "{id}");
    }
    // The last look lasts more than a second.
    assert_eq!(state(film.frames() - 31, "a"), ElementState::FULL);
}

#[test]
fn overrides_win() {
    let mut board = two_steps();
    let cues = serde_json::json!([
        {"at": {"ms": 10_000}, "do": "reveal", "target": "a", "dur_ms": 1_000, "ease": "linear"},
        {"at": {"word": 30, "offset_ms": 50}, "do": "focus", "target": ["a", "nobody"]}]);
    board.scenes[0].timeline = serde_json::from_value(cues).expect("cues");
    let film = film(&board, &talk(40));
    assert_eq!(entrances(&film, "a").last(), Some(&(300, 329)));
    let lit: Vec<&str> = {
        let states = film.frame(500).elements;
        let scene = &film.scenes[0];
        scene.elements.iter().zip(states).filter(|(_, s)| s.highlight == 1.0).map(|(e, _)| e.id.as_str()).collect()
    };
    assert_eq!(lit, ["a", "a"], "the box and its tick");
}

#[test]
fn silence_gives_no_cue() {
    let mut talk = talk(40);
    talk.words[4].redacted = true;
    assert_eq!(entrances(&film(&two_steps(), &talk), "a").last().map(|e| e.0), Some((2_500 - 120) * 30 / 1000));
    talk.words[5].redacted = true;
    let film = film(&two_steps(), &talk);
    let a = film.scenes[0].elements.iter().find(|e| e.id == "a").expect("a");
    assert_eq!(a.onset_ms, None);
    let b = entrances(&film, "b")[0].0;
    assert_eq!((a.first_frame, b), (178, 176), "it comes with its neighbour, which is spoken of");
}

#[test]
fn parts_of_one_moment_come_one_after_another() {
    let nodes: Vec<_> =
        (0..4).map(|i| serde_json::json!({"id": format!("n{i}"), "label": "x", "evidence": [[2, 2]]})).collect();
    let board =
        board(&serde_json::json!([{"id": "s", "title": "S", "kind": "steps", "words": [0, 9], "nodes": nodes}]));
    let film = film(&board, &talk(20));
    let firsts: Vec<u64> = (0..4).map(|i| entrances(&film, &format!("n{i}"))[usize::from(i == 0)].0).collect();
    assert_eq!(firsts, [26, 28, 31, 33]);
}

#[test]
fn a_container_comes_with_its_first_member() {
    let board = board(&serde_json::json!([{"id": "s", "title": "S", "kind": "swimlane", "words": [0, 39],
        "actors": [{"id": "x", "label": "X", "evidence": [[30, 30]]}],
        "nodes": [{"id": "a", "label": "A", "actor": "x", "evidence": [[10, 10]]}]}]));
    let film = film(&board, &talk(40));
    assert_eq!(entrances(&film, "x")[0].0, entrances(&film, "a")[0].0);
}

#[test]
fn scenes_begin_in_the_pause_before_their_first_word() {
    let scene = |id: &str, words: [u32; 2]| serde_json::json!({"id": id, "title": id, "kind": "steps", "words": words});
    let board = board(&serde_json::json!([scene("a", [0, 9]), scene("b", [10, 19])]));
    let mut talk = talk(20);
    let chapters = film(&board, &talk).chapters();
    // The pause is 200 ms long: the cut falls at its start, 4,800 ms.
    let times: Vec<_> = chapters.iter().map(|c| (c.title.as_str(), c.start_ms, c.end_ms)).collect();
    assert_eq!(times, [("a", 0, 4_800), ("b", 4_800, 10_000)]);
    talk.words[9].end_ms = 5_000;
    assert_eq!(film(&board, &talk).scenes[1].first_frame, (5_000 - 120) * 30 / 1000);
}

#[test]
fn bad_input_is_named() {
    let check = |change: &dyn Fn(&mut Storyboard), expected: &str| {
        let mut board = two_steps();
        change(&mut board);
        let placed: Vec<Placed> = two_steps().scenes.iter().map(placed).collect();
        let error = plan(&board, &talk(40), &placed).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(&|b| b.scenes.clear(), "no scenes");
    check(&|b| b.scenes.push(b.scenes[0].clone()), "2 scenes but 1 placed");
    check(&|b| b.canvas.fps = 0, "at 0 frames a second");
    check(&|b| b.canvas.w = 1080, "placed on another canvas");
    check(&|b| b.scenes[0].nodes[0].evidence = vec![[3, u32::MAX]], "`s/a` refers to word 4294967295");
    let mut long = talk(40);
    long.duration_ms = u64::MAX;
    let placed: Vec<Placed> = two_steps().scenes.iter().map(placed).collect();
    assert_eq!(plan(&two_steps(), &long, &placed), Err(FilmError::TooLong(u64::MAX)));
}

#[test]
fn a_calm_talk_hardly_moves() {
    let nodes: Vec<_> = (0..8)
        .map(|i| serde_json::json!({"id": format!("n{i}"), "label": "x", "evidence": [[i * 10 + 2, i * 10 + 3]]}))
        .collect();
    let edges: Vec<_> = (0..7)
        .map(|i| serde_json::json!({"id": format!("e{i}"), "from": format!("n{i}"), "to": format!("n{}", i + 1)}))
        .collect();
    let board = board(
        &serde_json::json!([{"id": "s", "title": "S", "kind": "flow", "words": [0, 79], "nodes": nodes, "edges": edges}]),
    );
    let share = film(&board, &talk(80)).moving_share();
    assert!(share < 0.11, "{share}");
}

/// Boards of a few scenes whose elements refer to any words in any order.
fn any_board() -> impl Strategy<Value = (Storyboard, Transcript)> {
    let scene = (1u32..30, proptest::collection::vec((0u32..120, any::<bool>()), 0..9), 5u32..60);
    (proptest::collection::vec(scene, 1..5), 0u64..400).prop_map(|(scenes, pace)| {
        let mut talk = talk(120);
        for (i, word) in talk.words.iter_mut().enumerate() {
            (word.start_ms, word.end_ms) = (i as u64 * pace, i as u64 * pace + pace / 2);
            word.redacted = i % 11 == 3;
        }
        talk.duration_ms = 120 * pace;
        let mut first = 0;
        let fps = scenes[0].2;
        let scenes: Vec<_> = scenes
            .iter()
            .enumerate()
            .map(|(i, (length, words, _))| {
                let nodes: Vec<_> = words
                    .iter()
                    .enumerate()
                    .map(|(n, (word, said))| {
                        let evidence = if *said {
                            vec![[*word, *word], [(*word + 40) % 120, (*word + 41) % 120]]
                        } else {
                            Vec::new()
                        };
                        serde_json::json!({"id": format!("n{n}"), "label": "x", "group": "g", "evidence": evidence})
                    })
                    .collect();
                let edges: Vec<_> = words
                    .windows(2)
                    .enumerate()
                    .map(|(e, pair)| {
                        serde_json::json!({
                "id": format!("e{e}"), "from": format!("n{}", e + 1), "to": format!("n{e}"), "label": "l",
                "evidence": if pair[0].1 { vec![[pair[1].0, pair[1].0]] } else { Vec::new() }})
                    })
                    .collect();
                let timeline: Vec<_> = words
                    .iter()
                    .take(2)
                    .map(|(word, said)| {
                        serde_json::json!({
                "at": {"word": word, "offset_ms": i64::from(*word) * 100 - 3_000},
                "do": if *said { "focus" } else { "reveal" }, "target": "n1", "dur_ms": 9_999})
                    })
                    .collect();
                let words = [first, (first + length).min(119)];
                first = (first + length + 1).min(119);
                serde_json::json!({"id": format!("s{i}"), "title": "T", "kind": "flow", "words": words,
                "nodes": nodes, "edges": edges, "groups": [{"id": "g", "label": "G"}], "timeline": timeline})
            })
            .collect();
        let mut board = board(&scenes.into());
        board.canvas.fps = fps;
        (board, talk)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn spans_cover_every_frame_once_and_stills_are_still((board, talk) in any_board()) {
        let film = film(&board, &talk);
        let mut at = 0;
        for span in film.spans() {
            prop_assert_eq!(span.first, at);
            prop_assert!(span.end > span.first);
            at = span.end;
            if !span.moving {
                let still = film.frame(span.first);
                prop_assert!((span.first..span.end).all(|n| film.frame(n) == still), "{:?}", span);
            }
        }
        prop_assert_eq!(at, film.frames());
    }

    #[test]
    fn takes_cover_every_frame_once_and_are_short((board, talk) in any_board()) {
        let film = film(&board, &talk);
        let mut at = 0;
        for take in film.takes() {
            prop_assert_eq!(take.first(), at);
            prop_assert!(take.end() - take.first() <= 10 * u64::from(film.fps));
            for span in &take.spans {
                prop_assert_eq!(span.first, at);
                prop_assert!(span.end > span.first);
                let still = film.frame(span.first);
                prop_assert_eq!(still.scene, take.scene);
                prop_assert!(span.moving || (span.first..span.end).all(|n| film.frame(n) == still), "{:?}", span);
                at = span.end;
            }
            let drawn: Vec<u64> = take.drawn().collect();
            prop_assert!(drawn.is_sorted() && drawn[0] == take.first() && drawn.iter().all(|n| *n < at));
        }
        prop_assert_eq!(at, film.frames());
    }

    #[test]
    fn everything_is_there_at_the_end_of_its_scene((board, talk) in any_board()) {
        let film = film(&board, &talk);
        let mut next = 0;
        for (i, scene) in film.scenes.iter().enumerate() {
            prop_assert_eq!(scene.first_frame, next);
            prop_assert!(scene.end_frame > scene.first_frame);
            next = scene.end_frame;
            let last = film.frame(scene.end_frame - 1);
            prop_assert_eq!(last.scene, i);
            prop_assert!(last.elements.iter().all(|s| *s == ElementState::FULL), "{:?}", last.elements);
        }
    }

    #[test]
    fn nothing_that_has_entered_leaves_or_fades_below_the_floor((board, talk) in any_board()) {
        let film = film(&board, &talk);
        for scene in &film.scenes {
            for (i, element) in scene.elements.iter().enumerate() {
                let mut before = 0.0;
                for n in scene.first_frame..scene.end_frame {
                    let state = film.frame(n).elements[i];
                    prop_assert!(element.shown.at(n) >= before);
                    before = element.shown.at(n);
                    prop_assert!(n >= element.first_frame || state.opacity == 0.0);
                    prop_assert!(n < element.full_frame || state.opacity >= 0.6 && state.sink == 0.0);
                }
            }
        }
    }

    #[test]
    fn edges_never_come_before_their_ends((board, talk) in any_board()) {
        let film = film(&board, &talk);
        for (scene, made) in film.scenes.iter().zip(&board.scenes) {
            let first = |id: &str| scene.elements.iter().filter(|e| e.id == id).map(|e| e.first_frame).max();
            for edge in &made.edges {
                let line = scene.elements.iter().find(|e| e.id == edge.id).map(|e| e.first_frame);
                prop_assert!(line >= first(&edge.from).max(first(&edge.to)), "{}", edge.id);
            }
        }
    }
}
