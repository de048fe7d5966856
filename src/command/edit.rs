//! `audiagram edit`: changes to a storyboard and its transcript.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;
use studio::edit::{Document, EditError, Op, apply};
use studio::storyboard::{Kind as SceneKind, Storyboard, revision, write_pretty};
use studio::transcript::{TextFormat, Transcript, Word};

use super::input::stem;
use crate::console::event::Role;
use crate::console::{self, Console};
use crate::failure::{Failure, Kind};
use crate::files;
use crate::job::work;

/// Largest file in bytes.
const FILE: u64 = 32 << 20;

/// Change a storyboard: labels, kinds, places, words
///
/// What you change is marked `"by": "user"` and kept when the talk is outlined again. Several changes are made together
/// or not at all. Words are corrected and redacted in NAME.transcript.json beside the storyboard too.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  audiagram edit talk.storyboard.json set-label s1 \"Check the stock\" --element n2
  audiagram edit talk.storyboard.json change-kind s2 timeline
  audiagram edit talk.storyboard.json redact 120 124
  audiagram edit talk.storyboard.json --json --op '{\"op\":\"merge_nodes\",\"scene\":\"s1\",\"keep\":\"n1\",\"absorb\":[\"n4\"]}'
  audiagram schema edit                                     every operation with its fields")]
pub(crate) struct Edit {
    /// The storyboard
    board: PathBuf,
    /// An operation as JSON; may be given several times
    #[arg(long, value_name = "JSON")]
    op: Vec<String>,
    /// A file with one operation as JSON, or an array of them; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "op")]
    ops: Option<PathBuf>,
    /// The transcript; NAME.transcript.json beside the storyboard when absent
    #[arg(long, value_name = "FILE", global = true)]
    transcript: Option<PathBuf>,
    /// Print the inverse operation and the new revision as JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    change: Option<Short>,
}

/// The most common operations in short.
#[derive(Debug, Subcommand)]
enum Short {
    /// Write a label, or the title of a scene
    SetLabel {
        /// Id of the scene
        scene: String,
        /// The new text
        label: String,
        /// Id of the node, edge, actor or group; the title of the scene when absent
        #[arg(long, value_name = "ID")]
        element: Option<String>,
    },
    /// Draw a scene as another kind
    ChangeKind {
        /// Id of the scene
        scene: String,
        /// The kind
        kind: SceneKind,
    },
    /// Play a scene before another, with what is said over it
    MoveScene {
        /// Id of the scene
        scene: String,
        /// Id of the scene before which it is played; as the last when absent
        #[arg(long, value_name = "ID")]
        before: Option<String>,
    },
    /// Pin a node to a place
    Pin {
        /// Id of the scene
        scene: String,
        /// Id of the node
        node: String,
        /// From left to right, 0 to 1
        x: f64,
        /// From top to bottom, 0 to 1
        y: f64,
    },
    /// Correct a word of the transcript, and labels that were drawn from it
    CorrectWord {
        /// Index of the word, from 0
        word: u32,
        /// The right word
        text: String,
    },
    /// Take words out of transcript, captions, sound and diagrams
    Redact {
        /// Index of the first word, from 0
        first: u32,
        /// Index of the last word
        last: u32,
    },
}

impl Short {
    fn op(&self) -> Op {
        match self {
            Self::SetLabel { scene, label, element } => {
                Op::SetLabel { scene: scene.clone(), element: element.clone(), label: label.clone() }
            }
            Self::ChangeKind { scene, kind } => Op::SetKind { scene: scene.clone(), kind: *kind },
            Self::MoveScene { scene, before } => Op::MoveScene { scene: scene.clone(), before: before.clone() },
            Self::Pin { scene, node, x, y } => Op::Pin { scene: scene.clone(), node: node.clone(), at: [*x, *y] },
            Self::CorrectWord { word, text } => Op::CorrectWord { word: *word, text: text.clone() },
            Self::Redact { first, last } => Op::Redact { first: *first, last: *last, purge: false },
        }
    }
}

