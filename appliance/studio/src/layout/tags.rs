//! Labels of edges: beside their line, clear of boxes, of one another and of other lines.

use crate::geometry::{Point, Rect};

use super::board::{Board, Context};
use super::fold::{TAG, TAG_WIDTH};
use super::graph::Link;
use super::label::{LINE, Label};
use super::{Align, Text};

/// Shares of a stretch at which a label is tried, best first.
const SHARES: [f32; 7] = [0.5, 0.35, 0.65, 0.2, 0.8, 0.08, 0.92];

/// A label for each of `paths` whose edge has one.
pub(super) fn place(
    ctx: &Context<'_>,
    board: &Board,
    links: &[Link],
    paths: &[Vec<Point>],
    containers: &[Option<Rect>],
) -> Vec<Option<Text>> {
    let names = containers.iter().flatten().map(|r| Rect::new(r.x, r.y, r.w, 1.8 * board.px)).collect();
    let bounds = ctx.frame.area.grown(0.3 * board.px);
    let mut scene = Clear { boxes: board.boxes.clone(), names, labels: Vec::new(), paths, bounds };
    // Short lines first: they have least choice.
    let mut order: Vec<usize> = (0..paths.len()).filter(|&i| !ctx.tags[links[i].edge].is_empty()).collect();
    let length =
        |i: &usize| -> f32 { paths[*i].windows(2).map(|p| (p[0].x - p[1].x).abs() + (p[0].y - p[1].y).abs()).sum() };
    order.sort_by(|a, b| length(a).total_cmp(&length(b)).then(a.cmp(b)));
    let mut texts = vec![None; paths.len()];
    for i in order {
        let label = &ctx.tags[links[i].edge];
        let text = scene.best(label, i, board.px);
        scene.labels.push(text.rect);
        texts[i] = Some(text);
    }
    texts
}

/// What a label has to keep clear of.
struct Clear<'a> {
    boxes: Vec<Rect>,
    names: Vec<Rect>,
    labels: Vec<Rect>,
    paths: &'a [Vec<Point>],
    bounds: Rect,
}

impl Clear<'_> {
    /// The best place for `label` of line `own`.
    fn best(&self, label: &Label, own: usize, node_px: f32) -> Text {
        let mut best: Option<(f32, Text)> = None;
        for (size, fee) in [(TAG, 0.0), (TAG * 0.88, 6.0), (TAG * 0.76, 14.0)] {
            let px = node_px * size;
            for limit in 1..=3 {
                let width = label.width_for(limit).min(TAG_WIDTH * 2.2);
                if (limit > 1 && label.lines_at(width) < limit) || (limit < 3 && width > TAG_WIDTH * 1.8) {
                    continue;
                }
                let (lines, used) = label.wrap(width + 0.01, limit);
                let (w, h) = (used * px + 0.2 * px, lines.len() as f32 * LINE * px);
                for (order, at, rect) in spots(&self.paths[own], w, h, 0.28 * px) {
                    let wordy = (limit - 1) as f32 * if used > TAG_WIDTH { 0.5 } else { 2.0 };
                    // All else only adds to it, but for rounding.
                    if best.as_ref().is_some_and(|(least, _)| fee + order + wordy > *least + 0.01) {
                        continue;
                    }
                    let shared = if self.is_shared(at, own) { 28.0 } else { 0.0 };
                    let cost = fee + order + wordy + shared + self.cost(rect, own);
                    if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                        best = Some((cost, Text { rect, lines: lines.clone(), px, align: Align::Center }));
                    }
                }
            }
            if best.as_ref().is_some_and(|(cost, _)| *cost < 30.0) {
                break;
            }
        }
        let (_, text) = best.unwrap_or_default();
        Text { rect: self.kept(text.rect), ..text }
    }

    /// Whether another line runs along where `own` is at `at`: a label there could be either's.
    fn is_shared(&self, at: Point, own: usize) -> bool {
        let spot = Rect::new(at.x, at.y, 0.0, 0.0).grown(2.0);
        let others = self.paths.iter().enumerate().filter(|(i, _)| *i != own);
        others.flat_map(|(_, path)| path.windows(2)).any(|pair| meets(pair[0], pair[1], spot))
    }

    fn cost(&self, rect: Rect, own: usize) -> f32 {
        let share = |other: &Rect| {
            let w = (rect.right().min(other.right()) - rect.x.max(other.x)).max(0.0);
            let h = (rect.bottom().min(other.bottom()) - rect.y.max(other.y)).max(0.0);
            w * h / (rect.w * rect.h).max(1e-3)
        };
        let over = |rects: &[Rect], weight: f32| -> f32 {
            rects.iter().filter(|r| r.overlaps(&rect)).map(|r| weight * (0.4 + share(r))).sum()
        };
        let mut cost = over(&self.boxes, 220.0) + over(&self.labels, 260.0) + over(&self.names, 60.0);
        // Two labels side by side read as one.
        let wider = rect.grown(0.3 * rect.h.min(self.bounds.h * 0.04));
        cost += 8.0 * self.labels.iter().filter(|l| l.overlaps(&wider)).count() as f32;
        for (i, path) in self.paths.iter().enumerate() {
            let hits = path.windows(2).filter(|pair| meets(pair[0], pair[1], rect)).count();
            cost += hits as f32 * if i == own { 25.0 } else { 45.0 };
        }
        let out = rect.w * rect.h - share(&self.bounds) * rect.w * rect.h;
        cost + 400.0 * out / (rect.w * rect.h).max(1e-3)
    }

    /// `rect` moved into the bounds.
    fn kept(&self, rect: Rect) -> Rect {
        let b = self.bounds;
        let x = rect.x.min(b.right() - rect.w).max(b.x);
        let y = rect.y.min(b.bottom() - rect.h).max(b.y);
        Rect::new(x, y, rect.w.min(b.w), rect.h.min(b.h))
    }
}

