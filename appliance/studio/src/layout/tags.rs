//! Labels of edges: beside their line, clear of boxes, of one another and of other lines.

use crate::geometry::{Point, Rect};

use super::board::{Board, Context};
use super::fold::{TAG, TAG_WIDTH};
use super::graph::Link;
use super::label::{LINE, Label};
use super::{Align, Text};

/// Shares of a stretch at which a label is tried, best first.
const SHARES: [f32; 7] = [0.5, 0.35, 0.65, 0.2, 0.8, 0.08, 0.92];
/// Sizes that are tried where no place of the usual ones is free, as shares of those of the boxes' labels.
const SMALL: [f32; 4] = [TAG * 0.76, TAG * 0.62, TAG * 0.5, TAG * 0.4];
/// Pieces of one line on a label that count.
const MOST_HITS: usize = 3;
/// Pieces shorter than this many times the height of a label belong to a curve.
const PIECE: f32 = 2.5;
/// Places along a stretch that are tried then.
const STEPS: u16 = 24;

/// A label for each of `paths` whose edge has one, and how many of them lie on something else.
pub(super) fn place(
    ctx: &Context<'_>,
    board: &Board,
    links: &[Link],
    paths: &[Vec<Point>],
    containers: &[Option<Rect>],
    lanes: &[Rect],
) -> (Vec<Option<Text>>, usize) {
    let names = containers.iter().flatten().map(|r| Rect::new(r.x, r.y, r.w, 1.8 * board.px)).collect();
    let bounds = ctx.frame.area.grown(0.3 * board.px);
    let boxes = board.boxes.iter().chain(lanes).copied().collect();
    let mut scene = Clear { boxes, names, labels: Vec::new(), paths, bounds };
    // Short lines first: they have least choice.
    let mut order: Vec<usize> = (0..paths.len()).filter(|&i| !ctx.tags[links[i].edge].is_empty()).collect();
    let length =
        |i: &usize| -> f32 { paths[*i].windows(2).map(|p| (p[0].x - p[1].x).abs() + (p[0].y - p[1].y).abs()).sum() };
    order.sort_by(|a, b| length(a).total_cmp(&length(b)).then(a.cmp(b)));
    let mut texts = vec![None; paths.len()];
    let mut unseated = 0;
    for i in order {
        let label = &ctx.tags[links[i].edge];
        let (text, is_clear) = scene.best(label, i, board.px);
        unseated += usize::from(!is_clear);
        scene.labels.push(text.rect);
        texts[i] = Some(text);
    }
    (texts, unseated)
}

/// What a label has to keep clear of.
struct Clear<'a> {
    /// Boxes and the names of lanes.
    boxes: Vec<Rect>,
    names: Vec<Rect>,
    labels: Vec<Rect>,
    paths: &'a [Vec<Point>],
    bounds: Rect,
}

