//! A scene as pieces of SVG, each of which a page can move on its own.

use super::fonts::Fonts;
use super::part::Look;
use super::raster::options;
use super::theme::Theme;
use crate::film::{Part, cast};
use crate::layout::Placed;

/// All of a scene, back to front.
#[derive(Debug)]
pub(crate) struct Pieces {
    /// The parts, as [`cast`] lists them.
    pub(crate) pieces: Vec<Piece>,
    /// Logo, banner and watermark, which lie over everything.
    pub(crate) marks: String,
}

/// One part as SVG elements.
#[derive(Debug)]
pub(crate) struct Piece {
    /// Which part.
    pub(crate) part: Part,
    /// The line of an arrow, which is drawn from its source; empty for what appears as a whole.
    pub(crate) shaft: String,
    /// Everything else.
    pub(crate) body: String,
    /// What is laid over it while it is spoken of.
    pub(crate) lit: String,
}

/// Takes a scene to pieces.
pub(crate) fn pieces(placed: &Placed, fonts: &Fonts, theme: &Theme) -> Pieces {
    let look = Look::new(fonts, theme, placed);
    let piece = |part: Part| {
        let drawn = look.part(placed, part);
        // An arrow's first element is its line; dashes cannot be drawn bit by bit.
        let whole = !matches!(part, Part::Edge(i) if !placed.edges[i].dashed);
        let (shaft, body) = match drawn.body.split_once('\n') {
            Some((shaft, head)) if !whole => (shaft.to_owned(), head.to_owned()),
            _ => (String::new(), drawn.body),
        };
        Piece { part, shaft, body, lit: drawn.lit }
    };
    #[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
    let size = (placed.canvas.0 as f32, placed.canvas.1 as f32);
    Pieces {
        pieces: cast(placed).into_iter().map(piece).collect(),
        marks: theme.marks.elements(&look, size, &options()),
    }
}
