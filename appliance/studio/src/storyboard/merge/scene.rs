//! One fresh scene and the old one it stands for.

use std::collections::{BTreeMap, BTreeSet};

use super::super::tidy::{element_ids, free_id};
use super::super::{Origin, Removed, Scene, Storyboard, Target};
use super::elements::{Element, Match, match_up};
use super::{Places, SEPARATOR, joined};

/// Makes the element ids of a fresh scene unique among all scenes: its index, the separator, the id.
pub(super) fn mark(mut scene: Scene, index: usize) -> Scene {
    let to = |id: &mut String| *id = format!("{index}{SEPARATOR}{id}");
    each_id(&mut scene, &to);
    scene
}

/// Calls `with` for every id and every reference of a scene but its own id.
fn each_id(scene: &mut Scene, with: &dyn Fn(&mut String)) {
    for node in &mut scene.nodes {
        with(&mut node.id);
        node.actor.iter_mut().chain(&mut node.group).for_each(with);
    }
    for edge in &mut scene.edges {
        with(&mut edge.id);
        with(&mut edge.from);
        with(&mut edge.to);
    }
    scene.actors.iter_mut().for_each(|a| with(&mut a.id));
    scene.groups.iter_mut().for_each(|g| with(&mut g.id));
    scene.notes.iter_mut().for_each(|n| with(&mut n.id));
    for cue in &mut scene.timeline {
        cue.fit.iter_mut().for_each(with);
        match &mut cue.target {
            Some(Target::One(id)) => with(id),
            Some(Target::Many(ids)) => ids.iter_mut().for_each(with),
            None => {}
        }
    }
    for removed in &mut scene.removed {
        with(&mut removed.id);
        removed.into.iter_mut().chain(removed.ends.iter_mut().flatten()).for_each(with);
    }
    for (mut id, place) in std::mem::take(&mut scene.layout.pins) {
        with(&mut id);
        scene.layout.pins.insert(id, place);
    }
}

/// Ids that must not go: of elements that a person made or edited, of what these refer to, of what is pinned and of
/// what the timeline names.
fn protected(scene: &Scene) -> BTreeSet<&str> {
    let mut ids: BTreeSet<&str> = scene.layout.pins.keys().map(String::as_str).collect();
    for cue in &scene.timeline {
        ids.extend(cue.fit.iter().map(String::as_str));
        match &cue.target {
            Some(Target::One(id)) => ids.extend([id.as_str()]),
            Some(Target::Many(list)) => ids.extend(list.iter().map(String::as_str)),
            None => {}
        }
    }
    let user = |by: Origin| by == Origin::User;
    ids.extend(scene.edges.iter().filter(|e| user(e.by)).map(|e| e.id.as_str()));
    ids.extend(scene.nodes.iter().filter(|e| user(e.by)).map(|e| e.id.as_str()));
    ids.extend(scene.actors.iter().filter(|e| user(e.by)).map(|e| e.id.as_str()));
    ids.extend(scene.groups.iter().filter(|e| user(e.by)).map(|e| e.id.as_str()));
    ids.extend(scene.notes.iter().filter(|e| user(e.by)).map(|e| e.id.as_str()));
    ids.extend(scene.removed.iter().filter_map(|r| r.into.as_deref()));
    let edges: Vec<&str> = scene
        .edges
        .iter()
        .filter(|e| ids.contains(e.id.as_str()))
        .flat_map(|e| [e.from.as_str(), e.to.as_str()])
        .collect();
    ids.extend(edges);
    let nodes = scene.nodes.iter().filter(|n| ids.contains(n.id.as_str()));
    let needed: Vec<&str> = nodes.flat_map(|n| [&n.actor, &n.group]).flatten().map(String::as_str).collect();
    ids.extend(needed);
    ids
}

/// Whether a person had a hand in anything of the scene.
pub(super) fn has_something_to_keep(scene: &Scene) -> bool {
    !protected(scene).is_empty() || !scene.removed.is_empty() || !scene.timeline.is_empty()
}

/// The scene without what extraction may replace.
pub(super) fn protected_only(scene: &Scene) -> Scene {
    let keep = protected(scene);
    let mut out = scene.clone();
    out.nodes.retain(|e| keep.contains(e.id.as_str()));
    out.edges.retain(|e| keep.contains(e.id.as_str()));
    out.actors.retain(|e| keep.contains(e.id.as_str()));
    out.groups.retain(|e| keep.contains(e.id.as_str()));
    out.notes.retain(|e| keep.contains(e.id.as_str()));
    out
}

