//! What a brand puts on every picture: its logo, a classification banner and a watermark.

mod logo;
mod signs;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg;
use serde::{Deserialize, Serialize};

pub use logo::{Logo, LogoKind, MAX_LOGO};
pub use signs::{Banner, Edge, MIN_OPACITY, Watermark};
pub(crate) use signs::{Signs, Strip};

use super::fonts::{Fonts, Weight};
use super::part::Look;
use super::sprite::Sprite;
use super::svg::{self, Paint, document, number};
use super::theme::Theme;
use super::{PixelRect, words};
use crate::geometry::Rect;
use crate::layout::{Align, Placed, Text};

/// The longest banner or watermark, in characters.
pub const MAX_MARK: usize = 80;
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
    pub(in crate::draw) fn fault(&self) -> Option<String> {
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
    pub(in crate::draw) fn floor(&self, unit: f32) -> f32 {
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
    pub(in crate::draw) fn emblems(
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
    pub(in crate::draw) fn written(&self, look: &Look<'_>, size: (f32, f32)) -> String {
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
    pub(in crate::draw) fn elements(&self, look: &Look<'_>, size: (f32, f32), options: &usvg::Options<'_>) -> String {
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
    pub(in crate::draw) fn sprite(
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
