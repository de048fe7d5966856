//! Hostile text: storyboards, transcripts, captions, labels, and models that are none.

use serde_json::{Value, json};

use super::{SMALL, check, ends, files, sentences};
use crate::run::Scene;

/// Strings that writers and layouts get wrong.
const HOSTILE: [&str; 12] = [
    "<script>alert(1)</script>",
    "</text></svg><svg onload=alert(1)>",
    "]]><![CDATA[ &amp; &#0; &lol9;",
    "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>&e;",
    "\" onclick='x' style=\"fill:url(http://example.org)\"",
    "../../../etc/passwd",
    "%s%n%x {} {{}} ${HOME} `id` $(id)",
    "\u{202e}dlrow\u{2066} olleh \u{200b}\u{feff}",
    "Z\u{351}\u{36b}\u{343}\u{a92}\u{323}a\u{316}\u{31d}l\u{34e}\u{332}g\u{32d}o",
    "👩‍👩‍👧‍👦 🏳️‍🌈 𝕊𝕥𝕠𝕔𝕜 在庫 مخزن भण्डार",
    "--> 00:00:01,000 <v x>y</v>",
    "NOTE\u{2028}STYLE\u{2029}::cue",
];

/// A storyboard of one scene with these labels; it is of a text of 200 words.
fn board(labels: &[&str], kind: &str) -> Value {
    let nodes: Vec<Value> = labels
        .iter()
        .enumerate()
        .map(|(i, l)| json!({ "id": format!("n{i}"), "label": l, "evidence": [[i, i]] }))
        .collect();
    let edges: Vec<Value> = (1..labels.len())
        .map(|i| json!({ "id": format!("e{i}"), "from": format!("n{}", i - 1), "to": format!("n{i}"), "label": labels[i], "by": "user" }))
        .collect();
    json!({
        "schema": "studio.scene/1", "id": "talk", "lang": "en", "title": labels.first().unwrap_or(&"x"),
        "theme": "light", "canvas": { "w": 240, "h": 240, "fps": 5 }, "source": { "words": 200 },
        "scenes": [{ "id": "s1", "title": labels.first().unwrap_or(&"x"), "kind": kind, "words": [0, 199],
                     "nodes": nodes, "edges": edges }],
    })
}

fn scene_of(board: &Value) -> Scene {
    let scene = Scene::new();
    scene.file("talk.storyboard.json", board.to_string());
    scene.file("talk.txt", "word ".repeat(200));
    scene
}

const RENDER: [&str; 4] = ["render", "talk.storyboard.json", "--transcript", "talk.txt"];

#[test]
fn hostile_labels_are_only_words() {
    for kind in ["flow", "timeline", "mindmap"] {
        let scene = scene_of(&board(&HOSTILE, kind));
        check(&scene, &RENDER, 0, &["talk.mp4"]);
        assert_eq!(&std::fs::read(scene.path("talk.png")).unwrap()[1..4], b"PNG");
    }
}

#[test]
fn labels_that_no_file_may_hold_are_told() {
    for label in ["a\0b", "\u{1b}[2J\u{1b}]0;x\u{7}", "a\r\nb", "\u{9b}31m"] {
        let scene = scene_of(&board(&[label, "b"], "flow"));
        // Sound or not: never a control character on the terminal.
        let told = ends(&scene, &["validate", "talk.storyboard.json"]);
        assert!(!told.out.contains(|c: char| c.is_control() && c != '\n'), "{:?}", told.out);
        let ran = ends(&scene, &RENDER);
        assert!(matches!(ran.code, Some(0 | 3)), "{ran:?}");
    }
    let mut wrong = board(&["a", "b"], "flow");
    wrong["scenes"][0]["kind"] = json!("\u{1b}[31m\n\u{9b}x");
    wrong["scenes"][0]["nodes"][0]["id"] = json!("\u{1b}]0;x\u{7}");
    let scene = scene_of(&wrong);
    let told = ends(&scene, &["validate", "talk.storyboard.json"]).exits(3);
    assert!(!told.out.contains(|c: char| c.is_control() && c != '\n'), "{:?}", told.out);
    check(&scene, &RENDER, 3, &["talk.storyboard.json"]);
}

