//! The play of one scene: entrances, attention and the last look, as tracks over frames.

use std::collections::BTreeSet;

use super::camera::{Aim, Camera, Time};
use super::cast::{Part, cast, part_id};
use super::cue::{Cues, Entrance, focusable};
use super::onset::Onsets;
use super::track::Track;
use super::{Element, FilmError, FilmScene, overlay};
use crate::geometry::{Point, Rect};
use crate::layout::Placed;
use crate::storyboard::{Ease, Motion, Scene};
use crate::transcript::Transcript;

/// Opacity of what is not spoken of at the moment.
pub const DIMMED: f32 = 0.75;
/// How far boxes rise while they enter, in pixels of a canvas whose shorter side is 1080.
const RISE_PX: f32 = 14.0;
/// Time in which attention moves on.
const TURN_MS: u64 = 270;
/// Parts that enter within this time of one another are spoken of together.
const TOGETHER_MS: u64 = 400;
/// A second mention turns attention back only when nothing else happens for this long before and after.
const QUIET_MS: u64 = 1_500;
/// How long everything is visible before the scene ends, when there is time.
const HOLD_MS: u64 = 1_400;
/// The last part has the viewer's attention for at least this long, when there is time.
const LINGER_MS: u64 = 600;

/// The frame grid of a scene.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    /// Frames a second.
    pub(super) fps: u64,
    /// First frame of the scene.
    pub(super) first: u64,
    /// One past its last.
    pub(super) end: u64,
}

impl Grid {
    fn len(self) -> u64 {
        self.end - self.first
    }

    /// Frames that a length takes, at least one, and never more than a third of the scene.
    pub(super) fn frames(self, ms: u64) -> u64 {
        (ms * self.fps).div_ceil(1000).min(self.len() / 3).max(1)
    }

    /// The frame on the screen at a moment, never before the scene.
    pub(super) fn at(self, ms: i64) -> u64 {
        (u64::try_from(ms).unwrap_or(0).saturating_mul(self.fps) / 1000).max(self.first)
    }
}

/// A turn of attention: from this frame on the parts are what is spoken of.
#[derive(Debug)]
struct Turn {
    frame: u64,
    parts: BTreeSet<usize>,
}

