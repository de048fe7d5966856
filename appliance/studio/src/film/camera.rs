//! The camera: what of a diagram is seen when it is larger than the frame can show legibly.
//!
//! The heading stays where it is; below it lies the window through which the diagram is seen. Where labels would be
//! smaller than [`READABLE_PX`], the camera goes in to what is spoken of and comes back before the scene ends. It moves
//! as one does not get sick of: at most once in two seconds, slowly at both ends, and ahead of the word.

use crate::geometry::Rect;
use crate::layout::{Placed, READABLE_PX};
use crate::storyboard::Ease;

/// Below this size of labels, in pixels of a canvas whose shorter side is 1080, lines and heads of arrows are as fine as they.
const FINE_PX: f32 = 20.0;
/// What labels become when the camera goes in.
const COMFORTABLE_PX: f32 = 30.0;
/// The camera goes no nearer, by itself or when asked: labels of 200 boxes have some 5 px in the overview.
const NEAREST: f32 = 6.0;
/// Going in by less than this shows nothing more.
const WORTH: f32 = 1.15;
/// Room around what is looked at, in pixels of a canvas whose shorter side is 1080.
const ROOM_PX: f32 = 90.0;
/// Length of a move, and the least time from the end of one to the start of the next.
const MOVE_MS: u64 = 800;
const REST_MS: u64 = 2_000;
/// How long before its word the camera is there.
const AHEAD_MS: u64 = 100;

/// What the camera sees at one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// The part of the scene's canvas that fills the window below the heading.
    pub seen: Rect,
    /// While the camera moves: how many times larger than the overview the picture is that frames are taken from. `None`
    /// at rest, where everything is drawn at its size.
    pub taken_at: Option<f32>,
}

/// The window through which the diagram is seen: everything below the heading.
pub fn window(placed: &Placed) -> Rect {
    #[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
    let (w, h) = (placed.canvas.0 as f32, placed.canvas.1 as f32);
    let heading = if placed.title.lines.is_empty() { 0.0 } else { placed.title.rect.bottom() + 0.012 * w.min(h) };
    let top = if heading.is_finite() { heading.clamp(0.0, h * 0.5).round() } else { 0.0 };
    Rect::new(0.0, top, w, h - top)
}

/// One move.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Move {
    /// First frame that differs from the one before.
    first: u64,
    /// One past the first frame that has arrived.
    end: u64,
    to: Rect,
    ease: Ease,
}

/// Where the camera is over the frames of a scene.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Camera {
    window: Rect,
    start: Rect,
    moves: Vec<Move>,
}

/// What should be seen from a frame on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Aim {
    /// Frame at which it is spoken of.
    pub(super) frame: u64,
    /// Bounds of what is spoken of; `None` for everything.
    pub(super) on: Option<Rect>,
    /// Length and movement that a person asked for.
    pub(super) asked: Option<(Option<u64>, Option<Ease>)>,
}

/// Frames of a scene in which the camera may move.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time {
    pub(super) fps: u64,
    pub(super) first: u64,
    /// Frame at which the camera goes back, and one past the last frame.
    pub(super) close: u64,
    pub(super) end: u64,
    /// Moves are cuts.
    pub(super) cuts: bool,
}

impl Camera {
    /// A camera that sees everything.
    pub(super) fn still(placed: &Placed) -> Self {
        let window = window(placed);
        Self { window, start: window, moves: Vec::new() }
    }

    /// How near the camera should go to this scene by itself, 1 where everything is legible in the overview.
    pub(super) fn wanted(placed: &Placed) -> f32 {
        let smallest = smallest(placed, READABLE_PX);
        if smallest < READABLE_PX { (COMFORTABLE_PX / smallest).clamp(1.0, NEAREST) } else { 1.0 }
    }

    /// Follows what is spoken of, so near that it is legible.
    pub(super) fn follow(placed: &Placed, wanted: f32, aims: &[Aim], time: Time) -> Self {
        let mut camera = Self::still(placed);
        let inside: Vec<&Aim> = aims.iter().filter(|aim| aim.frame < time.close).collect();
        let mut at = 0;
        while let Some(aim) = inside.get(at) {
            let Some(on) = aim.on else {
                at += 1;
                continue;
            };
            // What follows too soon for another move belongs to the same view.
            let (_, free) = camera.next_move(aim.frame, time);
            let until = free + time.ms(REST_MS);
            let more = inside[at..].iter().take_while(|next| next.frame < until).filter_map(|next| next.on);
            let group = more.fold(on, |all, one| all.union(&one));
            let count = inside[at..].iter().take_while(|next| next.frame < until).count().max(1);
            let seen = camera.moves.last().map_or(camera.start, |m| m.to);
            if at == 0 {
                camera.start = camera.fit(placed, group, wanted);
            } else if !holds(seen, group) {
                let to = camera.fit(placed, group, wanted);
                camera.go(aim.frame, to, (None, None), time);
            }
            at += count;
        }
        camera.go_back(time);
        camera
    }

