//! Text, Markdown, subtitles and JSON: what is read is sound and survives being written as JSON.

use studio::transcript::{TextFormat, read};

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    for format in [TextFormat::Plain, TextFormat::Markdown, TextFormat::Srt, TextFormat::Vtt, TextFormat::Json] {
        let Ok(transcript) = read(bytes, format, "und") else { continue };
        let again = read(&transcript.canonical(), TextFormat::Json, "und").expect("what was written can be read");
        assert_eq!(again, transcript, "{format:?}");
    }
}
