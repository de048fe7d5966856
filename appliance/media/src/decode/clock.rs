//! Keeps decoded audio true to the container's timestamps.

/// Gaps shorter than this, in milliseconds, are jitter of the container's clock and stay as they are.
const JITTER_MS: i64 = 50;

/// Gaps longer than this are a clock that was set anew, not a pause: audio goes on without silence.
const LONGEST_GAP_MS: i64 = 60 * 60 * 1000;

/// Time that runs back by more than this is a clock that was set anew.
const REWIND_MS: i64 = 1000;

/// Where the next samples belong. All counts are sample frames at the rate the recording is read at.
#[derive(Debug)]
pub(super) struct Clock {
    rate: i64,
    /// Added to timestamps: what clock resets have shifted so far.
    shift: i64,
    /// Sample frames handed out.
    written: u64,
}

impl Clock {
    pub(super) fn new(rate: u32) -> Self {
        Self { rate: i64::from(rate), shift: 0, written: 0 }
    }

    /// Sample frames handed out so far.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Milliseconds handed out so far.
    pub(super) fn written_ms(&self) -> u64 {
        self.written.saturating_mul(1000) / self.rate.unsigned_abs().max(1)
    }

    /// Counts sample frames that were handed out.
    pub(super) fn advance(&mut self, frames: u64) {
        self.written = self.written.saturating_add(frames);
    }

    /// How much silence belongs before samples stamped `at`, with `pending` sample frames still in the resampler.
    ///
    /// Audio that overlaps what was handed out by less than a second is left alone: cutting it would cut words, and
    /// shifting it would let a jittering clock push everything later and later.
    pub(super) fn silence_before(&mut self, at: i64, pending: u64) -> u64 {
        let expected = i64::try_from(self.written.saturating_add(pending)).unwrap_or(i64::MAX);
        let gap = at.saturating_add(self.shift).saturating_sub(expected);
        let ms = |n: i64| n * self.rate / 1000;
        if gap > ms(LONGEST_GAP_MS) || gap < -ms(REWIND_MS) {
            self.shift = expected.saturating_sub(at);
            return 0;
        }
        if gap < ms(JITTER_MS) { 0 } else { gap.unsigned_abs() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds packets `(stamp, length)` at 1 kHz and checks the silence put before each.
    fn check(packets: &[(i64, u64)], expected: &[u64]) {
        let mut clock = Clock::new(1000);
        let mut silences = Vec::new();
        for &(at, length) in packets {
            let silence = clock.silence_before(at, 0);
            clock.advance(silence + length);
            silences.push(silence);
        }
        assert_eq!(silences, expected, "{packets:?}");
    }

    #[test]
    fn steady_time_needs_no_silence() {
        check(&[(0, 100), (100, 100), (200, 100)], &[0, 0, 0]);
    }

    #[test]
    fn a_gap_is_filled_and_a_late_start_too() {
        check(&[(0, 100), (600, 100), (700, 100)], &[0, 500, 0]);
        check(&[(250, 100), (350, 100)], &[250, 0]);
    }

    #[test]
    fn jitter_is_ignored_and_does_not_pile_up() {
        check(&[(0, 100), (149, 100), (200, 100)], &[0, 0, 0]);
        // 60 ms late, back on time, late again: only the first is filled.
        check(&[(0, 100), (160, 100), (200, 100), (360, 100)], &[0, 60, 0, 0]);
    }

    #[test]
    fn slow_drift_is_made_up_for() {
        let packets: Vec<(i64, u64)> = (0..20).map(|i| (i * 110, 100)).collect();
        let mut clock = Clock::new(1000);
        let mut total = 0;
        for &(at, length) in &packets {
            let silence = clock.silence_before(at, 0);
            clock.advance(silence + length);
            total += silence;
        }
        assert!((150..=190).contains(&total), "{total}");
    }

    #[test]
    fn a_clock_set_anew_goes_on_without_silence() {
        check(&[(0, 5000), (0, 100), (100, 100)], &[0, 0, 0]);
        check(&[(0, 100), (i64::MAX, 100), (0, 100)], &[0, 0, 0]);
        check(&[(0, 100), (i64::MIN, 100), (100, 100)], &[0, 0, 0]);
        check(&[(0, 100), (100_000_000, 100), (100_000_600, 100)], &[0, 0, 500]);
    }

    #[test]
    fn samples_inside_the_resampler_count() {
        let mut clock = Clock::new(1000);
        clock.advance(100);
        assert_eq!(clock.silence_before(180, 80), 0);
        assert_eq!(clock.silence_before(280, 80), 100);
    }
}
