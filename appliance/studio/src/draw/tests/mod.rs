//! Pictures of hand-placed scenes.
//!
//! Frames are compared by hash. Where one differs, the picture is written to `target/drawings` and named: look at it,
//! and when it is right take over the hash that the test prints.

mod flashes;
mod frames;
mod glyphs;
pub(super) mod samples;

use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::*;
use crate::film::{ElementState, cast};
use crate::layout::Placed;

/// Writes a picture for the eye and returns where it lies.
fn show(name: &str, picture: &Picture) -> PathBuf {
    let drawings = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/drawings");
    let path = drawings.join(format!("{name}.png"));
    std::fs::create_dir_all(drawings).expect("target is writable");
    std::fs::write(&path, png(picture).expect("a picture fits its size")).expect("target is writable");
    path
}

fn hash(picture: &Picture) -> String {
    Sha256::digest(&picture.rgba).iter().take(8).map(|b| format!("{b:02x}")).collect()
}

/// What is wrong with the still, if anything.
fn check_still(name: &str, placed: &Placed, theme: &str, expected: &str) -> Option<String> {
    let look = Theme::named(theme).expect("bundled");
    let picture = still(placed, &Fonts::bundled(), &look).expect("drawn");
    let found = hash(&picture);
    let told = || {
        format!("{name} in {theme}: {found}, not {expected}: {}", show(&format!("{name}-{theme}"), &picture).display())
    };
    (found != expected).then(told)
}

fn full(placed: &Placed) -> Vec<ElementState> {
    vec![ElementState::FULL; cast(placed).len()]
}

