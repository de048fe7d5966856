//! The edit operations of a storyboard and its transcript, each with its inverse.
//!
//! An operation is a JSON object, `{"op": "set_label", ...}`, so that the command line, the editor and the log speak of
//! the same thing. [`apply`] does all of it or nothing, marks what it touches `"by": "user"`, and gives back the
//! inverse: a [`Op::Restore`] with just the pieces that changed, `by` marks included, so that undoing leads to the
//! same bytes. The result of every operation is a sound storyboard, whatever ids and texts it was called with.

mod content;
mod credit;
mod error;
mod redact;
mod restore;
mod scenes;
mod words;

use std::borrow::Cow;
use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::storyboard::{self, At, Edge, Kind, Node, Report, Severity, Storyboard};
use crate::transcript::Transcript;

pub use credit::credit;
pub use error::{EditError, OpError};
pub use restore::{Piece, Splice};

/// What is edited together: the word ids of one are those of the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The diagrams.
    pub storyboard: Storyboard,
    /// What was said.
    pub transcript: Transcript,
}

/// One edit. Scenes and elements are named by their ids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// Writes the label of a node, edge, actor or group, the text of a note, or the title of the scene.
    SetLabel {
        /// Scene id.
        scene: String,
        /// Element id; absent for the title of the scene.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        element: Option<String>,
        /// The new text; empty only for an edge.
        label: String,
    },
    /// Adds a node.
    AddNode {
        /// Scene id.
        scene: String,
        /// The node; an empty id asks for a fresh one.
        node: Box<Node>,
        /// Place among the nodes; absent for the end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        index: Option<usize>,
    },
    /// Removes a node with its edges, for good: extraction does not bring it back.
    RemoveNode {
        /// Scene id.
        scene: String,
        /// Node id.
        node: String,
    },
    /// Adds an edge.
    AddEdge {
        /// Scene id.
        scene: String,
        /// The edge; an empty id asks for a fresh one.
        edge: Box<Edge>,
    },
    /// Removes an edge, for good.
    RemoveEdge {
        /// Scene id.
        scene: String,
        /// Edge id.
        edge: String,
    },
    /// Makes one node of several: evidence is united, edges are led to the node that stays.
    MergeNodes {
        /// Scene id.
        scene: String,
        /// Id of the node that stays, with its label.
        keep: String,
        /// Ids of the nodes that go.
        absorb: Vec<String>,
    },
    /// Draws the scene as another kind: anew from what was said, as far as that gives a diagram of the kind; what a person
    /// did in the scene stays. Otherwise its boxes and arrows are shown as the kind shows them.
    SetKind {
        /// Scene id.
        scene: String,
        /// The kind.
        kind: Kind,
    },
    /// Pins a node to a place.
    Pin {
        /// Scene id.
        scene: String,
        /// Node id.
        node: String,
        /// Centre, as shares of the drawing area.
        at: [f64; 2],
    },
    /// Lets the layout place a node again.
    Unpin {
        /// Scene id.
        scene: String,
        /// Node id.
        node: String,
    },
    /// Reveals an element at another moment.
    MoveReveal {
        /// Scene id.
        scene: String,
        /// Element id.
        target: String,
        /// The moment; absent for the automatic one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<At>,
        /// How long the reveal takes, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dur_ms: Option<u64>,
    },
    /// Splits a scene in two before a word.
    SplitScene {
        /// Scene id; the first half keeps it.
        scene: String,
        /// First word of the second half.
        word: u32,
        /// Title of the second half; absent for that of the first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
    /// Makes one scene of two that follow one another, as they are spoken and as they are played; title and kind are those of the first.
    MergeScenes {
        /// Scene id.
        first: String,
        /// Id of the scene after it.
        second: String,
    },
    /// Plays a scene before another, or as the last. What is said over it goes with it; words keep their ids and times.
    MoveScene {
        /// Scene id.
        scene: String,
        /// Id of the scene before which it is played; absent for the end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<String>,
    },
    /// Corrects a word of the transcript and the automatic labels that were drawn from it.
    CorrectWord {
        /// Word id.
        word: u32,
        /// The right word, with its punctuation.
        text: String,
    },
    /// Takes what was said in a stretch of words out of transcript, captions, sound and diagrams.
    Redact {
        /// First word id.
        first: u32,
        /// Last word id.
        last: u32,
        /// For good: no inverse is given, so nothing keeps the removed text.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        purge: bool,
    },
    /// Several edits as one: all or none.
    Batch {
        /// The edits, in order.
        ops: Vec<Op>,
    },
    /// Puts pieces back as they were: the inverse of every other edit. It fits the document that the edit left behind.
    Restore {
        /// The pieces.
        pieces: Vec<Piece>,
    },
}

/// Most edits in one batch, those of inner batches included.
const MAX_OPS: usize = 10_000;

