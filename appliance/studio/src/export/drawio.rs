//! diagrams.net: a page a scene, with shapes, connectors and words that can be moved.

use std::fmt::Write as _;

use super::scenery::{Slice, Solid, Stroke, Thing, Words, centred, joined, things, unit};
use super::sheet::Sheet;
use super::xml::{escape, number};
use super::{Deck, xml::DECLARATION};
use crate::draw::Strip;
use crate::geometry::{Point, Rect};
use crate::layout::Text;
use crate::storyboard::Shape;

/// The scenes as pages of one file.
pub(super) fn write(deck: &Deck<'_>, sheets: &[Sheet<'_>]) -> String {
    let mut out = format!("{DECLARATION}<mxfile host=\"audiagram\" type=\"device\">\n");
    for sheet in sheets {
        page(&mut out, deck, sheet);
    }
    out.push_str("</mxfile>\n");
    out
}

fn page(out: &mut String, deck: &Deck<'_>, sheet: &Sheet<'_>) {
    let (w, h) = sheet.placed.canvas;
    let _ = write!(
        out,
        "<diagram id=\"scene{}\" name=\"{}\">\n<mxGraphModel dx=\"{w}\" dy=\"{h}\" grid=\"0\" gridSize=\"10\" \
         guides=\"1\" tooltips=\"1\" connect=\"1\" arrows=\"1\" fold=\"1\" page=\"1\" pageScale=\"1\" pageWidth=\"{w}\" \
         pageHeight=\"{h}\" background=\"{}\" math=\"0\" shadow=\"0\">\n<root>\n<mxCell id=\"0\"/>\n\
         <mxCell id=\"1\" parent=\"0\"/>\n",
        sheet.number,
        escape(&sheet.title),
        deck.theme.background.as_str()
    );
    let heading = &sheet.placed.title;
    if !heading.lines.is_empty() {
        let title = Words { key: "heading".to_owned(), text: heading, color: &deck.theme.ink, bold: true };
        words(out, &title);
    }
    for thing in things(sheet) {
        match thing {
            Thing::Solid(of) => solid(out, &of),
            Thing::Words(of) => words(out, &of),
            Thing::Stroke(of) => stroke(out, sheet, &of),
            Thing::Slice(of) => slice(out, &of),
            Thing::Strip(of, name) => strip(out, of, &name),
        }
    }
    out.push_str("</root>\n</mxGraphModel>\n</diagram>\n");
}

fn geometry(out: &mut String, r: Rect) {
    let [x, y, w, h] = [r.x, r.y, r.w, r.h].map(number);
    let _ = writeln!(out, "<mxGeometry x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" as=\"geometry\"/>\n</mxCell>");
}

/// A cell that fills `r`.
fn vertex(out: &mut String, key: &str, value: &str, style: &str, r: Rect) {
    let _ = writeln!(
        out,
        "<mxCell id=\"{key}\" value=\"{}\" style=\"{}\" vertex=\"1\" parent=\"1\">",
        lines(value),
        escape(style)
    );
    geometry(out, r);
}

fn solid(out: &mut String, of: &Solid<'_>) {
    let shape = match of.shape {
        Shape::Box | Shape::Person => "rounded=1;arcSize=12;",
        Shape::Pill => "rounded=1;arcSize=50;",
        Shape::Diamond => "rhombus;",
        Shape::Ellipse => "ellipse;",
        Shape::Cylinder => "shape=cylinder3;boundedLbl=1;size=12;",
        Shape::Document => "shape=note;size=20;",
    };
    let border = of.border.map_or_else(
        || "strokeColor=none;".to_owned(),
        |(color, width)| format!("strokeColor={};strokeWidth={};", color.as_str(), number(width)),
    );
    let opacity = if of.opacity < 1.0 { format!("fillOpacity={};", number(of.opacity * 100.0)) } else { String::new() };
    let font = of.words.as_ref().map_or_else(String::new, font);
    let style = format!("{shape}html=0;whiteSpace=wrap;fillColor={};{opacity}{border}{font}", of.fill.as_str());
    vertex(out, &of.key, &of.words.as_ref().map_or_else(String::new, joined), &style, of.rect);
}

fn strip(out: &mut String, of: &Strip, name: &Words<'_>) {
    let fill = of.fill.as_str();
    let style = format!("rounded=0;html=0;whiteSpace=wrap;fillColor={fill};strokeColor=none;{}", font(name));
    vertex(out, "banner", &joined(name), &style, of.rect);
}

fn font(words: &Words<'_>) -> String {
    let (px, bold) = (number(words.text.px), u8::from(words.bold));
    let align = if centred(words) { "center" } else { "left" };
    format!(
        "fontSize={px};fontColor={};fontStyle={bold};fontFamily=Inter;align={align};verticalAlign=middle;spacing=0;",
        words.color.as_str()
    )
}

