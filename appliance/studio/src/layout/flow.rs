//! Directed graphs: flows, states, causes, architectures. Ranks, folded into the frame, with containers.

use crate::geometry::{Point, Rect};

use super::READABLE_PX;
use super::board::{Board, Context};
use super::cards;
use super::fold::{Flow, Spread, Tag, spreads};
use super::former;
use super::graph::{End, Link, arcs};
use super::grid::Fit;
use super::group::clustered;
use super::layered::layered;
use super::pins;
use super::tags::meets;

/// Spreads whose lines are drawn before one is chosen.
const TRIED: usize = 5;
/// Boxes wider than so many times their height look like bars, and leave no room for arrows.
const STRETCHED: f32 = 4.4;
/// Pixels of font that it costs when they are e times as wide as that.
const BARS: f32 = 7.0;
/// With more nodes only one is drawn.
const MANY: usize = 80;
/// Labels of at least so many pixels at 1080 lines stand in boxes of one size.
const EVEN: f32 = 29.0;
/// Pixels of font that boxes of one size are worth.
const UNEVEN: f32 = 0.7;
/// Pixels of font that a spread may be worse than the best to be tried.
const WORSE: f32 = 14.0;
/// Pixels of font that a crossing of two lines costs.
const CROSSING: f32 = 8.0;
/// Pixels of font that a bend of a line costs.
const BEND: f32 = 0.22;
/// Pixels of font that words without a place of their own cost.
const UNSEATED: f32 = 10.0;
/// Pixels of labels at 1080 lines beyond which they do not read better.
const LARGE: f32 = 34.0;
/// Pixels of font that it costs when labels are smaller than [`READABLE_PX`] at 1080 lines.
const SMALL: f32 = 8.0;

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
    let least = candidates.first().map_or(0.0, |c| c.score) - WORSE;
    let candidates = candidates.into_iter().take(tried).filter(|c| c.score >= least);
    let mut best: Option<(f32, Board)> = None;
    for Seats { score, spread, fit, boxes } in candidates {
        // Lines only take away from a score, their bends at least.
        if best.as_ref().is_some_and(|b| b.0 >= score) {
            break;
        }
        let mut board = board(ctx, fit, boxes);
        let fixed = pins::honour(ctx, &mut board);
        let fewest = fewest_bends(&ctx.links, &board.boxes);
        if best.as_ref().is_some_and(|b| b.0 >= score - BEND * fewest as f32) {
            continue;
        }
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

/// Bends that the lines of `links` take in any case.
fn fewest_bends(links: &[Link], boxes: &[Rect]) -> usize {
    let between = |a: usize, b: usize| {
        let (p, q) = (boxes[a], boxes[b]);
        let (left, right) = (p.x.max(q.x), p.right().min(q.right()));
        let (top, bottom) = (p.y.max(q.y), p.bottom().min(q.bottom()));
        if left >= right && top >= bottom {
            return 1;
        }
        // What stands between them over all that they have in common; the gap is from `right` to `left`, or from `bottom`
        // to `top`.
        let level = top < bottom;
        let blocked = boxes.iter().enumerate().filter(|(v, _)| *v != a && *v != b).any(|(_, c)| match level {
            true => c.x < left && right < c.right() && c.y <= top && bottom <= c.bottom(),
            false => c.y < top && bottom < c.bottom() && c.x <= left && right <= c.right(),
        });
        // In one row or column, a line over what stands between bends into both.
        let alike = match level {
            true => (p.y - q.y).abs() + (p.h - q.h).abs() < 1.0,
            false => (p.x - q.x).abs() + (p.w - q.w).abs() < 1.0,
        };
        if blocked { 1 + usize::from(alike) } else { 0 }
    };
    let fewest = |link: &Link| match (link.from, link.to) {
        (End::Node(a), End::Node(b)) if a == b => 3,
        (End::Node(a), End::Node(b)) => between(a, b),
        _ => 0,
    };
    links.iter().map(fewest).sum()
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
    CROSSING * crossings(&lines) as f32 + BEND * bends as f32 + 2.5 * hits as f32 + UNSEATED * board.unseated as f32
}

/// Proper crossings of lines.
pub(super) fn crossings(lines: &[&[Point]]) -> usize {
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
pub(super) fn best(ctx: &Context<'_>, spreads: Vec<Spread>) -> Option<Seats> {
    ranked(ctx, spreads).into_iter().next()
}

/// A spread on the canvas.
#[derive(Debug, Clone)]
pub(super) struct Seats {
    /// How good it is, in pixels of font at 1080 lines.
    score: f32,
    /// The way it is put.
    pub(super) spread: Spread,
    /// Font and largest box.
    pub(super) fit: Fit,
    /// Boxes by node.
    pub(super) boxes: Vec<Rect>,
}

/// What labels of so many pixels at 1080 lines are worth: beyond 34 larger ones do not read better; below 24 every pixel
/// counts.
fn worth(px: f32) -> f32 {
    px.min(LARGE) - 1.5 * (READABLE_PX - px).max(0.0) - if px < READABLE_PX { SMALL } else { 0.0 }
}

/// The smallest labels that are worth so much, if any are.
fn px_for(worth: f32) -> Option<f32> {
    let small = (worth + SMALL + 1.5 * READABLE_PX) / 2.5;
    (worth <= LARGE).then(|| if small < READABLE_PX { small } else { worth.max(READABLE_PX) } - 1e-3)
}

/// Spreads with their scores, best first.
fn ranked(ctx: &Context<'_>, spreads: Vec<Spread>) -> Vec<Seats> {
    let (area, unit) = (ctx.frame.area, ctx.frame.unit);
    let worth = |px: f32| worth(px / unit);
    let stretched = |fit: Fit| BARS * libm::logf(fit.w / fit.h.max(1.0) / STRETCHED).max(0.0);
    let even = |spread: Spread| {
        let fit = spread.grid.fit(&ctx.items, area, unit);
        let score = worth(fit.px) - spread.cost - stretched(fit) - if fit.whole { 0.0 } else { 20.0 };
        let loose = if spread.flow == Flow::Across { (2.6, 1.6) } else { (2.2, 1.6) };
        let boxes: Vec<Rect> = spread.at.iter().map(|&at| spread.grid.place(at, fit, area, loose)).collect();
        Seats { score: score - former::jump(ctx, &boxes), spread, fit, boxes }
    };
    let best_first = |rated: &mut Vec<Seats>| {
        rated.sort_by(|a, b| b.score.total_cmp(&a.score));
        rated.dedup_by(|a, b| a.boxes == b.boxes);
    };
    let mut rated: Vec<Seats> = spreads.into_iter().map(|s| even(s.widened(ctx.room))).collect();
    best_first(&mut rated);
    // Boxes of one size look best; where they make labels small, rows are as high as they must.
    if rated.iter().all(|s| s.fit.px < EVEN * unit || !s.fit.whole) {
        // What is worse is not looked at in any case.
        let least = rated.first().map_or(0.0, |s| s.score - WORSE);
        let least = rated.get(TRIED - 1).map_or(least, |s| s.score.max(least));
        let tight = |seats: &Seats| {
            let spread = &seats.spread;
            let stack = spread.stack.as_ref()?;
            let px = px_for(least + spread.cost + UNEVEN)? * unit;
            let column: Vec<f32> = spread.at.iter().map(|at| at.0).collect();
            let (fit, boxes) = stack.fit(&ctx.items, &spread.grid.columns, &column, area, unit, px)?;
            let score = worth(fit.px) - spread.cost - stretched(fit) - UNEVEN - former::jump(ctx, &boxes);
            Some(Seats { score, spread: spread.clone(), fit, boxes })
        };
        let tight: Vec<Seats> = rated.iter().filter_map(tight).collect();
        rated.extend(tight);
        best_first(&mut rated);
    }
    rated
}

/// Boxes at the places of `spread`; decisions become diamonds where there is room.
pub(super) fn board(ctx: &Context<'_>, fit: Fit, boxes: Vec<Rect>) -> Board {
    let mut gap = 2.0 * fit.px;
    for (i, a) in boxes.iter().enumerate() {
        let below = boxes[i + 1..].iter().filter(|b| a.x < b.right() && b.x < a.right());
        gap = below.map(|b| (b.y - a.bottom()).max(a.y - b.bottom())).fold(gap, f32::min);
    }
    let mut board = Board::new(ctx, boxes, fit.px);
    board.whole = fit.whole;
    board.flatten(ctx);
    board.sharpen(ctx, (gap * 0.5).max(0.0));
    board
}
