//! Lines on which edges may run: along the sides of boxes, through their ports and between them.

use crate::geometry::{Point, Rect};

/// Something an edge may end at or has to go round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Body {
    /// Bounds.
    pub(super) rect: Rect,
    /// Whether edges go round it; they may run through containers.
    pub(super) solid: bool,
    /// Whether edges may end beside the middle of a side: not where the outline is curved or pointed there.
    pub(super) flat: (bool, bool),
}

/// Side of a box; also the direction in which a line leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// To the right.
    Right,
    /// Down.
    Down,
    /// To the left.
    Left,
    /// Up.
    Up,
}

impl Side {
    /// All sides, clockwise.
    pub(super) const ALL: [Self; 4] = [Self::Right, Self::Down, Self::Left, Self::Up];

    /// The side across.
    pub(super) fn opposite(self) -> Self {
        Self::ALL[(self as usize + 2) % 4]
    }

    /// Whether a line in this direction is horizontal.
    pub(super) fn is_level(self) -> bool {
        matches!(self, Self::Right | Self::Left)
    }
}

/// Where a line meets a box.
#[derive(Debug, Clone, Copy)]
pub(super) struct Port {
    /// Side of the box.
    pub(super) side: Side,
    /// On the border.
    pub(super) at: Point,
    /// Index of the first point outside.
    pub(super) outside: usize,
    /// Beside the middle of the side.
    pub(super) aside: bool,
}

/// Crossing lines with what is free between neighbouring points.
pub(super) struct Mesh {
    /// Vertical lines from left to right.
    pub(super) xs: Vec<f32>,
    /// Horizontal lines from top to bottom.
    pub(super) ys: Vec<f32>,
    /// Whether the step to the right of each point is free.
    pub(super) right: Vec<bool>,
    /// Whether the step down from each point is free.
    pub(super) down: Vec<bool>,
    /// Distance that lines keep from boxes.
    pub(super) clear: f32,
}

/// Most points of a mesh; beyond that lines are drawn without search.
pub(super) const MAX_POINTS: usize = 600_000;
/// Distance of parallel lines at 1080 lines, in pixels.
const TRACK: f32 = 15.0;

impl Mesh {
    /// Lines around `bodies` within `bounds`; `busy` tells which bodies have several edges. `None` when there are too
    /// many.
    pub(super) fn new(
        bodies: &[Body],
        busy: &[bool],
        level_with: &[Vec<Point>],
        bounds: Rect,
        unit: f32,
    ) -> Option<Self> {
        let clear = clearance(bodies, unit);
        let spans = |level: bool| -> Vec<(f32, f32)> {
            let span = |b: &Body| if level { (b.rect.x, b.rect.right()) } else { (b.rect.y, b.rect.bottom()) };
            bodies.iter().map(span).collect()
        };
        let axis = |level: bool, low: f32, high: f32| {
            let spans = spans(level);
            let mut at = Vec::new();
            for (i, &(from, to)) in spans.iter().enumerate() {
                at.extend([from - clear, (from + to) / 2.0, to + clear]);
                let others = level_with[i].iter().map(|p| if level { p.x } else { p.y });
                at.extend(others.filter(|&p| flat(&bodies[i], !level) && reaches(from, to, p)));
                if busy[i] && flat(&bodies[i], !level) {
                    at.extend([(from + to) / 2.0 - aside(to - from), (from + to) / 2.0 + aside(to - from)]);
                }
            }
            at.extend(tracks(&spans, clear, unit * TRACK, (low, high)));
            at.retain(|v| (low..=high).contains(v));
            at.sort_by(f32::total_cmp);
            at.dedup_by(|a, b| *a - *b < 0.5);
            at
        };
        let xs = axis(true, bounds.x, bounds.right());
        let ys = axis(false, bounds.y, bounds.bottom());
        if xs.is_empty() || ys.is_empty() || xs.len() * ys.len() > MAX_POINTS {
            return None;
        }
        let free = vec![true; xs.len() * ys.len()];
        let mut mesh = Self { xs, ys, right: free.clone(), down: free, clear };
        for body in bodies.iter().filter(|b| b.solid) {
            mesh.block(body.rect.grown(clear - 0.75));
        }
        Some(mesh)
    }

    /// Closes all steps inside `rect`.
    fn block(&mut self, rect: Rect) {
        let inside = |lines: &[f32], from: f32, to: f32| {
            (lines.partition_point(|&v| v <= from), lines.partition_point(|&v| v < to))
        };
        let (left, right) = inside(&self.xs, rect.x, rect.right());
        let (top, bottom) = inside(&self.ys, rect.y, rect.bottom());
        let width = self.xs.len();
        for j in top..bottom {
            (left.saturating_sub(1)..right).for_each(|i| self.right[j * width + i] = false);
        }
        for j in top.saturating_sub(1)..bottom {
            (left..right).for_each(|i| self.down[j * width + i] = false);
        }
    }