impl Clear<'_> {
    /// The best place for `label` of line `own`, and whether nothing else is there.
    fn best(&self, label: &Label, own: usize, node_px: f32) -> (Text, bool) {
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
        let text = Text { rect: self.kept(text.rect), ..text };
        if self.is_clear(text.rect, own) {
            return (text, true);
        }
        self.squeezed(label, own, node_px).map_or((text, false), |text| (text, true))
    }

    /// The nearest place that nothing else takes: all along the line, beside it and on it, at smaller sizes.
    fn squeezed(&self, label: &Label, own: usize, node_px: f32) -> Option<Text> {
        for size in SMALL {
            let px = node_px * size;
            let mut best: Option<(f32, Text)> = None;
            for limit in 1..=4 {
                let width = label.width_for(limit);
                if limit > 1 && label.lines_at(width) < limit {
                    continue;
                }
                let (lines, used) = label.wrap(width + 0.01, limit);
                let (w, h) = (used * px + 0.2 * px, lines.len() as f32 * LINE * px);
                for (cost, at, rect) in everywhere(&self.paths[own], w, h, px) {
                    let shared = if self.is_shared(at, own) { 40.0 } else { 0.0 };
                    let cost = cost + shared + limit as f32;
                    if best.as_ref().is_none_or(|(least, _)| cost < *least) && self.is_clear(rect, own) {
                        best = Some((cost, Text { rect, lines: lines.clone(), px, align: Align::Center }));
                    }
                }
            }
            if let Some((_, text)) = best {
                return Some(text);
            }
        }
        None
    }

    /// Whether nothing but its own line is where a label is.
    fn is_clear(&self, rect: Rect, own: usize) -> bool {
        let b = self.bounds.grown(0.01);
        let inside = rect.x >= b.x && rect.y >= b.y && rect.right() <= b.right() && rect.bottom() <= b.bottom();
        let free = |rects: &[Rect]| !rects.iter().any(|r| r.overlaps(&rect));
        let mut others = self.paths.iter().enumerate().filter(|(i, _)| *i != own);
        let crossed = |path: &[Point]| path.windows(2).any(|pair| meets(pair[0], pair[1], rect));
        inside && free(&self.boxes) && free(&self.labels) && free(&self.names) && !others.any(|(_, path)| crossed(path))
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
            // Of a curve, many pieces may meet it.
            let hits = path.windows(2).filter(|pair| meets(pair[0], pair[1], rect)).count().min(MOST_HITS);
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
    if is_curve(path, h) {
        return beside_curve(path, w, h, gap);
    }
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

/// Whether most of a line is short pieces.
fn is_curve(path: &[Point], h: f32) -> bool {
    let short = |pair: &&[Point]| libm::hypotf(pair[1].x - pair[0].x, pair[1].y - pair[0].y) < PIECE * h;
    path.len() > 7 && path.windows(2).filter(short).count() * 2 > path.len()
}

/// Places beside a curve, by shares of its length: above and below it, at its sides, and with a corner at it.
fn beside_curve(path: &[Point], w: f32, h: f32, gap: f32) -> Vec<(f32, Point, Rect)> {
    let lengths: Vec<f32> = path.windows(2).map(|p| libm::hypotf(p[1].x - p[0].x, p[1].y - p[0].y)).collect();
    let total: f32 = lengths.iter().sum();
    let mut spots = Vec::new();
    for (j, share) in SHARES.iter().enumerate() {
        let (mut left, mut piece) = (total * share, 0);
        while piece + 1 < lengths.len() && left > lengths[piece] {
            left -= lengths[piece];
            piece += 1;
        }
        let (a, b, length) = (path[piece], path[piece + 1], lengths[piece].max(1e-3));
        let at = Point::new(a.x + (b.x - a.x) * left / length, a.y + (b.y - a.y) * left / length);
        let (dx, dy) = ((b.x - a.x).abs() / length, (b.y - a.y).abs() / length);
        // As far off as the curve rises over half the label.
        let (up, side) = (gap + dy * w * 0.3, gap * 1.6 + dx * h * 0.3);
        let (x, y) = (at.x - w / 2.0, at.y - h / 2.0);
        let level = [(x, at.y - h - up), (x, at.y + up)];
        let steep = [(at.x + side, y), (at.x - w - side, y)];
        let near = if dx >= dy { [level, steep] } else { [steep, level] };
        let corners = [
            (at.x + gap, at.y - h - gap),
            (at.x - w - gap, at.y - h - gap),
            (at.x + gap, at.y + gap),
            (at.x - w - gap, at.y + gap),
        ];
        let all = near.into_iter().flatten().chain(corners).enumerate();
        spots.extend(all.map(|(k, (x, y))| {
            (j as f32 * 0.9 + [0.0, 1.2, 4.0, 5.0, 2.0, 2.0, 2.5, 2.5][k], at, Rect::new(x, y, w, h))
        }));
    }
    spots
}

/// Places beside a line and on it, near together, with how far each is from the best and where on the line it is.
fn everywhere(path: &[Point], w: f32, h: f32, px: f32) -> Vec<(f32, Point, Rect)> {
    let mut spots = Vec::new();
    for (i, pair) in path.windows(2).enumerate() {
        let (a, b) = (pair[0], pair[1]);
        for step in 0..=STEPS {
            let share = f32::from(step) / f32::from(STEPS);
            let at = Point::new(a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share);
            let off = 4.0 * (share - 0.5).abs() + i as f32 * 0.5;
            spots.push((off + 8.0, at, Rect::new(at.x - w / 2.0, at.y - h / 2.0, w, h)));
            for (fee, gap) in [(0.0, 0.12), (1.0, 0.28), (6.0, 0.8), (14.0, 1.4)] {
                let gap = gap * px;
                let (left, right, up, down) = (at.x - w - gap, at.x + gap, at.y - h - gap, at.y + gap);
                let (x, y) = (at.x - w / 2.0, at.y - h / 2.0);
                let beside = [(x, up), (right, y), (x, down), (left, y)];
                spots.extend(beside.map(|(x, y)| (off + fee, at, Rect::new(x, y, w, h))));
                // With a corner at the line: beside short pieces, and in the bends.
                let corners = [(left, up), (right, up), (right, down), (left, down)];
                spots.extend(corners.map(|(x, y)| (off + fee + 2.0, at, Rect::new(x, y, w, h))));
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

    /// Random flows with a word at every second arrow.
    #[test]
    fn labels_of_random_flows_lie_on_nothing_else() {
        use super::super::tests::{Even, HD, scene};
        use crate::storyboard::{Canvas, Kind};

        let mut state = 7_u64;
        let mut roll = |sides: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % sides as u64) as usize
        };
        let words = ["yes", "no", "in stock", "after approval", "sends the invoice", "otherwise"];
        let mut found = [0_usize; 4];
        let mut labels = 0;
        for round in 0..1_000 {
            let count = 4 + roll(28);
            let names: Vec<String> =
                (0..count).map(|i| format!("{} {i}", ["check stock", "pack", "send it"][i % 3])).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let mut edges: Vec<(usize, usize, &str)> = (1..count).map(|v| (v - 1 - roll(v.min(4)), v, "")).collect();
            for _ in 0..count / 5 {
                let (a, b) = (roll(count), roll(count));
                edges.extend((a != b).then_some((a, b, "")));
            }
            edges.iter_mut().for_each(|edge| edge.2 = if roll(2) == 0 { words[roll(words.len())] } else { "" });
            let kind = [Kind::Flow, Kind::State, Kind::Architecture, Kind::Swimlane][round % 4];
            let mut scene = scene(kind, &names, &edges);
            if kind == Kind::Swimlane {
                let teams = ["Sales team", "Shop", "Accounts"];
                let actor = |i: usize| serde_json::json!({"id": format!("a{i}"), "label": teams.get(i)});
                scene.actors = (0..3).map(|i| serde_json::from_value(actor(i)).expect("an actor")).collect();
                scene.nodes.iter_mut().enumerate().for_each(|(i, node)| node.actor = Some(format!("a{}", i % 3)));
            }
            let (w, h) = [(1920, 1080), (1080, 1920), (1080, 1080), (1440, 1080)][round / 4 % 4];
            let placed = super::super::place(&scene, Canvas { w, h, ..HD }, &Even);
            let texts: Vec<(usize, &Text)> =
                placed.edges.iter().enumerate().filter_map(|(i, e)| Some((i, e.label.as_ref()?))).collect();
            labels += texts.len();
            for (n, (i, text)) in texts.iter().enumerate() {
                let rect = text.rect.grown(-0.5);
                found[0] += placed.nodes.iter().filter(|node| node.rect.overlaps(&rect)).count();
                found[1] += texts[n + 1..].iter().filter(|(_, other)| other.rect.overlaps(&rect)).count();
                let others = placed.edges.iter().enumerate().filter(|(j, _)| j != i);
                let crossed = |points: &[Point]| points.windows(2).any(|pair| meets(pair[0], pair[1], rect));
                found[2] += others.filter(|(_, edge)| crossed(&edge.points)).count();
            }
            for guide in &placed.guides {
                let super::super::Guide::Container { label, .. } = guide else { continue };
                let wide = label.lines.iter().map(|l| l.chars().count() as f32 * 0.55 * label.px).fold(0.0, f32::max);
                let x = if label.align == Align::Center { label.rect.center().x - wide / 2.0 } else { label.rect.x };
                let high = label.lines.len() as f32 * LINE * label.px;
                let ink = Rect::new(x, label.rect.center().y - high / 2.0, wide, high);
                let crossed = |points: &[Point]| points.windows(2).any(|pair| meets(pair[0], pair[1], ink));
                found[3] += placed.edges.iter().filter(|edge| crossed(&edge.points)).count();
            }
        }
        assert!(labels > 5_000, "{labels}");
        assert_eq!(
            found, [0; 4],
            "of {labels} labels: on boxes, on labels, on others' lines; lines through names of lanes"
        );
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
