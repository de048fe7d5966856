//! Diagrams in other programs' languages as storyboards: Mermaid flowcharts, Graphviz, D2.
//!
//! What is read is a [`Drawing`]: boxes, lines, and rooms around boxes. It is told in words, one phrase a box, so that it
//! has a transcript as every talk has, and its storyboard cites that: the diagram can be rendered, edited and spoken over
//! like any other. What a language says about places and looks is left out; layout and themes decide.

mod d2;
mod dot;
mod lines;
mod mermaid;
#[cfg(test)]
mod tests;
mod told;

use std::collections::BTreeMap;
use std::path::Path;

use crate::storyboard::Shape;

pub use told::{storyboard, transcript};

/// Largest diagram that is read, in bytes.
pub const MAX_BYTES: usize = 2 << 20;
/// Most boxes, lines and rooms of a diagram, each.
pub const MAX_PARTS: usize = 2_000;
/// Longest label, in characters; the rest is cut.
const MAX_LABEL: usize = 200;
/// How deep rooms lie in each other.
const MAX_DEPTH: usize = 32;

/// A language of diagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// Mermaid flowcharts.
    Mermaid,
    /// Graphviz.
    Dot,
    /// D2: shapes, connections and containers.
    D2,
}

impl Syntax {
    /// The language by the ending of a file name; `None` where it is no diagram that is known here.
    pub fn guess(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "mmd" | "mermaid" => Some(Self::Mermaid),
            "dot" | "gv" => Some(Self::Dot),
            "d2" => Some(Self::D2),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Mermaid => "Mermaid",
            Self::Dot => "DOT",
            Self::D2 => "D2",
        }
    }
}

/// Why a text is no diagram.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Not UTF-8.
    #[error("byte {0} is not valid UTF-8; save the file as UTF-8")]
    Utf8(usize),
    /// Larger than [`MAX_BYTES`].
    #[error("the diagram has {0} bytes; at most {MAX_BYTES} are read")]
    TooLarge(usize),
    /// More parts than are read.
    #[error("the diagram has more than {MAX_PARTS} boxes, lines or groups; split it")]
    TooMany,
    /// Rooms in rooms in rooms.
    #[error("line {0}: groups lie more than {MAX_DEPTH} deep in each other; flatten the diagram")]
    TooDeep(usize),
    /// A Mermaid diagram of another type.
    #[error("a Mermaid diagram of type `{0}` is not read; only flowcharts (`flowchart`, `graph`) are")]
    NoFlowchart(String),
    /// Something that the language does not have there.
    #[error("line {line} is not {language}: {what}")]
    Syntax {
        /// Line from 1.
        line: usize,
        /// Name of the language.
        language: &'static str,
        /// What was found or is missing.
        what: String,
    },
    /// Nothing is drawn.
    #[error("the {0} diagram has no boxes")]
    Empty(&'static str),
}

/// A diagram that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drawing {
    /// Its heading; empty for none.
    pub title: String,
    /// Boxes, in the order in which they are first named.
    pub boxes: Vec<Carton>,
    /// Lines, in order.
    pub lines: Vec<Link>,
    /// Groups, in order.
    pub rooms: Vec<Room>,
    by_key: BTreeMap<String, usize>,
}

/// A box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carton {
    /// Its name in the file.
    pub key: String,
    /// What is written in it.
    pub label: String,
    /// Its outline, where the file says so.
    pub shape: Option<Shape>,
    /// Index of the room that holds it.
    pub room: Option<usize>,
}

/// A line between two boxes, by index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Source.
    pub from: usize,
    /// Target.
    pub to: usize,
    /// Words beside it.
    pub label: String,
    /// Whether it is an arrow.
    pub directed: bool,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// Its name in the file.
    pub key: String,
    /// Its heading.
    pub label: String,
}

