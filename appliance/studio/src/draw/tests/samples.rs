//! Scenes placed by hand.

use super::super::{Banner, Marks, Watermark};
use crate::geometry::{Point, Rect};
use crate::layout::{Align, Guide, Placed, PlacedEdge, PlacedNode, Text};
use crate::storyboard::{Role, Shape};

/// A banner and a watermark.
pub(super) fn marks(banner: &str, watermark: &str) -> Marks {
    let banner = Some(Banner { text: banner.to_owned(), ..Banner::default() });
    Marks { banner, watermark: Some(Watermark { text: watermark.to_owned(), opacity: 100 }), ..Marks::default() }
}

pub(super) fn text(r: Rect, lines: &[&str], px: f32, align: Align) -> Text {
    Text { rect: r, lines: lines.iter().map(|&l| l.to_owned()).collect(), px, align }
}

/// A box whose label fills its rectangle.
pub(super) fn node(id: &str, r: [f32; 4], role: Role, shape: Shape, tone: usize, lines: &[&str]) -> PlacedNode {
    let rect = Rect::new(r[0], r[1], r[2], r[3]);
    let px = 34.0;
    let (c, h) = (rect.center(), lines.len() as f32 * 1.22 * px);
    let label = text(Rect::new(rect.x, c.y - h / 2.0, rect.w, h), lines, px, Align::Center);
    PlacedNode { id: id.to_owned(), rect, shape, role, tone, label, icon: None, badge: None, sign: None, head: false }
}

pub(super) fn edge(id: &str, points: &[(f32, f32)], label: Option<(&str, [f32; 2])>) -> PlacedEdge {
    let label =
        label.map(|(words, [x, y])| text(Rect::new(x - 60.0, y - 17.0, 120.0, 34.0), &[words], 28.0, Align::Center));
    let points = points.iter().map(|&(x, y)| Point::new(x, y)).collect();
    PlacedEdge { id: id.to_owned(), points, curved: false, label, arrow: true, dashed: false }
}

fn scene(canvas: (u32, u32), title: &str) -> Placed {
    #[allow(clippy::cast_precision_loss, reason = "small canvases")]
    let (w, h) = (canvas.0 as f32, canvas.1 as f32);
    let title = text(Rect::new(w * 0.05, h * 0.05, w * 0.9, 68.0), &[title], 56.0, Align::Start);
    Placed { canvas, title, nodes: Vec::new(), edges: Vec::new(), guides: Vec::new(), overlays: Vec::new() }
}

/// A flow with a decision, a store and a document.
pub(super) fn flow() -> Placed {
    let mut s = scene((1920, 1080), "How an order is handled");
    s.nodes = vec![
        node("start", [96.0, 300.0, 260.0, 110.0], Role::Start, Shape::Pill, 0, &["Order arrives"]),
        node(
            "check",
            [480.0, 290.0, 300.0, 130.0],
            Role::Activity,
            Shape::Box,
            0,
            &["Check the stock", "by warehouse"],
        ),
        node("ok", [920.0, 235.0, 330.0, 240.0], Role::Decision, Shape::Diamond, 0, &["In stock?"]),
        node("ship", [1400.0, 290.0, 330.0, 130.0], Role::Activity, Shape::Box, 0, &["Ship the parcel"]),
        node("buy", [920.0, 680.0, 330.0, 130.0], Role::Activity, Shape::Box, 0, &["Order from", "the supplier"]),
        node("books", [480.0, 660.0, 280.0, 170.0], Role::Object, Shape::Cylinder, 1, &["Ledger"]),
        node("bill", [96.0, 680.0, 260.0, 130.0], Role::Object, Shape::Document, 4, &["Invoice"]),
        node("end", [1455.0, 690.0, 220.0, 110.0], Role::End, Shape::Pill, 0, &["Done"]),
    ];
    for (i, n) in [1, 3, 4].into_iter().enumerate() {
        let r = s.nodes[n].rect;
        s.nodes[n].badge =
            Some(text(Rect::new(r.x - 22.0, r.y - 22.0, 44.0, 44.0), &[&(i + 1).to_string()], 26.0, Align::Center));
    }
    s.edges = vec![
        edge("e1", &[(356.0, 355.0), (480.0, 355.0)], None),
        edge("e2", &[(780.0, 355.0), (920.0, 355.0)], None),
        edge("e3", &[(1250.0, 355.0), (1400.0, 355.0)], Some(("yes", [1325.0, 325.0]))),
        edge("e4", &[(1085.0, 475.0), (1085.0, 680.0)], Some(("no", [1085.0, 577.0]))),
        edge("e5", &[(920.0, 745.0), (760.0, 745.0)], None),
        edge("e6", &[(1250.0, 745.0), (1340.0, 745.0), (1340.0, 560.0), (1565.0, 560.0), (1565.0, 420.0)], None),
        edge("e7", &[(1640.0, 420.0), (1640.0, 690.0)], None),
        PlacedEdge { dashed: true, ..edge("e8", &[(480.0, 745.0), (356.0, 745.0)], None) },
    ];
    s
}

