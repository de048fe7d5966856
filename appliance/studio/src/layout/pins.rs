//! Boxes that a person has placed: they stand where they were put, and the others make room.

use crate::geometry::{Point, Rect};

use super::board::{Board, Context};

/// Times that all boxes may shrink to find room.
const SHRINKS: usize = 14;

/// Moves pinned boxes to their pins and others out of their way; whether there was any pin.
pub(super) fn honour(ctx: &Context<'_>, board: &mut Board) -> bool {
    let area = ctx.frame.area;
    let pin = |v: usize| {
        let pin = ctx.scene.layout.pins.get(&ctx.scene.nodes[v].id)?;
        let share = |s: f64| if s.is_finite() { s.clamp(0.0, 1.0) as f32 } else { 0.5 };
        Some(Point::new(area.x + share(pin[0]) * area.w, area.y + share(pin[1]) * area.h))
    };
    let pins: Vec<Option<Point>> = (0..board.boxes.len()).map(pin).collect();
    if pins.iter().all(Option::is_none) {
        return false;
    }
    let wanted = board.boxes.clone();
    let mut scale = 1.0;
    for _ in 0..SHRINKS {
        if let Some(boxes) = arranged(&wanted, &pins, area, scale, 0.8 * board.px * scale) {
            board.boxes = boxes;
            break;
        }
        scale *= 0.86;
    }
    board.px *= scale;
    true
}

/// All boxes at `scale`, pinned ones at their pins, the others as near to where they were as is free; `None` when one
/// finds no room.
fn arranged(wanted: &[Rect], pins: &[Option<Point>], area: Rect, scale: f32, gap: f32) -> Option<Vec<Rect>> {
    let sized = |v: usize, at: Point| {
        let (w, h) = (wanted[v].w * scale, wanted[v].h * scale);
        let x = (at.x - w / 2.0).min(area.right() - w).max(area.x);
        let y = (at.y - h / 2.0).min(area.bottom() - h).max(area.y);
        Rect::new(x, y, w, h)
    };
    let mut placed: Vec<Option<Rect>> = (0..wanted.len()).map(|v| pins[v].map(|at| sized(v, at))).collect();
    for v in 0..wanted.len() {
        if placed[v].is_some() {
            continue;
        }
        let home = sized(v, wanted[v].center());
        let others: Vec<Rect> = placed.iter().flatten().map(|r| r.grown(gap)).collect();
        placed[v] = Some(free(home, &others, area)?);
    }
    placed.into_iter().collect()
}

/// The free place nearest to `home`: there, or beside some of `others`.
fn free(home: Rect, others: &[Rect], area: Rect) -> Option<Rect> {
    let clear = |r: &Rect| !others.iter().any(|o| o.overlaps(r));
    if clear(&home) {
        return Some(home);
    }
    let mut xs = vec![home.x, area.x, area.right() - home.w];
    let mut ys = vec![home.y, area.y, area.bottom() - home.h];
    for other in others {
        xs.extend([other.x - home.w, other.right()]);
        ys.extend([other.y - home.h, other.bottom()]);
    }
    xs.retain(|&x| x >= area.x - 0.01 && x + home.w <= area.right() + 0.01);
    ys.retain(|&y| y >= area.y - 0.01 && y + home.h <= area.bottom() + 0.01);
    let far = |r: &Rect| (r.x - home.x) * (r.x - home.x) + (r.y - home.y) * (r.y - home.y);
    let mut best: Option<Rect> = None;
    for &x in &xs {
        for &y in &ys {
            let spot = Rect { x, y, ..home };
            if best.is_none_or(|b| far(&spot) < far(&b)) && clear(&spot) {
                best = Some(spot);
            }
        }
    }
    best
}
