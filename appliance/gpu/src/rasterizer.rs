//! Frames as pixels or as planes of video, by a graphics processor.

use std::ops::Range;
use std::sync::Arc;

use studio::draw::yuv::{Area, YuvPicture};
use studio::draw::{Composer, DrawError, Fonts, Picture, PixelRect, Rasterizer, Surface, Theme};
use studio::film::FrameSpec;
use studio::layout::Placed;
use wgpu::BufferUsages;

use crate::device::Gpu;
use crate::readback::Readback;
use crate::sheet::{Desk, Sheet};

/// Draws the frames of a film, scene by scene, on a graphics processor: the pictures of [`studio::draw::SceneRasterizer`],
/// byte for byte.
///
/// One of its outputs is brought forward from frame to frame; whoever wants the other asks another rasteriser.
#[derive(Debug)]
pub struct GpuRasterizer<'a> {
    gpu: Arc<Gpu>,
    composer: Composer<'a, Sheet>,
    /// Made with the first frame.
    sheet: Option<Sheet>,
    /// Planes on the graphics processor.
    planes: Option<Strips>,
    readback: Readback,
}

/// Planes of video, each row padded to whole words.
#[derive(Debug)]
struct Strips {
    buffer: wgpu::Buffer,
    /// Words in a row of a colour difference.
    words: u32,
    size: (u32, u32),
}

impl<'a> GpuRasterizer<'a> {
    /// A rasteriser of placed scenes; frames refer to them by index.
    pub fn new(gpu: Arc<Gpu>, placed: &'a [Placed], fonts: &'a Fonts, theme: &'a Theme) -> Self {
        let composer = Composer::new(placed, fonts, theme);
        Self { gpu, composer, sheet: None, planes: None, readback: Readback::default() }
    }

    /// Composes a frame of pictures of this size; gives its pixels and what changed.
    fn compose(&mut self, frame: &FrameSpec, size: (u32, u32)) -> Result<(wgpu::Buffer, Option<PixelRect>), DrawError> {
        // Steps that were written down for a frame that failed are of no use.
        let mut sheet = match self.sheet.take().filter(|sheet| sheet.size() == size) {
            Some(sheet) => sheet,
            None => {
                self.composer.reset();
                Sheet::new(&Desk::new(Arc::clone(&self.gpu))?, size)
            }
        };
        let changed = self.composer.compose(frame, &mut sheet)?;
        let pixels = sheet.pixels()?;
        self.sheet = Some(sheet);
        Ok((pixels, changed))
    }
}

impl Rasterizer for GpuRasterizer<'_> {
    fn draw(&mut self, frame: &FrameSpec, into: &mut Picture) -> Result<Option<PixelRect>, DrawError> {
        let (w, h) = (into.w, into.h);
        if into.rgba.len() != w as usize * h as usize * 4 {
            return Err(DrawError::Size { w, h, canvas: (w, h) });
        }
        let (pixels, changed) = self.compose(frame, (w, h))?;
        if let Some(rect) = changed {
            let row = 4 * u64::from(w);
            let rows = u64::from(rect.y) * row..u64::from(rect.y + rect.h) * row;
            let target = &mut into.rgba[rows.start as usize..rows.end as usize];
            self.readback.read(&self.gpu, &pixels, [rows], |[bytes]| target.copy_from_slice(bytes))?;
        }
        Ok(changed)
    }

    fn reset(&mut self) {
        self.composer.reset();
    }
}

impl Rasterizer<YuvPicture> for GpuRasterizer<'_> {
    fn draw(&mut self, frame: &FrameSpec, into: &mut YuvPicture) -> Result<Option<PixelRect>, DrawError> {
        let size = into.size();
        let (pixels, changed) = self.compose(frame, size)?;
        let area = changed.and_then(|rect| Area::covering(rect, size.0, size.1));
        if let Some(Area { y0, y1, .. }) = area {
            let strips = match self.planes.take().filter(|strips| strips.size == size) {
                Some(strips) => strips,
                None => Strips::new(&self.gpu, size)?,
            };
            let pairs = y0 / 2..y1 / 2;
            strips.convert(&self.gpu, &pixels, &pairs)?;
            strips.read(&self.gpu, &mut self.readback, &pairs, into)?;
            self.planes = Some(strips);
        }
        Ok(changed)
    }

    fn reset(&mut self) {
        self.composer.reset();
    }
}

impl Strips {
    fn new(gpu: &Gpu, (w, h): (u32, u32)) -> Result<Self, DrawError> {
        let words = w.div_ceil(8);
        let bytes = 4 * u64::from(words) * (2 * u64::from(h) + u64::from(h));
        let buffer = gpu.buffer(bytes, BufferUsages::STORAGE | BufferUsages::COPY_SRC)?;
        Ok(Self { buffer, words, size: (w, h) })
    }

    /// Where the two colour differences begin, in words.
    fn colours(&self) -> [u32; 2] {
        let luma = 2 * self.words * self.size.1;
        [luma, luma + self.words * (self.size.1 / 2)]
    }

    /// Converts pairs of rows.
    fn convert(&self, gpu: &Gpu, pixels: &wgpu::Buffer, pairs: &Range<usize>) -> Result<(), DrawError> {
        let [cb, cr] = self.colours();
        let count = pairs.len() as u32;
        let strip = [self.size.0, count, pairs.start as u32, self.words, cb, cr, 0, 0];
        let bytes: Vec<u8> = strip.iter().flat_map(|word| word.to_le_bytes()).collect();
        let uniform = gpu.buffer(bytes.len() as u64, BufferUsages::UNIFORM | BufferUsages::COPY_DST)?;
        gpu.queue.write_buffer(&uniform, 0, &bytes);
        let groups = (self.words.div_ceil(8), count.div_ceil(8));
        gpu.dispatch(&gpu.convert, &[&uniform, pixels, &self.buffer], groups)
    }

    /// Brings pairs of rows into memory.
    fn read(
        &self,
        gpu: &Gpu,
        readback: &mut Readback,
        pairs: &Range<usize>,
        into: &mut YuvPicture,
    ) -> Result<(), DrawError> {
        let (start, end) = (pairs.start as u64, pairs.end as u64);
        let stride = 4 * u64::from(self.words);
        let [cb, cr] = self.colours().map(|at| 4 * u64::from(at));
        let ranges = [
            start * 4 * stride..end * 4 * stride,
            cb + start * stride..cb + end * stride,
            cr + start * stride..cr + end * stride,
        ];
        let planes = into.planes();
        let stride = stride as usize;
        readback.read(gpu, &self.buffer, ranges, |[y, cb, cr]| {
            let rows = |to: &mut [u8], width: usize, first: usize, from: &[u8], stride: usize| {
                for (to, from) in to.chunks_exact_mut(width).skip(first).zip(from.chunks_exact(stride)) {
                    to.copy_from_slice(&from[..width]);
                }
            };
            rows(planes.y, planes.y_stride, 2 * pairs.start, y, 2 * stride);
            rows(planes.cb, planes.c_stride, pairs.start, cb, stride);
            rows(planes.cr, planes.c_stride, pairs.start, cr, stride);
        })
    }
}
