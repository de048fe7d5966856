//! Parts of scenes, and scenes put together.

use std::collections::{BTreeMap, BTreeSet};

use super::tidy::{element_ids, free_id};
use super::{At, Cue, Scene, Target, WordRange};

/// The part of a scene whose elements are `here`, asked by the first word of their evidence. Without evidence an edge
/// goes where both its ends go, and an actor or a group goes where it is needed too. References to what is elsewhere
/// are left for [`super::tidy`].
pub(crate) fn part(whole: &Scene, here: &dyn Fn(Option<u32>) -> bool) -> Scene {
    let spoken = |evidence: &[WordRange]| here(evidence.first().map(|range| range[0]));
    let mut part = whole.clone();
    part.nodes.retain(|n| spoken(&n.evidence));
    let nodes: BTreeSet<&str> = part.nodes.iter().map(|n| n.id.as_str()).collect();
    let used: BTreeSet<&String> = part.nodes.iter().flat_map(|n| [&n.actor, &n.group]).flatten().collect();
    part.edges.retain(|e| nodes.contains(e.from.as_str()) && nodes.contains(e.to.as_str()));
    part.actors.retain(|a| spoken(&a.evidence) || used.contains(&a.id));
    part.groups.retain(|g| spoken(&g.evidence) || used.contains(&g.id));
    part.notes.retain(|n| spoken(&n.evidence));
    part.removed.retain(|r| spoken(&r.evidence));
    let moment = |cue: &Cue| match cue.at {
        At::Word { word, .. } => here(Some(word)),
        At::Ms { .. } => here(None),
    };
    // A cue with a target follows it, which the tidying sees to; the others go by their moment.
    part.timeline.retain_mut(|cue| {
        if cue.target.is_some() {
            return true;
        }
        let fitted = !cue.fit.is_empty();
        cue.fit.retain(|id| nodes.contains(id.as_str()));
        if fitted { !cue.fit.is_empty() } else { moment(cue) }
    });
    part
}

/// Adds the elements of `tail` to `head`, under new ids where they clash. Returns the new ids by the old.
pub(crate) fn append(head: &mut Scene, mut tail: Scene) -> BTreeMap<String, String> {
    let names = rename(head, &mut tail);
    head.nodes.append(&mut tail.nodes);
    head.edges.append(&mut tail.edges);
    head.actors.append(&mut tail.actors);
    head.groups.append(&mut tail.groups);
    head.notes.append(&mut tail.notes);
    head.timeline.append(&mut tail.timeline);
    head.removed.append(&mut tail.removed);
    head.layout.pins.append(&mut tail.layout.pins);
    for (key, value) in tail.extra {
        head.extra.entry(key).or_insert(value);
    }
    names
}

/// Gives the elements of `tail` ids that `head` does not have, and joins actors and groups of equal labels. Returns
/// the new names by the old.
fn rename(head: &Scene, tail: &mut Scene) -> BTreeMap<String, String> {
    let mut taken: BTreeSet<String> =
        element_ids(head).into_iter().chain(element_ids(tail)).map(str::to_owned).collect();
    taken.extend(head.removed.iter().map(|r| r.id.clone()));
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let alike = |a: &str, b: &str| a.trim().to_lowercase() == b.trim().to_lowercase();
    tail.actors.retain(|actor| match head.actors.iter().find(|a| alike(&a.label, &actor.label)) {
        Some(same) => {
            names.insert(actor.id.clone(), same.id.clone());
            false
        }
        None => true,
    });
    tail.groups.retain(|group| match head.groups.iter().find(|g| alike(&g.label, &group.label)) {
        Some(same) => {
            names.insert(group.id.clone(), same.id.clone());
            false
        }
        None => true,
    });
    let of_head = element_ids(head);
    for id in element_ids(tail) {
        if of_head.contains(id) {
            let prefix = format!("{}_", id.chars().take(100).collect::<String>());
            let new = free_id("", &prefix, &|id| taken.contains(id));
            taken.insert(new.clone());
            names.insert(id.to_owned(), new);
        }
    }
    let to = |id: &mut String| {
        if let Some(new) = names.get(id) {
            id.clone_from(new);
        }
    };
    for node in &mut tail.nodes {
        to(&mut node.id);
        node.actor.as_mut().map(to);
        node.group.as_mut().map(to);
    }
    for edge in &mut tail.edges {
        to(&mut edge.id);
        to(&mut edge.from);
        to(&mut edge.to);
    }
    tail.actors.iter_mut().for_each(|a| to(&mut a.id));
    for group in &mut tail.groups {
        to(&mut group.id);
        let up = group.extra.get("group").and_then(|g| g.as_str()).and_then(|g| names.get(g)).cloned();
        if let Some(up) = up {
            group.extra.insert("group".to_owned(), up.into());
        }
    }
    tail.notes.iter_mut().for_each(|n| to(&mut n.id));
    for cue in &mut tail.timeline {
        cue.fit.iter_mut().for_each(to);
        match &mut cue.target {
            Some(Target::One(id)) => to(id),
            Some(Target::Many(ids)) => ids.iter_mut().for_each(to),
            None => {}
        }
    }
    for removed in &mut tail.removed {
        removed.into.as_mut().map(to);
        removed.ends.iter_mut().flatten().for_each(to);
    }
    tail.layout.pins = std::mem::take(&mut tail.layout.pins)
        .into_iter()
        .map(|(id, place)| (names.get(&id).cloned().unwrap_or(id), place))
        .collect();
    names
}
