//! What a brand puts on every picture: its logo, a classification banner and a watermark.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use resvg::tiny_skia::{FilterQuality, Pixmap, PixmapPaint, Transform};
use resvg::usvg;
use serde::{Deserialize, Serialize};

use super::fonts::{Fonts, Weight};
use super::part::Look;
use super::sprite::Sprite;
use super::svg::{self, Paint, document, number};
use super::theme::{Color, TEXT_CONTRAST, Theme};
use super::{PixelRect, words};
use crate::geometry::Rect;
use crate::layout::{Align, Placed, Text};

/// The largest logo, in bytes.
pub const MAX_LOGO: usize = 256 << 10;
/// The longest banner or watermark, in characters.
pub const MAX_MARK: usize = 80;
/// The least opacity of a watermark, in percent.
pub const MIN_OPACITY: u8 = 10;
/// Largest width and height of a logo in design pixels.
const LOGO: (f32, f32) = (220.0, 48.0);
/// Clear space around a logo, as a share of its height: nothing else is drawn there.
const SAFE: f32 = 0.25;
/// Height of the banner and of its words in design pixels.
const BANNER: (f32, f32) = (34.0, 22.0);
/// Height of the words of a watermark in design pixels.
const WATERMARK: f32 = 22.0;
/// Shares of the canvas that words and logos keep from its sides, and that the diagram leaves free at the foot.
const SIDE: f32 = 0.05;
const FOOT: f32 = 0.075;

/// What is on every picture besides the diagram; it does not move, and lies where no diagram is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Marks {
    /// Below the diagram, on the right.
    pub logo: Option<Logo>,
    /// Classification such as "Confidential".
    pub banner: Option<Banner>,
    /// Whose it is, below the diagram, on the left.
    pub watermark: Option<Watermark>,
}

/// Words on a strip across the picture.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Banner {
    /// The words.
    pub text: String,
    /// Behind them; the ink of the theme without one.
    #[serde(default)]
    pub fill: Option<Color>,
    /// Of the words; one that stands out from the strip without one.
    #[serde(default)]
    pub ink: Option<Color>,
    /// Where the strip is.
    #[serde(default)]
    pub edge: Edge,
}

/// An edge of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Edge {
    /// The upper one.
    #[default]
    Top,
    /// The lower one.
    Bottom,
}

/// Small words, or the logo, that tell whose the picture is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watermark {
    /// The words; empty for the logo in place of them.
    #[serde(default)]
    pub text: String,
    /// How much of it is seen, [`MIN_OPACITY`] to 100 percent.
    #[serde(default = "whole")]
    pub opacity: u8,
}

fn whole() -> u8 {
    100
}

/// What of the marks is words, at its place.
#[derive(Debug, Default)]
pub(crate) struct Signs {
    /// The strip of the banner with its words.
    pub(crate) banner: Option<Strip>,
    /// Words of the watermark, and their colour.
    pub(crate) watermark: Option<(Text, Color)>,
}

