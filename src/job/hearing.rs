//! The stage from recording to transcript.

use std::time::Instant;

use media::decode::DecodeError;
use media::hear::{HearError, HearOptions, Progress, SileroDetector, WhisperOptions, WhisperTranscriber, hear};
use studio::transcript::{REDACTED, Transcript, Word, localise, spell};

use super::graphics::Found;
use super::run::{Pace, read_transcript};
use super::{Device, JobSpec, Stage};
use crate::console::event::Level;
use crate::failure::{Failure, Kind};
use crate::files;
use crate::worker::child::Teller;

/// Name of the file with what was heard; depends on everything that the words depend on.
pub(crate) fn file_name(spec: &JobSpec) -> String {
    let recording = spec.recording.as_ref().map(|r| r.sha256.as_str()).unwrap_or_default();
    let hearing = &spec.hearing;
    let size = hearing.model.as_ref().and_then(|m| std::fs::metadata(m).ok()).map_or(0, |m| m.len());
    let engine = (&hearing.model_name, size, hearing.looks());
    let key = (env!("CARGO_PKG_VERSION"), recording, engine, &hearing.lang, &hearing.glossary);
    let key = serde_json::to_vec(&key).expect("a key is plain data");
    format!("transcript-{}.json", &files::digest(&key)[..24])
}

/// What would hear where `device` is asked for.
pub(crate) fn engine(device: Device) -> Found {
    match media::hear::graphics() {
        Some(name) if device.is_program() => Found::Software(name),
        Some(name) => Found::Hardware(name),
        None => Found::None(lacking().to_owned()),
    }
}

/// Why no graphics processor hears.
pub(crate) fn lacking() -> &'static str {
    if cfg!(feature = "hear-gpu") {
        "no graphics processor with Vulkan 1.2 and 16-bit storage was found"
    } else {
        "this program was built without the feature `hear-gpu`"
    }
}

/// The transcript of the job: the one it brings, the one that an earlier run has finished, or what is heard now.
pub(super) fn transcript(spec: &JobSpec, tell: &Teller) -> Result<Transcript, Failure> {
    if let Some(given) = &spec.transcript {
        return read_transcript(given);
    }
    let mut transcript = heard(spec, tell).map_err(|e| e.stage(Stage::Transcribe))?;
    if let Some(before) = &spec.redactions {
        redact_again(&mut transcript, &read_transcript(before)?);
    }
    Ok(transcript)
}

/// What the recording says, without anything that a person did to it.
fn heard(spec: &JobSpec, tell: &Teller) -> Result<Transcript, Failure> {
    let finished = spec.work.join(file_name(spec));
    // A file that does not read was left by something else; hearing again mends it.
    if let Ok(transcript) = read_transcript(&finished) {
        Pace::begin(tell, Stage::Transcribe).resumed_whole();
        return Ok(transcript);
    }
    let transcript = listen(spec, tell)?;
    files::write_atomic(&finished, &transcript.canonical())
        .map_err(|e| Failure::new(Kind::Failed, "cannot be written").file(&finished).because(&e))?;
    let _ = std::fs::remove_dir_all(windows(spec));
    Ok(transcript)
}

/// Redacts every word that is spoken while a redacted word of `before` is.
fn redact_again(transcript: &mut Transcript, before: &Transcript) {
    // A word that the recogniser gave no length still was said.
    let time = |word: &Word| (word.start_ms, word.end_ms.max(word.start_ms + 1));
    let hidden: Vec<(u64, u64)> = before.words.iter().filter(|word| word.redacted).map(time).collect();
    for word in &mut transcript.words {
        let (start, end) = time(word);
        if hidden.iter().any(|(from, to)| start < *to && *from < end) {
            word.text = REDACTED.to_owned();
            word.redacted = true;
        }
    }
}

fn windows(spec: &JobSpec) -> std::path::PathBuf {
    spec.work.join("windows")
}

