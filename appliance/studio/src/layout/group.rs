//! Groups: each is laid out by itself and takes part in the whole as one large node, so that no container holds a
//! stranger.

use super::board::Context;
use super::fold::{Flow, Spread, Tag};
use super::graph::{End, arcs};
use super::grid::{Axis, Grid};
use super::layered::{Layered, layered};

/// Extra room of a container along and across, in cells: its margins and its name.
const MARGIN: (f32, f32) = (0.2, 0.75);
/// Most members side by side in a group without inner edges.
const COLUMN: usize = 4;

/// A group or a node outside of all groups.
struct Block {
    members: Vec<usize>,
    /// Place of each member, along and across the flow.
    at: Vec<(f32, f32)>,
    /// Extent along and across the flow, in cells.
    size: (f32, f32),
}

/// Ways to put a scene with groups on the canvas, and the rank of each node.
pub(super) fn clustered(ctx: &Context<'_>) -> (Vec<Spread>, Vec<usize>) {
    let (across, rank) = spread(ctx, Flow::Across, 1);
    let mut all = vec![across, spread(ctx, Flow::Down, 1).0];
    all.extend((2..=3).map(|bands| spread(ctx, Flow::Across, bands).0));
    (all, rank)
}

/// Blocks along the flow, folded into so many bands of about the same length, every other one running back.
fn spread(ctx: &Context<'_>, flow: Flow, bands: usize) -> (Spread, Vec<usize>) {
    let all = arcs(&ctx.links);
    let (blocks, of_node, of_group) = blocks(ctx, &all, flow);
    let block = |end: End| match end {
        End::Node(v) => Some(of_node[v]),
        End::Group(g) => of_group[g],
    };
    let pair = |link: &super::graph::Link| Some((block(link.from)?, block(link.to)?)).filter(|(a, b)| a != b);
    let mut outer: Vec<(usize, usize)> = ctx.links.iter().filter_map(pair).collect();
    outer.sort_unstable();
    outer.dedup();
    let sizes: Vec<f32> = blocks.iter().map(|b| b.size.1).collect();
    let laid = layered(&sizes, &outer);
    let mut lengths = vec![1.0_f32; laid.ranks];
    for (b, &r) in laid.rank.iter().enumerate() {
        lengths[r] = lengths[r].max(blocks[b].size.0);
    }
    let fair = lengths.iter().sum::<f32>() / bands as f32;
    // Band of each rank, and where in the band it begins.
    let mut seats: Vec<(usize, f32)> = Vec::new();
    let (mut band, mut begin) = (0, 0.0);
    for &length in &lengths {
        if begin > 0.0 && begin + length / 2.0 > fair && band + 1 < bands {
            (band, begin) = (band + 1, 0.0);
        }
        seats.push((band, begin));
        begin += length;
    }
    let ends = seats.iter().zip(&lengths).map(|(seat, length)| seat.1 + length);
    let widest = ends.fold(0.0, f32::max);
    let mut span = vec![(f32::INFINITY, 0.0_f32); bands];
    for (b, block) in blocks.iter().enumerate() {
        let (span, half) = (&mut span[seats[laid.rank[b]].0], block.size.1 / 2.0);
        *span = (span.0.min(laid.lane[b] - half), span.1.max(laid.lane[b] + half));
    }
    let high = span.iter().map(|s| (s.1 - s.0).max(0.0));
    let tops: Vec<f32> = high.scan(0.0, |at, high| Some(std::mem::replace(at, *at + high))).collect();
    let mut at = vec![(0.0, 0.0); ctx.items.len()];
    let mut rank = vec![0; ctx.items.len()];
    for (b, block) in blocks.iter().enumerate() {
        let r = laid.rank[b];
        let (band, begin) = seats[r];
        let along = begin + (lengths[r] - block.size.0) / 2.0;
        let across = tops[band] + laid.lane[b] - block.size.1 / 2.0 - span[band].0;
        for (&v, place) in block.members.iter().zip(&block.at) {
            let x = along + place.0;
            at[v] = (if band % 2 == 0 { x } else { widest - 1.0 - x }, across + place.1);
            rank[v] = r * 1000 + place.0 as usize;
        }
    }
    let tag = |link: &super::graph::Link| Tag::new(0, &ctx.scene.edges[link.edge], &ctx.tags[link.edge]);
    let (mut width, mut height) = (0.0_f32, 0.0_f32);
    for tag in ctx.links.iter().filter_map(tag) {
        (width, height) = (width.max(tag.width), height.max(tag.height));
    }
    let spread = finish(at, flow, width, height);
    (Spread { cost: spread.cost + 1.8 * (bands - 1) as f32, ..spread }, rank)
}

