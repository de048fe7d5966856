//! Icons by concept: a small picture at the corner of a box, chosen by the words of its label.

use std::sync::LazyLock;

use serde::Deserialize;

use super::fonts::Weight;
use super::part::Look;
use super::svg::{self, Paint, number};
use super::theme::Tone;
use super::{edge, words};
use crate::geometry::{Point, Rect};
use crate::layout::{Guide, Placed, PlacedEdge, PlacedNode};
use crate::storyboard::{Role, Shape};

/// The bundled set, in the order in which they are tried.
static ICONS: LazyLock<Vec<Icon>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../assets/icons/icons.json")).expect("the bundled icons are JSON")
});
/// Endings that a word of a label may have beyond the word of an icon.
const ENDINGS: [&str; 6] = ["s", "es", "d", "ed", "ing", "'s"];
/// Radius of the disc in design pixels, and the smallest that it is drawn with.
const RADIUS: f32 = 21.0;
const SMALLEST: f32 = 13.0;
/// Between the disc and what it keeps off, in design pixels: half of its rim, and a little.
const GAP: f32 = 2.0;
/// Between the top of a line and its capitals, in em.
const AIR: f32 = 0.24;
/// Labels smaller than this in design pixels stand without an icon.
const LEAST: f32 = 19.0;

/// A small picture on a grid of 24.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Icon {
    /// Its name.
    name: String,
    /// Path data, to be stroked.
    path: String,
    /// Words that call for it, in small letters.
    words: Vec<String>,
}

/// Where the icon of a box sits, if it has one: on its upper left corner, so that it takes no room from the label. Where letters or the
/// head of an arrow come near, it is smaller; where it could not be told any more, there is none.
pub(super) fn disc(look: &Look<'_>, placed: &Placed, node: &PlacedNode) -> Option<Rect> {
    let fits = matches!(node.shape, Shape::Box | Shape::Pill | Shape::Document | Shape::Cylinder)
        && !matches!(node.role, Role::Decision | Role::Quantity)
        && node.badge.is_none()
        && node.label.px >= LEAST * look.unit
        && node.rect.overlaps(&node.label.rect);
    if !fits || of(node).is_none() {
        return None;
    }
    let u = look.unit;
    let inset = if node.shape == Shape::Pill { (node.rect.h * 0.16).min(14.0 * u) } else { 2.0 * u };
    let center = Point::new(node.rect.x + inset, node.rect.y + inset * 0.5);
    let letters = words::extent(look, &node.label, Weight::Strong);
    let room = (letters.x - center.x).max(letters.y + AIR * node.label.px - center.y);
    let k = (RADIUS * u).min(room).min(around(look, placed, center) - GAP * u);
    (k >= SMALLEST * u).then(|| Rect::new(center.x - k, center.y - k, 2.0 * k, 2.0 * k))
}

/// How far it is from `at` to the next letters that are not in a box, and to the next head of an arrow.
fn around(look: &Look<'_>, placed: &Placed, at: Point) -> f32 {
    let names = placed.guides.iter().filter_map(|guide| match guide {
        Guide::Container { label, .. } | Guide::Slice { label, .. } => Some(label),
        Guide::Note { label, .. } | Guide::Key { label, .. } => Some(label),
        Guide::Lifeline { .. } | Guide::Axis { .. } | Guide::Tick { .. } => None,
    });
    let texts = names.chain(placed.edges.iter().filter_map(|edge| edge.label.as_ref()));
    let letters = texts.filter(|text| text.lines.iter().any(|line| !line.is_empty())).map(|text| {
        let r = words::extent(look, text, Weight::Strong);
        let air = AIR * text.px;
        svg::distance(at, Point::new(at.x.max(r.x).min(r.right()), at.y.max(r.y + air).min(r.bottom() - air)))
    });
    let near =
        |edge: &&PlacedEdge| edge.points.last().is_some_and(|&end| svg::distance(at, end) < 4.0 * RADIUS * look.unit);
    let heads = placed.edges.iter().filter(near).filter_map(|edge| edge::plain_head(look, edge));
    let heads = heads.map(|head| {
        let [a, b] = head.wings;
        off(at, head.tip, a).min(off(at, head.tip, b)).min(off(at, a, b))
    });
    letters.chain(heads).fold(f32::INFINITY, f32::min)
}

