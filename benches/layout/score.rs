//! One measure for all layouts: crossings, bends, overlaps, length, and how large labels are in the frame.

use std::cmp::Ordering;
use std::time::Instant;

use serde::Deserialize;
use studio::draw::Fonts;
use studio::geometry::{Point, Rect};

use crate::graphs::Graph;

/// What an engine answered.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    /// Engine and direction.
    name: String,
    /// A layout a graph.
    graphs: Vec<Laid>,
}

/// A layout of another engine.
#[derive(Debug, Clone, Default, Deserialize)]
struct Laid {
    /// Left, top, width, height.
    boxes: Vec<[f32; 4]>,
    /// Corners.
    lines: Vec<Vec<[f32; 2]>>,
    /// Milliseconds.
    ms: f64,
}

/// Figures of one layout.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Figures {
    crossings: usize,
    /// Stretches of two lines on one another that share no end.
    merged: usize,
    bends: usize,
    pub(crate) overlaps: usize,
    /// Length of all lines in labels' em.
    length: f32,
    /// Bounds in million square pixels of the frame.
    area: f32,
    /// Size of the smallest label in the frame.
    px: f32,
    ms: f64,
}

/// Labels that can be read, in pixels at 1080 lines.
const READABLE: f32 = 24.0;

/// Prints the table.
pub(crate) fn table(graphs: &[Graph], peers: &[Answer], fonts: &Fonts) {
    println!(
        "{:14} {:>9} {:>7} {:>6} {:>5} {:>8} {:>9} {:>7} {:>6} {:>6} {:>6} {:>6} {:>7}",
        "engine",
        "crossings",
        "a graph",
        "merged",
        "bends",
        "overlaps",
        "length em",
        "area Mp",
        "mean",
        ">=24",
        ">=16",
        "worst",
        "ms"
    );
    let own: Vec<Figures> = graphs.iter().map(|g| own(g, fonts)).collect();
    line("audiagram", &own);
    let figures = |(graph, laid): (&Graph, &Laid)| foreign(graph, laid);
    let others: Vec<Vec<Figures>> =
        peers.iter().map(|peer| graphs.iter().zip(&peer.graphs).map(figures).collect()).collect();
    for (peer, all) in peers.iter().zip(&others) {
        line(&peer.name, all);
    }
    for (peer, all) in peers.iter().zip(&others) {
        let count =
            |order: Ordering| own.iter().zip(all).filter(|(a, b)| a.crossings.cmp(&b.crossings) == order).count();
        println!(
            "crossings beside {}: fewer on {} graphs, as many on {}, more on {}",
            peer.name,
            count(Ordering::Less),
            count(Ordering::Equal),
            count(Ordering::Greater)
        );
    }
    if std::env::var_os("EACH").is_some() {
        for (graph, f) in graphs.iter().zip(&own) {
            println!(
                "{:10} {:3} nodes {:3} edges: {:5.1} px, {} crossings, {} merged, {} bends, {} overlaps, {:.2} ms",
                graph.id,
                graph.nodes.len(),
                graph.edges.len(),
                f.px,
                f.crossings,
                f.merged,
                f.bends,
                f.overlaps,
                f.ms
            );
        }
    }
}

fn line(name: &str, all: &[Figures]) {
    let sum = |of: &dyn Fn(&Figures) -> f64| all.iter().map(of).sum::<f64>();
    let count = |least: f32| all.iter().filter(|f| f.px >= least - 0.01).count();
    let worst = all.iter().map(|f| f.px).fold(f32::INFINITY, f32::min);
    println!(
        "{name:14} {:9} {:7.2} {:6} {:5} {:8} {:9.0} {:7.1} {:6.1} {:6} {:6} {worst:6.1} {:7.2}",
        sum(&|f| f.crossings as f64),
        sum(&|f| f.crossings as f64) / all.len().max(1) as f64,
        sum(&|f| f.merged as f64),
        sum(&|f| f.bends as f64),
        sum(&|f| f.overlaps as f64),
        sum(&|f| f64::from(f.length)),
        sum(&|f| f64::from(f.area)),
        sum(&|f| f64::from(f.px.min(READABLE))) / all.len().max(1) as f64,
        count(READABLE),
        count(16.0),
        sum(&|f| f.ms) / all.len().max(1) as f64,
    );
}

/// Audiagram's own layout; the time is the best of five.
fn own(graph: &Graph, fonts: &Fonts) -> Figures {
    let scene = graph.scene();
    let mut ms = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        let placed = crate::laid(&scene, crate::HD, fonts);
        ms = ms.min(start.elapsed().as_secs_f64() * 1e3);
        drop(placed);
    }
    let placed = crate::laid(&scene, crate::HD, fonts);
    let boxes: Vec<Rect> = placed.nodes.iter().map(|n| n.rect).collect();
    let lines: Vec<Vec<Point>> = placed.edges.iter().map(|e| e.points.clone()).collect();
    let px = placed.nodes.iter().map(|n| n.label.px).fold(f32::INFINITY, f32::min);
    let cut = placed.nodes.iter().filter(|n| n.label.lines.last().is_some_and(|l| l.ends_with('…'))).count();
    let figures = measured(&boxes, &lines, &graph.arcs(), px);
    // A label that had to be cut is not readable.
    Figures { px: if cut > 0 { 0.0 } else { px }, ms, ..figures }
}

