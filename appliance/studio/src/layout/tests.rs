//! What holds for every layout, and a few in full.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::storyboard::{Actor, Edge, EdgeType, Group, Node};

/// Every character is 0.55 em wide.
pub(super) struct Even;

impl Measure for Even {
    fn width(&self, text: &str, px: f32) -> f32 {
        text.chars().count() as f32 * 0.55 * px
    }
}

pub(super) const HD: Canvas = Canvas { w: 1920, h: 1080, fps: 30 };

pub(super) fn scene(kind: Kind, labels: &[&str], edges: &[(usize, usize, &str)]) -> Scene {
    let json = serde_json::json!({"id": "s", "title": "Order handling", "kind": kind, "words": [0, 1]});
    let mut scene: Scene = serde_json::from_value(json).expect("the smallest scene");
    scene.nodes = labels.iter().enumerate().map(|(i, label)| node(i, label)).collect();
    scene.edges = edges.iter().enumerate().map(|(i, &(from, to, label))| edge(i, from, to, label)).collect();
    scene
}

fn node(i: usize, label: &str) -> Node {
    let mut node: Node =
        serde_json::from_value(serde_json::json!({"id": format!("n{i}"), "label": label})).expect("a node");
    if label.ends_with('?') {
        node.role = Role::Decision;
    }
    node
}

fn edge(i: usize, from: usize, to: usize, label: &str) -> Edge {
    let json =
        serde_json::json!({"id": format!("e{i}"), "from": format!("n{from}"), "to": format!("n{to}"), "label": label});
    serde_json::from_value(json).expect("an edge")
}

/// Everything that must hold for any scene; the reason where it does not.
pub(super) fn sound(scene: &Scene, canvas: Canvas) -> Result<Placed, String> {
    let placed = place(scene, canvas, &Even);
    let bounds = Rect::new(-0.5, -0.5, canvas.w as f32 + 1.0, canvas.h as f32 + 1.0);
    let inside = |r: &Rect| {
        [r.x, r.y, r.w, r.h].iter().all(|v| v.is_finite())
            && r.w >= 0.0
            && r.h >= 0.0
            && r.x >= bounds.x
            && r.y >= bounds.y
            && r.right() <= bounds.right()
            && r.bottom() <= bounds.bottom()
    };
    let point = |p: &Point| inside(&Rect::new(p.x, p.y, 0.0, 0.0));
    let ids: Vec<&str> = placed.nodes.iter().map(|n| n.id.as_str()).collect();
    if ids != scene.nodes.iter().map(|n| n.id.as_str()).collect::<Vec<_>>() {
        return Err(format!("nodes are {ids:?}"));
    }
    for (i, a) in placed.nodes.iter().enumerate() {
        if !inside(&a.rect)
            || !inside(&a.label.rect)
            || [&a.badge, &a.sign].into_iter().flatten().any(|b| !inside(&b.rect))
        {
            return Err(format!("{a:?} is outside"));
        }
        if let Some(b) = placed.nodes[i + 1..].iter().find(|b| a.rect.grown(-0.05).overlaps(&b.rect.grown(-0.05))) {
            return Err(format!("{a:?} is on {b:?}"));
        }
        if a.label.lines.is_empty() != scene.nodes[i].label.trim().is_empty() || a.label.px <= 0.0 {
            return Err(format!("{:?} is the label of {:?}", a.label, scene.nodes[i].label));
        }
    }
    let mut order = scene.edges.iter();
    for e in &placed.edges {
        let Some(said) = order.by_ref().find(|s| s.id == e.id) else { return Err(format!("{} is out of order", e.id)) };
        if e.points.len() < 2 || !e.points.iter().all(point) || e.label.as_ref().is_some_and(|l| !inside(&l.rect)) {
            return Err(format!("{e:?} is outside"));
        }
        let ends = [(&said.from, e.points[0]), (&said.to, e.points[e.points.len() - 1])];
        for (id, at) in ends.into_iter().filter(|_| scene.kind != Kind::Sequence) {
            let Some(node) = placed.nodes.iter().find(|n| n.id == *id) else { continue };
            let r = node.rect;
            let near = r.grown(0.7).overlaps(&Rect::new(at.x - 0.01, at.y - 0.01, 0.02, 0.02));
            if !near
                || r.grown(-0.7).overlaps(&Rect::new(at.x - 0.01, at.y - 0.01, 0.02, 0.02)) && r.w > 2.0 && r.h > 2.0
            {
                return Err(format!("{e:?} does not end on the border of {r:?}"));
            }
        }
    }
    for guide in &placed.guides {
        let good = match guide {
            Guide::Container { rect, label, .. } => inside(rect) && inside(&label.rect),
            Guide::Lifeline { line, .. } | Guide::Axis { line } | Guide::Tick { line, .. } => line.iter().all(point),
            Guide::Slice { center, radius, label, .. } => {
                inside(&Rect::new(center.x, center.y, 0.0, 0.0).grown(radius[1])) && inside(&label.rect)
            }
            Guide::Note { rect, label, .. } | Guide::Key { rect, label, .. } => inside(rect) && inside(&label.rect),
        };
        if !good {
            return Err(format!("{guide:?} is outside"));
        }
    }
    if !inside(&placed.title.rect) {
        return Err(format!("{:?} is outside", placed.title));
    }
    Ok(placed)
}

