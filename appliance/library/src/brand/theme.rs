//! From the colours of a brand to a theme that can be read: what stands out too little is made darker or lighter, no further than
//! it must be, and said.

use serde_json::{Value, json};
use studio::draw::{Color, GRAPHIC_CONTRAST, TEXT_CONTRAST, TONES};

use super::{Base, Look};

const LIGHT: &str = include_str!("../../../../assets/themes/light.json");
const DARK: &str = include_str!("../../../../assets/themes/dark.json");
/// Steps from a colour to black or white.
const STEPS: u32 = 64;
/// A little more than is asked for, so that rounding never falls below it.
const MARGIN: f64 = 0.01;
/// What the farthest colour must reach on the background, so that all others find room between.
const ROOM: f64 = 8.5;
/// How much of its accent is in a box.
const FILL: f64 = 0.12;

/// A theme, and what was changed for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The theme as `assets/themes` has it.
    pub theme: Value,
    /// Colours that stand out too little.
    pub warnings: Vec<Warning>,
}

/// A colour that stands out too little (WCAG 2.2, 1.4.3 and 1.4.11).
#[derive(Debug, Clone, PartialEq)]
pub struct Warning {
    /// Which colour: the name of its field, and of tones its number.
    pub color: String,
    /// Before what.
    pub against: &'static str,
    /// The ratio it has.
    pub ratio: f64,
    /// The least ratio.
    pub least: f64,
    /// The colour that is drawn in its place.
    pub used: String,
}

