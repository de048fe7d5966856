//! Colour conversion: RGBA to the YUV 4:2:0 of video, ITU-R BT.709, limited range.
//!
//! Y' = 0.2126 R + 0.7152 G + 0.0722 B, Cb = (B - Y') / 1.8556, Cr = (R - Y') / 1.5748 (BT.709-6, 3.2 and 3.3), put on
//! 16..=235 and 16..=240. Coefficients are fixed point with 15 bits, so that products fit the 16-bit multiplications
//! of every vector unit; each row of coefficients for a colour difference sums to 0, so greys stay exactly grey.

use super::{Picture, PixelRect};

#[cfg(target_arch = "x86_64")]
use super::sse2;

/// Bits behind the point of the coefficients.
pub const BITS: i32 = 15;

/// Shares of red, green and blue in the luma.
pub const Y: [i32; 3] = [5983, 20127, 2032];
/// In the blue colour difference.
pub const CB: [i32; 3] = [-3298, -11094, 14392];
/// In the red one.
pub const CR: [i32; 3] = [14392, -13072, -1320];

/// Black, plus a half for rounding.
pub const Y_BIAS: i32 = (16 << BITS) + (1 << (BITS - 1));

/// The middle of a colour difference, plus a half for rounding; of sums of four pixels.
pub const C_BIAS: i32 = (128 << (BITS + 2)) + (1 << (BITS + 1));

/// The planes of a picture in YUV 4:2:0, somewhere in memory.
#[derive(Debug)]
pub struct Planes<'a> {
    /// Luma.
    pub y: &'a mut [u8],
    /// Blue colour difference, of two by two pixels.
    pub cb: &'a mut [u8],
    /// Red colour difference, of two by two pixels.
    pub cr: &'a mut [u8],
    /// Bytes from one row of luma to the next.
    pub y_stride: usize,
    /// Bytes from one row of a colour difference to the next.
    pub c_stride: usize,
}

/// Pixels between even corners, which is what whole pixels of colour cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x0: usize,
    /// Top edge.
    pub y0: usize,
    /// One past the right edge.
    pub x1: usize,
    /// One past the lower edge.
    pub y1: usize,
}

impl Area {
    /// All of a canvas with even sides.
    pub fn whole(width: u32, height: u32) -> Self {
        Self { x0: 0, y0: 0, x1: width as usize, y1: height as usize }
    }

    /// The part of the canvas that covers `rect`; `None` when it lies outside.
    pub fn covering(rect: PixelRect, width: u32, height: u32) -> Option<Self> {
        let end = |from: u32, length: u32, side: u32| from.saturating_add(length).min(side).next_multiple_of(2);
        let (x1, y1) = (end(rect.x, rect.w, width), end(rect.y, rect.h, height));
        let area = Self { x0: (rect.x & !1) as usize, y0: (rect.y & !1) as usize, x1: x1 as usize, y1: y1 as usize };
        (area.x0 < area.x1 && area.y0 < area.y1).then_some(area)
    }
}

/// Pixels of a frame on their way into a video.
pub trait Footage {
    /// Black pixels.
    fn blank(size: (u32, u32)) -> Self;

    /// Width and height in pixels, and the bytes that it holds.
    fn extent(&self) -> (u32, u32, usize);

    /// Bytes that pixels of this size take.
    fn bytes(size: (u32, u32)) -> usize;

    /// Brings `area` of it into `planes` of the same size; the rest of them stays as it is.
    fn write(&self, area: Area, planes: &mut Planes<'_>);
}

impl Footage for Picture {
    fn blank(size: (u32, u32)) -> Self {
        Self::blank(size)
    }

    fn extent(&self) -> (u32, u32, usize) {
        (self.w, self.h, self.rgba.len())
    }

    fn bytes((w, h): (u32, u32)) -> usize {
        w as usize * h as usize * 4
    }

    fn write(&self, area: Area, planes: &mut Planes<'_>) {
        convert(&self.rgba, self.w as usize, area, planes);
    }
}

/// A picture in YUV 4:2:0 with even sides: its luma, then both colour differences, rows from the top without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YuvPicture {
    size: (u32, u32),
    bytes: Vec<u8>,
}

impl YuvPicture {
    /// Its planes.
    pub fn planes(&mut self) -> Planes<'_> {
        let (w, h) = (self.size.0 as usize, self.size.1 as usize);
        let (y, colour) = self.bytes.split_at_mut(w * h);
        let (cb, cr) = colour.split_at_mut(w / 2 * (h / 2));
        Planes { y, cb, cr, y_stride: w, c_stride: w / 2 }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.size
    }
}

