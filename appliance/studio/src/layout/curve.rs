//! Curved lines: bends that become arcs, branches that swing. A curve is points so near together that what holds for
//! the pieces between them holds for the curve: what looks for collisions, places words and draws needs to know no more.

use crate::geometry::{Point, Rect};
use crate::storyboard::Kind;

use super::tags::meets;

/// Pieces of an arc and of a branch.
const ARC: u16 = 10;
const BRANCH: u16 = 18;
/// Shares of its room that an arc is tried with, the widest first.
const SHARES: [f32; 5] = [1.0, 0.75, 0.5, 0.3, 0.15];
/// Times that an arc reaches further along one side than along the other at most.
const UNEVEN: f32 = 3.0;
/// Length in em that stays straight where a line begins and ends: a head stands on it.
const LEAD: (f32, f32) = (0.3, 0.75);
/// Distance in em that arcs keep from boxes.
const CLEAR: f32 = 0.3;

/// Whether arrows of a kind are drawn in curves: where they go round or spread, and not from step to step.
pub(super) fn suits(kind: Kind) -> bool {
    matches!(kind, Kind::State | Kind::Causes | Kind::Cycle | Kind::Mindmap)
}

/// Points along the cubic Bézier curve from `a` to `d` with the controls `b` and `c`.
fn cubic([a, b, c, d]: [Point; 4], pieces: u16) -> Vec<Point> {
    let at = |i: u16| {
        let t = f32::from(i) / f32::from(pieces);
        let (u, v, w, z) = weights(t);
        Point::new(a.x * u + b.x * v + c.x * w + d.x * z, a.y * u + b.y * v + c.y * w + d.y * z)
    };
    (0..=pieces).map(at).collect()
}

/// Bernstein polynomials of the third degree at `t`.
fn weights(t: f32) -> (f32, f32, f32, f32) {
    let s = 1.0 - t;
    (s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t)
}

/// A branch that leaves `from` and meets `to` level, or upright when `level` is false.
pub(super) fn swing(from: Point, to: Point, level: bool) -> Vec<Point> {
    let (dx, dy) = ((to.x - from.x) * 0.5, (to.y - from.y) * 0.5);
    let (b, c) = match level {
        true => (Point::new(from.x + dx, from.y), Point::new(to.x - dx, to.y)),
        false => (Point::new(from.x, from.y + dy), Point::new(to.x, to.y - dy)),
    };
    cubic([from, b, c, to], BRANCH)
}

/// A branch that leaves `from` upright and meets `to` level, with most of the turn at its end.
pub(super) fn turn(from: Point, to: Point) -> Vec<Point> {
    let corner = Point::new(from.x, to.y);
    let near = |p: Point, share: f32| Point::new(p.x + (corner.x - p.x) * share, p.y + (corner.y - p.y) * share);
    cubic([from, near(from, 0.7), near(to, 0.7), to], BRANCH)
}

/// A branch that runs upright from `from`, and at the height of `to` turns into it within `reach`.
pub(super) fn hook(from: Point, to: Point, reach: f32) -> Vec<Point> {
    let corner = Point::new(from.x, to.y);
    let reach = reach.min((to.x - from.x).abs()).min((to.y - from.y).abs());
    let mut points = vec![from];
    points.extend(arc(from, corner, to, (reach, reach)));
    points.push(to);
    points.dedup_by(|a, b| (a.x - b.x).abs() + (a.y - b.y).abs() < 0.01);
    points
}

/// A chord from `from` to `to` that bows towards `middle` by a share of the way.
pub(super) fn bowed(from: Point, to: Point, middle: Point, share: f32) -> Vec<Point> {
    let pulled = |p: Point| Point::new(p.x + (middle.x - p.x) * share, p.y + (middle.y - p.y) * share);
    let third = |a: Point, b: Point| Point::new(a.x + (b.x - a.x) / 3.0, a.y + (b.y - a.y) / 3.0);
    cubic([from, pulled(third(from, to)), pulled(third(to, from)), to], BRANCH)
}

/// Points of the arc round a corner, which leaves the sides so far before and after it.
fn arc(before: Point, corner: Point, after: Point, reach: (f32, f32)) -> Vec<Point> {
    let toward = |p: Point, reach: f32| {
        let length = distance(corner, p).max(1e-3);
        Point::new(corner.x + (p.x - corner.x) * reach / length, corner.y + (p.y - corner.y) * reach / length)
    };
    let (enter, leave) = (toward(before, reach.0), toward(after, reach.1));
    // Controls at 0.55 of the way make a quarter of a circle (Goldapp 1991).
    let near = |p: Point| Point::new(p.x + (corner.x - p.x) * 0.55, p.y + (corner.y - p.y) * 0.55);
    cubic([enter, near(enter), near(leave), leave], ARC)
}

