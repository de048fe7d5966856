//! `audiagram validate`.

use serde_json::json;

use crate::run::Scene;

#[test]
fn every_problem_is_told_with_its_place() {
    let scene = Scene::new();
    let board = json!({
        "schema": "studio.scene/1", "id": "t", "lang": "en", "theme": "light",
        "scenes": [{
            "id": "s1", "title": "T", "kind": "cloud", "words": [0, 1],
            "nodes": [{ "id": "n1", "label": "A" }],
            "edges": [{ "id": "e1", "from": "n1", "to": "n9" }],
        }],
    });
    scene.file("bad.json", board.to_string());
    let ran = scene.run(&["validate", "bad.json"]).exits(3).says("bad.json").says("errors");
    assert!(ran.out.contains("/scenes/0/kind") && ran.out.contains("/scenes/0/edges/0/to"), "{}", ran.out);
    let told = scene.run(&["validate", "bad.json", "--json"]).exits(3).json();
    assert_eq!(told["valid"], false);
    let pointers: Vec<&str> =
        told["problems"].as_array().unwrap().iter().map(|p| p["pointer"].as_str().unwrap()).collect();
    assert!(pointers.contains(&"/scenes/0/kind"), "{pointers:?}");
}

#[test]
fn what_is_not_json_is_one_problem() {
    let scene = Scene::new();
    scene.file("bad.json", "{ nonsense");
    let told = scene.run(&["validate", "bad.json", "--json"]).exits(3).json();
    assert_eq!(told["problems"].as_array().unwrap().len(), 1);
}

#[test]
fn transcripts_are_checked_too() {
    let scene = Scene::new();
    let word = |start: u64| json!({ "text": "a", "start_ms": start, "end_ms": start + 1 });
    let transcript =
        |words| json!({ "schema": "studio.transcript/1", "lang": "en", "duration_ms": 99, "words": words });
    scene.file("good.json", transcript(vec![word(1), word(5)]).to_string());
    scene.run(&["validate", "good.json"]).exits(0);
    scene.file("bad.json", transcript(vec![word(5), word(1)]).to_string());
    let told = scene.run(&["validate", "bad.json", "--json"]).exits(3).json();
    assert_eq!(told["problems"][0]["pointer"], "/words/1");
}

#[test]
fn schemas_are_schemas() {
    for format in ["storyboard", "transcript", "edit"] {
        let schema = Scene::new().run(&["schema", format]).exits(0).json();
        assert!(schema["$schema"].as_str().unwrap().contains("json-schema.org"), "{format}");
    }
}
