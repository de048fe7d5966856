//! Brand kits: from the colours of a brand to a theme that can be read. What a kit leaves out is made to fit the rest; what it asks
//! for and stands out too little is refused, with the pair and a colour that would do.

use serde::{Deserialize, Serialize};

use super::brand::{Banner, Logo, MIN_OPACITY, Marks, Watermark};
use super::theme::{Color, GRAPHIC_CONTRAST, TEXT_CONTRAST, TONES, Theme, ThemeError, Tone};

/// Steps from a colour to black or white.
const STEPS: u32 = 64;
/// A little more than is asked for, so that rounding never falls below it.
const MARGIN: f64 = 0.01;
/// What the farthest colour must reach on the background, so that all others find room between.
const ROOM: f64 = 8.5;
/// How much of its accent is in a box.
const FILL: f64 = 0.12;

/// How a brand looks: colours over a bundled theme, a font, and what is on every picture.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Kit {
    /// What it is called.
    pub name: String,
    /// The theme to begin with.
    pub base: Base,
    /// Behind everything.
    pub background: Option<Color>,
    /// Headings.
    pub ink: Option<Color>,
    /// Lines and arrows.
    pub line: Option<Color>,
    /// The bar beside the heading, and lines that are spoken of.
    pub accent: Option<Color>,
    /// Colours of boxes, [`TONES`] at most. With less, they come again; without any, they are those of the base.
    pub tones: Vec<Color>,
    /// The font that is preferred.
    pub font: Typeface,
    /// Its logo.
    pub logo: Option<Logo>,
    /// Classification across every picture.
    pub banner: Option<Banner>,
    /// Whose every picture is.
    pub watermark: Option<Watermark>,
}

/// A theme to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Base {
    /// Dark on light.
    #[default]
    Light,
    /// Light on dark.
    Dark,
}

/// A bundled font. Letters that it lacks come from the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Typeface {
    /// For Latin, Greek and Cyrillic.
    #[default]
    Inter,
    /// For Devanagari.
    NotoSansDevanagari,
    /// For Arabic.
    NotoSansArabic,
    /// For Hebrew.
    NotoSansHebrew,
}

impl Typeface {
    fn family(self) -> &'static str {
        match self {
            Self::Inter => "Inter",
            Self::NotoSansDevanagari => "Noto Sans Devanagari",
            Self::NotoSansArabic => "Noto Sans Arabic",
            Self::NotoSansHebrew => "Noto Sans Hebrew",
        }
    }
}

/// Two colours of a kit that are too close (WCAG 2.2, 1.4.3 and 1.4.11).
#[derive(Debug, Clone, PartialEq)]
pub struct Clash {
    /// Which field of the kit; of a colour of boxes with its number from 0, as `tones/1`.
    pub field: String,
    /// Its colour.
    pub color: Color,
    /// What it is seen on.
    pub on: &'static str,
    /// The colour of that.
    pub ground: Color,
    /// The ratio it has, 1 to 21; that of the dimmed form, where it is less: what is not spoken of steps back and must stay readable.
    pub ratio: f64,
    /// The least ratio.
    pub least: f64,
    /// What would do in its place.
    pub fits: String,
}

impl std::fmt::Display for Clash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { field, color, on, ground, ratio, least, fits } = self;
        let (color, ground, ratio) = (color.as_str(), ground.as_str(), (ratio * 100.0).floor() / 100.0);
        write!(
            f,
            "{field} {color} on {on} {ground} has a contrast of {ratio:.2}:1, and {least}:1 is needed; {fits} would do"
        )
    }
}

