//! The log of finished windows: whatever is in it, hearing goes on and gives a transcript that can be read.
//!
//! The bytes are the log itself, or records that get a right frame; the first record is always the right one.

use std::fs;
use std::path::Path;

use media::hear::{HearError, HearOptions, SpeechDetector, Transcriber, hear};
use studio::transcript::{TextFormat, Word, read};

/// Hears one word in every window.
struct Fixed;

impl Transcriber for Fixed {
    fn transcribe(&mut self, _: &[f32]) -> Result<Vec<Word>, HearError> {
        Ok(vec![Word::new("word", 0, 100)])
    }
    fn model(&self) -> &str {
        "fixed"
    }
    fn identity(&self) -> String {
        "fixed".to_owned()
    }
    fn language(&self) -> Option<&str> {
        Some("en")
    }
    fn settle_language(&mut self, _: &str) {}
}

impl SpeechDetector for Fixed {
    fn probabilities(&mut self, samples: &[f32]) -> Result<Vec<f32>, HearError> {
        Ok(vec![1.0; samples.len().div_ceil(512)])
    }
}

fn hear_all(recording: &Path, folder: &Path) -> studio::transcript::Transcript {
    hear(recording, &mut Fixed, &mut Fixed, &HearOptions::default(), Some(folder), &mut |_| {})
        .expect("the log cannot stop it")
        .transcript
}

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let recording = folder.path().join("a.wav");
    fs::write(&recording, wav()).expect("writable");
    let log = folder.path().join("hear.log");
    let expected = hear_all(&recording, folder.path());
    let mut header = fs::read(&log).expect("the log was written");
    let first = 12 + u32::from_le_bytes([header[0], header[1], header[2], header[3]]) as usize;
    header.truncate(first);
    match bytes.split_first() {
        Some((0, raw)) => header.extend(raw),
        Some((_, records)) => {
            for record in records.split(|&b| b == b'\n') {
                header.extend(media::fuzzing::checkpoint_frame(record));
            }
        }
        None => {}
    }
    fs::write(&log, &header).expect("writable");
    let heard = hear_all(&recording, folder.path());
    read(&heard.canonical(), TextFormat::Json, "und").expect("the transcript is sound");
    assert_eq!(heard.duration_ms, expected.duration_ms);
    assert_eq!(hear_all(&recording, folder.path()), heard, "the next run hears something else");
}

/// Two seconds of a tone: 16 kHz, mono, 16 bits.
fn wav() -> Vec<u8> {
    let samples: Vec<i16> = (0..32_000).map(|i| ((i % 64) - 32) * 500).collect();
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + samples.len() as u32 * 2).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    for field in [16_u32, 1 | 1 << 16, 16_000, 32_000, 2 | 16 << 16] {
        wav.extend(field.to_le_bytes());
    }
    wav.extend(b"data");
    wav.extend((samples.len() as u32 * 2).to_le_bytes());
    wav.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
    wav
}