impl Footage for YuvPicture {
    fn blank((w, h): (u32, u32)) -> Self {
        let (luma, colour) = (w as usize * h as usize, (w / 2) as usize * (h / 2) as usize);
        let bytes = [vec![(Y_BIAS >> BITS) as u8; luma], vec![128; 2 * colour]].concat();
        Self { size: (w, h), bytes }
    }

    fn extent(&self) -> (u32, u32, usize) {
        (self.size.0, self.size.1, self.bytes.len())
    }

    fn bytes((w, h): (u32, u32)) -> usize {
        w as usize * h as usize + (w / 2) as usize * (h / 2) as usize * 2
    }

    fn write(&self, Area { x0, y0, x1, y1 }: Area, planes: &mut Planes<'_>) {
        let (w, h) = (self.size.0 as usize, self.size.1 as usize);
        let (y, colour) = self.bytes.split_at(w * h);
        let (cb, cr) = colour.split_at(w / 2 * (h / 2));
        for row in y0..y1 {
            planes.y[row * planes.y_stride..][x0..x1].copy_from_slice(&y[row * w..][x0..x1]);
        }
        let (from, to) = (x0 / 2, x1 / 2);
        for row in y0 / 2..y1 / 2 {
            let (into, at) = (row * planes.c_stride, row * (w / 2));
            planes.cb[into..][from..to].copy_from_slice(&cb[at..][from..to]);
            planes.cr[into..][from..to].copy_from_slice(&cr[at..][from..to]);
        }
    }
}

/// Converts `area` of a picture whose rows are `width` pixels of RGBA; the rest of `planes` stays as it is.
pub fn convert(rgba: &[u8], width: usize, area: Area, planes: &mut Planes<'_>) {
    let Area { x0, y0, x1, y1 } = area;
    for y in (y0..y1).step_by(2) {
        let pixels = |y: usize| &rgba[(y * width + x0) * 4..(y * width + x1) * 4];
        let (top, bottom) = (pixels(y), pixels(y + 1));
        luma(top, &mut planes.y[y * planes.y_stride + x0..][..x1 - x0]);
        luma(bottom, &mut planes.y[(y + 1) * planes.y_stride + x0..][..x1 - x0]);
        let at = y / 2 * planes.c_stride + x0 / 2;
        let colours = (x1 - x0) / 2;
        chroma(top, bottom, &mut planes.cb[at..][..colours], &mut planes.cr[at..][..colours]);
    }
}

fn luma(rgba: &[u8], out: &mut [u8]) {
    let (pixels, _) = rgba.as_chunks::<4>();
    let (pixels, out) = luma_of_blocks(pixels, out);
    for (&[r, g, b, _], out) in pixels.iter().zip(out) {
        *out = ((Y[0] * i32::from(r) + Y[1] * i32::from(g) + Y[2] * i32::from(b) + Y_BIAS) >> BITS) as u8;
    }
}

/// The colour of two by two pixels is that of their mean.
fn chroma(top: &[u8], bottom: &[u8], cb: &mut [u8], cr: &mut [u8]) {
    let ([top, bottom], [cb, cr]) = chroma_of_blocks([top, bottom].map(|row| row.as_chunks().0), [cb, cr]);
    let (top, _) = top.as_chunks::<2>();
    let (bottom, _) = bottom.as_chunks::<2>();
    for ((t, b), (cb, cr)) in top.iter().zip(bottom).zip(cb.iter_mut().zip(cr)) {
        let sum = |i: usize| [t[0], t[1], b[0], b[1]].iter().map(|pixel| i32::from(pixel[i])).sum::<i32>();
        let (r, g, b) = (sum(0), sum(1), sum(2));
        *cb = ((CB[0] * r + CB[1] * g + CB[2] * b + C_BIAS) >> (BITS + 2)) as u8;
        *cr = ((CR[0] * r + CR[1] * g + CR[2] * b + C_BIAS) >> (BITS + 2)) as u8;
    }
}

/// Pixels of RGBA.
type Row<'a> = &'a [[u8; 4]];

