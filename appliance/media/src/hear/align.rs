//! Word times from all that is known of them: the engine's times, how long words of their length last, and the pauses.
//!
//! The engine's times are good to a tenth of a second or two in the middle of a phrase and go astray at its end: the attention
//! runs ahead into the pause, and the last words are left with no time at all. So the starts of all words of a window are
//! chosen together (dynamic programming, as in Viterbi alignment): each stays near the engine's time, each word gets the share of the
//! sounding time that its letters ask for, none holds a pause, and pauses lie where marks are.

use studio::transcript::Word;

use super::{RATE, level};

/// Milliseconds of a step, the unit of what follows.
const STEP_MS: u64 = 10;
/// How far before and after the engine's time a word may start, in steps (1.2 s, 840 ms): beyond, the engine is right about the phrase.
const BACK: usize = 120;
const AHEAD: usize = 84;
/// Silence from this many steps on is a pause (80 ms); shorter ones are closures of plosives.
const PAUSE: usize = 8;
/// A word that the engine begins this little before a pause, in steps (220 ms), may as well begin after it.
const BEFORE_PAUSE: usize = 22;
/// Milliseconds that every word lasts beyond its letters, the share of its letters that an unstressed one of at most three has,
/// how much longer the last word before a pause is (phrase-final lengthening), and what a digit is in letters.
const WORD_MS: f32 = 20.0;
const LIGHT: f32 = 0.6;
const LIGHT_LETTERS: usize = 3;
const FINAL: f32 = 1.2;
const DIGIT: usize = 4;
/// The cost of 100 ms from the engine's time and where it stops to grow, of a start in silence, of a pause inside a word, of a
/// pause after a word without a mark, and of a word that lasts e times what it should or the e-th part.
const DISTANCE: f32 = 0.25;
const FAR_MS: f32 = 400.0;
const SILENT: f32 = 3.0;
const INSIDE: f32 = 3.0;
const UNMARKED: f32 = 2.0;
const DURATION: f32 = 2.0;
/// The most that a word costs for sounding too long, and the slowest speech in milliseconds a letter: what sounds on may be music.
const LONGEST: f32 = 3.0;
const SLOWEST_MS: f32 = 100.0;
/// Added to durations before they are compared, so that very short words may be shorter still, in milliseconds.
const SLACK_MS: f32 = 30.0;

/// Sets the times of `words` (milliseconds from the start of a window), given its [`level::levels`]. Starts rise; a word ends where
/// the next begins, or where a pause does.
///
/// The constants were chosen on 10 synthetic talks with known times: 1,700 onsets of two voices, each heard by two models
/// (`benches/speech/measure.py onsets` makes such talks).
pub(super) fn align(words: &mut [Word], levels: &[f32]) {
    let sound = Sound::of(levels);
    if words.is_empty() || sound.steps() == 0 {
        return;
    }
    let expected = expected(words, sound.total_ms());
    let places: Vec<Places> = words.iter().map(|word| Places::of(word.start_ms, &sound)).collect();
    let starts = best(words, &expected, &places, &sound);
    for (i, &start) in starts.iter().enumerate() {
        let next = starts.get(i + 1).copied().unwrap_or(sound.steps());
        words[i].start_ms = start as u64 * STEP_MS;
        words[i].end_ms = sound.last(start, next).max(start) as u64 * STEP_MS;
    }
}

/// Where a window sounds.
struct Sound {
    sounds: Vec<bool>,
    /// Milliseconds of sound before each step; one more than steps.
    before_ms: Vec<f32>,
    /// Whether a pause ends at each step, and how many end before it; one more than steps.
    ends: Vec<bool>,
    ends_before: Vec<u32>,
}

impl Sound {
    fn of(levels: &[f32]) -> Self {
        let per_step = (STEP_MS * u64::from(RATE) / 1000) as usize / level::HOP;
        let quiet = level::quiet(levels);
        let mut sounds: Vec<bool> =
            levels.chunks_exact(per_step).map(|hops| hops.iter().sum::<f32>() / hops.len() as f32 >= quiet).collect();
        let mut ends = vec![false; sounds.len() + 1];
        let mut run = 0;
        for at in 0..=sounds.len() {
            if at < sounds.len() && !sounds[at] {
                run += 1;
                continue;
            }
            if run >= PAUSE {
                ends[at] = true;
            } else {
                sounds[at - run..at].fill(true);
            }
            run = 0;
        }
        let (mut before_ms, mut ends_before) = (vec![0.0], vec![0]);
        for (at, &sounding) in sounds.iter().enumerate() {
            before_ms.push(before_ms[at] + if sounding { STEP_MS as f32 } else { 0.0 });
            ends_before.push(ends_before[at] + u32::from(ends[at]));
        }
        Sound { sounds, before_ms, ends, ends_before }
    }

    fn steps(&self) -> usize {
        self.sounds.len()
    }

    fn total_ms(&self) -> f32 {
        self.before_ms[self.steps()]
    }

    /// The first step from `at` on that sounds, or the end.
    fn next(&self, at: usize) -> usize {
        (at..self.steps()).find(|&step| self.sounds[step]).unwrap_or(self.steps())
    }

