use serde_json::json;

use super::super::{sample, to_value};
use super::*;

/// Sets the value at `pointer` of a sound storyboard (removes it for null) and expects these problems, in order.
#[track_caller]
fn check(changes: &[(&str, Value)], expected: &[&str]) {
    let mut value = to_value(&sample());
    for (pointer, new) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match value.pointer_mut(parent).expect(parent) {
            Value::Object(fields) if new.is_null() => drop(fields.shift_remove(key)),
            Value::Object(fields) => drop(fields.insert(key.to_owned(), new.clone())),
            Value::Array(list) => list[key.parse::<usize>().unwrap()] = new.clone(),
            other => panic!("{parent} is {other}"),
        }
    }
    let got: Vec<String> = validate(&value, None).iter().map(ToString::to_string).collect();
    assert_eq!(got, expected);
}

#[test]
fn a_sound_storyboard_has_no_problem() {
    check(&[], &[]);
}

#[test]
fn shape() {
    let node = "/scenes/0/nodes/0";
    check(&[("/schema", json!("studio.scene/2"))], &["/schema: must be \"studio.scene/1\", not `studio.scene/2`"]);
    check(&[("/scenes/0/kind", Value::Null)], &["/scenes/0: `kind` is missing"]);
    check(
        &[("/scenes/0/kind", json!("flwo"))],
        &["/scenes/0/kind: unknown word `flwo`; one of flow, swimlane, sequence, timeline, hierarchy, cycle, \
           comparison, architecture, causes, mindmap, state, quantities, steps; did you mean `flow`?"],
    );
    check(&[(&format!("{node}/label"), json!(7))], &["/scenes/0/nodes/0/label: must be a string, not 7"]);
    check(&[(&format!("{node}/confidence"), json!(1.5))], &["/scenes/0/nodes/0/confidence: 1.5 is not in 0 to 1"]);
    check(
        &[(&format!("{node}/shape"), json!(true))],
        &["/scenes/0/nodes/0/shape: must be one of box, pill, diamond, ellipse, cylinder, person, document or null, \
         not true"],
    );
    check(&[("/canvas/w", json!(1921))], &["/canvas/w: 1921 is not a multiple of 2"]);
    check(
        &[("/canvas/h", json!(100)), ("/canvas/fps", json!(120))],
        &["/canvas/h: 100 is not in 240 to 3840", "/canvas/fps: 120 is not in 5 to 60"],
    );
    check(&[("/scenes/0/words", json!([0]))], &["/scenes/0/words: must have at least 2 items, not 1"]);
    check(&[("/scenes/0/words/0", json!(-1))], &["/scenes/0/words/0: -1 is not in 0 to 4294967295"]);
    check(
        &[("/scenes/0/timeline/0/at", json!({ "wrd": 3 }))],
        &[
            "/scenes/0/timeline/0/at: `word` is missing; is it spelt `wrd`?",
            "/scenes/0/timeline/0/at/wrd: warning: unknown field, kept as it is; did you mean `word`?",
        ],
    );
    check(
        &[("/scenes/0/nodes/0/lable", json!("x"))],
        &["/scenes/0/nodes/0/lable: warning: unknown field, kept as it is; did you mean `label`?"],
    );
}

#[test]
fn all_at_once() {
    check(
        &[
            ("/theme", json!(" ")),
            ("/scenes/0/nodes/0/role", json!("actvity")),
            ("/scenes/0/nodes/1/label", json!("")),
            ("/scenes/0/edges/0/to", json!("n9")),
            ("/review/0/target", json!("s1/n77")),
        ],
        &[
            "/scenes/0/nodes/0/role: unknown word `actvity`; one of activity, decision, start, end, object, actor, \
             event, state, concept, quantity; did you mean `activity`?",
            "/theme: must not be empty",
            "/scenes/0/nodes/1/label: must not be empty",
            "/scenes/0/edges/0/to: no node has the id `n9`; did you mean `n1`?",
            "/review/0/target: no scene or element is called `s1/n77`; did you mean `s1/n1`?",
        ],
    );
}

