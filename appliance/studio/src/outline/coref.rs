//! Which mentions are of the same thing: names by head and modifiers, pronouns by what the talk was about last.

use super::chunk::Phrase;
use super::clause::Clause;
use super::token::Tag;
use super::view::View;
use crate::storyboard::WordRange;

/// Something the talk names.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entity {
    /// Its fullest name.
    pub(crate) label: String,
    /// Content lemmas of that name.
    pub(crate) key: Vec<String>,
    /// Spoken of in the plural.
    pub(crate) plural: bool,
    /// Where it is named first.
    pub(crate) words: WordRange,
    /// Where it is named again.
    pub(crate) again: Vec<WordRange>,
}

/// How many things back a name is looked for; bounds the work on very long talks.
const MEMORY: usize = 80;

/// The things of a scene, in order of their first mention.
#[derive(Debug, Default)]
pub(crate) struct Entities {
    /// The things.
    pub(crate) list: Vec<Entity>,
    /// A longer name is another thing: `low-pressure compressor` beside `compressor`.
    strict: bool,
    /// Whoever speaks is one of the things.
    speaking: bool,
    /// Entity of the last subject.
    subject: Option<usize>,
    /// Entity named last.
    last: Option<usize>,
    /// Entity named before the last.
    previous: Option<usize>,
}

impl Entities {
    /// Nothing yet; longer names will be other things.
    pub(crate) fn strict() -> Self {
        Self { strict: true, ..Self::default() }
    }

    /// Nothing yet; whoever says `I` or `me` will be a thing.
    pub(crate) fn speaking() -> Self {
        Self { speaking: true, ..Self::default() }
    }

    /// The thing that a phrase means; new names make new things, pronouns without antecedent mean nothing.
    pub(crate) fn resolve(&mut self, view: &View<'_>, phrase: &Phrase, as_subject: bool) -> Option<usize> {
        let speaker = view.party(phrase).filter(|party| self.speaking && !matches!(*party, "us" | "you"));
        let found = if let Some(speaker) = speaker {
            Some(self.party(speaker, view.words(phrase.a, phrase.b)))
        } else if view.pronoun(phrase) {
            self.pronoun(&view.text.tokens[phrase.a].low, &view.text.tokens[phrase.head].low, as_subject)
        } else {
            Some(self.named(view, phrase))
        };
        if let Some(at) = found {
            if self.last != Some(at) {
                self.previous = self.last;
            }
            self.last = Some(at);
            if as_subject {
                self.subject = Some(at);
            }
        }
        found
    }

    /// The thing a phrase names already, without making one.
    pub(crate) fn find(&self, view: &View<'_>, phrase: &Phrase) -> Option<usize> {
        self.search(&view.key(phrase))
    }

    /// Remembers who the clause is about, for the pronouns of the next one.
    pub(crate) fn about(&mut self, entity: usize) {
        self.subject = Some(entity);
    }

    /// The last subject.
    pub(crate) fn current(&self) -> Option<usize> {
        self.subject
    }

    fn pronoun(&self, first: &str, head: &str, as_subject: bool) -> Option<usize> {
        match if matches!(first, "all" | "both" | "each") { "all" } else { head } {
            "it" | "he" | "she" if as_subject => self.subject.or(self.last),
            "that" | "this" | "which" | "these" | "those" => self.last,
            "all" => self.list.iter().rposition(|e| e.plural).or(self.last),
            "one" if matches!(first, "that" | "this") => self.last,
            "they" => self.latest(|e| e.plural).or(self.subject),
            "them" => self.latest(|e| e.plural).or(self.last),
            "it" | "him" | "her" => {
                if self.last != self.subject {
                    self.last
                } else {
                    self.previous
                }
            }
            _ => None,
        }
    }

    fn latest(&self, fits: impl Fn(&Entity) -> bool) -> Option<usize> {
        [self.subject, self.last, self.previous].into_iter().flatten().find(|at| fits(&self.list[*at]))
    }

    fn search(&self, key: &[String]) -> Option<usize> {
        let head = key.last()?;
        if key.len() > 1 && ["side", "part", "section", "department", "bit", "end", "area"].contains(&head.as_str()) {
            let bare = self.search(&key[..key.len() - 1]);
            if bare.is_some() {
                return bare;
            }
        }
        let from = self.list.len().saturating_sub(MEMORY);
        let recent = || self.list.iter().enumerate().skip(from).rev();
        if let Some((at, _)) = recent().find(|(_, e)| e.key == key) {
            return Some(at);
        }
        let within = |a: &[String], b: &[String]| a.iter().all(|word| b.contains(word));
        if let Some((at, _)) = recent()
            .find(|(_, e)| e.key.last() == Some(head) && (within(key, &e.key) || (!self.strict && within(&e.key, key))))
        {
            return Some(at);
        }
        // "ground" for "ground control": only when it fits one thing alone.
        if key.len() == 1 {
            let mut fits = recent().filter(|(_, e)| e.key.first() == Some(head) && (2..=3).contains(&e.key.len()));
            if let (Some((at, _)), None) = (fits.next(), fits.next()) {
                return Some(at);
            }
        }
        None
    }

    fn party(&mut self, name: &str, words: WordRange) -> usize {
        let key: Vec<String> = name.to_lowercase().split_whitespace().map(str::to_owned).collect();
        if let Some(at) = self.list.iter().position(|e| e.key == key) {
            self.list[at].again.push(words);
            return at;
        }
        self.list.push(Entity { label: name.to_owned(), key, plural: false, words, again: Vec::new() });
        self.list.len() - 1
    }

    fn named(&mut self, view: &View<'_>, phrase: &Phrase) -> usize {
        let key = view.key(phrase);
        let words = view.words(phrase.a, phrase.b);
        if let Some(at) = self.search(&key) {
            let entity = &mut self.list[at];
            entity.again.push(words);
            if key.len() > entity.key.len() && key.len() <= 4 {
                entity.label = view.label(phrase);
                entity.key = key;
            }
            return at;
        }
        let head = &view.text.tokens[phrase.head];
        let plural = head.tag == Tag::Noun && head.low != head.lemma;
        self.list.push(Entity { label: view.label(phrase), key, plural, words, again: Vec::new() });
        self.list.len() - 1
    }

    /// The subjects of a clause as things.
    pub(crate) fn subjects(&mut self, view: &View<'_>, clause: &Clause) -> Vec<usize> {
        let mut out: Vec<usize> = Vec::new();
        for phrase in &clause.subjects {
            if let Some(at) = self.resolve(view, phrase, true)
                && !out.contains(&at)
            {
                out.push(at);
            }
        }
        out
    }
}
