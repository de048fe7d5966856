//! `audiagram export`, and diagrams of other programs as storyboards.

use crate::run::{Scene, listing};

const TEXT: &str = "First the customer places an order. Then the shop checks the stock. If the item is in stock, \
                    the clerk packs it. Otherwise the clerk orders it. Finally the shop sends the invoice.";
const FLOW: &str =
    "flowchart LR\n  a([Order arrives]) --> b{In stock?}\n  b -->|yes| c[Ship it]\n  b -->|no| d[Order more]\n";

fn talk() -> Scene {
    let scene = Scene::new();
    scene.file("talk.txt", TEXT);
    scene.run(&["outline", "talk.txt", "--out", "talk.storyboard.json"]).exits(0);
    scene
}

#[test]
fn every_format_is_written() {
    let scene = talk();
    let formats = "svg,png,dot,mermaid,d2,drawio,excalidraw,pptx,pdf,gif,webp,moving-svg,html";
    let arguments =
        ["export", "talk.storyboard.json", "--to", formats, "--transcript", "talk.txt", "--size", "640x360"];
    scene.run(&[&arguments[..], &["--out", "made"]].concat()).exits(0).says("talk.film.html");
    let made = listing(&scene.path("made"));
    for ending in [
        ".1.svg",
        ".1.png",
        ".1.dot",
        ".1.mmd",
        ".1.d2",
        ".drawio",
        ".excalidraw",
        ".pptx",
        ".pdf",
        ".1.gif",
        ".1.webp",
        ".moving.svg",
        ".film.html",
    ] {
        assert!(made.iter().any(|name| *name == format!("talk{ending}")), "{ending} is not in {made:?}");
    }
}

#[test]
fn a_film_needs_the_words_and_a_graph_does_not() {
    let scene = talk();
    scene.run(&["export", "talk.storyboard.json", "--to", "html"]).exits(3).says("--transcript");
    let dot = scene.run(&["export", "talk.storyboard.json", "--to", "dot", "--scene", "1", "--out", "-"]).exits(0);
    assert!(dot.out.starts_with("digraph "), "{}", dot.out);
    scene
        .run(&["export", "talk.storyboard.json", "--to", "dot,svg", "--scene", "1", "--out", "-"])
        .exits(2)
        .says("one file");
    scene.run(&["export", "talk.storyboard.json", "--to", "dot", "--scene", "99"]).exits(3).says("no scene 99");
    scene.run(&["export", "talk.storyboard.json", "--to", "visio"]).exits(2).says("one of svg");
}

#[test]
fn a_diagram_becomes_a_storyboard_and_a_film() {
    let scene = Scene::new();
    scene.file("flow.mmd", FLOW);
    let board = scene.run(&["outline", "flow.mmd"]).exits(0).json();
    let labels: Vec<&str> =
        board["scenes"][0]["nodes"].as_array().unwrap().iter().map(|n| n["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["Order arrives", "In stock?", "Ship it", "Order more"]);
    scene.run(&["outline", "flow.mmd", "--out", "flow.storyboard.json"]).exits(0);
    scene.run(&["validate", "flow.storyboard.json", "--transcript", "flow.mmd"]).exits(0);
    let arguments = ["export", "flow.storyboard.json", "--transcript", "flow.mmd", "--to", "html", "--size", "640x360"];
    scene.run(&arguments).exits(0);
    scene.file("bad.dot", "digraph {\n a -> \n}");
    scene.run(&["outline", "bad.dot"]).exits(3).says("bad.dot").says("line 3");
}
