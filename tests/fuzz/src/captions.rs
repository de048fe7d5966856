//! Captions of any words and times: within their limits, and the same words when read back.

use arbitrary::Unstructured;
use studio::transcript::{TextFormat, Transcript, Word, cues, read, srt, vtt};

fn letters(transcript: &Transcript) -> String {
    transcript.words.iter().flat_map(|w| w.text.chars()).filter(|c| !c.is_whitespace()).collect()
}

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    let mut u = Unstructured::new(bytes);
    let mut transcript = Transcript::from_text("", "en");
    let mut at = 0_u64;
    while let (Ok(text), Ok(gap), Ok(length)) = (crate::drawn::text(&mut u), u.arbitrary::<u16>(), u.arbitrary::<u16>())
    {
        if u.is_empty() || transcript.words.len() > 200 {
            break;
        }
        at += u64::from(gap);
        let mut word = Word::new(text, at, at + u64::from(length));
        word.speaker = match u.int_in_range(0..=2).unwrap_or(0) {
            0 => None,
            n => Some(n - 1),
        };
        word.new_line = u.arbitrary().unwrap_or(false);
        word.joined = u.ratio(1, 8).unwrap_or(false);
        word.redacted = u.ratio(1, 16).unwrap_or(false);
        transcript.words.push(word);
    }
    transcript.speakers = vec!["Anna".to_owned(), crate::drawn::text(&mut u).unwrap_or_default()];
    transcript.duration_ms = at + 70_000;
    let cues = cues(&transcript);
    for cue in &cues {
        assert!((1..=2).contains(&cue.lines.len()) && cue.lines.iter().all(|l| !l.is_empty()), "{cue:?}");
        assert!(cue.start_ms <= cue.end_ms && cue.end_ms - cue.start_ms <= 7000, "{cue:?}");
    }
    assert!(cues.windows(2).all(|pair| pair[0].end_ms <= pair[1].start_ms), "{cues:?}");
    // Only sound transcripts promise to come back.
    let Ok(transcript) = read(&transcript.canonical(), TextFormat::Json, "und") else { return };
    let written = vtt(&cues, &transcript.lang);
    let back = read(written.as_bytes(), TextFormat::Vtt, "en").expect("what was written can be read");
    let plain = |w: &Word| {
        !w.redacted
            && !w.text.contains("-->")
            && w.text.len() <= 24
            && w.text.chars().all(|c| c.is_alphanumeric() || c == '.')
    };
    if transcript.words.iter().all(plain) && transcript.words.iter().all(|w| w.speaker.is_none()) {
        assert_eq!(letters(&back), letters(&transcript), "{written}");
        if !cues.is_empty() {
            let back = read(srt(&cues).as_bytes(), TextFormat::Srt, "en").expect("what was written can be read");
            assert_eq!(letters(&back), letters(&transcript));
        }
    }
}
