//! Edits of the elements of one scene.

use super::{Draft, EditError};
use crate::outline;
use crate::storyboard::{
    Action, At, Cue, Edge, Extra, Kind, Node, Origin, Removed, Scene, Target, WordRange, element_ids, free_id, hint,
    merge_scene, tidy,
};

impl Draft<'_> {
    /// Index of the scene with this id.
    pub(super) fn scene(&self, id: &str) -> Result<usize, EditError> {
        self.board.scenes.iter().position(|s| s.id == id).ok_or_else(|| EditError::NoScene {
            id: id.to_owned(),
            hint: hint(id, self.board.scenes.iter().map(|s| s.id.as_str())),
        })
    }

    fn scene_mut(&mut self, id: &str) -> Result<&mut Scene, EditError> {
        let index = self.scene(id)?;
        Ok(&mut self.board.scenes[index])
    }

    pub(super) fn set_label(&mut self, scene: &str, element: Option<&str>, label: &str) -> Result<(), EditError> {
        let scene = self.scene_mut(scene)?;
        let label = label.trim().to_owned();
        let Some(id) = element else {
            scene.title = label;
            scene.by = Origin::User;
            return Ok(());
        };
        if let Some(node) = scene.nodes.iter_mut().find(|n| n.id == id) {
            // The description of an automatic node says what the old label said.
            if node.by == Origin::Auto && node.label != label {
                node.alt = None;
            }
            node.label = label;
            node.by = Origin::User;
        } else if let Some(edge) = scene.edges.iter_mut().find(|e| e.id == id) {
            edge.label = label;
            edge.by = Origin::User;
        } else if let Some(actor) = scene.actors.iter_mut().find(|a| a.id == id) {
            actor.label = label;
            actor.by = Origin::User;
        } else if let Some(group) = scene.groups.iter_mut().find(|g| g.id == id) {
            group.label = label;
            group.by = Origin::User;
        } else if let Some(note) = scene.notes.iter_mut().find(|n| n.id == id) {
            note.text = label;
            note.by = Origin::User;
        } else {
            return Err(missing(scene, "element", id));
        }
        Ok(())
    }

    pub(super) fn add_node(&mut self, scene: &str, node: &Node, index: Option<usize>) -> Result<(), EditError> {
        let scene = self.scene_mut(scene)?;
        let id = new_id(scene, &node.id, "n")?;
        let node = Node { id, by: Origin::User, ..node.clone() };
        let at = index.unwrap_or(usize::MAX).min(scene.nodes.len());
        scene.nodes.insert(at, node);
        Ok(())
    }

    pub(super) fn add_edge(&mut self, scene: &str, edge: &Edge) -> Result<(), EditError> {
        let scene = self.scene_mut(scene)?;
        node(scene, &edge.from)?;
        node(scene, &edge.to)?;
        let id = new_id(scene, &edge.id, "e")?;
        scene.edges.push(Edge { id, by: Origin::User, ..edge.clone() });
        Ok(())
    }

    pub(super) fn remove_node(&mut self, scene: &str, id: &str) -> Result<(), EditError> {
        let scene = self.scene_mut(scene)?;
        let gone = scene.nodes.remove(node(scene, id)?);
        remember(scene, &gone, None);
        tidy(&mut self.board);
        Ok(())
    }

    pub(super) fn remove_edge(&mut self, scene: &str, id: &str) -> Result<(), EditError> {
        let scene = self.scene_mut(scene)?;
        let at = scene.edges.iter().position(|e| e.id == id).ok_or_else(|| missing(scene, "edge", id))?;
        let gone = scene.edges.remove(at);
        if !gone.evidence.is_empty() {
            scene.removed.push(Removed {
                id: gone.id,
                label: gone.label,
                ends: Some([gone.from, gone.to]),
                evidence: gone.evidence,
                into: None,
                extra: Extra::new(),
            });
        }
        tidy(&mut self.board);
        Ok(())
    }

    pub(super) fn merge_nodes(&mut self, scene: &str, keep: &str, absorb: &[String]) -> Result<(), EditError> {
        let scene = self.scene_mut(scene)?;
        node(scene, keep)?;
        if absorb.is_empty() || absorb.iter().any(|id| id == keep) {
            return Err(EditError::NothingToMerge(keep.to_owned()));
        }
        let mut evidence = Vec::new();
        for id in absorb {
            let gone = scene.nodes.remove(node(scene, id)?);
            evidence.extend_from_slice(&gone.evidence);
            remember(scene, &gone, Some(keep));
            lead_to(scene, id, keep);
        }
        let at = node(scene, keep)?;
        let kept = &mut scene.nodes[at];
        kept.by = Origin::User;
        evidence.extend_from_slice(&kept.evidence);
        kept.evidence = united(evidence);
        tidy(&mut self.board);
        Ok(())
    }

    pub(super) fn set_kind(&mut self, scene: &str, kind: Kind) -> Result<(), EditError> {
        let at = self.scene(scene)?;
        let known = &self.board.scenes[at];
        let drawn = if known.kind == kind { None } else { outline::redraw(&self.transcript, known, kind) };
        let alternatives = known.alt_kinds.clone();
        let old = known.kind;
        if let Some(fresh) = drawn {
            self.board.scenes[at] = merge_scene(known, fresh);
            tidy(&mut self.board);
        }
        let scene = &mut self.board.scenes[at];
        (scene.kind, scene.alt_kinds) = (kind, alternatives);
        scene.alt_kinds.retain(|k| *k != kind && *k != old);
        if old != kind {
            scene.alt_kinds.insert(0, old);
        }
        scene.by = Origin::User;
        Ok(())
    }

    pub(super) fn pin(&mut self, scene: &str, id: &str, place: Option<[f64; 2]>) -> Result<(), EditError> {
        let scene = self.scene_mut(scene)?;
        let at = node(scene, id)?;
        match place {
            Some(place) => scene.layout.pins.insert(id.to_owned(), place),
            None => scene.layout.pins.remove(id),
        };
        scene.nodes[at].by = Origin::User;
        Ok(())
    }

    pub(super) fn move_reveal(
        &mut self,
        scene: &str,
        id: &str,
        at: Option<At>,
        dur_ms: Option<u64>,
    ) -> Result<(), EditError> {
        let scene = self.scene_mut(scene)?;
        if !element_ids(scene).contains(id) {
            return Err(missing(scene, "element", id));
        }
        scene.timeline.retain_mut(|cue| match &mut cue.target {
            Some(Target::One(target)) => cue.action != Action::Reveal || target != id,
            Some(Target::Many(targets)) if cue.action == Action::Reveal => {
                targets.retain(|target| target != id);
                !targets.is_empty()
            }
            _ => true,
        });
        scene.timeline.extend(at.map(|at| Cue {
            at,
            action: Action::Reveal,
            target: Some(Target::One(id.to_owned())),
            fit: Vec::new(),
            dur_ms,
            ease: None,
            extra: Extra::new(),
        }));
        mark(scene, id);
        Ok(())
    }
}

