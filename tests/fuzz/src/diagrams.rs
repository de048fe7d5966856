//! Diagrams in other programs' languages: what is read becomes a sound storyboard that cites its own words.

use studio::import::{Syntax, read, storyboard, transcript};
use studio::outline::Options;
use studio::storyboard::{Canvas, Severity, to_value, validate};

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let syntax = [Syntax::Mermaid, Syntax::Dot, Syntax::D2][usize::from(first % 3)];
    let Ok(drawing) = read(rest, syntax) else { return };
    let words = transcript(&drawing, "en");
    let options = Options { id: "f".to_owned(), theme: "light".to_owned(), canvas: Canvas::default(), kind: None };
    let board = storyboard(&drawing, "en", &options);
    assert_eq!(board.scenes[0].nodes.len(), drawing.boxes.len());
    if words.words.is_empty() {
        return;
    }
    let problems = validate(&to_value(&board), Some(&words));
    assert!(problems.iter().all(|p| p.severity != Severity::Error), "{problems:?}");
}
