//! What was said: words with times, the input of every later stage.

mod captions;
mod decode;
mod glossary;
mod lines;
mod plain;
mod read;
mod speakers;
mod spelling;
mod split;
mod subtitles;
mod write;

pub use captions::cues;
pub use glossary::{Term, respell, spell};
pub use read::{MAX_BYTES, ReadError, TextFormat, read};
pub use spelling::localise;
pub use write::{Cue, srt, turns, vtt};

pub(crate) use read::check;
pub(crate) use split::is_dense;
pub(crate) use write::vtt_track;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Value of [`Transcript::schema`].
pub const SCHEMA: &str = "studio.transcript/1";

/// What stands for a redacted word.
pub const REDACTED: &str = "[redacted]";

/// Speaking rate assumed for text without times, in milliseconds a word (150 words a minute).
pub const MS_PER_WORD: u64 = 400;

/// A timed transcript of one recording.
///
/// Words are ordered by `start_ms`; their index is the word id that evidence and reveals refer to, so a word is
/// corrected in place and never inserted or removed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Transcript {
    /// Always `studio.transcript/1`.
    #[schemars(extend("const" = SCHEMA))]
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
    #[schemars(range(min = 0.0, max = 1.0))]
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
    /// A transcript of plain text, [`MS_PER_WORD`] a word and a silence between paragraphs; line breaks are kept as marks, but
    /// those of lines that are only wrapped.
    ///
    /// Words are the runs between white space, so that a word id is an index into `text.split_whitespace()`. Only
    /// scripts without spaces (Chinese, Japanese, Thai) are cut further, at Unicode word boundaries. Where the lines
    /// are a dialogue (`Anna: Hello.`) the words get speakers; the names stay among the words, and
    /// [`Transcript::name_prefix`] tells them apart.
    pub fn from_text(text: &str, lang: &str) -> Self {
        plain::from_text(text, lang)
    }

    /// How many words from `word` on only name the speaker of the turn that begins there, as in `Anna: Hello.`;
    /// 0 where a turn has no such words. Nobody speaks them.
    pub fn name_prefix(&self, word: usize) -> usize {
        let first = |w: &Word| word == 0 || w.new_line;
        let Some(start) = self.words.get(word).filter(|w| first(w)) else { return 0 };
        let name = start.speaker.and_then(|s| self.speakers.get(usize::from(s)));
        let Some(name) = name.filter(|n| !n.is_empty()) else { return 0 };
        let mut rest = name.as_str();
        for (i, said) in self.words[word..].iter().enumerate() {
            rest = rest.trim_start();
            if let Some(end) = said.text.strip_prefix(rest).filter(|_| !rest.is_empty()) {
                return if matches!(end, ":" | "：") { i + 1 } else { 0 };
            }
            match rest.strip_prefix(said.text.as_str()) {
                Some(after) if !said.text.is_empty() => rest = after,
                _ => return 0,
            }
            if rest.is_empty() {
                let colon = self.words.get(word + i + 1).is_some_and(|w| matches!(w.text.as_str(), ":" | "："));
                return if colon { i + 2 } else { 0 };
            }
        }
        0
    }

    /// The canonical JSON (RFC 8785), with confidences as short as they are written in files.
    pub fn canonical(&self) -> Vec<u8> {
        // By way of text, or a 32-bit 0.9 would be hashed as 0.8999999761581421.
        let text = serde_json::to_string(self).expect("a transcript has string keys only");
        let value = serde_json::from_str(&text).expect("just written");
        crate::storyboard::canonical_value(&value)
    }

    /// SHA-256 of the canonical JSON in lower-case hex.
    pub fn revision(&self) -> String {
        crate::storyboard::sha256_hex(&self.canonical())
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

/// JSON Schema of `studio.transcript/1`.
pub fn schema() -> serde_json::Value {
    crate::storyboard::schema_of::<Transcript>("urn:audiagram:schema:studio.transcript-1")
}