fn distance(a: Point, b: Point) -> f32 {
    libm::hypotf(b.x - a.x, b.y - a.y)
}

/// The lines with their corners as arcs, as wide as boxes and other lines allow; and which of them have any. `px` is the
/// font size of the boxes.
pub(super) fn rounded(lines: &[Vec<Point>], fixed: &[bool], boxes: &[Rect], px: f32) -> Vec<Option<Vec<Point>>> {
    let mut drawn: Vec<Vec<Point>> = lines.to_vec();
    let mut curved = vec![None; lines.len()];
    for (i, line) in lines.iter().enumerate() {
        if fixed[i] || line.len() < 3 {
            continue;
        }
        let before: usize = crossings_of(i, line, &drawn);
        let least = |candidate: &Vec<Point>| crossings_of(i, candidate, &drawn) <= before;
        let found = [1.0, 0.55, 0.3].into_iter().map(|most| bent(line, most, boxes, px)).find(least);
        if let Some(bent) = found.filter(|bent| bent.len() > line.len()) {
            drawn[i].clone_from(&bent);
            curved[i] = Some(bent);
        }
    }
    curved
}

/// The line with an arc at each corner, of at most a share of its room.
fn bent(line: &[Point], most: f32, boxes: &[Rect], px: f32) -> Vec<Point> {
    let last = line.len() - 1;
    let mut points = vec![line[0]];
    for i in 1..last {
        let (before, corner, after) = (line[i - 1], line[i], line[i + 1]);
        // Two corners share the side between them; at the ends some of it stays straight.
        let room = |length: f32, end: bool, lead: f32| {
            if end { length - (lead * px).min(0.4 * length) } else { length / 2.0 }
        };
        let a = room(distance(before, corner), i == 1, LEAD.0);
        let b = room(distance(corner, after), i + 1 == last, LEAD.1);
        let reach = (a.min(UNEVEN * b), b.min(UNEVEN * a));
        let free = |arc: &Vec<Point>| {
            let near = |rect: &Rect| arc.windows(2).any(|pair| meets(pair[0], pair[1], *rect));
            // As far from boxes as lines are, where those are nearer.
            let margin = |rect: &Rect| {
                let sides = [(before, corner), (corner, after)];
                let fits = |grown: &Rect| !sides.iter().any(|(a, b)| meets(*a, *b, *grown));
                [CLEAR * px, 0.1 * px, 0.0].map(|m| rect.grown(m - 0.5)).into_iter().find(fits)
            };
            !boxes.iter().filter_map(margin).any(|rect| near(&rect))
        };
        let arcs = SHARES
            .into_iter()
            .map(|share| share * most)
            .map(|s| arc(before, corner, after, (reach.0 * s, reach.1 * s)));
        match arcs.into_iter().find(free) {
            Some(arc) if a.min(b) > 0.5 => points.extend(arc),
            _ => points.push(corner),
        }
    }
    points.push(line[last]);
    points.dedup_by(|a, b| (a.x - b.x).abs() + (a.y - b.y).abs() < 0.01);
    points
}

/// Proper crossings of a line with all others.
fn crossings_of(own: usize, line: &[Point], all: &[Vec<Point>]) -> usize {
    let bounds = around(line);
    let others =
        all.iter().enumerate().filter(|(j, other)| *j != own && around(other).grown(0.5).overlaps(&bounds.grown(0.5)));
    others.map(|(_, other)| super::flow::crossings(&[line, other])).sum()
}

/// The box around a line.
fn around(line: &[Point]) -> Rect {
    let dot = |p: &Point| Rect::new(p.x, p.y, 0.0, 0.0);
    line.iter().map(dot).reduce(|a, b| a.union(&b)).unwrap_or_default()
}

