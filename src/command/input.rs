//! What is given: recordings, text, and standard input in their place.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use studio::import::{self, Drawing, Syntax};
use studio::transcript::{TextFormat, Transcript};
use tempfile::NamedTempFile;

use crate::failure::{Failure, Kind};
use crate::files::{read_small, unreadable};

/// Largest recording from standard input in bytes: 12 hours of uncompressed stereo in 24 bits are less.
const SPOOL: u64 = 16 << 30;
/// Largest transcript or text in bytes: a day of speech as JSON is a tenth of it.
const TEXT: u64 = 64 << 20;

/// A recording on disk.
#[derive(Debug)]
pub(crate) struct RecordingFile {
    /// Absolute path.
    pub(crate) path: PathBuf,
    // Removes what was read from standard input.
    _spool: Option<NamedTempFile>,
}

impl RecordingFile {
    /// The recording at `path`; `-` reads standard input to its end.
    ///
    /// # Errors
    /// When it is missing, empty, no regular file or unreadable.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let spool = if path == Path::new("-") {
            let mut spool = NamedTempFile::with_prefix("audiagram-").map_err(|e| unreadable(path, &e))?;
            let read = io::copy(&mut io::stdin().lock().take(SPOOL + 1), &mut spool);
            if read.map_err(|e| unreadable(path, &e))? > SPOOL {
                return Err(Failure::new(Kind::Limit, format!("more than {} GiB", SPOOL >> 30)).file(path));
            }
            Some(spool)
        } else {
            None
        };
        let real = spool.as_ref().map_or(path, NamedTempFile::path);
        let real = real.canonicalize().map_err(|e| unreadable(path, &e))?;
        let about = |message| {
            Failure::new(Kind::BadInput, message).file(path).remedy("give a recording: a sound or video file")
        };
        // Looked at before it is opened: opening a pipe waits for somebody who writes to it.
        let metadata = real.metadata().map_err(|e| unreadable(path, &e))?;
        if !metadata.is_file() {
            return Err(about("is not a file"));
        }
        File::open(&real).map_err(|e| unreadable(path, &e))?;
        if metadata.len() == 0 {
            return Err(about("is empty"));
        }
        Ok(Self { path: real, _spool: spool })
    }
}

/// The diagram at `path`, where its ending says that it is one.
///
/// # Errors
/// When the file cannot be read or is not of its language.
pub(crate) fn read_drawing(path: &Path) -> Result<Option<Drawing>, Failure> {
    let Some(syntax) = Syntax::guess(path) else { return Ok(None) };
    let bytes = read_small(path, TEXT)?;
    import::read(&bytes, syntax).map(Some).map_err(|e| Failure::of(Kind::BadInput, &e).file(path))
}

/// Reads a transcript from text, subtitles or JSON; the format follows the extension, and for `-` the content. The words
/// of a diagram are those in it.
///
/// # Errors
/// When the file cannot be read or is not of its format.
pub(crate) fn read_transcript(path: &Path, lang: &str) -> Result<Transcript, Failure> {
    if let Some(drawing) = read_drawing(path)? {
        return Ok(import::transcript(&drawing, lang));
    }
    let bytes = read_small(path, TEXT)?;
    let format = TextFormat::guess(path).unwrap_or_else(|| sniff(&bytes));
    studio::transcript::read(&bytes, format, lang).map_err(|e| Failure::of(Kind::BadInput, &e).file(path))
}

/// The format that the first bytes speak for.
fn sniff(bytes: &[u8]) -> TextFormat {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    if head.starts_with("WEBVTT") {
        TextFormat::Vtt
    } else if head.starts_with('{') {
        TextFormat::Json
    } else if head.starts_with(|c: char| c.is_ascii_digit()) && head.contains(" --> ") {
        TextFormat::Srt
    } else {
        TextFormat::Plain
    }
}

/// The name of a file without folder and without the extensions that this program gives.
pub(crate) fn stem(path: &Path) -> String {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    for ending in [".storyboard.json", ".transcript.json"] {
        if let Some(stem) = name.strip_suffix(ending) {
            return stem.to_owned();
        }
    }
    match Path::new(&name).file_stem() {
        Some(stem) if name != "-" => stem.to_string_lossy().into_owned(),
        _ => "recording".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems() {
        for (path, expected) in [
            ("a/talk.m4a", "talk"),
            ("talk.storyboard.json", "talk"),
            ("talk.transcript.json", "talk"),
            ("b.json", "b"),
            ("v1.2.wav", "v1.2"),
            ("-", "recording"),
        ] {
            assert_eq!(stem(Path::new(path)), expected);
        }
    }

    #[test]
    fn formats_by_content() {
        for (text, expected) in [
            ("WEBVTT\n\n00:01", TextFormat::Vtt),
            ("\u{feff}1\n00:00:01,000 --> 00:00:02,000\nHi", TextFormat::Srt),
            (" {\"schema\":1}", TextFormat::Json),
            ("First we check. 1 --> 2", TextFormat::Plain),
            ("", TextFormat::Plain),
        ] {
            assert_eq!(sniff(text.as_bytes()), expected, "{text}");
        }
    }
}
