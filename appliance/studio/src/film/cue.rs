//! When each part of a scene is due: from the words it was drawn from, its neighbours, and a person's overrides.

use std::collections::BTreeMap;

use super::cast::{Part, part_id};
use super::onset::{Onsets, Sort};
use super::{FilmError, LEAD_MS};
use crate::layout::{Guide, Placed};
use crate::storyboard::{Action, At, Cue as Override, Ease, Role, Scene, Target, WordRange};
use crate::transcript::Transcript;

/// Length of an entrance when nobody asks for another.
const ENTER_MS: u64 = 270;
/// Time in which a line is drawn.
const LINE_MS: u64 = 200;
/// Distance of parts that are due at the same moment, and the most that a whole group of them may take.
const STAGGER_MS: i64 = 80;
const STAGGER_TOTAL_MS: i64 = 400;
/// Length of a move of the camera when nobody asks for another.
const CAMERA_MS: u64 = 800;
/// Longest entrance that an override can ask for.
const MAX_MS: u64 = 5_000;

/// When and how a part enters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Entrance {
    /// Start in milliseconds of the recording; may lie before the scene.
    pub(super) start_ms: i64,
    /// Onset of the word on which it is said, or the moment asked for; `None` when it follows others.
    pub(super) onset_ms: Option<u64>,
    /// Length in milliseconds.
    pub(super) dur_ms: u64,
    /// Movement.
    pub(super) ease: Ease,
}

/// What a scene says about time.
pub(super) struct Cues<'a> {
    scene: &'a Scene,
    transcript: &'a Transcript,
    scene_start_ms: i64,
    said: BTreeMap<&'a str, Vec<u32>>,
    reveals: BTreeMap<&'a str, &'a Override>,
}

impl<'a> Cues<'a> {
    /// Reads the evidence and the overrides of `scene`.
    ///
    /// # Errors
    /// When a word id lies outside the transcript.
    pub(super) fn new(
        scene: &'a Scene,
        transcript: &'a Transcript,
        onsets: &Onsets<'_>,
        start_ms: u64,
    ) -> Result<Self, FilmError> {
        for (id, _, _, ranges) in cited(scene) {
            for word in ranges.iter().flatten() {
                check_word(scene, id, *word, transcript)?;
            }
        }
        let said = said(scene, onsets);
        let mut reveals = BTreeMap::new();
        for cue in &scene.timeline {
            if let At::Word { word, .. } = cue.at {
                check_word(scene, "timeline", word, transcript)?;
            }
            if cue.action == Action::Reveal {
                for id in targets(cue) {
                    reveals.insert(id, cue);
                }
            }
        }
        Ok(Self { scene, transcript, scene_start_ms: ms(start_ms), said, reveals })
    }

    /// Entrances of all parts, parallel to `parts`.
    pub(super) fn entrances(&self, placed: &Placed, parts: &[Part]) -> Vec<Entrance> {
        let nodes = self.nodes(placed);
        let by_id: BTreeMap<&str, Entrance> =
            placed.nodes.iter().zip(&nodes).map(|(n, e)| (n.id.as_str(), *e)).collect();
        let edges: Vec<Entrance> = placed.edges.iter().map(|e| self.edge(&e.id, &by_id)).collect();
        let at_start = self.plain(self.scene_start_ms);
        parts
            .iter()
            .map(|&part| match part {
                Part::Title | Part::Overlay(_) => at_start,
                Part::Node(i) => nodes[i],
                Part::Edge(i) => edges[i],
                Part::EdgeLabel(i) => Entrance { start_ms: edges[i].start_ms + ms(LINE_MS) / 2, ..edges[i] },
                Part::Guide(i) => match &placed.guides[i] {
                    Guide::Axis { .. } => at_start,
                    Guide::Key { role, .. } if *role != Role::Activity => self.role(*role, &by_id),
                    Guide::Container { id, .. } | Guide::Key { id, .. } => self.container(id, &by_id),
                    Guide::Note { id, .. } => self.own(id, ENTER_MS).unwrap_or(at_start),
                    Guide::Lifeline { node, .. } | Guide::Tick { node, .. } | Guide::Slice { node, .. } => {
                        by_id.get(node.as_str()).map_or(at_start, |e| Entrance { onset_ms: None, ..*e })
                    }
                },
            })
            .collect()
    }

    /// Moments at which something already shown is spoken of again: later evidence of nodes, as (start, id).
    pub(super) fn mentions(&self, placed: &Placed) -> Vec<(i64, String)> {
        let again = |id: &String| self.said.get(id.as_str()).into_iter().flatten().skip(1);
        let moments = placed.nodes.iter().flat_map(|node| again(&node.id).map(move |word| (word, &node.id)));
        moments.filter_map(|(word, id)| Some((ms(self.onset(*word)?) - LEAD_MS, id.clone()))).collect()
    }

