//! Whether the two channels of a recording are two speakers, as in a recorded call.

use super::RATE;

/// Samples judged at a time (100 ms).
const SLOT: usize = RATE as usize / 10;
/// A slot counts when its louder side is above this mean square (-50 dBFS).
const AUDIBLE: f64 = 1e-5;
/// One side owns a slot when it has this many times the energy of the other (12 dB).
const OWNED: f64 = 16.0;
/// Audible slots needed for a verdict (2 s), and after which the rest is not looked at (5 min).
const ENOUGH: u32 = 20;
const PLENTY: u32 = 3000;

/// Watches a stereo stream and tells whether each side has a speaker of its own.
#[derive(Debug, Default)]
pub(super) struct Sides {
    slot: Vec<f32>,
    audible: u32,
    left: u32,
    right: u32,
}

impl Sides {
    /// Takes interleaved stereo samples; `false` when more would not change the verdict.
    pub(super) fn watch(&mut self, samples: &[f32]) -> bool {
        self.slot.extend_from_slice(samples);
        let whole = self.slot.len() / (2 * SLOT) * (2 * SLOT);
        for slot in self.slot[..whole].chunks_exact(2 * SLOT) {
            let energy = |side: usize| -> f64 {
                slot.iter().skip(side).step_by(2).map(|&s| f64::from(s) * f64::from(s)).sum::<f64>() / SLOT as f64
            };
            let (l, r) = (energy(0), energy(1));
            if l.max(r) < AUDIBLE {
                continue;
            }
            self.audible += 1;
            self.left += u32::from(l > OWNED * r);
            self.right += u32::from(r > OWNED * l);
        }
        self.slot.drain(..whole);
        self.audible < PLENTY
    }

    /// Two speakers: most of what is heard belongs to one side alone, and each side has its share.
    pub(super) fn are_speakers(&self) -> bool {
        let least = (self.audible / 20).max(3);
        self.audible >= ENOUGH
            && (self.left + self.right) * 10 >= self.audible * 6
            && self.left >= least
            && self.right >= least
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the verdict on turns of one second: the loudness left and right.
    fn check(turns: &[(f32, f32)], expected: bool) {
        let mut sides = Sides::default();
        for &(l, r) in turns {
            let second: Vec<f32> =
                (0..RATE).flat_map(|i| [l, r].map(|level| level * (i as f32 * 0.05).sin())).collect();
            for block in second.chunks(1234) {
                sides.watch(block);
            }
        }
        assert_eq!(sides.are_speakers(), expected, "{turns:?}");
    }

    #[test]
    fn calls_are_told_from_music_and_mono() {
        check(&[(0.5, 0.0), (0.0, 0.5), (0.5, 0.01), (0.01, 0.4)], true);
        check(&[(0.5, 0.5); 6], false);
        check(&[(0.5, 0.3), (0.3, 0.5), (0.5, 0.4)], false);
        // One side is dead: that is a mono recording.
        check(&[(0.5, 0.0); 6], false);
        check(&[(0.0, 0.0); 6], false);
        check(&[], false);
    }
}
