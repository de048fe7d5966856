//! One face of a font file.

use std::sync::Arc;

use harfrust::ShaperData;
use skrifa::raw::tables::glyf::Glyph;
use skrifa::raw::{FileRef, TableProvider};
use skrifa::string::StringId;
use skrifa::{FontRef, GlyphId, MetadataProvider};

/// A readable face and what shaping needs of it.
pub(super) struct Face {
    data: Arc<[u8]>,
    index: u32,
    family: String,
    /// Whether it is semi-bold or heavier.
    pub(super) strong: bool,
    /// Font units an em.
    pub(super) upem: f32,
    pub(super) shaper: ShaperData,
}

impl std::fmt::Debug for Face {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Face").field("family", &self.family).field("strong", &self.strong).finish_non_exhaustive()
    }
}

impl Face {
    /// The faces of a font file or collection.
    pub(super) fn read_all(data: &Arc<[u8]>) -> Result<Vec<Self>, String> {
        let count = match FileRef::new(data).map_err(|e| e.to_string())? {
            FileRef::Font(_) => 1,
            FileRef::Collection(collection) => collection.len(),
        };
        if count > super::MAX_FACES as u32 {
            return Err(format!("it claims {count} faces"));
        }
        if count == 0 {
            return Err("it holds no faces".to_owned());
        }
        (0..count).map(|index| Self::read(data, index)).collect()
    }

    fn read(data: &Arc<[u8]>, index: u32) -> Result<Self, String> {
        let font = FontRef::from_index(data, index).map_err(|e| e.to_string())?;
        let upem = font.head().map_err(|e| e.to_string())?.units_per_em();
        if !(16..=16_384).contains(&upem) {
            return Err(format!("{upem} units an em are outside 16 to 16384"));
        }
        if !font.charmap().has_map() {
            return Err("it has no character map".to_owned());
        }
        if !is_drawable(&font) {
            return Err("it has an outline without points".to_owned());
        }
        let family = font.localized_strings(StringId::FAMILY_NAME).english_or_first();
        let family = family.map(|name| name.chars().take(100).collect()).unwrap_or_default();
        let strong = font.attributes().weight.value() >= 600.0;
        let shaper = ShaperData::new(&font);
        Ok(Self { index, family, strong, upem: f32::from(upem), shaper, data: Arc::clone(data) })
    }

    /// Whether it belongs to a family; spaces and case do not count.
    pub(super) fn is_of(&self, family: &str) -> bool {
        let plain = |name: &str| name.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
        let (own, other): (String, String) = (plain(&self.family), plain(family));
        !other.is_empty() && own.starts_with(&other)
    }

    /// The tables of the face.
    pub(super) fn font(&self) -> Option<FontRef<'_>> {
        FontRef::from_index(&self.data, self.index).ok()
    }

    /// Whether the face has a glyph for the character.
    pub(super) fn has(&self, c: char) -> bool {
        self.font().and_then(|font| font.charmap().map(c)).is_some_and(|glyph| glyph.to_u32() != 0)
    }

    /// Whether the face is the variant that readers of `lang` expect, by the last word of its family name, as in
    /// `Noto Sans CJK JP`.
    pub(super) fn is_for(&self, lang: &str) -> bool {
        let lang = lang.to_ascii_lowercase();
        let mut parts = lang.split(['-', '_']);
        let suffix = match parts.next() {
            Some("ja") => "JP",
            Some("ko") => "KR",
            Some("zh") if parts.clone().any(|p| p == "hk" || p == "mo") => "HK",
            Some("zh") if parts.any(|p| p == "hant" || p == "tw") => "TC",
            Some("zh") => "SC",
            _ => return false,
        };
        // `Mono` siblings would be chosen for their name alone.
        self.family.ends_with(suffix) && !self.family.contains("Mono")
    }
}

/// Whether every TrueType outline that has bytes for points also has points; the library that draws them indexes past
/// the end of nothing otherwise (read-fonts 0.41).
fn is_drawable(font: &FontRef<'_>) -> bool {
    let (Ok(loca), Ok(glyf)) = (font.loca(None), font.glyf()) else { return true };
    (0..loca.len()).all(|i| match loca.get_glyf(GlyphId::new(i as u32), &glyf) {
        Ok(Some(Glyph::Simple(glyph))) => glyph.num_points() > 0 || glyph.glyph_data().is_empty(),
        _ => true,
    })
}