fn any_scene(most: usize) -> impl Strategy<Value = Scene> {
    let label = prop_oneof![
        6 => "[a-z]{2,9}( [a-z]{2,9}){0,4}",
        1 => "[a-z]{1,500}",
        1 => Just("word ".repeat(100)),
        1 => "\\PC{0,40}",
        1 => Just("在庫を確認して発送する".to_owned()),
        1 => Just("ok?".to_owned()),
    ];
    let tag = prop_oneof![3 => Just(String::new()), 1 => "[a-z]{2,6}( [a-z]{2,9}){0,3}"];
    let nodes = proptest::collection::vec((label, 0_usize..5, proptest::option::of(-1e6..1e6)), 0..=most);
    (0..Kind::ALL.len(), nodes).prop_flat_map(move |(kind, nodes)| {
        let count = nodes.len().max(1);
        let edges = proptest::collection::vec((0..count, 0..count + 1, tag.clone()), 0..=count * 2);
        let pins = proptest::collection::vec((0..count, 0.0..1.0, 0.0..1.0), 0..2);
        (Just(kind), Just(nodes), edges, pins, 0_usize..4, 0_usize..4).prop_map(
            |(kind, nodes, edges, pins, actors, groups)| {
                let labels: Vec<&str> = nodes.iter().map(|n| n.0.as_str()).collect();
                let edges: Vec<_> = edges.iter().map(|(a, b, l)| (*a, *b, l.as_str())).collect();
                let mut scene = scene(Kind::ALL[kind], &labels, &edges);
                let json = |id: String, label: &str| serde_json::json!({"id": id, "label": label});
                scene.actors = (0..actors)
                    .map(|i| serde_json::from_value::<Actor>(json(format!("a{i}"), "Sales team")).expect("an actor"))
                    .collect();
                scene.groups = (0..groups)
                    .map(|i| serde_json::from_value::<Group>(json(format!("g{i}"), "Cluster")).expect("a group"))
                    .collect();
                for (node, (_, of, value)) in scene.nodes.iter_mut().zip(&nodes) {
                    node.actor = Some(format!("a{of}"));
                    node.group = (*of > 1).then(|| format!("g{of}"));
                    node.value = *value;
                    node.time = (*of > 0).then(|| "Monday 9:00".to_owned());
                }
                // Some are drawn by a person, some remarks are made.
                for node in scene.nodes.iter_mut().rev().take(actors) {
                    node.by = crate::storyboard::Origin::User;
                }
                let note = |(i, node): (usize, &Node)| serde_json::json!({"id": format!("k{i}"), "text": node.label});
                let notes = scene.nodes.iter().take(groups).enumerate().map(note);
                scene.notes = notes.map(|n| serde_json::from_value(n).expect("a note")).collect();
                scene.layout.pins = pins.into_iter().map(|(v, x, y)| (format!("n{v}"), [x, y])).collect();
                scene
            },
        )
    })
}

fn any_canvas() -> impl Strategy<Value = Canvas> {
    let sizes =
        [(1920, 1080), (1080, 1920), (1080, 1080), (3840, 2160), (640, 360), (240, 240), (3840, 240), (240, 3840)];
    (0..sizes.len()).prop_map(move |i| Canvas { w: sizes[i].0, h: sizes[i].1, fps: 30 })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 160,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_121),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_scene_is_placed_soundly(scene in any_scene(18), canvas in any_canvas()) {
        let placed = sound(&scene, canvas).map_err(TestCaseError::fail)?;
        prop_assert_eq!(placed, place(&scene, canvas, &Even), "the same scene gives the same layout");
    }
}