    /// Comes back to the overview before the scene ends; what there is no time to come back from is left out.
    fn go_back(&mut self, time: Time) {
        let length = if time.cuts { 1 } else { time.ms(MOVE_MS) };
        loop {
            let (from, last) = self.moves.last().map_or((self.start, time.first), |m| (m.to, m.end));
            if from == self.window {
                return;
            }
            if last + length <= time.end {
                let (wished, _) = self.next_move(time.close, time);
                let first = wished.min(time.end - length).max(last);
                self.moves.push(Move { first, end: first + length, to: self.window, ease: Ease::InOut });
                return;
            }
            if self.moves.pop().is_none() {
                self.start = self.window;
            }
        }
    }

    /// Does what a person asked for.
    pub(super) fn directed(placed: &Placed, aims: &[Aim], time: Time) -> Self {
        let mut camera = Self::still(placed);
        for aim in aims {
            let to = aim.on.map_or(camera.window, |on| camera.fit(placed, on, NEAREST));
            if aim.frame <= time.first {
                camera.start = to;
            } else {
                camera.go(aim.frame, to, aim.asked.unwrap_or_default(), time);
            }
        }
        camera
    }

    /// First frame and end of a move that should have arrived at `frame`.
    fn next_move(&self, frame: u64, time: Time) -> (u64, u64) {
        let length = if time.cuts { 1 } else { time.ms(MOVE_MS) };
        let free = self.moves.last().map_or(time.first, |m| m.end + time.ms(REST_MS));
        let first = frame.saturating_sub(length + time.ms(AHEAD_MS)).max(free);
        (first, first + length)
    }

    /// Moves so that it is there in time for `frame`; a person's moves begin with it.
    fn go(&mut self, frame: u64, to: Rect, (dur_ms, ease): (Option<u64>, Option<Ease>), time: Time) {
        let asked = dur_ms.is_some() || ease.is_some();
        let (first, end) = self.next_move(frame, time);
        let from = self.moves.last().map_or(self.start, |m| m.to);
        let (first, end) = if asked {
            let free = self.moves.last().map_or(time.first, |m| m.end);
            let first = frame.max(free);
            (first, first + if time.cuts { 1 } else { time.ms(dur_ms.unwrap_or(MOVE_MS).min(5_000)) })
        } else {
            (first, end)
        };
        if from != to && end <= time.end {
            self.moves.push(Move { first, end, to, ease: ease.unwrap_or(Ease::InOut) });
        }
    }

    /// The part of the scene around `on`, as near as `nearest` lets it.
    fn fit(&self, placed: &Placed, on: Rect, nearest: f32) -> Rect {
        let on = on.grown(ROOM_PX * unit(placed));
        let zoom = (self.window.w / on.w.max(1.0)).min(self.window.h / on.h.max(1.0)).min(nearest);
        if zoom.is_nan() || zoom < WORTH {
            return self.window;
        }
        let (w, h) = (self.window.w / zoom, self.window.h / zoom);
        let c = on.center();
        let x = (c.x - w / 2.0).clamp(self.window.x, self.window.right() - w);
        let y = (c.y - h / 2.0).clamp(self.window.y, self.window.bottom() - h);
        Rect::new(x, y, w, h)
    }

    /// What is seen at frame `n`; `None` for everything.
    pub(super) fn at(&self, n: u64) -> Option<View> {
        let next = self.moves.partition_point(|m| m.first <= n);
        let from = next.checked_sub(2).map_or(self.start, |i| self.moves[i].to);
        let rest = |seen: Rect| (seen != self.window).then_some(View { seen, taken_at: None });
        let Some(m) = next.checked_sub(1).map(|i| self.moves[i]) else { return rest(self.start) };
        if n + 1 >= m.end {
            return rest(m.to);
        }
        #[allow(clippy::cast_precision_loss, reason = "a move lasts a few hundred frames at most")]
        let share = super::track::eased(m.ease, (n + 1 - m.first) as f32 / (m.end - m.first) as f32);
        let mix = |a: f32, b: f32| a + (b - a) * share;
        let w = mix(from.w, m.to.w);
        let seen = Rect::new(mix(from.x, m.to.x), mix(from.y, m.to.y), w, w * self.window.h / self.window.w);
        Some(View { seen, taken_at: Some(self.window.w / from.w.min(m.to.w)) })
    }

    /// What is seen before the first move.
    pub(super) fn first(&self) -> Rect {
        self.start
    }

    /// The moves: first frame, one past the frame of arrival, what is seen then, how.
    pub(super) fn steps(&self) -> impl Iterator<Item = (u64, u64, Rect, Ease)> + '_ {
        self.moves.iter().map(|m| (m.first, m.end, m.to, m.ease))
    }

    /// The ranges of frames in which it moves.
    pub(super) fn moving(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.moves.iter().map(|m| (m.first, m.end))
    }
}

impl Time {
    fn ms(self, ms: u64) -> u64 {
        (ms * self.fps).div_ceil(1000).max(1)
    }
}

