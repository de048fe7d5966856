//! Where marks go, and which are refused.

use super::*;
use crate::draw::tests::samples;
use crate::draw::{DrawError, still};

fn theme(marks: Marks) -> Theme {
    Theme { marks, ..Theme::named("light").expect("bundled") }
}

fn banner(text: &str, edge: Edge) -> Marks {
    Marks { banner: Some(Banner { text: text.into(), edge, ..Banner::default() }), ..Marks::default() }
}

fn watermark(text: &str, opacity: u8) -> Option<Watermark> {
    Some(Watermark { text: text.into(), opacity })
}

fn logo() -> Option<Logo> {
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' width='90' height='30'><path d='M0 0h90v30H0z'/></svg>";
    Some(Logo::new(LogoKind::Svg, svg))
}

/// Pixels that marks change, as the rectangle around them.
fn changed(marks: Marks) -> Option<Rect> {
    let (placed, fonts) = (samples::label("one"), Fonts::bundled());
    let plain = still(&placed, &fonts, &theme(Marks::default())).expect("a picture");
    let marked = still(&placed, &fonts, &theme(marks)).expect("a picture");
    let pixels = plain.rgba.chunks_exact(4).zip(marked.rgba.chunks_exact(4)).enumerate();
    let dots = pixels.filter(|(_, (a, b))| a != b).map(|(i, _)| i as u32);
    let dots = dots.map(|i| Rect::new((i % plain.w) as f32, (i / plain.w) as f32, 1.0, 1.0));
    dots.reduce(|a, b| a.union(&b))
}

#[test]
fn marks_are_where_no_diagram_is() {
    assert_eq!(changed(Marks::default()), None);
    let strip = changed(banner("Confidential", Edge::Top)).expect("a banner");
    assert!(strip.x == 0.0 && strip.w == 480.0 && strip.bottom() < 270.0 * 0.05, "{strip:?}");
    let strip = changed(banner("Confidential", Edge::Bottom)).expect("a banner");
    assert!(strip.w == 480.0 && strip.bottom() == 270.0 && strip.y > 270.0 * 0.95, "{strip:?}");
    let below = |marks: Marks| {
        let rect = changed(marks).expect("it is seen");
        assert!(rect.y > 270.0 * 0.925 && rect.x >= 23.0 && rect.right() <= 480.0 * 0.955, "{rect:?}");
        rect
    };
    let seat = below(Marks { logo: logo(), ..Marks::default() });
    assert!((seat.w / seat.h - 3.0).abs() < 0.4 && seat.x > 240.0, "{seat:?}");
    let words = below(Marks { watermark: watermark("Acme", 80), ..Marks::default() });
    assert!(words.right() < 240.0, "{words:?}");
    let both = below(Marks { watermark: watermark("", 40), logo: logo(), ..Marks::default() });
    assert!(both.x < 30.0 && both.right() > 450.0, "the logo at both sides: {both:?}");
}

#[test]
fn what_stands_below_stands_above_a_banner_there() {
    let marks = Marks { watermark: watermark("", 100), logo: logo(), ..banner("Secret", Edge::Bottom) };
    let unit = 270.0 / 1080.0;
    for (seat, _) in marks.seats((90.0, 30.0), (480.0, 270.0), unit) {
        assert!(seat.bottom() < 270.0 - marks.floor(unit) && seat.y > 270.0 * 0.925, "{seat:?}");
    }
}

#[test]
fn long_words_stay_inside() {
    for canvas in [(1920.0, 1080.0), (1080.0, 1920.0), (1080.0, 1080.0)] {
        let marks =
            Marks { watermark: watermark(&"W".repeat(MAX_MARK), 90), ..banner(&"W".repeat(MAX_MARK), Edge::Top) };
        let fonts = Fonts::bundled();
        let Signs { banner, watermark } = marks.signs(&theme(Marks::default()), &fonts, canvas);
        for text in [banner.expect("there is one").text, watermark.expect("there is one").0] {
            let wide = fonts.shape(&text.lines[0], Weight::Strong).width * text.px;
            assert!(wide <= text.rect.w + 0.5 && text.rect.x >= canvas.0 * 0.05, "{text:?}");
        }
    }
}

#[test]
fn a_classification_keeps_the_look_of_the_banner() {
    let mut marks = banner("Internal", Edge::Bottom);
    marks.classify("");
    assert_eq!(marks, banner("Internal", Edge::Bottom));
    marks.classify("Secret");
    assert_eq!(marks, banner("Secret", Edge::Bottom));
    let mut marks = Marks::default();
    marks.classify("Secret");
    assert_eq!(marks, banner("Secret", Edge::Top));
}

#[test]
fn bad_marks_are_refused() {
    let parse = |marks: serde_json::Value| {
        let json = include_str!("../../../../../assets/themes/light.json");
        let mut theme: serde_json::Value = serde_json::from_str(json).expect("bundled themes are JSON");
        theme["marks"] = marks;
        Theme::parse(theme.to_string().as_bytes()).map(drop).map_err(|e| e.to_string())
    };
    let check = |marks: serde_json::Value, expected: &str| {
        let error = parse(marks).expect_err(expected);
        assert!(error.contains(expected), "{error}");
    };
    assert_eq!(parse(serde_json::json!({ "banner": { "text": "Internal" } })), Ok(()));
    check(serde_json::json!({ "banner": { "text": "x".repeat(MAX_MARK + 1) } }), "shorten it");
    check(serde_json::json!({ "banner": { "text": "x", "fill": "#FFD400", "ink": "#FFFFFF" } }), "#FFFFFF on");
    check(serde_json::json!({ "watermark": { "text": "x", "opacity": 5 } }), "within 10 and 100");
    check(serde_json::json!({ "watermark": { "text": "x", "opacity": 30 } }), "words of the watermark");
    check(serde_json::json!({ "logo": { "kind": "png", "data": "***" } }), "Base64");
    check(serde_json::json!({ "logo": { "kind": "exe", "data": "" } }), "exe");
    for (kind, bytes) in [(LogoKind::Png, &b"no picture"[..]), (LogoKind::Svg, b"<svg")] {
        let marks = Marks { logo: Some(Logo::new(kind, bytes)), ..Marks::default() };
        let refused = still(&samples::label("one"), &Fonts::bundled(), &theme(marks));
        assert!(matches!(refused, Err(DrawError::Element { .. })));
    }
}
