//! `audiagram outline`.

use serde_json::Value;

use crate::run::Scene;

const TEXT: &str = "First the customer places an order. Then the shop checks the stock. If the item is in stock, \
                    the clerk packs it. Otherwise the clerk orders it. Finally the shop sends the invoice.";

fn first_words(board: &Value) -> Vec<u64> {
    board["scenes"].as_array().unwrap().iter().map(|s| s["first_word"].as_u64().unwrap()).collect()
}

#[test]
fn every_scene_tells_its_first_word() {
    let scene = Scene::new();
    scene.file("notes.txt", TEXT);
    let board = scene.run(&["outline", "notes.txt"]).exits(0).json();
    assert_eq!(board["schema"], "studio.scene/1");
    assert_eq!(board["id"], "notes");
    assert_eq!(first_words(&board)[0], 0);
    let nodes = board["scenes"][0]["nodes"].as_array().unwrap();
    assert!(nodes.iter().any(|n| n["label"].as_str().unwrap().contains("stock")), "{nodes:?}");
}

#[test]
fn standard_input_is_known_by_its_content() {
    let scene = Scene::new();
    let words = |board: Value| board["source"]["words"].as_u64().unwrap();
    assert_eq!(words(scene.run_with(&["outline", "-"], "Check the stock.").exits(0).json()), 3);
    let srt = "1\n00:00:01,000 --> 00:00:02,000\nCheck the stock.\n";
    assert_eq!(words(scene.run_with(&["outline", "-"], srt).exits(0).json()), 3);
    let vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\nCheck the stock.\n";
    assert_eq!(words(scene.run_with(&["outline", "-"], vtt).exits(0).json()), 3);
}

#[test]
fn look_and_kind_are_taken() {
    let scene = Scene::new();
    scene.file("notes.md", TEXT);
    let arguments = ["outline", "notes.md", "--theme", "dark", "--size", "9:16", "--fps", "25", "--kind", "timeline"];
    let board = scene.run(&arguments).exits(0).json();
    assert_eq!(board["theme"], "dark");
    assert_eq!(board["canvas"], serde_json::json!({ "w": 1080, "h": 1920, "fps": 25 }));
    assert_eq!(board["scenes"][0]["kind"], "timeline");
}

#[test]
fn what_it_writes_is_sound() {
    let scene = Scene::new();
    scene.file("notes.txt", TEXT);
    scene.run(&["outline", "notes.txt", "--out", "notes.storyboard.json"]).exits(0);
    scene.run(&["validate", "notes.storyboard.json", "--transcript", "notes.txt"]).exits(0);
}

#[test]
fn what_is_no_text_exits_with_3() {
    let scene = Scene::new();
    scene.file("bad.txt", b"caf\xe9 \xff\xfe");
    scene.run(&["outline", "bad.txt"]).exits(3).says("bad.txt").says("UTF-8");
    scene.file("bad.json", "{\"schema\":");
    scene.run(&["outline", "bad.json"]).exits(3).says("bad.json");
    scene.run(&["outline", "missing.txt"]).exits(3).says("missing.txt");
}

#[test]
fn what_only_a_video_has_is_no_option() {
    let scene = Scene::new();
    scene.file("notes.txt", TEXT);
    scene.run(&["outline", "notes.txt", "--constant-rate"]).exits(2).says("--constant-rate");
}