/// Places beside the stretches of a line, with how far each is from the best and where on the line it is.
fn spots(path: &[Point], w: f32, h: f32, gap: f32) -> Vec<(f32, Point, Rect)> {
    let mut spots = Vec::new();
    for (i, pair) in path.windows(2).enumerate() {
        let (a, b) = (pair[0], pair[1]);
        let level = (a.x - b.x).abs() >= (a.y - b.y).abs();
        let length = (a.x - b.x).abs() + (a.y - b.y).abs();
        let fits = if level { length > w } else { length > h };
        let first = i as f32 * 1.5 + if fits { 0.0 } else { 12.0 };
        for (j, share) in SHARES.iter().enumerate() {
            let at = Point::new(a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share);
            // Lines that are not straight along an axis need more distance.
            let slope = if level {
                (a.y - b.y).abs() / length.max(1.0) * w / 2.0
            } else {
                (a.x - b.x).abs() / length.max(1.0) * h / 2.0
            };
            let near = [
                Rect::new(at.x - w / 2.0, at.y - h - gap - slope, w, h),
                Rect::new(at.x + gap * 1.6 + slope, at.y - h / 2.0, w, h),
                Rect::new(at.x - w / 2.0, at.y + gap + slope, w, h),
                Rect::new(at.x - w - gap * 1.6 - slope, at.y - h / 2.0, w, h),
            ];
            let sides = if level { [0, 2] } else { [1, 3] };
            for (k, side) in sides.into_iter().enumerate() {
                spots.push((first + j as f32 * 0.9 + k as f32 * 1.2, at, near[side]));
            }
        }
    }
    spots
}

/// Whether a stretch of line enters `rect`.
pub(super) fn meets(a: Point, b: Point, rect: Rect) -> bool {
    // Liang and Barsky 1984: the part of the line inside the rectangle.
    let (mut from, mut to) = (0.0_f32, 1.0_f32);
    for (start, delta, low, high) in [(a.x, b.x - a.x, rect.x, rect.right()), (a.y, b.y - a.y, rect.y, rect.bottom())] {
        if delta.abs() < 1e-6 {
            if start <= low || start >= high {
                return false;
            }
        } else {
            let (p, q) = ((low - start) / delta, (high - start) / delta);
            from = from.max(p.min(q));
            to = to.min(p.max(q));
        }
    }
    from < to
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: (f32, f32), b: (f32, f32), expected: bool) {
        let rect = Rect::new(10.0, 10.0, 10.0, 10.0);
        assert_eq!(meets(Point::new(a.0, a.1), Point::new(b.0, b.1), rect), expected, "{a:?} {b:?}");
    }

    #[test]
    fn lines_meet_rectangles() {
        check((0.0, 15.0), (30.0, 15.0), true);
        check((0.0, 10.0), (30.0, 10.0), false);
        check((0.0, 0.0), (30.0, 30.0), true);
        check((0.0, 15.0), (9.0, 15.0), false);
        check((12.0, 12.0), (13.0, 13.0), true);
        check((0.0, 25.0), (25.0, 0.0), true);
        check((0.0, 18.0), (8.0, 0.0), false);
    }
}
