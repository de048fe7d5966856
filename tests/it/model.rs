//! `audiagram model`.

use crate::run::Scene;

#[test]
fn the_list_names_sizes_and_licences() {
    let scene = Scene::new();
    let ran = scene.run(&["model", "list"]).exits(0);
    assert!(ran.out.contains("base *") && ran.out.contains("MIT") && ran.out.contains("silero-vad"), "{}", ran.out);
    let told = scene.run(&["model", "list", "--json"]).exits(0).json();
    assert!(told.as_array().unwrap().iter().all(|model| model["state"] == "missing"));
}

#[test]
fn a_missing_model_names_the_command_that_mends_it() {
    let scene = Scene::new();
    scene.file("talk.wav", "sound");
    for arguments in [&["model", "path"][..], &["make", "talk.wav"], &["transcribe", "talk.wav"]] {
        scene.run(arguments).exits(4).says("audiagram model fetch base");
    }
    scene.run(&["model", "path", "bass"]).exits(2).says("base");
    scene.run(&["model", "verify"]).exits(4).says("audiagram model fetch");
}

#[test]
fn a_corrupt_model_is_told_before_anything_is_heard() {
    let scene = Scene::new();
    scene.file("talk.wav", "sound");
    let models = scene.path("home/.local/share/audiagram/models");
    std::fs::create_dir_all(&models).unwrap();
    std::fs::write(models.join("ggml-base.bin"), "no model").unwrap();
    scene.run(&["make", "talk.wav"]).exits(4).says("damaged").says("audiagram model fetch base");
}

#[test]
fn what_is_no_model_is_not_imported() {
    let scene = Scene::new();
    scene.file("notes.bin", "no model");
    scene.run(&["model", "import", "notes.bin"]).exits(3).says("notes.bin");
    scene.run(&["model", "fetch", "base", "--from", "nowhere"]).exits(3).says("nowhere");
}
