//! What a schema cannot say: word ranges, evidence, labels, sizes. References are in [`super::references`].

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::json::escape;
use super::{Report, references};
use crate::transcript::Transcript;

/// Most characters of an id.
const MAX_ID: usize = 128;
/// Most characters of a label, a title or a name.
const MAX_LABEL: usize = 200;
/// Most characters of a note, a description or a reason.
const MAX_TEXT: usize = 2000;
/// Words beyond which a node's label is too long to be read at a glance.
const MANY_WORDS: usize = 8;
/// Most scenes of a storyboard.
const MAX_SCENES: usize = 2000;
/// Most elements of one list of a scene.
const MAX_ELEMENTS: usize = 1000;

/// Most ranges of evidence of one element.
const MAX_EVIDENCE: usize = 256;
/// Most review items.
const MAX_REVIEW: usize = 10_000;

/// The lists of a scene whose members are elements with an id of their own.
pub(super) const ELEMENTS: [&str; 5] = ["nodes", "edges", "actors", "groups", "notes"];

pub(super) fn items<'a>(of: &'a Value, list: &str) -> &'a [Value] {
    of.get(list).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn text<'a>(of: &'a Value, field: &str) -> Option<&'a str> {
    of.get(field).and_then(Value::as_str)
}

pub(super) fn word(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|n| u32::try_from(n).ok())
}

fn word_range(value: &Value) -> Option<[u32; 2]> {
    match value.as_array()?.as_slice() {
        [first, last] => Some([word(first)?, word(last)?]),
        _ => None,
    }
}

pub(super) fn check(board: &Value, words: Option<u32>, report: &mut Report) {
    for (field, most) in [("id", MAX_ID), ("theme", 64), ("lang", 64)] {
        report.within(field, |r| filled(text(board, field), most, r));
    }
    report.within("title", |r| short(text(board, "title"), MAX_LABEL, r));
    let scenes = items(board, "scenes");
    report.within("scenes", |report| {
        if !few(scenes, MAX_SCENES, report) {
            return;
        }
        unique_ids(scenes, &mut BTreeSet::new(), report);
        let mut before: Option<u32> = None;
        for (i, scene) in scenes.iter().enumerate() {
            report.within(i, |report| check_scene(scene, words, &mut before, report));
        }
    });
    let mut short = true;
    report.within("order", |r| short = few(items(board, "order"), MAX_SCENES, r));
    if short {
        references::check_order(board, report);
    }
    let mut review = true;
    report.within("review", |r| review = few(items(board, "review"), MAX_REVIEW, r));
    if review {
        references::check_review(board, words, report);
    }
}

/// Number of words that ids are held against: of the transcript, else as the source says, else unknown.
pub(super) fn words_of(board: &Value, transcript: Option<&Transcript>, report: &mut Report) -> Option<u32> {
    let source = board.get("source");
    let told = source.and_then(|s| s.get("words")).and_then(word).filter(|n| *n > 0);
    let Some(transcript) = transcript else { return told };
    let real = u32::try_from(transcript.words.len()).unwrap_or(u32::MAX);
    report.within("source", |report| {
        if told.is_some_and(|told| told != real) {
            report.within("words", |r| r.error(format!("the transcript has {real} words")));
        }
        if let Some(hash) = source.and_then(|s| text(s, "transcript"))
            && hash != transcript.revision()
        {
            report.within("transcript", |r| r.warning("the storyboard was made from another revision of it"));
        }
    });
    Some(real)
}

fn check_scene(scene: &Value, words: Option<u32>, before: &mut Option<u32>, report: &mut Report) {
    if !scene.is_object() {
        return;
    }
    report.within("title", |r| short(text(scene, "title"), MAX_LABEL, r));
    if text(scene, "title").is_some_and(|t| t.trim().is_empty()) {
        report.within("title", |r| r.warning("the scene has no title"));
    }
    let range = scene.get("words").and_then(word_range);
    if let Some(range @ [first, last]) = range {
        report.within("words", |report| {
            in_order(range, words, report);
            if let Some(end) = before.filter(|end| first <= *end) {
                report.error(format!("begins at word {first}, but the scene before it goes on to word {end}"));
            }
        });
        *before = Some(before.map_or(last, |end| end.max(last)));
        if scene.get("first_word").and_then(word).is_some_and(|w| w != first) {
            report.within("first_word", |r| r.warning(format!("ignored: the scene's words begin at {first}")));
        }
    }
    let mut ids = BTreeSet::new();
    for list in ELEMENTS {
        let elements = items(scene, list);
        report.within(list, |report| {
            if !few(elements, MAX_ELEMENTS, report) {
                return;
            }
            unique_ids(elements, &mut ids, report);
            for (i, element) in elements.iter().enumerate() {
                report.within(i, |report| check_element(list, element, words, report));
            }
        });
    }
    for list in ["timeline", "removed"] {
        let mut short = true;
        report.within(list, |r| short = few(items(scene, list), MAX_ELEMENTS, r));
        if !short {
            return;
        }
    }
    for (i, removed) in items(scene, "removed").iter().enumerate() {
        report.within("removed", |r| r.within(i, |r| evidence(removed, words, r)));
    }
    references::check_scene(scene, words, report);
}