/// `scene/element` of everything that a person made or edited.
pub(super) fn edited(scene: &Scene) -> Vec<String> {
    let user = |by: Origin| by == Origin::User;
    let nodes = scene.nodes.iter().filter(|e| user(e.by)).map(|e| &e.id);
    let edges = scene.edges.iter().filter(|e| user(e.by)).map(|e| &e.id);
    let actors = scene.actors.iter().filter(|e| user(e.by)).map(|e| &e.id);
    let groups = scene.groups.iter().filter(|e| user(e.by)).map(|e| &e.id);
    let notes = scene.notes.iter().filter(|e| user(e.by)).map(|e| &e.id);
    let all = nodes.chain(edges).chain(actors).chain(groups).chain(notes);
    let own = user(scene.by).then(|| scene.id.clone());
    all.map(|id| format!("{}/{id}", scene.id)).chain(own).collect()
}

/// Brings the old scene into the fresh one, whose ids are marked, and gives every element its final id. `places` says
/// where each fresh element has gone.
pub(super) fn settle(old: Option<&Scene>, mut fresh: Scene, places: &mut Places) -> Scene {
    let none = Scene {
        nodes: Vec::new(),
        edges: Vec::new(),
        actors: Vec::new(),
        groups: Vec::new(),
        notes: Vec::new(),
        removed: Vec::new(),
        timeline: Vec::new(),
        ..fresh.clone()
    };
    let known = old.unwrap_or(&none);
    let mut naming = Naming {
        keep: old.map(|old| protected(old)).unwrap_or_default(),
        taken: element_ids(known)
            .into_iter()
            .chain(known.removed.iter().map(|r| r.id.as_str()))
            .map(str::to_owned)
            .collect(),
        names: BTreeMap::new(),
    };
    let (edges_gone, nodes_gone): (Vec<Removed>, Vec<Removed>) =
        known.removed.iter().cloned().partition(|r| r.ends.is_some());

    let actors = naming.list(&known.actors, &[], std::mem::take(&mut fresh.actors));
    let groups = naming.list(&known.groups, &[], std::mem::take(&mut fresh.groups));
    let mut nodes = std::mem::take(&mut fresh.nodes);
    for node in &mut nodes {
        let (actor, group) = (node.actor.take(), node.group.take());
        node.actor = actor.and_then(|id| naming.name(id));
        node.group = group.and_then(|id| naming.name(id));
    }
    let nodes = naming.list(&known.nodes, &nodes_gone, nodes);
    let loops: BTreeSet<String> = fresh.edges.iter().filter(|e| e.from == e.to).map(|e| e.id.clone()).collect();
    let mut edges = std::mem::take(&mut fresh.edges);
    edges.retain_mut(|edge| {
        let ends = (naming.name(std::mem::take(&mut edge.from)), naming.name(std::mem::take(&mut edge.to)));
        let (Some(from), Some(to)) = ends else { return false };
        let sound = from != to || loops.contains(&edge.id);
        (edge.from, edge.to) = (from, to);
        sound
    });
    let edges = naming.list(&known.edges, &edges_gone, edges);
    let notes = naming.list(&known.notes, &[], std::mem::take(&mut fresh.notes));

    let mut scene = fresh;
    let marks = |id: &mut String| {
        if id.contains(SEPARATOR) {
            *id = naming.names.get(id).cloned().flatten().unwrap_or_default();
        }
    };
    each_id(&mut scene, &marks);
    (scene.nodes, scene.edges, scene.actors, scene.groups, scene.notes) = (nodes, edges, actors, groups, notes);
    if let Some(old) = old {
        take_over(&mut scene, old);
    }
    for (mark, name) in naming.names {
        if let Some(name) = name {
            places.insert(mark, (scene.id.clone(), name));
        }
    }
    scene
}

