//! Cycles on a ring, clockwise from the top.

use crate::geometry::{Point, Rect};

use super::board::{Board, Context};
use super::graph::{End, arcs};
use super::grid::{Axis, Fit, Grid};
use super::line::straight;
use super::tags::meets;
use super::{curve, flow, pins};

/// Most nodes on a ring; more are drawn as a flow.
const MOST: usize = 10;

/// Lays the scene out as a ring if it is one.
pub(super) fn place(ctx: &Context<'_>) -> Board {
    let Some((ring, rest)) = ring(ctx) else { return flow::place(ctx) };
    let (fit, ellipse) = fit(ctx, ring.len(), &rest);
    let mut boxes = vec![Rect::default(); ctx.items.len()];
    for (i, &v) in ring.iter().enumerate() {
        boxes[v] = centred(ellipse.at(angle(i, ring.len())), fit);
    }
    // What is not on the ring stands inside, one under another.
    for (i, &v) in rest.iter().enumerate() {
        let down = (i as f32 - (rest.len() - 1) as f32 / 2.0) * fit.h * 1.6;
        boxes[v] = centred(Point::new(ellipse.center.x, ellipse.center.y + down), fit);
    }
    let mut board = Board::new(ctx, boxes, fit.px);
    board.whole = fit.whole;
    let pinned = pins::honour(ctx, &mut board);
    board.contain(ctx);
    let place = |v: usize| ring.iter().position(|&r| r == v);
    let all = arcs(&ctx.links);
    let paired = |a: usize, b: usize| all.contains(&(b, a));
    let arc = |link: &super::graph::Link| {
        let (End::Node(a), End::Node(b)) = (link.from, link.to) else { return None };
        let (from, to) = (board.boxes[a], board.boxes[b]);
        if a == b || pinned {
            return None;
        }
        match (place(a), place(b)) {
            (Some(i), Some(j)) if (i + 1) % ring.len() == j => {
                Some(ellipse.arc(angle(i, ring.len()), angle(i + 1, ring.len()), from, to))
            }
            (Some(_), Some(_)) if !paired(a, b) => Some(chord(from, to, ellipse.center, &board.boxes)),
            _ => None,
        }
    };
    let given: Vec<_> = ctx.links.iter().map(arc).collect();
    board.connect_around(ctx, super::fold::Flow::Across, &|_| false, true, given);
    board
}

/// A line across the ring: bowed towards its middle, straight where a box is there.
fn chord(from: Rect, to: Rect, middle: Point, boxes: &[Rect]) -> Vec<Point> {
    let line = straight(from, to);
    let curve = curve::bowed(line[0], line[1], middle, 0.35);
    let blocked = boxes.iter().any(|b| curve.windows(2).any(|pair| meets(pair[0], pair[1], b.grown(-0.5))));
    if blocked { line } else { curve }
}

/// The nodes on the way round from the first that lies on one, and the few that do not.
fn ring(ctx: &Context<'_>) -> Option<(Vec<usize>, Vec<usize>)> {
    let count = ctx.items.len();
    let next = super::graph::successors(count, &arcs(&ctx.links));
    let walk = |start: usize| {
        let mut seen = vec![false; count];
        let mut path = vec![(start, 0_usize)];
        let mut longest: Vec<usize> = Vec::new();
        seen[start] = true;
        // Bounded: a walk in depth that remembers the longest way back to its start.
        for _ in 0..4_000 {
            let Some((v, i)) = path.last_mut() else { break };
            let v = *v;
            let Some(&w) = next[v].get(*i) else {
                seen[v] = false;
                path.pop();
                continue;
            };
            *i += 1;
            if w == start && path.len() > longest.len() {
                longest = path.iter().map(|&(v, _)| v).collect();
            }
            if !seen[w] {
                seen[w] = true;
                path.push((w, 0));
            }
        }
        longest
    };
    let ring = (0..count.min(40)).map(walk).reduce(|a, b| if b.len() > a.len() { b } else { a })?;
    let rest: Vec<usize> = (0..count).filter(|v| !ring.contains(v)).collect();
    let few = rest.len() <= if ring.len() >= 5 { 2 } else { 1 };
    ((3..=MOST).contains(&ring.len()) && few).then_some((ring, rest))
}

