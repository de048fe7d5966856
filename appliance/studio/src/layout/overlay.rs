//! What lies over the pictures of a film for a while: a card with the talk's title, who speaks, a card at the end.

use crate::geometry::Rect;
use crate::storyboard::{CaptionStyle, Storyboard};
use crate::transcript::Transcript;

use super::label::{LINE, Label};
use super::{Align, Measure, Overlay, Placed, Text, When};

/// How long a name is shown, in milliseconds.
const NAMED_MS: u64 = 4_000;
/// The shortest time for which one is, where the next speaker follows soon.
const SHORTEST_MS: u64 = 1_200;
/// Titles of scenes on the last card.
const RECALLED: usize = 6;

/// Puts cards over the first and the last scene, and the names of speakers over those in which they begin to speak;
/// `placed` holds the scenes of `board` in order. Nothing is done where the two do not go together.
pub fn overlay(placed: &mut [Placed], board: &Storyboard, transcript: &Transcript, measure: &dyn Measure) {
    if placed.len() != board.scenes.len() {
        return;
    }
    speakers(placed, board, transcript, measure);
    if board.title.trim().is_empty() {
        return;
    }
    if let Some(first) = placed.first_mut() {
        first.overlays.push(card(first.canvas, &board.title, &[], When::Opening, measure));
    }
    if let Some(last) = placed.last_mut() {
        let seen = board.scenes.iter().map(|s| s.title.trim()).filter(|t| !t.is_empty() && *t != board.title.trim());
        let seen: Vec<&str> = seen.take(RECALLED).collect();
        last.overlays.push(card(last.canvas, &board.title, &seen, When::Closing, measure));
    }
}

fn sizes((w, h): (u32, u32)) -> (f32, f32, f32) {
    let (w, h) = (w.clamp(16, 16_384) as f32, h.clamp(16, 16_384) as f32);
    (w, h, w.min(h) / 1080.0)
}

/// A card that fills the canvas.
fn card(canvas: (u32, u32), title: &str, under: &[&str], when: When, measure: &dyn Measure) -> Overlay {
    let (w, h, unit) = sizes(canvas);
    let width = w * 0.8;
    let label = Label::new(title, measure);
    let fits = |px: &f32| label.longest() * px * unit <= width && label.lines_at(width / (px * unit)) <= 3;
    let px = [92.0, 80.0, 68.0, 56.0].into_iter().find(fits).unwrap_or(48.0) * unit;
    let (lines, _) = label.wrap(width / px, 3);
    let title_h = lines.len() as f32 * LINE * px;
    let small = 34.0 * unit;
    let pitch = 1.7 * small;
    let total = title_h + if under.is_empty() { 0.0 } else { px * 0.7 + pitch * under.len() as f32 };
    let top = ((h - total) / 2.0).max(h * 0.08);
    let head = Text { rect: Rect::new(w * 0.1, top, width, title_h), lines, px, align: Align::Start };
    let line = |(i, text): (usize, &&str)| {
        let rect = Rect::new(w * 0.1, top + title_h + px * 0.7 + pitch * i as f32, width, pitch);
        Text { rect, lines: Label::new(text, measure).wrap(width / small, 1).0, px: small, align: Align::Start }
    };
    let under = under.iter().enumerate().map(line).collect();
    Overlay { when, rect: Rect::new(0.0, 0.0, w, h), head, under }
}

/// The name of each speaker over the scene in which they speak first.
fn speakers(placed: &mut [Placed], board: &Storyboard, transcript: &Transcript, measure: &dyn Measure) {
    if transcript.speakers.len() < 2 {
        return;
    }
    let first = |speaker: usize| transcript.words.iter().position(|w| w.speaker.map(usize::from) == Some(speaker));
    let mut turns: Vec<(usize, &str)> = transcript
        .speakers
        .iter()
        .enumerate()
        .filter_map(|(i, name)| Some((first(i)?, name.trim())))
        .filter(|(_, name)| !name.is_empty())
        .collect();
    turns.sort_unstable();
    for (i, &(word, name)) in turns.iter().enumerate() {
        let inside = |s: &crate::storyboard::Scene| (s.words[0] as usize..=s.words[1] as usize).contains(&word);
        let Some(at) = board.scenes.iter().position(inside) else { continue };
        // Captions in the picture name the speaker themselves.
        if board.scenes[at].caption_style == CaptionStyle::Burned {
            continue;
        }
        let start = transcript.words[word].start_ms;
        let next = turns.get(i + 1).map_or(u64::MAX, |&(w, _)| transcript.words[w].start_ms);
        let end = (start + NAMED_MS).min(next);
        if end < start.saturating_add(SHORTEST_MS) {
            continue;
        }
        let plate = plate(placed[at].canvas, name, When::During(start, end), measure);
        placed[at].overlays.push(plate);
    }
}

/// A plate with a name in the margin below the diagram; in the middle, between a watermark and a logo.
fn plate(canvas: (u32, u32), name: &str, when: When, measure: &dyn Measure) -> Overlay {
    let (w, h, unit) = sizes(canvas);
    let px = 28.0 * unit;
    let (lines, wide) = Label::new(name, measure).wrap(w * 0.4 / px, 1);
    let (width, height) = ((wide + 2.6) * px, 1.8 * px);
    let rect = Rect::new((w - width) / 2.0, h * (1.0 - 0.0375) - height / 2.0, width, height);
    let room = Rect::new(rect.x + 1.6 * px, rect.y, width - 2.4 * px, height);
    Overlay { when, rect, head: Text { rect: room, lines, px, align: Align::Start }, under: Vec::new() }
}