/// The theme of a look that was checked when it was saved.
pub(super) fn document(name: &str, look: &Look) -> Document {
    let base = match look.base {
        Base::Light => LIGHT,
        Base::Dark => DARK,
    };
    let mut theme: Value = serde_json::from_str(base).expect("bundled themes are JSON");
    let mut maker = Maker { toward: extreme(look.base), warnings: Vec::new() };
    let color = |field: &Value| read(field.as_str().expect("bundled themes hold colours"));

    let wanted = |own: &Option<String>, field: &Value| own.as_deref().map_or_else(|| color(field), read);
    let page = maker.page(&wanted(&look.background, &theme["background"]), look.background.is_some());
    // Plates under words on lines: a step from the page to the paper.
    let surface =
        if look.background.is_some() { mix(&page, &extreme(other(look.base)), 0.5) } else { color(&theme["surface"]) };
    let grounds = [("the background", &page), ("the surface", &surface)];
    let ink = wanted(&look.ink, &theme["ink"]);
    let ink = maker.fit("ink", &ink, &grounds, &page, TEXT_CONTRAST, look.ink.is_some());
    let muted = maker.fit("muted", &color(&theme["muted"]), &grounds, &page, TEXT_CONTRAST, false);
    let accent = wanted(&look.accent, &theme["accent"]);
    let accent = maker.fit("accent", &accent, &grounds[..1], &page, GRAPHIC_CONTRAST, look.accent.is_some());

    let mut tones = Vec::new();
    for index in 0..TONES {
        let tone = match look.tones.len() {
            0 => color(&theme["tones"][index]["border"]),
            count => read(&look.tones[index % count]),
        };
        let say = index < look.tones.len();
        tones.push(maker.tone(&format!("tones/{index}"), &tone, &page, say));
    }
    let named = ["decision", "start", "end"].map(|name| {
        let border = color(&theme[name]["border"]);
        (name, maker.tone(name, &border, &page, false))
    });
    let mut under: Vec<(&'static str, &Color)> = vec![("the background", &page)];
    under.extend(tones.iter().map(|tone| ("a box", &tone.fill)));
    under.extend(named.iter().map(|(_, tone)| ("a box", &tone.fill)));
    let line = wanted(&look.line, &theme["line"]);
    let line = maker.fit("line", &line, &under, &page, GRAPHIC_CONTRAST, look.line.is_some());

    theme["name"] = json!(name);
    for (field, color) in [
        ("background", &page),
        ("surface", &surface),
        ("ink", &ink),
        ("muted", &muted),
        ("line", &line),
        ("accent", &accent),
    ] {
        theme[field] = json!(color.as_str());
    }
    theme["tones"] = tones.iter().map(Tone::json).collect();
    for (name, tone) in &named {
        theme[*name] = tone.json();
    }
    Document { theme, warnings: maker.warnings }
}

/// The colours of a box.
struct Tone {
    fill: Color,
    border: Color,
    text: Color,
}

impl Tone {
    fn json(&self) -> Value {
        json!({ "fill": self.fill.as_str(), "border": self.border.as_str(), "text": self.text.as_str() })
    }
}

struct Maker {
    /// The colour that stands out most.
    toward: Color,
    warnings: Vec<Warning>,
}

impl Maker {
    /// The background, moved away from the colours on it until there is room for them.
    fn page(&mut self, wanted: &Color, say: bool) -> Color {
        let away = extreme(if self.toward == extreme(Base::Light) { Base::Dark } else { Base::Light });
        let toward = self.toward.clone();
        let found = steps(wanted, &away, |page| toward.stands_out(page, page) >= ROOM);
        if say && found != *wanted {
            let ratio = toward.stands_out(wanted, wanted);
            self.warn("background", "the words on it", ratio, ROOM, &found);
        }
        found
    }

    /// `wanted`, moved toward what stands out most until it does so before all of `grounds`.
    fn fit(
        &mut self,
        name: &str,
        wanted: &Color,
        grounds: &[(&'static str, &Color)],
        page: &Color,
        least: f64,
        say: bool,
    ) -> Color {
        let worst = |color: &Color| {
            let ratios = grounds.iter().map(|(name, ground)| (*name, color.stands_out(ground, page)));
            ratios.min_by(|one, other| one.1.total_cmp(&other.1)).unwrap_or(("nothing", f64::INFINITY))
        };
        let found = steps(wanted, &self.toward, |color| worst(color).1 >= least + MARGIN);
        let (against, ratio) = worst(wanted);
        if say && ratio < least {
            self.warn(name, against, ratio, least, &found);
        }
        found
    }

    /// A box of this accent.
    fn tone(&mut self, name: &str, accent: &Color, page: &Color, say: bool) -> Tone {
        let fill = mix(page, accent, FILL);
        let grounds = [("the background", page), ("its box", &fill)];
        let border = self.fit(name, accent, &grounds, page, GRAPHIC_CONTRAST, say);
        let text = self.fit(name, &mix(&border, &self.toward, 0.5), &grounds, page, TEXT_CONTRAST, false);
        Tone { border, text, fill }
    }

    fn warn(&mut self, color: &str, against: &'static str, ratio: f64, least: f64, used: &Color) {
        let used = used.as_str().to_owned();
        self.warnings.push(Warning { color: color.to_owned(), against, ratio, least, used });
    }
}

/// The first colour on the way from `from` to `to` for which `fits` holds; the end of the way where none does.
fn steps(from: &Color, to: &Color, fits: impl Fn(&Color) -> bool) -> Color {
    let way = (0..=STEPS).map(|step| mix(from, to, f64::from(step) / f64::from(STEPS)));
    way.into_iter().find(|color| fits(color)).unwrap_or_else(|| to.clone())
}

/// `share` of `other` in `one`.
fn mix(one: &Color, other: &Color, share: f64) -> Color {
    let (one, other) = (one.rgb(), other.rgb());
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mean of bytes is a byte")]
    let channel = |at: usize| (f64::from(one[at]) * (1.0 - share) + f64::from(other[at]) * share).round() as u8;
    Color::of([channel(0), channel(1), channel(2)])
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

fn read(text: &str) -> Color {
    Color::try_from(text.to_owned()).expect("colours are checked when they are saved")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use studio::draw::Theme;

    use super::*;

    fn theme(document: &Document) -> Theme {
        Theme::parse(document.theme.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn without_a_wish_it_is_near_the_base() {
        for base in [Base::Light, Base::Dark] {
            let made = document("Plain", &Look { base, ..Look::default() });
            assert_eq!(made.warnings, []);
            let (theme, bundled) =
                (theme(&made), Theme::named(if base == Base::Light { "light" } else { "dark" }).unwrap());
            assert_eq!(
                (&theme.background, &theme.ink, &theme.accent),
                (&bundled.background, &bundled.ink, &bundled.accent)
            );
            assert_eq!(theme.name, "Plain");
        }
    }

    #[test]
    fn pale_colours_are_told_and_mended() {
        let look = Look {
            background: Some("#FFFFFF".into()),
            accent: Some("#FFD400".into()),
            tones: vec!["#0050B3".into(), "#FFE58F".into()],
            ..Look::default()
        };
        let made = document("Sunny", &look);
        let told: Vec<_> = made.warnings.iter().map(|warning| (warning.color.as_str(), warning.ratio < 3.0)).collect();
        assert_eq!(told, [("accent", true), ("tones/1", true)]);
        let theme = theme(&made);
        assert_eq!(made.warnings[0].used, theme.accent.as_str());
        assert_eq!((theme.background.as_str(), theme.tones[0].border.as_str()), ("#FFFFFF", "#0050B3"));
        assert_eq!(theme.tones[2].border, theme.tones[0].border, "two colours for six tones");
    }

    fn color() -> impl Strategy<Value = Option<String>> {
        prop::option::of(any::<[u8; 3]>().prop_map(|rgb| Color::of(rgb).as_str().to_owned()))
    }

    proptest! {
        #[test]
        fn every_look_makes_a_theme(
            dark: bool,
            [background, ink, line, accent] in [color(), color(), color(), color()],
            tones in prop::collection::vec(color(), 0..6),
        ) {
            let base = if dark { Base::Dark } else { Base::Light };
            let tones = tones.into_iter().flatten().collect();
            let look = Look { base, background, ink, line, accent, tones, ..Look::default() };
            theme(&document("Any", &look));
        }
    }
}
