//! What the talk says: a transcript in, a storyboard out.
//!
//! ```text
//! Transcript -normalise-> Text -tag-> -clause-> Clauses -scenes-> Views -kind-> -assemble-> -learn-> Drafts -> Storyboard
//! ```
//!
//! Every stage is a module of its own and a pure function; all of them take time linear in the words. The assemblers
//! propose by rule, small linear models that were trained on our own corpus decide (`learn`). English has
//! rules of its own; every other language gets steps and timelines by sentence, worded by its list of words where there is one.

pub(crate) mod assemble;
pub mod assist;
pub(crate) mod chunk;
pub(crate) mod clause;
mod contraction;
mod coref;
mod dictation;
mod doubt;
pub(crate) mod draft;
pub(crate) mod grounding;
pub(crate) mod kind;
mod lanes;
pub(crate) mod language;
pub(crate) mod learn;
pub(crate) mod lexicon;
pub(crate) mod normalise;
mod numbers;
pub(crate) mod pack;
mod plain;
pub(crate) mod reading;
mod repair;
mod review;
pub(crate) mod scenes;
mod sentence;
pub(crate) mod tag;
mod title;
pub(crate) mod token;
pub(crate) mod view;
mod wording;

use std::collections::HashMap;

use crate::storyboard::{
    Canvas, CaptionStyle, Extra, Kind, LayoutHints, Origin, SCHEMA, Scene, Source, Storyboard, WordRange,
};
use crate::transcript::Transcript;

pub use doubt::Doubt;
pub use grounding::{Ungrounded, ungrounded};
pub use learn::Weights;
use reading::Reading;
use view::View;

/// Draws the content of a storyboard from a transcript. Total: any transcript gives a storyboard, in the worst case
/// one of plain steps.
pub trait Outliner {
    /// The scenes of `transcript`, without layout and timeline.
    fn outline(&self, transcript: &Transcript, options: &Options) -> Storyboard;
}

/// What the person asks of the outline.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Id of the storyboard.
    pub id: String,
    /// Theme name.
    pub theme: String,
    /// Size and frame rate.
    pub canvas: Canvas,
    /// Draw every scene as this kind.
    pub kind: Option<crate::storyboard::Kind>,
}

/// Outlines by cue rules on tagged text and the small models that are part of the program: no network, the same result
/// everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CueOutliner;

impl Outliner for CueOutliner {
    fn outline(&self, transcript: &Transcript, options: &Options) -> Storyboard {
        WeightedOutliner(Weights::built_in()).outline(transcript, options)
    }
}

/// As [`CueOutliner`], with weights of its own: to see what training makes of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedOutliner<'w>(pub &'w Weights);

impl Outliner for WeightedOutliner<'_> {
    fn outline(&self, transcript: &Transcript, options: &Options) -> Storyboard {
        let mut board = Storyboard {
            schema: SCHEMA.to_owned(),
            id: options.id.clone(),
            lang: transcript.lang.clone(),
            title: String::new(),
            source: Source {
                audio_sha256: transcript.audio_sha256.clone(),
                duration_ms: transcript.duration_ms,
                transcript: None,
                words: u32::try_from(transcript.words.len()).unwrap_or(u32::MAX),
                extra: Extra::default(),
            },
            theme: options.theme.clone(),
            canvas: options.canvas,
            motion: crate::storyboard::Motion::Full,
            scenes: Vec::new(),
            order: Vec::new(),
            review: Vec::new(),
            extra: Extra::default(),
        };
        if language::english(transcript) {
            english(transcript, options, self.0, &mut board);
        } else {
            plain::outline(transcript, options, &mut board);
        }
        if let Some(scene) = board.scenes.first() {
            board.title = scene.title.clone();
        }
        board
    }
}

