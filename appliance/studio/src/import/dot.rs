//! Graphviz: graphs and digraphs with their clusters.

use super::lines::Reader;
use super::{Drawing, ImportError, Link, MAX_DEPTH};
use crate::storyboard::Shape;

const LANGUAGE: &str = "DOT";

/// What is assumed of boxes and lines where a statement does not say it.
#[derive(Debug, Clone, Default)]
struct Scope {
    room: Option<usize>,
    shape: Option<Shape>,
    /// Words of every line.
    label: String,
    depth: usize,
}

/// Names and values of an attribute list.
type Attributes = Vec<(String, String)>;

/// Reads one graph; what comes behind it is left out.
///
/// # Errors
/// When it is none.
pub(super) fn read(text: &str) -> Result<Drawing, ImportError> {
    let mut graph =
        Graph { reader: Reader::new(text, 1, LANGUAGE), drawing: Drawing::default(), directed: true, rooms: 0 };
    graph.skip();
    graph.word("strict");
    let directed = graph.word("digraph");
    if !directed && !graph.word("graph") {
        return Err(graph.reader.wrong("it does not begin with `digraph` or `graph`"));
    }
    graph.directed = directed;
    graph.skip();
    if graph.reader.peek() != Some('{') {
        let name = graph.id()?;
        graph.drawing.title = name;
    }
    graph.expect('{')?;
    graph.block(&mut Scope::default())?;
    Ok(graph.drawing)
}

struct Graph<'a> {
    reader: Reader<'a>,
    drawing: Drawing,
    directed: bool,
    /// Clusters without a name so far.
    rooms: usize,
}

