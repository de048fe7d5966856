//! The part of a text in which something was found.

use super::{
    query::Piece,
    source::Text,
    words::{Kind, words},
};

/// How many bytes stand before the first word that was found.
const BEFORE: usize = 60;
/// How many bytes a snippet has.
const LENGTH: usize = 240;

/// A stretch of a snippet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The text.
    pub text: String,
    /// Whether it is what was looked for.
    pub hit: bool,
}

/// The first place in the body of `text` where one of the pieces is; nothing when it was found by title or tags only.
pub(super) fn snippet(text: &Text, pieces: &[Piece]) -> Vec<Stretch> {
    text.body.iter().find_map(|part| within(part, pieces)).unwrap_or_default()
}

fn within(part: &str, pieces: &[Piece]) -> Option<Vec<Stretch>> {
    let shows = |word: &super::words::Word| pieces.iter().any(|piece| piece.shows(word));
    let first = words(part).find(shows)?.from;
    let start = beginning(part, first);
    let end = part.floor_char_boundary(start + LENGTH);
    let mut stretches = Vec::new();
    let mut push = |text: &str, hit: bool| {
        let text: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        match stretches.last_mut() {
            _ if text.is_empty() => {}
            Some(Stretch { text: last, hit: same }) if *same == hit => last.push_str(&text),
            _ => stretches.push(Stretch { text, hit }),
        }
    };
    if start > 0 {
        push("…", false);
    }
    let mut at = start;
    for word in words(&part[start..end]).filter(|word| word.kind != Kind::Last && shows(word)) {
        let (from, to) = (start + word.from, start + word.to);
        // Pairs overlap.
        if to > at {
            push(&part[at..from.max(at)], false);
            push(&part[from.max(at)..to], true);
            at = to;
        }
    }
    push(&part[at..end], false);
    if end < part.len() {
        push("…", false);
    }
    Some(stretches)
}

/// Where to begin, so that `first` is in sight: at a gap if there is one.
fn beginning(part: &str, first: usize) -> usize {
    let from = part.floor_char_boundary(first.saturating_sub(BEFORE));
    if from == 0 {
        return 0;
    }
    let gap = part[from..first].char_indices().find(|(_, letter)| letter.is_whitespace());
    gap.map_or(from, |(at, letter)| from + at + letter.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::query::pieces;

    #[test]
    fn places_in_texts() {
        let check = |text: &str, query: &str, expected: &str| {
            let text = Text { body: vec!["nothing here".into(), text.into()], ..Text::default() };
            let show = |stretch: Stretch| if stretch.hit { format!("[{}]", stretch.text) } else { stretch.text };
            let found: String = snippet(&text, &pieces(query).unwrap()).into_iter().map(show).collect();
            assert_eq!(found, expected, "{query}");
        };
        check("The Zürich office", "zurich", "The [Zürich] office");
        check("one two", "two one", "[one] [two]");
        check("orders and ordering", "order", "[orders] and [ordering]");
        check("昨日は東京タワーに登った", "東京タワー", "昨日は[東京タワー]に登った");
        check("line\none", "one", "line [one]");
        check("what", "else", "");
        let long = format!("{}the word {}", "before ".repeat(50), "after ".repeat(50));
        let text = Text { body: vec![long], ..Text::default() };
        let found = snippet(&text, &pieces("word ").unwrap());
        assert_eq!(found.iter().filter(|stretch| stretch.hit).count(), 1);
        assert!(found[0].text.starts_with("…before") && found.last().unwrap().text.ends_with('…'), "{found:?}");
        assert!(found.iter().map(|stretch| stretch.text.len()).sum::<usize>() < LENGTH + 10);
    }
}
