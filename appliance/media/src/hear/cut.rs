//! Cuts a stream of samples into windows of speech.
//!
//! Speech becomes *pieces* (an utterance with a little air around it), pieces are packed into *windows* of at most
//! 30 s. A window ends at the longest pause near its end, never inside a word when there is any pause at all. What lies
//! between pieces is left out, and each piece remembers where it came from, so times map back exactly.

use super::detect::{FRAME, SpeechDetector};
use super::{HearError, RATE};

/// Frames analysed at a time (20 s).
const CHUNK: usize = 625;
/// Frames of the past the detector is shown first, to settle (2 s).
const SETTLE: usize = 64;
/// Speech starts at this probability and goes on above the lower one.
const START: f32 = 0.5;
const STAY: f32 = 0.35;
/// Frames below [`STAY`] that end an utterance (256 ms).
const PAUSE: usize = 8;
/// Frames an utterance must last (128 ms): shorter ones are clicks.
const SHORTEST: usize = 4;
/// Samples kept before and after an utterance (200 ms, 300 ms): soft onsets and trailing consonants.
const LEAD: u64 = RATE as u64 / 5;
const TAIL: u64 = RATE as u64 * 3 / 10;
/// Longest window and longest piece, in samples (29.5 s): the engine takes 30 s.
const LONGEST: u64 = RATE as u64 * 59 / 2;
/// A window is not cut before this many samples (18 s), to keep windows few.
const FULL_ENOUGH: u64 = RATE as u64 * 18;

/// Energy below which all is silence (-60 dB), and how many decibels louder a cut may be for being a second later.
const SILENCE: f64 = 1e-6;
const EARLY: f64 = 1.0;

/// A stretch of the recording inside a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// First sample in the recording.
    pub at: u64,
    /// Samples.
    pub len: u64,
}

impl Piece {
    fn end(&self) -> u64 {
        self.at + self.len
    }
}

/// At most 30 s of speech: pieces of the recording, one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Where the samples come from, in order.
    pub pieces: Vec<Piece>,
    /// The samples of all pieces.
    pub samples: Vec<f32>,
}

impl Window {
    /// First sample in the recording.
    pub fn start(&self) -> u64 {
        self.pieces.first().map_or(0, |p| p.at)
    }

    /// The sample in the recording after the last.
    pub fn end(&self) -> u64 {
        self.pieces.last().map_or(0, Piece::end)
    }

    /// Milliseconds in the recording of a word from `start_ms` to `end_ms` in the window. A word stays inside the piece
    /// that holds its start; one that starts in the last 40 ms of a piece and runs on belongs to the next piece.
    pub fn locate(&self, start_ms: u64, end_ms: u64) -> (u64, u64) {
        let per_ms = u64::from(RATE) / 1000;
        let (start, end) = (start_ms.saturating_mul(per_ms), end_ms.saturating_mul(per_ms));
        let mut offset = 0;
        for (i, piece) in self.pieces.iter().enumerate() {
            let last = i + 1 == self.pieces.len();
            let next = offset + piece.len;
            let spills = end > next && next.saturating_sub(start) <= 40 * per_ms;
            if last || (start < next && !spills) {
                let inside = |t: u64| piece.at + t.saturating_sub(offset).min(piece.len);
                return (inside(start) / per_ms, inside(end.max(start)) / per_ms);
            }
            offset = next;
        }
        (0, 0)
    }
}

/// An utterance with its samples, waiting for its window.
struct Utterance {
    piece: Piece,
    samples: Vec<f32>,
}

/// Cuts a stream into windows; holds about a minute of samples, however long the stream is.
#[derive(Default)]
pub(super) struct Cutter {
    /// Samples that may still be needed; the first is number `base` of the stream.
    buffer: Vec<f32>,
    base: u64,
    /// Frames analysed so far.
    analysed: u64,
    /// First frame of the utterance that goes on, and the last frame of it that was speech.
    open: Option<(u64, u64)>,
    /// Sample up to which the stream was handed on: pieces never overlap.
    taken: u64,
    waiting: Vec<Utterance>,
    ready: Vec<Window>,
}