#[test]
fn two_hundred_nodes_are_placed_soundly() {
    let labels: Vec<String> = (0..200).map(|i| format!("step number {i}")).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let edges: Vec<_> = (1..200).map(|i| (i * 7 % 61, i, "")).collect();
    for kind in Kind::ALL {
        sound(&scene(*kind, &labels, &edges), HD).unwrap_or_else(|e| panic!("{kind}: {e}"));
    }
}

#[test]
fn large_graphs_are_clear_on_every_canvas() {
    let words = ["check", "the customer", "stock", "send", "new order", "approval of the claim"];
    for (round, (w, h)) in [(1920, 1080), (1080, 1920), (1080, 1080), (1440, 1080)].into_iter().enumerate() {
        for (kind, count) in [(Kind::Flow, 40 + 20 * round), (Kind::Hierarchy, 60 + 45 * round)] {
            let label = |i: usize| format!("{} {}", words[i * 7 % 6], words[(i / 6 + i) % 6]);
            let labels: Vec<String> = (0..count).map(label).collect();
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            let back = if kind == Kind::Flow { 5 } else { count };
            let edges: Vec<_> = (1..count).map(|i| (i - 1 - (i * 31 + round) % i.min(back), i, "")).collect();
            let placed = sound(&scene(kind, &labels, &edges), Canvas { w, h, fps: 30 }).expect("a sound layout");
            for edge in &placed.edges {
                for (node, label) in placed.nodes.iter().zip(&labels) {
                    let through = edge.points.windows(2).any(|p| tags::meets(p[0], p[1], node.rect.grown(-1.0)));
                    assert!(!through, "{} runs through {label} on {w}x{h}", edge.id);
                    let (inner, outer) = (node.label.rect, node.rect.grown(0.5));
                    assert!(inner.x >= outer.x && inner.right() <= outer.right(), "{label} is wider than its box");
                }
            }
        }
    }
}

/// Smallest label, and lines that run through boxes.
fn legible(scene: &Scene, canvas: Canvas, least: f32) {
    let placed = sound(scene, canvas).expect("a sound layout");
    let px = placed.nodes.iter().map(|n| n.label.px).fold(f32::INFINITY, f32::min);
    assert!(px >= least, "{px} is less than {least}");
    for edge in &placed.edges {
        for node in &placed.nodes {
            let through = edge.points.windows(2).any(|p| tags::meets(p[0], p[1], node.rect.grown(-1.0)));
            assert!(!through, "{} runs through {}", edge.id, node.id);
        }
    }
}

#[test]
fn labels_are_legible() {
    let chain: Vec<_> = (1..24).map(|i| (i - 1, i, "")).collect();
    legible(&scene(Kind::Flow, &["check the stock"; 9], &chain[..8]), HD, 34.0);
    legible(&scene(Kind::Flow, &["check the stock"; 24], &chain), HD, 30.0);
    legible(&scene(Kind::Flow, &["send the invoice to the customer"; 24], &chain), HD, 26.0);
    let portrait = Canvas { w: 1080, h: 1920, fps: 30 };
    legible(&scene(Kind::Flow, &["check the stock"; 24], &chain), portrait, 30.0);
    let tree: Vec<_> = (1..17).map(|i| ((i - 1) / 4, i, "")).collect();
    legible(&scene(Kind::Hierarchy, &["finance team"; 17], &tree), HD, 28.0);
    let ring: Vec<_> = (0..6).map(|i| (i, (i + 1) % 6, "")).collect();
    legible(&scene(Kind::Cycle, &["evaporation"; 6], &ring), HD, 34.0);
    legible(&scene(Kind::Steps, &["loosen the wheel nuts"; 9], &[]), HD, 34.0);
    legible(&scene(Kind::Timeline, &["company founded"; 10], &[]), HD, 26.0);
}

#[test]
fn pins_are_honoured() {
    let mut scene = scene(Kind::Flow, &["a b", "c d", "e f", "g h"], &[(0, 1, ""), (1, 2, ""), (2, 3, "")]);
    scene.layout.pins.insert("n2".to_owned(), [0.5, 0.5]);
    let placed = sound(&scene, HD).expect("a sound layout");
    let free = place(&Scene { layout: Default::default(), ..scene.clone() }, HD, &Even);
    let center = placed.nodes[2].rect.center();
    assert!((center.x - 960.0).abs() < 1.0, "{center:?}");
    assert_ne!(free.nodes[2].rect, placed.nodes[2].rect);
}

