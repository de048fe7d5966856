//! Numbers of categories.

use crate::outline::chunk::Phrase;
use crate::outline::clause::Clause;
use crate::outline::draft::Draft;
use crate::outline::token::{NumberStyle, Token};
use crate::outline::view::View;
use crate::storyboard::Role;

/// The categories of a scene with their numbers.
pub(crate) fn assemble(view: &View<'_>) -> Draft {
    let mut draft = Draft::default();
    for clause in view.clauses {
        let tokens = view.tokens(clause.a, clause.b);
        let total = tokens.iter().any(|t| t.is(&["total", "altogether", "overall", "last", "hope", "hopes"]) )
            || clause.subjects.first().is_some_and(|s| view.text.tokens[s.head].is(&["we", "i"]));
        let unsure = clause.negated() || clause.verb.as_ref().is_some_and(|v| matches!(v.modal.as_deref(), Some("would" | "could" | "might")));
        let numbers: Vec<&Token> = tokens.iter().filter(|t| t.number.is_some_and(|n| n.style == NumberStyle::Cardinal)).collect();
        let Some(number) = numbers.first().and_then(|t| t.number) else { continue };
        if total || unsure || clause.question {
            continue;
        }
        let label = match (category(view, clause), &clause.verb) {
            (Some(phrase), _) => view.label(&phrase),
            (None, Some(verb)) if !matches!(verb.lemma.as_str(), "be" | "have" | "make") => verb.lemma.clone(),
            _ => continue,
        };
        let before = draft.nodes.len();
        let at = draft.node(&label, Role::Quantity, view.words(clause.a, clause.b));
        if draft.nodes.len() > before {
            draft.nodes[at].value = Some(number.value);
        }
    }
    draft
}

/// What the number is of: the subject, or the phrase that holds no number.
fn category(view: &View<'_>, clause: &Clause) -> Option<Phrase> {
    let plain = |p: &&Phrase| {
        !view.pronoun(p)
            && !view.tokens(p.a, p.b).iter().any(|t| t.number.is_some())
            && !view.tokens(p.a, p.b).iter().any(|t| t.is(&["average", "chunk", "number", "share", "figure", "most", "rest"]))
    };
    clause
        .subjects
        .iter()
        .find(plain)
        .or_else(|| clause.objects.iter().chain(&clause.second).find(plain))
        .or_else(|| clause.preps.iter().flat_map(|p| &p.objects).find(plain))
        .or_else(|| clause.renames.iter().find(plain))
        .copied()
}
