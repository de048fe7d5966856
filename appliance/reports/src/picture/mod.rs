//! Charts as shapes and words at their places, for paper: drawn here once, written as SVG or onto a page of PDF by others.

mod axes;
mod days;
mod flat;
mod links;
mod nested;
mod plane;
mod radar;
mod scale;
mod spread;
mod steps;
mod svg;
mod world;

use charts::{Format, colour};
use studio::{draw::Fonts, layout::Measure as _};

use crate::{Findings, plot::Plot};

pub(crate) use svg::{escape, svg};

/// How wide a text is: the text and its size.
pub(crate) type Measure<'a> = &'a dyn Fn(&str, f32) -> f32;

/// A picture, in points; y goes down.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Picture {
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) marks: Vec<Mark>,
}

/// Something painted; later ones lie above.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Mark {
    /// An area and a line along it.
    Shape { steps: Vec<Step>, fill: Option<(String, f32)>, line: Option<Stroke> },
    /// A line of text: where its anchor is on its base line.
    Text { at: (f32, f32), size: f32, strong: bool, anchor: Anchor, tone: String, text: String },
}

/// A line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stroke {
    pub(crate) tone: String,
    pub(crate) width: f32,
    pub(crate) dashes: &'static [f32],
}

/// A step of a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Step {
    Move(f32, f32),
    Line(f32, f32),
    Curve([f32; 6]),
    Close,
}

/// Which part of a text is at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// What drawing needs to know besides the plot.
pub(crate) struct Setting<'a> {
    pub(crate) format: &'a Format,
    pub(crate) language: &'a str,
    pub(crate) bucket: &'a str,
    pub(crate) measure: Measure<'a>,
}

impl Setting<'_> {
    pub(crate) fn say(&self, value: f64) -> String {
        crate::say::number(self.format, value, self.language)
    }

    /// A text that is no wider than there is room.
    pub(crate) fn fit(&self, text: &str, size: f32, room: f32) -> String {
        if (self.measure)(text, size) <= room {
            return text.to_owned();
        }
        let signs: Vec<char> = text.chars().collect();
        let cut = |count: usize| signs[..count].iter().collect::<String>().trim_end().to_owned() + "…";
        let (mut low, mut high) = (0, signs.len());
        while low + 1 < high {
            let middle = usize::midpoint(low, high);
            if (self.measure)(&cut(middle), size) <= room { low = middle } else { high = middle }
        }
        cut(low)
    }
}

/// The size of labels, in points.
pub(crate) const LABEL: f32 = 8.0;

impl Picture {
    fn new(width: f32, height: f32) -> Self {
        Picture { width, height, marks: Vec::new() }
    }

    fn shape(&mut self, steps: Vec<Step>, fill: Option<(&str, f32)>, line: Option<Stroke>) {
        let fill = fill.map(|(tone, opacity)| (tone.to_owned(), opacity));
        self.marks.push(Mark::Shape { steps, fill, line });
    }

    fn bar(&mut self, [x, y, w, h]: [f32; 4], tone: &str, opacity: f32) {
        self.shape(rectangle([x, y, w, h]), Some((tone, opacity)), None);
    }

    fn stroke(&mut self, from: (f32, f32), to: (f32, f32), tone: &str, width: f32) {
        let line = Stroke { tone: tone.to_owned(), width, dashes: &[] };
        self.shape(vec![Step::Move(from.0, from.1), Step::Line(to.0, to.1)], None, Some(line));
    }

    fn text(&mut self, at: (f32, f32), size: f32, anchor: Anchor, tone: &str, text: impl Into<String>) {
        let text = text.into();
        self.marks.push(Mark::Text { at, size, strong: false, anchor, tone: tone.to_owned(), text });
    }

    /// A disc.
    fn dot(&mut self, at: (f32, f32), radius: f32, tone: &str, opacity: f32) {
        let mut steps = arc(at, radius, 0.0, std::f32::consts::TAU, true);
        steps.push(Step::Close);
        self.shape(steps, Some((tone, opacity)), None);
    }

    /// A strong text around its place.
    fn strong(&mut self, at: (f32, f32), size: f32, tone: &str, text: String) {
        self.marks.push(Mark::Text { at, size, strong: true, anchor: Anchor::Middle, tone: tone.to_owned(), text });
    }
}

