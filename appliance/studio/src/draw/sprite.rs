//! Sprites: a part rasterised once, kept as its covered pixels only, and laid over pictures. Of plain areas, which boxes and
//! cards mostly are, a row keeps one pixel.

use std::ops::Range;

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg;

use super::blend::{lay, lay_plain, lay_row};
use super::lens::Lens;
use super::svg::{distance, document};
use super::{Picture, PixelRect};
use crate::geometry::{Point, Rect};

/// Covered pixels of a part: runs from left to right, rows from the top.
#[derive(Debug)]
pub struct Sprite {
    /// Where it paints, in canvas pixels.
    pub(super) rect: PixelRect,
    runs: Vec<Run>,
    /// Premultiplied RGBA of all runs, one after the other.
    pixels: Vec<[u8; 4]>,
    /// For each pixel how far along its line it lies, 0 to [`FAR`]; empty for parts that appear as a whole.
    along: Vec<u16>,
}

#[derive(Debug, Clone, Copy)]
struct Run {
    x: u32,
    y: u32,
    /// Where its pixels begin.
    at: u32,
    len: u32,
    /// All its pixels are equal, and one is kept.
    plain: bool,
}

/// Equal pixels side by side from which on a run is plain.
const PLAIN: usize = 16;
/// Pixels that are rasterised at once: larger parts are, strip by strip.
const STRIP: u32 = 2 << 20;

/// The end of a line in [`Sprite::along`].
const FAR: u16 = 60_000;

/// How a sprite is laid over a picture.
#[derive(Debug, Clone, Copy)]
pub struct Over {
    /// Pixels downwards.
    pub sink: u32,
    /// 0 to 1.
    pub opacity: f32,
    /// Share of its line that is there.
    pub drawn: f32,
    /// Pixels outside are left alone.
    pub clip: PixelRect,
}

/// How much of a sprite is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Its strength, 1 to 255.
    pub alpha: u32,
    /// Pixels that lie farther along its line are left out; `None` for all of it.
    pub reach: Option<u16>,
}

/// Covered pixels of a sprite that lie side by side.
#[derive(Debug, Clone, Copy)]
pub struct Covered<'a> {
    /// Left edge on the canvas.
    pub x: u32,
    /// The row.
    pub y: u32,
    /// How many there are.
    pub len: u32,
    /// How far along its line each pixel lies; empty for a sprite that appears as a whole.
    pub along: &'a [u16],
    /// Premultiplied RGBA; one where all are equal.
    kept: &'a [[u8; 4]],
}

impl Covered<'_> {
    /// Premultiplied RGBA from left to right.
    pub fn pixels(&self) -> impl Iterator<Item = [u8; 4]> {
        self.kept.iter().copied().cycle().take(self.len as usize)
    }
}

impl Sprite {
    /// Rasterises the SVG elements of `body` that paint inside `bounds`, seen through `lens` in a picture of this size;
    /// `None` when nothing falls on the picture.
    ///
    /// # Errors
    /// What the SVG reader says when `body` is not SVG.
    pub(super) fn new(
        body: &str,
        bounds: Rect,
        line: &[Point],
        lens: Lens,
        size: (u32, u32),
        options: &usvg::Options<'_>,
    ) -> Result<Option<Self>, String> {
        let Some(rect) = whole_pixels(lens.rect(bounds), size).filter(|_| !body.is_empty()) else {
            return Ok(None);
        };
        #[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
        let view = lens.back(Rect::new(rect.x as f32, rect.y as f32, rect.w as f32, rect.h as f32));
        let tree = usvg::Tree::from_str(&document(view, "", body), options).map_err(|e| e.to_string())?;
        let strip = PixelRect { h: (STRIP / rect.w).clamp(1, rect.h), ..rect };
        let mut pixmap = Pixmap::new(strip.w, strip.h).ok_or("its picture is too large")?;
        let mut sprite = Self { rect, runs: Vec::new(), pixels: Vec::new(), along: Vec::new() };
        for top in (0..rect.h).step_by(strip.h as usize) {
            #[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
            let place = Transform::from_scale(lens.zoom, lens.zoom).post_translate(0.0, -(top as f32));
            if top > 0 {
                pixmap.fill(Color::TRANSPARENT);
            }
            resvg::render(&tree, place, &mut pixmap.as_mut());
            let rows = strip.h.min(rect.h - top);
            sprite.add(&pixmap, PixelRect { y: rect.y + top, h: rows, ..rect }, line.len() < 2);
        }
        let line: Vec<Point> = line.iter().map(|p| lens.point(*p)).collect();
        Ok(Some(sprite.finished(&line)))
    }

