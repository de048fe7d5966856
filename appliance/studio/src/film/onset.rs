//! The word on which a part of a scene is said. What it was drawn from is a clause, and a clause begins with `and then`
//! or `if the`: a box is due with the first word of it that its label shows, an arrow with that of its own label or with
//! the verb that says it.
//!
//! Labels are worded as steps are (`Check stock`, `24 hours`), so words are compared by their base forms and stems, and a
//! number that is spoken with one in digits. A label that shares no word with its clause, as one that was translated or
//! written anew, is due with the first word that says something.

use crate::outline::language::english;
use crate::outline::lexicon::{Filler, Lexicon, singular};
use crate::outline::pack::Pack;
use crate::outline::token::{Form, Tag};
use crate::storyboard::WordRange;
use crate::transcript::{Transcript, Word, is_dense};

/// Words that stand for a number, which labels write in digits.
const NUMBERS: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "thousand",
    "million",
    "billion",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "thirtieth",
];
/// Lists of a language's pack whose words say nothing by themselves.
const SMALL: [&str; 8] =
    ["function", "filler", "lead", "condition", "pronoun", "determiner", "preposition", "auxiliary"];
/// Of a word range no more is looked at: a clause is shorter, and a range that somebody wrote may be the whole talk.
const MOST_WORDS: usize = 400;
/// Words before those of an arrow in which its label is looked for.
const MOST_BEFORE: u32 = 40;

/// The language in which the words are compared.
#[derive(Debug, Clone, Copy)]
enum Tongue {
    English(&'static Lexicon),
    Listed(&'static Pack),
    Other,
}

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// Shown by its label.
    Box,
    /// Said by a verb where its label is not spoken.
    Line,
}

/// The words of a talk, asked for the one on which something is said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Onsets<'a> {
    words: &'a [Word],
    tongue: Tongue,
}

impl<'a> Onsets<'a> {
    /// The words of a talk in the language they are in.
    pub(super) fn of(transcript: &'a Transcript) -> Self {
        let tongue = if english(transcript) {
            Tongue::English(Lexicon::english())
        } else {
            Pack::of(transcript).map_or(Tongue::Other, Tongue::Listed)
        };
        Self { words: &transcript.words, tongue }
    }

    /// For each of the ranges in which something is heard, the word on which a part of that label is said.
    pub(super) fn said(&self, label: &str, sort: Sort, ranges: &[WordRange]) -> Vec<u32> {
        let wanted = self.wanted(label);
        ranges.iter().filter_map(|range| self.onset(&wanted, label, sort, *range)).collect()
    }

    fn onset(&self, wanted: &[String], label: &str, sort: Sort, range: WordRange) -> Option<u32> {
        let heard = || self.heard(range);
        let shown = |range| self.heard(range).find(|(_, word)| self.shows(&word.text, wanted, label));
        let shown = shown(range).or_else(|| match sort {
            Sort::Box => None,
            // "If the brakes fail, it goes back": the condition beside an arrow is said before what follows from it.
            Sort::Line => shown([self.sentence(range[0]), range[0]]),
        });
        let found = shown.or_else(|| match sort {
            Sort::Box => {
                let telling = heard().find(|(_, word)| !parts(&word.text).all(|part| self.small(&part)));
                telling.or_else(|| heard().next())
            }
            // What may be a noun as well is the verb only where nothing else is.
            Sort::Line => {
                let verb = |noun: bool| heard().find(|(at, _)| self.verb(*at, range[0], noun));
                verb(false).or_else(|| verb(true))
            }
        });
        found.map(|(at, _)| at)
    }

    /// The first word of the sentence of a word, as far as marks tell.
    fn sentence(&self, of: u32) -> u32 {
        let ends = |at: &u32| {
            let word = self.words.get(*at as usize).map_or("", |word| word.text.as_str());
            word.ends_with(['.', '?', '!', '。', '？', '！'])
        };
        let least = of.saturating_sub(MOST_BEFORE);
        (least..of).rev().find(ends).map_or(least, |at| at + 1)
    }

    /// The words of a range that may still be heard.
    fn heard(&self, range: WordRange) -> impl Iterator<Item = (u32, &'a Word)> {
        let words = self.words;
        let all = (range[0]..=range[1]).take(MOST_WORDS);
        all.filter_map(move |at| Some((at, words.get(at as usize)?))).filter(|(_, word)| !word.redacted)
    }

