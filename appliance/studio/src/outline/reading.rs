//! A talk, read: clean text, tagged, in clauses.

use super::clause::{self, Clause};
use super::learn::Weights;
use super::lexicon::Lexicon;
use super::normalise::{self, Text};
use super::tag;
use super::view::View;
use crate::transcript::Transcript;

/// Everything that is known of a talk before it is cut into scenes.
pub(crate) struct Reading<'w> {
    /// The clean text.
    pub(crate) text: Text,
    /// Its clauses, in order.
    pub(crate) clauses: Vec<Clause>,
    /// Word lists.
    pub(crate) lexicon: &'static Lexicon,
    /// What was learned.
    pub(crate) weights: &'w Weights,
}

impl<'w> Reading<'w> {
    /// Reads an English talk.
    pub(crate) fn of(transcript: &Transcript, weights: &'w Weights) -> Self {
        let lexicon = Lexicon::english();
        let mut text = normalise::normalise(transcript, lexicon);
        for i in 0..text.sentences.len() {
            let sentence = text.sentences[i];
            tag::tag(&mut text.tokens[sentence.first..sentence.end], lexicon);
        }
        let clauses = clause::clauses(&text);
        Self { text, clauses, lexicon, weights }
    }

    /// The sentences `from..to`.
    pub(crate) fn view(&self, from: usize, to: usize) -> View<'_> {
        let a = self.clauses.partition_point(|c| c.sentence < from);
        let b = self.clauses.partition_point(|c| c.sentence < to);
        View {
            text: &self.text,
            sentences: (from, to),
            clauses: &self.clauses[a..b],
            lexicon: self.lexicon,
            weights: self.weights,
        }
    }
}