impl Cutter {
    /// Takes the next samples; returns windows that are complete.
    pub(super) fn push(
        &mut self,
        samples: &[f32],
        detector: &mut dyn SpeechDetector,
    ) -> Result<Vec<Window>, HearError> {
        self.buffer.extend_from_slice(samples);
        while self.received() - self.analysed * FRAME as u64 >= (CHUNK * FRAME) as u64 {
            self.analyse(CHUNK, detector)?;
        }
        Ok(std::mem::take(&mut self.ready))
    }

    /// The stream has ended: returns what is left.
    pub(super) fn finish(&mut self, detector: &mut dyn SpeechDetector) -> Result<Vec<Window>, HearError> {
        let rest = (self.received() - self.analysed * FRAME as u64).div_ceil(FRAME as u64);
        if rest > 0 {
            self.analyse(rest as usize, detector)?;
        }
        if let Some((first, last)) = self.open.take() {
            self.close(first, last);
        }
        self.pack(u64::MAX, 0);
        Ok(std::mem::take(&mut self.ready))
    }

    fn received(&self) -> u64 {
        self.base + self.buffer.len() as u64
    }

    /// Runs the detector over the next `frames` frames and follows the speech in them.
    fn analyse(&mut self, frames: usize, detector: &mut dyn SpeechDetector) -> Result<(), HearError> {
        let first = self.analysed;
        let settle = first.saturating_sub(SETTLE as u64).max(self.base.div_ceil(FRAME as u64)).min(first);
        let from = (settle * FRAME as u64 - self.base) as usize;
        let to = (((first + frames as u64) * FRAME as u64).min(self.received()) - self.base) as usize;
        let probabilities = detector.probabilities(&self.buffer[from..to])?;
        for (i, &p) in probabilities.iter().skip((first - settle) as usize).enumerate() {
            self.follow(first + i as u64, p);
        }
        self.analysed = first + frames as u64;
        self.forget();
        Ok(())
    }

    fn follow(&mut self, frame: u64, p: f32) {
        match self.open {
            None if p >= START => self.open = Some((frame, frame)),
            None => {}
            Some((first, _)) if p >= STAY => {
                self.open = Some((first, frame));
                let start = self.lead(first);
                if (frame + 1) * FRAME as u64 - start >= LONGEST {
                    let cut = self.quietest(start + LONGEST * 6 / 10, start + LONGEST - FRAME as u64);
                    self.take(start, cut);
                    self.open = Some((cut.div_ceil(FRAME as u64), frame));
                }
            }
            Some((first, last)) if frame - last >= PAUSE as u64 => {
                self.open = None;
                self.close(first, last);
            }
            Some(_) => {}
        }
    }

    /// Where the piece of an utterance that starts with frame `first` starts.
    fn lead(&self, first: u64) -> u64 {
        (first * FRAME as u64).saturating_sub(LEAD).max(self.taken)
    }

    /// An utterance of frames `first..=last` is over.
    fn close(&mut self, first: u64, last: u64) {
        if last + 1 - first.min(last) < SHORTEST as u64 {
            return;
        }
        let end = ((last + 1) * FRAME as u64 + TAIL).min(self.received());
        self.take(self.lead(first), end);
    }

    /// Hands samples `start..end` of the stream on as a piece.
    fn take(&mut self, start: u64, end: u64) {
        let end = end.min(start + LONGEST);
        if end <= start {
            return;
        }
        let samples = self.buffer[(start - self.base) as usize..(end - self.base) as usize].to_vec();
        self.pack(start, end - start);
        self.taken = end;
        self.waiting.push(Utterance { piece: Piece { at: start, len: end - start }, samples });
    }

