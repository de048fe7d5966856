//! Headings, as a person would write them.

use super::draft::Draft;
use super::token::Tag;
use super::view::{View, content, cut};
use crate::storyboard::{EdgeType, Kind};

/// Sentences at the start of a scene in which its subject is looked for.
const OPENING: usize = 3;

/// A heading of words that the scene says: the compared things, the top of the tree, or the phrase of the opening
/// that the scene speaks of most; otherwise the first box.
pub(crate) fn title(view: &View<'_>, kind: Kind, draft: &Draft) -> String {
    let first = || draft.nodes.first().map(|n| n.label.clone());
    let label = match kind {
        Kind::Comparison if draft.nodes.len() > 1 => {
            Some(format!("{} versus {}", draft.nodes[0].label, draft.nodes[1].label))
        }
        Kind::Hierarchy => root(draft),
        Kind::Mindmap => first(),
        _ => subject(view),
    };
    let label = label.or_else(first).unwrap_or_else(|| kind.to_string());
    let mut chars = label.chars();
    cut(chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect()))
}

/// The label of the node that has children and no parent.
fn root(draft: &Draft) -> Option<String> {
    let parents = draft.edges.iter().filter(|e| e.kind == EdgeType::PartOf).map(|e| e.from);
    let mut roots = parents.filter(|p| draft.edges.iter().all(|e| e.to != *p));
    roots.next().map(|p| draft.nodes[p].label.clone())
}

/// The phrase of the opening whose head the scene names most often; longer phrases before shorter ones.
fn subject(view: &View<'_>) -> Option<String> {
    let opening = view.clauses.iter().take_while(|c| c.sentence < view.sentences.0 + OPENING);
    let mut best: Option<(usize, String)> = None;
    for clause in opening {
        let phrases = clause.subjects.iter().chain(&clause.objects);
        for phrase in phrases.chain(clause.preps.iter().flat_map(|p| &p.objects)).filter(|p| !view.pronoun(p)) {
            let tokens = view.tokens(phrase.a, phrase.b);
            if view.timely(phrase) || tokens.iter().any(|t| t.tag == Tag::Num) {
                continue;
            }
            let head = &view.text.tokens[phrase.head].lemma;
            let named = view.all().iter().filter(|t| t.lemma == *head).count().min(2);
            let words = tokens.iter().filter(|t| content(t)).count().min(3);
            let opens = usize::from(clause.sentence == view.sentences.0);
            let weight = 2 * named + 3 * words + 4 * opens;
            if best.as_ref().is_none_or(|(w, _)| weight > *w) {
                best = Some((weight, view.label(phrase)));
            }
        }
    }
    best.map(|(_, label)| label)
}
