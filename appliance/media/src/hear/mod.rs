//! Hearing: from a recording to a transcript.

use studio::transcript::Word;

/// Sample rate of everything that is heard, in samples a second.
pub const RATE: u32 = 16_000;

/// Turns one window of speech into words.
pub trait Transcriber {
    /// The words of `samples` (mono, [`RATE`], at most 30 s, -1 to 1); times are milliseconds from the window's start.
    ///
    /// # Errors
    /// When the engine fails; a window without speech is an empty list.
    fn transcribe(&mut self, samples: &[f32]) -> Result<Vec<Word>, HearError>;
}

/// Why a recording cannot be heard.
#[derive(Debug, thiserror::Error)]
pub enum HearError {
    /// The speech engine failed.
    #[error("speech recognition failed: {0}")]
    Engine(String),
}
