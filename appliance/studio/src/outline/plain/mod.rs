//! Steps by sentence: what any language gets. One with a pack gets its sentences and clauses told apart, labels worded as
//! steps are in it, and a timeline where the talk goes from date to date.

mod dense;
mod label;
mod time;
mod units;

use super::draft::{Draft, DraftNode};
use super::pack::Pack;
use super::view::cut;
use super::{Options, empty_scene, review};
use crate::storyboard::{Kind, Role, Scene, Storyboard, WordRange};
use crate::transcript::{Transcript, is_dense};
use unicode_segmentation::UnicodeSegmentation;
use units::Unit;

/// Steps of a scene.
const PER_SCENE: usize = 8;
/// Words of a label.
const LABEL_WORDS: usize = 5;
/// Characters of a label in a script without spaces.
const DENSE_CHARS: usize = 24;

/// A step or an event.
struct Point {
    unit: Unit,
    label: String,
    time: Option<String>,
}

/// A stretch of talk that becomes a scene.
#[derive(Default)]
struct Stretch {
    title: Option<String>,
    first: Option<u32>,
    points: Vec<Point>,
}

/// One scene every [`PER_SCENE`] steps, or where the talk says that it turns to something else.
pub(crate) fn outline(transcript: &Transcript, options: &Options, board: &mut Storyboard) {
    let pack = Pack::of(transcript);
    let stretches = stretches(transcript, pack);
    let starts: Vec<u32> = stretches.iter().filter_map(|s| s.first).collect();
    let last_word = board.source.words.saturating_sub(1);
    for (i, stretch) in stretches.into_iter().enumerate() {
        let first = if i == 0 { 0 } else { starts[i] };
        let last = starts.get(i + 1).map_or(last_word, |next| next.saturating_sub(1));
        let mut scene = empty_scene(i + 1, [first, last.max(first)]);
        let tale = Tale::of(&stretch.points);
        scene.kind = options.kind.unwrap_or(if tale == Tale::Dated { Kind::Timeline } else { Kind::Steps });
        let draft = draft(&stretch.points, scene.kind);
        let named = if tale == Tale::Dated { "timeline" } else { "title" };
        let first_label = || draft.nodes.first().map_or_else(String::new, |n| n.label.clone());
        scene.title =
            stretch.title.unwrap_or_else(|| pack.map_or_else(first_label, |pack| pack.word(named).to_owned()));
        scene.confidence = if pack.is_some() { 0.6 } else { 0.4 };
        scene.alt_kinds = alternatives(&stretch.points, scene.kind);
        draft.write(&mut scene);
        review::check(&scene, &mut board.review);
        board.scenes.push(scene);
    }
    review::cite(transcript, &mut board.review);
    if !board.scenes.is_empty() && pack.is_none() {
        review::language(&transcript.lang, &mut board.review);
    }
}

/// The scene of some words drawn as steps or as a timeline, where that is another drawing.
pub(crate) fn redraw(transcript: &Transcript, scene: &Scene, kind: Kind) -> Option<Scene> {
    let pack = Pack::of(transcript);
    let inside = |words: WordRange| words[0] >= scene.words[0] && words[1] <= scene.words[1];
    let points = stretches(transcript, pack).into_iter().flat_map(|stretch| stretch.points);
    let points: Vec<Point> = points.filter(|point| inside(point.unit.words)).collect();
    let other = if kind == Kind::Steps { Kind::Timeline } else { Kind::Steps };
    if !alternatives(&points, other).contains(&kind) {
        return None;
    }
    let mut out = Scene { title: scene.title.clone(), id: scene.id.clone(), ..empty_scene(1, scene.words) };
    (out.kind, out.confidence) = (kind, scene.confidence);
    draft(&points, kind).write(&mut out);
    Some(out)
}

/// How much of a stretch says when it happens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tale {
    /// Hardly anything: a timeline would be the steps again.
    Timeless,
    /// Some of it: a timeline holds the dates alone.
    Partly,
    /// Half and more.
    Dated,
}

