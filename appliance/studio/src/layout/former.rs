//! What stands does not jump: a scene to which a person has added boxes is laid out box by box, each time as near to
//! the picture before as its labels allow.

use std::collections::BTreeSet;

use crate::geometry::{Point, Rect};
use crate::storyboard::{Edge, EdgeType, Extra, Kind, Node, Origin, Scene};

use super::board::Context;

/// Most boxes that are added one by one; before that the picture begins anew.
const MOST: usize = 32;
/// Scenes of more boxes, or twice as many arrows, are laid out at once.
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
    let flows = matches!(scene.kind, Kind::Flow | Kind::State | Kind::Causes | Kind::Architecture | Kind::Mindmap);
    let mut steps = Vec::new();
    if !flows || scene.nodes.len() > LARGEST || scene.edges.len() > 2 * LARGEST {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::{Even, HD, scene, sound};
    use crate::layout::{Placed, place};

    /// A number from 0 to `sides` that follows from `seed` and `at`.
    fn roll(seed: usize, at: usize, sides: usize) -> usize {
        let mixed = (seed as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(at as u64);
        ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 33) as usize % sides.max(1)
    }

    /// A flow with branches.
    fn flow(seed: usize) -> Scene {
        let count = 5 + roll(seed, 0, 20);
        let labels: Vec<String> =
            (0..count).map(|i| format!("{} step {i}", ["send", "check the", "approve"][i % 3])).collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let edges: Vec<_> = (1..count).map(|v| (v - 1 - roll(seed, v, v.min(3)) / 2, v, "")).collect();
        scene(Kind::Flow, &labels, &edges)
    }

    /// The flow with a box that a person has put into one of its arrows.
    fn inserted(scene: &Scene, at: usize) -> Scene {
        let mut scene = scene.clone();
        let edge = scene.edges.remove(at);
        let mut node = scene.nodes[0].clone();
        (node.id, node.by) = ("new".to_owned(), Origin::User);
        scene.nodes.push(node);
        for (i, (from, to)) in [(edge.from.as_str(), "new"), ("new", edge.to.as_str())].into_iter().enumerate() {
            scene.edges.push(Edge { id: format!("new{i}"), from: from.to_owned(), to: to.to_owned(), ..edge.clone() });
        }
        scene
    }

    /// Share of pairs that keep their order, across and down.
    fn kept(before: &Placed, after: &Placed) -> [f64; 2] {
        [0, 1].map(|axis| {
            let at =
                |p: &Placed, v: usize| if axis == 0 { p.nodes[v].rect.center().x } else { p.nodes[v].rect.center().y };
            let count = before.nodes.len();
            let pairs = (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b)));
            let (mut same, mut all) = (0, 0);
            for (a, b) in pairs {
                let (p, q) = (at(before, b) - at(before, a), at(after, b) - at(after, a));
                same += i32::from(p * q >= 0.0 || p.abs() < 1.0 || q.abs() < 1.0);
                all += 1;
            }
            f64::from(same) / f64::from(all)
        })
    }

    /// On average 95 of 100 pairs keep their order in both axes when one box is added, and 98 in 100 lose no more than
    /// a third of it.
    #[test]
    fn what_stands_does_not_jump() {
        let mut shares = Vec::new();
        for seed in 0..60 {
            let base = flow(seed);
            let added = inserted(&base, roll(seed, 99, base.edges.len()));
            assert_eq!(steps(&added).len(), 1);
            let (before, after) = (place(&base, HD, &Even), sound(&added, HD).expect("a sound layout"));
            shares.push(kept(&before, &after));
        }
        for axis in [0, 1] {
            let mean = shares.iter().map(|s| s[axis]).sum::<f64>() / 60.0;
            let calm = shares.iter().filter(|s| s[axis] >= 0.67).count();
            assert!(mean >= 0.95 && calm >= 58, "axis {axis}: {mean} {calm}");
        }
    }

    #[test]
    fn the_picture_before_is_the_one_without_the_box() {
        let base = flow(7);
        let [before] = steps(&inserted(&base, 3)).try_into().expect("one step");
        let ends = |s: &Scene| s.edges.iter().map(|e| (e.from.clone(), e.to.clone())).collect::<BTreeSet<_>>();
        assert_eq!((ends(&before), before.nodes.len()), (ends(&base), base.nodes.len()));
        assert!(steps(&base).is_empty(), "nobody has drawn anything");
    }

    #[test]
    fn boxes_that_were_spoken_of_are_not_added() {
        let mut scene = inserted(&flow(7), 3);
        scene.nodes.last_mut().expect("a box").evidence = vec![[1, 2]];
        assert!(steps(&scene).is_empty());
    }
}