/// Quadratic pieces that go through the middles between the points of a curve: what programs that know curves draw.
/// Each is a control and an end; the curve begins at the first point and ends at the last.
pub(crate) fn quadratics(points: &[Point]) -> Vec<(Point, Point)> {
    let middle = |a: Point, b: Point| Point::new((a.x + b.x) / 2.0, (a.y + b.y) / 2.0);
    let inner = points.windows(3).map(|three| (three[1], three[2]));
    let count = points.len().saturating_sub(2);
    inner.enumerate().map(|(i, (at, next))| (at, if i + 1 == count { next } else { middle(at, next) })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::{Even, HD, scene};
    use crate::layout::{Placed, place};
    use crate::storyboard::Canvas;

    fn p(x: f32, y: f32) -> Point {
        Point::new(x, y)
    }

    /// The sharpest bend of a line, in degrees.
    fn sharpest(points: &[Point]) -> f32 {
        let turn = |three: &[Point]| {
            let (a, b) = (
                (three[1].x - three[0].x, three[1].y - three[0].y),
                (three[2].x - three[1].x, three[2].y - three[1].y),
            );
            (a.0 * b.1 - a.1 * b.0).atan2(a.0 * b.0 + a.1 * b.1).abs().to_degrees()
        };
        points.windows(3).map(turn).fold(0.0, f32::max)
    }

    #[test]
    fn corners_become_arcs_and_ends_stay() {
        let line = vec![p(0.0, 0.0), p(200.0, 0.0), p(200.0, 200.0), p(400.0, 200.0)];
        let curve = rounded(std::slice::from_ref(&line), &[false], &[], 20.0).remove(0).expect("a curve");
        assert_eq!((curve[0], curve[curve.len() - 1]), (line[0], line[3]));
        assert!(sharpest(&curve) < 20.0, "{} degrees", sharpest(&curve));
    }

    #[test]
    fn arcs_keep_off_boxes() {
        // A box in the corner that the widest arc would cut.
        let line = vec![p(0.0, 0.0), p(200.0, 0.0), p(200.0, 200.0)];
        let corner = Rect::new(140.0, 12.0, 48.0, 100.0);
        let open = rounded(std::slice::from_ref(&line), &[false], &[], 20.0).remove(0).expect("a curve");
        assert!(open.windows(2).any(|pair| meets(pair[0], pair[1], corner)), "the box is in the way");
        let kept = rounded(std::slice::from_ref(&line), &[false], &[corner], 20.0).remove(0).unwrap_or(line);
        assert!(!kept.windows(2).any(|pair| meets(pair[0], pair[1], corner)), "{kept:?}");
    }

    #[test]
    fn branches_leave_and_arrive_as_they_are_told() {
        let swing = swing(p(0.0, 0.0), p(100.0, 50.0), true);
        assert!(swing[1].y.abs() < 1.5 && (swing[swing.len() - 2].y - 50.0).abs() < 1.5, "{swing:?}");
        let hook = hook(p(0.0, 0.0), p(30.0, 100.0), 20.0);
        assert_eq!((hook[0], hook[1], hook[hook.len() - 1]), (p(0.0, 0.0), p(0.0, 80.0), p(30.0, 100.0)));
        assert!(sharpest(&hook) < 20.0, "{hook:?}");
    }

    /// What lines run through, and how many of them are curves.
    fn through(placed: &Placed) -> (usize, usize) {
        let inner = |e: &&crate::layout::PlacedEdge| {
            let hit = |r: Rect| e.points.windows(2).any(|pair| meets(pair[0], pair[1], r));
            placed.nodes.iter().filter(|n| hit(n.rect.grown(-1.0))).count()
        };
        (placed.edges.iter().map(|e| inner(&e)).sum(), placed.edges.iter().filter(|e| e.curved).count())
    }

    #[test]
    fn curves_of_whole_scenes_run_through_no_box() {
        let mut state = 11_u64;
        let mut roll = |sides: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % sides as u64) as usize
        };
        let mut curves = 0;
        for round in 0..64 {
            let kind = [Kind::State, Kind::Causes, Kind::Cycle, Kind::Mindmap][round % 4];
            let count = if kind == Kind::Cycle { 4 + roll(5) } else { 4 + roll(20) };
            let labels: Vec<String> = (0..count).map(|i| format!("check stock {i}")).collect();
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            let mut edges: Vec<_> = match kind {
                Kind::Cycle => (0..count).map(|v| (v, (v + 1) % count, "")).collect(),
                Kind::Mindmap => (1..count).map(|v| (roll(v), v, "")).collect(),
                _ => (1..count).map(|v| (v - 1 - roll(v.min(4)), v, "then")).collect(),
            };
            if kind != Kind::Mindmap {
                edges.push((roll(count), roll(count), ""));
            }
            let (w, h) = [(1920, 1080), (1080, 1920), (1080, 1080)][round % 3];
            let placed = place(&scene(kind, &labels, &edges), Canvas { w, h, ..HD }, &Even);
            let (hits, curved) = through(&placed);
            assert_eq!(hits, 0, "round {round}: {kind} of {count} on {w}x{h}");
            curves += curved;
        }
        assert!(curves > 300, "{curves}");
    }

    #[test]
    fn flows_keep_their_right_angles() {
        let flow = scene(Kind::Flow, &["a b", "c d", "e f", "g h"], &[(0, 1, ""), (1, 2, ""), (2, 3, ""), (3, 1, "")]);
        assert_eq!(through(&place(&flow, HD, &Even)).1, 0);
    }

    #[test]
    fn quadratic_pieces_end_where_the_curve_does() {
        let pieces = quadratics(&[p(0.0, 0.0), p(2.0, 0.0), p(4.0, 2.0), p(4.0, 4.0)]);
        assert_eq!(pieces, [(p(2.0, 0.0), p(3.0, 1.0)), (p(4.0, 2.0), p(4.0, 4.0))]);
        assert_eq!(quadratics(&[p(0.0, 0.0), p(2.0, 0.0)]), []);
    }
}
