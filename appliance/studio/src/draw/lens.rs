//! From the canvas of a scene to the pixels of a picture: sizes and places, and pictures taken from a larger one.

use super::Picture;
use super::rows::{Column, at_columns, between};
use crate::film::View;
use crate::geometry::{Point, Rect};

/// A larger picture that frames are taken from has no more pixels than this: twice 1080p, or 2160p once. Each thread has one.
const MAX_PIXELS: f32 = 8.4e6;

/// A change of size followed by a shift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lens {
    /// Picture pixels for each canvas pixel.
    pub(super) zoom: f32,
    /// Where the canvas' left edge is in the picture.
    pub(super) x: f32,
    /// Where its top edge is.
    pub(super) y: f32,
}

impl Lens {
    /// Everything at its place.
    pub(super) const PLAIN: Self = Self { zoom: 1.0, x: 0.0, y: 0.0 };

    /// Shows the part `seen` of the canvas in the window.
    pub(super) fn of(seen: Rect, window: Rect) -> Self {
        let zoom = window.w / seen.w.max(1.0);
        Self { zoom, x: window.x - seen.x * zoom, y: window.y - seen.y * zoom }
    }

    /// So many times larger around `middle`, then shifted.
    pub(super) fn around(middle: Point, zoom: f32, (dx, dy): (f32, f32)) -> Self {
        Self { zoom, x: middle.x + dx - middle.x * zoom, y: middle.y + dy - middle.y * zoom }
    }

    /// This one seen through `outer`.
    pub(super) fn through(self, outer: Self) -> Self {
        Self { zoom: self.zoom * outer.zoom, x: self.x * outer.zoom + outer.x, y: self.y * outer.zoom + outer.y }
    }

    pub(super) fn point(&self, p: Point) -> Point {
        Point::new(p.x * self.zoom + self.x, p.y * self.zoom + self.y)
    }

    pub(super) fn rect(&self, r: Rect) -> Rect {
        Rect::new(r.x * self.zoom + self.x, r.y * self.zoom + self.y, r.w * self.zoom, r.h * self.zoom)
    }

    /// The part of the canvas that shows in this part of the picture.
    pub(super) fn back(&self, r: Rect) -> Rect {
        Rect::new((r.x - self.x) / self.zoom, (r.y - self.y) / self.zoom, r.w / self.zoom, r.h / self.zoom)
    }
}

/// How large the picture is that the frames of a move are taken from, for a canvas of this size.
pub(super) fn enlargement(wanted: f32, (w, h): (u32, u32)) -> f32 {
    #[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
    let most = (MAX_PIXELS / (w as f32 * h as f32).max(1.0)).sqrt().max(1.0);
    if wanted.is_finite() { wanted.clamp(1.0, most) } else { 1.0 }
}

/// Which pixels of a larger picture the pixels of a window are mixed of.
///
/// For each column, and for each row from `top` on: the first of two neighbours in the larger picture, and how many parts
/// in 256 come from the second one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Take {
    /// The first row of the window.
    pub top: u32,
    /// The columns.
    pub columns: Vec<(u32, u32)>,
    /// The rows.
    pub rows: Vec<(u32, u32)>,
}

impl Take {
    /// What `view` sees in a picture of the size `large`, the whole canvas `enlarged` times, for the window of a picture of
    /// the size `into`.
    pub(super) fn new(large: (u32, u32), enlarged: f32, view: View, window: Rect, into: (u32, u32)) -> Self {
        #[allow(clippy::cast_precision_loss, reason = "pictures are at most a few thousand pixels wide")]
        let at = |from: f32, length: f32, side: f32, i: u32, last: u32| {
            let place = ((from + (i as f32 + 0.5) * length / side) * enlarged - 0.5).clamp(0.0, last as f32);
            let fixed = (place * 256.0) as u32;
            ((fixed >> 8).min(last), fixed & 255)
        };
        let top = (window.y.max(0.0) as u32).min(into.1);
        let (last_x, last_y) = (large.0.saturating_sub(1), large.1.saturating_sub(1));
        Self {
            top,
            columns: (0..into.0).map(|x| at(view.seen.x, view.seen.w, window.w, x, last_x)).collect(),
            rows: (0..into.1 - top).map(|y| at(view.seen.y, view.seen.h, window.h, y, last_y)).collect(),
        }
    }

    /// Mixes each pixel of the four nearest, in two passes: rows first.
    pub(super) fn paint(&self, large: &Picture, into: &mut Picture) {
        let (last_x, last_y) = (large.w.saturating_sub(1), large.h.saturating_sub(1));
        let (left, right) =
            (self.columns.first().map_or(0, |c| c.0), self.columns.last().map_or(0, |c| (c.0 + 1).min(last_x)));
        let columns: Vec<Column> = self.columns.iter().map(|&(x, share)| (x - left, share as u16)).collect();
        // One more, for what has no pixel to its right.
        let mut row = vec![[0_u8; 4]; (right - left) as usize + 2];
        let bytes = large.w as usize * 4;
        let lines = into.rgba.chunks_exact_mut(into.w as usize * 4).skip(self.top as usize);
        for (&(y, share), out) in self.rows.iter().zip(lines) {
            let line = |y: u32| {
                let start = y as usize * bytes;
                &large.rgba[start + left as usize * 4..start + (right as usize + 1) * 4]
            };
            between(line(y), line((y + 1).min(last_y)), share as u16, row.as_flattened_mut());
            if let [.., last, beyond] = row.as_mut_slice() {
                *beyond = *last;
            }
            at_columns(&row, &columns, out.as_chunks_mut().0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lens_and_its_way_back() {
        let lens = Lens::of(Rect::new(100.0, 200.0, 960.0, 490.0), Rect::new(0.0, 100.0, 1920.0, 980.0));
        assert_eq!(lens.rect(Rect::new(100.0, 200.0, 960.0, 490.0)), Rect::new(0.0, 100.0, 1920.0, 980.0));
        assert_eq!(lens.back(Rect::new(0.0, 100.0, 1920.0, 980.0)), Rect::new(100.0, 200.0, 960.0, 490.0));
        let around = Lens::around(Point::new(50.0, 50.0), 2.0, (10.0, 0.0)).through(lens);
        assert_eq!(around.point(Point::new(50.0, 50.0)), lens.point(Point::new(60.0, 50.0)));
    }

    #[test]
    fn taking_at_its_own_size_is_a_copy() {
        let rgba: Vec<u8> = (0..64 * 36 * 4_u32).map(|i| if i % 4 == 3 { 255 } else { (i * 7 % 251) as u8 }).collect();
        let large = Picture { w: 64, h: 36, rgba };
        let window = Rect::new(0.0, 6.0, 64.0, 30.0);
        let mut into = Picture::blank((64, 36));
        let view = View { seen: window, taken_at: Some(1.0) };
        Take::new((64, 36), 1.0, view, window, (64, 36)).paint(&large, &mut into);
        assert_eq!(into.rgba[6 * 64 * 4..], large.rgba[6 * 64 * 4..]);
        assert!(into.rgba[..6 * 64 * 4].chunks(4).all(|p| p == [0, 0, 0, 255]), "above the window nothing changes");
    }
}
