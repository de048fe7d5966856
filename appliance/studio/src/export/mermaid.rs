//! Mermaid: sequences, timelines, mind maps and shares as their own diagrams, everything else as a flowchart.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::sheet::{Carton, End, Sheet};
use crate::storyboard::{Kind, Role, Shape};

/// A scene as a Mermaid diagram.
pub(super) fn write(sheet: &Sheet<'_>) -> String {
    let mut out = String::new();
    // YAML takes the strings of JSON.
    let _ = writeln!(out, "---\ntitle: {}\n---", serde_json::Value::from(sheet.title.as_str()));
    match sheet.scene.kind {
        Kind::Sequence if !sheet.lines.is_empty() => sequence(&mut out, sheet),
        Kind::Timeline => timeline(&mut out, sheet),
        Kind::Quantities if shares(sheet) => pie(&mut out, sheet),
        _ => flowchart(&mut out, sheet),
    }
    out
}

fn flowchart(out: &mut String, sheet: &Sheet<'_>) {
    let _ = writeln!(out, "flowchart {}", if sheet.downwards() { "TB" } else { "LR" });
    for (i, room) in sheet.rooms.iter().enumerate() {
        let _ = writeln!(out, "  subgraph {}[\"{}\"]", room.key, text(&room.label));
        sheet.inside(Some(i)).for_each(|carton| node(out, "    ", carton));
        out.push_str("  end\n");
    }
    sheet.inside(None).for_each(|carton| node(out, "  ", carton));
    for line in &sheet.lines {
        let dashed = line.at.is_some_and(|at| at.dashed);
        let link = match (line.edge.directed, dashed) {
            (true, false) => "-->",
            (true, true) => "-.->",
            (false, false) => "---",
            (false, true) => "-.-",
        };
        let words = if line.label.is_empty() { String::new() } else { format!("|\"{}\"|", text(&line.label)) };
        let _ = writeln!(out, "  {} {link}{words} {}", sheet.key(line.from), sheet.key(line.to));
    }
    colours(out, sheet);
}

fn node(out: &mut String, indent: &str, carton: &Carton<'_>) {
    let (open, close) = match carton.shape {
        Shape::Box | Shape::Person => ("(", ")"),
        Shape::Pill => ("([", "])"),
        Shape::Diamond => ("{", "}"),
        Shape::Ellipse => ("((", "))"),
        Shape::Cylinder => ("[(", ")]"),
        Shape::Document => ("[", "]"),
    };
    let _ = writeln!(out, "{indent}{}{open}\"{}\"{close}", carton.key, text(&carton.label));
}

/// One class for all boxes of the same colours.
fn colours(out: &mut String, sheet: &Sheet<'_>) {
    let mut classes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for carton in &sheet.boxes {
        let tone = &carton.tone;
        let style = format!("fill:{},stroke:{},color:{}", tone.fill.as_str(), tone.border.as_str(), tone.text.as_str());
        classes.entry(style).or_default().push(&carton.key);
    }
    for (i, (style, keys)) in classes.iter().enumerate() {
        let _ = writeln!(out, "  classDef tone{i} {style}\n  class {} tone{i}", keys.join(","));
    }
    for room in &sheet.rooms {
        let (fill, border) = (room.tone.fill.as_str(), room.tone.border.as_str());
        let _ = writeln!(out, "  style {} fill:{fill}60,stroke:{border},color:{}", room.key, room.tone.text.as_str());
    }
}

fn sequence(out: &mut String, sheet: &Sheet<'_>) {
    out.push_str("sequenceDiagram\n");
    for carton in &sheet.boxes {
        let word =
            if carton.shape == Shape::Person || carton.node.role == Role::Actor { "actor" } else { "participant" };
        let _ = writeln!(out, "  {word} {} as {}", carton.key, text(&carton.label));
    }
    for line in &sheet.lines {
        let (End::Box(_), End::Box(_)) = (line.from, line.to) else { continue };
        let arrow = if line.at.is_some_and(|at| at.dashed) { "-->>" } else { "->>" };
        // A message without words is a syntax error.
        let words = if line.label.is_empty() { "#160;".to_owned() } else { text(&line.label) };
        let _ = writeln!(out, "  {}{arrow}{}: {words}", sheet.key(line.from), sheet.key(line.to));
    }
}

fn timeline(out: &mut String, sheet: &Sheet<'_>) {
    out.push_str("timeline\n");
    for carton in &sheet.boxes {
        let when = carton.node.time.as_deref().map(super::sheet::plain).filter(|t| !t.is_empty());
        // A colon ends a period.
        let part = |words: &str| text(words).replace(':', "#58;");
        match when {
            Some(when) => drop(writeln!(out, "  {} : {}", part(&when), part(&carton.label))),
            None => drop(writeln!(out, "  {}", part(&carton.label))),
        }
    }
}

/// Whether the numbers are shares of a whole.
fn shares(sheet: &Sheet<'_>) -> bool {
    let values: Vec<f64> = sheet.boxes.iter().filter_map(|b| b.node.value).collect();
    let sum: f64 = values.iter().sum();
    values.len() == sheet.boxes.len() && values.iter().all(|v| *v > 0.0) && (99.0..=101.0).contains(&sum)
}

fn pie(out: &mut String, sheet: &Sheet<'_>) {
    out.push_str("pie showData\n");
    for carton in &sheet.boxes {
        let _ = writeln!(out, "  \"{}\" : {}", text(&carton.label), carton.node.value.unwrap_or_default());
    }
}

/// Text between quotes: what would end it, begin an entity, a tag or Markdown is written as an entity.
fn text(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '"' | '#' | '<' | '>' | '&' | ';' | '`' | '%' | '\\' => drop(write!(out, "#{};", u32::from(c))),
            c => out.push(c),
        }
    }
    // A label that looks like a list would be one.
    match out.strip_prefix("- ") {
        Some(rest) => format!("#45; {rest}"),
        None => out,
    }
}