/// Places along and across the flow as columns and rows of a grid that begins at 0.
fn finish(mut at: Vec<(f32, f32)>, flow: Flow, width: f32, height: f32) -> Spread {
    if flow == Flow::Down {
        at.iter_mut().for_each(|p| *p = (p.1, p.0));
    }
    let low = at.iter().fold((f32::INFINITY, f32::INFINITY), |l, p| (l.0.min(p.0), l.1.min(p.1)));
    let high = at.iter().fold((0.0_f32, 0.0_f32), |h, p| (h.0.max(p.0 - low.0), h.1.max(p.1 - low.1)));
    at.iter_mut().for_each(|p| *p = (p.0 - low.0, p.1 - low.1));
    // The margins of containers at the rims need space that only cells can give.
    let lift = match flow {
        Flow::Across => (MARGIN.0 / 2.0, MARGIN.1 / 2.0),
        Flow::Down => (MARGIN.1 / 2.0, MARGIN.1 / 2.0),
    };
    at.iter_mut().for_each(|p| *p = (p.0 + lift.0, p.1 + lift.1 + 0.1));
    let (gap_x, gap_y) = match flow {
        Flow::Across => ((width + 1.9).max(2.8), (height + 0.7).max(1.5)),
        Flow::Down => ((width * 0.5).max(1.8), (height + 2.0).max(2.4)),
    };
    let grid = Grid {
        columns: Axis::even(high.0 + 2.0 * lift.0, gap_x),
        rows: Axis::even(high.1 + 2.0 * lift.1 + 0.1, gap_y),
    };
    Spread { grid, stack: None, at, flow, cost: if flow == Flow::Across { 0.0 } else { 0.8 } }
}

/// The groups and the nodes outside of them, with the block of each node and of each group.
fn blocks(ctx: &Context<'_>, all: &[(usize, usize)], flow: Flow) -> (Vec<Block>, Vec<usize>, Vec<Option<usize>>) {
    let count = ctx.items.len();
    let mut of_node = vec![usize::MAX; count];
    let mut of_group = vec![None; ctx.scene.groups.len()];
    let mut blocks: Vec<Block> = Vec::new();
    for (v, of_node) in of_node.iter_mut().enumerate() {
        let group = ctx.group(v);
        let known = group.and_then(|g| of_group[g]);
        *of_node = known.unwrap_or(blocks.len());
        match known {
            Some(b) => blocks[b].members.push(v),
            None => blocks.push(Block { members: vec![v], at: vec![(0.0, 0.0)], size: (1.0, 1.0) }),
        }
        if let Some(g) = group {
            of_group[g] = Some(*of_node);
        }
    }
    let margin = match flow {
        Flow::Across => MARGIN,
        Flow::Down => (MARGIN.1, MARGIN.0),
    };
    for block in of_group.iter().flatten() {
        let block = &mut blocks[*block];
        let place = |v: &usize| block.members.iter().position(|m| m == v);
        let inner: Vec<_> = all.iter().filter_map(|(a, b)| Some((place(a)?, place(b)?))).collect();
        let laid = layered(&vec![1.0; block.members.len()], &inner);
        let laid = if inner.is_empty() { columns(block.members.len()) } else { laid };
        let across = laid.lane.iter().fold(1.0, |w: f32, l| w.max(l + 0.5));
        block.at = laid
            .rank
            .iter()
            .zip(&laid.lane)
            .map(|(&r, &l)| (r as f32 + margin.0 / 2.0, l - 0.5 + margin.1 / 2.0))
            .collect();
        block.size = (laid.ranks as f32 + margin.0, across + margin.1);
    }
    (blocks, of_node, of_group)
}

/// Members that nothing connects, in columns.
fn columns(count: usize) -> Layered {
    let ranks = count.div_ceil(COLUMN).max(1);
    let high = count.div_ceil(ranks);
    Layered {
        rank: (0..count).map(|i| i / high).collect(),
        lane: (0..count).map(|i| (i % high) as f32 + 0.5).collect(),
        passing: Vec::new(),
        ranks,
        arcs: Vec::new(),
    }
}
