//! `audiagram make`, with a real model where there is one.

use serde_json::Value;

use crate::run::{Scene, listing};

/// A scene with a recording of a few seconds.
fn talk() -> Option<Scene> {
    let scene = Scene::with_models()?;
    let fixture = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/order.ogg")).unwrap();
    scene.file("talk.ogg", fixture);
    Some(scene)
}

fn make(scene: &Scene, more: &[&str]) -> crate::run::Ran {
    let small = ["make", "talk.ogg", "--model", "tiny.en", "--size", "320x240", "--fps", "5"];
    scene.run(&[&small, more].concat())
}

fn json(scene: &Scene, name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(scene.path(name)).unwrap()).unwrap()
}

#[test]
fn everything_lies_beside_the_recording() {
    let Some(scene) = talk() else { return };
    make(&scene, &[]).exits(0).says("talk.mp4");
    let expected = [
        "home",
        "talk.chapters.vtt",
        "talk.descriptions.vtt",
        "talk.html",
        "talk.mp4",
        "talk.ogg",
        "talk.png",
        "talk.srt",
        "talk.storyboard.json",
        "talk.transcript.json",
        "talk.vtt",
    ];
    assert_eq!(listing(scene.folder.path()), expected);
    scene.run(&["validate", "talk.storyboard.json", "--transcript", "talk.transcript.json"]).exits(0);
    let board = json(&scene, "talk.storyboard.json");
    assert_eq!(board["source"]["audio_sha256"], json(&scene, "talk.transcript.json")["audio_sha256"]);
    assert_eq!(listing(&scene.path("home/.cache/audiagram/jobs")), Vec::<String>::new(), "work folders are left");
}

#[test]
fn a_second_run_changes_nothing() {
    let Some(scene) = talk() else { return };
    make(&scene, &[]).exits(0);
    let before = std::fs::read(scene.path("talk.mp4")).unwrap();
    make(&scene, &[]).exits(0).says("up to date");
    make(&scene, &["--force"]).exits(0).says("made");
    assert!(std::fs::read(scene.path("talk.mp4")).unwrap() == before, "the same recording gave another video");
}

#[test]
fn edits_survive() {
    let Some(scene) = talk() else { return };
    make(&scene, &[]).exits(0);
    let node = json(&scene, "talk.storyboard.json")["scenes"][0]["nodes"][0]["id"].as_str().unwrap().to_owned();
    let label = ["edit", "talk.storyboard.json", "set-label", "s1", "Buy it", "--element", &node];
    scene.run(&label).exits(0);
    scene.run(&["edit", "talk.storyboard.json", "correct-word", "2", "lead"]).exits(0);
    for more in [&["--theme", "dark"][..], &["--force"]] {
        make(&scene, more).exits(0);
        assert!(json(&scene, "talk.storyboard.json").to_string().contains("Buy it"), "{more:?} lost a label");
    }
    // --force hears again; what was corrected is put aside.
    assert_eq!(json(&scene, "talk.transcript.previous.json")["words"][2]["text"], "lead");
}

#[test]
fn redactions_hold_even_when_heard_again() {
    let Some(scene) = talk() else { return };
    make(&scene, &[]).exits(0);
    scene.run(&["edit", "talk.storyboard.json", "redact", "0", "2"]).exits(0);
    let kept = scene.path("home/.cache/audiagram/transcripts");
    assert_eq!(listing(&kept), Vec::<String>::new(), "what was redacted is kept elsewhere");
    make(&scene, &["--force"]).exits(0);
    let words = json(&scene, "talk.transcript.json")["words"].clone();
    assert!((0..3).all(|n| words[n]["redacted"] == true), "{words}");
}

#[test]
fn the_recording_itself_is_never_overwritten() {
    let Some(scene) = talk() else { return };
    make(&scene, &[]).exits(0);
    // A video as the recording: its own name is taken.
    std::fs::create_dir(scene.path("in")).unwrap();
    std::fs::rename(scene.path("talk.mp4"), scene.path("in/talk.mp4")).unwrap();
    let before = std::fs::read(scene.path("in/talk.mp4")).unwrap();
    scene.run(&["make", "in/talk.mp4", "--model", "tiny.en", "--size", "320x240", "--fps", "5"]).exits(0);
    assert!(std::fs::read(scene.path("in/talk.mp4")).unwrap() == before);
    assert!(scene.path("in/talk.audiagram.mp4").exists());
}

#[test]
fn too_little_memory_is_a_limit() {
    let Some(scene) = talk() else { return };
    make(&scene, &["--memory", "64"]).exits(5).says("memory");
}

#[test]
fn silence_is_told() {
    let Some(scene) = talk() else { return };
    scene.file("silence.wav", silence(3));
    scene.run(&["make", "silence.wav", "--model", "tiny.en"]).exits(3).says("no speech");
}

/// Seconds of silence as a WAV file: 16 kHz, mono, 16 bits.
pub(crate) fn silence(seconds: u32) -> Vec<u8> {
    let data = seconds * 32_000;
    let mut wav = Vec::new();
    wav.extend(b"RIFF");
    wav.extend((36 + data).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    for field in [16_u32, 1 | 1 << 16, 16_000, 32_000, 2 | 16 << 16] {
        wav.extend(field.to_le_bytes());
    }
    wav.extend(b"data");
    wav.extend(data.to_le_bytes());
    wav.resize(wav.len() + data as usize, 0);
    wav
}
