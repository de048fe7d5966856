//! Shaping: characters in reading order in, glyphs from left to right out.
//!
//! Lines are split into runs of one direction (UAX 9) and one face, shaped run by run, and set side by side.

use harfrust::{Direction, UnicodeBuffer};
use skrifa::MetadataProvider;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use unicode_bidi::{BidiInfo, Level};
use unicode_segmentation::UnicodeSegmentation;

use super::face::Face;
use crate::draw::svg::number;

/// Longest path data of one line, in bytes: a damaged font may describe glyphs without end.
const MAX_OUTLINE: usize = 2 << 20;

/// How heavy text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// For text to read.
    Regular,
    /// For labels and headings.
    Strong,
}

/// A shaped line; lengths in em.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shaped {
    /// Advance of the whole line.
    pub(crate) width: f32,
    /// Whether it is read from right to left.
    pub(crate) rtl: bool,
    /// Its glyphs, from left to right.
    pub(crate) glyphs: Vec<Glyph>,
}

/// A glyph at its place; lengths in em, upwards.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Glyph {
    pub(crate) face: usize,
    pub(crate) id: u32,
    pub(crate) x: f32,
    pub(crate) y: f32,
}

/// Shapes a line that [`super::clean`] has passed.
pub(super) fn shape(faces: &[Face], line: &str, weight: Weight) -> Shaped {
    let mut shaped = Shaped { width: 0.0, rtl: false, glyphs: Vec::new() };
    let bidi = BidiInfo::new(line, None);
    let Some(paragraph) = bidi.paragraphs.first() else {
        return shaped;
    };
    shaped.rtl = paragraph.level.is_rtl();
    let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
    for run in runs {
        let level = levels.get(run.start).copied().unwrap_or_else(Level::ltr);
        let mut pieces = by_face(faces, &line[run], weight);
        if level.is_rtl() {
            pieces.reverse();
        }
        for (face, piece) in pieces {
            shape_piece(faces, face, piece, level.is_rtl(), &mut shaped);
        }
    }
    shaped
}

/// Cuts a run where the face changes. White space stays with what stands before it.
fn by_face<'t>(faces: &[Face], run: &'t str, weight: Weight) -> Vec<(usize, &'t str)> {
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    for (at, grapheme) in run.grapheme_indices(true) {
        let last = cuts.last().map(|cut| cut.1);
        let face = match last {
            Some(last) if grapheme.chars().all(|c| c.is_whitespace() || is_ignorable(c)) => last,
            _ => face_of(faces, grapheme, weight),
        };
        if last != Some(face) {
            cuts.push((at, face));
        }
    }
    let ends = cuts.iter().skip(1).map(|cut| cut.0).chain([run.len()]);
    cuts.iter().zip(ends).map(|(&(start, face), end)| (face, &run[start..end])).collect()
}

/// The first face of the weight that has the whole grapheme, else of another weight, else one that has its first
/// character, else the first face, which then shows its mark for missing glyphs.
fn face_of(faces: &[Face], grapheme: &str, weight: Weight) -> usize {
    let strong = weight == Weight::Strong;
    let whole = |f: &Face| grapheme.chars().all(|c| is_ignorable(c) || f.has(c));
    let base = |f: &Face| grapheme.chars().next().is_some_and(|c| f.has(c));
    let own = faces.iter().position(|f| f.strong == strong && whole(f));
    let any = own.or_else(|| faces.iter().position(whole)).or_else(|| faces.iter().position(base));
    any.or_else(|| faces.iter().position(|f| f.strong == strong)).unwrap_or(0)
}

fn shape_piece(faces: &[Face], index: usize, text: &str, rtl: bool, into: &mut Shaped) {
    let Some((face, font)) = faces.get(index).and_then(|f| Some((f, f.font()?))) else {
        return;
    };
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.set_direction(if rtl { Direction::RightToLeft } else { Direction::LeftToRight });
    buffer.guess_segment_properties();
    let glyphs = face.shaper.shaper(&font).build().shape(buffer, harfrust::ShapeOptions::new());
    for (info, at) in glyphs.glyph_infos().iter().zip(glyphs.glyph_positions()) {
        let em = |units: i32| units as f32 / face.upem;
        let (x, y) = (into.width + em(at.x_offset), em(at.y_offset));
        into.glyphs.push(Glyph { face: index, id: info.glyph_id, x, y });
        // A damaged font may claim any advance.
        into.width = (into.width + em(at.x_advance).clamp(-4.0, 8.0)).max(0.0);
    }
}

