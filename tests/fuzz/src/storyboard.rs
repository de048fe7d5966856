//! Storyboard files: what is read is sound, survives being written, and can be placed and timed.

use crate::drawn::assert_sound;
use studio::film::plan;
use studio::layout::{Measure, place};
use studio::storyboard::{Severity, canonical, read, revision, validate_bytes, write_pretty};
use studio::transcript::Transcript;

struct Even;

impl Measure for Even {
    fn width(&self, text: &str, px: f32) -> f32 {
        text.chars().count() as f32 * 0.5 * px
    }
}

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    let errors = validate_bytes(bytes, None).iter().filter(|p| p.severity == Severity::Error).count();
    let Ok(board) = read(bytes) else {
        assert!(errors > 0, "refused without a reason");
        return;
    };
    assert_eq!(errors, 0, "read although it has errors");
    assert_sound(&board, None);
    for written in [canonical(&board), write_pretty(&board)] {
        let again = read(&written).expect("what was written can be read");
        assert_eq!(canonical(&again), canonical(&board));
        assert_eq!(revision(&again), revision(&board));
    }
    if board.scenes.iter().map(|s| s.nodes.len() + s.edges.len()).sum::<usize>() > 60 {
        return;
    }
    let placed: Vec<_> = board.scenes.iter().map(|scene| place(scene, board.canvas, &Even)).collect();
    let transcript = Transcript::from_text(&"word ".repeat(board.source.words.clamp(1, 200) as usize), "en");
    if let Ok(film) = plan(&board, &transcript, &placed) {
        for n in [0, film.frames() / 2, film.frames().saturating_sub(1)] {
            let frame = film.frame(n);
            assert!(frame.elements.iter().all(|e| (0.0..=1.0).contains(&e.opacity) && e.sink.is_finite()), "{frame:?}");
        }
    }
}
