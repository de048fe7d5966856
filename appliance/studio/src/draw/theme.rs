//! Themes: the colours and measures of a look, checked for contrast before they are used.

use serde::{Deserialize, Serialize};

use super::DrawError;
use super::brand::Marks;
use crate::film::DIMMED;
use crate::storyboard::Role;

/// Bundled themes by name.
const BUNDLED: [(&str, &str); 3] = [
    ("light", include_str!("../../../../assets/themes/light.json")),
    ("dark", include_str!("../../../../assets/themes/dark.json")),
    ("contrast", include_str!("../../../../assets/themes/contrast.json")),
];
/// WCAG 2.2, 1.4.3: text against what is behind it.
pub const TEXT_CONTRAST: f64 = 4.5;
/// WCAG 2.2, 1.4.11: lines and borders against what is behind them.
pub const GRAPHIC_CONTRAST: f64 = 3.0;
/// Accents of a theme.
pub const TONES: usize = 6;

/// An opaque sRGB colour, written `#RRGGBB`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Color {
    text: String,
    rgb: [u8; 3],
}

/// Colours of a box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tone {
    /// Inside.
    pub fill: Color,
    /// Outline.
    pub border: Color,
    /// Words inside.
    pub text: Color,
}

impl Tone {
    /// Turned round, which keeps the contrast: words in the colour of the fill on that of the words.
    pub(crate) fn turned(&self) -> Self {
        Self { fill: self.text.clone(), border: self.text.clone(), text: self.fill.clone() }
    }
}

/// A soft shadow under boxes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shadow {
    /// Colour.
    pub color: Color,
    /// Opacity of each of its layers.
    pub opacity: f32,
    /// Pixels below the box at 1080 lines.
    pub drop: f32,
}

/// A look. Lengths are pixels of a canvas whose shorter side is 1080.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// Name.
    pub name: String,
    /// Behind everything.
    pub background: Color,
    /// Marks that stand on lines.
    pub surface: Color,
    /// Headings.
    pub ink: Color,
    /// Words beside lines.
    pub muted: Color,
    /// Lines and arrow heads.
    pub line: Color,
    /// The bar beside the heading, and lines that are spoken of.
    pub accent: Color,
    /// Accents for lanes, branches and levels; six.
    pub tones: Vec<Tone>,
    /// Decisions.
    pub decision: Tone,
    /// Where the way begins.
    pub start: Tone,
    /// Where the way ends.
    pub end: Tone,
    /// Corners of boxes.
    pub radius: f32,
    /// Outline of boxes.
    pub stroke: f32,
    /// Width of arrows.
    pub edge: f32,
    /// Shadow under boxes, if any.
    pub shadow: Option<Shadow>,
    /// Family of the bundled font that is preferred; empty for the usual one.
    #[serde(default)]
    pub font: String,
    /// Logo, banner and watermark.
    #[serde(default)]
    pub marks: Marks,
}

/// Why a theme cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ThemeError {
    /// Not the theme format.
    #[error("the theme cannot be read: {0}")]
    Format(#[from] serde_json::Error),
    /// A number or list outside its bounds.
    #[error("theme `{theme}`: {what}")]
    Bounds {
        /// Name of the theme.
        theme: String,
        /// What is wrong and what would be right.
        what: String,
    },
    /// Two colours that are too close.
    #[error("theme `{theme}`: {what} ({} on {}) has a contrast of {found:.2}:1; make it at least {least}:1", pair[0].as_str(), pair[1].as_str())]
    Contrast {
        /// Name of the theme.
        theme: String,
        /// Which pair.
        what: String,
        /// What is seen, and what is behind it.
        pair: Box<[Color; 2]>,
        /// Its contrast.
        found: f64,
        /// The least that is allowed.
        least: f64,
    },
}

impl TryFrom<String> for Color {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.strip_prefix('#').filter(|d| d.len() == 6 && d.bytes().all(|b| b.is_ascii_hexdigit()));
        let value = digits.and_then(|d| u32::from_str_radix(d, 16).ok());
        let Some(value) = value else {
            return Err(format!("`{}` is no colour; write it as #RRGGBB", text.chars().take(20).collect::<String>()));
        };
        let [_, r, g, b] = value.to_be_bytes();
        Ok(Self { text, rgb: [r, g, b] })
    }
}

impl From<Color> for String {
    fn from(color: Color) -> Self {
        color.text
    }
}

impl Color {
    /// As `#RRGGBB`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Red, green and blue.
    pub fn rgb(&self) -> [u8; 3] {
        self.rgb
    }

    /// The colour of these channels.
    pub fn of(rgb: [u8; 3]) -> Self {
        let [r, g, b] = rgb;
        Self { text: format!("#{r:02X}{g:02X}{b:02X}"), rgb }
    }

