//! When everything happens: placed scenes and word times in, the state of every element at every frame out.
//!
//! A part enters at the onset of the word on which it is said less [`LEAD_MS`], and is there 400 ms later at most. What is
//! being spoken of is lit and the rest steps back a little; a scene ends with everything visible. Boxes that the next
//! scene shows again move there. Motion is planned as keyframes, so that the stretches in which nothing changes are known
//! without looking at pixels.

mod camera;
mod carry;
mod cast;
mod cue;
#[cfg(test)]
mod moving;
mod onset;
mod overlay;
mod scene;
mod score;
mod spans;
#[cfg(test)]
mod tests;
mod track;

pub(crate) use camera::fineness;
pub use camera::{View, window};
pub use cast::{Part, cast, part_id};
pub use scene::DIMMED;
pub(crate) use score::{Seen, score, seen};
pub use spans::{Span, Take};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::layout::Placed;
use crate::storyboard::{CaptionStyle, Motion, Scene, Storyboard};
use crate::transcript::Transcript;
use camera::Camera;
use onset::Onsets;
use scene::Grid;
use track::Track;

/// How long before its word a part begins to enter, in milliseconds: half of the entrance is then over when the word
/// is heard.
pub const LEAD_MS: i64 = 120;
/// Longest recording that is filmed, in milliseconds: twelve hours.
pub const MAX_MS: u64 = 12 * 3_600_000;
/// A scene begins this long before its first word when the speaker pauses there.
pub(crate) const BREATH_MS: u64 = 400;
/// Shortest scene, in milliseconds: three cuts a second are the most that WCAG 2.3.1 allows.
const SCENE_MS: u64 = 340;

/// The state of the screen at one frame.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FrameSpec {
    /// Index of the scene.
    pub scene: usize,
    /// State of every element of the scene, in painting order; indices are those of the scene's elements.
    pub elements: Vec<ElementState>,
    /// What the camera sees; `None` for everything.
    pub view: Option<View>,
    /// Lines of the caption that is burned in.
    pub caption: Option<Arc<[String]>>,
}

impl FrameSpec {
    /// Adds bytes that stand for everything that is seen of the frame besides its scene.
    pub fn fingerprint(&self, out: &mut Vec<u8>) {
        let view = self.view.iter().flat_map(|v| [v.seen.x, v.seen.y, v.seen.w, v.seen.h, v.taken_at.unwrap_or(0.0)]);
        let states =
            self.elements.iter().flat_map(|e| [e.opacity, e.sink, e.drawn, e.highlight, e.shift.0, e.shift.1, e.scale]);
        for value in states.chain(view) {
            out.extend(value.to_le_bytes());
        }
        for line in self.caption.iter().flat_map(|lines| lines.iter()) {
            out.extend(line.as_bytes());
            out.push(b'\n');
        }
        out.push(b'\n');
    }
}

/// How one element looks at one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ElementState {
    /// 0 invisible to 1 fully there.
    pub opacity: f32,
    /// Pixels below its place (entering elements rise).
    pub sink: f32,
    /// Share of a line that is drawn, from its source.
    pub drawn: f32,
    /// 0 plain to 1 highlighted.
    pub highlight: f32,
    /// Canvas pixels to the right of and below its place, for boxes on their way from the scene before.
    pub shift: (f32, f32),
    /// Size as a share of its own, around the middle of its place.
    pub scale: f32,
}

impl ElementState {
    /// There, at its place, and plain.
    pub const FULL: Self = Self { opacity: 1.0, sink: 0.0, drawn: 1.0, highlight: 0.0, shift: (0.0, 0.0), scale: 1.0 };

    /// Whether the element is at its place and in its size, but for its sinking.
    #[allow(clippy::float_cmp, reason = "what does not move has exactly these values")]
    pub fn placed(&self) -> bool {
        self.shift == (0.0, 0.0) && self.scale == 1.0
    }
}

/// The whole video as scenes of moving parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Film {
    /// Width and height in pixels.
    pub canvas: (u32, u32),
    /// Frames a second.
    pub fps: u32,
    /// Length of the recording in milliseconds.
    pub duration_ms: u64,
    /// Scenes without gaps; at least one.
    pub scenes: Vec<FilmScene>,
}