/// Plans one scene.
///
/// # Errors
/// When a word id lies outside the transcript.
pub(super) fn plan(
    scene: &Scene,
    (transcript, onsets): (&Transcript, &Onsets<'_>),
    placed: &Placed,
    grid: Grid,
    motion: Motion,
) -> Result<FilmScene, FilmError> {
    let parts = cast(placed);
    let cues = Cues::new(scene, transcript, onsets, grid.first * 1000 / grid.fps)?;
    let entrances = cues.entrances(placed, &parts);
    let mut elements = enter(placed, &parts, &entrances, grid);
    let turns = turns(&cues, placed, &elements, grid);
    let close = close(&elements, &turns, grid);
    turn(&mut elements, placed, &turns, close, grid);
    overlay::play(&mut elements, placed, transcript, grid);
    let camera = camera(&cues, placed, &elements, &turns, (close, motion), grid);
    Ok(FilmScene {
        id: scene.id.clone(),
        title: scene.title.clone(),
        first_frame: grid.first,
        end_frame: grid.end,
        rise: rise(placed.canvas),
        elements,
        motion,
        camera,
        captions: Vec::new(),
    })
}

/// The camera of the scene: a person's, or one that follows what is spoken of where the diagram is too large.
fn camera(
    cues: &Cues<'_>,
    placed: &Placed,
    elements: &[Element],
    turns: &[Turn],
    (close, motion): (u64, Motion),
    grid: Grid,
) -> Camera {
    let time = Time { fps: grid.fps, first: grid.first, close, end: grid.end, cuts: motion == Motion::Reduced };
    let around = |parts: &BTreeSet<usize>| {
        let boxes = parts.iter().filter_map(|&i| bounds(placed, elements[i].part));
        boxes.reduce(|a, b| a.union(&b))
    };
    let asked: Vec<Aim> = cues
        .cameras()
        .into_iter()
        .map(|(start_ms, ids, dur_ms, ease)| Aim {
            frame: grid.at(start_ms),
            on: around(&of_ids(elements, &ids)),
            asked: Some((Some(dur_ms), ease)),
        })
        .collect();
    if !asked.is_empty() {
        return Camera::directed(placed, &asked, time);
    }
    let wanted = Camera::wanted(placed);
    if wanted <= 1.0 {
        return Camera::still(placed);
    }
    let aims: Vec<Aim> = turns.iter().map(|t| Aim { frame: t.frame, on: around(&t.parts), asked: None }).collect();
    Camera::follow(placed, wanted, &aims, time)
}

/// Where a part is; `None` for what lies behind the boxes.
fn bounds(placed: &Placed, part: Part) -> Option<Rect> {
    let dot = |p: &Point| Rect::new(p.x, p.y, 0.0, 0.0);
    match part {
        Part::Title | Part::Guide(_) | Part::Overlay(_) => None,
        Part::Node(i) => Some(placed.nodes[i].rect.union(&placed.nodes[i].label.rect)),
        Part::Edge(i) => placed.edges[i].points.iter().map(dot).reduce(|a, b| a.union(&b)),
        Part::EdgeLabel(i) => placed.edges[i].label.as_ref().map(|label| label.rect),
    }
}

/// Whole pixels that a box rises.
#[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
fn rise(canvas: (u32, u32)) -> f32 {
    (RISE_PX * canvas.0.min(canvas.1) as f32 / 1080.0).round().max(1.0)
}

/// Every part with its entrance, squeezed into the scene where it would run over the end.
fn enter(placed: &Placed, parts: &[Part], entrances: &[Entrance], grid: Grid) -> Vec<Element> {
    let line = grid.frames(200);
    parts
        .iter()
        .zip(entrances)
        .map(|(&part, entrance)| {
            let length = grid.frames(entrance.dur_ms);
            // Lines follow boxes, their labels follow lines: each leaves room for those behind it.
            let room = match part {
                Part::EdgeLabel(_) => length,
                Part::Edge(_) => length + line / 2,
                Part::Title | Part::Guide(_) | Part::Node(_) => length + line + line / 2,
                Part::Overlay(_) => return overlay::hidden(part, grid),
            };
            let first = grid.at(entrance.start_ms).min(grid.end.saturating_sub(room)).max(grid.first);
            let end = (first + length).min(grid.end);
            let mut shown = Track::new(0.0);
            shown.go(first, end, 1.0, entrance.ease);
            Element {
                part,
                id: part_id(placed, part).to_owned(),
                onset_ms: entrance.onset_ms,
                first_frame: first,
                full_frame: end - 1,
                shown,
                dim: Track::new(1.0),
                lit: Track::new(0.0),
                carry: None,
            }
        })
        .collect()
}

/// The turns of attention in order of time, one a frame at most.
fn turns(cues: &Cues<'_>, placed: &Placed, elements: &[Element], grid: Grid) -> Vec<Turn> {
    let together = TOGETHER_MS * grid.fps / 1000;
    let quiet = QUIET_MS * grid.fps / 1000;
    let mut order: Vec<usize> = (0..elements.len()).filter(|&i| focusable(placed, elements[i].part)).collect();
    order.sort_by_key(|&i| (elements[i].first_frame, i));
    let mut turns: Vec<Turn> = Vec::new();
    for i in order {
        let frame = elements[i].first_frame;
        match turns.last_mut() {
            Some(turn) if frame <= turn.frame + together => drop(turn.parts.insert(i)),
            _ if elements[i].onset_ms.is_none() => {}
            _ => turns.push(Turn { frame, parts: with_ends(cues, elements, i) }),
        }
    }
    for (start_ms, id) in cues.mentions(placed) {
        let frame = grid.at(start_ms);
        let parts = of_ids(elements, &[id]);
        let shown = parts.iter().all(|&i| elements[i].full_frame < frame);
        if shown && frame < grid.end && turns.iter().all(|t| t.frame.abs_diff(frame) >= quiet) {
            turns.push(Turn { frame, parts });
        }
    }
    for (start_ms, ids) in cues.focuses() {
        let frame = grid.at(start_ms);
        turns.retain(|t| t.frame != frame);
        turns.push(Turn { frame, parts: of_ids(elements, &ids) });
    }
    turns.sort_by_key(|t| t.frame);
    turns
}

/// A part with what belongs to it: an arrow is spoken of with both its ends.
fn with_ends(cues: &Cues<'_>, elements: &[Element], i: usize) -> BTreeSet<usize> {
    let mut ids = vec![elements[i].id.clone()];
    if matches!(elements[i].part, Part::Edge(_) | Part::EdgeLabel(_)) {
        ids.extend(cues.ends(&elements[i].id).into_iter().flatten().map(str::to_owned));
    }
    of_ids(elements, &ids)
}

fn of_ids(elements: &[Element], ids: &[String]) -> BTreeSet<usize> {
    (0..elements.len()).filter(|&i| !elements[i].id.is_empty() && ids.contains(&elements[i].id)).collect()
}

/// The frame from which on everything is there again.
fn close(elements: &[Element], turns: &[Turn], grid: Grid) -> u64 {
    let length = grid.frames(TURN_MS);
    let entered = elements.iter().map(|e| e.full_frame + 1).max().unwrap_or(grid.first);
    let last = turns.last().map_or(grid.first, |t| t.frame).max(entered);
    let hold = grid.end.saturating_sub(HOLD_MS * grid.fps / 1000);
    (last + LINGER_MS * grid.fps / 1000).max(hold).min(grid.end.saturating_sub(length)).max(grid.first)
}

/// Plays the turns: what is spoken of is lit, what was spoken of before steps back, and at the end of the scene
/// everything is there again.
fn turn(elements: &mut [Element], placed: &Placed, turns: &[Turn], close: u64, grid: Grid) {
    let length = grid.frames(TURN_MS);
    for t in turns.iter().filter(|t| t.frame < close) {
        for (i, element) in elements.iter_mut().enumerate() {
            if !focusable(placed, element.part) {
                continue;
            }
            let lit = t.parts.contains(&i);
            // What is not there yet waits with its light, and needs no dimming.
            let first = if lit { t.frame.max(element.first_frame) } else { t.frame };
            if !lit && element.first_frame >= t.frame || first >= close {
                continue;
            }
            element.dim.go(first, first + length, if lit { 1.0 } else { DIMMED }, Ease::InOut);
            element.lit.go(first, first + length, if lit { 1.0 } else { 0.0 }, Ease::InOut);
        }
    }
    for element in elements {
        element.dim.go(close, close + length, 1.0, Ease::InOut);
        element.lit.go(close, close + length, 0.0, Ease::InOut);
    }
}