#[test]
fn long_labels_are_cut_or_told() {
    let long = "w".repeat(500);
    let words = "word ".repeat(100);
    for kind in ["flow", "quantities", "sequence"] {
        let ran = ends(&scene_of(&board(&[&long, words.trim(), "b"], kind)), &RENDER);
        assert!(matches!(ran.code, Some(0 | 3)), "{ran:?}");
    }
    let huge = "w".repeat(1 << 20);
    check(&scene_of(&board(&[&huge, "b"], "flow")), &RENDER, 3, &["talk.storyboard.json"]);
}

#[test]
fn absurd_storyboards_are_told() {
    let sound = board(&["a", "b"], "flow");
    let with = |pointer: &str, value: Value| {
        let mut board = sound.clone();
        *board.pointer_mut(pointer).unwrap() = value;
        board
    };
    let labels: Vec<String> = (0..10_000).map(|i| format!("node {i}")).collect();
    let many = board(&labels.iter().map(String::as_str).collect::<Vec<_>>(), "flow");
    let scenes: Vec<Value> = (0..10_000)
        .map(|i| json!({ "id": format!("s{i}"), "title": "t", "kind": "flow", "words": [0, 199] }))
        .collect();
    let cases = [
        many,
        with("/scenes", json!(scenes)),
        with("/canvas", json!({ "w": 4_000_000_000_u32, "h": 2, "fps": 5 })),
        with("/canvas", json!({ "w": 0, "h": 0, "fps": 0 })),
        with("/canvas", json!({ "w": -1, "h": 1e300, "fps": "x" })),
        with("/scenes/0/words", json!([0, u32::MAX])),
        with("/scenes/0/words", json!([199, 0])),
        with("/scenes/0/edges/0/to", json!("nowhere")),
        with("/scenes/0/nodes/1/id", json!("n0")),
        with("/scenes/0/nodes", json!("x")),
        with("/theme", json!("../../etc/passwd")),
        with("/schema", json!("studio.scene/99")),
        json!(null),
        json!([[[[]]]]),
    ];
    for case in cases {
        let scene = scene_of(&case);
        let before = files(scene.folder.path());
        let shown: String = case.to_string().chars().take(300).collect();
        let ran = ends(&scene, &RENDER);
        assert!(matches!(ran.code, Some(3 | 5)) && ran.err.contains("talk.storyboard.json"), "{shown}: {ran:?}");
        assert!(ran.err.len() < 20_000, "{shown}: {} bytes of error", ran.err.len());
        assert_eq!(files(scene.folder.path()), before, "{shown}");
        let edit = ["edit", "talk.storyboard.json", "change-kind", "s1", "steps"];
        let ran = ends(&scene, &edit);
        assert!(matches!(ran.code, Some(0 | 3 | 5)), "{shown}: {ran:?}");
    }
    for text in ["[".repeat(200_000), "{\"a\":".repeat(200_000), "1e999999999".to_owned(), "\"\\ud800\"".to_owned()] {
        let scene = Scene::new();
        scene.file("deep.json", &text);
        check(&scene, &["validate", "deep.json"], 3, &["deep.json"]);
        check(&scene, &["render", "deep.json"], 3, &["deep.json"]);
        check(&scene, &["outline", "deep.json"], 3, &["deep.json"]);
    }
}

