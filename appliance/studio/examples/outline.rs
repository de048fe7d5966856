//! Prints the storyboard of a text file as JSON: `outline TALK.txt`. Scenes carry `first_word`; containers are listed
//! among the nodes, as the scorer of outlines wants them.

use std::io::Write;

use studio::outline::{CueOutliner, Options, Outliner};
use studio::storyboard::Canvas;
use studio::transcript::Transcript;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: outline TALK.txt [KIND]")?;
    if std::env::args().nth(2).as_deref() == Some("explain") {
        let text = studio::outline::explain(&Transcript::from_text(&std::fs::read_to_string(path)?, "en"));
        std::io::stdout().lock().write_all(text.as_bytes())?;
        return Ok(());
    }
    let kind = std::env::args().nth(2).map(|k| k.parse()).transpose()?;
    let text = std::fs::read_to_string(path)?;
    let transcript = Transcript::from_text(&text, "en");
    let options = Options { id: "talk".to_owned(), theme: "light".to_owned(), canvas: Canvas::default(), kind };
    let board = CueOutliner.outline(&transcript, &options);
    let mut json = serde_json::to_value(&board)?;
    for (scene, value) in board.scenes.iter().zip(json["scenes"].as_array_mut().into_iter().flatten()) {
        value["first_word"] = scene.words[0].into();
        if let Some(nodes) = value["nodes"].as_array_mut() {
            nodes.extend(scene.groups.iter().map(|g| serde_json::json!({ "id": g.id, "label": g.label })));
        }
    }
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &json)?;
    writeln!(out)?;
    Ok(())
}
