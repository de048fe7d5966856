//! From speech to text: fillers, repeats and retractions go, numbers become digits, word ids stay.

use crate::transcript::Transcript;

use super::lexicon::{Lexicon, singular};
use super::numbers;
use super::repair;
use super::token::{self, Sentence, Stop, Tag, Token};

/// A talk as clean tokens in sentences.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Text {
    /// All tokens.
    pub(crate) tokens: Vec<Token>,
    /// The sentences, in order, none of them empty.
    pub(crate) sentences: Vec<Sentence>,
}

const HESITATIONS: &[&str] = &["um", "umm", "uh", "uhh", "er", "erm", "hmm", "mm", "mhm", "ehm"];
/// Longest phrase whose immediate repetition is taken for a stammer.
const REPEAT: usize = 5;

/// Cleans a transcript. Sentences of which nothing is left are dropped; their words belong to no sentence.
pub(crate) fn normalise(transcript: &Transcript, lexicon: &Lexicon) -> Text {
    let mut text = Text::default();
    let mut counter = 1.0;
    for mut raw in token::split(transcript) {
        let tokens = &mut raw.tokens;
        remove(tokens, |tokens, i| usize::from(tokens[i].is(HESITATIONS)));
        drop_repeats(tokens);
        repair::mend(tokens, lexicon);
        remove(tokens, |tokens, i| filler(tokens, i, lexicon));
        drop_repeats(tokens);
        token::resolve_apostrophes(tokens, lexicon);
        numbers::to_digits(tokens);
        for token in tokens.iter_mut() {
            token.lemma = lexicon.verb(&token.low).map_or_else(|| singular(&token.low), |v| v.lemma.to_owned());
        }
        drop_counters(tokens, &mut counter);
        if tokens.is_empty() {
            continue;
        }
        let first = text.tokens.len();
        text.tokens.append(tokens);
        text.sentences.push(Sentence { first, end: text.tokens.len(), ..raw.sentence });
    }
    text
}

/// Drops counting that opens a clause, "number one, ...", "two, ...", as long as it counts on from one.
fn drop_counters(tokens: &mut Vec<Token>, expected: &mut f64) {
    let mut i = 0;
    while i < tokens.len() {
        let opens = i == 0 || tokens[i - 1].stop >= Stop::Comma || tokens[i - 1].low == "and";
        let named = usize::from(tokens[i].is(&["number", "point", "step"]));
        let Some(token) = tokens.get(i + named).filter(|t| opens && t.stop >= Stop::Comma && !t.stop.closes()) else {
            i += 1;
            continue;
        };
        let value = if token.low == "one" { Some(1.0) } else { token.number.map(|n| n.value) };
        if value == Some(*expected) || (value == Some(1.0) && named == 1) {
            *expected = value.unwrap_or(1.0) + 1.0;
            tokens.drain(i..=i + named);
        } else {
            i += 1;
        }
    }
}

/// Removes the tokens that `length` says at an index; their punctuation moves to the token before.
fn remove(tokens: &mut Vec<Token>, length: impl Fn(&[Token], usize) -> usize) {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut i = 0;
    while i < tokens.len() {
        let n = length(tokens, i).min(tokens.len() - i);
        if n == 0 {
            kept.push(tokens[i].clone());
            i += 1;
            continue;
        }
        let stop = tokens[i + n - 1].stop;
        // A filler at the start leaves no pause behind, one inside leaves the pause that stood before it.
        if let Some(last) = kept.last_mut() {
            if stop.closes() {
                last.stop = stop;
            } else if last.stop == Stop::Comma && binds(&last.low) {
                last.stop = Stop::None;
            }
        }
        i += n;
    }
    *tokens = kept;
}

/// Whether a comma after the word can only be a hesitation: `in, uh, the oven`.
pub(crate) fn binds(word: &str) -> bool {
    let closed = Lexicon::english().closed(word);
    closed.iter().any(|t| matches!(t, Tag::Det | Tag::Poss | Tag::Prep | Tag::Conj | Tag::Aux | Tag::Modal))
        || word == "to"
}

