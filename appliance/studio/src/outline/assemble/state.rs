//! States and what moves a thing from one to another.

use super::condition::wording;
use crate::outline::clause::Clause;
use crate::outline::draft::Draft;
use crate::outline::token::{Form, Tag};
use crate::outline::view::View;
use crate::storyboard::{EdgeType, Role};

const ENTER: &[&str] = &["become", "go", "move", "turn", "change", "switch", "enter", "return", "mark", "transition", "set", "drop", "fall", "come", "create", "get"];

/// The states of a scene and the transitions between them.
pub(crate) fn assemble(view: &View<'_>) -> Draft {
    let mut draft = Draft::default();
    let mut current: Option<usize> = None;
    let mut trigger: Option<(usize, String)> = None;
    for clause in view.clauses {
        let words = view.words(clause.a, clause.b);
        if clause.negated() || clause.question || clause.verb.as_ref().is_some_and(|v| v.former) {
            if clause.conditional() {
                trigger = Some((clause.sentence, wording(view, clause)));
            }
            continue;
        }
        if clause.conditional() {
            // "Once it's paid": a state that was entered before; otherwise what triggers the next one.
            match target(view, clause).and_then(|(label, _)| draft.nodes.iter().position(|n| n.label == label)) {
                Some(at) => current = Some(at),
                None => trigger = Some((clause.sentence, wording(view, clause))),
            }
            continue;
        }
        let from = clause
            .preps
            .iter()
            .find(|p| p.prep.starts_with("from"))
            .and_then(|p| p.objects.first())
            .filter(|o| !view.pronoun(o))
            .map(|o| (view.label(o), view.words(o.a, o.b)));
        let source = from.map(|(label, words)| draft.node(&label, Role::State, words)).or(current);
        if let Some((label, at)) = target(view, clause) {
            let node = draft.node(&label, Role::State, at);
            let label = trigger.take().filter(|(s, _)| *s == clause.sentence).map_or_else(String::new, |(_, l)| l);
            if let Some(source) = source {
                draft.edge(source, node, EdgeType::Then, &label, words);
            }
            current = Some(node);
        } else if source != current {
            current = source;
        }
    }
    draft.drop_loose();
    draft
}

/// The state that a clause leads to, and where it is named.
fn target(view: &View<'_>, clause: &Clause) -> Option<(String, [u32; 2])> {
    let verb = clause.verb.as_ref()?;
    let lemma = verb.lemma.as_str();
    let about_it = clause.subjects.first().is_none_or(|s| view.pronoun(s) || s.b - s.a <= 2);
    let named = |label: String, a: usize, b: usize| (!label.is_empty()).then(|| (label, view.words(a, b)));
    let goal = clause
        .preps
        .iter()
        .filter(|p| !p.fronted)
        .find(|p| p.prep.starts_with("to ") || matches!(p.prep.as_str(), "to" | "into" | "in" | "as" | "on" | "out of" | "back to" | "back into" | "on to"))
        .and_then(|p| p.objects.first().map(|o| (p.prep.clone(), *o)))
        .filter(|(_, o)| !view.pronoun(o));
    if verb.passive && !ENTER.contains(&lemma) {
        let pronoun = clause.subjects.first().is_some_and(|s| view.pronoun(s));
        let low = view.text.tokens[verb.main].low.clone();
        return if pronoun { named(low, verb.main, verb.main + 1) } else { None };
    }
    if ENTER.contains(&lemma) {
        if let Some((prep, goal)) = goal {
            let label = view.label(&goal);
            let prep = prep.strip_prefix("to ").unwrap_or(&prep).to_owned();
            let label = if matches!(prep.as_str(), "on" | "out of" | "out" | "in") { format!("{prep} {label}") } else { label };
            return named(label, goal.a, goal.b);
        }
        if let Some((a, b)) = clause.adjective {
            return named(view.short(a, b, 3), a, b);
        }
        let after = verb.main + 1;
        let participle = (after..clause.b).find(|k| {
            let token = &view.text.tokens[*k];
            matches!(token.form, Form::Part | Form::Past | Form::Ing) && matches!(token.tag, Tag::Verb | Tag::Noun | Tag::Adj)
        });
        if let Some(at) = participle {
            return named(view.text.tokens[at].low.clone(), at, at + 1);
        }
        if lemma == "become" || lemma == "enter" || lemma == "turn" {
            let object = clause.objects.first().filter(|o| !view.pronoun(o))?;
            return named(view.label(object), object.a, object.b);
        }
        return None;
    }
    if lemma == "be" && about_it && !clause.existential {
        if let Some((a, b)) = clause.adjective {
            return named(view.short(a, b, 2), a, b);
        }
        if let Some((prep, goal)) = goal.filter(|(prep, _)| matches!(prep.as_str(), "in" | "on")) {
            let label = view.label(&goal);
            return named(if prep == "on" { format!("on {label}") } else { label }, goal.a, goal.b);
        }
    }
    None
}
