//! What stands does not jump: a scene to which a person has added boxes is laid out box by box, each time as near to
//! the picture before as its labels allow.

use std::collections::BTreeSet;

use crate::geometry::{Point, Rect};
use crate::storyboard::{Edge, EdgeType, Extra, Kind, Node, Origin, Scene};

use super::board::Context;

/// Most boxes that are added one by one; before that the picture begins anew.
const MOST: usize = 32;
/// Larger scenes are laid out at once.
const LARGEST: usize = 60;
/// Pixels of font that it costs when all boxes change sides with one another.
const SWAPPED: f32 = 90.0;
/// Pixels of font that it costs when boxes move by the width of the frame on average.
const MOVED: f32 = 22.0;
/// Distance below which two boxes are level, as a share of the frame.
const LEVEL: f32 = 0.02;

/// `scene` as it was before each of its added boxes, the oldest first; empty when nothing was added, or when its kind
/// gives every box its place anyway.
pub(super) fn steps(scene: &Scene) -> Vec<Scene> {
    let flows = matches!(scene.kind, Kind::Flow | Kind::State | Kind::Causes | Kind::Architecture);
    let mut steps = Vec::new();
    if !flows || scene.nodes.len() > LARGEST {
        return steps;
    }
    let mut last = scene.clone();
    while steps.len() < MOST
        && let Some(at) = last.nodes.iter().rposition(added)
        && last.nodes.len() > 1
    {
        last = without(last, at);
        steps.push(last.clone());
    }
    steps.reverse();
    steps
}

/// Whether a person has drawn the box, and nobody has spoken of it.
fn added(node: &Node) -> bool {
    node.by == Origin::User && node.evidence.is_empty()
}

/// The scene without a box; what led through it leads past it.
fn without(mut scene: Scene, at: usize) -> Scene {
    let gone = scene.nodes.remove(at);
    let ways = |from: bool| -> Vec<String> {
        let ends = scene.edges.iter().filter(|e| if from { e.to == gone.id } else { e.from == gone.id });
        ends.map(|e| if from { e.from.clone() } else { e.to.clone() }).filter(|id| *id != gone.id).collect()
    };
    let (into, out) = (ways(true), ways(false));
    scene.edges.retain(|e| e.from != gone.id && e.to != gone.id);
    let known: BTreeSet<(String, String)> = scene.edges.iter().map(|e| (e.from.clone(), e.to.clone())).collect();
    let place = |id: &str| scene.nodes.iter().position(|n| n.id == id);
    let mut past = Vec::new();
    for (i, (from, to)) in into.iter().flat_map(|a| out.iter().map(move |b| (a, b))).enumerate() {
        if from != to && !known.contains(&(from.clone(), to.clone())) {
            past.push((place(from), past_edge(i, from, to)));
        }
    }
    for (from, edge) in past {
        // Where it would have been spoken of.
        let after = scene.edges.iter().rposition(|e| scene.nodes.iter().position(|n| n.id == e.from) <= from);
        scene.edges.insert(after.map_or(0, |i| i + 1), edge);
    }
    scene
}

fn past_edge(i: usize, from: &str, to: &str) -> Edge {
    Edge {
        id: format!("past {i} {from} {to}"),
        from: from.to_owned(),
        to: to.to_owned(),
        kind: EdgeType::Then,
        label: String::new(),
        directed: true,
        evidence: Vec::new(),
        confidence: 1.0,
        by: Origin::Auto,
        extra: Extra::new(),
    }
}

/// What it costs, in pixels of font at 1080 lines, that boxes are not where they stood before.
pub(super) fn jump(ctx: &Context<'_>, boxes: &[Rect]) -> f32 {
    let stood: Vec<(Point, Point)> =
        ctx.former.iter().zip(boxes).filter_map(|(f, b)| Some(((*f)?, b.center()))).collect();
    if stood.len() < 2 {
        return 0.0;
    }
    let (w, h) = (ctx.frame.canvas.w, ctx.frame.canvas.h);
    let (mut swapped, mut pairs) = (0_usize, 0_usize);
    for (i, (a, p)) in stood.iter().enumerate() {
        for (b, q) in &stood[i + 1..] {
            for (before, after, level) in [(b.x - a.x, q.x - p.x, LEVEL * w), (b.y - a.y, q.y - p.y, LEVEL * h)] {
                pairs += 1;
                swapped += usize::from(before.abs() > level && after.abs() > level && before * after < 0.0);
            }
        }
    }
    let moved: f32 = stood.iter().map(|(a, p)| libm::hypotf((a.x - p.x) / w, (a.y - p.y) / h)).sum();
    SWAPPED * swapped as f32 / pairs as f32 + MOVED * moved / stood.len() as f32
}
