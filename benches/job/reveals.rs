//! Where and when the parts of a film appear: what `benches/job/sync.py` looks for in the frames.
//!
//! `reveals STORYBOARD TRANSCRIPT` prints a line for each box and arrow: scene, kind, id, first frame, first complete
//! frame, end of the scene, x, y, width, height; separated by tabs.

#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use studio::draw::Fonts;
use studio::film::{Part, plan};
use studio::geometry::Rect;
use studio::layout::{Placed, place};
use studio::transcript::TextFormat;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [board, transcript] = [1, 2].map(|i| std::env::args().nth(i).unwrap_or_default());
    let board = studio::storyboard::read(&std::fs::read(board)?)?;
    let transcript = studio::transcript::read(&std::fs::read(transcript)?, TextFormat::Json, "und")?;
    let fonts = Fonts::bundled();
    let placed: Vec<Placed> = board.scenes.iter().map(|scene| place(scene, board.canvas, &fonts)).collect();
    let film = plan(&board, &transcript, &placed)?;
    for (scene, placed) in film.scenes.iter().zip(&placed) {
        // What stays from the scene before is not revealed.
        for element in scene.elements.iter().filter(|element| !element.carried()) {
            let (kind, rect) = match element.part {
                Part::Node(i) => ("node", placed.nodes[i].rect),
                Part::Edge(i) => ("edge", around(&placed.edges[i].points)),
                Part::Title | Part::Guide(_) | Part::EdgeLabel(_) | Part::Overlay(_) => continue,
            };
            let (first, full, end) = (element.first_frame, element.full_frame, scene.end_frame);
            let Rect { x, y, w, h } = rect;
            println!("{}\t{kind}\t{}\t{first}\t{full}\t{end}\t{x}\t{y}\t{w}\t{h}", scene.id, element.id);
        }
    }
    Ok(())
}

/// The bounds of a line.
fn around(points: &[studio::geometry::Point]) -> Rect {
    let dots = points.iter().map(|p| Rect::new(p.x, p.y, 1.0, 1.0));
    dots.reduce(|a, b| a.union(&b)).unwrap_or_default()
}
