//! Word onsets, snapped to where the sound really starts.
//!
//! The engine's times are good to a tenth of a second or two. Where a word follows a pause or a closure, the short-time
//! energy jumps within that distance, and the jump is where the word is heard to start.

use studio::transcript::Word;

use super::RATE;

/// Samples between two energies (5 ms) and around each (20 ms).
pub(super) const HOP: usize = RATE as usize / 200;
const SPAN: usize = RATE as usize / 50;
/// How far an onset may be before and after the engine's time, in hops (120 ms, 60 ms).
const BACK: usize = 24;
const AHEAD: usize = 12;
/// Hops compared before and after a candidate (50 ms, 30 ms).
const BEFORE: usize = 10;
const AFTER: usize = 6;
/// A jump must be this large, in decibels.
const JUMP: f32 = 9.0;
/// Hops that the word before may sound on (250 ms), hops a letter lasts (45 ms), hops that make a pause (80 ms), and decibels it is deep.
const SPILL: usize = 50;
const LETTER: usize = 9;
const PAUSE: usize = 16;
const PAUSE_DEPTH: f32 = 30.0;
/// What a candidate loses for each hop of distance, in decibels.
const DISTANCE: f32 = 0.25;

/// Energy of each [`HOP`] of `samples`, in decibels of full scale.
pub(super) fn levels(samples: &[f32]) -> Vec<f32> {
    (0..samples.len().div_ceil(HOP))
        .map(|i| {
            let from = (i * HOP).saturating_sub((SPAN - HOP) / 2);
            let part = &samples[from..(from + SPAN).min(samples.len())];
            let energy: f32 = part.iter().map(|s| s * s).sum::<f32>() / part.len().max(1) as f32;
            10.0 * (energy + 1e-10).log10()
        })
        .collect()
}

/// Moves the start of each word behind a pause at its start: the engine gives a word the pause before it. A pause is quieter than the loud tenth of the window by [`PAUSE_DEPTH`] for at least [`PAUSE`] hops.
pub(super) fn skip_pauses(words: &mut [Word], levels: &[f32]) {
    let Some(quiet) = quiet(levels) else { return };
    let hop_ms = (HOP * 1000 / RATE as usize) as u64;
    for word in words {
        let hop = |ms: u64| usize::try_from(ms / hop_ms).unwrap_or(usize::MAX).min(levels.len());
        let (from, to) = (hop(word.start_ms), hop(word.end_ms));
        // What sounds before the pause must be short enough for the end of the word before, and what is left after it
        // long enough for the word.
        let letters = word.text.chars().filter(|c| c.is_alphanumeric()).count();
        let latest = to.saturating_sub(letters * LETTER);
        let mut run = 0;
        for (at, &level) in levels.iter().enumerate().take(latest).skip(from) {
            if level < quiet {
                run += 1;
                continue;
            }
            if run >= PAUSE && at - run <= from + SPILL {
                word.start_ms = at as u64 * hop_ms;
            }
            run = 0;
        }
    }
}

/// The level below which a hop is part of a pause: the loud tenth of the window less [`PAUSE_DEPTH`].
fn quiet(levels: &[f32]) -> Option<f32> {
    let mut sorted = levels.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted.get(sorted.len() * 9 / 10).map(|loud| loud - PAUSE_DEPTH)
}

/// Moves a word that lies in the middle of a pause to the sound after it, when the next word is in that sound: the
/// engine leaves the first word of a phrase behind in the pause. On a call this would put it into the other's turn.
pub(super) fn leave_pauses(words: &mut [Word], levels: &[f32]) {
    let Some(quiet) = quiet(levels) else { return };
    let hop_ms = (HOP * 1000 / RATE as usize) as u64;
    let hop = |ms: u64| usize::try_from(ms / hop_ms).unwrap_or(usize::MAX).min(levels.len());
    for i in 1..words.len() {
        let [word, next] = &mut words[i - 1..=i] else { continue };
        let start = hop(word.start_ms);
        let Some(sound) = levels.iter().skip(start).position(|&l| l >= quiet).filter(|&s| s >= PAUSE) else { continue };
        let onset = (start + sound) as u64 * hop_ms;
        let before = &levels[start.saturating_sub(PAUSE)..start];
        if onset > next.end_ms || before.iter().any(|&l| l >= quiet) {
            continue;
        }
        // Both share the time from the onset to the end of the next word, by their letters.
        let letters = |w: &Word| w.text.chars().count().max(1) as u64;
        let first = letters(word);
        let share = next.end_ms.saturating_sub(onset) * first / (first + letters(next));
        word.start_ms = onset;
        word.end_ms = word.end_ms.max(onset + share);
        next.start_ms = next.start_ms.max(onset + share).min(next.end_ms);
    }
}

