//! How long a layout of 30 nodes takes.

use std::time::Instant;

use studio::draw::Fonts;

use crate::random::{Dice, flow};

/// Nodes of each graph.
const NODES: usize = 30;
/// Graphs.
const GRAPHS: u64 = 40;

/// Lays graphs of 30 nodes out, each five times, and prints the best times.
pub(crate) fn run(fonts: &Fonts) {
    let best = |seed: u64| {
        let (scene, _) = flow(&mut Dice(seed), NODES);
        let once = |_| {
            let start = Instant::now();
            let placed = crate::laid(&scene, crate::HD, fonts);
            let ms = start.elapsed().as_secs_f64() * 1e3;
            drop(placed);
            ms
        };
        (0..5).map(once).fold(f64::INFINITY, f64::min)
    };
    let mut ms: Vec<f64> = (0..GRAPHS).map(best).collect();
    ms.sort_by(f64::total_cmp);
    let at = |share: f64| ms[((ms.len() - 1) as f64 * share) as usize];
    println!(
        "{GRAPHS} flows of {NODES} nodes: median {:.2} ms, 90th percentile {:.2} ms, worst {:.2} ms",
        at(0.5),
        at(0.9),
        at(1.0)
    );
}
