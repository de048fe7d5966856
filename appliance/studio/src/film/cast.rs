//! Who plays: the separately animated parts of a placed scene, in painting order.

use crate::layout::{Guide, Placed};

/// One part of a scene that has a state of its own. Numbers index the lists of [`Placed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The heading.
    Title,
    /// A lane, container, axis, lifeline or tick.
    Guide(usize),
    /// The line and head of an arrow.
    Edge(usize),
    /// The words beside an arrow, on top of every line.
    EdgeLabel(usize),
    /// A box with its label.
    Node(usize),
    /// A card or a name over all of it.
    Overlay(usize),
}

impl Part {
    /// Whether the part stays where it is when the camera moves.
    pub fn is_fixed(self) -> bool {
        matches!(self, Self::Title | Self::Overlay(_))
    }
}

/// The parts of a scene from back to front: what `FrameSpec::elements` runs parallel to.
pub fn cast(placed: &Placed) -> Vec<Part> {
    let mut guides: Vec<usize> = (0..placed.guides.len()).collect();
    guides.sort_by_key(|&i| match placed.guides[i] {
        Guide::Container { .. } => 0,
        Guide::Axis { .. } => 1,
        Guide::Lifeline { .. } => 2,
        Guide::Tick { .. } | Guide::Slice { .. } => 3,
        Guide::Key { .. } | Guide::Note { .. } => 4,
    });
    let labelled = (0..placed.edges.len()).filter(|&i| placed.edges[i].label.is_some());
    let mut parts = vec![Part::Title];
    parts.extend(guides.into_iter().map(Part::Guide));
    parts.extend((0..placed.edges.len()).map(Part::Edge));
    parts.extend(labelled.map(Part::EdgeLabel));
    parts.extend((0..placed.nodes.len()).map(Part::Node));
    parts.extend((0..placed.overlays.len()).map(Part::Overlay));
    parts
}

/// The storyboard id behind a part; empty for those that have none.
pub fn part_id(placed: &Placed, part: Part) -> &str {
    match part {
        Part::Title | Part::Overlay(_) => "",
        Part::Guide(i) => match &placed.guides[i] {
            Guide::Container { id, .. } | Guide::Note { id, .. } | Guide::Key { id, .. } => id,
            Guide::Lifeline { node, .. } | Guide::Tick { node, .. } | Guide::Slice { node, .. } => node,
            Guide::Axis { .. } => "",
        },
        Part::Edge(i) | Part::EdgeLabel(i) => &placed.edges[i].id,
        Part::Node(i) => &placed.nodes[i].id,
    }
}
