//! A drawing in words, and the storyboard that cites them.

use std::collections::BTreeSet;

use super::{Carton, Drawing, Link};
use crate::outline::Options;
use crate::storyboard::{
    CaptionStyle, Edge, EdgeType, Extra, Group, Kind, LayoutHints, Motion, Node, Origin, Role, SCHEMA, Scene, Shape,
    Source, Storyboard, WordRange,
};
use crate::transcript::{MS_PER_WORD, Timing, Transcript, Word};

/// Silence between two phrases, in milliseconds.
const PAUSE_MS: u64 = 600;

/// The phrases of a drawing and what each is about.
struct Telling {
    words: Vec<Word>,
    rooms: Vec<Vec<WordRange>>,
    boxes: Vec<Vec<WordRange>>,
    lines: Vec<Vec<WordRange>>,
}

/// The words of a drawing: what stands in each box in turn, and beside the lines that end there.
pub fn transcript(drawing: &Drawing, lang: &str) -> Transcript {
    let words = tell(drawing, lang).words;
    let duration_ms = words.last().map_or(0, |w| w.end_ms + PAUSE_MS);
    Transcript { duration_ms, words, timing: Timing::Assumed, ..Transcript::from_text("", lang) }
}

fn tell(drawing: &Drawing, lang: &str) -> Telling {
    let mut telling = Telling {
        words: Vec::new(),
        rooms: vec![Vec::new(); drawing.rooms.len()],
        boxes: vec![Vec::new(); drawing.boxes.len()],
        lines: vec![Vec::new(); drawing.lines.len()],
    };
    let mut told = BTreeSet::new();
    for at in order(drawing) {
        let carton = &drawing.boxes[at];
        if let Some(room) = carton.room.filter(|&room| telling.rooms[room].is_empty()) {
            telling.rooms[room] = telling.phrase(&drawing.rooms[room].label, lang);
        }
        // The words of a line are told between its two boxes, or where both have been told.
        told.insert(at);
        let ends =
            |line: &Link| (line.to == at || line.from == at) && told.contains(&line.from) && told.contains(&line.to);
        for (i, line) in drawing.lines.iter().enumerate().filter(|(_, line)| !line.label.is_empty() && ends(line)) {
            telling.lines[i] = telling.phrase(&line.label, lang);
        }
        telling.boxes[at] = telling.phrase(&carton.label, lang);
    }
    telling
}

impl Telling {
    fn phrase(&mut self, text: &str, lang: &str) -> Vec<WordRange> {
        let words = Transcript::from_text(text, lang).words;
        let start = self.words.last().map_or(0, |w| w.end_ms + PAUSE_MS);
        let first = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        let mut at = start;
        for word in words {
            self.words.push(Word { start_ms: at, end_ms: at + MS_PER_WORD, new_line: at == start, ..word });
            at += MS_PER_WORD;
        }
        let end = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        if end > first { vec![[first, end - 1]] } else { Vec::new() }
    }
}

/// Boxes in the order of the lines, from where nothing leads to; what lies in a loop comes in the order of the file.
fn order(drawing: &Drawing) -> Vec<usize> {
    let mut entered = vec![0_usize; drawing.boxes.len()];
    for line in drawing.lines.iter().filter(|line| line.directed && line.from != line.to) {
        entered[line.to] += 1;
    }
    let mut out = Vec::with_capacity(entered.len());
    let mut done = vec![false; entered.len()];
    let mut next: Vec<usize> = Vec::new();
    while out.len() < entered.len() {
        let at = next.pop().filter(|&at| !done[at]).or_else(|| {
            let open = |free: bool| (0..done.len()).find(|&i| !done[i] && (entered[i] == 0 || !free));
            if next.is_empty() { open(true).or_else(|| open(false)) } else { None }
        });
        let Some(at) = at else { continue };
        done[at] = true;
        out.push(at);
        let mut after: Vec<usize> = Vec::new();
        for line in drawing.lines.iter().filter(|line| line.directed && line.from == at && line.to != at) {
            entered[line.to] = entered[line.to].saturating_sub(1);
            if entered[line.to] == 0 {
                after.push(line.to);
            }
        }
        // The first branch is followed first.
        next.extend(after.into_iter().rev());
    }
    out
}

