//! Lines of text as they are read and as they are found: painted glyph by glyph, and over them words without ink.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::file::File;
use super::words::Words;
use crate::draw::{Fonts, Weight};
use crate::export::xml::number;

/// Writes lines on the pages of one file. Every glyph is in the file once, as a form; its coordinates are those of pages whose y axis
/// goes down.
#[derive(Debug)]
pub struct Lettering<'f> {
    fonts: &'f Fonts,
    words: Words,
    /// The numbers of glyphs, by face and id.
    glyphs: BTreeMap<(usize, u32), usize>,
}

impl<'f> Lettering<'f> {
    /// Nothing is written yet.
    pub fn new(fonts: &'f Fonts) -> Self {
        Lettering { fonts, words: Words::default(), glyphs: BTreeMap::new() }
    }

    /// The width of a line at a size.
    pub fn width(&self, line: &str, weight: Weight, size: f32) -> f32 {
        self.fonts.shape(line, weight).width * size
    }

    /// Whether a line is read from right to left.
    pub fn is_rtl(&self, line: &str) -> bool {
        self.fonts.shape(line, Weight::Regular).rtl
    }

    /// Adds the operators that write a line from `x` on, on the base line `base`, in the colour that is set.
    pub fn write(&mut self, out: &mut String, line: &str, weight: Weight, (x, base): (f32, f32), size: f32) {
        let shaped = self.fonts.shape(line, weight);
        let scale = format!("{:.6}", size / 1000.0);
        for glyph in &shaped.glyphs {
            let next = self.glyphs.len();
            let at = *self.glyphs.entry((glyph.face, glyph.id)).or_insert(next);
            let place = [x + glyph.x * size, base - glyph.y * size].map(number).join(" ");
            let _ = writeln!(out, "q {scale} 0 0 -{scale} {place} cm /g{at} Do Q");
        }
        self.words.line(out, line, (x, base), size, shaped.width * size);
    }

    /// What was written needs as resources: its fonts, and entries for the forms of its glyphs.
    pub fn resources(&self, file: &mut File) -> (String, String) {
        let fonts = self.words.resource(file);
        let mut forms = String::new();
        for ((face, id), at) in &self.glyphs {
            let outline = self.fonts.operators(*face, *id);
            let outline = if outline.is_empty() { String::new() } else { format!("{outline}f") };
            // Marks of any script stay within this box.
            let form = file.stream("/Type/XObject/Subtype/Form/BBox[-2000 -2000 5000 3000]", outline.as_bytes());
            let _ = write!(forms, "/g{at} {form}");
        }
        (fonts, forms)
    }
}
