//! What speech engines make up, and how it is told from what was said.

use studio::transcript::Word;

use super::RATE;

/// A loop is a phrase said at least this often in a row, of at least this many words in all.
const REPEATS: usize = 4;
const LOOP_WORDS: usize = 8;
/// Longest phrase that is looked for.
const PHRASE: usize = 12;
/// Someone who really repeats himself takes this long over each word, and is heard with this confidence.
const REAL_MS: u64 = 150;
const REAL_CONFIDENCE: f32 = 0.5;

/// Below this many decibels of full scale nothing is said, whatever the loudness of the rest.
const SILENT: f32 = -65.0;
/// A word this many decibels below the loud tenth of its window was not said.
const FAINT: f32 = 40.0;
/// A word that starts this close to the end of the last sound, or after it, is timed too late.
const LATE_MS: u64 = 40;
/// So many words may share a moment, or be late, before they are taken for made up.
const TIMELESS: usize = 3;

/// A phrase of `phrase` words from word `from` on, said `repeats` times in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Loop {
    from: usize,
    phrase: usize,
    repeats: usize,
}

/// The first repetition in `words` that is not plausibly spoken.
pub(super) fn find_loop(words: &[Word]) -> Option<Loop> {
    find(words, spoken)
}

/// Whether a phrase is repeated in `words`, spoken or not.
pub(super) fn repeats(words: &[Word]) -> bool {
    find(words, |_| false).is_some()
}

/// The first repetition in `words` that is not `excused`.
fn find(words: &[Word], excused: impl Fn(&[Word]) -> bool) -> Option<Loop> {
    let keys: Vec<String> = words.iter().map(key).collect();
    let mut from = 0;
    while from < keys.len() {
        let mut passed = 0;
        for phrase in 1..=PHRASE.min((keys.len() - from) / REPEATS) {
            let repeats = 1
                + (1..)
                    .take_while(|r| {
                        let next = from + r * phrase;
                        next + phrase <= keys.len() && keys[next..next + phrase] == keys[from..from + phrase]
                    })
                    .count();
            if repeats < REPEATS || repeats * phrase < LOOP_WORDS {
                continue;
            }
            if !excused(&words[from..from + repeats * phrase]) {
                return Some(Loop { from, phrase, repeats });
            }
            passed = passed.max(repeats * phrase);
        }
        from += passed.max(1);
    }
    None
}

/// Leaves one of each repeated phrase.
pub(super) fn drop_loops(words: &mut Vec<Word>) {
    while let Some(found) = find_loop(words) {
        let keep = found.from + found.phrase;
        words.drain(keep..found.from + found.phrase * found.repeats);
    }
}

/// Whether a repetition takes as long, and is as sure, as one that a person makes.
fn spoken(words: &[Word]) -> bool {
    let count = words.len().max(1) as u64;
    let lasting: u64 = words.iter().map(|w| w.end_ms - w.start_ms.min(w.end_ms)).sum();
    let confidence: f32 = words.iter().map(|w| w.confidence).sum::<f32>() / count as f32;
    lasting / count >= REAL_MS && confidence >= REAL_CONFIDENCE
}