    /// The words of a label by which it is known: all of them where all are small.
    fn wanted(&self, label: &str) -> Vec<String> {
        const SMALL: [Tag; 8] = [Tag::Det, Tag::Poss, Tag::Pron, Tag::Aux, Tag::Modal, Tag::Prep, Tag::Conj, Tag::Sub];
        // What leads a clause in, as `first`, says something where a label has it.
        let empty = |part: &String| match self.tongue {
            Tongue::English(lexicon) => self.small(part) && lexicon.closed(part).iter().any(|tag| SMALL.contains(tag)),
            Tongue::Listed(_) | Tongue::Other => self.small(part),
        };
        let (small, telling): (Vec<String>, Vec<String>) = parts(label).partition(empty);
        if telling.is_empty() { small } else { telling }
    }

    /// Whether a spoken word is one of a label.
    fn shows(&self, spoken: &str, wanted: &[String], label: &str) -> bool {
        if spoken.contains(is_dense) {
            // Words without spaces between them: one may be a part of the label, or hold its beginning. Those that are
            // written in kana alone are mostly endings and small words.
            let core = spoken.trim_matches(|c: char| !c.is_alphanumeric());
            let telling = core.chars().any(|c| !matches!(c, '\u{3040}'..='\u{309F}'));
            let head: String = label.chars().take(2).collect();
            return telling && label.contains(core) || head.chars().count() == 2 && core.contains(&head);
        }
        parts(spoken).any(|part| wanted.iter().any(|word| self.same(&part, word)))
    }

    fn same(&self, spoken: &str, word: &str) -> bool {
        if spoken == word {
            return true;
        }
        match self.tongue {
            Tongue::English(lexicon) => {
                let base = |of: &str| lexicon.verb(of).map(|verb| verb.lemma);
                base(spoken).is_some_and(|lemma| base(word) == Some(lemma))
                    || singular(spoken) == singular(word)
                    || number(spoken, word)
                    || akin(spoken, word, 4)
            }
            Tongue::Listed(pack) => pack.base(spoken) == Some(word) || akin(spoken, word, 3),
            Tongue::Other => akin(spoken, word, 4),
        }
    }

    /// Whether a word says nothing by itself: a connective, an article, a pronoun, a filler.
    fn small(&self, word: &str) -> bool {
        match self.tongue {
            Tongue::English(lexicon) => {
                let filler = |list: &Vec<Filler>| list.iter().any(|filler| filler.words.len() == 1 && !filler.paused);
                !matches!(word, "get" | "gets" | "getting")
                    && (!lexicon.closed(word).is_empty() || lexicon.fillers.get(word).is_some_and(filler))
            }
            Tongue::Listed(pack) => SMALL.iter().any(|list| pack.is(list, word)),
            Tongue::Other => false,
        }
    }

    /// Whether the word at a place is a verb, as far as the word before it in its clause tells; with `noun`, one that is
    /// as common as a noun.
    fn verb(&self, at: u32, first: u32, noun: bool) -> bool {
        let Tongue::English(lexicon) = self.tongue else { return false };
        let last = |at: u32| parts(self.words.get(at as usize).map_or("", |word| word.text.as_str())).last();
        let Some(word) = last(at).filter(|word| lexicon.closed(word).is_empty()) else { return false };
        let Some(verb) = lexicon.verb(&word).filter(|verb| verb.noun == noun) else { return false };
        let Some(before) = at.checked_sub(1).filter(|before| *before >= first).and_then(last) else { return true };
        let tags = lexicon.closed(&before);
        let after = |class: &[Tag]| tags.iter().any(|tag| class.contains(tag));
        let counted = NUMBERS.contains(&before.as_str()) || before.starts_with(|c: char| c.is_ascii_digit());
        if after(&[Tag::Det, Tag::Poss]) || counted || lexicon.adjective(&before) || noun && after(&[Tag::Prep]) {
            return false;
        }
        // `Form` for `the order form goes`: a base form stands behind a pronoun, a connective or `to`.
        let open = [Tag::Pron, Tag::Modal, Tag::Conj, Tag::Sub, Tag::Mark, Tag::Adv, Tag::Neg];
        verb.form != Form::Base || before == "to" || after(&open)
    }
}

/// Whether a spoken word stands for a number that a label writes in digits.
fn number(spoken: &str, word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        && NUMBERS.contains(&spoken)
        // `One` means nobody more often than a number.
        && (!matches!(spoken, "one" | "first") || word.starts_with('1'))
}

/// Whether two words have a stem of at least so many letters in common, and differ in their endings alone.
fn akin(a: &str, b: &str, least: usize) -> bool {
    let stem = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let (a, b) = (a.chars().count(), b.chars().count());
    let slack = if stem < 5 { 1 } else { 2 };
    stem >= least && stem + slack >= a.min(b) && a.max(b) - stem <= 3
}