fn english(transcript: &Transcript, options: &Options, weights: &Weights, board: &mut Storyboard) {
    let reading = Reading::of(transcript, weights);
    let text = &reading.text;
    // What a range of sentences is drawn as is found out once.
    let mut known: HashMap<(usize, usize), Choice> = HashMap::new();
    let ranges = filled(
        scenes::split(&reading),
        |from, to| scenes::short(text, from, to),
        |from, to| {
            let choice = choose(&reading.view(from, to), options.kind);
            let full = choice.kind != Kind::Steps || choice.draft.nodes.len() >= 3;
            known.insert((from, to), choice);
            full
        },
    );
    let last_word = board.source.words.saturating_sub(1);
    let mut pages: Vec<Page<'_>> = Vec::new();
    for (from, to) in ranges {
        let choice = known.remove(&(from, to)).unwrap_or_else(|| choose(&reading.view(from, to), options.kind));
        page(&reading, (from, to), choice, &mut pages);
    }
    let starts: Vec<u32> = pages.iter().map(|p| text.sentences[p.view.sentences.0].words[0]).collect();
    for (i, Page { view, kind, draft, ranking }) in pages.into_iter().enumerate() {
        let first = if i == 0 { 0 } else { starts[i] };
        let last = starts.get(i + 1).map_or(last_word, |next| next.saturating_sub(1));
        let mut scene = empty_scene(i + 1, [first, last.max(first)]);
        scene.kind = kind;
        scene.confidence = confidence(&ranking, kind);
        scene.alt_kinds = alternatives(&view, &draft, kind, &ranking);
        scene.title = title::title(&view, kind, &draft);
        draft.write(&mut scene);
        review::check(&scene, &mut board.review);
        board.scenes.push(scene);
    }
    review::cite_sentences(text, &mut board.review);
}

/// The scene of some words drawn as another kind: the diagram that made the kind one of its alternatives. Nothing where
/// that diagram would say nothing, or the talk's language has no rules for it; `id` and title are those of `scene`.
pub(crate) fn redraw(transcript: &Transcript, scene: &Scene, kind: Kind) -> Option<Scene> {
    if !language::english(transcript) {
        return plain::redraw(transcript, scene, kind);
    }
    let reading = Reading::of(transcript, Weights::built_in());
    let sentences = &reading.text.sentences;
    let from = sentences.partition_point(|s| s.words[1] < scene.words[0]);
    let to = sentences.partition_point(|s| s.words[0] <= scene.words[1]);
    if from >= to {
        return None;
    }
    let Choice { mut draft, .. } = choose(&reading.view(from, to), Some(kind));
    if !holds(kind, &draft) {
        return None;
    }
    draft.keep(|i, _| i < draft::MOST_NODES);
    let mut out = Scene { title: scene.title.clone(), id: scene.id.clone(), ..empty_scene(1, scene.words) };
    (out.kind, out.confidence) = (kind, scene.confidence);
    draft.write(&mut out);
    // A sentence may reach beyond a scene whose words a person has set.
    let inside = |evidence: &[WordRange]| evidence.iter().all(|w| w[0] >= scene.words[0] && w[1] <= scene.words[1]);
    // Where a box is spoken of again outside, that is not shown here.
    for node in &mut out.nodes {
        while node.evidence.len() > 1 && !inside(&node.evidence[1..]) {
            node.evidence.pop();
        }
    }
    let whole = out.nodes.iter().all(|n| inside(&n.evidence)) && out.edges.iter().all(|e| inside(&e.evidence));
    whole.then_some(out)
}

/// Other kinds as which the scene can be drawn, likeliest first: each gives a diagram that holds together and that none
/// before it is. What it is worth to draw is a list at least.
fn alternatives(view: &View<'_>, draft: &draft::Draft, kind: Kind, ranking: &[(Kind, f64)]) -> Vec<Kind> {
    let mut shapes = vec![draft.shape()];
    let mut out = Vec::new();
    let last = [Kind::Steps, Kind::Mindmap];
    for other in ranking.iter().map(|(k, _)| *k).take(TRIED).chain(last) {
        if out.len() == ALTERNATIVES {
            break;
        }
        if other == kind || out.contains(&other) {
            continue;
        }
        let drawn = learn::refine(view, other, assemble::assemble(view, other));
        let shape = drawn.shape();
        if holds(other, &drawn) && !shapes.contains(&shape) {
            shapes.push(shape);
            out.push(other);
        }
    }
    out
}

/// Kinds that are offered beside the chosen one.
const ALTERNATIVES: usize = 2;
/// Of the likeliest kinds so many are tried.
const TRIED: usize = 5;

/// Whether a diagram of the kind says something.
fn holds(kind: Kind, draft: &draft::Draft) -> bool {
    let lanes = kind != Kind::Swimlane || draft.actors.len() >= 2;
    lanes && draft.nodes.len() >= 3 && (!assemble::needs_edges(kind) || draft.edges.len() >= 2)
}