/// One scene of the film.
#[derive(Debug, Clone, PartialEq)]
pub struct FilmScene {
    /// Id in the storyboard.
    pub id: String,
    /// Heading.
    pub title: String,
    /// First frame.
    pub first_frame: u64,
    /// One past the last frame.
    pub end_frame: u64,
    /// Parts from back to front, as [`cast`] lists them.
    pub elements: Vec<Element>,
    /// How parts move.
    motion: Motion,
    /// Whole pixels that a box rises while it enters.
    rise: f32,
    camera: Camera,
    captions: Vec<BurnedCaption>,
}

/// A caption that is drawn into the picture.
#[derive(Debug, Clone, PartialEq)]
struct BurnedCaption {
    first: u64,
    end: u64,
    lines: Arc<[String]>,
}

/// The way of a box from where the scene before has shown it.
#[derive(Debug, Clone, PartialEq)]
struct Carry {
    /// 0 at the old place to 1 at the new one.
    track: Track,
    /// From the new place to the old one.
    off: (f32, f32),
    /// Size at the old place as a share of that at the new one.
    ratio: f32,
}

/// One part of a scene with what it does.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    /// Which part of the placed scene.
    pub part: Part,
    /// Id in the storyboard; empty for the heading and axes.
    pub id: String,
    /// Onset of the word that the element enters with; `None` when it follows others.
    pub onset_ms: Option<u64>,
    /// First frame on which something of it is seen.
    pub first_frame: u64,
    /// First frame on which it is there completely.
    pub full_frame: u64,
    shown: Track,
    dim: Track,
    lit: Track,
    carry: Option<Carry>,
}

impl Element {
    /// When a viewer notices the element, in milliseconds: the first frame on which it has half its colour.
    pub fn seen_ms(&self, fps: u32) -> u64 {
        let frame = (self.first_frame..self.full_frame).find(|&n| self.shown.at(n) >= 0.5).unwrap_or(self.full_frame);
        frame * 1000 / u64::from(fps.max(1))
    }

    /// Whether the element stays from the scene before instead of entering.
    pub fn carried(&self) -> bool {
        self.carry.is_some()
    }

    fn state(&self, n: u64, scene: &FilmScene) -> ElementState {
        let (shown, dim) = (self.shown.at(n), self.dim.at(n));
        // Who wants little motion sees parts fade in, and nothing else.
        let moves = scene.motion == Motion::Full;
        let line = moves && matches!(self.part, Part::Edge(_) | Part::Guide(_));
        let rises = moves && matches!(self.part, Part::Node(_));
        let sink = if rises { ((1.0 - shown) * scene.rise).round() } else { 0.0 };
        let there = if line && matches!(self.part, Part::Edge(_)) && shown > 0.0 { 1.0 } else { shown };
        let mut state = ElementState {
            opacity: there * dim,
            sink,
            drawn: if line { shown } else { 1.0 },
            highlight: self.lit.at(n),
            ..ElementState::FULL
        };
        if let Some(carry) = &self.carry {
            let left = 1.0 - carry.track.at(n);
            state.shift = (carry.off.0 * left, carry.off.1 * left);
            state.scale = 1.0 + (carry.ratio - 1.0) * left;
        }
        state
    }
}

/// One chapter of the video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// Index of the scene.
    pub scene: usize,
    /// Start in milliseconds.
    pub start_ms: u64,
    /// End in milliseconds.
    pub end_ms: u64,
    /// Heading.
    pub title: String,
}

