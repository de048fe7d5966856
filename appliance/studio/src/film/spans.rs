//! Still and moving stretches, read off the keyframes, and the takes that a film is drawn in.

use super::FilmScene;
use super::track::Track;

/// Still stretches shorter than this many frames between two moving ones are drawn as moving: a cut costs the encoder
/// more than a few frames that are alike.
const SHORT: u64 = 4;

/// A stretch of frames that are all alike, or that all differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First frame.
    pub first: u64,
    /// One past the last frame.
    pub end: u64,
    /// Whether the picture changes inside the span. A still span needs its first frame drawn only.
    pub moving: bool,
}

/// Longest take, in seconds: how far apart the points are that players can seek to, and how much is drawn again when
/// rendering was stopped.
const TAKE: u64 = 10;

/// A piece of film that is drawn and encoded on its own: it lies inside one scene and lasts 10 seconds at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Take {
    /// Index of the scene.
    pub scene: usize,
    /// Its spans in order, without gaps; at least one.
    pub spans: Vec<Span>,
}

impl Take {
    /// First frame.
    pub fn first(&self) -> u64 {
        self.spans.first().map_or(0, |span| span.first)
    }

    /// One past the last frame.
    pub fn end(&self) -> u64 {
        self.spans.last().map_or(0, |span| span.end)
    }

    /// The frames that are drawn: all that move, and the first of each still.
    pub fn drawn(&self) -> impl Iterator<Item = u64> + '_ {
        self.spans.iter().flat_map(|span| span.first..if span.moving { span.end } else { span.first + 1 })
    }
}

/// The takes of one scene in order, all of about the same length.
pub(super) fn takes(index: usize, scene: &FilmScene, fps: u32) -> Vec<Take> {
    let length = scene.end_frame.saturating_sub(scene.first_frame);
    let count = length.div_ceil(TAKE * u64::from(fps.max(1)));
    let spans = of_scene(scene);
    let border = |i: u64| scene.first_frame + length * i / count;
    let clipped = |i: u64| {
        let (first, end) = (border(i), border(i + 1));
        let clip = |s: &Span| Span { first: s.first.max(first), end: s.end.min(end), ..*s };
        spans.iter().map(clip).filter(|s| s.first < s.end).collect()
    };
    (0..count).map(|i| Take { scene: index, spans: clipped(i) }).collect()
}

/// The spans of one scene in order.
pub(super) fn of_scene(scene: &FilmScene) -> Vec<Span> {
    let own = scene.elements.iter().flat_map(|e| [&e.shown, &e.dim, &e.lit]);
    let tracks = own.chain(scene.elements.iter().filter_map(|e| e.carry.as_ref()).map(|c| &c.track));
    // A caption changes the picture where it comes and where it goes.
    let captions = scene.captions.iter().flat_map(|c| [(c.first, c.first + 1), (c.end, c.end + 1)]);
    let clip = |(first, end): (u64, u64)| (first.max(scene.first_frame), end.min(scene.end_frame));
    let mut moves: Vec<_> = tracks
        .flat_map(Track::moving)
        .chain(scene.camera.moving())
        .chain(captions)
        .map(clip)
        .filter(|m| m.0 < m.1)
        .collect();
    moves.sort_unstable();
    let mut spans: Vec<Span> = Vec::new();
    for (first, end) in moves {
        match spans.last_mut() {
            Some(last) if first < last.end + SHORT => last.end = last.end.max(end),
            _ => spans.push(Span { first, end, moving: true }),
        }
    }
    let mut out = Vec::with_capacity(2 * spans.len() + 1);
    let mut at = scene.first_frame;
    for span in spans {
        if at < span.first {
            out.push(Span { first: at, end: span.first, moving: false });
        }
        out.push(span);
        at = span.end;
    }
    if at < scene.end_frame {
        out.push(Span { first: at, end: scene.end_frame, moving: false });
    }
    out
}