/// Another engine's layout, zoomed to the usable part of the frame.
fn foreign(graph: &Graph, laid: &Laid) -> Figures {
    let boxes: Vec<Rect> = laid.boxes.iter().map(|b| Rect::new(b[0], b[1], b[2], b[3])).collect();
    let lines: Vec<Vec<Point>> =
        laid.lines.iter().map(|l| l.iter().map(|p| Point::new(p[0], p[1])).collect()).collect();
    let all = bounds(&boxes, &lines);
    let zoom = (1760.0 / all.w).min(820.0 / all.h).min(1.5);
    let figures = measured(&boxes, &lines, &graph.arcs(), 16.0);
    Figures { px: 16.0 * zoom, area: figures.area * zoom * zoom, ms: laid.ms, ..figures }
}

fn bounds(boxes: &[Rect], lines: &[Vec<Point>]) -> Rect {
    let points = lines.iter().flatten().map(|p| Rect::new(p.x, p.y, 0.0, 0.0));
    boxes.iter().copied().chain(points).reduce(|a, b| a.union(&b)).unwrap_or_default()
}

/// Figures of boxes and lines whose labels have `px`.
pub(crate) fn measured(boxes: &[Rect], lines: &[Vec<Point>], arcs: &[(usize, usize)], px: f32) -> Figures {
    let bounds = bounds(boxes, lines);
    let mut f = Figures { area: bounds.w * bounds.h / 1e6, px, ..Figures::default() };
    for (i, a) in boxes.iter().enumerate() {
        f.overlaps += boxes[i + 1..].iter().filter(|b| a.grown(-0.05 * px).overlaps(&b.grown(-0.05 * px))).count();
    }
    for (i, line) in lines.iter().enumerate() {
        f.bends += line.windows(3).filter(|p| turns(p[0], p[1], p[2])).count();
        f.length += line.windows(2).map(|p| (p[1].x - p[0].x).hypot(p[1].y - p[0].y)).sum::<f32>() / px;
        let (from, to) = arcs[i];
        let strangers = boxes.iter().enumerate().filter(|(v, _)| *v != from && *v != to);
        f.overlaps +=
            strangers.filter(|(_, b)| line.windows(2).any(|p| enters(p[0], p[1], b.grown(-0.05 * px)))).count();
        for (j, other) in lines.iter().enumerate().skip(i + 1) {
            let strange = ![arcs[j].0, arcs[j].1].iter().any(|v| *v == from || *v == to);
            for p in line.windows(2) {
                for q in other.windows(2) {
                    f.crossings += usize::from(cross(p, q, strange));
                    f.merged += usize::from(strange && along(p, q, px));
                }
            }
        }
    }
    f
}

/// Whether a line bends at `b` by more than ten degrees.
fn turns(a: Point, b: Point, c: Point) -> bool {
    let (u, v) = ((b.x - a.x, b.y - a.y), (c.x - b.x, c.y - b.y));
    let (lu, lv) = (u.0.hypot(u.1), v.0.hypot(v.1));
    lu > 0.01 && lv > 0.01 && (u.0 * v.0 + u.1 * v.1) / (lu * lv) < 0.985
}

fn side(a: Point, b: Point, c: Point) -> f32 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

/// Whether two stretches cross. Those of strangers also when one ends on the other, counted on one side, so that a
/// crossing in a corner is one; lines with a common end may meet and go on together.
fn cross(p: &[Point], q: &[Point], strange: bool) -> bool {
    let least = 0.5 * (p[1].x - p[0].x).hypot(p[1].y - p[0].y).min((q[1].x - q[0].x).hypot(q[1].y - q[0].y));
    let sides = |a: Point, b: Point, c: Point, d: Point| {
        let (c, d) = (side(a, b, c), side(a, b, d));
        if strange { (c > 0.0) != (d > 0.0) } else { c * d < 0.0 && c.abs().min(d.abs()) > least }
    };
    sides(p[0], p[1], q[0], q[1]) && sides(q[0], q[1], p[0], p[1]) && !parallel(p, q)
}

fn parallel(p: &[Point], q: &[Point]) -> bool {
    let (u, v) = ((p[1].x - p[0].x, p[1].y - p[0].y), (q[1].x - q[0].x, q[1].y - q[0].y));
    (u.0 * v.1 - u.1 * v.0).abs() < 1e-3 * u.0.hypot(u.1) * v.0.hypot(v.1)
}

/// Whether two parallel stretches lie on one another for more than half an em.
fn along(p: &[Point], q: &[Point], px: f32) -> bool {
    let length = (p[1].x - p[0].x).hypot(p[1].y - p[0].y);
    if length < 0.01 || !parallel(p, q) || side(p[0], p[1], q[0]).abs() / length > 1.0 {
        return false;
    }
    let at = |c: Point| ((c.x - p[0].x) * (p[1].x - p[0].x) + (c.y - p[0].y) * (p[1].y - p[0].y)) / length;
    let (a, b) = (at(q[0]).min(at(q[1])), at(q[0]).max(at(q[1])));
    b.min(length) - a.max(0.0) > 0.5 * px
}

/// Whether a stretch has a part inside of `rect`.
pub(crate) fn enters(a: Point, b: Point, rect: Rect) -> bool {
    let (mut from, mut to) = (0.0_f32, 1.0_f32);
    for (start, delta, low, high) in [(a.x, b.x - a.x, rect.x, rect.right()), (a.y, b.y - a.y, rect.y, rect.bottom())] {
        if delta.abs() < 1e-6 {
            if start <= low || start >= high {
                return false;
            }
        } else {
            let (p, q) = ((low - start) / delta, (high - start) / delta);
            (from, to) = (from.max(p.min(q)), to.min(p.max(q)));
        }
    }
    from < to
}