impl Graph<'_> {
    /// Skips white space and comments.
    fn skip(&mut self) {
        loop {
            self.reader.take_while(char::is_whitespace);
            if self.reader.take("//") || self.reader.take("#") {
                self.reader.take_while(|c| c != '\n');
            } else if self.reader.rest().starts_with("/*") {
                let end = self.reader.rest().find("*/").map_or(self.reader.rest().len(), |at| at + 2);
                self.reader.advance(end);
            } else {
                return;
            }
        }
    }

    /// Takes a keyword in any case.
    fn word(&mut self, word: &str) -> bool {
        self.skip();
        let found: &str =
            self.reader.rest().split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        let there = found.eq_ignore_ascii_case(word);
        if there {
            self.reader.advance(word.len());
            self.skip();
        }
        there
    }

    fn expect(&mut self, mark: char) -> Result<(), ImportError> {
        self.skip();
        if self.reader.peek() == Some(mark) {
            self.reader.next();
            self.skip();
            return Ok(());
        }
        Err(self.reader.wrong(format!("`{mark}` is missing")))
    }

    /// A name: letters, a number, a string (several with `+`), or a piece of HTML.
    fn id(&mut self) -> Result<String, ImportError> {
        self.skip();
        if self.reader.peek() == Some('<') {
            return self.html();
        }
        if !self.reader.take("\"") {
            let word = self
                .reader
                .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.') || !c.is_ascii() && !c.is_whitespace());
            let negative = word.is_empty()
                && self.reader.rest().starts_with('-')
                && !self.reader.rest().starts_with("->")
                && !self.reader.rest().starts_with("--");
            if negative {
                self.reader.next();
                let number = self.reader.take_while(|c| c.is_ascii_digit() || c == '.');
                return Ok(format!("-{number}"));
            }
            if word.is_empty() {
                return Err(self.reader.unexpected());
            }
            return Ok(word.to_owned());
        }
        let mut text = self.reader.quoted('"')?;
        loop {
            let before = self.reader;
            self.skip();
            if !self.reader.take("+") {
                self.reader = before;
                return Ok(text);
            }
            self.skip();
            if !self.reader.take("\"") {
                return Err(self.reader.unexpected());
            }
            text.push_str(&self.reader.quoted('"')?);
        }
    }

    /// A label of HTML: its tags stay, and are taken away with those of all labels.
    fn html(&mut self) -> Result<String, ImportError> {
        let begun = self.reader;
        let mut depth = 0_usize;
        let mut out = String::new();
        while let Some(c) = self.reader.next() {
            match c {
                '<' => depth += 1,
                '>' => depth -= 1,
                _ => {}
            }
            out.push(c);
            if depth == 0 {
                let inner = out.strip_prefix('<').and_then(|o| o.strip_suffix('>')).unwrap_or(&out);
                return Ok(inner
                    .replace("&amp;", "&")
                    .replace("&lt;", "‹")
                    .replace("&gt;", "›")
                    .replace("&quot;", "\""));
            }
        }
        Err(begun.wrong("a label does not end with >"))
    }

    /// Statements up to the closing brace.
    fn block(&mut self, scope: &mut Scope) -> Result<(), ImportError> {
        loop {
            self.skip();
            match self.reader.peek() {
                None => return Err(self.reader.wrong("`}` is missing")),
                Some('}') => {
                    self.reader.next();
                    return Ok(());
                }
                Some(';' | ',') => {
                    self.reader.next();
                }
                Some(_) => self.statement(scope)?,
            }
        }
    }

    fn statement(&mut self, scope: &mut Scope) -> Result<(), ImportError> {
        for kind in ["graph", "node", "edge"] {
            let before = self.reader;
            if self.word(kind) {
                if self.reader.peek() != Some('[') {
                    self.reader = before;
                    break;
                }
                let attributes = self.attributes()?;
                match kind {
                    "graph" => attributes.iter().for_each(|(key, value)| self.heading(scope, key, value)),
                    "node" => scope.shape = shape_of(&attributes).unwrap_or(scope.shape),
                    _ => scope.label = value(&attributes, "label").unwrap_or_default(),
                }
                return Ok(());
            }
        }
        let mut from = self.end(scope)?;
        self.skip();
        if self.reader.peek() == Some('=') {
            self.reader.next();
            let value = self.id()?;
            let key = from.name.clone();
            if !from.known && from.boxes.len() == 1 && from.boxes[0] + 1 == self.drawing.boxes.len() {
                // It was no box but the name of an attribute.
                self.drawing.boxes.pop();
                self.drawing.by_key.remove(&key);
            }
            self.heading(scope, &key, &value);
            return Ok(());
        }
        let (mut links, mut only) = (Vec::new(), true);
        while self.reader.take("->") || self.reader.take("--") {
            only = false;
            let to = self.end(scope)?;
            for &a in &from.boxes {
                links.extend(to.boxes.iter().map(|&b| (a, b)));
            }
            from = to;
            self.skip();
        }
        let attributes = self.attributes()?;
        if only {
            for &at in &from.boxes {
                let carton = &mut self.drawing.boxes[at];
                if from.single {
                    if let Some(label) = value(&attributes, "label") {
                        carton.label = label.replace("\\N", &carton.key);
                    }
                    carton.shape = shape_of(&attributes).unwrap_or(carton.shape);
                }
            }
            return Ok(());
        }
        let words = ["label", "xlabel", "taillabel", "headlabel"].iter().find_map(|key| value(&attributes, key));
        let label = words.unwrap_or_else(|| scope.label.clone());
        let dir = value(&attributes, "dir").unwrap_or_default();
        if value(&attributes, "style").is_some_and(|style| style.contains("invis")) {
            return Ok(());
        }
        for (a, b) in links {
            let (from, to) = if dir == "back" { (b, a) } else { (a, b) };
            self.drawing.link(Link { from, to, label: label.clone(), directed: self.directed && dir != "none" })?;
        }
        Ok(())
    }

    /// A box, or all boxes of a subgraph.
    fn end(&mut self, scope: &Scope) -> Result<End, ImportError> {
        self.skip();
        let sub = self.word("subgraph");
        if !sub && self.reader.peek() != Some('{') {
            let name = self.id()?;
            let known = self.drawing.by_key.contains_key(&name);
            self.skip();
            // A port says where at the border a line ends.
            while self.reader.take(":") {
                self.id()?;
                self.skip();
            }
            let at = self.drawing.named(&name, scope.room)?;
            if !known {
                self.drawing.boxes[at].shape = scope.shape;
            }
            return Ok(End { name, boxes: vec![at], single: true, known });
        }
        let name = if sub && self.reader.peek() != Some('{') { self.id()? } else { String::new() };
        if scope.depth >= MAX_DEPTH {
            return Err(ImportError::TooDeep(self.reader.line()));
        }
        let mut inner = Scope { depth: scope.depth + 1, ..scope.clone() };
        if name.to_lowercase().starts_with("cluster") {
            self.rooms += 1;
            // What a person wrote behind the prefix; a bare number is a counter's.
            let called = name.get("cluster".len()..).unwrap_or_default().trim_start_matches('_');
            let words = if called.chars().all(|c| c.is_ascii_digit()) { "" } else { called };
            inner.room = Some(self.drawing.room(&name, words)?);
        }
        let first = self.drawing.boxes.len();
        self.skip();
        if sub && self.reader.peek() != Some('{') {
            return Ok(End { name, boxes: Vec::new(), single: false, known: true });
        }
        self.expect('{')?;
        self.block(&mut inner)?;
        Ok(End { name, boxes: (first..self.drawing.boxes.len()).collect(), single: false, known: true })
    }

    fn heading(&mut self, scope: &Scope, key: &str, value: &str) {
        if key != "label" {
            return;
        }
        match scope.room {
            Some(room) => value.clone_into(&mut self.drawing.rooms[room].label),
            None if scope.depth == 0 => value.clone_into(&mut self.drawing.title),
            None => {}
        }
    }

    /// Lists in brackets, none, one or several.
    fn attributes(&mut self) -> Result<Attributes, ImportError> {
        let mut out = Vec::new();
        self.skip();
        while self.reader.take("[") {
            loop {
                self.skip();
                match self.reader.peek() {
                    Some(']') => {
                        self.reader.next();
                        break;
                    }
                    Some(',' | ';') => {
                        self.reader.next();
                    }
                    Some(_) => {
                        let key = self.id()?;
                        self.skip();
                        let value = if self.reader.take("=") { self.id()? } else { "true".to_owned() };
                        out.push((key, value));
                    }
                    None => return Err(self.reader.wrong("`]` is missing")),
                }
            }
            self.skip();
        }
        Ok(out)
    }
}

/// An end of a line.
struct End {
    name: String,
    boxes: Vec<usize>,
    /// Whether it is one box that was named.
    single: bool,
    /// Whether it was named before.
    known: bool,
}

fn value(attributes: &Attributes, key: &str) -> Option<String> {
    attributes.iter().rev().find(|(own, _)| own == key).map(|(_, value)| value.clone())
}

/// The outline that attributes ask for; `None` where they say nothing.
fn shape_of(attributes: &Attributes) -> Option<Option<Shape>> {
    let shape = value(attributes, "shape")?;
    Some(match shape.as_str() {
        "diamond" | "Mdiamond" => Some(Shape::Diamond),
        "ellipse" | "oval" | "circle" | "doublecircle" | "point" | "Mcircle" => Some(Shape::Ellipse),
        "cylinder" => Some(Shape::Cylinder),
        "note" | "tab" | "folder" => Some(Shape::Document),
        "house" => Some(Shape::Person),
        _ => None,
    })
}
