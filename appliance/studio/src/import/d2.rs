//! D2: shapes, connections and containers; boards, classes and variables are left out.

use super::lines::Reader;
use super::{Drawing, ImportError, Link, MAX_DEPTH};
use crate::storyboard::Shape;

const LANGUAGE: &str = "D2";
/// Keys that say something about the diagram or a shape, and are no shapes.
const KEYWORDS: [&str; 26] = [
    "label",
    "shape",
    "style",
    "icon",
    "near",
    "width",
    "height",
    "tooltip",
    "link",
    "class",
    "classes",
    "vars",
    "direction",
    "constraint",
    "grid-rows",
    "grid-columns",
    "grid-gap",
    "vertical-gap",
    "horizontal-gap",
    "layers",
    "scenarios",
    "steps",
    "source-arrowhead",
    "target-arrowhead",
    "top",
    "left",
];

/// Reads a diagram.
///
/// # Errors
/// When it is none.
pub(super) fn read(text: &str) -> Result<Drawing, ImportError> {
    let mut reader = Reader::new(text, 1, LANGUAGE);
    let mut drawing = Drawing::default();
    map(&mut reader, &mut drawing, &mut Vec::new(), false)?;
    Ok(drawing)
}

/// A way to a shape, from the outermost container.
type Way = Vec<String>;

/// Statements up to the closing brace, or to the end.
fn map(reader: &mut Reader<'_>, drawing: &mut Drawing, at: &mut Way, inside: bool) -> Result<(), ImportError> {
    if at.len() >= MAX_DEPTH {
        return Err(ImportError::TooDeep(reader.line()));
    }
    loop {
        reader.take_while(|c| c.is_whitespace() || c == ';');
        match reader.peek() {
            None if inside => return Err(reader.wrong("`}` is missing")),
            None => return Ok(()),
            Some('}') if inside => {
                reader.next();
                return Ok(());
            }
            Some('#') => {
                // Three quotes begin a comment of several lines.
                reader.take_while(|c| c != '\n');
            }
            Some(_) if reader.take("\"\"\"") => drop(reader.until("\"\"\"")?),
            Some(_) => statement(reader, drawing, at)?,
        }
    }
}

fn statement(reader: &mut Reader<'_>, drawing: &mut Drawing, at: &mut Way) -> Result<(), ImportError> {
    // `(a -> b)[0]` changes a connection that is there.
    if reader.take("(") {
        reader.until(")")?;
        return rest(reader);
    }
    let mut ways = vec![way(reader)?];
    let mut arrows = Vec::new();
    while let Some(arrow) = arrow(reader) {
        arrows.push(arrow);
        ways.push(way(reader)?);
    }
    let first = &ways[0];
    if arrows.is_empty() && first.last().is_some_and(|key| KEYWORDS.contains(&key.as_str()))
        || first.iter().any(|k| k == "style")
    {
        return attribute(reader, drawing, at, first);
    }
    let (label, opens) = value(reader)?;
    if arrows.is_empty() {
        return shape(reader, drawing, at, first, label, opens);
    }
    let mut ends = Vec::with_capacity(ways.len());
    for way in &ways {
        ends.push(place(drawing, at, way)?);
    }
    for (pair, (back, forth)) in ends.windows(2).zip(&arrows) {
        let turned = *back && !*forth;
        let (from, to) = if turned { (pair[1], pair[0]) } else { (pair[0], pair[1]) };
        drawing.link(Link { from, to, label: label.clone().unwrap_or_default(), directed: *back || *forth })?;
    }
    if opens {
        // A label may stand inside; the rest is looks.
        let inner = block(reader)?;
        let label = inner.into_iter().find(|(key, _)| key == "label");
        if let Some((_, label)) = label {
            let new = drawing.lines.len() - arrows.len();
            drawing.lines[new..].iter_mut().for_each(|line| label.clone_into(&mut line.label));
        }
    }
    Ok(())
}