fn listen(spec: &JobSpec, tell: &Teller) -> Result<Transcript, Failure> {
    let missing = |what| Failure::new(Kind::Usage, format!("the job names no {what}"));
    let recording = spec.recording.as_ref().ok_or_else(|| missing("recording"))?;
    let model = spec.hearing.model.as_ref().ok_or_else(|| missing("speech model"))?;
    let detector = spec.hearing.detector.as_ref().ok_or_else(|| missing("model for silence"))?;
    let mut pace = Pace::begin(tell, Stage::Transcribe);
    let options = WhisperOptions {
        lang: spec.hearing.lang.clone(),
        glossary: spec.hearing.glossary.iter().map(|term| term.spelling.clone()).collect(),
        threads: usize::try_from(spec.hearing.threads).unwrap_or(1),
        graphics: spec.hearing.looks(),
    };
    let mut transcriber = WhisperTranscriber::load(model, &options).map_err(|e| failure(&e))?;
    match transcriber.graphics() {
        Some(name) => tell.note(Level::Info, format!("heard by {name}")),
        None if spec.hearing.device == Device::Gpu => {
            tell.note(Level::Warn, format!("the processor hears: {}", lacking()));
        }
        None => {}
    }
    let mut detector = SileroDetector::load(detector).map_err(|e| failure(&e))?;
    let mut progress = |heard: Progress| {
        if heard.taken_up {
            pace.resumed(share(heard));
        } else {
            pace.at(share(heard));
        }
    };
    let begun = Instant::now();
    let (options, windows) = (HearOptions::default(), windows(spec));
    let heard = hear(&recording.path, &mut transcriber, &mut detector, &options, Some(&windows), &mut progress)
        .map_err(|e| failure(&e))?;
    pace.done();
    if transcriber.graphics().is_some() && !spec.hearing.device.is_program() {
        tell.worked(begun);
    }
    if let Some(damage) = heard.damage {
        let at = damage.at_ms / 1000;
        tell.note(
            Level::Warn,
            format!("the recording is damaged from {}:{:02} on; what can be heard is used", at / 60, at % 60),
        );
    }
    let mut transcript = heard.transcript;
    localise(&mut transcript, spec.hearing.lang.as_deref().unwrap_or_default());
    spell(&mut transcript, &spec.hearing.glossary);
    Ok(transcript)
}

/// How much is heard. A header may claim too little, or nothing.
#[allow(clippy::cast_precision_loss, reason = "milliseconds of a recording are far below 2^53")]
fn share(heard: Progress) -> f64 {
    heard.total_ms.map_or(0.0, |total| heard.done_ms as f64 / total.max(heard.done_ms).max(1) as f64)
}

/// What a failure of hearing means.
fn failure(error: &HearError) -> Failure {
    let kind = match error {
        HearError::NoModel { .. } | HearError::BadModel { .. } => Kind::Model,
        HearError::UnknownLanguage(_) | HearError::EnglishOnly { .. } => Kind::Usage,
        HearError::Decode(DecodeError::TooLong { .. }) => Kind::Limit,
        HearError::Decode(DecodeError::Library { .. }) => Kind::Failed,
        HearError::Decode(_) => Kind::BadInput,
        HearError::Engine(_) | HearError::Checkpoint { .. } => Kind::Failed,
    };
    Failure::of(kind, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redactions_hold_when_the_recording_is_heard_again() {
        let mut before = Transcript::from_text("the code is 1234 today", "en");
        before.words[3].redacted = true;
        // Another model hears the number as two words.
        let mut again = Transcript::from_text("the code is twelve thirty today", "en");
        for (word, (from, to)) in
            again.words.iter_mut().zip([(0, 400), (400, 800), (800, 1200), (1190, 1400), (1400, 1600), (1600, 2000)])
        {
            (word.start_ms, word.end_ms) = (from, to);
        }
        redact_again(&mut again, &before);
        let texts: Vec<_> = again.words.iter().map(|w| w.text.as_str()).collect();
        assert_eq!(texts, ["the", "code", "is", REDACTED, REDACTED, "today"]);
    }
}
