//! Sprites in the memory of the graphics processor.
//!
//! A sprite is a table of square tiles, rows from the top: 0 for a tile without covered pixels, else where in the atlas its
//! pixels are. Those are premultiplied RGBA, one a word; where the sprite can be drawn along a line, as many words follow that
//! say how far along it each pixel lies.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use studio::draw::{DrawError, Sprite};
use wgpu::BufferUsages;

use crate::device::Gpu;

/// Side of a tile in pixels; also in `compose.wgsl`.
pub(crate) const TILE: u32 = 16;
const TILE_PIXELS: usize = (TILE * TILE) as usize;
/// Words of an atlas to begin with: 16 MiB.
const WORDS: usize = 4 << 20;

/// Where the sprites of one rasteriser are.
#[derive(Debug)]
pub(crate) struct Atlas {
    gpu: Arc<Gpu>,
    pub(crate) buffer: wgpu::Buffer,
    words: usize,
    /// Words that are in use.
    used: usize,
    /// By address. The weak references keep addresses from being given to other sprites.
    places: HashMap<*const Sprite, (Weak<Sprite>, u32)>,
}

impl Atlas {
    pub(crate) fn new(gpu: &Arc<Gpu>) -> Result<Self, DrawError> {
        let buffer = gpu.buffer(4 * WORDS as u64, BufferUsages::STORAGE | BufferUsages::COPY_DST)?;
        Ok(Self { gpu: Arc::clone(gpu), buffer, words: WORDS, used: 0, places: HashMap::new() })
    }

    /// Brings all these sprites into the atlas and tells where each is. Sprites that were there before may leave it.
    pub(crate) fn bring(&mut self, sprites: &[Arc<Sprite>]) -> Result<Vec<u32>, DrawError> {
        if let Some(places) = self.try_bring(sprites) {
            return Ok(places);
        }
        self.places.clear();
        self.used = 0;
        if let Some(places) = self.try_bring(sprites) {
            return Ok(places);
        }
        // One sprite can stand in the list more than once, so this may be more than needed.
        let words: usize = sprites.iter().map(|sprite| packed(sprite, 0).len()).sum();
        let most = usize::try_from(self.gpu.largest() / 4).unwrap_or(usize::MAX);
        self.words = words.next_power_of_two().min(most);
        self.buffer = self.gpu.buffer(4 * self.words as u64, BufferUsages::STORAGE | BufferUsages::COPY_DST)?;
        self.places.clear();
        self.used = 0;
        let full = || DrawError::Device(format!("its memory holds {most} pixels of a scene, which has {words}"));
        self.try_bring(sprites).ok_or_else(full)
    }

    fn try_bring(&mut self, sprites: &[Arc<Sprite>]) -> Option<Vec<u32>> {
        sprites.iter().map(|sprite| self.place(sprite)).collect()
    }

    /// Where a sprite is; `None` when there is no room for it.
    fn place(&mut self, sprite: &Arc<Sprite>) -> Option<u32> {
        let key = Arc::as_ptr(sprite);
        if let Some((_, at)) = self.places.get(&key) {
            return Some(*at);
        }
        let at = u32::try_from(self.used).ok()?;
        let words = packed(sprite, at);
        if words.len() > self.words - self.used {
            return None;
        }
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.gpu.queue.write_buffer(&self.buffer, 4 * u64::from(at), &bytes);
        self.used += words.len();
        self.places.insert(key, (Arc::downgrade(sprite), at));
        Some(at)
    }
}

/// Tiles in a row of a sprite.
pub(crate) fn tiles_across(sprite: &Sprite) -> u32 {
    sprite.rect().w.div_ceil(TILE)
}

/// The words of a sprite that lies at `at`.
fn packed(sprite: &Sprite, at: u32) -> Vec<u32> {
    let rect = sprite.rect();
    let across = tiles_across(sprite);
    let table = (across * rect.h.div_ceil(TILE)) as usize;
    let tile_words = if sprite.has_line() { 2 * TILE_PIXELS } else { TILE_PIXELS };
    let mut words = vec![0_u32; table];
    for run in sprite.covered() {
        let y = run.y - rect.y;
        for (i, pixel) in run.pixels().enumerate() {
            let x = run.x - rect.x + i as u32;
            let tile = (y / TILE * across + x / TILE) as usize;
            if words[tile] == 0 {
                words[tile] = at + words.len() as u32;
                words.resize(words.len() + tile_words, 0);
            }
            let slot = (words[tile] - at) as usize + (y % TILE * TILE + x % TILE) as usize;
            words[slot] = u32::from_le_bytes(pixel);
            if let Some(along) = run.along.get(i) {
                words[slot + TILE_PIXELS] = u32::from(*along);
            }
        }
    }
    words
}