/// Joins scenes in which there is nothing to draw, such as a greeting, to the scene before them, or after the first,
/// as long as the joined scene stays short.
fn filled(
    ranges: Vec<(usize, usize)>,
    short: impl Fn(usize, usize) -> bool,
    mut full: impl FnMut(usize, usize) -> bool,
) -> Vec<(usize, usize)> {
    let mut out: Vec<(usize, usize)> = Vec::with_capacity(ranges.len());
    // Whether the last scene of `out` still has nothing to draw; true of the first one only.
    let mut empty = false;
    for (from, to) in ranges {
        let full = full(from, to);
        match out.last_mut() {
            Some(before) if (empty || !full) && short(before.0, to) => {
                before.1 = to;
                empty = empty && !full;
            }
            _ => {
                out.push((from, to));
                empty = !full;
            }
        }
    }
    out
}

/// One scene on its way.
struct Page<'a> {
    view: View<'a>,
    kind: Kind,
    draft: draft::Draft,
    ranking: Vec<(Kind, f64)>,
}

/// What some sentences are drawn as.
struct Choice {
    kind: Kind,
    draft: draft::Draft,
    /// Every kind with its probability, best first.
    ranking: Vec<(Kind, f64)>,
}

/// Draws a scene; one with too many boxes is cut in two at a sentence, each half of the same kind.
fn page<'a>(reading: &'a Reading<'_>, (from, to): (usize, usize), choice: Choice, out: &mut Vec<Page<'a>>) {
    let view = reading.view(from, to);
    let Choice { kind, mut draft, ranking } = choice;
    if draft.nodes.len() > draft::MOST_NODES && to - from > 1 {
        let middle = view.middle(&draft);
        for half in [(from, middle), (middle, to)] {
            page(reading, half, choose(&reading.view(half.0, half.1), Some(kind)), out);
        }
        return;
    }
    draft.keep(|i, _| i < draft::MOST_NODES);
    out.push(Page { view, kind, draft, ranking });
}

/// The kind of a scene and its diagram: the best ranked kind whose diagram holds together, steps otherwise.
fn choose(view: &View<'_>, wanted: Option<Kind>) -> Choice {
    let ranking = kind::rank(view);
    // The last arrow of a cycle is often drawn without a word for it, so the kind must be sure, or a word must say so.
    let goes_round = kind::votes(view.all())[Kind::Cycle as usize] > 0.0;
    let believed = |(kind, share): &&(Kind, f64)| *kind != Kind::Cycle || goes_round || *share >= 0.5;
    let likely = ranking.iter().filter(believed).map(|(kind, _)| *kind).take(4);
    let tried: Vec<Kind> = wanted.map_or_else(|| likely.chain([Kind::Steps]).collect(), |kind| vec![kind]);
    let mut drawn = (Kind::Steps, draft::Draft::default());
    for kind in tried {
        drawn = (kind, learn::refine(view, kind, assemble::assemble(view, kind)));
        if holds(kind, &drawn.1) {
            break;
        }
    }
    let (kind, draft) = drawn;
    Choice { kind, draft, ranking }
}

/// How far the chosen kind is ahead of the next one, as 0.3 to 0.95.
fn confidence(ranking: &[(Kind, f64)], kind: Kind) -> f64 {
    let own = ranking.iter().find(|(k, _)| *k == kind).map_or(0.0, |(_, s)| *s);
    let other = ranking.iter().find(|(k, _)| *k != kind).map_or(0.0, |(_, s)| *s);
    let share = if own + other > 0.0 { own / (own + other) } else { 0.5 };
    ((0.3 + 0.9 * (share - 0.35)).clamp(0.3, 0.95) * 100.0).round() / 100.0
}

/// A scene without content over the given words.
pub(crate) fn empty_scene(number: usize, words: WordRange) -> Scene {
    Scene {
        id: format!("s{number}"),
        title: String::new(),
        kind: Kind::Steps,
        alt_kinds: Vec::new(),
        words,
        confidence: 0.5,
        nodes: Vec::new(),
        edges: Vec::new(),
        actors: Vec::new(),
        groups: Vec::new(),
        notes: Vec::new(),
        layout: LayoutHints::default(),
        timeline: Vec::new(),
        caption_style: CaptionStyle::default(),
        removed: Vec::new(),
        by: Origin::Auto,
        extra: Extra::default(),
    }
}

#[cfg(test)]
mod tests;
