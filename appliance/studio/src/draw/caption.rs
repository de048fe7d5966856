//! Captions that are drawn into the picture: white on a dark plate, over everything else.

use super::fonts::Weight;
use super::part::{Fragment, Look};
use super::svg::{self, Paint};
use super::words;
use crate::geometry::Rect;
use crate::layout::{Align, Text};

/// Size of the type, in pixels of a canvas whose shorter side is 1080, and distance of the base lines in em.
const PX: f32 = 40.0;
const LEADING: f32 = 1.3;
/// Shares of the canvas: the widest line, and the distance of the plate from the lower edge.
const WIDEST: f32 = 0.9;
const BELOW: f32 = 0.022;
/// Size of the type above a banner, and its distance from it in design pixels: two lines fit the room that layout leaves.
const ABOVE: (f32, f32) = (34.0, 6.0);
/// Contrast of white on this is above 12:1 whatever lies behind the plate.
const PLATE: (&str, f32) = ("#0b0e14", 0.86);

/// Draws the lines of a caption on a canvas of this size.
pub(super) fn draw(look: &Look<'_>, lines: &[String], (w, h): (u32, u32)) -> Fragment {
    #[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
    let (w, h) = (w as f32, h as f32);
    let u = look.unit;
    let widest = lines.iter().map(|l| look.fonts.shape(l, Weight::Strong).width).fold(0.0, f32::max);
    if widest <= 0.0 {
        return Fragment::default();
    }
    let floor = look.theme.marks.floor(u);
    let (px, below) = if floor > 0.0 { (ABOVE.0, floor + ABOVE.1 * u) } else { (PX, BELOW * h) };
    let px = (px * u).min(WIDEST * w / widest);
    #[allow(clippy::cast_precision_loss, reason = "captions have two lines")]
    let height = lines.len() as f32 * LEADING * px;
    let (pad_x, pad_y) = (0.5 * px, 0.22 * px);
    let bottom = h - below - pad_y;
    let rect = Rect::new((w - widest * px) / 2.0, bottom - height, widest * px, height);
    let plate = Rect::new(rect.x - pad_x, rect.y - pad_y, rect.w + 2.0 * pad_x, rect.h + 2.0 * pad_y);
    let text = Text { rect, lines: lines.to_vec(), px, align: Align::Center };
    let mut body = String::new();
    svg::rect(&mut body, plate, 10.0 * u, Paint::fill(PLATE.0).opacity(PLATE.1));
    words::write(look, &mut body, &text, Weight::Strong, "#ffffff");
    Fragment {
        bounds: plate.grown(2.0).union(&words::bounds(look, &text, Weight::Strong)),
        body,
        ..Fragment::default()
    }
}