/// Two lanes.
pub(super) fn lanes() -> Placed {
    let mut s = scene((1920, 1080), "Who does what");
    for (i, (id, name)) in [("sales", "Sales team"), ("store", "Warehouse")].into_iter().enumerate() {
        let rect = Rect::new(96.0, 220.0 + 400.0 * i as f32, 1728.0, 370.0);
        let label = text(Rect::new(110.0, rect.y + 10.0, 200.0, 350.0), &[name], 32.0, Align::Center);
        s.guides.push(Guide::Container { id: id.to_owned(), rect, label, tone: i });
    }
    s.nodes = vec![
        node("a", [400.0, 340.0, 300.0, 120.0], Role::Activity, Shape::Box, 0, &["Take the call"]),
        node("b", [900.0, 740.0, 300.0, 120.0], Role::Activity, Shape::Box, 1, &["Pick the goods"]),
        node("c", [1400.0, 340.0, 300.0, 120.0], Role::Activity, Shape::Box, 0, &["Send the bill"]),
    ];
    s.edges = vec![
        edge("e1", &[(700.0, 400.0), (1050.0, 400.0), (1050.0, 740.0)], None),
        edge("e2", &[(1200.0, 800.0), (1550.0, 800.0), (1550.0, 460.0)], Some(("packed", [1375.0, 800.0]))),
    ];
    s
}

/// Messages between two actors.
pub(super) fn messages() -> Placed {
    let mut s = scene((1080, 1920), "Signing in");
    for (i, (id, name)) in [("user", "Customer"), ("app", "Web shop")].into_iter().enumerate() {
        let x = 120.0 + 520.0 * i as f32;
        s.nodes.push(node(id, [x, 300.0, 320.0, 120.0], Role::Actor, Shape::Person, i, &[name]));
        let line = [Point::new(x + 160.0, 420.0), Point::new(x + 160.0, 1700.0)];
        s.guides.push(Guide::Lifeline { node: id.to_owned(), line });
    }
    s.edges = vec![
        edge("m1", &[(280.0, 620.0), (800.0, 620.0)], Some(("password", [540.0, 590.0]))),
        PlacedEdge { dashed: true, ..edge("m2", &[(800.0, 820.0), (280.0, 820.0)], Some(("token", [540.0, 790.0]))) },
    ];
    s
}

/// Events on an axis.
pub(super) fn years() -> Placed {
    let mut s = scene((1920, 1080), "From idea to launch");
    s.guides.push(Guide::Axis { line: [Point::new(96.0, 620.0), Point::new(1824.0, 620.0)] });
    let events = [("a", "2019", "Founded"), ("b", "March 2021", "First customer"), ("c", "2024", "Launch")];
    for (i, (id, time, words)) in events.into_iter().enumerate() {
        let x = 180.0 + 560.0 * i as f32;
        let y = if i % 2 == 0 { 360.0 } else { 760.0 };
        let mut event = node(id, [x, y, 420.0, 120.0], Role::Event, Shape::Box, i, &[words]);
        event.badge = Some(text(
            Rect::new(x + 120.0, 640.0 - 40.0 * (i % 2) as f32 - 20.0, 180.0, 40.0),
            &[time],
            26.0,
            Align::Center,
        ));
        s.nodes.push(event);
        let from = if i % 2 == 0 { y + 120.0 } else { y };
        let line = [Point::new(x + 210.0, 620.0), Point::new(x + 210.0, from)];
        s.guides.push(Guide::Tick { node: id.to_owned(), line });
    }
    s
}

/// Numbers as bars, with their names beside them.
pub(super) fn bars() -> Placed {
    let mut s = scene((1280, 720), "Income");
    for (i, (id, name, w)) in [("a", "Shop", 700.0), ("b", "Club", 300.0)].into_iter().enumerate() {
        let y = 260.0 + 160.0 * i as f32;
        let mut bar = node(id, [300.0, y, w, 90.0], Role::Quantity, Shape::Box, i, &[]);
        bar.label = text(Rect::new(64.0, y, 200.0, 90.0), &[name], 34.0, Align::Start);
        bar.badge = Some(text(Rect::new(320.0 + w, y, 120.0, 90.0), &["1,200"], 34.0, Align::Start));
        s.nodes.push(bar);
    }
    s
}

/// One box with the given label, on a small canvas.
pub(in crate::draw) fn label(words: &str) -> Placed {
    let mut s = scene((480, 270), "");
    s.title.lines.clear();
    s.nodes.push(node("n", [40.0, 60.0, 400.0, 150.0], Role::Activity, Shape::Box, 0, &[words]));
    s
}
