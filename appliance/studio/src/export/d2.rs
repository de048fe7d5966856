//! D2: shapes, connections and containers with their colours; where they go is up to D2.

use std::fmt::Write as _;

use super::sheet::{Carton, End, Line, Sheet};
use crate::storyboard::Shape;

/// A scene as a D2 diagram.
pub(super) fn write(sheet: &Sheet<'_>) -> String {
    let mut out = format!("direction: {}\n", if sheet.downwards() { "down" } else { "right" });
    let _ = writeln!(out, "style.fill: {}", quoted(sheet.theme.background.as_str()));
    let _ = writeln!(
        out,
        "heading: {} {{\n  shape: text\n  near: top-center\n  style: {{font-size: 28; bold: true; font-color: {}}}\n}}",
        quoted(&sheet.title),
        quoted(sheet.theme.ink.as_str())
    );
    for (i, room) in sheet.rooms.iter().enumerate() {
        let _ = writeln!(out, "{}: {} {{", room.key, quoted(&room.label));
        let _ = writeln!(
            out,
            "  style: {{fill: {}; stroke: {}; font-color: {}; opacity: 0.9; border-radius: 12}}",
            quoted(room.tone.fill.as_str()),
            quoted(room.tone.border.as_str()),
            quoted(room.tone.text.as_str())
        );
        sheet.inside(Some(i)).for_each(|carton| shape(&mut out, "  ", carton));
        out.push_str("}\n");
    }
    sheet.inside(None).for_each(|carton| shape(&mut out, "", carton));
    sheet.lines.iter().for_each(|line| connection(&mut out, sheet, line));
    out
}

fn shape(out: &mut String, indent: &str, carton: &Carton<'_>) {
    let (shape, radius) = match carton.shape {
        Shape::Box => ("rectangle", Some(8)),
        Shape::Pill => ("rectangle", Some(40)),
        Shape::Diamond => ("diamond", None),
        Shape::Ellipse => ("oval", None),
        Shape::Cylinder => ("cylinder", None),
        Shape::Person => ("person", None),
        Shape::Document => ("page", None),
    };
    let radius = radius.map_or(String::new(), |r| format!("; border-radius: {r}"));
    let tone = &carton.tone;
    let _ = writeln!(
        out,
        "{indent}{}: {} {{shape: {shape}; style: {{fill: {}; stroke: {}; font-color: {}{radius}}}}}",
        carton.key,
        quoted(&carton.label),
        quoted(tone.fill.as_str()),
        quoted(tone.border.as_str()),
        quoted(tone.text.as_str())
    );
}

fn connection(out: &mut String, sheet: &Sheet<'_>, line: &Line<'_>) {
    let path = |end: End| match end {
        End::Box(i) => match sheet.boxes[i].room {
            Some(room) => format!("{}.{}", sheet.rooms[room].key, sheet.boxes[i].key),
            None => sheet.boxes[i].key.clone(),
        },
        End::Room(i) => sheet.rooms[i].key.clone(),
    };
    let arrow = if line.edge.directed { "->" } else { "--" };
    let label = if line.label.is_empty() { String::new() } else { format!("{} ", quoted(&line.label)) };
    let dash = if line.at.is_some_and(|at| at.dashed) { "; stroke-dash: 4" } else { "" };
    let color = quoted(sheet.theme.line.as_str());
    let words = quoted(sheet.theme.muted.as_str());
    let _ = writeln!(
        out,
        "{} {arrow} {}: {label}{{style: {{stroke: {color}; font-color: {words}{dash}}}}}",
        path(line.from),
        path(line.to)
    );
}

/// A string of D2. A dollar would begin a variable.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$"))
}