    /// Makes room in the window that is being filled for a piece of `more` samples that starts at `next`; `0` empties it.
    fn pack(&mut self, next: u64, more: u64) {
        loop {
            let total: u64 = self.waiting.iter().map(|u| u.piece.len).sum();
            if self.waiting.is_empty() || (more > 0 && total + more <= LONGEST) {
                return;
            }
            let count = if more == 0 { self.waiting.len() } else { self.best_cut(next) };
            let mut window = Window { pieces: Vec::new(), samples: Vec::new() };
            for utterance in self.waiting.drain(..count) {
                match window.pieces.last_mut() {
                    Some(piece) if piece.end() == utterance.piece.at => piece.len += utterance.piece.len,
                    _ => window.pieces.push(utterance.piece),
                }
                window.samples.extend(utterance.samples);
            }
            self.ready.push(window);
        }
    }

    /// How many waiting pieces make the window before a piece at `next`: all, or up to the longest pause once it is full
    /// enough.
    fn best_cut(&self, next: u64) -> usize {
        let mut best = (self.waiting.len(), 0);
        let mut length = 0;
        for (i, pair) in self.waiting.windows(2).enumerate() {
            length += pair[0].piece.len;
            let pause = pair[1].piece.at - pair[0].piece.end();
            if length >= FULL_ENOUGH && pause > best.1 {
                best = (i + 1, pause);
            }
        }
        let last = self.waiting.last().map_or(0, |u| u.piece.end());
        if next.saturating_sub(last) >= best.1 { self.waiting.len() } else { best.0 }
    }

    /// The quietest sample between two, by the energy of the 40 ms around it; of two alike the later, for the engine
    /// hears best with much around.
    fn quietest(&self, from: u64, to: u64) -> u64 {
        let half = u64::from(RATE) / 50;
        let hop = usize::try_from(half / 4).unwrap_or(1);
        let loudness = |at: u64| -> f64 {
            let a = at.saturating_sub(half).saturating_sub(self.base) as usize;
            let b = ((at + half).saturating_sub(self.base) as usize).min(self.buffer.len());
            let part = &self.buffer[a.min(b)..b];
            let energy: f64 = part.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
            let level = 10.0 * libm::log10(energy / part.len().max(1) as f64 + SILENCE);
            level + EARLY * (to - at) as f64 / f64::from(RATE)
        };
        (from..to.min(self.received()))
            .step_by(hop)
            .min_by(|&a, &b| loudness(a).total_cmp(&loudness(b)))
            .unwrap_or(from)
    }

    /// Drops samples that nothing will ask for again.
    fn forget(&mut self) {
        let settle = (self.analysed * FRAME as u64).saturating_sub((SETTLE * FRAME) as u64);
        let keep = self.open.map_or(settle, |(first, _)| settle.min(self.lead(first)));
        let drop = usize::try_from(keep.saturating_sub(self.base)).unwrap_or(0).min(self.buffer.len());
        self.buffer.drain(..drop);
        self.base += drop as u64;
    }

