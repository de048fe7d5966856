//! One scene as other programs see it: boxes, lines between them, and rooms around them.

use std::collections::{BTreeMap, BTreeSet};

use super::Deck;
use crate::draw::{Signs, Theme, Tone, is_turned};
use crate::geometry::Rect;
use crate::layout::{Guide, Placed, PlacedEdge, PlacedNode, Text};
use crate::storyboard::{Edge, Kind, Node, Role, Scene, Shape, Storyboard};

/// Words that mean something in one of the graph languages, so that no element is called by them.
const RESERVED: [&str; 39] = [
    "node",
    "edge",
    "graph",
    "digraph",
    "subgraph",
    "strict",
    "end",
    "style",
    "class",
    "classdef",
    "click",
    "default",
    "flowchart",
    "linkstyle",
    "direction",
    "participant",
    "actor",
    "label",
    "shape",
    "near",
    "icon",
    "width",
    "height",
    "top",
    "left",
    "link",
    "tooltip",
    "constraint",
    "layers",
    "scenarios",
    "steps",
    "vars",
    "title",
    "loop",
    "alt",
    "opt",
    "note",
    "box",
    "par",
];

/// A scene with names that every format takes: letters, digits and underscores of ASCII, each once.
#[derive(Debug)]
pub(super) struct Sheet<'a> {
    /// Number of the scene, from 1.
    pub(super) number: usize,
    pub(super) board: &'a Storyboard,
    pub(super) scene: &'a Scene,
    pub(super) placed: &'a Placed,
    pub(super) theme: &'a Theme,
    /// Heading, or the talk's title where the scene has none.
    pub(super) title: String,
    /// Lanes and groups that hold something.
    pub(super) rooms: Vec<Room<'a>>,
    /// Boxes, in the order in which they are spoken of.
    pub(super) boxes: Vec<Carton<'a>>,
    /// Lines whose ends exist.
    pub(super) lines: Vec<Line<'a>>,
    /// Words of the brand.
    pub(super) signs: Signs,
}

/// A lane or a group.
#[derive(Debug)]
pub(super) struct Room<'a> {
    pub(super) key: String,
    /// Id in the storyboard.
    pub(super) id: &'a str,
    pub(super) label: String,
    /// Where it is drawn, if it is.
    pub(super) at: Option<(Rect, &'a Text)>,
    pub(super) tone: &'a Tone,
    /// Whether it is a lane of an actor.
    pub(super) lane: bool,
}

/// A box.
#[derive(Debug)]
pub(super) struct Carton<'a> {
    pub(super) key: String,
    pub(super) node: &'a Node,
    pub(super) at: &'a PlacedNode,
    /// The whole label on one line; what is drawn may be cut.
    pub(super) label: String,
    /// Its outline where there is room for any: decisions are diamonds.
    pub(super) shape: Shape,
    /// Index of the room that holds it.
    pub(super) room: Option<usize>,
    /// Its colours as they are drawn.
    pub(super) tone: Tone,
}

/// A line between two boxes or rooms.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) key: String,
    pub(super) edge: &'a Edge,
    /// How it is drawn, if it is.
    pub(super) at: Option<&'a PlacedEdge>,
    pub(super) from: End,
    pub(super) to: End,
    pub(super) label: String,
}

/// Where a line ends, by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Box(usize),
    Room(usize),
}

impl<'a> Sheet<'a> {
    /// The scene of a number from 0; it is there.
    pub(super) fn of(deck: &Deck<'a>, at: usize) -> Self {
        let (scene, placed, theme) = (&deck.board.scenes[at], &deck.placed[at], deck.theme);
        let mut names = Names::default();
        let rooms = rooms(scene, placed, theme, &mut names);
        let boxes = boxes(scene, placed, theme, &rooms, &mut names);
        let lines = lines(scene, placed, &rooms, &boxes, &mut names);
        let title = [&scene.title, &deck.board.title, &deck.board.id].into_iter().map(|t| plain(t));
        let title = title.into_iter().find(|t| !t.is_empty()).unwrap_or_default();
        #[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
        let size = (placed.canvas.0 as f32, placed.canvas.1 as f32);
        let signs = theme.marks.signs(theme, deck.fonts, size);
        Self { number: at + 1, board: deck.board, scene, placed, theme, title, rooms, boxes, lines, signs }
    }

    /// Boxes that a room holds, or those that none does.
    pub(super) fn inside(&self, room: Option<usize>) -> impl Iterator<Item = &Carton<'a>> + '_ {
        self.boxes.iter().filter(move |b| b.room == room)
    }

    /// Name of what a line ends at.
    pub(super) fn key(&self, end: End) -> &str {
        match end {
            End::Box(i) => &self.boxes[i].key,
            End::Room(i) => &self.rooms[i].key,
        }
    }