/// Whether a list is short enough to be looked into.
fn few(list: &[Value], most: usize, report: &mut Report) -> bool {
    if list.len() > most {
        report.error(format!("{} items; at most {most} are allowed", list.len()));
    }
    list.len() <= most
}

fn check_element(list: &str, element: &Value, words: Option<u32>, report: &mut Report) {
    if !element.is_object() {
        return;
    }
    match list {
        "edges" => report.within("label", |r| short(text(element, "label"), MAX_LABEL, r)),
        "notes" => report.within("text", |r| filled(text(element, "text"), MAX_TEXT, r)),
        _ => report.within("label", |r| filled(text(element, "label"), MAX_LABEL, r)),
    }
    if list == "nodes" {
        let count = text(element, "label").unwrap_or_default().split_whitespace().count();
        if count > MANY_WORDS {
            report.within("label", |r| r.warning(format!("{count} words are hard to read in a box; use one to five")));
        }
    }
    for (field, most) in [("time", MAX_LABEL), ("icon", MAX_LABEL), ("alt", MAX_TEXT)] {
        report.within(field, |r| short(text(element, field), most, r));
    }
    evidence(element, words, report);
    let automatic = text(element, "by").is_none_or(|by| by == "auto");
    if automatic && items(element, "evidence").is_empty() {
        report.error(
            "an automatic element must carry the words it was drawn from: add `evidence`, or `\"by\": \"user\"`",
        );
    }
}

fn evidence(element: &Value, words: Option<u32>, report: &mut Report) {
    let ranges = items(element, "evidence");
    report.within("evidence", |r| {
        few(ranges, MAX_EVIDENCE, r);
    });
    for (i, range) in ranges.iter().enumerate() {
        if let Some(range) = word_range(range) {
            report.within("evidence", |r| r.within(i, |r| in_order(range, words, r)));
        }
    }
}

pub(super) fn in_order([first, last]: [u32; 2], words: Option<u32>, report: &mut Report) {
    if first > last {
        report.error(format!("the first word, {first}, comes after the last, {last}"));
    }
    if let Some(words) = words.filter(|words| first.max(last) >= *words) {
        report.error(format!("word {} is beyond the {words} words of the transcript", first.max(last)));
    }
}

fn short(text: Option<&str>, most: usize, report: &mut Report) {
    let count = text.unwrap_or_default().chars().count();
    if count > most {
        report.error(format!("{count} characters; at most {most} are allowed"));
    }
    if text.is_some_and(|t| t.chars().any(|c| c.is_control() && c != '\n')) {
        report.error("holds a control character");
    }
}

fn filled(value: Option<&str>, most: usize, report: &mut Report) {
    if value.is_some_and(|t| t.trim().is_empty()) {
        report.error("must not be empty");
    }
    short(value, most, report);
}

/// Ids must be fit to be referred to and belong to one element; `seen` grows by those of `list`.
fn unique_ids<'a>(list: &'a [Value], seen: &mut BTreeSet<&'a str>, report: &mut Report) {
    for (i, element) in list.iter().enumerate() {
        let Some(id) = text(element, "id") else { continue };
        report.within(format_args!("{i}"), |report| {
            report.within("id", |report| {
                if !sound_id(id) {
                    report.error(format!(
                        "`{}` is not an id: 1 to {MAX_ID} characters without spaces, `/` and control characters",
                        escape(id).chars().take(40).collect::<String>()
                    ));
                }
                if !seen.insert(id) {
                    report.error(format!("the id `{id}` is taken by an earlier element"));
                }
            });
        });
    }
}

/// Whether `id` can name a scene or an element.
fn sound_id(id: &str) -> bool {
    !id.is_empty()
        && id.chars().count() <= MAX_ID
        && !id.chars().any(|c| c.is_control() || c.is_whitespace() || c == '/')
}