/// Whether one rectangle lies inside another, to a pixel.
fn holds(outer: Rect, inner: Rect) -> bool {
    let o = outer.grown(1.0);
    inner.x >= o.x && inner.y >= o.y && inner.right() <= o.right() && inner.bottom() <= o.bottom()
}

/// How much finer lines are than usual because the labels of a scene are small, at most 1.
pub(crate) fn fineness(placed: &Placed) -> f32 {
    smallest(placed, FINE_PX) / FINE_PX
}

/// The size of the smallest label of a scene in pixels of the 1080p design, at most `most`.
fn smallest(placed: &Placed, most: f32) -> f32 {
    let sizes = placed.nodes.iter().filter(|n| !n.label.lines.is_empty()).map(|n| n.label.px / unit(placed));
    sizes.filter(|px| px.is_finite() && *px > 0.0).fold(most, f32::min)
}

/// Canvas pixels for each pixel of the 1080p design.
fn unit(placed: &Placed) -> f32 {
    #[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
    let side = placed.canvas.0.min(placed.canvas.1) as f32;
    (side / 1080.0).max(0.05)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::{PlacedNode, Text};
    use crate::storyboard::{Role, Shape};

    /// Ten boxes in a row, with labels of so many pixels.
    fn placed(px: f32) -> Placed {
        let node = |i: u8| PlacedNode {
            id: format!("n{i}"),
            rect: Rect::new(60.0 + 180.0 * f32::from(i), 500.0, 120.0, 60.0),
            shape: Shape::Box,
            role: Role::Activity,
            tone: 0,
            label: Text { lines: vec!["x".to_owned()], px, ..Text::default() },
            badge: None,
            sign: None,
            head: false,
            icon: None,
        };
        let canvas = (1920, 1080);
        Placed {
            canvas,
            title: Text::default(),
            nodes: (0..10).map(node).collect(),
            edges: Vec::new(),
            guides: Vec::new(),
            overlays: Vec::new(),
        }
    }

    fn time(cuts: bool) -> Time {
        Time { fps: 30, first: 0, close: 1_500, end: 1_600, cuts }
    }

    /// One box a second and a half, from 1 s on.
    fn aims(placed: &Placed) -> Vec<Aim> {
        let aim = |(i, n): (usize, &PlacedNode)| Aim { frame: 30 + 45 * i as u64, on: Some(n.rect), asked: None };
        placed.nodes.iter().enumerate().map(aim).collect()
    }

    #[test]
    fn legible_scenes_are_seen_whole() {
        assert!((Camera::wanted(&placed(READABLE_PX)) - 1.0).abs() < 1e-6);
        assert!((Camera::wanted(&placed(22.0)) - COMFORTABLE_PX / 22.0).abs() < 1e-6);
        assert!((Camera::wanted(&placed(15.0)) - 2.0).abs() < 1e-6);
        assert!(Camera::wanted(&placed(5.0)) * 5.0 >= READABLE_PX);
        assert!((Camera::wanted(&placed(f32::NAN)) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn what_is_spoken_of_is_in_sight_at_its_word_and_moves_are_apart() {
        let placed = placed(14.0);
        for cuts in [false, true] {
            let camera = Camera::follow(&placed, 2.0, &aims(&placed), time(cuts));
            assert!(camera.moves.len() > 2, "{camera:?}");
            for aim in aims(&placed) {
                let seen = camera.at(aim.frame).map_or(camera.window, |view| view.seen);
                assert!(holds(seen, aim.on.expect("a box")), "frame {}: {seen:?}", aim.frame);
            }
            for pair in camera.moves.windows(2) {
                assert!(pair[1].first >= pair[0].end + 60, "{pair:?}");
            }
            assert_eq!(camera.at(1_599), None, "everything is seen at the end");
        }
    }

    #[test]
    fn moves_are_smooth_and_stay_inside() {
        let placed = placed(14.0);
        let camera = Camera::follow(&placed, 2.0, &aims(&placed), time(false));
        let view = |n: u64| camera.at(n).map_or(camera.window, |view| view.seen);
        for n in 1..1_600 {
            let (a, b) = (view(n - 1), view(n));
            assert!((a.x - b.x).abs() < 130.0 && (a.w - b.w).abs() < 130.0, "frame {n}: {a:?} {b:?}");
            assert!(holds(camera.window, b), "frame {n}: {b:?}");
            let moving = camera.moving().any(|(first, end)| (first..end).contains(&n));
            assert!(moving || a == b, "frame {n}");
        }
    }

    #[test]
    fn a_person_directs() {
        let placed = placed(30.0);
        let aim = |frame, on, ms| Aim { frame, on, asked: Some((Some(ms), Some(Ease::Linear))) };
        let aims = [aim(100, Some(placed.nodes[9].rect), 500), aim(200, None, 1_000)];
        let camera = Camera::directed(&placed, &aims, time(false));
        assert_eq!(camera.moving().collect::<Vec<_>>(), [(100, 115), (200, 230)]);
        assert!(camera.at(99).is_none() && camera.at(229).is_none());
        assert!(camera.at(150).is_some_and(|v| v.taken_at.is_none() && holds(v.seen, placed.nodes[9].rect)));
    }
}