/// The storyboard of a drawing, citing its [`transcript`].
pub fn storyboard(drawing: &Drawing, lang: &str, options: &Options) -> Storyboard {
    let telling = tell(drawing, lang);
    let transcript = transcript(drawing, lang);
    let kind = options.kind.unwrap_or(Kind::Flow);
    let mut order = order(drawing);
    order.dedup();
    let name = |at: usize| format!("n{}", at + 1);
    let node = |&at: &usize| node(drawing, at, name(at), &telling);
    // A line without words comes with the box that is told later.
    let cited = |i: usize, line: &Link| {
        let words = |at: usize| telling.boxes[at].clone();
        if telling.lines[i].is_empty() { words(line.from).max(words(line.to)) } else { telling.lines[i].clone() }
    };
    let edges = drawing.lines.iter().enumerate().map(|(i, line)| Edge {
        id: format!("e{}", i + 1),
        from: name(line.from),
        to: name(line.to),
        kind: says(line, &drawing.boxes[line.from]),
        label: line.label.clone(),
        directed: line.directed,
        evidence: cited(i, line),
        confidence: 1.0,
        by: made(&cited(i, line)),
        extra: Extra::new(),
    });
    let groups = drawing.rooms.iter().enumerate().map(|(i, room)| Group {
        id: format!("g{}", i + 1),
        label: room.label.clone(),
        evidence: telling.rooms[i].clone(),
        by: made(&telling.rooms[i]),
        extra: Extra::new(),
    });
    let count = u32::try_from(transcript.words.len()).unwrap_or(u32::MAX);
    let scene = Scene {
        id: "s1".to_owned(),
        title: drawing.title.clone(),
        kind,
        alt_kinds: Vec::new(),
        words: [0, count.saturating_sub(1)],
        confidence: 1.0,
        nodes: order.iter().map(node).collect(),
        edges: edges.collect(),
        actors: Vec::new(),
        groups: groups.collect(),
        notes: Vec::new(),
        layout: LayoutHints::default(),
        timeline: Vec::new(),
        removed: Vec::new(),
        caption_style: CaptionStyle::Sidecar,
        by: Origin::Auto,
        extra: Extra::new(),
    };
    Storyboard {
        schema: SCHEMA.to_owned(),
        id: options.id.clone(),
        lang: lang.to_owned(),
        title: drawing.title.clone(),
        source: Source {
            audio_sha256: None,
            duration_ms: transcript.duration_ms,
            transcript: Some(transcript.revision()),
            words: count,
            extra: Extra::new(),
        },
        theme: options.theme.clone(),
        canvas: options.canvas,
        motion: Motion::Full,
        scenes: vec![scene],
        order: Vec::new(),
        review: Vec::new(),
        extra: Extra::new(),
    }
}

fn node(drawing: &Drawing, at: usize, id: String, telling: &Telling) -> Node {
    let carton = &drawing.boxes[at];
    let comes = drawing.lines.iter().any(|line| line.directed && line.to == at);
    let goes = drawing.lines.iter().any(|line| line.directed && line.from == at);
    let round = matches!(carton.shape, Some(Shape::Pill | Shape::Ellipse));
    let role = match carton.shape {
        Some(Shape::Diamond) => Role::Decision,
        _ if round && goes && !comes => Role::Start,
        _ if round && comes && !goes => Role::End,
        Some(Shape::Person) => Role::Actor,
        Some(Shape::Cylinder | Shape::Document) => Role::Object,
        _ => Role::Activity,
    };
    Node {
        id,
        role,
        label: carton.label.clone(),
        actor: None,
        group: carton.room.map(|room| format!("g{}", room + 1)),
        shape: carton.shape.filter(|shape| !matches!(shape, Shape::Diamond | Shape::Box)),
        time: None,
        value: None,
        evidence: telling.boxes[at].clone(),
        confidence: 1.0,
        by: made(&telling.boxes[at]),
        icon: None,
        alt: None,
        extra: Extra::new(),
    }
}

/// What cites no words was put there by a person.
fn made(evidence: &[WordRange]) -> Origin {
    if evidence.is_empty() { Origin::User } else { Origin::Auto }
}

/// What a line says: the answers of a decision are yes and no.
fn says(line: &Link, from: &Carton) -> EdgeType {
    let answer = line.label.to_lowercase();
    match answer.as_str() {
        _ if !line.directed => EdgeType::Relates,
        "yes" | "y" | "true" | "ok" if from.shape == Some(Shape::Diamond) => EdgeType::Yes,
        "no" | "n" | "false" if from.shape == Some(Shape::Diamond) => EdgeType::No,
        _ => EdgeType::Then,
    }
}
