use proptest::prelude::*;
use serde_json::json;

use super::super::{Kind, Severity, canonical, from_value, sample, to_value, validate};
use super::*;
use crate::edit::{Document, Op, apply};
use crate::transcript::Transcript;

/// The sample as extraction alone would have made it.
fn automatic() -> Storyboard {
    let mut value = to_value(&sample());
    let scene = &mut value["scenes"][0];
    scene["nodes"][2]["by"] = json!("auto");
    scene["nodes"][2]["evidence"] = json!([[17, 17]]);
    for field in ["layout", "timeline", "removed"] {
        scene.as_object_mut().unwrap().shift_remove(field);
    }
    from_value(value).unwrap()
}

/// The same content under other ids.
fn renumbered(board: &Storyboard) -> Storyboard {
    let mut value = to_value(board);
    fn walk(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| match value {
                serde_json::Value::String(id) if ["id", "from", "to", "actor", "group"].contains(&key.as_str()) => {
                    id.push('9');
                }
                serde_json::Value::String(id) if key == "target" => {
                    *id = id.replace('/', "9/") + "9";
                }
                other => walk(other),
            }),
            serde_json::Value::Array(items) => items.iter_mut().for_each(walk),
            _ => {}
        }
    }
    walk(&mut value);
    from_value(value).unwrap()
}

#[track_caller]
fn edit(board: &Storyboard, ops: &[&str]) -> Storyboard {
    let transcript = Transcript::from_text(&"word ".repeat(40), "en");
    let mut document = Document { storyboard: board.clone(), transcript };
    for op in ops {
        apply(&mut document, &crate::edit::read(op.as_bytes()).unwrap()).unwrap();
    }
    document.storyboard
}

#[track_caller]
fn sound(board: &Storyboard) {
    let errors: Vec<_> =
        validate(&to_value(board), None).into_iter().filter(|p| p.severity == Severity::Error).collect();
    assert_eq!(errors, []);
}

#[test]
fn nothing_new_changes_nothing() {
    for board in [sample(), automatic()] {
        assert_eq!(to_value(&merge(&board, board.clone())), to_value(&board));
    }
    let board = automatic();
    assert_eq!(to_value(&merge(&board, renumbered(&board))), to_value(&board));
    // What a person did is not in a fresh outline.
    let merged = merge(&sample(), renumbered(&board));
    assert_eq!(to_value(&merged)["scenes"][0]["layout"], to_value(&sample())["scenes"][0]["layout"]);
    assert_eq!(merged.scenes[0].nodes[2], sample().scenes[0].nodes[2]);
}

#[test]
fn edits_survive() {
    let edited = edit(
        &automatic(),
        &[
            r#"{"op":"set_label","scene":"s1","element":"n1","label":"Look it up"}"#,
            r#"{"op":"remove_node","scene":"s1","node":"n3"}"#,
            r#"{"op":"add_node","scene":"s1","node":{"id":"","label":"Call back"},"index":1}"#,
            r#"{"op":"add_edge","scene":"s1","edge":{"id":"","from":"n2","to":"n4","type":"no"}}"#,
            r#"{"op":"pin","scene":"s1","node":"n2","at":[0.25,0.75]}"#,
            r#"{"op":"move_reveal","scene":"s1","target":"e1","at":{"word":8}}"#,
            r#"{"op":"set_label","scene":"s2","label":"On the road"}"#,
            r#"{"op":"set_kind","scene":"s2","kind":"cycle"}"#,
        ],
    );
    let merged = merge(&edited, renumbered(&automatic()));
    sound(&merged);
    assert_eq!(to_value(&merged), to_value(&edited));
    assert_eq!(canonical(&merge(&merged, automatic())), canonical(&merged));
}

#[test]
fn fresh_content_comes_in_under_new_ids() {
    let mut fresh = automatic();
    fresh.scenes[0].nodes[0].label = "Check the stock".to_owned();
    let mut extra = fresh.scenes[0].nodes[1].clone();
    "n0".clone_into(&mut extra.id);
    "Pack goods".clone_into(&mut extra.label);
    extra.evidence = vec![[18, 19]];
    fresh.scenes[0].nodes.insert(0, extra);
    fresh.scenes[0].nodes.remove(3);
    fresh.scenes[0].edges.remove(1);
    fresh.review.clear();
    let mut fresh = renumbered(&fresh);
    fresh.scenes[0].nodes[0].id = "n3".to_owned();
    let merged = merge(&automatic(), fresh);
    sound(&merged);
    let nodes: Vec<_> = merged.scenes[0].nodes.iter().map(|n| (n.id.as_str(), n.label.as_str())).collect();
    // n3 meant another node, which is gone: its id is not used again.
    assert_eq!(nodes, [("n4", "Pack goods"), ("n1", "Check the stock"), ("n2", "In stock?")]);
}

