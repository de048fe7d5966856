//! Hearing whole recordings: order, resumption, channels.

use std::path::{Path, PathBuf};

use media::decode::DecodeError;
use media::hear::{
    ChannelPlan, HearError, HearOptions, Heard, Progress, SileroDetector, SpeechDetector, Transcriber, WhisperOptions,
    WhisperTranscriber, hear,
};
use studio::transcript::Word;

use crate::recording::{model, sine, wav};

const RATE: u32 = 16_000;

/// Takes loud samples for speech.
struct Loud;

impl SpeechDetector for Loud {
    fn probabilities(&mut self, samples: &[f32]) -> Result<Vec<f32>, HearError> {
        let loud = |frame: &[f32]| frame.iter().any(|s| s.abs() > 0.05);
        Ok(samples.chunks(512).map(|f| if loud(f) { 1.0 } else { 0.0 }).collect())
    }
}

/// Says one word per second of sound, named by its loudness, and can be told to fail.
#[derive(Default)]
struct Fake {
    windows: usize,
    fail_at: Option<usize>,
    settings: &'static str,
    lang: Option<String>,
}

impl Transcriber for Fake {
    fn transcribe(&mut self, samples: &[f32]) -> Result<Vec<Word>, HearError> {
        assert!(!samples.is_empty() && samples.len() <= media::hear::MAX_WINDOW);
        self.windows += 1;
        if self.fail_at == Some(self.windows) {
            return Err(HearError::Engine("the power went".to_owned()));
        }
        self.lang.get_or_insert_with(|| "sv".to_owned());
        let words = samples.chunks(RATE as usize).enumerate().map(|(i, second)| {
            let sum: f32 = second.iter().map(|s| s.abs()).sum();
            Word::new(format!("w{}", sum as u32), i as u64 * 1000, i as u64 * 1000 + 700)
        });
        Ok(words.collect())
    }

    fn model(&self) -> &str {
        "fake"
    }

    fn identity(&self) -> String {
        format!("fake {}", self.settings)
    }

    fn language(&self) -> Option<&str> {
        self.lang.as_deref()
    }

    fn settle_language(&mut self, lang: &str) {
        self.lang = Some(lang.to_owned());
    }
}

fn run(path: &Path, fake: &mut Fake, checkpoint: Option<&Path>) -> Result<Heard, HearError> {
    let options = HearOptions::default();
    let mut last = 0;
    hear(path, fake, &mut Loud, &options, checkpoint, &mut |p: Progress| {
        assert!(p.done_ms >= last, "progress does not go back");
        last = p.done_ms;
    })
}

/// Three minutes: tones of rising loudness with pauses between.
fn talk(folder: &Path) -> PathBuf {
    let path = folder.join("talk.wav");
    let mut samples = Vec::new();
    for i in 0..30u32 {
        let level = 0.3 + 0.02 * i as f32;
        samples.extend(sine(RATE, 5.0, 200.0).iter().map(|s| s * level));
        samples.extend(vec![0.0; RATE as usize]);
    }
    wav(&path, RATE, 1, &samples);
    path
}

#[test]
fn a_recording_becomes_a_transcript() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let heard = run(&talk(folder.path()), &mut Fake::default(), None).expect("hears");
    let transcript = heard.transcript;
    assert_eq!(heard.damage, None);
    assert_eq!((transcript.lang.as_str(), transcript.model.as_deref()), ("sv", Some("fake")));
    assert_eq!(transcript.duration_ms, 180_000);
    assert_eq!(transcript.audio_sha256.as_ref().map(String::len), Some(64));
    assert!(transcript.words.len() > 150);
    assert!(transcript.words.windows(2).all(|w| w[0].end_ms <= w[1].start_ms));
    assert!(transcript.words.iter().all(|w| w.end_ms <= 180_000 && w.speaker.is_none()));
}

#[test]
fn a_killed_run_is_taken_up_with_the_same_result() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = talk(folder.path());
    let mut whole = Fake::default();
    let expected = run(&path, &mut whole, None).expect("hears");
    for fail_at in 1..=whole.windows {
        let work = folder.path().join(format!("work{fail_at}"));
        let mut first = Fake { fail_at: Some(fail_at), ..Fake::default() };
        assert!(run(&path, &mut first, Some(&work)).is_err());
        let mut second = Fake::default();
        assert_eq!(run(&path, &mut second, Some(&work)).expect("hears"), expected);
        assert_eq!(second.windows, whole.windows - (fail_at - 1), "finished windows are not heard again");
        let mut third = Fake::default();
        assert_eq!(run(&path, &mut third, Some(&work)).expect("hears"), expected);
        assert_eq!((third.windows, third.language()), (0, Some("sv")));
    }
}

#[test]
fn work_of_other_settings_or_recordings_is_not_taken_up() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (path, work) = (talk(folder.path()), folder.path().join("work"));
    run(&path, &mut Fake::default(), Some(&work)).expect("hears");
    let mut other = Fake { settings: "another glossary", ..Fake::default() };
    run(&path, &mut other, Some(&work)).expect("hears");
    assert!(other.windows > 0);
    let mut samples = sine(RATE, 5.0, 300.0);
    samples.truncate(70_000);
    wav(&path, RATE, 1, &samples);
    let mut changed = Fake { settings: "another glossary", ..Fake::default() };
    run(&path, &mut changed, Some(&work)).expect("hears");
    assert_eq!(changed.windows, 1);
}