#[test]
fn containers_hold_their_members_only() {
    let mut scene = scene(
        Kind::Architecture,
        &["browser", "gateway", "orders", "stock", "database"],
        &[(0, 1, "asks"), (1, 2, "routes"), (1, 3, "routes"), (2, 4, "writes"), (3, 4, "reads")],
    );
    scene.groups = vec![serde_json::from_value(serde_json::json!({"id": "g", "label": "Cluster"})).expect("a group")];
    (1..4).for_each(|i| scene.nodes[i].group = Some("g".to_owned()));
    let placed = sound(&scene, HD).expect("a sound layout");
    let [Guide::Container { rect, .. }] = placed.guides.as_slice() else { panic!("{:?}", placed.guides) };
    let within: Vec<bool> = placed.nodes.iter().map(|n| n.rect.overlaps(rect)).collect();
    assert_eq!(within, [false, true, true, true, false]);
}

#[test]
fn replies_are_dashed() {
    let scene = scene(Kind::Sequence, &["browser", "server"], &[(0, 1, "asks"), (1, 0, "answers"), (0, 1, "thanks")]);
    let dashed: Vec<bool> = place(&scene, HD, &Even).edges.iter().map(|e| e.dashed).collect();
    assert_eq!(dashed, [false, true, false]);
}

#[test]
fn branches_of_a_tree_have_no_heads() {
    let mut scene = scene(Kind::Hierarchy, &["a", "b"], &[(0, 1, "")]);
    assert!(place(&scene, HD, &Even).edges[0].arrow);
    scene.edges[0].kind = EdgeType::PartOf;
    assert!(!place(&scene, HD, &Even).edges[0].arrow);
}

/// A layout in words, in whole pixels.
fn told(placed: &Placed) -> String {
    let rect = |r: &Rect| format!("{:.0},{:.0} {:.0}x{:.0}", r.x, r.y, r.w, r.h);
    let line = |points: &[Point]| points.iter().map(|p| format!("{:.0},{:.0}", p.x, p.y)).collect::<Vec<_>>().join(" ");
    let mut text = format!("title {} {:.0}px {:?}\n", rect(&placed.title.rect), placed.title.px, placed.title.lines);
    for n in &placed.nodes {
        let badge = n.badge.as_ref().map_or(String::new(), |b| format!(" badge {:?}", b.lines));
        let _ = writeln!(text, "{} {} {} {:.0}px {:?}{badge}", n.id, n.shape, rect(&n.rect), n.label.px, n.label.lines);
    }
    for e in &placed.edges {
        let label = e.label.as_ref().map_or(String::new(), |l| format!(" {:?} {}", l.lines, rect(&l.rect)));
        let _ = writeln!(text, "{} {}{label}", e.id, line(&e.points));
    }
    for guide in &placed.guides {
        let _ = match guide {
            Guide::Container { id, rect: r, label, .. } => {
                writeln!(text, "container {id} {} {:?}", rect(r), label.lines)
            }
            Guide::Lifeline { node, line: l } => writeln!(text, "lifeline {node} {}", line(l)),
            Guide::Axis { line: l } => writeln!(text, "axis {}", line(l)),
            Guide::Tick { node, line: l } => writeln!(text, "tick {node} {}", line(l)),
            Guide::Slice { node, turn, .. } => writeln!(text, "slice {node} {turn:?}"),
            Guide::Note { id, rect: r, label } => writeln!(text, "note {id} {} {:?}", rect(r), label.lines),
            Guide::Key { id, rect: r, label, .. } => writeln!(text, "key {id} {} {:?}", rect(r), label.lines),
        };
    }
    text
}

#[test]
fn layouts_in_full() {
    let check = |name: &str, scene: &Scene| insta::assert_snapshot!(name, told(&place(scene, HD, &Even)));
    check(
        "flow_loop",
        &scene(
            Kind::Flow,
            &["draft report", "approved?", "fix comments", "publish"],
            &[(0, 1, ""), (1, 2, "no"), (2, 1, ""), (1, 3, "yes")],
        ),
    );
    check("tree", &scene(Kind::Hierarchy, &["company", "finance", "sales"], &[(0, 1, ""), (0, 2, "")]));
    check("sequence", &scene(Kind::Sequence, &["browser", "server"], &[(0, 1, "asks"), (1, 0, "answers")]));
    check("steps", &scene(Kind::Steps, &["collect", "sort", "recycle"], &[]));
    check(
        "comparison",
        &scene(
            Kind::Comparison,
            &["gas", "induction", "slow", "fast", "flat top"],
            &[(0, 2, "speed"), (1, 3, "speed"), (0, 4, "shape"), (1, 4, "shape")],
        ),
    );
}
