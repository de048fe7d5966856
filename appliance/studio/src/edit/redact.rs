//! Redaction: what was said in a stretch of words leaves no trace in transcript and diagrams.
//!
//! Two rules cut texts. An element that was drawn from redacted words loses the words of its label that its other
//! evidence does not hold. Every other text, a person's own labels and unknown fields included, loses the words that
//! are now said nowhere in the talk. What is left of a label is only marks, or an automatic element without evidence,
//! goes; removals are not remembered, because the memory would hold the label.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Draft, EditError};
use crate::storyboard::{Extra, Origin, Scene, WordRange, tidy};
use crate::transcript::{REDACTED, Transcript, is_dense};

impl Draft<'_> {
    pub(super) fn redact(&mut self, first: u32, last: u32) -> Result<(), EditError> {
        let range = self.words(first, last)?;
        let mut said = BTreeSet::new();
        for (id, word) in self.transcript.words.iter().enumerate() {
            if range.contains(&id) && !word.redacted {
                said.extend(tokens(&word.text).map(|t| t.key));
            }
        }
        for word in &mut self.transcript.to_mut().words[range] {
            REDACTED.clone_into(&mut word.text);
            word.confidence = 1.0;
            word.redacted = true;
        }
        let gone = Secret::new(&said, remaining(&self.transcript, &[[0, u32::MAX]]));
        let cut = Cut { range: [first, last], said, gone };
        for scene in &mut self.board.scenes {
            cut.scene(scene, &self.transcript);
        }
        let gone = &cut.gone;
        cut_text(&mut self.board.title, gone);
        cut_extra(&mut self.board.extra, gone);
        cut_extra(&mut self.board.source.extra, gone);
        for item in &mut self.board.review {
            cut_text(&mut item.why, gone);
            item.args.values_mut().for_each(|value| {
                cut_text(value, gone);
            });
            cut_extra(&mut item.extra, gone);
        }
        tidy(&mut self.board);
        self.renew_source();
        Ok(())
    }
}

/// Words in lower case of what is said in these ranges of the transcript and not redacted.
fn remaining(transcript: &Transcript, ranges: &[WordRange]) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for [first, last] in ranges {
        let end = (*last as usize).saturating_add(1).min(transcript.words.len());
        let words = transcript.words.get(*first as usize..end).unwrap_or_default();
        out.extend(words.iter().filter(|w| !w.redacted).flat_map(|w| tokens(&w.text)).map(|t| t.key));
    }
    out
}

/// Words that must not show.
struct Secret {
    cut: BTreeSet<String>,
    /// Words that are still said and may show.
    held: BTreeSet<String>,
}

impl Secret {
    /// What was said and is not held.
    fn new(said: &BTreeSet<String>, held: BTreeSet<String>) -> Self {
        Self { cut: said - &held, held }
    }

    /// Whether a word of a label is secret, or an inflected form of a secret word: labels are often put into the base
    /// form (`orders` into `order`).
    fn holds(&self, key: &str) -> bool {
        const STEM: usize = 4;
        const ENDING: usize = 3;
        let inflected = |a: &str, b: &str| {
            let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
            short.chars().count() >= STEM && long.strip_prefix(short).is_some_and(|end| end.chars().count() <= ENDING)
        };
        self.cut.contains(key) || (!self.held.contains(key) && self.cut.iter().any(|word| inflected(word, key)))
    }
}

struct Cut {
    range: WordRange,
    /// What was said in the range.
    said: BTreeSet<String>,
    /// The part of it that is said nowhere else.
    gone: Secret,
}

/// The fields that every element has.
struct Element<'a> {
    label: &'a mut String,
    evidence: &'a mut Vec<WordRange>,
    by: &'a mut Origin,
    extra: &'a mut Extra,
}