/// Reads a diagram.
///
/// # Errors
/// When the bytes are not of the language, or break a limit.
pub fn read(bytes: &[u8], syntax: Syntax) -> Result<Drawing, ImportError> {
    if bytes.len() > MAX_BYTES {
        return Err(ImportError::TooLarge(bytes.len()));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| ImportError::Utf8(e.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut drawing = match syntax {
        Syntax::Mermaid => mermaid::read(text)?,
        Syntax::Dot => dot::read(text)?,
        Syntax::D2 => d2::read(text)?,
    };
    drawing.settle();
    if drawing.boxes.is_empty() { Err(ImportError::Empty(syntax.name())) } else { Ok(drawing) }
}

impl Drawing {
    /// The box of a name, made when it is first named; a room that takes it gets it where no other has it.
    fn named(&mut self, key: &str, room: Option<usize>) -> Result<usize, ImportError> {
        if let Some(&at) = self.by_key.get(key) {
            self.boxes[at].room = self.boxes[at].room.or(room);
            return Ok(at);
        }
        if self.boxes.len() >= MAX_PARTS {
            return Err(ImportError::TooMany);
        }
        self.boxes.push(Carton { key: key.to_owned(), label: key.to_owned(), shape: None, room });
        self.by_key.insert(key.to_owned(), self.boxes.len() - 1);
        Ok(self.boxes.len() - 1)
    }

    /// The room of a name, made when it is first named.
    fn room(&mut self, key: &str, label: &str) -> Result<usize, ImportError> {
        if let Some(at) = self.rooms.iter().position(|room| room.key == key) {
            return Ok(at);
        }
        if self.rooms.len() >= MAX_PARTS {
            return Err(ImportError::TooMany);
        }
        self.rooms.push(Room { key: key.to_owned(), label: label.to_owned() });
        Ok(self.rooms.len() - 1)
    }

    fn link(&mut self, link: Link) -> Result<(), ImportError> {
        if self.lines.len() >= MAX_PARTS {
            return Err(ImportError::TooMany);
        }
        self.lines.push(link);
        Ok(())
    }

    /// Lines that ended at a room end at the first box in it, labels are plain words of a bounded length, boxes without words
    /// are called by their names, and rooms without words, or with nothing in them, go.
    fn settle(&mut self) {
        let first_inside = |room: usize| self.boxes.iter().position(|b| b.room == Some(room));
        let of_room: BTreeMap<usize, Option<usize>> = self
            .boxes
            .iter()
            .enumerate()
            .filter_map(|(i, b)| Some((i, self.rooms.iter().position(|room| room.key == b.key)?)))
            .map(|(i, room)| (i, first_inside(room)))
            .collect();
        let moved = |end: usize| of_room.get(&end).copied().unwrap_or(Some(end));
        let lines = self.lines.drain(..).filter_map(|line| {
            let (from, to) = (moved(line.from)?, moved(line.to)?);
            Some(Link { from, to, label: plain(&line.label), ..line })
        });
        let lines: Vec<Link> = lines.collect();
        // Boxes that only stood for a room go, and those behind them move up.
        let mut places = vec![0; self.boxes.len()];
        let mut kept = Vec::with_capacity(self.boxes.len());
        for (i, carton) in self.boxes.drain(..).enumerate() {
            places[i] = kept.len();
            if !of_room.contains_key(&i) {
                let words = [plain(&carton.label), plain(&carton.key), (kept.len() + 1).to_string()];
                let label = words.into_iter().find(|words| !words.is_empty()).unwrap_or_default();
                kept.push(Carton { label, ..carton });
            }
        }
        self.boxes = kept;
        self.lines = lines.into_iter().map(|l| Link { from: places[l.from], to: places[l.to], ..l }).collect();
        self.title = plain(&self.title);
        let mut numbers = vec![None; self.rooms.len()];
        let mut rooms = Vec::new();
        for (i, room) in self.rooms.drain(..).enumerate() {
            let label = plain(&room.label);
            if !label.is_empty() && self.boxes.iter().any(|b| b.room == Some(i)) {
                numbers[i] = Some(rooms.len());
                rooms.push(Room { label, ..room });
            }
        }
        self.rooms = rooms;
        for carton in &mut self.boxes {
            carton.room = carton.room.and_then(|room| numbers[room]);
        }
        self.by_key.clear();
    }
}

/// One line of plain words: tags and marks of Markdown are taken away, line breaks of any kind are spaces.
fn plain(label: &str) -> String {
    let mut out = String::new();
    let mut rest = label;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        match tag.find('>') {
            // Only what looks like a tag is one.
            Some(end) if tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') => {
                out.push(' ');
                rest = &tag[end + 1..];
            }
            _ => {
                out.push('<');
                rest = &tag[1..];
            }
        }
    }
    out.push_str(rest);
    let clean: String =
        out.replace("**", "").replace('`', "").chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(MAX_LABEL).collect()
}
