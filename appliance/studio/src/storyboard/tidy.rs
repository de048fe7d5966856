//! Leaves no reference that leads nowhere after elements went away.

use std::collections::BTreeSet;

use super::{Node, Scene, Storyboard, Target};

/// Ids of all elements of a scene.
pub(crate) fn element_ids(scene: &Scene) -> BTreeSet<&str> {
    let nodes = scene.nodes.iter().map(|e| e.id.as_str());
    nodes
        .chain(scene.edges.iter().map(|e| e.id.as_str()))
        .chain(scene.actors.iter().map(|e| e.id.as_str()))
        .chain(scene.groups.iter().map(|e| e.id.as_str()))
        .chain(scene.notes.iter().map(|e| e.id.as_str()))
        .collect()
}

/// `wanted`, or the first of `prefix` with a number from 1 that is not taken.
pub(crate) fn free_id(wanted: &str, prefix: &str, taken: &dyn Fn(&str) -> bool) -> String {
    if !wanted.is_empty() && !taken(wanted) {
        return wanted.to_owned();
    }
    let mut number = 1_u64;
    loop {
        let id = format!("{prefix}{number}");
        if !taken(&id) {
            return id;
        }
        number += 1;
    }
}

/// Names each scene once in the order in which they are played: what is gone leaves it, and what is new follows the scene that is
/// spoken before it. Where scenes are played as they are spoken, nothing is said.
fn settle_order(board: &mut Storyboard) {
    if board.order.is_empty() {
        return;
    }
    let spoken: Vec<&String> = board.scenes.iter().map(|scene| &scene.id).collect();
    let known: BTreeSet<&String> = spoken.iter().copied().collect();
    let mut named = BTreeSet::new();
    let mut order = std::mem::take(&mut board.order);
    order.retain(|id| known.contains(id) && named.insert(id.clone()));
    for (at, id) in spoken.iter().enumerate().filter(|(_, id)| !named.contains(**id)) {
        let before = at.checked_sub(1).and_then(|before| order.iter().position(|other| other == spoken[before]));
        order.insert(before.map_or(0, |before| before + 1), (*id).clone());
    }
    if !order.iter().eq(spoken) {
        board.order = order;
    }
}

/// Drops every reference to an element that is not there: edges without an end, actors and groups of nodes, pins,
/// timeline targets, merge targets, review items.
pub(crate) fn tidy(board: &mut Storyboard) {
    for scene in &mut board.scenes {
        tidy_scene(scene);
    }
    let mut known: BTreeSet<String> = BTreeSet::new();
    for scene in &board.scenes {
        known.insert(scene.id.clone());
        for id in element_ids(scene) {
            known.insert(format!("{}/{id}", scene.id));
            known.insert(id.to_owned());
        }
    }
    board.review.retain(|item| known.contains(&item.target));
    settle_order(board);
}

fn tidy_scene(scene: &mut Scene) {
    let nodes: BTreeSet<String> = scene.nodes.iter().map(|n| n.id.clone()).collect();
    let actors: BTreeSet<String> = scene.actors.iter().map(|a| a.id.clone()).collect();
    let groups: BTreeSet<String> = scene.groups.iter().map(|g| g.id.clone()).collect();
    scene.edges.retain(|e| nodes.contains(&e.from) && nodes.contains(&e.to));
    for node in &mut scene.nodes {
        keep_known(node, &actors, &groups);
    }
    for group in &mut scene.groups {
        if group.extra.get("group").and_then(|g| g.as_str()).is_some_and(|up| !groups.contains(up)) {
            group.extra.shift_remove("group");
        }
    }
    scene.layout.pins.retain(|id, _| nodes.contains(id));
    for removed in &mut scene.removed {
        removed.into.take_if(|id| !nodes.contains(id.as_str()));
    }
    let all: BTreeSet<String> = element_ids(scene).into_iter().map(str::to_owned).collect();
    scene.timeline.retain_mut(|cue| {
        cue.fit.retain(|id| nodes.contains(id));
        match &mut cue.target {
            Some(Target::One(id)) => all.contains(id),
            Some(Target::Many(ids)) => {
                ids.retain(|id| all.contains(id));
                !ids.is_empty()
            }
            None => true,
        }
    });
}

fn keep_known(node: &mut Node, actors: &BTreeSet<String>, groups: &BTreeSet<String>) {
    node.actor.take_if(|id| !actors.contains(id.as_str()));
    node.group.take_if(|id| !groups.contains(id.as_str()));
}
