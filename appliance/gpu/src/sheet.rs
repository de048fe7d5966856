//! A surface in the memory of the graphics processor. What is to be done on it is written down step by step, and done for
//! each pixel by itself when the pixels are asked for.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use studio::draw::{DrawError, Over, PixelRect, Sprite, Surface, Take, intersection, union};
use wgpu::BufferUsages;

use crate::atlas::{Atlas, tiles_across};
use crate::device::Gpu;

/// Side of the squares of pixels that are worked on together; also in `compose.wgsl`.
const GROUP: u32 = 8;

/// Kinds of steps; also in `compose.wgsl`.
const FILL: u32 = 0;
const LAY: u32 = 1;
const SOFTEN: u32 = 2;
const TAKE: u32 = 3;

/// A step as the shader reads it: kind, area (left, top, and one past right and bottom), and what the kind needs.
type Step = [u32; 12];

/// What the sheets of one rasteriser share.
#[derive(Debug)]
pub(crate) struct Desk {
    gpu: Arc<Gpu>,
    atlas: RefCell<Atlas>,
    /// What went wrong where nobody could be told.
    fault: RefCell<Option<DrawError>>,
}

impl Desk {
    pub(crate) fn new(gpu: Arc<Gpu>) -> Result<Rc<Self>, DrawError> {
        let atlas = RefCell::new(Atlas::new(&gpu)?);
        Ok(Rc::new(Self { gpu, atlas, fault: RefCell::new(None) }))
    }
}

/// Opaque pixels, one a word, and what is still to be done to them.
#[derive(Debug)]
pub(crate) struct Sheet {
    desk: Rc<Desk>,
    size: (u32, u32),
    /// Made when it is first needed.
    pixels: Option<wgpu::Buffer>,
    steps: Vec<Step>,
    /// The sprites of steps, by the indices of those.
    sprites: Vec<(usize, Arc<Sprite>)>,
    /// Where the pixels are that a step takes, and which ones.
    taken: Option<(wgpu::Buffer, Vec<u32>)>,
}

impl Sheet {
    pub(crate) fn new(desk: &Rc<Desk>, size: (u32, u32)) -> Self {
        Self { desk: Rc::clone(desk), size, pixels: None, steps: Vec::new(), sprites: Vec::new(), taken: None }
    }

    /// Does what is to be done, and gives the pixels.
    pub(crate) fn pixels(&mut self) -> Result<wgpu::Buffer, DrawError> {
        let (steps, sprites, taken) =
            (std::mem::take(&mut self.steps), std::mem::take(&mut self.sprites), self.taken.take());
        let gpu = Arc::clone(&self.desk.gpu);
        let pixels = match self.pixels.take() {
            Some(pixels) => pixels,
            None => {
                let (w, h) = self.size;
                gpu.buffer(4 * u64::from(w) * u64::from(h), BufferUsages::STORAGE | BufferUsages::COPY_SRC)?
            }
        };
        if let Some(fault) = self.desk.fault.take() {
            return Err(fault);
        }
        if !steps.is_empty() {
            self.work(&pixels, steps, sprites, taken)?;
        }
        Ok(self.pixels.insert(pixels).clone())
    }

    fn work(
        &self,
        pixels: &wgpu::Buffer,
        mut steps: Vec<Step>,
        sprites: Vec<(usize, Arc<Sprite>)>,
        taken: Option<(wgpu::Buffer, Vec<u32>)>,
    ) -> Result<(), DrawError> {
        let gpu = &self.desk.gpu;
        let mut atlas = self.desk.atlas.borrow_mut();
        let (indices, sprites): (Vec<usize>, Vec<Arc<Sprite>>) = sprites.into_iter().unzip();
        for (index, at) in indices.into_iter().zip(atlas.bring(&sprites)?) {
            steps[index][7] = at;
        }
        let area = steps.iter().map(area).reduce(union).unwrap_or(PixelRect { x: 0, y: 0, w: 0, h: 0 });
        let frame = [self.size.0, area.x, area.y, area.x + area.w, area.y + area.h, steps.len() as u32, 0, 0];
        let frame = self.upload(&frame, BufferUsages::UNIFORM)?;
        let steps = self.upload(steps.as_flattened(), BufferUsages::STORAGE)?;
        let (large, places) = taken.unzip();
        let places = self.upload(places.as_deref().unwrap_or_default(), BufferUsages::STORAGE)?;
        let bind = [&frame, pixels, &steps, &atlas.buffer, large.as_ref().unwrap_or(&places), &places];
        gpu.dispatch(&gpu.compose, &bind, (area.w.div_ceil(GROUP), area.h.div_ceil(GROUP)))
    }

    fn upload(&self, words: &[u32], usage: BufferUsages) -> Result<wgpu::Buffer, DrawError> {
        let buffer = self.desk.gpu.buffer(4 * words.len() as u64, usage | BufferUsages::COPY_DST)?;
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.desk.gpu.queue.write_buffer(&buffer, 0, &bytes);
        Ok(buffer)
    }

    fn step(&mut self, kind: u32, area: PixelRect, details: [u32; 7]) {
        let mut step = [kind, area.x, area.y, area.x + area.w, area.y + area.h, 0, 0, 0, 0, 0, 0, 0];
        step[5..].copy_from_slice(&details);
        self.steps.push(step);
    }
}

/// The area of a step.
fn area(step: &Step) -> PixelRect {
    PixelRect { x: step[1], y: step[2], w: step[3] - step[1], h: step[4] - step[2] }
}

impl Surface for Sheet {
    fn size(&self) -> (u32, u32) {
        self.size
    }

    fn beside(&self, size: (u32, u32)) -> Self {
        Self::new(&self.desk, size)
    }

    fn fill(&mut self, area: PixelRect, rgb: [u8; 3]) {
        self.step(FILL, area, [word(rgb), 0, 0, 0, 0, 0, 0]);
    }

    fn lay(&mut self, sprite: &Arc<Sprite>, over: Over) {
        let Some(shown) = sprite.shown(&over) else { return };
        let rect = PixelRect { y: sprite.rect().y + over.sink, ..sprite.rect() };
        let Some(area) = intersection(rect, over.clip) else { return };
        self.sprites.push((self.steps.len(), Arc::clone(sprite)));
        let reach = shown.reach.map_or(u32::MAX, u32::from);
        // Where in the atlas it is (the third) is known when all sprites are.
        self.step(LAY, area, [rect.x, rect.y, 0, tiles_across(sprite), shown.alpha, reach, 0]);
    }

    fn soften(&mut self, band: PixelRect, area: PixelRect, rgb: [u8; 3]) {
        self.step(SOFTEN, area, [word(rgb), band.y, band.h, 0, 0, 0, 0]);
    }

    fn take(&mut self, large: &mut Self, take: &Take) {
        // One step of this kind at a time: the shader sees one larger surface.
        let ready = if self.taken.is_some() { self.pixels().map(drop) } else { Ok(()) };
        match ready.and_then(|()| large.pixels()) {
            Ok(pixels) => {
                let (w, h) = self.size;
                let area = PixelRect { x: 0, y: take.top, w, h: h - take.top };
                let (across, down) = large.size;
                self.step(TAKE, area, [across, down, take.top, 0, 0, 0, 0]);
                let places = take.columns.iter().chain(&take.rows).flat_map(|&(at, share)| [at, share]).collect();
                self.taken = Some((pixels, places));
            }
            Err(fault) => drop(self.desk.fault.replace(Some(fault))),
        }
    }
}

fn word([r, g, b]: [u8; 3]) -> u32 {
    u32::from_le_bytes([r, g, b, 255])
}
