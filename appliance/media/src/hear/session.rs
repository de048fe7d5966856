//! A whole recording, heard window by window.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use studio::transcript::{SCHEMA, Timing, Transcript, Word};

use super::checkpoint::{Checkpoint, Done};
use super::cut::{Cutter, Window};
use super::sides::Sides;
use super::{HearError, RATE, SpeechDetector, Transcriber};
use crate::decode::{AudioReader, Channels, Damage, DecodeError, MAX_DURATION_MS};

/// What is done with two channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChannelPlan {
    /// Mixed to one.
    Mix,
    /// Each side is a speaker, as in a recorded call.
    Split,
    /// Split when the two sides are really different speakers, else mixed.
    #[default]
    Auto,
}

/// How a recording is heard. Language, glossary and threads belong to the [`Transcriber`].
#[derive(Debug, Clone)]
pub struct HearOptions {
    /// What is done with two channels.
    pub channels: ChannelPlan,
    /// Longest recording that is heard, in milliseconds.
    pub limit_ms: u64,
}

impl Default for HearOptions {
    fn default() -> Self {
        Self { channels: ChannelPlan::Auto, limit_ms: MAX_DURATION_MS }
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Milliseconds of the recording that are heard.
    pub done_ms: u64,
    /// Length the header claims; a hint, often absent.
    pub total_ms: Option<u64>,
    /// Words so far.
    pub words: usize,
    /// All of it was heard by an earlier run and taken up from its checkpoint.
    pub taken_up: bool,
}

/// What was heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// The words.
    pub transcript: Transcript,
    /// What could not be decoded; tell the user.
    pub damage: Option<Damage>,
}

/// Hears a recording.
///
/// With a `checkpoint` folder each finished window is made durable there, and a later run over the same recording with
/// the same transcriber takes up where the earlier one was killed, with the same result. The folder is the caller's to
/// remove when the transcript is safe. Memory use does not depend on the length of the recording, but for the words.
///
/// # Errors
/// When the recording cannot be decoded, the engine fails or the checkpoint cannot be written.
pub fn hear(
    recording: &Path,
    transcriber: &mut dyn Transcriber,
    detector: &mut dyn SpeechDetector,
    options: &HearOptions,
    checkpoint: Option<&Path>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Heard, HearError> {
    let audio_sha256 = file_digest(recording)?;
    let split = match options.channels {
        ChannelPlan::Mix => false,
        ChannelPlan::Split => AudioReader::open(recording, RATE, Channels::Native)?.channels() == 2,
        ChannelPlan::Auto => are_speakers(recording, options.limit_ms)?,
    };
    let (log, earlier) = match checkpoint {
        Some(folder) => {
            let key = format!("{audio_sha256} {} {split} {}", env!("CARGO_PKG_VERSION"), transcriber.identity());
            let (log, earlier) = Checkpoint::open(folder, &hex(&Sha256::digest(key)))?;
            (Some(log), earlier)
        }
        None => (None, Vec::new()),
    };
    if let Some(lang) = earlier.iter().find_map(|d| d.lang.as_deref()) {
        transcriber.settle_language(lang);
    }
    let wanted = if split { Channels::Stereo } else { Channels::Mono };
    let mut reader = AudioReader::open(recording, RATE, wanted)?.with_limit(options.limit_ms);
    let total_ms = reader.info().header_duration_ms;
    let (taken_up, earlier) = (!earlier.is_empty(), VecDeque::from(earlier));
    let mut run = Run { transcriber, log, earlier, words: Vec::new(), taken_up, total_ms, progress };

    let mut cutters: Vec<Cutter> = (0..if split { 2 } else { 1 }).map(|_| Cutter::default()).collect();
    let (mut block, mut side) = (Vec::new(), Vec::new());
    while reader.read(&mut block)? {
        for (channel, cutter) in (0u16..).zip(&mut cutters) {
            let samples = if split {
                side.clear();
                side.extend(block.iter().skip(usize::from(channel)).step_by(2));
                &side
            } else {
                &block
            };
            for window in cutter.push(samples, detector)? {
                run.window(channel, &window)?;
            }
        }
    }
    for (channel, cutter) in (0u16..).zip(&mut cutters) {
        for window in cutter.finish(detector)? {
            run.window(channel, &window)?;
        }
    }
    let duration_ms = reader.position_ms();
    let words = std::mem::take(&mut run.words);
    let (total_ms, taken_up) = (Some(duration_ms), run.taken_up);
    (run.progress)(Progress { done_ms: duration_ms, total_ms, words: words.len(), taken_up });
    let (words, speakers) = in_order(words, split);
    let transcript = Transcript {
        schema: SCHEMA.to_owned(),
        lang: transcriber.language().unwrap_or("und").to_owned(),
        duration_ms,
        audio_sha256: Some(audio_sha256),
        model: Some(transcriber.model().to_owned()),
        speakers,
        words,
        timing: Timing::Audio,
    };
    Ok(Heard { transcript, damage: reader.damage() })
}

/// What a run carries from window to window.
struct Run<'a> {
    transcriber: &'a mut dyn Transcriber,
    log: Option<Checkpoint>,
    /// Windows of an earlier run that are still ahead.
    earlier: VecDeque<Done>,
    words: Vec<Word>,
    /// Every window so far was heard by an earlier run.
    taken_up: bool,
    total_ms: Option<u64>,
    progress: &'a mut dyn FnMut(Progress),
}

