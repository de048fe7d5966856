//! Mermaid flowcharts.

use super::lines::Reader;
use super::{Drawing, ImportError, Link, MAX_DEPTH};
use crate::storyboard::Shape;

const LANGUAGE: &str = "Mermaid";
/// Statements about looks and behaviour.
const LEFT_OUT: [&str; 8] = ["classDef", "class", "style", "linkStyle", "click", "direction", "accTitle", "accDescr"];
/// Openings of shapes with their ends, longer ones first.
const SHAPES: [(&str, &[&str], Option<Shape>); 13] = [
    ("(((", &[")))"], Some(Shape::Ellipse)),
    ("((", &["))"], Some(Shape::Ellipse)),
    ("([", &["])"], Some(Shape::Pill)),
    ("[(", &[")]"], Some(Shape::Cylinder)),
    ("[[", &["]]"], Some(Shape::Box)),
    ("[/", &["/]", "\\]"], None),
    ("[\\", &["\\]", "/]"], None),
    ("{{", &["}}"], None),
    ("{", &["}"], Some(Shape::Diamond)),
    ("[", &["]"], None),
    ("(", &[")"], None),
    (">", &["]"], None),
    ("@{", &["}"], None),
];

/// Reads a flowchart.
///
/// # Errors
/// When it is none.
pub(super) fn read(text: &str) -> Result<Drawing, ImportError> {
    let mut drawing = Drawing::default();
    let (text, first) = front_matter(text, &mut drawing);
    let mut rooms: Vec<usize> = Vec::new();
    let mut begun = false;
    for (i, line) in text.lines().enumerate() {
        let number = first + i;
        for statement in statements(line) {
            let mut reader = Reader::new(statement, number, LANGUAGE);
            if !begun {
                header(&mut reader)?;
                begun = true;
                if reader.is_empty() {
                    continue;
                }
            }
            self::statement(&mut reader, &mut drawing, &mut rooms)?;
        }
    }
    if !rooms.is_empty() {
        let line = first + text.lines().count();
        return Err(Reader::new("", line, LANGUAGE).wrong("a subgraph does not end with `end`"));
    }
    Ok(drawing)
}

/// The title of a block of YAML at the beginning, and what comes behind it with the number of its first line.
fn front_matter<'a>(text: &'a str, drawing: &mut Drawing) -> (&'a str, usize) {
    let trimmed = text.trim_start();
    let skipped = text[..text.len() - trimmed.len()].matches('\n').count();
    let Some((block, rest)) = trimmed.strip_prefix("---\n").and_then(|t| t.split_once("\n---")) else {
        return (text, 1);
    };
    if let Some(title) = block.lines().find_map(|line| line.strip_prefix("title:")) {
        let title = title.trim();
        // A title in quotes is a string of JSON, too.
        drawing.title = serde_json::from_str(title).unwrap_or_else(|_| title.trim_matches('\'').to_owned());
    }
    (rest, 1 + skipped + block.matches('\n').count() + 2)
}

/// The statements of a line without comments; a semicolon in quotes or after an entity is none.
fn statements(line: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut start, mut quoted, mut piped, mut entity, mut depth) = (0, false, false, false, 0_usize);
    for (i, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' | '&' => entity = true,
            '|' if !quoted => piped = !piped,
            '[' | '(' | '{' if !quoted => depth += 1,
            ']' | ')' | '}' if !quoted => depth = depth.saturating_sub(1),
            ';' if !quoted && !piped && !entity && depth == 0 => {
                out.push(&line[start..i]);
                start = i + 1;
            }
            ';' => entity = false,
            c if entity && !c.is_alphanumeric() => entity = false,
            '%' if !quoted && line[i..].starts_with("%%") && depth == 0 => {
                out.push(&line[start..i]);
                start = line.len();
                break;
            }
            _ => {}
        }
    }
    out.push(&line[start.min(line.len())..]);
    out.into_iter().map(str::trim).filter(|s| !s.is_empty()).collect()
}

fn header(reader: &mut Reader<'_>) -> Result<(), ImportError> {
    let word = reader.take_while(|c| c.is_alphanumeric() || c == '-' || c == '_');
    if !matches!(word, "flowchart" | "graph" | "flowchart-elk") {
        let found = if word.is_empty() { reader.rest() } else { word };
        return Err(ImportError::NoFlowchart(found.chars().take(40).collect()));
    }
    spaces(reader);
    for direction in ["TB", "TD", "BT", "LR", "RL"] {
        if reader.take(direction) {
            break;
        }
    }
    spaces(reader);
    Ok(())
}