    /// Moments at which a person wants attention on certain elements, as (start, ids).
    pub(super) fn focuses(&self) -> Vec<(i64, Vec<String>)> {
        let cues = self.scene.timeline.iter().filter(|c| c.action == Action::Focus);
        cues.map(|c| (self.time(c.at), targets(c).map(str::to_owned).collect())).collect()
    }

    /// What a person wants the camera to do, as (start, ids, length, movement); no ids for everything.
    pub(super) fn cameras(&self) -> Vec<(i64, Vec<String>, u64, Option<Ease>)> {
        let mut cues: Vec<_> = self.scene.timeline.iter().filter(|c| c.action == Action::Camera).collect();
        cues.sort_by_key(|c| self.time(c.at));
        cues.into_iter().map(|c| (self.time(c.at), c.fit.clone(), c.dur_ms.unwrap_or(CAMERA_MS), c.ease)).collect()
    }

    /// Ids of the two ends of an arrow.
    pub(super) fn ends(&self, id: &str) -> Option<[&str; 2]> {
        self.scene.edges.iter().find(|e| e.id == id).map(|e| [e.from.as_str(), e.to.as_str()])
    }

    fn nodes(&self, placed: &Placed) -> Vec<Entrance> {
        let own: Vec<Option<Entrance>> = placed.nodes.iter().map(|n| self.own(&n.id, ENTER_MS)).collect();
        let index: BTreeMap<&str, usize> = placed.nodes.iter().enumerate().map(|(i, n)| (n.id.as_str(), i)).collect();
        let mut due: Vec<Entrance> = (0..own.len())
            .map(|i| own[i].unwrap_or_else(|| self.plain(self.beside(&placed.nodes[i].id, i, &own, &index))))
            .collect();
        stagger(&mut due, self.scene_start_ms);
        due
    }

    /// When a node that nothing was said about is due: with the earliest neighbour, else with the node before it.
    fn beside(&self, id: &str, i: usize, own: &[Option<Entrance>], index: &BTreeMap<&str, usize>) -> i64 {
        let neighbours = self.scene.edges.iter().filter_map(|e| match () {
            () if e.from == id => Some(e.to.as_str()),
            () if e.to == id => Some(e.from.as_str()),
            () => None,
        });
        let linked = neighbours.filter_map(|n| own[*index.get(n)?]).map(|e| e.start_ms).min();
        linked.or_else(|| own[..i].iter().rev().flatten().next().map(|e| e.start_ms)).unwrap_or(self.scene_start_ms)
    }

    /// An arrow comes with its label or its verb, and not before the later of its ends is there for the most part.
    fn edge(&self, id: &str, nodes: &BTreeMap<&str, Entrance>) -> Entrance {
        let edge = self.scene.edges.iter().find(|e| e.id == id);
        let ends = edge.iter().flat_map(|e| [&e.from, &e.to]).filter_map(|n| nodes.get(n.as_str()));
        // Entrances slow down towards their end: at half time a box has seven eighths of its colour.
        let ready = ends.map(|e| e.start_ms.max(self.scene_start_ms) + ms(e.dur_ms) / 2).max();
        let ready = ready.unwrap_or(self.scene_start_ms);
        let own = self.own(id, LINE_MS);
        let plain = Entrance { dur_ms: LINE_MS, ..self.plain(ready) };
        own.map_or(plain, |e| Entrance { start_ms: e.start_ms.max(ready), ..e })
    }

    fn container(&self, id: &str, nodes: &BTreeMap<&str, Entrance>) -> Entrance {
        let inside = |of: &Option<String>| of.as_deref() == Some(id);
        let members = self.scene.nodes.iter().filter(|n| inside(&n.actor) || inside(&n.group));
        let first = members.filter_map(|n| nodes.get(n.id.as_str())).map(|e| e.start_ms).min();
        let own = self.own(id, ENTER_MS).map(|e| e.start_ms);
        let start = if self.reveals.contains_key(id) { own } else { first.or(own) };
        self.plain(start.unwrap_or(self.scene_start_ms))
    }

    /// What explains a role comes with the first box that has it.
    fn role(&self, role: Role, nodes: &BTreeMap<&str, Entrance>) -> Entrance {
        let having = self.scene.nodes.iter().filter(|n| n.role == role);
        let first = having.filter_map(|n| nodes.get(n.id.as_str())).map(|e| e.start_ms).min();
        self.plain(first.unwrap_or(self.scene_start_ms))
    }