/// A shape with its label, its attributes and what lies in it.
fn shape(
    reader: &mut Reader<'_>,
    drawing: &mut Drawing,
    at: &mut Way,
    way: &Way,
    label: Option<String>,
    opens: bool,
) -> Result<(), ImportError> {
    let index = place(drawing, at, way)?;
    if let Some(label) = label {
        drawing.boxes[index].label = label;
    }
    if opens {
        let depth = at.len();
        at.extend(way.iter().cloned());
        let done = map(reader, drawing, at, true);
        at.truncate(depth);
        done?;
    }
    Ok(())
}

/// The box at the end of a way; the containers on the way are rooms.
fn place(drawing: &mut Drawing, at: &Way, way: &Way) -> Result<usize, ImportError> {
    let mut full = at.clone();
    for key in way {
        if key == "_" { drop(full.pop()) } else { full.push(key.clone()) }
    }
    let last = full.len().saturating_sub(1);
    let mut room = None;
    for depth in 1..=last {
        // A container is a box until something lies in it.
        let key = full[..depth].join(".");
        let outer = drawing.named(&key, room)?;
        if drawing.boxes[outer].label == key {
            drawing.boxes[outer].label.clone_from(&full[depth - 1]);
        }
        let label = drawing.boxes[outer].label.clone();
        let found = drawing.room(&key, &label)?;
        drawing.rooms[found].label = label;
        room = Some(found);
    }
    let key = full.join(".");
    let new = !drawing.by_key.contains_key(&key);
    let index = drawing.named(&key, room)?;
    if new {
        drawing.boxes[index].label = full.last().cloned().unwrap_or_default();
    }
    Ok(index)
}

/// What a keyword says about the diagram, or about the shape that it stands in or behind.
fn attribute(reader: &mut Reader<'_>, drawing: &mut Drawing, at: &Way, way: &Way) -> Result<(), ImportError> {
    let (value, opens) = value(reader)?;
    if opens {
        block(reader)?;
    }
    let (Some((key, of)), Some(value)) = (way.split_last(), value) else { return Ok(()) };
    if at.is_empty() && of.is_empty() || of.iter().any(|k| k == "style") {
        return Ok(());
    }
    if !matches!(key.as_str(), "label" | "shape") {
        return Ok(());
    }
    let index = place(drawing, at, &of.to_vec())?;
    match key.as_str() {
        "label" => drawing.boxes[index].label = value,
        "shape" if value == "text" => {
            // Words that stand somewhere are the heading.
            let carton = &drawing.boxes[index];
            if drawing.title.is_empty() && index + 1 == drawing.boxes.len() {
                drawing.title.clone_from(&carton.label);
                let gone = drawing.boxes.pop().map(|b| b.key).unwrap_or_default();
                drawing.by_key.remove(&gone);
            }
        }
        "shape" => drawing.boxes[index].shape = outline(&value),
        _ => {}
    }
    Ok(())
}

fn outline(word: &str) -> Option<Shape> {
    match word {
        "diamond" => Some(Shape::Diamond),
        "oval" | "circle" => Some(Shape::Ellipse),
        "cylinder" | "queue" | "stored_data" => Some(Shape::Cylinder),
        "person" | "c4-person" => Some(Shape::Person),
        "page" | "document" => Some(Shape::Document),
        _ => None,
    }
}

/// Keys with dots between them.
fn way(reader: &mut Reader<'_>) -> Result<Way, ImportError> {
    let mut out = Way::new();
    loop {
        spaces(reader);
        out.push(key(reader)?);
        spaces(reader);
        if !reader.take(".") {
            return Ok(out);
        }
    }
}

