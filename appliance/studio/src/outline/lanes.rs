//! Who does what: the lanes of a swimlane.

use super::chunk::Phrase;
use super::clause::Clause;
use super::coref::Entities;
use super::draft::Draft;
use super::view::View;
use crate::storyboard::WordRange;

/// Fewest steps that make a lane of something that is no person.
const STEPS: usize = 2;

/// Gives every step the actor who does it, as far as it is said.
pub(crate) fn assign(view: &View<'_>, draft: &mut Draft) {
    let mut entities = if view.text.speakers.is_empty() { Entities::default() } else { Entities::speaking() };
    // By clause: who acts, and whether that is a person.
    let mut doers: Vec<Option<usize>> = Vec::with_capacity(view.clauses.len());
    let mut people: Vec<bool> = Vec::new();
    for clause in view.clauses {
        let phrase = doer(view, clause);
        let doer = phrase.and_then(|p| entities.resolve(view, p, !clause.passive()));
        people.resize(entities.list.len(), false);
        if let (Some(phrase), Some(at)) = (phrase, doer) {
            people[at] |= view.speaker(phrase).is_some() || (!view.pronoun(phrase) && view.person(phrase));
            entities.about(at);
        }
        doers.push(doer);
    }
    let by_node: Vec<Option<usize>> =
        draft.nodes.iter().map(|node| doers.get(view.clause_at(node.evidence)).copied().flatten()).collect();
    let steps = |entity: usize| by_node.iter().filter(|d| **d == Some(entity)).count();
    let mut lanes: Vec<(usize, String, WordRange)> = Vec::new();
    for entity in by_node.iter().flatten() {
        if lanes.iter().any(|l| l.0 == *entity) || !(people[*entity] || steps(*entity) >= STEPS) {
            continue;
        }
        let named = &entities.list[*entity];
        lanes.push((*entity, named.label.clone(), named.words));
    }
    for (node, doer) in draft.nodes.iter_mut().zip(by_node) {
        node.actor = doer.and_then(|doer| lanes.iter().position(|l| l.0 == doer));
    }
    draft.actors = lanes.into_iter().map(|(_, label, words)| (label, words)).collect();
}

/// Who acts in a clause: its subject, in the passive who stands behind `by`. `You` and `we` are nobody in particular.
fn doer<'c>(view: &View<'_>, clause: &'c Clause) -> Option<&'c Phrase> {
    clause.verb.as_ref()?;
    let phrase =
        if clause.passive() { clause.prep(&["by"]).and_then(|p| p.objects.first()) } else { clause.subjects.first() }?;
    let nobody = view.pronoun(phrase)
        && !view.text.tokens[phrase.head].is(&["he", "she", "they", "who", "it"])
        && view.speaker(phrase).is_none();
    (!nobody && !view.timely(phrase)).then_some(phrase)
}