/// The words of a text: lower case, without marks and the `'s` of an owner.
fn parts(text: &str) -> impl Iterator<Item = String> + '_ {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’');
    text.split(move |c: char| !inside(c)).filter_map(|part| {
        let low = part.to_lowercase().replace('’', "'");
        let low = low.trim_matches('\'');
        let bare = low.strip_suffix("'s").unwrap_or(low);
        (!bare.is_empty()).then(|| bare.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The word of a text on which a label is said.
    #[track_caller]
    fn check(lang: &str, text: &str, label: &str, sort: Sort, expected: &str) {
        let talk = Transcript::from_text(text, lang);
        let last = talk.words.len() as u32 - 1;
        let said = Onsets::of(&talk).said(label, sort, &[[0, last]]);
        let heard: Vec<&str> = said.iter().map(|at| talk.words[*at as usize].text.as_str()).collect();
        assert_eq!(heard.first().copied().unwrap_or_default(), expected, "{label}: {text}");
    }

    #[test]
    fn a_box_is_due_with_the_first_word_of_its_label() {
        let check = |text, label, expected| check("en", text, label, Sort::Box, expected);
        check("And then the clerk checks the stock.", "Check stock", "checks");
        check("First the customer places an order.", "Place order", "places");
        check("So if the, um, card's declined, we refuse it.", "Card declined", "card's");
        check("After that the boss took the old form.", "Take old form", "took");
        check("The samples wait for twenty-four hours.", "Wait 24 hours", "wait");
        check("And it is left for twenty minutes.", "20 minutes", "twenty");
        check("And then one of the parties replies.", "2 parties", "parties");
        check("Then you put it back on the shelf.", "Put back on shelf", "put");
        check("After that they get the keys.", "Get keys", "get");
        check("And the first horse tram ran in 1885.", "First horse tram ran", "first");
    }

    #[test]
    fn a_label_that_is_not_spoken_is_due_with_the_first_word_that_tells() {
        let check = |text, label, expected| check("en", text, label, Sort::Box, expected);
        check("And then you know, you should paint it.", "Lackieren", "know,");
        check("And then the, um, surface dries.", "Trocknen", "surface");
        check("And then it is.", "Ende", "And");
        check("The surface dries.", "", "surface");
    }

    #[test]
    fn an_arrow_is_due_with_its_label_or_its_verb() {
        let check = |text, label, expected| check("en", text, label, Sort::Line, expected);
        check("And then the gateway forwards the request to the shop.", "request", "request");
        check("And then the gateway forwards it to the shop.", "", "forwards");
        check("If the order is in stock, the clerk packs it.", "in stock", "stock,");
        check("The order form goes to the bank.", "", "goes");
        check("Then check the form.", "", "check");
        let text = "It rains. If the brakes fail the test, the bike goes back to the shop.";
        let talk = Transcript::from_text(text, "en");
        let said = |label, range| Onsets::of(&talk).said(label, Sort::Line, &[range]);
        assert_eq!([said("brakes fail test", [8, 14]), said("rains", [8, 14])], [[4], [10]], "its sentence alone");
        check("And then the clerk checks the form.", "", "checks");
        check("The old broken pump was replaced.", "", "replaced.");
        check("Under the head there are two clerks.", "", "");
    }

    #[test]
    fn other_languages_are_compared_by_their_stems() {
        check(
            "de",
            "Dann verpackt der Lagerist die Ware in einen Karton.",
            "Ware in Karton verpacken",
            Sort::Box,
            "verpackt",
        );
        check("de", "Und dann wird das gelesen, denn er liest die Post.", "Post lesen", Sort::Box, "liest");
        check("fr", "Ensuite le vendeur confirme la date au client.", "Confirmer la date", Sort::Box, "confirme");
        check("ja", "次に注文を確認します。", "注文を確認", Sort::Box, "注");
    }

    #[test]
    fn what_is_redacted_or_outside_is_not_waited_for() {
        let mut talk = Transcript::from_text("And then the clerk checks the stock of the shop", "en");
        let said = |talk: &Transcript, ranges: &[WordRange]| Onsets::of(talk).said("Check stock", Sort::Box, ranges);
        assert_eq!(said(&talk, &[[0, 9], [7, 9], [5, u32::MAX]]), [4, 9, 6]);
        talk.words[4].redacted = true;
        assert_eq!(said(&talk, &[[0, 9], [4, 4]]), [6]);
        assert_eq!(said(&talk, &[[9, 3]]), [0; 0]);
    }
}
