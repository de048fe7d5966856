//! Boxes: outline, tint, label, badge, and the ring while they are spoken of.

use std::fmt::Write as _;

use super::fonts::Weight;
use super::icon;
use super::part::{Fragment, Look};
use super::svg::{self, Paint, number, rounded};
use super::theme::{Theme, Tone};
use super::words;
use crate::geometry::{Point, Rect};
use crate::layout::{Placed, PlacedNode, Text};
use crate::storyboard::{Role, Shape};

/// Layers of the soft shadow: widths in design pixels.
const SHADOW: [f32; 6] = [3.0, 7.0, 12.0, 18.0, 25.0, 33.0];
/// Layers of the ring around what is spoken of: width in design pixels and opacity.
const RING: [(f32, f32); 7] =
    [(34.0, 0.035), (30.0, 0.04), (26.0, 0.05), (22.0, 0.06), (18.0, 0.08), (14.0, 0.10), (10.0, 0.14)];

/// Draws a box with its label and badge.
pub(super) fn draw(look: &Look<'_>, placed: &Placed, node: &PlacedNode) -> Fragment {
    let u = look.unit;
    let own = look.theme.tone_of(node.role, node.tone);
    let turned = own.turned();
    let tone = if is_turned(node) { &turned } else { own };
    let outline = outline(node.shape, node.rect, look.theme.radius * u, u);
    let mut body = String::new();
    if let Some(shadow) = &look.theme.shadow {
        for width in SHADOW {
            let lowered = self::outline(node.shape, lower(node.rect, shadow.drop * u), look.theme.radius * u, u);
            let paint = Paint::stroke(shadow.color.as_str(), width * u);
            svg::path(
                &mut body,
                &lowered,
                Paint { fill: Some(shadow.color.as_str()), ..paint }.opacity(shadow.opacity),
            );
        }
    }
    let bar = is_bar(node);
    let fill = if bar { &tone.border } else { &tone.fill };
    let face = Paint { fill: Some(fill.as_str()), ..Paint::stroke(tone.border.as_str(), look.stroke()) };
    svg::path(&mut body, &outline, face);
    svg::path(&mut body, &detail(node.shape, node.rect, u), Paint::stroke(tone.border.as_str(), look.stroke()));
    words::write(look, &mut body, &node.label, Weight::Strong, tone.text.as_str());
    let mut lit = String::new();
    for (width, opacity) in RING {
        svg::path(&mut lit, &outline, Paint::stroke(own.border.as_str(), width * u).opacity(opacity));
    }
    svg::path(&mut lit, &outline, Paint::stroke(own.border.as_str(), look.stroke() * 1.9));
    let mut bounds = node.rect.grown(22.0 * u).union(&words::bounds(look, &node.label, Weight::Strong));
    if let (Some(value), true) = (&node.badge, bar) {
        words::write(look, &mut body, value, Weight::Strong, tone.text.as_str());
        bounds = bounds.union(&words::bounds(look, value, Weight::Strong));
    } else if let Some(badge) = &node.badge {
        let plate = badge_plate(look, badge);
        draw_badge(look, &mut body, badge, plate, own);
        draw_badge(look, &mut lit, badge, plate, own);
        bounds = bounds.union(&plate.grown(4.0 * u));
    }
    if let Some(disc) = icon::disc(look, placed, node) {
        icon::draw(look, &mut body, node, disc, own);
        icon::draw(look, &mut lit, node, disc, own);
        bounds = bounds.union(&disc.grown(4.0 * u));
    }
    if let Some(sign) = &node.sign {
        let plate = badge_plate(look, sign);
        draw_badge(look, &mut body, sign, plate, tone);
        draw_badge(look, &mut lit, sign, plate, tone);
        bounds = bounds.union(&plate.grown(4.0 * u));
    }
    if node.shape == Shape::Person {
        person(look, &mut body, node.rect, tone);
        person(look, &mut lit, node.rect, tone);
        bounds = bounds.union(&head_of(node.rect, u).grown(8.0 * u));
    }
    Fragment { bounds, body, lit, line: Vec::new() }
}

/// Whether a box is drawn in its colours turned round.
pub(crate) fn is_turned(node: &PlacedNode) -> bool {
    node.head || node.sign.is_some() && Theme::is_second(node.role, node.tone)
}

/// Whether the box is the bar of a chart: a number whose name stands beside it.
fn is_bar(node: &PlacedNode) -> bool {
    node.role == Role::Quantity && !node.label.rect.overlaps(&node.rect)
}

fn lower(r: Rect, drop: f32) -> Rect {
    Rect { y: r.y + drop, ..r }
}

