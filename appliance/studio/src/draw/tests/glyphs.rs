//! Every script shows its own glyphs, not the mark for missing ones.

use std::sync::Arc;

use super::{Fonts, Theme, samples, still};
use crate::layout::Measure as _;

/// Where Debian's `fonts-noto-cjk` puts its faces.
const CJK: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc";

/// Draws `words` and text of the same length that no font has; the two must not look alike.
fn check(fonts: &Fonts, words: &str) {
    assert!(fonts.covers(words), "{words}");
    let theme = Theme::named("light").expect("bundled");
    let tofu: String = words.chars().map(|c| if c.is_whitespace() { c } else { '\u{F8FE}' }).collect();
    let (drawn, missing) = (still(&samples::label(words), fonts, &theme), still(&samples::label(&tofu), fonts, &theme));
    let (drawn, missing) = (drawn.expect("drawn"), missing.expect("drawn"));
    assert!(drawn != missing, "{words}");
    let blank = still(&samples::label(""), fonts, &theme).expect("drawn");
    assert!(drawn != blank, "{words}");
}

#[test]
fn bundled_scripts_are_drawn() {
    let fonts = Fonts::bundled();
    for words in ["Stock", "Запас", "Απόθεμα", "जाँच करें", "المخزون", "המלאי"]
    {
        check(&fonts, words);
    }
}

#[test]
fn added_faces_are_drawn() {
    let Ok(bytes) = std::fs::read(CJK) else {
        println!("skipped: {CJK} is not installed (Debian package fonts-noto-cjk)");
        return;
    };
    let file: Arc<[u8]> = bytes.into();
    let fonts = Fonts::with_files(&[Arc::clone(&file)], "ja").expect("a font");
    check(&fonts, "在庫を確認する");
    check(&fonts, "재고 확인");
    // Ideographs are one em wide each.
    assert!((fonts.width("在庫", 100.0) - 200.0).abs() < 1.0);
    // The same character takes the shape of the reader's language.
    let chinese = Fonts::with_files(&[file], "zh-Hans").expect("a font");
    let theme = Theme::named("light").expect("bundled");
    let bone = samples::label("骨");
    assert!(still(&bone, &fonts, &theme).expect("drawn") != still(&bone, &chinese, &theme).expect("drawn"));
}