/// Why a storyboard cannot be filmed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FilmError {
    /// Nothing to film.
    #[error("the storyboard has no scenes; add one")]
    NoScenes,
    /// Scenes and placed scenes do not go together.
    #[error("{scenes} scenes but {placed} placed scenes; place every scene once")]
    Count {
        /// Scenes of the storyboard.
        scenes: usize,
        /// Placed scenes.
        placed: usize,
    },
    /// A frame rate or canvas outside the format's bounds.
    #[error("canvas {w}x{h} at {fps} frames a second; use 240 to 3840 pixels a side and 5 to 60 frames a second")]
    Canvas {
        /// Width.
        w: u32,
        /// Height.
        h: u32,
        /// Frames a second.
        fps: u32,
    },
    /// A scene was placed for another canvas.
    #[error("scene `{0}` was placed on another canvas; place it again")]
    Placed(String),
    /// The recording is longer than the product takes.
    #[error("the recording lasts {0} ms; the most is {MAX_MS} ms")]
    TooLong(u64),
    /// A word id outside the transcript.
    #[error("`{element}` refers to word {word}, but the transcript has {words} words")]
    Word {
        /// Scene and element.
        element: String,
        /// The word id.
        word: u32,
        /// Words of the transcript.
        words: usize,
    },
}

/// Plans the film of a storyboard: `placed` holds its scenes in order, placed on its canvas.
///
/// # Errors
/// When the inputs do not go together or lie outside the product's bounds; see [`FilmError`].
pub fn plan(board: &Storyboard, transcript: &Transcript, placed: &[Placed]) -> Result<Film, FilmError> {
    let canvas = board.canvas;
    if !(240..=3840).contains(&canvas.w) || !(240..=3840).contains(&canvas.h) || !(5..=60).contains(&canvas.fps) {
        return Err(FilmError::Canvas { w: canvas.w, h: canvas.h, fps: canvas.fps });
    }
    if board.scenes.is_empty() {
        return Err(FilmError::NoScenes);
    }
    if board.scenes.len() != placed.len() {
        return Err(FilmError::Count { scenes: board.scenes.len(), placed: placed.len() });
    }
    let spoken = transcript.words.last().map_or(0, |w| w.end_ms);
    let duration_ms = transcript.duration_ms.max(spoken);
    if duration_ms > MAX_MS {
        return Err(FilmError::TooLong(duration_ms));
    }
    let fps = u64::from(canvas.fps);
    let cuts = cuts(board, transcript, duration_ms, fps)?;
    let mut scenes = Vec::with_capacity(placed.len());
    let onsets = Onsets::of(transcript);
    for ((scene, placed), range) in board.scenes.iter().zip(placed).zip(cuts.windows(2)) {
        if placed.canvas != (canvas.w, canvas.h) {
            return Err(FilmError::Placed(scene.id.clone()));
        }
        let grid = Grid { fps, first: range[0], end: range[1] };
        scenes.push(scene::plan(scene, (transcript, &onsets), placed, grid, board.motion)?);
    }
    if board.motion == Motion::Full {
        for at in 1..scenes.len() {
            let (before, after) = scenes.split_at_mut(at);
            carry::carry((&mut before[at - 1], &placed[at - 1]), (&mut after[0], &placed[at]), fps);
        }
    }
    burn(board, transcript, &mut scenes, fps);
    Ok(Film { canvas: (canvas.w, canvas.h), fps: canvas.fps, duration_ms, scenes })
}

/// The words on which the elements of a scene are said, by id, for whoever plays the scene without a film: the first is the
/// one that an element enters with, at the others it is spoken of again. An element that follows others has none.
pub fn said<'a>(scene: &'a Scene, transcript: &Transcript) -> BTreeMap<&'a str, Vec<u32>> {
    cue::said(scene, &Onsets::of(transcript))
}

/// Gives scenes whose captions are drawn into the picture those that are spoken in them.
fn burn(board: &Storyboard, transcript: &Transcript, scenes: &mut [FilmScene], fps: u64) {
    if board.scenes.iter().all(|s| s.caption_style == CaptionStyle::Sidecar) {
        return;
    }
    let cues = crate::transcript::cues(transcript);
    let frame = |ms: u64| ms.saturating_mul(fps).div_ceil(1000);
    for (scene, _) in scenes.iter_mut().zip(&board.scenes).filter(|(_, s)| s.caption_style == CaptionStyle::Burned) {
        let clip = |cue: &crate::transcript::Cue| BurnedCaption {
            first: frame(cue.start_ms).max(scene.first_frame),
            end: frame(cue.end_ms).min(scene.end_frame),
            lines: cue.lines.clone().into(),
        };
        scene.captions = cues.iter().map(clip).filter(|c| c.first < c.end).collect();
    }
}