/// Path data of a shape that fills `r`.
fn outline(shape: Shape, r: Rect, radius: f32, unit: f32) -> String {
    let corner = |x: f32, y: f32| Point::new(r.x + x * r.w, r.y + y * r.h);
    let square = [corner(0.0, 0.0), corner(1.0, 0.0), corner(1.0, 1.0), corner(0.0, 1.0)];
    match shape {
        Shape::Box => round_rect(r, radius),
        Shape::Person => round_rect(r, radius * 1.5),
        Shape::Pill => round_rect(r, r.h / 2.0),
        Shape::Diamond => {
            rounded(&[corner(0.5, 0.0), corner(1.0, 0.5), corner(0.5, 1.0), corner(0.0, 0.5)], radius * 0.5, true)
        }
        Shape::Ellipse => {
            let (rx, ry) = (number(r.w / 2.0), number(r.h / 2.0));
            let (left, right, y) = (number(r.x), number(r.right()), number(r.center().y));
            format!("M{left} {y}A{rx} {ry} 0 0 1 {right} {y}A{rx} {ry} 0 0 1 {left} {y}Z")
        }
        Shape::Cylinder => {
            let cap = cap(r);
            let (rx, ry) = (number(r.w / 2.0), number(cap));
            let (left, right) = (number(r.x), number(r.right()));
            let (top, bottom) = (number(r.y + cap), number(r.bottom() - cap));
            format!("M{left} {top}A{rx} {ry} 0 0 1 {right} {top}L{right} {bottom}A{rx} {ry} 0 0 1 {left} {bottom}Z")
        }
        Shape::Document => {
            let fold = fold(r, unit);
            let points =
                [square[0], Point::new(r.right() - fold, r.y), Point::new(r.right(), r.y + fold), square[2], square[3]];
            rounded(&points, radius * 0.4, true)
        }
    }
}

/// A rectangle with circular corners.
fn round_rect(r: Rect, radius: f32) -> String {
    let k = radius.min(r.w / 2.0).min(r.h / 2.0).max(0.0);
    let (x, y, right, bottom) = (r.x, r.y, r.right(), r.bottom());
    let mut data = format!("M{} {}", number(x + k), number(y));
    let arcs = [
        ((right - k, y), (right, y + k)),
        ((right, bottom - k), (right - k, bottom)),
        ((x + k, bottom), (x, bottom - k)),
        ((x, y + k), (x + k, y)),
    ];
    for ((lx, ly), (ax, ay)) in arcs {
        let (lx, ly, ax, ay, k) = (number(lx), number(ly), number(ax), number(ay), number(k));
        let _ = write!(data, "L{lx} {ly}A{k} {k} 0 0 1 {ax} {ay}");
    }
    data.push('Z');
    data
}

/// Height of the lid of a store.
fn cap(r: Rect) -> f32 {
    (r.h * 0.12).min(r.w * 0.12)
}

/// Side of the folded corner of a document.
fn fold(r: Rect, unit: f32) -> f32 {
    (26.0 * unit).min(r.h * 0.3).min(r.w * 0.3)
}

/// Lines inside the outline: the lid of a store, the folded corner of a document.
fn detail(shape: Shape, r: Rect, unit: f32) -> String {
    match shape {
        Shape::Cylinder => {
            let cap = cap(r);
            let (rx, ry, y) = (number(r.w / 2.0), number(cap), number(r.y + cap));
            format!("M{} {y}A{rx} {ry} 0 0 0 {} {y}", number(r.x), number(r.right()))
        }
        Shape::Document => {
            let fold = fold(r, unit);
            let at = Point::new(r.right() - fold, r.y);
            rounded(&[at, Point::new(at.x, r.y + fold), Point::new(r.right(), r.y + fold)], 5.0 * unit, false)
        }
        _ => String::new(),
    }
}

/// Where the head of a person sits: on the upper border, so that it takes no room from the label.
fn head_of(r: Rect, unit: f32) -> Rect {
    let size = (46.0 * unit).min(r.h * 0.6);
    Rect::new(r.center().x - size / 2.0, r.y - size * 0.62, size, size)
}

/// Head and shoulders in a disc.
fn person(look: &Look<'_>, out: &mut String, r: Rect, tone: &Tone) {
    let disc = head_of(r, look.unit);
    let (c, k) = (disc.center(), disc.w / 2.0);
    let ring =
        Paint { fill: Some(tone.text.as_str()), ..Paint::stroke(look.theme.background.as_str(), 3.0 * look.unit) };
    svg::circle(out, c, k, ring);
    let figure = Paint::fill(tone.fill.as_str());
    svg::circle(out, Point::new(c.x, c.y - 0.22 * k), 0.3 * k, figure);
    let (left, right, y) = (number(c.x - 0.55 * k), number(c.x + 0.55 * k), number(c.y + 0.6 * k));
    let (rx, ry) = (number(0.55 * k), number(0.48 * k));
    svg::path(out, &format!("M{left} {y}A{rx} {ry} 0 0 1 {right} {y}Z"), figure);
}

/// The plate of a badge: a disc for a digit or two, a pill for more.
pub(super) fn badge_plate(look: &Look<'_>, badge: &Text) -> Rect {
    let widest = badge.lines.iter().map(|l| look.fonts.shape(l, Weight::Strong).width).fold(0.0, f32::max);
    let h = badge.rect.h.max(1.5 * badge.px);
    let side = if badge.lines.len() > 1 { 1.3 } else { 0.9 };
    let w = (widest * badge.px + side * badge.px).max(badge.rect.w.min(h)).max(h);
    let c = badge.rect.center();
    Rect::new(c.x - w / 2.0, c.y - h / 2.0, w, h)
}

/// The badge in the box's own colours turned round, which keeps their contrast.
pub(super) fn draw_badge(look: &Look<'_>, out: &mut String, badge: &Text, plate: Rect, tone: &Tone) {
    let rim = Paint::stroke(look.theme.background.as_str(), 3.0 * look.unit);
    svg::rect(out, plate, (plate.h / 2.0).min(0.9 * badge.px), Paint { fill: Some(tone.text.as_str()), ..rim });
    let text = Text { rect: plate, align: crate::layout::Align::Center, ..badge.clone() };
    words::write(look, out, &text, Weight::Strong, tone.fill.as_str());
}
