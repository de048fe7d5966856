//! Writing: canonical bytes for hashing, tidy text for people.

use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::read::for_each_cue;
use super::{AT_EXTRA, Actor, CANVAS_EXTRA, Kind, Storyboard};

/// Width up to which an array or object of plain values is written on one line.
const LINE: usize = 110;

/// The storyboard as JSON, unknown fields of every level in their places.
pub fn to_value(storyboard: &Storyboard) -> Value {
    let mut value = serde_json::to_value(storyboard).expect("a storyboard has string keys only");
    put_back(&mut value, CANVAS_EXTRA, storyboard.extra.get(CANVAS_EXTRA));
    let mut cues = storyboard.scenes.iter().flat_map(|s| &s.timeline);
    for_each_cue(&mut value, |cue| put_back(cue, AT_EXTRA, cues.next().and_then(|c| c.extra.get(AT_EXTRA))));
    value
}

/// As [`to_value`], for programs that know nodes and edges only: `first_word` on each scene, the first of its `words`, and
/// each group, and each lane of a swimlane, again as a node with `"container": true`. Reading drops both.
pub fn for_graphs(storyboard: &Storyboard) -> Value {
    let mut value = to_value(storyboard);
    let scenes = value.get_mut("scenes").and_then(Value::as_array_mut).into_iter().flatten();
    for (fields, scene) in scenes.filter_map(Value::as_object_mut).zip(&storyboard.scenes) {
        fields.insert("first_word".to_owned(), scene.words[0].into());
        if let Some(nodes) = fields.get_mut("nodes").and_then(Value::as_array_mut) {
            nodes.extend(scene.groups.iter().map(|g| json!({"id": g.id, "label": g.label, "container": true})));
            let lanes: &[Actor] = if scene.kind == Kind::Swimlane { &scene.actors } else { &[] };
            nodes.extend(lanes.iter().map(|a| json!({"id": a.id, "label": a.label, "container": true})));
        }
    }
    value
}

/// Moves fields that were kept aside under `aside` (`/` and the name of their object) to where they belong.
fn put_back(parent: &mut Value, aside: &str, unknown: Option<&Value>) {
    let Some(unknown) = unknown.and_then(Value::as_object) else { return };
    if let Some(fields) = parent.as_object_mut() {
        fields.shift_remove(aside);
    }
    if let Some(home) = parent.pointer_mut(aside).and_then(Value::as_object_mut) {
        for (key, value) in unknown {
            home.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
}

/// The canonical form of RFC 8785: sorted keys, no spaces, numbers as ECMAScript prints them. Integers of unknown
/// fields beyond 2^53 lose digits in it, as the RFC warns.
pub fn canonical(storyboard: &Storyboard) -> Vec<u8> {
    canonical_value(&to_value(storyboard))
}

/// SHA-256 of the canonical form in lower-case hex: the name of this revision.
pub fn revision(storyboard: &Storyboard) -> String {
    sha256_hex(&canonical(storyboard))
}

pub(crate) fn canonical_value(value: &Value) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value).expect("a JSON value has finite numbers and string keys")
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The storyboard for people: two spaces, fields in the order of the documentation, word ranges and other small
/// values on one line, a line break at the end.
pub fn write_pretty(storyboard: &Storyboard) -> Vec<u8> {
    pretty(&to_value(storyboard)).into_bytes()
}

/// Any JSON in the same style.
pub fn pretty(value: &Value) -> String {
    let mut out = String::new();
    put(value, 0, 0, &mut out);
    out.push('\n');
    out
}

/// Writes `value` at `indent`; `column` characters of its line are taken.
fn put(value: &Value, indent: usize, column: usize, out: &mut String) {
    if let Some(line) = flat(value, LINE.saturating_sub(column)) {
        out.push_str(&line);
        return;
    }
    let pad = "  ".repeat(indent + 1);
    match value {
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i == 0 { "\n" } else { ",\n" });
                out.push_str(&pad);
                put(item, indent + 1, pad.len(), out);
            }
            let _ = write!(out, "\n{}]", "  ".repeat(indent));
        }
        Value::Object(fields) => {
            out.push('{');
            for (i, (key, field)) in fields.iter().enumerate() {
                let name = format!("{pad}{}: ", Value::from(key.as_str()));
                out.push_str(if i == 0 { "\n" } else { ",\n" });
                out.push_str(&name);
                put(field, indent + 1, name.chars().count(), out);
            }
            let _ = write!(out, "\n{}}}", "  ".repeat(indent));
        }
        plain => {
            let _ = write!(out, "{plain}");
        }
    }
}

