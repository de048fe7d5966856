//! Graphs of the benchmark as scenes, and as boxes for other engines.

use std::error::Error;

use serde::Deserialize;
use studio::draw::Fonts;
use studio::layout::Measure;
use studio::storyboard::Scene;

/// A graph of the file.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Graph {
    /// Name.
    pub(crate) id: String,
    /// Nodes.
    pub(crate) nodes: Vec<Node>,
    /// Ids of sources and targets.
    pub(crate) edges: Vec<(String, String)>,
}

/// A node of the file.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Node {
    /// Id in the graph.
    pub(crate) id: String,
    /// What is written.
    pub(crate) label: String,
}

/// Reads the file.
pub(crate) fn read(path: &str) -> Result<Vec<Graph>, Box<dyn Error>> {
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
}

impl Graph {
    /// Edges by index of their nodes.
    pub(crate) fn arcs(&self) -> Vec<(usize, usize)> {
        let at = |id: &str| self.nodes.iter().position(|n| n.id == id);
        self.edges.iter().filter_map(|(a, b)| Some((at(a)?, at(b)?))).collect()
    }

    /// The graph as a flow without a heading.
    pub(crate) fn scene(&self) -> Scene {
        let labels: Vec<&str> = self.nodes.iter().map(|n| n.label.as_str()).collect();
        scene("flow", &labels, &self.arcs())
    }
}

/// A scene of nodes and edges by index.
pub(crate) fn scene(kind: &str, labels: &[&str], arcs: &[(usize, usize)]) -> Scene {
    let node = |(i, label): (usize, &&str)| serde_json::json!({"id": format!("n{i}"), "label": label});
    let edge = |(i, (a, b)): (usize, &(usize, usize))| serde_json::json!({"id": format!("e{i}"), "from": format!("n{a}"), "to": format!("n{b}")});
    let json = serde_json::json!({
        "id": "s", "title": "Title", "kind": kind, "words": [0, 1],
        "nodes": labels.iter().enumerate().map(node).collect::<Vec<_>>(),
        "edges": arcs.iter().enumerate().map(edge).collect::<Vec<_>>(),
    });
    serde_json::from_value(json).expect("a scene of the format")
}

/// The graphs with a box around each label of 16 px on up to three lines.
pub(crate) fn boxes(graphs: &[Graph], fonts: &Fonts) -> Result<String, serde_json::Error> {
    let of = |graph: &Graph| {
        let boxes: Vec<_> = graph.nodes.iter().map(|n| bounds(&n.label, fonts)).collect();
        serde_json::json!({"boxes": boxes, "edges": graph.arcs()})
    };
    serde_json::to_string(&graphs.iter().map(of).collect::<Vec<_>>())
}

/// A box for a label of 16 px: the lines, up to three, with which it is nearest to 2.5 times as wide as high, and a
/// margin of 12 and 8 pixels.
fn bounds(label: &str, fonts: &Fonts) -> (f32, f32) {
    const PX: f32 = 16.0;
    let words: Vec<f32> = label.split_whitespace().map(|w| fonts.width(w, PX)).collect();
    let space = fonts.width("n n", PX) - fonts.width("nn", PX);
    let lines_at = |width: f32| {
        let (mut lines, mut used) = (1_u8, 0.0_f32);
        for w in &words {
            if used > 0.0 && used + space + w > width {
                (lines, used) = (lines + 1, *w);
            } else {
                used += w + if used > 0.0 { space } else { 0.0 };
            }
        }
        lines
    };
    let longest = words.iter().copied().fold(8.0, f32::max);
    let whole = words.iter().sum::<f32>() + space * (words.len().max(1) - 1) as f32;
    let size = |lines: u8| {
        let widths = (0..=200_u8).map(|i| longest + (whole.max(longest) - longest) * f32::from(i) / 200.0);
        let width = widths.into_iter().find(|&w| lines_at(w + 0.01) <= lines).unwrap_or(whole.max(longest));
        (width + 24.0, f32::from(lines_at(width + 0.01)) * 1.22 * PX + 16.0)
    };
    let off = |(w, h): &(f32, f32)| (w / h / 2.5).ln().abs();
    (1..=3).map(size).min_by(|a, b| off(a).total_cmp(&off(b))).expect("three to choose from")
}
