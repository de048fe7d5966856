//! Reading: bytes to a storyboard that holds together.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::json::{self, JsonError};
use super::validate::{Problem, Report, SCHEMA, Severity, check_shape, validate};
use super::{AT_EXTRA, CANVAS_EXTRA, Extra, Storyboard, tidy, to_value};

/// Largest storyboard that is read, in bytes.
pub const MAX_BYTES: usize = 32 << 20;

/// Why bytes are not a storyboard.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReadError {
    /// Not JSON, or too large, too deep, with a key twice.
    #[error("the storyboard is not sound JSON: {0}")]
    Json(#[from] JsonError),
    /// JSON, but not a sound storyboard. Every error is listed, warnings are not.
    #[error("the storyboard has {}", listed(.0))]
    Invalid(Vec<Problem>),
}

fn listed(problems: &[Problem]) -> String {
    let count = if problems.len() == 1 { "1 error".to_owned() } else { format!("{} errors", problems.len()) };
    problems.iter().fold(count + ":", |text, p| format!("{text}\n  {p}"))
}

/// Reads a storyboard. What it returns is sound: every reference leads somewhere, every word range is in order.
/// What [`super::for_graphs`] adds is dropped and `pin` of a node is moved to `layout.pins`.
///
/// # Errors
/// When the bytes are not JSON within the limits, or the storyboard has any error that [`validate`] reports.
pub fn read(bytes: &[u8]) -> Result<Storyboard, ReadError> {
    from_value(json::parse(bytes, MAX_BYTES)?)
}

/// As [`read`], from JSON that is parsed already.
///
/// # Errors
/// As [`read`].
pub fn from_value(mut value: Value) -> Result<Storyboard, ReadError> {
    if let Cow::Owned(plain) = without_containers(&value) {
        value = plain;
    }
    let mut problems = validate(&value, None);
    problems.retain(|p| p.severity == Severity::Error);
    if !problems.is_empty() {
        return Err(ReadError::Invalid(problems));
    }
    normalise(&mut value);
    // An error here would be a gap of the schema check; its text names the field all the same.
    typed(value).map_err(|e| ReadError::Invalid(vec![Problem::error("", e.to_string())]))
}

/// As [`from_value`], but what leads nowhere is dropped before it is checked: the edges of a node that somebody else has removed, its
/// pin, its moment in the timeline. So the edits of several people, each sound by itself, are a sound storyboard together.
///
/// # Errors
/// When the shape is wrong, or anything is wrong but for references that lead nowhere.
pub fn settled(mut value: Value) -> Result<Storyboard, ReadError> {
    let mut report = Report::new();
    check_shape(&value, &SCHEMA, &mut report);
    report.problems.retain(|p| p.severity == Severity::Error);
    if !report.problems.is_empty() {
        return Err(ReadError::Invalid(report.problems));
    }
    normalise(&mut value);
    let mut board = typed(value).map_err(|e| ReadError::Invalid(vec![Problem::error("", e.to_string())]))?;
    tidy(&mut board);
    let mut problems = validate(&to_value(&board), None);
    problems.retain(|p| p.severity == Severity::Error);
    if problems.is_empty() { Ok(board) } else { Err(ReadError::Invalid(problems)) }
}

/// The storyboard of a value whose shape is right, with unknown fields of `canvas` and `at` kept aside.
fn typed(mut value: Value) -> serde_json::Result<Storyboard> {
    let canvas = value.get_mut("canvas").map(|v| take_unknown(v, &["w", "h", "fps"]));
    let mut cues = Vec::new();
    for_each_cue(&mut value, |cue| {
        cues.push(cue.get_mut("at").map(|v| take_unknown(v, &["word", "offset_ms", "ms"])));
    });
    let mut storyboard: Storyboard = serde_json::from_value(value)?;
    keep(&mut storyboard.extra, CANVAS_EXTRA, canvas);
    let all = storyboard.scenes.iter_mut().flat_map(|s| &mut s.timeline);
    for (cue, at) in all.zip(cues) {
        keep(&mut cue.extra, AT_EXTRA, at);
    }
    Ok(storyboard)
}

fn keep(extra: &mut Extra, name: &str, unknown: Option<Map<String, Value>>) {
    if let Some(unknown) = unknown.filter(|u| !u.is_empty()) {
        extra.insert(name.to_owned(), Value::Object(unknown));
    }
}

fn take_unknown(value: &mut Value, known: &[&str]) -> Map<String, Value> {
    let Some(object) = value.as_object_mut() else { return Map::new() };
    let (mine, other) = std::mem::take(object).into_iter().partition(|(key, _)| known.contains(&key.as_str()));
    *object = mine;
    other
}

/// Calls `with` for every timeline cue in order.
pub(super) fn for_each_cue(value: &mut Value, mut with: impl FnMut(&mut Value)) {
    for scene in value.get_mut("scenes").and_then(Value::as_array_mut).into_iter().flatten() {
        scene.get_mut("timeline").and_then(Value::as_array_mut).into_iter().flatten().for_each(&mut with);
    }
}