#[test]
fn split_and_merged_scenes_survive() {
    let split = edit(&automatic(), &[r#"{"op":"split_scene","scene":"s1","word":5,"title":"Stock"}"#]);
    let merged = merge(&split, automatic());
    sound(&merged);
    let seen: Vec<_> = merged.scenes.iter().map(|s| (s.id.as_str(), s.words, s.nodes.len())).collect();
    assert_eq!(seen, [("s1", [0, 4], 1), ("s3", [5, 19], 2), ("s2", [20, 39], 1)]);
    let one = edit(&automatic(), &[r#"{"op":"merge_scenes","first":"s1","second":"s2"}"#]);
    let merged = merge(&one, automatic());
    sound(&merged);
    assert_eq!((merged.scenes.len(), merged.scenes[0].words, merged.scenes[0].nodes.len()), (1, [0, 39], 4));
    assert_eq!(to_value(&merged), to_value(&one));
}

#[test]
fn merged_nodes_stay_merged() {
    let edited = edit(&automatic(), &[r#"{"op":"merge_nodes","scene":"s1","keep":"n1","absorb":["n2"]}"#]);
    let merged = merge(&edited, automatic());
    sound(&merged);
    assert_eq!(merged.scenes, edited.scenes);
    // The edge under review was led to another node by hand.
    assert!(merged.review.is_empty());
}

#[test]
fn other_scenes_take_in_what_people_did() {
    let edited = edit(&automatic(), &[r#"{"op":"add_node","scene":"s2","node":{"id":"mine","label":"Mine"}}"#]);
    let mut fresh = automatic();
    fresh.scenes.remove(1);
    fresh.scenes[0].words = [0, 39];
    let merged = merge(&edited, fresh);
    sound(&merged);
    assert_eq!(merged.scenes.len(), 1);
    assert!(merged.scenes[0].nodes.iter().any(|n| n.id == "mine"));
    let mut empty = automatic();
    empty.scenes.clear();
    empty.review.clear();
    let merged = merge(&edited, empty);
    sound(&merged);
    assert_eq!(merged.scenes.len(), 1);
    assert_eq!(merged.scenes[0].nodes.len(), 1);
}

fn op() -> impl Strategy<Value = Op> {
    let scene = || "s[1-3]";
    let id = || "[ne][1-4]";
    prop_oneof![
        (scene(), id(), "[a-z]{1,6}").prop_map(|(scene, element, label)| Op::SetLabel {
            scene,
            element: Some(element),
            label
        }),
        (scene(), id()).prop_map(|(scene, node)| Op::RemoveNode { scene, node }),
        (scene(), id()).prop_map(|(scene, edge)| Op::RemoveEdge { scene, edge }),
        (scene(), id(), id()).prop_map(|(scene, keep, gone)| Op::MergeNodes { scene, keep, absorb: vec![gone] }),
        (scene(), id()).prop_map(|(scene, node)| Op::Pin { scene, node, at: [0.5, 0.5] }),
        (scene(), 0_u32..40).prop_map(|(scene, word)| Op::SplitScene { scene, word, title: None }),
        (scene(), scene()).prop_map(|(first, second)| Op::MergeScenes { first, second }),
        (scene(), proptest::option::of(scene())).prop_map(|(scene, before)| Op::MoveScene { scene, before }),
        (scene(), proptest::sample::select(Kind::ALL)).prop_map(|(scene, kind)| Op::SetKind { scene, kind }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Whatever a person does: outlining again gives a sound storyboard with all of it, and once more changes nothing.
    #[test]
    fn extraction_again_is_harmless(ops in proptest::collection::vec(op(), 0..8), shift in 0_u32..6) {
        let transcript = Transcript::from_text(&"word ".repeat(40), "en");
        let mut document = Document { storyboard: automatic(), transcript };
        for op in &ops {
            let _ = apply(&mut document, op);
        }
        let edited = document.storyboard;
        let mut fresh = renumbered(&automatic());
        fresh.scenes[0].words[1] -= shift;
        fresh.scenes[1].words[0] -= shift;
        let once = merge(&edited, fresh.clone());
        sound(&once);
        for scene in &edited.scenes {
            for node in scene.nodes.iter().filter(|n| n.by == Origin::User) {
                prop_assert!(once.scenes.iter().flat_map(|s| &s.nodes).any(|n| n.label == node.label), "{:?}", node);
            }
        }
        prop_assert_eq!(to_value(&merge(&once, fresh)), to_value(&once));
    }
}
