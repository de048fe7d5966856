//! What runs through a scene and holds it together.

use super::boxes::stems;
use super::linear::{ByKey, key_of};
use crate::outline::clause::Clause;
use crate::outline::view::{View, content};

/// What runs through a scene: the words of several sentences, and who mostly acts.
pub(super) struct Threads<'v> {
    /// For each word of content in how many sentences it is said.
    words: ByKey<(usize, usize)>,
    /// The same by stems.
    stems: ByKey<(usize, usize)>,
    /// Who acts in most clauses.
    pub(super) usual: Option<&'v str>,
}

impl<'v> Threads<'v> {
    /// Those of a scene.
    pub(super) fn of(view: &View<'v>) -> Self {
        let (mut words, mut stemmed) = (ByKey::<(usize, usize)>::default(), ByKey::<(usize, usize)>::default());
        for at in view.sentences.0..view.sentences.1 {
            let sentence = view.text.sentences[at];
            for token in view.tokens(sentence.first, sentence.end).iter().filter(|t| content(t)) {
                let count = |map: &mut ByKey<(usize, usize)>, key: u64| {
                    let entry = map.entry(key).or_insert((usize::MAX, 0));
                    if entry.0 != at {
                        *entry = (at, entry.1 + 1);
                    }
                };
                count(&mut words, key_of(&token.lemma));
                for stem in stems(&token.low) {
                    count(&mut stemmed, stem);
                }
            }
        }
        let mut doers: Vec<&str> = view.clauses.iter().filter(|c| c.verb.is_some()).map(|c| who(view, c)).collect();
        doers.sort_unstable();
        let usual = doers.chunk_by(|a, b| a == b).max_by_key(|run| run.len()).map(|run| run[0]);
        Self { words, stems: stemmed, usual }
    }

    /// In how many sentences a word is said.
    pub(super) fn named(&self, lemma: &str) -> usize {
        self.words.get(&key_of(lemma)).map_or(0, |w| w.1)
    }

    /// In how many sentences a word of that stem is said.
    pub(super) fn said(&self, stem: u64) -> f64 {
        self.stems.get(&stem).map_or(0.0, |w| w.1 as f64)
    }

    /// Which share of the words of content among the tokens `a..b` other sentences say too: a digression shares few.
    pub(super) fn tied(&self, view: &View<'_>, a: usize, b: usize) -> f64 {
        let (mut all, mut shared) = (0.0, 0.0);
        for token in view.tokens(a, b).iter().filter(|t| content(t)) {
            all += 1.0;
            shared += f64::from(u8::from(self.named(&token.lemma) > 1));
        }
        shared / f64::max(all, 1.0)
    }
}

/// Who acts in a clause: a pronoun, nobody, somebody or something.
pub(super) fn who<'v>(view: &View<'v>, clause: &Clause) -> &'v str {
    match clause.subjects.first() {
        None => "",
        Some(_) if clause.passive() => "passive",
        Some(subject) if view.pronoun(subject) => view.text.tokens[subject.head].low.as_str(),
        Some(subject) if view.person(subject) => "person",
        Some(_) => "thing",
    }
}
