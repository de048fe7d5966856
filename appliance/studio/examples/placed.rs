//! Draws the layout of scenes as plain SVG and PNG, to look at.
//!
//! `cargo run --example placed -- OUT W H SCENE.json...`

#![allow(clippy::print_stdout, reason = "it is a program to look at layouts with")]

use std::fmt::Write as _;

use resvg::{tiny_skia, usvg};
use studio::geometry::Rect;
use studio::layout::{Align, Guide, Measure, Placed, Text, place};
use studio::storyboard::{Canvas, Role, Scene, Shape};

struct Even;

impl Measure for Even {
    fn width(&self, text: &str, px: f32) -> f32 {
        text.chars()
            .map(|c| {
                if c.is_uppercase() || "mwMW".contains(c) {
                    0.72
                } else if "ijlt .,f".contains(c) {
                    0.33
                } else {
                    0.57
                }
            })
            .sum::<f32>()
            * px
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn text(svg: &mut String, text: &Text, fill: &str, halo: bool) {
    let line = text.px * 1.22;
    let top = text.rect.center().y - line * text.lines.len() as f32 / 2.0;
    for (i, words) in text.lines.iter().enumerate() {
        let (x, anchor) = match text.align {
            Align::Start => (text.rect.x, "start"),
            Align::Center => (text.rect.center().x, "middle"),
        };
        let y = top + line * (i as f32 + 0.5) + text.px * 0.35;
        let halo = if halo { " stroke='#fafafa' stroke-width='6' paint-order='stroke'" } else { "" };
        let _ = writeln!(
            svg,
            "<text x='{x}' y='{y}' font-size='{}' text-anchor='{anchor}' fill='{fill}' font-family='Inter'{halo}>{}</text>",
            text.px,
            escape(words)
        );
    }
}

fn svg(placed: &Placed) -> String {
    let (w, h) = placed.canvas;
    let tones = ["#dbeafe", "#dcfce7", "#fef3c7", "#fce7f3", "#ede9fe", "#e0f2fe", "#ffedd5", "#f1f5f9"];
    let mut svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{w}' height='{h}' viewBox='0 0 {w} {h}'><rect width='100%' height='100%' fill='#fafafa'/><defs><marker id='a' viewBox='0 0 10 10' refX='9' refY='5' markerWidth='14' markerHeight='14' markerUnits='userSpaceOnUse' orient='auto'><path d='M0 0L10 5L0 10z' fill='#475569'/></marker></defs>"
    );
    for guide in &placed.guides {
        let _ = match guide {
            Guide::Container { rect: r, label, tone, .. } => {
                let _ = writeln!(
                    svg,
                    "<rect x='{}' y='{}' width='{}' height='{}' rx='16' fill='{}' fill-opacity='.45' stroke='#cbd5e1' stroke-width='2'/>",
                    r.x,
                    r.y,
                    r.w,
                    r.h,
                    tones[tone % 8]
                );
                text(&mut svg, label, "#475569", false);
                Ok(())
            }
            Guide::Lifeline { line, .. } => writeln!(
                svg,
                "<line x1='{}' y1='{}' x2='{}' y2='{}' stroke='#94a3b8' stroke-width='2' stroke-dasharray='8 8'/>",
                line[0].x, line[0].y, line[1].x, line[1].y
            ),
            Guide::Axis { line } => writeln!(
                svg,
                "<line x1='{}' y1='{}' x2='{}' y2='{}' stroke='#334155' stroke-width='5'/>",
                line[0].x, line[0].y, line[1].x, line[1].y
            ),
            Guide::Tick { line, .. } => writeln!(
                svg,
                "<line x1='{}' y1='{}' x2='{}' y2='{}' stroke='#64748b' stroke-width='3'/>",
                line[0].x, line[0].y, line[1].x, line[1].y
            ),
        };
    }
    for edge in &placed.edges {
        let p: Vec<_> = edge.points.iter().map(|p| format!("{:.1},{:.1}", p.x, p.y)).collect();
        let _ = writeln!(
            svg,
            "<polyline points='{}' fill='none' stroke='#475569' stroke-width='3' stroke-linejoin='round'{}{}/>",
            p.join(" "),
            if edge.arrow { " marker-end='url(#a)'" } else { "" },
            if edge.dashed { " stroke-dasharray='10 7'" } else { "" }
        );
    }
    for node in &placed.nodes {
        let Rect { x, y, w, h } = node.rect;
        let fill = if node.role == Role::Decision { "#fef08a" } else { tones[node.tone % 8] };
        let style = format!("fill='{fill}' stroke='#1e40af' stroke-width='2.5'");
        let _ = match node.shape {
            Shape::Diamond => writeln!(
                svg,
                "<path d='M{} {}L{} {}L{} {}L{} {}z' {style}/>",
                x + w / 2.0,
                y,
                x + w,
                y + h / 2.0,
                x + w / 2.0,
                y + h,
                x,
                y + h / 2.0
            ),
            Shape::Ellipse => writeln!(
                svg,
                "<ellipse cx='{}' cy='{}' rx='{}' ry='{}' {style}/>",
                x + w / 2.0,
                y + h / 2.0,
                w / 2.0,
                h / 2.0
            ),
            Shape::Pill => writeln!(svg, "<rect x='{x}' y='{y}' width='{w}' height='{h}' rx='{}' {style}/>", h / 2.0),
            _ => writeln!(svg, "<rect x='{x}' y='{y}' width='{w}' height='{h}' rx='12' {style}/>"),
        };
        text(&mut svg, &node.label, "#0f172a", false);
        if let Some(badge) = &node.badge {
            if badge.align == Align::Center {
                let r = badge.rect;
                let _ = writeln!(
                    svg,
                    "<rect x='{}' y='{}' width='{}' height='{}' rx='{}' fill='#1e40af'/>",
                    r.x,
                    r.y,
                    r.w,
                    r.h,
                    r.h.min(r.w) / 2.0
                );
                text(&mut svg, badge, "#ffffff", false);
            } else {
                text(&mut svg, badge, "#0f172a", false);
            }
        }
    }
    for edge in &placed.edges {
        if let Some(label) = &edge.label {
            text(&mut svg, label, "#334155", true);
        }
    }
    text(&mut svg, &placed.title, "#0f172a", false);
    svg.push_str("</svg>");
    svg
}

fn meets(a: studio::geometry::Point, b: studio::geometry::Point, r: Rect) -> bool {
    let (mut from, mut to) = (0.0_f32, 1.0_f32);
    for (s, d, low, high) in [(a.x, b.x - a.x, r.x, r.right()), (a.y, b.y - a.y, r.y, r.bottom())] {
        if d.abs() < 1e-6 {
            if s <= low || s >= high {
                return false;
            }
        } else {
            let (p, q) = ((low - s) / d, (high - s) / d);
            from = from.max(p.min(q));
            to = to.min(p.max(q));
        }
    }
    from < to
}

fn facts(name: &str, placed: &Placed, micros: u128) -> String {
    let px = placed.nodes.iter().map(|n| n.label.px).fold(f32::INFINITY, f32::min);
    let mut nodes = 0;
    for (i, a) in placed.nodes.iter().enumerate() {
        nodes += placed.nodes[i + 1..].iter().filter(|b| a.rect.overlaps(&b.rect)).count();
    }
    let (mut through, mut crossings, mut bends, mut tagged) = (0, 0, 0, 0);
    let shrunk: Vec<Rect> = placed.nodes.iter().map(|n| n.rect.grown(-1.0)).collect();
    let labels: Vec<Rect> = placed.edges.iter().filter_map(|e| e.label.as_ref().map(|l| l.rect)).collect();
    for (i, l) in labels.iter().enumerate() {
        tagged +=
            shrunk.iter().filter(|r| r.overlaps(l)).count() + labels[i + 1..].iter().filter(|o| o.overlaps(l)).count();
    }
    let mut taglines = 0;
    for (i, e) in placed.edges.iter().enumerate() {
        bends += e.points.len().saturating_sub(2);
        for p in e.points.windows(2) {
            through += shrunk.iter().filter(|r| meets(p[0], p[1], **r)).count();
            for f in &placed.edges[i + 1..] {
                for q in f.points.windows(2) {
                    let cross = |a: studio::geometry::Point, b: studio::geometry::Point, c: studio::geometry::Point| {
                        (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
                    };
                    if cross(p[0], p[1], q[0]) * cross(p[0], p[1], q[1]) < -1.0
                        && cross(q[0], q[1], p[0]) * cross(q[0], q[1], p[1]) < -1.0
                    {
                        crossings += 1;
                    }
                }
            }
        }
        if let Some(l) = &e.label {
            for f in &placed.edges {
                taglines += f.points.windows(2).filter(|p| meets(p[0], p[1], l.rect)).count();
            }
        }
    }
    let cut = placed.nodes.iter().filter(|n| n.label.lines.last().is_some_and(|l| l.ends_with('…'))).count();
    format!(
        "{name}: n={} e={} px={px:.1} overlaps={nodes} through={through} crossings={crossings} bends={bends} labels_hit={tagged} labels_on_lines={taglines} cut={cut} us={micros}",
        placed.nodes.len(),
        placed.edges.len()
    )
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (w, h) = (args[1].parse().expect("width"), args[2].parse().expect("height"));
    let mut options = usvg::Options::default();
    if args[0] != "-" {
        let font = std::fs::read("/usr/share/fonts/opentype/inter/Inter-Medium.otf").expect("the font Inter");
        options.fontdb_mut().load_font_data(font);
    }
    for path in &args[3..] {
        let json = std::fs::read_to_string(path).expect("a scene file");
        let scene: Scene = serde_json::from_str(&json).expect("a scene");
        let canvas = Canvas { w, h, fps: 30 };
        let start = std::time::Instant::now();
        let placed = place(&scene, canvas, &Even);
        let micros = start.elapsed().as_micros();
        let name = std::path::Path::new(path).file_stem().and_then(|s| s.to_str()).unwrap_or("scene").to_owned();
        println!("{}", facts(&name, &placed, micros));
        if args[0] != "-" {
            let svg = svg(&placed);
            let tree = usvg::Tree::from_str(&svg, &options).expect("our svg");
            let mut map = tiny_skia::Pixmap::new(w, h).expect("a size");
            resvg::render(&tree, tiny_skia::Transform::default(), &mut map.as_mut());
            map.save_png(format!("{}/{name}-{w}x{h}.png", args[0])).expect("a folder to write to");
        }
    }
}
