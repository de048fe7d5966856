//! From clauses to a diagram: one assembler a kind.

mod architecture;
mod causes;
mod comparison;
mod condition;
mod cycle;
mod flow;
mod hierarchy;
mod mindmap;
mod quantities;
mod sequence;
mod shares;
mod state;
mod steps;
mod timeline;

pub(crate) use condition::{mostly_past, step, wording};
pub(crate) use sequence::{tells, wording as message};
pub(crate) use timeline::{event, only_time, time};

use super::draft::Draft;
use super::view::View;
use crate::storyboard::{EdgeType, Kind};

/// Draws the scene as the given kind.
pub(crate) fn assemble(view: &View<'_>, kind: Kind) -> Draft {
    match kind {
        Kind::Flow | Kind::Swimlane => flow::assemble(view),
        Kind::Sequence => sequence::assemble(view),
        Kind::Timeline => timeline::assemble(view),
        Kind::Hierarchy => hierarchy::assemble(view),
        Kind::Cycle => cycle::assemble(view),
        Kind::Comparison => comparison::assemble(view),
        Kind::Architecture => architecture::assemble(view),
        Kind::Causes => causes::assemble(view),
        Kind::Mindmap => mindmap::assemble(view),
        Kind::State => state::assemble(view),
        Kind::Quantities => quantities::assemble(view),
        Kind::Steps => steps::assemble(view),
    }
}

/// Whether a diagram of the kind says nothing without arrows.
pub(crate) fn needs_edges(kind: Kind) -> bool {
    !matches!(kind, Kind::Steps | Kind::Quantities)
}

/// Joins the nodes in their order.
pub(crate) fn chain(draft: &mut Draft) {
    for i in 1..draft.nodes.len() {
        let evidence = draft.nodes[i].evidence;
        draft.edge(i - 1, i, EdgeType::Then, "", evidence);
    }
}
