//! What reaches the speech model, and what comes out: for `peers.py --windows`, which gives the same samples to its peers.
//!
//!   windows MODEL.bin SILERO.bin OUT RECORDING...
//!
//! Hears each recording (English, one thread) as the program does and writes, for every window, `OUT/NUMBER.f32` (mono
//! samples, 16 kHz, 32-bit float, little-endian) and `OUT/NUMBER.txt` (the words heard in it). On standard output a line a
//! window: its number, its length in seconds and the recording.

#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use media::hear::{
    HearError, HearOptions, RATE, SileroDetector, Transcriber, WhisperOptions, WhisperTranscriber, hear,
};
use studio::transcript::Word;

/// Keeps what passes through the engine.
struct Watched<'a> {
    engine: WhisperTranscriber,
    recording: &'a Path,
    out: &'a Path,
    number: &'a mut usize,
}

impl Watched<'_> {
    fn keep(&mut self, samples: &[f32], words: &[Word]) -> std::io::Result<()> {
        *self.number += 1;
        let place = |ending: &str| self.out.join(format!("{:04}.{ending}", self.number));
        fs::write(place("f32"), samples.iter().flat_map(|sample| sample.to_le_bytes()).collect::<Vec<_>>())?;
        let text: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
        fs::write(place("txt"), text.join(" "))?;
        let seconds = samples.len() as f64 / f64::from(RATE);
        println!("{:04} {seconds:5.1} {}", self.number, self.recording.display());
        Ok(())
    }
}

impl Transcriber for Watched<'_> {
    fn transcribe(&mut self, samples: &[f32]) -> Result<Vec<Word>, HearError> {
        let words = self.engine.transcribe(samples)?;
        self.keep(samples, &words).map_err(|error| HearError::Engine(format!("a window cannot be kept: {error}")))?;
        Ok(words)
    }

    fn model(&self) -> &str {
        self.engine.model()
    }

    fn identity(&self) -> String {
        self.engine.identity()
    }

    fn language(&self) -> Option<&str> {
        self.engine.language()
    }

    fn settle_language(&mut self, lang: &str) {
        self.engine.settle_language(lang);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let given: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [model, silero, out, recordings @ ..] = given.as_slice() else {
        return Err("usage: windows MODEL.bin SILERO.bin OUT RECORDING...".into());
    };
    fs::create_dir_all(out)?;
    let mut number = 0;
    for recording in recordings {
        let options = WhisperOptions { lang: Some("en".to_owned()), threads: 1, ..WhisperOptions::default() };
        let engine = WhisperTranscriber::load(model, &options)?;
        let mut watched = Watched { engine, recording, out, number: &mut number };
        let mut detector = SileroDetector::load(silero)?;
        hear(recording, &mut watched, &mut detector, &HearOptions::default(), None, &mut |_| {})?;
    }
    Ok(())
}
