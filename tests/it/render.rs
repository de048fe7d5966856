//! `audiagram render`.

use crate::run::{Scene, events, listing};

const TEXT: &str = "First the customer places an order. Then the shop checks the stock. Finally the clerk sends it.";
const SMALL: [&str; 4] = ["--size", "320x240", "--fps", "5"];

fn talk() -> Scene {
    talk_of(TEXT)
}

fn talk_of(text: &str) -> Scene {
    let scene = Scene::new();
    scene.file("talk.txt", text);
    scene.run(&["outline", "talk.txt", "--out", "talk.storyboard.json"]).exits(0);
    scene
}

fn render(scene: &Scene, more: &[&str]) -> crate::run::Ran {
    scene.run(&[&["render", "talk.storyboard.json"], more, &SMALL].concat())
}

#[test]
fn a_text_becomes_a_silent_video() {
    let scene = talk();
    render(&scene, &["--transcript", "talk.txt"]).exits(0).says("talk.mp4");
    let made = listing(scene.folder.path());
    let tracks = ["talk.srt", "talk.vtt", "talk.chapters.vtt", "talk.descriptions.vtt", "talk.html"];
    for file in ["talk.mp4", "talk.png"].iter().chain(&tracks) {
        assert!(made.iter().any(|name| name == *file), "{file} is not in {made:?}");
    }
    let video = std::fs::read(scene.path("talk.mp4")).unwrap();
    assert_eq!(&video[4..8], b"ftyp");
    let jobs = scene.path("home/.cache/audiagram/jobs");
    assert_eq!(listing(&jobs), Vec::<String>::new(), "work folders are left");
    // The same input gives the same bytes.
    render(&scene, &["--transcript", "talk.txt", "--out", "again"]).exits(0);
    assert!(std::fs::read(scene.path("again/talk.mp4")).unwrap() == video, "two renders differ");
}

/// Whatever draws, the video is the same, byte for byte.
#[test]
fn a_graphics_processor_draws_the_same_video() {
    let [cpu, gpu] = ["cpu", "gpu"].map(|rasterizer| {
        let scene = talk();
        let ran = render(&scene, &["--transcript", "talk.txt", "--rasterizer", rasterizer]).exits(0);
        (std::fs::read(scene.path("talk.mp4")).unwrap(), ran.err)
    });
    assert!(cpu.0 == gpu.0, "the videos differ");
    assert!(!cpu.1.contains("drawn by"), "{}", cpu.1);
    assert!(gpu.1.contains("drawn by"), "{}", gpu.1);
    let fell_back = gpu.1.contains("drawn by the processor: ");
    assert!(!fell_back || std::env::var_os("AUDIAGRAM_VULKAN").is_none(), "{}", gpu.1);
    if fell_back {
        println!("skipped: {}", gpu.1);
    }
}

#[test]
fn the_same_talk_becomes_a_webm() {
    let scene = talk();
    render(&scene, &["--transcript", "talk.txt", "--container", "webm"]).exits(0).says("talk.webm");
    let video = std::fs::read(scene.path("talk.webm")).unwrap();
    let holds = |part: &[u8]| video.windows(part.len()).any(|bytes| bytes == part);
    assert!(video.starts_with(&[0x1A, 0x45, 0xDF, 0xA3]) && holds(b"webm") && holds(b"V_VP9"), "no WebM");
    assert!(!scene.path("talk.mp4").exists() && scene.path("talk.vtt").exists());
    render(&scene, &["--container", "avi"]).exits(2).says("webm");
}

#[test]
fn without_its_transcript_it_says_what_to_give() {
    render(&talk(), &[]).exits(3).says("talk.transcript.json").says("--transcript");
}

#[test]
fn files_of_others_are_not_overwritten() {
    let scene = talk();
    std::fs::create_dir(scene.path("out")).unwrap();
    scene.file("out/talk.mp4", "a film of somebody");
    render(&scene, &["--transcript", "talk.txt", "--out", "out"]).exits(2).says("--force");
    assert_eq!(std::fs::read_to_string(scene.path("out/talk.mp4")).unwrap(), "a film of somebody");
    render(&scene, &["--transcript", "talk.txt", "--out", "out", "--force"]).exits(0);
}

#[test]
fn a_folder_that_cannot_be_made_is_said_first() {
    let scene = talk();
    scene.file("out", "a file, not a folder");
    render(&scene, &["--transcript", "talk.txt", "--out", "out"]).exits(1).says("out").says("--out");
}

#[test]
fn a_storyboard_with_errors_leads_to_validate() {
    let scene = Scene::new();
    scene.file("talk.storyboard.json", r#"{"schema":"studio.scene/1"}"#);
    render(&scene, &[]).exits(3).says("audiagram validate");
}

#[test]
fn takes_of_an_earlier_run_are_not_drawn_again() {
    // Long enough for several takes.
    let scene = talk_of(&[TEXT; 4].join(" "));
    scene.file(
        "talk.ogg",
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/windows.ogg")).unwrap(),
    );
    // How much was taken up, as the program tells, and the video.
    let make = || {
        let ran = render(&scene, &["--transcript", "talk.txt", "--audio", "talk.ogg", "--progress", "json"]).exits(0);
        let resumed = events(&ran.err).iter().filter_map(|e| e["resumed"].as_f64()).fold(0.0, f64::max);
        (resumed, std::fs::read(scene.path("talk.mp4")).unwrap())
    };
    let (none, whole) = make();
    let takes = scene.path("home/.cache/audiagram/takes");
    let takes = takes.join(&listing(&takes)[0]);
    let reel = listing(&takes).into_iter().find(|name| name.starts_with("take-")).unwrap();
    std::fs::write(takes.join(reel), "spoiled").unwrap();
    let (some, mended) = make();
    let (all, again) = make();
    assert!(none == 0.0 && some > 0.0 && some < 1.0 && all == 1.0, "{none} {some} {all}");
    assert!(whole == mended && whole == again, "the videos differ");
}
