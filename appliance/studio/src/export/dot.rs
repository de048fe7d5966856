//! Graphviz: boxes, arrows and clusters with their colours; where they go is up to Graphviz.

use std::fmt::Write as _;

use super::sheet::{Carton, End, Line, Sheet};
use crate::storyboard::Shape;

/// A scene as a digraph.
pub(super) fn write(sheet: &Sheet<'_>) -> String {
    let (theme, title) = (sheet.theme, quoted(&sheet.title));
    let mut out = format!("digraph {title} {{\n");
    let _ = writeln!(
        out,
        "  graph [label={title}, labelloc=t, labeljust=l, fontsize=20, fontname=\"Inter,Helvetica,Arial\", fontcolor={}, \
         bgcolor={}, rankdir={}, compound=true, nodesep=0.4, ranksep=0.5, pad=0.3];",
        quoted(theme.ink.as_str()),
        quoted(theme.background.as_str()),
        if sheet.downwards() { "TB" } else { "LR" }
    );
    out.push_str("  node [shape=box, style=\"rounded,filled\", fontname=\"Inter,Helvetica,Arial\", penwidth=1.5, margin=\"0.2,0.12\"];\n");
    let _ = writeln!(
        out,
        "  edge [fontname=\"Inter,Helvetica,Arial\", fontsize=12, color={}, fontcolor={}];",
        quoted(theme.line.as_str()),
        quoted(theme.muted.as_str())
    );
    for (i, room) in sheet.rooms.iter().enumerate() {
        let _ = writeln!(out, "  subgraph {} {{", quoted(&format!("cluster_{}", room.key)));
        let _ = writeln!(
            out,
            "    label={}; style=\"rounded,filled\"; fillcolor={}; color={}; fontcolor={};",
            quoted(&room.label),
            quoted(&format!("{}60", room.tone.fill.as_str())),
            quoted(room.tone.border.as_str()),
            quoted(room.tone.text.as_str())
        );
        sheet.inside(Some(i)).for_each(|carton| node(&mut out, "    ", carton));
        if sheet.inside(Some(i)).next().is_none() {
            // Graphviz leaves out a cluster with nothing in it.
            let _ = writeln!(out, "    {} [style=invis, label=\"\"];", quoted(&anchor(&room.key)));
        }
        out.push_str("  }\n");
    }
    sheet.inside(None).for_each(|carton| node(&mut out, "  ", carton));
    sheet.lines.iter().for_each(|line| edge(&mut out, sheet, line));
    out.push_str("}\n");
    out
}

fn node(out: &mut String, indent: &str, carton: &Carton<'_>) {
    let shape = match carton.shape {
        Shape::Box => "",
        Shape::Pill => ", shape=box, style=\"rounded,filled,bold\"",
        Shape::Diamond => ", shape=diamond, style=filled, margin=\"0.05,0.05\"",
        Shape::Ellipse => ", shape=ellipse, style=filled",
        Shape::Cylinder => ", shape=cylinder, style=filled",
        Shape::Person => ", shape=house, style=filled",
        Shape::Document => ", shape=note, style=filled",
    };
    let tone = &carton.tone;
    let _ = writeln!(
        out,
        "{indent}{} [label={}{shape}, fillcolor={}, color={}, fontcolor={}];",
        quoted(&carton.key),
        quoted(&carton.label),
        quoted(tone.fill.as_str()),
        quoted(tone.border.as_str()),
        quoted(tone.text.as_str())
    );
}

fn edge(out: &mut String, sheet: &Sheet<'_>, line: &Line<'_>) {
    // An arrow to a cluster is one to a box in it that is cut at its border.
    let mut attributes = Vec::new();
    let mut end = |end: End, side: &str| match end {
        End::Box(i) => sheet.boxes[i].key.clone(),
        End::Room(i) => {
            let room = &sheet.rooms[i];
            attributes.push(format!("{side}={}", quoted(&format!("cluster_{}", room.key))));
            sheet.inside(Some(i)).next().map_or_else(|| anchor(&room.key), |first| first.key.clone())
        }
    };
    let (from, to) = (end(line.from, "ltail"), end(line.to, "lhead"));
    if !line.label.is_empty() {
        attributes.push(format!("label={}", quoted(&line.label)));
    }
    if !line.edge.directed {
        attributes.push("dir=none".to_owned());
    }
    if line.at.is_some_and(|at| at.dashed) {
        attributes.push("style=dashed".to_owned());
    }
    let attributes = if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(", ")) };
    let _ = writeln!(out, "  {} -> {}{attributes};", quoted(&from), quoted(&to));
}

fn anchor(key: &str) -> String {
    format!("{key}_anchor")
}

/// A string of DOT: quotes are escaped, and backslashes, which would begin one of its own marks.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
