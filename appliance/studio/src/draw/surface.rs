//! What frames are put together on, and the few things that are done there. Stages know nothing else of pixels, so that
//! these may lie in the memory of a graphics processor as well.

use std::sync::Arc;

use super::lens::Take;
use super::sprite::{Over, Sprite};
use super::{Picture, PixelRect};

/// Opaque pixels, rows from the top. All areas lie inside.
pub trait Surface: Sized {
    /// Width and height in pixels.
    fn size(&self) -> (u32, u32);

    /// A surface of this size, to be drawn on beside this one.
    fn beside(&self, size: (u32, u32)) -> Self;

    /// Fills an area with a colour.
    fn fill(&mut self, area: PixelRect, rgb: [u8; 3]);

    /// Lays a sprite over what is there.
    fn lay(&mut self, sprite: &Arc<Sprite>, over: Over);

    /// Lets the pixels of `area`, a part of `band`, fade into a colour towards the upper edge of `band`.
    fn soften(&mut self, band: PixelRect, area: PixelRect, rgb: [u8; 3]);

    /// Fills the rows from `take.top` on with pixels that are mixed of those of a larger surface.
    fn take(&mut self, large: &mut Self, take: &Take);
}

impl Surface for Picture {
    fn size(&self) -> (u32, u32) {
        (self.w, self.h)
    }

    fn beside(&self, size: (u32, u32)) -> Self {
        Self::blank(size)
    }

    fn fill(&mut self, area: PixelRect, [r, g, b]: [u8; 3]) {
        let row = [r, g, b, 255].repeat(area.w as usize);
        for y in area.y..area.y + area.h {
            let start = (y as usize * self.w as usize + area.x as usize) * 4;
            self.rgba[start..start + row.len()].copy_from_slice(&row);
        }
    }

    fn lay(&mut self, sprite: &Arc<Sprite>, over: Over) {
        sprite.paint(over, self);
    }

    fn soften(&mut self, band: PixelRect, area: PixelRect, rgb: [u8; 3]) {
        for y in area.y..area.y + area.h {
            let share = (2 * (y - band.y) + 1) * 128 / band.h;
            let start = (y as usize * self.w as usize + area.x as usize) * 4;
            for pixel in self.rgba[start..start + area.w as usize * 4].as_chunks_mut::<4>().0 {
                for (byte, below) in pixel.iter_mut().zip(rgb) {
                    *byte = ((u32::from(*byte) * share + u32::from(below) * (256 - share) + 128) >> 8) as u8;
                }
            }
        }
    }

    fn take(&mut self, large: &mut Self, take: &Take) {
        take.paint(large, self);
    }
}
