//! Directed graphs: flows, states, causes, architectures. Ranks, folded into the frame, with containers.

use crate::geometry::Rect;

use super::board::{Board, Context};
use super::cards;
use super::fold::{Flow, Spread, Tag, spreads};
use super::graph::{End, Link, arcs};
use super::grid::Fit;
use super::group::clustered;
use super::layered::layered;
use super::pins;

/// Lays the scene out as a directed graph.
pub(super) fn place(ctx: &Context<'_>) -> Board {
    let arcs = arcs(&ctx.links);
    let grouped = (0..ctx.items.len()).any(|v| ctx.group(v).is_some());
    if arcs.is_empty() && !grouped {
        return cards::tiles(ctx);
    }
    let (spread, rank) = if grouped {
        let (spreads, rank) = clustered(ctx);
        (best(ctx, spreads), rank)
    } else {
        let laid = layered(&vec![1.0; ctx.items.len()], &arcs);
        let tag = |link: &Link| {
            let (End::Node(a), End::Node(b)) = (link.from, link.to) else { return None };
            let (low, high) = (laid.rank[a].min(laid.rank[b]), laid.rank[a].max(laid.rank[b]));
            if low == high { None } else { Tag::new(low, &ctx.scene.edges[link.edge], &ctx.tags[link.edge]) }
        };
        let tags: Vec<Tag> = ctx.links.iter().filter_map(tag).collect();
        (best(ctx, spreads(&laid, &tags)), laid.rank)
    };
    let Some((spread, fit)) = spread else { return cards::tiles(ctx) };
    let mut board = board(ctx, &spread, fit);
    let fixed = pins::honour(ctx, &mut board);
    board.contain(ctx);
    let backwards = |link: &Link| match (link.from, link.to) {
        (End::Node(a), End::Node(b)) => rank[a] > rank[b] && !fixed,
        _ => false,
    };
    board.connect(ctx, spread.flow, &backwards, true);
    board
}

/// The spread with the largest labels, less what it costs to follow.
pub(super) fn best(ctx: &Context<'_>, spreads: Vec<Spread>) -> Option<(Spread, Fit)> {
    let unit = ctx.frame.unit;
    let rate = |spread: Spread| {
        let fit = spread.grid.fit(&ctx.items, ctx.frame.area, unit);
        // Beyond 34 px larger labels do not read better.
        let score = (fit.px / unit).min(34.0) - spread.cost - if fit.whole { 0.0 } else { 20.0 };
        (score, spread, fit)
    };
    let rated = spreads.into_iter().map(rate);
    // The first of the best.
    let best = rated.reduce(|a, b| if b.0 > a.0 + 1e-3 { b } else { a })?;
    Some((best.1, best.2))
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
    let (first, second) = (spread.grid.place((0.0, 0.0), fit, area, loose), spread.grid.place((0.0, 1.0), fit, area, loose));
    let gap = if spread.grid.rows.extent >= 1.0 { second.y - first.bottom() } else { 2.0 * fit.px };
    board.sharpen(ctx, (gap * 0.5).max(0.0));
    board
}
