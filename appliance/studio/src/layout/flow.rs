//! Directed graphs: flows, states, causes, architectures. Ranks, folded into the frame, with containers.

use crate::geometry::{Point, Rect};

use super::board::{Board, Context};
use super::cards;
use super::fold::{Flow, Spread, Tag, spreads};
use super::graph::{End, Link, arcs};
use super::grid::Fit;
use super::group::clustered;
use super::layered::layered;
use super::pins;
use super::tags::meets;

/// Spreads whose lines are drawn before one is chosen.
const TRIED: usize = 4;
/// With more nodes only one is drawn.
const MANY: usize = 60;
/// Pixels of font that a spread may be worse than the best to be tried.
const WORSE: f32 = 7.0;

/// Lays the scene out as a directed graph.
pub(super) fn place(ctx: &Context<'_>) -> Board {
    let arcs = arcs(&ctx.links);
    let grouped = (0..ctx.items.len()).any(|v| ctx.group(v).is_some());
    if arcs.is_empty() && !grouped {
        return cards::tiles(ctx);
    }
    let (candidates, rank) = if grouped {
        let (spreads, rank) = clustered(ctx);
        (ranked(ctx, spreads), rank)
    } else {
        let laid = layered(&vec![1.0; ctx.items.len()], &arcs);
        let tag = |link: &Link| {
            let (End::Node(a), End::Node(b)) = (link.from, link.to) else { return None };
            let (low, high) = (laid.rank[a].min(laid.rank[b]), laid.rank[a].max(laid.rank[b]));
            if low == high { None } else { Tag::new(low, &ctx.scene.edges[link.edge], &ctx.tags[link.edge]) }
        };
        let tags: Vec<Tag> = ctx.links.iter().filter_map(tag).collect();
        (ranked(ctx, spreads(&laid, &tags)), laid.rank)
    };
    // Lines decide between the best; large graphs have no time for that.
    let tried = if ctx.items.len() > MANY { 1 } else { TRIED };
    let least = candidates.first().map_or(0.0, |c| c.0) - WORSE;
    let candidates = candidates.into_iter().take(tried).filter(|c| c.0 >= least);
    let mut best: Option<(f32, Board)> = None;
    for (score, spread, fit) in candidates {
        let mut board = board(ctx, &spread, fit);
        let fixed = pins::honour(ctx, &mut board);
        board.contain(ctx);
        let backwards = |link: &Link| match (link.from, link.to) {
            (End::Node(a), End::Node(b)) => rank[a] > rank[b] && !fixed,
            _ => false,
        };
        board.connect(ctx, spread.flow, &backwards, true);
        let score = score - tangle(&board);
        if best.as_ref().is_none_or(|b| score > b.0) {
            best = Some((score, board));
        }
    }
    best.map_or_else(|| cards::tiles(ctx), |(_, board)| board)
}

/// How hard the lines of a board are to follow, in pixels of font that clear lines are worth.
fn tangle(board: &Board) -> f32 {
    let lines: Vec<_> = board.edges.iter().map(|e| e.points.as_slice()).collect();
    let bends: usize = lines.iter().map(|l| l.len().saturating_sub(2)).sum();
    let mut hits = 0;
    for label in board.edges.iter().filter_map(|e| e.label.as_ref()) {
        hits += board.boxes.iter().filter(|b| b.overlaps(&label.rect)).count();
        hits += lines.iter().flat_map(|l| l.windows(2)).filter(|p| meets(p[0], p[1], label.rect)).count();
    }
    1.6 * crossings(&lines) as f32 + 0.22 * bends as f32 + 2.5 * hits as f32
}

/// Proper crossings of lines.
fn crossings(lines: &[&[Point]]) -> usize {
    let turn = |a: Point, b: Point, c: Point| (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    let cross = |p: &[Point], q: &[Point]| {
        turn(p[0], p[1], q[0]) * turn(p[0], p[1], q[1]) < -1.0 && turn(q[0], q[1], p[0]) * turn(q[0], q[1], p[1]) < -1.0
    };
    let mut count = 0;
    for (i, a) in lines.iter().enumerate() {
        for b in &lines[i + 1..] {
            count += a.windows(2).map(|p| b.windows(2).filter(|q| cross(p, q)).count()).sum::<usize>();
        }
    }
    count
}

/// The spread with the largest labels, less what it costs to follow.
pub(super) fn best(ctx: &Context<'_>, spreads: Vec<Spread>) -> Option<(Spread, Fit)> {
    ranked(ctx, spreads).into_iter().next().map(|(_, spread, fit)| (spread, fit))
}

/// Spreads with their scores, best first.
fn ranked(ctx: &Context<'_>, spreads: Vec<Spread>) -> Vec<(f32, Spread, Fit)> {
    let unit = ctx.frame.unit;
    let rate = |spread: Spread| {
        let fit = spread.grid.fit(&ctx.items, ctx.frame.area, unit);
        // Beyond 34 px larger labels do not read better; below 24 every pixel counts.
        let px = fit.px / unit;
        let score = px.min(34.0) - 1.5 * (24.0 - px).max(0.0) - spread.cost - if fit.whole { 0.0 } else { 20.0 };
        (score, spread, fit)
    };
    let mut rated: Vec<_> = spreads.into_iter().map(rate).collect();
    rated.sort_by(|a, b| b.0.total_cmp(&a.0));
    rated
}

/// Boxes at the places of `spread`; decisions become diamonds where there is room.
pub(super) fn board(ctx: &Context<'_>, spread: &Spread, fit: Fit) -> Board {
    let loose = match spread.flow {
        Flow::Across => (2.6, 1.6),
        Flow::Down => (2.2, 1.6),
    };
    let area = ctx.frame.area;
    let rects: Vec<Rect> = spread.at.iter().map(|&at| spread.grid.place(at, fit, area, loose)).collect();
    let mut board = Board::new(ctx, rects, fit.px);
    board.whole = fit.whole;
    let (first, second) =
        (spread.grid.place((0.0, 0.0), fit, area, loose), spread.grid.place((0.0, 1.0), fit, area, loose));
    let gap = if spread.grid.rows.extent >= 1.0 { second.y - first.bottom() } else { 2.0 * fit.px };
    board.sharpen(ctx, (gap * 0.5).max(0.0));
    board
}
