//! What was said: words with times, the input of every later stage.

mod read;
mod write;

pub use read::{ReadError, TextFormat, read};
pub use write::{Cue, cues, srt, vtt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Value of [`Transcript::schema`].
pub const SCHEMA: &str = "studio.transcript/1";

/// Speaking rate assumed for text without times, in milliseconds a word (150 words a minute).
pub const MS_PER_WORD: u64 = 400;

/// A timed transcript of one recording.
///
/// Words are ordered by `start_ms`; their index is the word id that evidence and reveals refer to, so a word is
/// corrected in place and never inserted or removed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Transcript {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// BCP 47 language of the words, such as `en`.
    pub lang: String,
    /// Length of the recording in milliseconds, measured by decoding it.
    pub duration_ms: u64,
    /// SHA-256 of the recording's bytes in lower-case hex; absent when the transcript was read from text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_sha256: Option<String>,
    /// Name of the model that heard the words; absent when the transcript was read from text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Speakers, in order of appearance; empty when they were not told apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speakers: Vec<String>,
    /// The words.
    pub words: Vec<Word>,
    /// Where the times come from.
    #[serde(default)]
    pub timing: Timing,
}

/// Where word times come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// Measured in the audio.
    #[default]
    Audio,
    /// Spread evenly inside the timed lines of a subtitle file.
    Lines,
    /// Assumed at [`MS_PER_WORD`]: the source was plain text.
    Assumed,
}

/// One word as it is written, with its punctuation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Word {
    /// The word with the punctuation that touches it, such as `stock,`.
    pub text: String,
    /// Onset in milliseconds from the start of the recording.
    pub start_ms: u64,
    /// End in milliseconds; at least `start_ms`.
    pub end_ms: u64,
    /// How sure the recogniser is, 0 to 1.
    #[serde(default = "certain", skip_serializing_if = "is_certain")]
    pub confidence: f32,
    /// Index into [`Transcript::speakers`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<u16>,
    /// Written without a space before it (Chinese, Japanese, Thai).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub joined: bool,
    /// A line or paragraph break precedes the word in the source.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub new_line: bool,
    /// The word was redacted: `text` holds a mark, not what was said, and the audio is muted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
}

fn certain() -> f32 {
    1.0
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_certain(confidence: &f32) -> bool {
    *confidence >= 1.0
}

impl Word {
    /// A certain word of an unknown speaker.
    pub fn new(text: impl Into<String>, start_ms: u64, end_ms: u64) -> Self {
        Self {
            text: text.into(),
            start_ms,
            end_ms,
            confidence: 1.0,
            speaker: None,
            joined: false,
            new_line: false,
            redacted: false,
        }
    }

    /// Whether the word closes a sentence by its punctuation.
    pub fn ends_sentence(&self) -> bool {
        self.text
            .trim_end_matches(['"', '\'', ')', '”', '’', '»', '」'])
            .ends_with(['.', '!', '?', '…', '。', '！', '？', '।', '؟'])
    }
}

impl Transcript {
    /// A transcript of plain text, split at white space, [`MS_PER_WORD`] a word; line breaks are kept as marks.
    pub fn from_text(text: &str, lang: &str) -> Self {
        let mut words = Vec::new();
        for line in text.lines() {
            for (i, token) in line.split_whitespace().enumerate() {
                let start = words.len() as u64 * MS_PER_WORD;
                let mut word = Word::new(token, start, start + MS_PER_WORD);
                word.new_line = i == 0 && !words.is_empty();
                words.push(word);
            }
        }
        Self {
            schema: SCHEMA.to_owned(),
            lang: lang.to_owned(),
            duration_ms: words.len() as u64 * MS_PER_WORD,
            audio_sha256: None,
            model: None,
            speakers: Vec::new(),
            words,
            timing: Timing::Assumed,
        }
    }

    /// The words `first..=last` as running text.
    ///
    /// # Panics
    /// When `last` is not a word of the transcript.
    pub fn text(&self, first: usize, last: usize) -> String {
        let mut out = String::new();
        for (i, word) in self.words[first..=last].iter().enumerate() {
            if i > 0 && !word.joined {
                out.push(' ');
            }
            out.push_str(&word.text);
        }
        out
    }
}
