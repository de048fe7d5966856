//! Captions, SubRip and WebVTT, and text.

use std::fmt::Write as _;

use super::Transcript;

/// Longest line of text in words, where no speaker changes.
const LINE: usize = 80;

/// One caption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cue {
    /// From, in milliseconds.
    pub start_ms: u64,
    /// To, in milliseconds.
    pub end_ms: u64,
    /// One or two lines of at most 42 columns.
    pub lines: Vec<String>,
    /// Who speaks, where that is known. Where the speaker changes, the name stands in `lines` too.
    pub speaker: Option<String>,
}

/// SubRip text.
pub fn srt(cues: &[Cue]) -> String {
    let mut out = String::new();
    for (i, cue) in cues.iter().enumerate() {
        let lines = cue.lines.iter().map(|line| one_line(line)).collect::<Vec<_>>().join("\n");
        let (from, to) = (clock(cue.start_ms, ','), clock(cue.end_ms, ','));
        let _ = write!(out, "{}\n{from} --> {to}\n{lines}\n\n", i + 1);
    }
    out
}

/// WebVTT text of captions.
pub fn vtt(cues: &[Cue], lang: &str) -> String {
    vtt_track("captions", cues, lang)
}

/// WebVTT text of any kind of track: `captions`, `chapters`, `descriptions`.
pub(crate) fn vtt_track(kind: &str, cues: &[Cue], lang: &str) -> String {
    let mut out = format!("WEBVTT\nKind: {kind}\n");
    if !lang.is_empty() {
        let _ = writeln!(out, "Language: {}", one_line(lang));
    }
    out.push('\n');
    for cue in cues {
        let (from, to) = (clock(cue.start_ms, '.'), clock(cue.end_ms, '.'));
        let _ = writeln!(out, "{from} --> {to}");
        let voice = cue.speaker.as_ref().map_or_else(String::new, |name| format!("<v {}>", escape(name)));
        let lines = cue.lines.iter().map(|line| escape(line)).collect::<Vec<_>>().join("\n");
        let _ = write!(out, "{voice}{lines}\n\n");
    }
    out
}

/// Text, one paragraph a turn, with the speaker's name where there are several.
pub fn turns(transcript: &Transcript) -> String {
    let words = &transcript.words;
    let mut text = String::new();
    let mut first = 0;
    for at in 0..words.len() {
        let next = words.get(at + 1);
        let turn = next.is_none_or(|next| next.speaker != words[at].speaker || next.new_line);
        let long = words[at].ends_sentence() && at - first >= LINE;
        if !turn && !long {
            continue;
        }
        let speaker = words[first].speaker.and_then(|s| transcript.speakers.get(usize::from(s)));
        if let Some(speaker) = speaker.filter(|_| transcript.speakers.len() > 1) {
            text.push_str(speaker);
            text.push_str(": ");
        }
        text.push_str(&transcript.text(first, at));
        text.push('\n');
        first = at + 1;
    }
    text
}

/// `hh:mm:ss.mmm`.
fn clock(ms: u64, point: char) -> String {
    let (s, ms) = (ms / 1000, ms % 1000);
    format!("{:02}:{:02}:{:02}{point}{ms:03}", s / 3600, s / 60 % 60, s % 60)
}

/// The text without line breaks, which would end the block, and without an arrow, which would begin one.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ").replace("-->", "→")
}

fn escape(text: &str) -> String {
    one_line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Vec<Cue> {
        let cue = |start_ms, end_ms, lines: &[&str], speaker: Option<&str>| Cue {
            start_ms,
            end_ms,
            lines: lines.iter().map(|l| (*l).to_owned()).collect(),
            speaker: speaker.map(str::to_owned),
        };
        vec![cue(0, 1500, &["Anna: <b> & more", "--> x"], Some("Anna")), cue(3_661_005, 3_662_000, &["end"], None)]
    }

    #[test]
    fn turns_of_speakers_are_paragraphs() {
        let mut transcript = Transcript::from_text("Hello there. Hi. Bye.", "en");
        transcript.speakers = vec!["Ann".into(), "Bob".into()];
        for (word, speaker) in transcript.words.iter_mut().zip([0, 0, 1, 0]) {
            word.speaker = Some(speaker);
        }
        assert_eq!(turns(&transcript), "Ann: Hello there.\nBob: Hi.\nAnn: Bye.\n");
    }

    #[test]
    fn subrip() {
        assert_eq!(
            srt(&two()),
            "1\n00:00:00,000 --> 00:00:01,500\nAnna: <b> & more\n→ x\n\n2\n01:01:01,005 --> 01:01:02,000\nend\n\n"
        );
    }

    #[test]
    fn webvtt() {
        assert_eq!(
            vtt(&two(), "en"),
            "WEBVTT\nKind: captions\nLanguage: en\n\n00:00:00.000 --> 00:00:01.500\n\
             <v Anna>Anna: &lt;b&gt; &amp; more\n→ x\n\n01:01:01.005 --> 01:01:02.000\nend\n\n"
        );
    }
}
