//! How it looks: themes, fonts, shapes, and frames as pixels.

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

/// Turns frame states into pixels.
pub trait Rasterizer {
    /// Brings `into` from the frame of the last call to `frame` and tells which pixels may have changed; `None` when
    /// nothing did. The first call paints everything.
    ///
    /// # Errors
    /// When an element cannot be drawn; the picture is then undefined.
    fn draw(&mut self, frame: &FrameSpec, into: &mut Picture) -> Result<Option<PixelRect>, DrawError>;
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
    #[error("unknown theme `{0}`; one of light, dark")]
    Theme(String),
}
