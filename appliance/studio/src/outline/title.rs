//! Headings, as a person would write them.

use super::draft::Draft;
use super::learn::titles::headings;
use super::token::Stop;
use super::view::{View, cut, join};
use crate::storyboard::Kind;

/// How speakers say that something new begins.
pub(crate) const CUES: &[&str] = &[
    "chapter",
    "new chapter",
    "next chapter",
    "next slide",
    "new slide",
    "next section",
    "new section",
    "new heading",
    "next heading",
    "part 2",
    "part 3",
    "part 4",
    "section one",
    "section 2",
    "section 3",
];
/// Longest heading that is announced, in words.
const LONGEST: usize = 8;

/// A heading of words that the scene says: what is announced as one, or what of its opening, or of its boxes, reads most
/// like one.
pub(crate) fn title(view: &View<'_>, kind: Kind, draft: &Draft) -> String {
    if let Some(announced) = announced(view) {
        return announced;
    }
    let all = headings(view, kind, draft);
    let sums = all.iter().map(|heading| view.weights.titles.sum(&heading.features));
    let best = sums.enumerate().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    best.map_or_else(|| kind.to_string(), |(at, _)| all[at].label.clone())
}

/// `chapter two, making the coffee`, `next slide: how we sell it`: what stands behind the cue, in the same sentence.
fn announced(view: &View<'_>) -> Option<String> {
    let sentence = view.text.sentences.get(view.sentences.0).filter(|_| view.sentences.0 < view.sentences.1)?;
    let tokens = view.tokens(sentence.first, sentence.end);
    let starts = |phrase: &&&str| {
        let words: Vec<&str> = phrase.split(' ').collect();
        tokens.len() > words.len() && words.iter().zip(tokens).all(|(word, token)| *word == token.low)
    };
    let cue = CUES.iter().filter(starts).max_by_key(|phrase| phrase.len())?;
    let mut rest = &tokens[cue.split(' ').count()..];
    while let Some(first) = rest.first().filter(|t| t.number.is_some() || t.is(&["one", "is", "on", "about", "called"]))
    {
        rest = &rest[1..];
        if first.stop != Stop::None {
            break;
        }
    }
    let end = rest.iter().position(|t| t.stop >= Stop::Comma).map_or(rest.len(), |k| k + 1);
    let rest = &rest[..end];
    if rest.is_empty() || rest.len() > LONGEST || rest[0].low == "of" {
        return None;
    }
    let label = cut(join(rest.iter().map(|t| (t.text.as_str(), t.text.chars().any(char::is_uppercase)))));
    let mut chars = label.chars();
    Some(chars.next()?.to_uppercase().chain(chars).collect())
}