    /// The point with index `i`.
    pub(super) fn point(&self, i: usize) -> Point {
        Point::new(self.xs[i % self.xs.len()], self.ys[i / self.xs.len()])
    }

    /// Where lines may meet `body`.
    /// Besides the middle of each side: beside it when `busy`, and where a straight line leads to one of `others`.
    pub(super) fn ports(&self, body: &Body, busy: bool, others: &[Point]) -> Vec<Port> {
        let center = body.rect.center();
        let mut ports = Vec::new();
        for side in Side::ALL {
            let length = if side.is_level() { body.rect.h } else { body.rect.w };
            let shift = if busy && flat(body, side.is_level()) { aside(length) } else { 0.0 };
            let (from, to) =
                if side.is_level() { (body.rect.y, body.rect.bottom()) } else { (body.rect.x, body.rect.right()) };
            let across = others.iter().map(|p| if side.is_level() { p.y } else { p.x });
            let across = across.filter(|&p| flat(body, side.is_level()) && reaches(from, to, p));
            let offsets =
                across.map(|p| p - (from + to) / 2.0).filter(|o| o.abs() > 1.0 && (o.abs() - shift).abs() > 1.0);
            let beside = [0.0, -shift, shift].into_iter().take(if shift > 0.0 { 3 } else { 1 });
            for offset in beside.chain(offsets) {
                let (x, y) = match side {
                    Side::Right => (body.rect.right() + self.clear, center.y + offset),
                    Side::Left => (body.rect.x - self.clear, center.y + offset),
                    Side::Down => (center.x + offset, body.rect.bottom() + self.clear),
                    Side::Up => (center.x + offset, body.rect.y - self.clear),
                };
                let (Some(i), Some(j)) = (nearest(&self.xs, x), nearest(&self.ys, y)) else { continue };
                let at = match side {
                    Side::Right => Point::new(body.rect.right(), self.ys[j]),
                    Side::Left => Point::new(body.rect.x, self.ys[j]),
                    Side::Down => Point::new(self.xs[i], body.rect.bottom()),
                    Side::Up => Point::new(self.xs[i], body.rect.y),
                };
                ports.push(Port { side, at, outside: j * self.xs.len() + i, aside: offset != 0.0 });
            }
        }
        ports
    }
}

/// Whether the vertical (`level`: left and right) sides are straight.
fn flat(body: &Body, level: bool) -> bool {
    if level { body.flat.0 } else { body.flat.1 }
}

/// Whether `at` is far enough from the corners of a side for a line to end there.
fn reaches(from: f32, to: f32, at: f32) -> bool {
    let rim = (to - from) * 0.2;
    (from + rim..=to - rim).contains(&at)
}

/// Distance of the outer ports from the middle of a side.
fn aside(length: f32) -> f32 {
    length * 0.25
}

/// The line at `at`, if there is one within the merging distance.
fn nearest(lines: &[f32], at: f32) -> Option<usize> {
    let i = lines.partition_point(|&v| v < at);
    let near = |&i: &usize| lines.get(i).is_some_and(|v| (v - at).abs() <= 0.6);
    [i.saturating_sub(1), i].into_iter().filter(near).min_by(|&a, &b| {
        let off = |i: usize| (lines[i] - at).abs();
        off(a).total_cmp(&off(b))
    })
}

/// Distance that lines keep from boxes: less where boxes stand close.
fn clearance(bodies: &[Body], unit: f32) -> f32 {
    let solid: Vec<_> = bodies.iter().filter(|b| b.solid).map(|b| b.rect).collect();
    let mut least = 56.0 * unit;
    for (i, a) in solid.iter().enumerate() {
        for b in &solid[i + 1..] {
            let across = (b.x - a.right()).max(a.x - b.right());
            let along = (b.y - a.bottom()).max(a.y - b.bottom());
            least = least.min(across.max(along).max(2.0 * unit));
        }
    }
    0.4 * least
}

/// Lines between the boxes, where no box stands in the way over the whole length, and outside them all.
fn tracks(spans: &[(f32, f32)], clear: f32, apart: f32, (low, high): (f32, f32)) -> Vec<f32> {
    let mut sorted = spans.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut at = Vec::new();
    let Some(&(first, mut end)) = sorted.first() else { return at };
    at.extend((1..=3).map(|i| (first - clear - apart * i as f32).max(low)));
    for &(from, to) in &sorted {
        let gap = from - end;
        if gap > 2.0 * clear {
            let inner = gap - 2.0 * clear;
            let count = (libm::floorf(inner / apart) as usize).clamp(1, 6);
            at.extend((1..=count).map(|i| end + clear + inner * i as f32 / (count + 1) as f32));
        }
        end = end.max(to);
    }
    at.extend((1..=3).map(|i| (end + clear + apart * i as f32).min(high)));
    at
}