    /// The covered pixels of `pixmap`, whose upper left corner is that of `rect`.
    pub(super) fn of_pixels(pixmap: &Pixmap, rect: PixelRect) -> Self {
        let mut sprite = Self { rect, runs: Vec::new(), pixels: Vec::new(), along: Vec::new() };
        sprite.add(pixmap, rect, true);
        sprite.finished(&[])
    }

    /// Adds the covered pixels of the first rows of `pixmap`, which are those of `rect`.
    fn add(&mut self, pixmap: &Pixmap, rect: PixelRect, plain: bool) {
        let rows = pixmap.data().chunks_exact(rect.w as usize * 4);
        for (y, row) in (rect.y..rect.y + rect.h).zip(rows) {
            let (mut left, mut open): (&[[u8; 4]], bool) = (row.as_chunks().0, false);
            while let [pixel, ..] = left {
                let x = rect.x + rect.w - left.len() as u32;
                let equal = left.iter().take_while(|other| *other == pixel).count();
                let (these, rest) = left.split_at(equal);
                left = rest;
                let even = plain && equal >= PLAIN;
                let kept = if even { &these[..1] } else { these };
                match self.runs.last_mut() {
                    _ if pixel[3] == 0 => open = false,
                    Some(run) if open && !even => run.len += equal as u32,
                    _ => {
                        self.runs.push(Run { x, y, at: self.pixels.len() as u32, len: equal as u32, plain: even });
                        open = !even;
                    }
                }
                if pixel[3] != 0 {
                    self.pixels.extend(kept);
                }
            }
        }
    }

    /// With room for what is there, and each pixel's place on the line.
    fn finished(mut self, line: &[Point]) -> Self {
        self.pixels.shrink_to_fit();
        self.runs.shrink_to_fit();
        if line.len() >= 2 {
            self.along = along(line, &self.runs, self.pixels.len());
        }
        self
    }

    /// Where it paints, in canvas pixels.
    pub fn rect(&self) -> PixelRect {
        self.rect
    }

    /// Whether it can be drawn along a line.
    pub fn has_line(&self) -> bool {
        !self.along.is_empty()
    }

