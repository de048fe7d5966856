//! What a brand puts on every picture: its logo, a classification banner and a watermark.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use resvg::tiny_skia::{FilterQuality, Pixmap, PixmapPaint, Transform};
use resvg::usvg;
use serde::{Deserialize, Serialize};

use super::fonts::Weight;
use super::part::Look;
use super::sprite::Sprite;
use super::svg::{self, Paint, document, number};
use super::{PixelRect, words};
use crate::geometry::Rect;
use crate::layout::{Align, Placed, Text};

/// The largest logo, in bytes.
pub const MAX_LOGO: usize = 256 << 10;
/// The longest banner or watermark, in characters.
pub const MAX_MARK: usize = 80;
/// Largest width and height of a logo in design pixels.
const LOGO: (f32, f32) = (220.0, 48.0);
/// Clear space around a logo, as a share of its height: nothing else is drawn there.
const SAFE: f32 = 0.25;
/// Height of the banner in design pixels.
const BANNER: f32 = 34.0;

/// What is on every picture besides the diagram; it does not move.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Marks {
    /// Below the diagram, on the right.
    pub logo: Option<Logo>,
    /// Classification such as "Confidential", across the top; empty for none.
    pub banner: String,
    /// Small words below the diagram, on the left; empty for none.
    pub watermark: String,
}

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

    fn bytes(&self) -> Option<Vec<u8>> {
        STANDARD.decode(&self.data).ok().filter(|bytes| bytes.len() <= MAX_LOGO)
    }

    fn drawn(&self, options: &usvg::Options<'_>) -> Result<Drawn, String> {
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
enum Drawn {
    Pixels(Pixmap),
    Outlines(Box<usvg::Tree>),
}

impl Drawn {
    #[allow(clippy::cast_precision_loss, reason = "a logo has at most a few thousand pixels a side")]
    fn size(&self) -> (f32, f32) {
        match self {
            Self::Pixels(p) => (p.width() as f32, p.height() as f32),
            Self::Outlines(tree) => (tree.size().width(), tree.size().height()),
        }
    }
}

impl Drawn {
    /// Puts it into a picture, at a size and a place.
    fn paint(self, scale: f32, (x, y): (f32, f32), into: &mut Pixmap) {
        let at = Transform::from_row(scale, 0.0, 0.0, scale, x, y);
        match self {
            Self::Outlines(tree) => resvg::render(&tree, at, &mut into.as_mut()),
            Self::Pixels(picture) => {
                let paint = PixmapPaint { quality: FilterQuality::Bicubic, ..PixmapPaint::default() };
                into.draw_pixmap(0, 0, picture.as_ref(), &paint, at, None);
            }
        }
    }
}

impl Marks {
    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is wrong with them, if anything is.
    pub(super) fn fault(&self) -> Option<String> {
        for (name, text) in [("banner", &self.banner), ("watermark", &self.watermark)] {
            if text.chars().count() > MAX_MARK {
                return Some(format!("the {name} is longer than {MAX_MARK} characters; shorten it"));
            }
        }
        self.logo
            .as_ref()
            .filter(|logo| logo.bytes().is_none())
            .map(|_| "the logo is not Base64 of at most 256 KiB; give a smaller picture".to_owned())
    }

    /// Where the logo goes, and its pixels at three times that size; `None` when there is none.
    ///
    /// # Errors
    /// When the logo cannot be drawn.
    pub(super) fn emblem(
        &self,
        (w, h): (f32, f32),
        unit: f32,
        options: &usvg::Options<'_>,
    ) -> Result<Option<(Rect, Pixmap)>, String> {
        let Some(logo) = &self.logo else { return Ok(None) };
        let drawn = logo.drawn(options)?;
        let seat = seat(drawn.size(), (w, h), unit);
        let side = |length: f32| (length * 3.0).ceil().max(1.0) as u32;
        let mut pixmap = Pixmap::new(side(seat.w), side(seat.h)).ok_or("the canvas is too large")?;
        let scale = seat.h * 3.0 / drawn.size().1;
        drawn.paint(scale, (0.0, 0.0), &mut pixmap);
        Ok(Some((seat, pixmap)))
    }

    /// Words of the banner and the watermark as SVG elements.
    pub(super) fn written(&self, look: &Look<'_>, (w, h): (f32, f32)) -> String {
        let (mut body, u, theme) = (String::new(), look.unit, look.theme);
        if !self.banner.trim().is_empty() {
            let strip = Rect::new(0.0, 0.0, w, BANNER * u);
            svg::rect(&mut body, strip, 0.0, Paint::fill(theme.ink.as_str()));
            let text = Text { rect: strip, lines: vec![self.banner.clone()], px: 20.0 * u, align: Align::Center };
            words::write(look, &mut body, &text, Weight::Strong, theme.background.as_str());
        }
        if !self.watermark.trim().is_empty() {
            let rect = Rect::new(w * 0.05, h - 52.0 * u, w * 0.5, 30.0 * u);
            let text = Text { rect, lines: vec![self.watermark.clone()], px: 20.0 * u, align: Align::Start };
            words::write(look, &mut body, &text, Weight::Strong, theme.muted.as_str());
        }
        body
    }

    /// All of them as SVG elements, the logo embedded.
    pub(super) fn elements(&self, look: &Look<'_>, size: (f32, f32), options: &usvg::Options<'_>) -> String {
        let mut body = self.written(look, size);
        if let Some(logo) = &self.logo
            && let Ok(drawn) = logo.drawn(options)
        {
            let Rect { x, y, w, h } = seat(drawn.size(), size, look.unit);
            let media = if logo.kind == LogoKind::Png { "png" } else { "svg+xml" };
            let [x, y, w, h] = [x, y, w, h].map(number);
            let data = STANDARD.encode(logo.bytes().unwrap_or_default());
            body.push_str(&format!(
                "<image x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" href=\"data:image/{media};base64,{data}\"/>"
            ));
        }
        body
    }

    /// All of them as a sprite of the whole canvas; `None` when there are none.
    ///
    /// # Errors
    /// When the logo cannot be drawn.
    #[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
    pub(super) fn sprite(
        &self,
        look: &Look<'_>,
        placed: &Placed,
        options: &usvg::Options<'_>,
    ) -> Result<Option<Sprite>, String> {
        if self.is_empty() {
            return Ok(None);
        }
        let (w, h) = placed.canvas;
        let size = (w as f32, h as f32);
        let mut pixmap = Pixmap::new(w, h).ok_or("the canvas is too large")?;
        let view = Rect::new(0.0, 0.0, size.0, size.1);
        let tree = usvg::Tree::from_str(&document(view, "", &self.written(look, size)), options);
        resvg::render(&tree.map_err(|e| e.to_string())?, Transform::identity(), &mut pixmap.as_mut());
        if let Some(logo) = &self.logo {
            let drawn = logo.drawn(options)?;
            let seat = seat(drawn.size(), size, look.unit);
            let scale = seat.h / drawn.size().1;
            drawn.paint(scale, (seat.x, seat.y), &mut pixmap);
        }
        Ok(Some(Sprite::of_pixels(&pixmap, PixelRect { x: 0, y: 0, w, h })))
    }
}

/// Where a logo of a size goes: the lower right corner, its clear space inside of the canvas and below the diagram.
fn seat((w, h): (f32, f32), canvas: (f32, f32), unit: f32) -> Rect {
    let scale = (LOGO.0 * unit / w.max(1.0)).min(LOGO.1 * unit / h.max(1.0));
    let (w, h) = (w * scale, h * scale);
    let strip = canvas.1 * 0.075;
    let middle = canvas.1 - strip / 2.0;
    let clear = SAFE * h;
    let y = (middle - h / 2.0).min(canvas.1 - clear - h);
    Rect::new(canvas.0 * 0.95 - w, y, w, h)
}

#[cfg(test)]
mod tests {
    use super::super::tests::samples;
    use super::super::{DrawError, Fonts, Theme, still};
    use super::*;

    fn theme(marks: Marks) -> Theme {
        Theme { marks, ..Theme::named("light").expect("bundled") }
    }

    /// Pixels that marks change, as the rectangle around them.
    fn changed(marks: Marks) -> Option<Rect> {
        let (placed, fonts) = (samples::label("one"), Fonts::bundled());
        let plain = still(&placed, &fonts, &theme(Marks::default())).expect("a picture");
        let marked = still(&placed, &fonts, &theme(marks)).expect("a picture");
        let pixels = plain.rgba.chunks_exact(4).zip(marked.rgba.chunks_exact(4)).enumerate();
        let dots = pixels.filter(|(_, (a, b))| a != b).map(|(i, _)| i as u32);
        let dots = dots.map(|i| Rect::new((i % plain.w) as f32, (i / plain.w) as f32, 1.0, 1.0));
        dots.reduce(|a, b| a.union(&b))
    }

    #[test]
    fn marks_are_where_no_diagram_is() {
        assert_eq!(changed(Marks::default()), None);
        let banner = changed(Marks { banner: "Confidential".into(), ..Marks::default() }).expect("a banner");
        assert!(banner.x == 0.0 && banner.w == 480.0 && banner.bottom() < 270.0 * 0.05, "{banner:?}");
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg' width='90' height='30'><path d='M0 0h90v30H0z'/></svg>";
        let logo = Some(Logo::new(LogoKind::Svg, svg));
        let logo = changed(Marks { logo, ..Marks::default() }).expect("a logo");
        assert!(logo.y > 270.0 * 0.925 && logo.right() <= 480.0 * 0.955, "{logo:?}");
        assert!((logo.w / logo.h - 3.0).abs() < 0.4, "{logo:?}");
        let words = changed(Marks { watermark: "Acme".into(), ..Marks::default() }).expect("words");
        assert!(words.y > 270.0 * 0.925 && words.x < 30.0, "{words:?}");
    }

    #[test]
    fn bad_marks_are_refused() {
        let parse = |marks: serde_json::Value| {
            let json = include_str!("../../../../assets/themes/light.json");
            let mut theme: serde_json::Value = serde_json::from_str(json).expect("bundled themes are JSON");
            theme["marks"] = marks;
            Theme::parse(theme.to_string().as_bytes())
        };
        assert!(parse(serde_json::json!({ "banner": "Internal" })).is_ok());
        assert!(parse(serde_json::json!({ "banner": "x".repeat(MAX_MARK + 1) })).is_err());
        assert!(parse(serde_json::json!({ "logo": { "kind": "png", "data": "***" } })).is_err());
        assert!(parse(serde_json::json!({ "logo": { "kind": "exe", "data": "" } })).is_err());
        for (kind, bytes) in [(LogoKind::Png, &b"no picture"[..]), (LogoKind::Svg, b"<svg")] {
            let marks = Marks { logo: Some(Logo::new(kind, bytes)), ..Marks::default() };
            let refused = still(&samples::label("one"), &Fonts::bundled(), &theme(marks));
            assert!(matches!(refused, Err(DrawError::Element { .. })));
        }
    }
}