    #[cfg(test)]
    fn held(&self) -> usize {
        self.buffer.len() + self.waiting.iter().map(|u| u.samples.len()).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes loud samples for speech.
    pub(crate) struct Loud;

    impl SpeechDetector for Loud {
        fn probabilities(&mut self, samples: &[f32]) -> Result<Vec<f32>, HearError> {
            let loud = |frame: &[f32]| frame.iter().any(|s| s.abs() > 0.1);
            Ok(samples.chunks(FRAME).map(|f| if loud(f) { 0.9 } else { 0.05 }).collect())
        }
    }

    /// Seconds of speech (positive) and silence (negative), each sample telling its position.
    fn stream(spans: &[f64]) -> Vec<f32> {
        let mut out = Vec::new();
        for &span in spans {
            let count = (span.abs() * f64::from(RATE)) as usize;
            let level = if span > 0.0 { 0.5 } else { 0.01 };
            let before = out.len();
            out.extend((before..before + count).map(|i| level + i as f32 * 1e-9));
        }
        out
    }

    fn cut(samples: &[f32], block: usize) -> Vec<Window> {
        let mut cutter = Cutter::default();
        let mut windows = Vec::new();
        for block in samples.chunks(block) {
            windows.extend(cutter.push(block, &mut Loud).expect("never fails"));
            assert!(cutter.held() < 60 * RATE as usize, "memory stays flat");
        }
        windows.extend(cutter.finish(&mut Loud).expect("never fails"));
        for window in &windows {
            let total: u64 = window.pieces.iter().map(|p| p.len).sum();
            assert_eq!(total, window.samples.len() as u64);
            assert!(total <= LONGEST && total > 0);
            let mut offset = 0;
            for piece in &window.pieces {
                let (a, b) = (piece.at as usize, piece.end() as usize);
                assert_eq!(window.samples[offset..offset + (b - a)], samples[a..b], "pieces hold what they say");
                offset += b - a;
            }
        }
        for pair in windows.windows(2) {
            assert!(pair[0].end() <= pair[1].start(), "windows do not overlap");
        }
        windows
    }

    /// Checks start and end of the windows, in tenths of a second.
    fn check(spans: &[f64], expected: &[(u64, u64)]) {
        let samples = stream(spans);
        let windows = cut(&samples, 4096);
        let tenths = |n: u64| (n + 800) / 1600;
        let got: Vec<_> = windows.iter().map(|w| (tenths(w.start()), tenths(w.end()))).collect();
        assert_eq!(got, expected, "{spans:?}");
        assert_eq!(windows, cut(&samples, 1_000_000), "block sizes do not matter");
    }

    #[test]
    fn silence_gives_nothing() {
        check(&[], &[]);
        check(&[-100.0], &[]);
        check(&[-5.0, 0.05, -5.0], &[]);
    }

    #[test]
    fn an_utterance_gets_air_on_both_sides() {
        check(&[-2.0, 3.0, -2.0], &[(18, 53)]);
        check(&[3.0], &[(0, 30)]);
    }

    #[test]
    fn windows_end_at_the_longest_late_pause() {
        // 12 + 8 + 8 s of speech and then more: the 4 s pause after 20 s wins over the 1 s pause after 28 s.
        check(&[12.0, -1.0, 8.0, -4.0, 8.0, -1.0, 12.0], &[(0, 213), (248, 460)]);
    }

    #[test]
    fn speech_without_pause_is_cut_at_its_quietest() {
        let mut samples = stream(&[50.0]);
        for s in &mut samples[25 * RATE as usize..][..1600] {
            *s *= 0.5;
        }
        let windows = cut(&samples, 4096);
        assert_eq!(windows.len(), 2, "{:?}", windows.iter().map(|w| w.pieces.clone()).collect::<Vec<_>>());
        assert!((25 * 16_000..25 * 16_000 + 1600).contains(&windows[0].end()));
        assert_eq!(windows[0].end(), windows[1].start(), "not a sample is lost");
        assert_eq!(windows[1].end(), 50 * u64::from(RATE));
    }

    #[test]
    fn all_speech_of_a_long_stream_is_kept() {
        let spans: Vec<f64> = (0..120).flat_map(|i| [1.0 + f64::from(i % 7), -0.6 - f64::from(i % 3)]).collect();
        let samples = stream(&spans);
        let windows = cut(&samples, 10_000);
        let mut kept = vec![false; samples.len()];
        for piece in windows.iter().flat_map(|w| &w.pieces) {
            kept[piece.at as usize..piece.end() as usize].fill(true);
        }
        assert!(samples.iter().zip(&kept).all(|(s, k)| *k || s.abs() < 0.1));
    }

    #[test]
    fn words_map_back_to_their_piece() {
        let per_ms = u64::from(RATE) / 1000;
        let pieces =
            vec![Piece { at: 1000 * per_ms, len: 2000 * per_ms }, Piece { at: 60_000 * per_ms, len: 1000 * per_ms }];
        let window = Window { pieces, samples: Vec::new() };
        let check = |from, to, expected| assert_eq!(window.locate(from, to), expected, "{from}..{to}");
        check(0, 300, (1000, 1300));
        check(1800, 2500, (2800, 3000));
        check(1980, 2500, (60_000, 60_500));
        check(2000, 2100, (60_000, 60_100));
        check(2900, 9000, (60_900, 61_000));
        check(9000, 9000, (61_000, 61_000));
    }
}
