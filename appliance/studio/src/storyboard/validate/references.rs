//! Who refers to whom: edge ends, actors, groups, pins, timeline, removed elements, review.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Report;
use super::meaning::{ELEMENTS, in_order, items, text, word};

/// The ids of one list of a scene.
fn ids<'a>(scene: &'a Value, list: &str) -> BTreeSet<&'a str> {
    items(scene, list).iter().filter_map(|e| text(e, "id")).collect()
}

/// Ids of a scene by what they name.
struct Names<'a> {
    nodes: BTreeSet<&'a str>,
    actors: BTreeSet<&'a str>,
    groups: BTreeSet<&'a str>,
    all: BTreeSet<&'a str>,
}

/// Reports a reference that leads nowhere.
fn must_be(id: &str, what: &str, known: &BTreeSet<&str>, report: &mut Report) {
    if !known.contains(id) && !report.full() {
        report.error(format!("no {what} has the id `{id}`{}", report.hint(id, known.iter().copied())));
    }
}

pub(super) fn check_scene(scene: &Value, words: Option<u32>, report: &mut Report) {
    let names = Names {
        nodes: ids(scene, "nodes"),
        actors: ids(scene, "actors"),
        groups: ids(scene, "groups"),
        all: ELEMENTS.iter().flat_map(|list| ids(scene, list)).collect(),
    };
    let each = |list: &str, fields: &[(&str, &str, &BTreeSet<&str>)], report: &mut Report| {
        for (i, element) in items(scene, list).iter().enumerate() {
            for (field, what, known) in fields {
                if let Some(id) = text(element, field) {
                    report.within(list, |r| r.within(i, |r| r.within(field, |r| must_be(id, what, known, r))));
                }
            }
        }
    };
    each("nodes", &[("actor", "actor", &names.actors), ("group", "group", &names.groups)], report);
    each("edges", &[("from", "node", &names.nodes), ("to", "node", &names.nodes)], report);
    each("groups", &[("group", "group", &names.groups)], report);
    each("removed", &[("into", "node", &names.nodes)], report);
    group_cycles(scene, report);
    let pins = scene.pointer("/layout/pins").and_then(Value::as_object);
    for (id, place) in pins.into_iter().flatten() {
        report.within("layout", |r| {
            r.within("pins", |r| {
                r.within(id, |r| {
                    must_be(id, "node", &names.nodes, r);
                    let outside = |v: &Value| v.as_f64().is_some_and(|share| !(0.0..=1.0).contains(&share));
                    if place.as_array().is_some_and(|p| p.iter().any(outside)) {
                        r.error("a pin is two shares of the drawing area, each 0 to 1");
                    }
                });
            });
        });
    }
    for (i, cue) in items(scene, "timeline").iter().enumerate() {
        report.within("timeline", |r| r.within(i, |r| check_cue(cue, &names, words, r)));
    }
}

/// The order in which scenes are played names each of them once.
pub(super) fn check_order(board: &Value, report: &mut Report) {
    let order = items(board, "order");
    if order.is_empty() {
        return;
    }
    let known = ids(board, "scenes");
    let mut named = BTreeSet::new();
    report.within("order", |report| {
        for (i, id) in order.iter().enumerate() {
            let Some(id) = id.as_str() else { continue };
            report.within(i, |r| {
                must_be(id, "scene", &known, r);
                if !named.insert(id) {
                    r.error(format!("the scene `{id}` is named twice"));
                }
            });
        }
        if let Some(missing) = known.iter().find(|id| !named.contains(**id)) {
            report.error(format!("the scene `{missing}` is missing: name each of them once, or none"));
        }
    });
}

fn check_cue(cue: &Value, names: &Names<'_>, words: Option<u32>, report: &mut Report) {
    if let Some(word) = cue.pointer("/at/word").and_then(word) {
        report.within("at", |r| r.within("word", |r| in_order([word, word], words, r)));
    }
    match cue.get("target") {
        Some(Value::String(id)) => report.within("target", |r| must_be(id, "element", &names.all, r)),
        Some(Value::Array(list)) => report.within("target", |report| {
            for (i, id) in list.iter().enumerate() {
                report.within(i, |r| {
                    if let Some(id) = id.as_str() {
                        must_be(id, "element", &names.all, r);
                    }
                });
            }
            if list.is_empty() {
                report.error("names no element");
            }
        }),
        _ if matches!(text(cue, "do"), Some("reveal" | "focus")) => {
            report.error("`target` is missing: say which element");
        }
        _ => {}
    }
    for (i, id) in items(cue, "fit").iter().enumerate() {
        if let Some(id) = id.as_str() {
            report.within("fit", |r| r.within(i, |r| must_be(id, "node", &names.nodes, r)));
        }
    }
}

/// A group may name another that holds it (a field this version carries and does not draw); never itself in the end.
fn group_cycles(scene: &Value, report: &mut Report) {
    let parents: BTreeMap<&str, &str> =
        items(scene, "groups").iter().filter_map(|g| Some((text(g, "id")?, text(g, "group")?))).collect();
    for (i, group) in items(scene, "groups").iter().enumerate() {
        let Some(start) = text(group, "id") else { continue };
        let mut at = start;
        for _ in 0..parents.len() {
            match parents.get(at) {
                Some(up) if *up == start => {
                    report.within("groups", |r| {
                        r.within(i, |r| r.within("group", |r| r.error(format!("group `{start}` holds itself"))));
                    });
                    break;
                }
                Some(up) => at = up,
                None => break,
            }
        }
    }
}

/// A review item names a scene, or an element as `scene/element`, or an element alone.
pub(super) fn check_review(board: &Value, words: Option<u32>, report: &mut Report) {
    let mut known: Vec<String> = Vec::new();
    let mut bare: Vec<&str> = Vec::new();
    for scene in items(board, "scenes") {
        let id = text(scene, "id").unwrap_or_default();
        known.push(id.to_owned());
        for element in ELEMENTS.iter().flat_map(|list| ids(scene, list)) {
            known.push(format!("{id}/{element}"));
            bare.push(element);
        }
    }
    let known: BTreeSet<&str> = known.iter().map(String::as_str).chain(bare).collect();
    for (i, item) in items(board, "review").iter().enumerate() {
        report.within("review", |r| {
            r.within(i, |r| {
                if let Some(target) = text(item, "target").filter(|t| !known.contains(t)) {
                    let near = r.hint(target, known.iter().copied());
                    r.within("target", |r| r.error(format!("no scene or element is called `{target}`{near}")));
                }
                if let [first, last] = items(item, "words")
                    && let (Some(first), Some(last)) = (word(first), word(last))
                {
                    r.within("words", |r| in_order([first, last], words, r));
                }
            });
        });
    }
}
