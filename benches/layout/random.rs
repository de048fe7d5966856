//! Random graphs on all canvases: nothing may lie on something else or outside.

use studio::draw::Fonts;
use studio::geometry::{Point, Rect};
use studio::layout::Placed;
use studio::storyboard::Canvas;

use crate::score::enters;

/// 16:9, 9:16, 1:1 and 4:3.
pub(crate) const CANVASES: [Canvas; 4] = [
    crate::HD,
    Canvas { w: 1080, h: 1920, fps: 30 },
    Canvas { w: 1080, h: 1080, fps: 30 },
    Canvas { w: 1440, h: 1080, fps: 30 },
];

/// Words of labels.
const WORDS: [&str; 16] = [
    "check", "the", "stock", "customer", "send", "invoice", "to", "register", "new", "order", "approve", "manager",
    "report", "of", "claim", "delivery",
];

/// A generator of numbers (SplitMix64, Steele et al. 2014).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % sides.max(1) as u64) as usize
    }
}

/// An acyclic flow of `count` nodes that is mostly a chain, with decisions and ways back together, as processes are.
pub(crate) fn flow(dice: &mut Dice, count: usize) -> (studio::storyboard::Scene, Vec<(usize, usize)>) {
    let labels: Vec<String> = (0..count).map(|_| label(dice)).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let mut arcs: Vec<(usize, usize)> = (1..count).map(|v| (v - 1 - dice.roll(v.min(3)) / 2, v)).collect();
    for _ in 0..count / 10 {
        let (a, b) = (dice.roll(count), dice.roll(count));
        arcs.extend((a != b).then_some((a.min(b), a.max(b))));
    }
    (crate::graphs::scene("flow", &labels, &arcs), arcs)
}

/// Lays `seeds` graphs out, half trees and half acyclic graphs of 5 to 200 nodes.
pub(crate) fn run(seeds: u64, fonts: &Fonts) {
    let mut found = [0_usize; 4];
    let mut shown = 0;
    for seed in 0..seeds {
        let mut dice = Dice(seed);
        let count = 5 + dice.roll(196);
        let labels: Vec<String> = (0..count).map(|_| label(&mut dice)).collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let tree = seed % 2 == 0;
        let mut arcs: Vec<(usize, usize)> =
            (1..count).map(|v| (dice.roll(v.min(12)) + v.saturating_sub(12), v)).collect();
        if tree {
            arcs = (1..count).map(|v| (dice.roll(v), v)).collect();
        } else {
            for _ in 0..count / 4 {
                let (a, b) = (dice.roll(count), dice.roll(count));
                arcs.push((a.min(b), a.max(b)));
            }
            arcs.retain(|(a, b)| a != b);
        }
        let scene = crate::graphs::scene(if tree { "hierarchy" } else { "flow" }, &labels, &arcs);
        let canvas = CANVASES[(seed / 2 % 4) as usize];
        let placed = crate::laid(&scene, canvas, fonts);
        let faults = faults(&placed, &arcs);
        if faults.iter().any(|&f| f > 0) && shown < 20 {
            shown += 1;
            println!("seed {seed}, {count} nodes, {}x{}: {faults:?}", canvas.w, canvas.h);
        }
        (0..4).for_each(|i| found[i] += faults[i]);
    }
    println!(
        "{seeds} graphs: {} boxes on boxes, {} lines through boxes, {} outside the frame, {} labels outside their box",
        found[0], found[1], found[2], found[3]
    );
}

fn label(dice: &mut Dice) -> String {
    let count = 1 + dice.roll(5);
    (0..count).map(|_| WORDS[dice.roll(WORDS.len())]).collect::<Vec<_>>().join(" ")
}

/// Boxes on boxes, lines through boxes, things outside, labels outside of their boxes.
fn faults(placed: &Placed, arcs: &[(usize, usize)]) -> [usize; 4] {
    let frame = Rect::new(-0.5, -0.5, placed.canvas.0 as f32 + 1.0, placed.canvas.1 as f32 + 1.0);
    let inside = |p: &Point| (frame.x..=frame.right()).contains(&p.x) && (frame.y..=frame.bottom()).contains(&p.y);
    let within = |outer: &Rect, r: &Rect| {
        r.x >= outer.x - 0.5
            && r.y >= outer.y - 0.5
            && r.right() <= outer.right() + 0.5
            && r.bottom() <= outer.bottom() + 0.5
    };
    let mut faults = [0; 4];
    for (i, a) in placed.nodes.iter().enumerate() {
        faults[0] +=
            placed.nodes[i + 1..].iter().filter(|b| a.rect.grown(-0.05).overlaps(&b.rect.grown(-0.05))).count();
        faults[2] += usize::from(!within(&frame, &a.rect));
        faults[3] += usize::from(!within(&a.rect, &a.label.rect));
    }
    for edge in &placed.edges {
        let at = edge.id[1..].parse::<usize>().expect("edges are numbered");
        let (from, to) = arcs[at];
        let strangers = placed.nodes.iter().enumerate().filter(|(v, _)| *v != from && *v != to);
        let hit = |r: Rect| edge.points.windows(2).any(|p| enters(p[0], p[1], r));
        faults[1] += strangers.filter(|(_, n)| hit(n.rect.grown(-1.0))).count();
        faults[2] += usize::from(!edge.points.iter().all(inside));
    }
    faults
}