    /// Its pixels, rows from the top.
    pub fn covered(&self) -> impl Iterator<Item = Covered<'_>> {
        self.runs.iter().map(|run| {
            let range = run.kept();
            let along = if self.along.is_empty() { &[] } else { &self.along[range.clone()] };
            Covered { x: run.x, y: run.y, len: run.len, along, kept: &self.pixels[range] }
        })
    }

    /// How much of it is seen; `None` for nothing.
    pub fn shown(&self, over: &Over) -> Option<Shown> {
        let alpha = (over.opacity.clamp(0.0, 1.0) * 255.0).round() as u32;
        let reach = (over.drawn.clamp(0.0, 1.0) * f32::from(FAR)).round() as u16;
        let reach = (!self.along.is_empty() && reach < FAR).then_some(reach);
        (alpha > 0 && reach != Some(0)).then_some(Shown { alpha, reach })
    }

    /// Number of pixels that are kept.
    pub(super) fn len(&self) -> usize {
        self.pixels.len()
    }

    /// Where it paints `sink` pixels below its place; may be empty at the lower edge.
    pub(super) fn rect_at(&self, sink: u32, canvas: (u32, u32)) -> Option<PixelRect> {
        let moved = PixelRect { y: self.rect.y + sink, ..self.rect };
        intersection(moved, PixelRect { x: 0, y: 0, w: canvas.0, h: canvas.1 })
    }

    /// Lays the sprite over `picture`.
    pub(super) fn paint(&self, over: Over, picture: &mut Picture) {
        let Over { sink, clip, .. } = over;
        let Some(Shown { alpha, reach }) = self.shown(&over) else { return };
        let (left, right) = (clip.x, clip.x + clip.w);
        let first = self.runs.partition_point(|r| r.y + sink < clip.y);
        for run in &self.runs[first..] {
            let y = run.y + sink;
            if y >= clip.y + clip.h {
                break;
            }
            let (from, to) = (run.x.max(left), (run.x + run.len).min(right));
            if from >= to {
                continue;
            }
            let start = (y as usize * picture.w as usize + from as usize) * 4;
            let target = &mut picture.rgba[start..start + (to - from) as usize * 4];
            if run.plain {
                lay_plain(self.pixels[run.at as usize], alpha, target);
                continue;
            }
            let at = run.at as usize + (from - run.x) as usize;
            let source = &self.pixels[at..at + (to - from) as usize];
            let Some(reach) = reach else {
                lay_row(source, alpha, target);
                continue;
            };
            for ((s, d), t) in source.iter().zip(&self.along[at..]).zip(target.chunks_exact_mut(4)) {
                if *d <= reach {
                    lay(*s, alpha, t);
                }
            }
        }
    }
}

impl Run {
    /// Where in [`Sprite::pixels`] its own are.
    fn kept(&self) -> Range<usize> {
        let at = self.at as usize;
        at..at + if self.plain { 1 } else { self.len as usize }
    }
}

/// How far along the polyline the nearest point to each pixel lies.
fn along(line: &[Point], runs: &[Run], pixels: usize) -> Vec<u16> {
    let mut starts = vec![0.0_f32];
    for pair in line.windows(2) {
        starts.push(starts.last().copied().unwrap_or(0.0) + distance(pair[0], pair[1]));
    }
    let total = starts.last().copied().unwrap_or(0.0).max(f32::EPSILON);
    let mut out = Vec::with_capacity(pixels);
    for run in runs {
        for x in run.x..run.x + run.len {
            #[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
            let p = Point::new(x as f32 + 0.5, run.y as f32 + 0.5);
            let mut best = (f32::INFINITY, 0.0);
            for (pair, start) in line.windows(2).zip(&starts) {
                let (off, reach) = nearest(p, pair[0], pair[1]);
                if off < best.0 {
                    best = (off, start + reach);
                }
            }
            out.push((best.1 / total * f32::from(FAR)).clamp(0.0, f32::from(FAR)) as u16);
        }
    }
    out
}

/// Squared distance of `p` from the segment, and how far from `a` its nearest point lies.
fn nearest(p: Point, a: Point, b: Point) -> (f32, f32) {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let square = (dx * dx + dy * dy).max(f32::EPSILON);
    let t = (((p.x - a.x) * dx + (p.y - a.y) * dy) / square).clamp(0.0, 1.0);
    let (ox, oy) = (p.x - a.x - t * dx, p.y - a.y - t * dy);
    (ox * ox + oy * oy, t * square.sqrt())
}

/// The whole pixels that `bounds` touches on the canvas.
pub(super) fn whole_pixels(bounds: Rect, canvas: (u32, u32)) -> Option<PixelRect> {
    let edge = |value: f32, most: u32| if value.is_finite() { value.clamp(0.0, most as f32) } else { 0.0 };
    let (x, y) = (edge(bounds.x.floor(), canvas.0) as u32, edge(bounds.y.floor(), canvas.1) as u32);
    let (right, bottom) = (edge(bounds.right().ceil(), canvas.0) as u32, edge(bounds.bottom().ceil(), canvas.1) as u32);
    (right > x && bottom > y).then(|| PixelRect { x, y, w: right - x, h: bottom - y })
}

