//! What changed between two documents, as pieces that put it back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Draft, EditError};
use crate::storyboard::{Actor, Cue, Edge, Extra, Group, Node, Note, Removed, ReviewItem, Scene, Source, Storyboard};
use crate::transcript::Word;

/// A replaced stretch of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Splice<T> {
    /// Index of the first item that is replaced.
    pub at: usize,
    /// How many items go.
    pub take: usize,
    /// What comes in their place.
    pub put: Vec<T>,
}

/// A part of the document as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "piece", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "pieces of one change are few, and do not live long")]
pub enum Piece {
    /// Fields of the storyboard itself.
    Board {
        /// Title of the talk.
        title: String,
        /// The recording.
        source: Source,
        /// The order in which scenes are played.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        order: Vec<String>,
        /// Unknown fields.
        extra: Extra,
    },
    /// Whole scenes.
    Scenes {
        /// Scenes of the storyboard.
        splice: Splice<Scene>,
    },
    /// A scene without its lists.
    Scene {
        /// Index of the scene.
        scene: usize,
        /// Its fields; the lists are empty and stay as they are.
        head: Box<Scene>,
    },
    /// Nodes of a scene.
    Nodes {
        /// Index of the scene.
        scene: usize,
        /// The nodes.
        splice: Splice<Node>,
    },
    /// Edges of a scene.
    Edges {
        /// Index of the scene.
        scene: usize,
        /// The edges.
        splice: Splice<Edge>,
    },
    /// Actors of a scene.
    Actors {
        /// Index of the scene.
        scene: usize,
        /// The actors.
        splice: Splice<Actor>,
    },
    /// Groups of a scene.
    Groups {
        /// Index of the scene.
        scene: usize,
        /// The groups.
        splice: Splice<Group>,
    },
    /// Notes of a scene.
    Notes {
        /// Index of the scene.
        scene: usize,
        /// The notes.
        splice: Splice<Note>,
    },
    /// Timeline of a scene.
    Timeline {
        /// Index of the scene.
        scene: usize,
        /// The cues.
        splice: Splice<Cue>,
    },
    /// Removed elements that a scene remembers.
    Removed {
        /// Index of the scene.
        scene: usize,
        /// The removed elements.
        splice: Splice<Removed>,
    },
    /// Review items.
    Review {
        /// The items.
        splice: Splice<ReviewItem>,
    },
    /// Words of the transcript.
    Words {
        /// Id of the first.
        at: usize,
        /// The words; as many are replaced.
        put: Vec<Word>,
    },
}

/// The stretch of `before` that differs from `after`, between their common beginning and end.
fn splice<T: PartialEq + Clone>(before: &[T], after: &[T]) -> Option<Splice<T>> {
    let at = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let (old, new) = (&before[at..], &after[at..]);
    let end = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (take, put) = (new.len() - end, old[..old.len() - end].to_vec());
    (take > 0 || !put.is_empty()).then_some(Splice { at, take, put })
}

fn put<T: Clone>(list: &mut Vec<T>, splice: &Splice<T>) -> Result<(), EditError> {
    let end = splice.at.checked_add(splice.take).filter(|end| *end <= list.len()).ok_or(EditError::Stale)?;
    list.splice(splice.at..end, splice.put.iter().cloned());
    Ok(())
}

/// The scene without its lists.
fn head(scene: &Scene) -> Scene {
    let mut head = scene.clone();
    head.nodes.clear();
    head.edges.clear();
    head.actors.clear();
    head.groups.clear();
    head.notes.clear();
    head.timeline.clear();
    head.removed.clear();
    head
}

/// The pieces that lead from `after` back to `before`.
pub(super) fn compare(before: &Storyboard, after: &Storyboard, pieces: &mut Vec<Piece>) {
    let fields = |board: &Storyboard| {
        let Storyboard { title, source, order, extra, .. } = board;
        (title.clone(), source.clone(), order.clone(), extra.clone())
    };
    let (title, source, order, extra) = fields(before);
    if (&title, &source, &order, &extra) != (&after.title, &after.source, &after.order, &after.extra) {
        pieces.push(Piece::Board { title, source, order, extra });
    }
    if before.scenes.iter().map(|s| &s.id).eq(after.scenes.iter().map(|s| &s.id)) {
        for (scene, (old, new)) in before.scenes.iter().zip(&after.scenes).enumerate() {
            compare_scene(scene, old, new, pieces);
        }
    } else {
        pieces.extend(splice(&before.scenes, &after.scenes).map(|splice| Piece::Scenes { splice }));
    }
    pieces.extend(splice(&before.review, &after.review).map(|splice| Piece::Review { splice }));
}

