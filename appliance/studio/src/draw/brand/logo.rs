//! The logo of a brand: pixels or outlines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use resvg::tiny_skia::{FilterQuality, Pixmap, PixmapPaint, Transform};
use resvg::usvg;
use serde::{Deserialize, Serialize};

/// The largest logo, in bytes.
pub const MAX_LOGO: usize = 256 << 10;

/// A logo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logo {
    /// Its format.
    pub kind: LogoKind,
    /// Its bytes, in Base64 (RFC 4648, 4).
    pub data: String,
}

/// Format of a logo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogoKind {
    /// Pixels.
    Png,
    /// Outlines.
    Svg,
}

impl Logo {
    /// A logo of these bytes.
    pub fn new(kind: LogoKind, bytes: &[u8]) -> Self {
        Self { kind, data: STANDARD.encode(bytes) }
    }

    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        STANDARD.decode(&self.data).ok().filter(|bytes| bytes.len() <= MAX_LOGO)
    }

    pub(super) fn drawn(&self, options: &usvg::Options<'_>) -> Result<Drawn, String> {
        let bytes = self.bytes().ok_or("it is not Base64 of at most 256 KiB")?;
        match self.kind {
            LogoKind::Png => Pixmap::decode_png(&bytes).map(Drawn::Pixels).map_err(|e| e.to_string()),
            LogoKind::Svg => {
                let tree = usvg::Tree::from_data(&bytes, options).map_err(|e| e.to_string())?;
                Ok(Drawn::Outlines(Box::new(tree)))
            }
        }
    }
}

/// A logo ready to be put on a picture.
pub(super) enum Drawn {
    Pixels(Pixmap),
    Outlines(Box<usvg::Tree>),
}

impl Drawn {
    #[allow(clippy::cast_precision_loss, reason = "a logo has at most a few thousand pixels a side")]
    pub(super) fn size(&self) -> (f32, f32) {
        match self {
            Self::Pixels(p) => (p.width() as f32, p.height() as f32),
            Self::Outlines(tree) => (tree.size().width(), tree.size().height()),
        }
    }

    /// Puts it into a picture, at a size and a place, seen through.
    pub(super) fn paint(self, scale: f32, (x, y): (f32, f32), opacity: f32, into: &mut Pixmap) -> Result<(), String> {
        let at = Transform::from_row(scale, 0.0, 0.0, scale, x, y);
        let (picture, at, quality) = match self {
            Self::Outlines(tree) if opacity >= 1.0 => {
                resvg::render(&tree, at, &mut into.as_mut());
                return Ok(());
            }
            // Its parts may lie over each other, so it is seen through as a whole.
            Self::Outlines(tree) => {
                let mut whole = Pixmap::new(into.width(), into.height()).ok_or("the canvas is too large")?;
                resvg::render(&tree, at, &mut whole.as_mut());
                (whole, Transform::identity(), FilterQuality::Nearest)
            }
            Self::Pixels(picture) => (picture, at, FilterQuality::Bicubic),
        };
        let paint = PixmapPaint { opacity, quality, ..PixmapPaint::default() };
        into.draw_pixmap(0, 0, picture.as_ref(), &paint, at, None);
        Ok(())
    }
}
