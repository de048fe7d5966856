//! Which sentences begin a new scene.

use std::collections::BTreeSet;

use super::linear::Features;
use super::rivals::steps;
use crate::outline::kind;
use crate::outline::reading::Reading;
use crate::outline::token::{Stop, Tag, Token};
use crate::outline::view::content;

/// Sentences on either side that are held against each other.
const WINDOW: usize = 5;
const SHARES: &[f64] = &[0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7];
const WORDS: &[f64] = &[10.0, 20.0, 30.0, 40.0, 60.0, 80.0, 110.0, 150.0, 200.0];

/// What is seen of each sentence as the first of a scene; `marks` say how much its opening speaks for that by rule.
pub(crate) fn features(reading: &Reading<'_>, marks: &[f64]) -> Vec<Features> {
    let text = &reading.text;
    let n = text.sentences.len();
    let words: Vec<BTreeSet<&str>> = (0..n).map(|i| lemmas(tokens(reading, i))).collect();
    (0..n).map(|i| if i == 0 { Features::new() } else { sentence(reading, i, marks[i], &words) }).collect()
}

fn tokens<'r>(reading: &'r Reading<'_>, i: usize) -> &'r [Token] {
    let sentence = reading.text.sentences[i];
    &reading.text.tokens[sentence.first..sentence.end]
}

fn lemmas(tokens: &[Token]) -> BTreeSet<&str> {
    tokens.iter().filter(|t| content(t)).map(|t| t.lemma.as_str()).collect()
}

fn asks(reading: &Reading<'_>, i: usize) -> bool {
    tokens(reading, i).last().is_some_and(|t| t.stop == Stop::Ask)
}

fn sentence(reading: &Reading<'_>, i: usize, mark: f64, words: &[BTreeSet<&str>]) -> Features {
    let sentences = &reading.text.sentences;
    let own = tokens(reading, i);
    let mut out: Features = vec![("one".to_owned(), 1.0)];
    let mut say = |what: String| out.push((what, 1.0));
    let opening: Vec<&str> = own.iter().take(8).map(|t| t.low.as_str()).collect();
    for k in 1..=3 {
        if let Some(words) = opening.get(..k) {
            say(format!("opens {}", words.join(" ")));
        }
    }
    for (k, word) in opening.iter().enumerate() {
        say(format!("early {word}"));
        if let Some(next) = opening.get(k + 1) {
            say(format!("early {word} {next}"));
        }
    }
    let verbless = !own.iter().any(|t| matches!(t.tag, Tag::Verb | Tag::Aux | Tag::Modal));
    let first = own.first().map_or(Tag::Intj, |t| t.tag);
    say(format!("first {first:?}"));
    let marks = [
        ("asks", asks(reading, i)),
        ("asked before", asks(reading, i - 1)),
        ("asked after", i + 1 < sentences.len() && asks(reading, i + 1)),
        ("verbless", verbless),
        ("short verbless", verbless && own.len() <= 5),
        ("colon", own.iter().any(|t| t.low == ":")),
        ("speaker", own.iter().any(|t| t.is(&["i", "we", "you", "me", "us", "i'll", "let's"]))),
        ("pause", sentences[i].pause_ms >= 1500),
    ];
    for (mark, _) in marks.iter().filter(|(_, holds)| *holds) {
        say((*mark).to_owned());
    }
    steps(&mut out, "mark", mark, &[0.0, 0.5, 0.9, 1.5, 1.9]);
    steps(&mut out, "size", own.len() as f64, &[2.0, 4.0, 6.0, 9.0, 14.0, 20.0]);
    steps(&mut out, "size before", tokens(reading, i - 1).len() as f64, &[2.0, 4.0, 6.0, 9.0, 14.0]);
    let span = |from: usize, to: usize| f64::from(sentences[to - 1].words[1] + 1 - sentences[from].words[0]);
    steps(&mut out, "words before", span(0, i), WORDS);
    steps(&mut out, "words after", span(i, sentences.len()), WORDS);
    let (from, to) = (i.saturating_sub(WINDOW), sentences.len().min(i + WINDOW));
    let union = |a: usize, b: usize| -> BTreeSet<&str> { words[a..b].iter().flatten().copied().collect() };
    let (before, after, near) = (union(from, i), union(i, to), union(i.saturating_sub(2), i));
    let alike = |a: &BTreeSet<&str>, b: &BTreeSet<&str>| {
        a.intersection(b).count() as f64 / ((a.len() * b.len()) as f64).sqrt().max(1.0)
    };
    steps(&mut out, "windows alike", alike(&before, &after), SHARES);
    steps(&mut out, "sentence known", alike(&words[i], &before), SHARES);
    steps(&mut out, "goes on", alike(&words[i], &near), SHARES);
    let (left, right) = (kind::cued(&reading.view(from, i)), kind::cued(&reading.view(i, to)));
    let score = |ranking: &[(crate::storyboard::Kind, f64)], kind| {
        ranking.iter().find(|r| r.0 == kind).map_or(0.0, |r| r.1.max(0.0))
    };
    let (mut dot, mut a, mut b) = (0.0, 0.0, 0.0);
    for (kind, x) in &left {
        let (x, y) = (x.max(0.0), score(&right, *kind));
        (dot, a, b) = (dot + x * y, a + x * x, b + y * y);
    }
    steps(&mut out, "kinds differ", 1.0 - dot / (a * b).sqrt().max(1e-9), SHARES);
    if left[0].0 != right[0].0 {
        out.push(("turns".to_owned(), 1.0));
    }
    out.push((format!("to {}", right[0].0), 1.0));
    out
}
