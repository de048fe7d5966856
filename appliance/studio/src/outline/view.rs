//! What an assembler sees: the sentences and clauses of one scene, and how to name things in it.

use super::assemble::only_time;
use super::chunk::Phrase;
use super::clause::Clause;
use super::draft::Draft;
use super::learn::Weights;
use super::lexicon::Lexicon;
use super::normalise::Text;
use super::token::{Form, Tag, Token};
use crate::storyboard::WordRange;

/// Longest label, in words.
pub(crate) const LABEL_WORDS: usize = 5;
/// How many clauses around one is looked for that stands out of the order of its words.
const NEAR: usize = 16;
/// Longest label, in characters; longer ones are cut at a word.
const LABEL_CHARS: usize = 60;

/// One scene's share of a talk.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    /// The whole talk.
    pub(crate) text: &'a Text,
    /// First and after the last sentence of the scene.
    pub(crate) sentences: (usize, usize),
    /// The clauses of those sentences.
    pub(crate) clauses: &'a [Clause],
    /// Word lists.
    pub(crate) lexicon: &'a Lexicon,
    /// What was learned.
    pub(crate) weights: &'a Weights,
}

impl<'a> View<'a> {
    /// The sentence, not the first, before which about half of the boxes are named.
    pub(crate) fn middle(&self, draft: &Draft) -> usize {
        let (from, to) = self.sentences;
        let half = draft.nodes.get(draft.nodes.len() / 2).map_or(0, |n| n.evidence[0]);
        let at = self.text.sentences[from..to].partition_point(|s| s.words[1] < half);
        (from + at).clamp(from + 1, to - 1)
    }

    /// The tokens `a..b` of the talk.
    pub(crate) fn tokens(&self, a: usize, b: usize) -> &'a [Token] {
        &self.text.tokens[a..b]
    }

    /// Index of the clause in which the words begin. Clauses stand in the order of their words, but for those that a
    /// later "before that we ..." has put in their place.
    pub(crate) fn clause_at(&self, words: WordRange) -> usize {
        let range = |at: usize| self.clauses.get(at).map(|c| self.words(c.a, c.b));
        let at = self.clauses.partition_point(|c| self.words(c.a, c.b)[1] < words[0]);
        let holds = |range: WordRange| range[0] <= words[0] && words[0] <= range[1];
        if range(at).is_none_or(holds) {
            return at;
        }
        (at.saturating_sub(NEAR)..at + NEAR).find(|k| range(*k).is_some_and(holds)).unwrap_or(at)
    }

    /// All tokens of the scene.
    pub(crate) fn all(&self) -> &'a [Token] {
        let sentences = &self.text.sentences[self.sentences.0..self.sentences.1];
        match (sentences.first(), sentences.last()) {
            (Some(first), Some(last)) => self.tokens(first.first, last.end),
            _ => &[],
        }
    }

    /// The word range of the tokens `a..b`.
    pub(crate) fn words(&self, a: usize, b: usize) -> WordRange {
        Token::said(&self.text.tokens[a..b.min(self.text.tokens.len()).max(a + 1)])
    }

    /// Whether the phrase is a pronoun or another word without content of its own.
    pub(crate) fn pronoun(&self, phrase: &Phrase) -> bool {
        let tokens = self.tokens(phrase.a, phrase.b);
        self.text.tokens[phrase.head].tag == Tag::Pron
            || (tokens[0].is(&["all", "both", "each"]) && !tokens.iter().any(|t| t.tag.nominal()))
            || !tokens.iter().any(content)
    }

    /// Who is meant by a pronoun of the conversation itself, which stands for the same all through it: the speaker, the
    /// speaker's side, the listener.
    pub(crate) fn party(&self, phrase: &Phrase) -> Option<&'a str> {
        match self.tokens(phrase.a, phrase.b) {
            [token] if token.is(&["i", "me", "myself"]) => Some(self.speaker(phrase).unwrap_or("me")),
            [token] if token.is(&["we", "us", "ourselves"]) => Some("us"),
            [token] if token.is(&["you", "yourself"]) => Some("you"),
            _ => None,
        }
    }

    /// The name of who says `I` or `me`, in a dialogue whose turns begin with names.
    pub(crate) fn speaker(&self, phrase: &Phrase) -> Option<&'a str> {
        let [token] = self.tokens(phrase.a, phrase.b) else { return None };
        let at = self.text.sentences.partition_point(|s| s.end <= phrase.a);
        let speaker = self.text.sentences.get(at)?.speaker.filter(|_| token.is(&["i", "me", "myself"]))?;
        self.text.speakers.get(usize::from(speaker)).map(String::as_str).filter(|name| !name.is_empty())
    }

    /// The content lemmas of a phrase, in order.
    pub(crate) fn key(&self, phrase: &Phrase) -> Vec<String> {
        self.tokens(self.core(phrase), phrase.b).iter().filter(|t| content(t)).map(|t| t.lemma.clone()).collect()
    }

    /// First token of what a phrase is about: of `two kinds of rock`, `rock`.
    fn core(&self, phrase: &Phrase) -> usize {
        (phrase.a..phrase.head).rev().find(|k| self.text.tokens[*k].low == "of").map_or(phrase.a, |k| k + 1)
    }

    /// A phrase as a label: without article or possessive, at most [`LABEL_WORDS`] words.
    pub(crate) fn label(&self, phrase: &Phrase) -> String {
        let tokens = self.tokens(self.core(phrase), phrase.b);
        let of = |k: usize| tokens.get(k + 1).is_some_and(|next| next.low == "of");
        let from = tokens.iter().enumerate().position(|(k, t)| !leading(t) || of(k)).unwrap_or(0);
        let mut kept: Vec<&Token> = tokens[from..].iter().collect();
        if kept.len() > LABEL_WORDS {
            let of = kept.iter().position(|t| t.low == "of").filter(|at| *at >= 1);
            let cut = of.unwrap_or(kept.len());
            let start = cut.saturating_sub(LABEL_WORDS);
            kept = kept[start..cut].to_vec();
        }
        join(
            kept.iter()
                .map(|t| (t.text.as_str(), t.tag == Tag::Name || t.text.chars().skip(1).any(char::is_uppercase))),
        )
    }

    /// Whether a phrase only says when: `the fifteenth of April`.
    pub(super) fn when(&self, phrase: &Phrase) -> bool {
        self.timely(phrase) || only_time(&self.label(phrase))
    }

    /// Whether a phrase is a span or point of time: `five minutes`, `every night`.
    pub(crate) fn timely(&self, phrase: &Phrase) -> bool {
        const TIMES: &[&str] = &[
            "second",
            "minute",
            "hour",
            "day",
            "night",
            "week",
            "month",
            "year",
            "morning",
            "afternoon",
            "evening",
            "moment",
            "time",
            "while",
            "weekend",
            "season",
            "today",
            "tomorrow",
        ];
        TIMES.contains(&self.text.tokens[phrase.head].lemma.as_str())
    }

    /// Whether a phrase names somebody: by the lists, or by its ending where they do not know the word.
    pub(crate) fn person(&self, phrase: &Phrase) -> bool {
        const PEOPLE: &[&str] =
            &["person", "staff", "team", "crew", "agent", "department", "office", "bank", "company"];
        const THINGS: &[&str] =
            &["server", "printer", "router", "balancer", "scanner", "conveyor", "trailer", "monitor", "door"];
        let lemma = self.text.tokens[phrase.head].lemma.as_str();
        if PEOPLE.contains(&lemma) || THINGS.contains(&lemma) {
            return PEOPLE.contains(&lemma);
        }
        self.lexicon.person(lemma).unwrap_or_else(|| {
            lemma.len() > 4 && ["er", "or", "ist", "ian", "man"].iter().any(|end| lemma.ends_with(end))
        })
    }

    /// The tokens `a..b` as a short label, closed-class words at the ends dropped.
    pub(crate) fn short(&self, a: usize, b: usize, most: usize) -> String {
        let mut tokens: Vec<&Token> = self.tokens(a, b.max(a)).iter().collect();
        while tokens.first().is_some_and(|t| !content(t) && t.tag != Tag::Neg && t.low != "no") {
            tokens.remove(0);
        }
        tokens.retain(|t| !matches!(t.tag, Tag::Det | Tag::Intj | Tag::Poss) || t.low == "no");
        tokens.truncate(most);
        while tokens.last().is_some_and(|t| !content(t)) {
            tokens.pop();
        }
        join(
            tokens
                .iter()
                .map(|t| (t.text.as_str(), t.tag == Tag::Name || t.text.chars().skip(1).any(char::is_uppercase))),
        )
    }
}

