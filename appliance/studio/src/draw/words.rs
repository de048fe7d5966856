//! Words: lines of text as outlines, so that a picture looks alike wherever it is shown.

use super::fonts::Weight;
use super::part::Look;
use super::svg::{self, Paint};
use crate::geometry::Rect;
use crate::layout::{Align, Text};

/// Distance of base lines in em, unless the text's rectangle asks for less.
const LEADING: f32 = 1.22;
/// Height of capital letters in em; half of it puts a line of capitals in the middle.
const CAPITAL: f32 = 0.727;
/// Lines of one text that are drawn.
const MAX_LINES: usize = 12;

/// One line at its place.
struct Line {
    x: f32,
    base: f32,
    px: f32,
    width: f32,
    shaped: std::sync::Arc<super::fonts::Shaped>,
}

fn lines(look: &Look<'_>, text: &Text, weight: Weight) -> Vec<Line> {
    let count = text.lines.len().clamp(1, MAX_LINES);
    let pitch = (text.rect.h / count as f32).min(LEADING * text.px);
    let pitch = if pitch < 0.8 * text.px { LEADING * text.px } else { pitch };
    let top = text.rect.center().y - pitch * count as f32 / 2.0;
    let rtl = text.lines.first().is_some_and(|l| look.fonts.shape(l, weight).rtl);
    let place = |(i, line): (usize, &String)| {
        let shaped = look.fonts.shape(line, weight);
        // Layout measures what is drawn here, so this shrinks only what was placed by hand.
        let fit = if text.rect.w > 0.0 && shaped.width > 0.0 { text.rect.w * 1.02 / shaped.width } else { text.px };
        let px = text.px.min(fit);
        let width = shaped.width * px;
        let x = match text.align {
            Align::Center => text.rect.center().x - width / 2.0,
            Align::Start if rtl => text.rect.right() - width,
            Align::Start => text.rect.x,
        };
        let base = top + pitch * (i as f32 + 0.5) + px * CAPITAL / 2.0;
        Line { x, base, px, width, shaped }
    };
    text.lines.iter().take(MAX_LINES).enumerate().map(place).collect()
}

/// Adds the lines of `text`.
pub(super) fn write(look: &Look<'_>, out: &mut String, text: &Text, weight: Weight, color: &str) {
    for line in lines(look, text, weight) {
        svg::path(out, &look.fonts.outline(&line.shaped, line.x, line.base, line.px), Paint::fill(color));
    }
}

/// Where the lines of `text` paint, accents and descenders included.
pub(super) fn bounds(look: &Look<'_>, text: &Text, weight: Weight) -> Rect {
    let boxes = lines(look, text, weight).into_iter().map(|l| {
        // Marks and overhangs of any script stay within one em of the line.
        Rect::new(l.x - 0.5 * l.px, l.base - 1.5 * l.px, l.width + l.px, 2.2 * l.px)
    });
    boxes.reduce(|a, b| a.union(&b)).unwrap_or(text.rect)
}

/// The box around the lines as type: their widths and pitches, without overhangs.
pub(super) fn extent(look: &Look<'_>, text: &Text, weight: Weight) -> Rect {
    let boxes = lines(look, text, weight).into_iter().map(|l| {
        let height = LEADING * l.px;
        Rect::new(l.x, l.base - l.px * CAPITAL / 2.0 - height / 2.0, l.width, height)
    });
    boxes.reduce(|a, b| a.union(&b)).unwrap_or(text.rect)
}
