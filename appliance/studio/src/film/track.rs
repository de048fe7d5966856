//! One number over the frames of a scene: at rest, or moving between two values.

use crate::storyboard::Ease;

/// One change of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Move {
    /// First frame that differs from the one before.
    first: u64,
    /// The frame before this one has arrived at `to`.
    end: u64,
    /// One past the last frame that this move decides; less than `end` where the next move cuts it short.
    until: u64,
    from: f32,
    to: f32,
    ease: Ease,
}

/// A value over time, in frames.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Track {
    rest: f32,
    moves: Vec<Move>,
}

impl Track {
    /// A value that stays at `rest`.
    pub(super) fn new(rest: f32) -> Self {
        Self { rest, moves: Vec::new() }
    }

    /// Lets the value go to `to` during the frames `first..end`; an empty range counts as one frame. Moves are added
    /// in the order of their first frames; one that begins before the last has ended takes over from where it is.
    pub(super) fn go(&mut self, first: u64, end: u64, to: f32, ease: Ease) {
        while self.moves.last().is_some_and(|m| m.first >= first) {
            self.moves.pop();
        }
        let from = first.checked_sub(1).map_or(self.rest, |before| self.at(before));
        let arrived = self.moves.last().is_none_or(|m| m.end <= first);
        #[allow(clippy::float_cmp, reason = "a value at rest is exactly the target it was given")]
        if from == to && arrived {
            return;
        }
        if let Some(last) = self.moves.last_mut() {
            last.until = last.until.min(first);
        }
        let end = end.max(first + 1);
        self.moves.push(Move { first, end, until: end, from, to, ease });
    }

    /// The value at frame `n`.
    pub(super) fn at(&self, n: u64) -> f32 {
        let next = self.moves.partition_point(|m| m.first <= n);
        let Some(m) = next.checked_sub(1).map(|i| &self.moves[i]) else {
            return self.rest;
        };
        if n + 1 >= m.end {
            return m.to;
        }
        // The share is below 1 here, and frame counts are far below 2^24, where f32 is exact.
        #[allow(clippy::cast_precision_loss, reason = "a move lasts a few hundred frames at most")]
        let share = (n + 1 - m.first) as f32 / (m.end - m.first) as f32;
        m.from + (m.to - m.from) * eased(m.ease, share)
    }

    /// The value before the first move.
    pub(super) fn at_rest(&self) -> f32 {
        self.rest
    }

    /// The moves: first frame, one past the frame of arrival, from, to, how. One that the next cuts short is over where
    /// that begins.
    pub(super) fn steps(&self) -> impl Iterator<Item = (u64, u64, f32, f32, Ease)> + '_ {
        self.moves.iter().map(|m| (m.first, m.end, m.from, m.to, m.ease))
    }

    /// The ranges of frames in which the value changes.
    pub(super) fn moving(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.moves.iter().map(|m| (m.first, m.until))
    }
}

/// Cubic easing of a share of time, 0 to 1 to 0 to 1.
pub(super) fn eased(ease: Ease, t: f32) -> f32 {
    match ease {
        Ease::Linear => t,
        Ease::Out => {
            let left = 1.0 - t;
            1.0 - left * left * left
        }
        Ease::InOut if t < 0.5 => 4.0 * t * t * t,
        Ease::InOut => {
            let left = 2.0 - 2.0 * t;
            1.0 - left * left * left / 2.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(track: &Track, frames: u64) -> Vec<f32> {
        (0..frames).map(|n| track.at(n)).collect()
    }

    #[test]
    fn a_move_starts_at_its_first_frame_and_has_arrived_in_its_last() {
        let mut track = Track::new(0.0);
        track.go(2, 6, 1.0, Ease::Linear);
        assert_eq!(values(&track, 8), [0.0, 0.0, 0.25, 0.5, 0.75, 1.0, 1.0, 1.0]);
        assert_eq!(track.moving().collect::<Vec<_>>(), [(2, 6)]);
    }

    #[test]
    fn a_later_move_takes_over_without_a_jump() {
        let mut track = Track::new(0.0);
        track.go(0, 4, 1.0, Ease::Linear);
        track.go(2, 4, 0.0, Ease::Linear);
        assert_eq!(values(&track, 5), [0.25, 0.5, 0.25, 0.0, 0.0]);
        assert_eq!(track.moving().collect::<Vec<_>>(), [(0, 2), (2, 4)]);
    }

    #[test]
    fn a_move_to_where_the_value_rests_is_none() {
        let mut track = Track::new(1.0);
        track.go(3, 9, 1.0, Ease::Out);
        assert_eq!(track.moving().count(), 0);
        track.go(3, 3, 0.5, Ease::Out);
        assert_eq!(values(&track, 5), [1.0, 1.0, 1.0, 0.5, 0.5]);
    }

    #[test]
    fn easing_starts_at_zero_ends_at_one_and_never_turns() {
        for ease in [Ease::Linear, Ease::Out, Ease::InOut] {
            let steps: Vec<f32> = (0..=20u8).map(|i| eased(ease, f32::from(i) / 20.0)).collect();
            assert!(steps[0].abs() < 1e-6 && (steps[20] - 1.0).abs() < 1e-6, "{ease:?}");
            assert!(steps.windows(2).all(|w| w[0] < w[1]), "{ease:?} {steps:?}");
        }
    }
}
