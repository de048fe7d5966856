//! `audiagram edit`.

use serde_json::Value;

use crate::run::Scene;

const TEXT: &str = "First the customer places an order. Then the shop checks the stock. Finally the clerk sends it.";

/// A storyboard with its transcript beside it.
fn talk() -> Scene {
    let scene = Scene::new();
    scene.file("talk.txt", TEXT);
    scene.run(&["outline", "talk.txt", "--out", "talk.storyboard.json"]).exits(0);
    let words: Vec<Value> = TEXT
        .split(' ')
        .enumerate()
        .map(|(i, text)| serde_json::json!({ "text": text, "start_ms": i * 400, "end_ms": i * 400 + 400 }))
        .collect();
    let transcript = serde_json::json!({
        "schema": "studio.transcript/1", "lang": "en", "duration_ms": words.len() * 400, "words": words,
    });
    scene.file("talk.transcript.json", transcript.to_string());
    scene
}

fn board(scene: &Scene) -> Value {
    serde_json::from_slice(&std::fs::read(scene.path("talk.storyboard.json")).unwrap()).unwrap()
}

#[test]
fn an_edit_and_its_inverse_lead_back() {
    let scene = talk();
    // The first edit brings the file into canonical form.
    scene.run(&["edit", "talk.storyboard.json", "set-label", "s1", "Same"]).exits(0);
    let before = std::fs::read(scene.path("talk.storyboard.json")).unwrap();
    let node = board(&scene)["scenes"][0]["nodes"][0]["id"].as_str().unwrap().to_owned();
    let arguments = ["edit", "talk.storyboard.json", "--json", "set-label", "s1", "Order it", "--element", &node];
    let told = scene.run(&arguments).exits(0).json();
    let edited = &board(&scene)["scenes"][0]["nodes"][0];
    assert_eq!((&edited["label"], &edited["by"]), (&"Order it".into(), &"user".into()));
    let inverse = told["inverse"].to_string();
    scene.run_with(&["edit", "talk.storyboard.json", "--ops", "-"], &inverse).exits(0);
    assert_eq!(std::fs::read(scene.path("talk.storyboard.json")).unwrap(), before);
}

#[test]
fn several_operations_are_one_edit() {
    let scene = talk();
    let before = std::fs::read(scene.path("talk.storyboard.json")).unwrap();
    let (good, bad) =
        (r#"{"op":"set_kind","scene":"s1","kind":"steps"}"#, r#"{"op":"set_kind","scene":"s9","kind":"steps"}"#);
    scene.run(&["edit", "talk.storyboard.json", "--op", good, "--op", bad]).exits(2).says("s9");
    assert_eq!(std::fs::read(scene.path("talk.storyboard.json")).unwrap(), before, "half of a batch was written");
    scene.run(&["edit", "talk.storyboard.json", "--op", good, "change-kind", "s1", "timeline"]).exits(0);
    assert_eq!(board(&scene)["scenes"][0]["kind"], "timeline");
}

#[test]
fn words_are_corrected_and_redacted_in_the_transcript() {
    let scene = talk();
    let word = |n: usize| {
        let bytes = std::fs::read(scene.path("talk.transcript.json")).unwrap();
        serde_json::from_slice::<Value>(&bytes).unwrap()["words"][n].clone()
    };
    scene.run(&["edit", "talk.storyboard.json", "correct-word", "2", "client"]).exits(0);
    assert_eq!(word(2)["text"], "client");
    scene.run(&["edit", "talk.storyboard.json", "redact", "2", "3"]).exits(0);
    assert_eq!(word(2)["redacted"], true);
    assert_ne!(word(3)["text"], "places");
    let board = board(&scene).to_string();
    assert!(!board.contains("client") && !board.contains("places"), "{board}");
}

#[test]
fn without_a_transcript_only_words_cannot_be_changed() {
    let scene = talk();
    std::fs::remove_file(scene.path("talk.transcript.json")).unwrap();
    scene.run(&["edit", "talk.storyboard.json", "change-kind", "s1", "steps"]).exits(0);
    scene.run(&["edit", "talk.storyboard.json", "correct-word", "2", "client"]).exits(3).says("--transcript");
}

#[test]
fn no_change_is_a_wrong_command_line() {
    let scene = talk();
    scene.run(&["edit", "talk.storyboard.json"]).exits(2).says("no change");
    scene.run(&["edit", "talk.storyboard.json", "--op", "{}"]).exits(2);
}
