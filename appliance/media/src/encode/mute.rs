//! Silence over what was redacted.

use super::voice::RATE;

/// Length of a fade into and out of silence, in sample frames: 10 ms, long enough not to click.
pub(super) const RAMP: u64 = RATE as u64 / 100;

/// Stretches of silence, in sample frames; in order and apart.
#[derive(Debug, Default)]
pub(super) struct Mutes(Vec<(u64, u64)>);

impl Mutes {
    /// From `(from, to)` in milliseconds, in any order.
    pub(super) fn new(ranges: &[(u64, u64)]) -> Self {
        let sample = |ms: u64| ms.saturating_mul(u64::from(RATE) / 1000);
        let mut sorted: Vec<(u64, u64)> =
            ranges.iter().map(|&(from, to)| (sample(from), sample(to))).filter(|(from, to)| from < to).collect();
        sorted.sort_unstable();
        let mut apart: Vec<(u64, u64)> = Vec::with_capacity(sorted.len());
        for (from, to) in sorted {
            match apart.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => apart.push((from, to)),
            }
        }
        Self(apart)
    }

    /// Silences what of `samples` (interleaved, the first of them sample frame `at`) lies in a stretch. The fades lie
    /// outside, so that nothing of a redacted word is left.
    pub(super) fn apply(&self, samples: &mut [f32], channels: usize, at: u64) {
        let end = at.saturating_add((samples.len() / channels) as u64);
        let first = self.0.partition_point(|&(_, to)| to.saturating_add(RAMP) <= at);
        for &(from, to) in self.0[first..].iter().take_while(|&&(from, _)| from.saturating_sub(RAMP) < end) {
            for n in from.saturating_sub(RAMP).max(at)..to.saturating_add(RAMP).min(end) {
                let away = if n < from { from - n } else { (n + 1).saturating_sub(to) };
                let gain = away as f32 / (RAMP + 1) as f32;
                let i = (n - at) as usize * channels;
                for sample in &mut samples[i..i + channels] {
                    *sample *= gain;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: usize = RATE as usize / 1000;

    fn muted(ranges: &[(u64, u64)], ms: usize) -> Vec<f32> {
        let mut samples = vec![1.0; ms * MS];
        Mutes::new(ranges).apply(&mut samples, 1, 0);
        samples
    }

    /// Milliseconds (whole) that are silent, and that are untouched.
    fn check(ranges: &[(u64, u64)], silent: &[(usize, usize)], whole: &[(usize, usize)]) {
        let samples = muted(ranges, 200);
        for (parts, level) in [(silent, 0.0), (whole, 1.0)] {
            for &(from, to) in parts {
                assert!(samples[from * MS..to * MS].iter().all(|s| *s == level), "{ranges:?} {from}..{to}");
            }
        }
    }

    #[test]
    fn nothing_of_the_stretch_is_left_and_nothing_far_is_touched() {
        check(&[(50, 100)], &[(50, 100)], &[(0, 40), (110, 200)]);
    }

    #[test]
    fn stretches_may_overlap_touch_and_come_in_any_order() {
        check(&[(100, 120), (50, 80), (70, 90), (90, 95)], &[(50, 95), (100, 120)], &[(0, 40), (130, 200)]);
    }

    #[test]
    fn ends_and_empty_stretches() {
        check(&[(0, 10)], &[(0, 10)], &[(20, 200)]);
        check(&[(190, u64::MAX)], &[(190, 200)], &[(0, 180)]);
        check(&[(20, 20), (30, 20)], &[], &[(0, 200)]);
        check(&[(0, u64::MAX)], &[(0, 200)], &[]);
    }

    #[test]
    fn fades_never_jump() {
        let samples = muted(&[(50, 100)], 200);
        let jump = samples.windows(2).map(|w| (w[0] - w[1]).abs()).fold(0.0, f32::max);
        assert!(jump < 0.0025, "{jump}");
    }

    proptest! {
        #[test]
        fn blocks_of_any_length_give_the_same(cuts in proptest::collection::vec(1usize..3000, 1..8)) {
            let ranges = [(5, 30), (45, 46), (150, 400)];
            let whole = muted(&ranges, 200);
            let mutes = Mutes::new(&ranges);
            let mut parts = vec![1.0; whole.len()];
            let (mut at, mut cuts) = (0, cuts.iter().cycle());
            while at < parts.len() {
                let end = (at + cuts.next().unwrap()).min(parts.len());
                mutes.apply(&mut parts[at..end], 1, at as u64);
                at = end;
            }
            prop_assert_eq!(parts, whole);
        }
    }
}