impl Cut {
    fn scene(&self, scene: &mut Scene, transcript: &Transcript) {
        let secret = self.secret(&[scene.words], transcript);
        let hit = self.touches(&[scene.words]);
        if cut_text(&mut scene.title, if hit { &secret } else { &self.gone }) {
            scene.by = Origin::User;
        }
        cut_extra(&mut scene.extra, &self.gone);
        cut_extra(&mut scene.layout.extra, &self.gone);
        scene.timeline.iter_mut().for_each(|cue| cut_extra(&mut cue.extra, &self.gone));
        scene.nodes.retain_mut(|node| {
            let touched = self.touches(&node.evidence);
            if touched {
                // Descriptions, times and numbers were read from the same words.
                node.alt = None;
                node.time = None;
                node.value = None;
            }
            let texts = node.alt.iter_mut().chain(&mut node.time).chain(&mut node.icon);
            texts.for_each(|text| {
                cut_text(text, &self.gone);
            });
            let (label, evidence, by) = (&mut node.label, &mut node.evidence, &mut node.by);
            self.element(Element { label, evidence, by, extra: &mut node.extra }, transcript)
        });
        scene.edges.retain_mut(|e| {
            let bare = e.label.is_empty();
            let kept = self.element(
                Element { label: &mut e.label, evidence: &mut e.evidence, by: &mut e.by, extra: &mut e.extra },
                transcript,
            );
            // An arrow needs no label: one that loses it stays while it has evidence or is a person's.
            if only_marks(&e.label) {
                e.label.clear();
            }
            kept || (!bare && (e.by == Origin::User && !e.evidence.is_empty()))
        });
        scene.actors.retain_mut(|a| {
            self.element(
                Element { label: &mut a.label, evidence: &mut a.evidence, by: &mut a.by, extra: &mut a.extra },
                transcript,
            )
        });
        scene.groups.retain_mut(|g| {
            self.element(
                Element { label: &mut g.label, evidence: &mut g.evidence, by: &mut g.by, extra: &mut g.extra },
                transcript,
            )
        });
        scene.notes.retain_mut(|n| {
            self.element(
                Element { label: &mut n.text, evidence: &mut n.evidence, by: &mut n.by, extra: &mut n.extra },
                transcript,
            )
        });
        scene.removed.retain_mut(|removed| {
            let touched = self.touches(&removed.evidence);
            cut_text(&mut removed.label, &self.gone);
            cut_extra(&mut removed.extra, &self.gone);
            !touched
        });
    }

    /// Cuts one element; false when nothing is left of it.
    fn element(&self, element: Element<'_>, transcript: &Transcript) -> bool {
        let Element { label, evidence, by, extra } = element;
        cut_extra(extra, &self.gone);
        let had_label = !label.is_empty();
        if self.touches(evidence) {
            *evidence = without(evidence, self.range);
            if evidence.is_empty() && *by == Origin::Auto {
                return false;
            }
            cut_text(label, &self.secret(evidence, transcript));
            *by = Origin::User;
        } else if cut_text(label, &self.gone) {
            *by = Origin::User;
        }
        !(had_label && only_marks(label))
    }

    fn touches(&self, ranges: &[WordRange]) -> bool {
        ranges.iter().any(|[first, last]| *first <= self.range[1] && *last >= self.range[0])
    }

    /// Redacted words that the given ranges do not hold as well.
    fn secret(&self, ranges: &[WordRange], transcript: &Transcript) -> Secret {
        Secret::new(&self.said, remaining(transcript, ranges))
    }
}

/// The ranges without the words of `cut`.
fn without(ranges: &[WordRange], cut: WordRange) -> Vec<WordRange> {
    let mut out = Vec::new();
    for [first, last] in ranges.iter().copied() {
        if last < cut[0] || first > cut[1] {
            out.push([first, last]);
            continue;
        }
        if first < cut[0] {
            out.push([first, cut[0] - 1]);
        }
        if last > cut[1] {
            out.push([cut[1] + 1, last]);
        }
    }
    out
}