/// How far it is from `at` to the line from `a` to `b`.
fn off(at: Point, a: Point, b: Point) -> f32 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let along = (((at.x - a.x) * dx + (at.y - a.y) * dy) / (dx * dx + dy * dy).max(1e-6)).clamp(0.0, 1.0);
    svg::distance(at, Point::new(a.x + along * dx, a.y + along * dy))
}

/// Draws the icon of a box in the box's own colours turned round, which keeps their contrast.
pub(super) fn draw(look: &Look<'_>, out: &mut String, node: &PlacedNode, disc: Rect, tone: &Tone) {
    let Some(icon) = of(node) else { return };
    let rim = Paint::stroke(look.theme.background.as_str(), 3.0 * look.unit);
    let center = Point::new(disc.center().x, disc.center().y);
    svg::circle(out, center, disc.w / 2.0, Paint { fill: Some(tone.text.as_str()), ..rim });
    let scale = disc.w * 0.58 / 24.0;
    let (x, y) = (center.x - 12.0 * scale, center.y - 12.0 * scale);
    out.push_str(&format!("<g transform=\"translate({} {}) scale({scale:.4})\">", number(x), number(y)));
    svg::path(out, &icon.path, Paint::stroke(tone.fill.as_str(), 2.1));
    out.push_str("</g>");
}

/// The icon of a box: the one that was named, else by the words of its label.
fn of(node: &PlacedNode) -> Option<&'static Icon> {
    match node.icon.as_deref() {
        Some(name) => ICONS.iter().find(|icon| icon.name == name),
        None => by_words(&node.label.lines.join(" ")),
    }
}

/// The first icon one of whose words is in `label` as it is, else with an ending.
fn by_words(label: &str) -> Option<&'static Icon> {
    let label = label.to_lowercase();
    let words: Vec<&str> = label.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| w.len() > 2).collect();
    let exact = |icon: &&Icon| icon.words.iter().any(|stem| words.contains(&stem.as_str()));
    let is = |word: &str, stem: &str| match word.strip_prefix(stem) {
        Some(rest) => rest.is_empty() || ENDINGS.contains(&rest),
        // A silent e gives way: "examine", "examining".
        None => stem.strip_suffix('e').and_then(|s| word.strip_prefix(s)) == Some("ing"),
    };
    let ended = |icon: &&Icon| icon.words.iter().any(|stem| words.iter().any(|word| is(word, stem)));
    ICONS.iter().find(exact).or_else(|| ICONS.iter().find(ended))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(label: &str, expected: Option<&str>) {
        assert_eq!(by_words(label).map(|icon| icon.name.as_str()), expected, "{label}");
    }

    #[test]
    fn icons_are_chosen_by_words() {
        check("Send the invoice", Some("invoice"));
        check("Ships the parcels", Some("package"));
        check("examining", Some("search"));
        check("Carry on", None);
        check("Portfolio", None);
        check("", None);
    }

    #[test]
    fn icons_can_be_drawn() {
        assert!(ICONS.len() >= 60);
        for icon in ICONS.iter() {
            let document = svg::document(Rect::new(0.0, 0.0, 24.0, 24.0), "", &format!("<path d=\"{}\"/>", icon.path));
            let tree = resvg::usvg::Tree::from_str(&document, &resvg::usvg::Options::default()).expect("SVG");
            let bounds = tree.root().abs_bounding_box();
            assert!(
                bounds.left() >= 1.0 && bounds.right() <= 23.1 && bounds.top() >= 1.0 && bounds.bottom() <= 23.1,
                "{}",
                icon.name
            );
            assert!(icon.words.iter().all(|w| w.chars().all(|c| c.is_ascii_lowercase())), "{}", icon.name);
        }
    }
}
