//! A text as the outliner's tagger and clause reader see it, word by word.

use super::document::Document;
use crate::outline::chunk::Phrase;
use crate::outline::clause::{self, Clause};
use crate::outline::learn::Weights;
use crate::outline::lexicon::{Lexicon, singular};
use crate::outline::normalise::Text;
use crate::outline::tag;
use crate::outline::token::{Sentence, Stop, Token};
use crate::outline::view::View;

/// What is known of a word by its clause.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Place {
    /// Part it has in the clause: `subject`, `verb`, `to` for a phrase after that preposition.
    pub(super) part: String,
    /// Lemma of the head of its phrase.
    pub(super) head: String,
    /// It is that head.
    pub(super) is_head: bool,
    /// It begins the phrase.
    pub(super) begins: bool,
    /// The phrase names somebody.
    pub(super) person: bool,
    /// Index of the clause.
    pub(super) clause: Option<usize>,
}

/// A document, read.
pub(super) struct Page<'d> {
    /// The words and marks.
    pub(super) document: &'d Document,
    /// The tagged token of each word; marks have none.
    pub(super) token: Vec<Option<usize>>,
    /// What each word is in its clause.
    pub(super) places: Vec<Place>,
    /// All tokens.
    pub(super) text: Text,
    /// All clauses.
    pub(super) clauses: Vec<Clause>,
}

impl<'d> Page<'d> {
    pub(super) fn of(document: &'d Document) -> Self {
        let lexicon = Lexicon::english();
        let mut token = vec![None; document.tokens.len()];
        let mut text = Text::default();
        for (a, b) in &document.sentences {
            let first = text.tokens.len();
            for at in *a..*b {
                push(document, at, first, &mut text.tokens, &mut token);
            }
            if text.tokens.len() == first {
                continue;
            }
            let end = text.tokens.len();
            for token in &mut text.tokens[first..end] {
                token.lemma = lexicon.verb(&token.low).map_or_else(|| singular(&token.low), |v| v.lemma.to_owned());
            }
            tag::tag(&mut text.tokens[first..end], lexicon);
            let words = [number(*a), number(b.saturating_sub(1))];
            text.sentences.push(Sentence { first, end, words, pause_ms: 0, turn: false, speaker: None });
        }
        let clauses = clause::clauses(&text);
        let mut page = Self { document, token, places: Vec::new(), text, clauses };
        page.places = page.find_places(lexicon);
        page
    }

    /// The tagged token of a word.
    pub(super) fn word(&self, at: usize) -> Option<&Token> {
        self.token.get(at).copied().flatten().map(|t| &self.text.tokens[t])
    }

    /// The clause of a word.
    pub(super) fn clause(&self, at: usize) -> Option<&Clause> {
        self.places.get(at).and_then(|p| p.clause).map(|c| &self.clauses[c])
    }

    /// Index of the sentence of a word.
    pub(super) fn sentence(&self, at: usize) -> usize {
        self.document.sentences.partition_point(|(_, end)| *end <= at)
    }

    fn find_places(&self, lexicon: &Lexicon) -> Vec<Place> {
        let tokens = &self.text.tokens;
        let weights = Weights::default();
        let view = View {
            text: &self.text,
            sentences: (0, self.text.sentences.len()),
            clauses: &self.clauses,
            lexicon,
            weights: &weights,
        };
        let mut by_token = vec![Place::default(); tokens.len()];
        let mut mark = |phrase: &Phrase, part: &str, clause: usize| {
            let person = view.person(phrase);
            let places = by_token.iter_mut().enumerate().take(phrase.b).skip(phrase.a);
            for (k, place) in places {
                *place = Place {
                    part: part.to_owned(),
                    head: tokens[phrase.head].lemma.clone(),
                    is_head: k == phrase.head,
                    begins: k == phrase.a,
                    person,
                    clause: Some(clause),
                };
            }
        };
        for (i, clause) in self.clauses.iter().enumerate() {
            if !clause.inherited && !clause.relative {
                let part = if clause.passive() { "passive" } else { "subject" };
                clause.subjects.iter().for_each(|p| mark(p, part, i));
            }
            let object = match (&clause.verb, clause.lemma()) {
                (None, _) => "fragment",
                (_, "be") => "complement",
                _ => "object",
            };
            clause.objects.iter().for_each(|p| mark(p, object, i));
            clause.second.iter().for_each(|p| mark(p, "second", i));
            clause.renames.iter().for_each(|p| mark(p, "rename", i));
            for prep in &clause.preps {
                let part = if prep.fronted { format!("^{}", prep.prep) } else { prep.prep.clone() };
                prep.objects.iter().for_each(|p| mark(p, &part, i));
            }
        }
        for (i, clause) in self.clauses.iter().enumerate() {
            for (k, place) in by_token.iter_mut().enumerate().take(clause.b.min(tokens.len())).skip(clause.a) {
                place.clause = place.clause.or(Some(i));
                let verb = clause.verb.as_ref().filter(|v| v.main == k);
                if let Some(verb) = verb {
                    place.part = if verb.passive { "verb passive" } else { "verb" }.to_owned();
                    place.head.clone_from(&verb.lemma);
                    place.is_head = true;
                }
            }
        }
        self.token.iter().map(|t| t.map_or_else(Place::default, |t| by_token[t].clone())).collect()
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Pushes a word as a token, or what a mark says to the token before.
fn push(document: &Document, at: usize, first: usize, out: &mut Vec<Token>, map: &mut [Option<usize>]) {
    let word = document.tokens[at].as_str();
    if word.chars().any(char::is_alphanumeric) {
        let owner =
            word == "'s" || (word == "s" && at > 0 && matches!(document.tokens[at - 1].as_str(), "’" | "'" | "´"));
        if owner && out.len() > first {
            if let Some(last) = out.last_mut() {
                last.owner = true;
                last.low.push_str("'s");
                last.stop = Stop::None;
            }
            return;
        }
        map[at] = Some(out.len());
        out.push(Token::new(word, number(at)));
        return;
    }
    let Some(last) = out[first..].last_mut() else { return };
    let stop = match word {
        "." | "!" => Stop::End,
        "?" => Stop::Ask,
        ":" => Stop::Colon,
        "," | ";" | "-" | "–" | "—" | "(" | ")" | "--" => Stop::Comma,
        _ => Stop::None,
    };
    last.stop = last.stop.max(stop);
}