fn statement(reader: &mut Reader<'_>, drawing: &mut Drawing, rooms: &mut Vec<usize>) -> Result<(), ImportError> {
    let word: &str = reader.rest().split(|c: char| c.is_whitespace() || c == ':').next().unwrap_or_default();
    if word == "end" && reader.rest().trim() == "end" {
        return rooms.pop().map(drop).ok_or_else(|| reader.wrong("`end` ends nothing"));
    }
    if LEFT_OUT.contains(&word) {
        return Ok(());
    }
    if word == "subgraph" {
        reader.advance("subgraph".len());
        if rooms.len() >= MAX_DEPTH {
            return Err(ImportError::TooDeep(reader.line()));
        }
        spaces(reader);
        let whole = reader.rest().trim();
        let key = identifier(reader);
        spaces(reader);
        let (key, label) = match shape(reader)? {
            Some((label, _)) if !key.is_empty() => (key, label),
            // A heading of several words has no name of its own.
            _ => (whole.trim_matches('"').to_owned(), whole.trim_matches('"').to_owned()),
        };
        let room = drawing.room(&key, &label)?;
        rooms.push(room);
        return Ok(());
    }
    chain(reader, drawing, rooms.last().copied())
}

/// Boxes and the links between them: `a --> b & c --> d`.
fn chain(reader: &mut Reader<'_>, drawing: &mut Drawing, room: Option<usize>) -> Result<(), ImportError> {
    let mut from = several(reader, drawing, room)?;
    loop {
        spaces(reader);
        if reader.is_empty() {
            return Ok(());
        }
        let link = link(reader)?;
        spaces(reader);
        let to = several(reader, drawing, room)?;
        if let Some((label, directed, back)) = link {
            for &a in &from {
                for &b in &to {
                    let (from, to) = if back { (b, a) } else { (a, b) };
                    drawing.link(Link { from, to, label: label.clone(), directed })?;
                }
            }
        }
        from = to;
    }
}

fn several(reader: &mut Reader<'_>, drawing: &mut Drawing, room: Option<usize>) -> Result<Vec<usize>, ImportError> {
    let mut out = vec![node(reader, drawing, room)?];
    loop {
        let before = *reader;
        spaces(reader);
        if !reader.take("&") {
            *reader = before;
            return Ok(out);
        }
        spaces(reader);
        out.push(node(reader, drawing, room)?);
    }
}

fn node(reader: &mut Reader<'_>, drawing: &mut Drawing, room: Option<usize>) -> Result<usize, ImportError> {
    let key = identifier(reader);
    if key.is_empty() {
        return Err(reader.unexpected());
    }
    let at = drawing.named(&key, room)?;
    if let Some((label, shape)) = shape(reader)? {
        if !label.is_empty() {
            drawing.boxes[at].label = label;
        }
        drawing.boxes[at].shape = shape.or(drawing.boxes[at].shape);
    }
    if reader.take(":::") {
        identifier(reader);
    }
    Ok(at)
}

/// A name: it may hold single dashes and dots, which no link begins with alone.
fn identifier(reader: &mut Reader<'_>) -> String {
    let mut end = 0;
    let text = reader.rest();
    for (i, c) in text.char_indices() {
        let next = text[i + c.len_utf8()..].chars().next();
        let inside = next.is_some_and(|n| n.is_alphanumeric() || n == '_');
        let fits =
            c.is_alphanumeric() || c == '_' || (matches!(c, '-' | '.') && inside && i > 0 && !text[..i].ends_with('-'));
        if !fits {
            break;
        }
        end = i + c.len_utf8();
    }
    reader.advance(end).to_owned()
}

/// The label and outline of a box, if it has a shape.
fn shape(reader: &mut Reader<'_>) -> Result<Option<(String, Option<Shape>)>, ImportError> {
    let found = SHAPES.iter().find(|(open, ..)| reader.rest().starts_with(open));
    let Some((open, ends, shape)) = found else { return Ok(None) };
    reader.advance(open.len());
    if *open == "@{" {
        return attributes(reader.until("}")?).map(Some);
    }
    let before = *reader;
    spaces(reader);
    if reader.take("\"") {
        let label = unescaped(reader.until("\"")?);
        spaces(reader);
        if ends.iter().any(|end| reader.take(end)) {
            return Ok(Some((label, *shape)));
        }
        return Err(reader.wrong(format!("`{}` is missing", ends[0])));
    }
    *reader = before;
    let nearest = ends.iter().filter_map(|end| Some((reader.rest().find(end)?, *end))).min();
    let Some((at, end)) = nearest else { return Err(reader.wrong(format!("`{}` is missing", ends[0]))) };
    let label = unescaped(reader.advance(at).trim());
    reader.advance(end.len());
    Ok(Some((label, *shape)))
}

