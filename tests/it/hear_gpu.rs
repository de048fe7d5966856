//! Hearing by a graphics processor, be it a program, held against the processor's.

use serde_json::Value;

use crate::run::{Ran, Scene};

/// How far the times of a word may lie apart, in ms: rounding of the attention moves the engine's times by its steps of 20 ms.
const APART: u64 = 40;

/// A word, and when it begins and ends, in ms.
type Word = (String, [u64; 2]);

/// What `audiagram transcribe` hears with `hearing`: the words with the times of their ends, and how the run ended. In a folder of its own,
/// so that nothing is resumed.
fn heard(hearing: &str) -> Option<(Vec<Word>, Ran)> {
    let scene = scene()?;
    let arguments = ["transcribe", "talk.ogg", "--model", "tiny.en", "-f", "json", "--hearing", hearing];
    let ran = scene.run(&arguments).exits(0);
    let time = |word: &Value, end| word[end].as_u64().unwrap();
    let words = ran.json()["words"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| (w["text"].as_str().unwrap().to_owned(), [time(w, "start_ms"), time(w, "end_ms")]))
        .collect();
    Some((words, ran))
}

fn scene() -> Option<Scene> {
    let scene = Scene::with_models()?;
    let talk = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/order.ogg")).unwrap();
    scene.file("talk.ogg", talk);
    Some(scene)
}

#[test]
fn a_graphics_processor_hears_the_same_words() {
    let Some((by_processor, told)) = heard("cpu") else { return };
    assert!(by_processor.len() > 10 && !told.err.contains("heard by"), "{by_processor:?}\n{}", told.err);
    let Some((by_graphics, told)) = heard("gpu") else { return };
    if let Some(reason) = told.err.lines().find(|line| line.contains("the processor hears: ")) {
        let may_lack = !cfg!(feature = "hear-gpu") || std::env::var_os("AUDIAGRAM_VULKAN").is_none();
        assert!(may_lack && by_graphics == by_processor, "{}", told.err);
        println!("skipped: {reason}");
        return;
    }
    let told = told.says("heard by ");
    println!("{}", told.err);
    let texts = |words: &[Word]| words.iter().map(|(text, _)| text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&by_graphics), texts(&by_processor));
    let apart = |(a, b): (&[u64; 2], &[u64; 2])| a[0].abs_diff(b[0]).max(a[1].abs_diff(b[1]));
    let pairs = by_graphics.iter().map(|(_, times)| times).zip(by_processor.iter().map(|(_, times)| times));
    let most = pairs.map(apart).max().unwrap_or_default();
    println!("{} words, times at most {most} ms apart", by_graphics.len());
    assert!(most <= APART, "{by_graphics:?}\n{by_processor:?}");
}

#[test]
fn doctor_tells_what_hears() {
    let told = Scene::new().run(&["doctor", "--json"]).json();
    let check = told["checks"].as_array().unwrap().iter().find(|c| c["name"] == "speech engine").unwrap();
    let detail = check["detail"].as_str().unwrap();
    let built = !detail.contains("built without the feature `hear-gpu`");
    assert_eq!(built, cfg!(feature = "hear-gpu"), "{detail}");
    println!("{detail}");
}
