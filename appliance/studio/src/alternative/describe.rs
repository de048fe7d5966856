//! A scene in sentences.

use std::collections::BTreeMap;

use super::phrases::{Phrases, put};
use crate::storyboard::{Node, Scene};

/// One sentence that says what kind of picture the scene is and how large.
pub fn summary(scene: &Scene, lang: &str) -> String {
    let p = Phrases::of(lang);
    let boxes = Phrases::count(p.one_box, p.boxes, scene.nodes.len());
    let arrows = Phrases::count(p.one_arrow, p.arrows, scene.edges.len());
    let size = if scene.edges.is_empty() { boxes } else { put(p.pair, &[&boxes, &arrows]) };
    let mut kind = p.kind(scene.kind).to_owned();
    // What begins with no letter of ASCII has no capitals in any language here.
    if let Some(first) = kind.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let sums = put(p.sums, &[&kind, &size]);
    match scene.title.trim() {
        "" => sums,
        title => put(p.titled, &[title, &sums]),
    }
}

/// All that is on the screen when the scene ends.
pub(super) fn gathered(scene: &Scene, lang: &str) -> String {
    let p = Phrases::of(lang);
    let labels: Vec<String> = scene.nodes.iter().map(|n| plain(&n.label)).collect();
    put(p.gathered, &[&p.list(&labels)])
}

/// The long description of a scene: every box and every arrow once, in the order in which they are spoken of.
pub fn describe(scene: &Scene, lang: &str) -> Vec<String> {
    let p = Phrases::of(lang);
    let by_id: BTreeMap<&str, &Node> = scene.nodes.iter().map(|n| (n.id.as_str(), n)).collect();
    let label = |id: &str| by_id.get(id).map_or(String::new(), |n| plain(&n.label));
    let mut out = vec![summary(scene, lang)];
    let quoted = |n: &&Node| put(p.quoted, &[&plain(&n.label)]);
    for actor in &scene.actors {
        let own: Vec<String> =
            scene.nodes.iter().filter(|n| n.actor.as_ref() == Some(&actor.id)).map(|n| quoted(&n)).collect();
        if !own.is_empty() {
            out.push(put(p.does, &[&plain(&actor.label), &p.list(&own)]));
        }
    }
    for group in &scene.groups {
        let own: Vec<String> =
            scene.nodes.iter().filter(|n| n.group.as_ref() == Some(&group.id)).map(|n| quoted(&n)).collect();
        if !own.is_empty() {
            out.push(put(p.holds, &[&plain(&group.label), &p.list(&own)]));
        }
    }
    // What neither an arrow, a lane nor a group has named yet.
    let linked = |n: &Node| scene.edges.iter().any(|e| e.from == n.id || e.to == n.id);
    for node in &scene.nodes {
        let name = plain(&node.label);
        if let Some(alt) = node.alt.as_ref().filter(|alt| !alt.trim().is_empty()) {
            out.push(put(p.when, &[&plain(alt), &name]));
        } else if let Some(time) = &node.time {
            out.push(put(p.when, &[&plain(time), &name]));
        } else if let Some(value) = node.value {
            out.push(put(p.amounts, &[&name, &value.to_string()]));
        } else if !linked(node) && node.actor.is_none() && node.group.is_none() {
            out.push(put(p.alone, &[&name]));
        }
    }
    for edge in &scene.edges {
        let sentence = put(p.edge(edge.kind), &[&label(&edge.from), &label(&edge.to)]);
        let words = plain(&edge.label);
        out.push(if words.is_empty() { sentence } else { put(p.labelled, &[&sentence, &words]) });
    }
    out.extend(scene.notes.iter().map(|note| put(p.note, &[&plain(&note.text)])));
    out
}

/// One line, trimmed.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