/// `shape: diam, label: "..."`.
fn attributes(text: &str) -> Result<(String, Option<Shape>), ImportError> {
    let mut label = String::new();
    let mut shape = None;
    for (key, value) in text.split(',').filter_map(|part| part.split_once(':')) {
        let value = value.trim().trim_matches('"');
        match key.trim() {
            "label" => label = unescaped(value),
            "shape" => {
                shape = match value {
                    "diam" | "decision" | "diamond" | "question" => Some(Shape::Diamond),
                    "stadium" | "pill" | "terminal" | "rounded" => Some(Shape::Pill),
                    "circle" | "circ" | "dbl-circ" | "start" | "stop" => Some(Shape::Ellipse),
                    "cyl" | "db" | "database" | "cylinder" | "das" | "disk" => Some(Shape::Cylinder),
                    "doc" | "document" | "docs" | "documents" => Some(Shape::Document),
                    _ => None,
                };
            }
            _ => {}
        }
    }
    Ok((label, shape))
}

/// A link: its words, whether it is an arrow, and whether it points back. `None` for one that is not seen.
fn link(reader: &mut Reader<'_>) -> Result<Option<(String, bool, bool)>, ImportError> {
    // A name of the link comes before it: `e1@-->`.
    let before = *reader;
    if identifier(reader).is_empty() || !reader.take("@") {
        *reader = before;
    }
    let back = reader.take("<")
        || (reader.rest().starts_with("o-") || reader.rest().starts_with("x-")) && reader.next().is_some();
    let body = reader.take_while(|c| matches!(c, '-' | '=' | '.' | '~'));
    if body.len() < 2 {
        *reader = before;
        return Err(reader.unexpected());
    }
    if body.starts_with('~') {
        return Ok(None);
    }
    let mut forth = head(reader);
    let mut label = String::new();
    // Words inside: `-- text -->`, `-. text .->`, `== text ==>`.
    let open = matches!(body, "--" | "==" | "-.") && !forth && !reader.rest().trim_start().starts_with('|');
    if open {
        let ends: &[&str] = match body {
            "--" => &["--"],
            "==" => &["=="],
            _ => &[".-"],
        };
        spaces(reader);
        if reader.take("\"") {
            label = unescaped(reader.until("\"")?);
            reader.until(ends[0])?;
        } else {
            label = unescaped(reader.until(ends[0])?.trim());
        }
        reader.take_while(|c| matches!(c, '-' | '=' | '.'));
        forth = head(reader);
    }
    spaces(reader);
    if reader.take("|") {
        label = unescaped(reader.until("|")?.trim().trim_matches('"'));
    }
    Ok(Some((label, forth || back, back && !forth)))
}

/// The end of an arrow.
fn head(reader: &mut Reader<'_>) -> bool {
    if reader.take(">") {
        return true;
    }
    // `--o` and `--x` are ends, unless a name begins there.
    let mut rest = reader.rest().chars();
    let mark = matches!(rest.next(), Some('o' | 'x')) && rest.next().is_none_or(|c| c.is_whitespace() || c == '|');
    if mark {
        reader.next();
    }
    mark
}

/// Entities as characters: `#35;`, `#quot;`, `#amp;`.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['#', '&']) {
        let (before, entity) = rest.split_at(at);
        out.push_str(before);
        let known = entity[1..].find(';').filter(|end| *end <= 8).and_then(|end| {
            let name = entity[1..=end].trim_start_matches('#');
            let c = match name {
                "quot" => Some('"'),
                "amp" => Some('&'),
                "lt" => Some('<'),
                "gt" => Some('>'),
                "apos" => Some('\''),
                "nbsp" => Some(' '),
                number => number.parse().ok().and_then(char::from_u32),
            };
            Some((c?, end + 2))
        });
        match known {
            Some((c, length)) => {
                out.push(c);
                rest = &entity[length..];
            }
            None => {
                out.push_str(&entity[..1]);
                rest = &entity[1..];
            }
        }
    }
    out.push_str(rest);
    out.replace("\\n", " ")
}

fn spaces(reader: &mut Reader<'_>) {
    reader.take_while(char::is_whitespace);
}