#[test]
fn meaning() {
    check(
        &[("/scenes/0/groups/0/id", json!("n1")), ("/scenes/0/nodes/0/group", Value::Null)],
        &["/scenes/0/groups/0/id: the id `n1` is taken by an earlier element"],
    );
    check(
        &[("/scenes/0/notes/0/id", json!("a/b c"))],
        &[
            "/scenes/0/notes/0/id: `a~1b c` is not an id: 1 to 128 characters without spaces, `/` and control characters",
        ],
    );
    check(
        &[("/scenes/0/nodes/0/actor", json!("a2"))],
        &["/scenes/0/nodes/0/actor: no actor has the id `a2`; did you mean `a1`?"],
    );
    check(
        &[("/scenes/0/nodes/0/evidence", json!([[5, 3], [9, 99]]))],
        &[
            "/scenes/0/nodes/0/evidence/0: the first word, 5, comes after the last, 3",
            "/scenes/0/nodes/0/evidence/1: word 99 is beyond the 40 words of the transcript",
        ],
    );
    check(
        &[("/scenes/0/nodes/0/evidence", Value::Null)],
        &["/scenes/0/nodes/0: an automatic element must carry the words it was drawn from: add `evidence`, or \
         `\"by\": \"user\"`"],
    );
    check(&[("/scenes/0/nodes/0/evidence", Value::Null), ("/scenes/0/nodes/0/by", json!("user"))], &[]);
    check(
        &[("/scenes/1/words", json!([10, 39]))],
        &["/scenes/1/words: begins at word 10, but the scene before it goes on to word 19"],
    );
    check(
        &[("/scenes/0/layout/pins", json!({ "n7": [0.5, 2.0] }))],
        &[
            "/scenes/0/layout/pins/n7: no node has the id `n7`; did you mean `n1`?",
            "/scenes/0/layout/pins/n7: a pin is two shares of the drawing area, each 0 to 1",
        ],
    );
    check(
        &[("/scenes/0/timeline/0/target", json!(["n1", "q"]))],
        &["/scenes/0/timeline/0/target/1: no element has the id `q`"],
    );
    check(
        &[("/scenes/0/timeline/0/at/word", json!(40))],
        &["/scenes/0/timeline/0/at/word: word 40 is beyond the 40 words of the transcript"],
    );
    check(
        &[("/scenes/0/groups/0/group", json!("g1"))],
        &[
            "/scenes/0/groups/0/group: warning: unknown field, kept as it is",
            "/scenes/0/groups/0/group: group `g1` holds itself",
        ],
    );
    check(
        &[("/scenes/0/nodes/0/label", json!("x".repeat(201)))],
        &["/scenes/0/nodes/0/label: 201 characters; at most 200 are allowed"],
    );
    check(
        &[("/scenes/0/first_word", json!(3))],
        &["/scenes/0/first_word: warning: ignored: the scene's words begin at 0"],
    );
}

#[test]
fn held_against_the_transcript() {
    let transcript = Transcript::from_text("only four words here", "en");
    let problems = validate(&to_value(&sample()), Some(&transcript));
    assert!(problems.iter().any(|p| p.pointer == "/source/words" && p.message == "the transcript has 4 words"));
    assert!(problems.iter().any(|p| p.pointer == "/scenes/1/words"));
}

#[test]
fn hostile_values_end() {
    let many = json!({ "schema": 1, "scenes": vec![json!({}); 50_000] });
    assert_eq!(validate(&many, None).len(), MAX_PROBLEMS);
    for text in ["", "{", "[[", "\u{0}", "null", "3", "{\"scenes\":3,\"review\":{}}", "{\"scenes\":[null,[],3]}"] {
        assert!(validate_bytes(text.as_bytes(), None).iter().any(|p| p.severity == Severity::Error), "{text}");
    }
}

/// Every value of the sample replaced by every odd one: the check never panics, and what it passes can be read.
#[test]
fn what_the_check_passes_can_be_read() {
    fn places(value: &Value, at: &str, out: &mut Vec<String>) {
        out.push(at.to_owned());
        match value {
            Value::Object(fields) => fields.iter().for_each(|(key, v)| places(v, &format!("{at}/{key}"), out)),
            Value::Array(items) => items.iter().enumerate().for_each(|(i, v)| places(v, &format!("{at}/{i}"), out)),
            _ => {}
        }
    }
    let whole = to_value(&sample());
    let odd = [
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(0.5),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!("n1"),
        json!([]),
        json!([1, 2]),
        json!([[1, 2]]),
        json!(["n1"]),
        json!({}),
        json!({ "word": 1, "ms": 2 }),
    ];
    let mut all = Vec::new();
    places(&whole, "", &mut all);
    let mut passed = 0;
    for place in all {
        for odd in &odd {
            let mut value = whole.clone();
            *value.pointer_mut(&place).unwrap() = odd.clone();
            if validate(&value, None).iter().any(|p| p.severity == Severity::Error) {
                continue;
            }
            passed += 1;
            match super::super::from_value(value) {
                Ok(board) => assert_eq!(super::super::from_value(to_value(&board)).as_ref(), Ok(&board), "{place}"),
                Err(e) => panic!("{place} as {odd}: {e}"),
            }
        }
    }
    assert!(passed > 50, "{passed}");
}
