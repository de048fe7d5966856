//! Words of a brand: a classification banner and a watermark.

use serde::{Deserialize, Serialize};

use crate::draw::theme::{Color, TEXT_CONTRAST, Theme};
use crate::geometry::Rect;
use crate::layout::Text;

/// The least opacity of a watermark, in percent.
pub const MIN_OPACITY: u8 = 10;

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

impl Banner {
    /// The strip's colour and that of its words.
    pub(in crate::draw) fn colors(&self, theme: &Theme) -> (Color, Color) {
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
    pub(in crate::draw) fn color(&self, theme: &Theme) -> Color {
        theme.background.mixed(&theme.ink, f64::from(self.opacity) / 100.0)
    }

    pub(super) fn is_logo(&self) -> bool {
        self.text.trim().is_empty()
    }
}
