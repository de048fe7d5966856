//! Lines that need no search, and what they are drawn with.

use crate::geometry::{Point, Rect};

/// Drops points in the middle of straight stretches.
pub(super) fn straighten(points: Vec<Point>) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::with_capacity(points.len());
    for p in points {
        if kept.last() == Some(&p) {
            continue;
        }
        if let [.., a, b] = kept.as_slice()
            && ((a.x == b.x && b.x == p.x) || (a.y == b.y && b.y == p.y))
        {
            kept.pop();
        }
        kept.push(p);
    }
    if kept.len() == 1 {
        kept.push(kept[0]);
    }
    kept
}

/// A loop at the upper right corner.
pub(super) fn own_loop(rect: Rect, clear: f32) -> Vec<Point> {
    let (right, top) = (rect.right() + clear, rect.y - clear);
    let (x, y) = (rect.x + rect.w * 0.8, rect.y + rect.h * 0.3);
    vec![
        Point::new(rect.right(), y),
        Point::new(right, y),
        Point::new(right, top),
        Point::new(x, top),
        Point::new(x, rect.y),
    ]
}

/// The straight line between two centres, cut at the borders.
pub(super) fn straight(from: Rect, to: Rect) -> Vec<Point> {
    vec![border(from, to.center()), border(to, from.center())]
}

/// Where the line from the centre of `rect` towards `at` leaves it.
fn border(rect: Rect, at: Point) -> Point {
    let c = rect.center();
    let (dx, dy) = (at.x - c.x, at.y - c.y);
    if dx == 0.0 && dy == 0.0 {
        return Point::new(rect.right(), c.y);
    }
    let share = (rect.w / 2.0 / dx.abs().max(1e-6)).min(rect.h / 2.0 / dy.abs().max(1e-6));
    Point::new(c.x + dx * share, c.y + dy * share)
}
