//! Any scene on any canvas: everything at finite places inside the canvas, the same every time, and it can be drawn.

use std::sync::LazyLock;

use arbitrary::Unstructured;
use resvg::usvg;
use studio::draw::{Fonts, Theme, scene_svg, still};
use studio::geometry::{Point, Rect};
use studio::layout::{Guide, place};

static FONTS: LazyLock<Fonts> = LazyLock::new(Fonts::bundled);

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    let mut u = Unstructured::new(bytes);
    let (Ok(canvas), Ok(scene)) = (crate::drawn::canvas(&mut u), crate::drawn::scene(&mut u)) else { return };
    let placed = place(&scene, canvas, &*FONTS);
    assert_eq!(place(&scene, canvas, &*FONTS), placed, "placed differently the second time");

    let (w, h) = (canvas.w as f32 + 0.5, canvas.h as f32 + 0.5);
    let point = |p: &Point| (-0.5..=w).contains(&p.x) && (-0.5..=h).contains(&p.y);
    let inside = |r: &Rect| {
        let corners = [Point { x: r.x, y: r.y }, Point { x: r.right(), y: r.bottom() }];
        r.w >= 0.0 && r.h >= 0.0 && corners.iter().all(point)
    };
    let ids = |nodes: Vec<&String>| nodes.into_iter().cloned().collect::<Vec<_>>();
    assert_eq!(ids(placed.nodes.iter().map(|n| &n.id).collect()), ids(scene.nodes.iter().map(|n| &n.id).collect()));
    assert!(inside(&placed.title.rect), "{:?}", placed.title);
    for node in &placed.nodes {
        assert!(inside(&node.rect) && inside(&node.label.rect), "{node:?}");
        assert!(node.badge.as_ref().is_none_or(|b| inside(&b.rect)), "{node:?}");
    }
    for edge in &placed.edges {
        assert!(edge.points.len() >= 2 && edge.points.iter().all(point), "{edge:?}");
        assert!(edge.label.as_ref().is_none_or(|l| inside(&l.rect)), "{edge:?}");
    }
    for guide in &placed.guides {
        match guide {
            Guide::Container { rect, label, .. } | Guide::Note { rect, label, .. } | Guide::Key { rect, label, .. } => {
                assert!(inside(rect) && inside(&label.rect), "{guide:?}");
            }
            Guide::Slice { center, radius: [inner, outer], label, .. } => {
                let ring = Rect { x: center.x - outer, y: center.y - outer, w: 2.0 * outer, h: 2.0 * outer };
                assert!(inner <= outer && inside(&ring) && inside(&label.rect), "{guide:?}");
            }
            Guide::Lifeline { line, .. } | Guide::Axis { line } | Guide::Tick { line, .. } => {
                assert!(line.iter().all(point), "{guide:?}");
            }
        }
    }
    let theme = Theme::named("dark").expect("bundled");
    let svg = scene_svg(&placed, &FONTS, &theme, &scene.title);
    usvg::roxmltree::Document::parse(&svg).unwrap_or_else(|e| panic!("{e} in {svg}"));
    if canvas.w * canvas.h <= 640 * 640 {
        still(&placed, &FONTS, &theme).expect("what was placed can be drawn");
    }
}
