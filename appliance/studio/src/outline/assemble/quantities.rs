//! Numbers of categories.

use super::shares;
use crate::outline::chunk::Phrase;
use crate::outline::clause::Clause;
use crate::outline::draft::Draft;
use crate::outline::token::{NumberStyle, Tag, Token};
use crate::outline::view::{View, join};
use crate::storyboard::Role;

/// The categories of a scene with their numbers.
pub(crate) fn assemble(view: &View<'_>) -> Draft {
    let mut draft = Draft::default();
    let parts = shares::parts(view);
    if !parts.is_empty() {
        for part in parts {
            let at = draft.node(&part.label, Role::Quantity, part.words);
            draft.nodes[at].value = Some(part.value);
        }
        draft.settled = true;
        return draft;
    }
    let mut last = usize::MAX;
    for clause in view.clauses {
        let tokens = view.tokens(clause.a, clause.b);
        let total = tokens.iter().any(|t| t.is(&["total", "altogether", "overall", "last", "hope", "hopes"]))
            || clause.subjects.first().is_some_and(|s| view.text.tokens[s.head].is(&["we", "i"]));
        let unsure = clause.negated()
            || clause.verb.as_ref().is_some_and(|v| matches!(v.modal.as_deref(), Some("would" | "could" | "might")));
        if std::mem::replace(&mut last, clause.sentence) != clause.sentence {
            whole(view, clause.sentence, &mut draft);
        }
        let numbers: Vec<&Token> =
            tokens.iter().filter(|t| t.number.is_some_and(|n| n.style == NumberStyle::Cardinal)).collect();
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

/// "Out of two hundred applications we invited forty": what there was, and what became of some of it.
fn whole(view: &View<'_>, sentence: usize, draft: &mut Draft) {
    let sentence = view.text.sentences[sentence];
    let tokens = view.tokens(sentence.first, sentence.end);
    let value = |t: &Token| t.number.filter(|n| n.style == NumberStyle::Cardinal).map(|n| n.value);
    let Some(of) = tokens.windows(2).position(|w| w[0].low == "of" && value(&w[1]).is_some()) else { return };
    let out = of == 0 || (of == 1 && tokens[0].low == "out");
    let end = (of + 2..tokens.len()).take_while(|k| tokens[*k].tag.nominal() || tokens[*k].tag == Tag::Adj).last();
    let (Some(all), Some(end)) = (value(&tokens[of + 1]).filter(|_| out), end) else { return };
    let some: Vec<usize> = (end + 1..tokens.len()).filter(|k| value(&tokens[*k]).is_some()).collect();
    let done = some.first().and_then(|at| tokens[end + 1..*at].iter().rev().find(|t| t.tag == Tag::Verb));
    let (&[at], Some(verb)) = (some.as_slice(), done) else { return };
    if verb.is(&["were", "was", "had", "have", "got"]) || value(&tokens[at]).is_none_or(|some| some > all) {
        return;
    }
    let label = join(tokens[of + 2..=end].iter().map(|t| (t.text.as_str(), t.tag == Tag::Name)));
    let first = sentence.first;
    let node = draft.node(&label, Role::Quantity, view.words(first + of, first + end + 1));
    draft.nodes[node].value = Some(all);
    let node = draft.node(&verb.low, Role::Quantity, view.words(first + end + 1, first + at + 1));
    draft.nodes[node].value = value(&tokens[at]);
}

/// What the number is of: the subject, or the phrase that holds no number.
fn category(view: &View<'_>, clause: &Clause) -> Option<Phrase> {
    let plain = |p: &&Phrase| {
        !view.pronoun(p)
            && !view.tokens(p.a, p.b).iter().any(|t| t.number.is_some())
            && !view
                .tokens(p.a, p.b)
                .iter()
                .any(|t| t.is(&["average", "chunk", "number", "share", "figure", "most", "rest"]))
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
