//! Any text gives a sound storyboard in which every element cites words of the text.

use crate::drawn::{assert_sound, options};
use studio::outline::{CueOutliner, Outliner};
use studio::storyboard::{Kind, canonical, read};
use studio::transcript::{TextFormat, read as read_transcript};

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    let Some((&first, text)) = bytes.split_first() else { return };
    let kind = Kind::ALL.get(usize::from(first) % (Kind::ALL.len() + 1)).copied();
    let lang = if first & 0x80 == 0 { "en" } else { "und" };
    let Ok(transcript) = read_transcript(text, TextFormat::Plain, lang) else { return };
    let board = CueOutliner.outline(&transcript, &options(kind));
    assert_sound(&board, Some(&transcript));
    let again = read(&canonical(&board)).expect("what was written can be read");
    assert_eq!(canonical(&again), canonical(&board));
}