impl Run<'_> {
    fn window(&mut self, channel: u16, window: &Window) -> Result<(), HearError> {
        let (from, to) = (window.start(), window.end());
        // The key ties the log to this very work, so windows come in the same order; one that does not match is heard.
        let known = self.earlier.front().is_some_and(|d| (d.channel, d.from, d.to) == (channel, from, to));
        let done = match self.earlier.pop_front().filter(|_| known) {
            Some(done) => done,
            None => {
                let words = placed(self.transcriber.transcribe(&window.samples)?, window);
                let lang = self.transcriber.language().map(str::to_owned);
                let done = Done { channel, from, to, lang, words };
                if let Some(log) = &mut self.log {
                    log.add(&done)?;
                }
                done
            }
        };
        self.words.extend(done.words.into_iter().map(|mut word| {
            word.speaker = Some(channel);
            word
        }));
        let done_ms = to * 1000 / u64::from(RATE);
        self.taken_up &= known;
        let (words, taken_up) = (self.words.len(), self.taken_up);
        (self.progress)(Progress { done_ms, total_ms: self.total_ms, words, taken_up });
        Ok(())
    }
}

/// The words of a window, timed in the recording, rising and without overlap.
fn placed(mut words: Vec<Word>, window: &Window) -> Vec<Word> {
    for word in &mut words {
        (word.start_ms, word.end_ms) = window.locate(word.start_ms, word.end_ms);
    }
    words.sort_by_key(|w| w.start_ms);
    for i in 1..words.len() {
        let next = words[i].start_ms;
        let before = &mut words[i - 1];
        before.end_ms = before.end_ms.min(next).max(before.start_ms);
    }
    words
}

/// Words of all channels by time, with speakers numbered by appearance when there are two.
fn in_order(mut words: Vec<Word>, split: bool) -> (Vec<Word>, Vec<String>) {
    words.sort_by_key(|w| w.start_ms);
    let mut seen: Vec<u16> = Vec::new();
    for word in &mut words {
        let Some(channel) = word.speaker.filter(|_| split) else {
            word.speaker = None;
            continue;
        };
        let place = seen.iter().position(|&c| c == channel).unwrap_or_else(|| {
            seen.push(channel);
            seen.len() - 1
        });
        word.speaker = u16::try_from(place).ok();
    }
    let speakers = (1..=seen.len()).map(|n| format!("Speaker {n}")).collect();
    (words, speakers)
}

fn are_speakers(recording: &Path, limit_ms: u64) -> Result<bool, HearError> {
    let mut reader = AudioReader::open(recording, RATE, Channels::Native)?.with_limit(limit_ms);
    if reader.channels() != 2 {
        return Ok(false);
    }
    let (mut sides, mut block) = (Sides::default(), Vec::new());
    while reader.read(&mut block)? && sides.watch(&block) {}
    Ok(sides.are_speakers())
}

/// SHA-256 of a file in lower-case hex, read as a stream.
pub(super) fn file_digest(path: &Path) -> Result<String, HearError> {
    let unreadable = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::NotFound => DecodeError::NotFound(path.to_owned()),
        _ => DecodeError::Unreadable { path: path.to_owned(), reason: e.to_string() },
    };
    let mut file = File::open(path).map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        let reason = "it is not a regular file".to_owned();
        return Err(DecodeError::Unreadable { path: path.to_owned(), reason }.into());
    }
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(unreadable)? {
            0 => return Ok(hex(&hash.finalize())),
            count => hash.update(&buffer[..count]),
        }
    }
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hear::cut::Piece;

    #[test]
    fn words_of_a_window_stay_in_order_and_apart() {
        let pieces = vec![Piece { at: 16_000, len: 16_000 }, Piece { at: 160_000, len: 16_000 }];
        let window = Window { pieces, samples: Vec::new() };
        let words = vec![Word::new("a", 100, 980), Word::new("b", 970, 1500), Word::new("c", 1400, 5000)];
        let placed = placed(words, &window);
        let times: Vec<_> = placed.iter().map(|w| (w.start_ms, w.end_ms)).collect();
        assert_eq!(times, [(1100, 1980), (10_000, 10_400), (10_400, 11_000)]);
    }

    #[test]
    fn speakers_are_numbered_as_they_appear() {
        let on = |channel, ms| Word { speaker: Some(channel), ..Word::new("w", ms, ms + 10) };
        let (words, speakers) = in_order(vec![on(0, 500), on(1, 100), on(0, 900)], true);
        assert_eq!(words.iter().map(|w| w.speaker).collect::<Vec<_>>(), [Some(0), Some(1), Some(1)]);
        assert_eq!(speakers, ["Speaker 1", "Speaker 2"]);
        let (words, speakers) = in_order(vec![on(0, 500)], false);
        assert!(speakers.is_empty() && words[0].speaker.is_none());
    }
}
