//! Words beside arrows on all canvases: nothing may lie on them, and they on nothing.

use std::error::Error;
use std::path::Path;

use studio::draw::Fonts;
use studio::eval::corpus;
use studio::geometry::Rect;
use studio::layout::{Guide, Placed, PlacedEdge};
use studio::outline::{CueOutliner, Options, Outliner as _};
use studio::storyboard::Scene;
use studio::transcript::Transcript;

use crate::graphs::{Graph, scene};
use crate::random::{CANVASES, Dice};
use crate::score::enters;

/// Words beside arrows.
const WORDS: [&str; 8] =
    ["yes", "no", "in stock", "after approval", "sends the invoice", "otherwise", "if the claim is complete", "ok"];
/// Kinds whose arrows have words.
const KINDS: [&str; 8] = ["flow", "state", "architecture", "swimlane", "causes", "cycle", "mindmap", "hierarchy"];
/// Faults that are shown one by one.
const SHOWN: usize = 20;

/// Counts over `seeds` random graphs, then over `graphs` and the talks of the corpus in `folder`, each on four canvases.
pub(crate) fn run(seeds: u64, graphs: &[Graph], folder: Option<&Path>, fonts: &Fonts) -> Result<(), Box<dyn Error>> {
    let random = (0..seeds).map(|seed| (format!("seed {seed}"), random(seed)));
    tally("random graphs", random, fonts);
    let named = |(i, graph): (usize, &Graph)| (graph.id.clone(), with_words(graph.scene(), &mut Dice(i as u64), 2));
    tally("graphs of the file", graphs.iter().enumerate().map(named), fonts);
    if let Some(folder) = folder {
        tally("scenes of talks", talks(folder)?.into_iter(), fonts);
    }
    Ok(())
}

/// Counts what lies on what and prints it.
fn tally(name: &str, scenes: impl Iterator<Item = (String, Scene)>, fonts: &Fonts) {
    let (mut found, mut labels, mut count, mut shown) = ([0_usize; 6], 0, 0, 0);
    for (id, scene) in scenes {
        count += 1;
        for canvas in CANVASES {
            let placed = crate::laid(&scene, canvas, fonts);
            let (seen, faults) = faults(&placed);
            labels += seen;
            (0..6).for_each(|i| found[i] += faults[i]);
            if faults.iter().any(|f| *f > 0) && shown < SHOWN {
                shown += 1;
                println!("{id}, {} of {} nodes, {}x{}: {faults:?}", scene.kind, scene.nodes.len(), canvas.w, canvas.h);
            }
        }
    }
    println!(
        "{count} {name}, {labels} words beside arrows: {} on boxes, {} on one another, {} on others' lines, {} on names, \
         {} outside the frame; {} lines through boxes",
        found[0], found[1], found[2], found[3], found[4], found[5]
    );
}

/// How many arrows have words, and what is wrong with them: on boxes, on one another, on lines of others, on names and
/// notes, outside; and how many lines run through boxes.
pub(crate) fn faults(placed: &Placed) -> (usize, [usize; 6]) {
    let texts: Vec<(usize, Rect)> =
        placed.edges.iter().enumerate().filter_map(|(i, e)| Some((i, e.label.as_ref()?.rect))).collect();
    let frame = Rect::new(-0.5, -0.5, placed.canvas.0 as f32 + 1.0, placed.canvas.1 as f32 + 1.0);
    let mut faults = [0; 6];
    for (n, (i, rect)) in texts.iter().enumerate() {
        let inner = rect.grown(-0.5);
        faults[0] += placed.nodes.iter().filter(|node| node.rect.overlaps(&inner)).count();
        faults[1] += texts[n + 1..].iter().filter(|(_, other)| other.overlaps(&inner)).count();
        let others = placed.edges.iter().enumerate().filter(|(j, _)| j != i);
        faults[2] += others.filter(|(_, e)| e.points.windows(2).any(|p| enters(p[0], p[1], inner))).count();
        let written = |guide: &&Guide| match guide {
            Guide::Note { rect, .. } | Guide::Key { rect, .. } => rect.overlaps(&inner),
            _ => false,
        };
        faults[3] += placed.guides.iter().filter(written).count();
        faults[3] += usize::from(!placed.title.lines.is_empty() && placed.title.rect.overlaps(&inner));
        faults[4] += usize::from(frame.union(rect) != frame);
    }
    let through = |edge: &PlacedEdge, rect: Rect| edge.points.windows(2).any(|p| enters(p[0], p[1], rect));
    for edge in &placed.edges {
        faults[5] += placed.nodes.iter().filter(|node| through(edge, node.rect.grown(-1.0))).count();
    }
    (texts.len(), faults)
}

/// A graph of 4 to 31 nodes with words at half its arrows.
fn random(seed: u64) -> Scene {
    let mut dice = Dice(seed);
    let kind = KINDS[(seed % 8) as usize];
    let tree = matches!(kind, "mindmap" | "hierarchy");
    let count = if kind == "cycle" { 4 + dice.roll(5) } else { 4 + dice.roll(28) };
    let labels: Vec<String> =
        (0..count).map(|i| format!("{} {i}", ["check stock", "pack", "send it"][i % 3])).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let mut arcs: Vec<(usize, usize)> = match kind {
        "cycle" => (0..count).map(|v| (v, (v + 1) % count)).collect(),
        _ if tree => (1..count).map(|v| (dice.roll(v), v)).collect(),
        _ => (1..count).map(|v| (v - 1 - dice.roll(v.min(4)), v)).collect(),
    };
    for _ in 0..if tree { 0 } else { count / 5 } {
        let (a, b) = (dice.roll(count), dice.roll(count));
        arcs.extend((a != b).then_some((a, b)));
    }
    let mut scene = scene(kind, &labels, &arcs);
    if kind == "swimlane" {
        let teams = ["Sales team", "Shop", "Accounts"];
        let actor = |i: usize| serde_json::json!({"id": format!("a{i}"), "label": teams[i]});
        scene.actors = (0..3).map(|i| serde_json::from_value(actor(i)).expect("an actor")).collect();
        scene.nodes.iter_mut().enumerate().for_each(|(i, node)| node.actor = Some(format!("a{}", i % 3)));
    }
    with_words(scene, &mut dice, 2)
}

/// The same with words at one of `every` arrows.
fn with_words(mut scene: Scene, dice: &mut Dice, every: usize) -> Scene {
    for edge in &mut scene.edges {
        if dice.roll(every) == 0 {
            edge.label = WORDS[dice.roll(WORDS.len())].to_owned();
        }
    }
    scene
}

/// The scenes that the outliner makes of the passages of the corpus.
fn talks(folder: &Path) -> Result<Vec<(String, Scene)>, Box<dyn Error>> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?.map(|f| f.map(|f| f.path())).collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|e| e == "txt"));
    files.sort();
    let mut scenes = Vec::new();
    for file in files {
        let passages =
            corpus(&std::fs::read_to_string(&file)?).map_err(|_| format!("{} is no corpus", file.display()))?;
        for passage in passages {
            let transcript = Transcript::from_text(&passage.text, "en");
            let options = Options { id: "b".to_owned(), theme: "light".to_owned(), canvas: crate::HD, kind: None };
            let board = CueOutliner.outline(&transcript, &options);
            scenes.extend(board.scenes.into_iter().map(|scene| (passage.id.clone(), scene)));
        }
    }
    Ok(scenes)
}
