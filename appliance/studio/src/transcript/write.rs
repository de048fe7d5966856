//! Captions: SubRip and WebVTT.

use super::Transcript;

/// One caption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cue {
    /// From, in milliseconds.
    pub start_ms: u64,
    /// To, in milliseconds.
    pub end_ms: u64,
    /// One or two lines of at most 42 characters.
    pub lines: Vec<String>,
}

/// Cuts a transcript into captions.
pub fn cues(_transcript: &Transcript) -> Vec<Cue> {
    Vec::new()
}

/// SubRip text.
pub fn srt(_cues: &[Cue]) -> String {
    String::new()
}

/// WebVTT text.
pub fn vtt(_cues: &[Cue], _lang: &str) -> String {
    String::new()
}