fn filler(tokens: &[Token], i: usize, lexicon: &Lexicon) -> usize {
    let Some(list) = lexicon.fillers.get(tokens[i].low.as_str()) else { return 0 };
    for filler in list {
        let n = filler.words.len();
        let matches = tokens.len() >= i + n
            && filler.words.iter().zip(&tokens[i..]).all(|(word, token)| *word == token.low)
            && tokens[i..i + n - 1].iter().all(|t| t.stop == Stop::None);
        if !matches || (n == tokens.len() && !filler.paused) {
            continue;
        }
        let open = i == 0 || tokens[i - 1].stop >= Stop::Comma || filler_before(tokens, i);
        let shut = tokens[i + n - 1].stop >= Stop::Comma;
        if !filler.paused || (open && shut) {
            return n;
        }
    }
    0
}

/// Whether only openers such as `so` stand before the token in its sentence.
fn filler_before(tokens: &[Token], i: usize) -> bool {
    i <= 2
        && tokens[..i].iter().all(|t| t.is(&["so", "and", "but", "okay", "yeah", "right", "well", "now", "then", "oh"]))
}

/// Keeps the last copy of words said twice in a row: `there's, there's the filler`.
fn drop_repeats(tokens: &mut Vec<Token>) {
    let mut i = 0;
    while i < tokens.len() {
        let found = (1..=REPEAT).rev().find(|n| {
            i + 2 * n <= tokens.len()
                && (0..*n).all(|k| tokens[i + k].low == tokens[i + n + k].low)
                && !tokens[i..i + n].iter().any(|t| t.low.chars().any(|c| c.is_ascii_digit()))
                && !(*n == 1 && keeps(&tokens[i].low))
                && (tokens[i + n - 1].stop < Stop::Comma || function(&tokens[i + n - 1].low))
        });
        match found {
            Some(n) => {
                tokens.drain(i..i + n);
            }
            None => i += 1,
        }
    }
}

/// Words that are said twice on purpose, or by grammar.
fn keeps(word: &str) -> bool {
    ["very", "that", "had", "twenty", "many", "no", "really", "so"].contains(&word)
}

/// Whether the word is of a closed class. Only those are stammered with a pause: in "it makes dust, dust means ..."
/// the second word opens a clause.
fn function(word: &str) -> bool {
    matches!(word, "'s" | "to") || !Lexicon::english().closed(word).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let transcript = Transcript::from_text(text, "en");
        let text_out = normalise(&transcript, Lexicon::english());
        let got: Vec<_> = text_out.tokens.iter().map(|t| t.text.as_str()).collect();
        assert_eq!(got.join(" "), expected, "{text}");
        for token in &text_out.tokens {
            assert!(token.words[0] <= token.words[1] && (token.words[1] as usize) < transcript.words.len());
        }
    }

    #[test]
    fn fillers_go() {
        check("So, um, the pump, you know, starts.", "So the pump starts");
        check("It's, like, really a ring.", "It is really a ring");
        check("I like the ring.", "I like the ring");
        check("Um.", "");
    }

    #[test]
    fn repeats_go() {
        check("The, the oven gets, uh, gets hot.", "the oven gets hot");
        check("There's, uh, there's the saw.", "there is the saw");
        check("It goes very very fast.", "It goes very very fast");
    }

    #[test]
    fn counting_goes() {
        check("Number one, fish. Two, birds, and three, mammals.", "fish birds and mammals");
        check("In the hall it was nine, in the yard two.", "In the hall it was 9 in the yard 2");
    }

    #[test]
    fn retractions_go() {
        check("We call the guard, no, sorry, we call the nurse.", "we call the nurse");
        check("It runs on the laptop, sorry, not the laptop, the tablet.", "It runs on the tablet");
        check("The form goes to the bank... no, to the court.", "The form goes to the court");
        check("Bake it for twenty, sorry, thirty minutes.", "Bake it for 30 minutes");
        check("They use Oracle, no wait, it's Postgres now.", "They use Postgres");
    }
}
