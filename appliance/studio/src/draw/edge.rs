//! Arrows: lines with rounded corners, heads that end at the border, and their words on a plate.

use super::fonts::Weight;
use super::part::{Fragment, Look};
use super::svg::{self, Paint, distance, number, rounded};
use super::words;
use crate::geometry::{Point, Rect};
use crate::layout::{PlacedEdge, Text};

/// Length and half width of an arrow head in design pixels.
const HEAD: (f32, f32) = (20.0, 10.0);
/// Radius of corners in design pixels.
const CORNER: f32 = 18.0;
/// Dash and gap in design pixels.
const DASH: (f32, f32) = (12.0, 10.0);
/// Corners of one line that are drawn.
const MAX_POINTS: usize = 512;

/// Draws the line and the head of an arrow.
pub(super) fn draw(look: &Look<'_>, edge: &PlacedEdge) -> Fragment {
    let u = look.unit;
    let points = corners(&edge.points);
    let Some(bounds) = around(&points) else {
        return Fragment::default();
    };
    let line_color = look.theme.line.as_str();
    let width = look.theme.edge * u;
    let mut body = String::new();
    paint(look, &mut body, edge, &points, line_color, width);
    let mut lit = String::new();
    paint(look, &mut lit, edge, &points, look.theme.accent.as_str(), width * 1.5);
    Fragment { bounds: bounds.grown(HEAD.1 * 1.6 * u + width), body, lit, line: points }
}

fn paint(look: &Look<'_>, out: &mut String, edge: &PlacedEdge, points: &[Point], color: &str, width: f32) {
    let u = look.unit;
    let mut shaft = points.to_vec();
    let dash = edge.dashed.then_some((DASH.0 * u, DASH.1 * u));
    let head = head(look, edge, points, width);
    if let (Some(head), Some(end)) = (&head, shaft.last_mut()) {
        *end = head.neck;
    }
    svg::path(out, &rounded(&shaft, CORNER * u, false), Paint { dash, ..Paint::stroke(color, width) });
    if let Some(Head { tip, wings, notch, .. }) = head {
        let corners = [tip, wings[0], notch, wings[1]].map(|p| format!("{} {}", number(p.x), number(p.y)));
        let data = format!("M{}L{}L{}L{}Z", corners[0], corners[1], corners[2], corners[3]);
        svg::path(out, &data, Paint { fill: Some(color), ..Paint::stroke(color, 1.5 * u) });
    }
}

/// The head of an arrow.
pub(super) struct Head {
    pub(super) tip: Point,
    pub(super) wings: [Point; 2],
    notch: Point,
    /// Where the line ends, inside of the head.
    neck: Point,
}

/// The head of `edge` along `points`, when its line is so wide; `None` for a line without one.
fn head(look: &Look<'_>, edge: &PlacedEdge, points: &[Point], width: f32) -> Option<Head> {
    let (true, &[.., from, to]) = (edge.arrow, points) else { return None };
    let u = look.unit;
    let length = distance(from, to);
    // Before a close corner the head shrinks, so that it stands on a straight piece of line.
    let room = (straight(points) / (HEAD.0 * u) * 0.65).clamp(0.55, 1.0);
    let bold = (width / (look.theme.edge * u)).min(1.25);
    let (reach, half) = ((HEAD.0 * u * room).min(length), HEAD.1 * u * room * bold);
    let dir = Point::new((to.x - from.x) / length, (to.y - from.y) / length);
    // The tip stops at the outer side of the border, which is half a stroke outside of the box.
    let tip = along(to, dir, -(look.stroke() / 2.0 + 1.5 * u).min(length / 2.0));
    let (back, notch) = (along(tip, dir, -reach), along(tip, dir, -reach * 0.78));
    let side = Point::new(-dir.y * half, dir.x * half);
    let wings = [Point::new(back.x + side.x, back.y + side.y), Point::new(back.x - side.x, back.y - side.y)];
    Some(Head { tip, wings, notch, neck: along(tip, dir, -(reach * 0.7).min(length * 0.9)) })
}

/// The head that `edge` is drawn with.
pub(super) fn plain_head(look: &Look<'_>, edge: &PlacedEdge) -> Option<Head> {
    head(look, edge, &corners(&edge.points), look.theme.edge * look.unit)
}

/// Length of the end of a line that goes about the way of its last piece: curves bend in small steps.
fn straight(points: &[Point]) -> f32 {
    let way = |pair: &[Point]| {
        let length = distance(pair[0], pair[1]);
        (length, (pair[1].x - pair[0].x) / length, (pair[1].y - pair[0].y) / length)
    };
    let mut pieces = points.windows(2).rev().map(way);
    let Some((mut total, x, y)) = pieces.next() else {
        return 0.0;
    };
    for (length, dx, dy) in pieces {
        // The cosine of 35 degrees.
        if dx * x + dy * y < 0.82 {
            break;
        }
        total += length;
    }
    total
}

/// The words beside an arrow, on a plate that keeps lines from striking them out.
pub(super) fn label(look: &Look<'_>, edge: &PlacedEdge) -> Fragment {
    let Some(text) = &edge.label else {
        return Fragment::default();
    };
    let u = look.unit;
    let plate = plate(look, text);
    let mut body = String::new();
    svg::rect(&mut body, plate, 9.0 * u, Paint::fill(look.theme.background.as_str()).opacity(0.94));
    words::write(look, &mut body, text, Weight::Strong, look.theme.muted.as_str());
    let bounds = words::bounds(look, text, Weight::Strong).union(&plate).grown(3.0 * u);
    let mut lit = String::new();
    svg::rect(&mut lit, plate, 9.0 * u, Paint::fill(look.theme.background.as_str()));
    words::write(look, &mut lit, text, Weight::Strong, look.theme.ink.as_str());
    Fragment { bounds, body, lit, line: Vec::new() }
}

/// The plate behind a label: as wide as its words, not as the room they were given.
fn plate(look: &Look<'_>, text: &Text) -> Rect {
    let ink = words::extent(look, text, Weight::Strong);
    let (side, trim) = (5.0 * look.unit, 0.06 * text.px);
    Rect::new(ink.x - side, ink.y + trim, ink.w + 2.0 * side, (ink.h - 2.0 * trim).max(0.0))
}

/// The corners without repetitions.
pub(super) fn corners(points: &[Point]) -> Vec<Point> {
    let mut out: Vec<Point> = Vec::with_capacity(points.len().min(MAX_POINTS));
    for &p in points.iter().filter(|p| p.x.is_finite() && p.y.is_finite()).take(MAX_POINTS) {
        if out.last().is_none_or(|&last| distance(last, p) > 0.01) {
            out.push(p);
        }
    }
    out
}

/// The box around at least two points.
pub(super) fn around(points: &[Point]) -> Option<Rect> {
    if points.len() < 2 {
        return None;
    }
    points.iter().map(|p| Rect::new(p.x, p.y, 0.0, 0.0)).reduce(|a, b| a.union(&b))
}

fn along(p: Point, dir: Point, by: f32) -> Point {
    Point::new(p.x + dir.x * by, p.y + dir.y * by)
}