/// Whether a token carries content.
pub(crate) fn content(token: &Token) -> bool {
    match token.tag {
        Tag::Noun | Tag::Name | Tag::Adj | Tag::Num => true,
        Tag::Verb => !matches!(token.lemma.as_str(), "be" | "have" | "do" | "get"),
        Tag::Adv => token.form != Form::None,
        _ => false,
    }
}

fn leading(token: &Token) -> bool {
    matches!(token.tag, Tag::Det | Tag::Poss | Tag::Pron | Tag::Adv)
        || token.is(&["other", "same", "whole", "certain", "actual", "own"])
}

/// Joins words into a label: lower case at the start unless a name or an abbreviation.
pub(crate) fn join<'t>(words: impl Iterator<Item = (&'t str, bool)>) -> String {
    let mut out = String::new();
    for (i, (word, name)) in words.enumerate() {
        if i > 0 {
            out.push(' ');
        }
        if name { out.push_str(word) } else { out.push_str(&word.to_lowercase()) }
    }
    cut(out)
}

pub(super) fn fit(words: &[String]) -> String {
    let all = words.join(" ");
    cut(within(&all, LABEL_WORDS))
}

/// The first words of a label, as many as it may have, without a small word left hanging at the end.
pub(crate) fn within(label: &str, most: usize) -> String {
    let words: Vec<&str> = label.split_whitespace().collect();
    let mut kept = words.len().min(most);
    let lexicon = Lexicon::english();
    let hangs = |word: &str| {
        lexicon.closed(&word.to_lowercase()).iter().any(|t| {
            matches!(t, Tag::Det | Tag::Poss | Tag::Conj)
                || (*t == Tag::Prep && !lexicon.closed(word).contains(&Tag::Part))
        }) || word == "to"
    };
    while kept > 1 && kept < words.len() && hangs(words[kept - 1]) {
        kept -= 1;
    }
    words[..kept].join(" ")
}

/// Bounds a label, at a character border, and drops what cannot be shown.
pub(crate) fn cut(mut label: String) -> String {
    label.retain(|c| !c.is_control());
    if label.chars().count() <= LABEL_CHARS {
        return label;
    }
    let short: String = label.chars().take(LABEL_CHARS).collect();
    match short.rsplit_once(' ') {
        Some((head, _)) if !head.is_empty() => head.to_owned(),
        _ => short,
    }
}
