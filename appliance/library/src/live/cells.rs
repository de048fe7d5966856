//! A storyboard as cells: one text for each thing that two people may change without getting in each other's way.
//!
//! | key | value, as JSON |
//! |---|---|
//! | `FIELD` | a field of the storyboard |
//! | `scenes/SCENE/@` | the place of a scene among the others |
//! | `scenes/SCENE/FIELD` | a field of a scene |
//! | `scenes/SCENE/layout/pins/NODE` | a pin |
//! | `scenes/SCENE/LIST/ID/@` | the place of an element in its list: without one there is no such element |
//! | `scenes/SCENE/LIST/ID/FIELD` | a field of an element |
//!
//! Ids have no `/`. Places are numbers; equal ones are in the order of their ids, so every reader has the same order.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use studio::storyboard::{Storyboard, to_value};

/// Lists of a scene whose elements have ids.
const LISTS: [&str; 5] = ["nodes", "edges", "actors", "groups", "notes"];
/// How far apart places are at first, so that there is room between them.
const STEP: f64 = 1024.0;

/// Cells by their keys.
pub(super) type Cells = BTreeMap<String, String>;

/// The cells of a storyboard.
pub(super) fn of(board: &Storyboard) -> Cells {
    let mut cells = Cells::new();
    let Value::Object(fields) = to_value(board) else { return cells };
    for (name, value) in fields {
        match value {
            Value::Array(scenes) if name == "scenes" => {
                for (at, scene) in scenes.into_iter().enumerate() {
                    of_scene(at, scene, &mut cells);
                }
            }
            value => put(&mut cells, name, &value),
        }
    }
    cells
}

fn put(cells: &mut Cells, key: String, value: &Value) {
    cells.insert(key, value.to_string());
}

fn of_scene(at: usize, scene: Value, cells: &mut Cells) {
    let Value::Object(mut fields) = scene else { return };
    let Some(id) = text(fields.shift_remove("id")) else { return };
    let scene = format!("scenes/{id}");
    put(cells, format!("{scene}/@"), &place(at));
    for (name, value) in fields {
        match value {
            Value::Array(elements) if LISTS.contains(&name.as_str()) => {
                for (at, element) in elements.into_iter().enumerate() {
                    let Value::Object(mut fields) = element else { continue };
                    let Some(id) = text(fields.shift_remove("id")) else { continue };
                    put(cells, format!("{scene}/{name}/{id}/@"), &place(at));
                    for (field, value) in fields {
                        put(cells, format!("{scene}/{name}/{id}/{field}"), &value);
                    }
                }
            }
            Value::Object(mut hints) if name == "layout" => {
                if let Some(Value::Object(pins)) = hints.shift_remove("pins") {
                    for (node, pin) in pins {
                        put(cells, format!("{scene}/layout/pins/{node}"), &pin);
                    }
                }
                for (hint, value) in hints {
                    put(cells, format!("{scene}/layout/{hint}"), &value);
                }
            }
            value => put(cells, format!("{scene}/{name}"), &value),
        }
    }
}

fn place(at: usize) -> Value {
    Value::from((at as f64 + 1.0) * STEP)
}

fn text(value: Option<Value>) -> Option<String> {
    if let Some(Value::String(text)) = value { Some(text) } else { None }
}

/// A scene or an element in the making: its place, if it has one, and its fields.
#[derive(Default)]
struct Thing {
    place: Option<f64>,
    fields: Map<String, Value>,
}

impl Thing {
    fn set(&mut self, field: &str, value: Value) {
        if field == "@" {
            self.place = value.as_f64();
        } else {
            self.fields.insert(field.to_owned(), value);
        }
    }
}

/// Things with a place in the order of their places, as JSON.
fn ordered(things: BTreeMap<String, Thing>) -> Value {
    let placed = things.into_iter().filter_map(|(id, thing)| Some((thing.place?, id, thing.fields)));
    let mut placed: Vec<(f64, String, Map<String, Value>)> = placed.collect();
    // Stable: equal places stay in the order of their ids.
    placed.sort_by(|(one, ..), (other, ..)| one.total_cmp(other));
    let whole = placed.into_iter().map(|(_, id, mut fields)| {
        fields.insert("id".to_owned(), Value::String(id));
        Value::Object(fields)
    });
    Value::Array(whole.collect())
}

#[derive(Default)]
struct Drawn {
    scene: Thing,
    lists: BTreeMap<&'static str, BTreeMap<String, Thing>>,
}

/// The storyboard that cells say, as JSON that nobody has checked yet. The key of a cell that is no JSON comes back as the error.
pub(super) fn to_json<'a>(cells: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Value, String> {
    let mut board = Map::new();
    let mut scenes: BTreeMap<String, Drawn> = BTreeMap::new();
    for (key, text) in cells {
        let value: Value = serde_json::from_str(text).map_err(|_| key.to_owned())?;
        let Some((scene, rest)) = key.strip_prefix("scenes/").and_then(|rest| rest.split_once('/')) else {
            board.insert(key.to_owned(), value);
            continue;
        };
        let drawn = scenes.entry(scene.to_owned()).or_default();
        let mut parts = rest.splitn(3, '/');
        match (parts.next().unwrap_or_default(), parts.next(), parts.next()) {
            (list, Some(id), Some(field)) if LISTS.contains(&list) => {
                let list = LISTS.into_iter().find(|known| *known == list).expect("it is one of them");
                drawn.lists.entry(list).or_default().entry(id.to_owned()).or_default().set(field, value);
            }
            ("layout", Some("pins"), Some(node)) => {
                let pins = within(within(&mut drawn.scene.fields, "layout"), "pins");
                pins.insert(node.to_owned(), value);
            }
            ("layout", Some(hint), None) => {
                within(&mut drawn.scene.fields, "layout").insert(hint.to_owned(), value);
            }
            _ => drawn.scene.set(rest, value),
        }
    }
    let whole = scenes.into_iter().map(|(id, Drawn { mut scene, lists })| {
        for (list, elements) in lists {
            scene.fields.insert(list.to_owned(), ordered(elements));
        }
        (id, scene)
    });
    board.insert("scenes".to_owned(), ordered(whole.collect()));
    Ok(Value::Object(board))
}

/// The object under `name`, in place of whatever else is there.
fn within<'a>(fields: &'a mut Map<String, Value>, name: &str) -> &'a mut Map<String, Value> {
    let value = fields.entry(name).or_insert_with(|| Value::Object(Map::new()));
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut().expect("it has been made one")
}

/// What must be set, and what removed, so that cells that say `before` say `after`. Where the order of a list changes, all its places
/// are set: those that people have given its elements meanwhile would not fit the new ones.
pub(super) fn between(before: &Storyboard, after: &Storyboard) -> (Cells, Vec<String>) {
    let (old, all) = (of(before), of(after));
    let gone: Vec<String> = old.keys().filter(|key| !all.contains_key(*key)).cloned().collect();
    let mut new = all.clone();
    new.retain(|key, value| old.get(key) != Some(value));
    let moved: BTreeSet<String> = new.keys().chain(&gone).filter_map(|key| list_of(key)).map(str::to_owned).collect();
    new.extend(all.into_iter().filter(|(key, _)| list_of(key).is_some_and(|list| moved.contains(list))));
    (new, gone)
}

/// The list in which a key says a place.
fn list_of(key: &str) -> Option<&str> {
    key.strip_suffix("/@")?.rsplit_once('/').map(|(list, _)| list)
}

/// Whether a key says a place.
pub(super) fn is_place(key: &str) -> bool {
    key.ends_with("/@")
}