impl Edit {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let op = self.wanted()?;
        let bytes = files::read_small(&self.board, FILE)?;
        let storyboard = studio::storyboard::read(&bytes).map_err(|e| {
            Failure::of(Kind::BadInput, &e).file(&self.board).remedy("audiagram validate, which shows where")
        })?;
        let (place, transcript) = self.transcript(&storyboard)?;
        let before = transcript.canonical();
        let mut document = Document { storyboard, transcript };
        let inverse = apply(&mut document, &op).map_err(|e| refusal(&e))?;
        // The transcript first: should the second write fail, a redacted word is gone from where it was said.
        if document.transcript.canonical() != before {
            let place = place.ok_or_else(|| {
                Failure::new(Kind::BadInput, "there is no transcript whose words could be changed")
                    .file(&self.board)
                    .remedy("--transcript FILE.json")
            })?;
            write(&place, &document.transcript.canonical())?;
        }
        write(&self.board, &write_pretty(&document.storyboard))?;
        if let Some(sha256) = document.transcript.audio_sha256.as_deref().filter(|_| redacts(&op)) {
            work::forget(sha256);
        }
        if self.json {
            let told = json!({ "inverse": inverse, "revision": revision(&document.storyboard) });
            console::print(&format!("{told}\n"))?;
        } else {
            let board = self.board.display();
            console.info(format!("changed {board}; `audiagram render {board}` makes the video again"));
        }
        Ok(())
    }

    /// What is asked for, as one operation.
    fn wanted(&self) -> Result<Op, Failure> {
        let mut ops = Vec::new();
        for text in &self.op {
            ops.push(studio::edit::read(text.as_bytes()).map_err(|e| Failure::of(Kind::Usage, &e))?);
        }
        if let Some(path) = &self.ops {
            let bytes = files::read_small(path, FILE)?;
            let bad = |e: &(dyn std::error::Error + 'static)| Failure::of(Kind::BadInput, e).file(path);
            let array = bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'[');
            if array {
                ops = serde_json::from_slice(&bytes).map_err(|e| bad(&e))?;
            } else {
                ops.push(studio::edit::read(&bytes).map_err(|e| bad(&e))?);
            }
        }
        ops.extend(self.change.as_ref().map(Short::op));
        match ops.len() {
            0 => {
                Err(Failure::new(Kind::Usage, "no change is given")
                    .remedy("--op, --ops, or a change such as set-label"))
            }
            1 => Ok(ops.remove(0)),
            _ => Ok(Op::Batch { ops }),
        }
    }

    /// The transcript with its place, or one of the right length without a place where there is none: most edits need
    /// no words.
    fn transcript(&self, board: &Storyboard) -> Result<(Option<PathBuf>, Transcript), Failure> {
        let beside = self.board.with_file_name(format!("{}{}", stem(&self.board), Role::Transcript.suffix()));
        let Some(path) = self.transcript.clone().or_else(|| beside.exists().then_some(beside)) else {
            return Ok((None, blank(board)));
        };
        let bytes = files::read_small(&path, FILE)?;
        let transcript = studio::transcript::read(&bytes, TextFormat::Json, "und")
            .map_err(|e| Failure::of(Kind::BadInput, &e).file(&path))?;
        Ok((Some(path), transcript))
    }
}

/// As many words as the storyboard refers to, saying nothing.
fn blank(board: &Storyboard) -> Transcript {
    let last = board.scenes.iter().map(|scene| scene.words[1].saturating_add(1)).max().unwrap_or(0);
    let mut transcript = Transcript::from_text("", &board.lang);
    transcript.words = (0..u64::from(board.source.words.max(last))).map(|n| Word::new("-", n, n + 1)).collect();
    transcript
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    files::write_atomic(path, bytes)
        .map_err(|e| Failure::new(Kind::Failed, "cannot be written; nothing more was changed").file(path).because(&e))
}

/// Whether something is taken out that must not stay anywhere.
fn redacts(op: &Op) -> bool {
    match op {
        Op::Redact { .. } => true,
        Op::Batch { ops } => ops.iter().any(redacts),
        _ => false,
    }
}

fn refusal(error: &EditError) -> Failure {
    Failure::of(Kind::Usage, error)
}