/// What two rectangles share.
pub fn intersection(a: PixelRect, b: PixelRect) -> Option<PixelRect> {
    let (x, y) = (a.x.max(b.x), a.y.max(b.y));
    let (right, bottom) = ((a.x + a.w).min(b.x + b.w), (a.y + a.h).min(b.y + b.h));
    (right > x && bottom > y).then(|| PixelRect { x, y, w: right - x, h: bottom - y })
}

/// The smallest rectangle around two.
pub fn union(a: PixelRect, b: PixelRect) -> PixelRect {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    PixelRect { x, y, w: (a.x + a.w).max(b.x + b.w) - x, h: (a.y + a.h).max(b.y + b.h) - y }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covered_pixels_are_those_of_the_picture() {
        let (w, h) = (64, 5);
        let mut pixmap = Pixmap::new(w, h).unwrap();
        // Rows with gaps, stretches of equal pixels just short and just long enough, and changing ones.
        for (i, pixel) in pixmap.data_mut().as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let (x, y) = (i % 64, i / 64);
            *pixel = match (y, x) {
                (0, _) | (_, 0 | 63) => [0; 4],
                (1, 1..=15) => [1, 2, 3, 255],
                (1, 16..=31) | (2, _) => [4, 5, 6, 7],
                (3, 1..=20) => [0; 4],
                _ => [x as u8, 0, 0, 255],
            };
        }
        let rect = PixelRect { x: 10, y: 20, w, h };
        for plain in [true, false] {
            let mut sprite = Sprite { rect, runs: Vec::new(), pixels: Vec::new(), along: Vec::new() };
            sprite.add(&pixmap, rect, plain);
            assert_eq!(sprite.runs.iter().any(|run| run.plain), plain);
            let mut seen = vec![[0; 4]; (w * h) as usize];
            for run in sprite.covered() {
                for (x, pixel) in (run.x - 10..).zip(run.pixels()) {
                    seen[((run.y - 20) * w + x) as usize] = pixel;
                }
            }
            assert_eq!(seen.as_flattened(), pixmap.data());
        }
    }

    #[test]
    fn a_part_of_several_strips_is_as_if_rasterised_at_once() {
        let side = 2000;
        assert!(side * side > STRIP);
        let body = "<rect width=\"2000\" height=\"2000\" rx=\"300\" fill=\"#2468ac\"/>";
        let (bounds, options) = (Rect::new(0.0, 0.0, 2000.0, 2000.0), usvg::Options::default());
        let sprite = Sprite::new(body, bounds, &[], Lens::PLAIN, (side, side), &options).unwrap().unwrap();
        let mut picture = Picture::blank((side, side));
        sprite.paint(Over { sink: 0, opacity: 1.0, drawn: 1.0, clip: sprite.rect }, &mut picture);
        let mut once = Pixmap::new(side, side).unwrap();
        once.fill(Color::BLACK);
        let tree = usvg::Tree::from_str(&document(bounds, "", body), &options).unwrap();
        resvg::render(&tree, Transform::identity(), &mut once.as_mut());
        let far = picture.rgba.iter().zip(once.data()).filter(|(a, b)| a.abs_diff(**b) > 1).count();
        assert_eq!(far, 0, "bytes that differ by more than rounding");
    }

    #[test]
    fn bounds_from_outside_do_not_leave_the_canvas() {
        let check = |r: Rect, expected: Option<(u32, u32, u32, u32)>| {
            assert_eq!(whole_pixels(r, (100, 50)).map(|p| (p.x, p.y, p.w, p.h)), expected, "{r:?}");
        };
        check(Rect::new(1.5, 1.5, 2.0, 2.0), Some((1, 1, 3, 3)));
        check(Rect::new(-10.0, 40.0, 500.0, 500.0), Some((0, 40, 100, 10)));
        check(Rect::new(200.0, 0.0, 5.0, 5.0), None);
        check(Rect::new(f32::NAN, 0.0, 5.0, 5.0), None);
        check(Rect::new(0.0, 0.0, f32::INFINITY, 5.0), None);
    }
}
