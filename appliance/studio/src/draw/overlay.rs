//! Cards at the beginning and the end, and the name of who speaks.

use super::fonts::Weight;
use super::part::{Fragment, Look};
use super::svg::{self, Paint};
use super::words;
use crate::geometry::Rect;
use crate::layout::{Overlay, Text, When};

/// Draws an overlay.
pub(super) fn draw(look: &Look<'_>, overlay: &Overlay) -> Fragment {
    match overlay.when {
        When::Opening | When::Closing => card(look, overlay),
        When::During(..) => name(look, overlay),
    }
}

/// A page of its own: the title under a short bar, lines below it.
fn card(look: &Look<'_>, overlay: &Overlay) -> Fragment {
    let (u, theme, head) = (look.unit, look.theme, &overlay.head);
    let mut body = String::new();
    svg::rect(&mut body, overlay.rect, 0.0, Paint::fill(theme.background.as_str()));
    let first = head.lines.first().map(|l| look.fonts.shape(l, Weight::Strong));
    let rtl = first.is_some_and(|l| l.rtl);
    let width = 120.0 * u;
    let x = if rtl { head.rect.right() - width } else { head.rect.x };
    let bar = Rect::new(x, head.rect.y - 44.0 * u, width, 12.0 * u);
    svg::rect(&mut body, bar, 6.0 * u, Paint::fill(theme.accent.as_str()));
    words::write(look, &mut body, head, Weight::Strong, theme.ink.as_str());
    for line in &overlay.under {
        words::write(look, &mut body, line, Weight::Regular, theme.muted.as_str());
    }
    Fragment { bounds: overlay.rect, body, ..Fragment::default() }
}

/// A plate with a bar of the accent and the name; above a banner at the foot.
fn name(look: &Look<'_>, overlay: &Overlay) -> Fragment {
    let (u, theme) = (look.unit, look.theme);
    let floor = theme.marks.floor(u);
    let up = if floor > 0.0 { floor - 12.0 * u } else { 0.0 };
    let raised = |rect: Rect| Rect { y: rect.y - up, ..rect };
    let (rect, head) = (raised(overlay.rect), Text { rect: raised(overlay.head.rect), ..overlay.head.clone() });
    let mut body = String::new();
    let plate = Paint { fill: Some(theme.surface.as_str()), ..Paint::stroke(theme.line.as_str(), 1.5 * u) };
    svg::rect(&mut body, rect, rect.h / 2.0, plate);
    let dot = crate::geometry::Point::new(rect.x + 0.55 * rect.h, rect.center().y);
    svg::circle(&mut body, dot, 0.16 * rect.h, Paint::fill(theme.accent.as_str()));
    words::write(look, &mut body, &head, Weight::Strong, theme.ink.as_str());
    let bounds = rect.grown(3.0 * u).union(&words::bounds(look, &head, Weight::Strong));
    Fragment { bounds, body, ..Fragment::default() }
}