#[test]
fn scenes_look_as_they_did() {
    let wrong: Vec<String> = [
        check_still("flow", &samples::flow(), "light", "7df8b42c8905243d"),
        check_still("flow", &samples::flow(), "dark", "12be4615a1be4217"),
        check_still("lanes", &samples::lanes(), "light", "f7c3159490679066"),
        check_still("messages", &samples::messages(), "dark", "e48b234f7f6d2aaa"),
        check_still("years", &samples::years(), "light", "61b716208f014aa3"),
        check_still("bars", &samples::bars(), "light", "a87381ec7c0eae2d"),
        check_still("scripts", &samples::label("Check ग्राहक שלום مخزون"), "light", "55f7b44d08319ad0"),
    ]
    .into_iter()
    .flatten()
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn svg_of_a_box() {
    let svg = scene_svg(&samples::label("Go"), &Fonts::bundled(), &Theme::named("dark").expect("bundled"), "One box");
    insta::assert_snapshot!(svg);
}

#[test]
fn hostile_labels_stay_words() {
    let fonts = Fonts::bundled();
    let theme = Theme::named("light").expect("bundled");
    for words in
        ["<script>&\"'</svg>", "\u{0}\u{1b}[31m\u{202e}", "]]>", "\u{FFFE}\u{10FFFF}", &"long ".repeat(2_000), "𒀀🦀"]
    {
        let placed = samples::label(words);
        still(&placed, &fonts, &theme).unwrap_or_else(|e| panic!("{words:?}: {e}"));
        let svg = scene_svg(&placed, &fonts, &theme, words);
        assert!(!svg.contains("<script") && svg.matches("</svg>").count() == 1, "{words:?}");
        assert!(resvg::usvg::roxmltree::Document::parse(&svg).is_ok(), "{words:?}");
    }
}

#[test]
fn odd_geometry_is_drawn_or_left_out() {
    let (fonts, theme) = (Fonts::bundled(), Theme::named("dark").expect("bundled"));
    for value in [f32::NAN, f32::INFINITY, -1e9, 1e9, 0.0] {
        let mut placed = samples::flow();
        placed.nodes[2].rect.x = value;
        placed.nodes[3].rect.w = value;
        placed.nodes[4].label.px = value;
        placed.edges[5].points[1].y = value;
        placed.title.rect.h = value;
        still(&placed, &fonts, &theme).unwrap_or_else(|e| panic!("{value}: {e}"));
    }
}

/// Frames brought forward step by step are those painted anew, and nothing changes outside of what is told.
#[test]
fn a_changed_region_is_all_that_changes() {
    let (fonts, theme) = (Fonts::bundled(), Theme::named("light").expect("bundled"));
    let placed = [samples::flow(), samples::lanes()];
    let mut rasterizer = SceneRasterizer::new(&placed, &fonts, &theme);
    let mut picture = Picture::blank((1920, 1080));
    let hidden = ElementState { opacity: 0.0, sink: 14.0, drawn: 0.0, ..ElementState::FULL };
    let mut elements = vec![hidden; full(&placed[0]).len()];
    let mut frames = vec![elements.clone()];
    for (i, state) in [
        (12, ElementState { opacity: 0.4, sink: 9.0, highlight: 0.4, ..ElementState::FULL }),
        (12, ElementState { highlight: 1.0, ..ElementState::FULL }),
        (6, ElementState { drawn: 0.5, ..ElementState::FULL }),
        (13, ElementState::FULL),
        (12, ElementState { opacity: 0.75, ..ElementState::FULL }),
        (0, ElementState::FULL),
    ] {
        elements[i] = state;
        frames.push(elements.clone());
    }
    frames.push(elements.clone());
    for (n, elements) in frames.into_iter().enumerate() {
        let before = picture.clone();
        let frame = FrameSpec { elements, ..FrameSpec::default() };
        let area = rasterizer.draw(&frame, &mut picture).expect("drawn");
        let mut anew = Picture::blank((1920, 1080));
        SceneRasterizer::new(&placed, &fonts, &theme).draw(&frame, &mut anew).expect("drawn");
        assert!(anew == picture, "frame {n}");
        let outside = |i: usize| {
            let (x, y) = (i as u32 / 4 % 1920, i as u32 / 4 / 1920);
            area.is_none_or(|a| x < a.x || y < a.y || x >= a.x + a.w || y >= a.y + a.h)
        };
        let changed: Vec<usize> = (0..picture.rgba.len()).filter(|&i| picture.rgba[i] != before.rgba[i]).collect();
        assert!(!changed.iter().any(|&i| outside(i)), "frame {n}");
        assert_eq!(changed.is_empty(), n == 7, "frame {n}");
        assert_eq!(area.is_none(), n == 7, "frame {n}");
        assert!(n == 0 || area.is_none_or(|a| a.w * a.h < 1920 * 1080 / 3), "frame {n} {area:?}");
    }
    let elements = full(&placed[1]);
    let area = rasterizer.draw(&FrameSpec { scene: 1, elements, ..FrameSpec::default() }, &mut picture).expect("drawn");
    assert_eq!(area, Some(PixelRect { x: 0, y: 0, w: 1920, h: 1080 }));
    assert!(picture == still(&placed[1], &fonts, &theme).expect("drawn"));
}

#[test]
fn frames_of_another_film_are_refused() {
    let (fonts, theme) = (Fonts::bundled(), Theme::named("light").expect("bundled"));
    let placed = [samples::label("x")];
    let draw = |scene: usize, count: usize, size: (u32, u32)| {
        let frame = FrameSpec { scene, elements: vec![ElementState::FULL; count], ..FrameSpec::default() };
        SceneRasterizer::new(&placed, &fonts, &theme).draw(&frame, &mut Picture::blank(size)).map_err(|e| e.to_string())
    };
    assert_eq!(draw(1, 2, (480, 270)), Err("scene 1 was not placed; there are 1".to_owned()));
    assert!(draw(0, 3, (480, 270)).expect_err("parts").contains("3 elements, but the scene has 2 parts"));
    assert_eq!(draw(0, 2, (480, 271)), Err("the picture is 480x271, but the canvas is 480x270".to_owned()));
}

#[test]
fn png_files_can_be_read_again() {
    let picture =
        still(&samples::label("Go"), &Fonts::bundled(), &Theme::named("light").expect("bundled")).expect("drawn");
    let read = resvg::tiny_skia::Pixmap::decode_png(&png(&picture).expect("written")).expect("a png");
    assert_eq!((read.width(), read.height(), read.data()), (480, 270, picture.rgba.as_slice()));
    assert!(png(&Picture { w: 4, h: 4, rgba: vec![0; 3] }).is_err());
}

/// A camera that moves shows what one at rest shows, from the first frame of its move to the one after the last.
#[test]
fn a_moving_camera_joins_the_resting_one() {
    use crate::film::{View, window};
    use crate::geometry::Rect;

    let (fonts, theme) = (Fonts::bundled(), Theme::named("light").expect("bundled"));
    let placed = [samples::flow()];
    let below = window(&placed[0]);
    let near = Rect::new(below.x + 200.0, below.y + 100.0, below.w / 2.0, below.h / 2.0);
    let draw = |view: Option<View>, caption: bool| {
        let caption = caption.then(|| vec!["First we check the stock,".to_owned(), "then we pack.".to_owned()].into());
        let frame = FrameSpec { scene: 0, elements: full(&placed[0]), view, caption };
        let mut picture = Picture::blank((1920, 1080));
        SceneRasterizer::new(&placed, &fonts, &theme).draw(&frame, &mut picture).expect("drawn");
        picture
    };
    let off = |a: &Picture, b: &Picture| {
        let sum: u64 = a.rgba.iter().zip(&b.rgba).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        sum as f64 / a.rgba.len() as f64
    };
    let apart = off(&draw(None, true), &draw(Some(View { seen: near, taken_at: None }), true));
    for seen in [below, near] {
        let rest = draw(Some(View { seen, taken_at: None }), true);
        let moving = draw(Some(View { seen, taken_at: Some(2.0) }), true);
        assert!(3.0 * off(&rest, &moving) < apart, "{seen:?}: {} of {apart}", off(&rest, &moving));
    }
    let all = draw(Some(View { seen: below, taken_at: None }), false);
    assert!(off(&draw(None, false), &all) < 0.05, "near by nothing is all, but for the edge below the heading");
    show("camera-near", &draw(Some(View { seen: near, taken_at: None }), true));
    show("caption", &draw(None, true));
}

/// Cards and names cover the diagram, never the classification, and come and go without leaving anything.
#[test]
fn overlays_leave_the_marks_and_no_trace() {
    use crate::layout::{Overlay, When};

    let fonts = Fonts::bundled();
    let marks = samples::marks("Confidential", "Acme");
    let theme = Theme { marks, ..Theme::named("light").expect("bundled") };
    let mut placed = samples::flow();
    let text = |r, words: &str, px| samples::text(r, &[words], px, crate::layout::Align::Start);
    let rect = crate::geometry::Rect::new;
    placed.overlays = vec![
        Overlay {
            when: When::Opening,
            rect: rect(0.0, 0.0, 1920.0, 1080.0),
            head: text(rect(192.0, 420.0, 1500.0, 110.0), "How an order is handled", 92.0),
            under: vec![text(rect(192.0, 620.0, 1500.0, 58.0), "In stock or not", 34.0)],
        },
        Overlay {
            when: When::During(0, 4_000),
            rect: rect(800.0, 1014.0, 320.0, 50.0),
            head: text(rect(845.0, 1014.0, 260.0, 50.0), "Ada Lovelace", 28.0),
            under: Vec::new(),
        },
    ];
    let placed = [placed];
    let count = cast(&placed[0]).len();
    let mut rasterizer = SceneRasterizer::new(&placed, &fonts, &theme);
    let mut picture = Picture::blank((1920, 1080));
    let mut shown = Vec::new();
    for (card, name) in [(1.0, 0.0), (0.4, 1.0), (0.0, 1.0), (0.0, 0.5), (0.0, 0.0)] {
        let mut elements = full(&placed[0]);
        (elements[count - 2].opacity, elements[count - 1].opacity) = (card, name);
        let frame = FrameSpec { elements, ..FrameSpec::default() };
        rasterizer.draw(&frame, &mut picture).expect("drawn");
        let mut anew = Picture::blank((1920, 1080));
        SceneRasterizer::new(&placed, &fonts, &theme).draw(&frame, &mut anew).expect("drawn");
        assert!(anew == picture, "card {card}, name {name}");
        shown.push(anew);
    }
    assert!(shown[4] == still(&placed[0], &fonts, &theme).expect("drawn"), "posters show the diagram");
    let banner = |p: &Picture| p.rgba[..1920 * 4 * 30].to_vec();
    assert!(banner(&shown[0]) == banner(&shown[4]), "the banner is on the card too");
    show("card", &shown[0]);
    show("name", &shown[2]);
}