fn words(out: &mut String, of: &Words<'_>) {
    let style = format!("text;html=0;strokeColor=none;fillColor=none;overflow=visible;{}", font(of));
    vertex(out, &of.key, &joined(of), &style, of.text.rect);
}

fn stroke(out: &mut String, sheet: &Sheet<'_>, of: &Stroke<'_>) {
    let (head, dash) = (if of.arrow { "block" } else { "none" }, u8::from(of.dashed));
    let ends = of.ends.map_or_else(String::new, |[from, to]| format!(" source=\"{from}\" target=\"{to}\""));
    let (Some(&first), Some(&last)) = (of.points.first(), of.points.last()) else { return };
    // Where at the border of its shape the line begins and ends, as shares.
    let seats = of.ends.map_or_else(String::new, |[from, to]| {
        format!("{}{}", seat(sheet, from, "exit", first), seat(sheet, to, "entry", last))
    });
    // Of a curve, diagrams.net draws quadratic pieces through the middles between its points, as we do.
    let bends = if of.curved { "curved=1;" } else { "rounded=1;arcSize=16;" };
    let style = format!(
        "edgeStyle=none;html=0;{bends}endArrow={head};endFill=1;endSize={};dashed={dash};strokeWidth={};\
         strokeColor={};{seats}",
        number(10.0 * unit(sheet)),
        number(of.width),
        of.color.as_str()
    );
    let _ = writeln!(
        out,
        "<mxCell id=\"{}\" value=\"\" style=\"{}\" edge=\"1\" parent=\"1\"{ends}>\n<mxGeometry relative=\"1\" as=\"geometry\">",
        of.key,
        escape(&style)
    );
    let point = |p: &Point| format!("x=\"{}\" y=\"{}\"", number(p.x), number(p.y));
    let _ = writeln!(out, "<mxPoint {} as=\"sourcePoint\"/>", point(&first));
    let _ = writeln!(out, "<mxPoint {} as=\"targetPoint\"/>", point(&last));
    if of.points.len() > 2 {
        out.push_str("<Array as=\"points\">\n");
        for p in &of.points[1..of.points.len() - 1] {
            let _ = writeln!(out, "<mxPoint {}/>", point(p));
        }
        out.push_str("</Array>\n");
    }
    out.push_str("</mxGeometry>\n</mxCell>\n");
    if let Some(label) = &of.words {
        let style = format!(
            "text;html=0;strokeColor=none;fillColor={};overflow=visible;{}",
            sheet.theme.background.as_str(),
            font(label)
        );
        vertex(out, &label.key, &joined(label), &style, snug(label.text));
    }
}

/// The room that the words of a line take.
#[allow(clippy::cast_precision_loss, reason = "labels have a few characters")]
fn snug(text: &Text) -> Rect {
    let longest = text.lines.iter().map(|l| l.chars().count()).max().unwrap_or_default() as f32;
    let w = (longest * 0.6 * text.px).min(text.rect.w.max(1.0));
    Rect::new(text.rect.center().x - w / 2.0, text.rect.y, w, text.rect.h)
}

fn seat(sheet: &Sheet<'_>, key: &str, side: &str, at: Point) -> String {
    let room = sheet.rooms.iter().find(|r| r.key == key).and_then(|r| r.at.map(|(rect, _)| rect));
    let rect = sheet.boxes.iter().find(|b| b.key == key).map(|b| b.at.rect).or(room);
    rect.map_or_else(String::new, |r| {
        let share = |from: f32, length: f32, at: f32| number(((at - from) / length.max(1.0)).clamp(0.0, 1.0));
        let (x, y) = (share(r.x, r.w, at.x), share(r.y, r.h, at.y));
        format!("{side}X={x};{side}Y={y};{side}Dx=0;{side}Dy=0;{side}Perimeter=0;")
    })
}

fn slice(out: &mut String, of: &Slice<'_>) {
    let [inner, outer] = of.radius;
    // Shares of a turn, clockwise from the top.
    let share = |turn: f32| number((turn / std::f32::consts::TAU + 0.25).rem_euclid(1.0));
    let [from, to] = of.turn;
    let style = format!(
        "shape=mxgraph.basic.partConcEllipse;html=0;startAngle={};endAngle={};arcWidth={};fillColor={};strokeColor={};strokeWidth=4;",
        share(from),
        share(to),
        number((outer - inner) / outer.max(1.0)),
        of.fill.as_str(),
        of.rim.as_str()
    );
    vertex(out, &of.key, "", &style, Rect::new(of.center.x - outer, of.center.y - outer, 2.0 * outer, 2.0 * outer));
    words(out, &of.words);
}

/// Text of an attribute whose lines stay lines.
fn lines(text: &str) -> String {
    text.split('\n').map(escape).collect::<Vec<_>>().join("&#10;")
}