    /// The first step that sounds after a pause that begins in `at..at + most`.
    fn after_pause(&self, at: usize, most: usize) -> Option<usize> {
        let silent = (at..self.steps().min(at + most)).find(|&step| !self.sounds[step])?;
        Some(self.next(silent))
    }

    /// The step after the last that sounds in `from..to`.
    fn last(&self, from: usize, to: usize) -> usize {
        (from..to).rev().find(|&step| self.sounds[step]).map_or(from, |step| step + 1)
    }

    /// How many pauses lie inside `from..to`: with sound after them.
    fn pauses(&self, from: usize, to: usize) -> u32 {
        self.ends_before[to].saturating_sub(self.ends_before[(from + 1).min(to)])
    }
}

/// How long each word should sound, in milliseconds, so that all together sound as long as the window does, or as slow speech would.
fn expected(words: &[Word], total_ms: f32) -> Vec<f32> {
    let letters: Vec<f32> = words.iter().map(letters).collect();
    let fixed = WORD_MS * words.len() as f32;
    let rate = ((total_ms - fixed).max(total_ms * 0.3) / letters.iter().sum::<f32>()).min(SLOWEST_MS);
    letters.iter().map(|count| WORD_MS + rate * count).collect()
}

/// How long a word is, in letters of stressed words.
fn letters(word: &Word) -> f32 {
    let digits = word.text.chars().filter(char::is_ascii_digit).count();
    let others = word.text.chars().filter(|c| c.is_alphabetic() || (c.is_numeric() && !c.is_ascii_digit())).count();
    let count = (others + DIGIT * digits).max(1);
    let light = if count <= LIGHT_LETTERS && digits == 0 { LIGHT } else { 1.0 };
    let last = if has_mark(word) { FINAL } else { 1.0 };
    count as f32 * light * last
}

/// Whether a mark follows the word, at which speakers pause.
fn has_mark(word: &Word) -> bool {
    word.text
        .ends_with(['.', ',', '?', '!', ';', ':', '…', '。', '、', '，', '？', '！', '；', '：', '।', '؟', '،', '؛'])
}

/// Where a word may start, and what each place costs.
struct Places {
    first: usize,
    costs: Vec<f32>,
}

impl Places {
    fn of(start_ms: u64, sound: &Sound) -> Self {
        let last = sound.steps() - 1;
        let at = usize::try_from(start_ms / STEP_MS).unwrap_or(last).min(last);
        // The engine gives a word the pause before it, and leaves words behind in long ones.
        let after = sound.next(at).min(last);
        let at = if after - at > AHEAD { after } else { at };
        // It also begins what follows an unmarked pause where the word before ends.
        let after = sound.after_pause(at, BEFORE_PAUSE).filter(|after| after - at <= AHEAD).unwrap_or(after).min(last);
        let first = at.saturating_sub(BACK);
        let cost = |step: usize| {
            let distance = step.abs_diff(at).min(step.abs_diff(after)) as f32 * STEP_MS as f32;
            DISTANCE * distance.min(FAR_MS) / 100.0 + if sound.sounds[step] { 0.0 } else { SILENT }
        };
        Places { first, costs: (first..=last.min(at + AHEAD)).map(cost).collect() }
    }

    fn steps(&self) -> impl Iterator<Item = (usize, f32)> {
        self.costs.iter().enumerate().map(|(i, &cost)| (self.first + i, cost))
    }
}

/// The starts that cost least together. Where words leave no room for each other, starts may fall back; the caller settles that.
fn best(words: &[Word], expected: &[f32], places: &[Places], sound: &Sound) -> Vec<usize> {
    let end = Places { first: sound.steps(), costs: vec![0.0] };
    let mut cost = places[0].costs.clone();
    let mut came_from: Vec<Vec<usize>> = Vec::with_capacity(words.len());
    for (i, word) in words.iter().enumerate() {
        let next = places.get(i + 1).unwrap_or(&end);
        let lengths = Lengths::of(expected[i], next.first + next.costs.len() - places[i].first);
        // Speakers draw out what they pause after, with a mark or without.
        let drawn_out = if has_mark(word) { expected[i] } else { expected[i] * FINAL };
        let last = Lengths::of(drawn_out, next.first + next.costs.len() - places[i].first);
        let unmarked = if has_mark(word) { 0.0 } else { UNMARKED };
        let (mut costs, mut from) = (Vec::with_capacity(next.costs.len()), Vec::with_capacity(next.costs.len()));
        for (to, own) in next.steps() {
            let lengths = if sound.ends[to] { &last } else { &lengths };
            let (mut least, mut least_from) = (f32::INFINITY, 0);
            for (k, &so_far) in cost.iter().enumerate() {
                let start = places[i].first + k;
                if start >= to {
                    break;
                }
                let inside = INSIDE * sound.pauses(start, to) as f32;
                let here = so_far + lengths.cost(sound.before_ms[to] - sound.before_ms[start]) + inside;
                if here < least {
                    (least, least_from) = (here, k);
                }
            }
            let pause = if sound.ends[to] { unmarked } else { 0.0 };
            // A place that no start leads to stays possible, or a crowd of words would have no solution at all.
            let least = if least.is_finite() { least } else { cost[0] + CROWDED };
            costs.push(least + pause + own);
            from.push(least_from);
        }
        came_from.push(from);
        cost = costs;
    }
    let mut starts = vec![0; words.len()];
    let mut at = 0;
    for i in (0..words.len()).rev() {
        at = came_from[i][at];
        starts[i] = places[i].first + at;
    }
    starts
}