/// Moves the starts of `words` (milliseconds in `samples`) to energy jumps nearby, keeping their order.
pub(super) fn snap(words: &mut [Word], levels: &[f32]) {
    let hop_ms = (HOP * 1000 / RATE as usize) as u64;
    let mut floor = 0;
    for word in words {
        let near = usize::try_from(word.start_ms / hop_ms).unwrap_or(usize::MAX);
        if let Some(hop) = best_jump(levels, near) {
            word.start_ms = (hop as u64 * hop_ms).max(floor);
            word.end_ms = word.end_ms.max(word.start_ms);
        }
        floor = word.start_ms;
    }
}

/// The hop near `near` at which the energy rises most, if it rises enough.
fn best_jump(levels: &[f32], near: usize) -> Option<usize> {
    let mean = |from: usize, to: usize| levels[from..to].iter().sum::<f32>() / (to - from) as f32;
    let from = near.saturating_sub(BACK).max(BEFORE);
    let to = near.saturating_add(AHEAD).min(levels.len().saturating_sub(AFTER));
    let mut best: Option<(usize, f32)> = None;
    for hop in from..to {
        let rise = mean(hop, hop + AFTER) - mean(hop - BEFORE, hop);
        let score = rise - DISTANCE * hop.abs_diff(near) as f32;
        if rise >= JUMP && best.is_none_or(|(_, s)| score > s) {
            best = Some((hop, score));
        }
    }
    best.map(|(hop, _)| hop)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second of near silence with bursts of tone at the given milliseconds, 200 ms each.
    fn bursts(at: &[usize]) -> Vec<f32> {
        let mut samples = vec![0.0005f32; RATE as usize];
        for &ms in at {
            for (i, s) in samples[ms * 16..].iter_mut().take(3200).enumerate() {
                *s = 0.3 * (i as f32 * 0.2).sin();
            }
        }
        samples
    }

    fn check(bursts_at: &[usize], heard: &[u64], expected: &[u64]) {
        let levels = levels(&bursts(bursts_at));
        let mut words: Vec<Word> = heard.iter().map(|&ms| Word::new("w", ms, ms + 150)).collect();
        snap(&mut words, &levels);
        for (word, &due) in words.iter().zip(expected) {
            assert!(word.start_ms.abs_diff(due) <= 10, "{heard:?} became {} instead of {due}", word.start_ms);
            assert!(word.end_ms >= word.start_ms);
        }
    }

    #[test]
    fn words_left_in_a_pause_join_their_phrase() {
        let check = |bursts_at: &[usize], heard: &[(u64, u64)], expected: &[u64]| {
            let mut words: Vec<Word> = heard.iter().map(|&(from, to)| Word::new("w", from, to)).collect();
            leave_pauses(&mut words, &levels(&bursts(bursts_at)));
            let starts: Vec<u64> = words.iter().map(|w| w.start_ms).collect();
            for (start, due) in starts.iter().zip(expected) {
                assert!(start.abs_diff(*due) <= 15, "{heard:?} became {starts:?}");
            }
        };
        check(&[100, 700], &[(100, 280), (420, 470), (740, 900)], &[100, 700, 800]);
        // A word whose sound is near, and one without a next word in the sound, stay.
        check(&[100, 700], &[(100, 280), (620, 690), (740, 900)], &[100, 620, 740]);
        check(&[100, 700], &[(100, 280), (420, 470)], &[100, 420]);
        check(&[100], &[(400, 450), (500, 550)], &[400, 500]);
    }

    #[test]
    fn starts_move_to_the_jump() {
        check(&[300], &[380], &[300]);
        check(&[300], &[250], &[300]);
        check(&[300, 700], &[250, 790], &[300, 700]);
        check(&[300], &[150], &[150]);
    }

    #[test]
    fn starts_stay_where_nothing_jumps() {
        check(&[], &[400], &[400]);
        check(&[300], &[500], &[500]);
        check(&[300], &[0, 950, 5000], &[0, 950, 5000]);
    }

    #[test]
    fn order_is_kept() {
        let levels = levels(&bursts(&[300]));
        let mut words = vec![Word::new("a", 390, 400), Word::new("b", 395, 500)];
        snap(&mut words, &levels);
        assert!(words[0].start_ms <= words[1].start_ms);
        snap(&mut words, &[]);
    }
}