/// A strip with words.
#[derive(Debug)]
pub(crate) struct Strip {
    pub(crate) rect: Rect,
    pub(crate) fill: Color,
    pub(crate) text: Text,
    pub(crate) ink: Color,
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
    /// Puts it into a picture, at a size and a place, seen through.
    fn paint(self, scale: f32, (x, y): (f32, f32), opacity: f32, into: &mut Pixmap) -> Result<(), String> {
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

impl Banner {
    /// The strip's colour and that of its words.
    pub(super) fn colors(&self, theme: &Theme) -> (Color, Color) {
        let fill = self.fill.clone().unwrap_or_else(|| theme.ink.clone());
        let ends = [Color::of([0; 3]), Color::of([255; 3])];
        let fits = || {
            let candidates = [&theme.background, &theme.ink].into_iter().chain(&ends);
            candidates.into_iter().find(|ink| ink.contrast(&fill) >= TEXT_CONTRAST).cloned()
        };
        let ink = self.ink.clone().or_else(fits).unwrap_or_else(|| theme.background.clone());
        (fill, ink)
    }
}

impl Watermark {
    /// The colour of its words: the ink of the theme, seen through.
    pub(super) fn color(&self, theme: &Theme) -> Color {
        theme.background.mixed(&theme.ink, f64::from(self.opacity) / 100.0)
    }

    fn is_logo(&self) -> bool {
        self.text.trim().is_empty()
    }
}

impl Marks {
    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// All words that are written, for who looks for fonts.
    pub fn words(&self) -> String {
        let (banner, mark) = (self.banner.as_ref().map(|b| &b.text), self.watermark.as_ref().map(|w| &w.text));
        banner.into_iter().chain(mark).map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    /// Puts a classification in place of the words of the banner, whose look stays; does nothing where there is none.
    pub fn classify(&mut self, words: &str) {
        if !words.is_empty() {
            self.banner.get_or_insert_default().text = words.chars().take(MAX_MARK).collect();
        }
    }

    /// What is wrong with them, if anything is.
    pub(super) fn fault(&self) -> Option<String> {
        let words = [
            ("banner", self.banner.as_ref().map(|b| &b.text)),
            ("watermark", self.watermark.as_ref().map(|w| &w.text)),
        ];
        for (name, text) in words {
            if text.is_some_and(|text| text.chars().count() > MAX_MARK) {
                return Some(format!("the {name} is longer than {MAX_MARK} characters; shorten it"));
            }
        }
        if self.watermark.as_ref().is_some_and(|mark| !(MIN_OPACITY..=100).contains(&mark.opacity)) {
            return Some(format!(
                "the opacity of the watermark is outside its range; keep it within {MIN_OPACITY} and 100"
            ));
        }
        self.logo
            .as_ref()
            .filter(|logo| logo.bytes().is_none())
            .map(|_| "the logo is not Base64 of at most 256 KiB; give a smaller picture".to_owned())
    }

    /// Canvas pixels at the foot that a banner takes.
    pub(super) fn floor(&self, unit: f32) -> f32 {
        match self.banner() {
            Some(Banner { edge: Edge::Bottom, .. }) => BANNER.0 * unit,
            _ => 0.0,
        }
    }

    fn banner(&self) -> Option<&Banner> {
        self.banner.as_ref().filter(|banner| !banner.text.trim().is_empty())
    }

    /// The words at their places, on a canvas of this size.
    pub(crate) fn signs(&self, theme: &Theme, fonts: &Fonts, (w, h): (f32, f32)) -> Signs {
        let unit = w.min(h) / 1080.0;
        let text = |words: &str, rect: Rect, px: f32, align: Align| {
            let wide = fonts.shape(words, Weight::Strong).width;
            let px = if wide > 0.0 { (px * unit).min(rect.w / wide) } else { px * unit };
            Text { rect, lines: vec![words.to_owned()], px, align }
        };
        let banner = self.banner().map(|banner| {
            let y = if banner.edge == Edge::Bottom { h - BANNER.0 * unit } else { 0.0 };
            let rect = Rect::new(0.0, y, w, BANNER.0 * unit);
            let (fill, ink) = banner.colors(theme);
            let room = Rect::new(w * SIDE, y, w * (1.0 - 2.0 * SIDE), rect.h);
            Strip { rect, fill, text: text(banner.text.trim(), room, BANNER.1, Align::Center), ink }
        });
        let watermark = self.watermark.as_ref().filter(|mark| !mark.is_logo()).map(|mark| {
            let room = self.foot((w, h), unit);
            let rect = Rect { w: room.w * 0.4, ..room };
            (text(mark.text.trim(), rect, WATERMARK, Align::Start), mark.color(theme))
        });
        Signs { banner, watermark }
    }

    /// The room below the diagram and above the banner.
    fn foot(&self, (w, h): (f32, f32), unit: f32) -> Rect {
        let top = h * (1.0 - FOOT);
        Rect::new(w * SIDE, top, w * (1.0 - 2.0 * SIDE), h - self.floor(unit) - top)
    }

    /// The logo where it goes: at the right, and where it is the watermark at the left, with its opacity.
    fn seats(&self, size: (f32, f32), canvas: (f32, f32), unit: f32) -> Vec<(Rect, f32)> {
        let room = self.foot(canvas, unit);
        let most = (LOGO.1 * unit).min(room.h / (1.0 + 2.0 * SAFE));
        let scale = (LOGO.0 * unit / size.0.max(1.0)).min(most / size.1.max(1.0));
        let (w, h) = (size.0 * scale, size.1 * scale);
        let at = |x: f32| Rect::new(x, room.center().y - h / 2.0, w, h);
        let mark = self.watermark.as_ref().filter(|mark| mark.is_logo());
        let mark = mark.map(|mark| (at(room.x), f32::from(mark.opacity) / 100.0));
        [(at(room.right() - w), 1.0)].into_iter().chain(mark).collect()
    }

    /// Where the logo goes, and its pixels at three times that size, once for each place; none when there is no logo.
    ///
    /// # Errors
    /// When the logo cannot be drawn.
    pub(super) fn emblems(
        &self,
        canvas: (f32, f32),
        unit: f32,
        options: &usvg::Options<'_>,
    ) -> Result<Vec<(Rect, Pixmap)>, String> {
        let Some(logo) = &self.logo else { return Ok(Vec::new()) };
        let size = logo.drawn(options)?.size();
        let picture = |(seat, opacity): (Rect, f32)| {
            let side = |length: f32| (length * 3.0).ceil().max(1.0) as u32;
            let mut pixmap = Pixmap::new(side(seat.w), side(seat.h)).ok_or("the canvas is too large")?;
            logo.drawn(options)?.paint(seat.h * 3.0 / size.1, (0.0, 0.0), opacity, &mut pixmap)?;
            Ok((seat, pixmap))
        };
        self.seats(size, canvas, unit).into_iter().map(picture).collect()
    }

    /// Words of the banner and the watermark as SVG elements.
    pub(super) fn written(&self, look: &Look<'_>, size: (f32, f32)) -> String {
        let mut body = String::new();
        let Signs { banner, watermark } = self.signs(look.theme, look.fonts, size);
        if let Some(Strip { rect, fill, text, ink }) = banner {
            svg::rect(&mut body, rect, 0.0, Paint::fill(fill.as_str()));
            words::write(look, &mut body, &text, Weight::Strong, ink.as_str());
        }
        if let Some((text, color)) = watermark {
            words::write(look, &mut body, &text, Weight::Strong, color.as_str());
        }
        body
    }

    /// All of them as SVG elements, the logo embedded.
    pub(super) fn elements(&self, look: &Look<'_>, size: (f32, f32), options: &usvg::Options<'_>) -> String {
        let mut body = self.written(look, size);
        if let Some(logo) = &self.logo
            && let Ok(drawn) = logo.drawn(options)
        {
            let media = if logo.kind == LogoKind::Png { "png" } else { "svg+xml" };
            let data = STANDARD.encode(logo.bytes().unwrap_or_default());
            for (Rect { x, y, w, h }, opacity) in self.seats(drawn.size(), size, look.unit) {
                let [x, y, w, h, opacity] = [x, y, w, h, opacity].map(number);
                body.push_str(&format!(
                    "<image x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" opacity=\"{opacity}\" \
                     href=\"data:image/{media};base64,{data}\"/>"
                ));
            }
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
            let drawn = logo.drawn(options)?.size();
            for (seat, opacity) in self.seats(drawn, size, look.unit) {
                logo.drawn(options)?.paint(seat.h / drawn.1, (seat.x, seat.y), opacity, &mut pixmap)?;
            }
        }
        Ok(Some(Sprite::of_pixels(&pixmap, PixelRect { x: 0, y: 0, w, h })))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::samples;
    use super::super::{DrawError, still};
    use super::*;

    fn theme(marks: Marks) -> Theme {
        Theme { marks, ..Theme::named("light").expect("bundled") }
    }

    fn banner(text: &str, edge: Edge) -> Marks {
        Marks { banner: Some(Banner { text: text.into(), edge, ..Banner::default() }), ..Marks::default() }
    }

    fn watermark(text: &str, opacity: u8) -> Option<Watermark> {
        Some(Watermark { text: text.into(), opacity })
    }

    fn logo() -> Option<Logo> {
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg' width='90' height='30'><path d='M0 0h90v30H0z'/></svg>";
        Some(Logo::new(LogoKind::Svg, svg))
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
        let strip = changed(banner("Confidential", Edge::Top)).expect("a banner");
        assert!(strip.x == 0.0 && strip.w == 480.0 && strip.bottom() < 270.0 * 0.05, "{strip:?}");
        let strip = changed(banner("Confidential", Edge::Bottom)).expect("a banner");
        assert!(strip.w == 480.0 && strip.bottom() == 270.0 && strip.y > 270.0 * 0.95, "{strip:?}");
        let below = |marks: Marks| {
            let rect = changed(marks).expect("it is seen");
            assert!(rect.y > 270.0 * 0.925 && rect.x >= 23.0 && rect.right() <= 480.0 * 0.955, "{rect:?}");
            rect
        };
        let seat = below(Marks { logo: logo(), ..Marks::default() });
        assert!((seat.w / seat.h - 3.0).abs() < 0.4 && seat.x > 240.0, "{seat:?}");
        let words = below(Marks { watermark: watermark("Acme", 80), ..Marks::default() });
        assert!(words.right() < 240.0, "{words:?}");
        let both = below(Marks { watermark: watermark("", 40), logo: logo(), ..Marks::default() });
        assert!(both.x < 30.0 && both.right() > 450.0, "the logo at both sides: {both:?}");
    }

    #[test]
    fn what_stands_below_stands_above_a_banner_there() {
        let marks = Marks { watermark: watermark("", 100), logo: logo(), ..banner("Secret", Edge::Bottom) };
        let unit = 270.0 / 1080.0;
        for (seat, _) in marks.seats((90.0, 30.0), (480.0, 270.0), unit) {
            assert!(seat.bottom() < 270.0 - marks.floor(unit) && seat.y > 270.0 * 0.925, "{seat:?}");
        }
    }

    #[test]
    fn long_words_stay_inside() {
        for canvas in [(1920.0, 1080.0), (1080.0, 1920.0), (1080.0, 1080.0)] {
            let marks =
                Marks { watermark: watermark(&"W".repeat(MAX_MARK), 90), ..banner(&"W".repeat(MAX_MARK), Edge::Top) };
            let fonts = Fonts::bundled();
            let Signs { banner, watermark } = marks.signs(&theme(Marks::default()), &fonts, canvas);
            for text in [banner.expect("there is one").text, watermark.expect("there is one").0] {
                let wide = fonts.shape(&text.lines[0], Weight::Strong).width * text.px;
                assert!(wide <= text.rect.w + 0.5 && text.rect.x >= canvas.0 * 0.05, "{text:?}");
            }
        }
    }

    #[test]
    fn a_classification_keeps_the_look_of_the_banner() {
        let mut marks = banner("Internal", Edge::Bottom);
        marks.classify("");
        assert_eq!(marks, banner("Internal", Edge::Bottom));
        marks.classify("Secret");
        assert_eq!(marks, banner("Secret", Edge::Bottom));
        let mut marks = Marks::default();
        marks.classify("Secret");
        assert_eq!(marks, banner("Secret", Edge::Top));
    }

    #[test]
    fn bad_marks_are_refused() {
        let parse = |marks: serde_json::Value| {
            let json = include_str!("../../../../assets/themes/light.json");
            let mut theme: serde_json::Value = serde_json::from_str(json).expect("bundled themes are JSON");
            theme["marks"] = marks;
            Theme::parse(theme.to_string().as_bytes()).map(drop).map_err(|e| e.to_string())
        };
        let check = |marks: serde_json::Value, expected: &str| {
            let error = parse(marks).expect_err(expected);
            assert!(error.contains(expected), "{error}");
        };
        assert_eq!(parse(serde_json::json!({ "banner": { "text": "Internal" } })), Ok(()));
        check(serde_json::json!({ "banner": { "text": "x".repeat(MAX_MARK + 1) } }), "shorten it");
        check(serde_json::json!({ "banner": { "text": "x", "fill": "#FFD400", "ink": "#FFFFFF" } }), "#FFFFFF on");
        check(serde_json::json!({ "watermark": { "text": "x", "opacity": 5 } }), "within 10 and 100");
        check(serde_json::json!({ "watermark": { "text": "x", "opacity": 30 } }), "words of the watermark");
        check(serde_json::json!({ "logo": { "kind": "png", "data": "***" } }), "Base64");
        check(serde_json::json!({ "logo": { "kind": "exe", "data": "" } }), "exe");
        for (kind, bytes) in [(LogoKind::Png, &b"no picture"[..]), (LogoKind::Svg, b"<svg")] {
            let marks = Marks { logo: Some(Logo::new(kind, bytes)), ..Marks::default() };
            let refused = still(&samples::label("one"), &Fonts::bundled(), &theme(marks));
            assert!(matches!(refused, Err(DrawError::Element { .. })));
        }
    }
}
