//! Headings, as a person would write them.

use super::draft::Draft;
use super::token::Tag;
use super::view::{View, content, cut};
use crate::storyboard::Kind;

/// Sentences at the start of a scene in which its subject is looked for.
const OPENING: usize = 2;

/// A heading of words that the scene says: the first full phrase of its opening, otherwise its first box.
pub(crate) fn title(view: &View<'_>, kind: Kind, draft: &Draft) -> String {
    let opening = view.clauses.iter().take_while(|c| c.sentence < view.sentences.0 + OPENING);
    let mut best: Option<(usize, String)> = None;
    for clause in opening {
        let phrases = clause
            .subjects
            .iter()
            .chain(&clause.objects)
            .chain(clause.preps.iter().flat_map(|p| &p.objects))
            .filter(|p| !view.pronoun(p));
        for phrase in phrases {
            let label = view.label(phrase);
            let weight = view.tokens(phrase.a, phrase.b).iter().filter(|t| content(t) && t.tag != Tag::Num).count();
            if best.as_ref().is_none_or(|(w, _)| weight > *w) && weight > 0 {
                best = Some((weight, label));
            }
        }
    }
    let label = match best {
        Some((_, label)) => label,
        None => draft.nodes.first().map_or_else(|| kind.to_string(), |n| n.label.clone()),
    };
    let mut chars = label.chars();
    cut(chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect()))
}
