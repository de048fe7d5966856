//! `audiagram transcribe`, with a real model where there is one.

use crate::run::Scene;

fn fixture() -> Vec<u8> {
    std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/order.ogg")).unwrap()
}

#[test]
fn text_subtitles_and_json_say_the_same() {
    let Some(scene) = Scene::with_models() else { return };
    scene.file("talk.ogg", fixture());
    let text = scene.run(&["transcribe", "talk.ogg", "--model", "tiny.en"]).exits(0).out;
    assert!(text.to_lowercase().contains("orders a bicycle"), "{text}");
    let srt = scene.run(&["transcribe", "talk.ogg", "--model", "tiny.en", "-o", "talk.srt"]).exits(0);
    assert_eq!(srt.out, "");
    assert!(std::fs::read_to_string(scene.path("talk.srt")).unwrap().contains(" --> "));
    let json = scene.run(&["transcribe", "talk.ogg", "--model", "tiny.en", "-f", "json"]).exits(0).json();
    assert_eq!(json["schema"], "studio.transcript/1");
    assert_eq!(json["words"].as_array().unwrap().len(), text.split_whitespace().count());
}

#[test]
fn what_is_no_recording_exits_with_3() {
    let Some(scene) = Scene::with_models() else { return };
    let check = |name: &str, content: &[u8], part: &str| {
        scene.file(name, content);
        scene.run(&["transcribe", name, "--model", "tiny.en"]).exits(3).says(name).says(part);
    };
    check("empty.wav", b"", "empty");
    check("text.mp3", b"First the customer places an order.", "recording");
    check("cut.ogg", &fixture()[..40], "cut.ogg");
    scene.run(&["transcribe", "missing.wav", "--model", "tiny.en"]).exits(3).says("missing.wav");
    scene.run(&["transcribe", ".", "--model", "tiny.en"]).exits(3).says("not a file");
}

#[test]
fn errors_are_json_where_progress_is() {
    let Some(scene) = Scene::with_models() else { return };
    scene.file("text.mp3", "no recording");
    let ran = scene.run(&["transcribe", "text.mp3", "--model", "tiny.en", "--progress", "json"]).exits(3);
    let last: serde_json::Value = serde_json::from_str(ran.err.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["event"], &last["kind"], &last["stage"]),
        (&"error".into(), &"bad_input".into(), &"transcribe".into())
    );
    assert!(last["file"].as_str().unwrap().ends_with("text.mp3"));
}

#[test]
fn a_language_that_nobody_knows_is_a_wrong_command_line() {
    let Some(scene) = Scene::with_models() else { return };
    scene.file("talk.ogg", fixture());
    scene.run(&["transcribe", "talk.ogg", "--model", "tiny.en", "--lang", "xx"]).exits(2).says("xx");
}