/// Two sides that take turns of three seconds.
fn call(folder: &Path) -> PathBuf {
    let path = folder.join("call.wav");
    let mut samples = Vec::new();
    for turn in 0..6 {
        for s in sine(RATE, 3.0, 200.0) {
            samples.extend(if turn % 2 == 0 { [0.0, s] } else { [s, 0.0] });
        }
        samples.extend(vec![0.0; RATE as usize]);
    }
    wav(&path, RATE, 2, &samples);
    path
}

#[test]
fn two_speakers_on_two_channels_are_told_apart() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = call(folder.path());
    let check = |channels, expected: usize| {
        let options = HearOptions { channels, ..HearOptions::default() };
        let heard = hear(&path, &mut Fake::default(), &mut Loud, &options, None, &mut |_| {}).expect("hears");
        assert_eq!(heard.transcript.speakers.len(), expected, "{channels:?}");
        heard.transcript
    };
    check(ChannelPlan::Mix, 0);
    check(ChannelPlan::Split, 2);
    let transcript = check(ChannelPlan::Auto, 2);
    assert!(transcript.words.windows(2).all(|w| w[0].start_ms <= w[1].start_ms));
    for word in &transcript.words {
        // Turns last 3.5 s, and a window takes up to 232 ms before one; the right side, which begins, is speaker 0.
        let turn = (word.start_ms + 240) / 3500 % 2;
        assert_eq!(u64::from(word.speaker.expect("told apart")), turn, "{word:?}");
    }
    let mono = talk(folder.path());
    let options = HearOptions { channels: ChannelPlan::Split, ..HearOptions::default() };
    let heard = hear(&mono, &mut Fake::default(), &mut Loud, &options, None, &mut |_| {}).expect("hears");
    assert!(heard.transcript.speakers.is_empty(), "one channel cannot be split");
}

#[test]
fn errors_name_the_thing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let absent = folder.path().join("absent.wav");
    let error = run(&absent, &mut Fake::default(), None).expect_err("there is no such file");
    assert!(matches!(error, HearError::Decode(DecodeError::NotFound(_))), "{error:?}");

    let path = talk(folder.path());
    let error = run(&path, &mut Fake::default(), Some(&path)).expect_err("the folder is a file");
    assert!(matches!(error, HearError::Checkpoint { .. }), "{error:?}");

    let options = HearOptions { limit_ms: 60_000, ..HearOptions::default() };
    let error = hear(&path, &mut Fake::default(), &mut Loud, &options, None, &mut |_| {}).expect_err("too long");
    assert!(matches!(error, HearError::Decode(DecodeError::TooLong { limit_ms: 60_000, .. })), "{error:?}");
}

#[test]
fn a_missing_or_broken_model_names_the_remedy() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("ggml-base.bin");
    let load = |path: &Path| WhisperTranscriber::load(path, &WhisperOptions::default()).map(|_| ()).expect_err("fails");
    let detector = |path: &Path| SileroDetector::load(path).map(|_| ()).expect_err("fails");
    for error in [load(&path), detector(&path)] {
        assert!(error.to_string().contains("`audiagram model fetch base`"), "{error}");
    }
    let mut bytes = vec![0x6c, 0x6d, 0x67, 0x67];
    bytes.extend([0u8; 400]);
    for content in [b"".as_slice(), b"not a model", &bytes] {
        std::fs::write(&path, content).expect("writable");
        let error = load(&path).to_string();
        assert!(error.contains("`audiagram model verify`") && error.contains("ggml-base.bin"), "{error}");
    }
    std::fs::write(&path, b"not a model").expect("writable");
    assert!(detector(&path).to_string().contains("`audiagram model verify`"));
}

#[test]
fn a_truncated_model_is_refused() {
    let Some(whole) = model("ggml-tiny.en.bin") else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("ggml-tiny.en.bin");
    let bytes = std::fs::read(whole).expect("readable");
    for length in [100, 300_000, 2_000_000, bytes.len() - 1000] {
        std::fs::write(&path, &bytes[..length]).expect("writable");
        let error = WhisperTranscriber::load(&path, &WhisperOptions::default()).map(|_| ()).expect_err("is cut off");
        assert!(matches!(error, HearError::BadModel { .. }), "{length}: {error:?}");
    }
}

#[test]
fn languages_are_checked_before_anything_is_heard() {
    let Some(path) = model("ggml-tiny.en.bin") else { return };
    let load = |lang: &str| {
        WhisperTranscriber::load(&path, &WhisperOptions { lang: Some(lang.to_owned()), ..WhisperOptions::default() })
    };
    assert!(matches!(load("de").map(|_| ()), Err(HearError::EnglishOnly { .. })));
    assert!(matches!(load("klingon").map(|_| ()), Err(HearError::UnknownLanguage(_))));
    assert_eq!(load("en-GB").expect("loads").language(), Some("en"));
}