/// What the old scene decides.
fn take_over(scene: &mut Scene, old: &Scene) {
    scene.id.clone_from(&old.id);
    if old.by == Origin::User {
        scene.title.clone_from(&old.title);
        scene.kind = old.kind;
        scene.alt_kinds.clone_from(&old.alt_kinds);
        scene.words = old.words;
        scene.confidence = old.confidence;
        scene.by = Origin::User;
    }
    scene.caption_style = old.caption_style;
    scene.removed.clone_from(&old.removed);
    scene.layout.extra = joined(&old.layout.extra, std::mem::take(&mut scene.layout.extra));
    scene.extra = joined(&old.extra, std::mem::take(&mut scene.extra));
    scene.layout.pins.clone_from(&old.layout.pins);
    if !old.timeline.is_empty() {
        scene.timeline.clone_from(&old.timeline);
    }
}

/// Final ids of one scene.
struct Naming<'a> {
    /// Old ids that must not go.
    keep: BTreeSet<&'a str>,
    /// Ids in use, and ids that meant something once.
    taken: BTreeSet<String>,
    /// Final id by mark; none for what a person removed.
    names: BTreeMap<String, Option<String>>,
}

impl Naming<'_> {
    fn name(&self, mark: String) -> Option<String> {
        self.names.get(&mark).cloned().unwrap_or((!mark.contains(SEPARATOR)).then_some(mark))
    }

    /// The merged list: fresh elements in their order, under old ids where they match; what a person edited as it was;
    /// what must not go after the element that it followed.
    fn list<E: Element>(&mut self, old: &[E], removed: &[Removed], fresh: Vec<E>) -> Vec<E> {
        let matches = match_up(old, removed, &fresh);
        let mut out: Vec<E> = Vec::with_capacity(fresh.len());
        let mut used = BTreeSet::new();
        for (mut element, found) in fresh.into_iter().zip(matches) {
            let mark = element.id().to_owned();
            let name = match found {
                Match::Removed(i) => removed[i].into.clone(),
                Match::Old(i) => {
                    used.insert(i);
                    let mut kept = old[i].clone();
                    if kept.by() != Origin::User {
                        old[i].id().clone_into(element.id_mut());
                        let extra = std::mem::take(element.extra_mut());
                        *element.extra_mut() = joined(kept.extra_mut(), extra);
                        kept = element;
                    }
                    out.push(kept);
                    Some(old[i].id().to_owned())
                }
                Match::New => {
                    let wanted = mark.split_once(SEPARATOR).map_or(mark.as_str(), |(_, id)| id);
                    let id = free_id(wanted, E::PREFIX, &|id| self.taken.contains(id));
                    self.taken.insert(id.clone());
                    element.id_mut().clone_from(&id);
                    out.push(element);
                    Some(id)
                }
            };
            if mark.contains(SEPARATOR) {
                self.names.insert(mark, name);
            }
        }
        for (i, element) in old.iter().enumerate() {
            if used.contains(&i) || !self.keep.contains(element.id()) {
                continue;
            }
            let before = old[..i].iter().rev().find_map(|b| out.iter().position(|e| e.id() == b.id()));
            out.insert(before.map_or(0, |at| at + 1), element.clone());
        }
        out
    }
}

/// Cuts evidence that lies beyond the words of the fresh transcript, when the talk was recorded anew. What a person
/// holds on to and has no evidence left is theirs from now on.
pub(super) fn within_words(board: &mut Storyboard) {
    fn cut<E: Element>(list: &mut [E], words: u32) {
        for element in list {
            let before = element.evidence().len();
            element.evidence_mut().retain(|range| range[1] < words);
            if element.evidence().is_empty() && before > 0 {
                *element.by_mut() = Origin::User;
            }
        }
    }
    let words = board.source.words;
    if words == 0 {
        return;
    }
    board.scenes.retain(|s| s.words[0] < words);
    for scene in &mut board.scenes {
        scene.words[1] = scene.words[1].min(words - 1);
        cut(&mut scene.nodes, words);
        cut(&mut scene.edges, words);
        cut(&mut scene.actors, words);
        cut(&mut scene.groups, words);
        cut(&mut scene.notes, words);
        scene.removed.iter_mut().for_each(|r| r.evidence.retain(|range| range[1] < words));
        scene.timeline.retain(|cue| !matches!(cue.at, super::super::At::Word { word, .. } if word >= words));
    }
    board.review.retain(|item| item.words.is_none_or(|range| range[1] < words));
}
