//! What lies behind the boxes: lanes, containers, lifelines, axes and ticks.

use super::edge::{around, corners};
use super::fonts::Weight;
use super::node::{badge_plate, draw_badge};
use super::part::{Fragment, Look};
use super::svg::{self, Paint, distance, rounded};
use super::theme::{Theme, Tone};
use super::words;
use crate::geometry::{Point, Rect};
use crate::layout::{Guide, Placed, Text};
use crate::storyboard::Role;

/// Middle, inner and outer radius, begin and end of a piece of a ring.
type Ring = (Point, [f32; 2], [f32; 2]);

/// Draws one guide.
pub(super) fn draw(look: &Look<'_>, placed: &Placed, guide: &Guide) -> Fragment {
    let line_color = look.theme.line.as_str();
    match guide {
        Guide::Container { rect, label, tone, .. } => container(look, *rect, label, *tone),
        Guide::Lifeline { line, .. } => {
            let dash = Some((10.0 * look.unit, 10.0 * look.unit));
            stroke(look, line, Paint { dash, ..Paint::stroke(line_color, 2.5 * look.unit) })
        }
        Guide::Axis { line } => stroke(look, line, Paint::stroke(line_color, 6.0 * look.unit)),
        Guide::Tick { line, .. } => tick(look, placed, *line),
        Guide::Slice { center, radius, turn, label, tone, .. } => {
            slice(look, (*center, *radius, *turn), label, look.theme.tone(*tone))
        }
        Guide::Note { rect, label, .. } => note(look, *rect, label),
        Guide::Key { label, sign: Some(sign), role, tone, .. } => {
            let own = look.theme.tone_of(*role, *tone);
            if Theme::is_second(*role, *tone) {
                letters(look, label, sign, &own.turned())
            } else {
                letters(look, label, sign, own)
            }
        }
        Guide::Key { rect, label, role, tone, .. } => key(look, *rect, label, *role, look.theme.tone_of(*role, *tone)),
    }
}

/// A piece of a ring with what is written on it.
fn slice(look: &Look<'_>, (c, [inner, outer], [from, to]): Ring, label: &Text, tone: &Tone) -> Fragment {
    let u = look.unit;
    let at = |turn: f32, radius: f32| Point::new(c.x + radius * libm::cosf(turn), c.y + radius * libm::sinf(turn));
    let p = |p: Point| format!("{} {}", svg::number(p.x), svg::number(p.y));
    // An arc of more than half a turn is written as two.
    let middle = (from + to) / 2.0;
    let arc = |radius: f32, sweep: u8, end: Point| {
        let r = svg::number(radius);
        format!("A{r} {r} 0 0 {sweep} {}", p(end))
    };
    let data = format!(
        "M{}{}{}L{}{}{}Z",
        p(at(from, outer)),
        arc(outer, 1, at(middle, outer)),
        arc(outer, 1, at(to, outer)),
        p(at(to, inner)),
        arc(inner, 0, at(middle, inner)),
        arc(inner, 0, at(from, inner))
    );
    let mut body = String::new();
    let rim = Paint::stroke(look.theme.background.as_str(), 5.0 * u);
    svg::path(&mut body, &data, Paint { fill: Some(tone.border.as_str()), ..rim });
    words::write(look, &mut body, label, Weight::Strong, tone.fill.as_str());
    let bounds = Rect::new(c.x - outer, c.y - outer, 2.0 * outer, 2.0 * outer).grown(4.0 * u);
    Fragment { bounds, body, ..Fragment::default() }
}

/// A remark with a bar at the side where reading starts.
fn note(look: &Look<'_>, rect: Rect, label: &Text) -> Fragment {
    let u = look.unit;
    let rtl = label.lines.first().is_some_and(|l| look.fonts.shape(l, Weight::Regular).rtl);
    let bar = Rect { w: 6.0 * u, x: if rtl { rect.right() - 6.0 * u } else { rect.x }, ..rect };
    let mut body = String::new();
    svg::rect(&mut body, rect, 8.0 * u, Paint::fill(look.theme.surface.as_str()));
    svg::rect(&mut body, bar, 3.0 * u, Paint::fill(look.theme.accent.as_str()));
    words::write(look, &mut body, label, Weight::Regular, look.theme.ink.as_str());
    Fragment {
        bounds: rect.grown(2.0 * u).union(&words::bounds(look, label, Weight::Regular)),
        body,
        ..Fragment::default()
    }
}

/// The letters that boxes have, with the name of who acts.
fn letters(look: &Look<'_>, label: &Text, sign: &Text, tone: &Tone) -> Fragment {
    let mut body = String::new();
    let plate = badge_plate(look, sign);
    draw_badge(look, &mut body, sign, plate, tone);
    // A light plate on a light page has an edge.
    svg::rect(&mut body, plate, (plate.h / 2.0).min(0.9 * sign.px), Paint::stroke(tone.fill.as_str(), 1.5 * look.unit));
    words::write(look, &mut body, label, Weight::Strong, look.theme.muted.as_str());
    let bounds = plate.grown(4.0 * look.unit).union(&words::bounds(look, label, Weight::Strong));
    Fragment { bounds, body, ..Fragment::default() }
}