fn key(word: &Word) -> String {
    word.text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Drops what the engine writes about sounds: `[Music]`, `(applause)`.
pub(super) fn drop_notes(words: &mut Vec<Word>) {
    let mut closing = None;
    let mut left = 0;
    words.retain(|word| {
        if closing.is_none() {
            closing = match word.text.chars().next() {
                Some('[') => Some(']'),
                Some('(') => Some(')'),
                _ => None,
            };
            left = 6;
        }
        let Some(close) = closing else { return true };
        left -= 1;
        if word.text.contains(close) || left == 0 {
            closing = None;
        }
        false
    });
}

/// Drops words that the engine found no time for: it goes on writing when the window is over, all at one moment.
pub(super) fn drop_timeless(words: &mut Vec<Word>) {
    let mut keep = vec![true; words.len()];
    let mut from = 0;
    while from < words.len() {
        let at = words[from].start_ms;
        let count = words[from..].iter().take_while(|w| w.start_ms == at && w.end_ms <= at + 1).count();
        if count > TIMELESS {
            keep[from..from + count].fill(false);
        }
        from += count.max(1);
    }
    let mut keep = keep.into_iter();
    words.retain(|_| keep.next().unwrap_or(true));
}

/// Puts words to where there is sound. `levels` are decibels, one each `hop` samples (see [`super::level::levels`]).
///
/// Without any sound nothing was said. A word or two may be said but timed into the silence after the last sound: they
/// share the room of the word before them. More than that are made up.
pub(super) fn into_sound(words: &mut Vec<Word>, levels: &[f32], hop: usize) {
    let mut sorted = levels.to_vec();
    sorted.sort_by(f32::total_cmp);
    let loud = sorted.get(sorted.len() * 9 / 10).copied().unwrap_or(SILENT);
    let least = SILENT.max(loud - FAINT);
    let Some(last) = levels.iter().rposition(|&level| level > least) else {
        words.clear();
        return;
    };
    let end_ms = ((last + 1) * hop * 1000) as u64 / u64::from(RATE);
    let late = words.iter().rev().take_while(|w| w.start_ms + LATE_MS >= end_ms).count();
    let first = words.len() - late;
    if late > TIMELESS {
        words.truncate(first);
    } else if late > 0 && first > 0 {
        share(&mut words[first - 1..], end_ms);
    }
}

/// Spreads words over the time from the start of the first to `end_ms`, by their letters.
fn share(words: &mut [Word], end_ms: u64) {
    let Some(start) = words.first().map(|w| w.start_ms) else { return };
    let letters = |w: &Word| w.text.chars().count() as u64;
    let total = words.iter().map(letters).sum::<u64>().max(1);
    let room = end_ms.saturating_sub(start);
    let mut before = 0;
    for word in words {
        word.start_ms = start + room * before / total;
        before += letters(word);
        word.end_ms = start + room * before / total;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of `each` milliseconds with one confidence.
    fn said(text: &str, each: u64, confidence: f32) -> Vec<Word> {
        let words = text.split_whitespace().enumerate();
        words
            .map(|(i, w)| {
                let mut word = Word::new(w, i as u64 * each, i as u64 * each + each);
                word.confidence = confidence;
                word
            })
            .collect()
    }

    fn text(words: &[Word]) -> String {
        words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    fn check(input: &str, each: u64, confidence: f32, expected: &str) {
        let mut words = said(input, each, confidence);
        drop_loops(&mut words);
        assert_eq!(text(&words), expected);
    }

    #[test]
    fn repetitions_are_seen_whether_spoken_or_not() {
        let check = |text: &str, expected| {
            let words: Vec<Word> =
                text.split(' ').zip(0u64..).map(|(w, i)| Word::new(w, i * 400, i * 400 + 380)).collect();
            assert_eq!(repeats(&words), expected, "{text}");
        };
        check("check it check it check it check it", true);
        check("check it check it check it", false);
        check("so we check the order and then we pay the bill", false);
    }

    #[test]
    fn loops_collapse_to_one() {
        check(&"Thank you. ".repeat(10), 40, 0.9, "Thank you.");
        check(&format!("we start {} end", "and then it ".repeat(8)), 60, 0.9, "we start and then it end");
        check(&"so ".repeat(30), 300, 0.2, "so");
        check(&"The, the ".repeat(8), 20, 0.9, "The,");
    }

    #[test]
    fn what_a_person_may_repeat_stays() {
        check("no no no no", 40, 0.9, "no no no no");
        let slow = "test ".repeat(20);
        check(&slow, 400, 0.9, slow.trim());
        let text = "one of the steps and one of the teams and one of the tools";
        check(text, 20, 0.1, text);
        check("", 1, 1.0, "");
    }

    #[test]
    fn long_input_is_quick_and_loses_nothing() {
        let text: Vec<String> = (0..3000).map(|i| format!("w{}", i % 1999)).collect();
        check(&text.join(" "), 10, 0.1, &text.join(" "));
    }

    #[test]
    fn notes_are_dropped() {
        let check = |input: &str, expected: &str| {
            let mut words = said(input, 100, 0.9);
            drop_notes(&mut words);
            assert_eq!(text(&words), expected, "{input}");
        };
        check("hello [Music] world", "hello world");
        check("[MUSIC PLAYING] world (audience applauds) end", "world end");
        check("a (b c d e f g h i", "a h i");
    }

    #[test]
    fn words_without_time_are_dropped() {
        let check = |times: &[(u64, u64)], expected: usize| {
            let mut words: Vec<Word> = times.iter().map(|&(a, b)| Word::new("w", a, b)).collect();
            drop_timeless(&mut words);
            assert_eq!(words.len(), expected, "{times:?}");
        };
        check(&[(0, 100), (100, 200), (200, 200), (200, 200), (200, 200), (200, 200)], 2);
        check(&[(0, 100), (100, 100), (100, 100), (100, 300)], 4);
        check(&[], 0);
    }

    /// Two seconds of which the first is sound; words at `times`, expected back at `expected`.
    #[track_caller]
    fn check_sound(times: &[(u64, u64)], expected: &[(u64, u64)]) {
        let mut samples = vec![0.0f32; RATE as usize * 2];
        for (i, s) in samples[..16_000].iter_mut().enumerate() {
            *s = 0.3 * (i as f32 * 0.3).sin();
        }
        let levels = super::super::level::levels(&samples);
        let mut words: Vec<Word> = times.iter().map(|&(a, b)| Word::new("word", a, b)).collect();
        into_sound(&mut words, &levels, 80);
        let got: Vec<_> = words.iter().map(|w| (w.start_ms, w.end_ms)).collect();
        assert_eq!(got, expected);
        into_sound(&mut words, &[-90.0; 50], 80);
        assert!(words.is_empty(), "no sound, no words");
    }

    #[test]
    fn words_are_put_where_sound_is() {
        check_sound(&[(100, 500), (500, 900)], &[(100, 500), (500, 900)]);
        check_sound(&[(200, 300), (1900, 2000)], &[(200, 605), (605, 1010)]);
        check_sound(&[(200, 300), (1500, 1600), (1600, 1600), (1700, 1800), (1900, 2000)], &[(200, 300)]);
        check_sound(&[(1900, 2000)], &[(1900, 2000)]);
    }
}
