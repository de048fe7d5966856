//! Transcripts from plain text, Markdown, SubRip, WebVTT and JSON.

use std::path::Path;

use super::{SCHEMA, Transcript, decode, plain, subtitles};
use crate::storyboard::{JsonError, Problem, Report, Severity, check_shape, parse_json};

/// Largest transcript file that is read, in bytes.
pub const MAX_BYTES: usize = 16 << 20;
/// Most words of a transcript: some two hundred hours of speech.
pub(super) const MAX_WORDS: usize = 2_000_000;
/// Latest time in a transcript: a week.
pub(super) const MAX_DURATION_MS: u64 = 7 * 24 * 3_600_000;
/// Most characters of one word.
pub(super) const MAX_WORD: usize = 1000;

/// A text format that a transcript can be read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFormat {
    /// Plain text.
    Plain,
    /// Markdown: plain text after its marks are taken away.
    Markdown,
    /// SubRip.
    Srt,
    /// WebVTT.
    Vtt,
    /// `studio.transcript/1`.
    Json,
}

impl TextFormat {
    /// The format by the ending of a file name; none where the file is no text that is known here.
    pub fn guess(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "txt" | "text" => Some(Self::Plain),
            "md" | "markdown" => Some(Self::Markdown),
            "srt" => Some(Self::Srt),
            "vtt" => Some(Self::Vtt),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Why a text is not a transcript.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReadError {
    /// Not UTF-8.
    #[error("byte {0} is not valid UTF-8; save the file as UTF-8")]
    Utf8(usize),
    /// Marked as UTF-16 and not valid.
    #[error("byte {0} is not valid UTF-16; save the file as UTF-8")]
    Utf16(usize),
    /// Larger than [`MAX_BYTES`].
    #[error("the transcript has {0} bytes; at most {MAX_BYTES} are read, so split the recording")]
    TooLarge(usize),
    /// More words than are read.
    #[error("the transcript has more than {0} words; split the recording")]
    TooManyWords(usize),
    /// A WebVTT file without its first line.
    #[error("the file does not begin with WEBVTT")]
    NotVtt,
    /// A subtitle file without a timed line.
    #[error("no timed line in the file; is it plain text?")]
    NoCues,
    /// A line with an arrow and no times.
    #[error("line {line} has no time that can be read; write 00:01:02,345 --> 00:01:04,000")]
    Time {
        /// Line from 1.
        line: usize,
    },
    /// Not JSON.
    #[error("the transcript is not sound JSON: {0}")]
    Json(#[from] JsonError),
    /// JSON, but not a transcript.
    #[error("the transcript is not sound: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Problem>),
}

/// Reads a transcript in language `lang`; a JSON transcript says its own, and the header of a WebVTT file is believed
/// where `lang` is empty or `und`.
///
/// # Errors
/// When the bytes are not of the format or break a limit.
pub fn read(bytes: &[u8], format: TextFormat, lang: &str) -> Result<Transcript, ReadError> {
    if bytes.len() > MAX_BYTES {
        return Err(ReadError::TooLarge(bytes.len()));
    }
    let text = || decode::decode(bytes);
    let mut transcript = match format {
        TextFormat::Plain => plain::read(&text()?, lang)?,
        TextFormat::Markdown => plain::read(&plain::strip_markdown(&text()?), lang)?,
        TextFormat::Srt => subtitles::read(&text()?, lang, false)?,
        TextFormat::Vtt => subtitles::read(&text()?, lang, true)?,
        TextFormat::Json => return json(bytes),
    };
    for word in &mut transcript.words {
        shorten(&mut word.text);
    }
    // What is read here must be readable when it was written as JSON.
    let problems = check(&transcript);
    if problems.is_empty() { Ok(transcript) } else { Err(ReadError::Invalid(problems)) }
}

/// Cuts what is too long for a word: some data between words, which nobody says.
fn shorten(word: &mut String) {
    if let Some((at, _)) = word.char_indices().nth(MAX_WORD - 1).filter(|(at, _)| word[*at..].chars().nth(1).is_some())
    {
        word.truncate(at);
        word.push('…');
    }
}

fn json(bytes: &[u8]) -> Result<Transcript, ReadError> {
    let value = parse_json(bytes, MAX_BYTES)?;
    let mut report = Report::new();
    check_shape(&value, &super::schema(), &mut report);
    report.problems.retain(|p| p.severity == Severity::Error);
    if !report.problems.is_empty() {
        return Err(ReadError::Invalid(report.problems));
    }
    let transcript: Transcript =
        serde_json::from_value(value).map_err(|e| ReadError::Invalid(vec![Problem::error("", e.to_string())]))?;
    let problems = check(&transcript);
    if problems.is_empty() { Ok(transcript) } else { Err(ReadError::Invalid(problems)) }
}

/// What is wrong with a transcript that has the right shape.
pub(crate) fn check(transcript: &Transcript) -> Vec<Problem> {
    let mut report = Report::new();
    if transcript.schema != SCHEMA {
        report.within("schema", |r| r.error(format!("must be \"{SCHEMA}\"")));
    }
    if transcript.duration_ms > MAX_DURATION_MS {
        report.within("duration_ms", |r| r.error(format!("more than {MAX_DURATION_MS} ms")));
    }
    report.within("words", |report| {
        if transcript.words.len() > MAX_WORDS {
            report.error(format!("more than {MAX_WORDS} words"));
        }
        let mut before = 0;
        for (i, word) in transcript.words.iter().enumerate() {
            let mut wrong = |message: String| report.within(i, |r| r.error(message));
            if word.text.trim().is_empty() || word.text.chars().any(char::is_control) {
                wrong("`text` is empty or holds a control character".to_owned());
            }
            if word.text.len() > MAX_WORD && word.text.chars().count() > MAX_WORD {
                wrong(format!("`text` has more than {MAX_WORD} characters"));
            }
            if word.start_ms < before {
                wrong(format!("begins at {} ms, before the word before it", word.start_ms));
            }
            if word.end_ms < word.start_ms || word.end_ms > MAX_DURATION_MS {
                wrong(format!("ends at {} ms, which is before it begins or too late", word.end_ms));
            }
            if word.speaker.is_some_and(|s| usize::from(s) >= transcript.speakers.len()) {
                wrong("`speaker` is not an index into `speakers`".to_owned());
            }
            before = before.max(word.start_ms);
        }
    });
    report.problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_by_name() {
        let check = |name: &str, expected| assert_eq!(TextFormat::guess(Path::new(name)), expected, "{name}");
        check("a/talk.TXT", Some(TextFormat::Plain));
        check("talk.srt", Some(TextFormat::Srt));
        check("talk.en.vtt", Some(TextFormat::Vtt));
        check("README.md", Some(TextFormat::Markdown));
        check("talk.json", Some(TextFormat::Json));
        check("talk.wav", None);
        check("talk", None);
    }

    #[test]
    fn json_is_read_back() {
        let mut transcript = Transcript::from_text("Anna: Hi there.\nBen: So.", "en");
        transcript.words[2].confidence = 0.9;
        transcript.words[3].redacted = true;
        let text = serde_json::to_vec(&transcript).unwrap();
        let read = read(&text, TextFormat::Json, "xx").unwrap();
        assert_eq!(read, transcript);
        assert_eq!(read.revision(), transcript.revision());
        let canonical = String::from_utf8(read.canonical()).unwrap();
        assert!(canonical.contains("\"confidence\":0.9,"), "{canonical}");
    }

    #[test]
    fn wrong_json() {
        let check = |change: &dyn Fn(&mut serde_json::Value), expected: &str| {
            let mut value = serde_json::to_value(Transcript::from_text("one two", "en")).unwrap();
            change(&mut value);
            let error = read(value.to_string().as_bytes(), TextFormat::Json, "en").unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check(&|v| v["schema"] = "x".into(), "/schema: must be \"studio.transcript/1\"");
        check(&|v| v["words"][1]["start_ms"] = (-3).into(), "/words/1/start_ms: -3 is less than 0");
        check(&|v| v["words"][0]["start_ms"] = 900.into(), "/words/1: begins at 400 ms");
        check(&|v| v["words"][0]["end_ms"] = u64::MAX.into(), "/words/0: ends at");
        check(&|v| v["words"][0]["text"] = " ".into(), "/words/0: `text` is empty");
        check(&|v| v["words"][0]["speaker"] = 0.into(), "/words/0: `speaker` is not an index");
        check(&|v| v["words"][0]["confidence"] = 2.into(), "/words/0/confidence: 2 is not in 0 to 1");
        check(&|v| v["duration_ms"] = u64::MAX.into(), "/duration_ms: more than");
    }

    #[test]
    fn text_gives_words_that_json_may_hold() {
        let check = |bytes: &[u8], expected: &[&str]| {
            let transcript = read(bytes, TextFormat::Plain, "en").unwrap();
            assert_eq!(transcript.words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>(), expected);
            assert_eq!(read(&transcript.canonical(), TextFormat::Json, "en").unwrap(), transcript);
        };
        check(b"\n\0", &["\u{fffd}"]);
        check(b"a \x1c\x1d b", &["a", "\u{fffd}\u{fffd}", "b"]);
        check("é".repeat(MAX_WORD).as_bytes(), &["é".repeat(MAX_WORD).as_str()]);
        check("é".repeat(MAX_WORD + 1).as_bytes(), &[("é".repeat(MAX_WORD - 1) + "…").as_str()]);
    }

    #[test]
    fn hostile_bytes_end() {
        let formats = [TextFormat::Plain, TextFormat::Markdown, TextFormat::Srt, TextFormat::Vtt, TextFormat::Json];
        let arrows = "0:0,0 --> 0:1,0\n<v \n&#xffffffff;&;<{\\\n".repeat(500);
        for bytes in [b"\xFF\xFE\x00".as_slice(), b"WEBVTT\n\n-->\n", b"{\"words\":", arrows.as_bytes()] {
            for format in formats {
                let _ = read(bytes, format, "en");
            }
        }
        assert_eq!(read(&vec![b' '; MAX_BYTES + 1], TextFormat::Plain, "en"), Err(ReadError::TooLarge(MAX_BYTES + 1)));
    }
}
