//! Icons by concept: a small picture at the corner of a box, chosen by the words of its label.

use std::sync::LazyLock;

use serde::Deserialize;

use super::fonts::Weight;
use super::part::Look;
use super::svg::{self, Paint, number};
use super::theme::Tone;
use super::words;
use crate::geometry::{Point, Rect};
use crate::layout::PlacedNode;
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

/// Where the icon of a box sits, if it has one: on its upper left corner, so that it takes no room from the label. Beside or above
/// a label that comes near, it is smaller; where it could not be told any more, there is none.
pub(super) fn disc(look: &Look<'_>, node: &PlacedNode) -> Option<Rect> {
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
    let k = (RADIUS * u).min(room);
    (k >= SMALLEST * u).then(|| Rect::new(center.x - k, center.y - k, 2.0 * k, 2.0 * k))
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
