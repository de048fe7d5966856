//! Fonts: the bundled faces, those a caller adds, and text measured as it is drawn.

mod face;
mod shape;
#[cfg(test)]
mod tests;

pub(crate) use shape::Shaped;
pub use shape::Weight;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use unicode_segmentation::UnicodeSegmentation;

use crate::layout::Measure;
use face::Face;

/// Bundled faces in order of preference; `assets/fonts/README.md` names their sources and licences.
const BUNDLED: [&[u8]; 8] = [
    include_bytes!("../../../../../assets/fonts/Inter-Regular.otf"),
    include_bytes!("../../../../../assets/fonts/Inter-SemiBold.otf"),
    include_bytes!("../../../../../assets/fonts/NotoSansDevanagari-Regular.ttf"),
    include_bytes!("../../../../../assets/fonts/NotoSansDevanagari-Bold.ttf"),
    include_bytes!("../../../../../assets/fonts/NotoSansArabic-Regular.ttf"),
    include_bytes!("../../../../../assets/fonts/NotoSansArabic-Bold.ttf"),
    include_bytes!("../../../../../assets/fonts/NotoSansHebrew-Regular.ttf"),
    include_bytes!("../../../../../assets/fonts/NotoSansHebrew-Bold.ttf"),
];
/// Faces of all added files together.
const MAX_FACES: usize = 256;
/// Longest line that is shaped, in characters; the rest is cut.
pub(super) const MAX_LINE: usize = 400;
/// Shaped lines that are remembered. A talk has a few thousand; when full, the memory starts over.
const MAX_REMEMBERED: usize = 8_192;

/// The faces that text is measured and drawn with.
#[derive(Debug)]
pub struct Fonts {
    faces: Vec<Face>,
    shaped: Mutex<BTreeMap<(String, Weight), Arc<Shaped>>>,
}

/// Why a font file cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FontError {
    /// Not a font, or a damaged one.
    #[error("font file {index} is not a readable TrueType or OpenType font: {reason}")]
    Unreadable {
        /// Position in the list of files.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// More faces than any text needs.
    #[error("the font files hold more than {MAX_FACES} faces; give fewer")]
    TooMany,
}

impl Fonts {
    /// The faces in the binary: Latin, Greek, Cyrillic, Devanagari, Arabic and Hebrew.
    pub fn bundled() -> Self {
        let faces = BUNDLED.iter().flat_map(|data| Face::read_all(&Arc::from(*data)).unwrap_or_default()).collect();
        Self { faces, shaped: Mutex::default() }
    }

    /// The bundled faces, and then those of `files` for what the bundled ones lack. Faces made for `lang` (BCP 47)
    /// come before their siblings, so that Han characters take the shapes of that language.
    ///
    /// # Errors
    /// When a file is no font.
    pub fn with_files(files: &[Arc<[u8]>], lang: &str) -> Result<Self, FontError> {
        let mut added = Vec::new();
        for (index, file) in files.iter().enumerate() {
            let faces = Face::read_all(file);
            added.extend(faces.map_err(|reason| FontError::Unreadable { index, reason })?);
            if added.len() > MAX_FACES {
                return Err(FontError::TooMany);
            }
        }
        added.sort_by_key(|face| !face.is_for(lang));
        let mut fonts = Self::bundled();
        fonts.faces.append(&mut added);
        Ok(fonts)
    }

    /// The same faces, those of `family` first; an unknown family changes nothing.
    #[must_use]
    pub fn preferring(mut self, family: &str) -> Self {
        self.faces.sort_by_key(|face| !face.is_of(family));
        Self { faces: self.faces, shaped: Mutex::default() }
    }

    /// Whether every character of `text` has a glyph.
    pub fn covers(&self, text: &str) -> bool {
        self.missing(text).is_empty()
    }

    /// The characters of `text` that no face has a glyph for.
    pub fn missing(&self, text: &str) -> BTreeSet<char> {
        let clean = clean(text);
        clean.chars().filter(|&c| !shape::is_ignorable(c) && !self.faces.iter().any(|f| f.has(c))).collect()
    }

    /// One line, shaped; sizes in it are in em.
    pub(crate) fn shape(&self, line: &str, weight: Weight) -> Arc<Shaped> {
        let key = (clean(line), weight);
        let mut remembered = self.shaped.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shaped) = remembered.get(&key) {
            return Arc::clone(shaped);
        }
        let shaped = Arc::new(shape::shape(&self.faces, &key.0, weight));
        if remembered.len() >= MAX_REMEMBERED {
            remembered.clear();
        }
        remembered.insert(key, Arc::clone(&shaped));
        shaped
    }

    /// The outline of a glyph of a shaped line as operators of a PDF page, in thousandths of an em.
    pub(crate) fn operators(&self, face: usize, glyph: u32) -> String {
        shape::operators(&self.faces, face, glyph)
    }

    /// SVG path data of a shaped line whose pen starts at (`x`, `y`) with `px` pixels an em.
    pub(super) fn outline(&self, line: &Shaped, x: f32, y: f32, px: f32) -> String {
        shape::outline(&self.faces, line, x, y, px)
    }
}

impl Measure for Fonts {
    /// The width in the heavier weight: lighter text of the same words is never wider.
    fn width(&self, text: &str, px: f32) -> f32 {
        self.shape(text, Weight::Strong).width * px
    }
}

/// What of `text` is drawn: control and direction-override characters are white space, runs of it are one space.
pub(super) fn clean(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}')
    };
    let mut out = String::with_capacity(text.len().min(4 * MAX_LINE));
    let mut taken = 0;
    for word in text.split(|c: char| c.is_whitespace() || hidden(c)).filter(|w| !w.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        for grapheme in word.graphemes(true) {
            taken += grapheme.chars().count();
            if taken > MAX_LINE {
                return out;
            }
            out.push_str(grapheme);
        }
    }
    out
}
