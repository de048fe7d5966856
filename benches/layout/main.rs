//! How legible layouts are, beside dagre, ELK and dot; `benches/layout/run.sh` runs both sides.
//!
//! - `layouts boxes GRAPHS` prints the graphs with boxes for labels of 16 px, for the peers to lay out.
//! - `layouts score GRAPHS [ANSWERS]` prints a table: Audiagram's layouts on a frame of 1920 x 1080, and the peers'
//!   zoomed to its usable 1760 x 820.
//! - `layouts random SEEDS` lays random graphs out on four canvases and counts what must not be.
//! - `layouts labels SEEDS [GRAPHS [CORPUS]]` does so with the words beside arrows: of random graphs, of the graphs of a
//!   file, and of what is drawn of the passages in a folder.
//! - `layouts gold FOLDER` outlines the narrations (`*.txt`) of a folder and counts all that is wrong with their pictures on
//!   four canvases.
//! - `layouts insert GRAPHS` adds nodes and tells how far the others move.
//! - `layouts speed` tells how long layouts of 30 nodes take.

#![allow(clippy::print_stdout, reason = "its output is what it is for")]

mod gold;
mod graphs;
mod insert;
mod labels;
mod random;
mod score;
mod speed;

use std::error::Error;

use studio::draw::Fonts;
use studio::layout::place;
use studio::storyboard::Canvas;

fn main() -> Result<(), Box<dyn Error>> {
    let [command, file, answers, folder] = [1, 2, 3, 4].map(|i| std::env::args().nth(i));
    let fonts = Fonts::bundled();
    if command.as_deref() == Some("speed") {
        speed::run(&fonts);
        return Ok(());
    }
    let file = file.ok_or("give a command and a file: layouts score graphs.json")?;
    match command.as_deref() {
        Some("boxes") => println!("{}", graphs::boxes(&graphs::read(&file)?, &fonts)?),
        Some("score") => {
            let graphs = graphs::read(&file)?;
            let answers = answers.map(std::fs::read).transpose()?;
            let peers: Vec<score::Answer> = answers.map_or(Ok(Vec::new()), |a| serde_json::from_slice(&a))?;
            score::table(&graphs, &peers, &fonts);
        }
        Some("random") => random::run(file.parse()?, &fonts),
        Some("labels") => {
            let graphs = answers.as_deref().map_or(Ok(Vec::new()), graphs::read)?;
            labels::run(file.parse()?, &graphs, folder.as_deref().map(std::path::Path::new), &fonts)?;
        }
        Some("gold") => gold::run(std::path::Path::new(&file), &fonts)?,
        Some("insert") => insert::run(&graphs::read(&file)?, &fonts),
        _ => return Err("one of boxes, score, random, labels, gold, insert, speed".into()),
    }
    Ok(())
}

/// The frame of the measure.
const HD: Canvas = Canvas { w: 1920, h: 1080, fps: 30 };

/// A scene on a canvas.
fn laid(scene: &studio::storyboard::Scene, canvas: Canvas, fonts: &Fonts) -> studio::layout::Placed {
    place(scene, canvas, fonts)
}