fn compare_scene(scene: usize, old: &Scene, new: &Scene, pieces: &mut Vec<Piece>) {
    let old_head = head(old);
    if old_head != head(new) {
        pieces.push(Piece::Scene { scene, head: Box::new(old_head) });
    }
    pieces.extend(splice(&old.nodes, &new.nodes).map(|splice| Piece::Nodes { scene, splice }));
    pieces.extend(splice(&old.edges, &new.edges).map(|splice| Piece::Edges { scene, splice }));
    pieces.extend(splice(&old.actors, &new.actors).map(|splice| Piece::Actors { scene, splice }));
    pieces.extend(splice(&old.groups, &new.groups).map(|splice| Piece::Groups { scene, splice }));
    pieces.extend(splice(&old.notes, &new.notes).map(|splice| Piece::Notes { scene, splice }));
    pieces.extend(splice(&old.timeline, &new.timeline).map(|splice| Piece::Timeline { scene, splice }));
    pieces.extend(splice(&old.removed, &new.removed).map(|splice| Piece::Removed { scene, splice }));
}

/// The pieces that lead from the words `after` back to `before`; one for each run of changed words.
pub(super) fn compare_words(before: &[Word], after: &[Word], pieces: &mut Vec<Piece>) {
    let mut run: Option<(usize, Vec<Word>)> = None;
    for (at, (old, new)) in before.iter().zip(after).enumerate() {
        if old != new {
            run.get_or_insert_with(|| (at, Vec::new())).1.push(old.clone());
        } else if let Some((at, put)) = run.take() {
            pieces.push(Piece::Words { at, put });
        }
    }
    pieces.extend(run.map(|(at, put)| Piece::Words { at, put }));
}

fn in_scene(board: &mut Storyboard, index: usize) -> Result<&mut Scene, EditError> {
    board.scenes.get_mut(index).ok_or(EditError::Stale)
}

/// Puts one piece back.
pub(super) fn put_back(draft: &mut Draft<'_>, piece: &Piece) -> Result<(), EditError> {
    let board = &mut draft.board;
    match piece {
        Piece::Board { title, source, order, extra } => {
            board.title.clone_from(title);
            board.source.clone_from(source);
            board.order.clone_from(order);
            board.extra.clone_from(extra);
            Ok(())
        }
        Piece::Scenes { splice } => put(&mut board.scenes, splice),
        Piece::Scene { scene, head: fields } => {
            let scene = in_scene(board, *scene)?;
            let now = std::mem::replace(scene, head(fields));
            scene.nodes = now.nodes;
            scene.edges = now.edges;
            scene.actors = now.actors;
            scene.groups = now.groups;
            scene.notes = now.notes;
            scene.timeline = now.timeline;
            scene.removed = now.removed;
            Ok(())
        }
        Piece::Nodes { scene, splice } => put(&mut in_scene(board, *scene)?.nodes, splice),
        Piece::Edges { scene, splice } => put(&mut in_scene(board, *scene)?.edges, splice),
        Piece::Actors { scene, splice } => put(&mut in_scene(board, *scene)?.actors, splice),
        Piece::Groups { scene, splice } => put(&mut in_scene(board, *scene)?.groups, splice),
        Piece::Notes { scene, splice } => put(&mut in_scene(board, *scene)?.notes, splice),
        Piece::Timeline { scene, splice } => put(&mut in_scene(board, *scene)?.timeline, splice),
        Piece::Removed { scene, splice } => put(&mut in_scene(board, *scene)?.removed, splice),
        Piece::Review { splice } => put(&mut board.review, splice),
        Piece::Words { at, put } => {
            let end = at.checked_add(put.len()).filter(|end| *end <= draft.transcript.words.len());
            let end = end.ok_or(EditError::Stale)?;
            draft.transcript.to_mut().words[*at..end].clone_from_slice(put);
            Ok(())
        }
    }
}
