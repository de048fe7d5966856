//! What edits leave behind when they were not made one by one: `"by": "user"` on what people touched, and the memory of what they
//! removed. Where several people edit one document, only how it was and how it is are known.

use crate::storyboard::{Action, Edge, Extra, Node, Origin, Removed, Scene, Storyboard, Target};

/// Marks in `after` what differs from `before`, as the operations that lead there would have done.
pub fn credit(before: &Storyboard, after: &mut Storyboard) {
    for scene in &mut after.scenes {
        if let Some(old) = before.scenes.iter().find(|old| old.id == scene.id) {
            credit_scene(old, scene);
        }
    }
}

fn credit_scene(old: &Scene, scene: &mut Scene) {
    if old.title != scene.title || old.kind != scene.kind {
        scene.by = Origin::User;
    }
    if old.kind != scene.kind {
        let (was, is) = (old.kind, scene.kind);
        scene.alt_kinds.retain(|kind| *kind != is && *kind != was);
        scene.alt_kinds.insert(0, was);
    }
    let removed = removed(old, scene);
    // What an undo has brought back is not removed any more.
    let here: Vec<&str> =
        scene.nodes.iter().map(|n| n.id.as_str()).chain(scene.edges.iter().map(|e| e.id.as_str())).collect();
    scene.removed.retain(|gone| !here.contains(&gone.id.as_str()));
    scene.removed.extend(removed);

    let retimed: Vec<String> = [(&old.timeline, &scene.timeline), (&scene.timeline, &old.timeline)]
        .into_iter()
        .flat_map(|(these, those)| these.iter().filter(|cue| cue.action == Action::Reveal && !those.contains(cue)))
        .flat_map(|cue| match &cue.target {
            Some(Target::One(id)) => vec![id.clone()],
            Some(Target::Many(ids)) => ids.clone(),
            None => Vec::new(),
        })
        .collect();
    for node in &mut scene.nodes {
        let was = old.nodes.iter().find(|was| was.id == node.id);
        if let Some(was) = was.filter(|was| was.by == Origin::Auto && was.label != node.label && was.alt == node.alt) {
            // The description of an automatic node says what the old label said.
            node.alt.take_if(|_| was.alt.is_some());
        }
        let pinned = scene.layout.pins.get(&node.id) != old.layout.pins.get(&node.id);
        if pinned || was != Some(node) || retimed.contains(&node.id) {
            node.by = Origin::User;
        }
    }
    macro_rules! touched {
        ($($list:ident)*) => {$(
            for element in &mut scene.$list {
                let was = old.$list.iter().find(|was| was.id == element.id);
                if was != Some(&*element) || retimed.contains(&element.id) {
                    element.by = Origin::User;
                }
            }
        )*};
    }
    touched!(edges actors groups notes);
}

/// What extraction would find again, of that which is gone.
fn removed(old: &Scene, scene: &Scene) -> Vec<Removed> {
    let nodes = old.nodes.iter().filter(|was| !scene.nodes.iter().any(|node| node.id == was.id));
    let edges = old.edges.iter().filter(|was| !scene.edges.iter().any(|edge| edge.id == was.id));
    // The edges of a node that went are found again with it only.
    let alone = |edge: &&Edge| [&edge.from, &edge.to].into_iter().all(|end| scene.nodes.iter().any(|n| n.id == *end));
    let node = |Node { id, label, evidence, .. }: &Node| (id.clone(), label.clone(), evidence.clone(), None);
    let edge = |edge: &Edge| {
        (edge.id.clone(), edge.label.clone(), edge.evidence.clone(), Some([edge.from.clone(), edge.to.clone()]))
    };
    nodes
        .map(node)
        .chain(edges.filter(alone).map(edge))
        .filter(|(id, _, evidence, _)| !evidence.is_empty() && !scene.removed.iter().any(|known| known.id == *id))
        .map(|(id, label, evidence, ends)| Removed { id, label, ends, evidence, into: None, extra: Extra::new() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Document, Op, apply};
    use crate::storyboard::{canonical, sample};
    use crate::transcript::Transcript;

    /// The same edits, once as operations and once as a document that somebody has changed.
    #[track_caller]
    fn check(ops: &str, by_hand: fn(&mut Storyboard)) {
        let op: Op = serde_json::from_str(&format!(r#"{{ "op": "batch", "ops": {ops} }}"#)).unwrap();
        let mut transcript = Transcript::from_text(&"word ".repeat(40), "en");
        transcript.duration_ms = 16_000;
        let mut document = Document { storyboard: sample(), transcript };
        apply(&mut document, &op).unwrap();
        let mut after = sample();
        by_hand(&mut after);
        let mut after = crate::storyboard::settled(crate::storyboard::to_value(&after)).unwrap();
        credit(&sample(), &mut after);
        let [one, other] = [&document.storyboard, &after].map(|board| String::from_utf8(canonical(board)).unwrap());
        assert_eq!(one, other);
    }

    #[test]
    fn a_label_is_a_persons() {
        check(r#"[{ "op": "set_label", "scene": "s1", "element": "n1", "label": "Look" }]"#, |board| {
            board.scenes[0].nodes[0].label = "Look".into();
        });
        check(r#"[{ "op": "set_label", "scene": "s1", "label": "Look" }]"#, |board| {
            board.scenes[0].title = "Look".into();
        });
    }

    #[test]
    fn what_is_removed_stays_away() {
        check(r#"[{ "op": "remove_node", "scene": "s1", "node": "n2" }]"#, |board| {
            board.scenes[0].nodes.remove(1);
        });
        check(r#"[{ "op": "remove_edge", "scene": "s1", "edge": "e1" }]"#, |board| {
            board.scenes[0].edges.remove(0);
        });
    }

    #[test]
    fn kinds_and_pins_are_noted() {
        check(r#"[{ "op": "set_kind", "scene": "s1", "kind": "cycle" }]"#, |board| {
            board.scenes[0].kind = crate::storyboard::Kind::Cycle;
        });
        check(r#"[{ "op": "pin", "scene": "s1", "node": "n2", "at": [0.5, 0.25] }]"#, |board| {
            board.scenes[0].layout.pins.insert("n2".into(), [0.5, 0.25]);
        });
    }

    #[test]
    fn what_was_brought_back_is_not_removed() {
        let mut gone = sample();
        gone.scenes[0].edges.remove(0);
        credit(&sample(), &mut gone);
        assert!(gone.scenes[0].removed.iter().any(|removed| removed.id == "e1"));
        let mut back = gone.clone();
        back.scenes[0].edges.insert(0, sample().scenes[0].edges[0].clone());
        credit(&gone, &mut back);
        assert!(!back.scenes[0].removed.iter().any(|removed| removed.id == "e1"));
    }
}
