//! Words that can be found and copied: the outlines are painted, and over them lies text in a font without ink.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use unicode_bidi::BidiInfo;

use super::file::{File, Ref};
use crate::export::xml::number;
use crate::layout::{Align, Measure, Text};

/// Characters of one font: codes are one byte, and 0 is left out.
const CODES: usize = 255;
/// Width of every character in thousandths of the size; lines are stretched to their own.
const WIDTH: f32 = 500.0;

/// The characters that are used, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Words {
    codes: BTreeMap<char, usize>,
    chars: Vec<char>,
}

impl Words {
    /// Adds the operators that write the lines of `text` where they are drawn.
    pub(super) fn write(&mut self, out: &mut String, text: &Text, measure: &dyn Measure) {
        #[allow(clippy::cast_precision_loss, reason = "texts have a few lines")]
        let pitch = text.rect.h / text.lines.len().max(1) as f32;
        for (i, line) in text.lines.iter().enumerate() {
            let width = measure.width(line, text.px);
            #[allow(clippy::cast_precision_loss, reason = "texts have a few lines")]
            let base = text.rect.y + pitch * (i as f32 + 0.5) + 0.36 * text.px;
            let x = match text.align {
                Align::Center => text.rect.center().x - width / 2.0,
                Align::Start => text.rect.x,
            };
            self.line(out, line, (x, base), text.px, width);
        }
    }

    /// Adds the operators that write a line whose base line begins at a place and is so wide.
    pub(super) fn line(&mut self, out: &mut String, line: &str, (x, base): (f32, f32), px: f32, width: f32) {
        let count = line.chars().count();
        if count == 0 || width <= 0.0 || width.is_nan() || px <= 0.0 {
            return;
        }
        #[allow(clippy::cast_precision_loss, reason = "lines have a few characters")]
        let stretch = width / (count as f32 * WIDTH / 1000.0 * px) * 100.0;
        let _ = write!(out, "BT {} Tz 1 0 0 -1 {} {} Tm", number(stretch), number(x), number(base));
        for (font, codes) in self.runs(line) {
            let _ = write!(out, " /t{font} {} Tf <{codes}> Tj", number(px));
        }
        out.push_str(" ET\n");
    }

    /// The codes of a line from left to right, by font. Who reads a page turns what is written from right to left around again, by
    /// UAX 9, as all programs that write such pages expect it: Poppler, PDFium, pdf.js, MuPDF.
    fn runs(&mut self, line: &str) -> Vec<(usize, String)> {
        let mut runs: Vec<(usize, String)> = Vec::new();
        for c in as_seen(line).chars() {
            let next = self.chars.len();
            let at = *self.codes.entry(c).or_insert(next);
            if at == next {
                self.chars.push(c);
            }
            let (font, code) = (at / CODES, at % CODES + 1);
            match runs.last_mut() {
                Some((same, codes)) if *same == font => drop(write!(codes, "{code:02X}")),
                _ => runs.push((font, format!("{code:02X}"))),
            }
        }
        runs
    }

    /// The fonts as a resource.
    pub(super) fn resource(&self, file: &mut File) -> String {
        let glyph = file.stream("", format!("{WIDTH} 0 d0").as_bytes());
        let fonts: Vec<&[char]> = self.chars.chunks(CODES).collect();
        let entry = |(i, chars): (usize, &&[char])| format!("/t{i} {}", font(file, glyph, chars));
        format!("<<{}>>", fonts.iter().enumerate().map(entry).collect::<String>())
    }
}

/// The characters of a line as they are seen from left to right.
fn as_seen(line: &str) -> Cow<'_, str> {
    let bidi = BidiInfo::new(line, None);
    if !bidi.has_rtl() {
        return Cow::Borrowed(line);
    }
    let mut seen = String::with_capacity(line.len());
    for paragraph in &bidi.paragraphs {
        let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
        for run in runs {
            let rtl = levels.get(run.start).is_some_and(|level| level.is_rtl());
            let part = &line[run];
            if rtl {
                seen.extend(part.chars().rev());
            } else {
                seen.push_str(part);
            }
        }
    }
    Cow::Owned(seen)
}

/// A font (Type 3) whose glyphs paint nothing and say which characters they are. Its descriptor is what tagged files must have
/// (ISO 32000-1, table 112).
fn font(file: &mut File, glyph: Ref, chars: &[char]) -> Ref {
    let mut map = "/CIDInit/ProcSet findresource begin 12 dict begin begincmap/CMapType 2 def/CMapName/words def\n\
                   1 begincodespacerange <00> <FF> endcodespacerange\n"
        .to_owned();
    for (start, some) in chars.chunks(100).enumerate() {
        let _ = writeln!(map, "{} beginbfchar", some.len());
        for (i, c) in some.iter().enumerate() {
            let units: String = c.encode_utf16(&mut [0; 2]).iter().map(|u| format!("{u:04X}")).collect();
            let _ = writeln!(map, "<{:02X}> <{units}>", start * 100 + i + 1);
        }
        map.push_str("endbfchar\n");
    }
    map.push_str("endcmap CMapName currentdict/CMap defineresource pop end end");
    let map = file.stream("", map.as_bytes());
    let (count, width) = (chars.len(), number(WIDTH));
    let names = "/g".repeat(count);
    let widths = vec![width; count].join(" ");
    file.add(format!(
        "<</Type/Font/Subtype/Type3/FontBBox[0 0 1000 1000]/FontMatrix[0.001 0 0 0.001 0 0]/CharProcs<</g {glyph}>>\
         /Encoding<</Type/Encoding/Differences[1{names}]>>/FirstChar 1/LastChar {count}/Widths[{widths}]\
         /Resources<<>>/ToUnicode {map}\
         /FontDescriptor<</Type/FontDescriptor/FontName/Words/Flags 4/ItalicAngle 0>>>>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_written_as_they_are_seen() {
        assert_eq!(as_seen("abc 12"), "abc 12");
        assert_eq!(as_seen("אבג"), "גבא");
        // Numbers and words from left to right stay so within a line from right to left, and the other way round.
        assert_eq!(as_seen("אב 12 ab"), "ab 12 בא");
        assert_eq!(as_seen("ab אב 3"), "ab 3 בא");
    }
}
