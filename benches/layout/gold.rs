//! What is drawn of real narrations, on all canvases: nothing may lie on anything else or outside, and no label may be cut.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use studio::draw::Fonts;
use studio::geometry::{Point, Rect};
use studio::layout::Placed;
use studio::outline::{CueOutliner, Options, Outliner as _};
use studio::storyboard::Scene;
use studio::transcript::Transcript;

use crate::labels;
use crate::random::CANVASES;
use crate::score::enters;

/// What is counted, in the order of the counts.
const COUNTED: [&str; 8] = [
    "boxes on boxes",
    "lines through boxes",
    "outside the frame",
    "labels cut",
    "words on boxes",
    "words on words",
    "words on lines of others",
    "words on names",
];

/// Counts over every scene of the narrations (`*.txt`) of a folder, each on four canvases.
pub(crate) fn run(folder: &Path, fonts: &Fonts) -> Result<(), Box<dyn Error>> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?.map(|f| f.map(|f| f.path())).collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|e| e == "txt"));
    files.sort();
    if files.is_empty() {
        return Err(format!("{} holds no narrations; give a folder of *.txt", folder.display()).into());
    }
    let (mut found, mut kinds, mut scenes, mut texts) = ([0_usize; 8], BTreeMap::new(), 0, 0);
    for file in &files {
        let transcript = Transcript::from_text(&std::fs::read_to_string(file)?, "en");
        let options = Options { id: "b".to_owned(), theme: "light".to_owned(), canvas: crate::HD, kind: None };
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        for scene in CueOutliner.outline(&transcript, &options).scenes {
            scenes += 1;
            *kinds.entry(scene.kind.to_string()).or_insert(0) += 1;
            for canvas in CANVASES {
                let placed = crate::laid(&scene, canvas, fonts);
                let (seen, faults) = faults(&scene, &placed);
                texts += seen;
                (0..8).for_each(|i| found[i] += faults[i]);
                for (what, count) in COUNTED.iter().zip(faults).filter(|(_, count)| *count > 0) {
                    println!("{name} {} {}, {}x{}: {count} {what}", scene.id, scene.kind, canvas.w, canvas.h);
                }
            }
        }
    }
    let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    println!(
        "{} narrations, {scenes} scenes ({}), {texts} words beside arrows on four canvases",
        files.len(),
        kinds.join(", ")
    );
    for (what, count) in COUNTED.iter().zip(found) {
        println!("{count:6} {what}");
    }
    if found.iter().sum::<usize>() > 0 { Err("there are faults".into()) } else { Ok(()) }
}

/// How many arrows have words, and what is wrong, as [`COUNTED`].
fn faults(scene: &Scene, placed: &Placed) -> (usize, [usize; 8]) {
    let frame = Rect::new(-0.5, -0.5, placed.canvas.0 as f32 + 1.0, placed.canvas.1 as f32 + 1.0);
    let outside = |r: &Rect| usize::from(frame.union(r) != frame);
    let dot = |p: &Point| Rect::new(p.x, p.y, 0.0, 0.0);
    let (texts, words) = labels::faults(placed);
    let mut faults = [0, 0, words[4], 0, words[0], words[1], words[2], words[3]];
    for (i, a) in placed.nodes.iter().enumerate() {
        let others = placed.nodes[i + 1..].iter();
        faults[0] += others.filter(|b| a.rect.grown(-0.05).overlaps(&b.rect.grown(-0.05))).count();
        let written = [Some(&a.label), a.badge.as_ref(), a.sign.as_ref()].into_iter().flatten();
        faults[2] += outside(&a.rect) + written.map(|text| outside(&text.rect)).sum::<usize>();
        faults[3] += usize::from(a.label.lines.last().is_some_and(|line| line.ends_with('…')));
    }
    for edge in &placed.edges {
        let ends = scene.edges.iter().find(|e| e.id == edge.id).map(|e| [e.from.as_str(), e.to.as_str()]);
        let strangers = placed.nodes.iter().filter(|n| !ends.unwrap_or_default().contains(&n.id.as_str()));
        let hit = |r: Rect| edge.points.windows(2).any(|p| enters(p[0], p[1], r));
        faults[1] += strangers.filter(|n| hit(n.rect.grown(-1.0))).count();
        faults[2] += edge.points.iter().map(|p| outside(&dot(p))).sum::<usize>();
    }
    (texts, faults)
}