    /// With a `share` of 0 to 1 of another.
    pub fn mixed(&self, other: &Self, share: f64) -> Self {
        let (one, other) = (self.rgb, other.rgb);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mean of bytes is a byte")]
        let channel = |at: usize| (f64::from(one[at]) * (1.0 - share) + f64::from(other[at]) * share).round() as u8;
        Self::of(std::array::from_fn(channel))
    }

    /// WCAG 2.2 contrast ratio of two colours, 1 to 21.
    pub fn contrast(&self, other: &Self) -> f64 {
        contrast(self.rgb, other.rgb)
    }

    /// The contrast by which themes are judged: that with `below`, or the one that is left when both step back over the `page`,
    /// whichever is less. What steps back while something else is spoken of must stay readable too.
    pub fn stands_out(&self, below: &Self, page: &Self) -> f64 {
        let back = contrast(dimmed(self.rgb, page.rgb), dimmed(below.rgb, page.rgb));
        self.contrast(below).min(back)
    }
}

/// WCAG 2.2 relative luminance, 0 to 1.
fn luminance(rgb: [u8; 3]) -> f64 {
    let linear = rgb.map(|channel| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { libm::pow((value + 0.055) / 1.055, 2.4) }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// `top` at [`DIMMED`] opacity over `below`.
fn dimmed(top: [u8; 3], below: [u8; 3]) -> [u8; 3] {
    std::array::from_fn(|i| {
        let mixed = f32::from(top[i]) * DIMMED + f32::from(below[i]) * (1.0 - DIMMED);
        mixed.round() as u8
    })
}

impl Theme {
    /// Names of the bundled themes.
    pub const NAMES: [&str; 3] = [BUNDLED[0].0, BUNDLED[1].0, BUNDLED[2].0];

    /// A bundled theme.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn named(name: &str) -> Result<Self, DrawError> {
        let json = BUNDLED.iter().find(|(n, _)| *n == name).map(|(_, json)| json);
        let theme = json.and_then(|json| Self::parse(json.as_bytes()).ok());
        theme.ok_or_else(|| DrawError::Theme(name.chars().take(60).collect()))
    }

    /// Reads a theme and checks its bounds and contrast.
    ///
    /// # Errors
    /// When the theme is not of the format, or its colours are too close to be told apart.
    pub fn parse(json: &[u8]) -> Result<Self, ThemeError> {
        let theme: Self = serde_json::from_slice(json)?;
        theme.check()?;
        Ok(theme)
    }

    /// Checks bounds and contrast.
    pub(super) fn check(&self) -> Result<(), ThemeError> {
        self.check_bounds()?;
        self.check_contrast()
    }

    /// The colours of a box: those of its role, else of its accent.
    pub fn tone_of(&self, role: Role, tone: usize) -> &Tone {
        match role {
            Role::Decision => &self.decision,
            Role::Start => &self.start,
            Role::End => &self.end,
            _ => self.tone(tone),
        }
    }

    /// Whether a box with letters for its accent is drawn in colours turned round: accents go round, and those of the second
    /// round are told from those of the first.
    pub(crate) fn is_second(role: Role, tone: usize) -> bool {
        !matches!(role, Role::Decision | Role::Start | Role::End) && (tone / TONES) % 2 == 1
    }

    /// The accent of an index; indices go round.
    pub fn tone(&self, tone: usize) -> &Tone {
        &self.tones[tone % self.tones.len()]
    }

    fn check_bounds(&self) -> Result<(), ThemeError> {
        let bounds = |what: String| Err(ThemeError::Bounds { theme: self.name.clone(), what });
        if self.tones.len() != TONES {
            return bounds(format!("it has {} tones; give {TONES}", self.tones.len()));
        }
        if let Some(fault) = self.marks.fault() {
            return bounds(fault);
        }
        let shadow = self.shadow.as_ref().map_or([0.0; 2], |s| [s.opacity * 40.0, s.drop]);
        let measures = [("radius", self.radius, 60.0), ("stroke", self.stroke, 12.0), ("edge", self.edge, 12.0)];
        let shadows = [("shadow opacity", shadow[0], 40.0), ("shadow drop", shadow[1], 40.0)];
        for (name, value, most) in measures.into_iter().chain(shadows) {
            if !(0.0..=most).contains(&value) {
                return bounds(format!("{name} is outside its range; keep it within 0 and {most} pixels"));
            }
        }
        Ok(())
    }

    fn check_contrast(&self) -> Result<(), ThemeError> {
        let (page, plate) = (&self.background, &self.surface);
        let mut pairs = vec![
            ("ink on background".to_owned(), &self.ink, page, TEXT_CONTRAST),
            ("ink on surface".to_owned(), &self.ink, plate, TEXT_CONTRAST),
            ("muted on background".to_owned(), &self.muted, page, TEXT_CONTRAST),
            ("muted on surface".to_owned(), &self.muted, plate, TEXT_CONTRAST),
            ("line on background".to_owned(), &self.line, page, GRAPHIC_CONTRAST),
            ("accent on background".to_owned(), &self.accent, page, GRAPHIC_CONTRAST),
        ];
        let numbered = self.tones.iter().enumerate().map(|(i, t)| (format!("tone {i}"), t));
        let named = [("decision", &self.decision), ("start", &self.start), ("end", &self.end)];
        for (name, tone) in numbered.chain(named.map(|(n, t)| (n.to_owned(), t))) {
            pairs.push((format!("text on fill of {name}"), &tone.text, &tone.fill, TEXT_CONTRAST));
            pairs.push((format!("text of {name} on background"), &tone.text, page, TEXT_CONTRAST));
            pairs.push((format!("border of {name} on background"), &tone.border, page, GRAPHIC_CONTRAST));
            pairs.push((format!("border of {name} on its fill"), &tone.border, &tone.fill, GRAPHIC_CONTRAST));
            pairs.push((format!("line on fill of {name}"), &self.line, &tone.fill, GRAPHIC_CONTRAST));
        }
        let clash = |what: String, top: &Color, below: &Color, found: f64, least: f64| {
            let pair = Box::new([top.clone(), below.clone()]);
            Err(ThemeError::Contrast { theme: self.name.clone(), what, pair, found, least })
        };
        for (what, top, below, least) in pairs {
            let found = top.stands_out(below, page);
            if found < least {
                return clash(what, top, below, found, least);
            }
        }
        for (what, top, below) in self.words_of_marks() {
            let found = top.contrast(&below);
            if found < TEXT_CONTRAST {
                return clash(what.to_owned(), &top, &below, found, TEXT_CONTRAST);
            }
        }
        Ok(())
    }

    /// Words of the marks, what they stand on, and their name. They never step back, and logos need no contrast (WCAG 2.2, 1.4.3).
    fn words_of_marks(&self) -> Vec<(&'static str, Color, Color)> {
        let banner = self.marks.banner.as_ref().map(|banner| {
            let (fill, ink) = banner.colors(self);
            ("words of the banner", ink, fill)
        });
        let mark = self.marks.watermark.as_ref().filter(|mark| !mark.text.trim().is_empty());
        let mark = mark.map(|mark| ("words of the watermark", mark.color(self), self.background.clone()));
        banner.into_iter().chain(mark).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn light() -> serde_json::Value {
        serde_json::from_str(BUNDLED[0].1).expect("bundled themes are JSON")
    }

    fn refused(theme: &serde_json::Value) -> String {
        let json = serde_json::to_vec(theme).expect("a value is JSON");
        Theme::parse(&json).expect_err("the theme is bad").to_string()
    }

    #[test]
    fn bundled_themes_pass_the_gate() {
        for (name, json) in BUNDLED {
            let theme = Theme::parse(json.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(theme.name, name);
            assert_eq!(Theme::named(name).expect("bundled").name, name);
        }
        let error = Theme::named("neon").expect_err("no such theme").to_string();
        assert_eq!(error, "unknown theme `neon`; one of light, dark, contrast");
    }

    #[test]
    fn pale_text_is_refused() {
        let mut theme = light();
        theme["muted"] = "#9AA4B5".into();
        let pair = "muted on background (#9AA4B5 on #F7F8FB) has a contrast of";
        assert!(refused(&theme).contains(pair), "{}", refused(&theme));
        let mut theme = light();
        theme["tones"][2]["border"] = "#CFC3F2".into();
        assert!(refused(&theme).contains("border of tone 2"), "{}", refused(&theme));
    }

    #[test]
    fn odd_values_are_refused() {
        for (field, value) in [
            ("ink", serde_json::json!("red\" onload=\"x")),
            ("ink", serde_json::json!("#12345")),
            ("radius", serde_json::json!(-1.0)),
            ("stroke", serde_json::json!(1e30)),
            ("tones", serde_json::json!([])),
            ("glitter", serde_json::json!(true)),
        ] {
            let mut theme = light();
            theme[field] = value;
            refused(&theme);
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        let check = |a: &str, b: &str, expected: f64| {
            let color = |c: &str| Color::try_from(c.to_owned()).expect("a colour");
            assert!((color(a).contrast(&color(b)) - expected).abs() < 0.01, "{a} {b}");
        };
        check("#000000", "#FFFFFF", 21.0);
        check("#777777", "#FFFFFF", 4.48);
        check("#123456", "#123456", 1.0);
    }
}