/// Converts as much as the vector unit takes at once; what it leaves is returned.
#[cfg(target_arch = "x86_64")]
fn luma_of_blocks<'r, 'o>(pixels: Row<'r>, out: &'o mut [u8]) -> (Row<'r>, &'o mut [u8]) {
    let (blocks, rest) = pixels.as_chunks();
    let (outs, rest_out) = out.as_chunks_mut();
    for (block, out) in blocks.iter().zip(outs) {
        // SAFETY: every x86-64 processor has SSE2, which is all that the function asks for.
        unsafe { sse2::luma(block, out) };
    }
    (rest, rest_out)
}

/// Converts as much as the vector unit takes at once; what it leaves is returned.
#[cfg(target_arch = "x86_64")]
fn chroma_of_blocks<'r, 'o>(
    [top, bottom]: [Row<'r>; 2],
    [cb, cr]: [&'o mut [u8]; 2],
) -> ([Row<'r>; 2], [&'o mut [u8]; 2]) {
    let ((tops, rest_top), (bottoms, rest_bottom)) = (top.as_chunks(), bottom.as_chunks());
    let ((cbs, rest_cb), (crs, rest_cr)) = (cb.as_chunks_mut(), cr.as_chunks_mut());
    for ((top, bottom), (cb, cr)) in tops.iter().zip(bottoms).zip(cbs.iter_mut().zip(crs)) {
        // SAFETY: every x86-64 processor has SSE2, which is all that the function asks for.
        unsafe { sse2::chroma(top, bottom, cb, cr) };
    }
    ([rest_top, rest_bottom], [rest_cb, rest_cr])
}

/// Other processors convert pixel by pixel.
#[cfg(not(target_arch = "x86_64"))]
fn luma_of_blocks<'r, 'o>(pixels: Row<'r>, out: &'o mut [u8]) -> (Row<'r>, &'o mut [u8]) {
    (pixels, out)
}

/// Other processors convert pixel by pixel.
#[cfg(not(target_arch = "x86_64"))]
fn chroma_of_blocks<'r, 'o>(rows: [Row<'r>; 2], out: [&'o mut [u8]; 2]) -> ([Row<'r>; 2], [&'o mut [u8]; 2]) {
    (rows, out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A picture and its planes, with rows of planes longer than the picture as codecs have them.
    struct Canvas {
        width: usize,
        y: Vec<u8>,
        cb: Vec<u8>,
        cr: Vec<u8>,
    }

    impl Canvas {
        fn new(width: usize, height: usize) -> Self {
            let (y, c) = ((width + 6) * height, (width / 2 + 6) * height / 2);
            Self { width, y: vec![1; y], cb: vec![2; c], cr: vec![3; c] }
        }

        fn planes(&mut self) -> Planes<'_> {
            let (y_stride, c_stride) = (self.width + 6, self.width / 2 + 6);
            Planes { y: &mut self.y, cb: &mut self.cb, cr: &mut self.cr, y_stride, c_stride }
        }

        fn convert(&mut self, rgba: &[u8], area: Area) {
            let width = self.width;
            convert(rgba, width, area, &mut self.planes());
        }

        fn copy(&mut self, video: &YuvPicture, area: Area) {
            video.write(area, &mut self.planes());
        }
    }

    /// The exact formula, of a mean of pixels.
    fn exact([r, g, b]: [f64; 3]) -> [f64; 3] {
        let y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        [16.0 + y * 219.0 / 255.0, 128.0 + (b - y) / 1.8556 * 224.0 / 255.0, 128.0 + (r - y) / 1.5748 * 224.0 / 255.0]
    }

    /// Converts two by two pixels and compares with the formula.
    fn check(pixels: [[u8; 3]; 4]) {
        let rgba: Vec<u8> = pixels.iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect();
        let mut canvas = Canvas::new(2, 2);
        canvas.convert(&rgba, Area::whole(2, 2));
        let off = |seen: u8, exact: f64| (f64::from(seen) - exact).abs();
        for (i, pixel) in pixels.iter().enumerate() {
            let luma = exact(pixel.map(f64::from))[0];
            let seen = canvas.y[i / 2 * 8 + i % 2];
            assert!(off(seen, luma) <= 0.52, "{pixel:?}: {seen}, exactly {luma}");
        }
        let mean = [0, 1, 2].map(|c| pixels.iter().map(|p| f64::from(p[c])).sum::<f64>() / 4.0);
        let [_, cb, cr] = exact(mean);
        assert!(off(canvas.cb[0], cb) <= 0.52, "{pixels:?}: {}, exactly {cb}", canvas.cb[0]);
        assert!(off(canvas.cr[0], cr) <= 0.52, "{pixels:?}: {}, exactly {cr}", canvas.cr[0]);
    }

    #[test]
    fn corners_of_the_colour_cube() {
        for corner in 0..8u8 {
            check([[0, 1, 2].map(|bit| if corner >> bit & 1 == 1 { 255 } else { 0 }); 4]);
        }
    }

    #[test]
    fn greys_stay_grey_and_reach_both_ends() {
        let mut canvas = Canvas::new(2, 2);
        for grey in 0..=255u8 {
            canvas.convert(&[grey; 16], Area::whole(2, 2));
            assert_eq!((canvas.cb[0], canvas.cr[0]), (128, 128), "grey {grey}");
        }
        assert_eq!(canvas.y[0], 235);
        canvas.convert(&[0; 16], Area::whole(2, 2));
        assert_eq!(canvas.y[0], 16);
    }

    fn area(rect: (u32, u32, u32, u32), expected: Option<(usize, usize, usize, usize)>) {
        let (x, y, w, h) = rect;
        let seen = Area::covering(PixelRect { x, y, w, h }, 20, 10);
        assert_eq!(seen.map(|a| (a.x0, a.y0, a.x1, a.y1)), expected, "{rect:?}");
    }

    #[test]
    fn areas_have_even_corners_inside_the_canvas() {
        area((0, 0, 20, 10), Some((0, 0, 20, 10)));
        area((3, 5, 1, 1), Some((2, 4, 4, 6)));
        area((3, 5, 2, 3), Some((2, 4, 6, 8)));
        area((19, 9, 1, 1), Some((18, 8, 20, 10)));
        area((10, 4, u32::MAX, u32::MAX), Some((10, 4, 20, 10)));
        area((20, 0, 4, 4), None);
        area((u32::MAX, u32::MAX, 1, 1), None);
        area((4, 4, 0, 2), None);
    }

    proptest! {
        #[test]
        fn any_four_pixels_match_the_formula(pixels: [[u8; 3]; 4]) {
            check(pixels);
        }

        #[test]
        fn blocks_of_pixels_are_converted_as_single_ones_are(rgba in proptest::collection::vec(any::<u8>(), 70 * 2 * 4)) {
            let mut whole = Canvas::new(70, 2);
            whole.convert(&rgba, Area::whole(70, 2));
            for x in (0..70).step_by(2) {
                let square: Vec<u8> = [0, 70].iter().flat_map(|row| &rgba[(row + x) * 4..(row + x + 2) * 4]).copied().collect();
                let mut alone = Canvas::new(2, 2);
                alone.convert(&square, Area::whole(2, 2));
                for row in 0..2 {
                    prop_assert_eq!(&whole.y[row * 76 + x..][..2], &alone.y[row * 8..][..2]);
                }
                prop_assert_eq!((whole.cb[x / 2], whole.cr[x / 2]), (alone.cb[0], alone.cr[0]));
            }
        }

        #[test]
        fn a_part_is_the_same_as_the_whole_and_touches_nothing_else(
            rgba in proptest::collection::vec(any::<u8>(), 24 * 16 * 4),
            x in 0u32..24, y in 0u32..16, w in 1u32..24, h in 1u32..16,
        ) {
            let mut whole = Canvas::new(24, 16);
            whole.convert(&rgba, Area::whole(24, 16));
            let mut part = Canvas::new(24, 16);
            let blank = Canvas::new(24, 16);
            let area = Area::covering(PixelRect { x, y, w, h }, 24, 16).unwrap();
            part.convert(&rgba, area);
            let mut copied = Canvas::new(24, 16);
            let mut video = YuvPicture::blank((24, 16));
            convert(&rgba, 24, Area::whole(24, 16), &mut video.planes());
            copied.copy(&video, area);
            prop_assert!(copied.y == part.y && copied.cb == part.cb && copied.cr == part.cr);
            for at in 0..30 * 16 {
                let inside = (area.x0..area.x1).contains(&(at % 30)) && (area.y0..area.y1).contains(&(at / 30));
                prop_assert_eq!(part.y[at], if inside { whole.y[at] } else { blank.y[at] });
            }
            for at in 0..18 * 8 {
                let (cx, cy) = (at % 18 * 2, at / 18 * 2);
                let inside = (area.x0..area.x1).contains(&cx) && (area.y0..area.y1).contains(&cy);
                prop_assert_eq!(part.cb[at], if inside { whole.cb[at] } else { blank.cb[at] });
                prop_assert_eq!(part.cr[at], if inside { whole.cr[at] } else { blank.cr[at] });
            }
        }
    }
}
