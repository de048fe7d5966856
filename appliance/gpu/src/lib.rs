//! Frames put together by a graphics processor, and turned into the colours of video there.
//!
//! ```text
//! film ──Composer──> steps (fill, lay a sprite, soften, take) ──compose.wgsl──> pixels ──yuv.wgsl──> planes ──> memory
//! ```
//!
//! What a frame consists of is decided by [`studio::draw::Composer`], as for pictures in memory; sprites are the same pixels,
//! rasterised once by the processor and kept on the card. The shaders calculate with whole numbers only, as the studio does: so
//! the pictures are those of [`studio::draw::SceneRasterizer`], byte for byte, on every card whose driver adds and
//! multiplies right. No picture of a vector renderer for graphics processors could be: they cover edges in their own way, and
//! lack what our themes need (blurred shadows) or change with each release.

mod atlas;
mod device;
mod rasterizer;
mod readback;
mod sheet;
#[cfg(test)]
mod tests;

pub use device::{Gpu, GpuError, Wanted};
pub use rasterizer::GpuRasterizer;
