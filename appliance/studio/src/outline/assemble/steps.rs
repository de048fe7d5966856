//! A plain list in spoken order: what is done, or, where nothing is done, what is said.

use super::condition::{mostly_past, step};
use crate::outline::draft::Draft;
use crate::outline::view::{LABEL_WORDS, View};
use crate::storyboard::Role;

/// The steps of a scene; every non-empty scene gives at least one when it has a word of content.
pub(crate) fn assemble(view: &View<'_>) -> Draft {
    let past = mostly_past(view);
    let mut draft = Draft::default();
    for clause in view.clauses.iter().filter(|c| step(view, c, past)) {
        if let Some(label) = view.step(clause) {
            draft.node(&label, Role::Activity, view.words(clause.a, clause.b));
        }
    }
    if draft.nodes.len() < 2 {
        draft = sentences(view);
    }
    super::chain(&mut draft);
    draft
}

/// One step a sentence, named by its first words of content.
fn sentences(view: &View<'_>) -> Draft {
    let mut draft = Draft::default();
    for sentence in &view.text.sentences[view.sentences.0..view.sentences.1] {
        let mut label = view.short(sentence.first, sentence.end, LABEL_WORDS);
        if label.is_empty() {
            label = view.tokens(sentence.first, sentence.end).iter().take(3).map(|t| t.text.as_str()).collect::<Vec<_>>().join(" ");
        }
        draft.node(&crate::outline::view::cut(label), Role::Activity, view.words(sentence.first, sentence.end));
    }
    draft
}
