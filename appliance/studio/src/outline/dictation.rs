//! Spoken punctuation: `we pack the box comma and ship it full stop new paragraph`.

use std::collections::HashMap;

use super::lexicon::Lexicon;
use super::token::{Stop, Tag};
use crate::transcript::Transcript;

/// What is meant by a word that is part of a spoken mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// The mark, at its last word.
    pub(super) stop: Option<Stop>,
    /// A new paragraph begins after it.
    pub(super) paragraph: bool,
}

/// The marks as they are said, longest first where one begins with another.
const SPOKEN: &[(&[&str], Stop)] = &[
    (&["full", "stop"], Stop::End),
    (&["question", "mark"], Stop::Ask),
    (&["exclamation", "mark"], Stop::End),
    (&["exclamation", "point"], Stop::End),
    (&["new", "paragraph"], Stop::End),
    (&["new", "line"], Stop::End),
    (&["semicolon"], Stop::Comma),
    (&["comma"], Stop::Comma),
    (&["colon"], Stop::Colon),
    (&["period"], Stop::End),
];
/// Of so many words at most one may be written with a mark where marks are spoken.
const UNMARKED: usize = 40;
/// So many ends of sentences are spoken in a dictated text.
const ENDS: usize = 2;

/// The spoken marks by the index of their words; none where the transcript has marks of its own, as who does not
/// dictate may well speak of a comma or a period.
pub(super) fn marks(transcript: &Transcript) -> HashMap<usize, Mark> {
    let words = &transcript.words;
    let written = words.iter().filter(|w| w.text.ends_with(['.', ',', '?', '!', ':', ';'])).count();
    let mut out = HashMap::new();
    if written * UNMARKED > words.len() {
        return out;
    }
    let low: Vec<String> = words.iter().map(|w| w.text.to_lowercase()).collect();
    let starts = |at: usize, phrase: &[&str]| {
        low.len() >= at + phrase.len() && phrase.iter().zip(&low[at..]).all(|(a, b)| *a == b.as_str())
    };
    let stops = (0..low.len()).any(|at| starts(at, &["full", "stop"]));
    let mut ends = 0;
    let mut at = 0;
    while at < low.len() {
        let found = SPOKEN.iter().find(|(phrase, _)| starts(at, phrase));
        // "a comma", "the trial period": a thing, not a mark. Who says "full stop" means no mark by "period".
        let named = at.checked_sub(1).is_some_and(|k| names(&low[k]));
        let Some((phrase, stop)) = found.filter(|(p, _)| !(named || p[0] == "period" && stops)) else {
            at += 1;
            continue;
        };
        let paragraph = phrase[0] == "new";
        for k in 0..phrase.len() {
            let last = k + 1 == phrase.len();
            out.insert(at + k, Mark { stop: last.then_some(*stop), paragraph: last && paragraph });
        }
        ends += usize::from(stop.closes());
        at += phrase.len();
    }
    if ends < ENDS { HashMap::new() } else { out }
}

/// Whether a word before it makes a mark the name of a thing.
fn names(word: &str) -> bool {
    let closed = Lexicon::english().closed(word);
    closed.iter().any(|t| matches!(t, Tag::Det | Tag::Poss)) && !matches!(word, "that" | "this" | "all" | "both")
}

#[cfg(test)]
mod tests {
    use super::super::normalise::normalise;
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let text_out = normalise(&Transcript::from_text(text, "en"), Lexicon::english());
        let sentence = |first: usize, end: usize| {
            let words = text_out.tokens[first..end].iter().map(|t| {
                let mark = match t.stop {
                    Stop::None => "",
                    Stop::Comma => ",",
                    Stop::Colon => ":",
                    Stop::End => ".",
                    Stop::Ask => "?",
                };
                format!("{}{mark}", t.low)
            });
            words.collect::<Vec<_>>().join(" ")
        };
        let got: Vec<String> = text_out.sentences.iter().map(|s| sentence(s.first, s.end)).collect();
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn marks_are_read_where_none_are_written() {
        check(
            "we pack the box comma and ship it full stop new paragraph is it late question mark then we call full stop",
            &["we pack the box, and ship it.", "is it late?", "then we call."],
        );
        check("we need colon salt comma flour period we bake it period", &["we need: salt, flour.", "we bake it."]);
        check(
            "the trial period ends in may full stop put a comma there full stop",
            &["the trial period ends in may.", "put a comma there."],
        );
    }

    #[test]
    fn who_does_not_dictate_may_speak_of_marks() {
        check(
            "The period ends. Put comma here, then full stop there.",
            &["the period ends.", "put comma here, then full stop there."],
        );
        check("the bus came to a full stop", &["the bus came to a full stop"]);
    }
}
