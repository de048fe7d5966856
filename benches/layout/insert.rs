//! Stability: how far what stands moves when a person puts a node between two others, and when nodes come one by one.

use studio::draw::Fonts;
use studio::geometry::Rect;
use studio::storyboard::Scene;

use crate::graphs::{Graph, scene};

/// Largest graph that is measured.
const LARGEST: usize = 40;
/// Insertions that keep fewer pairs in their order than this have jumped.
const KEPT: f64 = 0.95;

/// What became of the boxes that stood.
#[derive(Default)]
struct Tally {
    moves: Vec<f32>,
    /// Share of pairs that keep their order, by insertion; across and down.
    kept: [Vec<f64>; 2],
    /// Smallest labels after it that are large enough, and all.
    readable: [usize; 2],
}

/// Inserts a node into each edge of each graph, then builds each graph node by node.
pub(crate) fn run(graphs: &[Graph], fonts: &Fonts) {
    let small = || graphs.iter().filter(|g| (4..=LARGEST).contains(&g.nodes.len()));
    // Twice: by a person, so that the layout knows what stood, and as if the talk had always been so.
    for (name, by) in [("a person inserts", "user"), ("laid out anew", "auto")] {
        let mut tally = Tally::default();
        for graph in small() {
            let (labels, arcs) = (labels(graph), graph.arcs());
            let before = rects(&scene("flow", &labels, &arcs), fonts);
            for (i, &(a, b)) in arcs.iter().enumerate() {
                let mut changed = arcs.clone();
                let new = labels.len();
                changed.remove(i);
                changed.extend([(a, new), (new, b)]);
                let mut labels = labels.clone();
                labels.push("look it over again");
                tally.add(&before, &marked(&scene("flow", &labels, &changed), new, by), fonts);
            }
        }
        tally.print(name);
    }
    let mut tally = Tally::default();
    for graph in small() {
        let (labels, arcs) = (labels(graph), graph.arcs());
        let upto = |count: usize| {
            let arcs: Vec<_> = arcs.iter().copied().filter(|&(a, b)| a < count && b < count).collect();
            marked(&scene("flow", &labels[..count], &arcs), 3, "user")
        };
        let mut before = rects(&upto(3), fonts);
        for count in 4..=labels.len() {
            let scene = upto(count);
            tally.add(&before, &scene, fonts);
            before = rects(&scene, fonts);
        }
    }
    tally.print("node by node");
}

fn labels(graph: &Graph) -> Vec<&str> {
    graph.nodes.iter().map(|n| n.label.as_str()).collect()
}

/// The scene with nodes from `first` on made by somebody.
fn marked(scene: &Scene, first: usize, by: &str) -> Scene {
    let mut json = serde_json::to_value(scene).expect("a scene is JSON");
    for node in json["nodes"].as_array_mut().expect("nodes").iter_mut().skip(first) {
        node["by"] = by.into();
    }
    serde_json::from_value(json).expect("a scene of the format")
}

fn rects(scene: &Scene, fonts: &Fonts) -> Vec<Rect> {
    crate::laid(scene, crate::HD, fonts).nodes.iter().map(|n| n.rect).collect()
}

impl Tally {
    fn add(&mut self, before: &[Rect], scene: &Scene, fonts: &Fonts) {
        let placed = crate::laid(scene, crate::HD, fonts);
        let smallest = placed.nodes.iter().map(|n| n.label.px).fold(f32::INFINITY, f32::min);
        self.readable[0] += usize::from(smallest >= 23.99);
        self.readable[1] += 1;
        let after: Vec<Rect> = placed.nodes.iter().map(|n| n.rect).collect();
        for (a, b) in before.iter().zip(&after) {
            let (a, b) = (a.center(), b.center());
            self.moves.push((a.x - b.x).hypot(a.y - b.y));
        }
        for axis in [0, 1] {
            let at = |r: &Rect| if axis == 0 { r.center().x } else { r.center().y };
            let (mut same, mut all) = (0, 0);
            for i in 0..before.len() {
                for j in i + 1..before.len() {
                    // Whether what stood before another still does.
                    let (p, q) = (at(&before[j]) - at(&before[i]), at(&after[j]) - at(&after[i]));
                    same += usize::from(p * q >= 0.0 || p.abs() < 1.0 || q.abs() < 1.0);
                    all += 1;
                }
            }
            self.kept[axis].push(f64::from(same as u32) / f64::from((all as u32).max(1)));
        }
    }

    fn print(mut self, name: &str) {
        self.moves.sort_by(f32::total_cmp);
        let share = |q: f64| self.moves.get((self.moves.len() as f64 * q) as usize).copied().unwrap_or(0.0);
        let mean = |all: &[f64]| 100.0 * all.iter().sum::<f64>() / all.len().max(1) as f64;
        let count = self.kept[0].len().max(1) as f64;
        let calm = self.kept[0].iter().zip(&self.kept[1]).filter(|(a, b)| **a >= KEPT && **b >= KEPT).count();
        println!(
            "{name}: {} insertions; pairs in order {:.1} % across, {:.1} % down; {:.0} % of insertions keep 95 % of them; \
             moves: median {:.0} px, 90th percentile {:.0} px; labels of 24 px or more in {:.0} %",
            self.kept[0].len(),
            mean(&self.kept[0]),
            mean(&self.kept[1]),
            100.0 * calm as f64 / count,
            share(0.5),
            share(0.9),
            100.0 * self.readable[0] as f64 / self.readable[1].max(1) as f64
        );
    }
}