/// `value` on one line of at most `room` characters: plain values, and arrays and objects that hold at most one
/// more level of arrays of plain values.
fn flat(value: &Value, room: usize) -> Option<String> {
    fn write(value: &Value, levels: usize, out: &mut String, room: usize) -> Option<()> {
        match value {
            Value::Array(items) => {
                let below = if items.is_empty() { levels } else { levels.checked_sub(1)? };
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    out.push_str(if i == 0 { "" } else { ", " });
                    write(item, below, out, room)?;
                }
                out.push(']');
            }
            Value::Object(fields) => {
                let below = if fields.is_empty() { levels } else { levels.checked_sub(1)? };
                out.push('{');
                for (i, (key, field)) in fields.iter().enumerate() {
                    out.push_str(if i == 0 { " " } else { ", " });
                    let _ = write!(out, "{}: ", Value::from(key.as_str()));
                    write(field, below, out, room)?;
                }
                out.push_str(if fields.is_empty() { "}" } else { " }" });
            }
            plain => {
                let _ = write!(out, "{plain}");
            }
        }
        (out.len() <= room).then_some(())
    }
    let mut out = String::new();
    write(value, 2, &mut out, room).map(|()| out)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn canonical_form_does_not_depend_on_the_order_of_keys() {
        let text = r#"{"b":1.50,"a":[1e2,0.1,"\u00e9"]}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(canonical_value(&value), "{\"a\":[100,0.1,\"é\"],\"b\":1.5}".as_bytes());
    }

    #[test]
    fn revision_follows_content() {
        let first = sample();
        let mut second = first.clone();
        assert_eq!(revision(&first), revision(&second));
        assert_eq!(revision(&first).len(), 64);
        second.scenes[0].nodes[0].confidence = 0.1 + 0.2;
        assert_ne!(revision(&first), revision(&second));
        let read = super::super::read(&write_pretty(&second)).unwrap();
        assert_eq!(revision(&read), revision(&second));
    }

    #[test]
    fn first_words_are_read_and_dropped() {
        let value = for_graphs(&sample());
        assert_eq!(value["scenes"][1]["first_word"], 20);
        assert_eq!(super::super::from_value(value).unwrap(), sample());
    }

    #[test]
    fn pretty_keeps_small_values_on_one_line() {
        let value: Value = serde_json::json!({
            "evidence": [[1, 2], [4, 4]], "pins": {"n1": [0.25, 0.5]}, "empty": [], "none": {}, "s": "a\"b",
            "long": ["x".repeat(60), "y".repeat(60)],
        });
        let expected = format!(
            "{{\n  \"evidence\": [[1, 2], [4, 4]],\n  \"pins\": {{ \"n1\": [0.25, 0.5] }},\n  \"empty\": [],\n  \
             \"none\": {{}},\n  \"s\": \"a\\\"b\",\n  \"long\": [\n    \"{}\",\n    \"{}\"\n  ]\n}}\n",
            "x".repeat(60),
            "y".repeat(60)
        );
        assert_eq!(pretty(&value), expected);
        assert_eq!(serde_json::from_str::<Value>(&pretty(&value)).unwrap(), value);
    }
}
