//! Which sentences begin a new scene.

use std::collections::BTreeSet;
use std::fmt;

use super::linear::{Features, key, steps};
use crate::outline::kind;
use crate::outline::reading::Reading;
use crate::outline::token::{Stop, Tag, Token};
use crate::outline::view::content;
use crate::storyboard::Kind;

/// Sentences on either side that are held against each other.
const WINDOW: usize = 5;
const SHARES: &[f64] = &[0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7];
/// A short talk is mostly one scene.
const TALKS: &[f64] = &[60.0, 90.0, 120.0, 150.0, 180.0, 210.0, 240.0, 280.0, 330.0, 400.0];
const WORDS: &[f64] = &[10.0, 20.0, 30.0, 40.0, 60.0, 80.0, 110.0, 150.0, 200.0];

/// What is seen of each sentence as the first of a scene; `marks` say how much its opening speaks for that by rule.
pub(crate) fn features(reading: &Reading<'_>, marks: &[f64]) -> Vec<Features> {
    let text = &reading.text;
    let n = text.sentences.len();
    let words: Vec<BTreeSet<&str>> = (0..n).map(|i| lemmas(tokens(reading, i))).collect();
    let votes: Vec<Votes> = (0..n).map(|i| kind::votes(tokens(reading, i))).collect();
    (0..n).map(|i| if i == 0 { Features::new() } else { sentence(reading, i, marks[i], &words, &votes) }).collect()
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

fn sentence(reading: &Reading<'_>, i: usize, mark: f64, words: &[BTreeSet<&str>], votes: &[Votes]) -> Features {
    let sentences = &reading.text.sentences;
    let own = tokens(reading, i);
    let mut out: Features = Vec::with_capacity(64);
    let mut say = |what: fmt::Arguments<'_>| out.push((key(what), 1.0));
    say(format_args!("one"));
    let opening: Vec<&str> = own.iter().take(8).map(|t| t.low.as_str()).collect();
    if let Some([first]) = opening.get(..1) {
        say(format_args!("opens {first}"));
    }
    if let Some([first, second]) = opening.get(..2) {
        say(format_args!("opens {first} {second}"));
    }
    if let Some([first, second, third]) = opening.get(..3) {
        say(format_args!("opens {first} {second} {third}"));
    }
    for (k, word) in opening.iter().enumerate() {
        say(format_args!("early {word}"));
        if let Some(next) = opening.get(k + 1) {
            say(format_args!("early {word} {next}"));
        }
    }
    let verbless = !own.iter().any(|t| matches!(t.tag, Tag::Verb | Tag::Aux | Tag::Modal));
    let first = own.first().map_or(Tag::Intj, |t| t.tag);
    say(format_args!("first {first:?}"));
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
        say(format_args!("{mark}"));
    }
    steps(&mut out, "mark", mark, &[0.0, 0.5, 0.9, 1.5, 1.9]);
    steps(&mut out, "size", own.len() as f64, &[2.0, 4.0, 6.0, 9.0, 14.0, 20.0]);
    steps(&mut out, "size before", tokens(reading, i - 1).len() as f64, &[2.0, 4.0, 6.0, 9.0, 14.0]);
    let span = |from: usize, to: usize| f64::from(sentences[to - 1].words[1] + 1 - sentences[from].words[0]);
    steps(&mut out, "words in all", span(0, sentences.len()), TALKS);
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
    let (left, right) = (sum(&votes[from..i]), sum(&votes[i..to]));
    let dot: f64 = left.iter().zip(&right).map(|(a, b)| a * b).sum();
    let size = |votes: &Votes| votes.iter().map(|v| v * v).sum::<f64>().sqrt();
    steps(&mut out, "kinds differ", 1.0 - dot / (size(&left) * size(&right)).max(1e-9), SHARES);
    let (a, b) = (most(&left), most(&right));
    if a.is_some() && b.is_some() && a != b {
        out.push((key(format_args!("turns")), 1.0));
    }
    out.push((key(format_args!("to {}", b.map_or("nothing", Kind::as_str))), 1.0));
    out
}

/// How much speaks for each kind.
type Votes = [f64; Kind::ALL.len()];

fn sum(votes: &[Votes]) -> Votes {
    let mut out = [0.0; Kind::ALL.len()];
    for votes in votes {
        for (sum, vote) in out.iter_mut().zip(votes) {
            *sum += vote;
        }
    }
    out
}

fn most(votes: &Votes) -> Option<Kind> {
    let best = votes.iter().copied().fold(0.0, f64::max);
    (best > 0.0).then(|| Kind::ALL[votes.iter().position(|v| *v >= best).unwrap_or(0)])
}