/// A run of letters and digits; a letter of a script without spaces stands alone.
struct Token {
    /// In lower case.
    key: String,
    from: usize,
    to: usize,
}

fn tokens(text: &str) -> impl Iterator<Item = Token> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let from = at + text[at..].find(|c: char| c.is_alphanumeric() || is_dense(c))?;
        let first = text[from..].chars().next()?;
        let rest = &text[from + first.len_utf8()..];
        let more = if is_dense(first) {
            0
        } else {
            rest.find(|c: char| !c.is_alphanumeric() || is_dense(c)).unwrap_or(rest.len())
        };
        at = from + first.len_utf8() + more;
        Some(Token { key: text[from..at].to_lowercase(), from, to: at })
    })
}

/// Puts one mark for every run of secret words; whether there was any.
fn cut_text(text: &mut String, secret: &Secret) -> bool {
    let mut out = String::with_capacity(text.len());
    let mut kept = 0;
    let mut run: Option<usize> = None;
    for token in tokens(text) {
        // The letters of a mark are not words.
        let in_mark = text[..token.from].ends_with('[') && text[token.from..].starts_with(&REDACTED[1..]);
        if !in_mark && secret.holds(&token.key) {
            let between = run.is_some_and(|end| text[end..token.from].chars().all(|c| !c.is_alphanumeric()));
            if !between {
                out.push_str(&text[kept..token.from]);
                out.push_str(REDACTED);
            }
            kept = token.to;
            run = Some(token.to);
        } else {
            run = None;
        }
    }
    let changed = kept > 0;
    if changed {
        out.push_str(&text[kept..]);
        *text = out;
    }
    changed
}

fn only_marks(text: &str) -> bool {
    text.contains(REDACTED) && tokens(&text.replace(REDACTED, " ")).next().is_none()
}

/// Cuts every text inside unknown fields. Their depth is bounded by the reader.
fn cut_extra(extra: &mut Extra, secret: &Secret) {
    for (_, value) in extra.iter_mut() {
        cut_value(value, secret);
    }
}

fn cut_value(value: &mut Value, secret: &Secret) {
    match value {
        Value::String(text) => {
            cut_text(text, secret);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| cut_value(item, secret)),
        Value::Object(fields) => fields.iter_mut().for_each(|(_, field)| cut_value(field, secret)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, secret: &[&str], expected: &str) {
        let mut text = text.to_owned();
        let said = secret.iter().map(|s| (*s).to_owned()).collect();
        cut_text(&mut text, &Secret::new(&said, BTreeSet::from(["planet".to_owned()])));
        assert_eq!(text, expected);
    }

    #[test]
    fn texts_are_cut() {
        check("Call John Smith now", &["john", "smith"], "Call [redacted] now");
        check("John's orders", &["john", "order"], "[redacted]'s [redacted]");
        check("Plans of the planet", &["plan"], "[redacted] of the planet");
        check("Check stock", &["john"], "Check stock");
        check("John, call John", &["john"], "[redacted], call [redacted]");
        check("[redacted] John", &["redacted", "john"], "[redacted] [redacted]");
        check("在庫確認", &["庫"], "在[redacted]確認");
        check("", &["a"], "");
    }

    #[test]
    fn ranges_are_cut() {
        let check = |ranges: &[WordRange], expected: &[WordRange]| assert_eq!(without(ranges, [5, 8]), expected);
        check(&[[0, 3], [9, 9]], &[[0, 3], [9, 9]]);
        check(&[[4, 9]], &[[4, 4], [9, 9]]);
        check(&[[5, 8], [6, 7]], &[]);
        check(&[[0, 5], [8, 12]], &[[0, 4], [9, 12]]);
    }

    #[test]
    fn marks_alone_are_nothing() {
        assert!(only_marks("[redacted], [redacted]"));
        assert!(!only_marks("[redacted] x"));
        assert!(!only_marks(""));
    }
}
