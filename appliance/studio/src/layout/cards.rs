//! Cards in rows: numbered steps, and tiles for what nothing connects.

use crate::geometry::{Point, Rect};

use super::board::{Board, Context};
use super::grid::{Axis, Fit, Grid};
use super::{Align, Guide, Text, pins};

/// Gaps between cards in em.
const GAP: (f32, f32) = (2.0, 1.8);

/// Numbered cards in reading order with ties from card to card.
pub(super) fn steps(ctx: &Context<'_>) -> Board {
    let mut board = rows(ctx);
    let pinned = pins::honour(ctx, &mut board);
    for v in 0..board.boxes.len() {
        board.badges[v] = Some(corner(board.boxes[v], (v + 1).to_string(), board.px));
        if v > 0 && !pinned && board.boxes[v - 1].y == board.boxes[v].y {
            let (a, b) = (board.boxes[v - 1], board.boxes[v]);
            let line = [Point::new(a.right(), a.center().y), Point::new(b.x, b.center().y)];
            board.guides.push(Guide::Tick { node: ctx.scene.nodes[v].id.clone(), line });
        }
    }
    board
}

/// Plain cards.
pub(super) fn tiles(ctx: &Context<'_>) -> Board {
    let mut board = rows(ctx);
    pins::honour(ctx, &mut board);
    board.contain(ctx);
    board
}

/// A round badge on the upper left corner of `rect`.
fn corner(rect: Rect, text: String, px: f32) -> Text {
    let side = 1.5 * px;
    let rect = Rect::new(rect.x - side * 0.42, rect.y - side * 0.42, side, side);
    Text { rect, lines: vec![text], px: 0.78 * px, align: Align::Center }
}

/// Cards of one size in the number of columns that gives the largest labels and the fewest holes.
fn rows(ctx: &Context<'_>) -> Board {
    let count = ctx.items.len();
    let mut best: Option<(f32, usize, Grid, Fit)> = None;
    for columns in 1..=count.min(40) {
        let lines = count.div_ceil(columns);
        if columns > 1 && count.div_ceil(columns - 1) == lines {
            // The same number of rows with fewer columns holds them as well.
            continue;
        }
        let grid =
            Grid { columns: Axis::even((columns - 1) as f32, GAP.0), rows: Axis::even((lines - 1) as f32, GAP.1) };
        let fit = grid.fit(&ctx.items, ctx.frame.area, ctx.frame.unit);
        let holes = (columns * lines - count) as f32 / columns as f32;
        // A block of cards looks best when it is shaped like its frame.
        let shape = (columns as f32 * fit.w) / (lines as f32 * fit.h) / (ctx.frame.area.w / ctx.frame.area.h);
        let score = fit.px / ctx.frame.unit - 2.0 * holes - 2.0 * libm::fabsf(libm::logf(shape));
        if best.as_ref().is_none_or(|b| score > b.0) {
            best = Some((score, columns, grid, fit));
        }
    }
    let Some((_, columns, grid, fit)) = best else { return Board::new(ctx, Vec::new(), 24.0 * ctx.frame.unit) };
    // Few cards fill more of the frame.
    let rows = count.div_ceil(columns) as f32;
    let (w, h) = (ctx.frame.area.w / columns as f32 - 2.0 * fit.px, ctx.frame.area.h / rows - 2.0 * fit.px);
    let more = (w / fit.w).min(h / fit.h).clamp(1.0, 1.35);
    let fit = Fit { w: fit.w * more, h: fit.h * more, ..fit };
    let place = |i: usize| {
        let at = ((i % columns) as f32, (i / columns) as f32);
        grid.place(at, fit, ctx.frame.area, (2.0, 2.0))
    };
    let mut board = Board::new(ctx, (0..count).map(place).collect(), fit.px);
    board.whole = fit.whole;
    board
}
