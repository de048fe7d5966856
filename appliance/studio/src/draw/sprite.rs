//! Sprites: a part rasterised once, kept as its covered pixels only, and laid over pictures.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg;

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
    at: usize,
    len: u32,
}

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
    /// Premultiplied RGBA.
    pub pixels: &'a [[u8; 4]],
    /// How far along its line each pixel lies; empty for a sprite that appears as a whole.
    pub along: &'a [u16],
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
        let mut pixmap = Pixmap::new(rect.w, rect.h).ok_or("its picture is too large")?;
        resvg::render(&tree, Transform::from_scale(lens.zoom, lens.zoom), &mut pixmap.as_mut());
        let line: Vec<Point> = line.iter().map(|p| lens.point(*p)).collect();
        Ok(Some(Self::of_pixels(&pixmap, rect, &line)))
    }

    /// The covered pixels of `pixmap`, whose upper left corner is that of `rect`.
    pub(super) fn of_pixels(pixmap: &Pixmap, rect: PixelRect, line: &[Point]) -> Self {
        let (mut runs, mut pixels): (Vec<Run>, Vec<[u8; 4]>) = (Vec::new(), Vec::new());
        for (y, row) in (rect.y..).zip(pixmap.data().chunks_exact(rect.w as usize * 4)) {
            let mut open = false;
            for (x, pixel) in (rect.x..).zip(row.chunks_exact(4)) {
                let there = pixel[3] != 0;
                if there && !open {
                    runs.push(Run { x, y, at: pixels.len(), len: 0 });
                }
                if let (true, Some(run)) = (there, runs.last_mut()) {
                    run.len += 1;
                    pixels.push([pixel[0], pixel[1], pixel[2], pixel[3]]);
                }
                open = there;
            }
        }
        pixels.shrink_to_fit();
        let along = if line.len() < 2 { Vec::new() } else { along(line, &runs) };
        Self { rect, runs, pixels, along }
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
        self.runs.iter().map(|&Run { x, y, at, len }| {
            let range = at..at + len as usize;
            let along = if self.along.is_empty() { &[] } else { &self.along[range.clone()] };
            Covered { x, y, pixels: &self.pixels[range], along }
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
            let at = run.at + (from - run.x) as usize;
            let source = &self.pixels[at..at + (to - from) as usize];
            let start = (y as usize * picture.w as usize + from as usize) * 4;
            let target = &mut picture.rgba[start..start + source.len() * 4];
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

/// Lays a row over opaque pixels, four at a time, which is what vector units take at once.
fn lay_row(source: &[[u8; 4]], alpha: u32, target: &mut [u8]) {
    let (blocks, rest) = source.as_chunks::<4>();
    let (targets, rest_targets) = target.as_chunks_mut::<16>();
    for (s, t) in blocks.iter().zip(targets) {
        if alpha == 255 && s.iter().all(|pixel| pixel[3] == 255) {
            t.copy_from_slice(s.as_flattened());
        } else {
            lay_four(s, alpha as u16, t);
        }
    }
    for (s, t) in rest.iter().zip(rest_targets.chunks_exact_mut(4)) {
        lay(*s, alpha, t);
    }
}

/// As [`lay`]: products of two bytes, and their rounded quotients, fit 16 bits. Opaque stays opaque.
fn lay_four(source: &[[u8; 4]; 4], alpha: u16, target: &mut [u8; 16]) {
    let by_255 = |value: u16| {
        let value = value + 128;
        (value + (value >> 8)) >> 8
    };
    let source = source.as_flattened();
    let scaled: [u16; 16] = std::array::from_fn(|i| by_255(u16::from(source[i]) * alpha));
    let left: [u16; 16] = std::array::from_fn(|i| 255 - scaled[i | 3]);
    for i in 0..16 {
        target[i] = (scaled[i] + by_255(u16::from(target[i]) * left[i])).min(255) as u8;
    }
}

/// Lays one premultiplied pixel over an opaque one.
fn lay(source: [u8; 4], alpha: u32, target: &mut [u8]) {
    let left = 255 - by_255(u32::from(source[3]) * alpha);
    for (s, t) in source.iter().zip(target.iter_mut()).take(3) {
        *t = (by_255(u32::from(*s) * alpha) + by_255(u32::from(*t) * left)).min(255) as u8;
    }
}

/// `value / 255`, rounded, for products of two bytes.
fn by_255(value: u32) -> u32 {
    let value = value + 128;
    (value + (value >> 8)) >> 8
}

/// How far along the polyline the nearest point to each pixel lies.
fn along(line: &[Point], runs: &[Run]) -> Vec<u16> {
    let mut starts = vec![0.0_f32];
    for pair in line.windows(2) {
        starts.push(starts.last().copied().unwrap_or(0.0) + distance(pair[0], pair[1]));
    }
    let total = starts.last().copied().unwrap_or(0.0).max(f32::EPSILON);
    let mut out = Vec::new();
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
    fn blending_is_exact_at_its_ends() {
        let blend = |source: [u8; 4], alpha: u32, below: u8| {
            let mut target = [below, below, below, 255];
            lay(source, alpha, &mut target);
            target
        };
        assert_eq!(blend([10, 20, 30, 255], 255, 200), [10, 20, 30, 255]);
        assert_eq!(blend([10, 20, 30, 255], 0, 200), [200, 200, 200, 255]);
        assert_eq!(blend([128, 0, 0, 128], 255, 255), [255, 127, 127, 255]);
        assert_eq!(blend([0, 0, 0, 255], 128, 100), [50, 50, 50, 255]);
    }

    #[test]
    fn four_pixels_are_laid_as_one_is() {
        let mut seed = 1_u32;
        let mut byte = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        };
        for alpha in (0..=255).rev() {
            let source: Vec<[u8; 4]> = (0..64)
                .map(|i| {
                    // Premultiplied: no colour is above the coverage.
                    let a = if i % 7 < 4 { 255 } else { byte() };
                    [byte().min(a), byte().min(a), byte().min(a), a]
                })
                .collect();
            for length in [0, 1, 3, 4, 5, 63, 64] {
                let below: Vec<u8> = (0..length * 4).map(|i| if i % 4 == 3 { 255 } else { byte() }).collect();
                let (mut row, mut single) = (below.clone(), below);
                lay_row(&source[..length], alpha, &mut row);
                source.iter().zip(single.chunks_exact_mut(4)).for_each(|(s, t)| lay(*s, alpha, t));
                assert_eq!(row, single, "opacity {alpha}, {length} pixels");
            }
        }
    }

    #[test]
    fn division_by_255_rounds() {
        for value in 0..=255 * 255 {
            assert_eq!(by_255(value), (value + 127) / 255, "{value}");
        }
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