/// Says that a person had a hand in the element.
fn mark(scene: &mut Scene, id: &str) {
    let nodes = scene.nodes.iter_mut().map(|e| (&e.id, &mut e.by));
    let edges = scene.edges.iter_mut().map(|e| (&e.id, &mut e.by));
    let actors = scene.actors.iter_mut().map(|e| (&e.id, &mut e.by));
    let groups = scene.groups.iter_mut().map(|e| (&e.id, &mut e.by));
    let notes = scene.notes.iter_mut().map(|e| (&e.id, &mut e.by));
    for (name, by) in nodes.chain(edges).chain(actors).chain(groups).chain(notes) {
        if name == id {
            *by = Origin::User;
        }
    }
}

/// Index of a node.
fn node(scene: &Scene, id: &str) -> Result<usize, EditError> {
    scene.nodes.iter().position(|n| n.id == id).ok_or_else(|| missing(scene, "node", id))
}

fn missing(scene: &Scene, what: &'static str, id: &str) -> EditError {
    let hint = hint(id, element_ids(scene));
    EditError::NoElement { scene: scene.id.clone(), what, id: id.to_owned(), hint }
}

fn new_id(scene: &Scene, wanted: &str, prefix: &str) -> Result<String, EditError> {
    let ids = element_ids(scene);
    if ids.contains(wanted) {
        return Err(EditError::Taken(wanted.to_owned()));
    }
    // An id that a removed element had would make the removal mean the new one.
    let taken = |id: &str| ids.contains(id) || scene.removed.iter().any(|r| r.id == id);
    Ok(if wanted.is_empty() { free_id("", prefix, &taken) } else { wanted.to_owned() })
}

/// Keeps in mind what extraction would find again.
fn remember(scene: &mut Scene, node: &Node, into: Option<&str>) {
    // What was merged into this node goes where it goes.
    for removed in &mut scene.removed {
        if removed.into.as_deref() == Some(&node.id) {
            removed.into = into.map(str::to_owned);
        }
    }
    if !node.evidence.is_empty() {
        scene.removed.push(Removed {
            id: node.id.clone(),
            label: node.label.clone(),
            ends: None,
            evidence: node.evidence.clone(),
            into: into.map(str::to_owned),
            extra: Extra::new(),
        });
    }
}

/// Leads the edges of `gone` to `keep`; edges that would lead back to where they start, or repeat another, go.
fn lead_to(scene: &mut Scene, gone: &str, keep: &str) {
    let mut edges: Vec<Edge> = Vec::with_capacity(scene.edges.len());
    for mut edge in std::mem::take(&mut scene.edges) {
        let touched = edge.from == gone || edge.to == gone;
        if touched {
            for end in [&mut edge.from, &mut edge.to] {
                if end == gone {
                    keep.clone_into(end);
                }
            }
            edge.by = Origin::User;
            let same =
                |e: &Edge| e.from == edge.from && e.to == edge.to && e.kind == edge.kind && e.label == edge.label;
            if edge.from == edge.to || edges.iter().any(same) {
                continue;
            }
        }
        edges.push(edge);
    }
    scene.edges = edges;
}

/// Word ranges in order, those that touch as one.
pub(super) fn united(mut ranges: Vec<WordRange>) -> Vec<WordRange> {
    ranges.sort_unstable();
    let mut out: Vec<WordRange> = Vec::with_capacity(ranges.len());
    for [first, last] in ranges {
        match out.last_mut() {
            Some(before) if first <= before[1].saturating_add(1) => before[1] = before[1].max(last),
            _ => out.push([first, last]),
        }
    }
    out
}
