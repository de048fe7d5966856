//! Where one diagram ends and the next begins.

use super::kind;
use super::learn::cuts;
use super::normalise::Text;
use super::reading::Reading;
use super::title;
use super::token::{Sentence, Stop, Tag};

/// Fewest words of a scene that is cut off by a change of subject.
const LEAST_WORDS: u32 = 25;
/// A scene longer than this is cut at the best place there is, in words.
const MOST_WORDS: u32 = 260;
/// A sentence begins a scene when at least this much speaks for it.
const LEAST_ODDS: f64 = -0.2;
/// A mark that is certain, see [`shift`].
const CERTAIN: f64 = 2.0;
/// Sentences for which less speaks are not looked at again.
const WORTH_A_LOOK: f64 = -4.0;
/// How much it counts that the kind of what is said turns.
const TURN: f64 = 2.0;
/// How much it counts what the rules say of an opening, beyond what the starts of scenes in the corpus teach about it.
const MARK: f64 = 1.5;
/// Sentences on either side whose kinds are held against each other.
const WINDOW: usize = 8;
/// A turn of so many words was more than an answer.
const LONG_TURN: u32 = 40;
/// A pause that speaks for a new subject.
const LONG_PAUSE_MS: u64 = 1500;

/// The scenes of a talk as ranges of sentences, in order, without gaps; none for an empty talk.
pub(crate) fn split(reading: &Reading<'_>) -> Vec<(usize, usize)> {
    let text = &reading.text;
    let n = text.sentences.len();
    if n == 0 {
        return Vec::new();
    }
    let marks = marks(text);
    let mut cuts = vec![0];
    cuts.extend(begun(reading, &marks));
    cuts.sort_unstable();
    cuts.push(n);
    let mut out = Vec::new();
    for pair in cuts.windows(2) {
        bounded(text, &marks, pair[0], pair[1], &mut out);
    }
    out
}

/// How much the opening of each sentence speaks for a new subject.
pub(crate) fn marks(text: &Text) -> Vec<f64> {
    let n = text.sentences.len();
    let questions = (0..n).filter(|i| question(text, *i)).count();
    // Who tells everything in questions does not change the subject with each.
    let led_by_questions = questions >= 4 && n / questions < 7;
    (0..n).map(|i| if i == 0 { 0.0 } else { shift(text, i, led_by_questions) }).collect()
}

/// The sentences that are likeliest the first of a scene, none too near to another or to an end.
fn begun(reading: &Reading<'_>, marks: &[f64]) -> Vec<usize> {
    let sentences = &reading.text.sentences;
    let mut ranked: Vec<(f64, usize)> = cuts::features(reading, marks)
        .iter()
        .enumerate()
        .skip(1)
        .map(|(i, features)| (reading.weights.cuts.odds(features), i))
        .filter(|(odds, _)| *odds >= WORTH_A_LOOK)
        .map(|(odds, i)| (odds + MARK * marks[i] + TURN * (turns(reading, i) - 0.5), i))
        .filter(|(odds, _)| *odds >= LEAST_ODDS)
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut out: Vec<usize> = Vec::new();
    // Who says that a new subject begins is believed.
    for i in (1..sentences.len()).filter(|i| marks[*i] >= CERTAIN) {
        if words(&sentences[out.last().copied().unwrap_or(0)..i]) >= LEAST_WORDS / 2 {
            out.push(i);
        }
    }
    for (_, i) in ranked.into_iter().filter(|(_, i)| marks[*i] < CERTAIN) {
        let before = out.iter().copied().filter(|k| *k < i).max().unwrap_or(0);
        let after = out.iter().copied().filter(|k| *k > i).min().unwrap_or(sentences.len());
        if words(&sentences[before..i]) >= LEAST_WORDS && words(&sentences[i..after]) >= LEAST_WORDS {
            out.push(i);
        }
    }
    out
}

/// How likely what is said before the sentence is another kind of thing than what is said from it on.
fn turns(reading: &Reading<'_>, i: usize) -> f64 {
    let n = reading.text.sentences.len();
    let before = kind::rank(&reading.view(i.saturating_sub(WINDOW), i));
    let after = kind::rank(&reading.view(i, n.min(i + WINDOW)));
    let same: f64 = before
        .iter()
        .map(|(kind, share)| share * after.iter().find(|other| other.0 == *kind).map_or(0.0, |other| other.1))
        .sum();
    1.0 - same
}

