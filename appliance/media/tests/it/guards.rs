//! What the engine must not make up, provoked with recordings synthesised here.
//!
//! These need real models (`AUDIAGRAM_MODELS`) and, for speech, flite.

use std::path::Path;

use media::hear::{HearOptions, SileroDetector, Transcriber as _, WhisperOptions, WhisperTranscriber, hear};
use studio::transcript::{Transcript, Word};

use crate::recording::{model, spoken, wav};

const RATE: u32 = 16_000;

fn transcriber(glossary: &[&str]) -> Option<WhisperTranscriber> {
    let options = WhisperOptions {
        glossary: glossary.iter().map(|&t| t.to_owned()).collect(),
        threads: 1,
        ..WhisperOptions::default()
    };
    Some(WhisperTranscriber::load(&model("ggml-tiny.en.bin")?, &options).expect("the model loads"))
}

fn heard(path: &Path) -> Option<Transcript> {
    let mut detector = SileroDetector::load(&model("ggml-silero-v6.2.0.bin")?).expect("the detector loads");
    let mut transcriber = transcriber(&[])?;
    let options = HearOptions::default();
    let heard = hear(path, &mut transcriber, &mut detector, &options, None, &mut |_| {}).expect("hears");
    check_order(&heard.transcript.words, heard.transcript.duration_ms);
    Some(heard.transcript)
}

fn check_order(words: &[Word], end_ms: u64) {
    assert!(words.windows(2).all(|w| w[0].start_ms <= w[1].start_ms && w[0].end_ms <= w[1].start_ms), "{words:?}");
    assert!(words.iter().all(|w| w.start_ms <= w.end_ms && w.end_ms <= end_ms), "{words:?}");
}

fn text(words: &[Word]) -> String {
    words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Noise that is the same on every run, -1 to 1.
fn noise(count: usize) -> impl Iterator<Item = f32> {
    let mut state = 0x2545_f491_4f6c_dd1du64;
    (0..count).map(move |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    })
}

/// Chords of four notes with soft attacks, half a second each.
fn music(seconds: usize) -> Vec<f32> {
    let chords = [[262.0, 330.0, 392.0, 523.0], [220.0, 262.0, 330.0, 440.0], [175.0, 220.0, 262.0, 349.0]];
    let half = RATE as usize / 2;
    (0..seconds * 2)
        .flat_map(|beat| (0..half).map(move |i| (beat, i)))
        .map(|(beat, i)| {
            let t = (beat * half + i) as f32 / RATE as f32;
            let swell = (i as f32 / half as f32 * std::f32::consts::PI).sin();
            let sum: f32 = chords[beat % 3].iter().map(|hz| (t * hz * std::f32::consts::TAU).sin()).sum();
            sum * swell * 0.12
        })
        .collect()
}

/// What a file of flite holds.
fn samples(path: &Path) -> Vec<f32> {
    let bytes = std::fs::read(path).expect("readable");
    bytes[44..].chunks_exact(2).map(|b| f32::from(i16::from_le_bytes([b[0], b[1]])) / 32768.0).collect()
}

/// Checks that nothing is heard in samples, by the whole pipeline and by the transcriber alone.
fn silent(name: &str, samples: &[f32]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("a.wav");
    wav(&path, RATE, 1, samples);
    let Some(transcript) = heard(&path) else { return };
    assert_eq!(text(&transcript.words), "", "{name}");
}

#[test]
fn nothing_is_heard_where_nobody_speaks() {
    silent("silence", &vec![0.0; 20 * RATE as usize]);
    silent("hiss", &noise(20 * RATE as usize).map(|s| s * 0.02).collect::<Vec<_>>());
    silent("loud noise", &noise(20 * RATE as usize).map(|s| s * 0.5).collect::<Vec<_>>());
    silent("music", &music(20));
}

#[test]
fn the_transcriber_alone_drops_words_over_silence() {
    let Some(mut transcriber) = transcriber(&[]) else { return };
    let words = transcriber.transcribe(&vec![0.0; 10 * RATE as usize]).expect("hears");
    assert_eq!(text(&words), "", "digital silence holds no words");
}

#[test]
fn repeated_words_neither_run_away_nor_vanish() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let said = "check the order. ".repeat(12);
    let Some(path) = spoken(folder.path(), "again.wav", &said) else { return };
    let Some(transcript) = heard(&path) else { return };
    let count = transcript.words.len();
    // The engine itself writes more than 150 words here, until its window of text is full.
    assert!((24..=48).contains(&count), "36 words were said, {count} heard: {}", text(&transcript.words));
}

#[test]
fn words_stay_in_place_around_long_silence_and_music() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Some(one) = spoken(folder.path(), "one.wav", "The customer sends an order.") else { return };
    let Some(two) = spoken(folder.path(), "two.wav", "The warehouse checks the stock.") else { return };
    let (one, two) = (samples(&one), samples(&two));
    let mut all = vec![0.0; 40 * RATE as usize];
    all.extend(&one);
    all.extend(vec![0.0; 70 * RATE as usize]);
    all.extend(music(20));
    let second_ms = all.len() as u64 * 1000 / u64::from(RATE);
    all.extend(&two);
    all.extend(vec![0.0; 10 * RATE as usize]);
    let path = folder.path().join("long.wav");
    wav(&path, RATE, 1, &all);
    let Some(transcript) = heard(&path) else { return };
    let starts: Vec<u64> = transcript.words.iter().map(|w| w.start_ms).collect();
    let first = 40_000..40_000 + one.len() as u64 / 16;
    let second = second_ms..second_ms + two.len() as u64 / 16;
    assert!(starts.iter().any(|s| first.contains(s)) && starts.iter().any(|s| second.contains(s)), "{starts:?}");
    // The detector may take some of the music for speech; the word after it may then be given a start inside it.
    let outside = starts.iter().filter(|&s| !first.contains(s) && !second.contains(s)).count();
    assert!(outside <= 1, "{starts:?} outside {first:?}, {second:?}");
}

#[test]
fn a_glossary_steers_spelling_and_starts_no_loop() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Some(path) = spoken(folder.path(), "terms.wav", "The cue feeds the worker. The worker writes to the cash.")
    else {
        return;
    };
    let Some(plain) = heard(&path) else { return };
    let Some(mut steered) = transcriber(&["queue", "cache", "worker"]) else { return };
    let mut detector = SileroDetector::load(&model("ggml-silero-v6.2.0.bin").expect("seen above")).expect("loads");
    let heard = hear(&path, &mut steered, &mut detector, &HearOptions::default(), None, &mut |_| {}).expect("hears");
    let steered = text(&heard.transcript.words).to_lowercase();
    println!("without: {}\nwith: {steered}", text(&plain.words));
    assert!(heard.transcript.words.len() <= 14, "{steered}");
    assert!(steered.contains("worker"), "{steered}");
}