/// Largest operation that is read, in bytes.
const MAX_OP_BYTES: usize = 32 << 20;

/// JSON Schema of an operation.
pub fn schema() -> serde_json::Value {
    storyboard::schema_of::<Op>("urn:audiagram:schema:studio.edit-1")
}

static SCHEMA: LazyLock<serde_json::Value> = LazyLock::new(schema);

/// Reads one operation from JSON.
///
/// # Errors
/// When the bytes are not JSON or not an operation; every error is listed.
pub fn read(bytes: &[u8]) -> Result<Op, OpError> {
    let value = storyboard::parse_json(bytes, MAX_OP_BYTES)?;
    let mut report = Report::new();
    storyboard::check_shape(&value, &SCHEMA, &mut report);
    report.problems.retain(|p| p.severity == Severity::Error);
    if !report.problems.is_empty() {
        return Err(OpError::Invalid(report.problems));
    }
    serde_json::from_value(value).map_err(|e| OpError::Invalid(vec![storyboard::Problem::error("", e.to_string())]))
}

/// Applies an operation and returns its inverse; `None` where nothing may remember what was there
/// ([`Op::Redact`] with `purge`). On an error the document is as it was.
///
/// # Errors
/// When the operation names what is not there, or would leave an unsound storyboard.
pub fn apply(document: &mut Document, op: &Op) -> Result<Option<Op>, EditError> {
    let mut draft =
        Draft { board: document.storyboard.clone(), transcript: Cow::Borrowed(&document.transcript), purged: false };
    draft.run(op, &mut 0)?;
    let problems = storyboard::errors(&draft.board, draft.transcript.words.len());
    if !problems.is_empty() {
        return Err(EditError::Unsound(problems));
    }
    if let Cow::Owned(changed) = &draft.transcript {
        let problems = crate::transcript::check(changed);
        if !problems.is_empty() {
            return Err(EditError::Unsound(problems));
        }
    }
    let Draft { board, transcript, purged } = draft;
    let mut pieces = Vec::new();
    restore::compare(&document.storyboard, &board, &mut pieces);
    let changed = match transcript {
        Cow::Owned(changed) => {
            restore::compare_words(&document.transcript.words, &changed.words, &mut pieces);
            Some(changed)
        }
        Cow::Borrowed(_) => None,
    };
    document.storyboard = board;
    if let Some(changed) = changed {
        document.transcript = changed;
    }
    Ok((!purged).then_some(Op::Restore { pieces }))
}

/// The edit that makes `after` of `before`, but for theme and canvas, which no edit touches.
pub fn between(before: &Storyboard, after: &Storyboard) -> Op {
    let mut pieces = Vec::new();
    // Pieces put back what was there: seen from `before`, that is `after`.
    restore::compare(after, before, &mut pieces);
    Op::Restore { pieces }
}

/// The document while an operation works on it.
struct Draft<'a> {
    board: Storyboard,
    transcript: Cow<'a, Transcript>,
    purged: bool,
}

impl Draft<'_> {
    fn run(&mut self, op: &Op, count: &mut usize) -> Result<(), EditError> {
        *count += 1;
        if *count > MAX_OPS {
            return Err(EditError::TooMany(MAX_OPS));
        }
        match op {
            Op::SetLabel { scene, element, label } => self.set_label(scene, element.as_deref(), label),
            Op::AddNode { scene, node, index } => self.add_node(scene, node, *index),
            Op::RemoveNode { scene, node } => self.remove_node(scene, node),
            Op::AddEdge { scene, edge } => self.add_edge(scene, edge),
            Op::RemoveEdge { scene, edge } => self.remove_edge(scene, edge),
            Op::MergeNodes { scene, keep, absorb } => self.merge_nodes(scene, keep, absorb),
            Op::SetKind { scene, kind } => self.set_kind(scene, *kind),
            Op::Pin { scene, node, at } => self.pin(scene, node, Some(*at)),
            Op::Unpin { scene, node } => self.pin(scene, node, None),
            Op::MoveReveal { scene, target, at, dur_ms } => self.move_reveal(scene, target, *at, *dur_ms),
            Op::SplitScene { scene, word, title } => self.split_scene(scene, *word, title.as_deref()),
            Op::MergeScenes { first, second } => self.merge_scenes(first, second),
            Op::MoveScene { scene, before } => self.move_scene(scene, before.as_deref()),
            Op::CorrectWord { word, text } => self.correct_word(*word, text),
            Op::Redact { first, last, purge } => {
                self.purged |= purge;
                self.redact(*first, *last)
            }
            Op::Batch { ops } => ops.iter().enumerate().try_for_each(|(index, op)| {
                self.run(op, count).map_err(|e| EditError::InBatch { index, error: Box::new(e) })
            }),
            Op::Restore { pieces } => pieces.iter().try_for_each(|piece| restore::put_back(self, piece)),
        }
    }
}

#[cfg(test)]
mod tests;
