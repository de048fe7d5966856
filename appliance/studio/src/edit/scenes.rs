//! Edits of where scenes begin and end.

use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, EditError};
use crate::storyboard::{Origin, Scene, Target, WordRange, element_ids, free_id, tidy};

impl Draft<'_> {
    pub(super) fn split_scene(&mut self, id: &str, word: u32, title: Option<&str>) -> Result<(), EditError> {
        let index = self.scene(id)?;
        let [first, last] = self.board.scenes[index].words;
        if first >= last {
            return Err(EditError::SingleWord(id.to_owned()));
        }
        if word <= first || word > last {
            let scene = id.to_owned();
            return Err(EditError::SplitOutside { scene, word, first: u64::from(first) + 1, last });
        }
        let ids: BTreeSet<&str> = self.board.scenes.iter().map(|s| s.id.as_str()).collect();
        let second_id = free_id("", "s", &|id| ids.contains(id));
        let whole = &mut self.board.scenes[index];
        whole.by = Origin::User;
        let mut second = half(whole, &second_id, word, true);
        second.words = [word, last];
        if let Some(title) = title {
            title.trim().clone_into(&mut second.title);
        }
        *whole = half(whole, id, word, false);
        whole.words = [first, word - 1];
        let moved: BTreeSet<String> = element_ids(&second).into_iter().map(str::to_owned).collect();
        let stays: BTreeSet<String> = element_ids(whole).into_iter().map(str::to_owned).collect();
        for item in &mut self.board.review {
            let element = item.target.strip_prefix(id).and_then(|rest| rest.strip_prefix('/'));
            if let Some(element) = element.filter(|e| moved.contains(*e) && !stays.contains(*e)) {
                item.target = format!("{second_id}/{element}");
            }
        }
        self.board.scenes.insert(index + 1, second);
        tidy(&mut self.board);
        Ok(())
    }

    pub(super) fn merge_scenes(&mut self, first: &str, second: &str) -> Result<(), EditError> {
        let at = self.scene(first)?;
        if self.scene(second)? != at + 1 {
            return Err(EditError::NotNeighbours { first: first.to_owned(), second: second.to_owned() });
        }
        let mut tail = self.board.scenes.remove(at + 1);
        let head = &mut self.board.scenes[at];
        let names = rename(head, &mut tail);
        for item in &mut self.board.review {
            if item.target == second {
                first.clone_into(&mut item.target);
            } else if let Some(element) = item.target.strip_prefix(second).and_then(|rest| rest.strip_prefix('/')) {
                item.target = format!("{first}/{}", names.get(element).map_or(element, String::as_str));
            }
        }
        head.words[1] = head.words[1].max(tail.words[1]);
        head.confidence = head.confidence.min(tail.confidence);
        head.by = Origin::User;
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
        tidy(&mut self.board);
        Ok(())
    }
}

/// One half of a scene: the elements whose first evidence lies before `word`, or from it on. Without evidence an
/// element stays in the first half, an edge goes where both its ends go, and an actor or a group goes where it is
/// needed too.
fn half(whole: &Scene, id: &str, word: u32, second: bool) -> Scene {
    let here = |evidence: &[WordRange]| evidence.first().is_some_and(|range| range[0] >= word) == second;
    let mut half = whole.clone();
    id.clone_into(&mut half.id);
    half.nodes.retain(|n| here(&n.evidence));
    let used: BTreeSet<String> =
        half.nodes.iter().flat_map(|n| [&n.actor, &n.group]).flatten().cloned().collect();
    half.actors.retain(|a| here(&a.evidence) || used.contains(&a.id));
    half.groups.retain(|g| here(&g.evidence) || used.contains(&g.id));
    half.notes.retain(|n| here(&n.evidence));
    half.removed.retain(|r| here(&r.evidence));
    let moment = |cue: &crate::storyboard::Cue| match cue.at {
        crate::storyboard::At::Word { word: at, .. } => (at >= word) == second,
        crate::storyboard::At::Ms { .. } => !second,
    };
    // What has a target follows it (the tidying sees to that); what has none goes by its moment.
    half.timeline.retain(|cue| cue.target.is_some() || !cue.fit.is_empty() || moment(cue));
    half.timeline.retain_mut(|cue| {
        let fitted = !cue.fit.is_empty();
        cue.fit.retain(|id| half.nodes.iter().any(|n| n.id == *id));
        cue.target.is_some() || !fitted || !cue.fit.is_empty()
    });
    half
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