impl Tale {
    fn of(points: &[Point]) -> Self {
        match points.iter().filter(|p| p.time.is_some()).count() {
            0 | 1 => Self::Timeless,
            timed if timed * 2 >= points.len() => Self::Dated,
            _ => Self::Partly,
        }
    }
}

/// The other of steps and timeline, where it is another drawing than `kind`: a timeline has what is dated, at its dates, steps have
/// everything, with its date in the label.
fn alternatives(points: &[Point], kind: Kind) -> Vec<Kind> {
    let other = if kind == Kind::Timeline { Kind::Steps } else { Kind::Timeline };
    let drawn = Tale::of(points) != Tale::Timeless && draft(points, other).nodes.len() >= 2;
    if drawn { vec![other] } else { Vec::new() }
}

/// The boxes of a stretch, one after another.
fn draft(points: &[Point], kind: Kind) -> Draft {
    let tale = Tale::of(points);
    let timeline = kind == Kind::Timeline;
    let mut draft = Draft::default();
    for point in points {
        if point.label.is_empty() || (timeline && tale != Tale::Timeless && point.time.is_none()) {
            continue;
        }
        let dated = point.time.as_ref().filter(|time| !timeline && tale == Tale::Dated && **time != point.label);
        let label = dated.map_or_else(|| point.label.clone(), |time| cut(format!("{time}: {}", point.label)));
        let role = if timeline { Role::Event } else { Role::Activity };
        let mut node = DraftNode::new(&label, role, point.unit.words);
        node.time = point.time.clone().filter(|_| timeline);
        draft.nodes.push(node);
    }
    super::assemble::chain(&mut draft);
    draft
}

/// The steps of a talk, in stretches.
fn stretches(transcript: &Transcript, pack: Option<&Pack>) -> Vec<Stretch> {
    let mut out: Vec<Stretch> = Vec::new();
    for unit in units::units(transcript, pack) {
        let turns = pack.is_some_and(|pack| pack.after("turn", &unit.text).is_some());
        let full = out.last().is_none_or(|s| s.points.len() >= PER_SCENE || (turns && !s.points.is_empty()));
        if full {
            out.push(Stretch { first: Some(unit.words[0]), ..Stretch::default() });
        }
        let Some(open) = out.last_mut() else { continue };
        let heading = pack.filter(|_| open.points.is_empty()).and_then(|pack| label::heading(&unit.text, pack));
        if let Some(heading) = heading {
            open.title.get_or_insert(heading);
            continue;
        }
        let point = match pack {
            None => Point { label: first_words(transcript, &unit), time: None, unit },
            Some(pack) => {
                let (label, time) = label::label(&unit.text, pack);
                Point { label: cut(label), time, unit }
            }
        };
        open.points.push(point);
    }
    out
}

/// The first words of a sentence: a label in any language.
fn first_words(transcript: &Transcript, unit: &Unit) -> String {
    let (first, last) = (unit.words[0] as usize, unit.words[1] as usize);
    // Scripts without spaces may hold a whole clause in one word: bounded by characters.
    let text = transcript.text(first, last.min(first + LABEL_WORDS - 1));
    let clause =
        text.split(['、', '，', ',', '。', '.', '！', '？']).find(|part| !part.trim().is_empty()).unwrap_or(&text);
    let core = clause.trim_matches(|c: char| c.is_ascii_punctuation() || c.is_whitespace() || c.is_control());
    if !core.contains(is_dense) {
        return cut(core.to_owned());
    }
    // Whole words, as far as they fit.
    let mut fits = 0;
    let mut chars = 0;
    for (at, word) in core.split_word_bound_indices() {
        chars += word.chars().count();
        if chars > DENSE_CHARS {
            break;
        }
        fits = at + word.len();
    }
    let whole = core[..fits].trim_end();
    cut(shown(if whole.is_empty() { core } else { whole }, DENSE_CHARS))
}

/// At most so many characters of a text, without what cannot be shown.
fn shown(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(most).collect()
}