/// A small box in the colours of what it stands for, with a name.
fn key(look: &Look<'_>, rect: Rect, label: &Text, role: Role, tone: &Tone) -> Fragment {
    let mut body = String::new();
    let chip = chip(rect, role);
    let paint = Paint::fill(tone.border.as_str());
    match role {
        Role::Decision => {
            let c = chip.center();
            let corners = [(c.x, chip.y), (chip.right(), c.y), (c.x, chip.bottom()), (chip.x, c.y)];
            svg::path(&mut body, &rounded(&corners.map(|(x, y)| Point::new(x, y)), 2.0 * look.unit, true), paint);
        }
        Role::Start | Role::End => svg::rect(&mut body, chip, chip.h / 2.0, paint),
        _ => svg::rect(&mut body, chip, 5.0 * look.unit, paint),
    }
    words::write(look, &mut body, label, Weight::Strong, look.theme.muted.as_str());
    let bounds = chip.grown(3.0 * look.unit).union(&words::bounds(look, label, Weight::Strong));
    Fragment { bounds, body, ..Fragment::default() }
}

/// Where the sign of a legend is: as wide as its shape asks for.
pub(crate) fn chip(rect: Rect, role: Role) -> Rect {
    let side = 0.62 * rect.h;
    let (w, h) = match role {
        Role::Decision => (1.3 * side, 1.15 * side),
        Role::Start | Role::End => (1.3 * side, 0.75 * side),
        _ => (side, side),
    };
    Rect::new(rect.x + 0.65 * side - w / 2.0 + 0.02 * rect.h, rect.center().y - h / 2.0, w, h)
}

/// A tinted room with its name on a band: across the top, or along the left when the name stands there.
fn container(look: &Look<'_>, rect: Rect, label: &Text, tone: usize) -> Fragment {
    let (u, tone) = (look.unit, look.theme.tone(tone));
    let radius = 18.0 * u;
    let mut body = String::new();
    svg::rect(&mut body, rect, radius, Paint::fill(tone.fill.as_str()).opacity(0.42));
    if label.lines.iter().any(|l| !l.trim().is_empty()) {
        let name = words::extent(look, label, Weight::Strong);
        let left = label.rect.w < 0.35 * rect.w && label.rect.h > 0.6 * rect.h;
        let band = if left {
            Rect { w: (label.rect.right() - rect.x + 8.0 * u).min(rect.w), ..rect }
        } else {
            Rect { h: (name.bottom() - rect.y + 10.0 * u).min(rect.h), ..rect }
        };
        svg::path(&mut body, &band_path(band, radius, left), Paint::fill(tone.fill.as_str()));
        words::write(look, &mut body, label, Weight::Strong, tone.text.as_str());
    }
    let border = Paint::stroke(tone.border.as_str(), 2.0 * u).opacity(0.5);
    svg::rect(&mut body, rect, radius, border);
    let bounds = rect.grown(4.0 * u).union(&words::bounds(look, label, Weight::Strong));
    Fragment { bounds, body, ..Fragment::default() }
}

/// A band whose outer corners are those of its room.
fn band_path(r: Rect, radius: f32, left: bool) -> String {
    let k = radius.min(r.w / 2.0).min(r.h / 2.0);
    let (x, y, right, bottom) = (r.x, r.y, r.right(), r.bottom());
    let p = |x: f32, y: f32| format!("{} {}", svg::number(x), svg::number(y));
    if left {
        let (a, b) = (p(x, bottom - k), p(x + k, bottom));
        return format!(
            "M{}L{}L{}L{b}Q{} {a}L{}Q{} {}Z",
            p(x + k, y),
            p(right, y),
            p(right, bottom),
            p(x, bottom),
            p(x, y + k),
            p(x, y),
            p(x + k, y)
        );
    }
    format!(
        "M{}Q{} {}L{}Q{} {}L{}L{}Z",
        p(x, y + k),
        p(x, y),
        p(x + k, y),
        p(right - k, y),
        p(right, y),
        p(right, y + k),
        p(right, bottom),
        p(x, bottom)
    )
}

/// A tie to the axis with a dot on it.
fn tick(look: &Look<'_>, placed: &Placed, line: [Point; 2]) -> Fragment {
    let axes = placed.guides.iter().filter_map(|g| if let Guide::Axis { line } = g { Some(*line) } else { None });
    let from_axis = |p: Point| axes.clone().map(|[a, b]| off(p, a, b)).fold(f32::INFINITY, f32::min);
    let mut line = line;
    if from_axis(line[1]) < from_axis(line[0]) {
        line.reverse();
    }
    let u = look.unit;
    let mut fragment = stroke(look, &line, Paint::stroke(look.theme.line.as_str(), 2.5 * u));
    let dot =
        Paint { fill: Some(look.theme.background.as_str()), ..Paint::stroke(look.theme.accent.as_str(), 4.0 * u) };
    svg::circle(&mut fragment.body, line[0], 9.0 * u, dot);
    let around = Rect::new(line[0].x, line[0].y, 0.0, 0.0).grown(14.0 * u);
    fragment.bounds = if fragment.line.is_empty() { around } else { fragment.bounds.union(&around) };
    // The dot lies on both sides of its point, which a line drawn from there would cut in half.
    fragment.line.clear();
    fragment
}

/// Distance of a point from the line through `a` and `b`.
fn off(p: Point, a: Point, b: Point) -> f32 {
    let length = distance(a, b).max(f32::EPSILON);
    ((b.x - a.x) * (a.y - p.y) - (a.x - p.x) * (b.y - a.y)).abs() / length
}

fn stroke(look: &Look<'_>, line: &[Point], paint: Paint<'_>) -> Fragment {
    let points = corners(line);
    let Some(bounds) = around(&points) else {
        return Fragment::default();
    };
    let mut body = String::new();
    svg::path(&mut body, &rounded(&points, 0.0, false), paint);
    Fragment { bounds: bounds.grown(8.0 * look.unit), body, lit: String::new(), line: points }
}