/// A rectangle.
pub(crate) fn rectangle([x, y, w, h]: [f32; 4]) -> Vec<Step> {
    vec![Step::Move(x, y), Step::Line(x + w, y), Step::Line(x + w, y + h), Step::Line(x, y + h), Step::Close]
}

/// The steps of an arc around a middle from one angle to another, in radians clockwise from the top; the first step is a line or a
/// move to its beginning.
pub(crate) fn arc(middle: (f32, f32), radius: f32, from: f32, to: f32, begins: bool) -> Vec<Step> {
    let at = |angle: f32| (middle.0 + radius * angle.sin(), middle.1 - radius * angle.cos());
    let count = ((to - from).abs() / std::f32::consts::FRAC_PI_4).ceil().max(1.0);
    let step = (to - from) / count;
    // The length of the handles of a curve that is nearest to an arc.
    let handle = 4.0 / 3.0 * (step / 4.0).tan() * radius;
    let (x, y) = at(from);
    let mut steps = vec![if begins { Step::Move(x, y) } else { Step::Line(x, y) }];
    for piece in 0..count as usize {
        let (a, b) = (from + step * piece as f32, from + step * (piece + 1) as f32);
        let ((ax, ay), (bx, by)) = (at(a), at(b));
        steps.push(Step::Curve([
            ax + handle * a.cos(),
            ay + handle * a.sin(),
            bx - handle * b.cos(),
            by - handle * b.sin(),
            bx,
            by,
        ]));
    }
    steps
}

/// A colour on paper, as channels.
pub(crate) fn channels(tone: &str) -> [u8; 3] {
    let text = colour(tone);
    let channel = |at: usize| text.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0);
    [channel(1), channel(3), channel(5)]
}

/// The role or colour of text on a colour: whichever is read better.
pub(crate) fn on(tone: &str) -> &'static str {
    // Relative luminance of WCAG 2.2.
    let light = |tone: &str| {
        let channel = |own: u8| {
            let own = f32::from(own) / 255.0;
            if own <= 0.040_45 { own / 12.92 } else { ((own + 0.055) / 1.055).powf(2.4) }
        };
        let [r, g, b] = channels(tone).map(channel);
        0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
    };
    let ground = light(tone);
    if light("role:surface") / ground > ground / light("role:ink") { "role:surface" } else { "role:ink" }
}

/// Draws a plot of findings with their fonts, so wide and high, in points.
pub(crate) fn of(
    plot: &Plot,
    (width, height): (f32, f32),
    format: &Format,
    findings: &Findings,
    fonts: &Fonts,
) -> Picture {
    let measure = |text: &str, size: f32| fonts.width(text, size);
    let setting = Setting { format, language: &findings.language, bucket: &findings.bucket, measure: &measure };
    draw(plot, width, height, &setting)
}

/// Draws a plot so wide and high.
pub(crate) fn draw(plot: &Plot, width: f32, height: f32, setting: &Setting<'_>) -> Picture {
    let mut picture = Picture::new(width, height);
    match plot {
        Plot::Plane(plane) => plane::plane(&mut picture, plane, setting),
        Plot::Points { across, series } => plane::points(&mut picture, across, series, setting),
        Plot::Shares { parts, donut } => flat::shares(&mut picture, parts, *donut, setting),
        Plot::Heat { across, timed, down, cells } => flat::heat(&mut picture, across, *timed, down, cells, setting),
        Plot::Gauge { value, min, max, mark, tone } => {
            flat::gauge(&mut picture, *value, (*min, *max), *mark, tone, setting);
        }
        Plot::Spark(values) => flat::spark(&mut picture, values),
        Plot::Boxes(spread) => spread::boxes(&mut picture, spread, setting),
        Plot::Candles(spread) => spread::candles(&mut picture, spread, setting),
        Plot::Days(days) => days::days(&mut picture, days, setting),
        Plot::World(places) => world::world(&mut picture, places, setting),
        Plot::Steps(steps) => steps::steps(&mut picture, steps, setting),
        Plot::Nested { rings: true, parts } => nested::rings(&mut picture, parts, setting),
        Plot::Nested { rings: false, parts } => nested::areas(&mut picture, parts, setting),
        Plot::Flow(ways) => links::flow(&mut picture, ways, setting),
        Plot::Links(ways) => links::circle(&mut picture, ways, setting),
        Plot::Radar { corners, most, shapes } => radar::radar(&mut picture, corners, *most, shapes, setting),
    }
    picture
}
