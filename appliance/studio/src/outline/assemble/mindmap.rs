//! A topic, its branches and what belongs to each.

use crate::outline::chunk::Phrase;
use crate::outline::clause::Clause;
use crate::outline::draft::Draft;
use crate::outline::view::View;
use crate::storyboard::{EdgeType, Role};

/// The map of a scene: the first named thing in the middle.
pub(crate) fn assemble(view: &View<'_>) -> Draft {
    let mut draft = Draft::default();
    let Some((centre, from)) = centre(view) else { return draft };
    let root = draft.node(&view.label(&centre), Role::Concept, view.words(centre.a, centre.b));
    let mut topic: Option<usize> = None;
    let mut topic_key: Vec<String> = Vec::new();
    for clause in view.clauses.iter().skip(from) {
        if clause.negated() || clause.question || clause.verb.as_ref().is_some_and(|v| v.past) {
            continue;
        }
        let phrases: Vec<Phrase> = clause
            .objects
            .iter()
            .chain(&clause.second)
            .chain(&clause.renames)
            .filter(|p| !view.pronoun(p) && view.key(p).len() <= 4)
            .copied()
            .collect();
        let subject = clause.subjects.first().filter(|s| !view.pronoun(s));
        let about_topic = subject.is_some_and(|s| view.key(s) == topic_key);
        let opens = opens(clause, &phrases, view) && !about_topic;
        let leaves: &[Phrase] = if opens {
            let head = subject.filter(|_| clause.lemma() == "be" && !clause.existential).copied().unwrap_or(phrases[0]);
            let before = draft.nodes.len();
            let node = draft.node(&view.label(&head), Role::Concept, view.words(head.a, head.b));
            if draft.nodes.len() > before {
                draft.edge(root, node, EdgeType::Relates, "", view.words(head.a, head.b));
            }
            topic = Some(node);
            topic_key = view.key(&head);
            if head == phrases[0] { &phrases[1..] } else { &phrases }
        } else if clause.verb.is_none() || matches!(clause.lemma(), "be" | "need" | "have" | "include" | "want") {
            &phrases
        } else {
            &[]
        };
        let Some(topic) = topic else { continue };
        for leaf in leaves {
            let before = draft.nodes.len();
            let words = view.words(leaf.a, leaf.b);
            let node = draft.node(&view.label(leaf), Role::Concept, words);
            if draft.nodes.len() > before {
                draft.edge(topic, node, EdgeType::Relates, "", words);
            }
        }
    }
    draft
}

/// The first phrase of the opening that the middle is said to be, or that has most words.
fn centre(view: &View<'_>) -> Option<(Phrase, usize)> {
    for (i, clause) in view.clauses.iter().enumerate().take(8) {
        let middle = clause.preps.iter().any(|p| {
            p.objects.iter().any(|o| view.text.tokens[o.head].is(&["middle", "centre", "center"]))
        });
        if middle {
            let phrase = clause.renames.iter().chain(&clause.objects).chain(&clause.subjects).find(|p| !view.pronoun(p));
            if let Some(phrase) = phrase {
                return Some((*phrase, i + 1));
            }
        }
    }
    for (i, clause) in view.clauses.iter().enumerate() {
        let phrases = clause.preps.iter().flat_map(|p| &p.objects).chain(&clause.objects).chain(&clause.subjects);
        if let Some(phrase) = phrases.filter(|p| !view.pronoun(p)).max_by_key(|p| view.key(p).len()) {
            return Some((*phrase, i + 1));
        }
    }
    None
}

/// Whether the clause names a new branch: "then there's food", "Safety.", "First, the budget".
fn opens(clause: &Clause, phrases: &[Phrase], view: &View<'_>) -> bool {
    if phrases.is_empty() {
        return false;
    }
    let first_in_sentence = view.text.sentences.get(clause.sentence).is_some_and(|s| s.first == clause.a);
    clause.existential
        || (clause.led_by(&["then", "next", "another", "finally"]) && phrases.len() == 1)
        || (first_in_sentence && clause.verb.is_none() && phrases.len() == 1 && view.key(&phrases[0]).len() == 1)
        || (first_in_sentence && clause.lemma() == "be" && clause.subjects.first().is_some_and(|s| !view.pronoun(s)))
}