#[test]
fn bytes_that_are_no_text_are_told() {
    let scene = Scene::new();
    let utf16: Vec<u8> =
        [0xfeff_u16].into_iter().chain("Check the stock.".encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for (name, bytes, code) in [
        ("bad.txt", &b"First check \xff\xfe the stock."[..], 3),
        ("bad.srt", b"1\n00:00:00,000 --> 00:00:01,000\n\xc3\x28\n", 3),
        ("bad.vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\n\xed\xa0\x80\n", 3),
        ("utf16.txt", &utf16, 0),
        ("odd16.txt", &utf16[..utf16.len() - 1], 3),
        ("half16.txt", b"\xff\xfe\x00\xd8", 3),
        ("nul.txt", b"Check\0 the\0 stock\0.", 0),
        ("empty.txt", b"", 0),
        ("marks.txt", b"\n\r\t \x0b\x0c", 0),
        ("empty.srt", b"", 0),
        ("arrows.srt", b"1\n99:99:99,999 --> 00:00:00,000\nx\n-->\n", 3),
        ("empty.vtt", b"", 3),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>x</script></svg>", 0),
    ] {
        scene.file(name, bytes);
        let ran = ends(&scene, &["outline", name]).exits(code);
        match code {
            0 => assert_eq!(ran.json()["schema"], "studio.scene/1"),
            _ => assert!(ran.err.contains(name), "{}", ran.err),
        }
    }
}

#[test]
fn huge_text_ends() {
    let scene = Scene::new();
    scene.file("line.txt", "a".repeat(2 << 20));
    check(&scene, &["outline", "line.txt", "--out", "line.json"], 0, &[]);
    scene.file("long.txt", sentences(3_000));
    check(&scene, &["outline", "long.txt", "--out", "long.json"], 0, &[]);
    check(&scene, &["validate", "long.json", "--transcript", "long.txt"], 0, &[]);
    scene.file("marks.md", "*_`[](#".repeat(50_000));
    check(&scene, &["outline", "marks.md", "--out", "marks.json"], 0, &[]);
    scene.file("huge.txt", vec![b'a'; 17 << 20]);
    check(&scene, &["outline", "huge.txt"], 3, &["huge.txt", "split"]);
}

#[test]
fn models_that_are_none_are_told() {
    let scene = Scene::new();
    let magic = 0x6767_6d6c_u32.to_le_bytes();
    let header = |numbers: &[u32]| -> Vec<u8> {
        magic.into_iter().chain(numbers.iter().flat_map(|n| n.to_le_bytes())).collect()
    };
    for (name, bytes) in [
        ("empty.bin", Vec::new()),
        ("text.bin", b"this is no model at all".to_vec()),
        ("cut.bin", header(&[51_864, 1500])),
        ("huge.bin", header(&[u32::MAX; 60])),
        ("stub.bin", header(&[51_864, 1500, 384, 6, 4, 448, 384, 6, 4, 80, 1, 80, 201])),
        ("wheel.whl", b"PK\x03\x04 and then nothing".to_vec()),
        ("weights.bin", [6, 0, 0, 0, 12, 0].to_vec()),
    ] {
        scene.file(name, bytes);
        check(&scene, &["model", "import", name, "--name", "mine"], 3, &[name]);
        check(&scene, &["model", "path", "mine"], 2, &["mine"]);
    }
    check(&scene, &["model", "import", "stub.bin", "--name", "../x"], 2, &["../x"]);
    // In the place of one that is known.
    std::fs::create_dir_all(scene.path("home/.local/share/audiagram/models")).unwrap();
    for bytes in [Vec::new(), b"text".to_vec(), header(&[1, 2, 3])] {
        scene.file("home/.local/share/audiagram/models/ggml-tiny.en.bin", bytes);
        check(&scene, &["model", "path", "tiny.en"], 4, &["tiny.en", "model fetch"]);
        check(&scene, &["model", "verify"], 4, &["tiny.en"]);
        let told = ends(&scene, &["model", "list"]).exits(0);
        assert!(told.out.contains("DAMAGED"), "{}", told.out);
        scene.file("talk.wav", b"RIFF");
        check(&scene, &["transcribe", "talk.wav", "--model", "tiny.en"], 4, &["tiny.en", "model fetch"]);
    }
}

/// A render that goes well, for the time that the others are measured against.
#[test]
fn small_is_still_fine() {
    let scene = scene_of(&board(&["order", "check", "send"], "flow"));
    check(&scene, &[&RENDER[..], &SMALL].concat(), 0, &["talk.mp4"]);
}
