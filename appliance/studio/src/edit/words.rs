//! Corrections of the transcript, and what labels have to do with words.

use super::{Draft, EditError};
use crate::storyboard::{Origin, Scene, WordRange};
use crate::transcript::is_dense;

impl Draft<'_> {
    /// Checks a range of word ids.
    pub(super) fn words(&self, first: u32, last: u32) -> Result<std::ops::RangeInclusive<usize>, EditError> {
        let words = self.transcript.words.len();
        if first > last || last as usize >= words {
            return Err(EditError::NoWords { first, last, words });
        }
        Ok(first as usize..=last as usize)
    }

    /// Writes the hash of the changed transcript where the storyboard names it.
    pub(super) fn renew_source(&mut self) {
        if let Some(hash) = &mut self.board.source.transcript {
            *hash = self.transcript.revision();
        }
    }

    pub(super) fn correct_word(&mut self, id: u32, text: &str) -> Result<(), EditError> {
        let at = *self.words(id, id)?.start();
        if self.transcript.words[at].redacted {
            return Err(EditError::Redacted(id));
        }
        if text.is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(EditError::NotOneWord(text.chars().take(80).collect()));
        }
        let word = &mut self.transcript.to_mut().words[at];
        let old = std::mem::replace(&mut word.text, text.to_owned());
        word.confidence = 1.0;
        let (old, new) = (core(&old), core(text));
        if !old.is_empty() && !new.is_empty() {
            for scene in &mut self.board.scenes {
                correct_scene(scene, id, old, new);
            }
        }
        self.renew_source();
        Ok(())
    }
}

/// A word without the punctuation around it.
fn core(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

/// Corrects what extraction drew from the word. These elements stay automatic: what the person changed is the word.
fn correct_scene(scene: &mut Scene, id: u32, old: &str, new: &str) {
    let drawn = |by: Origin, evidence: &[WordRange]| {
        by == Origin::Auto && evidence.iter().any(|[first, last]| (*first..=*last).contains(&id))
    };
    if drawn(scene.by, &[scene.words]) {
        replace(&mut scene.title, old, new);
    }
    for node in scene.nodes.iter_mut().filter(|n| drawn(n.by, &n.evidence)) {
        replace(&mut node.label, old, new);
        node.alt.iter_mut().chain(&mut node.time).for_each(|text| replace(text, old, new));
    }
    for edge in scene.edges.iter_mut().filter(|e| drawn(e.by, &e.evidence)) {
        replace(&mut edge.label, old, new);
    }
    for actor in scene.actors.iter_mut().filter(|a| drawn(a.by, &a.evidence)) {
        replace(&mut actor.label, old, new);
    }
    for group in scene.groups.iter_mut().filter(|g| drawn(g.by, &g.evidence)) {
        replace(&mut group.label, old, new);
    }
    for note in scene.notes.iter_mut().filter(|n| drawn(n.by, &n.evidence)) {
        replace(&mut note.text, old, new);
    }
}

/// Puts `new` for every `old` that stands as a word of its own, without regard to case; a capital stays a capital.
fn replace(text: &mut String, old: &str, new: &str) {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() || is_dense(c));
    let wanted = old.to_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let found = edge(out.chars().next_back())
            .then(|| prefix_of(rest, &wanted))
            .flatten()
            .filter(|end| edge(rest[*end..].chars().next()));
        if let Some(end) = found {
            let was_capital = c.is_uppercase() && !old.starts_with(char::is_uppercase);
            let mut letters = new.chars();
            if was_capital && let Some(first) = letters.next() {
                out.extend(first.to_uppercase());
            }
            out.push_str(letters.as_str());
            rest = &rest[end..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    *text = out;
}

/// Length of the beginning of `text` that is `wanted` in lower case.
fn prefix_of(text: &str, wanted: &str) -> Option<usize> {
    let mut left = wanted;
    for (at, c) in text.char_indices() {
        if left.is_empty() {
            return Some(at);
        }
        for lower in c.to_lowercase() {
            left = left.strip_prefix(lower)?;
        }
    }
    left.is_empty().then_some(text.len())
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_are_replaced_whole() {
        let check = |text: &str, old: &str, new: &str, expected: &str| {
            let mut text = text.to_owned();
            super::replace(&mut text, old, new);
            assert_eq!(text, expected);
        };
        check("Check stock", "check", "pick", "Pick stock");
        check("Check checks (check)", "check", "pick", "Pick checks (pick)");
        check("ask IBM", "IBM", "SAP", "ask SAP");
        check("STRASSE straße", "straße", "weg", "STRASSE weg");
        check("在庫確認", "確", "認", "在庫認認");
        check("", "a", "b", "");
    }
}