/// Whether a node only repeats a group, as [`super::for_graphs`] writes it.
fn is_container(node: &Value) -> bool {
    node.get("container").and_then(Value::as_bool) == Some(true)
}

/// The value without the nodes that only repeat its groups.
pub(super) fn without_containers(value: &Value) -> Cow<'_, Value> {
    let nodes =
        |scene: &Value| scene.get("nodes").and_then(Value::as_array).is_some_and(|n| n.iter().any(is_container));
    let scenes = value.get("scenes").and_then(Value::as_array);
    if !scenes.is_some_and(|scenes| scenes.iter().any(nodes)) {
        return Cow::Borrowed(value);
    }
    let mut plain = value.clone();
    for scene in plain.get_mut("scenes").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(nodes) = scene.get_mut("nodes").and_then(Value::as_array_mut) {
            nodes.retain(|node| !is_container(node));
        }
    }
    Cow::Owned(plain)
}

/// Drops and moves the fields that are read only.
fn normalise(value: &mut Value) {
    for scene in value.get_mut("scenes").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(scene) = scene.as_object_mut() else { continue };
        scene.shift_remove("first_word");
        let mut pins = Map::new();
        for node in scene.get_mut("nodes").and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(node) = node.as_object_mut() else { continue };
            let pin = node.shift_remove("pin");
            if let (Some(pin @ Value::Array(_)), Some(id)) = (pin, node.get("id").and_then(Value::as_str)) {
                pins.insert(id.to_owned(), pin);
            }
        }
        if pins.is_empty() {
            continue;
        }
        let layout = scene.entry("layout").or_insert_with(|| Value::Object(Map::new()));
        let Some(layout) = layout.as_object_mut() else { continue };
        let Some(home) = layout.entry("pins").or_insert_with(|| Value::Object(Map::new())).as_object_mut() else {
            continue;
        };
        for (id, pin) in pins {
            // The entry under `layout` is the newer form and wins.
            home.entry(id).or_insert(pin);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{sample, to_value, write_pretty};
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let storyboard = sample();
        assert_eq!(read(&write_pretty(&storyboard)).unwrap(), storyboard);
        assert_eq!(read(&super::super::canonical(&storyboard)).unwrap(), storyboard);
    }

    #[test]
    fn containers_listed_as_nodes_are_dropped() {
        let mut storyboard = sample();
        let group = |id: &str| serde_json::from_value(json!({"id": id, "label": "Cluster", "by": "user"})).unwrap();
        storyboard.scenes[0].groups.push(group("cluster"));
        let listed = super::super::for_graphs(&storyboard);
        assert_eq!(listed["scenes"][0]["nodes"].as_array().unwrap().last().unwrap()["container"], json!(true));
        assert_eq!(from_value(listed).unwrap(), storyboard);
    }

    #[test]
    fn unknown_fields_survive_at_every_level() {
        let mut value = to_value(&sample());
        let places = [
            "",
            "/source",
            "/canvas",
            "/scenes/0",
            "/scenes/0/nodes/0",
            "/scenes/0/edges/0",
            "/scenes/0/actors/0",
            "/scenes/0/groups/0",
            "/scenes/0/notes/0",
            "/scenes/0/layout",
            "/scenes/0/timeline/0",
            "/scenes/0/timeline/0/at",
            "/scenes/0/removed/0",
            "/review/0",
        ];
        for place in places {
            let object = value.pointer_mut(place).and_then(Value::as_object_mut).expect(place);
            object.insert("x_unknown".into(), json!({ "deep": [1, 2.5, "three"] }));
        }
        let storyboard = from_value(value.clone()).unwrap();
        assert_eq!(to_value(&storyboard), value);
        assert_eq!(read(&write_pretty(&storyboard)).unwrap(), storyboard);
        // Written without our writer the document must still be sound JSON: no key twice.
        assert!(read(serde_json::to_string(&storyboard).unwrap().as_bytes()).is_ok());
    }

    #[test]
    fn aliases_are_read_and_not_written() {
        let mut value = to_value(&sample());
        value["scenes"][0]["first_word"] = json!(0);
        value["scenes"][0]["nodes"][1]["pin"] = json!([0.25, 0.5]);
        value["scenes"][0]["nodes"][0]["pin"] = Value::Null;
        let storyboard = from_value(value).unwrap();
        assert_eq!(storyboard.scenes[0].layout.pins["n2"], [0.25, 0.5]);
        let text = String::from_utf8(write_pretty(&storyboard)).unwrap();
        assert!(!text.contains("first_word") && !text.contains("\"pin\""), "{text}");
    }

    #[test]
    fn errors_name_the_place() {
        let check = |text: &str, expected: &str| {
            let error = read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check("{\"schema\":1,\n\"schema\":2}", "line 2, column 8: key `schema` appears twice");
        check("[]", "must be an object");
        check("{}", "`schema` is missing");
    }
}