/// A key: quoted, or everything up to something that means something.
fn key(reader: &mut Reader<'_>) -> Result<String, ImportError> {
    for quote in ['"', '\''] {
        if reader.peek() == Some(quote) {
            reader.next();
            return reader.quoted(quote);
        }
    }
    let mut out = String::new();
    while let Some(c) = reader.peek() {
        let rest = reader.rest();
        let arrow = ["->", "--", "<-"].iter().any(|a| rest.starts_with(a));
        if arrow || matches!(c, ':' | '.' | '{' | '}' | ';' | '\n' | '[' | '(' | ')') || c == '#' && out.ends_with(' ')
        {
            break;
        }
        reader.next();
        if c == '\\' {
            out.extend(reader.next());
        } else {
            out.push(c);
        }
    }
    let key = out.trim().to_owned();
    if key.is_empty() { Err(reader.unexpected()) } else { Ok(key) }
}

/// Whether an arrow points back, and whether it points forth.
fn arrow(reader: &mut Reader<'_>) -> Option<(bool, bool)> {
    let before = *reader;
    let back = reader.take("<");
    let dashes = reader.take_while(|c| c == '-').len();
    let forth = reader.take(">");
    if dashes == 0 || dashes == 1 && !back && !forth {
        *reader = before;
        return None;
    }
    spaces(reader);
    Some((back, forth))
}

/// The value of a statement, if it has one, and whether a block opens behind it.
fn value(reader: &mut Reader<'_>) -> Result<(Option<String>, bool), ImportError> {
    spaces(reader);
    if !reader.take(":") {
        return Ok((None, reader.take("{")));
    }
    spaces(reader);
    if reader.rest().starts_with('|') {
        return Ok((Some(text_block(reader)?), false));
    }
    let label = match reader.peek() {
        Some(quote @ ('"' | '\'')) => {
            reader.next();
            Some(reader.quoted(quote)?)
        }
        Some('[') => {
            reader.until("]")?;
            None
        }
        _ => {
            let mut out = String::new();
            while let Some(c) = reader.peek() {
                if matches!(c, '\n' | ';' | '{' | '}') || c == '#' && out.ends_with(' ') {
                    break;
                }
                reader.next();
                if c == '\\' {
                    match reader.next() {
                        Some('n') => out.push(' '),
                        other => out.extend(other),
                    }
                } else {
                    out.push(c);
                }
            }
            Some(out.trim().to_owned()).filter(|o| !o.is_empty() && o != "null")
        }
    };
    spaces(reader);
    Ok((label, reader.take("{")))
}

/// `|md ... |`, with any number of bars: its text without marks of headings.
fn text_block(reader: &mut Reader<'_>) -> Result<String, ImportError> {
    let bars = reader.take_while(|c| c == '|').to_owned();
    reader.take_while(|c| c.is_ascii_alphanumeric());
    let text = reader.until(&bars)?;
    Ok(text.lines().map(|line| line.trim().trim_start_matches(['#', '*', '-']).trim()).collect::<Vec<_>>().join(" "))
}

/// A block of looks: names and values of its first level.
fn block(reader: &mut Reader<'_>) -> Result<Vec<(String, String)>, ImportError> {
    let mut out = Vec::new();
    let mut depth = 1_usize;
    while depth > 0 {
        reader.take_while(|c| c.is_whitespace() || c == ';');
        match reader.peek() {
            None => return Err(reader.wrong("`}` is missing")),
            Some('}') => {
                reader.next();
                depth -= 1;
            }
            Some('#') => drop(reader.take_while(|c| c != '\n')),
            Some(_) => {
                let way = way(reader)?;
                let (value, opens) = value(reader)?;
                if let (1, Some(key), Some(value)) = (depth, way.first(), value) {
                    out.push((key.clone(), value));
                }
                depth += usize::from(opens);
            }
        }
    }
    Ok(out)
}

/// What is left of a statement that is left out.
fn rest(reader: &mut Reader<'_>) -> Result<(), ImportError> {
    if reader.take("[") {
        reader.until("]")?;
    }
    if reader.take(".") {
        way(reader)?;
    }
    let (_, opens) = value(reader)?;
    if opens {
        block(reader)?;
    }
    Ok(())
}

fn spaces(reader: &mut Reader<'_>) {
    reader.take_while(|c| c == ' ' || c == '\t' || c == '\r');
}
