//! Things held against one another, criterion by criterion.

use crate::outline::chunk::Phrase;
use crate::outline::clause::Clause;
use crate::outline::draft::Draft;
use crate::outline::token::Tag;
use crate::outline::view::{View, content};
use crate::storyboard::{EdgeType, Role};

/// The compared things and their values.
pub(crate) fn assemble(view: &View<'_>) -> Draft {
    let mut draft = Draft::default();
    let Some((left, right)) = pair(view) else { return draft };
    let things = [left, right];
    let labels: Vec<String> = things.iter().map(|p| view.label(p)).collect();
    for (phrase, label) in things.iter().zip(&labels) {
        draft.node(label, Role::Object, view.words(phrase.a, phrase.b));
    }
    if draft.nodes.len() < 2 {
        return Draft::default();
    }
    let keys: Vec<String> = things.iter().map(|p| view.text.tokens[distinct(view, p, &things)].lemma.clone()).collect();
    let mut criterion = String::new();
    let mut current: Vec<usize> = Vec::new();
    for clause in view.clauses.iter().filter(|c| c.a > things[1].b.min(things[0].b)) {
        let tokens = view.tokens(clause.a, clause.b);
        let meant: Vec<usize> = if tokens.iter().any(|t| t.is(&["both", "either"])) {
            vec![0, 1]
        } else {
            (0..2).filter(|k| tokens.iter().any(|t| t.lemma == keys[*k])).collect()
        };
        if clause.question || (clause.verb.is_none() && meant.is_empty() && tokens.len() <= 4) {
            let name = tokens.iter().rev().find(|t| t.tag == Tag::Noun && !keys.contains(&t.lemma));
            if let Some(name) = name {
                criterion = name.low.clone();
            }
            if clause.question {
                continue;
            }
        }
        if meant.len() == 1 || tokens.iter().any(|t| t.low == "both") {
            current = meant;
        }
        if current.is_empty() || clause.negated() && clause.objects.is_empty() {
            continue;
        }
        let Some((label, words)) = value(view, clause, &keys) else { continue };
        let node = draft.node(&label, Role::Concept, words);
        for thing in &current {
            draft.edge(*thing, node, EdgeType::Relates, &criterion, words);
        }
    }
    draft
}

/// The two phrases joined by "or", "versus" or "and" that the scene speaks of most evenly.
fn pair(view: &View<'_>) -> Option<(Phrase, Phrase)> {
    let mut best: Option<(usize, Phrase, Phrase)> = None;
    let mut seen: Vec<Phrase> = Vec::new();
    let count = |lemma: &str| view.all().iter().filter(|t| t.lemma == lemma).count();
    for clause in view.clauses.iter().take(12) {
        let lists = [&clause.subjects, &clause.objects, &clause.second, &clause.renames];
        for phrase in lists.into_iter().flatten().chain(clause.preps.iter().flat_map(|p| &p.objects)) {
            if !view.pronoun(phrase) {
                seen.push(*phrase);
            }
        }
    }
    seen.sort_by_key(|p| p.a);
    for (i, left) in seen.iter().enumerate() {
        for right in seen.iter().skip(i + 1).take(3) {
            let between = right.a.checked_sub(left.b).map(|_| view.tokens(left.b, right.a));
            let joined = between.is_some_and(|b| {
                b.len() <= 2 && b.iter().any(|t| t.is(&["or", "versus", "vs", "and", "against", "with"]))
            });
            let pair = [*left, *right];
            let score = count(&view.text.tokens[distinct(view, left, &pair)].lemma)
                .min(count(&view.text.tokens[distinct(view, right, &pair)].lemma));
            let opposed = between.is_some_and(|b| b.iter().any(|t| t.is(&["or", "versus", "vs", "against"])));
            let score = score
                + if joined && opposed {
                    2000
                } else if joined {
                    1000
                } else {
                    0
                };
            if score > 1 && best.as_ref().is_none_or(|(s, _, _)| score > *s) {
                best = Some((score, *left, *right));
            }
        }
    }
    best.map(|(_, left, right)| (left, right))
}

/// The token that tells a phrase from the others: its first word of content that they do not share.
fn distinct(view: &View<'_>, phrase: &Phrase, all: &[Phrase]) -> usize {
    let head = |p: &Phrase| view.text.tokens[p.head].lemma.as_str();
    if all.iter().all(|other| other.a == phrase.a || head(other) != head(phrase)) {
        return phrase.head;
    }
    (phrase.a..phrase.b)
        .find(|at| {
            let token = &view.text.tokens[*at];
            let shared = all
                .iter()
                .filter(|other| other.a != phrase.a)
                .any(|other| view.tokens(other.a, other.b).iter().any(|t| t.lemma == token.lemma));
            content(token) && !shared
        })
        .unwrap_or(phrase.head)
}

/// What the clause says of its subject.
fn value(view: &View<'_>, clause: &Clause, keys: &[String]) -> Option<(String, [u32; 2])> {
    let own = |p: &&Phrase| !view.pronoun(p) && !view.key(p).iter().any(|k| keys.contains(k));
    let numbers = clause
        .objects
        .iter()
        .chain(&clause.second)
        .chain(&clause.renames)
        .chain(clause.preps.iter().flat_map(|p| &p.objects));
    if let Some(phrase) = numbers.clone().find(|p| own(p) && view.tokens(p.a, p.b).iter().any(|t| t.number.is_some())) {
        // "ten pounds a month" is one value.
        let rate = numbers.clone().find(|p| p.a == phrase.b && view.timely(p));
        let b = rate.map_or(phrase.b, |p| p.b);
        let label = match rate {
            Some(rate) => format!("{} a {}", view.label(phrase), view.label(rate)),
            None => view.label(phrase),
        };
        return Some((label, view.words(phrase.a, b)));
    }
    if let Some((a, b)) = clause.adjective {
        return Some((view.short(a, b, 4), view.words(a, b))).filter(|(label, _)| !label.is_empty());
    }
    let phrase = clause
        .objects
        .iter()
        .chain(&clause.second)
        .find(own)
        .or_else(|| clause.preps.iter().filter(|p| !p.fronted).flat_map(|p| &p.objects).find(own));
    if let Some(phrase) = phrase {
        let none = view.text.tokens[phrase.a].low == "no";
        let label = if none { format!("no {}", view.label(phrase)) } else { view.label(phrase) };
        return Some((label, view.words(phrase.a, phrase.b))).filter(|(label, _)| !label.is_empty());
    }
    let verb = clause.verb.as_ref()?;
    let label = view.short(verb.main + 1, clause.b, 5);
    (!label.is_empty()).then(|| (label, view.words(verb.main + 1, clause.b)))
}