    /// The entrance that an override or the element's own words ask for.
    fn own(&self, id: &str, dur_ms: u64) -> Option<Entrance> {
        if let Some(cue) = self.reveals.get(id) {
            let start_ms = self.time(cue.at);
            return Some(Entrance {
                start_ms,
                onset_ms: u64::try_from(start_ms).ok(),
                dur_ms: cue.dur_ms.unwrap_or(dur_ms).min(MAX_MS),
                ease: cue.ease.unwrap_or(Ease::Out),
            });
        }
        let onset = self.onset(*self.said.get(id)?.first()?)?;
        Some(Entrance { start_ms: ms(onset) - LEAD_MS, onset_ms: Some(onset), dur_ms, ease: Ease::Out })
    }

    fn onset(&self, word: u32) -> Option<u64> {
        self.transcript.words.get(word as usize).map(|word| word.start_ms)
    }

    fn time(&self, at: At) -> i64 {
        match at {
            At::Ms { ms: at } => ms(at),
            At::Word { word, offset_ms } => {
                let onset = self.transcript.words.get(word as usize).map_or(0, |w| ms(w.start_ms));
                onset.saturating_add(offset_ms)
            }
        }
    }

    fn plain(&self, start_ms: i64) -> Entrance {
        Entrance { start_ms, onset_ms: None, dur_ms: ENTER_MS, ease: Ease::Out }
    }
}

/// The elements of a scene that cite words: id, what is shown of it, what it is, the words.
fn cited(scene: &Scene) -> impl Iterator<Item = (&str, &str, Sort, &[WordRange])> {
    let nodes = scene.nodes.iter().map(|n| (&*n.id, &*n.label, Sort::Box, &*n.evidence));
    let actors = scene.actors.iter().map(|a| (&*a.id, &*a.label, Sort::Box, &*a.evidence));
    let groups = scene.groups.iter().map(|g| (&*g.id, &*g.label, Sort::Box, &*g.evidence));
    let notes = scene.notes.iter().map(|n| (&*n.id, &*n.text, Sort::Box, &*n.evidence));
    let edges = scene.edges.iter().map(|e| (&*e.id, &*e.label, Sort::Line, &*e.evidence));
    nodes.chain(actors).chain(groups).chain(notes).chain(edges)
}

/// The words on which the elements of a scene are said, by id: the first is the one that an element enters with, at the
/// others it is spoken of again.
pub(super) fn said<'a>(scene: &'a Scene, onsets: &Onsets<'_>) -> BTreeMap<&'a str, Vec<u32>> {
    cited(scene).map(|(id, label, sort, ranges)| (id, onsets.said(label, sort, ranges))).collect()
}

/// Spreads boxes that are due at the same moment: those that are spoken of first, then in their order.
fn stagger(due: &mut [Entrance], scene_start_ms: i64) {
    let mut order: Vec<usize> = (0..due.len()).collect();
    let moment = |e: &Entrance| e.start_ms.max(scene_start_ms);
    order.sort_by_key(|&i| (moment(&due[i]), due[i].onset_ms.is_none(), i));
    for same in order.chunk_by(|&a, &b| moment(&due[a]) == moment(&due[b])).collect::<Vec<_>>() {
        let gaps = i64::try_from(same.len() - 1).unwrap_or(i64::MAX).max(1);
        for (k, &i) in same.iter().enumerate().skip(1) {
            let k = i64::try_from(k).unwrap_or(gaps);
            due[i].start_ms = moment(&due[i]) + (STAGGER_MS * k).min(STAGGER_TOTAL_MS * k / gaps);
        }
    }
}

fn targets(cue: &Override) -> impl Iterator<Item = &str> {
    match &cue.target {
        None => [].iter(),
        Some(Target::One(id)) => std::slice::from_ref(id).iter(),
        Some(Target::Many(ids)) => ids.iter(),
    }
    .map(String::as_str)
}

fn check_word(scene: &Scene, element: &str, word: u32, transcript: &Transcript) -> Result<(), FilmError> {
    if (word as usize) < transcript.words.len() {
        return Ok(());
    }
    Err(FilmError::Word { element: format!("{}/{element}", scene.id), word, words: transcript.words.len() })
}

/// Milliseconds as a signed number; those of a recording are far below the limit.
fn ms(at: u64) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX / 2).min(i64::MAX / 2)
}

/// Whether attention can rest on the part; headings and what lies behind boxes stay as they are.
pub(super) fn focusable(placed: &Placed, part: Part) -> bool {
    match part {
        Part::Title | Part::Overlay(_) => false,
        Part::Guide(i) => matches!(placed.guides[i], Guide::Tick { .. } | Guide::Slice { .. } | Guide::Note { .. }),
        Part::Edge(_) | Part::EdgeLabel(_) | Part::Node(_) => !part_id(placed, part).is_empty(),
    }
}