/// Angle of place `i` of `count`, clockwise from the top.
fn angle(i: usize, count: usize) -> f32 {
    let turn = i as f32 / count as f32;
    (turn - 0.25) * std::f32::consts::TAU
}

fn centred(at: Point, fit: Fit) -> Rect {
    Rect::new(at.x - fit.w / 2.0, at.y - fit.h / 2.0, fit.w, fit.h)
}

/// The ring that the boxes' centres are on.
#[derive(Debug, Clone, Copy)]
struct Ellipse {
    center: Point,
    radius: (f32, f32),
}

impl Ellipse {
    fn at(&self, angle: f32) -> Point {
        Point::new(self.center.x + self.radius.0 * libm::cosf(angle), self.center.y + self.radius.1 * libm::sinf(angle))
    }

    /// The arc from one angle to another, from the border of `a` to the border of `b`.
    fn arc(&self, from: f32, to: f32, a: Rect, b: Rect) -> Vec<Point> {
        let at = |share: f32| self.at(from + (to - from) * share);
        let within = |r: &Rect, p: Point| p.x > r.x && p.x < r.right() && p.y > r.y && p.y < r.bottom();
        let edge = |rect: &Rect, mut inside: f32, mut outside: f32| {
            for _ in 0..24 {
                let middle = (inside + outside) / 2.0;
                if within(rect, at(middle)) { inside = middle } else { outside = middle }
            }
            outside
        };
        let (start, end) = (edge(&a, 0.0, 0.5), edge(&b, 1.0, 0.5));
        if start >= end {
            return straight(a, b);
        }
        (0..=12).map(|i| at(start + (end - start) * i as f32 / 12.0)).collect()
    }
}

/// The largest boxes with which neighbours on the ring keep room for an arrow, and the ring.
fn fit(ctx: &Context<'_>, count: usize, rest: &[usize]) -> (Fit, Ellipse) {
    let area = ctx.frame.area;
    let labelled = ctx.tags.iter().any(|t| !t.is_empty());
    let mut last = None;
    // The boxes may take as much as a grid of so many columns and rows gives them; more columns until they fit.
    for step in 0..14 {
        let columns = 1.6 + 0.35 * step as f32;
        let rows = (count as f32 / 2.0).max(2.0) * 0.8 + 0.25 * step as f32;
        let grid = Grid { columns: Axis::even(columns, 2.0), rows: Axis::even(rows, 1.6) }.widened(ctx.room);
        let fit = grid.fit(&ctx.items, area, ctx.frame.unit);
        let rim = if labelled { 1.6 * fit.px } else { 0.0 };
        let (rx, ry) = ((area.w - fit.w) / 2.0 - rim, (area.h - fit.h) / 2.0 - rim * 0.5);
        let radius = (rx.min(ry * 1.75).max(1.0), ry.min(rx * 1.3).max(1.0));
        let ellipse = Ellipse { center: area.center(), radius };
        let mut boxes: Vec<Rect> = (0..count).map(|i| centred(ellipse.at(angle(i, count)), fit)).collect();
        for i in 0..rest.len() {
            let down = (i as f32 - (rest.len() - 1) as f32 / 2.0) * fit.h * 1.6;
            boxes.push(centred(Point::new(ellipse.center.x, ellipse.center.y + down), fit));
        }
        let gap = if labelled { 2.4 } else { 1.5 } * fit.px * ctx.room;
        let clear = |i: usize| (0..i).all(|j| !boxes[i].grown(gap / 2.0).overlaps(&boxes[j].grown(gap / 2.0)));
        let done = (0..boxes.len()).all(clear);
        last = Some((fit, ellipse));
        if done {
            break;
        }
    }
    last.expect("at least one size was tried")
}
