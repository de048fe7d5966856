//! Whole scenes without motion: posters, documents and PNG files.

use resvg::tiny_skia::{IntSize, Pixmap};

use super::fonts::Fonts;
use super::part::Look;
use super::raster::{SceneRasterizer, options};
use super::svg::{Paint, document, rect};
use super::theme::Theme;
use super::{DrawError, Picture, Rasterizer};
use crate::film::{ElementState, Film, FrameSpec, Part, cast};
use crate::geometry::Rect;
use crate::layout::Placed;

/// A scene with everything visible.
///
/// # Errors
/// When a part cannot be drawn.
pub fn still(placed: &Placed, fonts: &Fonts, theme: &Theme) -> Result<Picture, DrawError> {
    let mut picture = Picture::blank(placed.canvas);
    let elements = cast(placed).into_iter().map(shown).collect();
    SceneRasterizer::new(std::slice::from_ref(placed), fonts, theme)
        .draw(&FrameSpec { elements, ..FrameSpec::default() }, &mut picture)?;
    Ok(picture)
}

/// A part that is there for good is seen.
fn shown(part: Part) -> ElementState {
    let opacity = if matches!(part, Part::Overlay(_)) { 0.0 } else { 1.0 };
    ElementState { opacity, ..ElementState::FULL }
}

/// The frame of a film that is shown at a moment: what an editor looks at while the video is not there yet.
///
/// # Errors
/// When a part cannot be drawn, or the film was planned for other scenes.
pub fn preview(film: &Film, placed: &[Placed], fonts: &Fonts, theme: &Theme, at_ms: u64) -> Result<Picture, DrawError> {
    let mut picture = Picture::blank(film.canvas);
    let at = at_ms.saturating_mul(u64::from(film.fps)) / 1000;
    SceneRasterizer::new(placed, fonts, theme).draw(&film.frame(at), &mut picture)?;
    Ok(picture)
}

/// A scene with everything visible as a document of its own: words are outlines, so it needs no fonts; `description`
/// is what assistive technology reads out.
pub fn scene_svg(placed: &Placed, fonts: &Fonts, theme: &Theme, description: &str) -> String {
    let look = Look::new(fonts, theme, placed);
    #[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
    let view = Rect::new(0.0, 0.0, placed.canvas.0 as f32, placed.canvas.1 as f32);
    let mut body = String::new();
    rect(&mut body, view, 0.0, Paint::fill(theme.background.as_str()));
    body.push_str(&theme.marks.elements(&look, (view.w, view.h), &options()));
    for part in cast(placed).into_iter().filter(|part| !matches!(part, Part::Overlay(_))) {
        body.push_str(&look.part(placed, part).body);
    }
    document(view, description, &body)
}

/// A picture as a PNG file.
///
/// # Errors
/// When the picture's bytes do not fit its size.
pub fn png(picture: &Picture) -> Result<Vec<u8>, DrawError> {
    let size = DrawError::Size { w: picture.w, h: picture.h, canvas: (picture.w, picture.h) };
    let pixmap = IntSize::from_wh(picture.w, picture.h).and_then(|s| Pixmap::from_vec(picture.rgba.clone(), s));
    pixmap.ok_or(size)?.encode_png().map_err(|e| DrawError::Png(e.to_string()))
}
