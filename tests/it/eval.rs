//! `audiagram eval`: figures, confusion, worst cases, weights trained and used again, and mistakes in annotations.

use crate::run::Scene;

/// Two passages as the corpus has them: one that is drawn as it should be, one whose annotation asks for the impossible.
const PASSAGES: &str = r#"=== shop-steps-01 | steps | shop | plain
First check the stock. Then pack the order. Finally take the parcel away.
@ steps "Take parcel away"
ch : check stock
pa : pack order
ta : take parcel away
ch -> pa
pa -> ta

=== harbour-mindmap-01 | mindmap | harbour | plain
First board the ship. Then start the engine. Finally tie the ropes.
@ mindmap "Ropes"
ro : ropes | tie the ropes
sh : ship
ro -> sh
"#;

#[test]
fn figures_of_each_kind_confusion_and_worst_cases() {
    let scene = Scene::new();
    std::fs::create_dir(scene.path("set")).unwrap();
    scene.file("set/passages.txt", PASSAGES);
    let report = scene.run(&["eval", "set", "--json"]).exits(0).json();
    let passages = report["passages"].as_array().unwrap();
    assert_eq!(passages.len(), 2, "{report}");
    // The worst comes first.
    assert_eq!(passages[0]["id"], "harbour-mindmap-01", "{report}");
    let told = scene.run(&["eval", "set", "--worst", "1"]).exits(0);
    assert!(told.out.contains("mindmap drawn as steps: 1"), "{}", told.out);
    assert!(told.out.contains("worst: harbour-mindmap-01") && !told.out.contains("worst: shop"), "{}", told.out);
    let one = scene.run(&["eval", "set", "--kind", "steps"]).exits(0);
    assert!(one.out.contains("steps") && !one.out.contains("mindmap"), "{}", one.out);
    scene.run(&["eval", "set", "--kind", "timeline"]).exits(3).says("no passages found");
    let sound = scene.run(&["eval", "set", "--check"]).exits(0);
    assert!(sound.out.starts_with("2 passages of "), "{}", sound.out);
}

#[test]
fn every_mistake_is_named() {
    let scene = Scene::new();
    scene.file("wrong.txt", PASSAGES.replace("ch -> pa", "ch -> nowhere").replace("ro -> sh", "ro -> elsewhere"));
    let ran = scene.run(&["eval", "wrong.txt"]).exits(3).says("2 mistakes");
    assert!(
        ran.out.contains("nowhere") && ran.out.contains("elsewhere") && ran.out.contains("wrong.txt"),
        "{}",
        ran.out
    );
    scene.run(&["eval", "none.txt"]).exits(3).says("none.txt");
}

#[test]
fn weights_are_the_same_whenever_they_are_trained_and_are_used_again() {
    let scene = Scene::new();
    scene.file("passages.txt", PASSAGES);
    for folder in ["one", "two"] {
        std::fs::create_dir(scene.path(folder)).unwrap();
        let told = scene.run(&["eval", "passages.txt", "--train", folder]).exits(0);
        assert!(told.out.contains("fold"), "folds are by domain: {}", told.out);
    }
    let names = crate::run::listing(&scene.path("one"));
    assert!(names.len() > 3, "{names:?}");
    for name in &names {
        let read = |folder: &str| std::fs::read(scene.path(folder).join(name)).unwrap();
        assert!(read("one") == read("two"), "{name} differs from run to run");
    }
    scene.run(&["eval", "passages.txt", "--weights", "one"]).exits(0);
    scene.file("one/same.txt", "rubbish\n");
    scene.run(&["eval", "passages.txt", "--weights", "one"]).exits(3).says("same.txt");
}
