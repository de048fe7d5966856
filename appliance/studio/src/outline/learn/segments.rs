//! What stands between two pauses or conjunctions: `light or dark`, `so that's cooling`, `the forecast, always`.
//!
//! Phrases are of nouns. What hierarchies, states, comparisons and mind maps name is often something else.

use crate::outline::token::{Stop, Tag, Token};
use crate::outline::view::{View, content, join};

/// Most words of a segment that may be a label.
const WORDS: usize = 5;

/// A run of tokens that may be a label.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Segment {
    /// Its label.
    pub(super) label: String,
    /// First token.
    pub(super) a: usize,
    /// After the last token.
    pub(super) b: usize,
    /// Whether it is all between two bounds, or what follows the last word of function in it.
    pub(super) place: &'static str,
}

/// The segments of a scene in spoken order, each as a whole and by its tail.
pub(super) fn segments(view: &View<'_>) -> Vec<Segment> {
    let mut out = Vec::new();
    for sentence in &view.text.sentences[view.sentences.0..view.sentences.1] {
        let mut from = sentence.first;
        for at in sentence.first..sentence.end {
            let token = &view.text.tokens[at];
            if token.tag == Tag::Conj || token.is(&["either", "neither"]) {
                split(view, from, at, &mut out);
                from = at + 1;
            } else if token.stop != Stop::None || at + 1 == sentence.end {
                split(view, from, at + 1, &mut out);
                from = at + 1;
            }
        }
    }
    out
}

fn split(view: &View<'_>, a: usize, b: usize, out: &mut Vec<Segment>) {
    if a >= b {
        return;
    }
    let tokens = view.tokens(a, b);
    let opening = tokens.iter().take_while(|t| matches!(t.tag, Tag::Intj | Tag::Mark | Tag::Det | Tag::Poss)).count();
    let whole = a + opening;
    let tail = a + tokens.iter().rposition(function).map_or(0, |at| at + 1);
    for (from, place) in [(whole, "whole"), (tail, "tail")] {
        if from >= b || b - from > WORDS || (place == "tail" && from <= whole) {
            continue;
        }
        let words = view.tokens(from, b);
        if place == "whole" || words.iter().any(content) {
            let label = join(words.iter().map(|t| (t.text.as_str(), proper(t))));
            out.push(Segment { label, a: from, b, place });
        }
    }
}

/// Whether what is named begins after it.
fn function(token: &Token) -> bool {
    matches!(
        token.tag,
        Tag::Aux | Tag::Modal | Tag::Prep | Tag::Pron | Tag::Det | Tag::Poss | Tag::To | Tag::Sub | Tag::Wh
    ) || token.lemma == "be"
        || token.is(&["as", "not"])
}

fn proper(token: &Token) -> bool {
    token.tag == Tag::Name || token.text.chars().skip(1).any(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::Weights;
    use crate::outline::reading::Reading;
    use crate::transcript::Transcript;

    fn check(text: &str, expected: &[&str]) {
        let weights = Weights::default();
        let reading = Reading::of(&Transcript::from_text(text, "en"), &weights);
        let all = segments(&reading.view(0, reading.text.sentences.len()));
        let labels: Vec<&str> = all.iter().map(|s| s.label.as_str()).collect();
        for label in expected {
            assert!(labels.contains(label), "{label}: {labels:?}");
        }
        assert!(all.iter().all(|s| s.a < s.b && !s.label.is_empty()), "{all:?}");
    }

    #[test]
    fn what_is_no_phrase_is_found_between_its_bounds() {
        check("Rye is either light or dark.", &["light", "dark"]);
        check("Then it's heating. It cools, so that's cooling.", &["heating", "cooling"]);
        check("The budget, never. The forecast, always.", &["never", "always"]);
        check("On one side, things you count: tree rings and varves.", &["things you count", "varves"]);
        check("", &[]);
        check("and or and", &[]);
    }
}
