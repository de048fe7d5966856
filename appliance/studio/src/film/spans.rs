//! Still and moving stretches, read off the keyframes.

use super::FilmScene;

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

/// The spans of one scene in order.
pub(super) fn of_scene(scene: &FilmScene) -> Vec<Span> {
    let tracks = scene.elements.iter().flat_map(|e| [&e.shown, &e.dim, &e.lit]);
    let clip = |(first, end): (u64, u64)| (first.max(scene.first_frame), end.min(scene.end_frame));
    let mut moves: Vec<_> = tracks.flat_map(|t| t.moving()).map(clip).filter(|m| m.0 < m.1).collect();
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
