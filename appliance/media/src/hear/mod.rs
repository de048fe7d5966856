//! Hearing: from a recording to a transcript.
//!
//! ```text
//! AudioReader --blocks--> Cutter --windows of at most 30 s--> Transcriber --words--> guards --> Transcript
//!                           |                                                           |
//!                     SpeechDetector                                               checkpoint
//! ```
//!
//! Only speech reaches the transcriber: what the detector does not take for speech is cut out, so that nothing is
//! "heard" in silence or music, and each window is timed on its own, so that times cannot drift.

mod align;
pub(crate) mod checkpoint;
mod cut;
mod detect;
pub(crate) mod ggml;
mod graphics;
mod guard;
mod level;
mod session;
mod sides;
mod walls;
mod whisper;
mod words;

pub use cut::{Piece, Window};
pub use detect::{SileroDetector, SpeechDetector};
pub use graphics::{PROGRAM, graphics};
pub use session::{ChannelPlan, HearOptions, Heard, Progress, hear};
pub use whisper::{WhisperOptions, WhisperTranscriber};

use std::path::PathBuf;

use studio::transcript::Word;

use crate::decode::DecodeError;

/// Sample rate of everything that is heard, in samples a second.
pub const RATE: u32 = 16_000;

/// Longest window a [`Transcriber`] is given, in samples: 30 s.
pub const MAX_WINDOW: usize = 30 * RATE as usize;

/// Turns one window of speech into words.
///
/// Windows are independent of each other, but for the language: that of the first window holds for all.
pub trait Transcriber {
    /// The words of `samples` (mono, [`RATE`], at most [`MAX_WINDOW`], -1 to 1); times are milliseconds from the
    /// window's start.
    ///
    /// # Errors
    /// When the engine fails; a window without speech is an empty list.
    fn transcribe(&mut self, samples: &[f32]) -> Result<Vec<Word>, HearError>;

    /// Name of the model, such as `base`.
    fn model(&self) -> &str;

    /// Everything the words depend on besides the samples: the model's digest and the settings. Work that was saved
    /// under another identity is not taken up again.
    fn identity(&self) -> String;

    /// BCP 47 language that is heard; `None` until it was detected.
    fn language(&self) -> Option<&str>;

    /// Settles the language that an earlier run detected.
    fn settle_language(&mut self, lang: &str);
}

/// Why a recording cannot be heard.
#[derive(Debug, thiserror::Error)]
pub enum HearError {
    /// The recording cannot be decoded.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The speech engine failed.
    #[error("speech recognition failed: {0}")]
    Engine(String),
    /// The model file is not there.
    #[error("speech model {name} is not at {}; fetch it with `audiagram model fetch {name}`", .path.display())]
    NoModel {
        /// Name of the model.
        name: String,
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The model file does not load.
    #[error(
        "speech model {name} at {} is damaged or of another kind; check it with `audiagram model verify` and fetch it \
         again with `audiagram model fetch {name}`",
        .path.display()
    )]
    BadModel {
        /// Name of the model.
        name: String,
        /// The file.
        path: PathBuf,
    },
    /// A language that no model knows.
    #[error("language `{0}` is not known to the speech models; give a code such as en, de or ja")]
    UnknownLanguage(String),
    /// A language that this model does not know.
    #[error("model {model} hears English only, not `{lang}`; use a model of many languages such as base")]
    EnglishOnly {
        /// Name of the model.
        model: String,
        /// Language asked for.
        lang: String,
    },
    /// The checkpoint cannot be written or read.
    #[error("checkpoint {} cannot be used: {reason}", .path.display())]
    Checkpoint {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
}

/// Threads worth giving to a transcriber now: one for each core that nothing else is using, at least 1, at most 4.
///
/// The engine's threads wait for each other by spinning, so one thread too many is far worse than one too few.
pub fn default_threads() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    free_cores(cores, &load).min(4)
}

/// Cores left by the load of the last minute, at least 1. `loadavg` is the content of `/proc/loadavg`.
fn free_cores(cores: usize, loadavg: &str) -> usize {
    let load: f64 = loadavg.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(0.0);
    let busy = if load.is_finite() { load.clamp(0.0, 65_536.0).round() as usize } else { 0 };
    cores.saturating_sub(busy).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_follow_the_load() {
        let check = |cores, load, expected| assert_eq!(free_cores(cores, load), expected, "{cores} cores, load {load}");
        check(8, "0.10 0.20 0.30 1/100 5", 8);
        check(8, "2.60 1 1", 5);
        check(2, "0.60 1 1", 1);
        check(2, "9.00 1 1", 1);
        check(2, "", 2);
        check(2, "nonsense", 2);
        check(1, "NaN", 1);
        assert!((1..=4).contains(&default_threads()));
    }
}
