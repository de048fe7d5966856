use proptest::prelude::*;

use super::super::split::columns;
use super::super::{TextFormat, read, srt, vtt};
use super::*;

/// Captions of plain text as `start-end line|line`.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let got: Vec<String> = cues(&Transcript::from_text(text, "en"))
        .iter()
        .map(|c| format!("{}-{} {}", c.start_ms, c.end_ms, c.lines.join("|")))
        .collect();
    assert_eq!(got, expected);
}

#[test]
fn breaks_fall_where_the_text_breaks() {
    check("", &[]);
    check("Hello.", &["0-400 Hello."]);
    check(
        "When an order comes in, the sales team checks the stock. Then the goods are packed and sent.",
        &[
            "0-4400 When an order comes in,|the sales team checks the stock.",
            "4400-7200 Then the goods are packed and sent.",
        ],
    );
}

#[test]
fn speakers_are_named_when_they_change() {
    check(
        "Anna: Did you check it?\nBen: I did.\nBen: Twice.",
        &["400-2000 Anna: Did you check it?", "2400-3400 Ben: I did.", "3600-4000 Twice."],
    );
}

#[test]
fn redacted_words_are_one_mark() {
    let mut transcript = Transcript::from_text("Call John Smith now", "en");
    for word in &mut transcript.words[1..3] {
        word.redacted = true;
    }
    assert_eq!(cues(&transcript)[0].lines, ["Call […] now"]);
}

#[test]
fn dense_scripts_fill_half_the_letters() {
    let transcript = Transcript::from_text(&"在庫を確認します。".repeat(8), "ja");
    let cues = cues(&transcript);
    assert!(cues.iter().flat_map(|c| &c.lines).all(|l| l.chars().count() <= 21), "{cues:?}");
    assert!(cues.iter().any(|c| c.lines.iter().any(|l| l.chars().count() > 15)), "{cues:?}");
}

fn transcripts() -> impl Strategy<Value = Transcript> {
    let word = ("[a-zA-Z在<&>]{1,12}[.,!]?", 0_u64..2500, 0_u64..900, 0_u16..2, any::<bool>());
    (proptest::collection::vec(word, 0..80), any::<bool>()).prop_map(|(words, talk)| {
        let mut transcript = Transcript::from_text("", "en");
        let mut at = 0;
        for (text, gap, length, speaker, same) in words {
            at += if gap > 2000 { gap } else { gap / 10 };
            let mut word = Word::new(text, at, at + length);
            let last = transcript.words.last().and_then(|w: &Word| w.speaker);
            word.speaker = talk.then_some(if same { last.unwrap_or(speaker) } else { speaker });
            at += length;
            transcript.words.push(word);
        }
        transcript.duration_ms = at;
        if talk {
            transcript.speakers = vec!["Anna".to_owned(), "Dr. Lee".to_owned()];
        }
        transcript
    })
}

fn spoken(transcript: &Transcript) -> Vec<(String, Option<String>)> {
    let name = |w: &Word| w.speaker.and_then(|s| transcript.speakers.get(usize::from(s)).cloned());
    // Dense letters are cut when they are read, so letters are compared, not words.
    let mut runs: Vec<(String, Option<String>)> = Vec::new();
    for word in &transcript.words {
        match runs.last_mut() {
            Some((text, who)) if *who == name(word) => text.push_str(&word.text),
            _ => runs.push((word.text.clone(), name(word))),
        }
    }
    runs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn captions_keep_their_limits(transcript in transcripts()) {
        let cues = cues(&transcript);
        for cue in &cues {
            prop_assert!((1..=2).contains(&cue.lines.len()), "{cue:?}");
            prop_assert!(cue.lines.iter().all(|l| !l.is_empty() && columns(l) <= 42), "{cue:?}");
            prop_assert!(cue.start_ms <= cue.end_ms && cue.end_ms - cue.start_ms <= 7000, "{cue:?}");
        }
        for pair in cues.windows(2) {
            prop_assert!(pair[0].end_ms <= pair[1].start_ms, "{pair:?}");
            let gap = pair[1].start_ms - pair[0].end_ms;
            let full = pair[0].end_ms - pair[0].start_ms + gap > 7000;
            prop_assert!(gap == 0 || gap >= 80 || full, "{pair:?}");
        }
    }

    #[test]
    fn what_is_written_is_read_back(transcript in transcripts()) {
        let cues = cues(&transcript);
        let read_vtt = read(vtt(&cues, "en").as_bytes(), TextFormat::Vtt, "en").unwrap();
        prop_assert_eq!(spoken(&read_vtt), spoken(&transcript));
        let text = |t: &Transcript| t.words.iter().map(|w| w.text.as_str()).collect::<String>();
        // SubRip has no way to write a text that looks like a tag.
        let tags = transcript.words.iter().any(|w| w.text.contains('<'));
        if transcript.speakers.is_empty() && !transcript.words.is_empty() && !tags {
            let read_srt = read(srt(&cues).as_bytes(), TextFormat::Srt, "en").unwrap();
            prop_assert_eq!(text(&read_srt), text(&transcript));
        }
    }
}

/// The numbers of broadcasters over everything the samples say: lines, times, gaps, no word alone under a full line.
#[test]
fn samples_keep_the_norms_of_broadcasters() {
    let samples = [
        include_str!("../../../../../assets/samples/clinic.txt"),
        include_str!("../../../../../assets/samples/order.txt"),
        include_str!("../../../../../assets/samples/password.txt"),
        include_str!("../../../../../assets/samples/tram.txt"),
    ];
    let (mut count, mut orphans, mut hurried) = (0, 0, 0);
    for text in samples {
        let cues = cues(&Transcript::from_text(text, "en"));
        for (i, cue) in cues.iter().enumerate() {
            let length = cue.end_ms - cue.start_ms;
            assert!(cue.lines.len() <= 2 && cue.lines.iter().all(|l| columns(l) <= 42), "{cue:?}");
            assert!(length <= 7_000, "{cue:?}");
            if let Some(next) = cues.get(i + 1) {
                let gap = next.start_ms - cue.end_ms;
                assert!(gap == 0 || gap >= 80, "{cue:?} {next:?}");
            }
            let letters: usize = cue.lines.iter().map(|l| columns(l)).sum();
            hurried += usize::from(letters as u64 * 1000 > 20 * length);
            let alone = cue.lines.get(1).is_some_and(|last| !last.contains(' ') && columns(last) < 8);
            orphans += usize::from(alone);
            count += 1;
        }
    }
    assert!(count > 30, "{count} captions");
    assert_eq!(orphans, 0, "second lines of one short word");
    assert!(hurried * 20 <= count, "{hurried} of {count} captions are too fast to read");
}