/// Why a kit cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    /// Not the format of kits.
    #[error("the brand kit cannot be read: {0}")]
    Format(#[from] serde_json::Error),
    /// Colours that are too close.
    #[error("the brand kit cannot be read by everybody: {}", .0.iter().map(Clash::to_string).collect::<Vec<_>>().join(". "))]
    Contrast(Vec<Clash>),
    /// A number or list outside its bounds.
    #[error(transparent)]
    Theme(#[from] ThemeError),
}

impl Kit {
    /// Reads a kit and checks its bounds and contrast.
    ///
    /// # Errors
    /// When it is not of the format, or its colours are too close.
    pub fn parse(json: &[u8]) -> Result<Theme, KitError> {
        serde_json::from_slice::<Self>(json)?.theme()
    }

    /// The theme of the kit.
    ///
    /// # Errors
    /// When its colours are too close, or something is outside its bounds.
    pub fn theme(&self) -> Result<Theme, KitError> {
        let (theme, clashes) = self.mended();
        if !clashes.is_empty() {
            return Err(KitError::Contrast(clashes));
        }
        if self.tones.len() > TONES {
            let what = format!("it has {} tones; give at most {TONES}", self.tones.len());
            return Err(ThemeError::Bounds { theme: self.name.clone(), what }.into());
        }
        theme.check()?;
        Ok(theme)
    }

    /// The theme with colours that are too close moved apart, no further than they must, and what was wrong with them.
    pub fn mended(&self) -> (Theme, Vec<Clash>) {
        let mut theme = Theme::named(match self.base {
            Base::Light => "light",
            Base::Dark => "dark",
        })
        .expect("bundled themes are sound");
        let mut maker = Maker { toward: extreme(self.base), clashes: Vec::new() };
        let wanted = |own: &Option<Color>, base: &Color| own.clone().unwrap_or_else(|| base.clone());
        let page = maker.page(&wanted(&self.background, &theme.background), self.background.is_some());
        // Plates under words on lines: a step from the page to the paper.
        if self.background.is_some() {
            theme.surface = page.mixed(&extreme(other(self.base)), 0.5);
        }
        let surface = theme.surface.clone();
        let grounds = [("the background", &page), ("the surface", &surface)];
        theme.ink =
            maker.fit("ink", &wanted(&self.ink, &theme.ink), &grounds, &page, TEXT_CONTRAST, self.ink.is_some());
        theme.muted = maker.fit("muted", &theme.muted, &grounds, &page, TEXT_CONTRAST, false);
        let accent = wanted(&self.accent, &theme.accent);
        theme.accent = maker.fit("accent", &accent, &grounds[..1], &page, GRAPHIC_CONTRAST, self.accent.is_some());

        for index in 0..TONES {
            let wanted = match self.tones.len() {
                0 => theme.tones[index].border.clone(),
                count => self.tones[index % count].clone(),
            };
            theme.tones[index] = maker.tone(&format!("tones/{index}"), &wanted, &page, index < self.tones.len());
        }
        for tone in [&mut theme.decision, &mut theme.start, &mut theme.end] {
            *tone = maker.tone("", &tone.border, &page, false);
        }
        let boxes = theme.tones.iter().chain([&theme.decision, &theme.start, &theme.end]).map(|tone| &tone.fill);
        let under: Vec<(&'static str, &Color)> =
            std::iter::once(("the background", &page)).chain(boxes.map(|fill| ("a box", fill))).collect();
        let line = wanted(&self.line, &theme.line);
        theme.line = maker.fit("line", &line, &under, &page, GRAPHIC_CONTRAST, self.line.is_some());
        theme.background = page;
        theme.name.clone_from(&self.name);
        self.font.family().clone_into(&mut theme.font);
        theme.marks = maker.marks(self, &theme);
        (theme, maker.clashes)
    }
}

struct Maker {
    /// The colour that stands out most.
    toward: Color,
    clashes: Vec<Clash>,
}

impl Maker {
    /// The background, moved away from the colours on it until there is room for them.
    fn page(&mut self, wanted: &Color, say: bool) -> Color {
        let away = extreme(if self.toward == extreme(Base::Light) { Base::Dark } else { Base::Light });
        let toward = self.toward.clone();
        let found = steps(wanted, &away, |page| toward.stands_out(page, page) >= ROOM);
        if say && found != *wanted {
            self.clashes.push(Clash {
                field: "background".to_owned(),
                color: wanted.clone(),
                on: "the darkest or lightest words, of",
                ratio: toward.stands_out(wanted, wanted),
                ground: toward,
                least: ROOM,
                fits: found.as_str().to_owned(),
            });
        }
        found
    }

    /// `wanted`, moved toward what stands out most until it does so before all of `grounds`.
    fn fit(
        &mut self,
        field: &str,
        wanted: &Color,
        grounds: &[(&'static str, &Color)],
        page: &Color,
        least: f64,
        say: bool,
    ) -> Color {
        let worst = |color: &Color| {
            let ratios = grounds.iter().map(|(name, ground)| (*name, *ground, color.stands_out(ground, page)));
            ratios.min_by(|one, other| one.2.total_cmp(&other.2)).unwrap_or(("nothing", page, f64::INFINITY))
        };
        let found = steps(wanted, &self.toward, |color| worst(color).2 >= least + MARGIN);
        let (on, ground, ratio) = worst(wanted);
        if say && ratio < least {
            let (color, ground, fits) = (wanted.clone(), ground.clone(), found.as_str().to_owned());
            self.clashes.push(Clash { field: field.to_owned(), color, on, ground, ratio, least, fits });
        }
        found
    }

    /// A box of this accent.
    fn tone(&mut self, field: &str, accent: &Color, page: &Color, say: bool) -> Tone {
        let fill = page.mixed(accent, FILL);
        let grounds = [("the background", page), ("its box", &fill)];
        let border = self.fit(field, accent, &grounds, page, GRAPHIC_CONTRAST, say);
        let text = self.fit(field, &border.mixed(&self.toward, 0.5), &grounds, page, TEXT_CONTRAST, false);
        Tone { fill, border, text }
    }

    /// The marks, their words readable on what is behind them.
    fn marks(&mut self, kit: &Kit, theme: &Theme) -> Marks {
        let mut marks = Marks { logo: kit.logo.clone(), banner: kit.banner.clone(), watermark: kit.watermark.clone() };
        if let Some(banner) = &mut marks.banner {
            let (fill, ink) = banner.colors(theme);
            let ratio = ink.contrast(&fill);
            if ratio < TEXT_CONTRAST {
                let fits = Banner { ink: None, ..banner.clone() }.colors(theme).1;
                self.clashes.push(Clash {
                    field: "banner/ink".to_owned(),
                    color: ink,
                    on: "the banner",
                    ground: fill,
                    ratio,
                    least: TEXT_CONTRAST,
                    fits: fits.as_str().to_owned(),
                });
                banner.ink = Some(fits);
            }
        }
        if let Some(mark) = marks.watermark.as_mut().filter(|mark| !mark.text.trim().is_empty()) {
            let seen = |opacity: u8| Watermark { opacity, ..mark.clone() }.color(theme);
            let ratio = seen(mark.opacity).contrast(&theme.background);
            if ratio < TEXT_CONTRAST {
                let enough = |opacity: &u8| seen(*opacity).contrast(&theme.background) >= TEXT_CONTRAST;
                let fits = (MIN_OPACITY..=100).find(enough).unwrap_or(100);
                self.clashes.push(Clash {
                    field: "watermark/opacity".to_owned(),
                    color: seen(mark.opacity),
                    on: "the background",
                    ground: theme.background.clone(),
                    ratio,
                    least: TEXT_CONTRAST,
                    fits: format!("{fits} %"),
                });
                mark.opacity = fits;
            }
        }
        marks
    }
}

/// The first colour on the way from `from` to `to` for which `fits` holds; the end of the way where none does.
fn steps(from: &Color, to: &Color, fits: impl Fn(&Color) -> bool) -> Color {
    let mut way = (0..=STEPS).map(|step| from.mixed(to, f64::from(step) / f64::from(STEPS)));
    way.find(|color| fits(color)).unwrap_or_else(|| to.clone())
}

/// What stands out most from a background of this base.
fn extreme(base: Base) -> Color {
    match base {
        Base::Light => Color::of([0; 3]),
        Base::Dark => Color::of([255; 3]),
    }
}

fn other(base: Base) -> Base {
    match base {
        Base::Light => Base::Dark,
        Base::Dark => Base::Light,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kit(json: serde_json::Value) -> Kit {
        serde_json::from_value(json).expect("a kit")
    }

    #[test]
    fn without_a_wish_it_is_near_the_base() {
        for (base, name) in [(Base::Light, "light"), (Base::Dark, "dark")] {
            let theme = Kit { name: "Plain".into(), base, ..Kit::default() }.theme().expect("sound");
            let bundled = Theme::named(name).expect("bundled");
            assert_eq!(
                (&theme.background, &theme.ink, &theme.accent),
                (&bundled.background, &bundled.ink, &bundled.accent)
            );
            assert_eq!((theme.name.as_str(), theme.font.as_str()), ("Plain", "Inter"));
        }
    }

    #[test]
    fn pale_colours_are_refused_with_the_pair() {
        let pale = kit(serde_json::json!({
            "background": "#FFFFFF", "accent": "#FFD400", "tones": ["#0050B3", "#FFE58F"],
            "banner": { "text": "Internal", "fill": "#FFD400", "ink": "#FFFFFF" },
            "watermark": { "text": "Acme", "opacity": 20 },
        }));
        let (mended, clashes) = pale.mended();
        let fields: Vec<_> = clashes.iter().map(|clash| clash.field.as_str()).collect();
        assert_eq!(fields, ["accent", "tones/1", "banner/ink", "watermark/opacity"]);
        mended.check().expect("what is mended is sound");
        assert_eq!(clashes[0].fits, mended.accent.as_str());
        assert_eq!((mended.background.as_str(), mended.tones[0].border.as_str()), ("#FFFFFF", "#0050B3"));
        assert_eq!(mended.tones[2].border, mended.tones[0].border, "two colours for six tones");
        let error = pale.theme().expect_err("too pale").to_string();
        assert!(
            error.contains("accent #FFD400 on the background #FFFFFF has a contrast of 1.32:1, and 3:1 is needed"),
            "{error}"
        );
        assert!(error.contains("banner/ink #FFFFFF on the banner #FFD400 has a contrast of 1.43:1"), "{error}");
        assert!(error.contains("watermark/opacity #"), "{error}");
    }

    #[test]
    fn what_is_no_kit_is_refused() {
        for json in ["{", r#"{"glitter": 1}"#, r#"{"accent": "red"}"#, r#"{"font": "comic"}"#] {
            assert!(matches!(Kit::parse(json.as_bytes()), Err(KitError::Format(_))), "{json}");
        }
        let seven = kit(serde_json::json!({ "tones": vec!["#0050B3"; 7] })).theme();
        assert!(matches!(seven, Err(KitError::Theme(ThemeError::Bounds { .. }))));
        let long = kit(serde_json::json!({ "banner": { "text": "x".repeat(200) } })).theme();
        assert!(matches!(long, Err(KitError::Theme(ThemeError::Bounds { .. }))));
    }

    fn color() -> impl Strategy<Value = Option<Color>> {
        prop::option::of(any::<[u8; 3]>().prop_map(Color::of))
    }

    proptest! {
        #[test]
        fn every_kit_can_be_mended(
            dark: bool,
            [background, ink, line, accent, fill, words] in [color(), color(), color(), color(), color(), color()],
            tones in prop::collection::vec(color(), 0..6),
            opacity in MIN_OPACITY..=100,
        ) {
            let base = if dark { Base::Dark } else { Base::Light };
            let tones = tones.into_iter().flatten().collect();
            let banner = Some(Banner { text: "x".into(), fill, ink: words, ..Banner::default() });
            let watermark = Some(Watermark { text: "x".into(), opacity });
            let kit = Kit { base, background, ink, line, accent, tones, banner, watermark, ..Kit::default() };
            let (theme, clashes) = kit.mended();
            theme.check().unwrap_or_else(|error| panic!("{error}"));
            prop_assert_eq!(kit.theme().is_ok(), clashes.is_empty());
        }
    }
}