/// The cost of a word without room.
const CROWDED: f32 = 1e3;

/// What it costs that a word sounds for so and so long, by steps.
struct Lengths(Vec<f32>);

impl Lengths {
    fn of(expected_ms: f32, most: usize) -> Self {
        let cost = |steps: usize| {
            let ratio = libm::logf((steps as f32 * STEP_MS as f32 + SLACK_MS) / (expected_ms + SLACK_MS));
            let cost = DURATION * ratio * ratio;
            if ratio > 0.0 { cost.min(LONGEST) } else { cost }
        };
        Lengths((0..=most).map(cost).collect())
    }

    fn cost(&self, ms: f32) -> f32 {
        let steps = (ms / STEP_MS as f32) as usize;
        self.0[steps.min(self.0.len() - 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two seconds of near silence that sound in these stretches of milliseconds.
    fn sounding(at: &[(usize, usize)]) -> Vec<f32> {
        let mut samples = vec![0.0005f32; RATE as usize * 2];
        for &(from, to) in at {
            for (i, sample) in samples[from * 16..to * 16].iter_mut().enumerate() {
                *sample = 0.3 * (i as f32 * 0.2).sin();
            }
        }
        level::levels(&samples)
    }

    /// Sound, words with the engine's times, and where they should begin and end, to 40 ms.
    fn check(sound: &[(usize, usize)], heard: &[(&str, u64, u64)], expected: &[(u64, u64)]) {
        let mut words: Vec<Word> = heard.iter().map(|&(text, from, to)| Word::new(text, from, to)).collect();
        align(&mut words, &sounding(sound));
        let got: Vec<_> = words.iter().map(|w| (w.start_ms, w.end_ms)).collect();
        for (&(start, end), &(from, to)) in got.iter().zip(expected) {
            assert!(start.abs_diff(from) <= 40 && end.abs_diff(to) <= 40, "{heard:?} became {got:?}");
        }
        assert_eq!(got.len(), expected.len());
    }

    #[test]
    fn a_word_begins_after_the_pause_that_the_engine_gave_it() {
        check(&[(100, 500), (900, 1300)], &[("doctor,", 100, 500), ("patient", 500, 1300)], &[(100, 500), (900, 1300)]);
    }

    #[test]
    fn a_word_after_a_pause_without_a_mark_begins_after_it() {
        check(
            &[(100, 600), (850, 1000), (1000, 1500)],
            &[("operations", 100, 560), ("is", 560, 960), ("responsible", 960, 1500)],
            &[(100, 600), (850, 960), (960, 1500)],
        );
    }

    #[test]
    fn words_squeezed_at_the_end_of_a_phrase_get_their_room() {
        check(
            &[(100, 1200), (1500, 1900)],
            &[("of", 100, 1150), ("the", 1200, 1200), ("reception,", 1200, 1250), ("trauma", 1500, 1900)],
            &[(100, 210), (210, 360), (360, 1200), (1500, 1900)],
        );
    }

    #[test]
    fn words_left_in_a_pause_join_their_phrase() {
        check(
            &[(100, 500), (1000, 1500)],
            &[("clinic.", 100, 500), ("and", 700, 750), ("patient", 1040, 1500)],
            &[(100, 500), (1000, 1100), (1100, 1500)],
        );
        check(
            &[(0, 400), (1500, 1900)],
            &[("clinic.", 0, 400), ("and", 450, 460), ("patient", 1540, 1900)],
            &[(0, 400), (1500, 1600), (1600, 1900)],
        );
    }

    #[test]
    fn times_that_fit_stay() {
        check(&[(100, 1100)], &[("doctor", 100, 600), ("nurses", 600, 1100)], &[(100, 600), (600, 1100)]);
    }

    #[test]
    fn a_crowd_without_room_and_no_sound_at_all_end_well() {
        let crowd: Vec<(&str, u64, u64)> = (0..400).map(|_| ("word", 300, 300)).collect();
        let mut words: Vec<Word> = crowd.iter().map(|&(text, from, to)| Word::new(text, from, to)).collect();
        align(&mut words, &sounding(&[(0, 400)]));
        super::super::words::settle(&mut words, 2_000);
        assert!(words.windows(2).all(|w| w[0].start_ms <= w[1].start_ms && w[0].end_ms <= w[1].start_ms));
        align(&mut words, &[]);
        align(&mut words, &[-90.0; 400]);
        align(&mut [], &sounding(&[(0, 400)]));
    }

    #[test]
    fn digits_take_longer_than_letters() {
        let long = |text: &str| letters(&Word::new(text, 0, 0));
        assert!(long("1905") > long("clinic") && long("the") < long("then") / 1.5 && long("room,") > long("room"));
    }
}
