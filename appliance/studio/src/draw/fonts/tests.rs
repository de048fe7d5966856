//! Every script that is promised, measured and drawn.

use super::*;

fn width(fonts: &Fonts, text: &str) -> f32 {
    fonts.width(text, 100.0)
}

#[test]
fn the_bundled_faces_cover_what_is_promised() {
    let fonts = Fonts::bundled();
    for text in [
        "Check the stock – “today”, naïve façade №5 €10 × 3 → …",
        "Ελέγξτε το απόθεμα",
        "Перевірте наявність",
        "स्टॉक की जाँच करें ज्ञ क्ष",
        "تحقق من المخزون؟ پاکستان",
        "בדוק את המלאי",
        "Zażółć gęślą jaźń; đặt hàng",
    ] {
        assert_eq!(fonts.missing(text), BTreeSet::new(), "{text}");
    }
    assert!(!fonts.covers("在庫"));
    assert_eq!(fonts.missing("a在庫b"), BTreeSet::from(['在', '庫']));
}

#[test]
fn width_grows_with_size_and_text() {
    let fonts = Fonts::bundled();
    let check = |text: &str| {
        let (small, large) = (fonts.width(text, 10.0), fonts.width(text, 30.0));
        assert!((large - 3.0 * small).abs() < 0.01, "{text}");
        assert!(width(&fonts, &format!("{text} {text}")) > 1.9 * width(&fonts, text), "{text}");
    };
    for text in ["word", "слово", "ग्राहक", "مخزون", "מלאי"] {
        check(text);
    }
    assert!(width(&fonts, "").abs() < f32::EPSILON);
    assert!(fonts.shape("Stock", Weight::Regular).width < fonts.shape("Stock", Weight::Strong).width);
}

#[test]
fn scripts_are_shaped_not_strung_together() {
    let fonts = Fonts::bundled();
    // Joined letters are narrower than the same letters apart.
    let apart: f32 = "تحقق".chars().map(|c| width(&fonts, &c.to_string())).sum();
    assert!(width(&fonts, "تحقق") < 0.9 * apart);
    // The conjunct takes less room than its letters.
    assert!(width(&fonts, "क्ष") < width(&fonts, "क") + width(&fonts, "ष"));
    assert!(width(&fonts, "AVAV") < 2.0 * width(&fonts, "A") + 2.0 * width(&fonts, "V"));
}

#[test]
fn direction_is_that_of_the_first_strong_character() {
    let fonts = Fonts::bundled();
    for (text, rtl) in
        [("stock", false), ("מלאי", true), ("12 מלאי (order)!", true), ("order מלאי", false), ("", false)]
    {
        assert_eq!(fonts.shape(text, Weight::Strong).rtl, rtl, "{text}");
    }
}

#[test]
fn mixed_scripts_keep_all_their_glyphs() {
    let fonts = Fonts::bundled();
    let parts = ["Check", "ग्राहक", "order", "מלאי"];
    let space = width(&fonts, "a b") - width(&fonts, "ab");
    let sum: f32 = parts.iter().map(|p| width(&fonts, p)).sum::<f32>() + 3.0 * space;
    let whole = width(&fonts, &parts.join(" "));
    assert!((whole - sum).abs() < 0.03 * sum, "{whole} {sum}");
}

#[test]
fn hidden_characters_are_white_space() {
    for (text, expected) in
        [("a\u{0}b\tc\nd", "a b c d"), ("  x  ", "x"), ("\u{202E}evil", "evil"), ("a\u{2028}b", "a b"), ("", "")]
    {
        assert_eq!(clean(text), expected, "{text:?}");
    }
    assert_eq!(clean(&"x".repeat(5_000)).len(), MAX_LINE);
    assert_eq!(clean(&format!("a{}", "\u{301}".repeat(5_000))), "");
}

#[test]
fn damaged_fonts_are_refused_or_harmless() {
    let whole = BUNDLED[6];
    let refused = |bytes: &[u8]| {
        matches!(Fonts::with_files(&[Arc::from(bytes)], "en"), Err(FontError::Unreadable { index: 0, .. }))
    };
    assert!(refused(b""));
    assert!(refused(b"not a font"));
    assert!(refused(b"ttcf\0\x01\0\0\xff\xff\xff\xff"));
    assert!(refused(&whole[..40]));
    // Bytes changed all over the file: an error or some drawing, never a panic.
    let mut seed = 7_u32;
    for round in 0..60 {
        let mut bytes = whole.to_vec();
        for _ in 0..=round {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = seed as usize % bytes.len();
            bytes[at] ^= (seed >> 24) as u8;
        }
        if let Ok(mut face) = Face::read_all(&Arc::from(bytes)) {
            let fonts = Fonts { faces: std::mem::take(&mut face), shaped: Mutex::default() };
            let line = fonts.shape("שלום מלאי (order) 12", Weight::Strong);
            fonts.outline(&line, 0.0, 0.0, 30.0);
            assert!(line.width.is_finite());
        }
    }
}

#[test]
fn fonts_are_shared_by_threads() {
    fn check<T: Send + Sync>() {}
    check::<Fonts>();
}

/// A small font with three Han characters, each a triangle.
const SMALL: &[u8] = include_bytes!("../../../../../tests/fuzz/seeds/fonts/han.ttf");

#[test]
fn outlines_without_points_are_refused() {
    let read = |bytes: Vec<u8>| Fonts::with_files(&[Arc::from(bytes)], "ja");
    assert!(read(SMALL.to_vec()).unwrap().covers("一二三"));
    // One contour, and the box around it.
    let glyph = [0, 1, 0, 0, 0, 0, 1, 0xf4, 2, 0xbc];
    let at = SMALL.windows(glyph.len()).position(|bytes| bytes == glyph).unwrap();
    let mut bytes = SMALL.to_vec();
    bytes[at + 1] = 0;
    let error = read(bytes).unwrap_err().to_string();
    assert!(error.contains("without points"), "{error}");
}