/// Path data of the line with its pen at (`x`, `y`), `px` pixels an em.
pub(super) fn outline(faces: &[Face], line: &Shaped, x: f32, y: f32, px: f32) -> String {
    let mut data = String::new();
    for glyph in &line.glyphs {
        let Some((face, font)) = faces.get(glyph.face).and_then(|f| Some((f, f.font()?))) else {
            continue;
        };
        let Some(outline) = font.outline_glyphs().get(glyph.id.into()) else {
            continue;
        };
        let before = data.len();
        let mut pen = Pen { data: &mut data, x: x + glyph.x * px, y: y - glyph.y * px, scale: px / face.upem };
        let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
        if outline.draw(settings, &mut pen).is_err() || data.len() > MAX_OUTLINE {
            data.truncate(before);
        }
    }
    data
}

/// The outline of one glyph as operators of a PDF page, in thousandths of an em, upwards; nothing where it has none.
pub(super) fn operators(faces: &[Face], face: usize, id: u32) -> String {
    let Some((face, font)) = faces.get(face).and_then(|f| Some((f, f.font()?))) else { return String::new() };
    let Some(outline) = font.outline_glyphs().get(id.into()) else { return String::new() };
    let mut pen = Operators { data: String::new(), scale: 1000.0 / face.upem, at: (0.0, 0.0) };
    let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
    if outline.draw(settings, &mut pen).is_err() || pen.data.len() > MAX_OUTLINE {
        return String::new();
    }
    pen.data
}

/// Writes outlines as operators of a page.
struct Operators {
    data: String,
    scale: f32,
    /// Where the pen is, in units of the font.
    at: (f32, f32),
}

impl Operators {
    fn put(&mut self, points: &[(f32, f32)], operator: &str) {
        if self.data.len() > MAX_OUTLINE {
            return;
        }
        for (x, y) in points {
            self.data.push_str(&number(x * self.scale));
            self.data.push(' ');
            self.data.push_str(&number(y * self.scale));
            self.data.push(' ');
        }
        self.data.push_str(operator);
        self.data.push('\n');
        self.at = points.last().copied().unwrap_or(self.at);
    }
}

impl OutlinePen for Operators {
    fn move_to(&mut self, x: f32, y: f32) {
        self.put(&[(x, y)], "m");
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.put(&[(x, y)], "l");
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        // A quadratic curve is the cubic one whose controls lie at two thirds of the way to its own.
        let third = |(fx, fy): (f32, f32)| (fx + (cx - fx) * 2.0 / 3.0, fy + (cy - fy) * 2.0 / 3.0);
        let (a, b) = (third(self.at), third((x, y)));
        self.put(&[a, b, (x, y)], "c");
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.put(&[(ax, ay), (bx, by), (x, y)], "c");
    }

    fn close(&mut self) {
        self.put(&[], "h");
    }
}

/// Writes outlines, which grow upwards, as SVG path data, which grows downwards.
struct Pen<'a> {
    data: &'a mut String,
    x: f32,
    y: f32,
    scale: f32,
}

impl Pen<'_> {
    fn put(&mut self, command: char, points: &[(f32, f32)]) {
        if self.data.len() > MAX_OUTLINE {
            return;
        }
        self.data.push(command);
        for (i, (x, y)) in points.iter().enumerate() {
            if i > 0 {
                self.data.push(' ');
            }
            self.data.push_str(&number(self.x + x * self.scale));
            self.data.push(' ');
            self.data.push_str(&number(self.y - y * self.scale));
        }
    }
}

impl OutlinePen for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.put('M', &[(x, y)]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.put('L', &[(x, y)]);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.put('Q', &[(cx, cy), (x, y)]);
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.put('C', &[(ax, ay), (bx, by), (x, y)]);
    }

    fn close(&mut self) {
        self.data.push('Z');
    }
}

/// Characters that shape others and have no glyph of their own: joiners, marks of direction, variation selectors.
pub(super) fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}
