//! Stability: how far what stands moves when a node is added at the end of what was said.

use studio::draw::Fonts;
use studio::geometry::Rect;

use crate::graphs::{Graph, scene};

/// Builds each graph node by node and compares each picture with the one before.
pub(crate) fn run(graphs: &[Graph], fonts: &Fonts) {
    let (mut moves, mut order) = (Vec::new(), [0_usize; 2]);
    for graph in graphs.iter().filter(|g| (4..=40).contains(&g.nodes.len())) {
        let labels: Vec<&str> = graph.nodes.iter().map(|n| n.label.as_str()).collect();
        let arcs = graph.arcs();
        let upto = |count: usize| {
            let arcs: Vec<_> = arcs.iter().copied().filter(|&(a, b)| a < count && b < count).collect();
            let placed = crate::laid(&scene("flow", &labels[..count], &arcs), crate::HD, fonts);
            placed.nodes.iter().map(|n| n.rect).collect::<Vec<Rect>>()
        };
        let mut before = upto(3);
        for count in 4..=labels.len() {
            let after = upto(count);
            for (a, b) in before.iter().zip(&after) {
                let (a, b) = (a.center(), b.center());
                moves.push((a.x - b.x).hypot(a.y - b.y));
            }
            for (i, a) in before.iter().enumerate() {
                for j in i + 1..before.len() {
                    // Whether what stood before another in a row still does.
                    let (p, q) = (before[j].center().x - a.center().x, after[j].center().x - after[i].center().x);
                    order[usize::from(p.signum() == q.signum() || p.abs() < 1.0 || q.abs() < 1.0)] += 1;
                }
            }
            before = after;
        }
    }
    moves.sort_by(f32::total_cmp);
    let share = |q: f64| moves.get((moves.len() as f64 * q) as usize).copied().unwrap_or(0.0);
    println!(
        "{} boxes kept while one was added: median move {:.0} px, 90th percentile {:.0} px; {:.1} % of pairs keep their order",
        moves.len(),
        share(0.5),
        share(0.9),
        100.0 * order[1] as f64 / (order[0] + order[1]).max(1) as f64
    );
}
