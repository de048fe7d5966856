//! How it looks: themes, fonts, shapes, and frames as pixels.
//!
//! Every part of a placed scene becomes a few SVG elements, with words as outlines. Parts are rasterised once a scene
//! and frames composed from them, so that an animated frame costs as much as the area that changes.

mod blend;
mod brand;
mod caption;
mod edge;
mod flat;
mod fonts;
mod guide;
mod icon;
mod kit;
mod lens;
mod node;
mod overlay;
mod part;
mod pieces;
mod raster;
mod rows;
mod sprite;
#[cfg(target_arch = "x86_64")]
mod sse2;
mod stage;
mod still;
mod surface;
mod svg;
#[cfg(test)]
mod tests;
mod theme;
mod words;
pub mod yuv;

pub use brand::{Banner, Edge, Logo, LogoKind, MAX_LOGO, MAX_MARK, MIN_OPACITY, Marks, Watermark};
pub use fonts::{FontError, Fonts, Weight};
pub use kit::{Base, Clash, Kit, KitError, Typeface};
pub use lens::Take;
pub use raster::{Composer, SceneRasterizer};
pub use sprite::{Covered, Over, Shown, Sprite, intersection, union};
pub use still::{png, preview, scene_svg, still};
pub use surface::Surface;
pub use theme::{Color, GRAPHIC_CONTRAST, Shadow, TEXT_CONTRAST, TONES, Theme, ThemeError, Tone};

pub(crate) use brand::{Signs, Strip};
pub(crate) use flat::{Emblem, Path, Step, emblems_png, flat};
pub(crate) use guide::chip;
pub(crate) use node::is_turned;
pub(crate) use pieces::{Piece, pieces};
pub(crate) use svg::escape;

use crate::film::FrameSpec;

/// An opaque RGBA picture, 8 bits a channel, rows from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub w: u32,
    /// Height in pixels.
    pub h: u32,
    /// `w * h * 4` bytes.
    pub rgba: Vec<u8>,
}

impl Picture {
    /// A black picture.
    pub fn blank((w, h): (u32, u32)) -> Self {
        Self { w, h, rgba: [0, 0, 0, 255].repeat(w as usize * h as usize) }
    }
}

/// A rectangle of whole pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelRect {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// Width, at least 1.
    pub w: u32,
    /// Height, at least 1.
    pub h: u32,
}

/// Turns frame states into pixels: pictures, or those of [`yuv::YuvPicture`].
pub trait Rasterizer<P = Picture> {
    /// Brings `into` from the frame of the last call to `frame` and tells which pixels may have changed; `None` when
    /// nothing did. The first call paints everything.
    ///
    /// # Errors
    /// When an element cannot be drawn; the picture is then undefined.
    fn draw(&mut self, frame: &FrameSpec, into: &mut P) -> Result<Option<PixelRect>, DrawError>;

    /// Makes the next call paint everything, as the first does.
    fn reset(&mut self);
}

/// Why a frame cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum DrawError {
    /// An element's SVG does not parse: a defect of the drawing code or of a font.
    #[error("element {element} cannot be drawn: {reason}")]
    Element {
        /// Id of the element.
        element: String,
        /// What the SVG reader says.
        reason: String,
    },
    /// The theme is not known.
    #[error("unknown theme `{0}`; one of light, dark, contrast")]
    Theme(String),
    /// A frame of a scene that was not placed.
    #[error("scene {0} was not placed; there are {1}")]
    Scene(usize, usize),
    /// A frame that was planned for another scene.
    #[error("the frame has {given} elements, but the scene has {parts} parts; plan the film for these placed scenes")]
    Elements {
        /// Elements of the frame.
        given: usize,
        /// Parts of the scene.
        parts: usize,
    },
    /// A picture of another size than the canvas.
    #[error("the picture is {w}x{h}, but the canvas is {}x{}", canvas.0, canvas.1)]
    Size {
        /// Width of the picture.
        w: u32,
        /// Height of the picture.
        h: u32,
        /// Width and height of the canvas.
        canvas: (u32, u32),
    },
    /// The graphics processor does not do what it should.
    #[error("the graphics processor failed: {0}")]
    Device(String),
    /// A picture that cannot be written.
    #[error("the picture cannot be written as png: {0}")]
    Png(String),
}