/// First frames of all scenes and the end of the last: a scene begins in the pause before its first word.
fn cuts(board: &Storyboard, transcript: &Transcript, duration_ms: u64, fps: u64) -> Result<Vec<u64>, FilmError> {
    let words = &transcript.words;
    let count = board.scenes.len() as u64;
    let total = (duration_ms * fps).div_ceil(1000).max(count);
    let shortest = (SCENE_MS * fps).div_ceil(1000).min(total / count);
    let mut cuts = vec![0];
    for scene in &board.scenes[1..] {
        let word = scene.words[0];
        let Some(first) = words.get(word as usize) else {
            return Err(FilmError::Word { element: scene.id.clone(), word, words: words.len() });
        };
        let silent_from = (word as usize).checked_sub(1).map_or(0, |before| words[before].end_ms);
        let lead = first.start_ms.saturating_sub(LEAD_MS.unsigned_abs());
        let start_ms = first.start_ms.saturating_sub(BREATH_MS).max(silent_from).min(lead);
        let earliest = cuts.last().map_or(0, |before| before + shortest);
        cuts.push((start_ms * fps / 1000).max(earliest));
    }
    cuts.push(total);
    // From the end, so that scenes that a late start has pushed over it still get their share.
    for i in (1..cuts.len() - 1).rev() {
        cuts[i] = cuts[i].min(cuts[i + 1] - shortest);
    }
    Ok(cuts)
}

impl FilmScene {
    /// The caption that is burned into frame `n`.
    fn caption(&self, n: u64) -> Option<Arc<[String]>> {
        let next = self.captions.partition_point(|c| c.first <= n);
        let last = self.captions.get(next.checked_sub(1)?)?;
        (n < last.end).then(|| Arc::clone(&last.lines))
    }
}

impl Film {
    /// Number of frames; at least one a scene.
    pub fn frames(&self) -> u64 {
        self.scenes.last().map_or(0, |s| s.end_frame)
    }

    /// The state of the screen at frame `n`; frames past the end look like the last.
    pub fn frame(&self, n: u64) -> FrameSpec {
        let n = n.min(self.frames().saturating_sub(1));
        let scene = self.scenes.partition_point(|s| s.end_frame <= n);
        let Some(of) = self.scenes.get(scene) else { return FrameSpec { scene, ..FrameSpec::default() } };
        FrameSpec {
            scene,
            elements: of.elements.iter().map(|e| e.state(n, of)).collect(),
            view: of.camera.at(n),
            caption: of.caption(n),
        }
    }

    /// The film cut into still and moving stretches; they cover every frame once, and none crosses a scene's border.
    pub fn spans(&self) -> Vec<Span> {
        self.scenes.iter().flat_map(spans::of_scene).collect()
    }

    /// The film cut into takes; they cover every frame once, and what a take looks like depends on nothing outside it.
    pub fn takes(&self) -> Vec<Take> {
        self.scenes.iter().enumerate().flat_map(|(i, scene)| spans::takes(i, scene, self.fps)).collect()
    }

    /// Share of frames that lie in moving spans, 0 to 1.
    #[allow(clippy::cast_precision_loss, reason = "frame counts are far below 2^53")]
    pub fn moving_share(&self) -> f64 {
        let moving: u64 = self.spans().iter().filter(|s| s.moving).map(|s| s.end - s.first).sum();
        moving as f64 / self.frames().max(1) as f64
    }

    /// One chapter a scene.
    pub fn chapters(&self) -> Vec<Chapter> {
        let fps = u64::from(self.fps);
        let chapter = |(scene, s): (usize, &FilmScene)| Chapter {
            scene,
            start_ms: s.first_frame * 1000 / fps,
            end_ms: (s.end_frame * 1000 / fps).min(self.duration_ms.max(s.first_frame * 1000 / fps)),
            title: s.title.clone(),
        };
        self.scenes.iter().enumerate().map(chapter).collect()
    }
}