    /// Where what a line ends at is drawn.
    pub(super) fn rect(&self, end: End) -> Option<Rect> {
        match end {
            End::Box(i) => Some(self.boxes[i].at.rect),
            End::Room(i) => self.rooms[i].at.map(|(rect, _)| rect),
        }
    }

    /// Whether reading goes down more than across.
    pub(super) fn downwards(&self) -> bool {
        self.placed.canvas.1 > self.placed.canvas.0
    }
}

fn rooms<'a>(scene: &'a Scene, placed: &'a Placed, theme: &'a Theme, names: &mut Names) -> Vec<Room<'a>> {
    let drawn = |wanted: &str| {
        placed.guides.iter().find_map(|guide| match guide {
            Guide::Container { id, rect, label, tone } if id == wanted => Some(((*rect, label), *tone)),
            _ => None,
        })
    };
    let lanes = scene.actors.iter().map(|a| (a.id.as_str(), &a.label, true)).filter(|_| scene.kind == Kind::Swimlane);
    let groups = scene.groups.iter().map(|g| (g.id.as_str(), &g.label, false));
    let mut out = Vec::new();
    for (index, (id, label, lane)) in lanes.chain(groups).enumerate() {
        let found = drawn(id);
        let tone = theme.tone(found.map_or(index, |(_, tone)| tone));
        out.push(Room { key: names.take(id, "room"), id, label: plain(label), at: found.map(|f| f.0), tone, lane });
    }
    out
}

fn boxes<'a>(
    scene: &'a Scene,
    placed: &'a Placed,
    theme: &Theme,
    rooms: &[Room<'a>],
    names: &mut Names,
) -> Vec<Carton<'a>> {
    let at: BTreeMap<&str, &PlacedNode> = placed.nodes.iter().map(|n| (n.id.as_str(), n)).collect();
    let holder = |node: &Node| {
        let by = |lane: bool, id: &Option<String>| {
            rooms.iter().position(|room| room.lane == lane && Some(room.id) == id.as_deref())
        };
        by(true, &node.actor).or_else(|| by(false, &node.group))
    };
    let carton = |node: &'a Node| {
        let at = *at.get(node.id.as_str())?;
        let tone = theme.tone_of(at.role, at.tone);
        let tone = if is_turned(at) { tone.turned() } else { tone.clone() };
        let label = plain(&node.label);
        let diamond = at.role == Role::Decision && node.shape.is_none();
        let shape = if diamond { Shape::Diamond } else { at.shape };
        Some(Carton { key: names.take(&node.id, "box"), node, at, label, shape, room: holder(node), tone })
    };
    scene.nodes.iter().filter_map(carton).collect()
}

fn lines<'a>(
    scene: &'a Scene,
    placed: &'a Placed,
    rooms: &[Room<'a>],
    boxes: &[Carton<'a>],
    names: &mut Names,
) -> Vec<Line<'a>> {
    let at: BTreeMap<&str, &PlacedEdge> = placed.edges.iter().map(|e| (e.id.as_str(), e)).collect();
    let room_ends = rooms.iter().enumerate().filter(|(_, r)| !r.lane).map(|(i, r)| (r.id, End::Room(i)));
    let box_ends = boxes.iter().enumerate().map(|(i, b)| (b.node.id.as_str(), End::Box(i)));
    let ends: BTreeMap<&str, End> = room_ends.chain(box_ends).collect();
    let line = |edge: &'a Edge| {
        let (from, to) = (*ends.get(edge.from.as_str())?, *ends.get(edge.to.as_str())?);
        let at = at.get(edge.id.as_str()).copied();
        Some(Line { key: names.take(&edge.id, "line"), edge, at, from, to, label: plain(&edge.label) })
    };
    scene.edges.iter().filter_map(line).collect()
}

/// Names that were given out.
#[derive(Debug, Default)]
struct Names(BTreeSet<String>);

impl Names {
    /// A name like `id` that is not taken.
    fn take(&mut self, id: &str, prefix: &str) -> String {
        let mut name: String = id.chars().take(60).map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let letter = name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !letter || RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
            name = format!("{prefix}_{name}");
        }
        let mut free = name.clone();
        let mut number = 2;
        while !self.0.insert(free.to_ascii_lowercase()) {
            free = format!("{name}_{number}");
            number += 1;
        }
        free
    }
}

/// One line, trimmed, without characters that no format takes.
pub(super) fn plain(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_once_and_mean_nothing() {
        let mut names = Names::default();
        let mut check = |id: &str, expected: &str| assert_eq!(names.take(id, "box"), expected, "{id}");
        check("n1", "n1");
        check("N1", "N1_2");
        check("end", "box_end");
        check("a/b \"c\"", "a_b__c_");
        check("1st", "box_1st");
        check("", "box_");
        check("ß", "box__");
    }
}