fn words(sentences: &[Sentence]) -> u32 {
    match (sentences.first(), sentences.last()) {
        (Some(first), Some(last)) => last.words[1] - first.words[0] + 1,
        _ => 0,
    }
}

/// Whether the sentences `from..to` are short enough for one scene.
pub(crate) fn short(text: &Text, from: usize, to: usize) -> bool {
    words(&text.sentences[from..to]) <= MOST_WORDS + MOST_WORDS / 2
}

/// Cuts a scene that is too long at its best marks, or at even places.
fn bounded(text: &Text, marks: &[f64], first: usize, end: usize, out: &mut Vec<(usize, usize)>) {
    let mut start = first;
    while words(&text.sentences[start..end]) > MOST_WORDS && end - start > 1 {
        let reach = (start + 1..end)
            .take_while(|k| words(&text.sentences[start..*k]) <= MOST_WORDS)
            .last()
            .unwrap_or(start + 1);
        let from = start + (reach - start).div_ceil(2);
        let mut cut = reach;
        for k in from..=reach {
            if marks[k] > marks[cut] {
                cut = k;
            }
        }
        out.push((start, cut));
        start = cut;
    }
    out.push((start, end));
}

fn question(text: &Text, i: usize) -> bool {
    text.tokens[text.sentences[i].end - 1].stop == Stop::Ask
}

/// How much the opening of sentence `i` speaks for a new subject: 1 is a candidate, 2 is certain.
fn shift(text: &Text, i: usize, led_by_questions: bool) -> f64 {
    let sentence = text.sentences[i];
    let tokens = &text.tokens[sentence.first..sentence.end];
    let opening: Vec<&str> = tokens.iter().take(9).map(|t| t.low.as_str()).collect();
    let line = format!(" {} ", opening.join(" "));
    let starts = |phrases: &[&str]| phrases.iter().any(|p| line.starts_with(&format!(" {p} ")));
    let has = |phrases: &[&str]| phrases.iter().any(|p| line.contains(&format!(" {p} ")));
    let mut score = 0.0;
    if starts(title::CUES)
        || has(&[
            "let us turn to",
            "let's turn to",
            "let me turn to",
            "moving on",
            "move on to",
            "turning to",
            "the second part",
            "the next topic",
            "let's talk about",
            "let's look at",
            "next topic",
        ])
    {
        score += 2.0;
    }
    if has(&[
        "let's begin with",
        "let's start with",
        "last but not least",
        "so what we are going to do",
        "here is what",
        "just so you have got",
        "just so you've got the numbers",
        "the numbers",
        "some numbers",
        "some figures",
    ]) {
        score += 1.0;
    }
    if starts(&[
        "now",
        "so",
        "so now",
        "now then",
        "and now",
        "and finally",
        "finally",
        "and just so",
        "okay so",
        "but",
        "and",
    ]) && question(text, i)
        && !led_by_questions
        && has(&["how", "what", "why", "who", "when"])
    {
        score += 1.0;
    }
    if question(text, i)
        && !led_by_questions
        && starts(&["how", "what", "why", "who", "so how", "so why", "so what", "how does", "why does"])
    {
        score += 1.0;
    }
    if starts(&["next", "now", "so", "so now", "and now", "okay", "finally"])
        && has(&["let me", "let us", "let's", "i want to", "i would like to", "i'd like to"])
    {
        // "Next, let me tell you who does what."
        score += 1.0;
    }
    let verbless = !tokens.iter().any(|t| matches!(t.tag, Tag::Verb | Tag::Aux | Tag::Modal));
    if starts(&["now"]) && tokens.len() <= 4 && verbless && !question(text, i) {
        // "Now, beds."
        score += 2.0;
    }
    if sentence.pause_ms >= LONG_PAUSE_MS {
        score += 0.6;
    }
    // Who begins to speak after another has spoken for long may begin something new.
    let before = text.sentences[..i].iter().rposition(|s| s.turn).unwrap_or(0);
    if sentence.turn && words(&text.sentences[before..i]) >= LONG_TURN {
        score += 0.4;
    }
    if starts(&["so what"]) && !question(text, i) {
        score += 1.0;
    }
    score
}
